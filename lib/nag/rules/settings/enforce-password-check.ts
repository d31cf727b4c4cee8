import { GuidePage } from '../../pack/rule';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const settingsEnforcePasswordCheck = settingRule({
  id: 'SETTINGS9',
  guideRules: [50],
  level: 'error',
  ours: 'On',
  cause: 'ENFORCE_PASSWORD_CHECK is not true.',
  explanation:
    "Anyone who finds an administrator's open session can set passwords without knowing the " +
    "administrator's own password (Check-Dashboard-09).",
  page: GuidePage.CHECKLIST,
  fix: 'Set ENFORCE_PASSWORD_CHECK to true.',
  setting: 'ENFORCE_PASSWORD_CHECK',
  wrong: mustBeTrue,
});
