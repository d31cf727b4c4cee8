// Runs the unit tests and those of the rule pack with each supported Node.js, which npm packages bring. Arguments
// are for jest: `npm run test:nodes -- test/unit/entry.test.ts`. With `--only 24`, it runs them with that one alone,
// and with `--path 24` it prints the folder of the program instead, for PATH.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** One of each release line, as `engines` of package.json has them. */
const VERSIONS = ['22.23.3', '24.9.0'];

/** The package of the program for this machine; the package `node` installs it with a script, which npm may not run. */
const NAME = `node-${process.platform}-${process.arch}`;

/** The program, installed once. */
function install(version) {
  const folder = join(root, '.nodes', version);
  const program = join(folder, 'node_modules', NAME, 'bin/node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${NAME}@${version}`];
    const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] });
    if (status !== 0 || !existsSync(program)) {
      throw new Error(`${NAME}@${version} cannot be installed from the npm registry`);
    }
  }
  return program;
}

const given = process.argv.slice(2);
const [option, line] = ['--only', '--path'].includes(given[0]) ? given.splice(0, 2) : [];
const versions = VERSIONS.filter((version) => !option || version.startsWith(`${line}.`));
if (versions.length === 0) {
  throw new Error(
    `${option} must be one of ${VERSIONS.map((version) => version.split('.')[0]).join(' and ')}, got ${line}`,
  );
}
if (option === '--path') {
  console.log(dirname(install(versions[0])));
  process.exit();
}
const tests = given.some((arg) => !arg.startsWith('-'))
  ? given
  : ['test/unit', 'test/nag', ...given];
for (const version of versions) {
  const program = install(version);
  const reported = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.trim();
  if (reported !== `v${version}`) {
    throw new Error(`${program} must be Node.js ${version}, got ${reported}`);
  }
  const began = Date.now();
  console.log(`== Node.js ${version}`);
  const { status } = spawnSync(
    program,
    ['--max-semi-space-size=64', 'node_modules/jest/bin/jest.js', ...tests],
    // Programs that tests start find it first, too
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, PATH: `${dirname(program)}:${process.env.PATH}` },
    },
  );
  console.log(`== Node.js ${version}: ${Math.round((Date.now() - began) / 1000)} s`);
  if (status !== 0) process.exit(status ?? 1);
}
