import { GuidePage } from '../rule';
import { settingRule } from '../setting-rule';

export const httpsKeystone = settingRule({
  id: 'HTTPS5',
  guideRules: [51],
  level: 'error',
  ours: 'An http:// URL of Keystone is refused at synth',
  cause: 'The dashboard reaches Keystone without TLS (OPENSTACK_KEYSTONE_URL).',
  explanation: 'Every login sends its password to Keystone, and gets a token back.',
  page: GuidePage.TLS,
  fix: 'Give Keystone an HTTPS endpoint, and OPENSTACK_KEYSTONE_URL its https:// address.',
  setting: 'OPENSTACK_KEYSTONE_URL',
  wrong: (value) => !/^https:\/\/./i.test(value.trim()),
  // The scheme is often literal where the host is not.
  partial: (setting) => /^\s*http:/i.test(setting.text),
  examples: ['', 'http://keystone.example.org:5000/v3', 'keystone.example.org'],
  matters: ({ text }) => !/^\s*https:\/\//i.test(text),
  absent: () => true,
});
