import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  MemcachedServers,
  MemcachedServersProps,
  OpenStackDashboardChecks,
  SessionBackend,
} from '../../lib';
import { expectMisuse, network, newDashboard, newStack, resource, resourcesOf } from './fixtures';

function newServers(
  props: Partial<MemcachedServersProps> = {},
  stack: Stack = newStack(),
): MemcachedServers {
  const endpoints = [{ address: '10.0.0.5' }, { address: 'b.cache.example.org' }];
  return new MemcachedServers(stack, 'Servers', { endpoints, ...props });
}

/** What a host is let out to. */
function egress(props: Partial<MemcachedServersProps>, stack: Stack = newStack()): unknown {
  const hosts = new ec2.SecurityGroup(stack, 'Hosts', {
    vpc: network(stack),
    allowAllOutbound: false,
  });
  SessionBackend.memcached(newServers(props, stack)).allowFrom(hosts);
  return resource(Template.fromStack(stack), 'AWS::EC2::SecurityGroup').Properties
    .SecurityGroupEgress;
}

describe('existing memcached servers', () => {
  test('are a list of endpoints over TLS', () => {
    expect(SessionBackend.memcached(newServers()).environment).toMatchObject({
      MEMCACHED_ENDPOINT: '10.0.0.5:11211,b.cache.example.org:11211',
      MEMCACHED_DISCOVERY: 'false',
      MEMCACHED_TLS: 'true',
      MEMCACHED_SEALING: 'true',
    });
  });

  test('create no resources', () => {
    const servers = newServers();
    expect(Template.fromStack(Stack.of(servers)).toJSON().Resources).toBeUndefined();
  });

  test('open egress of hosts to their port and the given peer', () => {
    const to = { FromPort: 11211, ToPort: 11211, IpProtocol: 'tcp' };
    expect(egress({})).toMatchObject([{ CidrIp: '0.0.0.0/0', ...to }]);
    expect(egress({ peer: ec2.Peer.ipv4('10.0.0.0/24') })).toMatchObject([
      { CidrIp: '10.0.0.0/24', ...to },
    ]);
  });

  test('can have different ports', () => {
    const endpoints = [
      { address: 'a', port: 11212 },
      { address: 'a', port: 11214 },
    ];
    expect(egress({ endpoints })).toMatchObject([{ FromPort: 11212, ToPort: 11214 }]);
    expect(SessionBackend.memcached(newServers({ endpoints })).environment.MEMCACHED_ENDPOINT).toBe(
      'a:11212,a:11214',
    );
  });

  test('admit hosts if their security groups are given', () => {
    const stack = newStack();
    const securityGroups = [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Theirs', 'sg-0123')];
    egress({ securityGroups }, stack);
    const template = Template.fromStack(stack);
    expect(resource(template, 'AWS::EC2::SecurityGroupIngress').Properties).toMatchObject({
      GroupId: 'sg-0123',
      FromPort: 11211,
    });
    expect(Object.keys(resourcesOf(template, 'AWS::EC2::SecurityGroupEgress'))).toHaveLength(1);
  });

  test('may not be known at synth time', () => {
    const stack = newStack();
    const address = new CfnParameter(stack, 'Address').valueAsString;
    const port = new CfnParameter(stack, 'Port', { type: 'Number' }).valueAsNumber;
    const session = SessionBackend.memcached(newServers({ endpoints: [{ address, port }] }, stack));
    expect(stack.resolve(session.environment.MEMCACHED_ENDPOINT)).toEqual({
      'Fn::Join': ['', [{ Ref: 'Address' }, ':', { Ref: 'Port' }]],
    });
  });

  test('without TLS cause a warning at synth time and a finding', () => {
    const stack = newStack();
    const servers = newServers({ transitEncryption: false }, stack);
    newDashboard(stack, { vpc: network(stack), session: SessionBackend.memcached(servers) });
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Dashboard/Hosts',
      Match.stringLikeRegexp('Stack/Servers without TLS.*no data leakage'),
    );
    const { success, violations } = new OpenStackDashboardChecks().validateScope(stack.node.root);
    expect(success).toBe(false);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual([
      'OpenStackDashboard-SESSION3',
      'OpenStackDashboard-DOMAIN1',
    ]);
  });
});

describe('memcached servers are rejected', () => {
  test.each(['', 'a:11211', 'memcached://a', '-a', 'a b', '::1', 'a,b', 'a..b'])(
    'fails with the address %j',
    (address) => {
      expectMisuse(
        () => newServers({ endpoints: [{ address }] }),
        `Stack/Servers: endpoints[0].address must be a DNS name or an IPv4 address, without a port or scheme, got '${address}'`,
      );
    },
  );

  test('fails without an endpoint', () => {
    expectMisuse(
      () => newServers({ endpoints: [] }),
      'Stack/Servers: endpoints must have at least one server, got none',
    );
  });

  test('fails with a port out of range', () => {
    expectMisuse(
      () => newServers({ endpoints: [{ address: 'a', port: 65536 }] }),
      'Stack/Servers: endpoints[0].port must be a whole number from 1 to 65535, got 65536',
    );
  });

  test('fails with the same server twice', () => {
    expectMisuse(
      () => newServers({ endpoints: [{ address: 'a' }, { address: 'A', port: 11211 }] }),
      "Stack/Servers: endpoints must have each server once, got 'A:11211'",
    );
  });

  test('fails with both a peer and security groups', () => {
    const stack = newStack();
    expectMisuse(
      () =>
        newServers({
          peer: ec2.Peer.anyIpv4(),
          securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
        }),
      'Stack/Servers: peer must not be given with securityGroups; the hosts are let out to the security groups',
    );
  });

  test('fails with different ports if one is not known', () => {
    const stack = newStack();
    const port = new CfnParameter(stack, 'Port', { type: 'Number' }).valueAsNumber;
    expectMisuse(
      () => newServers({ endpoints: [{ address: 'a', port }, { address: 'b' }] }, stack),
      'Stack/Servers: endpoints must have one port, or ports that are known at synth time, got an unresolved token, 11211',
    );
  });
});
