import { AwsError, Call, escapeXml, permit, queryOf, queryReply, Reply, required } from './call';
import type { Plan } from '../../stack/plan';

export interface Signal {
  readonly resource: string;
  /** The unique id of the signal: an instance, for a success. */
  readonly instance: string;
  readonly status: string;
  readonly at: number;
}

/** As the events of a stack show it. */
export interface StackEvent {
  readonly at: number;
  readonly resource: string;
  readonly status: string;
  readonly reason: string;
}

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

/**
 * CloudFormation, as far as hosts call it, and as strict as it is with signals: a stack takes them
 * while it waits for them and at no other time, and each once.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_SignalResource.html
 */
export class CloudFormation {
  public readonly signals: Signal[] = [];
  public readonly events: StackEvent[] = [];
  /** Hosts of which each group awaits a signal. */
  private readonly awaited = new Map<string, Set<string>>();
  /** The signals of the operation that is under way, by resource and unique id. */
  private taken = new Set<string>();
  /** The groups that a deployment has made. */
  private readonly groups = new Set<string>();
  private status = 'CREATE_IN_PROGRESS';

  constructor(public plan: Plan) {}

  /** All of the stack is there: what is deployed now is an update. */
  private get made(): boolean {
    return this.plan.hosts.every(({ group }) => this.groups.has(group));
  }

  /** A host that a deployment launched: the stack waits for its signal. */
  public awaitSignal(group: string, instance: string): void {
    if (!/^(CREATE|UPDATE)_IN_PROGRESS$/.test(this.status)) {
      this.status = this.made ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS';
      this.taken = new Set();
      this.event(group, this.status, '');
    }
    this.awaited.set(group, (this.awaited.get(group) ?? new Set()).add(instance));
  }

  /** A host that a deployment launched has gone without a signal. */
  public forget(instance: string): void {
    this.awaited.forEach((instances) => instances.delete(instance));
    this.settle();
  }

  public handle(call: Call): Reply {
    const query = queryOf(call, '2010-05-15');
    const action = query.get('Action') ?? '';
    permit(call.principal, `cloudformation:${action}`, this.plan.stackId);
    const stack = required(query, 'StackName');
    const resource = required(query, 'LogicalResourceId');
    if (![this.plan.stackName, this.plan.stackId].includes(stack)) {
      throw invalid(`Stack '${stack}' does not exist`);
    }
    switch (action) {
      case 'DescribeStackResource':
        return this.describe(resource);
      case 'SignalResource':
        return this.signal(query, resource);
      default:
        throw new AwsError(400, 'InvalidAction', `the preview has no ${action}`);
    }
  }

  private signal(query: URLSearchParams, resource: string): Reply {
    const instance = required(query, 'UniqueId');
    const status = required(query, 'Status');
    if (instance.length > 64) {
      throw invalid(
        `1 validation error detected: Value '${instance}' at 'uniqueId' failed to satisfy constraint: Member must have length less than or equal to 64`,
      );
    }
    if (status !== 'SUCCESS' && status !== 'FAILURE') {
      throw invalid(
        `1 validation error detected: Value '${status}' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [FAILURE, SUCCESS]`,
      );
    }
    if (!this.plan.hosts.some(({ group }) => group === resource)) {
      throw invalid(`Resource ${resource} does not exist for stack ${this.plan.stackName}`);
    }
    if (!/^(CREATE|UPDATE)_IN_PROGRESS$/.test(this.status)) {
      throw invalid(`Stack ${this.plan.stackId} is in ${this.status} state and cannot be signaled`);
    }
    const awaited = this.awaited.get(resource);
    if (awaited === undefined || awaited.size === 0) {
      const status = this.resourceStatus(resource);
      throw invalid(`Resource ${resource} is in ${status} state and cannot be signaled`);
    }
    if (this.taken.has(`${resource} ${instance}`) && status !== 'FAILURE') {
      throw invalid(
        `Signal with ID ${instance} for resource ${resource} already exists. Signals may only be updated with a FAILURE status.`,
      );
    }
    this.taken.add(`${resource} ${instance}`);
    this.signals.push({ resource, instance, status, at: Date.now() });
    const reason = `Received ${status} signal with UniqueId ${instance}`;
    if (status === 'FAILURE') {
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
      this.event(resource, this.groups.has(resource) ? 'UPDATE_FAILED' : 'CREATE_FAILED', reason);
      this.status = this.made ? 'UPDATE_ROLLBACK_IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS';
      this.awaited.clear();
    } else {
      this.event(resource, this.status, reason);
      awaited.delete(instance);
      if (awaited.size === 0) {
        this.groups.add(resource);
      }
      this.settle();
    }
    return queryReply('SignalResource', NAMESPACE, '');
  }

  private settle(): void {
    const waits = [...this.awaited.values()].some(({ size }) => size > 0);
    if (!waits && this.made && this.status.endsWith('E_IN_PROGRESS')) {
      this.status = this.status.replace(/_IN_PROGRESS$/, '_COMPLETE');
      this.event(this.plan.stackName, this.status, '');
    }
  }

  private resourceStatus(group: string): string {
    if ((this.awaited.get(group)?.size ?? 0) > 0) {
      return `${this.groups.has(group) ? 'UPDATE' : 'CREATE'}_IN_PROGRESS`;
    }
    return /^UPDATE/.test(this.status) ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE';
  }

  private event(resource: string, status: string, reason: string): void {
    this.events.push({ at: Date.now(), resource, status, reason });
  }

  private describe(resource: string): Reply {
    const metadata = this.plan.metadata[resource];
    const group = this.plan.hosts.find((host) => host.group === resource);
    if (metadata === undefined && group === undefined) {
      throw invalid(`Resource ${resource} does not exist for stack ${this.plan.stackName}`);
    }
    const detail = [
      ['StackId', this.plan.stackId],
      ['StackName', this.plan.stackName],
      ['LogicalResourceId', resource],
      ['PhysicalResourceId', group?.scaling.name ?? `${this.plan.stackName}-${resource}`],
      ['ResourceStatus', group === undefined ? 'CREATE_COMPLETE' : this.resourceStatus(resource)],
      ['LastUpdatedTimestamp', new Date().toISOString()],
      ['Metadata', metadata ?? '{}'],
    ]
      .map(([name, value]) => `      <${name}>${escapeXml(value)}</${name}>\n`)
      .join('');
    const result = `\n    <StackResourceDetail>\n${detail}    </StackResourceDetail>\n  `;
    return queryReply('DescribeStackResource', NAMESPACE, result);
  }
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'ValidationError', message);
}
