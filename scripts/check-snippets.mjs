// Translates every TypeScript snippet of the documents and docstrings with jsii-rosetta, as Construct
// Hub does, strictly: each compiles in its fixture and comes out in each language of the library.
// With a path, it keeps the tablet (.jsii.tabl.json) there: the translations of each snippet, by its text.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

const LANGUAGES = ['csharp', 'go', 'java', 'python'];
const documents = [
  ...['README.md', 'RULES.md', 'CONTRIBUTING.md'],
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => join(folder, file)),
  ),
].filter((file) => file.endsWith('.md'));
const text = documents.map((file) => readFileSync(file, 'utf8')).join('\n\n');

process.env.JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = 'true';
execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });

// The translator reads a library's README from its assembly: here with all other documents in it.
const project = mkdtempSync(join('node_modules', '.check-snippets-'));
try {
  // As it is published: without sources, which the translator would compile with each snippet
  for (const name of ['lib', 'rosetta', 'package.json']) {
    cpSync(name, join(project, name), {
      recursive: true,
      filter: (file) => !/(?<!\.d)\.ts$/.test(file),
    });
  }
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
  const assembly = JSON.parse(readFileSync('.jsii', 'utf8'));
  assembly.readme = { markdown: text };
  writeFileSync(join(project, '.jsii'), JSON.stringify(assembly));
  const rosetta = resolve('node_modules/jsii-rosetta/bin/jsii-rosetta');
  const options = ['extract', '--strict', '--batch', '1000', '--cache-to', 'tablet.json'];
  execFileSync(process.execPath, [rosetta, ...options], { cwd: project, stdio: 'inherit' });

  const { snippets } = JSON.parse(readFileSync(join(project, 'tablet.json'), 'utf8'));
  const translated = Object.values(snippets);
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
  if (process.argv[2]) copyFileSync(join(project, 'tablet.json'), process.argv[2]);
  console.log(`${translated.length} snippets translated to ${LANGUAGES.join(', ')}`);
} finally {
  rmSync(project, { recursive: true });
}
