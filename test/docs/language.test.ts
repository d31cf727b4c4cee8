import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Turns of phrase that public texts do not use, and the usual ones. */
const HABITS: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  // Readers stumble over "who" as a subject.
  { pattern: /\bwho(?:m)?ever\b/i, instead: 'anyone who …' },
  {
    pattern: /[.;:] who (?:can|follows|has|knows|may|reads|runs|wants|writes)\b/i,
    instead: 'anyone who …',
  },
  // Configuration is not a conversation.
  { pattern: /\b(?:is|are|was|were) told\b/i, instead: 'is configured, reads, gets' },
  { pattern: /\bunless told otherwise\b/i, instead: 'by default' },
  { pattern: /\b(?:is|was|were) asked for\b/i, instead: 'the requested …' },
  { pattern: /\bsays? so\b/i, instead: 'reports it, allows it' },
  { pattern: /\bwarned of\b/i, instead: 'causes a warning' },
  // A negated noun where English negates the verb.
  {
    pattern:
      /(?<!\bthere )\b(?:is|are) no (?!better|different|less|longer|more|other|worse)[a-z]+/i,
    instead: 'is not a …',
  },
  { pattern: /\b(?:by|for|admits?) nobody\b/i, instead: 'nothing can …, must not' },
  // Rates.
  {
    pattern:
      /\b(?:once|one|twice|units|requests|calls|times|nodes) an? (?:second|minute|hour|day)\b/i,
    instead: 'per',
  },
  {
    pattern: /\b(?:once|one|twice) an? (?:cluster|host|page|process|release|zone)\b/i,
    instead: 'per',
  },
  { pattern: /\b(?:second|minute|hour) and (?:address|client|host)\b/i, instead: 'per … per …' },
  // Possession at the end of a phrase: "a name of its own" may be "of its own release".
  {
    pattern:
      /\bof (?:its|one's|their|your) own(?=[.,;:)]|\s*$|\s(?:and|as|at|for|in|on|or|that|to|with)\b)/im,
    instead: 'separate, custom, your own …',
  },
  {
    pattern: /\b(?:brought|bring|cookies) along\b/i,
    instead: 'bring your own …, with the request',
  },
  // Words that mean something else in these documents, or nothing to most readers.
  { pattern: /\bbeside\b/i, instead: 'in addition to, next to' },
  { pattern: /\bin force\b/i, instead: 'effective, current' },
  { pattern: /\bto its end\b/i, instead: 'until it ends' },
  { pattern: /\bdo(?:es)? without\b/i, instead: 'does not need' },
  { pattern: /\bwithout a word\b/i, instead: 'silently' },
  { pattern: /\bdeployment knows\b/i, instead: 'cannot be decided at synth time' },
  { pattern: /\ballowed (?:is|are) /i, instead: 'must …, got …' },
  { pattern: /\bthe way of (?:an?|the)\b/i, instead: 'how …' },
  { pattern: /\bwhat a site (?:chooses|may choose)\b/i, instead: 'options of …' },
  { pattern: /\bat synth(?! time)\b/i, instead: 'at synth time' },
  // The guide's statements are not rules of the pack.
  { pattern: /\(rules? \d/i, instead: '(statement …), or the ID of the rule' },
  // American English, as AWS and Django write.
  {
    pattern:
      /\b(?:behaviour|catalogue|colour|licence|neighbour|(?:authoris|initialis|organis|recognis|serialis|summaris|synthesis)(?:e|ed|es|ing|ation))\b/i,
    instead: 'American spelling',
  },
];

/** Pages that are not covered yet. */
const OTHERS = ['docs/environment.md', 'docs/performance.md', 'docs/architecture.md'];

const pages = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((file) => `docs/${file}`)]
  .filter((file) => file.endsWith('.md') && !OTHERS.includes(file))
  .map((file) => [file, prose(read(file))] as const);

const docstrings = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?<!\.d)\.ts$/.test(file) && !file.startsWith('nag/'))
  .map((file) => [`lib/${file}`, comments(read(`lib/${file}`))] as const);

/** A document without code and without the names of tests, which are quoted as they are. */
function prose(text: string): string {
  return text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '``');
}

function comments(text: string): string {
  return [...text.matchAll(/\/\*\*(.*?)\*\//gs)]
    .map(([, comment]) => comment.replace(/^\s*\* ?/gm, '').replace(/`[^`\n]*`/g, '``'))
    .join('\n\n');
}

/** What a reader sees in one line, since a habit may be broken across two. */
function habitsIn(text: string): string[] {
  const paragraphs = text.split(/\n\s*\n|\n(?=\s*(?:[-|#]|\d+\.|@))/);
  const lines = paragraphs.map((paragraph) => paragraph.replace(/\s+/g, ' ').trim());
  return HABITS.flatMap(({ pattern, instead }) =>
    lines.flatMap((line) => {
      const found = pattern.exec(line);
      return found ? [`"${found[0]}" (better: ${instead}) in: ${line.slice(0, 160)}`] : [];
    }),
  );
}

test.each([...pages, ...docstrings])('%s is in plain American English', (_file, text) => {
  expect(habitsIn(text)).toEqual([]);
});

test.each([
  ['Whoever reads memcached has all tokens', 'anyone'],
  ['It must not leak: who reads it has all tokens', 'anyone'],
  ['copies are for nobody', 'must not'],
  ['two requests a minute', 'per'],
  ['a name of its own, which browsers like', 'separate'],
  ['a theme is no sandbox', 'is not a'],
  ['the port is refused at synth', 'at synth time'],
])('finds a habit in "%s"', (sentence, instead) => {
  expect(habitsIn(sentence)).toEqual([expect.stringContaining(instead)]);
});

test.each([
  'Each host only has the files of its own release.',
  'There is no desired capacity, and memcached is no longer reached.',
  'Rejected at synth time.',
  'The guide asks for a stated plan.',
])('finds none in "%s"', (sentence) => {
  expect(habitsIn(sentence)).toEqual([]);
});
