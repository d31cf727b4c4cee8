import type { Browser } from 'playwright-core';
import type { HostState, Preview } from '../../../preview';
import type { Visitor, Way } from '../harness/visitors';

/** What attacks find, one after the other. */
export interface Stage {
  readonly preview: Preview;
  /** Where the dashboard is reached. */
  readonly address: string;
  readonly way: Way;
  readonly hosts: HostState[];
  readonly staticHosts: HostState[];
  /** Users who are logged in. */
  readonly visitors: Visitor[];
  readonly browser: Browser;
}

/** Runs a script on a host as its root. */
export function asRoot({ preview }: Stage, host: HostState, script: string): Promise<string> {
  return preview.call('exec', host.id, ['/bin/bash', '-c', script]);
}

/**
 * Runs a script as code of an attacker in a running unit would: in its control group and its mounts,
 * as its user, with no capability.
 */
export function inUnit(
  stage: Stage,
  host: HostState,
  unit: string,
  user: string,
  script: string,
): Promise<string> {
  const enter = [
    `pid=$(systemctl show --property MainPID --value ${unit})`,
    '((pid))',
    'echo $$ >"/sys/fs/cgroup$(sed -n s/^0:://p /proc/$pid/cgroup)/cgroup.procs"',
    `exec nsenter --target "$pid" --mount setpriv --reuid ${user} --regid ${user} \\`,
    '  --clear-groups --no-new-privs --bounding-set -all --inh-caps -all /bin/bash -c "$0" 2>&1',
  ].join('\n');
  return stage.preview.call('exec', host.id, ['/bin/bash', '-ec', enter, script]);
}
