import type { HostState, Preview } from '../../../preview';
import { sleep, until } from '../../../preview/shared/run';
import { measure, must } from '../harness/checks';
import type { Visitor } from '../harness/visitors';

const LINES = 2000;
const APPLICATION = 'openstack-dashboard.service';

interface Event {
  readonly unit: string;
  readonly identifier: string;
  readonly message?: string;
  readonly data?: { readonly forged?: number };
}

async function events(preview: Preview, host?: HostState): Promise<Event[]> {
  const shipped = await preview.call('logEvents', host?.id);
  return shipped.map(({ message }) => JSON.parse(message) as Event);
}

const bash = (preview: Preview, host: HostState, script: string) =>
  preview.call('exec', host.id, ['/bin/bash', '-c', script]);

/** Memory of the program that sends logs, in MiB: at the moment and at most. */
async function memory(preview: Preview, host: HostState): Promise<{ now: number; most: number }> {
  const status = await bash(
    preview,
    host,
    'cat /proc/$(systemctl show -P MainPID openstack-dashboard-logs.service)/status',
  );
  const value = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Infinity) / 1024;
  return { now: value('VmRSS'), most: value('VmHWM') };
}

/** What CloudWatch Logs has after all that happened, after an outage of it, and of a host that is gone. */
export async function logs(
  preview: Preview,
  hosts: readonly HostState[],
  visitors: readonly Visitor[],
  seconds: number,
): Promise<void> {
  const [host] = hosts;
  const mark = `mark-${Date.now()}`;
  const numbers = async (): Promise<number[]> =>
    (await events(preview, host)).flatMap(({ message = '' }) =>
      message.startsWith(`${mark} `) ? [Number(message.split(' ')[1])] : [],
    );
  const before = await memory(preview, host);
  await preview.call('outage', 'logs', 'drop');
  const count = `for ((n = 0; n < ${LINES}; n++)); do echo "${mark} $n"; done`;
  await bash(preview, host, `${count} | systemd-cat -t test`);
  await sleep(seconds * 1000);
  must((await numbers()).length === 0, 'there was no outage');
  await preview.call('outage', 'logs');
  const back = Date.now();
  await until('all lines arrive', 150, async () => (await numbers()).length >= LINES);
  measure(`until all lines of an outage of ${seconds} s arrived`, (Date.now() - back) / 1000, 's');
  const arrived = await numbers();
  const missing = LINES - new Set(arrived).size;
  measure('lines of an outage lost', missing, '', 0);
  measure('lines of an outage sent twice', arrived.length - LINES, '', 0);
  must(missing === 0 && arrived.length === LINES, `${missing} lines are missing`);
  must(
    arrived.every((number, index) => number === index),
    'lines are not in order',
  );
  const after = await memory(preview, host);
  measure('memory of ship-logs before the outage', before.now, 'MiB');
  measure('memory of ship-logs at most', after.most, 'MiB', 40);
  must(after.most < 40, `ship-logs took ${after.most} MiB`);

  const failing = visitors[0];
  await failing.login('wrong').catch(() => undefined);
  await until('a failed login is in the logs, as the metric filter expects it', 180, async () =>
    (await events(preview)).some(
      ({ unit, message = '' }) => unit === APPLICATION && message.includes('Login failed for user'),
    ),
  );

  // The last lines of a host that is terminated.
  await bash(preview, host, `echo "${mark} last words" | systemd-cat -t test`);
  const terminated = Date.now();
  await preview.call('terminate', host.id);
  measure('a host took to shut down', (Date.now() - terminated) / 1000, 's');
  const last = await events(preview, host);
  must(
    last.some(({ message }) => message === `${mark} last words`),
    `the last line is ${last.at(-1)?.message}`,
  );
  must(
    last.some(({ message = '' }) => /Stopped nginx\.service|Stopped .*HTTP/i.test(message)),
    'the end of nginx is not in the logs',
  );

  const all = await preview.call('logEvents');
  const text = all.map(({ message }) => message).join('\n');
  measure('events shipped', all.length, '');
  measure('of these, bytes', text.length / 2 ** 20, 'MiB');
  measure('log streams', new Set(all.map(({ stream }) => stream)).size, '');
  const secrets = visitors.flatMap(({ jar }) =>
    Object.values(jar).filter((value) => value.length >= 20),
  );
  must(secrets.length >= visitors.length, 'there are no cookies to look for');
  const found = ['gAAAA', preview.password, ...secrets].filter((secret) => text.includes(secret));
  measure('tokens, cookies and passwords in the logs', found.length, '', 0);
  must(found.length === 0, `found ${found[0]}`);
  must(!/"request":/.test(text), 'the access log was sent, which nobody asked for');
  must(!/\bGET \/api\//.test(text), 'requests were sent, which nobody asked for');
  // It was looked for in the right place: other lines of the same requests are there.
  must(text.includes('Login successful for user'), 'the log of the application is not there');
}
