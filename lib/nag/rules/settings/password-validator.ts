import { GuidePage } from '../../pack/rule';
import { settingRule } from '../kinds/setting-rule';

/**
 * Whether a regular expression accepts every password: it matches all of these, with a search like that
 * of Django's validator. An expression that is valid only in Python is unknown.
 */
export function allowsEverything(source: string): boolean {
  const javascript = source
    .replace(/\(\?P</g, '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\Z/g, '$');
  try {
    const expression = new RegExp(javascript, 's');
    return ['a', '0', ' ', '!'].every((password) => expression.test(password));
  } catch {
    return false;
  }
}

export const settingsPasswordValidator = settingRule({
  id: 'SETTINGS12',
  guideRules: [45],
  level: 'error',
  ours: '12 to 128 characters',
  cause: 'PASSWORD_VALIDATOR_REGEX accepts every password.',
  explanation:
    'Expressions such as .*, .+, ^.*$ or an empty one accept a password of a single letter ' +
    '(Check-Dashboard-10). The setting is the key password_validator of HORIZON_CONFIG; the ' +
    'guide names it like a top-level setting.',
  page: GuidePage.CHECKLIST,
  fix: "Set an expression that enforces your organization's rules, such as ^.{12,}$.",
  setting: 'PASSWORD_VALIDATOR_REGEX',
  wrong: allowsEverything,
});
