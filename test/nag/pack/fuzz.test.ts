import { App, CfnParameter, CfnResource, Stack } from 'aws-cdk-lib';
import { OpenStackDashboardChecks } from '../../../lib/nag';
import { RULES } from '../../../lib/nag/rules';
import { flatten } from '../../../lib/nag/template/text';
import { PlainTemplate, containers, instances } from '../matrix/baseline';
import { OPTIMIZED, cachePolicy, cdn, front, openTo } from '../matrix/changes';

// Another run: FUZZ_SEED=… npx jest test/nag/pack/fuzz.test.ts
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_123);
const RESOURCES = 10_000;
const PER_APP = 20;

/** Mulberry32: small, and the same everywhere. */
class Random {
  constructor(private state: number) {}

  public below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * limit);
  }

  public of<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  public chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

/** What a whole template has: every type that rules judge or facts follow. */
function wholeTemplate(): PlainTemplate {
  const template = instances();
  Object.assign(template.Resources, containers().Resources, instances().Resources);
  for (const change of [
    cdn({ CachePolicyId: OPTIMIZED }, { CacheBehaviors: [{ PathPattern: '/x' }] }),
    cachePolicy({}),
    front('#!/bin/sh\nnginx # example.org\n'),
    openTo({ CidrIp: '10.0.0.1/32' }),
  ]) {
    change(template);
  }
  const more: [string, string, Record<string, unknown>][] = [
    ['Serverless', 'AWS::ElastiCache::ServerlessCache', { Engine: 'memcached' }],
    ['Block', 'AWS::EC2::VPCCidrBlock', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.1.0.0/16' }],
    ['Config', 'AWS::AutoScaling::LaunchConfiguration', { UserData: 'I2NvbW1lbnQ=' }],
  ];
  for (const [id, Type, Properties] of more) {
    template.Resources[id] = { Type, Properties };
  }
  return template;
}

const WHOLE = wholeTemplate();
const TYPES = [
  ...new Set([
    ...RULES.flatMap(({ types }) => types),
    ...Object.values(WHOLE.Resources).map(({ Type }) => Type),
  ]),
];
const IDS = [...Object.keys(WHOLE.Resources), 'Given', 'Missing', 'AWS::NoValue', 'AWS::Region'];
const NAMES = [
  ...new Set(keysOf(WHOLE.Resources)),
  'SecretString',
  'ForwardedValues',
  'DefaultTTL',
];
const TEXTS = [
  ...new Set(textsOf(WHOLE.Resources)),
  OPTIMIZED,
  'HTTP',
  'HTTPS',
  'optional',
  '0.0.0.0/0',
];
const ODD_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '',
];
const ODD_TEXTS = [
  '',
  ' ',
  '\n',
  '\uE0000\uE001',
  '\uE000',
  '\uD800',
  '\u0000',
  '${',
  '${}',
  '${!}',
  '${a.b.c}',
  '*',
  '[',
  '("',
  '{{resolve:secretsmanager:x}}',
  '999.999.999.999/99',
  '10.0.0.0/-1',
  'NaN',
  'ALLOWED_HOSTS = [\n'.repeat(50),
  'SESSION_ENGINE=x\nOPENSTACK_KEYSTONE_URL=y\n',
  'H4sIAAAAAAAAA0vOTFGwAABe1gxoBgAAAA==',
  'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\n--b--\n',
];

function* keysOf(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) {
      yield key;
    }
    yield* keysOf(inner);
  }
}

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') {
    yield value;
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) {
      yield* textsOf(inner);
    }
  }
}

/** An object with own keys of any name, `__proto__` too. */
function objectOf(entries: [string, unknown][]): object {
  const made = {};
  for (const [key, value] of entries) {
    Object.defineProperty(made, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return made;
}

function hugeText(random: Random): string {
  const piece = random.of([
    'a',
    ' ',
    '\n',
    '"',
    '\\',
    'varnish ',
    'apt ',
    'docker run ',
    'proxy_cache ',
    'proxy_cache a;',
    "A = ['b',",
    'DEBUG=true\n',
    '${Given}',
    '10.',
    'example.org',
    '# ',
  ]);
  return piece.repeat(random.below(60_000 / piece.length));
}

function scalar(random: Random): unknown {
  switch (random.below(12)) {
    case 0:
      return null;
    case 1:
      return undefined;
    case 2:
      return random.chance(50);
    case 3:
      return random.of([0, -1, 1.5, 443, 1e21, NaN, Infinity, Number.MIN_VALUE]);
    case 4:
      return random.of(ODD_TEXTS);
    case 5:
      return random.chance(4) ? hugeText(random) : random.of(IDS);
    case 6:
      return new Date(0);
    default:
      return random.of(TEXTS);
  }
}

/** An intrinsic function, well-formed or not, of whatever else. */
function call(random: Random, depth: number): unknown {
  const inner = (): unknown => anything(random, depth + 1);
  const id = random.of(IDS);
  switch (random.below(16)) {
    case 0:
    case 1:
      return { Ref: id };
    case 2:
    case 3:
      return { 'Fn::GetAtt': [id, random.of(['Arn', 'DNSName', 'GroupId', 'Outputs.x', ''])] };
    case 4:
      return { 'Fn::GetAtt': random.chance(50) ? `${id}.DNSName` : inner() };
    case 5:
      return { 'Fn::Join': [random.of(['', ',', '\n', null, 7]), [inner(), inner(), { Ref: id }]] };
    case 6:
      return { 'Fn::Join': inner() };
    case 7:
      return { 'Fn::Sub': random.of([...TEXTS, `\${${id}}`, `\${${id}.DNSName}`]) };
    case 8:
      return {
        'Fn::Sub': [
          '${a} ${b}',
          objectOf([
            ['a', inner()],
            [random.of(ODD_KEYS), inner()],
          ]),
        ],
      };
    case 9:
      return { 'Fn::Sub': inner() };
    case 10:
      return { 'Fn::Base64': inner() };
    case 11:
      return { 'Fn::If': ['Condition', inner(), inner()] };
    case 12:
      return { 'Fn::ImportValue': inner() };
    case 13:
      return { 'Fn::GetStackOutput': { StackName: inner(), OutputName: inner() } };
    case 14:
      return { [random.of(['Ref', 'Fn::Select', 'Fn::Split', 'Fn::', 'Fn::Transform'])]: inner() };
    default:
      return deep(random);
  }
}

/** Functions in functions, hundreds of them. */
function deep(random: Random): unknown {
  const wrap = random.of<(value: unknown) => unknown>([
    (value) => ({ 'Fn::Base64': value }),
    (value) => ({ 'Fn::Join': ['', [value]] }),
    (value) => ({ 'Fn::Sub': ['${a}', { a: value }] }),
    (value) => ({ 'Fn::If': ['Condition', value, value === undefined ? 1 : 'else'] }),
    (value) => [value],
    (value) => ({ Properties: value }),
  ]);
  let value: unknown = random.of(TEXTS);
  for (let n = random.below(400); n > 0; n--) {
    value = wrap(value);
  }
  return value;
}

function anything(random: Random, depth = 0): unknown {
  if (depth > 5 || random.chance(40)) {
    return scalar(random);
  }
  if (random.chance(35)) {
    return call(random, depth);
  }
  const length = random.below(4);
  if (random.chance(40)) {
    return Array.from({ length }, () => anything(random, depth + 1));
  }
  return objectOf(
    Array.from({ length: length + 1 }, () => [
      random.chance(90) ? random.of(NAMES) : random.of(ODD_KEYS),
      anything(random, depth + 1),
    ]),
  );
}

const WORDS = [
  'True',
  'False',
  'http',
  'https',
  '*',
  'file',
  '"',
  "'",
  '[',
  ']',
  '(',
  '${',
  '\\',
  '#',
];
const LINES = [
  ...['apt-get install -y varnish', 'proxy_cache pages;', 'DEBUG=true', 'ALLOWED_HOSTS=*'],
  ...['SESSION_ENGINE=django.contrib.sessions.backends.signed_cookies', 'HSTS_MAX_AGE=0'],
  ...['ALLOWED_HOSTS=a.example.org', 'PASSWORD_AUTOCOMPLETE=on', 'PASSWORD_VALIDATOR_REGEX=.*'],
  ...['SECRET_KEY=x', 'MEMCACHED_TLS=false', 'CACHES = {', 'cat <<E', 'E', '--b', '#cloud-config'],
];

/** A text with some of its words replaced, repeated or left out, and some lines more. */
function mutatedText(random: Random, text: string): string {
  const lines = text
    .split('\n')
    .flatMap((line) => (random.chance(3) ? [line, random.of(LINES)] : [line]));
  return lines.join('\n').replace(/\w+|[^\w\s]/g, (word) => {
    if (!random.chance(1)) {
      return word;
    }
    return random.of([random.of(WORDS), `${word}${word}`, '', random.of(ODD_TEXTS)]);
  });
}

/** A copy of a value with some of its parts replaced, left out, or under another name. */
function mutated(random: Random, value: unknown, depth = 0): unknown {
  if (depth > 0 && random.chance(7)) {
    return anything(random, depth);
  }
  if (typeof value === 'string' && random.chance(30)) {
    return mutatedText(random, value);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value
      .filter(() => !random.chance(3))
      .map((item: unknown) => mutated(random, item, depth + 1));
  }
  return objectOf(
    Object.entries(value)
      .filter(() => !random.chance(3))
      .map(([key, inner]) => [
        random.chance(1) ? random.of(ODD_KEYS) : key,
        mutated(random, inner, depth + 1),
      ]),
  );
}

interface Made {
  readonly app: App;
  readonly resources: readonly CfnResource[];
}

/** An app of a mutated whole template, or of resources of random types and properties. */
function randomApp(random: Random): Made {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  new CfnParameter(stack, 'Given');
  const kept = Object.entries(WHOLE.Resources).filter(() => random.chance(95));
  // The rest of a dashboard is right, so that rules look at what is random.
  const chosen = new Set(Array.from({ length: PER_APP }, () => random.of(IDS)));
  const resources: CfnResource[] = [];
  for (const [id, { Type, Properties }] of kept) {
    const change = chosen.has(id) && resources.length < PER_APP;
    const properties = change ? mutated(random, Properties) : Properties;
    const resource = new CfnResource(stack, id, { type: Type, properties: properties as object });
    if (change) {
      resources.push(resource);
    }
  }
  while (resources.length < PER_APP) {
    const resource = new CfnResource(stack, `Random${resources.length}`, {
      type: random.of(TYPES),
    });
    // As an escape hatch does, since the constructor takes objects alone.
    resource.addOverride('Properties', anything(random));
    if (random.chance(10)) {
      resource.addOverride('Metadata.cdk-openstack-dashboard', anything(random));
    }
    resources.push(resource);
  }
  return { app, resources };
}

/** How often each resource is rendered while a pack looks at an app. */
function renders(resources: readonly CfnResource[]): () => number {
  const spies = resources.map((resource) =>
    jest.spyOn(resource as unknown as { _toCloudFormation(): unknown }, '_toCloudFormation'),
  );
  return () => Math.max(...spies.map((spy) => spy.mock.calls.length));
}

function isRendered(resource: CfnResource): boolean {
  try {
    resource.stack.resolve(
      (resource as unknown as { _toCloudFormation(): unknown })._toCloudFormation(),
    );
    return true;
  } catch {
    return false;
  }
}

interface Violation {
  readonly ruleName: string;
  readonly description: string;
}

const judge = (app: App): Violation[] => [
  ...new OpenStackDashboardChecks(undefined, { verbose: true }).validateScope(app).violations,
];

test(`${RESOURCES} random resources throw nothing (FUZZ_SEED=${SEED})`, () => {
  const random = new Random(SEED);
  const found = new Set<string>();
  const known = new Set(
    ['UNKNOWN', ...RULES.map(({ id }) => id)].map((id) => `OpenStackDashboard-${id}`),
  );
  let count = 0;
  let rendered = 0;
  for (let round = 0; count < RESOURCES; round++) {
    const { app, resources } = randomApp(random);
    const most = renders(resources);
    const where = `FUZZ_SEED=${SEED}, app ${round}`;
    let violations: Violation[];
    try {
      violations = judge(app);
    } catch (cause) {
      throw new Error(`${where}: ${(cause as Error).stack}`, { cause });
    }
    for (const { ruleName, description } of violations) {
      if (description.startsWith('Rule threw')) {
        throw new Error(`${where}: ${ruleName}: ${description}`);
      }
      expect(known).toContain(ruleName);
      found.add(ruleName);
    }
    expect(most()).toBeLessThanOrEqual(1);
    jest.restoreAllMocks();
    count += resources.length;
    rendered += resources.filter(isRendered).length;
  }
  expect(count).toBe(RESOURCES);
  // It was no idle run: most of it can be rendered, and many rules found something.
  expect(rendered).toBeGreaterThan(RESOURCES * 0.8);
  expect(found.size).toBeGreaterThan(known.size * 0.4);
});

describe('the work is limited', () => {
  /** The dashboard with something in the place of its hosts' user data. */
  const told = (UserData: unknown, more: object = {}): App => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    for (const [id, { Type, Properties }] of Object.entries(instances().Resources)) {
      const properties =
        id === 'Host' ? { LaunchTemplateData: { UserData, ...more } } : (Properties as object);
      new CfnResource(stack, id, { type: Type, properties });
    }
    return app;
  };
  const threw = (app: App): string[] =>
    judge(app)
      .filter(({ description }) => description.startsWith('Rule threw'))
      .map(({ ruleName, description }) => `${ruleName}: ${description}`);
  const MARKS = 'SESSION_ENGINE=x\nOPENSTACK_KEYSTONE_URL=https://k\nvarnish_ proxy_cache_\n';

  // What takes quadratic time takes minutes here.
  const LENGTH = 300_000;
  test.each([
    ...['apt ', 'docker run ', 'service ', 'varnishd', ' varnish', 'proxy_cache ', 'packages: ['],
    ...['PACKAGES= ', 'export ', '- [', ' ', '\t', ' #', '\n', '\\\n', ';', '$', '`', ',', '.a'],
    ...['"', "'", "'b',", '\\', 'A = [', "A = ['b',\n", 'example.org', 'xexample.org', 'aGVs', '{'],
  ])('with any number of %j in user data', (piece) => {
    const text = piece.repeat(LENGTH / piece.length);
    for (const before of ['', "ALLOWED_HOSTS = ['", 'ALLOWED_HOSTS = [', 'CACHES = {']) {
      expect(threw(told({ 'Fn::Base64': `${MARKS}${before}${text}\nend` }))).toEqual([]);
    }
    expect(threw(told(text))).toEqual([]);
  });

  test('with nested functions that repeat text', () => {
    let text: unknown = MARKS;
    for (let n = 0; n < 60; n++) {
      text = { 'Fn::Sub': ['${a}${a}', { a: text }] };
    }
    expect(threw(told({ 'Fn::Base64': text }))).toEqual([]);
    text = 'x'.repeat(1000);
    for (let n = 0; n < 8; n++) {
      text = { 'Fn::Sub': ['${a}'.repeat(1000), { a: text }] };
    }
    expect(threw(told({ 'Fn::Base64': text }))).toEqual([]);
  });

  test.each([1000, 5000, 20_000])('with any depth of functions: %d', (depth) => {
    for (const name of ['Fn::Base64', 'Fn::Sub', 'Fn::Join']) {
      let value: unknown = MARKS;
      for (let n = 0; n < depth; n++) {
        value = {
          [name]:
            name === 'Fn::Join'
              ? ['', [value]]
              : name === 'Fn::Sub'
                ? ['${a}', { a: value }]
                : value,
        };
      }
      expect(threw(told(value))).toEqual([]);
      // As a parameter of a stack gives it, past what the AWS CDK resolves.
      expect(() => flatten(value)).not.toThrow();
    }
  });

  test('with any references between resources', () => {
    const app = told({ 'Fn::Base64': MARKS });
    const stack = app.node.findChild('Stack') as Stack;
    for (let n = 0; n < 200; n++) {
      new CfnResource(stack, `Ring${n}`, {
        type: TYPES[n % TYPES.length],
        properties: {
          GroupId: { Ref: `Ring${(n + 1) % 200}` },
          VpcId: { Ref: `Ring${n}` },
          LoadBalancerArn: { 'Fn::GetAtt': [`Ring${(n + 7) % 200}`, 'Outputs.Arn'] },
          TargetGroupARNs: [{ Ref: `Ring${(n + 3) % 200}` }],
        },
      });
    }
    expect(threw(app)).toEqual([]);
  });
});
