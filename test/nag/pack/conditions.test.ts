import {
  App,
  CfnCondition,
  CfnMapping,
  CfnParameter,
  CfnResource,
  Fn,
  ICfnConditionExpression,
  NestedStack,
  Stack,
  Validations,
} from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OpenStackDashboardChecks } from '../../../lib/nag';
import { Facts } from '../../../lib/nag/dashboard/facts';
import { memo } from '../../../lib/nag/dashboard/memo';
import { Choices, whereOf } from '../../../lib/nag/template/choices';
import { Resources, appOf, dashboard, either, ref, report, verdict } from '../fixtures';

const described = (app: App): string[] =>
  new OpenStackDashboardChecks()
    .validateScope(app)
    .violations.map(({ severity, description }) => `${severity}: ${description}`);
const DEBUG = 'error: DEBUG is on.';

/** An app whose dashboard has one setting, with more elements of a template in its stack. */
function appWith(value: unknown, more: (stack: Stack) => void): App {
  const app = appOf(dashboard({ environment: { DEBUG: value } }));
  more(app.node.findChild('Stack') as Stack);
  return app;
}
const stackOf = (app: App): Stack => app.node.findChild('Stack') as Stack;

describe('choices', () => {
  const two = (choices: Choices, name: string): string | undefined =>
    choices.choose(name, ['true', 'false']);

  test('are made only during explore', () => {
    expect(two(new Choices(), 'A')).toBeUndefined();
  });

  test('cover each path once', () => {
    const choices = new Choices();
    const ways = choices.explore(() => {
      const a = two(choices, 'A');
      return a === 'true' ? `A ${two(choices, 'B')} ${two(choices, 'B')}` : 'not A';
    });
    expect(ways.map(({ value }) => value).sort()).toEqual([
      'A false false',
      'A true true',
      'not A',
    ]);
  });

  test('of many conditions try at least each one alone, in a limited number of paths', () => {
    const choices = new Choices();
    const names = Array.from({ length: 20 }, (_each, index) => `C${index}`);
    const ways = choices.explore(() => names.map((name) => two(choices, name) === 'false'));
    expect(ways.length).toBeLessThanOrEqual(32);
    for (const index of names.keys()) {
      expect(ways.some(({ value }) => value.every((off, i) => off === (i === index)))).toBe(true);
    }
  });

  test('determine whether a kept result is reused', () => {
    const facts = new Facts(new App(), { dashboards: [], memcachedClusters: [] });
    const { choices } = facts.template;
    let made = 0;
    const inner = memo(() => two(choices, 'B'));
    const answer = memo(() => {
      made++;
      facts.unknown('a place');
      // What is explored in between is no choice of who asks.
      choices.explore(() => two(choices, 'C'));
      if (two(choices, 'A') === 'false') {
        return 'not A';
      }
      choices.assume('B', String(inner(facts)));
      return `A ${inner(facts)}`;
    });
    const ask = (): unknown =>
      facts.recording(() => choices.explore(() => `${two(choices, 'D')} ${answer(facts)}`));
    const expected = ['A true', 'A false', 'not A'];
    for (let time = 0; time < 2; time++) {
      expect(ask()).toEqual({
        value: expect.arrayContaining(
          expected.flatMap((value) =>
            ['true', 'false'].map((d): unknown =>
              expect.objectContaining({ value: `${d} ${value}` }),
            ),
          ),
        ),
        unknown: new Set(['a place']),
      });
    }
    const assumed = choices.explore(() => answer(facts)).map((way) => way.assumed.get('B'));
    expect(assumed.sort()).toEqual(['false', 'true', undefined]);
    expect(answer(facts)).toBe('A undefined');
    expect(answer(facts)).toBe('A undefined');
    expect(made).toBe(expected.length + 1);
  });

  test('are made again after an error', () => {
    const choices = new Choices();
    const fail = (): never => {
      throw new Error('no');
    };
    expect(() => choices.explore(fail)).toThrow('no');
    expect(two(choices, 'A')).toBeUndefined();
  });

  test.each<[string, (a: boolean, b: boolean) => boolean, string]>([
    ['always', () => true, ''],
    ['where A', (a) => a, 'where A is true'],
    ['where not B', (_a, b) => !b, 'where B is false'],
    ['where both', (a, b) => a && b, 'where A is true and B is true'],
    ['where either', (a, b) => !a || !b, 'where A is false or B is false'],
    ['where they differ', (a, b) => a !== b, 'for some values of A, B'],
  ])('are described %s', (_name, holds, expected) => {
    const choices = new Choices();
    const ways = choices.explore(() => {
      const [a, b] = ['A', 'B'].map((name) => {
        const chosen = two(choices, name)!;
        choices.assume(name, chosen);
        return chosen === 'true';
      });
      return holds(a, b);
    });
    expect(whereOf(ways, ({ value }) => value)).toBe(expected);
  });
});

describe('conditions', () => {
  const conditions =
    (expressions: Record<string, (stack: Stack) => ICfnConditionExpression>) =>
    (stack: Stack): void => {
      for (const [id, expression] of Object.entries(expressions)) {
        new CfnCondition(stack, id, { expression: expression(stack) });
      }
    };
  const isGiven = (text: string) => (): ICfnConditionExpression =>
    Fn.conditionEquals(Fn.ref('Given'), text);
  const of = (stack: Stack, id: string): CfnCondition => stack.node.findChild(id) as CfnCondition;

  test.each<[string, Record<string, (stack: Stack) => ICfnConditionExpression>, unknown, string[]]>(
    [
      [
        'that always hold',
        { Production: () => Fn.conditionEquals('a', 'a') },
        either('true', 'false'),
        [DEBUG],
      ],
      [
        'that never hold',
        { Production: () => Fn.conditionEquals('a', 'b') },
        either('true', 'false'),
        [],
      ],
      [
        'that contradict each other',
        { Production: isGiven('p'), Test: (s) => Fn.conditionNot(of(s, 'Production')) },
        { 'Fn::If': ['Production', 'false', { 'Fn::If': ['Test', 'false', 'true'] }] },
        [],
      ],
      [
        'on one value that cannot hold together',
        { Production: isGiven('p'), Test: isGiven('t') },
        { 'Fn::If': ['Production', { 'Fn::If': ['Test', 'true', 'false'] }, 'false'] },
        [],
      ],
      [
        'made of others',
        {
          Production: isGiven('p'),
          Other: () => Fn.conditionEquals(Fn.ref('AWS::Region'), 'eu-west-1'),
          Both: (s) => Fn.conditionAnd(of(s, 'Production'), of(s, 'Other')),
        },
        { 'Fn::If': ['Both', 'true', 'false'] },
        [`${DEBUG} This applies where Both is true.`],
      ],
      [
        'of which one is enough',
        {
          Production: isGiven('p'),
          Any: (s) => Fn.conditionOr(of(s, 'Production'), isGiven('q')()),
        },
        { 'Fn::If': ['Any', 'false', 'true'] },
        [`${DEBUG} This applies where Any is false.`],
      ],
      [
        'of themselves',
        {
          Production: () =>
            ({ resolve: () => ({ 'Fn::Not': [{ Condition: 'Production' }] }) }) as never,
        },
        either('true', 'true'),
        [DEBUG],
      ],
      [
        'that nobody defines',
        {},
        either('false', 'true'),
        [`${DEBUG} This applies where Production is false.`],
      ],
    ],
  )('%s', (_name, expressions, value, expected) => {
    expect(described(appWith(value, conditions(expressions)))).toEqual(expected);
  });

  test('of the resource itself hold', () => {
    const app = appWith(either('false', 'true'), () => undefined);
    const host = stackOf(app).node.findChild('Host') as CfnResource;
    expect(described(app)).toHaveLength(1);
    host.addOverride('Condition', 'Production');
    expect(described(app)).toEqual([]);
  });

  test('hold across resources', () => {
    const cluster = either('10.0.4.0/24', '0.0.0.0/0');
    const resources = dashboard({
      properties: {
        CacheGroup: { SecurityGroupIngress: [{ CidrIp: cluster }] },
        Cluster: {
          VpcSecurityGroupIds: either([{ 'Fn::GetAtt': ['CacheGroup', 'GroupId'] }], ['sg-1']),
        },
      },
    });
    expect(report(resources).violations.map(({ severity }) => severity)).toEqual(['info']);
  });

  test.each([
    ['first', either('network', 'application'), 'Production is false'],
    ['last', either('application', 'network'), 'Production is true'],
  ])('hold for results that are computed once per validation, decided %s', (_name, type, where) => {
    const open = { SecurityGroupIngress: [{ FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }] };
    const resources = dashboard({ properties: { HostGroup: open, Balancer: { Type: type } } });
    expect(verdict('PROXY7', 'Host', resources)).toEqual([
      `Properties.LaunchTemplateData.SecurityGroupIds (where ${where})`,
    ]);
  });

  test('determine the hosts, targets and names', () => {
    const resources = dashboard({
      environment: { ALLOWED_HOSTS: either('a.example', 'b.example') },
      properties: {
        Group: { TargetGroupARNs: either([], [ref('Targets')]) },
        Targets: { Protocol: 'HTTP' },
      },
      more: {
        Front: {
          Type: 'AWS::EC2::Instance',
          Properties: { UserData: { 'Fn::Base64': 'varnishd -b b.example:443\n' } },
        },
      },
    });
    expect(
      report(resources)
        .violations.map(({ ruleName }) => ruleName)
        .sort(),
    ).toEqual(['OpenStackDashboard-CACHE2', 'OpenStackDashboard-HTTPS4']);
  });
});

describe('computed values in a template', () => {
  const map = (values: Record<string, string>) => (stack: Stack) => {
    new CfnMapping(stack, 'Stages', {
      mapping: Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, { debug: value }]),
      ),
    });
  };
  const found = (key: unknown): unknown => ({ 'Fn::FindInMap': ['Stages', key, 'debug'] });

  test.each<[string, unknown, (stack: Stack) => void, string[]]>([
    ['of a list', { 'Fn::Select': [1, ['false', 'true']] }, () => undefined, [DEBUG]],
    [
      'of a split text',
      { 'Fn::Select': ['1', { 'Fn::Split': [',', 'false,true'] }] },
      () => undefined,
      [DEBUG],
    ],
    ['of a mapping', found('test'), map({ test: 'true', live: 'false' }), [DEBUG]],
    ['of a mapping, right', found('live'), map({ test: 'true', live: 'false' }), []],
    [
      'of a mapping by region',
      found(ref('AWS::Region')),
      map({ 'eu-west-1': 'false', 'us-east-1': 'true' }),
      [`${DEBUG} This applies where AWS::Region is us-east-1.`],
    ],
    [
      'of a parameter with allowed values',
      ref('Debug'),
      (stack) => new CfnParameter(stack, 'Debug', { allowedValues: ['false', 'true'] }),
      [`${DEBUG} This applies where Debug is 'true'.`],
    ],
    [
      'of a parameter with allowed values in a text',
      { 'Fn::Sub': '${Debug}' },
      (stack) => new CfnParameter(stack, 'Debug', { allowedValues: ['false', 'true'] }),
      [`${DEBUG} This applies where Debug is 'true'.`],
    ],
    [
      'of a mapping by a parameter',
      found(ref('Stage')),
      (stack) => {
        map({ test: 'true', live: 'false' })(stack);
        new CfnParameter(stack, 'Stage', { allowedValues: ['live', 'test'] });
      },
      [`${DEBUG} This applies where Stage is 'test'.`],
    ],
    ['that are not there', { 'Fn::Select': [7, ['false']] }, () => undefined, ['info']],
    ['of a mapping that is not there', found('test'), () => undefined, ['info']],
  ])('%s', (_name, value, more, expected) => {
    const said = described(appWith(value, more));
    if (expected[0] !== 'info') {
      expect(said).toEqual(expected);
    } else {
      expect(said).toEqual([expect.stringMatching(/^info: .*SETTINGS1/)]);
    }
  });

  test('are passed to nested stacks', () => {
    const app = new App();
    const parent = new Stack(app, 'Parent');
    const nested = new NestedStack(parent, 'Nested', { parameters: { Debug: 'true' } });
    new CfnParameter(nested, 'Debug');
    const { Host } = dashboard({ environment: { DEBUG: ref('Debug'), MEMCACHED_ENDPOINT: 'c:1' } });
    const host = new CfnResource(nested, 'Host', { type: Host.Type, properties: Host.Properties });
    for (const [key, value] of Object.entries(Host.Metadata!)) {
      host.addMetadata(key, value);
    }
    expect(described(app).filter((text) => text.includes('DEBUG'))).toEqual([DEBUG]);
  });
});

describe('parameters with a pattern that allows no wrong value', () => {
  const said = (name: string, allowedPattern?: string): string[] =>
    described(
      (() => {
        const app = appOf(dashboard({ environment: { [name]: ref('Value') } }));
        new CfnParameter(stackOf(app), 'Value', { allowedPattern });
        return app;
      })(),
    );

  test.each([
    ['OPENSTACK_KEYSTONE_URL', '^https://[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9./]*)?$', 'HTTPS5'],
    ['ALLOWED_HOSTS', '[a-z0-9-]+\\.[a-z]+', 'DOMAIN1, SETTINGS2, SETTINGS3'],
  ])('comply: %s', (name, pattern, rules) => {
    expect(said(name, pattern)).toEqual([]);
    expect(said(name)).toEqual([`info: Cannot be decided at synth time: ${rules}.`]);
    expect(said(name, '.*')).toHaveLength(1);
    expect(said(name, '(not an expression')).toHaveLength(1);
  });
});

describe('information', () => {
  const resources: Resources = dashboard({
    environment: { DEBUG: ref('Given'), PASSWORD_AUTOCOMPLETE: ref('Given') },
  });

  test('is reported once per resource, with the rules and places', () => {
    expect(report(resources)).toEqual({
      success: true,
      violations: [
        {
          ruleName: 'OpenStackDashboard-UNKNOWN',
          severity: 'info',
          description: 'Cannot be decided at synth time: SETTINGS1, SETTINGS11.',
          fix: 'Check the deployed value of Metadata.cdk-openstack-dashboard.environment.DEBUG, Metadata.cdk-openstack-dashboard.environment.PASSWORD_AUTOCOMPLETE. To have it checked here, use a value in the app, or a parameter with a few allowedValues or an allowedPattern.',
          ruleMetadata: { guideRules: '44, 48' },
          violatingResources: [
            {
              constructPath: 'Stack/Host',
              locations: [
                'Metadata.cdk-openstack-dashboard.environment.DEBUG',
                'Metadata.cdk-openstack-dashboard.environment.PASSWORD_AUTOCOMPLETE',
              ],
            },
          ],
        },
      ],
    });
  });

  test('does not fail synthesis, and can be acknowledged', () => {
    const synth = (acknowledge: boolean): { conclusion: string; violations: unknown[] } => {
      const app = appOf(resources);
      Validations.of(app).addPlugins(new OpenStackDashboardChecks(app));
      if (acknowledge) {
        const id = 'OpenStackDashboard::OpenStackDashboard-UNKNOWN';
        Validations.of(app).acknowledge({ id, reason: 'we looked' });
      }
      const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
      try {
        const { directory } = app.synth();
        const text = readFileSync(join(directory, 'validation-report.json'), 'utf8');
        const { pluginReports } = JSON.parse(text) as {
          pluginReports: { conclusion: string; violations: { violatingConstructs: unknown[] }[] }[];
        };
        const [{ conclusion, violations }] = pluginReports;
        return { conclusion, violations: violations.flatMap((v) => v.violatingConstructs) };
      } finally {
        said.mockRestore();
      }
    };
    expect(synth(false)).toMatchObject({ conclusion: 'success', violations: [{}] });
    expect(synth(true)).toEqual({ conclusion: 'success', violations: [] });
  });
});
