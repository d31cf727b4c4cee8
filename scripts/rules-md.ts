/**
 * Writes RULES.md from the rules themselves, from the statements of the guide, and from the boot
 * check's own list.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATEMENTS, Statement, checklistOf } from '../lib/nag/pack/guide';
import { Rule, isOwn, pageUrl } from '../lib/nag/pack/rule';
import { RULES } from '../lib/nag/rules';

const AREAS: Record<string, string> = {
  CACHE: 'Front-end caching',
  SESSION: 'Session back end',
  DOMAIN: 'Domain name',
  PROXY: 'The web server and the application behind it',
  HTTPS: 'HTTPS on every hop',
  STATIC: 'Static media',
  SETTINGS: 'Settings of the dashboard',
  SECRET: 'The secret key',
  CORS: 'Cross-origin requests',
  FILES: 'Configuration files',
  HOST: 'Hosts',
};
const BOOT_CHECK = join(
  __dirname,
  '../lib/dashboard-hosts/files/usr/local/lib/openstack-dashboard/boot-check',
);
const PROCESS: Record<string, string> = { rotation: 'rotation.md' };

/** What the boot check says that it looks at, by rule id: its own lists, read from its source. */
export function bootChecks(source = readFileSync(BOOT_CHECK, 'utf8')): Map<string, string[]> {
  const checks = new Map<string, string[]>();
  for (const name of ['FILES_AND_SETTINGS', 'SERVED']) {
    const list = new RegExp(`^${name} = \\{\\n([^}]*)^\\}`, 'm').exec(source)?.[1];
    if (list === undefined) {
      throw new Error(`the boot check has no list ${name}`);
    }
    for (const line of list.trim().split('\n')) {
      const match = /^\s*'([A-Z]+\d+)': (?:'([^']*)'|"([^"]*)"),$/.exec(line);
      if (!match) {
        throw new Error(`the boot check's list ${name} has a line that is no check: ${line}`);
      }
      checks.set(match[1], [...(checks.get(match[1]) ?? []), match[2] ?? match[3]]);
    }
  }
  return checks;
}

const areaOf = (rule: Rule): string => rule.id.replace(/\d+$/, '');
// A pipe would end the table's cell, an asterisk may begin emphasis, and < a tag.
const cell = (text: string): string => text.replace(/[|*<]/g, '\\$&');
// In a statement, code stands between backticks, where an asterisk is one.
const statementCell = (text: string): string => text.replace(/[|]/g, '\\$&');
const code = (ids: readonly string[]): string => ids.map((id) => `\`${id}\``).join(', ');

/** Where a statement is enforced, looked at, or done by people. */
export interface Coverage {
  readonly statement: Statement;
  readonly rules: readonly string[];
  readonly boot: readonly string[];
}

export function coverage(
  rules: readonly Rule[] = RULES,
  checks: ReadonlyMap<string, unknown> = bootChecks(),
): Coverage[] {
  return STATEMENTS.map((statement) => {
    const ids = rules
      .filter(({ guideRules }) => guideRules.includes(statement.number))
      .map(({ id }) => id);
    return { statement, rules: ids, boot: ids.filter((id) => checks.has(id)) };
  });
}

export function renderRules(rules: readonly Rule[] = RULES): string {
  const checks = bootChecks();
  const lines = [
    '# Rules',
    '',
    '<!-- Written by scripts/rules-md.ts from lib/nag and the boot check: change it there. -->',
    '',
    `The ${rules.length} rules of \`OpenStackDashboardChecks\`. Errors fail synthesis, warnings do not.`,
    '',
    '```ts',
    'Validations.of(app).addPlugins(new OpenStackDashboardChecks(app));',
    '```',
    '',
    'Acknowledge a finding by its qualified id, with your reason:',
    '',
    '```ts',
    'Validations.of(scope).acknowledge({',
    "  id: 'OpenStackDashboard::OpenStackDashboard-SETTINGS13',",
    "  reason: 'uploads are bounded by quotas of the image service',",
    '});',
    '```',
    '',
    'A value that only the deployment knows never breaks a rule: it is reported as information, once a',
    'resource, under `OpenStackDashboard-UNKNOWN`, which fails nothing. A value that a condition chooses',
    'is judged for each choice, and a finding says where it holds.',
    'Ids in the tables go without the prefix',
    '`OpenStackDashboard-`, which they have in reports and on the console of a host. Statements are those',
    'of the OpenStack Security Guide, numbered [below](#the-statements-of-the-guide), or _ours_, with the',
    'source, where the guide has no such statement; `guideOnly: true` leaves those out. _Ours_ is what the',
    'constructs of this library do unless they are told otherwise. _On the host_ is what the boot check',
    'looks at as well, under the same id.',
  ];
  for (const [area, title] of Object.entries(AREAS)) {
    const own = rules.filter((rule) => areaOf(rule) === area);
    if (own.length === 0) {
      continue;
    }
    // Columns as wide as their longest sentence are for nobody.
    lines.push('', `## ${title}`, '', '<!-- prettier-ignore -->');
    lines.push(
      '| Id | Level | What is wrong | Why | What to change | Statements | Checklist | Ours | On the host |',
      '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    );
    for (const rule of own) {
      const statements = isOwn(rule) ? 'ours' : rule.guideRules.join(', ');
      const guide = `[${statements}](${pageUrl(rule.page)})`;
      const cells = [
        `\`${rule.id}\``,
        rule.level,
        ...[rule.cause, rule.explanation, rule.fix].map(cell),
        guide,
        rule.checklist?.join(', ') ?? checklistOf(rule.guideRules).join(', '),
        cell(rule.ours),
        cell((checks.get(rule.id) ?? []).join('; ')),
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  const bootOnly = [...checks].filter(([id]) => id.startsWith('BOOT'));
  lines.push(
    '',
    '## On the host alone',
    '',
    'A dashboard host takes traffic only after its boot check. Each failure is a line of the console log,',
    '`OpenStackDashboard-ID: what is wrong`, and the last line sums up. These are no rules of the pack:',
    '',
    '| Id | What is looked at |',
    '| --- | --- |',
    ...bootOnly.map(([id, texts]) => `| \`${id}\` | ${cell(texts.join('; '))} |`),
    '',
    '## The statements of the guide',
    '',
    'The chapter Dashboard of the OpenStack Security Guide and, where it concerns the dashboard, its',
    'chapter Secure communication. Level: C a CloudFormation property, L a listener or its rules, U what a',
    'host is told, R only on a running host, P a process that people follow.',
    '',
    '<!-- prettier-ignore -->',
    '| # | Statement | Level | Rules | Boot check | Process |',
    '| ---: | --- | --- | --- | --- | --- |',
  );
  for (const { statement, rules: ids, boot } of coverage(rules, checks)) {
    const { process } = statement;
    const file = process === undefined ? undefined : (PROCESS[process] ?? `process.md#${process}`);
    const cells = [
      `[${statement.number}](${pageUrl(statement.page)})`,
      statementCell(statement.text),
      statement.levels.join(' '),
      code(ids),
      code(boot),
      file === undefined ? '' : `[${file}](docs/${file})`,
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}
