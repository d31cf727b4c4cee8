import { CORS_TYPES, allowedOrigins } from '../../dashboard/cors';
import { memo } from '../../dashboard/memo';
import { HOST_TYPES, LISTENER } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { hasHole } from '../../template/text';

export const corsOtherOrigin: Rule = {
  id: 'CORS2',
  guideRules: [42],
  level: 'error',
  ours: 'The origin of the dashboard alone',
  cause: "Access-Control-Allow-Origin names another origin than the dashboard's.",
  explanation:
    'A site that the header names may read what the browser gets. It names the dashboard alone. ' +
    "(The guide's sample ends with a slash; an origin has none, and browsers then allow nobody.)",
  page: GuidePage.CORS,
  fix: "Name the dashboard's origin alone, https:// and its name, without a slash at the end.",
  types: [...HOST_TYPES, LISTENER, ...CORS_TYPES],
  check(resource, facts) {
    const found = allowedOrigins(resource, facts);
    if (!found) {
      return undefined;
    }
    // Where a name is only known to the deployment, any origin may be the dashboard's.
    const known = areKnown(facts);
    return found
      .filter(({ origin }) => {
        const text = origin.trim().toLowerCase();
        if (text === '*' || /^https?:\/\/\*$/.test(text)) {
          return false;
        }
        // A variable of nginx or of a shell, or a value of the deployment.
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

/** Whether hosts say all names of the dashboard. */
const areKnown = memo((facts) =>
  [...facts.hosts.values()].every(({ sources }) =>
    sources.every(({ settings }) => {
      const hosts = settings.get('ALLOWED_HOSTS');
      return !hosts || (!hosts.dynamic && !hasHole(hosts.text));
    }),
  ),
);
