import { Facts } from '../../dashboard/facts';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { Script, scriptsOf } from '../../dashboard/scripts';
import { Rule } from '../../pack/rule';
import { Resource } from '../../template/template';

/** What a rule on scripts says beyond a plain rule. */
export interface ScriptRule extends Omit<Rule, 'types' | 'check'> {
  /** Whether machines that may stand before a dashboard are judged like those that run one. */
  readonly fronts?: boolean;
  /** Whether a script breaks the rule. */
  wrong(script: Script, facts: Facts, resource: Resource): boolean;
}

/** A rule on the scripts of machines and containers. */
export function scriptRule(given: ScriptRule): Rule {
  const { fronts, wrong, ...rule } = given;
  return {
    ...rule,
    types: HOST_TYPES,
    check(resource, facts) {
      if (!(fronts ? facts.servesOrFronts(resource) : facts.hosts.has(resource))) {
        return undefined;
      }
      return scriptsOf(resource, facts)
        .filter((script) => wrong(script, facts, resource))
        .map(({ location }) => location);
    },
  };
}
