import { GuidePage } from '../../pack/rule';
import { mustBeFalse, settingRule } from '../kinds/setting-rule';

export const settingsPasswordAutocomplete = settingRule({
  id: 'SETTINGS11',
  guideRules: [48],
  level: 'error',
  ours: 'Off',
  cause: 'PASSWORD_AUTOCOMPLETE is not off.',
  explanation:
    'Browsers keep and fill in passwords, and whoever uses the same machine can log in ' +
    '(Check-Dashboard-07). The setting is a key of HORIZON_CONFIG, password_autocomplete, where the ' +
    'guide names it as if it stood alone.',
  page: GuidePage.CHECKLIST,
  fix: 'Set PASSWORD_AUTOCOMPLETE to off.',
  setting: 'PASSWORD_AUTOCOMPLETE',
  wrong: mustBeFalse,
});
