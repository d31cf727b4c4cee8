import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Tier, tierFiles } from '../../lib/hosts/user-data';
import { copyOfLibrary, removeCopy, runNode } from './copy';
import { ROOT } from './fixtures';

const TREES: Record<Tier, string[]> = {
  dashboard: [
    'lib/hosts/files',
    'lib/dashboard-hosts/files',
    'lib/session/files',
    'lib/settings/files',
  ],
  static: ['lib/hosts/files', 'lib/static/files'],
};

const CONTRACT = 'openstack_dashboard_contract.json';

function filesIn(tree: string): string[] {
  return readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => relative(tree, join(entry.parentPath, entry.name)));
}

describe.each<Tier>(['dashboard', 'static'])('the files of %s hosts', (tier) => {
  const archive = (): Buffer => Buffer.from(tierFiles(tier).files, 'base64');

  test('unpack with tar to the files of the repository, scripts executable', () => {
    const folder = mkdtempSync(join(tmpdir(), 'payload-'));
    try {
      const { status, stderr } = spawnSync(
        'tar',
        ['-xz', '--no-same-owner', '--no-overwrite-dir', '-C', folder],
        { input: archive(), encoding: 'utf8' },
      );
      expect([status, stderr]).toEqual([0, '']);
      const expected = TREES[tier].flatMap((tree) =>
        filesIn(join(ROOT, tree)).map((path) => [path, join(ROOT, tree, path)]),
      );
      expect(filesIn(folder).sort()).toEqual(expected.map(([path]) => path).sort());
      for (const [path, source] of expected) {
        const content = readFileSync(source);
        if (path.endsWith(CONTRACT)) {
          // Without what hosts do not read
          expect(JSON.parse(content.toString())).toMatchObject(
            JSON.parse(readFileSync(join(folder, path), 'utf8')),
          );
        } else {
          expect(readFileSync(join(folder, path)).equals(content)).toBe(true);
        }
        const executable = content.subarray(0, 2).toString() === '#!';
        expect([path, statSync(join(folder, path)).mode & 0o777]).toEqual([
          path,
          executable ? 0o755 : 0o644,
        ]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('belong to root and have no times, so that the same files have the same bytes', () => {
    const tar = gunzipSync(archive());
    const text = (from: number, to: number): string =>
      tar
        .subarray(from, to)
        .toString()
        .replace(/[\0 ]+$/, '');
    expect([text(108, 115), text(116, 123), text(136, 147), text(265, 297)]).toEqual([
      '0000000',
      '0000000',
      '00000000000',
      'root',
    ]);
    expect(archive().readUInt32LE(4)).toBe(0); // The time in the header of gzip
  });

  test('contain no secret and no compiled files', () => {
    // Not as a matcher, which would print the whole archive.
    const found = /BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|__pycache__/.exec(
      gunzipSync(archive()).toString('latin1'),
    );
    expect(found?.[0]).toBeUndefined();
  });
});

test('have the contract without texts, and all of it that their programs read', () => {
  const program = readFileSync(join(ROOT, 'scripts/payload.mjs'), 'utf8');
  const list = /^const NOT_FOR_HOSTS = \[([^\]]*)\]/m.exec(program)![1];
  const left = [...list.matchAll(/'(\w+)'/g)].map(([, key]) => key);
  expect(left).toEqual(expect.arrayContaining(['meaning', 'why']));
  const tar = gunzipSync(Buffer.from(tierFiles('dashboard').files, 'base64')).toString();
  const contract = tar.slice(tar.indexOf('{\n  "urls"'));
  expect(contract.length).toBeLessThan(tar.length);
  const packed = contract.slice(0, contract.indexOf('\0'));
  expect(Object.keys(JSON.parse(packed))).toEqual([
    'urls',
    'policySources',
    'application',
    'machine',
    'settings',
  ]);
  for (const key of left) {
    expect(packed).not.toContain(`"${key}":`);
    const reads = new RegExp(`(\\[|get\\()['"]${key}['"]`);
    const readers = TREES.dashboard.flatMap((tree) =>
      filesIn(join(ROOT, tree)).filter((path) =>
        reads.test(readFileSync(join(ROOT, tree, path), 'utf8')),
      ),
    );
    expect([key, readers]).toEqual([key, []]);
  }
});

test('are packed to the same bytes each time', () => {
  const copy = copyOfLibrary();
  try {
    const program = "import('./scripts/payload.mjs').then(({ packPayload }) => packPayload())";
    runNode(copy, '-e', program);
    const packed = JSON.parse(readFileSync(join(copy, 'lib/hosts/payload.json'), 'utf8'));
    expect(packed.dashboard).toEqual(tierFiles('dashboard'));
    expect(packed.static).toEqual(tierFiles('static'));
  } finally {
    removeCopy(copy);
  }
});

test('have a hash that differs between tiers and versions', () => {
  const hashes = [tierFiles('dashboard').hash, tierFiles('static').hash];
  expect(hashes[0]).not.toBe(hashes[1]);
  for (const hash of hashes) {
    expect(hash).toMatch(/^[0-9a-f]{8}$/);
  }
});
