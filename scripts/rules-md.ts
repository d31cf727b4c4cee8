/**
 * Writes RULES.md from the rules themselves; with `--check` it fails where the file is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rule, pageUrl } from '../lib/nag/rule';
import { RULES } from '../lib/nag/rules';

const AREAS: Record<string, string> = {
  CACHE: 'Front-end caching',
  SESSION: 'Session back end',
  HTTPS: 'HTTPS on every hop',
  SETTINGS: 'Settings of the dashboard',
  SECRET: 'The secret key',
  HOST: 'Hosts',
};

const areaOf = (rule: Rule): string => rule.id.replace(/\d+$/, '');
// A pipe would end the table's cell, an asterisk may begin emphasis, and < a tag.
const cell = (text: string): string => text.replace(/[|*<]/g, '\\$&');

export function renderRules(rules: readonly Rule[] = RULES): string {
  const lines = [
    '# Rules',
    '',
    '<!-- Written by scripts/rules-md.ts from lib/nag/rules: change it there. -->',
    '',
    'The rules of `OpenStackDashboardChecks`. Errors fail synthesis, warnings do not. The numbers are',
    'the statements of the OpenStack Security Guide as this project counts them.',
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
  ];
  for (const [area, title] of Object.entries(AREAS)) {
    const own = rules.filter((rule) => areaOf(rule) === area);
    if (own.length === 0) continue;
    // Columns as wide as their longest sentence are for nobody.
    lines.push('', `## ${title}`, '', '<!-- prettier-ignore -->');
    lines.push('| Id | Level | What is wrong | Why | What to change | Guide |');
    lines.push('| --- | --- | --- | --- | --- | --- |');
    for (const rule of own) {
      const guide = `[${rule.guideRules.join(', ')}](${pageUrl(rule.page)})`;
      const texts = [rule.cause, rule.explanation, rule.fix].map(cell).join(' | ');
      lines.push(`| \`OpenStackDashboard-${rule.id}\` | ${rule.level} | ${texts} | ${guide} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

if (require.main === module) {
  const file = join(__dirname, '..', 'RULES.md');
  if (!process.argv.includes('--check')) {
    writeFileSync(file, renderRules());
  } else if (readFileSync(file, 'utf8') !== renderRules()) {
    console.error('RULES.md is out of date: run scripts/rules-md');
    process.exitCode = 1;
  }
}
