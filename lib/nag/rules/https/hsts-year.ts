import { HOST_TYPES, LISTENER } from '../../dashboard/resource-types';
import { scriptsOf } from '../../dashboard/scripts';
import { GuidePage, Rule } from '../../pack/rule';
import { headers } from '../../reading/nginx';
import { hasHole, isFalse, known } from '../../template/text';
import { place } from '../kinds/setting-rule';
import { HSTS_ATTRIBUTE, HSTS_HEADER, attribute, maxAge } from './hsts';

const YEAR = 31536000;

/** Whether HSTS is on, and ends sooner than in a year or leaves subdomains out. */
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
  ours: 'A year, with subdomains',
  cause: 'HTTP Strict Transport Security (HSTS) lasts less than a year, or leaves out subdomains.',
  explanation:
    'With each visit browsers insist on HTTPS for max-age seconds more: who comes back later than ' +
    'that is open to a downgrade again, and so is a subdomain that is not included. The guide wants ' +
    'a year with subdomains, reached in steps.',
  page: GuidePage.HTTPS,
  fix: 'Raise max-age step by step to 31536000 and add includeSubDomains.',
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
    // Of a machine that is no dashboard nobody knows which of its sites is meant.
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
