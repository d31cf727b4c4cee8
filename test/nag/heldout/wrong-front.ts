import {
  Aspects,
  CfnCondition,
  CfnMapping,
  CfnParameter,
  Duration,
  Fn,
  NestedStack,
  Stack,
  Stage,
} from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as acmpca from 'aws-cdk-lib/aws-acmpca';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as apigatewayv2Integrations from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancing';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as targets from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as route53Targets from 'aws-cdk-lib/aws-route53-targets';
import { IConstruct } from 'constructs';
import {
  CACHING_DISABLED,
  CACHING_OPTIMIZED,
  CERTIFICATE,
  Dashboard,
  ENV,
  file,
  HeldOut,
  HSTS,
  hostScript,
  instance,
  onFargate,
  onHosts,
  PLAIN_STATICS,
  PROXY,
  settings,
  site,
  TLS,
  withScript,
} from './kit';

const front = (
  name: string,
  mechanism: string,
  wants: string[],
  change: (dashboard: Dashboard, stack: Stack) => void,
  unknownIsFine?: true,
): HeldOut => ({
  name: `front: ${name}`,
  mechanism,
  wants,
  unknownIsFine,
  build: (stack) => change(onHosts(stack), stack),
});
/** The names that hosts allow are not in the template: its records are. */
const named = (
  name: string,
  mechanism: string,
  change: (dashboard: Dashboard, stack: Stack) => void,
): HeldOut => ({
  name: `front: ${name}`,
  mechanism,
  wants: ['DOMAIN1'],
  build: (stack) =>
    change(
      onHosts(stack, {
        settings: (cache) =>
          settings(cache).replace(
            /ALLOWED_HOSTS = .*/,
            "ALLOWED_HOSTS = open('/etc/openstack-dashboard/names').read().split()",
          ),
      }),
      stack,
    ),
});
const script = (
  name: string,
  mechanism: string,
  wants: string[],
  text: string,
  unknownIsFine?: true,
): HeldOut => ({
  name: `front: ${name}`,
  mechanism,
  wants,
  unknownIsFine,
  build: withScript(text),
});
const nginx = (
  name: string,
  mechanism: string,
  wants: string[],
  parts: Parameters<typeof site>[0],
): HeldOut => ({
  name: `nginx: ${name}`,
  mechanism,
  wants,
  build: (stack) => void onHosts(stack, { site: site(parts) }),
});

const cdn = (
  stack: Stack,
  domainName: string,
  behavior: Partial<cloudfront.CfnDistribution.DefaultCacheBehaviorProperty> = {},
  config: Partial<cloudfront.CfnDistribution.DistributionConfigProperty> = {},
  origin: Partial<cloudfront.CfnDistribution.CustomOriginConfigProperty> = {},
) =>
  new cloudfront.CfnDistribution(stack, 'Cdn', {
    distributionConfig: {
      enabled: true,
      aliases: ['example.org'],
      viewerCertificate: {
        acmCertificateArn: CERTIFICATE,
        sslSupportMethod: 'sni-only',
        minimumProtocolVersion: 'TLSv1.2_2021',
      },
      origins: [
        {
          id: 'horizon',
          domainName,
          customOriginConfig: {
            originProtocolPolicy: 'https-only',
            originSslProtocols: ['TLSv1.2'],
            ...origin,
          },
        },
      ],
      defaultCacheBehavior: {
        targetOriginId: 'horizon',
        viewerProtocolPolicy: 'redirect-to-https',
        allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
        cachePolicyId: CACHING_DISABLED,
        ...behavior,
      },
      ...config,
    },
  });
const cfnHttps = ({ https }: Dashboard) => https.node.defaultChild as elbv2.CfnListener;

/** What stands before the dashboard: caches, load balancers, TLS, names. */
export const WRONG_FRONT: readonly HeldOut[] = [
  // Caches of CloudFront.
  front(
    'CloudFront with an origin of the L2',
    'Distribution defaults',
    ['CACHE1'],
    ({ alb }, stack) => {
      new cloudfront.Distribution(stack, 'Cdn', {
        domainNames: ['example.org'],
        certificate: acm.Certificate.fromCertificateArn(
          stack,
          'Edge',
          CERTIFICATE.replace('eu-west-1', 'us-east-1'),
        ),
        defaultBehavior: {
          origin: new origins.LoadBalancerV2Origin(alb, {
            protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
          }),
          viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        },
      });
    },
  ),
  front(
    'a cache policy that honours the origin, up to a day',
    'CachePolicy',
    ['CACHE1'],
    ({ alb }, stack) => {
      const cachePolicy = new cloudfront.CachePolicy(stack, 'Policy', {
        minTtl: Duration.seconds(1),
        defaultTtl: Duration.minutes(5),
        maxTtl: Duration.days(1),
        cookieBehavior: cloudfront.CacheCookieBehavior.all(),
        queryStringBehavior: cloudfront.CacheQueryStringBehavior.all(),
      });
      new cloudfront.Distribution(stack, 'Cdn', {
        defaultBehavior: {
          origin: new origins.HttpOrigin(alb.loadBalancerDnsName),
          viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
          cachePolicy,
          originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER,
        },
      });
    },
  ),
  front('forwarded values with a TTL', 'ForwardedValues', ['CACHE1'], ({ alb }, stack) => {
    cdn(stack, alb.loadBalancerDnsName, {
      cachePolicyId: undefined,
      forwardedValues: {
        queryString: true,
        cookies: { forward: 'all' },
        headers: ['Host', 'Authorization'],
      },
      minTtl: 0,
      defaultTtl: 60,
      maxTtl: 300,
    });
  }),
  front('a second behavior for some pages', 'CacheBehaviors', ['CACHE1'], ({ alb }, stack) => {
    cdn(
      stack,
      alb.loadBalancerDnsName,
      {},
      {
        cacheBehaviors: [
          {
            pathPattern: '/project/*',
            targetOriginId: 'horizon',
            viewerProtocolPolicy: 'https-only',
            cachePolicyId: CACHING_OPTIMIZED,
          },
        ],
      },
    );
  }),
  front(
    'an origin group with the load balancer in it',
    'OriginGroups',
    ['CACHE1'],
    ({ alb }, stack) => {
      const https = { originProtocolPolicy: 'https-only', originSslProtocols: ['TLSv1.2'] };
      cdn(
        stack,
        '',
        { targetOriginId: 'both', cachePolicyId: CACHING_OPTIMIZED },
        {
          origins: [
            { id: 'horizon', domainName: alb.loadBalancerDnsName, customOriginConfig: https },
            { id: 'sorry', domainName: 'sorry.example.net', customOriginConfig: https },
          ],
          originGroups: {
            quantity: 1,
            items: [
              {
                id: 'both',
                failoverCriteria: { statusCodes: { quantity: 1, items: [503] } },
                members: { quantity: 2, items: [{ originId: 'horizon' }, { originId: 'sorry' }] },
              },
            ],
          },
        },
      );
    },
  ),
  front(
    'an origin by the name of an alias record',
    'Route 53 alias',
    ['CACHE1'],
    ({ alb }, stack) => {
      const zone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
        hostedZoneId: 'Z0123456789ABCDEFGHIJ',
        zoneName: 'example.org',
      });
      const record = new route53.ARecord(stack, 'Origin', {
        zone,
        recordName: 'origin',
        target: route53.RecordTarget.fromAlias(new route53Targets.LoadBalancerTarget(alb)),
      });
      cdn(stack, record.domainName, { cachePolicyId: CACHING_OPTIMIZED });
    },
  ),
  front(
    'an origin by the literal name that a record has',
    'literal names',
    ['CACHE1'],
    ({ alb }, stack) => {
      new route53.CfnRecordSet(stack, 'Origin', {
        name: 'origin.example.org.',
        type: 'CNAME',
        ttl: '300',
        hostedZoneName: 'example.org.',
        resourceRecords: [alb.loadBalancerDnsName],
      });
      cdn(stack, 'origin.example.org', { cachePolicyId: CACHING_OPTIMIZED });
    },
  ),
  {
    name: 'front: CloudFront of another stack in us-east-1',
    mechanism: 'cross-region references',
    wants: ['CACHE1'],
    build: (stack, app) => {
      const { alb } = onHosts(stack);
      const edge = new Stack(app, 'Edge', {
        env: { ...ENV, region: 'us-east-1' },
        crossRegionReferences: true,
      });
      new cloudfront.Distribution(edge, 'Cdn', {
        defaultBehavior: {
          origin: new origins.HttpOrigin(alb.loadBalancerDnsName),
          viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        },
      });
    },
  },
  {
    name: 'front: CloudFront in another stack by an import of an export',
    mechanism: 'Fn::ImportValue',
    wants: ['CACHE1'],
    build: (stack, app) => {
      const { alb } = onHosts(stack);
      stack.exportValue(alb.loadBalancerDnsName, { name: 'horizon-alb' });
      cdn(new Stack(app, 'Edge', { env: ENV }), Fn.importValue('horizon-alb'), {
        cachePolicyId: CACHING_OPTIMIZED,
      });
    },
  },
  {
    name: 'front: CloudFront in a nested stack',
    mechanism: 'nested stacks',
    wants: ['CACHE1'],
    build: (stack) => {
      const { alb } = onHosts(stack);
      cdn(new NestedStack(stack, 'Edge'), alb.loadBalancerDnsName, {
        cachePolicyId: CACHING_OPTIMIZED,
      });
    },
  },
  {
    name: 'front: all of it inside a stage',
    mechanism: 'stages',
    wants: ['CACHE1'],
    build: (_, app) => {
      const stage = new Stage(app, 'Prod', { env: ENV });
      const { alb } = onHosts(new Stack(stage, 'Horizon'));
      const edge = new Stack(stage, 'Edge');
      new cloudfront.Distribution(edge, 'Cdn', {
        defaultBehavior: {
          origin: new origins.LoadBalancerV2Origin(alb),
          viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        },
      });
    },
  },
  front(
    'CloudFront before an HTTP API before the load balancer',
    'chain of fronts',
    ['CACHE1'],
    ({ https, vpc }, stack) => {
      const link = new apigatewayv2.VpcLink(stack, 'Link', { vpc });
      const api = new apigatewayv2.HttpApi(stack, 'Api', {
        defaultIntegration: new apigatewayv2Integrations.HttpAlbIntegration('Alb', https, {
          vpcLink: link,
          secureServerName: 'example.org',
        }),
      });
      cdn(stack, `${api.apiId}.execute-api.eu-west-1.amazonaws.com`, {
        cachePolicyId: CACHING_OPTIMIZED,
      });
    },
  ),
  front('the policy of the cache by a condition', 'Fn::If', ['CACHE1'], ({ alb }, stack) => {
    const production = new CfnCondition(stack, 'Production', {
      expression: Fn.conditionEquals(new CfnParameter(stack, 'Env').valueAsString, 'prod'),
    });
    cdn(stack, alb.loadBalancerDnsName, {
      cachePolicyId: Fn.conditionIf(
        production.logicalId,
        CACHING_OPTIMIZED,
        CACHING_DISABLED,
      ).toString(),
    });
  }),
  front(
    'an escape hatch on the behavior of the L2',
    'addPropertyOverride',
    ['CACHE1'],
    ({ alb }, stack) => {
      const l2 = new cloudfront.Distribution(stack, 'Cdn', {
        defaultBehavior: {
          origin: new origins.LoadBalancerV2Origin(alb),
          cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
          viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        },
      });
      (l2.node.defaultChild as cloudfront.CfnDistribution).addPropertyOverride(
        'DistributionConfig.DefaultCacheBehavior.CachePolicyId',
        CACHING_OPTIMIZED,
      );
    },
  ),
  front('browsers may use HTTP', 'ViewerProtocolPolicy', ['HTTPS11'], ({ alb }, stack) => {
    cdn(stack, alb.loadBalancerDnsName, { viewerProtocolPolicy: 'allow-all' });
  }),
  front('the origin over HTTP', 'OriginProtocolPolicy', ['HTTPS11'], ({ alb }, stack) => {
    new cloudfront.Distribution(stack, 'Cdn', {
      defaultBehavior: {
        origin: new origins.LoadBalancerV2Origin(alb, {
          protocolPolicy: cloudfront.OriginProtocolPolicy.HTTP_ONLY,
        }),
        cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      },
    });
  }),
  front(
    'CloudFront with TLS 1.0 for browsers',
    'MinimumProtocolVersion',
    ['HTTPS14'],
    ({ alb }, stack) => {
      cdn(
        stack,
        alb.loadBalancerDnsName,
        {},
        {
          viewerCertificate: {
            acmCertificateArn: CERTIFICATE,
            sslSupportMethod: 'sni-only',
            minimumProtocolVersion: 'TLSv1_2016',
          },
        },
      );
    },
  ),
  front(
    'CloudFront with TLS 1.0 for the origin',
    'OriginSSLProtocols',
    ['HTTPS14'],
    ({ alb }, stack) => {
      cdn(
        stack,
        alb.loadBalancerDnsName,
        {},
        {},
        { originSslProtocols: ['TLSv1', 'TLSv1.1', 'TLSv1.2'] },
      );
    },
  ),
  front(
    'CORS for everybody by a policy of CloudFront',
    'ResponseHeadersPolicy',
    ['CORS1'],
    ({ alb }, stack) => {
      const policy = new cloudfront.ResponseHeadersPolicy(stack, 'Headers', {
        corsBehavior: {
          accessControlAllowCredentials: false,
          accessControlAllowHeaders: ['*'],
          accessControlAllowMethods: ['GET'],
          accessControlAllowOrigins: ['*'],
          originOverride: true,
        },
      });
      cdn(stack, alb.loadBalancerDnsName, {
        responseHeadersPolicyId: policy.responseHeadersPolicyId,
      });
    },
  ),
  // API Gateway.
  front('a REST API whose stage caches', 'CacheClusterEnabled', ['CACHE4'], ({ alb }, stack) => {
    const api = new apigateway.RestApi(stack, 'Api', {
      deployOptions: {
        cacheClusterEnabled: true,
        cacheClusterSize: '0.5',
        cachingEnabled: true,
        cacheTtl: Duration.minutes(5),
      },
    });
    api.root.addProxy({
      defaultIntegration: new apigateway.HttpIntegration(
        `https://${alb.loadBalancerDnsName}/{proxy}`,
        {
          httpMethod: 'ANY',
          options: {
            requestParameters: { 'integration.request.path.proxy': 'method.request.path.proxy' },
          },
        },
      ),
      defaultMethodOptions: { requestParameters: { 'method.request.path.proxy': true } },
    });
  }),
  front(
    'a stage that caches one method, before a VPC link',
    'MethodSettings',
    ['CACHE4'],
    ({ alb, vpc }, stack) => {
      const nlb = new elbv2.NetworkLoadBalancer(stack, 'Nlb', { vpc });
      nlb.addListener('Tls', { port: 443 }).addTargets('Alb', {
        port: 443,
        targets: [new targets.AlbListenerTarget(alb.listeners[1])],
      });
      const link = new apigateway.VpcLink(stack, 'Link', { targets: [nlb] });
      const api = new apigateway.RestApi(stack, 'Api');
      api.root.addMethod(
        'GET',
        new apigateway.Integration({
          type: apigateway.IntegrationType.HTTP_PROXY,
          integrationHttpMethod: 'GET',
          uri: 'https://example.org/',
          options: { connectionType: apigateway.ConnectionType.VPC_LINK, vpcLink: link },
        }),
      );
      (api.deploymentStage.node.defaultChild as apigateway.CfnStage).cacheClusterEnabled = true;
      (api.deploymentStage.node.defaultChild as apigateway.CfnStage).methodSettings = [
        { resourcePath: '/', httpMethod: 'GET', cachingEnabled: true, cacheTtlInSeconds: 60 },
      ];
    },
  ),
  // Varnish and other caches.
  script(
    'varnish from a variable of packages',
    'package lists',
    ['CACHE2'],
    'EXTRA="varnish jq"\napt-get install -y --no-install-recommends $EXTRA',
  ),
  script(
    'varnish by xargs',
    'xargs',
    ['CACHE2'],
    "printf '%s\\n' varnish jq | xargs apt-get install -y",
    true,
  ),
  script(
    'varnish by docker run',
    'docker run',
    ['CACHE2'],
    'docker run -d --name cache --network host -v /etc/varnish:/etc/varnish:ro docker.io/library/varnish:7.5 varnishd -F -f /etc/varnish/default.vcl',
  ),
  script(
    'varnish of the image is started',
    'systemctl',
    ['CACHE2'],
    'systemctl enable --now varnish',
  ),
  script(
    'varnishd by hand',
    'command',
    ['CACHE2'],
    'varnishd -a :6081 -b 127.0.0.1:8443 -s malloc,256m',
  ),
  script('varnish by snap', 'snap', ['CACHE2'], 'snap install varnish', true),
  script(
    'varnish from a .deb',
    'dpkg -i',
    ['CACHE2'],
    'curl -fsSLo /tmp/varnish.deb https://packagecloud.example.org/varnish_7.5.0-1_amd64.deb\napt-get install -y /tmp/varnish.deb',
  ),
  {
    name: 'front: varnish beside Horizon in a task',
    mechanism: 'sidecar',
    wants: ['CACHE2'],
    build: (stack) => {
      onFargate(stack, {
        more: (task) => {
          task.addContainer('cache', {
            image: ecs.ContainerImage.fromRegistry(
              'public.ecr.aws/docker/library/varnish:7.4-alpine',
            ),
            portMappings: [{ containerPort: 8080 }],
          });
        },
      });
    },
  },
  front(
    'a varnish host whose VCL names the load balancer',
    'another host',
    ['CACHE2'],
    ({ alb, vpc }, stack) => {
      const userData = ec2.UserData.forLinux();
      userData.addCommands(
        'dnf install -y varnish',
        `cat > /etc/varnish/default.vcl <<'EOF'\nvcl 4.1;\nbackend horizon { .host = "${alb.loadBalancerDnsName}"; .port = "80"; }\nEOF`,
        'systemctl enable --now varnish',
      );
      new ec2.Instance(stack, 'Varnish', {
        vpc,
        instanceType: new ec2.InstanceType('t3.small'),
        machineImage: ec2.MachineImage.latestAmazonLinux2023(),
        requireImdsv2: true,
        userData,
      });
    },
  ),
  nginx('proxy_cache in the location', 'proxy_cache', ['CACHE3'], {
    top: 'proxy_cache_path /var/cache/nginx levels=1:2 keys_zone=pages:10m max_size=1g inactive=10m;\n',
    location: `${PROXY}\n    proxy_cache pages;\n    proxy_cache_valid 200 1m;`,
  }),
  nginx('uwsgi_cache', 'uwsgi_cache', ['CACHE3'], {
    top: 'uwsgi_cache_path /var/cache/uwsgi keys_zone=horizon:8m;\n',
    location:
      '    include uwsgi_params;\n    uwsgi_pass unix:/run/horizon/uwsgi.sock;\n    uwsgi_cache horizon;\n    uwsgi_cache_key $request_uri;',
  }),
  script(
    'a cache put into the site by sed',
    'sed into nginx',
    ['CACHE3'],
    "sed -i '/proxy_pass http:/a\\    proxy_cache pages;' /etc/nginx/conf.d/horizon.conf\necho 'proxy_cache_path /var/cache/nginx keys_zone=pages:10m;' > /etc/nginx/conf.d/cache.conf",
  ),
  script(
    'a cache in a snippet that the site includes',
    'include',
    ['CACHE3'],
    `${file('/etc/nginx/snippets/cache.conf', 'proxy_cache STATIC;\nproxy_cache_valid any 10m;\nproxy_cache_use_stale error timeout;')}sed -i 's|^  location / {|&\\n    include snippets/cache.conf;|' /etc/nginx/conf.d/horizon.conf`,
  ),
  front(
    'nginx with a cache on a host before the load balancer',
    'another host',
    ['CACHE3'],
    ({ alb }, stack) => {
      new ec2.CfnInstance(stack, 'Edge', {
        imageId: 'ami-0123456789abcdef0',
        metadataOptions: { httpTokens: 'required' },
        userData: Fn.base64(
          `#!/bin/bash\napt-get install -y nginx\ncat > /etc/nginx/conf.d/edge.conf <<'EOF'\nproxy_cache_path /tmp/c keys_zone=c:10m;\nserver {\n  listen 443 ssl;\n  location / { proxy_cache c; proxy_pass https://${alb.loadBalancerDnsName}; }\n}\nEOF`,
        ),
      });
    },
  ),
  script(
    "Apache's cache on disk",
    'mod_cache',
    ['CACHE5'],
    `a2enmod cache cache_disk\n${file('/etc/apache2/conf-available/cache.conf', '<IfModule mod_cache_disk.c>\n  CacheRoot /var/cache/apache2\n  CacheEnable disk /\n</IfModule>')}a2enconf cache`,
  ),
  script(
    "HAProxy's cache",
    'haproxy',
    ['CACHE5'],
    `apt-get install -y haproxy\n${file('/etc/haproxy/haproxy.cfg', 'cache pages\n  total-max-size 64\n  max-age 60\nfrontend https\n  bind :8443 ssl crt /etc/haproxy/site.pem\n  http-request cache-use pages\n  http-response cache-store pages\n  default_backend horizon\nbackend horizon\n  server one unix@/run/horizon/gunicorn.sock')}systemctl restart haproxy`,
  ),
  script(
    'Traffic Server',
    'trafficserver',
    ['CACHE5'],
    'apt-get install -y trafficserver\necho "map https://example.org/ http://127.0.0.1:8000/" >> /etc/trafficserver/remap.config',
  ),
  script(
    'Squid as an accelerator',
    'squid',
    ['CACHE5'],
    "apt-get install -y squid\ncat > /etc/squid/squid.conf <<'EOF'\nhttps_port 443 accel defaultsite=example.org tls-cert=/etc/squid/site.pem\ncache_peer 127.0.0.1 parent 8000 0 no-query originserver\nEOF",
  ),
  script(
    'Caddy with its cache module',
    'caddy',
    ['CACHE5'],
    "cat > /etc/caddy/Caddyfile <<'EOF'\n{\n  cache\n}\nexample.org {\n  cache {\n    ttl 120s\n  }\n  reverse_proxy unix//run/horizon/gunicorn.sock\n}\nEOF\nsystemctl restart caddy",
  ),
  // Listeners.
  front('a listener without a policy, on the L1', 'SslPolicy', ['HTTPS2'], (d) => {
    cfnHttps(d).sslPolicy = undefined;
  }),
  front('an old policy by an override', 'addPropertyOverride', ['HTTPS2'], (d) => {
    cfnHttps(d).addPropertyOverride('SslPolicy', 'ELBSecurityPolicy-TLS-1-1-2017-01');
  }),
  front('a policy from a mapping', 'Fn::FindInMap', ['HTTPS2'], (d, stack) => {
    const map = new CfnMapping(stack, 'Policies', {
      mapping: {
        'eu-west-1': { tls: 'ELBSecurityPolicy-FS-2018-06' },
        'us-gov-west-1': { tls: 'ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04' },
      },
    });
    cfnHttps(d).sslPolicy = map.findInMap('eu-west-1', 'tls');
  }),
  front('a policy by a condition', 'Fn::If', ['HTTPS2'], (d, stack) => {
    const legacy = new CfnCondition(stack, 'Legacy', {
      expression: Fn.conditionEquals(
        new CfnParameter(stack, 'Old', { default: 'no' }).valueAsString,
        'yes',
      ),
    });
    cfnHttps(d).sslPolicy = Fn.conditionIf(
      legacy.logicalId,
      'ELBSecurityPolicy-TLS-1-0-2015-04',
      'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
    ).toString();
  }),
  front('a policy with TLS 1.2 and old ciphers', 'SslPolicy', ['HTTPS16'], (d) => {
    cfnHttps(d).sslPolicy = 'ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06';
  }),
  front(
    'a rule that forwards on the HTTP listener',
    'ListenerRule',
    ['HTTPS1'],
    ({ alb, targets: group }, stack) => {
      new elbv2.ApplicationListenerRule(stack, 'Rule', {
        listener: alb.listeners[0],
        priority: 10,
        conditions: [elbv2.ListenerCondition.pathPatterns(['/dashboard/*'])],
        action: elbv2.ListenerAction.forward([group]),
      });
    },
  ),
  front(
    'a second HTTP listener that forwards',
    'listener',
    ['HTTPS1'],
    ({ alb, targets: group }) => {
      alb.addListener('Plain', {
        port: 8080,
        protocol: elbv2.ApplicationProtocol.HTTP,
        defaultTargetGroups: [group],
      });
    },
  ),
  front('an HTTP listener that redirects to HTTP', 'redirect', ['HTTPS1'], ({ alb }) => {
    alb.addListener('Other', {
      port: 8080,
      protocol: elbv2.ApplicationProtocol.HTTP,
      defaultAction: elbv2.ListenerAction.redirect({
        host: 'example.org',
        port: '80',
        protocol: 'HTTP',
      }),
    });
  }),
  front('invalid header fields passed on, by an aspect', 'aspects', ['HTTPS3'], (_, stack) => {
    Aspects.of(stack).add({
      visit(node: IConstruct) {
        if (node instanceof elbv2.CfnLoadBalancer) {
          node.loadBalancerAttributes = [{ key: 'deletion_protection.enabled', value: 'true' }];
        }
      },
    });
  }),
  front('HTTP to hosts', 'target group', ['HTTPS4'], ({ targets: group }) => {
    const cfn = group.node.defaultChild as elbv2.CfnTargetGroup;
    cfn.protocol = 'HTTP';
    cfn.port = 8080;
  }),
  {
    name: 'front: a Classic Load Balancer with HTTP to hosts',
    mechanism: 'ElasticLoadBalancing v1',
    wants: ['HTTPS4'],
    build: (stack) => {
      const { vpc, group } = onHosts(stack);
      const clb = new elb.LoadBalancer(stack, 'Clb', { vpc, internetFacing: true });
      clb.addListener({
        externalPort: 443,
        externalProtocol: elb.LoadBalancingProtocol.HTTPS,
        internalPort: 80,
        internalProtocol: elb.LoadBalancingProtocol.HTTP,
        sslCertificateArn: CERTIFICATE,
      });
      clb.addTarget(group);
    },
  },
  {
    name: 'front: a Classic Load Balancer that takes HTTP',
    mechanism: 'ElasticLoadBalancing v1',
    wants: ['HTTPS1'],
    build: (stack) => {
      const { vpc, group } = onHosts(stack);
      const clb = new elb.LoadBalancer(stack, 'Clb', { vpc, internetFacing: true });
      clb.addListener({ externalPort: 80 });
      clb.addTarget(group);
    },
  },
  front(
    'a network load balancer ends TLS and sends TCP to port 80',
    'NLB',
    ['HTTPS4'],
    ({ vpc, group }, stack) => {
      const nlb = new elbv2.NetworkLoadBalancer(stack, 'Nlb', { vpc, internetFacing: true });
      nlb
        .addListener('Tls', {
          port: 443,
          protocol: elbv2.Protocol.TLS,
          sslPolicy: elbv2.SslPolicy.TLS13_RES,
          certificates: [elbv2.ListenerCertificate.fromArn(CERTIFICATE)],
        })
        .addTargets('Plain', { port: 80, protocol: elbv2.Protocol.TCP, targets: [group] });
    },
  ),
  front(
    'a TLS listener of a network load balancer with an old policy',
    'NLB',
    ['HTTPS2'],
    ({ vpc, group }, stack) => {
      const nlb = new elbv2.NetworkLoadBalancer(stack, 'Nlb', { vpc, internetFacing: true });
      nlb
        .addListener('Tls', {
          port: 443,
          protocol: elbv2.Protocol.TLS,
          sslPolicy: elbv2.SslPolicy.LEGACY,
          certificates: [elbv2.ListenerCertificate.fromArn(CERTIFICATE)],
        })
        .addTargets('Tls', { port: 443, protocol: elbv2.Protocol.TLS, targets: [group] });
    },
  ),
  front(
    'CORS for everybody by an attribute of the listener',
    'ListenerAttributes',
    ['CORS1'],
    (d) => {
      cfnHttps(d).listenerAttributes = [
        { key: 'routing.http.response.access_control_allow_origin.header_value', value: '*' },
      ];
    },
  ),
  // Certificates.
  front('a certificate of a private CA', 'acmpca', ['HTTPS10'], ({ https }, stack) => {
    const ca = new acmpca.CfnCertificateAuthority(stack, 'Ca', {
      type: 'ROOT',
      keyAlgorithm: 'RSA_2048',
      signingAlgorithm: 'SHA256WITHRSA',
      subject: { commonName: 'corp' },
    });
    const certificate = new acm.PrivateCertificate(stack, 'Private', {
      domainName: 'example.org',
      certificateAuthority: acmpca.CertificateAuthority.fromCertificateAuthorityArn(
        stack,
        'ImportedCa',
        ca.attrArn,
      ),
    });
    (https.node.defaultChild as elbv2.CfnListener).certificates = [
      { certificateArn: certificate.certificateArn },
    ];
  }),
  {
    name: 'front: a self-signed certificate straight to browsers',
    mechanism: 'instance with an elastic address',
    wants: ['HTTPS9'],
    build: (stack) => {
      const open = new ec2.CfnSecurityGroup(stack, 'Open', {
        groupDescription: 'https',
        securityGroupIngress: [
          { ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIp: '0.0.0.0/0' },
        ],
      });
      const script = hostScript({}, 'horizon/secret-key', 'sessions.example.org');
      const alone = instance(stack, script, { securityGroupIds: [open.attrGroupId] });
      new ec2.CfnEIP(stack, 'Address', { instanceId: alone.ref });
    },
  },
  {
    name: 'front: a snakeoil certificate through a network load balancer',
    mechanism: 'TCP passthrough',
    wants: ['HTTPS9'],
    build: (stack) => {
      const {
        vpc,
        group,
        hosts: securityGroup,
      } = onHosts(stack, {
        site: site({
          tls: TLS.replace(
            '/etc/nginx/tls/host.pem',
            '/etc/ssl/certs/ssl-cert-snakeoil.pem',
          ).replace('/etc/nginx/tls/host.key', '/etc/ssl/private/ssl-cert-snakeoil.key'),
        }),
      });
      securityGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443));
      const nlb = new elbv2.NetworkLoadBalancer(stack, 'Nlb', { vpc, internetFacing: true });
      nlb.addListener('Tcp', { port: 443 }).addTargets('Hosts', { port: 443, targets: [group] });
    },
  },
  // Names.
  named('a subdomain by an alias of the L2', 'Route 53 alias', ({ alb }, stack) => {
    const zone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      zoneName: 'apps.example.com',
    });
    new route53.ARecord(stack, 'Alias', {
      zone,
      recordName: 'horizon',
      target: route53.RecordTarget.fromAlias(new route53Targets.LoadBalancerTarget(alb)),
    });
  }),
  named('a subdomain in a group of records', 'RecordSetGroup', ({ alb }, stack) => {
    new route53.CfnRecordSetGroup(stack, 'Records', {
      hostedZoneName: 'example.co.uk.',
      recordSets: [
        {
          name: 'cloud.it.example.co.uk',
          type: 'CNAME',
          ttl: '60',
          resourceRecords: [alb.loadBalancerDnsName],
        },
      ],
    });
  }),
  front(
    'sign-in at the load balancer sets cookies for static media too',
    'authenticate-cognito',
    ['STATIC3'],
    ({ https, targets: group }, stack) => {
      const pool = new cognito.UserPool(stack, 'Users');
      https.addAction('Static', {
        priority: 5,
        conditions: [elbv2.ListenerCondition.hostHeaders(['static.example.org'])],
        action: new (class extends elbv2.ListenerAction {
          constructor() {
            super(
              {
                type: 'authenticate-cognito',
                order: 1,
                authenticateCognitoConfig: {
                  userPoolArn: pool.userPoolArn,
                  userPoolClientId: 'client',
                  userPoolDomain: 'example',
                },
              },
              elbv2.ListenerAction.forward([group]),
            );
          }
        })(),
      });
    },
  ),
  // TLS and headers of nginx.
  nginx('no Strict-Transport-Security', 'missing header', ['HTTPS7'], {
    server: '  client_max_body_size 10m;',
    statics: PLAIN_STATICS,
  }),
  nginx('Strict-Transport-Security on static media alone', 'server blocks', ['HTTPS7'], {
    server: '  client_max_body_size 10m;',
  }),
  nginx('Strict-Transport-Security of 0', 'max-age=0', ['HTTPS7'], {
    server: '  add_header Strict-Transport-Security "max-age=0";\n  client_max_body_size 10m;',
  }),
  nginx('Strict-Transport-Security of a month', 'max-age', ['HTTPS8'], {
    server:
      "  add_header 'Strict-Transport-Security' 'max-age=2592000; includeSubDomains';\n  client_max_body_size 10m;",
  }),
  nginx('Strict-Transport-Security without subdomains', 'includeSubDomains', ['HTTPS8'], {
    server:
      '  add_header Strict-Transport-Security max-age=31536000 always;\n  client_max_body_size 10m;',
  }),
  nginx(
    'a header of the location hides that of the server',
    'inheritance of add_header',
    ['HTTPS7'],
    { location: `${PROXY}\n    add_header X-Content-Type-Options nosniff;` },
  ),
  nginx('TLS 1.0 and 1.1', 'ssl_protocols', ['HTTPS14'], {
    tls: TLS.replace('TLSv1.2 TLSv1.3', 'TLSv1 TLSv1.1 TLSv1.2'),
  }),
  nginx('old protocols by a variable in the whole configuration', 'sed', ['HTTPS14'], {
    top: 'ssl_protocols SSLv3 TLSv1 TLSv1.2;\n',
    tls: TLS.replace(/ {2}ssl_protocols.*\n/, ''),
  }),
  nginx('ciphers of HIGH:MEDIUM', 'ssl_ciphers', ['HTTPS15'], {
    tls: TLS.replace('ECDHE+AESGCM:ECDHE+CHACHA20', 'HIGH:MEDIUM:!aNULL'),
  }),
  nginx('RC4 and 3DES', 'ssl_ciphers', ['HTTPS15'], {
    tls: TLS.replace(
      'ECDHE+AESGCM:ECDHE+CHACHA20',
      '"ECDHE-RSA-AES128-GCM-SHA256:RC4-SHA:DES-CBC3-SHA"',
    ),
  }),
  nginx('session tickets on', 'ssl_session_tickets', ['HTTPS12'], {
    tls: TLS.replace('tickets off', 'tickets on'),
  }),
  nginx('session tickets left on', 'default', ['HTTPS12'], {
    tls: TLS.replace(/\n {2}ssl_session_tickets off;/, ''),
  }),
  nginx('requests of any size', 'client_max_body_size', ['PROXY6'], {
    server: `${HSTS}\n  client_max_body_size 0;`,
  }),
  nginx('requests of any size to one location', 'client_max_body_size', ['PROXY6'], {
    location: `${PROXY}\n    client_max_body_size 0;`,
  }),
  nginx('CORS for everybody', 'add_header', ['CORS1'], {
    server: `${HSTS}\n  client_max_body_size 10m;\n  add_header "Access-Control-Allow-Origin" "*" always;`,
  }),
  nginx('CORS echoes the origin', '$http_origin', ['CORS1', 'CORS2'], {
    statics:
      '  location /static/ {\n    alias /var/lib/openstack-dashboard/static/;\n    add_header Access-Control-Allow-Origin $http_origin always;\n  }',
  }),
  nginx('CORS by a map with a wild card', 'map', ['CORS1', 'CORS2'], {
    top: 'map $http_origin $cors {\n  default "*";\n  "https://example.org" $http_origin;\n}\n',
    statics:
      '  location /static/ {\n    alias /var/lib/openstack-dashboard/static/;\n    add_header Access-Control-Allow-Origin $cors always;\n  }',
  }),
  nginx('CORS of another site', 'add_header', ['CORS2'], {
    statics:
      '  location /static/ {\n    alias /var/lib/openstack-dashboard/static/;\n    add_header Access-Control-Allow-Origin https://portal.example.net;\n  }',
  }),
  nginx('CORS with a slash at the end', 'add_header', ['CORS2'], {
    statics:
      '  location /static/ {\n    alias /var/lib/openstack-dashboard/static/;\n    add_header Access-Control-Allow-Origin https://example.org/;\n  }',
  }),
  nginx('a cookie on static media', 'add_header Set-Cookie', ['STATIC3'], {
    statics:
      '  location /static/ {\n    alias /var/lib/openstack-dashboard/static/;\n    add_header Set-Cookie "node=$hostname; Path=/";\n  }',
  }),
  nginx('uploads beside static media', 'dav_methods', ['STATIC4'], {
    statics:
      '  location /static/ {\n    alias /var/lib/openstack-dashboard/static/;\n    dav_methods PUT DELETE;\n    create_full_put_path on;\n  }',
  }),
  {
    name: 'apache: old protocols',
    mechanism: 'SSLProtocol',
    wants: ['HTTPS14'],
    build: withScript(
      file(
        '/etc/apache2/sites-enabled/horizon.conf',
        '<VirtualHost *:443>\n  ServerName example.org\n  SSLEngine on\n  SSLProtocol all -SSLv3\n  WSGIScriptAlias / /usr/share/openstack-dashboard/openstack_dashboard/wsgi.py\n</VirtualHost>',
      ),
    ),
  },
  {
    name: 'apache: weak ciphers',
    mechanism: 'SSLCipherSuite',
    wants: ['HTTPS15'],
    build: withScript(
      file(
        '/etc/httpd/conf.d/ssl-horizon.conf',
        '<VirtualHost _default_:443>\n  SSLEngine on\n  SSLProtocol -all +TLSv1.2\n  SSLCipherSuite HIGH:3DES:!aNULL:!MD5:!SEED:!IDEA\n</VirtualHost>',
      ),
    ),
  },
  {
    name: 'apache: CORS for everybody',
    mechanism: 'Header set',
    wants: ['CORS1'],
    build: withScript(
      file(
        '/etc/apache2/conf-enabled/cors.conf',
        '<IfModule mod_headers.c>\n  Header always set Access-Control-Allow-Origin "*"\n</IfModule>',
      ),
    ),
  },
  {
    name: 'apache: requests of any size',
    mechanism: 'LimitRequestBody',
    wants: ['PROXY6'],
    build: withScript(
      'echo "LimitRequestBody 0" >> /etc/apache2/conf-enabled/openstack-dashboard.conf',
    ),
  },
  {
    name: 'haproxy: TLS 1.0',
    mechanism: 'ssl-min-ver',
    wants: ['HTTPS14'],
    unknownIsFine: true,
    build: withScript(
      `apt-get install -y haproxy\n${file('/etc/haproxy/haproxy.cfg', 'global\n  ssl-default-bind-options ssl-min-ver TLSv1.0\nfrontend https\n  bind :443 ssl crt /etc/haproxy/site.pem\n  default_backend horizon\nbackend horizon\n  server a 127.0.0.1:8000')}`,
    ),
  },
];
