import { Aspects, Fn, Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IConstruct } from 'constructs';
import {
  add,
  Dashboard,
  file,
  HeldOut,
  HostOptions,
  HSTS,
  LOCAL_SETTINGS as F,
  onFargate,
  onHosts,
  PROXY,
  settings,
  site,
  TaskOptions,
  unit,
} from './kit';

const hosts = (
  name: string,
  mechanism: string,
  wants: string[],
  parts: HostOptions,
  unknownIsFine?: true,
): HeldOut => ({
  name: `host: ${name}`,
  mechanism,
  wants,
  unknownIsFine,
  build: (stack) => void onHosts(stack, parts),
});
const then = (
  name: string,
  mechanism: string,
  wants: string[],
  text: string,
  unknownIsFine?: true,
) => hosts(name, mechanism, wants, { then: text }, unknownIsFine);
/** After the files got their owner and mode. */
const last = (
  name: string,
  mechanism: string,
  wants: string[],
  text: string,
  unknownIsFine?: true,
) => hosts(name, mechanism, wants, { last: text }, unknownIsFine);
const gunicorn = (name: string, mechanism: string, wants: string[], exec: string) =>
  hosts(name, mechanism, wants, { unit: unit(exec) });
const tasks = (name: string, mechanism: string, wants: string[], parts: TaskOptions): HeldOut => ({
  name: `task: ${name}`,
  mechanism,
  wants,
  build: (stack) => void onFargate(stack, parts),
});
const around = (
  name: string,
  mechanism: string,
  wants: string[],
  change: (dashboard: Dashboard, stack: Stack) => void,
  parts: HostOptions = {},
): HeldOut => ({
  name: `host: ${name}`,
  mechanism,
  wants,
  build: (stack) => change(onHosts(stack, parts), stack),
});
const I = '#!/bin/bash\napt-get install -y --no-install-recommends openstack-dashboard\n';

export const WRONG_HOSTS: readonly HeldOut[] = [
  // The web server and the application.
  gunicorn(
    'runserver in the unit',
    'ExecStart',
    ['PROXY1'],
    '/usr/bin/python3 /usr/share/openstack-dashboard/manage.py runserver 0.0.0.0:8000',
  ),
  then(
    'runserver by tox',
    'tox',
    ['PROXY1'],
    'cd /opt/horizon && nohup tox -e runserver -- 0.0.0.0:8000 &',
  ),
  then(
    'runserver by nohup',
    'nohup',
    ['PROXY1'],
    'cd /usr/share/openstack-dashboard\nnohup python3 manage.py runserver 0:8080 --insecure >/var/log/horizon.log 2>&1 &',
  ),
  then(
    'django-admin runserver',
    'django-admin',
    ['PROXY1'],
    'DJANGO_SETTINGS_MODULE=openstack_dashboard.settings django-admin runserver 127.0.0.1:8000 &',
  ),
  gunicorn(
    'gunicorn on port 443',
    '--bind',
    ['PROXY1', 'PROXY4'],
    '/usr/bin/gunicorn --certfile /etc/tls/h.pem --keyfile /etc/tls/h.key -w 4 -b 0.0.0.0:443 openstack_dashboard.wsgi:application',
  ),
  tasks('gunicorn on port 80', 'command', ['PROXY1', 'PROXY4'], {
    horizon: { command: ['gunicorn', '--bind=:80', '--workers=4', 'openstack_dashboard.wsgi'] },
  }),
  tasks('runserver by entry point and command', 'entryPoint + command', ['PROXY1'], {
    horizon: {
      entryPoint: ['/venv/bin/python', '/app/manage.py'],
      command: ['runserver', '0.0.0.0:8080'],
    },
  }),
  tasks('runserver in a shell', 'sh -c', ['PROXY1'], {
    horizon: {
      command: [
        '/bin/sh',
        '-c',
        'python manage.py migrate && exec python manage.py runserver 0.0.0.0:8000',
      ],
    },
  }),
  hosts('Apache among the packages', 'apt-get', ['PROXY2'], {
    packages: 'openstack-dashboard apache2 libapache2-mod-wsgi-py3 awscli',
  }),
  hosts("Debian's package for Apache", 'apt-get', ['PROXY2'], {
    packages: 'openstack-dashboard openstack-dashboard-apache awscli',
  }),
  then('lighttpd', 'apt-get', ['PROXY2'], 'apt -y install lighttpd'),
  then(
    'httpd by dnf',
    'dnf',
    ['PROXY2'],
    'dnf -y install httpd python3-mod_wsgi && systemctl enable --now httpd',
  ),
  then(
    'Apache by a variable',
    'variables',
    ['PROXY2'],
    'WEBSERVER=apache2\napt-get install -y "${WEBSERVER}"',
  ),
  gunicorn(
    'gevent workers',
    '-k',
    ['PROXY3'],
    '/usr/bin/gunicorn -k gevent -w 4 --bind unix:/run/horizon/gunicorn.sock openstack_dashboard.wsgi',
  ),
  gunicorn(
    'threads',
    '--worker-class=',
    ['PROXY3'],
    '/usr/bin/gunicorn --worker-class=gthread --threads 8 --workers 2 --bind unix:/run/horizon/gunicorn.sock openstack_dashboard.wsgi',
  ),
  gunicorn(
    'the number of workers left out',
    'default',
    ['PROXY3'],
    '/usr/bin/gunicorn --bind unix:/run/horizon/gunicorn.sock openstack_dashboard.wsgi',
  ),
  hosts('eventlet in the configuration of gunicorn', 'gunicorn.conf.py', ['PROXY3'], {
    unit: unit(
      '/usr/bin/gunicorn -c /etc/openstack-dashboard/gunicorn.conf.py openstack_dashboard.wsgi',
    ),
    then: file(
      '/etc/openstack-dashboard/gunicorn.conf.py',
      "bind = 'unix:/run/horizon/gunicorn.sock'\nworkers = 4\nworker_class = 'eventlet'",
    ),
  }),
  tasks('workers by GUNICORN_CMD_ARGS', 'environment', ['PROXY3'], {
    environment: { GUNICORN_CMD_ARGS: '--worker-class gevent --workers 4' },
  }),
  gunicorn(
    'gunicorn on every address',
    '-b',
    ['PROXY4'],
    '/usr/bin/gunicorn -b 0.0.0.0:8000 -w 4 openstack_dashboard.wsgi',
  ),
  gunicorn(
    'gunicorn on every IPv6 address',
    '--bind',
    ['PROXY4'],
    "/usr/bin/gunicorn --bind '[::]:8000' --workers 4 openstack_dashboard.wsgi",
  ),
  hosts(
    'gunicorn listens on a list',
    'gunicorn.conf.py',
    ['PROXY4'],
    {
      unit: unit('/usr/bin/gunicorn --config python:horizon_gunicorn openstack_dashboard.wsgi'),
      then: file(
        '/usr/lib/python3/dist-packages/horizon_gunicorn.py',
        "bind = ['unix:/run/horizon/gunicorn.sock', '0.0.0.0:8000']\nworkers = 4",
      ),
    },
    true,
  ),
  hosts('uWSGI on a port', 'uwsgi.ini', ['PROXY4'], {
    packages: 'openstack-dashboard nginx uwsgi uwsgi-plugin-python3 awscli',
    unit: unit('/usr/bin/uwsgi --ini /etc/uwsgi/horizon.ini'),
    then: file(
      '/etc/uwsgi/horizon.ini',
      '[uwsgi]\nhttp-socket = :8080\nmodule = openstack_dashboard.wsgi\nprocesses = 4',
    ),
  }),
  hosts('a socket unit of systemd', 'ListenStream', ['PROXY4'], {
    unit: unit('/usr/bin/gunicorn --workers 4 openstack_dashboard.wsgi'),
    then: file(
      '/etc/systemd/system/horizon.socket',
      '[Socket]\nListenStream=8000\n[Install]\nWantedBy=sockets.target',
    ),
  }),
  tasks('gunicorn behind its own port mapping', 'portMappings', ['PROXY4'], {
    horizon: {
      command: [
        'gunicorn',
        '-w',
        '4',
        '-b',
        '0.0.0.0:8443',
        '--certfile',
        '/tls/crt',
        '--keyfile',
        '/tls/key',
        'openstack_dashboard.wsgi',
      ],
      portMappings: [{ containerPort: 8443 }],
    },
  }),
  hosts('the application as the user of nginx', 'User=', ['PROXY5'], {
    unit: unit(undefined, 'www-data'),
  }),
  hosts('nginx as the user of the application', 'user in nginx.conf', ['PROXY5'], {
    then: "sed -i 's/^user .*/user horizon;/' /etc/nginx/nginx.conf",
  }),
  hosts('a key that everybody reads', 'chmod', ['PROXY5'], {
    keys: 'chmod 0755 /etc/nginx/tls && chmod 644 /etc/nginx/tls/host.key',
  }),
  hosts('a key of the group horizon', 'chown', ['PROXY5'], {
    keys: 'chown root:horizon /etc/nginx/tls /etc/nginx/tls/host.key\nchmod 0750 /etc/nginx/tls\nchmod 0640 /etc/nginx/tls/host.key',
  }),
  // PROXY7.
  around('443 of the hosts open to the world', 'addIngressRule', ['PROXY7'], ({ hosts: group }) =>
    group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443)),
  ),
  around(
    'an ingress of its own, IPv6',
    'SecurityGroupIngress',
    ['PROXY7'],
    ({ hosts: group }, stack) => {
      new ec2.CfnSecurityGroupIngress(stack, 'World', {
        groupId: group.securityGroupId,
        ipProtocol: 'tcp',
        fromPort: 1,
        toPort: 65535,
        cidrIpv6: '::/0',
      });
    },
  ),
  around(
    'a second group of the template',
    'SecurityGroupIds',
    ['PROXY7'],
    ({ template, vpc }, stack) => {
      const open = new ec2.CfnSecurityGroup(stack, 'Web', {
        groupDescription: 'web',
        vpcId: vpc.vpcId,
        securityGroupIngress: [
          { ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIp: '0.0.0.0/0' },
        ],
      });
      template.connections.addSecurityGroup(
        ec2.SecurityGroup.fromSecurityGroupId(stack, 'WebGroup', open.attrGroupId),
      );
      (template.node.defaultChild as ec2.CfnLaunchTemplate).addPropertyOverride(
        'LaunchTemplateData.SecurityGroupIds.1',
        open.attrGroupId,
      );
    },
  ),
  {
    name: 'task: a public service',
    mechanism: 'assignPublicIp',
    wants: ['PROXY7'],
    build: (stack) => {
      const { service } = onFargate(stack);
      service.connections.allowFromAnyIpv4(ec2.Port.tcp(443));
      (service.node.defaultChild as ecs.CfnService).addPropertyOverride(
        'NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp',
        'ENABLED',
      );
    },
  },
  // HOST1.
  {
    name: 'host: a launch template without IMDSv2',
    mechanism: 'MetadataOptions',
    wants: ['HOST1'],
    build: (stack) => void onHosts(stack, { requireImdsv2: false }),
  },
  {
    name: 'host: tokens optional, by an override',
    mechanism: 'addPropertyOverride',
    wants: ['HOST1'],
    build: (stack) => {
      const { template } = onHosts(stack);
      (template.node.defaultChild as ec2.CfnLaunchTemplate).addPropertyOverride(
        'LaunchTemplateData.MetadataOptions.HttpTokens',
        'optional',
      );
    },
  },
  {
    name: 'host: a launch configuration',
    mechanism: 'LaunchConfiguration',
    wants: ['HOST1'],
    build: (stack) => {
      const configuration = new autoscaling.CfnLaunchConfiguration(stack, 'Configuration', {
        imageId: 'ami-0123456789abcdef0',
        instanceType: 't3.small',
        userData: Fn.base64(I),
      });
      new autoscaling.CfnAutoScalingGroup(stack, 'Group', {
        minSize: '2',
        maxSize: '2',
        launchConfigurationName: configuration.ref,
      });
    },
  },
  {
    name: 'host: an instance of the L2',
    mechanism: 'ec2.Instance',
    wants: ['HOST1'],
    build: (stack) => {
      const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-0123456789abcdef0',
        availabilityZones: ['eu-west-1a'],
        privateSubnetIds: ['subnet-0123456789abcdef0'],
      });
      new ec2.Instance(stack, 'Horizon', {
        vpc,
        instanceType: new ec2.InstanceType('t3.small'),
        machineImage: ec2.MachineImage.latestAmazonLinux2023(),
        userData: ec2.UserData.custom(I),
      });
    },
  },
  {
    name: 'host: an aspect makes tokens optional',
    mechanism: 'aspects',
    wants: ['HOST1'],
    build: (stack) => {
      onHosts(stack);
      Aspects.of(stack).add({
        visit(node: IConstruct) {
          if (node instanceof ec2.CfnLaunchTemplate) {
            node.addPropertyOverride('LaunchTemplateData.MetadataOptions', {
              HttpTokens: 'optional',
              HttpEndpoint: 'enabled',
            });
          }
        },
      });
    },
  },
  // Static media.
  then(
    'whitenoise',
    'middleware',
    ['STATIC1'],
    `pip3 install whitenoise\n${add("MIDDLEWARE = ('whitenoise.middleware.WhiteNoiseMiddleware',) + tuple(MIDDLEWARE)")}`,
  ),
  hosts('nginx passes /static/ on', 'proxy_pass', ['STATIC1'], {
    site: site({ statics: `${HSTS}\n  location / {\n${PROXY}\n  }` }),
  }),
  then(
    'static media on the name of the dashboard',
    'STATIC_URL',
    ['STATIC2'],
    add("STATIC_URL = '/static/'"),
  ),
  tasks('static media on a path', 'STATIC_BASE_URL', ['STATIC2'], {
    environment: { STATIC_BASE_URL: '/static/' },
  }),
  then(
    'static media over HTTP',
    'STATIC_URL',
    ['STATIC5'],
    add("STATIC_URL = 'http://static.example.org/static/'"),
  ),
  then(
    'static media over HTTP, by a variable',
    'f-string',
    ['STATIC5'],
    add("_CDN = 'static.example.org'\nSTATIC_URL = f'http://{_CDN}/static/'"),
  ),
  tasks('static media over HTTP', 'STATIC_BASE_URL', ['STATIC5'], {
    environment: { STATIC_BASE_URL: 'http://static.example.org/static/' },
  }),
  around(
    'everybody may write what is served',
    'bucket policy',
    ['STATIC4'],
    ({ template }, stack) => {
      const bucket = new s3.Bucket(stack, 'Static', {
        blockPublicAccess: new s3.BlockPublicAccess({ blockPublicPolicy: false }),
        publicReadAccess: true,
      });
      bucket.grantPut(new iam.AnyPrincipal());
      template.userData?.addCommands(
        add(`STATIC_URL = 'https://${bucket.bucketRegionalDomainName}/static/'`),
      );
    },
  ),
  then(
    'uploads of users inside static media',
    'MEDIA_ROOT',
    ['STATIC4'],
    add(
      "MEDIA_ROOT = '/var/lib/openstack-dashboard/static/uploads'\nMEDIA_URL = STATIC_URL + 'uploads/'",
    ),
    true,
  ),
  then(
    'manage.py compress',
    'manage.py',
    ['STATIC6'],
    'cd /usr/share/openstack-dashboard && python3 manage.py collectstatic --noinput && python3 manage.py compress --force',
  ),
  then(
    'django-admin compress by sudo',
    'sudo -u',
    ['STATIC6'],
    'sudo -u horizon DJANGO_SETTINGS_MODULE=openstack_dashboard.settings /usr/bin/django-admin compress',
  ),
  hosts('compress before the start of the unit', 'ExecStartPre', ['STATIC6'], {
    unit: unit().replace(
      'ExecStart=',
      'ExecStartPre=/usr/share/openstack-dashboard/manage.py compress --force\nExecStart=',
    ),
  }),
  then('Node.js by apt', 'apt-get', ['STATIC7'], 'apt-get -y install nodejs npm'),
  then(
    'Node.js by NodeSource',
    'curl | bash',
    ['STATIC7'],
    'curl -fsSL https://deb.nodesource.com/setup_22.x | sudo -E bash -\nsudo apt-get install -y nodejs',
  ),
  then('less by npm', 'npm', ['STATIC7'], 'npm install --global less'),
  then('Node.js by a module of dnf', 'dnf module', ['STATIC7'], 'dnf -y module install nodejs:20'),
  then(
    'Node.js by nvm',
    'nvm',
    ['STATIC7'],
    'export NVM_DIR=/opt/nvm\n. "$NVM_DIR/nvm.sh"\nnvm install --lts',
  ),
  then('Node.js by snap', 'snap', ['STATIC7'], 'snap install node --classic'),
  // Files.
  last(
    'settings of www-data',
    'chown',
    ['FILES1'],
    `chown -R www-data:www-data /etc/openstack-dashboard`,
  ),
  last(
    'settings of apache, by a variable',
    'chown',
    ['FILES1'],
    `web_user=apache\nchown $web_user: ${F}`,
  ),
  last('settings for a group of others', 'chgrp', ['FILES1'], `chgrp users ${F}`),
  last('settings that everybody reads', 'chmod', ['FILES2'], `chmod 644 ${F}`),
  last('settings that everybody reads, in letters', 'chmod', ['FILES2'], `chmod u=rw,go=r ${F}`),
  last('settings that everybody reads, with a plus', 'chmod', ['FILES2'], `chmod a+r ${F}`),
  last('all of the folder', 'chmod -R', ['FILES2'], 'chmod -R 0755 /etc/openstack-dashboard/'),
  last(
    'settings installed with a wide mode',
    'install -m',
    ['FILES2'],
    `install --mode=0644 --owner=root --group=horizon ${F} /usr/share/openstack-dashboard/openstack_dashboard/local/local_settings.py`,
  ),
  last(
    'settings of the application, by find',
    'find -exec',
    ['FILES1'],
    "find /etc/openstack-dashboard -name '*.py' -exec chown horizon:horizon {} +",
    true,
  ),
  {
    name: 'host: cloud-config gives settings away',
    mechanism: 'write_files',
    wants: ['FILES1', 'FILES2'],
    build: (stack) => {
      new ec2.CfnLaunchTemplate(stack, 'Template', {
        launchTemplateData: {
          metadataOptions: { httpTokens: 'required' },
          userData: Fn.base64(
            `#cloud-config\npackages: [openstack-dashboard]\nwrite_files:\n  - path: ${F}\n    owner: www-data:www-data\n    permissions: '0664'\n    content: |\n      OPENSTACK_KEYSTONE_URL = 'https://keystone.example.org:5000/v3'\n`,
          ),
        },
      });
    },
  },
  {
    name: 'host: an upload mode from the old name of the guide',
    mechanism: 'HORIZON_IMAGES_ALLOW_UPLOAD',
    wants: ['SETTINGS13'],
    build: (stack) =>
      void onHosts(stack, {
        settings: (cache) =>
          settings(cache).replace(
            "HORIZON_IMAGES_UPLOAD_MODE = 'off'",
            'HORIZON_IMAGES_ALLOW_UPLOAD = True',
          ),
      }),
  },
];
