// The documents with snippets, and their translation with jsii-rosetta.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export const documents = [
  ...['README.md', 'RULES.md', 'CONTRIBUTING.md'],
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => join(folder, file)),
  ),
].filter((file) => file.endsWith('.md'));

const LANGUAGES = ['csharp', 'go', 'java', 'python'];

/**
 * Translates every snippet of the documents and docstrings, after a build, as Construct Hub does, strictly: each compiles
 * in its fixture and comes out in each language of the library. Gives the tablet (.jsii.tabl.json). A translation
 * such as `java program` has the fixture, too.
 */
export function translate() {
  const texts = new Map(documents.map((file) => [file, readFileSync(file, 'utf8')]));
  const { snippets } = extract([...texts.values()].join('\n\n'));
  // The same text twice is one snippet
  const places = new Map();
  for (const [file, text] of texts) {
    for (const { 1: body, index } of text.matchAll(/^```ts\b[^\n]*\n([^]*?)^```$/gm)) {
      const line = text.slice(0, index).split('\n').length + 1;
      if (!places.has(body.trim())) places.set(body.trim(), `${file}:${line}`);
    }
  }
  const translated = Object.values(snippets);
  if (translated.length < places.size) {
    throw new Error(`${translated.length} of ${places.size} snippets were translated`);
  }
  for (const snippet of translated) {
    const { translations, didCompile, location } = snippet;
    // Those of docstrings are in no document
    snippet.place = places.get(translations.$.source.trim()) ?? JSON.stringify(location);
    const missing = LANGUAGES.filter((language) => !translations[language]?.source.trim());
    if (!didCompile || missing.length) {
      throw new Error(`${snippet.place} is not translated to ${missing.join(', ')}`);
    }
  }
  console.log(`${translated.length} snippets translated to ${LANGUAGES.join(', ')}`);
  return { snippets };
}

/** The translator reads the library's README from its assembly, and other documents instead. */
function extract(markdown) {
  const project = mkdtempSync(join('node_modules', '.rosetta-'));
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
    assembly.readme = { markdown };
    writeFileSync(join(project, '.jsii'), JSON.stringify(assembly));
    const rosetta = resolve('node_modules/jsii-rosetta/bin/jsii-rosetta');
    const options = ['extract', '--strict', '--batch', '1000', '--cache-to', 'tablet.json'];
    // With our translators: the workers of rosetta have these options, too
    const translators = pathToFileURL(resolve('scripts/rosetta/register.mjs'));
    execFileSync(process.execPath, [rosetta, ...options], {
      cwd: project,
      stdio: 'inherit',
      env: {
        ...process.env,
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${translators}`,
      },
    });
    return JSON.parse(readFileSync(join(project, 'tablet.json'), 'utf8'));
  } finally {
    rmSync(project, { recursive: true });
  }
}
