// Judges that others wrote, on what this package makes: cfn-lint on templates, gixy on nginx's
// configuration, systemd on the units of hosts, botocore on the requests that hosts make.
// `npm run test:judges`, for some of them `… -- -k NAME`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkMachine } from '../../../preview';
import { hostTestImage } from '../../../harness/host-image';
import { userData } from '../../hosts/user-data';

const ROOT = join(__dirname, '../../..');

/** What is looked at on a host, in a folder; none where no image can be made. */
async function collect(folder: string): Promise<boolean> {
  try {
    checkMachine();
  } catch (error) {
    console.log(`hosts cannot be looked at here: ${(error as Error).message}`);
    return false;
  }
  const image = await hostTestImage();
  writeFileSync(join(folder, 'user-data.json'), userData());
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    [
      ...['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'],
      join(__dirname, 'in-image.sh'),
      ...[ROOT, image.layers.join(':'), folder],
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 },
  );
  if (status !== 0) {
    throw new Error(`in-image.sh ended with ${status}:\n${stdout}\n${stderr}`);
  }
  return true;
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'judges-'));
  try {
    const collected = await collect(folder);
    const { status } = spawnSync(
      join(ROOT, '.venv-judges/bin/python'),
      [join(__dirname, 'suite.py'), __dirname, ...process.argv.slice(2)],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {
          ...process.env,
          PYTHONDONTWRITEBYTECODE: '1',
          ...(collected ? { JUDGES_COLLECTED: folder } : {}),
        },
      },
    );
    return collected || !process.env.CI ? (status ?? 1) : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void main().then(
  (status) => process.exit(status),
  (error: Error) => {
    console.log(error.message);
    console.log('0 passed, 1 failed, 0 skipped');
    process.exit(1);
  },
);
