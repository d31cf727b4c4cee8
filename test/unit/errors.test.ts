import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnParameter, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DashboardSettings } from '../../lib';
import { inScope, invalid } from '../../lib/shared/errors';
import { expectMisuse, KEYSTONE, newDashboard, newStack, ROOT } from './fixtures';

const message = (...args: Parameters<typeof invalid>): string => invalid(...args).message;

describe('an error about a prop', () => {
  test('names construct, prop, requirement, value and remedy, in this order', () => {
    const scope = new Construct(newStack(), 'Hosts');
    expect(message(scope, 'maxCapacity', 'be greater than minCapacity (2)', 2, 'raise it')).toBe(
      'Stack/Hosts: maxCapacity must be greater than minCapacity (2), got 2; raise it',
    );
  });

  test('omits missing parts', () => {
    expect(message(undefined, 'peer', 'not be given with securityGroups')).toBe(
      'peer must not be given with securityGroups',
    );
    expect(message(new App(), 'name', 'be short', 'long')).toBe("name must be short, got 'long'");
  });

  const token = Lazy.string({ produce: () => 'later' });
  const number = new CfnParameter(new Stack(), 'Number', { type: 'Number' }).valueAsNumber;
  test.each<[string, unknown, string]>([
    ['null', null, 'none'],
    ['an empty list', [], 'none'],
    ['an empty text', '', "''"],
    ['a text of several lines', 'a\n\tb\0', "'a\\n\\tb\\u0000'"],
    ['a long text', 'x'.repeat(201), `'${'x'.repeat(200)}…'`],
    ['no number', NaN, 'NaN'],
    ['a list', ['a', 1], "'a', 1"],
    ['a construct', new Construct(newStack(), 'Bucket'), 'Stack/Bucket'],
    ['a token', token, 'an unresolved token'],
    ['a text with a token', `a ${token}`, 'an unresolved token'],
    ['a number that is a token', number, 'an unresolved token'],
    ['a list with a token', [number, 1], 'an unresolved token, 1'],
  ])('shows %s', (_, value, shown) => {
    expect(message(undefined, 'prop', 'fit', value)).toBe(`prop must fit, got ${shown}`);
  });
});

describe('in Python', () => {
  beforeEach(() => {
    process.env.JSII_AGENT = 'Python/3.13.5';
  });
  afterEach(() => {
    delete process.env.JSII_AGENT;
  });

  test('names of members are those of Python', () => {
    const scope = new Construct(newStack(), 'Hosts');
    expect(message(scope, 'maxCapacity', 'be greater than minCapacity (2)', 2)).toBe(
      'Stack/Hosts: max_capacity must be greater than min_capacity (2), got 2',
    );
    expect(
      message(undefined, 'settings.webSso', 'fit', 'aValue', 'use StaticAddress.onPath()'),
    ).toBe("settings.web_sso must fit, got 'aValue'; use StaticAddress.on_path()");
  });

  test.each(['extraSettings.OPENSTACK_X', 'a/myCluster', "'aText'", 'https://aHost', 'IPv6'])(
    'all else is as it was: %s',
    (text) => {
      expect(message(undefined, 'prop', `fit ${text}`)).toBe(
        `prop must fit ${text.replace('extraSettings', 'extra_settings')}`,
      );
    },
  );
});

describe('the path of a construct', () => {
  test('is added to the error of a value, once', () => {
    const stack = newStack();
    const fail = (): never => {
      throw invalid(undefined, 'name', 'be short', 'long');
    };
    const message = "Stack: name must be short, got 'long'";
    expectMisuse(() => inScope(stack, fail), message);
    expectMisuse(() => inScope(new Construct(stack, 'C'), () => inScope(stack, fail)), message);
  });

  test('is not added to other errors, and not to values', () => {
    const other = new Error('out of memory');
    const fail = (): never => {
      throw other;
    };
    expect(() => inScope(newStack(), fail)).toThrow(other);
    expect(other.message).toBe('out of memory');
    expect(inScope(newStack(), () => 1)).toBe(1);
  });

  test('is in errors about the settings of a dashboard', () => {
    const timeZone = 'Mars/Olympus';
    const said = `timeZone must be a name of the IANA time zone database such as Europe/Berlin, got '${timeZone}'`;
    expectMisuse(
      () => new DashboardSettings({ domainName: 'a.example.org', keystoneUrl: KEYSTONE, timeZone }),
      said,
    );
    expectMisuse(
      () => newDashboard(newStack(), { settings: { timeZone } }),
      `Stack/Dashboard: ${said}`,
    );
  });
});

// The rule pack and the command that reads settings have their own, which are about files and not about constructs,
// and those of the contract are mistakes in the library.
test('the library creates its errors only with this helper', () => {
  const others = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !/^(nag|import)\//.test(file),
    )
    .filter((file) => file !== 'shared/errors.ts' && !file.startsWith('contract/'))
    .filter((file) =>
      /\bnew \w*Error\(|\bwas given\b|\ballowed (is|are)\b/.test(
        readFileSync(join(ROOT, 'lib', file), 'utf8'),
      ),
    );
  expect(others).toEqual([]);
});
