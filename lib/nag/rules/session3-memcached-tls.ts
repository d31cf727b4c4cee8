import { Source } from '../facts';
import { GuidePage } from '../rule';
import { mustBeTrue, settingRule } from '../setting-rule';
import { known } from '../text';
import { CACHE_ENGINE } from './session1-engine';

const usesMemcached = ({ settings }: Source): boolean =>
  known(settings.get('SESSION_ENGINE')) === CACHE_ENGINE || settings.has('MEMCACHED_ENDPOINT');

export const sessionMemcachedTls = settingRule({
  id: 'SESSION3',
  guideRules: [23, 51],
  level: 'error',
  ours: 'TLS, with the certificate and the name verified',
  cause: 'Dashboard hosts reach memcached without TLS (MEMCACHED_TLS).',
  explanation:
    'Sessions hold access tokens, and memcached has no login. The guide asks to ensure that there is ' +
    'no data leakage from it: what goes over the network to it has to be encrypted.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Set MEMCACHED_TLS to true, on a cache with encryption in transit.',
  setting: 'MEMCACHED_TLS',
  matters: (_setting, source) => usesMemcached(source),
  wrong: (value, source) => usesMemcached(source) && mustBeTrue(value),
});
