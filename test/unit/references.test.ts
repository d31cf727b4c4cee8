// References to resources, and the interfaces of memcached.
import { Resource, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  IMemcached,
  IMemcachedCluster,
  IServerlessMemcached,
  MemcachedCluster,
  MemcachedClusterProps,
  MemcachedServers,
  ServerlessMemcached,
  SessionBackend,
} from '../../lib';
import { expectMisuse, network, newDashboard, newStack, resource } from './fixtures';

const ARN = 'arn:aws:sns:eu-west-1:123456789012:nodes';

let stack: Stack;
let vpc: ec2.IVpc;
let securityGroups: ec2.ISecurityGroup[];
beforeEach(() => {
  stack = newStack();
  vpc = network(stack);
  securityGroups = [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123')];
});

const newCluster = (props: Partial<MemcachedClusterProps> = {}): MemcachedCluster =>
  new MemcachedCluster(stack, 'Memcached', { vpc, ...props });

const propertiesOf = (type: string): Record<string, unknown> =>
  resource(Template.fromStack(stack), `AWS::ElastiCache::${type}`).Properties;

describe('the topic of a cluster', () => {
  test.each([
    ['a topic', () => new sns.Topic(stack, 'Topic'), { Ref: expect.stringMatching(/^Topic/) }],
    ['a resource', () => new sns.CfnTopic(stack, 'Topic'), { Ref: 'Topic' }],
    ['an imported topic', () => sns.Topic.fromTopicArn(stack, 'Topic', ARN), ARN],
  ])('is %s', (_, topic: () => sns.ITopicRef, arn) => {
    newCluster({ notificationTopic: topic() });
    expect(propertiesOf('CacheCluster').NotificationTopicArn).toEqual(arn);
  });

  test('can only be given once', () => {
    const notificationTopic = sns.Topic.fromTopicArn(stack, 'Topic', ARN);
    expectMisuse(
      () => newCluster({ notificationTopic, notificationTopicArn: ARN }),
      'Stack/Memcached: notificationTopicArn must not be given with notificationTopic',
    );
  });
});

describe('the key of a serverless cache', () => {
  test.each([
    ['a key', () => new kms.Key(stack, 'Key')],
    ['a resource', () => new kms.CfnKey(stack, 'Key', { keyPolicy: {} })],
  ])('is %s', (_, key: () => kms.IKeyRef) => {
    new ServerlessMemcached(stack, 'Memcached', { vpc, encryptionKey: key() });
    expect(propertiesOf('ServerlessCache').KmsKeyId).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'],
    });
  });

  test('is an alias', () => {
    const encryptionKey = kms.Alias.fromAliasName(stack, 'Key', 'alias/sessions');
    new ServerlessMemcached(stack, 'Memcached', { vpc, encryptionKey });
    expect(JSON.stringify(propertiesOf('ServerlessCache').KmsKeyId)).toContain(':alias/sessions');
  });
});

describe('a parameter that takes a reference', () => {
  test('takes a cluster', () => {
    const cluster: elasticache.ICacheClusterRef = newCluster();
    expect(cluster.env.account).toBe(stack.account);
    expect(stack.resolve(cluster.cacheClusterRef)).toEqual({
      clusterName: { Ref: expect.stringMatching(/^MemcachedTlsCluster/) },
    });
  });

  test('takes a serverless cache', () => {
    const cache: elasticache.IServerlessCacheRef = new ServerlessMemcached(stack, 'Memcached', {
      vpc,
    });
    const id = expect.stringMatching(/^MemcachedCache/);
    expect(stack.resolve(cache.serverlessCacheRef)).toEqual({
      serverlessCacheName: { Ref: id },
      serverlessCacheArn: { 'Fn::GetAtt': [id, 'ARN'] },
    });
  });
});

describe('memcached', () => {
  test('of every kind has one interface', () => {
    const all: IMemcached[] = [
      newCluster(),
      new ServerlessMemcached(stack, 'Serverless', { vpc }),
      new MemcachedServers(stack, 'Servers', { endpoints: [{ address: 'cache.example.org' }] }),
    ];
    for (const each of all) {
      expect(each.endpoints).toHaveLength(1);
      expect(SessionBackend.memcached(each).environment.MEMCACHED_DISCOVERY).toBe(
        String(each.discovery),
      );
    }
  });

  test('can be another implementation', () => {
    class Daemon extends Resource implements IMemcached {
      public readonly endpoints = [{ address: 'cache.example.org', port: 11411 }];
      public readonly discovery: boolean = false;
      public readonly transitEncryption: boolean = true;
      public readonly connections = new ec2.Connections({
        securityGroups,
        defaultPort: ec2.Port.tcp(11411),
      });
    }
    expect(SessionBackend.memcached(new Daemon(stack, 'Daemon')).environment).toMatchObject({
      MEMCACHED_ENDPOINT: 'cache.example.org:11411',
      MEMCACHED_TLS: 'true',
    });
  });

  test('that is another implementation needs a default port for its clients', () => {
    class Portless extends Resource implements IMemcached {
      public readonly endpoints = [{ address: 'cache.example.org' }];
      public readonly discovery: boolean = false;
      public readonly transitEncryption: boolean = true;
      public readonly connections = new ec2.Connections({ securityGroups });
    }
    const session = SessionBackend.memcached(new Portless(stack, 'Portless'));
    expectMisuse(
      () => session.allowFrom(new ec2.Connections({ securityGroups })),
      'Stack/Portless: connections must have a default port, got none; it is opened for clients',
    );
  });

  test('that is imported has the attributes of the cluster', () => {
    const attributes = {
      configurationEndpointAddress: 'nodes.example.org',
      configurationEndpointPort: 11411,
      transitEncryption: false,
    };
    const cluster: IMemcachedCluster = MemcachedCluster.fromMemcachedClusterAttributes(
      stack,
      'Imported',
      { ...attributes, securityGroups },
    );
    expect(cluster).toMatchObject(attributes);
    expect(cluster.connections.securityGroups).toEqual(securityGroups);
    expect(cluster.endpoints).toEqual([{ address: 'nodes.example.org', port: 11411 }]);
  });

  test.each([
    [{}, 11211],
    [{ endpointPort: 11411 }, 11411],
  ])('that is imported has the attributes of the serverless cache: %j', (given, port) => {
    const cache: IServerlessMemcached = ServerlessMemcached.fromServerlessMemcachedAttributes(
      stack,
      'Imported',
      { endpointAddress: 'cache.example.org', ...given, securityGroups },
    );
    expect(cache).toMatchObject({ endpointAddress: 'cache.example.org', endpointPort: port });
    expect(cache.connections.securityGroups).toEqual(securityGroups);
    expect(cache.endpoints).toEqual([{ address: 'cache.example.org', port }]);
  });

  test('that is another implementation limits the size of a session, if it says so', () => {
    class Small extends Resource implements IMemcached {
      public readonly endpoints = [{ address: 'cache.example.org' }];
      public readonly discovery: boolean = false;
      public readonly transitEncryption: boolean = true;
      public readonly maxItemSize = Size.kibibytes(512);
      public readonly connections = new ec2.Connections();
    }
    const small = new Small(stack, 'Small');
    SessionBackend.memcached(small, { maxSessionSize: Size.kibibytes(512) });
    expectMisuse(
      () => SessionBackend.memcached(small, { maxSessionSize: Size.mebibytes(1) }),
      'maxSessionSize must be at most the maxItemSize of Stack/Small (524288 bytes), got 1048576',
    );
  });

  test('of a dashboard has the attributes of a cluster', () => {
    const { memcached } = newDashboard(stack, { vpc });
    expect(stack.resolve(memcached.configurationEndpointAddress)).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^DashboardMemcached/), 'ConfigurationEndpoint.Address'],
    });
  });
});
