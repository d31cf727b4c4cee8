// Right stacks, where a finding would be a false alarm: caches for something else, memcached that is
// not the dashboard's, words in comments, values that only the deployment knows.
import { Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as patterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { PlainResource, Properties, att, ref, sub } from './baseline';
import {
  DISABLED,
  OPTIMIZED,
  add,
  also,
  behavior,
  cachePolicy,
  cdn,
  environment,
  front,
  instead,
  old,
  openTo,
  set,
} from './changes';
import { dashboard } from './dashboard-l2';
import { Case, constructs, inContainers, onInstances, template } from './stacks';

const NONE: string[] = [];
const ENGINE = "SESSION_ENGINE = 'django.contrib.sessions.backends.cache'";
const one = (Type: string, Properties: Properties): Record<string, PlainResource> => ({
  One: { Type, Properties },
});

const cachingOfSomethingElse: Case[] = [
  onInstances('CloudFront that caches nothing', NONE, cdn({ CachePolicyId: DISABLED })),
  onInstances(
    'CloudFront that caches the path of static media alone',
    NONE,
    cdn({ CachePolicyId: DISABLED }, { CacheBehaviors: [behavior('/static/*', OPTIMIZED)] }),
  ),
  onInstances(
    'CloudFront that caches that path, written without its first slash',
    NONE,
    cdn({ CachePolicyId: DISABLED }, { CacheBehaviors: [behavior('static/*', OPTIMIZED)] }),
  ),
  inContainers(
    'CloudFront for static media alone, before the static name',
    NONE,
    cdn({ CachePolicyId: OPTIMIZED }, { domain: 'static.example.org' }),
  ),
  inContainers(
    'CloudFront for the static name, before the load balancer of both',
    NONE,
    cdn({ CachePolicyId: OPTIMIZED }, { Aliases: ['static.example.org'] }),
  ),
  onInstances(
    'CloudFront before a bucket',
    NONE,
    cdn({ CachePolicyId: OPTIMIZED }, { domain: 'releases.s3.eu-central-1.amazonaws.com' }),
  ),
  onInstances(
    'CloudFront before another site of the same domain',
    NONE,
    cdn({ CachePolicyId: OPTIMIZED }, { domain: 'www.example.org' }),
  ),
  onInstances(
    'CloudFront before a site whose name ends like ours',
    NONE,
    cdn({ CachePolicyId: OPTIMIZED }, { domain: 'not-example.org' }),
  ),
  onInstances(
    'CloudFront with old settings that keep nothing',
    NONE,
    cdn(old({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 0 })),
  ),
  onInstances(
    'CloudFront with a policy of its own that keeps nothing',
    NONE,
    cdn({ CachePolicyId: ref('Policy') }),
    cachePolicy({ MaxTTL: 0 }),
  ),
  onInstances(
    'varnish before another site',
    NONE,
    front('yum install -y varnish\nvarnishd -b www.example.org:80\n'),
  ),
  onInstances(
    'proxy_cache before another site',
    NONE,
    front('proxy_cache a;\nproxy_pass https://example.org.uk;\n'),
  ),
  onInstances(
    'proxy_cache in a comment',
    NONE,
    instead(
      '    location / {\n',
      '    # proxy_cache pages;\n    location / { # proxy_cache pages;\n',
    ),
  ),
  onInstances(
    'proxy_cache that is off',
    NONE,
    instead('    location / {\n', '    proxy_cache off;\n    location / {\n'),
  ),
  onInstances('varnish in a comment', NONE, also('# no varnish: apt-get install varnish\n')),
  onInstances(
    'varnish that is taken away',
    NONE,
    also('systemctl disable --now varnish\napt-get purge -y varnish\n'),
  ),
  onInstances('varnish in a message', NONE, also("echo 'varnish would show wrong pages'\n")),
];

const memcached = (Properties: Properties = {}): PlainResource => ({
  Type: 'AWS::ElastiCache::CacheCluster',
  Properties: {
    Engine: 'memcached',
    CacheNodeType: 'cache.t4g.micro',
    NumCacheNodes: 1,
    ...Properties,
  },
});

const cachesOfOthers: Case[] = [
  onInstances('memcached of another application, open to all', NONE, add({ Other: memcached() })),
  inContainers(
    'memcached of another task',
    NONE,
    add({
      Other: memcached(),
      Shop: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          ContainerDefinitions: [
            {
              Name: 'shop',
              Image: 'shop:1',
              Environment: [
                { Name: 'CACHE', Value: att('Other', 'ConfigurationEndpoint.Address') },
                { Name: 'DEBUG', Value: 'true' },
              ],
            },
          ],
        },
      },
    }),
  ),
  onInstances(
    'Redis of another application',
    NONE,
    add({
      Redis: {
        Type: 'AWS::ElastiCache::ReplicationGroup',
        Properties: {
          ReplicationGroupDescription: 'queue',
          Engine: 'redis',
          TransitEncryptionEnabled: false,
        },
      },
    }),
  ),
  onInstances('memcached for one address', NONE, openTo({ CidrIp: '10.0.2.17/32' })),
  onInstances(
    'hosts that open a port to the world',
    NONE,
    openTo({
      GroupId: att('StaticGroup', 'GroupId'),
      CidrIp: '0.0.0.0/0',
      FromPort: 443,
      ToPort: 443,
    }),
  ),
];

const unknown: Case[] = [
  onInstances('a policy of a parameter', NONE, cdn({ CachePolicyId: ref('Given') })),
  onInstances(
    'an origin of a parameter',
    NONE,
    cdn({ CachePolicyId: OPTIMIZED }, { domain: ref('Given') }),
  ),
  onInstances(
    'TLS of the cluster as a parameter',
    NONE,
    set('Cluster.TransitEncryptionEnabled', ref('Given')),
  ),
  onInstances(
    'the policy of the listener as an import',
    NONE,
    set('Https.SslPolicy', { 'Fn::ImportValue': 'policy' }),
  ),
  onInstances('attributes that a condition chooses', NONE, (changed) => {
    changed.Conditions = { Eu: { 'Fn::Equals': [ref('Given'), 'eu'] } };
    const { Balancer } = changed.Resources;
    const { LoadBalancerAttributes } = Balancer.Properties;
    set('Balancer.LoadBalancerAttributes', {
      'Fn::If': ['Eu', LoadBalancerAttributes, [(LoadBalancerAttributes as unknown[])[0]]],
    })(changed);
  }),
  inContainers(
    'settings of parameters',
    NONE,
    environment({
      DEBUG: ref('Given'),
      SESSION_ENGINE: ref('Given'),
      OPENSTACK_KEYSTONE_URL: sub('https://${Given}/v3'),
      ALLOWED_HOSTS: sub('${Given}.example.org,example.org'),
      PASSWORD_VALIDATOR_REGEX: { 'Fn::Select': [0, { 'Fn::Split': [',', ref('Given')] }] },
    }),
  ),
  onInstances(
    'settings that a script makes',
    NONE,
    also('DEBUG="$(cat /etc/debug)"\nALLOWED_HOSTS="${!NAMES}"\n'),
  ),
];

const choices: Case[] = [
  onInstances('sealed cookies', NONE, instead(ENGINE, "SESSION_ENGINE = 'sealed_signed_cookies'")),
  inContainers(
    'sealed cookies',
    NONE,
    environment({ SESSION_ENGINE: 'sealed_signed_cookies', HSTS_MAX_AGE: '31536000' }),
  ),
  inContainers(
    'compression that is off',
    NONE,
    environment({ COMPRESS_OFFLINE: 'false', COMPRESS_ENABLED: 'false' }),
  ),
  inContainers(
    'several names, all qualified',
    NONE,
    environment({ ALLOWED_HOSTS: 'example.org,example.net' }),
  ),
  onInstances('a key of 128 characters', NONE, set('Key.GenerateSecretString.PasswordLength', 128)),
  onInstances('TLS 1.3 alone', NONE, set('Https.SslPolicy', 'ELBSecurityPolicy-TLS13-1-3-2021-06')),
  onInstances('nothing on port 80', NONE, ({ Resources }) => {
    delete Resources.Http;
  }),
];

const withoutDashboard: Case[] = [
  template('an empty bucket', NONE, one('AWS::S3::Bucket', {})),
  template('memcached in plain text', NONE, {
    One: memcached({ TransitEncryptionEnabled: false }),
  }),
  template(
    'a secret in plain text',
    NONE,
    one('AWS::SecretsManager::Secret', { SecretString: 'x' }),
  ),
  template(
    'a machine with varnish',
    NONE,
    one('AWS::EC2::Instance', {
      UserData: { 'Fn::Base64': 'apt-get install -y varnish nginx\nproxy_cache a;\nDEBUG=true\n' },
    }),
  ),
  template(
    'Django that is no dashboard',
    NONE,
    one('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        UserData: {
          'Fn::Base64':
            "DEBUG = True\nALLOWED_HOSTS = ['*']\nSESSION_ENGINE = 'django.contrib.sessions.backends.file'\n",
        },
      },
    }),
  ),
  template(
    'the same Django in a container',
    NONE,
    one('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        {
          Name: 'shop',
          Image: 'shop:1',
          Environment: [
            { Name: 'DEBUG', Value: 'true' },
            { Name: 'ALLOWED_HOSTS', Value: '*' },
            { Name: 'SECRET_KEY', Value: 'x' },
          ],
        },
      ],
    }),
  ),
  constructs('an empty app', NONE, () => undefined),
  constructs('a website in a bucket behind CloudFront', NONE, (app) => {
    const stack = new Stack(app, 'Stack');
    new cloudfront.Distribution(stack, 'Cdn', {
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(new s3.Bucket(stack, 'Site')),
      },
    });
  }),
  constructs('a service with HTTP', NONE, (app) => {
    const stack = new Stack(app, 'Stack');
    new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
      vpc: new ec2.Vpc(stack, 'Vpc'),
      taskImageOptions: { image: ecs.ContainerImage.fromRegistry('varnish:7') },
    });
  }),
];

const besideTheDashboard: Case[] = [
  constructs('a website in another stack', NONE, (app) => {
    dashboard(new Stack(app, 'Stack'));
    const site = new Stack(app, 'Site');
    new cloudfront.Distribution(site, 'Cdn', {
      defaultBehavior: { origin: new origins.HttpOrigin('www.example.com') },
    });
    new elasticache.CfnCacheCluster(site, 'Cache', {
      engine: 'memcached',
      cacheNodeType: 'cache.t4g.micro',
      numCacheNodes: 1,
    });
  }),
  constructs('another service of HTTP, in the same VPC', NONE, (app) => {
    const stack = new Stack(app, 'Stack');
    const { vpc } = dashboard(stack);
    new patterns.ApplicationLoadBalancedFargateService(stack, 'Other', {
      vpc,
      taskImageOptions: { image: ecs.ContainerImage.fromRegistry('nginx:1.27') },
    });
  }),
];

const chart = (config: Properties): Record<string, PlainResource> =>
  one('Custom::AWSCDK-EKS-HelmChart', {
    Chart: 'horizon',
    Repository: 'https://tarballs.opendev.org/openstack/openstack-helm',
    Values: JSON.stringify({ conf: { horizon: { local_settings: { config } } } }),
  });

const deployed: Case[] = [
  template("openstack-helm's chart with values that are left to it", NONE, chart({})),
  template(
    "openstack-helm's chart, hardened",
    NONE,
    chart({
      debug: 'False',
      allowed_hosts: ['dashboard.example'],
      csrf_cookie_secure: 'True',
      session_cookie_secure: 'True',
      session_cookie_httponly: 'True',
      disallow_iframe_embed: 'True',
      ssl_no_verify: 'False',
      horizon_images_upload_mode: 'off',
      auth: { sso: { enabled: true } },
      raw: { WEBSSO_USE_HTTP_REFERER: false },
    }),
  ),
  template(
    "another program's chart that is called Horizon",
    NONE,
    one('Custom::AWSCDK-EKS-HelmChart', {
      Chart: 'horizon',
      Repository: 'https://helm.stellar.example',
      Values: JSON.stringify({ debug: 'True', allowed_hosts: ['*'] }),
    }),
  ),
  onInstances(
    'what is fetched and run, which is unknown',
    NONE,
    also('\ncurl -fsSL https://example.org/install.sh | bash\n'),
  ),
  onInstances(
    'a health check of its own path',
    NONE,
    set('Targets.HealthCheckPath', '/healthz'),
    set('Group.HealthCheckType', 'ELB'),
  ),
];

export const RIGHT: readonly Case[] = [
  ...deployed,
  ...cachingOfSomethingElse,
  ...cachesOfOthers,
  ...unknown,
  ...choices,
  ...withoutDashboard,
  ...besideTheDashboard,
];
