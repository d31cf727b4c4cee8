// Writes lib/nag/reading/files/public-suffixes.txt from the Public Suffix List in the format of
// https://publicsuffix.org/list/, which Debian's package `publicsuffix` has too:
//   node scripts/public-suffixes.mjs [/usr/share/publicsuffix/public_suffix_list.dat]
// A line for each top level that has suffixes below it: `uk ac co gov …`. A name without a rule has
// the suffix of its last label, so top levels alone need none.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { domainToASCII, fileURLToPath } from 'node:url';

const source = process.argv[2] ?? '/usr/share/publicsuffix/public_suffix_list.dat';
const text = readFileSync(source, 'utf8');
const version = /^\/\/ VERSION: (\S+)/m.exec(text)?.[1];
const suffixes = new Map();
for (const line of text.split('\n')) {
  const rule = line.trim();
  if (!rule || rule.startsWith('//')) continue;
  const [, mark, name] = /^(!?)(\S+)/.exec(rule);
  // The list has names as people write them, templates as DNS does
  const labels = name.split('.').map((label) => (label === '*' ? label : domainToASCII(label)));
  const top = labels.pop();
  if (labels.length === 0) continue;
  suffixes.set(top, [...(suffixes.get(top) ?? []), mark + labels.join('.')]);
}
const lines = [...suffixes]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([top, rest]) => `${top} ${rest.sort().join(' ')}`);
writeFileSync(
  join(dirname(fileURLToPath(import.meta.url)), '../lib/nag/reading/files/public-suffixes.txt'),
  [
    `# Public Suffix List${version ? ` ${version}` : ''}, https://publicsuffix.org/list/, in another form: see scripts/public-suffixes.mjs`,
    '# This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0.',
    '# If a copy of the MPL was not distributed with this file, You can obtain one at https://mozilla.org/MPL/2.0/.',
    ...lines,
    '',
  ].join('\n'),
);
console.log(`${lines.length} top levels`);
