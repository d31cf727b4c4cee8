import { HOST_TYPES } from '../../dashboard/resource-types';
import { OwnSource, Rule } from '../../pack/rule';
import { isFalse } from '../../template/text';
import { place } from '../kinds/setting-rule';
import { wrongWhileOn } from '../kinds/while-on';

const SETTINGS = { on: 'WEBSSO_ENABLED', setting: 'WEBSSO_USE_HTTP_REFERER' };

export const settingsWebSsoReferer: Rule = {
  id: 'SETTINGS16',
  guideRules: [],
  level: 'error',
  ours: 'False; extraSettings accepts no other value',
  cause: "WebSSO is on, and Horizon takes Keystone's address from the Referer header.",
  explanation:
    'WEBSSO_USE_HTTP_REFERER is True by default. Without logging in, anyone can then make the ' +
    'hosts send requests to any address (/auth/websso/), and log a visitor in to a Keystone ' +
    'that the attacker controls.',
  page: OwnSource.HORIZON_SETTINGS,
  fix: 'Set WEBSSO_USE_HTTP_REFERER = False, so that OPENSTACK_KEYSTONE_URL is used.',
  types: HOST_TYPES,
  check(resource, facts) {
    const places = wrongWhileOn(resource, facts, SETTINGS, (value, source) => {
      if (value === undefined) {
        facts.unknown(place(source, SETTINGS.setting));
      }
      return value !== undefined && !isFalse(value);
    });
    // Hosts of this library set it.
    const ours = facts.hosts.get(resource)?.sources.some(({ kind }) => kind === 'metadata');
    return places && ours ? [] : places;
  },
};
