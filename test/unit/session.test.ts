import { CfnParameter, Duration, Fn, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  MemcachedCluster,
  MemcachedClusterAttributes,
  MemcachedClusterProps,
  MemcachedEngineVersion,
  SessionBackend,
} from '../../lib';
import { expectMisuse, network, newStack, resource, Resource, resourcesOf } from './fixtures';

const CLUSTER = 'AWS::ElastiCache::CacheCluster';

let stack: Stack;
let vpc: ec2.IVpc;
beforeEach(() => {
  stack = newStack();
  vpc = network(stack);
});

const newCluster = (props: Partial<MemcachedClusterProps> = {}): MemcachedCluster =>
  new MemcachedCluster(stack, 'Memcached', { vpc, ...props });
const template = (): Template => Template.fromStack(stack);
const properties = (): Resource['Properties'] => resource(template(), CLUSTER).Properties;
const logicalId = (): string => Object.keys(resourcesOf(template(), CLUSTER))[0];

function given(attributes: Partial<MemcachedClusterAttributes> = {}): MemcachedClusterAttributes {
  return {
    configurationEndpointAddress: 'given.cfg.euw1.cache.amazonaws.com',
    configurationEndpointPort: 11311,
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'GivenGroup', 'sg-given')],
    ...attributes,
  };
}

function client(): ec2.Connections {
  return new ec2.Connections({
    securityGroups: [new ec2.SecurityGroup(stack, 'Client', { vpc, allowAllOutbound: false })],
  });
}

describe('a memcached cluster', () => {
  test('uses TLS, with two nodes in two zones, on a nondefault port', () => {
    newCluster();
    expect(properties()).toMatchObject({
      Engine: 'memcached',
      EngineVersion: '1.6.22',
      CacheNodeType: 'cache.t4g.small',
      TransitEncryptionEnabled: true,
      NumCacheNodes: 2,
      AZMode: 'cross-az',
      PreferredAvailabilityZones: ['eu-west-1a', 'eu-west-1b'],
      Port: 11311,
      PreferredMaintenanceWindow: 'sun:03:00-sun:04:00',
    });
  });

  test('is in isolated subnets', () => {
    newCluster();
    template().hasResourceProperties('AWS::ElastiCache::SubnetGroup', {
      SubnetIds: ['subnet-isolated0', 'subnet-isolated1', 'subnet-isolated2'],
    });
    expect(properties().CacheSubnetGroupName).toEqual({
      Ref: expect.stringMatching(/^MemcachedSubnets/),
    });
  });

  test('is in the given subnets', () => {
    newCluster({ vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } });
    template().hasResourceProperties('AWS::ElastiCache::SubnetGroup', {
      SubnetIds: ['subnet-private0', 'subnet-private1', 'subnet-private2'],
    });
  });

  test('allows no ingress and no egress', () => {
    newCluster();
    const group = resource(template(), 'AWS::EC2::SecurityGroup').Properties;
    expect(group.SecurityGroupIngress).toBeUndefined();
    expect(group.SecurityGroupEgress).toEqual([
      expect.objectContaining({ CidrIp: '255.255.255.255/32', IpProtocol: 'icmp' }),
    ]);
    template().resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template().resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
  });

  test('admits the clients that connections allow, only on its port', () => {
    newCluster({ port: 12345 }).connections.allowDefaultPortFrom(client());
    const rules = Object.values(resourcesOf(template(), 'AWS::EC2::SecurityGroupIngress'));
    expect(rules.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        IpProtocol: 'tcp',
        FromPort: 12345,
        ToPort: 12345,
        GroupId: { 'Fn::GetAtt': [expect.stringMatching(/^MemcachedSecurity/), 'GroupId'] },
        SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching(/^Client/), 'GroupId'] },
      }),
    ]);
  });

  test.each([2, 3, 4, 7])('always lists as many zones as it has nodes: %d', (nodeCount) => {
    newCluster({ nodeCount });
    const { NumCacheNodes, PreferredAvailabilityZones: zones } = properties();
    expect(NumCacheNodes).toBe(nodeCount);
    expect(zones).toHaveLength(nodeCount);
    expect(new Set(zones).size).toBe(Math.min(nodeCount, 3));
  });

  test('keeps the zones of its nodes when it grows', () => {
    newCluster({ nodeCount: 3 });
    const before = properties().PreferredAvailabilityZones;
    stack = newStack();
    vpc = network(stack);
    newCluster({ nodeCount: 5 });
    expect(properties().PreferredAvailabilityZones.slice(0, 3)).toEqual(before);
  });

  test('lists zones, also in a stack without a region', () => {
    vpc = new ec2.Vpc(stack, 'Vpc', {
      subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    newCluster({ nodeCount: 3 });
    const zone = (index: number): unknown => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });
    expect(properties().PreferredAvailabilityZones).toEqual([zone(0), zone(1), zone(0)]);
  });

  test('uses the given zones', () => {
    const availabilityZones = ['eu-west-1c', 'eu-west-1a', 'eu-west-1c'];
    newCluster({ nodeCount: 3, availabilityZones });
    expect(properties().PreferredAvailabilityZones).toEqual(availabilityZones);
  });

  test('is replaced when TLS is turned off, which ElastiCache only sets at creation', () => {
    newCluster();
    const before = logicalId();
    stack = newStack();
    vpc = network(stack);
    newCluster({ transitEncryption: false });
    expect(properties().TransitEncryptionEnabled).toBe(false);
    expect(logicalId()).not.toBe(before);
  });

  test.each<[string, Partial<MemcachedClusterProps>]>([
    ['nodes', { nodeCount: 5 }],
    ['maintenance window', { preferredMaintenanceWindow: 'mon:01:00-mon:03:00' }],
  ])('keeps its logical ID with other %s', (_, props) => {
    newCluster();
    const before = logicalId();
    stack = newStack();
    vpc = network(stack);
    newCluster(props);
    expect(logicalId()).toBe(before);
  });

  // CloudFormation cannot do these in place, or not undo them when a deployment fails.
  test('has a different logical ID for each TLS setting, engine version and node type', () => {
    const variants: Partial<MemcachedClusterProps>[] = [
      {},
      { transitEncryption: false },
      { nodeType: 'cache.m7g.large' },
      { nodeType: 'cache.m7g.xlarge' },
      { engineVersion: MemcachedEngineVersion.V1_6_17 },
      { engineVersion: MemcachedEngineVersion.V1_6_17, nodeType: 'cache.m7g.large' },
      { transitEncryption: false, engineVersion: MemcachedEngineVersion.V1_6_17 },
    ];
    const ids = variants.map((props) => {
      stack = newStack();
      vpc = network(stack);
      newCluster(props);
      return logicalId();
    });
    expect(new Set(ids).size).toBe(variants.length);
  });

  test('has the same logical ID for the default and its explicit value', () => {
    newCluster();
    const before = logicalId();
    stack = newStack();
    vpc = network(stack);
    newCluster({
      nodeType: 'cache.t4g.small',
      engineVersion: MemcachedEngineVersion.V1_6_22,
      transitEncryption: true,
    });
    expect(logicalId()).toBe(before);
    expect(before).toMatch(/^MemcachedTlsCluster[0-9A-F]{8}$/);
  });

  test('accepts a node type that is not known at synth time', () => {
    newCluster({ nodeType: new CfnParameter(stack, 'NodeType').valueAsString });
    expect(logicalId()).toMatch(/^MemcachedTlsCluster[0-9A-F]{8}$/);
  });

  test('is deleted with the stack by default', () => {
    newCluster();
    expect(resource(template(), CLUSTER)).toMatchObject({
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
    });
  });

  test('is kept with RemovalPolicy.RETAIN', () => {
    newCluster({ removalPolicy: RemovalPolicy.RETAIN });
    expect(resource(template(), CLUSTER).DeletionPolicy).toBe('Retain');
  });

  test('uses given security groups, parameter group and topic', () => {
    newCluster({
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'G', 'sg-given')],
      parameterGroupName: 'given',
      notificationTopicArn: 'arn:aws:sns:eu-west-1:123456789012:given',
    });
    expect(properties()).toMatchObject({
      VpcSecurityGroupIds: ['sg-given'],
      CacheParameterGroupName: 'given',
      NotificationTopicArn: 'arn:aws:sns:eu-west-1:123456789012:given',
    });
    template().resourceCountIs('AWS::EC2::SecurityGroup', 0);
  });

  test('has its configuration endpoint', () => {
    const cluster = newCluster();
    expect(stack.resolve(cluster.configurationEndpointAddress)).toEqual({
      'Fn::GetAtt': [logicalId(), 'ConfigurationEndpoint.Address'],
    });
    expect(stack.resolve(cluster.configurationEndpointPort)).toEqual({
      'Fn::GetAtt': [logicalId(), 'ConfigurationEndpoint.Port'],
    });
    expect(cluster.transitEncryption).toBe(true);
  });

  test('can be modified afterwards', () => {
    newCluster().cluster.addPropertyOverride('IpDiscovery', 'ipv4');
    expect(properties().IpDiscovery).toBe('ipv4');
  });

  test('warns above the quota of nodes, and not at it', () => {
    newCluster({ nodeCount: 40 });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('quota'));
    stack = newStack();
    vpc = network(stack);
    newCluster({ nodeCount: 41 });
    const found = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('quota'));
    expect(found[0].entry.data).toContain(
      "41 nodes are more than ElastiCache's default quota of 40 per cluster; request a higher quota before you deploy",
    );
  });
});

describe('an engine version', () => {
  test.each([
    ['1.6.6', false],
    ['1.6.11', false],
    ['1.6.12', true],
    ['1.6.22', true],
    ['1.7.0', true],
    ['2.0.0', true],
    ['1.5.16', false],
  ])('%s supports TLS: %s', (version, tls) => {
    const engine = MemcachedEngineVersion.of(version);
    expect(engine.supportsTransitEncryption).toBe(tls);
    expect(engine.version).toBe(version);
  });

  test('without TLS support works for a cluster without TLS', () => {
    newCluster({ engineVersion: MemcachedEngineVersion.of('1.6.6'), transitEncryption: false });
    expect(properties().EngineVersion).toBe('1.6.6');
  });
});

describe('an existing cluster', () => {
  test('has the given attributes', () => {
    const cluster = MemcachedCluster.fromMemcachedClusterAttributes(stack, 'Given', given());
    expect(cluster.transitEncryption).toBe(true);
    expect(SessionBackend.memcached(cluster).environment).toMatchObject({
      MEMCACHED_ENDPOINT: 'given.cfg.euw1.cache.amazonaws.com:11311',
      MEMCACHED_TLS: 'true',
    });
    template().resourceCountIs(CLUSTER, 0);
  });

  test('may not use TLS', () => {
    const cluster = MemcachedCluster.fromMemcachedClusterAttributes(
      stack,
      'Given',
      given({ transitEncryption: false }),
    );
    expect(SessionBackend.memcached(cluster).environment.MEMCACHED_TLS).toBe('false');
  });

  test('admits hosts to its security groups', () => {
    const cluster = MemcachedCluster.fromMemcachedClusterAttributes(stack, 'Given', given());
    SessionBackend.memcached(cluster).allowFrom(client());
    template().hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: 'sg-given',
      FromPort: 11311,
    });
  });
});

describe('the session back end', () => {
  test('on memcached sets engine, endpoint, discovery and TLS, and a timeout of one hour', () => {
    const session = SessionBackend.memcached(newCluster());
    const endpoint = (name: string): unknown => ({
      'Fn::GetAtt': [logicalId(), `ConfigurationEndpoint.${name}`],
    });
    expect(stack.resolve(session.environment)).toEqual({
      SESSION_ENGINE: 'django.contrib.sessions.backends.cache',
      SESSION_TIMEOUT: '3600',
      MEMCACHED_ENDPOINT: { 'Fn::Join': ['', [endpoint('Address'), ':', endpoint('Port')]] },
      MEMCACHED_DISCOVERY: 'true',
      MEMCACHED_TLS: 'true',
      MEMCACHED_SEALING: 'true',
    });
  });

  test('on memcached opens both security groups to each other, on the port of the cluster', () => {
    SessionBackend.memcached(newCluster()).allowFrom(client());
    template().hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 11311,
      ToPort: 11311,
      GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Memcached'), 'GroupId'] },
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Client'), 'GroupId'] },
    });
    template().hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      FromPort: 11311,
      ToPort: 11311,
      GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Client'), 'GroupId'] },
      DestinationSecurityGroupId: {
        'Fn::GetAtt': [Match.stringLikeRegexp('^Memcached'), 'GroupId'],
      },
    });
  });

  test('with signed cookies needs nothing and opens nothing', () => {
    const session = SessionBackend.signedCookies({ timeout: Duration.minutes(20) });
    session.allowFrom(client());
    expect(session.environment).toEqual({
      SESSION_ENGINE: 'django.contrib.sessions.backends.signed_cookies',
      SESSION_TIMEOUT: '1200',
    });
    template().resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template().resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
  });
});

describe('values that are not known at synth time', () => {
  test('are accepted in every prop that is checked', () => {
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const { valueAsList } = new CfnParameter(stack, 'List', { type: 'CommaDelimitedList' });
    newCluster({
      nodeCount: number,
      port: number,
      nodeType: text,
      preferredMaintenanceWindow: Lazy.string({ produce: () => 'whenever' }),
      availabilityZones: valueAsList,
    });
    expect(properties()).toMatchObject({
      NumCacheNodes: { Ref: 'Number' },
      Port: { Ref: 'Number' },
      CacheNodeType: { Ref: 'Text' },
      PreferredMaintenanceWindow: 'whenever',
      PreferredAvailabilityZones: { Ref: 'List' },
    });
  });

  test('a number of nodes can be combined with explicit zones', () => {
    newCluster({
      nodeCount: new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber,
      availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
    });
    expect(properties().PreferredAvailabilityZones).toHaveLength(3);
  });

  test('an imported endpoint and a timeout are accepted', () => {
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    const cluster = MemcachedCluster.fromMemcachedClusterAttributes(
      stack,
      'Given',
      given({
        configurationEndpointAddress: Fn.importValue('address'),
        configurationEndpointPort: number,
      }),
    );
    const session = SessionBackend.memcached(cluster, { timeout: Duration.seconds(number) });
    expect(stack.resolve(session.environment)).toMatchObject({
      SESSION_TIMEOUT: { Ref: 'Number' },
      MEMCACHED_ENDPOINT: {
        'Fn::Join': ['', [{ 'Fn::ImportValue': 'address' }, ':', { Ref: 'Number' }]],
      },
    });
  });
});

describe('misuse', () => {
  test.each([1, 0, 2.5, 301])('fails with %d nodes', (nodeCount) => {
    expectMisuse(
      () => newCluster({ nodeCount }),
      `Stack/Memcached: nodeCount must be a whole number from 2 to 300, got ${nodeCount}`,
    );
  });

  test.each([0, 65536, -1])('fails with port %d', (port) => {
    expectMisuse(
      () => newCluster({ port }),
      `Stack/Memcached: port must be a whole number from 1 to 65535, got ${port}`,
    );
  });

  test('fails with TLS on a version before 1.6.12', () => {
    expectMisuse(
      () => newCluster({ engineVersion: MemcachedEngineVersion.of('1.6.6') }),
      "Stack/Memcached: engineVersion must be 1.6.12 or later with transitEncryption, got '1.6.6'",
    );
  });

  test.each(['1.6', 'latest', '1.6.22-r1', ''])('fails with the engine version "%s"', (version) => {
    expectMisuse(
      () => MemcachedEngineVersion.of(version),
      `version must be a full version such as 1.6.22, got '${version}'`,
    );
  });

  test.each(['t4g.small', 'cache.small', ''])('fails with the node type "%s"', (nodeType) => {
    expectMisuse(
      () => newCluster({ nodeType }),
      `Stack/Memcached: nodeType must be a node type of ElastiCache such as cache.t4g.small, got '${nodeType}'`,
    );
  });

  test.each(['sunday', 'sun:24:00-mon:01:00', 'sun:03:00', 'Sun:03:00-Sun:04:00'])(
    'fails with the maintenance window %s',
    (preferredMaintenanceWindow) => {
      expectMisuse(
        () => newCluster({ preferredMaintenanceWindow }),
        `Stack/Memcached: preferredMaintenanceWindow must be ddd:hh:mm-ddd:hh:mm in UTC such as sun:03:00-sun:04:00, got '${preferredMaintenanceWindow}'`,
      );
    },
  );

  test('fails in a VPC without isolated subnets, instead of using others', () => {
    vpc = new ec2.Vpc(stack, 'Vpc');
    expectMisuse(
      () => newCluster(),
      'Stack/Memcached: vpc must have isolated subnets if vpcSubnets is not given, got none; memcached belongs in subnets without a route to the internet',
    );
  });

  test.each([1, 3])('fails with %d zones for two nodes', (count) => {
    expectMisuse(
      () => newCluster({ availabilityZones: ['a', 'b', 'c'].slice(0, count) }),
      `Stack/Memcached: availabilityZones must have one zone per node (2), got ${count}`,
    );
  });

  test('fails with all nodes in one zone', () => {
    expectMisuse(
      () => newCluster({ availabilityZones: ['eu-west-1a', 'eu-west-1a'] }),
      "Stack/Memcached: availabilityZones must name at least two availability zones, got 'eu-west-1a'; with one, losing it ends all sessions",
    );
  });

  test('fails in a VPC with one zone', () => {
    vpc = network(stack, 1, 'SmallVpc');
    expectMisuse(
      () => newCluster(),
      "Stack/Memcached: vpcSubnets must be in at least two availability zones, got 'eu-west-1a'; with one, losing it ends all sessions",
    );
  });

  test('fails with a number of nodes that is not known at synth time without zones', () => {
    const nodeCount = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    expectMisuse(
      () => newCluster({ nodeCount }),
      'Stack/Memcached: availabilityZones must be given with a nodeCount that is not known at synth time, got none',
    );
  });

  test('fails with an imported cluster without security groups, which cannot be reached', () => {
    expectMisuse(
      () =>
        MemcachedCluster.fromMemcachedClusterAttributes(
          stack,
          'Given',
          given({ securityGroups: [] }),
        ),
      'Stack/Given: securityGroups must have at least one security group of the cluster, got none; it admits the hosts',
    );
  });

  test('fails with an imported cluster on a port out of range', () => {
    expectMisuse(
      () =>
        MemcachedCluster.fromMemcachedClusterAttributes(
          stack,
          'Given',
          given({ configurationEndpointPort: 70000 }),
        ),
      'Stack/Given: configurationEndpointPort must be a whole number from 1 to 65535, got 70000',
    );
  });

  test.each([59, 2592001, 90.5])('fails with a session timeout of %d seconds', (seconds) => {
    expectMisuse(
      () => SessionBackend.signedCookies({ timeout: Duration.millis(seconds * 1000) }),
      `timeout must be a whole number of seconds from 60 to 2592000, got ${seconds}`,
    );
  });
});
