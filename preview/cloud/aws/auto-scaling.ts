import { AwsError, Call, permit, queryOf, queryReply, Reply, required } from './call';
import type { ScalingGroup } from '../scaling-group';
import type { Plan } from '../../stack/plan';

const NAMESPACE = 'http://autoscaling.amazonaws.com/doc/2011-01-01/';

/**
 * The API of EC2 Auto Scaling, as far as hosts call it:
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RecordLifecycleActionHeartbeat.html
 */
export class AutoScaling {
  constructor(
    private readonly plan: Plan,
    private readonly groups: () => ScalingGroup[],
  ) {}

  public handle(call: Call): Reply {
    const query = queryOf(call, '2011-01-01');
    const action = query.get('Action') ?? '';
    if (action !== 'CompleteLifecycleAction' && action !== 'RecordLifecycleActionHeartbeat') {
      throw new AwsError(400, 'InvalidAction', `the preview has no ${action}`);
    }
    const name = required(query, 'AutoScalingGroupName');
    const hook = required(query, 'LifecycleHookName');
    this.permit(call, action, name);
    const group = this.groups().find(({ plan }) => plan.scaling.name === name);
    if (group === undefined) {
      throw invalid(`AutoScalingGroup name not found - ${name}`);
    }
    const instance = query.get('InstanceId') ?? '';
    let found: boolean;
    if (action === 'CompleteLifecycleAction') {
      const result = required(query, 'LifecycleActionResult');
      if (result !== 'CONTINUE' && result !== 'ABANDON') {
        throw invalid(`Lifecycle Action Result must be one of CONTINUE or ABANDON, got ${result}`);
      }
      found = group.complete(hook, instance, result);
    } else {
      found = group.heartbeat(hook, instance);
    }
    if (!found) {
      throw invalid(`No active Lifecycle Action found with instance ID ${instance}`);
    }
    return queryReply(action, NAMESPACE, '');
  }

  /** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html */
  private permit({ principal }: Call, action: string, name: string): void {
    const { region, account, stackId, stackName } = this.plan;
    const group = this.groups().find(({ plan }) => plan.scaling.name === name)?.plan.group;
    const tags: Record<string, string | undefined> = {
      'aws:cloudformation:stack-id': stackId,
      'aws:cloudformation:stack-name': stackName,
      'aws:cloudformation:logical-id': group,
    };
    const keys = Object.fromEntries(
      ['aws', 'autoscaling'].flatMap((prefix) =>
        Object.entries(tags).map(([tag, value]) => [`${prefix}:resourcetag/${tag}`, value]),
      ),
    );
    const id = '0a1b2c3d-0000-4000-8000-000000000000';
    const arn = `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:${id}:autoScalingGroupName/${name}`;
    permit(principal, `autoscaling:${action}`, arn, keys);
  }
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'ValidationError', message);
}
