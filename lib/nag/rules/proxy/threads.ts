import { Script } from '../../dashboard/scripts';
import { OwnSource } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

const many = (count: string | undefined): boolean => Number(count ?? 1) > 1;

/** gunicorn with threads. PROXY3 reports the worker class `gthread`. */
function gunicorn({ lines, text }: Script): boolean {
  if (!/gunicorn|^\s*wsgi_app\b/m.test(text)) {
    return false;
  }
  if (
    /(-k|--worker-class)[\s=]+["']?(?!sync\b)\w|^\s*worker_class\s*=\s*["'](?!sync)/m.test(text)
  ) {
    return false;
  }
  return commandsIn(lines).some((command) =>
    many(
      (/gunicorn/i.test(command) && /\s--threads[\s=]+(\d+)/.exec(command)?.[1]) ||
        /^\s*threads\s*=\s*(\d+)\s*$/.exec(command)?.[1] ||
        /\bGUNICORN_THREADS=["']?(\d+)/.exec(command)?.[1],
    ),
  );
}

function uwsgi({ lines, text }: Script): boolean {
  if (!/uwsgi/i.test(text)) {
    return false;
  }
  return commandsIn(lines).some((command) =>
    many(
      (/\buwsgi\b/.test(command) && /\s--threads[\s=]+(\d+)/.exec(command)?.[1]) ||
        /^\s*["']?threads["']?\s*[:=]\s*["']?(\d+)["']?,?\s*$/.exec(command)?.[1] ||
        /\bUWSGI_THREADS=["']?(\d+)/.exec(command)?.[1],
    ),
  );
}

/** Mod_wsgi has 15 threads per process by default. */
function modWsgi({ lines, text }: Script): boolean {
  if (!/WSGIDaemonProcess/i.test(text)) {
    return false;
  }
  const daemons = lines.flatMap((line) => /WSGIDaemonProcess\s+(\S.*)$/i.exec(line)?.[1] ?? []);
  return daemons.some((daemon) => {
    // Keystone and other services may be on the same host.
    const isDashboard = /horizon|dashboard/i.test(daemon) || daemons.length === 1;
    const threads = /\bthreads=["']?([^\s"']+)/.exec(daemon)?.[1] ?? '15';
    return isDashboard && many(threads);
  });
}

export const proxyThreads = scriptRule({
  id: 'PROXY8',
  guideRules: [],
  level: 'warning',
  ours: 'Each gunicorn worker is a process with one thread',
  cause: 'The dashboard runs in several threads of one process (gunicorn, uWSGI or mod_wsgi).',
  explanation:
    'Horizon is not thread-safe: concurrent requests share table actions and policy rules. ' +
    'Under load, pages fail with HTTP 500, and after a start users without the role see the ' +
    "administrators' navigation.",
  page: OwnSource.HORIZON_ACTIONS,
  fix: 'Set threads to 1 (WSGIDaemonProcess … threads=1), and use more processes instead.',
  wrong: (script) => gunicorn(script) || uwsgi(script) || modWsgi(script),
});
