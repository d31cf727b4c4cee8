import { HOST_TYPES } from '../../dashboard/resource-types';
import { OwnSource, Rule } from '../../pack/rule';
import { isTrue, known } from '../../template/text';
import { place } from '../kinds/setting-rule';

const REDIRECT = 'WEBSSO_DEFAULT_REDIRECT';
const REGION = 'WEBSSO_DEFAULT_REDIRECT_REGION';

export const settingsWebSsoRegion: Rule = {
  id: 'SETTINGS18',
  guideRules: [],
  level: 'error',
  ours: 'The redirect of webSso always leads to its Keystone',
  cause: 'The login page redirects to WebSSO, and the address of Keystone for it is not set.',
  explanation:
    'WEBSSO_DEFAULT_REDIRECT_REGION is http://localhost/identity/v3 by default, whatever ' +
    'OPENSTACK_KEYSTONE_URL is. Browsers are sent there, and nobody can log in.',
  page: OwnSource.HORIZON_SETTINGS,
  fix: 'Set WEBSSO_DEFAULT_REDIRECT_REGION to the https:// URL of Keystone for browsers, which ends with /v3.',
  types: HOST_TYPES,
  check(resource, facts) {
    const sources = facts.hosts.get(resource)?.sources ?? [];
    const on = sources.filter(({ settings }) => isTrue(known(settings.get(REDIRECT)) ?? 'false'));
    for (const source of sources.filter(({ settings }) => settings.has(REDIRECT))) {
      if (known(source.settings.get(REDIRECT)) === undefined) {
        facts.unknown(place(source, REDIRECT));
      }
    }
    if (on.length === 0) {
      return undefined;
    }
    const given = sources.filter(({ settings }) => settings.has(REGION));
    if (given.length === 0) {
      return on.map((source) => place(source, REDIRECT));
    }
    return given.flatMap((source) =>
      /\/\/localhost\b/.test(known(source.settings.get(REGION)) ?? '')
        ? [place(source, REGION)]
        : [],
    );
  },
};
