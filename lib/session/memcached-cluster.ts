import { RemovalPolicy, Resource, Token, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { requireInteger } from '../shared/validate';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import { MemcachedEngineVersion } from './engine-version';
import { IMemcachedCluster, MemcachedEndpoint } from './memcached';
import { isolatedSubnets } from './subnets';

/**
 * Attributes of an existing memcached cluster.
 */
export interface MemcachedClusterAttributes {
  /** The DNS name of the configuration endpoint. */
  readonly configurationEndpointAddress: string;

  /** The port of the configuration endpoint. */
  readonly configurationEndpointPort: number;

  /** The security groups of the cluster. Rules that admit the hosts are added to them. */
  readonly securityGroups: ec2.ISecurityGroup[];

  /**
   * Whether the nodes use TLS (statements 23 and 51). It must match the cluster.
   *
   * @default true
   */
  readonly transitEncryption?: boolean;
}

/**
 * Properties of `MemcachedCluster`.
 */
export interface MemcachedClusterProps {
  /** The VPC of the cluster. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets of the nodes, in at least two Availability Zones. The guide recommends subnets
   * without a route to the internet (statement 23).
   *
   * @default - the isolated subnets of the VPC
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The number of nodes, 2 or more. Losing a node ends the sessions on it and no others. Changing
   * it updates the cluster in place, though `cdk diff` says "may be replaced": a node that is added
   * or removed ends the sessions whose keys move to or from it.
   *
   * @default 2
   */
  readonly nodeCount?: number;

  /**
   * The node type, such as `cache.t4g.small`. A session takes a few KB. Changing it replaces the
   * cluster and ends all sessions; a type that is not known at synth time cannot be changed later,
   * since CloudFormation does not support that for memcached.
   *
   * @default 'cache.t4g.small'
   */
  readonly nodeType?: string;

  /**
   * The Availability Zones of the nodes, one per node. Changing it replaces nodes.
   *
   * @default - the zones of the subnets in turn
   */
  readonly availabilityZones?: string[];

  /**
   * The version of memcached. Changing it replaces the cluster and ends all sessions.
   *
   * @default MemcachedEngineVersion.V1_6_22
   */
  readonly engineVersion?: MemcachedEngineVersion;

  /**
   * The port of the nodes. Changing it replaces the cluster and ends all sessions.
   *
   * @default 11311
   */
  readonly port?: number;

  /**
   * Whether the nodes use TLS (statements 23 and 51). Turning it off causes a warning at synth time
   * and an error in the rule pack. Changing it replaces the cluster and ends all sessions.
   *
   * @default true
   */
  readonly transitEncryption?: boolean;

  /**
   * The security groups of the nodes.
   *
   * @default - a new one without rules; add them with `connections`
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The weekly maintenance window in UTC, of at least 60 minutes.
   *
   * @default 'sun:03:00-sun:04:00'
   */
  readonly preferredMaintenanceWindow?: string;

  /**
   * The name of a parameter group for the version family of memcached. Sessions of more than 1 MiB
   * need one whose `max_item_size` is as large as the `maxSessionSize` of
   * `SessionBackend.memcached`.
   *
   * @default - the default parameter group of ElastiCache
   */
  readonly parameterGroupName?: string;

  /**
   * What happens to the cluster, and to its sessions, when it is removed from the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The topic that is notified of node failures and replacements.
   *
   * @default - none, unless `notificationTopicArn` is given
   */
  readonly notificationTopic?: sns.ITopicRef;

  /**
   * The ARN of an SNS topic that is notified of node failures and replacements. Use
   * `notificationTopic` for a topic of the app.
   *
   * @default - none
   */
  readonly notificationTopicArn?: string;
}

const WINDOW =
  /^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$/;

/** ElastiCache's default quota of nodes in a memcached cluster. */
const NODE_QUOTA = 40;

/**
 * A node-based memcached cluster of Amazon ElastiCache as the shared session store: with TLS, nodes
 * in several Availability Zones, and subnets without a route to the internet. Nothing can reach it
 * until `connections` allows it.
 *
 * @see https://docs.openstack.org/security-guide/dashboard/front-end-caching-session-back-end.html
 */
export class MemcachedCluster
  extends Resource
  implements IMemcachedCluster, elasticache.ICacheClusterRef
{
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-openstack-dashboard.MemcachedCluster';

  /**
   * Imports an existing cluster.
   *
   * @throws if no security group is given, or the port is out of range
   */
  public static fromMemcachedClusterAttributes(
    scope: Construct,
    id: string,
    attrs: MemcachedClusterAttributes,
  ): IMemcachedCluster {
    class Import extends Resource implements IMemcachedCluster {
      public readonly configurationEndpointAddress = attrs.configurationEndpointAddress;
      public readonly configurationEndpointPort = attrs.configurationEndpointPort;
      public readonly endpoints: MemcachedEndpoint[] = [
        { address: attrs.configurationEndpointAddress, port: attrs.configurationEndpointPort },
      ];
      public readonly discovery: boolean = true;
      public readonly transitEncryption = attrs.transitEncryption ?? true;
      public readonly connections = new ec2.Connections({
        securityGroups: attrs.securityGroups,
        defaultPort: ec2.Port.tcp(attrs.configurationEndpointPort),
      });
    }
    const cluster = new Import(scope, id);
    const port = attrs.configurationEndpointPort;
    requireInteger(cluster, 'configurationEndpointPort', port, 1, 65535);
    if (attrs.securityGroups.length === 0) {
      throw invalid(
        cluster,
        'securityGroups',
        'have at least one security group of the cluster',
        null,
        'it admits the hosts',
      );
    }
    return cluster;
  }

  /** The DNS name of the configuration endpoint, which lists the nodes. */
  public readonly configurationEndpointAddress: string;

  /** The port of the configuration endpoint and of every node. */
  public readonly configurationEndpointPort: number;

  /** The configuration endpoint. */
  public readonly endpoints: MemcachedEndpoint[];

  /** Whether the only endpoint lists the nodes, which it does. */
  public readonly discovery: boolean = true;

  /** Whether the nodes use TLS (statements 23 and 51). */
  public readonly transitEncryption: boolean;

  /** The network connections of the cluster. Nothing is allowed by default. */
  public readonly connections: ec2.Connections;

  /** The subnet group of the cluster. */
  public readonly subnetGroup: elasticache.CfnSubnetGroup;

  /** The CloudFormation resource of the cluster, as an escape hatch. */
  public readonly cluster: elasticache.CfnCacheCluster;

  /**
   * @throws if there are fewer than two nodes or zones, fewer or more zones than nodes, no subnets
   * for the nodes, a port out of range, a malformed maintenance window, TLS with a version before
   * 1.6.12, or two topics
   */
  constructor(scope: Construct, id: string, props: MemcachedClusterProps) {
    super(scope, id);
    props = injectProps(MemcachedCluster, scope, id, props);

    const nodeCount = props.nodeCount ?? 2;
    const port = props.port ?? 11311;
    const engineVersion = props.engineVersion ?? MemcachedEngineVersion.V1_6_22;
    const nodeType = props.nodeType ?? 'cache.t4g.small';
    const window = props.preferredMaintenanceWindow ?? 'sun:03:00-sun:04:00';
    this.transitEncryption = props.transitEncryption ?? true;

    requireInteger(this, 'nodeCount', nodeCount, 2, 300);
    requireInteger(this, 'port', port, 1, 65535);
    if (this.transitEncryption && !engineVersion.supportsTransitEncryption) {
      throw invalid(
        this,
        'engineVersion',
        'be 1.6.12 or later with transitEncryption',
        engineVersion.version,
      );
    }
    if (!Token.isUnresolved(nodeType) && !/^cache\.[a-z0-9-]+\.[a-z0-9]+$/.test(nodeType)) {
      throw invalid(
        this,
        'nodeType',
        'be a node type of ElastiCache such as cache.t4g.small',
        nodeType,
      );
    }
    if (!Token.isUnresolved(window) && !WINDOW.test(window)) {
      throw invalid(
        this,
        'preferredMaintenanceWindow',
        'be ddd:hh:mm-ddd:hh:mm in UTC such as sun:03:00-sun:04:00',
        window,
      );
    }
    if (props.notificationTopic && props.notificationTopicArn) {
      throw invalid(this, 'notificationTopicArn', 'not be given with notificationTopic');
    }
    if (!Token.isUnresolved(nodeCount) && nodeCount > NODE_QUOTA) {
      Validations.of(this).addWarning(
        'cdk-openstack-dashboard:memcachedNodeQuota',
        `${nodeCount} nodes are more than ElastiCache's default quota of ${NODE_QUOTA} per cluster; request a higher quota before you deploy`,
      );
    }

    const subnets = isolatedSubnets(this, props.vpc, props.vpcSubnets);
    this.subnetGroup = new elasticache.CfnSubnetGroup(this, 'Subnets', {
      description: `Subnets of the memcached cluster ${this.node.path}`,
      subnetIds: subnets.subnetIds,
    });
    this.connections = new ec2.Connections({
      securityGroups: props.securityGroups ?? [
        new ec2.SecurityGroup(this, 'SecurityGroup', {
          vpc: props.vpc,
          description: `Memcached cluster ${this.node.path}`,
          allowAllOutbound: false,
        }),
      ],
      defaultPort: ec2.Port.tcp(port),
    });

    this.cluster = new elasticache.CfnCacheCluster(
      this,
      clusterId(this.transitEncryption, engineVersion.version, nodeType),
      {
        engine: 'memcached',
        engineVersion: engineVersion.version,
        cacheNodeType: nodeType,
        numCacheNodes: nodeCount,
        azMode: 'cross-az',
        // Without it, CloudFormation replaces the whole cluster if the number of nodes changes.
        preferredAvailabilityZones: zonesOfNodes(this, props, nodeCount, subnets),
        port,
        transitEncryptionEnabled: this.transitEncryption,
        cacheSubnetGroupName: this.subnetGroup.ref,
        vpcSecurityGroupIds: this.connections.securityGroups.map((group) => group.securityGroupId),
        preferredMaintenanceWindow: window,
        cacheParameterGroupName: props.parameterGroupName,
        notificationTopicArn:
          props.notificationTopic?.topicRef.topicArn ?? props.notificationTopicArn,
        autoMinorVersionUpgrade: true,
      },
    );
    this.node.defaultChild = this.cluster;
    this.cluster.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.DESTROY);
    this.configurationEndpointAddress = this.cluster.attrConfigurationEndpointAddress;
    this.configurationEndpointPort = Token.asNumber(this.cluster.attrConfigurationEndpointPort);
    this.endpoints = [
      { address: this.configurationEndpointAddress, port: this.configurationEndpointPort },
    ];
  }

  /**
   * A metric of the cluster, of all its nodes together.
   *
   * @param metricName the name in the namespace `AWS/ElastiCache`
   * @param props options of the metric
   * @default - average over five minutes
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Memcached.html
   */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/ElastiCache',
      metricName,
      dimensionsMap: { CacheClusterId: this.cluster.ref },
      ...props,
    }).attachTo(this);
  }

  /**
   * The number of sessions that were evicted because a node had no memory left. Their users have to log in again.
   *
   * @default - sum over five minutes
   */
  public metricEvictions(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('Evictions', { statistic: cloudwatch.Stats.SUM, ...props });
  }

  /**
   * The CPU utilization of the busiest node in percent.
   *
   * @default - maximum over five minutes
   */
  public metricCpuUtilization(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CPUUtilization', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /**
   * The lowest number of CPU credits of a node. Node types that are not burstable have no such metric.
   *
   * @default - minimum over five minutes
   */
  public metricCpuCreditBalance(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CPUCreditBalance', { statistic: cloudwatch.Stats.MINIMUM, ...props });
  }

  /**
   * The largest amount of swap space that a node uses, in bytes.
   *
   * @default - maximum over five minutes
   */
  public metricSwapUsage(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('SwapUsage', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /**
   * The number of connections to the node that has the most.
   *
   * @default - maximum over five minutes
   */
  public metricCurrConnections(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CurrConnections', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /**
   * The number of items on the node that has the most.
   *
   * @default - maximum over five minutes
   */
  public metricCurrItems(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CurrItems', { statistic: cloudwatch.Stats.MAXIMUM, ...props });
  }

  /** A reference to the cluster, for constructs that take an `ICacheClusterRef`. */
  public get cacheClusterRef(): elasticache.CacheClusterReference {
    return this.cluster.cacheClusterRef;
  }
}

/**
 * According to CloudFormation's schema, TLS, version and node type can be updated in place. But
 * ElastiCache only sets TLS at creation, CloudFormation does not support changing the node type of
 * memcached, and a version cannot be lowered, not even by the rollback of an upgrade. So each of them
 * is part of the ID, and changing it replaces the cluster. IDs without a suffix are those of version
 * 0.1.0.
 */
function clusterId(transitEncryption: boolean, version: string, nodeType: string): string {
  const parts = [transitEncryption ? 'TlsCluster' : 'PlainCluster'];
  if (version !== '1.6.22') {
    parts.push(version);
  }
  // A token cannot be part of an id
  if (nodeType !== 'cache.t4g.small' && !Token.isUnresolved(nodeType)) {
    parts.push(nodeType);
  }
  return parts.join('-');
}

function zonesOfNodes(
  scope: Construct,
  props: MemcachedClusterProps,
  nodeCount: number,
  subnets: ec2.SelectedSubnets,
): string[] {
  const given = props.availabilityZones;
  if (given && Token.isUnresolved(given)) {
    return given;
  }
  if (Token.isUnresolved(nodeCount)) {
    if (!given) {
      throw invalid(
        scope,
        'availabilityZones',
        'be given with a nodeCount that is not known at synth time',
        null,
      );
    }
    return given;
  }
  if (given && given.length !== nodeCount) {
    throw invalid(
      scope,
      'availabilityZones',
      `have one zone per node (${nodeCount})`,
      given.length,
    );
  }
  const zones = [...new Set(given ?? subnets.availabilityZones)];
  if (zones.length < 2 && subnets.isPendingLookup) {
    return zones;
  }
  if (zones.length < 2) {
    throw invalid(
      scope,
      given ? 'availabilityZones' : 'vpcSubnets',
      `${given ? 'name' : 'be in'} at least two availability zones`,
      zones,
      'with one, losing it ends all sessions',
    );
  }
  return given ?? Array.from({ length: nodeCount }, (_, node) => zones[node % zones.length]);
}
