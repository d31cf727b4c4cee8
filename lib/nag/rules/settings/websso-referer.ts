import { HOST_TYPES } from '../../dashboard/resource-types';
import { OwnSource, Rule } from '../../pack/rule';
import { isFalse, isTrue, known } from '../../template/text';
import { place } from '../kinds/setting-rule';

const ENABLED = 'WEBSSO_ENABLED';
const REFERER = 'WEBSSO_USE_HTTP_REFERER';

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
    const sources = facts.hosts.get(resource)?.sources ?? [];
    const on = sources.filter(({ settings }) => isTrue(known(settings.get(ENABLED)) ?? 'false'));
    if (on.length === 0) {
      return undefined;
    }
    // Hosts of this library set it.
    if (sources.some(({ kind }) => kind === 'metadata')) {
      return [];
    }
    const given = sources.filter(({ settings }) => settings.has(REFERER));
    if (given.length === 0) {
      return on.map((source) => place(source, ENABLED));
    }
    return given.flatMap((source) => {
      const value = known(source.settings.get(REFERER));
      if (value === undefined) {
        facts.unknown(place(source, REFERER));
      }
      return value === undefined || isFalse(value) ? [] : [place(source, REFERER)];
    });
  },
};
