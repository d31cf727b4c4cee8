import { stringify } from 'yaml';
import type { Resources } from './fixtures';

/** What a page of a rule shows: the difference between a template with a fault and one without. */
export interface Example {
  readonly bad: string;
  readonly good: string;
}

type Tree = Record<string, unknown>;

const ABSENT = '__ABSENT__';
const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A script of a host as text, with intrinsic functions as JSON. */
function asScript(value: unknown): string | undefined {
  if (!isTree(value) || !('Fn::Base64' in value)) {
    return undefined;
  }
  const content = value['Fn::Base64'];
  const joined = isTree(content) && (content['Fn::Join'] as [string, unknown[]] | undefined);
  const parts = joined ? joined[1].flatMap(flat) : [content];
  return parts
    .map((part) => (typeof part === 'string' ? part : `\${${JSON.stringify(part)}}`))
    .join('');
}

/** Joins within joins, as their parts. */
function flat(part: unknown): unknown[] {
  const inner = isTree(part) && (part['Fn::Join'] as [string, unknown[]] | undefined);
  return inner && inner[0] === '' ? inner[1].flatMap(flat) : [part];
}

/** The lines that another text does not have. */
const linesOnlyIn = (text: string, other: string): string => {
  const known = new Set(other.split('\n'));
  return `${text
    .split('\n')
    .filter((line) => !known.has(line))
    .join('\n')}\n`;
};

/** The part of a value that another does not have. */
function part(value: unknown, other: unknown): unknown {
  const script = asScript(value);
  if (script !== undefined) {
    const lines = linesOnlyIn(script, asScript(other) ?? '');
    return lines.trim() === '' ? ABSENT : lines;
  }
  if (Array.isArray(value) && Array.isArray(other)) {
    const left = value.filter((item) => !other.some((each) => same(each, item)));
    // Of items with a name, only what differs, too
    const named = left.map((item) => {
      const twin = isTree(item) && other.find((each) => isTree(each) && each.Name === item.Name);
      return twin && item.Name !== undefined
        ? { Name: item.Name, ...(part(item, twin) as Tree) }
        : (item as unknown);
    });
    return named.length > 0 ? named : ABSENT;
  }
  if (!isTree(value) || !isTree(other)) {
    return value;
  }
  const keys = [...new Set([...Object.keys(value), ...Object.keys(other)])];
  return Object.fromEntries(
    keys
      .filter((key) => !same(value[key], other[key]))
      .map((key) => [key, key in value ? part(value[key], other[key]) : ABSENT]),
  );
}

function asYaml(resources: Resources, others: Resources): string {
  const ids = [...new Set([...Object.keys(resources), ...Object.keys(others)])];
  const shown = ids
    .filter((id) => !same(resources[id], others[id]))
    .map((id) => {
      const resource = resources[id] as Tree | undefined;
      const other = others[id] as Tree | undefined;
      if (resource === undefined) {
        return [id, ABSENT];
      }
      return [id, { Type: resource.Type, ...(part(resource, other ?? {}) as Tree) }];
    });
  return stringify(Object.fromEntries(shown), { lineWidth: 0 }).replace(
    new RegExp(`^( *)(\\S+): ${ABSENT}$`, 'gm'),
    '$1# $2 is absent',
  );
}

/** Of the cases without the fault, the one that differs least from the case with it. */
export function exampleOf(wrong: Resources, compliant: readonly Resources[]): Example {
  const examples = compliant
    .filter((each) => !same(each, wrong))
    .map((each) => ({ bad: asYaml(wrong, each), good: asYaml(each, wrong) }));
  const length = ({ bad, good }: Example): number => bad.length + good.length;
  return examples.reduce((least, each) => (length(each) < length(least) ? each : least));
}
