import { randomUUID } from 'node:crypto';
import type { TargetState } from './load-balancer/targets';
import { sleep } from '../shared/run';
import type { HookPlan, HostPlan } from '../stack/plan';

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html */
export type LifecycleState =
  'Pending' | 'Pending:Wait' | 'Pending:Proceed' | 'InService' | 'Terminating' | 'Terminated';

/** What a group did, as its activity history shows it. */
export interface Activity {
  readonly at: number;
  readonly instance: string;
  readonly what: 'launch' | 'terminate';
  readonly cause: string;
}

export interface MemberState {
  readonly instance: string;
  readonly lifecycle: LifecycleState;
  readonly healthy: boolean;
  /** When it came into service. */
  readonly inServiceAt?: number;
}

export interface GroupState {
  readonly name: string;
  readonly group: string;
  readonly desired: number;
  readonly members: MemberState[];
  readonly activities: Activity[];
  /** Instances that were replaced because they were found unhealthy. */
  readonly replaced: { readonly instance: string; readonly at: number; readonly reason: string }[];
}

/** What a group needs of the machines and of the load balancer. */
export interface Fleet {
  /** Powers a host on; gives its instance id. */
  launch(): Promise<string>;
  /** Whether its machine runs, as EC2's status checks find. */
  runs(instance: string): boolean;
  powerOff(instance: string): Promise<void>;
  register(instance: string): void;
  /** Takes it out of its target groups and waits until it has answered what it was sent. */
  drain(instance: string): Promise<void>;
  targets(instance: string): TargetState[];
}

interface Member {
  readonly instance: string;
  lifecycle: LifecycleState;
  hook?: {
    readonly plan: HookPlan;
    readonly token: string;
    readonly since: number;
    timer: NodeJS.Timeout;
  };
  unhealthy?: string;
  /** It is already being replaced. */
  leaving: boolean;
  inServiceAt?: number;
}

/** How often a group looks at the health of its instances, in milliseconds. */
const LOOK = 2000;
/** Between launches that fail, at first and at most, in milliseconds. */
const BACK_OFF = [5000, 60000];

/**
 * An Auto Scaling group. Its hosts wait for their launch hook and are in service, and registered with
 * the load balancer, when that is completed. While it is managed it keeps its desired capacity and
 * replaces what EC2 or the load balancer finds unhealthy; otherwise these processes are suspended.
 *
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-maintenance-policy-overview-and-considerations.html
 */
export class ScalingGroup {
  public desired = 0;
  private readonly members: Member[] = [];
  private readonly activities: Activity[] = [];
  private readonly replaced: { instance: string; at: number; reason: string }[] = [];
  private managed = false;
  private timer?: NodeJS.Timeout;
  private working = false;
  private failures = 0;
  private notBefore = 0;

  constructor(
    public plan: HostPlan,
    private readonly fleet: Fleet,
  ) {
    const other = plan.scaling.hooks.find(
      ({ transition }) => transition !== 'autoscaling:EC2_INSTANCE_LAUNCHING',
    );
    if (other !== undefined) {
      throw new Error(`${plan.group} has a hook on ${other.transition}: the preview has none`);
    }
  }

  public get state(): GroupState {
    return {
      name: this.plan.scaling.name,
      group: this.plan.group,
      desired: this.desired,
      members: this.members.map(({ instance, lifecycle, unhealthy, inServiceAt }) => ({
        instance,
        lifecycle,
        healthy: unhealthy === undefined,
        inServiceAt,
      })),
      activities: [...this.activities],
      replaced: [...this.replaced],
    };
  }

  public has(instance: string): boolean {
    return this.members.some((member) => member.instance === instance);
  }

  public lifecycle(instance: string): LifecycleState | undefined {
    return this.members.find((member) => member.instance === instance)?.lifecycle;
  }

  /** Launches an instance; gives its id as soon as it is powered on. */
  public async launch(cause: string): Promise<string> {
    const instance = await this.fleet.launch();
    this.activities.push({ at: Date.now(), instance, what: 'launch', cause });
    const member: Member = { instance, lifecycle: 'Pending', leaving: false };
    this.members.push(member);
    const [plan] = this.plan.scaling.hooks;
    if (plan === undefined) {
      this.enterService(member);
      return instance;
    }
    member.lifecycle = 'Pending:Wait';
    const timer = this.timeOut(member, plan);
    member.hook = { plan, token: randomUUID(), since: Date.now(), timer };
    return instance;
  }

  /** Completes the launch hook of an instance; false where none is active. */
  public complete(hook: string, instance: string, result: 'CONTINUE' | 'ABANDON'): boolean {
    const member = this.waiting(hook, instance);
    if (member?.hook === undefined) {
      return false;
    }
    this.finish(member, result, `the lifecycle action was completed with ${result}`);
    return true;
  }

  /** Starts the hook's time again; false where none is active. */
  public heartbeat(hook: string, instance: string): boolean {
    const member = this.waiting(hook, instance);
    if (member?.hook === undefined) {
      return false;
    }
    clearTimeout(member.hook.timer);
    member.hook.timer = this.timeOut(member, member.hook.plan);
    return true;
  }

  /** Keeps so many instances in service from now on. */
  public manage(desired: number): void {
    this.desired = desired;
    this.managed = true;
    this.timer ??= setInterval(() => void this.look(), LOOK);
  }

  /** Ends its watch over health and capacity. */
  public suspend(): void {
    this.managed = false;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Changes the desired capacity; a group that has too many instances terminates the oldest. */
  public async scale(desired: number): Promise<void> {
    const { min, max } = this.plan.scaling;
    if (desired < min || desired > max) {
      const limit = desired < min ? `below min value ${min}` : `above max value ${max}`;
      // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetDesiredCapacity.html
      throw new Error(
        `new SetDesiredCapacity value ${desired} is ${limit} for the AutoScalingGroup`,
      );
    }
    this.desired = desired;
    const surplus = this.alive().slice(0, Math.max(0, this.alive().length - desired));
    await Promise.all(surplus.map((member) => this.terminate(member, 'a scale-in')));
  }

  /** Terminates an instance whose place another one takes: the desired capacity stays. */
  public async replaceOne(instance: string): Promise<void> {
    const member = this.alive().find((other) => other.instance === instance);
    if (member === undefined) {
      throw new Error(`${instance} is not in ${this.plan.scaling.name}`);
    }
    await this.terminate(member, 'it was asked for, and the desired capacity stays');
  }

  /**
   * Replaces all instances, one after another: each leaves when its replacement is in service and
   * healthy. A replacement that does not come into service ends it, and the old ones stay.
   *
   * https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
   */
  public async refresh(): Promise<void> {
    for (const old of this.alive()) {
      const fresh = await this.launch(`an instance refresh, to replace ${old.instance}`);
      while (!this.serves(fresh)) {
        if (!this.alive().some(({ instance }) => instance === fresh)) {
          throw new Error(
            `the instance refresh of ${this.plan.scaling.name} failed: ${fresh} did not come into service`,
          );
        }
        await sleep(LOOK / 4);
      }
      await this.terminate(old, `an instance refresh: ${fresh} took its place`);
    }
  }

  /** Terminates an instance that is wanted no more, as a scale-in or an update does. */
  public async remove(instance: string): Promise<void> {
    const member = this.members.find((other) => other.instance === instance);
    if (member !== undefined) {
      this.desired = Math.max(0, this.desired - 1);
      await this.terminate(member, 'it was asked for');
    }
  }

  /** An instance that somebody else terminated: a managed group finds out by itself. */
  public gone(instance: string): void {
    const member = this.members.find((other) => other.instance === instance);
    if (member !== undefined && !this.managed) {
      clearTimeout(member.hook?.timer);
      member.lifecycle = 'Terminated';
    }
  }

  private waiting(hook: string, instance: string): Member | undefined {
    return this.members.find(
      (member) =>
        member.instance === instance &&
        member.lifecycle === 'Pending:Wait' &&
        member.hook?.plan.name === hook,
    );
  }

  private timeOut(member: Member, plan: HookPlan): NodeJS.Timeout {
    return setTimeout(
      () => this.finish(member, plan.defaultResult, 'the lifecycle hook timed out'),
      plan.heartbeat * 1000,
    );
  }

  private finish(member: Member, result: 'CONTINUE' | 'ABANDON', why: string): void {
    clearTimeout(member.hook?.timer);
    member.hook = undefined;
    member.lifecycle = 'Pending:Proceed';
    if (result === 'CONTINUE') {
      this.failures = 0;
      this.enterService(member);
      return;
    }
    const pause = Math.min(BACK_OFF[0] * 2 ** this.failures, BACK_OFF[1]);
    this.failures += 1;
    this.notBefore = Date.now() + pause;
    void this.terminate(member, why);
  }

  private enterService(member: Member): void {
    member.lifecycle = 'InService';
    member.inServiceAt = Date.now();
    this.fleet.register(member.instance);
  }

  private async terminate(member: Member, cause: string): Promise<void> {
    if (member.lifecycle === 'Terminating' || member.lifecycle === 'Terminated') {
      return;
    }
    clearTimeout(member.hook?.timer);
    member.hook = undefined;
    member.lifecycle = 'Terminating';
    const { instance } = member;
    this.activities.push({ at: Date.now(), instance, what: 'terminate', cause });
    await this.fleet.drain(instance);
    await this.fleet.powerOff(instance);
    member.lifecycle = 'Terminated';
  }

  private async look(): Promise<void> {
    if (this.working || !this.managed) {
      return;
    }
    this.working = true;
    try {
      this.examine();
      await this.replace();
      await this.fill();
    } finally {
      this.working = false;
    }
  }

  /** Once an instance is marked as unhealthy it stays so. */
  private examine(): void {
    const { elbHealth, gracePeriod } = this.plan.scaling;
    for (const member of this.alive()) {
      if (member.unhealthy !== undefined) {
        continue;
      }
      if (!this.fleet.runs(member.instance)) {
        this.mark(member, 'EC2 instance status: it is not running');
      } else if (
        elbHealth &&
        member.inServiceAt !== undefined &&
        // The grace period begins when an instance is in service.
        Date.now() - member.inServiceAt > gracePeriod * 1000
      ) {
        const bad = this.fleet
          .targets(member.instance)
          .find(({ health }) => health === 'unhealthy');
        if (bad !== undefined) {
          this.mark(member, `ELB system health check failure: ${bad.reason}`);
        }
      }
    }
  }

  private mark(member: Member, reason: string): void {
    member.unhealthy = reason;
    this.replaced.push({ instance: member.instance, at: Date.now(), reason });
  }

  /** By the maintenance policy, launches before it terminates, or the other way round. */
  private async replace(): Promise<void> {
    const unhealthy = this.alive().filter((member) => member.unhealthy !== undefined);
    const { maintenance } = this.plan.scaling;
    const most = Math.floor((this.desired * (maintenance?.max ?? 100)) / 100);
    const good = this.alive().filter(
      (member) => member.unhealthy === undefined && member.lifecycle === 'InService',
    );
    for (const member of unhealthy) {
      const least = Math.ceil((this.desired * (maintenance?.min ?? 0)) / 100);
      const dead = !this.fleet.runs(member.instance);
      if (dead || member.inServiceAt === undefined || good.length >= Math.max(1, least)) {
        void this.terminate(member, `${member.unhealthy}`);
      } else if (most <= this.desired) {
        // No room for another one beside it.
        await this.terminate(member, `${member.unhealthy}`);
      } else {
        const extra = this.alive().length;
        if (extra < most && !member.leaving && Date.now() >= this.notBefore) {
          member.leaving = true;
          await this.launch(`to replace ${member.instance}: ${member.unhealthy}`);
        }
      }
    }
  }

  private async fill(): Promise<void> {
    const wanted = () =>
      this.desired - this.alive().filter((member) => member.unhealthy === undefined).length;
    const room = () =>
      Math.floor((this.desired * Math.max(this.plan.scaling.maintenance?.max ?? 100, 100)) / 100) -
      this.alive().length;
    while (this.managed && wanted() > 0 && room() > 0 && Date.now() >= this.notBefore) {
      await this.launch('the group has fewer instances than it should');
      await sleep(0);
    }
  }

  private serves(instance: string): boolean {
    return (
      this.lifecycle(instance) === 'InService' &&
      this.fleet.targets(instance).every(({ health }) => health === 'healthy')
    );
  }

  private alive(): Member[] {
    return this.members.filter(
      ({ lifecycle }) => lifecycle !== 'Terminating' && lifecycle !== 'Terminated',
    );
  }
}
