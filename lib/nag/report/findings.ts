import { createHash } from 'node:crypto';
import { isAbsolute, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Log, ReportingDescriptor, Result } from 'sarif';
import { Finding, Outcome, PREFIX, UNKNOWN } from '../check/check';
import { EXAMPLES } from '../pack/examples';
import { checklistOf } from '../pack/guide';
import { pageUrl } from '../pack/rule';
import { RULES } from '../rules';

/** The findings as text. */
export function toText({ findings, unused }: Outcome): string {
  const lines: string[] = [];
  const open = findings.filter(({ accepted }) => accepted === undefined);
  for (const each of open) {
    lines.push(
      `${each.file}:${each.line}:${each.column}: ${each.level}: ${each.message} [${each.ruleId}]`,
    );
    if (each.resource !== undefined) {
      lines.push(`    in ${each.resource} (${each.resourceType}), ${each.place}`);
    }
    if (each.why !== undefined) {
      lines.push(`    why: ${each.why}`);
    }
    lines.push(`    fix: ${each.fix}`);
    if (each.example !== undefined) {
      lines.push(...each.example.split('\n').map((line) => `      ${line}`));
    }
    if (each.also !== undefined) {
      lines.push(`    same cause: ${each.also.join(', ')}`);
    }
    if (each.guide !== undefined) {
      lines.push(`    see: ${each.guide}`);
    }
    lines.push('');
  }
  for (const { file, line, column, ruleId } of unused) {
    lines.push(
      `${file}:${line}:${column}: info: unused acknowledgement, remove it [${ruleId}]`,
      '',
    );
  }
  const number = (level: Finding['level']): number =>
    open.filter((each) => each.level === level).length;
  lines.push(
    [
      counted(number('error'), 'error'),
      counted(number('warning'), 'warning'),
      `${number('info')} unknown`,
      `${findings.length - open.length} acknowledged`,
    ].join(', '),
  );
  return `${lines.join('\n')}\n`;
}

const counted = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`;

/** The findings as JSON, including acknowledged findings and unused acknowledgements. */
export function toJson({ findings, unused }: Outcome): string {
  return `${JSON.stringify({ findings, unusedAcknowledgements: unused }, undefined, 2)}\n`;
}

// GitHub accepts 25,000 results per run and shows 5,000, and shows 10 tags per rule. See
// https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
const MOST_RESULTS = 5000;
const MOST_TAGS = 10;
const TAGS = ['security', 'openstack'];

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;
const ORDER: Record<Finding['level'], number> = { error: 0, warning: 1, info: 2 };

/** The findings as SARIF 2.1.0: one run, with a result and its line for each finding. */
export function toSarif({ findings }: Outcome, version: string): string {
  const kept = [...findings]
    .sort((one, other) => ORDER[one.level] - ORDER[other.level])
    .slice(0, MOST_RESULTS);
  const rules = [...new Set(kept.map(({ ruleId }) => ruleId))];
  const occurrences = new Map<string, number>();
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'openstack-dashboard-check',
            semanticVersion: version,
            informationUri: 'https://github.com/cdk-openstack-dashboard/cdk-openstack-dashboard',
            rules: rules.map(descriptorOf),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: kept.map((each): Result => {
          const { file, line, column, resource, place } = each;
          // Line numbers change, but the place in a resource stays the same.
          const identity = [each.ruleId, uriOf(file), resource, place].join('\n');
          const occurrence = (occurrences.get(identity) ?? 0) + 1;
          occurrences.set(identity, occurrence);
          const hash = createHash('sha256').update(`${identity}\n${occurrence}`).digest('hex');
          return {
            ruleId: each.ruleId,
            ruleIndex: rules.indexOf(each.ruleId),
            level: LEVELS[each.level],
            message: { text: sentences(each) },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: uriOf(file) },
                  region: { startLine: line, startColumn: column },
                },
                ...(resource !== undefined && {
                  logicalLocations: [
                    { fullyQualifiedName: `${resource}.${place}`, kind: 'resource' },
                  ],
                }),
              },
            ],
            partialFingerprints: { 'openstackDashboard/v1': hash },
            ...(each.accepted !== undefined && {
              suppressions: [
                { kind: 'external', status: 'accepted', justification: each.accepted },
              ],
            }),
          };
        }),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

/** A rule as code scanning shows it. GitHub requires each of these texts. */
function descriptorOf(ruleId: string): ReportingDescriptor {
  const rule = RULES.find(({ id }) => `${PREFIX}${id}` === ruleId);
  if (!rule) {
    const text = 'A value cannot be decided from the template.';
    const help =
      'The value comes from a parameter, an import or a script on the host. Check it there.';
    return {
      id: ruleId,
      shortDescription: { text },
      fullDescription: { text },
      help: { text: help },
      defaultConfiguration: { level: 'note' },
      properties: { tags: TAGS },
    };
  }
  const { cause, explanation, fix, page, id } = rule;
  const checklist = rule.checklist ?? checklistOf(rule.guideRules);
  const example = EXAMPLES[id] === undefined ? '' : `\n\n\`\`\`\n${EXAMPLES[id]}\n\`\`\``;
  return {
    id: ruleId,
    shortDescription: { text: cause },
    fullDescription: { text: explanation },
    help: {
      text: `${explanation} ${fix}`,
      markdown: `${explanation}\n\n${fix}${example}\n\n[OpenStack Security Guide](${pageUrl(page)})`,
    },
    helpUri: pageUrl(page),
    defaultConfiguration: { level: rule.level },
    properties: { tags: [...TAGS, ...checklist].slice(0, MOST_TAGS) },
  };
}

const sentences = ({ ruleId, message, why, fix, also }: Finding): string =>
  [message, ruleId === UNKNOWN ? why : undefined, fix, also && `Same cause: ${also.join(', ')}.`]
    .filter((each) => each !== undefined)
    .join(' ');

/** A path as a URI, relative to the root of the repository, from which the command runs. */
const uriOf = (file: string): string =>
  isAbsolute(file)
    ? pathToFileURL(file).href
    : normalize(file).replace(/\\/g, '/').split('/').map(encodeURIComponent).join('/');
