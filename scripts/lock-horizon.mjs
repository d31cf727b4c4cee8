// Writes the lock of a release of Horizon, lib/dashboard-hosts/horizon/files/RELEASE.txt: each package at one version, with the
// hashes of the wheels that Debian 13 can install, on both architectures.
// usage: node scripts/lock-horizon.mjs RELEASE [--constraints FILE]   (needs uv: pip install uv)
// Without a file, upstream's constraints are downloaded.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PYTHON = '3.13';
const PLATFORMS = ['x86_64-unknown-linux-gnu', 'aarch64-unknown-linux-gnu'];
/** From Debian, see `install-horizon`: no wheel for arm64, or one with a copy of OpenSSL, and what goes with it. */
const FROM_DEBIAN = ['libsass', 'cryptography', 'cffi', 'pyopenssl'];

const [release, option, file] = process.argv.slice(2);
if (!/^\d{4}\.\d$/.test(release ?? '') || (option !== undefined && option !== '--constraints')) {
  console.error('usage: lock-horizon.mjs RELEASE [--constraints FILE]');
  process.exit(2);
}

/** As in PEP 503. */
const normalized = (name) => name.toLowerCase().replace(/[-_.]+/g, '-');

async function constraints() {
  if (file !== undefined) return readFileSync(file, 'utf8');
  const url = `https://opendev.org/openstack/requirements/raw/branch/stable/${release}/upper-constraints.txt`;
  const response = await globalThis.fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

const folder = mkdtempSync(join(tmpdir(), 'lock-horizon-'));
const input = `scripts/horizon/${release}.in`;
const requirements = readFileSync(input, 'utf8').match(/^[A-Za-z].*$/gm);
const own = new Set(
  requirements.filter((line) => line.includes('==')).map((line) => normalized(line.split('==')[0])),
);
const path = (name) => join(folder, name);
writeFileSync(path('in'), requirements.join('\n'));
writeFileSync(
  path('constraints'),
  (await constraints())
    .replaceAll('===', '==')
    .split('\n')
    .filter((line) => !own.has(normalized(line.split(/[=;]/)[0])))
    .concat(requirements.filter((line) => line.includes('==')))
    .join('\n'),
);
writeFileSync(
  path('overrides'),
  FROM_DEBIAN.map((name) => `${name} ; python_version < "3"\n`).join(''),
);

const locked = new Map();
for (const platform of PLATFORMS) {
  execFileSync(
    'uv',
    [
      ...['pip', 'compile', '--quiet', '--no-config', '--no-build', path('in')],
      ...['--constraints', path('constraints'), '--overrides', path('overrides')],
      ...['--python-version', PYTHON, '--python-platform', platform],
      ...['--format', 'pylock.toml', '--output-file', path('pylock.toml')],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const text = readFileSync(path('pylock.toml'), 'utf8');
  for (const part of text.split('[[packages]]').slice(1)) {
    const [, name] = /^name = "(.*)"$/m.exec(part);
    const [, version] = /^version = "(.*)"$/m.exec(part);
    const hashes = [...part.matchAll(/\bsha256 = "([0-9a-f]{64})"/g)].map(([, hash]) => hash);
    const line = `${name}==${version}`;
    locked.set(line, new Set([...(locked.get(line) ?? []), ...hashes]));
  }
}
rmSync(folder, { recursive: true });

const names = [...locked.keys()].map((line) => line.split('==')[0]);
const twice = names.filter((name, index) => names.indexOf(name) !== index);
if (twice.length > 0) throw new Error(`different versions on the architectures: ${twice}`);
const target = `lib/dashboard-hosts/horizon/files/${release}.txt`;
writeFileSync(
  target,
  [...locked]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([line, hashes]) =>
      [line, ...[...hashes].sort().map((hash) => `--hash=sha256:${hash}`)].join(' \\\n  '),
    )
    .join('\n') + '\n',
);
console.log(`${target}: ${locked.size} packages`);
