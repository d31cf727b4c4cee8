import { CORS_TYPES, allowedOrigins } from '../../dashboard/cors';
import { HOST_TYPES, LISTENER } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';

export const corsAnyOrigin: Rule = {
  id: 'CORS1',
  guideRules: [43],
  level: 'error',
  ours: 'Static hosts name the origin of the dashboard; the dashboard sends no such header',
  cause: 'Access-Control-Allow-Origin is *: any site may read what the browser gets.',
  explanation:
    'The guide never wants the wild card: every site that somebody visits could then fetch from the ' +
    'dashboard, or from its static media, and read the answer.',
  page: GuidePage.CORS,
  fix: "Name the dashboard's origin, https:// and its name, without a slash at the end.",
  types: [...HOST_TYPES, LISTENER, ...CORS_TYPES],
  check(resource, facts) {
    const found = allowedOrigins(resource, facts);
    return found
      ?.filter(({ origin }) => origin.trim() === '*' || /^https?:\/\/\*$/.test(origin.trim()))
      .map(({ location }) => location);
  },
};
