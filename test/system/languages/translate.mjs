// Translates every snippet of the documents as a whole program, in its fixture, with jsii-rosetta.
// usage: translate.mjs TABLET, after a build. The tablet has the translations, by document and line.
import { readFileSync, writeFileSync } from 'node:fs';
import { documents, translate } from '../../../scripts/rosetta.mjs';

const [, , tablet] = process.argv;
const fixture = readFileSync('rosetta/default.ts-fixture', 'utf8');

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

const { snippets } = translate((assembly) => {
  // Those of docstrings are in `npm run check:snippets`
  for (const type of Object.values(assembly.types)) {
    delete type.docs;
    for (const member of [...(type.properties ?? []), ...(type.methods ?? [])]) delete member.docs;
  }
  assembly.readme = {
    markdown: programs.map(({ program }) => `\`\`\`ts nofixture\n${program}\n\`\`\`\n`).join('\n'),
  };
});
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
