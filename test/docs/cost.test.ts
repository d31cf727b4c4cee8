import type { App as AppOfCdk } from 'aws-cdk-lib';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../scripts/cost/cli';
import { estimate, Estimate } from '../../scripts/cost/estimate';
import { renderCost } from '../../scripts/cost/page';
import { Prices } from '../../scripts/cost/prices';
import { FREE, PRICED } from '../../scripts/cost/pricing';
import { CostReport, costReport } from '../../scripts/cost/report';
import { CHOICES, deploy, SIZES } from '../../scripts/cost/stacks';
import { CostTemplate, TemplateJson } from '../../scripts/cost/template';
import { requestsPerMonth, USAGE } from '../../scripts/cost/usage';
import { defaultStack, resourcesOf } from '../../scripts/docs-stack';

const ROOT = join(__dirname, '..', '..');
const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');
const prices = Prices.fromFile();
const usage = USAGE.default;

const cost = (template: TemplateJson, given: Record<string, string> = {}): Estimate =>
  estimate(new CostTemplate(template, given), usage, prices);

let reported: CostReport | undefined;
/** Synthesizes two dozen templates, once. */
const report = (): CostReport => (reported ??= costReport(prices));

const row = ({ lines }: Estimate, what: string) => lines.find((line) => line.what === what);

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'cost-'));
});
afterEach(() => rmSync(outdir, { recursive: true }));

/** Runs an app in a fresh set of modules, and returns its templates. */
function templatesOf(file: string): [string, TemplateJson][] {
  const { context } = JSON.parse(read('cdk.json')) as { context: object };
  jest.resetModules();
  const cdk = jest.requireActual<typeof import('aws-cdk-lib')>('aws-cdk-lib');
  const apps: AppOfCdk[] = [];
  class RecordedApp extends cdk.App {
    constructor() {
      super({ outdir, autoSynth: false, context: { ...context }, analyticsReporting: false });
      apps.push(this);
    }
  }
  const recorded = new Proxy(cdk, {
    get: (target, key) => (key === 'App' ? RecordedApp : Reflect.get(target, key)),
  });
  jest.doMock('aws-cdk-lib', () => recorded);
  jest.doMock('cdk-openstack-dashboard', () => jest.requireActual('../../lib'), { virtual: true });
  // Warnings of rule packs, which other tests are about.
  const silent = jest.spyOn(console, 'error').mockImplementation();
  try {
    jest.requireActual(join(ROOT, file));
    apps[0].synth();
  } catch (error) {
    // One example has findings, which make the synthesis fail after it has written the template.
    if (!/[Vv]alidation/.test(String(error))) {
      throw error;
    }
  } finally {
    silent.mockRestore();
    jest.dontMock('aws-cdk-lib');
    jest.dontMock('cdk-openstack-dashboard');
  }
  return readdirSync(outdir)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => [name, JSON.parse(readFileSync(join(outdir, name), 'utf8')) as TemplateJson]);
}

const APPS = [
  ...readdirSync(join(ROOT, 'examples')).map((name) => `examples/${name}/app.ts`),
  'test/system/judges/variants.ts',
];

test.each(APPS)('each resource of %s has a price or is free', (file) => {
  const templates = templatesOf(file);
  expect(templates).not.toEqual([]);
  for (const [, template] of templates) {
    const { lines, total } = cost(template);
    expect(lines.reduce((sum, { monthly }) => sum + monthly, 0)).toBeCloseTo(total, 8);
    expect(total).toBeGreaterThan(0);
  }
});

test('docs/cost.md is what the templates and the prices give', () => {
  expect(read('docs', 'cost.md')).toBe(renderCost(prices, report()));
});

test('a type is either priced or free', () => {
  expect(Object.keys(PRICED).filter((type) => type in FREE)).toEqual([]);
});

test('each price has a known source, or is marked as unverified', () => {
  const { sources, prices: all } = prices.data;
  const wrong = Object.entries(all).filter(([, { source, unverified, usd }]) =>
    source === undefined ? !unverified : !(source in sources) || unverified || usd <= 0,
  );
  expect(wrong).toEqual([]);
  const used = new Set(Object.values(all).map(({ source }) => source));
  expect(Object.keys(sources).filter((source) => !used.has(source))).toEqual([]);
});

describe('the ready app', () => {
  const template = (): TemplateJson => ({
    Resources: structuredClone(resourcesOf(defaultStack())),
  });
  const group = ({ Resources }: TemplateJson, part: string) =>
    Object.entries(Resources!).find(
      ([id, { Type }]) => Type === 'AWS::AutoScaling::AutoScalingGroup' && id.includes(part),
    )![1].Properties as { MinSize: unknown };

  test('has the resources that a bill has', () => {
    const result = cost(template());
    const counts = Object.fromEntries(
      result.lines.flatMap(({ what, count }) => (count === undefined ? [] : [[what, count]])),
    );
    expect(counts).toEqual({
      'memcached nodes, cache.t4g.small': 2,
      'NAT gateways': 1,
      'dashboard hosts, t4g.small': 2,
      'static hosts, t4g.nano': 2,
      'Application Load Balancer': 1,
      // Two of the load balancer, one of the NAT gateway.
      'public IPv4 addresses': 3,
    });
    expect(row(result, 'volumes, gp3')!.quantity).toBe(40);
    expect(row(result, 'detailed monitoring, metrics')!.quantity).toBe(4 * 7);
    expect(row(result, 'alarms of scaling policies')!.quantity).toBe(4);
    expect(result.free['AWS::EC2::VPC']).toBe(1);
  });

  test('with half of the static hosts, these cost half', () => {
    const before = cost(template());
    const half = template();
    group(half, 'Static').MinSize = '1';
    const after = cost(half);
    for (const what of ['static hosts, t4g.nano', 'S3 LIST requests of static hosts']) {
      expect(row(after, what)!.monthly).toBeCloseTo(row(before, what)!.monthly / 2, 8);
    }
    expect(row(after, 'volumes, gp3')!.quantity).toBe(30);
    expect(after.total).toBeLessThan(before.total);
  });

  test('a number that only a deployment knows is an error', () => {
    const unknown = template();
    group(unknown, 'Hosts').MinSize = { 'Fn::ImportValue': 'size' };
    expect(() => cost(unknown)).toThrow(
      /^DashboardHosts\w+ \(.*\): MinSize is not in the template/,
    );
  });

  test('types without a price are errors that name them', () => {
    const with1 = (type: string, Properties: object): TemplateJson => ({
      Resources: { Mine: { Type: type, Properties } },
    });
    expect(() => cost(with1('AWS::EC2::Instance', { InstanceType: 'x9z.large' }))).toThrow(
      /^Mine \(AWS::EC2::Instance\): no price ec2\.x9z\.large in /,
    );
    expect(() =>
      cost(with1('AWS::ElastiCache::CacheCluster', { CacheNodeType: 'cache.x9z.large' })),
    ).toThrow(/no price elasticache\.cache\.x9z\.large/);
    expect(() => cost(with1('AWS::Braket::Anything', {}))).toThrow(
      /^Mine: AWS::Braket::Anything has no price and is not known to be free/,
    );
  });
});

describe('a template', () => {
  const conditional: TemplateJson = {
    Parameters: {
      Nodes: { Default: '3' },
      Size: { Default: 'small' },
      Alarm: { Default: 'no' },
      Zone: {},
    },
    Mappings: { Types: { small: { node: 'cache.t4g.small' }, large: { node: 'cache.m7g.large' } } },
    Conditions: {
      Alarmed: { 'Fn::Equals': [{ Ref: 'Alarm' }, 'yes'] },
      Large: {
        'Fn::And': [
          { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Size' }, 'small'] }] },
          { 'Fn::Or': [{ 'Fn::Equals': ['a', 'b'] }, { 'Fn::Equals': ['a', 'a'] }] },
        ],
      },
      InZone: { 'Fn::Equals': [{ Ref: 'Zone' }, 'a'] },
    },
    Resources: {
      Cache: {
        Type: 'AWS::ElastiCache::CacheCluster',
        Properties: {
          CacheNodeType: { 'Fn::FindInMap': ['Types', { Ref: 'Size' }, 'node'] },
          NumCacheNodes: { 'Fn::If': ['Large', 6, { Ref: 'Nodes' }] },
          Engine: { 'Fn::Select': [1, ['redis', 'memcached']] },
        },
      },
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Condition: 'Alarmed', Properties: {} },
      Key: { Type: 'AWS::KMS::Key', Condition: 'InZone', Properties: {} },
    },
  };

  test('is read with the defaults of its parameters', () => {
    const result = cost(conditional);
    expect(row(result, 'memcached nodes, cache.t4g.small')!.count).toBe(3);
    expect(row(result, 'alarms, metrics')).toBeUndefined();
    // A condition on a parameter without a default may hold.
    expect(row(result, 'KMS keys')!.quantity).toBe(1);
  });

  test('is read with given parameters', () => {
    const result = cost(conditional, { Size: 'large', Alarm: 'yes', Zone: 'b' });
    expect(row(result, 'memcached nodes, cache.m7g.large')!.count).toBe(6);
    expect(row(result, 'alarms, metrics')!.quantity).toBe(1);
    expect(row(result, 'KMS keys')).toBeUndefined();
    expect(() => cost(conditional, { Nope: '1' })).toThrow(/no parameter Nope/);
  });

  test('is estimated by the command, with JSON in the last line', () => {
    const file = join(outdir, 'a.template.json');
    writeFileSync(file, JSON.stringify(conditional));
    const printed: string[] = [];
    const parameter = ['--parameter', 'Nodes=4'];
    main(['--template', file, ...parameter, '--json'], (text) => printed.push(text));
    const last = JSON.parse(printed.join('\n').split('\n').at(-1)!) as {
      total: number;
      lines: { what: string; count?: number; monthly: number }[];
    };
    expect(last.lines[0]).toMatchObject({ what: 'memcached nodes, cache.t4g.small', count: 4 });
    expect(last.total).toBeCloseTo(
      last.lines.reduce((sum, { monthly }) => sum + monthly, 0),
      1,
    );
    expect(printed.join('\n')).toMatch(/Total +\$94\.44\n/);
    expect(() => main(['--template', join(outdir, 'none')])).toThrow(/there is no file/);
    expect(() => main(['--template', file, '--usage', 'huge'])).toThrow(/--usage must be thrifty/);
  });
});

test('sizes are apart, and each choice changes something', () => {
  const { sizes, choices } = report();
  expect(sizes.map(({ title }) => title)).toEqual(SIZES.map(({ title }) => title));
  const [thrifty, standard, large] = sizes.map(({ estimate: { total } }) => total);
  expect(thrifty).toBeLessThan(standard / 2);
  expect(large).toBeGreaterThan(2 * standard);
  expect(choices).toHaveLength(CHOICES.length);
  expect(choices.filter(({ difference }) => Math.abs(difference) < 0.005)).toEqual([]);
});

test('a NAT gateway more costs its hours and its address', () => {
  const total = (natGateways: number) =>
    estimate(
      // Each gateway would have a metric in an alarm, too.
      deploy({ context: { alarms: 'false' }, vpc: () => ({ natGateways }) }),
      usage,
      prices,
    ).total;
  expect(total(2) - total(1)).toBeCloseTo(730 * (0.045 + 0.005), 8);
});

test('hosts call AWS as often as is assumed', () => {
  const DASHBOARD = ['lib', 'dashboard-hosts', 'files', 'etc', 'systemd', 'system'];
  expect(read(...DASHBOARD, 'openstack-dashboard-secret-refresh.timer')).toMatch(
    /^OnCalendar=\*:0\/5$/m,
  );
  const result = cost({ Resources: resourcesOf(defaultStack()) });
  expect(row(result, 'secrets, API calls of hosts')!.quantity * 10000).toBe(2 * 12 * 730);
  expect(row(result, 'S3 LIST requests of static hosts')!.quantity * 1000).toBe(2 * 120 * 730);
  expect(requestsPerMonth(usage)).toBe(100 * 300 * 21);
});
