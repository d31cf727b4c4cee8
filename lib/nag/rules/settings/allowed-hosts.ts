import { GuidePage } from '../../pack/rule';
import { hasHole } from '../../template/text';
import { settingRule } from '../kinds/setting-rule';
import { isWildcard, splitHosts } from './allowed-hosts-wildcard';

// SETTINGS3 reports wildcards; an IP address is not a name.
const wrongName = (name: string): boolean =>
  !hasHole(name) &&
  !isWildcard(name) &&
  (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)+\.?$/i.test(name) || /^[\d.]+$/.test(name));

export const settingsAllowedHosts = settingRule({
  id: 'SETTINGS2',
  guideRules: [2, 9],
  level: 'error',
  ours: 'The domain name and additionalHosts',
  cause: 'ALLOWED_HOSTS is empty or contains a name that is not fully qualified.',
  explanation:
    'ALLOWED_HOSTS lists the fully qualified names that the dashboard serves. Without it, the ' +
    'dashboard is open to attacks with fake Host headers.',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix: 'List only the fully qualified host names that users use.',
  setting: 'ALLOWED_HOSTS',
  wrong: (value) => splitHosts(value).length === 0 || splitHosts(value).some(wrongName),
  partial: (setting) => splitHosts(setting.text).some(wrongName),
  examples: ['', 'localhost', '192.0.2.1', 'dashboard'],
  absent: () => true,
});
