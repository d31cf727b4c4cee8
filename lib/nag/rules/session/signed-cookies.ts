import { GuidePage } from '../../pack/rule';
import { settingRule } from '../kinds/setting-rule';
import { CACHE_ENGINE, SEALED_COOKIES_ENGINE, SIGNED_COOKIES_ENGINE } from './engine';

export const sessionSignedCookies = settingRule({
  id: 'SESSION2',
  guideRules: [25],
  level: 'warning',
  ours: 'Sessions in memcached; signedCookies() is optional',
  cause: 'SESSION_ENGINE is signed_cookies: sensitive access tokens are stored in the browser.',
  explanation:
    'Signed cookies are not encrypted. In the words of the guide, sensitive access tokens will ' +
    'be stored in the browser and will be transmitted with each request made, and the data is ' +
    'only encrypted by HTTPS: anyone who can read a cookie has the tokens. (The guide calls ' +
    "this Horizon's default, which is now the cache back end.)",
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: `Set SESSION_ENGINE to ${CACHE_ENGINE} with memcached as its cache, or to this library's ${SEALED_COOKIES_ENGINE}, which encrypts the cookies.`,
  setting: 'SESSION_ENGINE',
  wrong: (value) => value === SIGNED_COOKIES_ENGINE,
});
