import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../scripts/capacity/cli';
import { compare, measured, TOLERANCE } from '../../scripts/capacity/measured';
import { renderCapacity, SIZES } from '../../scripts/capacity/page';
import { exceededFirst, mostUsed, plan } from '../../scripts/capacity/plan';
import { erlangC, meanWait, random, serviceOf, simulate } from '../../scripts/capacity/queues';
import { Prices } from '../../scripts/cost/prices';

const prices = Prices.fromFile();
const data = measured();

function factorial(count: number): number {
  return count < 2 ? 1 : count * factorial(count - 1);
}

test('Erlang C is its definition', () => {
  for (const [servers, offered] of [
    [1, 0.5],
    [2, 1.2],
    [5, 4.5],
    [20, 15],
  ]) {
    const last = ((offered ** servers / factorial(servers)) * servers) / (servers - offered);
    let sum = last;
    for (let count = 0; count < servers; count += 1) {
      sum += offered ** count / factorial(count);
    }
    expect(erlangC(servers, offered)).toBeCloseTo(last / sum, 10);
  }
  expect(erlangC(10_000, 9900)).toBeGreaterThan(0);
});

test('the mean wait is that of M/M/1, M/D/1 and M/M/2', () => {
  // Rate 0.8, service 1: rho / (1 - rho)
  expect(meanWait(0.8, 1, { mean: 1, variation: 1 })).toBeCloseTo(4, 10);
  expect(meanWait(0.8, 1, { mean: 1, variation: 0 })).toBeCloseTo(2, 10);
  // Rho² / (1 - rho²) with two servers
  expect(meanWait(1.6, 2, { mean: 1, variation: 1 })).toBeCloseTo(0.64 / 0.36, 10);
  expect(meanWait(2, 2, { mean: 1, variation: 1 })).toBe(Infinity);
});

test('mean and variation of samples', () => {
  expect(serviceOf([2, 2, 2])).toEqual({ mean: 2, variation: 0 });
  expect(serviceOf([1, 3])).toEqual({ mean: 2, variation: 0.25 });
});

/** Response time and pages per second of M/M/c with so many users: the machine repairman model. */
function closed(users: number, think: number, servers: number, service: number) {
  const weights = [1];
  for (let there = 1; there <= users; there += 1) {
    const rate = (users - there + 1) / think;
    weights.push((weights[there - 1] * rate * service) / Math.min(there, servers));
  }
  const sum = weights.reduce((all, each) => all + each, 0);
  const pages =
    weights.reduce((all, each, there) => all + (each * Math.min(there, servers)) / service, 0) /
    sum;
  return { pagesPerSecond: pages, responseSeconds: users / pages - think };
}

test.each([
  [1, 5, 4],
  [2, 6, 1],
  [8, 40, 3],
])(
  'the simulation of %d workers and %d users agrees with the closed form',
  (workers, users, think) => {
    const uniform = random(7);
    const simulated = simulate({
      ...{ hosts: 1, workersPerHost: workers, users, thinkSeconds: think, pages: 200_000 },
      service: () => -0.6 * Math.log(1 - uniform()),
    });
    const exact = closed(users, think, workers, 0.6);
    expect(simulated.pagesPerSecond / exact.pagesPerSecond).toBeCloseTo(1, 1.6);
    expect(simulated.responseSeconds / exact.responseSeconds).toBeCloseTo(1, 1.6);
  },
);

test('hosts that take turns serve twice as much as one', () => {
  const load = (hosts: number) =>
    simulate({
      ...{ hosts, workersPerHost: 2, users: 6 * hosts, thinkSeconds: 1, service: () => 0.6 },
    });
  expect(load(2).pagesPerSecond / load(1).pagesPerSecond).toBeCloseTo(2, 0.7);
});

test('the simulation agrees with the preview', () => {
  for (const { difference } of compare(data)) {
    expect(Math.abs(difference.pagesPerSecond)).toBeLessThan(TOLERANCE);
    expect(Math.abs(difference.responseSeconds)).toBeLessThan(TOLERANCE);
  }
});

test('more users need at least as much, and the bounds hold', () => {
  let [hosts, monthly] = [0, 0];
  for (const users of [1, 100, 1000, 10_000, 100_000, 1_000_000]) {
    const size = { users, thinkSeconds: 30, latency: 30, instanceType: 'm7g.large' };
    const result = plan(size, data, prices);
    expect(result.hosts).toBeGreaterThanOrEqual(Math.max(2, hosts));
    expect(result.monthly).toBeGreaterThan(monthly);
    expect(Math.max(result.busyWorkers, result.busyProcessors)).toBeLessThanOrEqual(0.7);
    expect(result.cacheNodes).toBeGreaterThanOrEqual(2);
    ({ hosts, monthly } = result);
  }
});

test('the first quota is the one of which most is used', () => {
  const result = plan(SIZES[2], data, prices);
  const { used, limit } = mostUsed(result);
  for (const other of result.quotas) {
    expect(used / limit).toBeGreaterThanOrEqual(other.used / other.limit);
  }
});

test.each(SIZES)('no quota is exceeded below the users of the first one, $instanceType', (size) => {
  const { users, name, limit } = exceededFirst(size, data, prices);
  const quotas = (count: number) => plan({ ...size, users: count }, data, prices).quotas;
  const used = quotas(users).find((quota) => quota.name === name)?.used;
  expect(used).toBeGreaterThan(limit);
  for (const quota of quotas(Math.floor(users * 0.98))) {
    expect(quota.used).toBeLessThanOrEqual(quota.limit);
  }
});

test('docs/capacity.md is current', () => {
  const page = readFileSync(join(__dirname, '../../docs/capacity.md'), 'utf8');
  expect(renderCapacity()).toBe(page);
});

test('the command', () => {
  const said: string[] = [];
  const run = (...args: string[]) => main(args, (text) => said.push(text));
  run('--users', '500', '--think', '10', '--latency', '200', '--json');
  expect(JSON.parse(said[1])[0].pagesPerSecond).toBeGreaterThan(40);
  run();
  expect(said[2]).toContain('1,000,000');
  run('--help');
  expect(said[3]).toContain('--instance-type');
  expect(() => run('--users', '0')).toThrow('--users must be a number from 1, got 0');
  expect(() => run('--users', '5', '--latency', '7')).toThrow(
    '--latency must be one of 0, 30, 200',
  );
  expect(() => run('--users', '5', '--instance-type', 'x')).toThrow(
    '--instance-type must be one of t4g.small',
  );
});
