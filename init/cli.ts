#!/usr/bin/env node
/** Starts a project: copies the files of a template into a folder, and overwrites none. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const NAME = 'cdk-openstack-dashboard-init';
const TEMPLATES = join(__dirname, 'templates');
const USAGE = `usage: ${NAME} [--language typescript|python] [FOLDER]

Starts an AWS CDK project with a dashboard in FOLDER, by default the current folder: an app with one stack and
the rule pack, tests, and a workflow for GitHub Actions. Overwrites no files.

  --language typescript|python     default: typescript
  --version, --help
`;

/** Under other names in the package: npm publishes no .gitignore. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore' };

const FIRST_STEPS: Readonly<Record<string, readonly string[]>> = {
  typescript: ['npm install', 'npm test', 'npx cdk synth'],
  python: [
    'npm install',
    'python3 -m venv .venv',
    '. .venv/bin/activate',
    'pip install -r requirements-dev.txt',
    'pytest',
    'npx cdk synth',
  ],
};

interface Copied {
  readonly from: string;
  readonly to: string;
}

function filesOf(template: string, folder: string): Copied[] {
  return readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.js'))
    .map((entry) => {
      const from = join(entry.parentPath, entry.name);
      const name = RENAMED[entry.name] ?? entry.name;
      return { from, to: join(folder, dirname(relative(template, from)), name) };
    });
}

/** The version of this package, which the project begins with. */
function version(): string {
  const manifest = readFileSync(join(__dirname, '../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function start(language: string, folder: string): void {
  const template = join(TEMPLATES, language);
  const files = filesOf(template, folder);
  const existing = files
    .filter(({ to }) => existsSync(to))
    .map(({ to }) => relative(folder, to))
    .sort();
  if (existing.length > 0) {
    throw new Error(
      `FOLDER must not have the files of the project, got ${folder} with ${existing.join(', ')}: ` +
        'give another folder, or move them away',
    );
  }
  for (const { from, to } of files) {
    mkdirSync(dirname(to), { recursive: true });
    if (/^(package\.json|requirements\.txt)$/.test(relative(folder, to))) {
      writeFileSync(to, readFileSync(from, 'utf8').replace('0.0.0-version', version()));
    } else {
      copyFileSync(from, to);
    }
  }
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      language: { type: 'string', default: 'typescript' },
      version: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  if (values.version === true) {
    process.stdout.write(`${version()}\n`);
    return;
  }
  const languages = Object.keys(FIRST_STEPS);
  if (!languages.includes(values.language)) {
    throw new Error(`--language must be ${languages.join(' or ')}, got '${values.language}'`);
  }
  if (positionals.length > 1) {
    throw new Error(`there must be one FOLDER, got ${positionals.join(', ')}`);
  }
  const folder = resolve(positionals[0] ?? '.');
  start(values.language, folder);
  const steps = [`cd ${folder}`, ...FIRST_STEPS[values.language]];
  process.stdout.write(
    `The project is in ${folder}. Its README.md says what to change first. To try it:\n\n` +
      `${steps.map((step) => `  ${step}`).join('\n')}\n`,
  );
}

try {
  main();
} catch (error) {
  process.stderr.write(`${NAME}: ${(error as Error).message}\n`);
  process.exit(1);
}
