import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Rows of tables about attacks, and the tests that their last column names. */
const rows = read('docs/threat-model.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && /test\/[\w/.]+: `/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

const tests = rows.flatMap(([, attack, , cell]) =>
  [...cell.matchAll(/(test\/[\w/.]+): ((?:`[^`]+`(?:, )?)+)/g)].flatMap(([, file, names]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => [attack, file, name]),
  ),
);

test('each attack of the threat model names a test', () => {
  const attacks = read('docs/threat-model.md')
    .split('\n')
    .filter((line) => /^\| /.test(line) && line.split('|').length === 5)
    .map((line) => line.split('|')[1].trim())
    .filter((cell) => cell !== 'Attack' && !/^-+$/.test(cell));
  expect(rows.map(([, attack]) => attack)).toEqual(attacks);
  expect(attacks.length).toBeGreaterThan(20);
});

test.each(tests)('%s: %s has %s', (_attack, file, name) => {
  expect(read(file)).toContain(name);
});
