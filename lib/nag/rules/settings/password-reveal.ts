import { GuidePage } from '../../pack/rule';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const settingsPasswordReveal = settingRule({
  id: 'SETTINGS10',
  guideRules: [49],
  level: 'error',
  ours: 'On',
  cause: 'DISABLE_PASSWORD_REVEAL is not true.',
  explanation:
    'Password fields offer to show what was typed (Check-Dashboard-08). The setting is a key ' +
    'of HORIZON_CONFIG, disable_password_reveal, where the guide names it as if it stood ' +
    'alone.',
  page: GuidePage.CHECKLIST,
  fix: 'Set DISABLE_PASSWORD_REVEAL to true.',
  setting: 'DISABLE_PASSWORD_REVEAL',
  wrong: mustBeTrue,
});
