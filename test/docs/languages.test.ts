// The apps of docs/languages.md are those that `npm run test:languages` runs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs/languages.md'), 'utf8');

test.each([
  ['python', 'python/smallest.py'],
  ['java', 'java/Smallest.java'],
  ['go', 'go/smallest/main.go'],
])('%s', (language, file) => {
  const blocks = [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text);
  expect(blocks).toEqual([readFileSync(join(ROOT, 'test/system/languages/apps', file), 'utf8')]);
});
