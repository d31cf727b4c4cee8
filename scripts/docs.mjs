// Writes the documents that are made from the code: API.md, RULES.md, docs/findings.md, docs/cost.md,
// docs/capacity.md, docs/errors.md, docs/changes.md, the tables of docs/upgrade-*.md, the diagrams and the tables of docs/environment.md. With `--check` it compares, and fails naming what is stale.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { programs, templatesOf } from './changes/save.mjs';

process.env.CDK_VALIDATION = 'false';
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const require = createRequire(import.meta.url);
const run = (...command) =>
  execFileSync(process.execPath, command, { stdio: ['ignore', 2, 'inherit'] });

// The public API as jsii sees it, which is what jsii-docgen reads
run('scripts/build.mjs');
// The generators themselves
run('scripts/compile.mjs');

// Synthesizes two hundred dashboards, on another core while jsii-docgen runs.
const folder = mkdtempSync(join(tmpdir(), 'changes-'));
const log = openSync(join(folder, 'log'), 'w');
const changes = spawn(process.execPath, ['scripts/changes/cli.js', join(folder, 'changes.md')], {
  stdio: ['ignore', log, log],
});
const changed = once(changes, 'close');

const { renderErrors } = require('./errors-md.js');
const { renderRules } = require('./rules-md.js');
const { renderEnvironment } = require('./environment-md.js');
const { renderHorizonSettings } = require('./horizon-settings-md.js');
const { renderMoving } = require('./moving-md.js');
const { renderAlarms } = require('./alarms-md.js');
const { renderOverview } = require('./overview-svg.js');
const { renderFindings } = require('./findings-md.js');
const { renderDiagrams } = require('./diagram.js');
const { renderCost } = require('./cost/page.js');
const { renderCapacity } = require('./capacity/page.js');
const { renderUpgrade } = require('./changes/upgrade.js');

function api() {
  const folder = mkdtempSync(join(tmpdir(), 'api-'));
  try {
    const file = join(folder, 'API.md');
    run('node_modules/jsii-docgen/bin/jsii-docgen', '--output', file);
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function changesPage() {
  const [status] = await changed;
  if (status !== 0) {
    throw new Error(`docs/changes.md: ${readFileSync(join(folder, 'log'), 'utf8').slice(-3000)}`);
  }
  return readFileSync(join(folder, 'changes.md'), 'utf8');
}

const documents = new Map([
  [join(root, 'API.md'), api()],
  [join(root, 'RULES.md'), renderRules()],
  [join(root, 'docs', 'alarms.md'), renderAlarms()],
  [join(root, 'docs', 'images', 'overview.svg'), renderOverview()],
  [join(root, 'docs', 'errors.md'), renderErrors()],
  [join(root, 'docs', 'environment.md'), renderEnvironment()],
  [join(root, 'docs', 'horizon-settings.md'), renderHorizonSettings()],
  [join(root, 'docs', 'moving.md'), renderMoving()],
  [join(root, 'docs', 'findings.md'), renderFindings()],
  [join(root, 'docs', 'cost.md'), renderCost()],
  [join(root, 'docs', 'capacity.md'), renderCapacity()],
  ...renderDiagrams(),
  ...renderUpgrade(
    Object.fromEntries([...programs()].map(([name, app]) => [name, templatesOf(root, app)])),
  ),
  [join(root, 'docs', 'changes.md'), await changesPage()],
]);
rmSync(folder, { recursive: true });
const stale = [...documents].filter(
  ([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text,
);
const check = process.argv.includes('--check');
for (const [file, text] of stale) {
  if (check) {
    console.error(`${relative(root, file)} is out of date: run \`npm run docs\``);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log(`${relative(root, file)} written`);
  }
}
if (!stale.length) {
  console.log(`${documents.size} generated documents are current`);
}
