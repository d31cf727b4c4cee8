import { Facts } from '../../dashboard/facts';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource } from '../../template/template';
import { place } from '../kinds/setting-rule';

const NAMES = ['SESSION_COOKIE_DOMAIN', 'CSRF_COOKIE_DOMAIN', 'LANGUAGE_COOKIE_DOMAIN'];

export const settingsCookieDomain: Rule = {
  id: 'SETTINGS14',
  guideRules: [40],
  level: 'error',
  ours: 'No domain: cookies go only to the host that set them',
  cause: 'The domain of a cookie starts with a dot.',
  explanation:
    'Browsers send a cookie for .example.org to every site below example.org, so each of those ' +
    'sites gets the session of any user who visits it.',
  page: GuidePage.COOKIES,
  fix: 'Remove SESSION_COOKIE_DOMAIN and CSRF_COOKIE_DOMAIN.',
  types: HOST_TYPES,
  check(resource: Resource, facts: Facts) {
    const sources = facts.hosts.get(resource)?.sources;
    if (!sources) {
      return undefined;
    }
    return sources.flatMap((source) =>
      NAMES.filter((name) => {
        const setting = source.settings.get(name);
        if (setting?.dynamic || setting?.text.trim().startsWith('\uE000')) {
          facts.unknown(place(source, name));
        }
        // The leading dot is enough, even if the rest is unknown.
        return setting !== undefined && !setting.dynamic && /^\s*\./.test(setting.text);
      }).map((name) => place(source, name)),
    );
  },
};
