import { GuidePage } from '../../pack/rule';
import { settingRule } from '../kinds/setting-rule';

export const splitHosts = (value: string): string[] =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Django takes `*` for every name, and a leading dot for every name below. */
export const isWildcard = (name: string): boolean => name.includes('*') || name.startsWith('.');

export const settingsAllowedHostsWildcard = settingRule({
  id: 'SETTINGS3',
  guideRules: [10],
  level: 'error',
  ours: 'Wildcards are refused at synth',
  cause: 'ALLOWED_HOSTS has a wildcard (* or a leading dot).',
  explanation:
    'Wild card characters in the host names leave the dashboard open to attacks with fake Host ' +
    'headers: links that it makes then lead wherever an attacker likes.',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix: 'List the fully qualified host names that people use, one by one.',
  setting: 'ALLOWED_HOSTS',
  wrong: (value) => splitHosts(value).some(isWildcard),
  examples: ['*', '.example.org', '*.example.org'],
  // One known wildcard is enough, whatever the deployment adds.
  partial: (setting) => splitHosts(setting.text).some(isWildcard),
});
