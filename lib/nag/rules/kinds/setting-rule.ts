import { Facts } from '../../dashboard/facts';
import { Source } from '../../dashboard/model';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { Rule } from '../../pack/rule';
import { Setting, isFalse, isTrue, known, withoutReferences } from '../../template/text';

/** A rule about one setting. */
export interface SettingRule extends Omit<Rule, 'types' | 'check'> {
  readonly setting: string;
  /**
   * Whether a value breaks the rule. It gets only values that are fully known at synth time; `partial`
   * gets the others.
   */
  wrong(value: string, source: Source, facts: Facts): boolean;
  /** Whether the known part of a value with holes breaks the rule. */
  partial?(setting: Setting, source: Source, facts: Facts): boolean;
  /**
   * Values that break the rule. A template parameter with a pattern that allows none of them complies,
   * whatever its value will be.
   */
  readonly examples?: readonly string[];
  /** Whether an unknown value matters. By default, it does. */
  matters?(setting: Setting, source: Source): boolean;
  /**
   * Whether hosts of this library break the rule if they do not have the setting. On other hosts, it
   * may come from an image or a file that is not in the template, so its absence is never reported.
   */
  absent?(source: Source): boolean;
}

/** Creates a rule about one setting, wherever a host gets it from. */
export function settingRule(given: SettingRule): Rule {
  const { setting: name, wrong, partial, absent, examples = [], matters, ...rule } = given;
  return {
    ...rule,
    setting: name,
    types: HOST_TYPES,
    check(resource, facts) {
      const sources = facts.hosts.get(resource)?.sources;
      if (!sources) {
        return undefined;
      }
      const places: string[] = [];
      let judged = false;
      for (const source of sources) {
        const setting = source.settings.get(name);
        const value = known(setting);
        let breaks: boolean;
        if (setting === undefined) {
          if (source.kind !== 'metadata' || !absent) {
            continue;
          }
          breaks = absent(source);
        } else if (value !== undefined) {
          breaks = wrong(value, source, facts);
        } else {
          breaks =
            !setting.dynamic &&
            partial !== undefined &&
            partial(withoutReferences(setting), source, facts);
          const open =
            !breaks &&
            (matters?.(setting, source) ?? true) &&
            !facts.template.excludes(resource.stack, setting, examples);
          if (open) {
            facts.unknown(place(source, name));
          }
        }
        judged = true;
        if (breaks) {
          places.push(place(source, name));
        }
      }
      return judged ? places : undefined;
    },
  };
}

/** The place of a setting, as a path in the template as far as it has one. */
export function place(source: Source, name: string): string {
  return source.kind === 'userData' ? source.location : `${source.location}.${name}`;
}

export const mustBeTrue = (value: string): boolean => !isTrue(value);
export const mustBeFalse = (value: string): boolean => !isFalse(value);
