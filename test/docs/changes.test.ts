// Of docs/changes.md: each prop has a case, and the effects of a change are what the page says.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { CONTEXT, EACH, SECTIONS } from '../../scripts/changes/cases';
import { rowsOf } from '../../scripts/changes/changes';
import { SESSION_PARAMETERS } from '../../scripts/changes/classify';
import { wordsOf } from '../../scripts/changes/page';
import * as contract from '../../lib/settings/files/usr/local/lib/openstack-dashboard/python/openstack_dashboard_contract.json';

const ROOT = join(__dirname, '..', '..');

/** A type of the public API: its props, and the types that one may give for them. */
interface Declared {
  readonly props: string[];
  readonly bases: string[];
  readonly mentions: string[];
}

/** Exported interfaces of props and classes with factories, by name. */
function declarations(): Map<string, Declared> {
  const found = new Map<string, Declared>();
  const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => /(?<!\.d)\.ts$/.test(file) && !file.startsWith('nag/'),
  );
  for (const file of files) {
    const text = readFileSync(join(ROOT, 'lib', file), 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    source.forEachChild((node) => {
      if (ts.isInterfaceDeclaration(node)) {
        const props = node.members.filter(ts.isPropertySignature);
        found.set(node.name.text, {
          props: props.map((prop) => prop.name.getText()),
          bases: node.heritageClauses?.flatMap(names) ?? [],
          mentions: props.flatMap(names),
        });
      } else if (ts.isClassDeclaration(node) && node.name) {
        const factories = node.members.filter(
          (member): member is ts.MethodDeclaration =>
            ts.isMethodDeclaration(member) &&
            (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0,
        );
        found.set(node.name.text, {
          props: [],
          bases: [],
          mentions: factories.flatMap(({ parameters }) => parameters.flatMap(names)),
        });
      }
    });
  }
  return found;
}

/** All names of types in a piece of code. */
function names(node: ts.Node): string[] {
  const inside: string[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isTypeReferenceNode(child) || ts.isExpressionWithTypeArguments(child)) {
      inside.push(child.getText().split('<')[0]);
    }
    child.forEachChild(visit);
  };
  visit(node);
  return inside;
}

/** What `OpenStackDashboard` takes, at any depth; and constructs that are made for it. */
function reachable(): Map<string, string[]> {
  const all = declarations();
  const types = new Map<string, string[]>();
  const propsOf = (name: string): string[] => {
    const declared = all.get(name);
    return declared ? [...declared.bases.flatMap(propsOf), ...declared.props] : [];
  };
  const visit = (name: string): void => {
    const declared = all.get(name);
    if (!declared || types.has(name) || /^I[A-Z]|Attributes$/.test(name)) {
      return;
    }
    types.set(name, propsOf(name));
    [
      ...declared.bases.flatMap((base) => all.get(base)?.mentions ?? []),
      ...declared.mentions,
    ].forEach(visit);
  };
  ['OpenStackDashboardProps', ...SECTIONS.map(({ type }) => type)].forEach(visit);
  return new Map([...types].filter(([, props]) => props.length > 0));
}

test('each prop that a dashboard takes has a case, and no other', () => {
  const types = reachable();
  expect(types.size).toBeGreaterThan(15);
  const cases = Object.fromEntries(
    SECTIONS.map(({ type, cases: each }) => [type, Object.keys(each)]),
  );
  const missing = [...types].flatMap(([type, props]) =>
    [...new Set(props)]
      .filter((prop) => !cases[type]?.some((name) => [prop, EACH].includes(name)))
      .map((prop) => `scripts/changes/cases.ts has no case for ${type}.${prop}: add one`),
  );
  expect(missing).toEqual([]);
  const unknown = Object.entries(cases).flatMap(([type, props]) =>
    props
      .filter((prop) => prop !== EACH && !types.get(type)?.includes(prop))
      .map((prop) => `${type}.${prop}`),
  );
  expect(unknown).toEqual([]);
});

test('each context key of the ready app has a case, and no other', () => {
  const app = ['dashboard-stack.ts', 'login-context.ts']
    .map((file) => readFileSync(join(ROOT, 'bin', file), 'utf8'))
    .join('\n');
  const keys = [...app.matchAll(/context\s*\.\w+\(\s*'(\w+)'/g)].map(([, key]) => key);
  expect(keys.length).toBeGreaterThan(15);
  const missing = [...new Set(keys)].filter((key) => !Object.hasOwn(CONTEXT, key));
  expect(missing.map((key) => `scripts/changes/cases.ts has no case for context ${key}`)).toEqual(
    [],
  );
  expect(Object.keys(CONTEXT).filter((key) => !keys.includes(key))).toEqual([]);
});

test('parameters that decide about sessions are in the contract', () => {
  expect(Object.keys(contract.application)).toEqual(expect.arrayContaining(SESSION_PARAMETERS));
});

describe('effects', () => {
  const effectOf = (type: string, prop: string) => {
    const section = SECTIONS.find((each) => each.type === type)!;
    const [{ effect }] = rowsOf({ ...section, cases: { [prop]: section.cases[prop] } });
    return effect!;
  };

  test('another instance type replaces hosts, and no more', () => {
    const effect = effectOf('DashboardHostsOptions', 'instanceType');
    expect(effect).toMatchObject({ hosts: ['dashboard'], sessionsEnd: false, replaced: [] });
    expect(wordsOf(effect)).toBe('replaces dashboard hosts');
  });

  test('another port of memcached replaces the cluster and all hosts that use it', () => {
    const effect = effectOf('MemcachedClusterProps', 'port');
    expect(effect).toMatchObject({ hosts: ['dashboard'], sessionsEnd: true });
    expect(effect.replaced).toContain('AWS::ElastiCache::CacheCluster');
  });

  test('a resource with another logical ID is replaced', () => {
    const effect = effectOf('MemcachedClusterProps', 'nodeType');
    expect(effect).toMatchObject({ sessionsEnd: true, created: [], deleted: [] });
    expect(effect.replaced).toContain('AWS::ElastiCache::CacheCluster');
  });

  test('a change that only a warning knows does nothing', () => {
    expect(wordsOf(effectOf('MemcachedSessionOptions', 'tokenLifetime'))).toBe('nothing');
  });

  test('a change of properties that are evaluated before hosts does not replace them', () => {
    expect(effectOf('DashboardHostsOptions', 'maxCapacity')).toMatchObject({
      hosts: [],
      updated: ['AWS::AutoScaling::AutoScalingGroup'],
    });
  });

  test('the same template twice has no effect', () => {
    const section = SECTIONS.find(({ type }) => type === 'HstsOptions')!;
    const [{ effect }] = rowsOf({
      ...section,
      cases: { maxAge: { words: 'to itself', to: () => undefined } },
    });
    expect(wordsOf(effect!)).toBe('nothing');
  });
});
