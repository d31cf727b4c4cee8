import { Duration, Token } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { invalid } from '../shared/errors';
import { createSchedulerRole } from '../shared/scheduler-role';

const DAY = Duration.days(1).toSeconds();

/**
 * How hosts get new packages: they are replaced by hosts that install the packages of that day, apart
 * from those that the machine image already has. A host is terminated only once its replacement is
 * in service.
 */
export abstract class Patching {
  /**
   * Amazon EC2 Auto Scaling replaces each host before it reaches an age.
   *
   * @param maxAge the age, from 1 to 365 days; 14 days by default
   * @throws if the age is out of range
   * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html
   */
  public static lifetime(maxAge: Duration = Duration.days(14)): Patching {
    const seconds = maxAge.toSeconds();
    if (!Token.isUnresolved(seconds) && !(seconds >= DAY && seconds <= 365 * DAY)) {
      throw invalid(undefined, 'maxAge', 'be 1 to 365 days', seconds / DAY);
    }
    return new Lifetime(maxAge);
  }

  /**
   * An Amazon EventBridge schedule starts an instance refresh, which replaces all hosts of the group
   * one after the other. Use it to patch in a maintenance window.
   *
   * @param schedule when the instance refresh starts
   * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
   */
  public static schedule(schedule: scheduler.ScheduleExpression): Patching {
    return new Scheduled(schedule);
  }

  /**
   * Hosts are not replaced, because something else patches them.
   */
  public static none(): Patching {
    return new None();
  }

  /** The age at which Amazon EC2 Auto Scaling replaces a host. @internal */
  public readonly _maxInstanceLifetime?: Duration;

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
  constructor(public readonly _maxInstanceLifetime: Duration) {
    super();
  }

  public _bind(): void {
    // A property of the group does it.
  }
}

class Scheduled extends Patching {
  constructor(private readonly schedule: scheduler.ScheduleExpression) {
    super();
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
  public _bind(): void {
    // Nothing replaces the hosts.
  }
}
