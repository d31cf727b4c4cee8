// Translates every TypeScript snippet of the documents and docstrings with jsii-rosetta, as Construct
// Hub does, strictly: each compiles in its fixture and comes out in each language of the library.
// With a path, it keeps the tablet (.jsii.tabl.json) there: the translations of each snippet, by its text.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { documents, translate } from './rosetta.mjs';

const LANGUAGES = ['csharp', 'go', 'java', 'python'];
const text = documents.map((file) => readFileSync(file, 'utf8')).join('\n\n');

process.env.JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = 'true';
execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });

const tablet = translate((assembly) => {
  assembly.readme = { markdown: text };
});
const translated = Object.values(tablet.snippets);
// The same text twice is one snippet
const written = new Set(
  [...text.matchAll(/^```ts\b[^\n]*\n([^]*?)^```$/gm)].map(([, body]) => body.trim()),
);
if (translated.length < written.size) {
  throw new Error(`${translated.length} of ${written.size} snippets were translated`);
}
for (const { translations, didCompile, location } of translated) {
  const missing = LANGUAGES.filter((language) => !translations[language]?.source.trim());
  if (!didCompile || missing.length) {
    throw new Error(`${JSON.stringify(location)} is not translated to ${missing.join(', ')}`);
  }
}
if (process.argv[2]) writeFileSync(process.argv[2], JSON.stringify(tablet));
console.log(`${translated.length} snippets translated to ${LANGUAGES.join(', ')}`);
