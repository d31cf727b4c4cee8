// The command openstack-dashboard-import in Python: test/system/languages executes what it prints.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { call, list, object, value } from '../../lib/import/code';
import { LANGUAGES, programOf } from '../../lib/import/program';
import { propsOf } from '../../lib/import/props';
import { readSettings } from '../../lib/import/python';
import { python, pythonClassesOf } from '../../lib/import/python-code';
import { ROOT } from './fixtures';

const FOLDER = join(__dirname, 'import');
const STRUCTS = join(ROOT, 'lib/import/files/structs.json');

/** The program of the command for the text of a file. */
function imported(source: string): string {
  process.env.JSII_AGENT = 'Python/';
  try {
    const props = propsOf(readSettings(source).values, { plugins: [] });
    const origin = { files: ['local_settings.py'], notes: [], variables: [] };
    return programOf(props, origin, LANGUAGES.python);
  } finally {
    delete process.env.JSII_AGENT;
  }
}

/** The interfaces that the library exports, by name. */
function interfaces(): Map<string, ts.InterfaceDeclaration> {
  const found = new Map<string, ts.InterfaceDeclaration>();
  for (const name of readdirSync(join(ROOT, 'lib'), { recursive: true }) as string[]) {
    if (/(?<!\.d)\.ts$/.test(name) && !name.startsWith('import/')) {
      const text = readFileSync(join(ROOT, 'lib', name), 'utf8');
      ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true).forEachChild((node) => {
        if (ts.isInterfaceDeclaration(node) && node.modifiers?.length) {
          found.set(node.name.text, node);
        }
      });
    }
  }
  return found;
}

/** The structs of all props below those of the dashboard. */
function structs(): Record<string, string> {
  const known = interfaces();
  const membersOf = (node: ts.InterfaceDeclaration): ts.TypeElement[] => [
    ...(node.heritageClauses ?? []).flatMap(({ types }) =>
      types.flatMap(({ expression }) => {
        const parent = known.get(expression.getText());
        return parent ? membersOf(parent) : [];
      }),
    ),
    ...node.members,
  ];
  const structOf = (type: ts.TypeNode | undefined): string | undefined => {
    if (type && ts.isTypeOperatorNode(type)) {
      return structOf(type.type);
    }
    if (type && ts.isArrayTypeNode(type)) {
      return structOf(type.elementType);
    }
    if (type && ts.isTypeLiteralNode(type)) {
      const [index] = type.members;
      const inner = ts.isIndexSignatureDeclaration(index) ? structOf(index.type) : undefined;
      return inner && `{${inner}}`;
    }
    const name = type && ts.isTypeReferenceNode(type) ? type.typeName.getText() : '';
    return known.has(name) && !/^I[A-Z]/.test(name) ? name : undefined;
  };
  const found: Record<string, string> = {};
  const left = ['OpenStackDashboardProps'];
  for (const struct of left) {
    for (const member of membersOf(known.get(struct)!)) {
      const of = ts.isPropertySignature(member) ? structOf(member.type) : undefined;
      if (of) {
        found[`${struct}.${member.name!.getText()}`] = of;
        left.push(of.replace(/[{}]/g, ''));
      }
    }
  }
  return found;
}

test('the classes of props are those of the library', () => {
  if (process.env.UPDATE_PROGRAMS) {
    writeFileSync(STRUCTS, `${JSON.stringify(structs(), undefined, 2)}\n`);
  }
  expect(JSON.parse(readFileSync(STRUCTS, 'utf8'))).toEqual(structs());
});

test('local_settings.py becomes the program that the test of languages executes', () => {
  const text = imported(readFileSync(join(FOLDER, 'local_settings.py'), 'utf8'));
  const file = join(FOLDER, 'local_settings_stack.py');
  if (process.env.UPDATE_PROGRAMS) {
    writeFileSync(file, text);
  }
  // After a change on purpose: UPDATE_PROGRAMS=1 npx jest test/unit/import-python.test.ts
  expect(text).toBe(readFileSync(file, 'utf8'));
});

test('comments have the names of Python, but quote files as they are', () => {
  const text = imported("TIME_ZONE = 'marsTime'\nCREATE_IMAGE_DEFAULTS = myDefaults()\n");
  expect(text).toContain('# - TIME_ZONE: time_zone must be');
  expect(text).toContain("'marsTime'");
  expect(text).toContain('myDefaults');
  expect(text).toContain('# - domain_name: a placeholder');
});

test('a line is at most 110 columns long, without a long text', () => {
  const text = imported(readFileSync(join(FOLDER, 'local_settings.py'), 'utf8'));
  const long = text.split('\n').filter((line) => line.length > 110);
  expect(long.filter((line) => !line.includes("'arn:"))).toEqual([]);
});

test.each([
  ['', 'monitoring'],
  ["SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'\n", 'signed_cookies()'],
  [
    "SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'\nSESSION_TIMEOUT = 600\n",
    'timeout=Duration.seconds(600),',
  ],
  ['SESSION_TIMEOUT = 600\n', "MemcachedCluster(self, 'Sessions', vpc=vpc),"],
])('is Python: %j', (source, part) => {
  const text = imported(source);
  if (part !== 'monitoring') {
    expect(text).toContain(part);
  }
  execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: text });
});

test.each([
  [value(true), 'True'],
  [value("it's\n\u0001\\"), String.raw`'it\'s\n\u0001\\'`],
  [list([value(1.5), value('a')]), "[1.5, 'a']"],
  [object([['a-b', value(1)]]), "{'a-b': 1}"],
  [object([]), '{}'],
  [call('Duration', 'seconds', value(1)), 'Duration.seconds(1)'],
  [
    call('SettingValue', 'mapOf', object([['a', call('SettingValue', 'nothing')]])),
    "SettingValue.map_of({'a': SettingValue.nothing()})",
  ],
  [
    call('WebSsoChoice', 'protocol', value('a'), object([['label', value('b')]])),
    "WebSsoChoice.protocol('a', label='b')",
  ],
])('%j', (code, expected) => {
  expect(python(code)).toBe(expected);
});

test('texts are those that Python reads', () => {
  const texts = [
    "'",
    '"',
    '\\',
    "\\'",
    '\\"',
    'ä€😀',
    '\u0000\u001f\u007f\u2028',
    '\t\n\r\b\f',
    '{}%s',
  ];
  const printed = execFileSync(
    'python3',
    ['-c', 'import json, sys; print(json.dumps(eval(sys.stdin.buffer.read().decode())))'],
    { input: python(list(texts.map(value))), encoding: 'utf8' },
  );
  expect(JSON.parse(printed)).toEqual(texts);
});

test('a struct is a class, with keyword arguments', () => {
  const rule = object([['fromPort', value(443)]]);
  const network = object([['securityGroupRules', object([['https', rule]])]]);
  expect(python(network, { struct: 'NetworkSettings' })).toBe(
    "NetworkSettings(security_group_rules={'https': SecurityGroupRuleTemplate(from_port=443)})",
  );
  expect(pythonClassesOf(network, 'NetworkSettings')).toEqual([
    'NetworkSettings',
    'SecurityGroupRuleTemplate',
  ]);
});
