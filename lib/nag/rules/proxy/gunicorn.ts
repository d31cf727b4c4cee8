import { GuidePage } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

// A worker class other than sync.
const CLASS =
  /(^|[\s"'=])(-k|--worker-class)[\s=]+["']?(?!sync\b)[A-Za-z]|(^|[\s"'=])-k(gevent|eventlet|gthread|tornado)\b|^\s*worker_class\s*=\s*["'](?!sync["'])/;
const COUNTED = /(^|\s)((-w|--workers|-c|--config)[\s=]|-w\d|-c[\w./])/;
const STARTS = /(^|[\s/])gunicorn3?\s.*\S/;
// Commands that contain the word but do not start gunicorn.
const OTHER = /\b(install|systemctl|service|chown|mkdir|cat|cp|mv|rm|echo|grep|which|pip3?)\b/;

export const proxyGunicorn = scriptRule({
  id: 'PROXY3',
  guideRules: [8],
  level: 'warning',
  ours: 'sync workers; by default four per vCPU, fewer on hosts with little memory',
  cause: 'gunicorn does not use sync workers, or runs with its default of one worker.',
  explanation:
    'The guide recommends gunicorn with synchronous workers. Horizon is not written for ' +
    'cooperative workers (gevent, eventlet) or threads (gthread), which also bring no benefit ' +
    'behind nginx. A single worker handles only one request at a time.',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix: 'Remove the worker class, and set the number of workers (--workers).',
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
