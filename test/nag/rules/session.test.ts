import {
  CHOICE,
  Resources,
  UNKNOWN,
  att,
  dashboard,
  either,
  findings,
  having,
  ref,
  report,
  rule,
  undecided,
  withoutDashboard,
} from '../fixtures';

const set = (environment: Record<string, unknown>): Resources => dashboard({ environment });
const engine = (name: unknown): Resources => set({ SESSION_ENGINE: name });
const backend = (name: string): string => `django.contrib.sessions.backends.${name}`;

rule('SESSION1', {
  on: 'Host',
  compliant: {
    'the cache': engine(backend('cache')),
    'signed cookies': engine(backend('signed_cookies')),
    'sealed cookies': engine('sealed_signed_cookies'),
  },
  wrong: {
    files: engine(backend('file')),
    'a database': engine(backend('db')),
    'a database behind a cache': engine(backend('cached_db')),
    'something else': engine('mysessions.local'),
    'no engine at all': engine(undefined),
  },
  notApplicable: { 'a host of something else': withoutDashboard(dashboard()) },
  unknown: { 'a reference to nothing': engine({ Ref: 'Nothing' }) },
  undecided: {
    'a parameter': engine(ref('Given')),
    'a choice': engine(CHOICE),
    'a dynamic reference': engine('{{resolve:ssm:/dashboard/engine}}'),
    'what a script computes': dashboard({ script: 'SESSION_ENGINE="$(engine)"\n' }),
  },
});

rule('SESSION2', {
  on: 'Host',
  compliant: {
    'the cache': engine(backend('cache')),
    'sealed cookies': engine('sealed_signed_cookies'),
  },
  wrong: { 'signed cookies': engine(backend('signed_cookies')) },
  notApplicable: { 'a host of something else': withoutDashboard(dashboard()) },
  unknown: { 'a parameter': engine(ref('Given')) },
});

rule('SESSION3', {
  on: 'Host',
  compliant: {
    TLS: dashboard(),
    'signed cookies without memcached': set({
      SESSION_ENGINE: backend('signed_cookies'),
      MEMCACHED_ENDPOINT: undefined,
      MEMCACHED_TLS: 'false',
    }),
  },
  wrong: {
    'no TLS': set({ MEMCACHED_TLS: 'false' }),
    'a boolean': set({ MEMCACHED_TLS: false }),
    'no TLS to the cache beside signed cookies': set({
      SESSION_ENGINE: backend('signed_cookies'),
      MEMCACHED_TLS: 'false',
    }),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(dashboard()),
    'nothing said, which the hosts take for true': set({ MEMCACHED_TLS: undefined }),
  },
  unknown: { 'a parameter': set({ MEMCACHED_TLS: ref('Given') }) },
});

test('SESSION3 checks servers that are not in the template', () => {
  const servers = { MEMCACHED_ENDPOINT: '10.0.0.5:11211,10.0.0.6:11211', MEMCACHED_TLS: 'false' };
  expect(findings(set(servers))).toEqual(['SESSION3 Host']);
});

const cluster = (properties: Record<string, unknown>): Resources => having('Cluster', properties);

rule('SESSION4', {
  on: 'Cluster',
  compliant: { encryption: dashboard(), 'a string': cluster({ TransitEncryptionEnabled: 'true' }) },
  wrong: {
    'no encryption': cluster({ TransitEncryptionEnabled: false }),
    'nothing said': cluster({ TransitEncryptionEnabled: undefined }),
    'a value left out': cluster({ TransitEncryptionEnabled: ref('AWS::NoValue') }),
  },
  notApplicable: {
    "somebody else's cluster": dashboard({
      environment: { MEMCACHED_ENDPOINT: 'cache.example.org:11211' },
      properties: { Cluster: { TransitEncryptionEnabled: false } },
    }),
    'Redis that is for something else': dashboard({
      environment: {
        MEMCACHED_ENDPOINT: undefined,
        OTHER: att('Cluster', 'RedisEndpoint.Address'),
      },
      properties: { Cluster: { Engine: 'redis', TransitEncryptionEnabled: false } },
    }),
    'an app without a dashboard': withoutDashboard(cluster({ TransitEncryptionEnabled: false })),
  },
  unknown: { 'an import': cluster({ TransitEncryptionEnabled: UNKNOWN }) },
  undecided: { 'a parameter': cluster({ TransitEncryptionEnabled: ref('Given') }) },
});

/** Sessions in a replication group of Redis or Valkey. */
const group = (properties: Record<string, unknown>, setting = 'MEMCACHED_ENDPOINT'): Resources =>
  dashboard({
    environment: {
      MEMCACHED_ENDPOINT: undefined,
      [setting]: att('Redis', 'PrimaryEndPoint.Address'),
    },
    more: {
      Redis: {
        Type: 'AWS::ElastiCache::ReplicationGroup',
        Properties: {
          Engine: 'valkey',
          TransitEncryptionEnabled: true,
          MultiAZEnabled: true,
          SecurityGroupIds: [att('CacheGroup', 'GroupId')],
          ...properties,
        },
      },
    },
  });

test.each<[string, Record<string, unknown>, string[]]>([
  ['is right', {}, []],
  ['is not encrypted', { TransitEncryptionEnabled: false }, ['SESSION4 Redis']],
  [
    'is not encrypted in one branch',
    { TransitEncryptionEnabled: either(true, false) },
    ['SESSION4 Redis'],
  ],
  ['stands in one zone', { MultiAZEnabled: undefined }, ['SESSION5 Redis']],
  ['has no group', { SecurityGroupIds: undefined }, ['SESSION6 Redis']],
])('a replication group for sessions %s', (_name, properties, expected) => {
  expect(findings(group(properties))).toEqual(expected);
  // The same one that the dashboard has for something else.
  expect(findings(group(properties, 'OTHER_ENDPOINT'))).toEqual([]);
});

test('a replication group is found in the CACHES of Python', () => {
  const resources = group({ TransitEncryptionEnabled: false }, 'OTHER_ENDPOINT');
  const caches = (name: string): Resources => ({
    ...resources,
    ...dashboard({
      more: { Redis: resources.Redis },
      environment: { MEMCACHED_ENDPOINT: undefined },
      script: {
        'Fn::Join': [
          '',
          [
            `${name} = {\n  'default': {\n    'BACKEND': 'django.core.cache.backends.redis.RedisCache',\n    'LOCATION': 'rediss://`,
            att('Redis', 'PrimaryEndPoint.Address'),
            "',\n  },\n}\n",
          ],
        ],
      },
    }),
  });
  expect(findings(caches('CACHES'))).toEqual(['SESSION4 Redis']);
  expect(findings(caches('CHANNEL_LAYERS'))).toEqual([]);
});

test('a cluster is found by its configured name if no dashboard refers to it', () => {
  const { Cluster } = cluster({ ClusterName: 'Sessions', TransitEncryptionEnabled: false });
  Cluster.Properties!.VpcSecurityGroupIds = ['sg-1234'];
  expect(findings({ Cluster })).toEqual([]);
  expect(findings({ Cluster }, { memcachedClusterNames: ['sessions'] })).toEqual([
    'SESSION4 Cluster',
  ]);
});

test('a cluster is found through the user data alone', () => {
  const resources = dashboard({
    environment: { MEMCACHED_ENDPOINT: undefined },
    script: { 'Fn::Sub': 'MEMCACHED=${Cluster.ConfigurationEndpoint.Address}\n' },
    properties: { Cluster: { TransitEncryptionEnabled: false } },
  });
  expect(findings(resources)).toEqual(['SESSION4 Cluster']);
});

rule('SESSION5', {
  on: 'Cluster',
  compliant: { 'two nodes in two zones': dashboard(), three: cluster({ NumCacheNodes: '3' }) },
  wrong: {
    'one node': cluster({ NumCacheNodes: 1 }),
    'one zone': cluster({ AZMode: 'single-az' }),
    'the default of one zone': cluster({ AZMode: undefined }),
  },
  notApplicable: { 'an app without a dashboard': withoutDashboard(cluster({ NumCacheNodes: 1 })) },
  unknown: { imports: cluster({ NumCacheNodes: UNKNOWN, AZMode: UNKNOWN }) },
  undecided: { parameters: cluster({ NumCacheNodes: ref('Given'), AZMode: CHOICE }) },
});

const ingress = (properties: Record<string, unknown>): Resources =>
  dashboard({
    more: {
      More: {
        Type: 'AWS::EC2::SecurityGroupIngress',
        Properties: { GroupId: att('CacheGroup', 'GroupId'), IpProtocol: 'tcp', ...properties },
      },
    },
  });
const inline = (rule: unknown): Resources => having('CacheGroup', { SecurityGroupIngress: rule });

rule('SESSION6', {
  on: 'Cluster',
  compliant: {
    'ingress from the hosts': dashboard(),
    'ingress from a subnet': inline([{ CidrIp: '10.0.4.0/24', IpProtocol: 'tcp' }]),
    'ingress from a part of the IPv6 block': dashboard({
      more: {
        ...ingress({ CidrIpv6: '2001:db8:0:ff01::/64' }),
        Six: {
          Type: 'AWS::EC2::VPCCidrBlock',
          Properties: { VpcId: ref('Vpc'), Ipv6CidrBlock: '2001:db8:0:ff00::/56' },
        },
      },
    }),
    'ingress to another group': ingress({
      GroupId: att('HostGroup', 'GroupId'),
      CidrIp: '0.0.0.0/0',
    }),
  },
  wrong: {
    'ingress from everywhere': inline([{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp' }]),
    'ingress from everywhere over IPv6': inline([{ CidrIpv6: '::/0', IpProtocol: 'tcp' }]),
    'ingress from everywhere in a resource of its own': ingress({ CidrIp: '0.0.0.0/0' }),
    'ingress from the VPC': ingress({ CidrIp: att('Vpc', 'CidrBlock') }),
    "ingress from the VPC's block": ingress({ CidrIp: '10.0.0.0/16' }),
    'ingress from a wider block': ingress({ CidrIp: '10.0.0.0/8' }),
    'ingress by the id that a Ref gives': ingress({
      GroupId: ref('CacheGroup'),
      CidrIp: '0.0.0.0/0',
    }),
    'no group': cluster({ VpcSecurityGroupIds: undefined }),
    'the default group of the VPC': cluster({
      VpcSecurityGroupIds: [att('Vpc', 'DefaultSecurityGroup')],
    }),
    'the group of the hosts': cluster({ VpcSecurityGroupIds: [att('HostGroup', 'GroupId')] }),
    'ingress from the default group': ingress({
      SourceSecurityGroupId: att('Vpc', 'DefaultSecurityGroup'),
    }),
    'ingress from the load balancer': dashboard({
      properties: { Balancer: { SecurityGroups: [att('EntryGroup', 'GroupId')] } },
      more: {
        ...ingress({ SourceSecurityGroupId: att('EntryGroup', 'GroupId') }),
        EntryGroup: {
          Type: 'AWS::EC2::SecurityGroup',
          Properties: { GroupDescription: 'entry', VpcId: ref('Vpc') },
        },
      },
    }),
    "ingress from the VPC's IPv6 block": ingress({
      CidrIpv6: { 'Fn::Select': [0, att('Vpc', 'Ipv6CidrBlocks')] },
    }),
    'ingress from a block around that of the VPC': dashboard({
      more: {
        ...ingress({ CidrIpv6: '2001:db8::/32' }),
        Six: {
          Type: 'AWS::EC2::VPCCidrBlock',
          Properties: { VpcId: ref('Vpc'), Ipv6CidrBlock: '2001:db8:0:ff00::/56' },
        },
      },
    }),
    'ingress from a list of prefixes': dashboard({
      more: {
        ...ingress({ SourcePrefixListId: att('List', 'PrefixListId') }),
        List: {
          Type: 'AWS::EC2::PrefixList',
          Properties: { Entries: [{ Cidr: '192.0.2.0/24' }, { Cidr: '0.0.0.0/0' }] },
        },
      },
    }),
    'ingress from everywhere in one branch': inline([
      { CidrIp: either('10.0.4.0/24', '0.0.0.0/0'), IpProtocol: 'tcp' },
    ]),
    'ingress from a mapped block': dashboard({
      more: ingress({ CidrIp: { 'Fn::Select': ['1', ['10.0.4.0/24', '10.0.0.0/15']] } }),
    }),
  },
  notApplicable: {
    'an app without a dashboard': withoutDashboard(cluster({ VpcSecurityGroupIds: undefined })),
  },
  unknown: { 'a VPC and a group made elsewhere': having('CacheGroup', { VpcId: UNKNOWN }) },
  undecided: {
    'a list of prefixes made elsewhere': ingress({ SourcePrefixListId: 'pl-1234' }),
    'a group made elsewhere': cluster({ VpcSecurityGroupIds: [UNKNOWN] }),
    'a list made elsewhere': cluster({ VpcSecurityGroupIds: CHOICE }),
    'a block of the deployment': ingress({ CidrIp: ref('Given') }),
    'rules that a condition chooses': inline(CHOICE),
    'a VPC made elsewhere': dashboard({
      properties: {
        CacheGroup: { VpcId: 'vpc-1', SecurityGroupIngress: [{ CidrIp: '10.0.0.0/16' }] },
      },
    }),
  },
});

test('SESSION6 checks serverless memcached, too', () => {
  const resources = dashboard({
    environment: {
      MEMCACHED_ENDPOINT: {
        'Fn::Join': ['', [att('Serverless', 'Endpoint.Address'), ':11211']],
      },
    },
    more: {
      Serverless: {
        Type: 'AWS::ElastiCache::ServerlessCache',
        Properties: { Engine: 'memcached', ServerlessCacheName: 'sessions' },
      },
    },
  });
  expect(findings(resources)).toEqual(['SESSION6 Serverless']);
});

rule('SESSION7', {
  on: 'Host',
  compliant: { sealing: set({ MEMCACHED_SEALING: 'true' }) },
  wrong: {
    'no sealing': set({ MEMCACHED_SEALING: 'false' }),
    'a boolean': set({ MEMCACHED_SEALING: false }),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(dashboard()),
    'nothing said, which the hosts take for true': dashboard(),
  },
  unknown: { 'a parameter': set({ MEMCACHED_SEALING: ref('Given') }) },
});

const cookiesOn = (names: unknown, name = backend('signed_cookies')): Resources =>
  set({ SESSION_ENGINE: name, ALLOWED_HOSTS: names });

rule('SESSION8', {
  on: 'Host',
  compliant: {
    'memcached on a subdomain': dashboard(),
    'sealed cookies on a subdomain': cookiesOn('cloud.example.org', 'sealed_signed_cookies'),
    'a second-level domain': cookiesOn('example.org'),
    'a domain of a country registry': cookiesOn('Example.co.uk, example.org'),
  },
  wrong: {
    'a subdomain': cookiesOn('cloud.example.org'),
    'a subdomain of a country registry': cookiesOn('dashboard.example.co.uk'),
    'a subdomain among the names': cookiesOn('example.org,horizon.cloud.example.org'),
    'a subdomain beside a name of the deployment': cookiesOn({
      'Fn::Join': [',', ['cloud.example.org', ref('Given')]],
    }),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(dashboard()),
    'no names said': cookiesOn(undefined),
  },
  unknown: {
    'a parameter': cookiesOn(ref('Given')),
    'a subdomain of a parameter': cookiesOn({ 'Fn::Sub': 'dashboard.${Given}' }),
    'an engine of the deployment': cookiesOn('cloud.example.org', ref('Given') as string),
  },
});

const hsts = (age: string, name: unknown = backend('signed_cookies')): Resources => {
  const script = `HSTS_MAX_AGE="${age}"\n`;
  const environment = { SESSION_ENGINE: name, ALLOWED_HOSTS: 'example.org' };
  return dashboard({ environment, script: { 'Fn::Sub': `${script}SESSION_ENGINE="${name}"\n` } });
};

rule('SESSION9', {
  on: 'Host',
  compliant: {
    'a year': hsts('31536000'),
    'the first step': hsts('300'),
    'none with memcached': hsts('0', backend('cache')),
  },
  wrong: {
    none: hsts('0'),
    'an empty value': hsts(''),
    'none with sealed cookies': hsts('0', 'sealed_signed_cookies'),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(hsts('0')),
    'a host that is not told': cookiesOn('example.org'),
  },
  unknown: { 'a parameter': hsts('${Given}') },
});

const caches = (text: string, environment: Record<string, unknown> = {}): Resources =>
  dashboard({ script: text, environment });
const cachesOf = (backend: string): string =>
  `CACHES = {\n    'default': {\n        'BACKEND': '${backend}',\n    },\n}\n`;
const BACKENDS = 'django.core.cache.backends';

rule('SESSION10', {
  on: 'Host',
  compliant: {
    memcached: caches(cachesOf(`${BACKENDS}.memcached.PyMemcacheCache`)),
    'memory for something else': caches(
      `CACHES = {'default': {'BACKEND': '${BACKENDS}.memcached.PyMemcacheCache'},` +
        ` 'local': {'BACKEND': '${BACKENDS}.locmem.LocMemCache'}}\n`,
    ),
  },
  wrong: {
    'local memory': caches(cachesOf(`${BACKENDS}.locmem.LocMemCache`)),
    'no cache': caches(cachesOf(`${BACKENDS}.dummy.DummyCache`)),
    files: caches(`CACHES["default"]["BACKEND"] = "${BACKENDS}.filebased.FileBasedCache"\n`),
    'a cache of their own': caches(
      `SESSION_CACHE_ALIAS = 'sessions'\nCACHES = {'sessions': dict(a=1)}\n` +
        `CACHES['sessions'] = {'BACKEND': '${BACKENDS}.locmem.LocMemCache'}\n`,
    ),
    'local memory among extra settings': caches('', {
      EXTRA_SETTINGS: `{'CACHES': {'default': {'BACKEND': '${BACKENDS}.locmem.LocMemCache'}}}`,
    }),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(
      caches(cachesOf(`${BACKENDS}.locmem.LocMemCache`)),
    ),
    'sessions in cookies': caches(
      `${cachesOf(`${BACKENDS}.locmem.LocMemCache`)}SESSION_ENGINE = '${backend('signed_cookies')}'\n`,
    ),
    'caches that nobody says': dashboard(),
  },
  unknown: { 'an expression': caches('CACHES = make_caches()\n') },
  undecided: {
    'a back end of the environment': caches(
      "CACHES = {'default': {'BACKEND': os.environ['CACHE_BACKEND']}}\n",
    ),
  },
});

test('a finding names the branch that is wrong', () => {
  const { violations } = report(engine(either(backend('file'), backend('cache'))));
  expect(violations.map(({ description }) => description)).toEqual([
    'SESSION_ENGINE is neither the cache back end nor a signed cookie back end. This applies where Production is true.',
  ]);
  expect(undecided(engine(either(backend('file'), UNKNOWN)))).toEqual(['SESSION2 Host']);
  expect(findings(engine(either(backend('cache'), UNKNOWN)))).toEqual([]);
  expect(undecided(engine(either(backend('cache'), UNKNOWN)))).toEqual([
    'SESSION1 Host',
    'SESSION2 Host',
  ]);
});
