// What users of a large cloud wait for: a member of 1,500 projects, with 2,000 instances in each and a
// catalog of 450 endpoints. A host of this library against the same Horizon with the settings of Debian's
// package, in turn, request by request, in one run, as bench/pages.ts. `npm run bench:large-cloud`; root, Linux.
//
//   --quick              few rounds
//   --projects N, --servers N, --endpoints N
//                        another size of the cloud; no goals
//   --only REGEX         only these rows; no goals
//   --latency MS         how much longer each answer of an API takes, default 30
//   --address ADDRESS    where the preview may listen, default 127.0.0.1
//   --json               the goals as the last line
//
// Keystone is real, and has all projects, role assignments and endpoints. Nova and the other services are
// the preview's, and page their lists as their API references say (at most 1,000 servers at a time).
//
// A dashboard that takes longer than 30 s for a page is not asked for it again: that time counts. Where
// Debian's gives no answer within 300 s, these count, so that the page is at least so many times as quick.
import { Preview } from '../preview';
import { Cookies, Dashboards, PATIENCE, Variant } from '../harness/pages/dashboards';
import { runOnPreview, Stage } from './on-preview';
import { progress } from './progress';
import { Goal, median, report, round } from './report';

const OURS: Variant = { name: 'ours' };
const DEBIAN: Variant = { name: 'Debian', debian: true };
const VARIANTS = [OURS, DEBIAN];
const MEMBER = 'demo';
const ADMINISTRATOR = 'operator';
const WORKERS = 2;

const has = (name: string) => process.argv.includes(name);
const option = (name: string) => process.argv[process.argv.indexOf(name) + 1];
const number = (name: string, standard: number, least: number) => {
  const value = has(name) ? Number(option(name)) : standard;
  if (!(Number.isInteger(value) && value >= least)) {
    throw new Error(`${name} must be a whole number from ${least}, got ${option(name)}`);
  }
  return value;
};
const SIZE = {
  projects: number('--projects', 1500, 3),
  servers: number('--servers', 2000, 20),
  endpoints: number('--endpoints', 450, 18),
};
const LATENCY = number('--latency', 30, 0);
const ROUNDS = has('--quick') ? 2 : 5;
/** Milliseconds of a page that is asked for once. */
const SLOW = 30000;
/** Milliseconds after which nobody waits for a page any more. */
const LIMIT = PATIENCE * 1000;
const ONLY = has('--only') ? new RegExp(option('--only')) : undefined;

interface Page {
  readonly path: string;
  /** What it is, where the path does not say so. */
  readonly title?: string;
  /** Of an administrator instead of the member. */
  readonly administrator?: boolean;
  /** How many times as quick as Debian's it should be at least. */
  readonly goal: number;
}

/** Never slower, and much quicker where Horizon draws all rows of a long list. */
const PAGES: Page[] = [
  { path: '/project/', title: 'overview', goal: 3 },
  { path: '/project/instances/', title: 'instances', goal: 1 },
  { path: '/project/images/', title: 'images', goal: 1 },
  { path: '/project/volumes/', title: 'volumes', goal: 1 },
  { path: '/project/networks/', title: 'networks', goal: 1 },
  { path: '/project/floating_ips/', title: 'floating IPs', goal: 1 },
  { path: '/project/network_topology/json', title: 'data of the topology', goal: 1 },
  { path: '/project/api_access/', title: 'API access', goal: 1 },
  { path: '/identity/', title: 'projects', goal: 3 },
  { path: '/identity/', title: 'projects, administrator', administrator: true, goal: 3 },
  { path: '/settings/', title: 'settings', goal: 1 },
];
const LOGIN = 'login';
/** Keystone takes most of the time, which no measure makes shorter: as quick, but for the spread. */
const LOGIN_GOAL = 0.8;

type Numbers = Record<string, number>;

interface Row {
  readonly title: string;
  readonly path: string;
  /** Milliseconds, by variant. */
  readonly times: Numbers;
  /** Kilobytes, by variant. */
  readonly sizes?: Numbers;
  /** How many times as quick as Debian's, within a round. */
  readonly quicker: number;
  readonly goal: number;
}

class Bench {
  public readonly rows: Row[] = [];
  private readonly sessions: Record<string, Record<string, Cookies>> = {};

  constructor(
    private readonly preview: Preview,
    private readonly dashboards: Dashboards,
  ) {}

  public async start(): Promise<void> {
    await this.preview.call('latency', LATENCY);
    for (const variant of VARIANTS) {
      await this.dashboards.start(variant, WORKERS);
      await this.dashboards.answers(variant.name);
      this.sessions[variant.name] = {};
      for (const user of [MEMBER, ADMINISTRATOR]) {
        this.sessions[variant.name][user] = await this.dashboards.login(variant.name, user);
      }
    }
  }

  /** The page of the login and what its form leads to. */
  public async login(): Promise<void> {
    if (ONLY?.test(LOGIN) === false) {
      return;
    }
    const times: Record<string, number[]> = { [OURS.name]: [], [DEBIAN.name]: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      for (const { name } of VARIANTS) {
        const began = performance.now();
        await this.dashboards.login(name, MEMBER);
        // The first is not counted.
        if (round > 0) {
          times[name].push(performance.now() - began);
        }
      }
    }
    this.add({ title: LOGIN, path: '/auth/login/', goal: LOGIN_GOAL }, times);
  }

  public async page(page: Page): Promise<void> {
    const { path, title = path, administrator = false } = page;
    if (ONLY?.test(title) === false) {
      return;
    }
    const user = administrator ? ADMINISTRATOR : MEMBER;
    const sizes: Numbers = {};
    const times: Record<string, number[]> = {};
    for (const { name } of VARIANTS) {
      const first = await progress(`${name}: ${title}`, () => this.first(name, user, path));
      if (first.size !== undefined) {
        sizes[name] = first.size / 1000;
      }
      if (first.time > SLOW) {
        times[name] = [first.time];
      }
    }
    const targets = VARIANTS.filter(({ name }) => times[name] === undefined).map(({ name }) =>
      this.dashboards.target(name, path, [this.sessions[name][user]]),
    );
    if (targets.length > 0) {
      const load = (rounds: number, requests: number, concurrency: number) =>
        this.preview.call('load', { targets, rounds, requests, concurrency });
      await load(1, 2 * WORKERS, WORKERS);
      const { slices } = await load(ROUNDS, 1, 1);
      for (const { name } of targets) {
        times[name] = slices[name].map((slice) => slice.median);
      }
    }
    this.add({ title, path, goal: page.goal }, times, sizes);
  }

  /** The first time that a dashboard makes a page: milliseconds, and bytes if there was an answer. */
  private async first(name: string, user: string, path: string) {
    const began = performance.now();
    try {
      const { status, body } = await this.dashboards.ask(name, this.sessions[name][user], path);
      if (status !== 200) {
        throw new Error(`${name}: ${path} answered ${status}\n${await this.dashboards.log(name)}`);
      }
      return { time: performance.now() - began, size: Buffer.byteLength(body) };
    } catch (error) {
      // Its own limit is the same, so that its worker has ended.
      if (name === OURS.name || performance.now() - began < LIMIT - 1000) {
        throw error;
      }
      await this.dashboards.answers(name);
      return { time: LIMIT };
    }
  }

  private add(
    row: Pick<Row, 'title' | 'path' | 'goal'>,
    times: Record<string, number[]>,
    sizes?: Numbers,
  ): void {
    const [ours, debian] = VARIANTS.map(({ name }) => times[name]);
    // Within a round, where both have rounds.
    const quicker =
      debian.length === ours.length
        ? median(debian.map((time, index) => time / ours[index]))
        : median(debian) / median(ours);
    this.rows.push({
      ...row,
      times: { [OURS.name]: median(ours), [DEBIAN.name]: median(debian) },
      ...(sizes === undefined ? {} : { sizes }),
      quicker,
    });
    console.log(
      `${row.title}: ${Math.round(median(ours))} ms, Debian's ${Math.round(median(debian))} ms`,
    );
  }
}

function tableOf(rows: Row[]) {
  const kilobytes = (sizes: Numbers | undefined, { name }: Variant) =>
    sizes?.[name] === undefined ? '' : Math.round(sizes[name]);
  return rows.map(({ title, path, times, sizes, quicker }) => {
    const least = times[DEBIAN.name] >= LIMIT ? '> ' : '';
    return {
      ...{ page: title, path },
      'ms, ours': Math.round(times[OURS.name]),
      'ms, Debian': `${least}${Math.round(times[DEBIAN.name])}`,
      'times as quick': `${least}${round(quicker)}`,
      'KB, ours': kilobytes(sizes, OURS),
      'KB, Debian': kilobytes(sizes, DEBIAN),
    };
  });
}

function goalsOf(rows: Row[]): Goal[] {
  return rows.map(({ title, quicker, goal }) => ({
    name: `times as quick as Debian: ${title}`,
    value: round(quicker),
    goal: `>= ${goal.toFixed(1)}`,
    holds: quicker >= goal,
  }));
}

async function measureAll({ preview }: Stage): Promise<void> {
  const { projects, servers, endpoints } = SIZE;
  console.log(`${projects} projects, ${servers} instances, ${endpoints} endpoints`);
  const bench = new Bench(preview, await Dashboards.on(preview, progress));
  try {
    await progress('start both dashboards, and log in', () => bench.start());
    await progress('logins', () => bench.login());
    for (const page of PAGES) {
      await bench.page(page);
    }
  } catch (error) {
    // What was measured before is not lost.
    console.table(tableOf(bench.rows));
    throw error;
  }
  const usual = ['--projects', '--servers', '--endpoints', '--only', '--latency'];
  report(tableOf(bench.rows), usual.some(has) ? [] : goalsOf(bench.rows));
}

runOnPreview(
  {
    name: 'a large cloud',
    options: {
      services: true,
      size: SIZE,
      moreUsers: [ADMINISTRATOR],
      roles: { [MEMBER]: ['member'] },
    },
  },
  measureAll,
);
