import { GuidePage } from '../../pack/rule';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const settingsSessionCookieHttpOnly = settingRule({
  id: 'SETTINGS6',
  guideRules: [39],
  level: 'error',
  ours: 'On',
  cause: 'SESSION_COOKIE_HTTPONLY is not true.',
  explanation: 'A script injected into a page can read the session cookie (Check-Dashboard-06).',
  page: GuidePage.COOKIES,
  fix: 'Set SESSION_COOKIE_HTTPONLY to true.',
  setting: 'SESSION_COOKIE_HTTPONLY',
  wrong: mustBeTrue,
});
