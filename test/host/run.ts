// Tests of the files that hosts run, on the very packages that hosts have: in a Debian 13 root file
// system with Horizon, without network. `npm run test:hosts`, for some of them `… -- -k NAME`
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkMachine } from '../../preview';
import { hostTestImage } from './image';
import { userData } from './user-data';

async function main(): Promise<number> {
  const tests = readdirSync(__dirname)
    .filter((name) => /^test_.*\.py$/.test(name))
    .map(
      (name) => readFileSync(join(__dirname, name), 'utf8').match(/^ {4}def test_/gm)?.length ?? 0,
    )
    .reduce((sum, count) => sum + count, 0);
  try {
    checkMachine();
  } catch (error) {
    console.log(`host tests cannot run here: ${(error as Error).message}`);
    console.log(`0 passed, 0 failed, ${tests} skipped`);
    return process.env.CI ? 1 : 0;
  }
  const image = await hostTestImage();
  const folder = mkdtempSync(join(tmpdir(), 'host-tests-'));
  writeFileSync(join(folder, 'user-data.json'), userData());
  const child = spawnSync(
    'unshare',
    [
      ...['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'],
      join(__dirname, 'in-image.sh'),
      join(__dirname, '../..'),
      image.layers.join(':'),
      ...process.argv.slice(2),
    ],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'inherit', 'pipe'],
      env: { ...process.env, USER_DATA: join(folder, 'user-data.json') },
    },
  );
  rmSync(folder, { recursive: true });
  process.stderr.write(child.stderr);
  const ran = Number(/^Ran (\d+) tests?/m.exec(child.stderr)?.[1] ?? 0);
  const count = (word: string) => Number(new RegExp(`${word}=(\\d+)`).exec(child.stderr)?.[1] ?? 0);
  const broken = count('failures') + count('errors');
  const failed = child.status === 0 ? 0 : Math.max(1, broken);
  console.log(
    `${ran - broken - count('skipped')} passed, ${failed} failed, ${count('skipped')} skipped`,
  );
  return child.status ?? 1;
}

void main().then((status) => process.exit(status));
