import {
  ArnFormat,
  Aws,
  CfnResource,
  CfnWaitConditionHandle,
  Duration,
  Size,
  SizeRoundingBehavior,
  Stack,
  Token,
  Tokenization,
} from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { HostLogGroup } from '../logs/host-log-group';
import { HostLogs } from '../logs/host-logs';
import { HEALTH_PATH, LAUNCH_HOOK } from '../contract/constants';
import { boundsOf, constructDefault, constructNumber } from '../contract/environment';
import { requireInteger, requireSeconds } from '../shared/validate';
import { invalid } from '../shared/errors';
import { AdminAccess } from './admin-access';
import { debianImage } from './debian';
import { EgressProxy } from './egress-proxy';
import { Patching } from './patching';
import {
  HostUserData,
  ImageStage,
  ImageUserData,
  METADATA_KEY,
  renderUserData,
  Tier,
  tierFiles,
  USER_DATA_LIMIT,
} from './user-data';

/**
 * Options that dashboard hosts and static hosts share.
 */
export interface HostGroupOptions {
  /**
   * The subnets of the hosts, in at least two Availability Zones. The hosts need a route to
   * Debian's mirror (unless the image has all packages), to OpenStack, and to the APIs of AWS
   * CloudFormation, Amazon EC2 Auto Scaling, AWS Secrets Manager and Amazon S3. In subnets without
   * egress, use VPC endpoints.
   *
   * @default - the private subnets with egress of the VPC
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The instance type. Its architecture determines the default machine image. Changing it replaces
   * the hosts one at a time.
   *
   * @default - a Graviton type whose memory was measured to suffice: t4g.small for dashboard hosts,
   * t4g.nano for static hosts
   */
  readonly instanceType?: ec2.InstanceType;

  /**
   * The machine image: Debian 13, or an image based on it that already has the packages and so
   * boots in seconds.
   *
   * @default - the newest official Debian 13 image of the instance type's architecture
   */
  readonly machineImage?: ec2.IMachineImage;

  /**
   * The minimum number of hosts, also during an update.
   *
   * @default 2
   */
  readonly minCapacity?: number;

  /**
   * The maximum number of hosts. It must be greater than `minCapacity`, since an update launches
   * new hosts before it terminates old ones.
   *
   * @default - twice `minCapacity`
   */
  readonly maxCapacity?: number;

  /**
   * The number of requests per minute per host that the group scales for.
   *
   * @default - 600 for dashboard hosts, 12000 for static hosts
   */
  readonly requestsPerMinute?: number;

  /**
   * The security group of the hosts.
   *
   * @default - a new one without open egress
   */
  readonly securityGroup?: ec2.ISecurityGroup;

  /**
   * The role of the hosts. Permissions are added to it, in the stack of the hosts if this app
   * creates the role in another one.
   *
   * @default - a new one
   */
  readonly role?: iam.IRole;

  /**
   * The permissions boundary of the new role.
   *
   * @default - none
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;

  /**
   * The KMS key that encrypts the volumes. Its policy is extended so that the volumes of an Auto
   * Scaling group can use it; the policy of an imported key must already allow that.
   *
   * @default - the account's default key for Amazon EBS
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * The size of the volume, in whole GiB from 1 to 65,536.
   *
   * @default - 10 GiB; with `ImageUpload.legacy()`, 6 GiB and room for each image twice if that is more
   */
  readonly volumeSize?: Size;

  /**
   * User data that runs before the library's own script, on a host that is not configured yet, even
   * if commands are added to it later. In `MultipartUserData`, the library's script is the last
   * part. A command that ends the script with an error keeps the host out of service until
   * `signalTimeout` is over.
   *
   * @default - none
   */
  readonly userData?: ec2.UserData;

  /**
   * Further Debian packages to install, such as plugins of Horizon.
   *
   * @default - none
   */
  readonly extraPackages?: string[];

  /**
   * How operators get a shell on a host.
   *
   * @default AdminAccess.none()
   */
  readonly adminAccess?: AdminAccess;

  /**
   * A topic that is notified when a host is launched, is terminated or fails to start.
   *
   * @default - none
   */
  readonly notificationTopic?: sns.ITopic;

  /**
   * How long CloudFormation and the scaling group wait for a new host to report that it is in
   * service, in whole seconds from 300 to 7200. The host itself gives up earlier, by a third of it
   * and at most 180 seconds, and reports the failure with its reason. Changing it rolls out new
   * hosts.
   *
   * @default Duration.minutes(15)
   */
  readonly signalTimeout?: Duration;

  /**
   * How long the scaling group ignores failing health checks of a host that has just come into
   * service, in whole seconds up to 7200. A host comes into service only once it answers, so this
   * covers no more than its registration with the load balancer.
   *
   * @default Duration.seconds(60)
   */
  readonly healthCheckGracePeriod?: Duration;

  /**
   * How long the metrics of a host that has just come into service are left out of scaling
   * decisions, in whole seconds up to 3600.
   *
   * @default Duration.seconds(60)
   */
  readonly defaultInstanceWarmup?: Duration;

  /**
   * The addresses that the hosts can reach on ports 443 and 80: the APIs of AWS and Debian's mirror.
   * OpenStack is among them unless `apiPeer` is given.
   *
   * @default - any IPv4 address, and any IPv6 address if the load balancer that `OpenStackDashboard`
   * creates is dual-stack
   */
  readonly egressPeers?: ec2.IPeer[];

  /**
   * The proxy through which the hosts reach Debian's mirror, AWS and OpenStack. Their security group
   * allows connections to it; `egressPeers` are the addresses that they reach without it.
   *
   * @default - none
   */
  readonly egressProxy?: EgressProxy;

  /**
   * How the hosts get new packages.
   *
   * @default Patching.lifetime()
   */
  readonly patching?: Patching;

  /**
   * Where the hosts send their logs. With logs, subnets without egress also need an interface endpoint
   * for CloudWatch Logs.
   *
   * @default HostLogs.cloudWatch()
   */
  readonly logs?: HostLogs;
}

/**
 * Properties of `HostGroup`.
 */
export interface HostGroupProps extends HostGroupOptions {
  /** The VPC of the hosts. */
  readonly vpc: ec2.IVpc;
}

/** The configuration of a tier's hosts. */
export interface Provisioning {
  readonly tier: Tier;
  readonly packages: string[];
  readonly hostEnvironment: { [name: string]: string };
  readonly dashboardEnvironment: { [name: string]: string };
}

/** What instances that build and test a machine image of hosts have in common with them. */
export interface Launch {
  readonly vpc: ec2.IVpc;
  readonly subnetId: string;
  readonly instanceType: ec2.InstanceType;
  readonly blockDevices: ec2.BlockDevice[];
  readonly egressPeers: ec2.IPeer[];
  readonly egressPorts: number[];
  /** @default - none */
  readonly egressProxy?: EgressProxy;
  readonly signalTimeout: Duration;
}

/** The ports for every host: AWS's APIs over TLS, and Debian's mirror (signed packages over HTTP). */
/** The size of a volume, unless uploaded images need more. */
export const DEFAULT_VOLUME_GIBIBYTES = 10;

const HOST_EGRESS_PORTS = [443, 80];

/**
 * An Auto Scaling group of hosts behind a load balancer: the base of `DashboardHosts` and
 * `StaticTier`.
 */
export abstract class HostGroup extends Construct implements ec2.IConnectable, iam.IGrantable {
  /** The Auto Scaling group. */
  public readonly autoScalingGroup: autoscaling.AutoScalingGroup;

  /** The launch template of the hosts. */
  public readonly launchTemplate: ec2.LaunchTemplate;

  /** The target group, with HTTPS to the hosts (statement 57: encrypt again behind the boundary). */
  public readonly targetGroup: elbv2.ApplicationTargetGroup;

  /** The role of the hosts. */
  public readonly role: iam.IRole;

  /** The security group of the hosts. */
  public readonly securityGroup: ec2.ISecurityGroup;

  /** The network connections of the hosts. */
  public readonly connections: ec2.Connections;

  /** The principal to grant permissions to: the role of the hosts. */
  public readonly grantPrincipal: iam.IPrincipal;

  /** How the hosts are launched. @internal */
  public readonly _launch: Launch;

  /**
   * The log group of the hosts.
   *
   * @default - none with `HostLogs.none()`
   */
  public readonly logGroup?: HostLogGroup;

  private readonly accessLog: boolean;
  private readonly requestsPerMinute: number;
  private readonly userData: HostUserData;
  private readonly signalTimeout: Duration;
  private readonly extraPackages: string[];
  private readonly adminAccess: AdminAccess;
  private readonly inPlacePatches: boolean;
  private readonly egressPeers: ec2.IPeer[];
  private readonly egressProxy?: EgressProxy;

  /**
   * @throws if capacities, subnets, package names, sizes or durations are invalid
   */
  constructor(scope: Construct, id: string, props: HostGroupProps) {
    super(scope, id);

    const minCapacity = props.minCapacity ?? 2;
    requireInteger(this, 'minCapacity', minCapacity, 1, 1000);
    if (Token.isUnresolved(minCapacity) && props.maxCapacity === undefined) {
      throw invalid(
        this,
        'maxCapacity',
        'be given with a minCapacity that is not known at synth time',
        null,
      );
    }
    const maxCapacity = props.maxCapacity ?? 2 * minCapacity;
    requireInteger(this, 'maxCapacity', maxCapacity, 2, 2000);
    const known = !Token.isUnresolved(minCapacity) && !Token.isUnresolved(maxCapacity);
    if (known && maxCapacity <= minCapacity) {
      throw invalid(
        this,
        'maxCapacity',
        `be greater than minCapacity (${minCapacity})`,
        maxCapacity,
        'an update launches new hosts before it terminates old ones',
      );
    }
    if (props.role && props.permissionsBoundary) {
      throw invalid(
        this,
        'permissionsBoundary',
        'not be given with role; set the permissions boundary of an existing role yourself',
      );
    }
    for (const name of props.extraPackages ?? []) {
      if (!Token.isUnresolved(name) && !/^[a-z0-9][a-z0-9+.-]+$/.test(name)) {
        throw invalid(
          this,
          'extraPackages',
          'be names of Debian packages such as python3-designate-dashboard',
          name,
        );
      }
    }
    const timeout =
      props.signalTimeout ?? Duration.seconds(constructNumber('SIGNAL_TIMEOUT_SECONDS'));
    // A lifecycle hook cannot wait longer without a heartbeat.
    requireSeconds(this, 'signalTimeout', timeout, ...boundsOf('SIGNAL_TIMEOUT_SECONDS'));
    this.signalTimeout = timeout;
    const gracePeriod = props.healthCheckGracePeriod ?? Duration.seconds(60);
    requireSeconds(this, 'healthCheckGracePeriod', gracePeriod, 0, 7200);
    const warmup = props.defaultInstanceWarmup ?? Duration.seconds(60);
    requireSeconds(this, 'defaultInstanceWarmup', warmup, 0, 3600);

    const subnets = props.vpc.selectSubnets(
      props.vpcSubnets ?? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    );
    const zones = [...new Set(subnets.availabilityZones)];
    if (zones.length < 2 && !subnets.isPendingLookup) {
      throw invalid(this, 'vpcSubnets', 'be in at least two availability zones', zones);
    }

    this.role =
      this.ofThisStack(props.role) ??
      new iam.Role(this, 'Role', {
        assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
        description: `Hosts of ${this.node.path}`,
        permissionsBoundary: props.permissionsBoundary,
      });
    this.grantPrincipal = this.role;
    this.securityGroup =
      props.securityGroup ??
      new ec2.SecurityGroup(this, 'SecurityGroup', {
        vpc: props.vpc,
        description: `Hosts of ${this.node.path}`,
        allowAllOutbound: false,
      });
    this.connections = new ec2.Connections({
      securityGroups: [this.securityGroup],
      defaultPort: ec2.Port.tcp(443),
    });
    this.egressPeers = props.egressPeers ?? [ec2.Peer.anyIpv4()];
    if (this.egressPeers.length === 0) {
      throw invalid(this, 'egressPeers', 'have at least one peer', []);
    }
    for (const port of HOST_EGRESS_PORTS) {
      this.allowToApi(port);
    }
    this.egressProxy = props.egressProxy;
    this.egressProxy?._allowFrom(this.connections);

    this.adminAccess = props.adminAccess ?? AdminAccess.none();
    this.adminAccess.allowTo(this);
    this.extraPackages = props.extraPackages ?? [];
    this.userData = new HostUserData(props.userData ?? ec2.UserData.forLinux());

    const instanceType = props.instanceType ?? new ec2.InstanceType('t4g.small');
    allowVolumes(props.encryptionKey);
    const volumeSize = (props.volumeSize ?? Size.gibibytes(DEFAULT_VOLUME_GIBIBYTES)).toGibibytes({
      rounding: SizeRoundingBehavior.NONE,
    });
    requireInteger(this, 'volumeSize', volumeSize, 1, 65_536, 'GiB');
    const blockDevices: ec2.BlockDevice[] = [
      {
        deviceName: '/dev/xvda',
        volume: ec2.BlockDeviceVolume.ebs(volumeSize, {
          encrypted: true,
          kmsKey: props.encryptionKey,
          volumeType: ec2.EbsDeviceVolumeType.GP3,
          deleteOnTermination: true,
        }),
      },
    ];
    this._launch = {
      vpc: props.vpc,
      subnetId: subnets.subnetIds[0],
      instanceType,
      blockDevices,
      egressPeers: this.egressPeers,
      egressPorts: HOST_EGRESS_PORTS,
      egressProxy: this.egressProxy,
      signalTimeout: timeout,
    };
    this.launchTemplate = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      instanceType,
      machineImage: props.machineImage ?? debianImage(instanceType.architecture),
      role: this.role,
      securityGroup: this.securityGroup,
      userData: this.userData,
      requireImdsv2: true,
      httpEndpoint: true,
      httpPutResponseHopLimit: 1,
      associatePublicIpAddress: false,
      detailedMonitoring: true,
      blockDevices,
    });

    const patching = props.patching ?? Patching.lifetime();
    this.inPlacePatches = patching._inPlace;
    this.autoScalingGroup = new autoscaling.AutoScalingGroup(this, 'AutoScalingGroup', {
      vpc: props.vpc,
      vpcSubnets: { subnets: subnets.subnets },
      launchTemplate: this.launchTemplate,
      minCapacity,
      // No desiredCapacity: a deployment would undo a scale-out
      maxCapacity,
      notifications: props.notificationTopic ? [{ topic: props.notificationTopic }] : undefined,
      groupMetrics: [autoscaling.GroupMetrics.all()],
      healthChecks: autoscaling.HealthChecks.withAdditionalChecks({
        additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
        gracePeriod,
      }),
      defaultInstanceWarmup: warmup,
      maxInstanceLifetime: patching._maxInstanceLifetime,
      // Outside of deployments, too, a host is terminated only once its replacement is in service.
      minHealthyPercentage: 100,
      maxHealthyPercentage: 200,
      signals: autoscaling.Signals.waitForMinCapacity({ timeout }),
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({
        maxBatchSize: 1,
        minInstancesInService: minCapacity,
      }),
    });
    const group = this.autoScalingGroup.node.defaultChild as autoscaling.CfnAutoScalingGroup;
    this.node.defaultChild = group;
    // Part of the group, since the first hosts would start without a hook that is a separate resource.
    group.lifecycleHookSpecificationList = [
      {
        lifecycleHookName: LAUNCH_HOOK,
        lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        defaultResult: 'ABANDON',
        heartbeatTimeout: timeout.toSeconds(),
      },
    ];
    const bound = (props.logs ?? HostLogs.cloudWatch())._bind(this);
    bound?.logGroup._grantWrite(this.role);
    this.logGroup = bound?.logGroup;
    this.accessLog = bound?.accessLog ?? false;
    patching._bind(this, this.autoScalingGroup, props.permissionsBoundary);
    this.requestsPerMinute = props.requestsPerMinute ?? 600;
    requireInteger(this, 'requestsPerMinute', this.requestsPerMinute, 1, 1e9);

    this.targetGroup = new elbv2.ApplicationTargetGroup(this, 'TargetGroup', {
      vpc: props.vpc,
      targetType: elbv2.TargetType.INSTANCE,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      port: 443,
      targets: [this.autoScalingGroup],
      deregistrationDelay: Duration.seconds(60),
      healthCheck: {
        protocol: elbv2.Protocol.HTTPS,
        path: HEALTH_PATH,
        healthyHttpCodes: '200',
        interval: Duration.seconds(5),
        timeout: Duration.seconds(4),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });

    // A host uses its role and the routes of its subnets immediately.
    this.autoScalingGroup.node.addDependency(this.role, subnets.internetConnectivityEstablished);

    const stack = Stack.of(this);
    this.role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['cloudformation:DescribeStackResource', 'cloudformation:SignalResource'],
        resources: [stack.stackId],
      }),
    );
    // The policy cannot name the group, which depends on it. CloudFormation sets the tags.
    this.role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['autoscaling:CompleteLifecycleAction'],
        resources: [
          stack.formatArn({
            service: 'autoscaling',
            resource: 'autoScalingGroup',
            resourceName: '*:autoScalingGroupName/*',
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ],
        conditions: {
          StringEquals: {
            'aws:ResourceTag/aws:cloudformation:stack-id': stack.stackId,
            'aws:ResourceTag/aws:cloudformation:logical-id': group.logicalId,
          },
        },
      }),
    );
    this.node.addValidation({ validate: () => this.validateUserData() });
  }

  /**
   * Adds a scaling policy on the number of requests per host. Call it after the target group has a
   * listener.
   *
   * @throws if the target group has no listener
   */
  public scaleOnRequestCount(): autoscaling.TargetTrackingScalingPolicy {
    return this.autoScalingGroup.scaleOnRequestCount('Requests', {
      targetRequestsPerMinute: this.requestsPerMinute,
    });
  }

  /**
   * Allows the hosts to reach an API outside the VPC.
   *
   * @param port the TCP port
   * @param peer the addresses of the API; those of `egressPeers` by default
   */
  public allowToApi(port: number, peer?: ec2.IPeer): void {
    for (const address of peer ? [peer] : this.egressPeers) {
      this.connections.allowTo(address, ec2.Port.tcp(port), `TLS or packages, ${port}`);
    }
  }

  /**
   * The number of requests to the hosts.
   *
   * @default - sum over five minutes
   * @throws if the hosts are not behind a load balancer yet
   */
  public metricRequestCount(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.targetGroup.metrics.requestCount(props);
  }

  /**
   * The number of answers of the hosts with a status of 500 to 599.
   *
   * @default - sum over five minutes
   * @throws if the hosts are not behind a load balancer yet
   */
  public metricServerErrorCount(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.targetGroup.metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, props);
  }

  /**
   * The time in seconds until the hosts answer.
   *
   * @default - 99th percentile over five minutes
   * @throws if the hosts are not behind a load balancer yet
   */
  public metricResponseTime(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.targetGroup.metrics.targetResponseTime({
      statistic: cloudwatch.Stats.percentile(99),
      ...props,
    });
  }

  /**
   * The number of hosts that the load balancer sends requests to.
   *
   * @default - minimum over five minutes
   * @throws if the hosts are not behind a load balancer yet
   */
  public metricHealthyHostCount(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.targetGroup.metrics.healthyHostCount({
      statistic: cloudwatch.Stats.MINIMUM,
      ...props,
    });
  }

  /**
   * The number of hosts that fail the load balancer's health checks.
   *
   * @default - maximum over five minutes
   * @throws if the hosts are not behind a load balancer yet
   */
  public metricUnhealthyHostCount(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.targetGroup.metrics.unhealthyHostCount({
      statistic: cloudwatch.Stats.MAXIMUM,
      ...props,
    });
  }

  /**
   * The number of hosts in service.
   *
   * @default - minimum over five minutes
   */
  public metricInServiceInstances(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfGroup(
      'AWS/AutoScaling',
      'GroupInServiceInstances',
      cloudwatch.Stats.MINIMUM,
      props,
    );
  }

  /**
   * The minimum number of hosts.
   *
   * @default - maximum over five minutes
   */
  public metricMinSize(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfGroup('AWS/AutoScaling', 'GroupMinSize', cloudwatch.Stats.MAXIMUM, props);
  }

  /**
   * The maximum number of hosts.
   *
   * @default - minimum over five minutes
   */
  public metricMaxSize(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfGroup('AWS/AutoScaling', 'GroupMaxSize', cloudwatch.Stats.MINIMUM, props);
  }

  /**
   * The CPU utilization of the hosts in percent.
   *
   * @default - average over five minutes
   */
  public metricCpuUtilization(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfGroup('AWS/EC2', 'CPUUtilization', cloudwatch.Stats.AVERAGE, props);
  }

  /**
   * The number of CPU credits that are charged because hosts of a burstable instance type use more
   * than they earn. Instance types that are not burstable have no such metric.
   *
   * @default - maximum over five minutes
   */
  public metricCpuSurplusCreditsCharged(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricOfGroup(
      'AWS/EC2',
      'CPUSurplusCreditsCharged',
      cloudwatch.Stats.MAXIMUM,
      props,
    );
  }

  private metricOfGroup(
    namespace: string,
    metricName: string,
    statistic: string,
    props?: cloudwatch.MetricOptions,
  ): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace,
      metricName,
      statistic,
      dimensionsMap: { AutoScalingGroupName: this.autoScalingGroup.autoScalingGroupName },
      ...props,
    }).attachTo(this);
  }

  /**
   * Writes the configuration of the hosts into the launch template.
   * @internal
   */
  protected _provision(provisioning: Provisioning): void {
    const stack = Stack.of(this);
    const group = this.autoScalingGroup.node.defaultChild as CfnResource;
    const { files, hash } = tierFiles(provisioning.tier);
    const filesResource = this._carry('Files', hash, files);
    const hostEnvironment = {
      AWS_REGION: stack.region,
      AWS_URL_SUFFIX: stack.urlSuffix,
      CFN_STACK: Aws.STACK_NAME, // The template may be uploaded under any name
      CFN_RESOURCE: group.logicalId,
      SIGNAL_TIMEOUT_SECONDS: Tokenization.stringifyNumber(this.signalTimeout.toSeconds()),
      PACKAGES: [
        ...provisioning.packages,
        ...(this.inPlacePatches ? ['unattended-upgrades'] : []),
        ...this.extraPackages,
      ].join(' '),
      IN_PLACE_PATCHES: String(this.inPlacePatches),
      ADMIN_ACCESS: this.adminAccess.mode,
      ...(this.logGroup
        ? { LOG_GROUP: this.logGroup.logGroup.logGroupName, ACCESS_LOG: String(this.accessLog) }
        : { ACCESS_LOG: constructDefault('ACCESS_LOG') }),
      ...this.egressProxy?._environment(stack.region, stack.urlSuffix),
      ...provisioning.hostEnvironment,
    };
    const script = renderUserData(
      this,
      filesResource,
      hostEnvironment,
      provisioning.dashboardEnvironment,
    );
    this.userData.provision(script);
  }

  /**
   * The user data of an instance that becomes a machine image of these hosts, or tests one.
   * @internal
   */
  public _userDataOfImage(stage: ImageStage): ec2.UserData {
    return new ImageUserData(this.userData, stage);
  }

  /**
   * Delivers files that are too large for user data to the hosts, in the metadata of a resource that
   * creates nothing. Changed files are another resource, so that old hosts find their own files during
   * an update.
   *
   * @returns the logical ID of the resource
   * @internal
   */
  protected _carry(id: string, hash: string, files: string): string {
    const holder = new CfnWaitConditionHandle(this, `${id}${hash}`);
    holder.addMetadata(METADATA_KEY, { files });
    (this.autoScalingGroup.node.defaultChild as CfnResource).addResourceDependency(holder);
    return holder.logicalId;
  }

  /**
   * A role gets its permissions in its own stack, which would then refer to the stack of the hosts, and
   * the hosts refer to the role. If it is imported by name, it gets them in the stack of the hosts.
   */
  private ofThisStack(role?: iam.IRole): iam.IRole | undefined {
    return iam.Role.isRole(role) && Stack.of(role) !== Stack.of(this)
      ? iam.Role.fromRoleName(this, 'GivenRole', role.roleName)
      : role;
  }

  private validateUserData(): string[] {
    const text = JSON.stringify(Stack.of(this).resolve(this.userData.render()));
    const size = Buffer.byteLength(text);
    const errors: Error[] = [];
    // The AWS CDK puts the path before each
    if (size > USER_DATA_LIMIT) {
      errors.push(
        invalid(
          undefined,
          'userData',
          `be at most ${USER_DATA_LIMIT} bytes with the library's own script`,
          size,
          'put files into the machine image',
        ),
      );
    }
    if (!this.userData.isForBash()) {
      errors.push(
        invalid(
          undefined,
          'userData',
          "be a bash script or MultipartUserData; the library's own script follows it",
        ),
      );
    }
    return errors.map(({ message }) => message);
  }
}

/**
 * The service-linked role of EC2 Auto Scaling has no permissions for a customer managed key. The
 * statement is that of the AWS managed key for EBS, since the service-linked role may not exist yet.
 */
function allowVolumes(key?: kms.IKey): void {
  key?.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'VolumesOfTheAccount',
      principals: [new iam.AnyPrincipal()],
      actions: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:CreateGrant',
        'kms:DescribeKey',
      ],
      resources: ['*'],
      conditions: {
        StringEquals: {
          'kms:CallerAccount': Stack.of(key).account,
          'kms:ViaService': `ec2.${Stack.of(key).region}.${Stack.of(key).urlSuffix}`,
        },
      },
    }),
  );
}
