import { GuidePage } from '../../pack/rule';
import { known } from '../../template/text';
import { isShared } from '../domain/own-domain';
import { settingRule } from '../kinds/setting-rule';
import { splitHosts } from '../settings/allowed-hosts-wildcard';
import { SIGNED_COOKIES_ENGINE } from './engine';

const onSharedDomain = (names: string): boolean => splitHosts(names).some(isShared);

export const sessionSharedDomain = settingRule({
  id: 'SESSION8',
  guideRules: [1, 4, 25],
  level: 'error',
  ours: 'Sessions in memcached',
  cause: 'Sessions are in readable cookies, and the dashboard is on a subdomain.',
  explanation:
    'The guide advises against a subdomain that is shared with other sites, and against ' +
    'cookie-backed sessions on one. Those cookies carry access tokens, and a site on a sibling ' +
    'subdomain may be able to read the cookies or set its own.',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix:
    'Keep sessions in memcached, encrypt the cookies (sealing: true), or use a second-level ' +
    'domain for the dashboard alone, such as example.org. Acknowledge the rule if the whole ' +
    'domain is yours.',
  setting: 'ALLOWED_HOSTS',
  matters: (_setting, { settings }) =>
    [SIGNED_COOKIES_ENGINE, undefined].includes(known(settings.get('SESSION_ENGINE'))),
  wrong: (value, { settings }) =>
    known(settings.get('SESSION_ENGINE')) === SIGNED_COOKIES_ENGINE && onSharedDomain(value),
  partial: ({ text }, { settings }) =>
    known(settings.get('SESSION_ENGINE')) === SIGNED_COOKIES_ENGINE && onSharedDomain(text),
});
