// The lint rule that keeps the public API in shape: scripts/eslint-public-api.mjs.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import * as library from '../../lib';
import { ROOT } from './fixtures';

const ENDPOINT = 'lib/session/memcached.ts';
const REPORT = 'lib/nag/report/acknowledgement-report.ts';

interface Case {
  readonly file: string;
  readonly text: string;
  readonly messages: string[];
}

const inInterface = (member: string, ...messages: string[]): Case => ({
  file: ENDPOINT,
  text: `/** An endpoint. */\nexport interface MemcachedEndpoint {\n${member}\n}\n`,
  messages,
});
const inClass = (member: string, ...messages: string[]): Case => ({
  file: REPORT,
  text: `/** A report. */\nexport class AcknowledgementReport {\n${member}\n}\n`,
  messages,
});

const CASES: Record<string, Case> = {
  'a good interface': inInterface(
    `/** It. @default 1 */ readonly port?: number;
     /** Them. */ readonly all: { [name: string]: string[] };
     /** Gets it. */ get(name: string | undefined): string | undefined;`,
  ),
  'a property without a docstring': inInterface('readonly port: number;', 'port: document it'),
  'an optional property without a default': inInterface(
    '/** It. */ readonly port?: number;',
    'port: say its @default',
  ),
  'a property that can be written': inInterface(
    '/** It. */ port: number;',
    'port: make it readonly',
  ),
  'a method without a docstring': inInterface('get(): string;', 'get: document it'),
  'a union': inInterface(
    '/** It. */ readonly port: number | string;',
    'port: no union in the public API',
  ),
  'a union in an array in a map': inInterface(
    '/** It. */ readonly ports: { [name: string]: (number | string)[] };',
    'ports: no union in the public API',
  ),
  'a function': inInterface(
    '/** It. */ readonly get: () => string;',
    'get: no function type in the public API',
  ),
  'a type without a name': inInterface(
    '/** It. */ readonly it: { name: string };',
    'it: no type without a name in the public API',
  ),
  'a parameter that is a function': inInterface(
    '/** It. */ each(visit: (name: string) => void): void;',
    'each: no function type in the public API',
  ),
  'an interface without a docstring': {
    file: ENDPOINT,
    text: 'export interface MemcachedEndpoint {}\n',
    messages: ['document the exported interface'],
  },
  'an interface that the index does not export': {
    file: 'lib/nag/report/findings.ts',
    text: 'export interface Anything { port?: number | string }\n',
    messages: [],
  },
  'a good class': inClass(
    `/** It. */ public static readonly NAME: string = 'name';
     /** It. @internal */ public _other: string | number = 1;
     private places: string | number = 1;
     private constructor(private readonly get: () => string) {}
     /** Gets it. */ public get port(): number { return 1; }
     public override toString(): string { return ''; }`,
  ),
  'an instance member of a class without a docstring': inClass(
    'public readonly port: number = 1;',
    'port: document it',
  ),
  'a member without public': inClass('toText(): string { return ""; }', 'toText: document it'),
  'a static member without a docstring': inClass('public static of(): void {}', 'of: document it'),
  'a protected member without a docstring': inClass(
    'protected get(): string { return ""; }',
    'get: document it',
  ),
  'an accessor without a docstring': inClass(
    'public get port(): number { return 1; }',
    'port: document it',
  ),
  'a property of a class that can be written': inClass(
    '/** It. */ public port: number = 1;',
    'port: make it readonly',
  ),
  'a property that is an arrow function': inClass(
    '/** It. */ public readonly get = () => 1;',
    'get: no function type in the public API',
  ),
  'a parameter of a constructor that is a union': inClass(
    'public constructor(port: number | string) { void port; }',
    'constructor: no union in the public API',
  ),
  'a parameter property without a docstring': inClass(
    'public constructor(public readonly port: number) {}',
    'port: document it',
  ),
};

/** Runs a module of the scripts, which are ES modules, and gives back what it prints as JSON. */
function run(program: string, input: unknown): unknown {
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: ROOT,
      input: JSON.stringify(input),
      encoding: 'utf8',
    }),
  );
}

const LINT = `
import { readFileSync } from 'node:fs';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { publicApi } from './scripts/eslint-public-api.mjs';
const linter = new Linter({ cwd: process.cwd() });
const config = {
  files: ['**/*.ts'],
  languageOptions: { parser: tseslint.parser },
  plugins: { 'public-api': publicApi },
  rules: { 'public-api/props': 'error' },
};
const cases = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(cases.map(({ text, file }) => linter.verify(text, config, file))));
`;

describe('the lint rule of the public API', () => {
  const names = Object.keys(CASES);
  let found: { message: string }[][];
  beforeAll(() => {
    found = run(LINT, Object.values(CASES)) as typeof found;
  });

  test.each(names)('%s', (name) => {
    expect(found[names.indexOf(name)].map(({ message }) => message)).toEqual(CASES[name].messages);
  });
});

test('the lint rule covers what the index exports', () => {
  const program = `
    import { publicNames } from './scripts/eslint-public-api.mjs';
    console.log(JSON.stringify([...publicNames()].map(([file, names]) => [file, names && [...names]])));
  `;
  const files = run(program, null) as [string, string[] | null][];
  const covered = files.flatMap(([file, names]) => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const values = Object.keys(require(file) as object);
    return names ? values.filter((name) => names.includes(name)) : values;
  });
  // Interfaces are names without a value.
  const exported = Object.entries(library).flatMap(([name, value]) => (value ? [name] : []));
  expect(new Set(covered)).toEqual(new Set(exported));
  expect(files.map(([file]) => file)).toContain(join(ROOT, REPORT));
});
