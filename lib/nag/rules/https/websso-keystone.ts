import { isPlainUrl, startsWithHttps } from '../../../contract/urls';
import { GuidePage, Rule } from '../../pack/rule';
import { SettingRule, settingRule } from '../kinds/setting-rule';

const OPTIONS: Omit<SettingRule, 'setting'> = {
  id: 'HTTPS17',
  guideRules: [51],
  level: 'error',
  ours: 'An http:// URL for Keystone in webSso is rejected at synth time',
  cause: 'WebSSO sends browsers to Keystone without TLS.',
  explanation:
    'At the end of a login, a page at this address passes the token of the user to the dashboard. ' +
    'Anyone on the way can read it, or replace the page.',
  page: GuidePage.TLS,
  fix: 'Give Keystone an HTTPS endpoint for browsers, and set WEBSSO_KEYSTONE_URL and WEBSSO_DEFAULT_REDIRECT_REGION to its https:// address.',
  wrong: isPlainUrl,
  // The scheme is often literal even if the host is not.
  partial: (setting) => isPlainUrl(setting.text),
  examples: ['http://keystone.example.org:5000/v3'],
  matters: ({ text }) => !startsWithHttps(text),
};

const forBrowsers = settingRule({ ...OPTIONS, setting: 'WEBSSO_KEYSTONE_URL' });

// Where the login page redirects without showing a form.
const ofRedirect = settingRule({ ...OPTIONS, setting: 'WEBSSO_DEFAULT_REDIRECT_REGION' });

export const httpsWebSsoKeystone: Rule = {
  ...forBrowsers,
  check(resource, facts) {
    const [one, other] = [forBrowsers, ofRedirect].map((rule) => rule.check(resource, facts));
    return one && other ? [...new Set([...one, ...other])] : (one ?? other);
  },
};
