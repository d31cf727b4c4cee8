import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATEMENTS } from '../../lib/nag/pack/guide';
import { RULES } from '../../lib/nag/rules';

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
    pattern:
      /\b(?:once|one|twice) an? (?:cluster|host|page|process|release|resource|template|validation|zone)\b/i,
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
  // Clauses with "what" or "of" in front, where English has a noun or another order.
  { pattern: /(?:^|[.;:] )Of (?:an?|the|what|which|several) [^.,]*,/, instead: 'For a …, …' },
  { pattern: /\bwhat (?:no|nobody|is no)\b/i, instead: '… that is not' },
  {
    pattern: /(?:^|[.;:] )What (?:an?|comes|goes|no|nobody|stands|was)\b[^.?]*(?:\.|$)/,
    instead: 'a noun as the subject',
  },
  // Verbs of people for things, and verbs that say less than another one.
  { pattern: /\bguide wants\b/i, instead: 'recommends, requires' },
  { pattern: /\bnobody (?:knows|sees|sets)\b/i, instead: 'is not known, …' },
  {
    pattern: /\bstands? (?:alone|at|before|behind|beside|in|on|there)\b/i,
    instead: 'is, runs, is in front of',
  },
  { pattern: /\b(?:is|are|was|were) looked at\b/i, instead: 'is checked' },
  { pattern: /\b(?:is|are|was|were) refused\b/i, instead: 'is rejected' },
  { pattern: /(?<!there )\b(?:is|are|was|were) none\b/i, instead: 'is not a …, does not apply' },
  { pattern: /\bas quick\b/i, instead: 'speedup, … times as fast' },
  { pattern: /\bwild card/i, instead: 'wildcard' },
  { pattern: /\btime-outs?\b/i, instead: 'timeout' },
  { pattern: /\bsome (?:\d|ten|thirty|hundred|thousand)/i, instead: 'about …' },
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

const files = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
    (file) => `${folder}/${file}`,
  );

const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...[...files('docs'), ...files('examples')].filter((file) => file.endsWith('.md')),
].map((file) => [file, prose(read(file))] as const);

// What a release said is not rewritten.
const [unreleased] = read('CHANGELOG.md').split('\n## 0.1.0\n');
const changes = [['CHANGELOG.md', prose(unreleased)]] as const;

const rules = [
  ...RULES.map(
    ({ id, cause, explanation, fix, ours }) =>
      [id, [cause, explanation, fix, ours].join('\n\n')] as const,
  ),
  ['statements', STATEMENTS.map(({ text }) => prose(text)).join('\n\n')],
] as const;

const docstrings = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?<!\.d)\.ts$/.test(file))
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

test.each([...pages, ...changes, ...rules, ...docstrings])(
  '%s is in plain American English',
  (_file, text) => {
    expect(habitsIn(text)).toEqual([]);
  },
);

test.each([
  ['Whoever reads memcached has all tokens', 'anyone'],
  ['It must not leak: who reads it has all tokens', 'anyone'],
  ['copies are for nobody', 'must not'],
  ['two requests a minute', 'per'],
  ['a name of its own, which browsers like', 'separate'],
  ['a theme is no sandbox', 'is not a'],
  ['the port is rejected at synth', 'at synth time'],
  ['The guide wants a certificate', 'recommends'],
  ['Of a folder, all files are read', 'For a'],
  ['A file that is none', 'is not a'],
  ['It answers in time. What goes over HTTP can be read.', 'a noun'],
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
