import { HOST_TYPES, LISTENER } from '../../dashboard/resource-types';
import { scriptsOf } from '../../dashboard/scripts';
import { GuidePage, Rule } from '../../pack/rule';
import { headers } from '../../reading/nginx';
import { hasHole, isFalse, known } from '../../template/text';
import { place } from '../kinds/setting-rule';
import { HSTS_ATTRIBUTE, HSTS_HEADER, attribute, maxAge } from './hsts';

const YEAR = 31536000;

/** Whether HSTS is on, but shorter than a year or without subdomains. */
function isShort(value: string): boolean {
  if (hasHole(value) || value.includes('$')) {
    return false;
  }
  const seconds = maxAge(value);
  return (
    seconds !== undefined && seconds > 0 && (seconds < YEAR || !/includeSubDomains/i.test(value))
  );
}

export const httpsHstsYear: Rule = {
  id: 'HTTPS8',
  guideRules: [58],
  level: 'warning',
  ours: 'One year, with subdomains',
  cause:
    'HTTP Strict Transport Security (HSTS) lasts less than a year or does not include ' +
    'subdomains.',
  explanation:
    'After each visit, a browser insists on HTTPS for max-age seconds. A user who comes back ' +
    'later is open to a downgrade attack again, and so is a subdomain that is not included. ' +
    'The guide recommends one year with subdomains, reached in steps.',
  page: GuidePage.HTTPS,
  fix: 'Raise max-age in steps to 31536000, and add includeSubDomains.',
  types: [...HOST_TYPES, LISTENER],
  check(resource, facts) {
    if (resource.type === LISTENER) {
      const value = attribute(resource, HSTS_ATTRIBUTE);
      if (!facts.listeners.has(resource) || value === undefined) {
        return undefined;
      }
      return isShort(value) ? ['Properties.ListenerAttributes'] : [];
    }
    const sources = facts.hosts.get(resource)?.sources;
    // On a machine that is not a dashboard, it is not known which site is the dashboard's.
    if (!sources) {
      return undefined;
    }
    const settings = sources
      .filter((source) => {
        const age = Number(known(source.settings.get('HSTS_MAX_AGE')) ?? YEAR);
        const subdomains = known(source.settings.get('HSTS_INCLUDE_SUBDOMAINS'));
        return age > 0 && (age < YEAR || (subdomains !== undefined && isFalse(subdomains)));
      })
      .map((source) => place(source, 'HSTS_MAX_AGE'));
    const scripts = scriptsOf(resource, facts)
      .filter(({ text }) => headers(text, HSTS_HEADER).some(isShort))
      .map(({ location }) => location);
    return [...new Set([...settings, ...scripts])];
  },
};
