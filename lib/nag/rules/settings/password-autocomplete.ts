import { GuidePage } from '../../pack/rule';
import { mustBeFalse, settingRule } from '../kinds/setting-rule';

export const settingsPasswordAutocomplete = settingRule({
  id: 'SETTINGS11',
  guideRules: [48],
  level: 'error',
  ours: 'Off',
  cause: 'PASSWORD_AUTOCOMPLETE is not off.',
  explanation:
    'Browsers store and fill in the password, so anyone who uses the same computer can log in ' +
    '(Check-Dashboard-07). The setting is the key password_autocomplete of HORIZON_CONFIG; the ' +
    'guide names it like a top-level setting.',
  page: GuidePage.CHECKLIST,
  fix: 'Set PASSWORD_AUTOCOMPLETE to off.',
  setting: 'PASSWORD_AUTOCOMPLETE',
  wrong: mustBeFalse,
});
