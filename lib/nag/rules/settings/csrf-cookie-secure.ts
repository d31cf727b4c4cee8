import { GuidePage } from '../../pack/rule';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const settingsCsrfCookieSecure = settingRule({
  id: 'SETTINGS5',
  guideRules: [41],
  level: 'error',
  checklist: ['Check-Dashboard-04'],
  ours: 'On',
  cause: 'CSRF_COOKIE_SECURE is not true.',
  explanation:
    'Browsers send the CSRF cookie over plain HTTP too, and anyone who reads it can make ' +
    'requests on behalf of the user (Check-Dashboard-04).',
  page: GuidePage.COOKIES,
  fix: 'Set CSRF_COOKIE_SECURE to true.',
  setting: 'CSRF_COOKIE_SECURE',
  wrong: mustBeTrue,
});
