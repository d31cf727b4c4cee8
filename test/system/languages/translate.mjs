// Translates every snippet of the documents as a whole program, in its fixture, with jsii-rosetta.
// usage: translate.mjs TABLET, after a build. The tablet (.jsii.tabl.json) has the translations, by document and line.
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

const [, , tablet] = process.argv;
const fixture = readFileSync('rosetta/default.ts-fixture', 'utf8');
const documents = [
  ...['README.md', 'RULES.md', 'CONTRIBUTING.md'],
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => join(folder, file)),
  ),
].filter((file) => file.endsWith('.md'));

/** Each snippet as a program, with the place that it is from. */
const programs = documents.sort().flatMap((document) => {
  const text = readFileSync(document, 'utf8');
  return [...text.matchAll(/^```ts\b([^\n]*)\n([^]*?)^```$/gm)].map(
    ({ 1: options, 2: body, index }) => {
      const place = `${document}:${text.slice(0, index).split('\n').length + 1}`;
      // A text, not a pattern: the snippet may have a dollar sign
      const program = options.includes('nofixture') ? body : fixture.split('/// here').join(body);
      return { place, program: `// ${place}\n${program}` };
    },
  );
});

const project = mkdtempSync(join('node_modules', '.translate-'));
try {
  // As it is published: without sources, which the translator would compile with each snippet
  for (const name of ['lib', 'package.json']) {
    cpSync(name, join(project, name), {
      recursive: true,
      filter: (file) => !/(?<!\.d)\.ts$/.test(file),
    });
  }
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
  const assembly = JSON.parse(readFileSync('.jsii', 'utf8'));
  // Those of docstrings are in `npm run check:snippets`
  for (const type of Object.values(assembly.types)) {
    delete type.docs;
    for (const member of [...(type.properties ?? []), ...(type.methods ?? [])]) delete member.docs;
  }
  assembly.readme = {
    markdown: programs.map(({ program }) => `\`\`\`ts nofixture\n${program}\n\`\`\`\n`).join('\n'),
  };
  writeFileSync(join(project, '.jsii'), JSON.stringify(assembly));
  const rosetta = resolve('node_modules/jsii-rosetta/bin/jsii-rosetta');
  const options = ['extract', '--strict', '--batch', '1000', '--cache-to', 'tablet.json'];
  execFileSync(process.execPath, [rosetta, ...options], { cwd: project, stdio: ['ignore', 2, 2] });
  const { snippets } = JSON.parse(readFileSync(join(project, 'tablet.json'), 'utf8'));
  const translated = Object.values(snippets).map(({ fullSource, translations, didCompile }) => ({
    place: /^\/\/ (.+)$/m.exec(fullSource)[1],
    didCompile,
    ...Object.fromEntries(
      Object.entries(translations).map(([language, { source }]) => [language, source]),
    ),
  }));
  const missing = programs.filter(({ place }) => !translated.some((one) => one.place === place));
  if (missing.length || translated.some(({ didCompile }) => !didCompile)) {
    throw new Error(`not translated: ${missing.map(({ place }) => place).join(', ')}`);
  }
  writeFileSync(tablet, JSON.stringify(translated, undefined, 1));
} finally {
  rmSync(project, { recursive: true });
}
