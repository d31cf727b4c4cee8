import { HOST_TYPES } from '../../dashboard/resource-types';
import { OwnSource, Rule } from '../../pack/rule';
import { known } from '../../template/text';
import { place } from '../kinds/setting-rule';
import { wrongWhileOn } from '../kinds/while-on';

const SETTINGS = { on: 'WEBSSO_DEFAULT_REDIRECT', setting: 'WEBSSO_DEFAULT_REDIRECT_REGION' };

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
    for (const source of facts.hosts.get(resource)?.sources ?? []) {
      const redirect = source.settings.get(SETTINGS.on);
      if (redirect !== undefined && known(redirect) === undefined) {
        facts.unknown(place(source, SETTINGS.on));
      }
    }
    return wrongWhileOn(resource, facts, SETTINGS, (value) => /\/\/localhost\b/.test(value ?? ''));
  },
};
