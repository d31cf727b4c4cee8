import { GuidePage } from '../../pack/rule';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const settingsPasswordReveal = settingRule({
  id: 'SETTINGS10',
  guideRules: [49],
  level: 'error',
  ours: 'On',
  cause: 'DISABLE_PASSWORD_REVEAL is not true.',
  explanation:
    'Password fields offer to show the password in plain text (Check-Dashboard-08). The ' +
    'setting is the key disable_password_reveal of HORIZON_CONFIG; the guide names it like a ' +
    'top-level setting.',
  page: GuidePage.CHECKLIST,
  fix: 'Set DISABLE_PASSWORD_REVEAL to true.',
  setting: 'DISABLE_PASSWORD_REVEAL',
  wrong: mustBeTrue,
});
