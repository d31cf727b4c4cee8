import { App, CfnElement, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  IServerlessMemcached,
  OpenStackDashboardChecks,
  ServerlessMemcached,
  ServerlessMemcachedProps,
  SessionBackend,
} from '../../lib';
import {
  expectMisuse,
  network,
  newDashboard,
  newStack,
  resource,
  resourcesOf,
  textOf,
} from './fixtures';

const TYPE = 'AWS::ElastiCache::ServerlessCache';

function newCache(
  props: Partial<ServerlessMemcachedProps> = {},
  stack: Stack = newStack(),
): ServerlessMemcached {
  return new ServerlessMemcached(stack, 'Sessions', { ...props, vpc: props.vpc ?? network(stack) });
}

const cacheOf = (cache: ServerlessMemcached): Record<string, unknown> =>
  resource(Template.fromStack(Stack.of(cache)), TYPE).Properties;

describe('serverless memcached', () => {
  test('works with only a VPC', () => {
    const cache = newCache();
    expect(cacheOf(cache)).toEqual({
      Engine: 'memcached',
      MajorEngineVersion: '1.6',
      ServerlessCacheName: expect.stringMatching(/^[a-z][a-z0-9-]{0,39}$/),
      Description: 'Sessions, Stack/Sessions',
      SecurityGroupIds: [{ 'Fn::GetAtt': [expect.stringContaining('SecurityGroup'), 'GroupId'] }],
      SubnetIds: ['subnet-isolated0', 'subnet-isolated1', 'subnet-isolated2'],
    });
  });

  test('takes no snapshots and has no users, which memcached cannot have', () => {
    const properties = Object.keys(cacheOf(newCache({ maxDataGb: 5 })));
    expect(properties.filter((name) => /snapshot|usergroup/i.test(name))).toEqual([]);
  });

  test('admits only clients that connections allow, and only on its port', () => {
    const cache = newCache();
    const template = Template.fromStack(Stack.of(cache));
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    const group = resource(template, 'AWS::EC2::SecurityGroup').Properties;
    expect(group.SecurityGroupIngress).toBeUndefined();
    expect(textOf(group.SecurityGroupEgress[0].CidrIp)).toBe('255.255.255.255/32');

    const stack = newStack();
    const vpc = network(stack);
    const hosts = new ec2.SecurityGroup(stack, 'Hosts', { vpc });
    SessionBackend.memcached(newCache({ vpc }, stack)).allowFrom(hosts);
    const ingress = resource(Template.fromStack(stack), 'AWS::EC2::SecurityGroupIngress');
    expect(ingress.Properties).toMatchObject({
      FromPort: 11211,
      ToPort: 11211,
      SourceSecurityGroupId: {
        'Fn::GetAtt': [stack.getLogicalId(hosts.node.defaultChild as CfnElement), 'GroupId'],
      },
    });
  });

  test('is one endpoint over TLS, without discovery', () => {
    const cache = newCache();
    const stack = Stack.of(cache);
    expect(stack.resolve(SessionBackend.memcached(cache).environment)).toEqual({
      SESSION_ENGINE: 'django.contrib.sessions.backends.cache',
      SESSION_TIMEOUT: '3600',
      MEMCACHED_ENDPOINT: {
        'Fn::Join': [
          '',
          [{ 'Fn::GetAtt': [stack.getLogicalId(cache.cache), 'Endpoint.Address'] }, ':11211'],
        ],
      },
      MEMCACHED_DISCOVERY: 'false',
      MEMCACHED_TLS: 'true',
      MEMCACHED_SEALING: 'true',
    });
  });

  test('limits data and ECPU', () => {
    const limits = { minDataGb: 1, maxDataGb: 5000, minEcpuPerSecond: 1000 };
    expect(cacheOf(newCache({ ...limits, maxEcpuPerSecond: 15_000_000 }))).toMatchObject({
      CacheUsageLimits: {
        DataStorage: { Unit: 'GB', Minimum: 1, Maximum: 5000 },
        ECPUPerSecond: { Minimum: 1000, Maximum: 15_000_000 },
      },
    });
    expect(cacheOf(newCache({ maxDataGb: 10 })).CacheUsageLimits).toEqual({
      DataStorage: { Unit: 'GB', Maximum: 10 },
    });
    expect(cacheOf(newCache({ maxEcpuPerSecond: 5000 })).CacheUsageLimits).toEqual({
      ECPUPerSecond: { Maximum: 5000 },
    });
  });

  test('encrypts with a given key', () => {
    const stack = newStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    expect(cacheOf(newCache({ encryptionKey }, stack)).KmsKeyId).toEqual(
      stack.resolve(encryptionKey.keyArn),
    );
  });

  test('has a valid name, even if the path is long or unusual', () => {
    const stack = new Stack(new App(), 'S0');
    const long = new ServerlessMemcached(stack, `0-${'Long_Name'.repeat(12)}-`, {
      vpc: network(stack),
    });
    expect(cacheOf(long).ServerlessCacheName).toMatch(/^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  });

  test('has two of two zones, and one subnet per zone', () => {
    const stack = newStack();
    expect(cacheOf(newCache({ vpc: network(stack, 2) }, stack)).SubnetIds).toHaveLength(2);
  });

  test('is deleted with its stack by default', () => {
    const { DeletionPolicy } = resource(Template.fromStack(Stack.of(newCache())), TYPE);
    expect(DeletionPolicy).toBe('Delete');
  });

  test('accepts values that are not known at synth time', () => {
    const stack = newStack();
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    const cacheName = new CfnParameter(stack, 'Name').valueAsString;
    const limits = { minDataGb: number, maxDataGb: 2, maxEcpuPerSecond: number };
    expect(cacheOf(newCache({ cacheName, ...limits }, stack))).toMatchObject({
      ServerlessCacheName: { Ref: 'Name' },
      CacheUsageLimits: {
        DataStorage: { Minimum: { Ref: 'Number' }, Maximum: 2 },
        ECPUPerSecond: { Maximum: { Ref: 'Number' } },
      },
    });
  });

  test('holds the sessions of a dashboard that complies with every rule', () => {
    const stack = newStack();
    const vpc = network(stack);
    const session = SessionBackend.memcached(newCache({ vpc }, stack));
    newDashboard(stack, { domainName: 'dashboard.example', vpc, session });
    expect(Object.keys(resourcesOf(Template.fromStack(stack), TYPE))).toHaveLength(1);
    expect(new OpenStackDashboardChecks().validateScope(stack.node.root)).toEqual({
      success: true,
      violations: [],
    });
  });

  test('can be imported', () => {
    const stack = newStack();
    const cache: IServerlessMemcached = ServerlessMemcached.fromServerlessMemcachedAttributes(
      stack,
      'Imported',
      {
        endpointAddress: Fn.importValue('address'),
        securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123')],
      },
    );
    expect([cache.discovery, cache.transitEncryption]).toEqual([false, true]);
    expect(stack.resolve(cache.endpoints)).toEqual([
      { address: { 'Fn::ImportValue': 'address' }, port: 11211 },
    ]);
  });
});

describe('serverless memcached is rejected', () => {
  test.each([
    ['', 'empty'],
    ['1sessions', 'begins with a digit'],
    ['sessions-', 'ends with a hyphen'],
    ['my--sessions', 'has two hyphens in a row'],
    ['my_sessions', 'has an underscore'],
    ['s'.repeat(41), 'is too long'],
  ])('fails with the name %j, which %s', (cacheName) => {
    expectMisuse(
      () => newCache({ cacheName }),
      `Stack/Sessions: cacheName must be 1 to 40 letters, digits and single hyphens, begin with a letter and not end with a hyphen, got '${cacheName}'`,
    );
  });

  test.each([
    [{ minDataGb: 0 }, 'minDataGb must be a whole number from 1 to 5000, got 0'],
    [{ maxDataGb: 5001 }, 'maxDataGb must be a whole number from 1 to 5000, got 5001'],
    [{ maxDataGb: 1.5 }, 'maxDataGb must be a whole number from 1 to 5000, got 1.5'],
    [
      { minEcpuPerSecond: 999 },
      'minEcpuPerSecond must be a whole number from 1000 to 15000000, got 999',
    ],
    [
      { maxEcpuPerSecond: 15_000_001 },
      'maxEcpuPerSecond must be a whole number from 1000 to 15000000, got 15000001',
    ],
    [{ minDataGb: 3, maxDataGb: 2 }, 'minDataGb must be at most maxDataGb (2), got 3'],
    [
      { minEcpuPerSecond: 3000, maxEcpuPerSecond: 2000 },
      'minEcpuPerSecond must be at most maxEcpuPerSecond (2000), got 3000',
    ],
  ])('fails with the limits %j', (limits, message) => {
    expectMisuse(() => newCache(limits), `Stack/Sessions: ${message}`);
  });

  test('fails in one zone', () => {
    const stack = newStack();
    expectMisuse(
      () => newCache({ vpc: network(stack, 1) }, stack),
      "Stack/Sessions: vpcSubnets must be in two or three availability zones, got 'eu-west-1a'",
    );
  });

  test('fails with two subnets in a zone', () => {
    const stack = newStack();
    const subnet = (id: string, availabilityZone: string): ec2.ISubnet =>
      ec2.Subnet.fromSubnetAttributes(stack, id, { subnetId: id, availabilityZone });
    const subnets = [subnet('a', 'eu-west-1a'), subnet('b', 'eu-west-1a')];
    expectMisuse(
      () => newCache({ vpcSubnets: { subnets } }, stack),
      "Stack/Sessions: vpcSubnets must have one subnet per availability zone, got 'eu-west-1a', 'eu-west-1a'",
    );
  });

  test('fails with four zones', () => {
    const stack = newStack();
    const subnets = ['a', 'b', 'c', 'd'].map((zone) =>
      ec2.Subnet.fromSubnetAttributes(stack, zone, {
        subnetId: `subnet-${zone}`,
        availabilityZone: `eu-west-1${zone}`,
      }),
    );
    expectMisuse(
      () => newCache({ vpcSubnets: { subnets } }, stack),
      "Stack/Sessions: vpcSubnets must be in two or three availability zones, got 'eu-west-1a', 'eu-west-1b', 'eu-west-1c', 'eu-west-1d'",
    );
  });

  test('fails if the VPC has no isolated subnets', () => {
    const stack = newStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Open', {
      vpcId: 'vpc-1',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      publicSubnetIds: ['subnet-1', 'subnet-2'],
    });
    expectMisuse(
      () => newCache({ vpc }, stack),
      'Stack/Sessions: vpc must have isolated subnets if vpcSubnets is not given, got none; memcached belongs in subnets without a route to the internet',
    );
  });

  test('cannot be imported without a security group, or with a port out of range', () => {
    const imported = (port: number | undefined, groups: string[]) => () => {
      const stack = newStack();
      return ServerlessMemcached.fromServerlessMemcachedAttributes(stack, 'Imported', {
        endpointAddress: 'sessions.example.org',
        endpointPort: port,
        securityGroups: groups.map((id) => ec2.SecurityGroup.fromSecurityGroupId(stack, id, id)),
      });
    };
    expectMisuse(
      imported(undefined, []),
      'Stack/Imported: securityGroups must have at least one security group of the cache, got none; it admits the hosts',
    );
    expectMisuse(
      imported(0, ['sg-1']),
      'Stack/Imported: endpointPort must be a whole number from 1 to 65535, got 0',
    );
  });
});
