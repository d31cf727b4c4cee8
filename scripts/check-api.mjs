// Compares the public API with that of the last release: each incompatible change must be in the
// migration table of CHANGELOG.md. `--save VERSION` makes the API of the last build the one to compare with.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const FOLDER = join(ROOT, 'test', 'api');
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** What jsii-diff does not read, which is most of the size. */
const LEFT_OUT = ['readme', 'dependencyClosure', 'locationInModule', 'symbolId'];

/** What jsii-diff reads of a docstring. */
const DOCS = ['stability', 'deprecated', 'subclassable'];

const [option, version] = process.argv.slice(2);
if (option === '--save') {
  save(version);
} else {
  check();
}

function save(release) {
  if (!/^\d+\.\d+\.\d+$/.test(release ?? '')) {
    throw new Error('--save: give the version of the release, such as 0.1.0');
  }
  const assembly = JSON.parse(readFileSync(join(ROOT, '.jsii'), 'utf8'), (name, value) =>
    LEFT_OUT.includes(name) ? undefined : name === 'docs' ? docsOf(value) : value,
  );
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  const text = JSON.stringify({ ...assembly, version: release });
  writeFileSync(join(FOLDER, `${release}.jsii.gz`), gzipSync(text, { level: 9 }));
}

function docsOf(docs) {
  return Object.fromEntries(Object.entries(docs).filter(([name]) => DOCS.includes(name)));
}

function check() {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [file] = readdirSync(FOLDER);
  const release = basename(file, '.jsii.gz');
  const rows = migrationRows();
  const changes = changesSince(join(FOLDER, file));
  const missing = changes.filter(
    ({ names }) => !rows.some((row) => names.every((name) => name(row))),
  );
  for (const { text } of missing) {
    console.error(`not in the migration table of CHANGELOG.md: ${text}`);
  }
  if (missing.length) {
    process.exitCode = 1;
  } else {
    console.log(`${changes.length} incompatible changes since ${release}, all in CHANGELOG.md`);
  }
}

/** The incompatible changes that jsii-diff finds, with what a row about each contains. */
function changesSince(file) {
  // In node_modules, so that the dependencies are found from there
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const old = mkdtempSync(join(cache, 'api-'));
  try {
    writeFileSync(join(old, 'package.json'), JSON.stringify(PACKAGE));
    writeFileSync(join(old, '.jsii'), gunzipSync(readFileSync(file)));
    const command = [
      'node_modules/jsii-diff/bin/jsii-diff',
      '--keys',
      '--error-on',
      'all',
      old,
      '.',
    ];
    const { stdout, stderr, status } = spawnSync(process.execPath, command, {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.startsWith('err '));
    if (status !== 0 && lines.length === 0) {
      throw new Error(`jsii-diff failed: ${stdout}${stderr}`);
    }
    return lines.map((text) => ({ text, names: namesOf(text) }));
  } finally {
    rmSync(old, { recursive: true });
  }
}

/** Tests for the names of a change: its type, which may be written without `Props`, and its member. */
function namesOf(text) {
  const key = /\[[\w-]+:([^\]]+)\]$/.exec(text)?.[1] ?? '';
  const [type, member] = key.slice(PACKAGE.name.length + 1).split('.');
  const short = type.replace(/(Props|Options)$/, '');
  const word = (...words) => {
    const expression = new RegExp(`(?<![\\w-])(${words.join('|')})(?![\\w-])`);
    return (row) => expression.test(row);
  };
  return member && /^\w+$/.test(member) ? [word(type, short), word(member)] : [word(type, short)];
}

/** What the rows of the tables of the next release say about the last one. */
function migrationRows() {
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  const [, unreleased] = changelog.split(/^## /m);
  return unreleased
    .split('\n')
    .filter((line) => /^\s*\|/.test(line))
    .map((line) => line.split('|').slice(1, 3).join(' '));
}
