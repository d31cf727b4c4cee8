import { GuidePage } from '../../pack/rule';
import { settingRule } from '../kinds/setting-rule';

export const splitHosts = (value: string): string[] =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** In Django, `*` matches every name, and a leading dot matches all subdomains. */
export const isWildcard = (name: string): boolean => name.includes('*') || name.startsWith('.');

export const settingsAllowedHostsWildcard = settingRule({
  id: 'SETTINGS3',
  guideRules: [10],
  level: 'error',
  ours: 'Wildcards are rejected at synth time',
  cause: 'ALLOWED_HOSTS has a wildcard (* or a leading dot).',
  explanation:
    'Wildcards in the host names leave the dashboard open to attacks with fake Host headers, ' +
    "which make the dashboard's links lead to a host of the attacker's choice.",
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix: 'List each fully qualified host name that users use.',
  setting: 'ALLOWED_HOSTS',
  wrong: (value) => splitHosts(value).some(isWildcard),
  examples: ['*', '.example.org', '*.example.org'],
  // One known wildcard is enough, even if other names are unknown.
  partial: (setting) => splitHosts(setting.text).some(isWildcard),
});
