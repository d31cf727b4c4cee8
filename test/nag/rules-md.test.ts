import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../../lib/nag/rules';
import { renderRules } from '../../scripts/rules-md';

test('RULES.md is what the rules say', () => {
  expect(readFileSync(join(__dirname, '../../RULES.md'), 'utf8')).toBe(renderRules());
});

test('RULES.md has a row for each rule, and no cell too many', () => {
  const rows = renderRules()
    .split('\n')
    .filter((line) => line.startsWith('| `OpenStackDashboard-'));
  expect(rows).toHaveLength(RULES.length);
  for (const row of rows) expect(row.replace(/\\\|/g, '').split('|')).toHaveLength(8);
});
