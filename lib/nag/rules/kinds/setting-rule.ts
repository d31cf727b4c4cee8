import { Facts } from '../../dashboard/facts';
import { Source } from '../../dashboard/model';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { Rule } from '../../pack/rule';
import { Setting, isFalse, isTrue, known, withoutReferences } from '../../template/text';

/** What a setting rule says beyond a plain rule. */
export interface SettingRule extends Omit<Rule, 'types' | 'check'> {
  readonly setting: string;
  /**
   * Whether a value breaks the rule. Values with a part that is not known at synth time come here
   * only if `partial` is given.
   */
  wrong(value: string, source: Source, facts: Facts): boolean;
  /** Judges what is known of a value with holes. */
  partial?(setting: Setting, source: Source, facts: Facts): boolean;
  /**
   * Values that break the rule. A template parameter whose pattern allows none of them is right,
   * whatever it will be.
   */
  readonly examples?: readonly string[];
  /** Whether it matters what an unknown value is; it does unless this says no. */
  matters?(setting: Setting, source: Source): boolean;
  /**
   * Whether this library's own settings break the rule when they leave the setting out. Elsewhere
   * it may come from an image or a file that a template does not show: never wrong.
   */
  absent?(source: Source): boolean;
}

/** A rule on one setting, in whatever configures a host. */
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

/** The place of a setting, as a path of the template as far as it has one. */
export function place(source: Source, name: string): string {
  return source.kind === 'userData' ? source.location : `${source.location}.${name}`;
}

export const mustBeTrue = (value: string): boolean => !isTrue(value);
export const mustBeFalse = (value: string): boolean => !isFalse(value);
