import * as http from 'node:http';
import * as https from 'node:https';
import { sleep } from '../../shared/run';
import type { TargetGroupPlan } from '../../stack/plan';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
export type Health = 'initial' | 'healthy' | 'unhealthy' | 'draining';

/** A change of a target's health. */
export interface HealthChange {
  readonly at: number;
  readonly instance: string;
  readonly health: Health;
  readonly reason: string;
}

export interface TargetState {
  readonly instance: string;
  readonly group: string;
  readonly health: Health;
  readonly reason: string;
  /** When it was found healthy first. */
  readonly since?: number;
}

/** An instance of a target group. */
export interface Target {
  readonly instance: string;
  readonly address: string;
  readonly timer: NodeJS.Timeout;
  health: Health;
  reason: string;
  streak: number;
  since?: number;
}

/** A target group. */
export interface Group {
  readonly plan: TargetGroupPlan;
  readonly targets: Target[];
  next: number;
}

/** The target groups of a load balancer, and the health of their targets. */
export class Targets {
  public readonly changes: HealthChange[] = [];
  private readonly groups = new Map<string, Group>();
  /** The requests that each instance has yet to answer. */
  private readonly open = new Map<string, Set<http.ClientRequest>>();

  constructor(plans: readonly TargetGroupPlan[]) {
    for (const plan of plans) {
      this.groups.set(plan.arn, { plan, targets: [], next: 0 });
    }
  }

  public get states(): TargetState[] {
    return [...this.groups.values()].flatMap(({ plan, targets }) =>
      targets.map(({ instance, health, reason, since }) => ({
        instance,
        group: plan.arn,
        health,
        reason,
        since,
      })),
    );
  }

  public group(arn: string): Group {
    const group = this.groups.get(arn);
    if (group === undefined) {
      throw new Error(`there is no target group ${arn}`);
    }
    return group;
  }

  public register(arn: string, instance: string, address: string): void {
    const group = this.group(arn);
    if (group.targets.some((target) => target.instance === instance)) {
      return;
    }
    const target: Target = {
      instance,
      address,
      health: 'initial',
      reason: 'not checked yet',
      streak: 0,
      timer: setInterval(() => void this.check(group, target), group.plan.health.interval * 1000),
    };
    group.targets.push(target);
  }

  public deregister(instance: string): void {
    for (const group of this.groups.values()) {
      const index = group.targets.findIndex((target) => target.instance === instance);
      if (index >= 0) {
        clearInterval(group.targets[index].timer);
        group.targets.splice(index, 1);
      }
    }
  }

  /**
   * Deregisters an instance: it gets no new requests, and has until the deregistration delay to answer
   * what it was sent.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
   */
  public async drain(instance: string): Promise<void> {
    let delay = 0;
    for (const { plan, targets } of this.groups.values()) {
      const target = targets.find((other) => other.instance === instance);
      if (target !== undefined) {
        clearInterval(target.timer);
        this.change(target, 'draining', 'deregistration is in progress');
        delay = Math.max(delay, plan.deregistrationDelay);
      }
    }
    const deadline = Date.now() + delay * 1000;
    while (this.open.has(instance) && Date.now() < deadline) {
      await sleep(100);
    }
    this.deregister(instance);
    this.open
      .get(instance)
      ?.forEach((request) => request.destroy(new Error('it was deregistered')));
  }

  /** Remembers a request until its instance has answered it. */
  public track(instance: string, upstream: http.ClientRequest): void {
    const open = this.open.get(instance) ?? new Set();
    this.open.set(instance, open.add(upstream));
    upstream.on('close', () => {
      open.delete(upstream);
      if (open.size === 0 && this.open.get(instance) === open) {
        this.open.delete(instance);
      }
    });
  }

  /** Ends all health checks. */
  public close(): void {
    [...this.groups.values()].forEach(({ targets }) =>
      targets.splice(0).forEach(({ timer }) => clearInterval(timer)),
    );
  }

  private async check(group: Group, target: Target): Promise<void> {
    const { health } = group.plan;
    const [ok, reason] = await probe(group.plan, target.address);
    target.reason = reason;
    target.streak = ok === target.streak > 0 ? target.streak + (ok ? 1 : -1) : ok ? 1 : -1;
    if (target.health === 'draining') {
      return;
    }
    // A new target has to pass one check.
    if (ok && (target.health === 'initial' || target.streak >= health.healthy)) {
      target.since ??= Date.now();
      this.change(target, 'healthy', reason);
    } else if (!ok && -target.streak >= health.unhealthy) {
      this.change(target, 'unhealthy', reason);
    }
  }

  private change(target: Target, health: Health, reason: string): void {
    if (target.health !== health) {
      this.changes.push({ at: Date.now(), instance: target.instance, health, reason });
    }
    target.health = health;
    target.reason = reason;
  }
}

function probe({ health }: TargetGroupPlan, address: string): Promise<[boolean, string]> {
  return new Promise((resolve) => {
    const request = (health.protocol === 'HTTPS' ? https : http).get(
      {
        host: address,
        port: health.port,
        path: health.path,
        timeout: health.timeout * 1000,
        rejectUnauthorized: false,
        agent: false,
        headers: { 'user-agent': 'ELB-HealthChecker/2.0' },
      } as https.RequestOptions,
      (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        resolve([matches(health.matcher, status), `status ${status}`]);
      },
    );
    request.on('timeout', () => request.destroy(new Error('timed out')));
    request.on('error', (error) => resolve([false, error.message]));
  });
}

function matches(matcher: string, status: number): boolean {
  return matcher.split(',').some((part) => {
    const [low, high = low] = part.split('-').map(Number);
    return status >= low && status <= high;
  });
}
