import { GuidePage } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

export const proxyApplicationServer = scriptRule({
  id: 'PROXY1',
  guideRules: [6],
  level: 'error',
  ours: 'gunicorn behind nginx, on a Unix socket',
  cause:
    "Django's development server runs the dashboard, or gunicorn listens on a web server's " +
    'port.',
  explanation:
    'The WSGI application must run behind an HTTPS proxy. The development server is not built ' +
    'to be secure, and without a proxy gunicorn has no protection against slow clients.',
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
