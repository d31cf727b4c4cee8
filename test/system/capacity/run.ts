/**
 * Measures what `npm run capacity` calculates with, on the preview: how long one worker takes for a page, by the
 * latency of APIs; the bytes of a session in memcached; and pages per second and response times of one and of two
 * hosts under load, with which the simulation is compared. Root, Linux. `npm run capacity -- --measure`.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { withStack } from '../../../harness/stack';
import { compare, Measured, measured, ServiceTimes } from '../../../scripts/capacity/measured';
import { sleep } from '../../../preview/shared/run';
import { progress } from '../harness/checks';
import { withPreview } from '../harness/program';
import { Visitor, Way } from '../harness/visitors';

const FILE = join(__dirname, '../../../scripts/capacity/measured.json');
const PAGE = '/project/';
const WORKERS = 2;
const PER_HOST = 6;
const THINK = 1;
const SECONDS = 40;
/** At this latency workers wait most of the time, so that hosts do not compete for the processors of one machine. */
const LATENCY = 200;
const ROUNDS: Record<number, number> = { 0: 40, 30: 30, 200: 25 };

const exponential = (mean: number) => -mean * Math.log(1 - Math.random());

async function times(way: Way, visitors: Visitor[], seconds: number, think: number) {
  const all: number[] = [];
  const end = Date.now() + seconds * 1000;
  await Promise.all(
    visitors.map(async (visitor) => {
      const cookies = visitor.jar;
      await sleep(1000 * exponential(think));
      while (Date.now() < end) {
        const { status, milliseconds } = await way.request(PAGE, cookies);
        if (status !== 200) {
          throw new Error(`${PAGE} answered ${status}`);
        }
        all.push(milliseconds / 1000);
        await sleep(1000 * exponential(think));
      }
    }),
  );
  return all;
}

async function one(way: Way, visitor: Visitor, count: number): Promise<number[]> {
  const cookies = visitor.jar;
  const all: number[] = [];
  for (let page = 0; page < count; page += 1) {
    const { status, milliseconds } = await way.request(PAGE, cookies);
    if (status !== 200) {
      throw new Error(`${PAGE} answered ${status}`);
    }
    all.push(Number((milliseconds / 1000).toFixed(4)));
  }
  return all;
}

async function main(): Promise<void> {
  const address = '127.0.0.1';
  const props = () => ({ hosts: { workers: WORKERS } });
  await withStack(
    2,
    (template) =>
      withPreview({ template, address, services: true }, async (preview) => {
        await preview.makeImages();
        await preview.start();
        await preview.addHost({ role: 'static' });
        const add = async () => {
          const { id } = await preview.addHost({ role: 'dashboard' });
          await preview.signalled(id);
          await preview.inService(id);
        };
        await progress('boot a host', add);
        const way = new Way(new URL(preview.url), preview.ca, address);
        const visitors = Array.from({ length: 2 * PER_HOST }, () => new Visitor(way, preview.user));
        for (const visitor of visitors) {
          await visitor.login(preview.password);
        }
        const sizes: number[] = [];
        for (const node of await preview.call('cacheNodes')) {
          for (const { value } of await preview.call('cacheItems', node)) {
            const { length } = Buffer.from(value, 'base64');
            sizes.push(length);
          }
        }
        const sessions = sizes.filter((size) => size > 1000);
        const sessionBytes = sessions.reduce((sum, size) => sum + size, 0) / sessions.length;
        const serviceTimes: ServiceTimes = {};
        for (const [latency, rounds] of Object.entries(ROUNDS)) {
          await preview.call('latency', Number(latency));
          await one(way, visitors[0], 6);
          serviceTimes[latency] = await progress(`pages at ${latency} ms`, () =>
            one(way, visitors[0], rounds),
          );
        }
        await preview.call('latency', LATENCY);
        const loads: Measured['loads'][number][] = [];
        for (const hosts of [1, 2]) {
          if (hosts > 1) {
            await progress('boot another host', add);
            await times(way, visitors, 8, 0.2);
          }
          const users = visitors.slice(0, hosts * PER_HOST);
          const before = await one(way, visitors[0], 8);
          const all = await progress(`load on ${hosts}`, () => times(way, users, SECONDS, THINK));
          loads.push({
            ...{ hosts, workersPerHost: WORKERS, users: users.length, thinkSeconds: THINK },
            latencyMilliseconds: LATENCY,
            serviceSeconds: [...before, ...(await one(way, visitors[0], 8))],
            pagesPerSecond: Number((all.length / SECONDS).toFixed(3)),
            responseSeconds: Number(
              (all.reduce((sum, each) => sum + each, 0) / all.length).toFixed(4),
            ),
          });
        }
        way.close();
        const result: Measured = {
          date: new Date().toISOString().slice(0, 10),
          note: `${cpus().length} cores with other load (load average ${loadavg()[0].toFixed(1)} at the end); hosts, OpenStack and users shared them`,
          page: PAGE,
          // Of `npm run bench:pages`: it needs a host for itself
          processorSeconds: measured().processorSeconds,
          sessionBytes: Math.round(sessionBytes),
          serviceSeconds: serviceTimes,
          loads,
        };
        writeFileSync(FILE, `${JSON.stringify(result, undefined, 2)}\n`);
        console.log(JSON.stringify({ loads: compare(result) }));
      }),
    props,
  );
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`measuring the capacity: ${error.stack}\n`);
    process.exit(1);
  },
);
