// How quick pages are: a host of this library against the same Horizon with the settings of Debian's
// package, in turn, request by request, in one run. Both are on one Debian 13 host, with one Python,
// one number of gunicorn's workers, and one real Keystone; Nova, Glance, Neutron, Cinder and Placement
// are the preview's (preview/cloud/openstack/files/services), over HTTPS. `npm run bench:pages`; root, Linux.
//
//   --quick              few rounds, no APIs of 200 ms
//   --only REGEX         of conditions and pages (`APIs at 30 ms, /project/`), only these; no goals
//   --users N            who ask at once, default 16
//   --workers N          of each gunicorn, default 4 per core
//   --address ADDRESS    where the preview may listen
//   --measures           lists the measures that can be switched off, and ends
//   --without A,B        ours without these measures
//   --by-measure         ours with all measures against ours without each of them
//   --by-policy          ours with the content security policy enforced against the minimal one
//   --by-workers         ours alone: pages per second by the number of workers
//
// Requests go to gunicorn itself, as nginx and Apache add the same to both. API latency is what
// each answer of Keystone and the services takes longer; the network is between the host and all of
// them, and delays the round trips of handshakes too. A ratio is the median of those within a turn,
// which hardly sees what else the machine does. Debian's Horizon needs three settings before anybody
// can log in (harness/pages/debian_settings.py).
import { cpus } from 'node:os';
import { Preview } from '../preview';
import { Cookies, Dashboards, Variant } from '../harness/pages/dashboards';
import { MEASURES, without } from '../harness/pages/measures';
import { runOnPreview, Stage } from './on-preview';
import { progress } from './progress';
import { Goal, median, report, round } from './report';

const PAGES = [
  '/project/',
  '/project/instances/',
  '/project/volumes/',
  '/project/images/',
  '/identity/',
  '/settings/',
];
const DEBIAN: Variant = { name: 'Debian', debian: true };
const OURS = 'ours';

const has = (name: string) => process.argv.includes(name);
const option = (name: string) => process.argv[process.argv.indexOf(name) + 1];
const QUICK = has('--quick');
const number = (name: string, standard: number) => {
  const value = has(name) ? Number(option(name)) : standard;
  if (!(Number.isInteger(value) && value >= 1)) {
    throw new Error(`${name} must be a whole number from 1, got ${option(name)}`);
  }
  return value;
};
const USERS = number('--users', 16);
const WORKERS = number('--workers', 4 * cpus().length);
/** Requests to each in a round of all users. */
const CROWD = 2 * USERS;
const ONLY = has('--only') ? new RegExp(option('--only')) : undefined;

interface Condition {
  readonly name: string;
  /** Milliseconds: what an answer takes longer, and what a round trip takes longer. */
  readonly latency: number;
  readonly network: number;
  /** Rounds of one user, and of all users. */
  readonly rounds: number;
  readonly crowds: number;
  /** Part of the short form. */
  readonly quick: boolean;
}

const AT_ONCE: Condition = {
  ...{ name: 'APIs at 0 ms', latency: 0, network: 0, rounds: 15, crowds: 3, quick: true },
};
const USUAL: Condition = {
  ...{ name: 'APIs at 30 ms', latency: 30, network: 0, rounds: 11, crowds: 3, quick: true },
};
const SLOW: Condition = {
  ...{ name: 'APIs at 200 ms', latency: 200, network: 0, rounds: 5, crowds: 1, quick: false },
};
const FAR: Condition = {
  ...{ name: '20 ms of network', latency: 0, network: 20, rounds: 9, crowds: 0, quick: true },
};
const CONDITIONS = [AT_ONCE, USUAL, SLOW, FAR];

function shortened(condition: Condition): Condition {
  const { rounds, crowds } = condition;
  return QUICK
    ? { ...condition, rounds: Math.min(3, rounds), crowds: Math.min(1, crowds) }
    : condition;
}

/** What is known of one page in one condition. Numbers are by variant. */
interface Row {
  readonly condition: Condition;
  readonly page: string;
  /** Milliseconds of one user's page. */
  readonly latency: Numbers;
  /** How many times as quick the first variant is as the second, within a turn. */
  readonly quicker: number;
  /** Milliseconds of processor time of one page. */
  readonly processor: Numbers;
  /** Pages per second of all users, where that was measured. */
  readonly rate?: Numbers;
}

type Numbers = Record<string, number>;

/** Users who are logged in, by variant. */
type Users = Record<string, Cookies[]>;

/** Some dashboards that run on one host, and what is asked of them. */
class Comparison {
  public readonly rows: Row[] = [];
  private readonly users: Users = {};

  constructor(
    private readonly preview: Preview,
    public readonly dashboards: Dashboards,
    private readonly variants: Variant[],
  ) {}

  public async start(workers = WORKERS): Promise<void> {
    for (const variant of this.variants) {
      await this.dashboards.start(variant, workers);
      await this.dashboards.answers(variant.name);
      this.users[variant.name] ??= await logIn(this.preview, this.dashboards, variant.name);
    }
  }

  public async stop(): Promise<void> {
    for (const { name } of this.variants) {
      await this.dashboards.stop(name);
    }
  }

  public async set({ latency, network }: Condition): Promise<void> {
    await this.preview.call('latency', latency);
    await this.dashboards.network(network);
  }

  /** Asks with all users until each worker has made the page. */
  public async warm(page: string, workers = WORKERS): Promise<void> {
    const requests = Math.max(USERS, 3 * workers);
    await this.load(page, { rounds: 1, requests, concurrency: USERS });
  }

  public async measure(condition: Condition, page: string): Promise<void> {
    if (ONLY?.test(`${condition.name}, ${page}`) === false) {
      return;
    }
    await this.set(condition);
    await this.warm(page);
    const { rounds, crowds } = condition;
    const before = await this.each((name) => this.dashboards.processor(name));
    const { slices } = await this.load(page, { rounds, requests: 1, concurrency: 1 });
    const after = await this.each((name) => this.dashboards.processor(name));
    const [first, second] = this.variants.map(({ name }) => slices[name]);
    const row: Row = {
      ...{ condition, page },
      latency: await this.each((name) => median(slices[name].map((slice) => slice.median))),
      quicker: median(second.map((slice, index) => slice.median / first[index].median)),
      processor: await this.each((name) => (after[name] - before[name]) / 1000 / rounds),
      ...(crowds > 0 ? { rate: await this.rate(page, crowds) } : {}),
    };
    this.rows.push(row);
    console.log(`${condition.name}, ${page}: ${round(row.quicker)} times as quick`);
  }

  /** Pages per second of all users at once. */
  public async rate(page: string, rounds: number): Promise<Numbers> {
    const { slices } = await this.load(page, { rounds, requests: CROWD, concurrency: USERS });
    return this.each((name) => median(slices[name].map((slice) => slice.perSecond)));
  }

  /** Milliseconds until a started dashboard answers its first page, once it has nothing else to do. */
  public async firstPage(): Promise<Numbers> {
    return this.each(async (name) => {
      const variant = this.variants.find((other) => other.name === name) as Variant;
      await this.dashboards.stop(name);
      await this.dashboards.start(variant, WORKERS);
      await this.dashboards.calm(name);
      const began = performance.now();
      const { status } = await this.dashboards.ask(name, this.users[name][0], '/project/');
      if (status !== 200) {
        throw new Error(
          `${name}: first page answered ${status}\n${await this.dashboards.log(name)}`,
        );
      }
      return performance.now() - began;
    });
  }

  public async each(work: (name: string) => number | Promise<number>): Promise<Numbers> {
    const numbers: Numbers = {};
    for (const { name } of this.variants) {
      numbers[name] = await work(name);
    }
    return numbers;
  }

  private load(page: string, how: { rounds: number; requests: number; concurrency: number }) {
    const targets = this.variants.map(({ name }) =>
      this.dashboards.target(name, page, this.users[name]),
    );
    return this.preview.call('load', { targets, ...how });
  }
}

const moreUsers = () => Array.from({ length: USERS - 1 }, (_, number) => `user-${number + 1}`);

async function logIn(preview: Preview, dashboards: Dashboards, name: string): Promise<Cookies[]> {
  // One after another: where many passwords are checked at once on a busy machine, a host stops waiting for
  // Keystone, as it should.
  const users: Cookies[] = [];
  for (const user of [preview.user, ...moreUsers()]) {
    users.push(await dashboards.login(name, user));
  }
  return users;
}

const geometric = (values: number[]) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

function tableOf(rows: Row[]) {
  return rows.map(({ condition, page, latency, quicker, processor, rate }) => ({
    ...{ condition: condition.name, page },
    'ms, ours': round(latency[OURS]),
    'ms, Debian': round(latency[DEBIAN.name]),
    'times as quick': round(quicker),
    'processor ms, ours': round(processor[OURS]),
    'processor ms, Debian': round(processor[DEBIAN.name]),
    'pages/s, ours': rate ? round(rate[OURS]) : '',
    'pages/s, Debian': rate ? round(rate[DEBIAN.name]) : '',
    times: rate ? round(rate[OURS] / rate[DEBIAN.name]) : '',
  }));
}

function goalsOf(rows: Row[]): Goal[] {
  const under = (name: string) => rows.filter(({ condition }) => condition.name === name);
  const atLeast = (name: string, value: number, least: number): Goal => ({
    ...{ name, value: round(value), goal: `>= ${least.toFixed(1)}`, holds: value >= least },
  });
  const latency = (condition: string, least: number) =>
    atLeast(
      `times as quick as Debian, geometric mean, ${condition}`,
      geometric(under(condition).map(({ quicker }) => quicker)),
      least,
    );
  const rates = (condition: string) =>
    atLeast(
      `pages per second of ${USERS} users / Debian, geometric mean, ${condition}`,
      geometric(
        under(condition).flatMap(({ rate }) => (rate ? [rate[OURS] / rate[DEBIAN.name]] : [])),
      ),
      3,
    );
  const processor = geometric(
    under(AT_ONCE.name).map((row) => row.processor[OURS] / row.processor[DEBIAN.name]),
  );
  return [
    latency(AT_ONCE.name, 3),
    latency(USUAL.name, 3),
    latency(FAR.name, 7),
    rates(AT_ONCE.name),
    rates(USUAL.name),
    {
      name: `processor time of a page / Debian, geometric mean, ${AT_ONCE.name}`,
      value: round(processor),
      goal: '<= 0.50',
      holds: processor <= 0.5,
    },
    atLeast(
      'times as quick as Debian, lowest of all pages and conditions',
      Math.min(...rows.map(({ quicker }) => quicker)),
      1,
    ),
  ];
}

/** Ours against Debian's. */
async function compare(preview: Preview, dashboards: Dashboards): Promise<void> {
  const parameters = without(has('--without') ? option('--without').split(',') : []);
  const all = new Comparison(preview, dashboards, [{ name: OURS, parameters }, DEBIAN]);
  await progress('start both dashboards, and log in', () => all.start());
  for (const condition of QUICK ? CONDITIONS.filter(({ quick }) => quick) : CONDITIONS) {
    for (const page of PAGES) {
      await all.measure(shortened(condition), page);
    }
  }
  await all.set(USUAL);
  const memory = await all.each((name) => dashboards.memory(name));
  const starts: Numbers[] = [];
  for (let time = 0; time < (QUICK ? 1 : 3); time++) {
    starts.push(await all.firstPage());
  }
  console.table(tableOf(all.rows));
  report(
    [OURS, DEBIAN.name].map((name) => ({
      dashboard: name,
      'first page after a start, ms': round(median(starts.map((times) => times[name]))),
      [`memory of ${WORKERS} workers, MB`]: round(memory[name] / 2 ** 20),
    })),
    ONLY === undefined ? goalsOf(all.rows) : [],
  );
}

/** How many times as quick ours is with a measure as without it, all others on. */
function byMeasure(preview: Preview, dashboards: Dashboards): Promise<void> {
  const settings = [...MEASURES.map((measure) => [measure]), MEASURES];
  const others = settings.map((measures) => ({
    name: measures.length === 1 ? measures[0] : 'all of them',
    parameters: without(measures),
  }));
  return compareWith(others, 'measure', preview, dashboards);
}

/** How many times as quick ours is as without nonces and reports. */
function byPolicy(preview: Preview, dashboards: Dashboards): Promise<void> {
  const minimal = { name: 'minimal', parameters: { CONTENT_SECURITY_POLICY: 'minimal' } };
  return compareWith([minimal], 'compared with the policy', preview, dashboards);
}

/** How many times as quick ours is as each of the others. */
async function compareWith(
  others: Variant[],
  column: string,
  preview: Preview,
  dashboards: Dashboards,
): Promise<void> {
  const table: Record<string, string | number>[] = [];
  for (const other of others) {
    const title = other.name;
    const variants = [{ name: OURS }, other];
    const pair = new Comparison(preview, dashboards, variants);
    await progress('start both dashboards, and log in', () => pair.start());
    for (const condition of [AT_ONCE, USUAL, FAR]) {
      for (const page of PAGES) {
        await pair.measure(shortened({ ...condition, crowds: 0 }), page);
      }
      const rows = pair.rows.filter((row) => row.condition.name === condition.name);
      if (rows.length === 0) {
        continue;
      }
      const cost = rows.map((row) => row.processor[title] / row.processor[OURS]);
      table.push({
        ...{ [column]: title, condition: condition.name },
        ...Object.fromEntries(rows.map((row) => [row.page, round(row.quicker)])),
        mean: round(geometric(rows.map((row) => row.quicker))),
        'processor time': round(geometric(cost)),
      });
    }
    await pair.stop();
  }
  report(table, []);
}

/** Pages per second of ours by the number of workers per core. */
async function byWorkers(preview: Preview, dashboards: Dashboards): Promise<void> {
  const cores = cpus().length;
  const table: Record<string, string | number>[] = [];
  const all = new Comparison(preview, dashboards, [{ name: OURS }]);
  const pages = PAGES.filter((page) => ONLY?.test(`${USUAL.name}, ${page}`) !== false);
  for (const perCore of [1, 2, 3, 4, 6, 8]) {
    await all.start(perCore * cores);
    await all.set(USUAL);
    const rates: number[] = [];
    const processor: number[] = [];
    for (const page of pages) {
      await all.warm(page, perCore * cores);
      const before = await dashboards.processor(OURS);
      const times = QUICK ? 1 : 3;
      rates.push((await all.rate(page, times))[OURS]);
      processor.push(((await dashboards.processor(OURS)) - before) / 1000 / CROWD / times);
    }
    console.log(`${perCore} workers per core: ${round(geometric(rates) / cores)} per s and core`);
    table.push({
      'workers per core': perCore,
      ...Object.fromEntries(pages.map((page, index) => [`${page} per s`, round(rates[index])])),
      'mean per s and core': round(geometric(rates) / cores),
      'processor ms per page': round(geometric(processor)),
      'memory, MB': round((await dashboards.memory(OURS)) / 2 ** 20),
    });
    await all.stop();
  }
  report(table, []);
}

async function measureAll({ preview }: Stage): Promise<void> {
  const dashboards = await Dashboards.on(preview, progress);
  const works = {
    '--by-measure': byMeasure,
    '--by-policy': byPolicy,
    '--by-workers': byWorkers,
  };
  const [, work] = Object.entries(works).find(([flag]) => has(flag)) ?? ['', compare];
  await work(preview, dashboards);
}

if (has('--measures')) {
  console.log(MEASURES.join('\n'));
} else {
  runOnPreview({ name: 'pages', options: { services: true, moreUsers: moreUsers() } }, measureAll);
}
