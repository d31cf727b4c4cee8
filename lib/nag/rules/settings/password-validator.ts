import { GuidePage } from '../../pack/rule';
import { settingRule } from '../kinds/setting-rule';

/**
 * Whether a regular expression accepts every password: it finds something in each of these, as
 * Django's validator searches. An expression that only Python understands is unknown.
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
    'Expressions such as .*, .+, ^.*$ or none at all accept a password of one letter ' +
    '(Check-Dashboard-10). The setting is a key of HORIZON_CONFIG, password_validator, where the ' +
    'guide names it as if it stood alone.',
  page: GuidePage.CHECKLIST,
  fix: "Set an expression that states your organisation's rules, such as ^.{12,}$.",
  setting: 'PASSWORD_VALIDATOR_REGEX',
  wrong: allowsEverything,
});
