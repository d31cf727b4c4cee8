import { GuidePage, Rule } from '../../pack/rule';
import { settingRule } from '../kinds/setting-rule';

const keystone = settingRule({
  id: 'HTTPS5',
  guideRules: [51],
  level: 'error',
  ours: 'An http:// URL for Keystone is rejected at synth time',
  cause: 'The dashboard reaches Keystone without TLS (OPENSTACK_KEYSTONE_URL).',
  explanation: "Every login sends the user's password to Keystone and receives a token.",
  page: GuidePage.TLS,
  fix: 'Give Keystone an HTTPS endpoint, and set OPENSTACK_KEYSTONE_URL to its https:// address.',
  setting: 'OPENSTACK_KEYSTONE_URL',
  wrong: (value) => !/^https:\/\/./i.test(value.trim()),
  // the scheme is often literal even if the host is not
  partial: (setting) => /^\s*http:/i.test(setting.text),
  examples: ['', 'http://keystone.example.org:5000/v3', 'keystone.example.org'],
  matters: ({ text }) => !/^\s*https:\/\//i.test(text),
  absent: () => true,
});

// pairs of an address and a name, from which users choose on the login page
const ofRegions = settingRule({
  ...keystone,
  setting: 'AVAILABLE_REGIONS',
  wrong: (value) => /(^|,)\s*http:/i.test(value),
  partial: (setting) => /(^|,)\s*http:/i.test(setting.text),
});

export const httpsKeystone: Rule = {
  ...keystone,
  check(resource, facts) {
    const [one, other] = [keystone, ofRegions].map((rule) => rule.check(resource, facts));
    return one && other ? [...new Set([...one, ...other])] : (one ?? other);
  },
};
