import { GuidePage } from '../../pack/rule';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const sessionSealing = settingRule({
  id: 'SESSION7',
  guideRules: [23],
  level: 'warning',
  ours: 'What goes into memcached is encrypted and authenticated',
  cause: 'Sessions are stored in memcached as they are (MEMCACHED_SEALING).',
  explanation:
    'The guide asks to ensure that there is no data leakage from memcached, and memcached has no ' +
    'login. Without sealing, whoever reads its memory has the tokens of everybody who is logged in, ' +
    'and whoever writes to it runs code on the hosts, which unpickle what they find there. The keys ' +
    "are secret too: Django's have the session ID in them, so a list of keys is enough to take over " +
    'every session.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Leave MEMCACHED_SEALING out, or set it to true.',
  setting: 'MEMCACHED_SEALING',
  wrong: mustBeTrue,
});
