/** `cdk-openstack-dashboard-init`, and the projects that it starts. */
import { buildSync } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './fixtures';

const program = join(ROOT, 'init', `.cli-${process.pid}.js`);
const TEMPLATES = join(ROOT, 'init/templates');
const LANGUAGES = ['typescript', 'python'];
const read = (file: string): string => readFileSync(file, 'utf8');
const manifest = JSON.parse(read(join(ROOT, 'package.json')));

beforeAll(() => {
  buildSync({
    entryPoints: [join(ROOT, 'init/cli.ts')],
    outfile: program,
    format: 'cjs',
    platform: 'node',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(program));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
});

const run = (...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8' });
const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(path.length + 1))
    .sort();

test.each([
  ['typescript', 'package.json', `"cdk-openstack-dashboard": "${manifest.version}"`],
  ['python', 'requirements.txt', `cdk-openstack-dashboard==${manifest.version}`],
])('a project in %s has all files, and the version of the library', (language, file, line) => {
  const { status, stdout } = run('--language', language, 'new/project');
  expect(status).toBe(0);
  expect(stdout).toContain(`cd ${join(folder, 'new/project')}\n`);
  const expected = filesIn(join(TEMPLATES, language)).filter((name) => !name.endsWith('.js'));
  const made = filesIn(join(folder, 'new/project'));
  expect(made.map((name) => name.replace('.gitignore', 'gitignore')).sort()).toEqual(expected);
  expect(made).toContain('.github/workflows/dashboard.yml');
  expect(read(join(folder, 'new/project', file))).toContain(line);
});

test('a project is in TypeScript and in the current folder by default', () => {
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  expect(run().status).toBe(0);
  expect(filesIn(folder)).toEqual(expect.arrayContaining(['bin/app.ts', 'notes.txt']));
});

test('no file is overwritten', () => {
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/app.ts'), 'mine');
  writeFileSync(join(folder, 'README.md'), 'mine');
  const { status, stderr } = run();
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr:
      `cdk-openstack-dashboard-init: FOLDER must not have the files of the project, got ${folder} ` +
      'with README.md, bin/app.ts: give another folder, or move them away\n',
  });
  expect(filesIn(folder)).toEqual(['README.md', 'bin/app.ts']);
  expect(read(join(folder, 'bin/app.ts'))).toBe('mine');
});

test.each([
  [['--language', 'java'], "--language must be typescript or python, got 'java'"],
  [['one', 'two'], 'there must be one FOLDER, got one, two'],
])('%j is refused', (args, message) => {
  const { status, stderr } = run(...args);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: `cdk-openstack-dashboard-init: ${message}\n`,
  });
});

test.each(LANGUAGES)('a project in %s has the feature flags of the ready app', (language) => {
  const { context } = JSON.parse(read(join(TEMPLATES, language, 'cdk.json')));
  expect(context).toEqual(JSON.parse(read(join(ROOT, 'cdk.json'))).context);
});

test('a project in TypeScript has the versions with which the library is tested', () => {
  const project = JSON.parse(read(join(TEMPLATES, 'typescript/package.json')));
  const { 'cdk-openstack-dashboard': own, ...dependencies } = project.dependencies;
  expect(own).toBe('0.0.0-version');
  const pinned = { ...dependencies, ...project.devDependencies };
  // What a project needs and this repository does not
  delete pinned.tsx;
  const installed = Object.keys(pinned).map((name) => [
    name,
    JSON.parse(read(join(ROOT, 'node_modules', name, 'package.json'))).version,
  ]);
  expect(pinned).toEqual(Object.fromEntries(installed));
  const python = JSON.parse(read(join(TEMPLATES, 'python/package.json')));
  expect(python).toMatchObject({
    engines: project.engines,
    devDependencies: { 'aws-cdk': pinned['aws-cdk'] },
  });
});

test('Node.js is the same in the package, its compiler and the projects', () => {
  const oldest = /\d+/.exec(manifest.engines.node)?.[0];
  const project = JSON.parse(read(join(TEMPLATES, 'typescript/package.json')));
  expect(project.engines.node).toBe(`>=${oldest}`);
  expect(read(join(ROOT, 'scripts/target.mjs'))).toContain(`'node${oldest}'`);
  expect(manifest.devDependencies['@types/node']).toBe(`^${oldest}`);
});
