import { CORS_TYPES, allowedOrigins } from '../../dashboard/cors';
import { memo } from '../../dashboard/memo';
import { HOST_TYPES, LISTENER } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { hasHole } from '../../template/text';

export const corsOtherOrigin: Rule = {
  id: 'CORS2',
  guideRules: [42],
  level: 'error',
  ours: "Only the dashboard's origin",
  cause: "Access-Control-Allow-Origin names an origin other than the dashboard's.",
  explanation:
    'A site that the header names can read the response, so the header must name only the ' +
    "dashboard. (The guide's sample ends with a slash. An origin has no trailing slash, and " +
    'with one browsers allow no site at all.)',
  page: GuidePage.CORS,
  fix:
    "Set the header to the dashboard's origin alone: https:// and its name, without a trailing " +
    'slash.',
  types: [...HOST_TYPES, LISTENER, ...CORS_TYPES],
  check(resource, facts) {
    const found = allowedOrigins(resource, facts);
    if (!found) {
      return undefined;
    }
    // If a name is not known at synth time, any origin may be the dashboard's.
    const known = areKnown(facts);
    return found
      .filter(({ origin }) => {
        const text = origin.trim().toLowerCase();
        if (text === '*' || /^https?:\/\/\*$/.test(text)) {
          return false;
        }
        // A variable of nginx or the shell, or a value that is not known at synth time.
        if (text === '' || /[$`\uE000@]/.test(text)) {
          return false;
        }
        if (/^(https?:\/\/[^/]+)\/+$/.test(text)) {
          return true;
        }
        if (!known || facts.names.size === 0) {
          return false;
        }
        return ![...facts.names].some((name) => text.replace(/:443$/, '') === `https://${name}`);
      })
      .map(({ location }) => location)
      .filter((location, index, all) => all.indexOf(location) === index);
  },
};

/** Whether all names of the dashboard are known from its hosts. */
const areKnown = memo((facts) =>
  [...facts.hosts.values()].every(({ sources }) =>
    sources.every(({ settings }) => {
      const hosts = settings.get('ALLOWED_HOSTS');
      return !hosts || (!hosts.dynamic && !hasHole(hosts.text));
    }),
  ),
);
