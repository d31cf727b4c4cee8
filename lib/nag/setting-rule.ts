import { Facts, HOST_TYPES, Source } from './facts';
import { Rule } from './rule';
import { Setting, isFalse, isTrue, known } from './text';

/** What a setting rule says beyond a plain rule. */
export interface SettingRule extends Omit<Rule, 'types' | 'check'> {
  readonly setting: string;
  /**
   * Whether a value breaks the rule. Values with a part that only the deployment knows come here
   * only if `partial` is given.
   */
  wrong(value: string, source: Source, facts: Facts): boolean;
  /** Judges what is known of a value with holes. */
  partial?(setting: Setting, source: Source, facts: Facts): boolean;
  /**
   * Whether this library's own settings break the rule when they leave the setting out. Elsewhere
   * it may come from an image or a file that a template does not show: never wrong.
   */
  absent?(source: Source): boolean;
}

/** A rule on one setting, wherever a host is told it. */
export function settingRule(given: SettingRule): Rule {
  const { setting: name, wrong, partial, absent, ...rule } = given;
  return {
    ...rule,
    types: HOST_TYPES,
    check(resource, facts) {
      const sources = facts.hosts.get(resource)?.sources;
      if (!sources) return undefined;
      const places: string[] = [];
      let judged = false;
      for (const source of sources) {
        const setting = source.settings.get(name);
        const value = known(setting);
        let breaks = false;
        if (setting === undefined) {
          if (source.kind !== 'metadata' || !absent) continue;
          breaks = absent(source);
        } else if (value !== undefined) {
          breaks = wrong(value, source, facts);
        } else if (!setting.dynamic && partial) {
          breaks = partial(setting, source, facts);
        }
        judged = true;
        if (breaks) places.push(place(source, name));
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
