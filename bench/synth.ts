// What the library costs at synth: the default app against the same resources written with the AWS
// CDK alone and against an empty stack, each in processes of their own, in turn, in one run.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Goal, median, report, round } from './report';

const ROUNDS = 15;
const APPS = ['empty', 'bare', 'ours'] as const;
type AppName = (typeof APPS)[number];

interface Run {
  readonly seconds: number;
  readonly megabytes: number;
}

const out = mkdtempSync(join(tmpdir(), 'bench-synth-'));
const cdkContext = (
  JSON.parse(readFileSync(join(__dirname, '../cdk.json'), 'utf8')) as { context: object }
).context;

/** Runs an app in a new process; its own CPU time, which is less noisy than the clock, and memory. */
function run(app: AppName): Run {
  const program = `
    require(${JSON.stringify(join(__dirname, 'apps', `${app}.js`))});
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    console.log(JSON.stringify({ seconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 }));
  `;
  const child = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_OUTDIR: join(out, app),
      CDK_CONTEXT_JSON: JSON.stringify(cdkContext),
      CDK_VALIDATION: 'false',
    },
  });
  if (child.status !== 0) {
    throw new Error(`${app} failed: ${child.stderr}`);
  }
  return JSON.parse(child.stdout.trim().split('\n').at(-1) as string) as Run;
}

/** How many resources of each type an app made. */
function resources(app: AppName): { [type: string]: number } {
  const file = readdirSync(join(out, app)).find((name) => name.endsWith('.template.json'));
  const template = JSON.parse(readFileSync(join(out, app, file as string), 'utf8')) as {
    Resources?: { [id: string]: { Type: string } };
  };
  const counts: { [type: string]: number } = {};
  for (const { Type } of Object.values(template.Resources ?? {})) {
    counts[Type] = (counts[Type] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort());
}

/** Modules of cdk-nag and aws-cdk-lib that importing the package loads. */
function loadedByImport(): number {
  const program = `
    require(${JSON.stringify(join(__dirname, '../lib'))});
    console.log(Object.keys(require.cache).filter((file) => /node_modules/.test(file)).length);
  `;
  return Number(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }));
}

const runs: Record<AppName, Run[]> = { empty: [], bare: [], ours: [] };
for (let round_ = 0; round_ <= ROUNDS; round_++) {
  for (const app of APPS) {
    const result = run(app);
    // The first round warms the caches of the file system.
    if (round_ > 0) {
      runs[app].push(result);
    }
  }
}
const bare = resources('bare');
const ours = resources('ours');
if (JSON.stringify(bare) !== JSON.stringify(ours)) {
  throw new Error(
    `the bare app makes other resources, bring it up to date: ${JSON.stringify({ bare, ours })}`,
  );
}

const seconds = (app: AppName) => median(runs[app].map((each) => each.seconds));
const megabytes = (app: AppName) => median(runs[app].map((each) => each.megabytes));
// Each round compares neighbors in time, so that a slow spell of the machine hits both.
const timeRatio = median(runs.ours.map((each, i) => each.seconds / runs.bare[i].seconds));
const memoryRatio = median(runs.ours.map((each, i) => each.megabytes / runs.bare[i].megabytes));
const loaded = loadedByImport();
rmSync(out, { recursive: true });

const goals: Goal[] = [
  { name: 'CPU time of synth, ours / bare', value: timeRatio, goal: '<= 1.10' },
  { name: 'memory of synth, ours / bare', value: memoryRatio, goal: '<= 1.10' },
].map((each) => ({ ...each, value: round(each.value), holds: each.value <= 1.1 }));
goals.push({
  name: 'modules of dependencies that importing the package loads',
  value: loaded,
  goal: '= 0',
  holds: loaded === 0,
});
report(
  APPS.map((app) => ({
    app,
    'CPU seconds': round(seconds(app)),
    'against empty': round(seconds(app) / seconds('empty')),
    megabytes: round(megabytes(app)),
    resources: Object.values(app === 'ours' ? ours : app === 'bare' ? bare : {}).reduce(
      (sum, count) => sum + count,
      0,
    ),
  })),
  goals,
);
