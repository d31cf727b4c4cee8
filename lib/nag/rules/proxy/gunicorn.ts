import { GuidePage } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

// A class that was chosen, and is not sync.
const CLASS =
  /(^|[\s"'=])(-k|--worker-class)[\s=]+["']?(?!sync\b)[A-Za-z]|(^|[\s"'=])-k(gevent|eventlet|gthread|tornado)\b|^\s*worker_class\s*=\s*["'](?!sync["'])/;
const COUNTED = /(^|\s)((-w|--workers|-c|--config)[\s=]|-w\d|-c[\w./])/;
const STARTS = /(^|[\s/])gunicorn3?\s.*\S/;
// Not the start of anything, though the word stands there.
const OTHER = /\b(install|systemctl|service|chown|mkdir|cat|cp|mv|rm|echo|grep|which|pip3?)\b/;

export const proxyGunicorn = scriptRule({
  id: 'PROXY3',
  guideRules: [8],
  level: 'warning',
  ours: 'sync workers, four per vCPU unless memory or the site says otherwise',
  cause: 'gunicorn does not run with sync workers, or their number is left to its default of one.',
  explanation:
    'The guide recommends gunicorn with synchronous workers. Horizon is not written for cooperative ' +
    'ones (gevent, eventlet), nor for threads (gthread), behind nginx they gain nothing, and one ' +
    'worker answers one request at a time.',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix: 'Leave out the worker class, and set the number of workers on purpose (--workers).',
  wrong: ({ lines, text }) => {
    if (!/\bgunicorn|^\s*worker_class/m.test(text)) {
      return false;
    }
    const counted = /\b(WEB_CONCURRENCY|GUNICORN_WORKERS|GUNICORN_CMD_ARGS)=/.test(text);
    return commandsIn(lines).some(
      (command) =>
        CLASS.test(command) ||
        (STARTS.test(command) &&
          /\S+:\w+|\bwsgi\b/.test(command) &&
          !OTHER.test(command) &&
          !counted &&
          !COUNTED.test(command)),
    );
  },
});
