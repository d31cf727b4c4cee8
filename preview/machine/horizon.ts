import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { run, until } from '../shared/run';

const INSTALL = path.join(
  __dirname,
  '../../lib/dashboard-hosts/files/usr/local/lib/openstack-dashboard/install-horizon',
);

/** Fixed, since images are named by a hash of their script. */
const PORT = 18399;

/** What a host has of `common.sh` and of its stack, as far as `install-horizon` needs it. */
const COMMON = `set -euo pipefail
export LC_ALL=C.UTF-8
LIB=/usr/local/lib/openstack-dashboard ETC=/etc/openstack-dashboard
die() { echo "$*" >&2; exit 1; }
retry() { shift; "$@"; }
describe_resource() { cp /tmp/horizon.reply "$2"; }
`;

/** Platforms of wheels that Debian 13 takes. */
const PLATFORMS = ['_2_28', '_2_17', '2014', '_2_12', '2010', '_2_5', '1'].map(
  (version) => `manylinux${version}_${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`,
);

/**
 * The script that installs Horizon from PyPI in an image, as hosts do at boot.
 *
 * @param lock the lock in the stack: gzipped, in base64
 */
export function horizonSetUp(lock: string): string {
  const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
  return `mkdir -p /usr/local/lib/openstack-dashboard
base64 -d <<<'${base64(COMMON)}' >/usr/local/lib/openstack-dashboard/common.sh
base64 -d <<<'${base64(fs.readFileSync(INSTALL))}' >/usr/local/lib/openstack-dashboard/install-horizon
echo '${lock}' >/tmp/horizon.reply
HORIZON_RESOURCE=Horizon HORIZON_INDEX_URL=http://127.0.0.1:${PORT}/simple \\
  bash /usr/local/lib/openstack-dashboard/install-horizon
rm -r /usr/local/lib/openstack-dashboard`;
}

/**
 * Runs work while an index on this machine has the packages of a lock. They are downloaded once, with
 * this machine's pip and its configuration.
 */
export async function withIndex<T>(
  lock: string,
  directory: string,
  work: () => Promise<T>,
): Promise<T> {
  const server = serve(await download(lock, directory));
  // Another preview may be making its image
  await until(`port ${PORT} of 127.0.0.1 is free`, 600, () => listens(server), 1000);
  try {
    return await work();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function download(lock: string, directory: string): Promise<string> {
  const text = gunzipSync(Buffer.from(lock, 'base64'));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const folder = path.join(directory, `wheels-${hash}`);
  if (fs.existsSync(folder)) {
    return folder;
  }
  const temporary = path.join(directory, `${process.pid}.wheels.part`);
  fs.mkdirSync(temporary);
  fs.writeFileSync(path.join(temporary, 'lock.txt'), text);
  await run('python3', [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes'],
    ...['--only-binary', ':all:', '--python-version', '3.13', '--implementation', 'cp'],
    ...['cp313', 'abi3', 'none'].flatMap((abi) => ['--abi', abi]),
    ...[...PLATFORMS, 'any'].flatMap((platform) => ['--platform', platform]),
    ...['--dest', temporary, '--requirement', path.join(temporary, 'lock.txt')],
  ]);
  fs.renameSync(temporary, folder);
  return folder;
}

function serve(folder: string): http.Server {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.whl'));
  return http.createServer((request, response) => {
    const [, kind, name] = request.url!.split('/');
    if (kind === 'file' && files.includes(name)) {
      response.end(fs.readFileSync(path.join(folder, name)));
      return;
    }
    const found = files.filter(
      (file) =>
        file
          .split('-')[0]
          .toLowerCase()
          .replace(/[-_.]+/g, '-') === name,
    );
    response.setHeader('Content-Type', 'text/html');
    response.end(found.map((file) => `<a href="/file/${file}">${file}</a>`).join('\n'));
  });
}

function listens(server: http.Server): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(PORT, '127.0.0.1', () => resolve(true));
  });
}
