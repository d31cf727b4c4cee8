import { GuidePage } from '../../pack/rule';
import { known } from '../../template/text';
import { settingRule } from '../kinds/setting-rule';
import { SEALED_COOKIES_ENGINE, SIGNED_COOKIES_ENGINE } from './engine';

const COOKIES = [SIGNED_COOKIES_ENGINE, SEALED_COOKIES_ENGINE];

export const sessionCookieHsts = settingRule({
  id: 'SESSION9',
  guideRules: [5, 18, 25],
  consequenceOf: ['HTTPS7'],
  level: 'error',
  ours: 'HSTS for one year',
  cause: 'Sessions are in cookies, and HTTP Strict Transport Security is off (HSTS_MAX_AGE).',
  explanation:
    'With sessions in cookies, HTTPS is the only protection of the whole session against ' +
    'eavesdropping. The guide recommends HSTS, so that browsers never try plain HTTP.',
  page: GuidePage.HTTPS,
  fix: 'Set HSTS_MAX_AGE to one year (31536000), reached in steps.',
  setting: 'HSTS_MAX_AGE',
  matters: (_setting, { settings }) =>
    [...COOKIES, undefined].includes(known(settings.get('SESSION_ENGINE'))),
  wrong: (value, { settings }) =>
    COOKIES.includes(known(settings.get('SESSION_ENGINE')) ?? '') && !(Number(value) > 0),
});
