import { blocks } from '../nginx';
import { GuidePage } from '../rule';
import { installs, scriptRule } from '../script-rule';

export const staticWebServer = scriptRule({
  id: 'STATIC1',
  guideRules: [21],
  level: 'warning',
  ours: 'nginx serves files, with a year of Cache-Control on names that have a hash',
  cause: 'The application serves static media, not the web server.',
  explanation:
    'In the words of the guide, static media is directly served from the web server and already ' +
    'benefits from web host caching. Each file that the application serves keeps a worker from ' +
    'answering anybody else, and has none of the headers that browsers cache by.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Serve /static/ from nginx (root or alias), and leave whitenoise out.',
  wrong: (script) => {
    const { text } = script;
    return (
      /["']whitenoise\.[\w.]+["']/.test(text) ||
      installs(script, /whitenoise|python3-whitenoise/) ||
      blocks(text, 'location').some(
        ({ head, body }) =>
          /^([=~^*]+\s*)?["']?\^?\/(static|dashboard\/static|horizon\/static)\b/.test(head) &&
          /\b(proxy_pass|uwsgi_pass)\s/.test(body) &&
          // A tier of its own for static media is a web server too.
          !/\bproxy_pass\s+https:\/\//.test(body),
      )
    );
  },
});
