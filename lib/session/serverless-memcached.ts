import { Names, RemovalPolicy, Resource, Size, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { requireInteger } from '../shared/validate';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import {
  IServerlessMemcached,
  MEMCACHED_PORT,
  MemcachedEndpoint,
  SERVERLESS_ITEM_SIZE,
} from './memcached';
import { isolatedSubnets } from './subnets';

/**
 * Attributes of an existing serverless memcached cache.
 */
export interface ServerlessMemcachedAttributes {
  /** The DNS name of the endpoint. */
  readonly endpointAddress: string;

  /**
   * The port of the endpoint.
   *
   * @default 11211
   */
  readonly endpointPort?: number;

  /** The security groups of the cache. Rules that admit the hosts are added to them. */
  readonly securityGroups: ec2.ISecurityGroup[];
}

/**
 * Properties of `ServerlessMemcached`.
 */
export interface ServerlessMemcachedProps {
  /** The VPC of the cache. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets of the endpoint: two or three, each in a different Availability Zone. The guide
   * recommends subnets without a route to the internet (statement 23). Changing it replaces the
   * cache and ends all sessions.
   *
   * @default - an isolated subnet of the VPC in each Availability Zone, three at most
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The name of the cache: 1 to 40 letters, digits and hyphens, of which the first is a letter. A
   * change that replaces the cache (subnets, key) requires another name too.
   *
   * @default - a name generated from the construct's path
   */
  readonly cacheName?: string;

  /**
   * The maximum amount of data, in GB, from 1 to 5,000. Above it, the least recently used sessions
   * are lost.
   *
   * @default - only the limit of the service
   */
  readonly maxDataGb?: number;

  /**
   * The amount of data that is reserved and paid for at all times, in GB, from 1 to 5,000.
   *
   * @default - the minimum of the service
   */
  readonly minDataGb?: number;

  /**
   * The maximum number of ElastiCache Processing Units per second, from 1,000 to 15,000,000. Above
   * it, requests are throttled. A page takes a read and a write of the session, with one unit per
   * KB each.
   *
   * @default - only the limit of the service
   */
  readonly maxEcpuPerSecond?: number;

  /**
   * The number of ElastiCache Processing Units per second that is reserved and paid for at all
   * times, from 1,000 to 15,000,000.
   *
   * @default - none
   */
  readonly minEcpuPerSecond?: number;

  /**
   * The KMS key that encrypts the data at rest. Changing it replaces the cache and ends all
   * sessions.
   *
   * @default - a key of the service
   */
  readonly encryptionKey?: kms.IKeyRef;

  /**
   * The security groups of the endpoint.
   *
   * @default - a new one without rules; add them with `connections`
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * What happens to the cache, and to its sessions, when it is removed from the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Amazon ElastiCache Serverless for memcached as the shared session store, for loads that you
 * cannot predict: one endpoint over two or three Availability Zones, always with TLS and encryption
 * at rest, in subnets without a route to the internet. Nothing can reach it until `connections`
 * allows it. Snapshots are not taken, since session data must not be copied.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/create-serverless-cache-mem.html
 */
export class ServerlessMemcached
  extends Resource
  implements IServerlessMemcached, elasticache.IServerlessCacheRef
{
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string =
    'cdk-openstack-dashboard.ServerlessMemcached';

  /**
   * Imports an existing cache.
   *
   * @throws if no security group is given, or the port is out of range
   */
  public static fromServerlessMemcachedAttributes(
    scope: Construct,
    id: string,
    attrs: ServerlessMemcachedAttributes,
  ): IServerlessMemcached {
    const port = attrs.endpointPort ?? MEMCACHED_PORT;
    class Import extends Resource implements IServerlessMemcached {
      public readonly endpointAddress = attrs.endpointAddress;
      public readonly endpointPort = port;
      public readonly endpoints: MemcachedEndpoint[] = [{ address: attrs.endpointAddress, port }];
      public readonly discovery: boolean = false;
      public readonly transitEncryption: boolean = true;
      public readonly maxItemSize = SERVERLESS_ITEM_SIZE;
      public readonly connections = new ec2.Connections({
        securityGroups: attrs.securityGroups,
        defaultPort: ec2.Port.tcp(port),
      });
    }
    const cache = new Import(scope, id);
    requireInteger(cache, 'endpointPort', port, 1, 65535);
    if (attrs.securityGroups.length === 0) {
      throw invalid(
        cache,
        'securityGroups',
        'have at least one security group of the cache',
        null,
        'it admits the hosts',
      );
    }
    return cache;
  }

  /** The DNS name of the endpoint. */
  public readonly endpointAddress: string;

  /** The port of the endpoint: memcached's default, which the service does not allow changing. */
  public readonly endpointPort: number = MEMCACHED_PORT;

  /** The only endpoint. */
  public readonly endpoints: MemcachedEndpoint[];

  /** Whether the only endpoint lists the nodes: no, the service hides them. */
  public readonly discovery: boolean = false;

  /** Whether the cache uses TLS, which it always does (statements 23 and 51). */
  public readonly transitEncryption: boolean = true;

  /**
   * The maximum size of an item, which the service does not allow changing.
   *
   * @default Size.mebibytes(1)
   */
  public readonly maxItemSize?: Size = SERVERLESS_ITEM_SIZE;

  /** The network connections of the cache. Nothing is allowed by default. */
  public readonly connections: ec2.Connections;

  /** The CloudFormation resource of the cache, as an escape hatch. */
  public readonly cache: elasticache.CfnServerlessCache;

  /**
   * @throws if the name is malformed, a limit is out of range, a minimum is greater than its
   * maximum, there are no subnets for the endpoint, or they are not two or three in different
   * Availability Zones
   */
  constructor(scope: Construct, id: string, props: ServerlessMemcachedProps) {
    super(scope, id);
    props = injectProps(ServerlessMemcached, scope, id, props);

    const name = props.cacheName ?? defaultName(this);
    requireCacheName(this, name);
    requireLimits(this, 'DataGb', props.minDataGb, props.maxDataGb, 1, 5000);
    requireLimits(
      this,
      'EcpuPerSecond',
      props.minEcpuPerSecond,
      props.maxEcpuPerSecond,
      1000,
      15_000_000,
    );
    const subnetIds = subnetsOf(this, props);
    this.connections = new ec2.Connections({
      securityGroups: props.securityGroups ?? [
        new ec2.SecurityGroup(this, 'SecurityGroup', {
          vpc: props.vpc,
          description: `Serverless memcached ${this.node.path}`,
          allowAllOutbound: false,
        }),
      ],
      defaultPort: ec2.Port.tcp(this.endpointPort),
    });
    const data = props.maxDataGb !== undefined || props.minDataGb !== undefined;
    const ecpu = props.maxEcpuPerSecond !== undefined || props.minEcpuPerSecond !== undefined;
    this.cache = new elasticache.CfnServerlessCache(this, 'Cache', {
      engine: 'memcached',
      majorEngineVersion: '1.6',
      serverlessCacheName: name,
      description: `Sessions, ${this.node.path}`.slice(0, 255),
      cacheUsageLimits:
        data || ecpu
          ? {
              dataStorage: data
                ? { unit: 'GB', minimum: props.minDataGb, maximum: props.maxDataGb }
                : undefined,
              ecpuPerSecond: ecpu
                ? { minimum: props.minEcpuPerSecond, maximum: props.maxEcpuPerSecond }
                : undefined,
            }
          : undefined,
      kmsKeyId: props.encryptionKey?.keyRef.keyArn,
      securityGroupIds: this.connections.securityGroups.map((group) => group.securityGroupId),
      subnetIds,
    });
    this.node.defaultChild = this.cache;
    this.cache.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.DESTROY);
    this.endpointAddress = this.cache.attrEndpointAddress;
    this.endpoints = [{ address: this.endpointAddress, port: this.endpointPort }];
  }

  /**
   * A metric of the cache.
   *
   * @param metricName the name in the namespace `AWS/ElastiCache`
   * @param props options of the metric
   * @default - average over five minutes
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events.memcached.html
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/ElastiCache',
      metricName,
      // In lower case, unlike the dimension of clusters with nodes
      dimensionsMap: { clusterId: this.cache.ref },
      ...props,
    }).attachTo(this);
  }

  /**
   * The number of commands that the service throttled because the cache scaled too slowly or is at its limit.
   *
   * @default - sum over five minutes
   */
  public metricThrottledCmds(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ThrottledCmds', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /**
   * The number of sessions that were evicted because the cache is at its limit of data. Their users have to log in again.
   *
   * @default - sum over five minutes
   */
  public metricEvictions(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Evictions', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /**
   * The number of bytes in the cache.
   *
   * @default - maximum over five minutes
   */
  public metricBytesUsedForCache(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('BytesUsedForCache', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /**
   * The number of ElastiCache Processing Units (ECPUs) that requests use.
   *
   * @default - sum over five minutes
   */
  public metricProcessingUnits(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ElastiCacheProcessingUnits', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /** A reference to the cache, for constructs that take an `IServerlessCacheRef`. */
  public get serverlessCacheRef(): elasticache.ServerlessCacheReference {
    return this.cache.serverlessCacheRef;
  }
}

/** The service stores names in lower case, and CloudFormation does not generate them. */
function defaultName(scope: Construct): string {
  const unique = Names.uniqueResourceName(scope, { maxLength: 40, separator: '-' }).toLowerCase();
  return /^[a-z]/.test(unique) ? unique : `s${unique.slice(0, 39)}`;
}

function requireCacheName(scope: Construct, name: string): void {
  if (
    !Token.isUnresolved(name) &&
    !/^(?=.{1,40}$)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/.test(name)
  ) {
    throw invalid(
      scope,
      'cacheName',
      'be 1 to 40 letters, digits and single hyphens, begin with a letter and not end with a hyphen',
      name,
    );
  }
}

function requireLimits(
  scope: Construct,
  what: string,
  min: number | undefined,
  max: number | undefined,
  least: number,
  greatest: number,
): void {
  if (min !== undefined) {
    requireInteger(scope, `min${what}`, min, least, greatest);
  }
  if (max !== undefined) {
    requireInteger(scope, `max${what}`, max, least, greatest);
  }
  if (min === undefined || max === undefined) {
    return;
  }
  if (!Token.isUnresolved(min) && !Token.isUnresolved(max) && min > max) {
    throw invalid(scope, `min${what}`, `be at most max${what} (${max})`, min);
  }
}

function subnetsOf(scope: Construct, props: ServerlessMemcachedProps): string[] {
  const selected = isolatedSubnets(scope, props.vpc, props.vpcSubnets);
  // The service accepts one subnet per zone.
  const byZone = new Map<string, string>();
  for (const { availabilityZone, subnetId } of selected.subnets) {
    if (props.vpcSubnets && byZone.has(availabilityZone) && !selected.isPendingLookup) {
      throw invalid(
        scope,
        'vpcSubnets',
        'have one subnet per availability zone',
        selected.subnets.map((subnet) => subnet.availabilityZone),
      );
    }
    if (!byZone.has(availabilityZone)) {
      byZone.set(availabilityZone, subnetId);
    }
  }
  if (!selected.isPendingLookup && (byZone.size < 2 || (props.vpcSubnets && byZone.size > 3))) {
    throw invalid(scope, 'vpcSubnets', 'be in two or three availability zones', [...byZone.keys()]);
  }
  return [...byZone.values()].slice(0, 3);
}
