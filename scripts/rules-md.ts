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
  PROXY: 'Web server and application server',
  HTTPS: 'HTTPS on every hop',
  STATIC: 'Static media',
  SETTINGS: 'Dashboard settings',
  SECRET: 'Secret key',
  CORS: 'Cross-origin requests',
  FILES: 'Configuration files',
  HOST: 'Hosts',
};
const BOOT_CHECK = join(
  __dirname,
  '../lib/dashboard-hosts/files/usr/local/lib/openstack-dashboard/boot-check',
);
const PROCESS: Record<string, string> = { rotation: 'rotation.md' };

/** What the boot check verifies, by rule ID, as the lists in its source describe it. */
export function bootChecks(source = readFileSync(BOOT_CHECK, 'utf8')): Map<string, string[]> {
  const checks = new Map<string, string[]>();
  for (const name of ['FILES_AND_SETTINGS', 'SERVED']) {
    const list = new RegExp(`^${name} = \\{\\n([^}]*)^\\}`, 'm').exec(source)?.[1];
    if (list === undefined) {
      throw new Error(`the boot check must have a list ${name}`);
    }
    for (const line of list.trim().split('\n')) {
      const match = /^\s*'([A-Z]+\d+)': (?:'([^']*)'|"([^"]*)"),$/.exec(line);
      if (!match) {
        throw new Error(`each line of the boot check's list ${name} must be a check, got ${line}`);
      }
      checks.set(match[1], [...(checks.get(match[1]) ?? []), match[2] ?? match[3]]);
    }
  }
  return checks;
}

const areaOf = (rule: Rule): string => rule.id.replace(/\d+$/, '');
// A pipe would end the table's cell, an asterisk may begin emphasis, and < a tag.
const cell = (text: string): string => text.replace(/[|*<]/g, '\\$&');
// Statements have code between backticks, where an asterisk is not emphasis.
const statementCell = (text: string): string => text.replace(/[|]/g, '\\$&');
const code = (ids: readonly string[]): string => ids.map((id) => `\`${id}\``).join(', ');

/** The rules and boot checks that cover a statement. */
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
    'To acknowledge a finding, give its qualified ID and a reason:',
    '',
    '```ts',
    'Validations.of(scope).acknowledge({',
    "  id: 'OpenStackDashboard::OpenStackDashboard-SETTINGS13',",
    "  reason: 'uploads are bounded by quotas of the image service',",
    '});',
    '```',
    '',
    'A value that is not known at synth time never breaks a rule. It is reported as information, once per',
    'resource, under `OpenStackDashboard-UNKNOWN`, which does not fail synthesis. If a value depends on a',
    'condition, every possible value is checked, and the finding names the condition.',
    '',
    'The tables show IDs without the prefix `OpenStackDashboard-`, which they have in reports and on the',
    'console of a host. **Statements** are the numbers of the statements of the OpenStack Security Guide',
    '[below](#the-statements-of-the-guide). _ours_ means that the guide has no such statement, and links the',
    'source; `guideOnly: true` turns these rules off. **Ours** is the default of the constructs of this',
    'library. **On the host** is what the boot check verifies under the same ID.',
  ];
  for (const [area, title] of Object.entries(AREAS)) {
    const own = rules.filter((rule) => areaOf(rule) === area);
    if (own.length === 0) {
      continue;
    }
    // As wide as their longest sentence, columns would be hard to read.
    lines.push('', `## ${title}`, '', '<!-- prettier-ignore -->');
    lines.push(
      '| ID | Level | What is wrong | Why | What to change | Statements | Checklist | Ours | On the host |',
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
    '## On the host only',
    '',
    'A dashboard host takes traffic only after it passes its boot check. The console log has a line for each',
    'failure, `OpenStackDashboard-ID: what is wrong`, and a summary as the last line. The following checks are',
    'not rules of the pack:',
    '',
    '| ID | What is checked |',
    '| --- | --- |',
    ...bootOnly.map(([id, texts]) => `| \`${id}\` | ${cell(texts.join('; '))} |`),
    '',
    '## The statements of the guide',
    '',
    'The statements are from the chapter Dashboard of the OpenStack Security Guide and, where it concerns the',
    'dashboard, from its chapter Secure communication. **Level** is where a statement can be checked: C in a',
    'CloudFormation property, L in a listener or its rules, U in the configuration of a host (user data,',
    'settings), R only on a running host, and P in a process that people follow.',
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
