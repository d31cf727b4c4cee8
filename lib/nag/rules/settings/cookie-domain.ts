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
  ours: 'No domain: cookies go to the host that set them',
  cause: 'The domain of a cookie has a leading dot.',
  explanation:
    'A cookie for .example.org goes to every site below example.org: each of them gets the session of ' +
    'whoever visits it.',
  page: GuidePage.COOKIES,
  fix: 'Leave SESSION_COOKIE_DOMAIN and CSRF_COOKIE_DOMAIN out.',
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
        // The dot is known, whatever comes after it.
        return setting !== undefined && !setting.dynamic && /^\s*\./.test(setting.text);
      }).map((name) => place(source, name)),
    );
  },
};
