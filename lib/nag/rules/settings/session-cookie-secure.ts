import { GuidePage } from '../../pack/rule';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const settingsSessionCookieSecure = settingRule({
  id: 'SETTINGS4',
  guideRules: [41],
  level: 'error',
  checklist: ['Check-Dashboard-05'],
  ours: 'On',
  cause: 'SESSION_COOKIE_SECURE is not true.',
  explanation:
    'Browsers send the session cookie over plain HTTP too, where it can be read ' +
    '(Check-Dashboard-05).',
  page: GuidePage.COOKIES,
  fix: 'Set SESSION_COOKIE_SECURE to true.',
  setting: 'SESSION_COOKIE_SECURE',
  wrong: mustBeTrue,
});
