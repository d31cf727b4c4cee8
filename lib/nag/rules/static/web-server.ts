import { Facts } from '../../dashboard/facts';
import { installs } from '../../dashboard/scripts';
import { GuidePage } from '../../pack/rule';
import { blocks, directives, namesOf } from '../../reading/nginx';
import { scriptRule } from '../kinds/script-rule';

const STATIC = /^([=~^*]+\s*)?["']?\^?\/((dashboard|horizon)\/)?static\b/;
const LOCAL = /^https?:\/\/(unix:|127\.|localhost\b|\[::1\])/;

/** Whether a server for the static media name forwards everything to the application. */
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

/** Whether nginx forwards static media to the application. Other web servers are not checked. */
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
  ours: 'nginx serves the files, with Cache-Control for one year on names that contain a hash',
  cause: 'The application serves static media instead of the web server.',
  explanation:
    'In the words of the guide, static media is directly served from the web server and ' +
    'already benefits from web host caching. Each file that the application serves keeps a ' +
    'worker busy, and is sent without the headers that browsers need to cache it.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Serve /static/ from nginx (root or alias), and remove WhiteNoise.',
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
