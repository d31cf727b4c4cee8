import { normalize } from 'node:path';
import { Facts, Names } from '../dashboard/facts';
import { EXAMPLES } from '../pack/examples';
import { checklistOf } from '../pack/guide';
import { judge } from '../pack/judge';
import { NOT_FOLLOWED_FIX, doubtsOn, inSentence } from '../pack/not-followed';
import { Rule, pageUrl } from '../pack/rule';
import { RULES } from '../rules';
import { Resource } from '../template/template';
import { flatten, intrinsic, literal } from '../template/text';
import { Acknowledgement, acknowledgementsIn } from './acknowledgements';
import { Estate, Origin } from './estate';
import { evidenceOf } from './evidence';
import { Position, Source, Words } from './source';

export const PREFIX = 'OpenStackDashboard-';
/** The ID for information on what cannot be evaluated. */
export const UNKNOWN = `${PREFIX}UNKNOWN`;

/** A mistake, or a value that cannot be evaluated, at one place in a file. */
export interface Finding extends Position {
  readonly file: string;
  readonly ruleId: string;
  readonly level: 'error' | 'warning' | 'info';
  /** What is wrong. */
  readonly message: string;
  /** Why it matters. */
  readonly why?: string;
  /** What to change, in one sentence. */
  readonly fix: string;
  /** An example of the fix, to copy. */
  readonly example?: string;
  /** The page of the guide. */
  readonly guide?: string;
  readonly checklist: readonly string[];
  readonly resource?: string;
  readonly resourceType?: string;
  /** The path in the resource. */
  readonly place?: string;
  /** Other rules that the same mistake breaks. */
  readonly also?: readonly string[];
  /** The reason of an acknowledgement. */
  readonly accepted?: string;
}

/** An acknowledgement without a finding. */
export interface Unused extends Position {
  readonly file: string;
  readonly ruleId: string;
  readonly reason: string;
}

export interface Outcome {
  /** By file and line. */
  readonly findings: readonly Finding[];
  readonly unused: readonly Unused[];
}

export interface Given {
  readonly names: Names;
  readonly parameters: ReadonlyMap<string, string>;
  readonly acknowledgements: readonly Acknowledgement[];
}

/** Checks templates together. */
export function check(sources: readonly Source[], given: Given): Outcome {
  const estate = new Estate(sources, given.parameters);
  const facts = new Facts(estate.app, given.names);
  const found = [...findingsOf(estate, facts), ...openOf(estate, facts)];
  // A template that is nested twice would be reported twice.
  const once = new Map(found.map((each) => [JSON.stringify(each), each]));
  const acknowledgements = [...given.acknowledgements, ...sources.flatMap(acknowledgementsIn)];
  const used = new Set<Acknowledgement>();
  const findings = [...once.values()].map((finding): Finding => {
    const accepting = acknowledgements.filter((each) => accepts(each, finding));
    for (const each of accepting) {
      used.add(each);
    }
    return accepting.length > 0 ? { ...finding, accepted: accepting[0].reason } : finding;
  });
  return {
    findings: oneForEachCause(findings).sort(byPlace),
    unused: acknowledgements
      .filter((each) => !used.has(each))
      .map(({ source, path, ruleId, reason }) => ({
        file: source.file,
        ...source.position(path),
        ruleId,
        reason,
      }))
      .sort(byPlace),
  };
}

/** Merges a finding into the one at the same place that causes it. */
function oneForEachCause(findings: readonly Finding[]): Finding[] {
  const also = new Map<Finding, string[]>();
  const rest = findings.filter((finding) => {
    const causes = RULES.find(({ id }) => `${PREFIX}${id}` === finding.ruleId)?.consequenceOf ?? [];
    const cause = findings.find(
      (other) =>
        causes.some((id) => `${PREFIX}${id}` === other.ruleId) &&
        other.accepted === finding.accepted &&
        other.resource === finding.resource &&
        byPosition(other, finding) === 0,
    );
    if (cause) {
      also.set(cause, [...(also.get(cause) ?? []), finding.ruleId]);
    }
    return cause === undefined;
  });
  return rest.map((each) => (also.has(each) ? { ...each, also: also.get(each) } : each));
}

function findingsOf(estate: Estate, facts: Facts): Finding[] {
  const findings: Finding[] = [];
  for (const [node, origin] of estate.origins) {
    const resource = facts.resource(node);
    if (!resource) {
      continue;
    }
    const open = new Map<string, Rule[]>();
    for (const rule of RULES) {
      if (!rule.types.includes(resource.type)) {
        continue;
      }
      const verdict = judge(rule, resource, facts);
      for (const { place, where } of verdict?.places ?? []) {
        const evidence = evidenceOf(rule, resource, facts, place);
        findings.push({
          ...located(origin, resource, place, evidence),
          ruleId: `${PREFIX}${rule.id}`,
          level: rule.level,
          message: where ? `${rule.cause} This applies ${where}.` : rule.cause,
          why: rule.explanation,
          fix: rule.fix,
          example: EXAMPLES[rule.id],
          guide: pageUrl(rule.page),
          checklist: rule.checklist ?? checklistOf(rule.guideRules),
        });
      }
      for (const place of verdict?.unknown ?? []) {
        open.set(place, [...(open.get(place) ?? []), rule]);
      }
    }
    const doubts = doubtsOn(resource, facts);
    for (const place of new Set(doubts.map(({ location }) => location))) {
      findings.push({
        ...located(origin, resource, place, []),
        ruleId: UNKNOWN,
        level: 'info',
        message: inSentence(doubts.filter(({ location }) => location === place)),
        fix: NOT_FOLLOWED_FIX,
        checklist: [],
      });
    }
    for (const [place, rules] of open) {
      const ids = rules.map(({ id }) => id).join(', ');
      findings.push({
        ...located(origin, resource, place, evidenceOf(rules[0], resource, facts, place)),
        ruleId: UNKNOWN,
        level: 'info',
        message: `Cannot be decided from the template: ${ids}.`,
        ...unknownPart(resource, place, facts),
        checklist: [],
      });
    }
  }
  return findings;
}

// A script may contain many unknown values that do not matter.
const MOST_PARTS = 3;

/** The values that a place depends on, and how to provide them. */
function unknownPart(
  resource: Resource,
  place: string,
  facts: Facts,
): Pick<Finding, 'why' | 'fix'> {
  const [section, ...path] = place.split('.');
  const value = section === 'Metadata' ? resource.metadata(...path) : resource.property(...path);
  const parts: string[] = [];
  const ways = new Set<string>();
  for (const hole of value === undefined ? [] : flatten(value).holes) {
    const [name, argument] = intrinsic(hole) ?? [];
    if (facts.template.isParameter(resource.stack, hole)) {
      parts.push(`the parameter ${String(argument)}`);
      ways.add(`Set its value with --parameter ${String(argument)}=VALUE.`);
    } else if (name === 'Fn::ImportValue') {
      parts.push(`the import ${literal(argument) ?? 'of another stack'}`);
      ways.add('Add the template that exports it.');
    } else if (name !== undefined && !facts.target(resource, hole)) {
      parts.push(name === 'Ref' ? String(argument) : name);
    }
  }
  const check = 'Check the deployed value.';
  if (parts.length === 0 || parts.length > MOST_PARTS) {
    return { fix: `${check} To set a parameter, use --parameter NAME=VALUE.` };
  }
  return {
    why: `The value depends on ${[...new Set(parts)].join(', ')}.`,
    fix: [...ways, check].join(' '),
  };
}

/** Parts of the templates that were not read, in stacks with a dashboard. */
function openOf(estate: Estate, facts: Facts): Finding[] {
  const stacks = new Set([...facts.hosts.keys()].map(({ stack }) => stack));
  const open = estate.unread.filter(({ source }) =>
    [...stacks].some((stack) => estate.isPartOf(source, stack)),
  );
  return open.map(({ source, path, what, advice }) => ({
    file: source.file,
    ...source.position(path),
    ruleId: UNKNOWN,
    level: 'info',
    message: `Not checked: ${what}.`,
    fix: advice,
    checklist: [],
  }));
}

function located(
  { source, id }: Origin,
  resource: Resource,
  place: string,
  evidence: readonly Words[],
): Pick<Finding, 'file' | 'line' | 'column' | 'resource' | 'resourceType' | 'place'> {
  return {
    file: source.file,
    ...source.position(['Resources', id, ...place.split('.')], evidence),
    resource: id,
    resourceType: resource.type,
    place,
  };
}

function accepts({ ruleId, file, resource }: Acknowledgement, finding: Finding): boolean {
  return (
    ruleId === finding.ruleId &&
    (file === undefined || normalize(file) === normalize(finding.file)) &&
    (resource === undefined || resource === finding.resource)
  );
}

interface Placed extends Position {
  readonly file: string;
  readonly ruleId: string;
}

const byPosition = (one: Placed, other: Placed): number =>
  one.file.localeCompare(other.file) || one.line - other.line || one.column - other.column;

const byPlace = (one: Placed, other: Placed): number =>
  byPosition(one, other) || one.ruleId.localeCompare(other.ruleId);
