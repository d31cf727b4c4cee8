/** The probability that all of some servers are busy in M/M/c: Erlang's C formula. */
export function erlangC(servers: number, offered: number): number {
  // Erlang's B by recursion, which does not overflow
  let blocked = 1;
  for (let count = 1; count <= servers; count += 1) {
    blocked = (offered * blocked) / (count + offered * blocked);
  }
  return blocked / (1 - (offered / servers) * (1 - blocked));
}

/** A distribution of service times. */
export interface Service {
  readonly mean: number;
  /** Variance divided by the square of the mean: 1 is exponential, 0 constant. */
  readonly variation: number;
}

/** The mean time in the queue of M/G/c, by Allen and Cunneen's approximation, which is exact for M/M/c and M/G/1. */
export function meanWait(rate: number, servers: number, service: Service): number {
  const offered = rate * service.mean;
  if (offered >= servers) {
    return Infinity;
  }
  const exponential = (erlangC(servers, offered) * service.mean) / (servers - offered);
  return (exponential * (1 + service.variation)) / 2;
}

/** Mean and variation of some samples. */
export function serviceOf(samples: readonly number[]): Service {
  const mean = samples.reduce((sum, each) => sum + each, 0) / samples.length;
  const variance = samples.reduce((sum, each) => sum + (each - mean) ** 2, 0) / samples.length;
  return { mean, variation: variance / mean ** 2 };
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Simulation {
  readonly hosts: number;
  readonly workersPerHost: number;
  /** Users, each of whom requests a page, waits for it, and thinks. */
  readonly users: number;
  readonly thinkSeconds: number;
  /** The time that a worker takes for a page. */
  readonly service: () => number;
  readonly pages?: number;
  readonly random?: () => number;
}

export interface Simulated {
  readonly pagesPerSecond: number;
  readonly responseSeconds: number;
}

/** Users in a closed loop, a load balancer that takes turns, and a queue per host: event by event. */
export function simulate(options: Simulation): Simulated {
  const { hosts, workersPerHost, users, thinkSeconds, service, pages = 20_000 } = options;
  const uniform = options.random ?? random(1);
  const think = (): number => -thinkSeconds * Math.log(1 - uniform());
  // Of each worker, when it is free; a queue per host is first come, first served
  const free = Array.from({ length: hosts }, () => new Array<number>(workersPerHost).fill(0));
  const next = new Heap();
  for (let user = 0; user < users; user += 1) {
    next.push(think());
  }
  const warm = pages / 10;
  let turn = 0;
  let sum = 0;
  let start = 0;
  let last = 0;
  for (let page = 0; page < pages + warm; page += 1) {
    const arrival = next.pop();
    const workers = free[(turn += 1) % hosts];
    const soonest = workers.indexOf(Math.min(...workers));
    const done = Math.max(arrival, workers[soonest]) + service();
    workers[soonest] = done;
    next.push(done + think());
    if (page < warm) {
      start = arrival;
    } else {
      sum += done - arrival;
      last = arrival;
    }
  }
  return { pagesPerSecond: pages / (last - start), responseSeconds: sum / pages };
}

/** A heap of times, the earliest first. */
class Heap {
  private readonly times: number[] = [];

  public push(time: number): void {
    const { times } = this;
    let at = times.push(time) - 1;
    while (at > 0 && times[(at - 1) >> 1] > times[at]) {
      const above = (at - 1) >> 1;
      [times[above], times[at]] = [times[at], times[above]];
      at = above;
    }
  }

  public pop(): number {
    const { times } = this;
    const [first] = times;
    const last = times.pop() as number;
    if (times.length > 0) {
      times[0] = last;
      for (let at = 0; ;) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let least = at;
        if (left < times.length && times[left] < times[least]) {
          least = left;
        }
        if (right < times.length && times[right] < times[least]) {
          least = right;
        }
        if (least === at) {
          break;
        }
        [times[least], times[at]] = [times[at], times[least]];
        at = least;
      }
    }
    return first;
  }
}
