// Tests of the files that hosts run, on the very packages that hosts have: in a Debian 13 root file
// system with Horizon, without network. `npm run test:hosts`, for some of them `… -- -k NAME`.
// With `-- --horizon 2026.1` first, on Horizon from PyPI.
// With HOST_TESTS_LIVE=1 what they say is shown as they say it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkMachine } from '../../preview';
import { Image } from '../../preview/machine/image';
import { hostTestImage, pluginTestImage } from '../../harness/host-image';
import { DEBIAN_PLUGINS, pluginPolicies } from '../../lib/dashboard-hosts/horizon-plugin';
import { userData } from './user-data';

/** So many files of tests run side by side: most tests wait, for time-outs of what they test. */
const AT_ONCE = 4;

/** Tests that run where all plugins of Debian 13 are installed. */
const PLUGINS = join(__dirname, 'plugins');

/** Tests that need the Debian packages of `HorizonRelease.upstream()`. */
const FROM_PYPI = 'upstream';

/** The modules of tests, and how many each has. */
function modules(folder = __dirname): [string, number][] {
  return readdirSync(folder)
    .filter((name) => /^test_.*\.py$/.test(name))
    .map((name) => [
      name.replace(/\.py$/, ''),
      readFileSync(join(folder, name), 'utf8').match(/^ {4}def test_/gm)?.length ?? 0,
    ]);
}

async function main(): Promise<number> {
  const tests = [...modules(), ...modules(PLUGINS)].reduce((sum, [, count]) => sum + count, 0);
  try {
    checkMachine();
  } catch (error) {
    console.log(`host tests cannot run here: ${(error as Error).message}`);
    console.log(`0 passed, 0 failed, ${tests} skipped`);
    return process.env.CI ? 1 : 0;
  }
  const args = process.argv.slice(2);
  const series = args[0] === '--horizon' ? args.splice(0, 2)[1] : undefined;
  const image = await hostTestImage(series);
  const folder = mkdtempSync(join(tmpdir(), 'host-tests-'));
  writeFileSync(join(folder, 'user-data.json'), userData());
  writeFileSync(
    join(folder, 'plugins.json'),
    JSON.stringify({ policies: pluginPolicies(DEBIAN_PLUGINS) }),
  );
  const discover = (where: string): string[] => ['discover', '-v', '-s', where, ...args];
  const queue: [Image, string[]][] = [];
  if (withPlugins(args)) {
    // The tests of a customization and of policies run on any Horizon
    const plugins = series === undefined ? await pluginTestImage() : image;
    queue.push([plugins, discover('/tmp/tests/plugins')]);
  }
  queue.push(
    ...(args.length > 0 ? [discover('/tmp/tests')] : files()).map((words): [Image, string[]] => [
      image,
      words,
    ]),
  );
  if (series !== undefined) {
    queue.push([image, discover(`/tmp/tests/${FROM_PYPI}`)]);
  }
  const runs: Run[] = [];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        runs.push(await run(...next, folder));
      }
    }),
  );
  rmSync(folder, { recursive: true });
  const sum = { ran: 0, failed: 0, skipped: 0 };
  for (const { status, said } of runs) {
    process.stderr.write(said);
    const count = (word: string) => Number(new RegExp(`\\b${word}=(\\d+)`).exec(said)?.[1] ?? 0);
    const broken = count('failures') + count('errors');
    sum.ran += Number(/^Ran (\d+) tests?/m.exec(said)?.[1] ?? 0);
    // Python's status for no tests
    sum.failed += status === 0 || (status === 5 && args.length > 0) ? 0 : Math.max(1, broken);
    sum.skipped += count('skipped');
  }
  const { ran, failed, skipped } = sum;
  console.log(
    `${Math.max(0, ran - failed - skipped)} passed, ${failed} failed, ${skipped} skipped`,
  );
  return failed === 0 && ran > 0 ? 0 : 1;
}

/** Whether tests with plugins are among those with a name that contains the words after `-k`. */
function withPlugins(args: string[]): boolean {
  const names = args.filter((_, at) => args[at - 1] === '-k');
  const texts = modules(PLUGINS).map(
    ([module]) => module + readFileSync(join(PLUGINS, `${module}.py`), 'utf8'),
  );
  return (
    args.length === 0 ||
    names.some((name) => texts.some((text) => text.includes(name.split('.')[0])))
  );
}

/** Each file by itself, large ones first. No file finds what another one left behind. */
function files(): string[][] {
  const size = (name: string) => statSync(join(__dirname, `${name}.py`)).size;
  return modules()
    .map(([name]) => name)
    .sort((one, other) => size(other) - size(one))
    .map((name) => ['-v', '--durations', '8', name]);
}

interface Run {
  readonly status: number | null;
  readonly said: string;
}

/** Runs some of the tests in a root file system, a network and processes of their own. */
function run(image: Image, args: string[], folder: string) {
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'],
      join(__dirname, 'in-image.sh'),
      join(__dirname, '../..'),
      image.layers.join(':'),
      ...args,
    ],
    { stdio: ['ignore', 'inherit', 'pipe'], env: { ...process.env, MADE_FOR_TESTS: folder } },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (process.env.HOST_TESTS_LIVE) {
      process.stderr.write(text);
    }
  });
  return new Promise<Run>((resolve) => child.on('close', (status) => resolve({ status, said })));
}

void main().then((status) => process.exit(status));
