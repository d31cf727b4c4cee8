import { GuidePage } from '../../pack/rule';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const sessionSealing = settingRule({
  id: 'SESSION7',
  guideRules: [23],
  level: 'warning',
  ours: 'Data in memcached is encrypted and authenticated',
  cause: 'Sessions in memcached are neither encrypted nor authenticated (MEMCACHED_SEALING).',
  explanation:
    'The guide recommends making sure that no data leaks from memcached, which has no login. ' +
    'Without sealing, anyone who can read its memory gets the tokens of all logged-in users, ' +
    'and anyone who can write to it can run code on the hosts, because Django unpickles the ' +
    "data. The keys are sensitive too: they contain Django's session IDs, so a list of keys is " +
    'enough to take over every session.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Remove MEMCACHED_SEALING, or set it to true.',
  setting: 'MEMCACHED_SEALING',
  wrong: mustBeTrue,
});
