import { isPlainUrl, startsWithHttps } from '../../../contract/urls';
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
  wrong: (value) => !startsWithHttps(value),
  // The scheme is often literal even if the host is not.
  partial: (setting) => isPlainUrl(setting.text),
  examples: ['', 'http://keystone.example.org:5000/v3', 'keystone.example.org'],
  matters: ({ text }) => !startsWithHttps(text),
  absent: () => true,
});

/** In a list of Python, or in a text with commas. */
function hasPlainUrl(pairs: string): boolean {
  return pairs.split(/[,"'()[\]]/).some(isPlainUrl);
}

// Pairs of an address and a name, from which users choose on the login page.
const ofRegions = settingRule({
  ...keystone,
  setting: 'AVAILABLE_REGIONS',
  wrong: hasPlainUrl,
  partial: (setting) => hasPlainUrl(setting.text),
});

export const httpsKeystone: Rule = {
  ...keystone,
  check(resource, facts) {
    const [one, other] = [keystone, ofRegions].map((rule) => rule.check(resource, facts));
    return one && other ? [...new Set([...one, ...other])] : (one ?? other);
  },
};
