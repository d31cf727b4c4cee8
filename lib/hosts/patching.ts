import { Duration, Token } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { constructDefault } from '../contract/environment';
import { invalid } from '../shared/errors';
import { createSchedulerRole } from '../shared/scheduler-role';

const DAY = Duration.days(1).toSeconds();

/**
 * Options for how hosts get new packages.
 */
export interface PatchingOptions {
  /**
   * Whether running hosts also install the security updates of Debian, twice per day. Each host tries
   * an update in a copy of itself first, and does not install one with which it would not serve.
   * Packages of Horizon, Python and static media, and the kernel, only come with a new host. Turn it
   * off for hosts that cannot reach Debian's mirror. Changing it rolls out new hosts.
   *
   * @default true
   */
  readonly inPlace?: boolean;
}

/**
 * How hosts get new packages: they are replaced by hosts that install the packages of that day, apart
 * from those that the machine image already has. A host is terminated only once its replacement is
 * in service. In addition, running hosts install security updates.
 */
export abstract class Patching {
  /**
   * Amazon EC2 Auto Scaling replaces each host before it reaches an age.
   *
   * @param maxAge the age, from 1 to 365 days; 14 days by default
   * @param options whether running hosts install security updates
   * @throws if the age is out of range
   * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html
   */
  public static lifetime(
    maxAge: Duration = Duration.days(14),
    options: PatchingOptions = {},
  ): Patching {
    const seconds = maxAge.toSeconds();
    if (!Token.isUnresolved(seconds) && !(seconds >= DAY && seconds <= 365 * DAY)) {
      throw invalid(undefined, 'maxAge', 'be 1 to 365 days', seconds / DAY);
    }
    return new Lifetime(maxAge, options);
  }

  /**
   * An Amazon EventBridge schedule starts an instance refresh, which replaces all hosts of the group
   * one after the other. Use it to patch in a maintenance window.
   *
   * @param schedule when the instance refresh starts
   * @param options whether running hosts install security updates
   * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
   */
  public static schedule(
    schedule: scheduler.ScheduleExpression,
    options: PatchingOptions = {},
  ): Patching {
    return new Scheduled(schedule, options);
  }

  /**
   * Hosts are not replaced and install nothing, because something else patches them.
   */
  public static none(): Patching {
    return new None();
  }

  /** Whether running hosts install security updates. @internal */
  public readonly _inPlace: boolean;

  /** The age at which Amazon EC2 Auto Scaling replaces a host. @internal */
  public readonly _maxInstanceLifetime?: Duration;

  /** @internal */
  protected constructor(options: PatchingOptions) {
    this._inPlace = options.inPlace ?? constructDefault('IN_PLACE_PATCHES') === 'true';
  }

  /**
   * Creates what replaces the hosts.
   *
   * @internal
   */
  public abstract _bind(
    scope: Construct,
    group: autoscaling.AutoScalingGroup,
    permissionsBoundary?: iam.IManagedPolicy,
  ): void;
}

class Lifetime extends Patching {
  constructor(
    public readonly _maxInstanceLifetime: Duration,
    options: PatchingOptions,
  ) {
    super(options);
  }

  public _bind(): void {
    // A property of the group does it.
  }
}

class Scheduled extends Patching {
  constructor(
    private readonly schedule: scheduler.ScheduleExpression,
    options: PatchingOptions,
  ) {
    super(options);
  }

  public _bind(
    scope: Construct,
    group: autoscaling.AutoScalingGroup,
    permissionsBoundary?: iam.IManagedPolicy,
  ): void {
    const role = createSchedulerRole(
      scope,
      'PatchingRole',
      `Starts instance refreshes of ${scope.node.path}`,
      permissionsBoundary,
    );
    new scheduler.Schedule(scope, 'Patching', {
      description: `Replaces the hosts of ${scope.node.path}`,
      schedule: this.schedule,
      target: new targets.Universal({
        service: 'autoscaling',
        action: 'startInstanceRefresh',
        input: scheduler.ScheduleTargetInput.fromObject({
          AutoScalingGroupName: group.autoScalingGroupName,
          // The launch template is the same each time: only the packages are not.
          Preferences: { SkipMatching: false },
        }),
        policyStatements: [
          new iam.PolicyStatement({
            actions: ['autoscaling:StartInstanceRefresh'],
            resources: [group.autoScalingGroupArn],
          }),
        ],
        role,
        // While another refresh or a deployment is in progress, a new one is refused.
        retryAttempts: 3,
        maxEventAge: Duration.hours(1),
      }),
    });
  }
}

class None extends Patching {
  constructor() {
    super({ inPlace: false });
  }

  public _bind(): void {
    // Nothing replaces the hosts.
  }
}
