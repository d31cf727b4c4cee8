import { Facts } from '../../dashboard/facts';
import { installs } from '../../dashboard/scripts';
import { GuidePage } from '../../pack/rule';
import { blocks, directives, namesOf } from '../../reading/nginx';
import { scriptRule } from '../kinds/script-rule';

const STATIC = /^([=~^*]+\s*)?["']?\^?\/((dashboard|horizon)\/)?static\b/;
const LOCAL = /^https?:\/\/(unix:|127\.|localhost\b|\[::1\])/;

/** Whether a server for the name of static media passes all of it on to the application. */
const passesAll = (text: string, { staticNames }: Facts): boolean =>
  blocks(text, 'server').some(({ body }) => {
    const names = namesOf(body);
    if (names.length === 0 || !names.every((name) => staticNames.has(name))) {
      return false;
    }
    const locations = blocks(body, 'location');
    return (
      !locations.some(({ head }) => STATIC.test(head)) &&
      locations
        .filter(({ head }) => head === '/')
        .some(({ body: inner }) => directives(inner, 'proxy_pass').some((to) => LOCAL.test(to)))
    );
  });

/** Whether nginx passes static media on to the application. Another web server is none. */
function serves(text: string): boolean {
  if (!/\/static\b/.test(text)) {
    return false;
  }
  const locations = blocks(text, 'location');
  const targets = locations
    .filter(({ head }) => head === '/')
    .flatMap(({ body }) => directives(body, 'proxy_pass'));
  return locations
    .filter(({ head }) => STATIC.test(head))
    .some(
      ({ body }) =>
        directives(body, 'uwsgi_pass').length > 0 ||
        directives(body, 'proxy_pass').some((to) => LOCAL.test(to) || targets.includes(to)),
    );
}

export const staticWebServer = scriptRule({
  id: 'STATIC1',
  guideRules: [21],
  level: 'warning',
  ours: 'nginx serves files, with a year of Cache-Control on names that have a hash',
  cause: 'The application serves static media, not the web server.',
  explanation:
    'In the words of the guide, static media is directly served from the web server and already ' +
    'benefits from web host caching. Each file that the application serves occupies a worker ' +
    'that answers nobody else meanwhile, and has none of the headers that browsers cache by.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Serve /static/ from nginx (root or alias), and leave whitenoise out.',
  wrong: (script, facts) => {
    const { text } = script;
    return (
      /["']whitenoise\.[\w.]+["']/.test(text) ||
      installs(script, /whitenoise|python3-whitenoise/) ||
      serves(text) ||
      passesAll(text, facts)
    );
  },
});
