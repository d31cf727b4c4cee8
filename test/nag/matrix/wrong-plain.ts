// Wrong stacks that are written as plain CloudFormation resources: each is the baseline with one
// thing changed, or a few.
import { NGINX, PlainResource, Properties, att, ref, sub } from './baseline';
import {
  Change,
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
import { Case, inContainers, onInstances, template } from './stacks';

const SIGNED = 'django.contrib.sessions.backends.signed_cookies';
const ENGINE = "SESSION_ENGINE = 'django.contrib.sessions.backends.cache'";

const frontEndCaching: Case[] = [
  onInstances(
    'CloudFront with CachingOptimized',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: OPTIMIZED }),
  ),
  inContainers(
    'CloudFront with CachingOptimized',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: OPTIMIZED }),
  ),
  onInstances(
    'CloudFront with CachingOptimizedForUncompressedObjects',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: 'b2884449-e4de-46a7-ac36-70bc7f1ddd6d' }),
  ),
  onInstances(
    'CloudFront with UseOriginCacheControlHeaders',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: '83da9c7e-98b4-4e11-a168-04f0df8e2c65' }),
  ),
  onInstances(
    'CloudFront with UseOriginCacheControlHeaders-QueryStrings',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: '4cc15a8a-d715-48a4-82b8-cc0b614638fe' }),
  ),
  onInstances(
    'CloudFront with the policy of Amplify',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: '2e54312d-136d-493c-8eb9-b001f22f67d2' }),
  ),
  onInstances(
    'CloudFront with a policy of its own that keeps pages a minute',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: ref('Policy') }),
    cachePolicy({ DefaultTTL: 60 }),
  ),
  onInstances(
    'CloudFront with a policy of its own with a least time of a second, as text',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: ref('Policy') }),
    cachePolicy({ MinTTL: '1' }),
  ),
  onInstances('CloudFront with old settings, a day by default', ['CACHE1 Cdn'], cdn(old())),
  onInstances(
    'CloudFront with old settings and a least time',
    ['CACHE1 Cdn'],
    cdn(old({ MinTTL: 1, DefaultTTL: 0 })),
  ),
  onInstances(
    'CloudFront with old settings and a default time',
    ['CACHE1 Cdn'],
    cdn(old({ MinTTL: 0, DefaultTTL: 300, MaxTTL: 600 })),
  ),
  onInstances(
    'CloudFront that caches the login page alone',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: DISABLED }, { CacheBehaviors: [behavior('/auth/*', OPTIMIZED)] }),
  ),
  onInstances(
    'CloudFront that caches a path which only begins like static media',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: DISABLED }, { CacheBehaviors: [behavior('/statistics/*', OPTIMIZED)] }),
  ),
  onInstances(
    'CloudFront that caches scripts wherever they are',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: DISABLED }, { CacheBehaviors: [behavior('*.js', OPTIMIZED)] }),
  ),
  onInstances(
    'CloudFront before the name of the dashboard',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: OPTIMIZED }, { domain: 'example.org' }),
  ),
  onInstances(
    'CloudFront before the name in capitals',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: OPTIMIZED }, { domain: 'EXAMPLE.ORG' }),
  ),
  onInstances(
    'CloudFront before the load balancer by Fn::Sub',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: OPTIMIZED }, { domain: sub('${Balancer.DNSName}') }),
  ),
  onInstances(
    'CloudFront before the load balancer by Fn::Join',
    ['CACHE1 Cdn'],
    cdn(
      { CachePolicyId: OPTIMIZED },
      { domain: { 'Fn::Join': ['', [att('Balancer', 'DNSName')]] } },
    ),
  ),
  onInstances(
    'CloudFront before a group of origins, one of them the dashboard',
    ['CACHE1 Cdn'],
    cdn(
      { CachePolicyId: OPTIMIZED, TargetOriginId: 'both' },
      {
        OriginGroups: {
          Quantity: 1,
          Items: [
            {
              Id: 'both',
              FailoverCriteria: { StatusCodes: { Quantity: 1, Items: [503] } },
              Members: { Quantity: 2, Items: [{ OriginId: 'entry' }, { OriginId: 'sorry' }] },
            },
          ],
        },
      },
    ),
  ),
  onInstances(
    'CloudFront for both names, which caches both',
    ['CACHE1 Cdn'],
    cdn({ CachePolicyId: OPTIMIZED }, { Aliases: ['example.org', 'static.example.org'] }),
  ),
];

const COMMAND =
  'apt-get install -y --no-install-recommends openstack-dashboard gunicorn nginx awscli';
const PROXY = '        proxy_pass http://unix:/run/gunicorn/dashboard.sock;\n';

const cachesOnHosts: Case[] = [
  ...Object.entries({
    'installed with apt-get': instead(COMMAND, `${COMMAND} varnish`),
    'installed on a continued line': instead(COMMAND, `${COMMAND} \\\n    varnish`),
    'installed with yum': also('yum -y install varnish\n'),
    'installed with dnf': also('dnf install -y varnish-7.5\n'),
    'started as a service': also('systemctl enable --now varnish\n'),
    'started as a service, by its whole name': also('systemctl enable --now varnish.service\n'),
    'started the old way': also('service varnish start\n'),
    'run as a daemon': also('/usr/sbin/varnishd -a :6081 -b 127.0.0.1:443\n'),
    'run in a container': also('docker run -d --net=host varnish:7.5\n'),
    'named in a list of packages': instead(COMMAND, `PACKAGES="nginx varnish"\n${COMMAND}`),
    'installed after another package is removed': also(
      'apt-get remove -y apache2; apt-get install -y varnish\n',
    ),
  }).map(([name, change]) => onInstances(`varnish ${name}`, ['CACHE2 Host'], change)),
  onInstances(
    'varnish on another machine, before the load balancer',
    ['CACHE2 Front'],
    front(
      sub('#!/bin/sh\napt-get install -y varnish\necho "backend ${Balancer.DNSName}" > /etc/b\n'),
    ),
  ),
  onInstances(
    'varnish on another machine, before the name',
    ['CACHE2 Front'],
    front('#!/bin/sh\nyum install -y varnish\nvarnishd -a :80 -b example.org:443\n'),
  ),
  onInstances(
    'varnish in a launch configuration, before the name',
    ['CACHE2 Front'],
    add({
      Front: {
        Type: 'AWS::AutoScaling::LaunchConfiguration',
        Properties: {
          ImageId: 'ami-0123456789abcdef0',
          InstanceType: 't4g.small',
          UserData: Buffer.from('#!/bin/sh\nvarnishd -a :80 -b example.org:443\n').toString(
            'base64',
          ),
        },
      },
    }),
  ),
  onInstances(
    'varnish as a package of cloud-config, before the name',
    ['CACHE2 Front'],
    front('#cloud-config\npackages:\n  - varnish\nwrite_files:\n  - content: example.org\n'),
  ),
  ...['varnish:7', 'docker.io/library/varnish', 'registry.example.org/web/varnish@sha256:1234'].map(
    (Image) =>
      inContainers(
        `an image of varnish beside the dashboard, ${Image}`,
        ['CACHE2 Task'],
        ({ Resources }) => {
          (Resources.Task.Properties.ContainerDefinitions as unknown[]).push({
            Name: 'front',
            Image,
          });
        },
      ),
  ),
  ...Object.entries({
    'proxy_cache of nginx': instead(PROXY, `        proxy_cache pages;\n${PROXY}`),
    'proxy_cache of nginx on the line of another directive': instead(
      PROXY,
      `        proxy_buffering on; proxy_cache "pages";\n${PROXY}`,
    ),
    'uwsgi_cache of nginx': instead(
      PROXY,
      '        uwsgi_cache pages;\n        uwsgi_pass dashboard;\n',
    ),
    'fastcgi_cache of nginx': instead(
      PROXY,
      '        fastcgi_cache pages;\n        fastcgi_pass dashboard;\n',
    ),
    'proxy_cache of nginx that a command puts in': also(
      "echo 'proxy_cache pages;' > /etc/nginx/conf.d/cache.conf\n",
    ),
    'a zone that the deployment names': instead(PROXY, `        proxy_cache \${Given};\n${PROXY}`),
  }).map(([name, change]) => onInstances(name, ['CACHE3 Host'], change)),
  onInstances(
    'proxy_cache of nginx on another machine, before the name',
    ['CACHE3 Front'],
    front(
      '#!/bin/sh\ncat > /etc/nginx/conf.d/a.conf <<E\nproxy_cache a;\nproxy_pass https://example.org;\nE\n',
    ),
  ),
];

const backend = (name: string): string =>
  `SESSION_ENGINE = 'django.contrib.sessions.backends.${name}'`;
const sessions: Case[] = [
  ...['file', 'db', 'cached_db'].map((name) =>
    onInstances(`sessions in ${name}`, ['SESSION1 Host'], instead(ENGINE, backend(name))),
  ),
  inContainers(
    'sessions in files',
    ['SESSION1 Task'],
    environment({ SESSION_ENGINE: 'django.contrib.sessions.backends.file' }),
  ),
  inContainers(
    'sessions in an engine that nobody knows',
    ['SESSION1 Task'],
    environment({ SESSION_ENGINE: '' }),
  ),
  onInstances(
    'signed cookies on a domain of its own',
    ['SESSION2 Host'],
    instead(ENGINE, backend('signed_cookies')),
  ),
  inContainers(
    'signed cookies on a domain of its own',
    ['SESSION2 Task'],
    environment({ SESSION_ENGINE: SIGNED }),
  ),
  inContainers(
    'signed cookies without HSTS',
    ['HTTPS7 Task', 'SESSION2 Task'],
    environment({ SESSION_ENGINE: SIGNED, HSTS_MAX_AGE: '0' }),
  ),
  inContainers(
    'sealed cookies without HSTS',
    ['HTTPS7 Task'],
    environment({ SESSION_ENGINE: 'sealed_signed_cookies', HSTS_MAX_AGE: '0' }),
  ),
  inContainers('memcached without TLS', ['SESSION3 Task'], environment({ MEMCACHED_TLS: 'false' })),
  inContainers(
    'memcached without TLS, as a number',
    ['SESSION3 Task'],
    environment({ MEMCACHED_TLS: 0 }),
  ),
  inContainers(
    'sessions in memcached as they are',
    ['SESSION7 Task'],
    environment({ MEMCACHED_SEALING: 'no' }),
  ),
  ...Object.entries({
    'that does not say so': undefined,
    'that says no': false,
    'that says no as text': 'false',
  }).map(([name, value]) =>
    onInstances(
      `a cluster without TLS, ${name}`,
      ['SESSION4 Cluster'],
      set('Cluster.TransitEncryptionEnabled', value),
    ),
  ),
  inContainers(
    'a cluster without TLS',
    ['SESSION4 Cluster'],
    set('Cluster.TransitEncryptionEnabled', false),
  ),
  onInstances('a cluster of one node', ['SESSION5 Cluster'], set('Cluster.NumCacheNodes', 1)),
  onInstances(
    'a cluster of one node, as text',
    ['SESSION5 Cluster'],
    set('Cluster.NumCacheNodes', '1'),
  ),
  onInstances('a cluster in one zone', ['SESSION5 Cluster'], set('Cluster.AZMode', 'single-az')),
  onInstances('a cluster in one zone, by default', ['SESSION5 Cluster'], set('Cluster.AZMode')),
  onInstances(
    'a cluster without security groups',
    ['SESSION6 Cluster'],
    set('Cluster.VpcSecurityGroupIds'),
  ),
  onInstances(
    'a cluster with an empty list of them',
    ['SESSION6 Cluster'],
    set('Cluster.VpcSecurityGroupIds', []),
  ),
  onInstances(
    'a cluster with the default group of the VPC',
    ['SESSION6 Cluster'],
    set('Cluster.VpcSecurityGroupIds', [att('Vpc', 'DefaultSecurityGroup')]),
  ),
  onInstances(
    'a cluster with the group of the hosts',
    ['SESSION6 Cluster'],
    set('Cluster.VpcSecurityGroupIds', [att('HostGroup', 'GroupId')]),
  ),
  onInstances(
    'a cluster with the group of the load balancer beside its own',
    ['SESSION6 Cluster'],
    set('Cluster.VpcSecurityGroupIds', [
      att('CacheGroup', 'GroupId'),
      att('EntryGroup', 'GroupId'),
    ]),
  ),
  inContainers(
    'a cluster with the group of the service',
    ['SESSION6 Cluster'],
    set('Cluster.VpcSecurityGroupIds', [ref('HostGroup')]),
  ),
  onInstances(
    'memcached open to the internet',
    ['SESSION6 Cluster'],
    openTo({ CidrIp: '0.0.0.0/0' }),
  ),
  onInstances(
    'memcached open to the internet of version 6',
    ['SESSION6 Cluster'],
    openTo({ CidrIpv6: '::/0' }),
  ),
  onInstances(
    'memcached open to the internet in the group itself',
    ['SESSION6 Cluster'],
    set('CacheGroup.SecurityGroupIngress', [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }]),
  ),
  onInstances(
    'memcached open to the VPC',
    ['SESSION6 Cluster'],
    openTo({ CidrIp: att('Vpc', 'CidrBlock') }),
  ),
  onInstances(
    'memcached open to the addresses of the VPC',
    ['SESSION6 Cluster'],
    openTo({ CidrIp: '10.0.0.0/16' }),
  ),
  onInstances(
    'memcached open to the private network',
    ['SESSION6 Cluster'],
    openTo({ CidrIp: '10.0.0.0/8' }),
  ),
  inContainers(
    'serverless memcached without a security group',
    ['SESSION6 Serverless'],
    add({
      Serverless: {
        Type: 'AWS::ElastiCache::ServerlessCache',
        Properties: { Engine: 'memcached', ServerlessCacheName: 'sessions' },
      },
    }),
    environment({ MEMCACHED_ENDPOINT: sub('${Serverless.Endpoint.Address}:11211') }),
  ),
];

const actions = (...DefaultActions: Properties[]): Change =>
  set('Http.DefaultActions', DefaultActions);
const redirect = (RedirectConfig: Properties): Properties => ({
  Type: 'redirect',
  RedirectConfig: { StatusCode: 'HTTP_301', ...RedirectConfig },
});
const listener = (id: string, more: Properties): Change =>
  add({
    [id]: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: ref('Balancer'),
        DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
        ...more,
      },
    },
  });
const ATTRIBUTE = 'routing.http.drop_invalid_header_fields.enabled';
const KEYSTONE = '"https://keystone.example.org:5000/v3"';

const https: Case[] = [
  onInstances(
    'HTTP that is forwarded to the hosts',
    ['HTTPS1 Http'],
    actions({ Type: 'forward', TargetGroupArn: ref('Targets') }),
  ),
  inContainers(
    'HTTP that is forwarded to containers',
    ['HTTPS1 Http'],
    actions({ Type: 'forward', TargetGroupArn: ref('Targets') }),
  ),
  onInstances(
    'HTTP that answers',
    ['HTTPS1 Http'],
    actions({
      Type: 'fixed-response',
      FixedResponseConfig: { StatusCode: '200', MessageBody: 'use https' },
    }),
  ),
  onInstances(
    'HTTP that is redirected to HTTP',
    ['HTTPS1 Http'],
    actions(redirect({ Protocol: 'HTTP', Port: '8080' })),
  ),
  onInstances(
    'HTTP that is redirected to the protocol it came with',
    ['HTTPS1 Http'],
    actions(redirect({ Host: 'example.org' })),
  ),
  onInstances(
    'HTTP that is redirected by weights',
    ['HTTPS1 Http'],
    actions({
      Type: 'forward',
      ForwardConfig: { TargetGroups: [{ TargetGroupArn: ref('Targets'), Weight: 1 }] },
    }),
  ),
  onInstances(
    'another port with HTTP',
    ['HTTPS1 Http8080'],
    listener('Http8080', { Port: 8080, Protocol: 'HTTP' }),
  ),
  onInstances(
    'a rule of the HTTP listener that forwards',
    ['HTTPS1 HttpRule'],
    add({
      HttpRule: {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
        Properties: {
          ListenerArn: ref('Http'),
          Priority: 1,
          Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/auth/*'] } }],
          Actions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
        },
      },
    }),
  ),
  ...[
    undefined,
    'ELBSecurityPolicy-2016-08',
    'ELBSecurityPolicy-TLS-1-0-2015-04',
    'ELBSecurityPolicy-TLS-1-1-2017-01',
    'ELBSecurityPolicy-FS-2018-06',
    'ELBSecurityPolicy-FS-1-1-2019-08',
    'ELBSecurityPolicy-TLS13-1-0-2021-06',
    'ELBSecurityPolicy-TLS13-1-1-2021-06',
  ].map((policy) =>
    onInstances(
      `TLS of ${policy ?? 'no policy'}`,
      ['HTTPS2 Https'],
      set('Https.SslPolicy', policy),
    ),
  ),
  onInstances(
    'another port with an old TLS',
    ['HTTPS2 Https8443'],
    listener('Https8443', {
      Port: 8443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: ref('Certificate') }],
    }),
  ),
  onInstances(
    'header fields with any name',
    ['HTTPS3 Balancer'],
    set('Balancer.LoadBalancerAttributes'),
  ),
  onInstances(
    'header fields with any name, said so',
    ['HTTPS3 Balancer'],
    set('Balancer.LoadBalancerAttributes', [{ Key: ATTRIBUTE, Value: 'false' }]),
  ),
  inContainers(
    'header fields with any name among other attributes',
    ['HTTPS3 Balancer'],
    set('Balancer.LoadBalancerAttributes', [{ Key: 'idle_timeout.timeout_seconds', Value: '60' }]),
  ),
  onInstances(
    'HTTP between load balancer and hosts',
    ['HTTPS4 Targets'],
    set('Targets.Protocol', 'HTTP'),
  ),
  inContainers(
    'HTTP between load balancer and containers',
    ['HTTPS4 Targets'],
    set('Targets.Protocol', 'HTTP'),
  ),
  onInstances(
    'Keystone over HTTP',
    ['HTTPS5 Host'],
    instead(KEYSTONE, '"http://keystone.example.org:5000/v3"'),
  ),
  onInstances(
    'Keystone over HTTP at an address of the deployment',
    ['HTTPS5 Host'],
    instead(KEYSTONE, '"http://${Given}:5000/v3"'),
  ),
  inContainers(
    'Keystone over HTTP',
    ['HTTPS5 Task'],
    environment({ OPENSTACK_KEYSTONE_URL: 'http://10.0.0.5/v3' }),
  ),
  inContainers(
    'Keystone over HTTP at a name of the deployment',
    ['HTTPS5 Task'],
    environment({ OPENSTACK_KEYSTONE_URL: sub('http://${Given}/v3') }),
  ),
  onInstances(
    'a header that any browser can send',
    ['HTTPS6 Host'],
    instead("('HTTP_X_FORWARDED_PROTO', 'https')", "('HTTP_X_SCHEME', 'https')"),
  ),
  inContainers(
    'a header that says HTTP',
    ['HTTPS6 Task'],
    environment({ SECURE_PROXY_SSL_HEADER: 'HTTP_X_FORWARDED_PROTO,http' }),
  ),
];

/** The same setting, wrong, on instances and in containers. */
const setting = (
  id: string,
  name: string,
  python: [from: string, to: string] | undefined,
  ...values: unknown[]
): Case[] => [
  ...(python ? [onInstances(`${python[1].trim()}`, [`${id} Host`], instead(...python))] : []),
  ...values.map((value) =>
    inContainers(
      `${name}=${JSON.stringify(value)}`,
      [`${id} Task`],
      environment({ [name]: value }),
    ),
  ),
];

const no = (name: string): [string, string] => [`\n${name} = True\n`, `\n${name} = False\n`];
const HOSTS = "ALLOWED_HOSTS = ['example.org']";

const settings: Case[] = [
  ...setting('SETTINGS1', 'DEBUG', ['DEBUG = False', 'DEBUG = True'], 'True', '1', true),
  ...setting(
    'SETTINGS2',
    'ALLOWED_HOSTS',
    [HOSTS, 'ALLOWED_HOSTS = []'],
    '',
    'horizon',
    'example.org,10.0.0.1',
    'example.org,localhost',
  ),
  ...setting(
    'SETTINGS3',
    'ALLOWED_HOSTS',
    [HOSTS, "ALLOWED_HOSTS = ['*']"],
    '*',
    '.example.org',
    sub('*.${Given}'),
  ),
  onInstances(
    'a wildcard among names over several lines',
    ['SETTINGS3 Host'],
    instead(HOSTS, "ALLOWED_HOSTS = [\n    'example.org',\n    '*',  # for now\n]"),
  ),
  ...setting('SETTINGS4', 'SESSION_COOKIE_SECURE', no('SESSION_COOKIE_SECURE'), 'false', ''),
  ...setting('SETTINGS5', 'CSRF_COOKIE_SECURE', no('CSRF_COOKIE_SECURE'), 'false', 0),
  ...setting('SETTINGS6', 'SESSION_COOKIE_HTTPONLY', no('SESSION_COOKIE_HTTPONLY'), 'false'),
  ...setting('SETTINGS7', 'DISALLOW_IFRAME_EMBED', no('DISALLOW_IFRAME_EMBED'), 'false'),
  ...setting('SETTINGS8', 'COMPRESS_OFFLINE', no('COMPRESS_OFFLINE'), 'false'),
  ...setting('SETTINGS9', 'ENFORCE_PASSWORD_CHECK', no('ENFORCE_PASSWORD_CHECK'), 'off'),
  ...setting('SETTINGS10', 'DISABLE_PASSWORD_REVEAL', undefined, 'false', false),
  ...setting('SETTINGS11', 'PASSWORD_AUTOCOMPLETE', undefined, 'on', 'true'),
  ...setting(
    'SETTINGS12',
    'PASSWORD_VALIDATOR_REGEX',
    undefined,
    '.*',
    '.+',
    '^.*$',
    '',
    '[\\s\\S]+',
  ),
  ...setting(
    'SETTINGS13',
    'HORIZON_IMAGES_UPLOAD_MODE',
    ["UPLOAD_MODE = 'off'", "UPLOAD_MODE = 'legacy'"],
    'direct',
  ),
  onInstances(
    'DEBUG in a file of systemd',
    ['SETTINGS1 Host'],
    also('cat > /etc/dashboard.env <<E\nDEBUG="true"\nE\n'),
  ),
  onInstances('DEBUG that is exported', ['SETTINGS1 Host'], also('export DEBUG=True\n')),
];

const KEY = "SECRET_KEY = open('/run/dashboard/secret-key').read()";

const secrets: Case[] = [
  onInstances(
    'a secret of 32 characters, by default',
    ['SECRET1 Key'],
    set('Key.GenerateSecretString', {}),
  ),
  onInstances(
    'a secret of 50 characters',
    ['SECRET1 Key'],
    set('Key.GenerateSecretString.PasswordLength', 50),
  ),
  onInstances(
    'a secret of 63 characters, as text',
    ['SECRET1 Key'],
    set('Key.GenerateSecretString.PasswordLength', '63'),
  ),
  onInstances('a secret without a value', ['SECRET1 Key'], set('Key.GenerateSecretString')),
  onInstances(
    'a secret in the template',
    ['SECRET2 Key'],
    set('Key.GenerateSecretString'),
    set('Key.SecretString', 'correct horse battery staple'),
  ),
  onInstances(
    'a secret in a parameter',
    ['SECRET2 Key'],
    set('Key.GenerateSecretString'),
    set('Key.SecretString', ref('Given')),
  ),
  onInstances(
    'a secret made of a parameter',
    ['SECRET2 Key'],
    set('Key.GenerateSecretString'),
    set('Key.SecretString', sub('prefix-${Given}')),
  ),
  onInstances(
    'the key in local_settings.py',
    ['SECRET3 Host'],
    instead(KEY, "SECRET_KEY = 'correct horse battery staple'"),
  ),
  onInstances(
    'the key of a parameter in local_settings.py',
    ['SECRET3 Host'],
    instead(KEY, "SECRET_KEY = '${Given}'"),
  ),
  inContainers(
    'the key in the environment',
    ['SECRET3 Task'],
    environment({ SECRET_KEY: 'correct horse battery' }),
  ),
  inContainers(
    'the key of a parameter in the environment',
    ['SECRET3 Task'],
    environment({ SECRET_KEY: ref('Given') }),
  ),
  inContainers(
    'the key as a dynamic reference',
    ['SECRET3 Task'],
    environment({ SECRET_KEY: '{{resolve:secretsmanager:horizon/secret-key}}' }),
  ),
  inContainers(
    'former keys in the environment',
    ['SECRET3 Task'],
    environment({ SECRET_KEY_FALLBACKS: 'the former key' }),
  ),
];

const metadata = 'Host.LaunchTemplateData.MetadataOptions';
const hosts: Case[] = [
  onInstances('metadata without a token, by default', ['HOST1 Host'], set(metadata)),
  onInstances(
    'metadata without a token, said so',
    ['HOST1 Host'],
    set(`${metadata}.HttpTokens`, 'optional'),
  ),
];

const several: Case[] = [
  onInstances(
    'the settings of a first try',
    ['HTTPS5 Host', 'SETTINGS1 Host', 'SETTINGS3 Host', 'SETTINGS4 Host'],
    instead('DEBUG = False', 'DEBUG = True'),
    instead(HOSTS, "ALLOWED_HOSTS = ['*']"),
    instead(KEYSTONE, '"http://controller:5000/v3"'),
    instead('SESSION_COOKIE_SECURE = True', 'SESSION_COOKIE_SECURE = False'),
  ),
  onInstances(
    'a cluster for everybody, in plain text',
    ['SESSION4 Cluster', 'SESSION5 Cluster', 'SESSION6 Cluster'],
    set('Cluster.TransitEncryptionEnabled'),
    set('Cluster.NumCacheNodes', 1),
    set('Cluster.AZMode'),
    openTo({ CidrIp: '0.0.0.0/0' }),
  ),
  onInstances(
    'no TLS but on the way in',
    ['HTTPS1 Http', 'HTTPS4 Targets', 'SESSION4 Cluster'],
    actions({ Type: 'forward', TargetGroupArn: ref('Targets') }),
    set('Targets.Protocol', 'HTTP'),
    set('Cluster.TransitEncryptionEnabled', false),
  ),
  onInstances(
    'three caches, one before the other',
    ['CACHE1 Cdn', 'CACHE2 Host', 'CACHE3 Host'],
    cdn({ CachePolicyId: OPTIMIZED }),
    instead(COMMAND, `${COMMAND} varnish`),
    instead(NGINX.split('\n')[3], 'proxy_cache pages;'),
  ),
  inContainers(
    'signed cookies on a name below the domain of others, without HSTS',
    ['DOMAIN1 Task', 'HTTPS7 Task', 'SESSION2 Task', 'SESSION8 Task'],
    environment({
      SESSION_ENGINE: SIGNED,
      ALLOWED_HOSTS: 'example.org,cloud.example.co.uk',
      HSTS_MAX_AGE: '0',
    }),
  ),
  inContainers('two dashboards, one of them wrong', ['SETTINGS1 Second'], ({ Resources }) => {
    const Second = structuredClone(Resources.Task);
    const [{ Environment }] = Second.Properties.ContainerDefinitions as {
      Environment: Properties[];
    }[];
    Environment.find(({ Name }) => Name === 'DEBUG')!.Value = 'true';
    Resources.Second = Second;
  }),
];

const REPOSITORY = 'https://tarballs.opendev.org/openstack/openstack-helm';
const chart = (config: Properties, horizon: Properties = {}): Record<string, PlainResource> => ({
  Chart: {
    Type: 'Custom::AWSCDK-EKS-HelmChart',
    Properties: {
      Chart: 'horizon',
      Repository: REPOSITORY,
      Values: JSON.stringify({ conf: { horizon: { local_settings: { config }, ...horizon } } }),
    },
  },
});

const deployed: Case[] = [
  template(
    "openstack-helm's chart as it comes",
    ['HTTPS13 Chart', 'SECRET3 Chart', 'SETTINGS3 Chart', 'SETTINGS4 Chart', 'SETTINGS5 Chart'],
    chart({
      horizon_secret_key: '9aee62c0-5253-4a86-b189-e0fb71fa503c',
      csrf_cookie_secure: 'False',
      session_cookie_secure: 'False',
      ssl_no_verify: 'True',
      allowed_hosts: ['*'],
    }),
  ),
  template(
    "openstack-helm's chart with threads of Apache",
    ['PROXY8 Chart'],
    chart({}, { apache: 'WSGIDaemonProcess horizon-http processes=1 threads=10 user=horizon\n' }),
  ),
  onInstances(
    'WebSSO that believes the Referer header, and settings for everybody',
    ['SETTINGS16 Host', 'SETTINGS17 Host'],
    instead(
      'DEBUG = False',
      "DEBUG = False\nWEBSSO_ENABLED = True\nREST_API_ADDITIONAL_SETTINGS = ['SECRET_KEY']",
    ),
  ),
  onInstances(
    'WebSSO that sends browsers to an address without TLS, and to none at all',
    ['HTTPS17 Host', 'SETTINGS18 Host'],
    instead(
      'DEBUG = False',
      "DEBUG = False\nWEBSSO_DEFAULT_REDIRECT = True\nWEBSSO_KEYSTONE_URL = 'http://keystone.example.org/v3'",
    ),
  ),
  onInstances(
    'hosts that are replaced when the login page is slow',
    ['HOST2 Targets'],
    set('Targets.HealthCheckPath', '/auth/login/'),
    set('Group.HealthCheckType', 'ELB'),
  ),
];

export const PLAIN: readonly Case[] = [
  ...deployed,
  ...frontEndCaching,
  ...cachesOnHosts,
  ...sessions,
  ...https,
  ...settings,
  ...secrets,
  ...hosts,
  ...several,
];
