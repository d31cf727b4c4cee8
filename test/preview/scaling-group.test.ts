import type { TargetState } from '../../preview/cloud/load-balancer/targets';
import { Fleet, ScalingGroup } from '../../preview/cloud/scaling-group';
import type { HostPlan, ScalingPlan } from '../../preview/stack/plan';

const HOOK = {
  name: 'hook',
  transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
  heartbeat: 60,
  defaultResult: 'ABANDON',
} as const;

/** Machines that are only counted. */
class Machines implements Fleet {
  public readonly log: string[] = [];
  public readonly dead = new Set<string>();
  public readonly unhealthy = new Set<string>();
  private count = 0;

  public launch(): Promise<string> {
    this.log.push(`launch i-${++this.count}`);
    return Promise.resolve(`i-${this.count}`);
  }

  public runs(instance: string): boolean {
    return !this.dead.has(instance);
  }

  public powerOff(instance: string): Promise<void> {
    this.log.push(`off ${instance}`);
    this.dead.add(instance);
    return Promise.resolve();
  }

  public register(instance: string): void {
    this.log.push(`register ${instance}`);
  }

  public drain(instance: string): Promise<void> {
    this.log.push(`drain ${instance}`);
    return Promise.resolve();
  }

  public targets(instance: string): TargetState[] {
    const health = this.unhealthy.has(instance) ? 'unhealthy' : 'healthy';
    return [{ instance, group: 'arn', health, reason: 'timed out' }];
  }
}

function make(more: Partial<ScalingPlan> = {}): { group: ScalingGroup; machines: Machines } {
  const machines = new Machines();
  const scaling: ScalingPlan = {
    name: 'group',
    min: 2,
    max: 4,
    desired: 2,
    hooks: [HOOK],
    maintenance: { min: 100, max: 150 },
    elbHealth: true,
    gracePeriod: 0,
    ...more,
  };
  return { machines, group: new ScalingGroup({ group: 'Group', scaling } as HostPlan, machines) };
}

describe('the stand-in of a scaling group', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());
  const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1000);

  async function running(more: Partial<ScalingPlan> = {}) {
    const made = make(more);
    await made.group.launch('first');
    await made.group.launch('first');
    made.group.complete('hook', 'i-1', 'CONTINUE');
    made.group.complete('hook', 'i-2', 'CONTINUE');
    made.group.manage(2);
    await pass(1);
    made.machines.log.length = 0;
    return made;
  }

  test('a host is registered once its hook is completed, and the hook only once', async () => {
    const { group, machines } = make();
    await group.launch('first');
    expect(group.lifecycle('i-1')).toBe('Pending:Wait');
    expect(group.complete('other', 'i-1', 'CONTINUE')).toBe(false);
    expect(group.complete('hook', 'i-1', 'CONTINUE')).toBe(true);
    expect(group.complete('hook', 'i-1', 'CONTINUE')).toBe(false);
    expect(group.heartbeat('hook', 'i-1')).toBe(false);
    expect(machines.log).toEqual(['launch i-1', 'register i-1']);
  });

  test('a hook that times out ends the host; a heartbeat starts its time again', async () => {
    const { group, machines } = make();
    await group.launch('first');
    await pass(50);
    expect(group.heartbeat('hook', 'i-1')).toBe(true);
    await pass(50);
    expect(group.lifecycle('i-1')).toBe('Pending:Wait');
    await pass(11);
    expect(group.lifecycle('i-1')).toBe('Terminated');
    expect(machines.log).toEqual(['launch i-1', 'drain i-1', 'off i-1']);
  });

  test('an unhealthy host stays until another is in service in its place', async () => {
    const { group, machines } = await running();
    machines.unhealthy.add('i-1');
    await pass(10);
    expect(machines.log).toEqual(['launch i-3']);
    machines.unhealthy.clear(); // Recovery comes too late
    await pass(10);
    expect(machines.log).toEqual(['launch i-3']);
    group.complete('hook', 'i-3', 'CONTINUE');
    await pass(10);
    expect(machines.log).toEqual(['launch i-3', 'register i-3', 'drain i-1', 'off i-1']);
    expect(group.state.replaced).toMatchObject([
      { instance: 'i-1', reason: 'ELB system health check failure: timed out' },
    ]);
  });

  test('without a maintenance policy it leaves first', async () => {
    const { machines } = await running({ maintenance: undefined });
    machines.unhealthy.add('i-1');
    await pass(10);
    expect(machines.log).toEqual(['drain i-1', 'off i-1', 'launch i-3']);
  });

  test('the load balancer is not asked in the grace period, nor without ELB checks', async () => {
    const late = await running({ gracePeriod: 100 });
    late.machines.unhealthy.add('i-1');
    await pass(90);
    expect(late.machines.log).toEqual([]);
    await pass(20);
    expect(late.machines.log).toEqual(['launch i-3']);
    const never = await running({ elbHealth: false });
    never.machines.unhealthy.add('i-1');
    await pass(300);
    expect(never.machines.log).toEqual([]);
  });

  test('a machine that is gone is replaced at once', async () => {
    const { machines } = await running({ gracePeriod: 3600 });
    machines.dead.add('i-2');
    await pass(10);
    expect(machines.log).toContain('launch i-3');
  });

  test('a replacement that is abandoned is tried again, ever less often', async () => {
    const { group, machines } = await running();
    machines.unhealthy.add('i-1');
    await pass(3);
    const launches: number[] = [];
    for (let second = 0; second < 240; second++) {
      const waiting = group.state.members.find(({ lifecycle }) => lifecycle === 'Pending:Wait');
      if (waiting !== undefined) {
        launches.push(second);
        group.complete('hook', waiting.instance, 'ABANDON');
      }
      await pass(1);
    }
    const pauses = launches.slice(1).map((at, index) => at - launches[index]);
    expect(pauses.length).toBeGreaterThan(3);
    expect(pauses.at(-1)).toBeGreaterThan(pauses[0]);
    expect(group.lifecycle('i-1')).toBe('InService');
    expect(group.lifecycle('i-2')).toBe('InService');
  });

  test('nothing is replaced while its processes are suspended', async () => {
    const { group, machines } = await running();
    group.suspend();
    machines.unhealthy.add('i-1');
    await pass(60);
    expect(machines.log).toEqual([]);
  });

  test('a refresh replaces one host after another, each once its replacement serves', async () => {
    const { group, machines } = await running({ gracePeriod: 60 });
    let ended = false;
    void group.refresh().then(() => (ended = true));
    await pass(10);
    expect(machines.log).toEqual(['launch i-3']);
    machines.unhealthy.add('i-3');
    group.complete('hook', 'i-3', 'CONTINUE');
    await pass(1);
    expect(machines.log).toEqual(['launch i-3', 'register i-3']);
    machines.unhealthy.clear();
    await pass(10);
    expect(machines.log.slice(2)).toEqual(['drain i-1', 'off i-1', 'launch i-4']);
    group.complete('hook', 'i-4', 'CONTINUE');
    await pass(10);
    expect(machines.log.slice(5)).toEqual(['register i-4', 'drain i-2', 'off i-2']);
    expect(ended).toBe(true);
    expect(group.desired).toBe(2);
  });

  test('a refresh ends with the first replacement that fails, and the old hosts stay', async () => {
    const { group, machines } = await running();
    const refresh = expect(group.refresh()).rejects.toThrow(
      'the instance refresh of group failed: i-3 did not come into service',
    );
    await pass(1);
    group.complete('hook', 'i-3', 'ABANDON');
    await pass(10);
    await refresh;
    expect(machines.log).toEqual(['launch i-3', 'drain i-3', 'off i-3']);
  });

  test('a host that is terminated in the group is replaced, and any other is refused', async () => {
    const { group, machines } = await running();
    await group.replaceOne('i-1');
    await pass(3);
    expect(machines.log).toEqual(['drain i-1', 'off i-1', 'launch i-3']);
    await expect(group.replaceOne('i-9')).rejects.toThrow('i-9 is not in group');
  });

  test('scales within its limits, and terminates the oldest hosts', async () => {
    const { group, machines } = await running();
    await group.scale(3);
    await pass(3);
    expect(machines.log).toEqual(['launch i-3']);
    group.complete('hook', 'i-3', 'CONTINUE');
    await group.scale(2);
    expect(machines.log.slice(2)).toEqual(['drain i-1', 'off i-1']);
    await expect(group.scale(5)).rejects.toThrow('value 5 is above max value 4');
    await expect(group.scale(1)).rejects.toThrow('value 1 is below min value 2');
  });
});
