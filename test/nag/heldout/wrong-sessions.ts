import { App, Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as memorydb from 'aws-cdk-lib/aws-memorydb';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import {
  add,
  Dashboard,
  ENV,
  HeldOut,
  hostScript,
  HostOptions,
  instance,
  onFargate,
  onHosts,
  PLAIN_STATICS,
  settings,
  site,
  TaskOptions,
} from './kit';

const hosts = (
  name: string,
  mechanism: string,
  wants: string[],
  parts: HostOptions,
  then?: (dashboard: Dashboard, stack: Stack) => void,
): HeldOut => ({
  name: `session: ${name}`,
  mechanism,
  wants,
  build: (stack) => {
    const dashboard = onHosts(stack, parts);
    then?.(dashboard, stack);
  },
});
const tasks = (name: string, mechanism: string, wants: string[], parts: TaskOptions): HeldOut => ({
  name: `session: ${name}`,
  mechanism,
  wants,
  build: (stack) => void onFargate(stack, parts),
});
const open = (
  name: string,
  mechanism: string,
  change: (dashboard: Dashboard, stack: Stack) => void,
): HeldOut => ({
  name: `cache group: ${name}`,
  mechanism,
  wants: ['SESSION6'],
  build: (stack) => change(onHosts(stack), stack),
});

const caches = (text: string): HostOptions => ({
  settings: (cache) =>
    settings(cache).replace(/CACHES = \{[^]*?\n\}\n/, `${text.replace('@CACHE@', cache)}\n`),
});
const redis = (location: string, options = '') =>
  `CACHES = {\n    'default': {\n        'BACKEND': 'django_redis.cache.RedisCache',\n        'LOCATION': '${location}',\n        ${options}\n    },\n}`;

function replication(
  stack: Stack,
  { vpc, hosts: group }: Dashboard,
  props: Partial<elasticache.CfnReplicationGroupProps>,
) {
  const own = new ec2.SecurityGroup(stack, 'RedisGroup', { vpc, allowAllOutbound: false });
  own.addIngressRule(group, ec2.Port.tcp(6379));
  return new elasticache.CfnReplicationGroup(stack, 'Redis', {
    replicationGroupDescription: 'sessions',
    engine: 'valkey',
    cacheNodeType: 'cache.t4g.small',
    numCacheClusters: 2,
    automaticFailoverEnabled: true,
    multiAzEnabled: true,
    transitEncryptionEnabled: true,
    atRestEncryptionEnabled: true,
    cacheSubnetGroupName: new elasticache.CfnSubnetGroup(stack, 'RedisSubnets', {
      description: 'sessions',
      subnetIds: vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
    }).ref,
    securityGroupIds: [own.securityGroupId],
    ...props,
  });
}

/** A dashboard on hosts whose sessions are in a replication group. */
const onRedis = (
  name: string,
  mechanism: string,
  wants: string[],
  scheme: string,
  props: Partial<elasticache.CfnReplicationGroupProps>,
): HeldOut => ({
  name: `session: ${name}`,
  mechanism,
  wants,
  build: (stack) => {
    const dashboard = onHosts(stack);
    const group = replication(stack, dashboard, props);
    dashboard.template.userData?.addCommands(
      add(redis(`${scheme}://${group.attrPrimaryEndPointAddress}:6379/1`)),
    );
  },
});

/** A stack with a cluster that does not encrypt. */
function elsewhere(app: App) {
  const data = new Stack(app, 'Data', { env: ENV });
  const cache = new elasticache.CfnCacheCluster(data, 'Sessions', {
    engine: 'memcached',
    cacheNodeType: 'cache.t4g.small',
    numCacheNodes: 2,
    azMode: 'cross-az',
  });
  return { data, cache };
}

export const WRONG_SESSIONS: readonly HeldOut[] = [
  tasks('the engine of the database', 'environment', ['SESSION1'], {
    environment: { SESSION_ENGINE: 'django.contrib.sessions.backends.db' },
  }),
  hosts('the engine of cache and database', 'python', ['SESSION1'], {
    then: add("SESSION_ENGINE = 'django.contrib.sessions.backends.cached_db'"),
  }),
  hosts('files in a shared folder', 'python', ['SESSION1'], {
    then: add(
      "SESSION_ENGINE = 'django.contrib.sessions.backends.file'\nSESSION_FILE_PATH = '/srv/nfs/sessions'",
    ),
  }),
  tasks('signed cookies', 'environment', ['SESSION2'], {
    environment: { SESSION_ENGINE: 'django.contrib.sessions.backends.signed_cookies' },
  }),
  hosts('signed cookies on a subdomain', 'python', ['SESSION8'], {
    settings: (cache) => settings(cache).replace("'example.org'", "'horizon.corp.example.org'"),
    then: add("SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'"),
  }),
  hosts('signed cookies without HSTS', 'python', ['SESSION9', 'HTTPS7'], {
    site: site({ server: '  client_max_body_size 10m;', statics: PLAIN_STATICS }),
    then: add("SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'"),
  }),
  hosts(
    'local memory',
    'CACHES',
    ['SESSION10'],
    caches(
      "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache', 'LOCATION': 'horizon'}}",
    ),
  ),
  hosts(
    'files of a host',
    'CACHES',
    ['SESSION10'],
    caches(
      "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.filebased.FileBasedCache', 'LOCATION': '/var/tmp/django_cache'}}",
    ),
  ),
  hosts(
    'the cache that keeps nothing',
    'CACHES',
    ['SESSION10'],
    caches("CACHES = {'default': {'BACKEND': 'django.core.cache.backends.dummy.DummyCache'}}"),
  ),
  hosts('an alias of sessions in local memory', 'SESSION_CACHE_ALIAS', ['SESSION10'], {
    then: add(
      "CACHES['sessions'] = {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}\nSESSION_CACHE_ALIAS = 'sessions'",
    ),
  }),
  hosts('the back end by a subscript', "CACHES['default']['BACKEND']", ['SESSION10'], {
    then: add("CACHES['default']['BACKEND'] = 'django.core.cache.backends.locmem.LocMemCache'"),
  }),
  hosts(
    'the snippet of the guide',
    'CACHES without default',
    ['SESSION10', 'SESSION1'],
    caches(
      "CACHES = {\n    'BACKEND': 'django.core.cache.backends.memcached.MemcachedCache',\n    'LOCATION': '@CACHE@:11211',\n}",
    ),
  ),
  hosts(
    'the back end that Django removed',
    'MemcachedCache',
    ['SESSION10', 'SESSION1'],
    caches(
      "CACHES = {\n    'default': {\n        'BACKEND': 'django.core.cache.backends.memcached.MemcachedCache',\n        'LOCATION': '@CACHE@:11211',\n    },\n}",
    ),
  ),
  hosts('memcached on each host, by localhost', 'LOCATION', ['SESSION10'], {
    packages: 'openstack-dashboard nginx gunicorn memcached python3-pymemcache',
    ...caches(
      "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache', 'LOCATION': ['localhost:11211']}}",
    ),
  }),
  hosts(
    'memcached on each host, by a socket',
    'LOCATION',
    ['SESSION10'],
    caches(
      "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache', 'LOCATION': 'unix:/run/memcached/memcached.sock'}}",
    ),
  ),
  hosts(
    'memcached on each host, by IPv6',
    'LOCATION',
    ['SESSION10'],
    caches(
      "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.memcached.PyLibMCCache', 'LOCATION': '[::1]:11211'}}",
    ),
  ),
  tasks('memcached in each task', 'sidecar', ['SESSION10'], {
    environment: { MEMCACHED_ENDPOINT: '127.0.0.1:11211' },
    more: (task) =>
      void task.addContainer('memcached', {
        image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/memcached:1.6'),
      }),
    desiredCount: 3,
  }),
  hosts('no tls_context', 'OPTIONS', ['SESSION3'], {
    settings: (cache) => settings(cache).replace(/ {8}'OPTIONS'.*\n/, ''),
  }),
  hosts('other options, no tls_context', 'OPTIONS', ['SESSION3'], {
    settings: (cache) =>
      settings(cache).replace(
        /'OPTIONS'.*/,
        "'OPTIONS': {'no_delay': True, 'ignore_exc': True, 'max_pool_size': 4, 'use_pooling': True},",
      ),
  }),
  hosts('no tls_context, from the shell', 'sed d', ['SESSION3'], {
    then: "sed -i '/tls_context/d' /etc/openstack-dashboard/local_settings.py",
  }),
  tasks('TLS off', 'environment', ['SESSION3'], { environment: { MEMCACHED_TLS: 'false' } }),
  tasks('sealing off', 'environment', ['SESSION7'], {
    environment: { MEMCACHED_SEALING: 'false' },
  }),
  hosts('a cluster that does not encrypt', 'TransitEncryptionEnabled', ['SESSION4'], {
    cache: { transitEncryptionEnabled: false },
  }),
  hosts('a cluster that says nothing of encryption', 'default', ['SESSION4'], {
    cache: { transitEncryptionEnabled: undefined },
  }),
  hosts(
    'encryption taken away by an escape hatch',
    'addPropertyDeletionOverride',
    ['SESSION4'],
    {},
    ({ cache }) => cache.addPropertyDeletionOverride('TransitEncryptionEnabled'),
  ),
  hosts('one node', 'NumCacheNodes', ['SESSION5'], {
    cache: { numCacheNodes: 1, azMode: 'single-az' },
  }),
  hosts('two nodes in one zone', 'AZMode', ['SESSION5'], {
    cache: { azMode: undefined, preferredAvailabilityZone: 'eu-west-1a' },
  }),
  onRedis('Valkey without TLS', 'replication group', ['SESSION4', 'SESSION3'], 'redis', {
    transitEncryptionEnabled: false,
  }),
  onRedis(
    'Valkey that prefers TLS, reached without',
    'TransitEncryptionMode',
    ['SESSION4', 'SESSION3'],
    'redis',
    { transitEncryptionMode: 'preferred' },
  ),
  onRedis('Valkey without a replica', 'replication group', ['SESSION5'], 'rediss', {
    numCacheClusters: 1,
    automaticFailoverEnabled: false,
    multiAzEnabled: false,
  }),
  {
    name: 'session: MemoryDB without TLS',
    mechanism: 'MemoryDB',
    wants: ['SESSION4', 'SESSION3'],
    build: (stack) => {
      const { template } = onHosts(stack);
      const cluster = new memorydb.CfnCluster(stack, 'Db', {
        aclName: 'open-access',
        clusterName: 'sessions',
        nodeType: 'db.t4g.small',
        tlsEnabled: false,
      });
      template.userData?.addCommands(
        add(redis(`redis://${cluster.attrClusterEndpointAddress}:6379`)),
      );
    },
  },
  {
    name: 'session: memcached on an instance of EC2',
    mechanism: 'EC2',
    wants: ['SESSION3', 'SESSION4', 'SESSION5'],
    build: (stack) => {
      const { template, vpc } = onHosts(stack);
      const userData = ec2.UserData.forLinux();
      userData.addCommands(
        'apt-get install -y memcached',
        "sed -i 's/^-l .*/-l 0.0.0.0/' /etc/memcached.conf",
        'systemctl restart memcached',
      );
      const memcached = new ec2.Instance(stack, 'Memcached', {
        vpc,
        instanceType: new ec2.InstanceType('t3.small'),
        machineImage: ec2.MachineImage.latestAmazonLinux2023(),
        userData,
        requireImdsv2: true,
      });
      template.userData?.addCommands(
        add(
          `CACHES['default'] = {\n    'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',\n    'LOCATION': '${memcached.instancePrivateIp}:11211',\n}`,
        ),
      );
    },
  },
  {
    name: 'session: the cache in another stack',
    mechanism: 'cross-stack reference',
    wants: ['SESSION4'],
    build: (stack, app) => {
      const { cache } = elsewhere(app);
      instance(stack, hostScript({}, 'horizon/secret-key', cache.attrConfigurationEndpointAddress));
    },
  },
  {
    name: 'session: the cache in another stack, by an export with a name',
    mechanism: 'Fn::ImportValue',
    wants: ['SESSION4'],
    build: (stack, app) => {
      const { data, cache } = elsewhere(app);
      data.exportValue(cache.attrConfigurationEndpointAddress, { name: 'sessions-endpoint' });
      instance(stack, hostScript({}, 'horizon/secret-key', Fn.importValue('sessions-endpoint')));
    },
  },
  {
    name: 'session: the cache by a parameter that a stack writes and another reads',
    mechanism: 'AWS::SSM::Parameter',
    wants: ['SESSION4'],
    unknownIsFine: true,
    build: (stack, app) => {
      const { data, cache } = elsewhere(app);
      new ssm.StringParameter(data, 'Endpoint', {
        parameterName: '/sessions/endpoint',
        stringValue: cache.attrConfigurationEndpointAddress,
      });
      instance(
        stack,
        hostScript(
          {},
          'horizon/secret-key',
          ssm.StringParameter.valueForStringParameter(stack, '/sessions/endpoint'),
        ),
      );
    },
  },
  {
    name: 'session: the cache by a record of a private zone',
    mechanism: 'Route 53',
    wants: ['SESSION4'],
    build: (stack) => {
      const { vpc, cache, template } = onHosts(stack, {
        cache: { transitEncryptionEnabled: false },
        settings: () => settings('memcached.corp.internal'),
      });
      const zone = new route53.PrivateHostedZone(stack, 'Zone', { vpc, zoneName: 'corp.internal' });
      new route53.CnameRecord(stack, 'Name', {
        zone,
        recordName: 'memcached',
        domainName: cache.attrConfigurationEndpointAddress,
      });
      template.node.addDependency(zone);
    },
  },
  {
    name: 'session: the cache in a task definition by Fn::Join',
    mechanism: 'Fn::Join',
    wants: ['SESSION4'],
    build: (stack) => {
      const cache = new elasticache.CfnCacheCluster(stack, 'Sessions', {
        engine: 'memcached',
        cacheNodeType: 'cache.t4g.small',
        numCacheNodes: 2,
        azMode: 'cross-az',
      });
      const task = new ecs.CfnTaskDefinition(stack, 'Task', {
        containerDefinitions: [
          {
            name: 'horizon',
            image: 'quay.io/openstack.kolla/horizon:2025.1',
            environment: [
              { name: 'OPENSTACK_KEYSTONE_URL', value: 'https://keystone.example.org:5000/v3' },
              { name: 'SESSION_ENGINE', value: 'django.contrib.sessions.backends.cache' },
              {
                name: 'MEMCACHED_ENDPOINT',
                value: Fn.join(':', [
                  cache.attrConfigurationEndpointAddress,
                  cache.attrConfigurationEndpointPort,
                ]),
              },
            ],
          },
        ],
      });
      new ecs.CfnService(stack, 'Service', { taskDefinition: task.ref, desiredCount: 2 });
    },
  },
  // Who reaches the cache.
  open('everybody', 'addIngressRule', ({ cacheGroup }) =>
    cacheGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(11211)),
  ),
  open('the whole VPC', 'CIDR of the VPC', ({ cacheGroup, vpc }) =>
    cacheGroup.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcp(11211)),
  ),
  open('a private network of 10/8', 'CIDR', ({ cacheGroup }) =>
    cacheGroup.addIngressRule(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcpRange(11000, 12000)),
  ),
  open('a rule of its own resource', 'SecurityGroupIngress', ({ cacheGroup }, stack) => {
    new ec2.CfnSecurityGroupIngress(stack, 'Open', {
      groupId: cacheGroup.securityGroupId,
      ipProtocol: '-1',
      cidrIpv6: '::/0',
    });
  }),
  open('a group of other hosts', 'peer group', ({ cacheGroup, vpc }, stack) => {
    const bastion = new ec2.BastionHostLinux(stack, 'Bastion', { vpc, requireImdsv2: true });
    cacheGroup.connections.allowFrom(bastion, ec2.Port.tcp(11211));
  }),
  {
    name: 'cache group: a prefix list',
    mechanism: 'SourcePrefixListId',
    wants: ['SESSION6'],
    unknownIsFine: true,
    build: (stack) => {
      const { cacheGroup } = onHosts(stack);
      const list = ec2.Peer.prefixList('pl-0123456789abcdef0');
      cacheGroup.addIngressRule(list, ec2.Port.tcp(11211));
    },
  },
  open('no group of its own', 'default group', ({ cache }) => {
    cache.vpcSecurityGroupIds = undefined;
  }),
  open('the group of the hosts', 'shared group', ({ cache, hosts: group }) => {
    group.addIngressRule(group, ec2.Port.tcp(11211));
    cache.vpcSecurityGroupIds = [group.securityGroupId];
  }),
  open('a second group that is open', 'two groups', ({ cache, cacheGroup, vpc }, stack) => {
    const legacy = new ec2.CfnSecurityGroup(stack, 'Legacy', {
      groupDescription: 'legacy',
      vpcId: vpc.vpcId,
      securityGroupIngress: [
        { ipProtocol: 'tcp', fromPort: 0, toPort: 65535, cidrIp: '0.0.0.0/0' },
      ],
    });
    cache.vpcSecurityGroupIds = [cacheGroup.securityGroupId, legacy.attrGroupId];
  }),
  {
    name: 'cache group: subnets with an internet gateway',
    mechanism: 'subnets',
    wants: ['SESSION6'],
    build: (stack) => void onHosts(stack, { cacheSubnets: ec2.SubnetType.PUBLIC }),
  },
  {
    name: 'cache group: a serverless cache that is open to the VPC',
    mechanism: 'ServerlessCache',
    wants: ['SESSION6'],
    build: (stack) => {
      const { vpc, template } = onHosts(stack);
      const group = new ec2.SecurityGroup(stack, 'Serverless', { vpc });
      group.addIngressRule(ec2.Peer.ipv4('10.0.0.0/16'), ec2.Port.tcp(11211));
      const cache = new elasticache.CfnServerlessCache(stack, 'ServerlessCache', {
        engine: 'memcached',
        serverlessCacheName: 'sessions',
        securityGroupIds: [group.securityGroupId],
        subnetIds: vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
      });
      template.userData?.addCommands(
        add(`CACHES['default']['LOCATION'] = '${cache.attrEndpointAddress}:11211'`),
      );
    },
  },
];
