// Releases: the steps that .github/workflows/release.yml calls, and that run on any machine. docs/releasing.md describes them.
//
//   release.mjs prepare VERSION [--date DATE]   changes the tree: version, changelog, API and templates to compare with
//   release.mjs verify VERSION [--ci]           the commit is the release commit; with --ci, its checks passed
//   release.mjs build FOLDER [--targets A,B]    packages, SBOM, notes and checksums in an empty folder
//   release.mjs plan FOLDER [--targets A,B]     prints what is published where
//   release.mjs dry-run VERSION [--targets A,B] all of it, in a copy in a temporary folder
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isBreaking, lastRelease, notesOf, released, sectionsOf } from './release/changelog.mjs';
import { fetchChecks, judgeChecks } from './release/ci.mjs';
import { TARGETS, checksums, planOf } from './release/packages.mjs';
import { completed } from './release/sbom.mjs';
import { checkVersion, parseVersion, supported } from './release/version.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const USAGE =
  'usage: release.mjs prepare|verify|dry-run VERSION, or build|plan FOLDER; see the first lines of the file';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ci: { type: 'boolean' },
    date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
    targets: { type: 'string', default: TARGETS.join() },
  },
});
const [command, operand] = positionals;
const targets = values.targets.split(',');
const unknown = targets.find((target) => !TARGETS.includes(target));

try {
  if (!operand || positionals.length > 2) throw new Error(USAGE);
  if (unknown !== undefined) {
    throw new Error(`--targets must be some of ${TARGETS.join()}, got ${unknown}`);
  }
  const commands = { prepare, verify, build, plan, 'dry-run': dryRun };
  if (!Object.hasOwn(commands, command)) throw new Error(USAGE);
  await commands[command](operand);
} catch (error) {
  console.error(`release: ${error.message}`);
  process.exitCode = 1;
}

function read(name, root = ROOT) {
  return readFileSync(join(root, name), 'utf8');
}

function packageOf(root = ROOT) {
  return JSON.parse(read('package.json', root));
}

function git(...args) {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
}

function node(...args) {
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 'inherit'] });
}

function step(text) {
  console.log(`== ${text}`);
}

function checkClean() {
  const changed = git('status', '--porcelain');
  if (changed) {
    throw new Error(`the tree must be clean: commit or remove\n${changed}`);
  }
}

/** Turns the tree into that of the release commit. */
async function prepare(version) {
  parseVersion(version);
  checkClean();
  const changelog = read('CHANGELOG.md');
  const [unreleased] = sectionsOf(changelog);
  const last = lastRelease(changelog);
  // Before anything changes: each of these may fail
  const dated = released(changelog, version, values.date);
  checkVersion(version, last, isBreaking(unreleased.text));
  const policy = supported(read('SECURITY.md'), version);
  step(`incompatible changes of the API since ${last} are in the changelog`);
  node('scripts/check-api.mjs');

  step(`version ${version} in package.json and package-lock.json`);
  const versioned = (name, change) => {
    const json = JSON.parse(read(name));
    change(json);
    writeFileSync(join(ROOT, name), `${JSON.stringify(json, null, 2)}\n`);
  };
  versioned('package.json', (json) => (json.version = version));
  versioned('package-lock.json', (json) => {
    json.version = version;
    json.packages[''].version = version;
  });
  step(`CHANGELOG.md: ${version} (${values.date})`);
  writeFileSync(join(ROOT, 'CHANGELOG.md'), dated);
  step(`SECURITY.md: the minor version of ${version} is supported`);
  writeFileSync(join(ROOT, 'SECURITY.md'), policy);
  step('the API to compare the next release with, in test/api');
  node('scripts/build.mjs');
  node('scripts/check-api.mjs', '--save', version);
  step('the templates to compare the next release with, in test/releases');
  node('scripts/compile.mjs');
  node('scripts/changes/save.mjs', version);
  console.log(`commit this as "chore(release): ${version}" and open a pull request`);
}

/** The checked-out commit is that of the release. */
async function verify(version) {
  checkClean();
  const pkg = packageOf();
  if (pkg.version !== version) {
    throw new Error(
      `package.json must have version ${version}, got ${pkg.version}: run "npm run release -- prepare ${version}" and merge it`,
    );
  }
  const lock = JSON.parse(read('package-lock.json'));
  if (lock.version !== version || lock.packages[''].version !== version) {
    throw new Error(`package-lock.json must have version ${version}, got ${lock.version}`);
  }
  const changelog = read('CHANGELOG.md');
  const [newest] = sectionsOf(changelog);
  if (newest.name !== version || !newest.date) {
    throw new Error(`CHANGELOG.md must begin with "## ${version} (DATE)", got "## ${newest.name}"`);
  }
  checkVersion(version, lastRelease(changelog, version), isBreaking(newest.text));
  if (!existsSync(join(ROOT, 'test/api', `${version}.jsii.gz`))) {
    throw new Error(
      `test/api must have the API of ${version}: run "npm run release -- prepare ${version}"`,
    );
  }
  if (git('tag', '--list', `v${version}`)) {
    throw new Error(`version ${version} must not be released yet, but there is a tag v${version}`);
  }
  if (values.ci) {
    const commit = git('rev-parse', 'HEAD');
    const { GITHUB_REPOSITORY, GITHUB_TOKEN } = process.env;
    if (!GITHUB_REPOSITORY || !GITHUB_TOKEN) {
      throw new Error('--ci needs GITHUB_REPOSITORY and GITHUB_TOKEN');
    }
    judgeChecks(await fetchChecks(GITHUB_REPOSITORY, commit, GITHUB_TOKEN), commit);
  }
  console.log(`this is the release commit of ${version}`);
}

/** All that is published, in a folder. */
async function build(folder) {
  const pkg = packageOf();
  const out = resolve(folder);
  mkdirSync(out, { recursive: true });
  if (readdirSync(out).length) {
    throw new Error(`${folder} must be empty`);
  }
  step(`packages: ${targets.join(', ')}`);
  // npm's own `prepack` builds; the lazy index is packed with the rest
  node(
    'node_modules/jsii-pacmak/bin/jsii-pacmak',
    '--outdir',
    out,
    '--targets',
    ...targets,
    '--',
    '.',
  );
  step('software bill of materials');
  const lines = ['sbom', '--omit', 'dev', '--package-lock-only', '--sbom-format', 'cyclonedx'];
  const sbom = JSON.parse(execFileSync('npm', lines, { cwd: ROOT, encoding: 'utf8' }));
  const complete = completed(sbom, pkg, JSON.parse(read('package-lock.json')));
  const name = `${pkg.name}-${pkg.version}.cdx.json`;
  writeFileSync(join(out, name), `${JSON.stringify(complete, null, 2)}\n`);
  step('notes and checksums');
  const repository = pkg.repository.url.replace(/\.git$/, '');
  writeFileSync(join(out, 'NOTES.md'), notesOf(read('CHANGELOG.md'), pkg.version, repository));
  writeFileSync(join(out, 'SHA256SUMS'), checksums(out));
}

async function plan(folder) {
  const pkg = packageOf();
  const lines = [
    ...planOf(resolve(folder), pkg, pkg.version, targets),
    `GitHub: release v${pkg.version} with all files, their SBOM, checksums and attestations`,
  ];
  console.log(lines.join('\n'));
  if (process.env.GITHUB_STEP_SUMMARY) {
    appendFileSync(process.env.GITHUB_STEP_SUMMARY, `\`\`\`text\n${lines.join('\n')}\n\`\`\`\n`);
  }
}

/** A release of the last commit up to the point where it would be published. */
async function dryRun(version) {
  parseVersion(version);
  checkClean();
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  const copy = join(folder, 'copy');
  try {
    git('clone', '--quiet', ROOT, copy);
    // The rule in .gitignore is about a folder
    appendFileSync(join(copy, '.git/info/exclude'), '/node_modules\n');
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
    const identity = ['-c', 'user.name=dry run', '-c', 'user.email=dry-run@example.org'];
    const inCopy = (name, args) =>
      execFileSync(name, args, { cwd: copy, stdio: ['ignore', 'inherit', 'inherit'] });
    const release = (...args) => inCopy(process.execPath, ['scripts/release.mjs', ...args]);
    const options = ['--targets', values.targets];
    if (packageOf().version === version) {
      step(`the tree is prepared for ${version} already`);
    } else {
      release('prepare', version, '--date', values.date);
      const message = `chore(release): ${version}`;
      inCopy('git', ['add', '--all']);
      inCopy('git', [...identity, 'commit', '--quiet', '--message', message]);
      inCopy('git', ['show', '--stat', '--format=%s', 'HEAD']);
    }
    release('verify', version);
    release('build', join(folder, 'dist'), ...options);
    release('plan', join(folder, 'dist'), ...options);
    console.log('dry run: nothing was published, and the tree is as before');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
