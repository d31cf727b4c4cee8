// The command openstack-dashboard-import with files that are odd, or that want their texts to become code.
import * as ts from 'typescript';
import { LanguageName, LANGUAGES, programOf } from '../../lib/import/program';
import { propsOf } from '../../lib/import/props';
import { readSettings, Value } from '../../lib/import/python';

function imported(source: string, language: LanguageName, file = 'local_settings.py'): string {
  const { values, others } = readSettings(source);
  const props = propsOf(values, { plugins: [] });
  const notes = others.map(([line, why]) => ({ setting: `${file}:${line}`, why }));
  return programOf(props, { files: [file], notes, variables: [] }, LANGUAGES[language]);
}

const value = (source: string): Value | undefined => readSettings(`A = ${source}`).values.get('A');
const textOf = (source: string): string | undefined => {
  const found = value(source);
  return found?.kind === 'text' ? found.text : undefined;
};

const EVIL = "\nimport os\nos.system('id')\n#";
const escaped = EVIL.replaceAll('\n', '\\n').replaceAll("'", "\\'");

test.each([
  ['a key', `HORIZON_CONFIG = {'x${escaped}': 1}`],
  ['a host', `ALLOWED_HOSTS = ['a.b', 'a${escaped}']`],
  ['the name of a variable', `DEBUG = os.environ.get('A${escaped}')`],
  ['a carriage return', 'A = $\rimport evil'],
  ['the key of a map of maps', `OPENSTACK_KEYSTONE_BACKEND = {'x${escaped}': True}`],
  ['ends of lines that only JavaScript has', "FOO = 'a\\u2028evil8()'\nBAR = 'b\\u2029evil8()'"],
  ['a NUL', "HORIZON_CONFIG = {'x\\0y': 1}"],
  ['a character that changes the order of others', "FOO = 'a\\u202eb'"],
  ['a type of endpoints', "OPENSTACK_ENDPOINT_TYPE = 'constructor'"],
])('%s is never code', (_what, source) => {
  for (const language of ['typescript', 'python'] as const) {
    const program = imported(source, language, 'a\nimport evil.py');
    const mark = LANGUAGES[language].comment;
    const [stack, comments] = program.split(`${mark} The props above`);
    expect(
      comments
        .split('\n')
        .slice(1)
        .filter((line) => line && !line.startsWith(mark)),
    ).toEqual([]);
    expect(stack.split('\n')[0]).toMatch(new RegExp(`^${mark} From a\\\\u000aimport evil.py`));
    expect(program).not.toMatch(/native code|[\p{Zl}\p{Zp}\p{Cf}]/u);
    expect(program).not.toMatch(/^[^#/]*os\.system/m);
    if (language === 'typescript') {
      const { statements } = ts.createSourceFile('a.ts', program, ts.ScriptTarget.Latest);
      const kinds = new Set(statements.map(({ kind }) => kind));
      expect([...kinds]).toEqual([ts.SyntaxKind.ImportDeclaration, ts.SyntaxKind.ClassDeclaration]);
    }
  }
});

test('escapes and formats are read as Python does, or are not known', () => {
  expect(textOf("'\\U0001F600\\u00e9\\x41\\101'")).toBe('😀éAA');
  expect(textOf('"""one\r\ntwo"""')).toBe('one\ntwo');
  expect(textOf("'{{}} {}'.format('x')")).toBe('{} x');
  for (const source of [
    "'\\N{BULLET}'",
    "'\\U00110000'",
    "'%.2f' % 3",
    "'{:>5}'.format('x')",
    "'\\uzzzz'",
  ]) {
    expect(value(source)?.kind).toBe('unknown');
  }
});

test('a secret is not printed, even from a file that cannot be read', () => {
  const sources = [
    'SECRET_KEY = "hunter15abc\\\r\ndef"\r\n',
    'SECRET_KEY = "hunter15abc\nX = 1\n',
    "MY_PWD = 'hunter15abc'\nTHING = {'pass': 'hunter15abc'}\n",
  ];
  for (const source of sources) {
    expect(imported(source, 'typescript')).not.toContain('hunter15abc');
  }
});

test('choices of single sign-on that are rejected leave no variable', () => {
  const program = imported(
    `WEBSSO_ENABLED = True\nWEBSSO_INITIAL_CHOICE = 'oidc:corp'\nWEBSSO_CHOICES = (('oidc:corp', 'Corp'),)\n`,
    'typescript',
  );
  expect(program).toContain('Rejected by the library');
  expect(program).not.toContain('const oidcCorpChoice');
});

test('two choices of single sign-on have two variables', () => {
  const program = imported(
    `WEBSSO_ENABLED = True\nWEBSSO_INITIAL_CHOICE = 'a_b'\nWEBSSO_DEFAULT_REDIRECT = True\n` +
      `WEBSSO_DEFAULT_REDIRECT_PROTOCOL = 'a-b'\n` +
      `WEBSSO_CHOICES = (('credentials', 'Password'), ('a_b', 'One'), ('a-b', 'Two'))\n`,
    'typescript',
  );
  const names = [...program.matchAll(/const (\w+Choice\d?) = /g)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
});
