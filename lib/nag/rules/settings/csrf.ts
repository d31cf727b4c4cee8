import { HOST_TYPES } from '../../dashboard/resource-types';
import { scriptsOf } from '../../dashboard/scripts';
import { GuidePage, Rule } from '../../pack/rule';
import { hasHole } from '../../template/text';
import { place } from '../kinds/setting-rule';

const CSRF = 'CsrfViewMiddleware';
// Lines that remove the middleware from a list or a file.
const REMOVES = [
  /\.remove\(\s*["'][^"']*CsrfViewMiddleware/,
  /\bsed\b.*CsrfViewMiddleware.*\/?d\b/,
  /\bfor\b.*\bif\b.*(!=|\bnot\s+in\b).*(CsrfViewMiddleware|["']Csrf)/,
  /\bif\b.*(CsrfViewMiddleware|["'][^"']*csrf\w*["']).*(!=|\bnot\s+in\b)/i,
  /(^|[\s@(,])csrf_exempt\b/,
];

export const settingsCsrf: Rule = {
  id: 'SETTINGS15',
  guideRules: [13],
  level: 'error',
  ours: 'The middleware is enabled; extraSettings cannot change the list',
  cause: "Django's protection against cross-site request forgery (CSRF) is disabled.",
  explanation:
    'Without the middleware, or with csrf_exempt, any site that a logged-in user visits can ' +
    'act on behalf of that user, because the browser sends the session cookie with the request.',
  page: GuidePage.HTTPS,
  fix: `Keep django.middleware.csrf.${CSRF} in MIDDLEWARE, and remove csrf_exempt.`,
  types: HOST_TYPES,
  check(resource, facts) {
    const sources = facts.hosts.get(resource)?.sources;
    if (!sources) {
      return undefined;
    }
    const places = sources
      .filter(({ settings }) => {
        const list = settings.get('MIDDLEWARE');
        // A complete list, with all entries known.
        return (
          list !== undefined &&
          !list.dynamic &&
          !hasHole(list.text) &&
          list.text.includes('.') &&
          !list.text.includes(CSRF)
        );
      })
      .map((source) => place(source, 'MIDDLEWARE'));
    const scripts = scriptsOf(resource, facts)
      .filter(
        ({ lines, text }) =>
          /csrf/i.test(text) &&
          lines.some(
            (line) =>
              !/^\s*(from|import)\b/.test(line) && REMOVES.some((pattern) => pattern.test(line)),
          ),
      )
      .map(({ location }) => location);
    return [...new Set([...places, ...scripts])];
  },
};
