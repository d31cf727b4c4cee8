import {
  CACHE_ENGINE,
  SEALED_COOKIES_ENGINE,
  SIGNED_COOKIES_ENGINE,
} from '../../../contract/environment';
import { GuidePage } from '../../pack/rule';
import { settingRule } from '../kinds/setting-rule';

export { CACHE_ENGINE, SEALED_COOKIES_ENGINE, SIGNED_COOKIES_ENGINE };

const ALLOWED = [CACHE_ENGINE, SIGNED_COOKIES_ENGINE, SEALED_COOKIES_ENGINE];

export const sessionEngine = settingRule({
  id: 'SESSION1',
  guideRules: [22, 24],
  level: 'error',
  ours: 'The cache back end',
  cause: 'SESSION_ENGINE is neither the cache back end nor a signed cookie back end.',
  explanation:
    'Dashboard hosts are stateless. Sessions in files, in local memory or in a database on one ' +
    'host are lost when the next request goes to another host. The guide recommends the cache ' +
    'back end with memcached, which all hosts share.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: `Set SESSION_ENGINE to ${CACHE_ENGINE} with memcached as its cache.`,
  setting: 'SESSION_ENGINE',
  wrong: (value) => !ALLOWED.includes(value),
  absent: () => true,
});
