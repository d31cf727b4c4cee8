/** The pages of the rules: their index, which is RULES.md with narrower tables, and a page for each rule. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { runInNewContext } from 'node:vm';
import { EXAMPLES } from '../../lib/nag/pack/examples';
import { STATEMENTS, checklistOf } from '../../lib/nag/pack/guide';
import { Rule, isOwn, pageUrl } from '../../lib/nag/pack/rule';
import { RULES } from '../../lib/nag/rules';
import { bootChecks } from '../rules-md';
import { ROOT, convertFile, read, sourceUrl } from './pages';
import { ACKNOWLEDGED, forRule } from './translations';

/** The columns of RULES.md that the index has: the ID, its level, what is wrong, and the statements. */
const COLUMNS = [0, 1, 2, 5];

const cellsOf = (row: string): string[] =>
  row
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** The acknowledgment in docs/rule-pack.md, which is translated. */
const [ACKNOWLEDGMENT] = [...read('docs/rule-pack.md').matchAll(/^```ts\n([^]*?)^```$/gm)]
  .map(([, text]) => text.trim())
  .filter((text) => text.includes(`-${ACKNOWLEDGED}'`));

/** RULES.md, with links to the pages of the rules, and anchors of the statements. */
export function rulesIndex(): string {
  const ids = new Set(RULES.map(({ id }) => id));
  let isWide = false;
  return convertFile('RULES.md')
    .split('\n')
    .map((line) => {
      if (!line.startsWith('|')) {
        isWide = false;
        return line;
      }
      const cells = cellsOf(line);
      isWide ||= cells.includes('What to change');
      const [, number] = /^\[(\d+)\]/.exec(cells[0]) ?? [];
      if (number !== undefined) {
        cells[0] = `<span id="statement-${number}"></span>${cells[0]}`;
      }
      const row = `| ${(isWide ? COLUMNS.map((column) => cells[column]) : cells).join(' | ')} |`;
      return row.replace(/`([A-Z]+\d+)`/g, (text, id: string) =>
        ids.has(id) ? `[${text}](${id}.md)` : text,
      );
    })
    .join('\n');
}

/** The sources below a folder, by path. */
const sourcesBelow = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => posix.join(folder, file))
      .sort()
      .map((file) => [file, read(file)]),
  );

/** What the pages of all rules are made from. */
const SOURCES = sourcesBelow('lib/nag/rules');
const TESTS = sourcesBelow('test/nag/rules');
const BOOT_CHECKS = bootChecks();

/** The examples of the tests, by rule ID. */
const SHOWN = shownExamples();

interface Shown {
  readonly bad: string;
  readonly good: string;
}

/** Reads the snapshots, which are modules. */
function shownExamples(): ReadonlyMap<string, Shown> {
  const folder = join(ROOT, 'test/nag/rules/__snapshots__');
  const exports: Record<string, string> = {};
  for (const file of readdirSync(folder)) {
    runInNewContext(readFileSync(join(folder, file), 'utf8'), { exports });
  }
  const example = (id: string, kind: keyof Shown): string => {
    const text = exports[`${id} has an example for its page: ${kind} 1`] as string | undefined;
    if (text === undefined) {
      throw new Error(`${folder} must have an example of ${id}: run npx jest test/nag/rules`);
    }
    return text.trim().slice(1, -1).trim();
  };
  return new Map(
    RULES.map(({ id }) => [id, { bad: example(id, 'bad'), good: example(id, 'good') }]),
  );
}

/** The files with a text, as links. */
const filesWith = (files: ReadonlyMap<string, string>, text: RegExp): string[] =>
  [...files]
    .filter(([, content]) => text.test(content))
    .map(([file]) => `[\`${file}\`](${sourceUrl(file)})`);

const escaped = (text: string): string =>
  text.replaceAll('*', '\\*').replaceAll('<', '&lt;').replaceAll('{', '&#123;');
const inCell = (text: string): string => text.replaceAll('|', '&#124;');

function statementsOf(rule: Rule): string {
  if (isOwn(rule)) {
    return `None: this project adds the rule ([source](${pageUrl(rule.page)})). \`guideOnly: true\` turns it off.`;
  }
  return STATEMENTS.filter(({ number }) => rule.guideRules.includes(number))
    .map(
      ({ number, text, page }) =>
        `[${number}](index.md#statement-${number}): ${text} ([guide](${pageUrl(page)}))`,
    )
    .join('<br>');
}

export function rulePage(rule: Rule): string {
  const { id } = rule;
  const checks = BOOT_CHECKS.get(id);
  const checklist = rule.checklist ?? checklistOf(rule.guideRules);
  const example = EXAMPLES[id];
  const language = /^[A-Z]\w+:/m.test(example)
    ? 'yaml'
    : /^[A-Z]\w+(\[| [+=])/.test(example)
      ? 'python'
      : 'sh';
  const facts: (readonly [string, string | undefined])[] = [
    ['Level', rule.level === 'error' ? 'error, which fails synthesis' : 'warning'],
    ['Statements of the guide', statementsOf(rule)],
    ['Checklist of the guide', checklist.join(', ') || undefined],
    ['Resources', rule.types.map((type) => `\`${type}\``).join(', ')],
    ["This library's constructs", escaped(rule.ours)],
    ['Checked on the host', checks && escaped(checks.join('; '))],
    ['Source', filesWith(SOURCES, new RegExp(`id: '${id}'`)).join(', ')],
    ['Tests', filesWith(TESTS, new RegExp(`\\(\\s*'${id}'`)).join(', ')],
  ];
  return [
    '---',
    `description: ${JSON.stringify(rule.cause)}`,
    '---',
    '',
    `# ${id}`,
    '',
    `**${escaped(rule.cause)}**`,
    '',
    '## Why',
    '',
    escaped(rule.explanation),
    '',
    '## What to change',
    '',
    escaped(rule.fix),
    '',
    `\`\`\`${language}`,
    example,
    '```',
    '',
    '## Examples from the tests',
    '',
    'The parts of two templates that differ:',
    '',
    '<div class="examples" markdown="1">',
    ...(['bad', 'good'] as const).flatMap((kind) => [
      '<div markdown="1">',
      '',
      `**${kind === 'bad' ? 'A finding' : 'No finding'}**`,
      '',
      '```yaml',
      SHOWN.get(id)![kind],
      '```',
      '',
      '</div>',
    ]),
    '</div>',
    '',
    '## About the rule',
    '',
    '| Field | Value |',
    '| --- | --- |',
    ...facts
      .filter(([, text]) => text !== undefined && text !== '')
      .map(([name, text]) => `| ${name} | ${inCell(text!)} |`),
    '',
    '## Accepting a finding',
    '',
    '```ts',
    forRule(ACKNOWLEDGMENT, id),
    '```',
    '',
    'More: [the rule pack](../rule-pack.md).',
    '',
  ].join('\n');
}
