// The tutorials show what commands print. commands.test.ts has the commands.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf } from '../../lib/import/program';
import { propsOf } from '../../lib/import/props';
import { readSettings } from '../../lib/import/python';

const ROOT = join(__dirname, '..', '..');
const FOLDER = join(ROOT, 'docs/tutorials');

test('the tutorial about moving shows what the command prints', () => {
  const file = join(FOLDER, 'moving.md');
  const page = readFileSync(file, 'utf8');
  const [, settings] = /```python\n([^]*?)```/.exec(page)!;
  const props = propsOf(readSettings(settings).values, {
    domainName: 'new-dashboard.example.org',
    plugins: [],
  });
  const printed = programOf(props, { files: ['local_settings.py'], notes: [], variables: [] });
  const expected = page.replace(/(```text\n)[^]*?(```)/, (_all, begin: string, end: string) =>
    [begin, printed, end].join(''),
  );
  // After a change on purpose: UPDATE_PROGRAMS=1 npx jest test/docs/tutorials.test.ts
  if (process.env.UPDATE_PROGRAMS) {
    writeFileSync(file, expected);
  }
  expect(readFileSync(file, 'utf8')).toBe(expected);
});
