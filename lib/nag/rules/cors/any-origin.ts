import { CORS_TYPES, allowedOrigins } from '../../dashboard/cors';
import { HOST_TYPES, LISTENER } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';

export const corsAnyOrigin: Rule = {
  id: 'CORS1',
  guideRules: [43],
  level: 'error',
  ours: "Static hosts allow only the dashboard's origin; the dashboard does not send the header",
  cause: 'Access-Control-Allow-Origin is *: any site can read the response.',
  explanation:
    'The guide says never to use the wildcard: any site that a user visits could then send ' +
    'requests to the dashboard or its static media, and read the responses.',
  page: GuidePage.CORS,
  fix: "Set the header to the dashboard's origin: https:// and its name, without a trailing slash.",
  types: [...HOST_TYPES, LISTENER, ...CORS_TYPES],
  check(resource, facts) {
    const found = allowedOrigins(resource, facts);
    return found
      ?.filter(({ origin }) => origin.trim() === '*' || /^https?:\/\/\*$/.test(origin.trim()))
      .map(({ location }) => location);
  },
};
