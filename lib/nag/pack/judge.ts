import { Facts } from '../dashboard/facts';
import { Way, whereOf } from '../template/choices';
import { Resource } from '../template/template';
import { Rule } from './rule';

/** A place that breaks a rule, as a path in the resource. */
export interface Place {
  readonly place: string;
  /** The conditions under which it does, or an empty string if it always does. */
  readonly where: string;
}

/** A place as reports show it. */
export const inWords = ({ place, where }: Place): string => (where ? `${place} (${where})` : place);

/** The result of a rule for a resource that it applies to. */
export interface Verdict {
  /** The places that break the rule. */
  readonly places: readonly Place[];
  /** The conditions under which the rule is broken, or an empty string if it always is. */
  readonly where: string;
  /** Places that could not be judged, if no other place breaks the rule. */
  readonly unknown: readonly string[];
}

interface Answer {
  readonly places: readonly string[] | undefined;
  readonly unknown: ReadonlySet<string>;
}

// The rule does not apply to the resource on a condition path.
const NOTHING: Answer = { places: undefined, unknown: new Set() };

/** Evaluates a rule for a resource, on each condition path that the rule meets. */
export function judge(rule: Rule, resource: Resource, facts: Facts): Verdict | undefined {
  const { template } = facts;
  const ways = template.choices
    .explore((): Answer | undefined => {
      const { value, unknown } = facts.recording(() => rule.check(resource, facts));
      // Most rules do not apply to most resources, which then need not be rendered.
      if (value === undefined && unknown.size === 0) {
        return NOTHING;
      }
      const { condition } = resource;
      // On this path the resource does not exist.
      if (condition !== undefined && template.holds(resource.stack, condition) === false) {
        return;
      }
      return { places: value, unknown };
    })
    .filter((way): way is Way<Answer> => way.value !== undefined);
  const unknown = new Set(ways.flatMap(({ value }) => [...value.unknown]));
  const applies = ways.some(({ value }) => value.places !== undefined);
  if (!applies && unknown.size === 0) {
    return undefined;
  }
  const broken = new Set(ways.flatMap(({ value }) => value.places ?? []));
  const places = [...broken].map((place) => {
    return { place, where: whereOf(ways, ({ value }) => value.places?.includes(place) ?? false) };
  });
  const where = whereOf(ways, ({ value }) => (value.places ?? []).length > 0);
  return {
    places,
    where: places.length > 0 ? where : '',
    unknown: places.length > 0 ? [] : [...unknown],
  };
}
