import { GuidePage } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

export const proxyApplicationServer = scriptRule({
  id: 'PROXY1',
  guideRules: [6],
  level: 'error',
  ours: 'gunicorn behind nginx, on a Unix socket',
  cause:
    "Django's development server runs the dashboard, or gunicorn stands at a web server's port.",
  explanation:
    'The WSGI application stands behind an HTTPS proxy. The development server is not made to be ' +
    'secure, and gunicorn is helpless against slow clients without a proxy before it.',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix: 'Run the dashboard under gunicorn on a Unix socket, behind nginx with HTTPS.',
  wrong: ({ lines }) =>
    commandsIn(lines).some(
      (command) =>
        /\b(manage\.py|django-admin)\b.*\s(runserver|testserver)\b/.test(command) ||
        // Horizon's own tox.ini has an environment for it.
        /\btox\b.*\s-e[\s=]*runserver\b/.test(command) ||
        (/(^|[\s/])gunicorn3?\s/.test(command) &&
          /(^|\s)(-b|--bind)[\s=]+["']?[^\s"'/]*:(80|443)["']?(\s|$)/.test(command)),
    ),
});
