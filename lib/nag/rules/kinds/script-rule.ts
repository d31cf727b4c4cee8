import { Facts } from '../../dashboard/facts';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { Script, scriptsOf } from '../../dashboard/scripts';
import { Rule } from '../../pack/rule';
import { Resource } from '../../template/template';

/** A rule about scripts. */
export interface ScriptRule extends Omit<Rule, 'types' | 'check'> {
  /** Whether it also applies to machines that may be in front of a dashboard. */
  readonly fronts?: boolean;
  /** Whether a script breaks the rule. */
  wrong(script: Script, facts: Facts, resource: Resource): boolean;
}

/** Creates a rule about the scripts of machines and containers. */
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
