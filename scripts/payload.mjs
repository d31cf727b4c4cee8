// Packs the files that the hosts of each tier run: lib/hosts/payload.json.
// It happens when the library is built, not at synth, and with a compressor in JavaScript: zlib's
// output differs between processors, and other bytes would mean other hosts.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'fflate';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The trees that are laid over `/` of a tier's hosts. */
const TIERS = {
  dashboard: [
    'lib/hosts/files',
    'lib/dashboard-hosts/files',
    'lib/session/files',
    'lib/settings/files',
  ],
  static: ['lib/hosts/files', 'lib/static/files'],
};

/**
 * What the contract has for readers, the constructs and the documents. Hosts do not read it, and must not be
 * replaced because a text changed.
 */
const NOT_FOR_HOSTS = [
  'construct',
  'format',
  'meaning',
  'pattern',
  'prop',
  'readBy',
  'setBy',
  'tiers',
  'unit',
  'unset',
  'why',
];

/** What is packed of a file. */
export function contentFor(file) {
  const content = readFileSync(file);
  if (!file.endsWith('_contract.json')) return content;
  // The top levels are sections and names
  const contract = JSON.parse(content);
  for (const entry of Object.values(contract).flatMap((section) => Object.values(section))) {
    for (const key of NOT_FOR_HOSTS) delete entry[key];
  }
  return Buffer.from(`${JSON.stringify(contract, null, 2)}\n`);
}

export function packPayload() {
  const payload = { userData: readFileSync(join(root, 'lib/hosts/user-data.sh'), 'utf8') };
  for (const [tier, trees] of Object.entries(TIERS)) {
    const files = trees.flatMap((tree) => listFiles(join(root, tree)));
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    const archive = gzipSync(tar(files), { level: 9, mtime: 0 });
    payload[tier] = {
      files: Buffer.from(archive).toString('base64'),
      hash: createHash('sha256').update(archive).digest('hex').slice(0, 8),
    };
  }
  const target = join(root, 'lib/hosts/payload.json');
  writeFileSync(target, JSON.stringify(payload));
  return target;
}

function listFiles(tree) {
  return readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { path: relative(tree, file).replaceAll('\\', '/'), content: contentFor(file) };
    });
}

/** A ustar archive: owner root, no time, executable if a file says by `#!` how to run it. */
function tar(files) {
  const blocks = [];
  for (const { path, content } of files) {
    const header = Buffer.alloc(512);
    const cut = path.length > 100 ? path.lastIndexOf('/', 154) : -1;
    const name = path.slice(cut + 1);
    if (name.length > 100) throw new Error(`${path} has too long a name for an archive`);
    header.write(name, 0);
    header.write(content.subarray(0, 2).toString() === '#!' ? '0000755' : '0000644', 100);
    header.write('0000000', 108); // uid
    header.write('0000000', 116); // gid
    header.write(content.length.toString(8).padStart(11, '0'), 124);
    header.write('00000000000', 136); // mtime
    header.write('        ', 148); // Checksum, while it is computed
    header.write('0', 156);
    header.write('ustar\x0000', 257);
    header.write('root', 265);
    header.write('root', 297);
    if (cut >= 0) header.write(path.slice(0, cut), 345);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    blocks.push(header, content, Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  blocks.push(Buffer.alloc(1024));
  return Buffer.concat(blocks);
}
