import { GuidePage } from '../../pack/rule';
import { hasHole } from '../../template/text';
import { settingRule } from '../kinds/setting-rule';
import { isWildcard, splitHosts } from './allowed-hosts-wildcard';

// Wildcards are another rule's; an address of digits alone is no name.
const wrongName = (name: string): boolean =>
  !hasHole(name) &&
  !isWildcard(name) &&
  (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)+\.?$/i.test(name) || /^[\d.]+$/.test(name));

export const settingsAllowedHosts = settingRule({
  id: 'SETTINGS2',
  guideRules: [2, 9],
  level: 'error',
  ours: 'The domain name and additionalHosts',
  cause: 'ALLOWED_HOSTS is empty, or has a name that is not fully qualified.',
  explanation:
    'ALLOWED_HOSTS lists the fully qualified names that the dashboard serves; failing to configure ' +
    'it leaves the dashboard open to attacks with fake Host headers.',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix: 'List the fully qualified host names that people use, and nothing else.',
  setting: 'ALLOWED_HOSTS',
  wrong: (value) => splitHosts(value).length === 0 || splitHosts(value).some(wrongName),
  partial: (setting) => splitHosts(setting.text).some(wrongName),
  examples: ['', 'localhost', '192.0.2.1', 'dashboard'],
  absent: () => true,
});
