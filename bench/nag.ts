// What the rule pack costs: against AwsSolutions on the same apps in one run, from a thousand
// resources to ten thousand, and in an app that does not register it. `npm run bench:nag`, with a row
// for a template of somebody else `… -- --template FILE`, which has no goal.
import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NagPack } from 'cdk-nag';
import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { OpenStackDashboardChecks } from '../lib';
import { appOf, appOfTemplate } from './apps/many';
import { Goal, median, report, round } from './report';

const SIZES = [1000, 3000, 10_000];
const ROUNDS = 9;
const ALONE = 'dashboards alone';

interface Subject {
  readonly kind: string;
  readonly app: App;
  readonly count: number;
  /** CPU milliseconds of each round. */
  readonly ours: number[];
  readonly others: number[];
}

/** CPU time, which is less noisy than the clock. */
function cost(pack: NagPack, app: App): number {
  const before = process.cpuUsage();
  pack.validateScope(app);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Modules of cdk-nag and of the pack that an app loads which uses constructs, but not the pack. */
function loadedWithoutThePack(): number {
  const lib = join(__dirname, '../lib');
  const program = `
    const { App, Stack } = require('aws-cdk-lib');
    const { DashboardEntry, OpenStackDashboard } = require(${JSON.stringify(lib)});
    const acm = require('aws-cdk-lib/aws-certificatemanager');
    const app = new App();
    const stack = new Stack(app, 'Stack');
    new OpenStackDashboard(stack, 'Dashboard', {
      domainName: 'dashboard.example.org',
      keystoneUrl: 'https://keystone.example.org:5000/v3',
      entry: DashboardEntry.newLoadBalancer({
        certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-central-1:111122223333:certificate/1'),
      }),
    });
    app.synth();
    const nag = Object.keys(require.cache).filter((file) =>
      file.includes('/node_modules/cdk-nag/') || file.startsWith(${JSON.stringify(join(lib, 'nag'))}));
    console.log(nag.length);
  `;
  const env = { ...process.env, CDK_VALIDATION: 'false' };
  const cwd = join(__dirname, '..');
  return Number(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', env, cwd }));
}

const { values: options } = parseArgs({
  options: { template: { type: 'string', multiple: true }, json: { type: 'boolean' } },
});
const templates: Subject[] = (options.template ?? []).map((file) => ({
  kind: basename(file),
  ...appOfTemplate(file),
  ours: [],
  others: [],
}));
const measured: Subject[] = [false, true].flatMap((dashboardsAlone) =>
  SIZES.map((size) => ({
    kind: dashboardsAlone ? ALONE : 'one dashboard in a thousand',
    ...appOf(size, dashboardsAlone),
    ours: [],
    others: [],
  })),
);
const subjects = [...measured, ...templates];
for (let turn = 0; turn <= ROUNDS; turn++) {
  for (const { app, ours, others } of subjects) {
    // Neighbors in time, so that a slow spell of the machine hits both.
    const mine = cost(new OpenStackDashboardChecks(), app);
    const theirs = cost(new AwsSolutionsChecks(), app);
    // The first round warms the machine up.
    if (turn > 0) {
      ours.push(mine);
      others.push(theirs);
    }
  }
}

/** The median over rounds of what one costs for what the other costs, resource by resource. */
function ratio(one: number[], ones: number, other: number[], others: number): number {
  return median(one.map((value, index) => value / ones / (other[index] / others)));
}

const goals: Goal[] = [];
for (const kind of new Set(measured.map((subject) => subject.kind))) {
  const same = measured.filter((subject) => subject.kind === kind);
  const [small, large] = [same[0], same[same.length - 1]];
  // Apps of dashboards alone show growth: hardly anything in them is AwsSolutions' business.
  for (const { count, ours, others } of kind === ALONE ? [] : [small, large]) {
    const value = ratio(ours, count, others, count);
    goals.push({
      name: `cost of ${count} resources, ours / AwsSolutions (${kind})`,
      value: round(value),
      goal: '<= 0.50',
      holds: value <= 0.5,
    });
  }
  const growth = ratio(large.ours, large.count, small.ours, small.count);
  goals.push({
    name: `cost of a resource among ${large.count} / among ${small.count} (${kind})`,
    value: round(growth),
    goal: '<= 1.20',
    holds: growth <= 1.2,
  });
}
const loaded = loadedWithoutThePack();
goals.push({
  name: 'modules of the pack and of cdk-nag in an app that does not register it',
  value: loaded,
  goal: '= 0',
  holds: loaded === 0,
});

report(
  subjects.map(({ kind, count, ours, others }) => ({
    app: kind,
    resources: count,
    'ours, ms per 1,000': round((median(ours) / count) * 1000),
    'AwsSolutions, ms per 1,000': round((median(others) / count) * 1000),
    'ours / AwsSolutions': round(ratio(ours, count, others, count)),
  })),
  goals,
);
