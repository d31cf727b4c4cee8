import { Duration, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as ecsPatterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancing';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as imagebuilder from 'aws-cdk-lib/aws-imagebuilder';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as memorydb from 'aws-cdk-lib/aws-memorydb';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { CfnResource } from 'aws-cdk-lib';
import { CACHING_OPTIMIZED, file, HeldOut } from './kit';

const other = (name: string, mechanism: string, build: HeldOut['build']): HeldOut => ({
  name: `no dashboard: ${name}`,
  mechanism,
  wants: [],
  noDashboard: true,
  build,
});
const host = (stack: Stack, text: string, id = 'Host') =>
  new ec2.CfnInstance(stack, id, {
    imageId: 'ami-0123456789abcdef0',
    instanceType: 't3.small',
    userData: Fn.base64(text),
  });
const script = (name: string, mechanism: string, text: string) =>
  other(name, mechanism, (stack) => void host(stack, `#!/bin/bash\n${text}\n`));
const task = (
  name: string,
  mechanism: string,
  containers: { image: string; environment?: Record<string, string>; command?: string[] }[],
) =>
  other(name, mechanism, (stack) => {
    new ecs.CfnTaskDefinition(stack, 'Task', {
      containerDefinitions: containers.map(({ image, environment = {}, command }, at) => ({
        name: `c${at}`,
        image,
        command,
        environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
      })),
    });
  });
const cdn = (stack: Stack, domainName: string) =>
  new cloudfront.CfnDistribution(stack, 'Cdn', {
    distributionConfig: {
      enabled: true,
      origins: [{ id: 'o', domainName, customOriginConfig: { originProtocolPolicy: 'http-only' } }],
      defaultCacheBehavior: {
        targetOriginId: 'o',
        viewerProtocolPolicy: 'allow-all',
        cachePolicyId: CACHING_OPTIMIZED,
      },
    },
  });
const memcached = (stack: Stack, id = 'Memcached') =>
  new elasticache.CfnCacheCluster(stack, id, {
    engine: 'memcached',
    cacheNodeType: 'cache.t3.micro',
    numCacheNodes: 1,
  });

/** Apps without a dashboard: nothing may be reported, not even UNKNOWN. */
export const RIGHT_OTHERS: readonly HeldOut[] = [
  // Django.
  script(
    'a Django shop with DEBUG and a wild card',
    'settings of another program',
    `git clone https://github.com/example/shop /srv/shop\npip install -r /srv/shop/requirements.txt\n${file('/srv/shop/shop/local_settings.py', "DEBUG = True\nALLOWED_HOSTS = ['*']\nSESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'\nSECRET_KEY = 'insecure'")}python3 /srv/shop/manage.py runserver 0.0.0.0:80`,
  ),
  task('Django in a container', 'SESSION_ENGINE alone', [
    {
      image: 'shop:1',
      environment: {
        SESSION_ENGINE: 'django.contrib.sessions.backends.db',
        DEBUG: 'True',
        SECRET_KEY: 'insecure',
        ALLOWED_HOSTS: '*',
      },
    },
  ]),
  task('a client of Keystone, not the dashboard', 'OPENSTACK_KEYSTONE_URL alone', [
    {
      image: 'exporter:2',
      environment: { OPENSTACK_KEYSTONE_URL: 'http://keystone:5000/v3', DEBUG: 'true' },
    },
    { image: 'varnish:7' },
  ]),
  script(
    'a dashboard of Django called dashboard',
    'names',
    `mkdir -p /opt/dashboard\n${file('/opt/dashboard/settings.py', "DEBUG = True\nSESSION_ENGINE = 'django.contrib.sessions.backends.file'\nHORIZON_DAYS = 30")}gunicorn --chdir /opt/dashboard dashboard.wsgi -b 0.0.0.0:80`,
  ),
  other('Django with memcached by sessions', 'ElastiCache', (stack) => {
    const cache = memcached(stack);
    host(
      stack,
      `#!/bin/bash\ncat > /srv/app/settings.py <<EOF\nSESSION_ENGINE = 'django.contrib.sessions.backends.cache'\nCACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache', 'LOCATION': '${cache.attrConfigurationEndpointAddress}:11211'}}\nEOF`,
    );
  }),
  other('NetBox behind CloudFront', 'CloudFront', (stack) => {
    const netbox = host(
      stack,
      '#!/bin/bash\napt-get install -y nginx redis git python3-venv\ngit clone https://github.com/netbox-community/netbox /opt/netbox\necho "ALLOWED_HOSTS = [\'*\']" >> /opt/netbox/netbox/netbox/configuration.py',
    );
    cdn(stack, netbox.attrPublicDnsName);
  }),
  script(
    'Graphite with its local_settings.py',
    'local_settings.py',
    `apt-get install -y graphite-web graphite-carbon memcached\n${file('/etc/graphite/local_settings.py', "DEBUG = True\nALLOWED_HOSTS = ['*']\nMEMCACHE_HOSTS = ['127.0.0.1:11211']\nSECRET_KEY = 'UNSAFE_DEFAULT'")}`,
  ),
  script(
    'Mailman with Postorius',
    'Django',
    `apt-get install -y mailman3-web\necho "ALLOWED_HOSTS = ['*']" >> /etc/mailman3/mailman-web.py\necho "SESSION_COOKIE_SECURE = False" >> /etc/mailman3/mailman-web.py`,
  ),
  // WordPress, varnish, nginx.
  script(
    'WordPress with varnish and memcached',
    'varnish',
    'apt-get install -y apache2 varnish memcached php-memcached wordpress\nsystemctl enable --now varnish',
  ),
  script(
    'nginx that caches PHP',
    'fastcgi_cache',
    file(
      '/etc/nginx/conf.d/site.conf',
      'fastcgi_cache_path /var/cache/nginx keys_zone=wp:100m;\nserver {\n  listen 80;\n  client_max_body_size 0;\n  location ~ \\.php$ { fastcgi_cache wp; fastcgi_pass unix:/run/php/php-fpm.sock; add_header Access-Control-Allow-Origin *; }\n}',
    ),
  ),
  other('varnish hosts before a load balancer', 'varnish', (stack) => {
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const group = new autoscaling.AutoScalingGroup(stack, 'Varnish', {
      vpc,
      instanceType: new ec2.InstanceType('t3.small'),
      machineImage: ec2.MachineImage.latestAmazonLinux2023(),
      userData: ec2.UserData.custom('#!/bin/bash\ndnf install -y varnish'),
    });
    const alb = new elbv2.ApplicationLoadBalancer(stack, 'Alb', { vpc, internetFacing: true });
    alb.addListener('Http', { port: 80 }).addTargets('Varnish', { port: 80, targets: [group] });
    cdn(stack, alb.loadBalancerDnsName);
  }),
  other('Drupal on Fargate with a varnish sidecar', 'ecs-patterns', (stack) => {
    const service = new ecsPatterns.ApplicationLoadBalancedFargateService(stack, 'Drupal', {
      vpc: new ec2.Vpc(stack, 'Vpc'),
      taskImageOptions: { image: ecs.ContainerImage.fromRegistry('drupal:11') },
    });
    service.taskDefinition.addContainer('varnish', {
      image: ecs.ContainerImage.fromRegistry('varnish:7.4'),
    });
  }),
  other('a site of S3 and CloudFront', 'CloudFront', (stack) => {
    new cloudfront.Distribution(stack, 'Cdn', {
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(new s3.Bucket(stack, 'Site')),
        responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS,
      },
    });
  }),
  other('a REST API with a cache', 'API Gateway', (stack) => {
    const api = new apigateway.RestApi(stack, 'Api', {
      deployOptions: { cacheClusterEnabled: true, cachingEnabled: true },
      defaultCorsPreflightOptions: { allowOrigins: apigateway.Cors.ALL_ORIGINS },
    });
    api.root.addMethod('GET', new apigateway.HttpIntegration('http://legacy.example.net/'));
  }),
  other('Redis for a queue', 'replication group', (stack) => {
    new elasticache.CfnReplicationGroup(stack, 'Queue', {
      replicationGroupDescription: 'jobs',
      engine: 'redis',
      cacheNodeType: 'cache.t3.micro',
      numCacheClusters: 1,
      transitEncryptionEnabled: false,
    });
  }),
  other('memcached of an open group', 'security groups', (stack) => {
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const group = new ec2.SecurityGroup(stack, 'Open', { vpc });
    group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(11211));
    memcached(stack).vpcSecurityGroupIds = [group.securityGroupId];
  }),
  other('MemoryDB without TLS', 'MemoryDB', (stack) => {
    new memorydb.CfnCluster(stack, 'Db', {
      aclName: 'open-access',
      clusterName: 'leaderboard',
      nodeType: 'db.t4g.small',
      tlsEnabled: false,
    });
  }),
  other('a Classic Load Balancer with HTTP', 'ELB', (stack) => {
    new elb.LoadBalancer(stack, 'Clb', { vpc: new ec2.Vpc(stack, 'Vpc') }).addListener({
      externalPort: 80,
    });
  }),
  // Other things called horizon, dashboard, keystone.
  task('Stellar Horizon', 'image name', [
    {
      image: 'stellar/stellar-horizon:24',
      environment: {
        STELLAR_CORE_URL: 'http://core:11626',
        DATABASE_URL: 'postgres://x',
        HISTORY_RETENTION_COUNT: '0',
      },
    },
    { image: 'varnish:7' },
  ]),
  task('Laravel Horizon', 'artisan horizon', [
    {
      image: 'acme/app:1',
      command: ['php', 'artisan', 'horizon'],
      environment: { APP_DEBUG: 'true', HORIZON_PREFIX: 'app', SESSION_DRIVER: 'cookie' },
    },
  ]),
  task('Horizon of a shop', 'image name', [
    {
      image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/horizon:42',
      environment: {
        DEBUG: 'true',
        ALLOWED_HOSTS: '*',
        SESSION_ENGINE: 'django.contrib.sessions.backends.db',
      },
    },
  ]),
  task('Horizon of a shop with a secret key', 'image name', [
    {
      image: 'ghcr.io/acme/horizon-web:1',
      environment: {
        SECRET_KEY: 'x'.repeat(20),
        MEMCACHED_ENDPOINT: 'cache:11211',
        WEBROOT: '/horizon/',
      },
    },
  ]),
  script(
    'a client of VMware Horizon',
    'words',
    'curl -fsSLo /tmp/horizon.bundle https://download.example.net/VMware-Horizon-Client.bundle\nbash /tmp/horizon.bundle --console --required\nsystemctl enable horizon-agent\nuseradd horizon',
  ),
  task('Omnissa Horizon connector', 'image name', [
    {
      image: 'registry.example.net/omnissa/horizon-connector:3',
      environment: { HORIZON_HOST: 'view.example.net' },
    },
  ]),
  script(
    'the Kubernetes dashboard',
    'names',
    'kubectl apply -f https://raw.githubusercontent.com/kubernetes/dashboard/v2.7.0/aio/deploy/recommended.yaml\nkubectl proxy --address 0.0.0.0 --accept-hosts ".*"',
  ),
  script(
    'Grafana dashboards behind nginx',
    'names',
    `apt-get install -y grafana nginx varnish\n${file('/etc/nginx/conf.d/dashboard.conf', 'server { listen 80; location /dashboard/ { proxy_cache off; proxy_pass http://127.0.0.1:3000; } }')}`,
  ),
  task('KeystoneJS', 'image name', [
    {
      image: 'acme/keystone:6',
      environment: {
        KEYSTONE_URL: 'http://localhost:3000',
        SESSION_SECRET: 'x',
        SESSION_ENGINE: 'memory',
      },
    },
  ]),
  script(
    'Keystone itself, without a dashboard',
    'OpenStack without Horizon',
    'apt-get install -y keystone apache2 libapache2-mod-wsgi-py3 memcached python3-memcache varnish\nsed -i "s|^connection.*|connection = mysql+pymysql://keystone@db/keystone|" /etc/keystone/keystone.conf',
  ),
  script(
    'Swift with memcached',
    'OpenStack without Horizon',
    'apt-get install -y swift-proxy memcached\nsed -i "s/^-l .*/-l 0.0.0.0/" /etc/memcached.conf',
  ),
  script(
    'a node of nova-compute',
    'OpenStack without Horizon',
    'add-apt-repository -y cloud-archive:epoxy\napt-get install -y nova-compute neutron-openvswitch-agent\ncrudini --set /etc/nova/nova.conf keystone_authtoken auth_url http://controller:5000',
  ),
  task('the OpenStack command line', 'OS_AUTH_URL', [
    {
      image: 'openstacktools/openstack-client',
      command: ['openstack', 'server', 'list'],
      environment: { OS_AUTH_URL: 'http://keystone:5000/v3', OS_PASSWORD: 'x' },
    },
  ]),
  script(
    'Skyline, another dashboard',
    'Skyline',
    `docker run -d --name skyline -p 9999:9999 -v /etc/skyline/skyline.yaml:/etc/skyline/skyline.yaml quay.io/openstack.kolla/skyline-apiserver:2025.1`,
  ),
  script(
    'the removal of a dashboard',
    'apt-get purge',
    'apt-get purge -y openstack-dashboard\nrm -rf /etc/openstack-dashboard\napt-get install -y varnish apache2',
  ),
  script(
    'a package list that is only asked for',
    'dpkg-query',
    'dpkg-query -W openstack-dashboard >/dev/null 2>&1 && { echo "not here" >&2; exit 1; }\napt-get install -y varnish nodejs',
  ),
  script(
    'a comment that names the dashboard',
    'comments',
    '# unlike the hosts that apt-get install openstack-dashboard, these run varnish\napt-get install -y varnish',
  ),
  script(
    'an echo that names the dashboard',
    'echo',
    'echo "To install Horizon: apt-get install -y openstack-dashboard" > /etc/motd\napt-get install -y varnish',
  ),
  script(
    'a mirror of packages with the dashboard in it',
    'reprepro',
    `mkdir -p /srv/mirror\n${file('/srv/mirror/packages.txt', 'openstack-dashboard\nvarnish\nnodejs')}apt-mirror --list /srv/mirror/packages.txt`,
  ),
  script(
    'a pull-through of images without running them',
    'docker pull',
    'for i in horizon keystone nova-api; do docker pull quay.io/openstack.kolla/$i:2025.1; docker tag quay.io/openstack.kolla/$i:2025.1 mirror.example.org/$i; docker push mirror.example.org/$i; done\napt-get install -y varnish',
  ),
  script(
    'backups of the dashboard on another host',
    'rsync',
    'apt-get install -y rsync varnish\necho "0 3 * * * root rsync -a dash1:/etc/openstack-dashboard/ /backup/openstack-dashboard/" > /etc/cron.d/backup',
  ),
  script(
    'a check of Nagios for the dashboard',
    'monitoring',
    `apt-get install -y nagios4 apache2\n${file('/etc/nagios4/conf.d/horizon.cfg', 'define service {\n  service_description Horizon login\n  check_command check_http!-H example.org -u /dashboard/auth/login/ -S\n}')}`,
  ),
  other('alarms and a CloudWatch dashboard', 'AWS::CloudWatch::Dashboard', (stack) => {
    new cloudwatch.Dashboard(stack, 'OpenStackDashboard', {
      dashboardName: 'openstack-horizon',
      widgets: [[new cloudwatch.TextWidget({ markdown: '# Horizon' })]],
    });
    memcached(stack, 'HorizonSessions');
  }),
  other('a repository and a pipeline of images of Horizon', 'build only', (stack) => {
    new CfnResource(stack, 'Build', {
      type: 'AWS::CodeBuild::Project',
      properties: {
        Name: 'horizon-image',
        Source: {
          Type: 'NO_SOURCE',
          BuildSpec:
            'version: 0.2\nphases:\n  build:\n    commands:\n      - apt-get install -y nodejs varnish\n      - docker build -t horizon .\n      - docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/horizon\n',
        },
        Environment: { EnvironmentVariables: [{ Name: 'SECRET_KEY', Value: 'build' }] },
      },
    });
  }),
  other('an image with varnish', 'Image Builder', (stack) => {
    new imagebuilder.CfnComponent(stack, 'Varnish', {
      name: 'varnish',
      platform: 'Linux',
      version: '1.0.0',
      data: 'schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: a\n        action: ExecuteBash\n        inputs: {commands: [apt-get install -y varnish nodejs]}\n',
    });
  }),
  other('an association that installs varnish on web servers', 'SSM', (stack) => {
    new ssm.CfnAssociation(stack, 'Varnish', {
      name: 'AWS-RunShellScript',
      targets: [{ key: 'tag:Role', values: ['web'] }],
      parameters: { commands: ['yum install -y varnish'] },
    });
  }),
  other('a function with a secret in its environment', 'Lambda', (stack) => {
    const key = new secretsmanager.Secret(stack, 'SecretKey', {
      generateSecretString: { passwordLength: 20 },
    });
    new lambda.Function(stack, 'Fn', {
      runtime: lambda.Runtime.PYTHON_3_13,
      handler: 'index.handler',
      code: lambda.Code.fromInline('def handler(e, c):\n    return None'),
      environment: {
        SECRET_KEY: key.secretValue.unsafeUnwrap(),
        SESSION_ENGINE: 'django.contrib.sessions.backends.signed_cookies',
      },
    });
  }),
  other('the same in nested stacks and with exports', 'nested stacks', (stack) => {
    const nested = new NestedStack(stack, 'Web');
    const vpc = new ec2.Vpc(nested, 'Vpc', { maxAzs: 2 });
    const alb = new elbv2.ApplicationLoadBalancer(nested, 'Alb', { vpc });
    alb.addListener('Http', { port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(200) });
    cdn(new Stack(stack, 'Edge'), 'www.example.net');
    stack.exportValue(alb.loadBalancerDnsName);
  }),
  other('a private API of records called horizon', 'Route 53', (stack) => {
    const zone = new route53.PrivateHostedZone(stack, 'Zone', {
      vpc: new ec2.Vpc(stack, 'Vpc'),
      zoneName: 'corp.example.com',
    });
    new route53.CnameRecord(stack, 'Horizon', {
      zone,
      recordName: 'horizon',
      domainName: 'view.example.net',
      ttl: Duration.minutes(5),
    });
  }),
  other('EKS with varnish and WordPress by Helm', 'HelmChart', (stack) => {
    new CfnResource(stack, 'Chart', {
      type: 'Custom::AWSCDK-EKS-HelmChart',
      properties: {
        ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:kubectl',
        ClusterName: 'web',
        Release: 'wordpress',
        Chart: 'wordpress',
        Repository: 'https://charts.bitnami.com/bitnami',
        Values: JSON.stringify({ memcached: { enabled: true }, debug: true }),
      },
    });
  }),
  other('a role for developers of the dashboard', 'IAM', (stack) => {
    new iam.Role(stack, 'HorizonDevelopers', {
      roleName: 'openstack-dashboard-developers',
      assumedBy: new iam.AccountRootPrincipal(),
    });
    host(stack, '#!/bin/bash\napt-get install -y docker.io varnish\nusermod -aG docker ubuntu');
  }),
  script(
    'a proxy of Squid for packages',
    'squid',
    'apt-get install -y squid\necho "acl os dstdomain .openstack.org" >> /etc/squid/squid.conf',
  ),
  script(
    'HAProxy before Nova and Keystone',
    'haproxy',
    file(
      '/etc/haproxy/haproxy.cfg',
      'cache api\n  total-max-size 4\nfrontend keystone\n  bind :5000\n  http-request cache-use api\n  default_backend keystone\nbackend keystone\n  server c1 10.0.0.11:5000',
    ),
  ),
  script(
    'a printf that names the dashboard',
    'printf',
    "printf 'Next: apt-get install -y openstack-dashboard\\n' > /etc/motd\napt-get install -y varnish",
  ),
  script(
    'a manual in a here-document',
    'here-documents',
    `${file('/srv/www/manual.md', '# Horizon\n\n    apt-get install -y openstack-dashboard\n    sed -i "s/^DEBUG.*/DEBUG = True/" /etc/openstack-dashboard/local_settings.py')}apt-get install -y varnish`,
  ),
  script(
    'a usage text on the terminal',
    'here-documents',
    'cat <<EOF\nusage: apt-get install openstack-dashboard\nEOF\napt-get install -y varnish',
  ),
  script(
    'a question to the cache of packages',
    'apt-cache',
    'apt-cache policy openstack-dashboard\napt list --installed 2>/dev/null | grep openstack-dashboard\napt-get install -y varnish',
  ),
  script(
    'a dry run of an installation',
    'apt-get --dry-run',
    'apt-get install --dry-run openstack-dashboard\napt-get install -y varnish',
  ),
  script(
    'a package that is only downloaded',
    'apt-get download',
    'cd /srv/mirror && apt-get download openstack-dashboard\napt-get install -y varnish',
  ),
  script(
    'a message from a variable',
    'variables',
    'MSG="apt-get install -y openstack-dashboard"\necho "Not here: $MSG"\napt-get install -y varnish',
  ),
  script(
    'a package that is held and pinned away',
    'apt-mark',
    `apt-mark hold openstack-dashboard\n${file('/etc/apt/preferences.d/no-horizon', 'Package: openstack-dashboard\nPin: release *\nPin-Priority: -1')}apt-get install -y varnish`,
  ),
  script(
    'a comment behind a command',
    'comments',
    "apt-get install -y varnish # not openstack-dashboard, which has its own hosts\n: <<'OLD'\napt-get install -y openstack-dashboard\nOLD",
  ),
  script(
    'containers of Horizon that are removed',
    'docker rm',
    'docker rm -f horizon\ndocker rmi quay.io/openstack.kolla/horizon:2024.1\ndocker run -d varnish:7',
  ),
  other('cloud-config with the dashboard in a comment', 'cloud-config', (stack) => {
    host(
      stack,
      '#cloud-config\n# packages: [openstack-dashboard]\npackages: [varnish, nodejs]\nfinal_message: "openstack-dashboard is on other hosts"\n',
    );
  }),
  other('an association that removes the dashboard', 'SSM', (stack) => {
    const web = host(stack, '#!/bin/bash\nyum install -y varnish');
    new ssm.CfnAssociation(stack, 'Purge', {
      name: 'AWS-RunShellScript',
      targets: [{ key: 'InstanceIds', values: [web.ref] }],
      parameters: { commands: ['yum remove -y openstack-dashboard'] },
    });
  }),
  task('a container that only says the name', 'command', [
    {
      image: 'nginx:1.27',
      command: ['sh', '-c', 'echo see openstack-dashboard; exec nginx -g "daemon off;"'],
    },
    { image: 'varnish:7' },
  ]),
  script(
    'Stellar Horizon by compose',
    'compose',
    `${file('/opt/stellar/compose.yaml', 'services:\n  horizon:\n    image: stellar/stellar-horizon:24\n    environment:\n      DEBUG: "true"\n      SECRET_KEY: short\n  varnish:\n    image: varnish:7')}docker compose -f /opt/stellar/compose.yaml up -d`,
  ),
  script(
    'a removal by dnf',
    'dnf remove',
    'dnf -y remove openstack-dashboard httpd\ndnf -y install varnish nodejs',
  ),
  script(
    'a mirror of the source of Horizon',
    'git clone --mirror',
    'git clone --mirror https://opendev.org/openstack/horizon.git /srv/git/horizon.git\napt-get install -y varnish nodejs',
  ),
  script(
    'images of Horizon copied to a disk',
    'docker save',
    'docker save quay.io/openstack.kolla/horizon:2025.1 -o /srv/horizon.tar\ndocker image inspect quay.io/openstack.kolla/horizon:2025.1\nyum install -y varnish',
  ),
  script(
    'a message in the log',
    'logger',
    'logger "apt-get install -y openstack-dashboard was refused here"\napt-get install -y varnish',
  ),
  script(
    'a blackbox exporter for the dashboard',
    'monitoring',
    `${file('/etc/prometheus/blackbox.yml', 'modules:\n  horizon:\n    http: {fail_if_body_not_matches_regexp: ["openstack-dashboard"]}')}apt-get install -y prometheus-blackbox-exporter varnish`,
  ),
  script(
    'Superset with its cache',
    'another dashboard',
    `pip install apache-superset\n${file('/etc/superset/superset_config.py', "DEBUG = True\nSECRET_KEY = 'short'\nSESSION_COOKIE_SECURE = False\nSESSION_COOKIE_HTTPONLY = False\nCACHE_CONFIG = {'CACHE_TYPE': 'SimpleCache'}")}gunicorn -b 0.0.0.0:8088 'superset.app:create_app()'`,
  ),
  task('tests of Horizon with Selenium', 'image name', [
    { image: 'selenium/standalone-chrome:4', environment: { HORIZON_URL: 'http://example.org' } },
  ]),
  script(
    'a retention called horizon',
    'words',
    'HORIZON=30\nfind /backup -mtime +"$HORIZON" -delete\napt-get install -y varnish\nexport SECRET_KEY=insecure DEBUG=True',
  ),
];
