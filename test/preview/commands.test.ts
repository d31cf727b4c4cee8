// The commands for a preview that runs, and the page that describes them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, COMMANDS } from '../../preview/control/commands';
import type { Preview } from '../../preview/control/preview';
import { ROOT } from '../unit/fixtures';

const HOSTS = ['dashboard-1', 'dashboard-2'].map((name, index) => ({
  ...{ id: `i-${index + 1}`, name, role: 'dashboard', running: true },
  ...{ lifecycle: 'InService', console: `/run/${name}.log` },
}));

/** Runs a command on a preview that only notes what is asked of it. */
async function run(...args: string[]): Promise<{ calls: unknown[][]; said: string[] }> {
  const calls: unknown[][] = [];
  const said: string[] = [];
  const members = HOSTS.map(({ id }) => ({ instance: id, lifecycle: 'InService' }));
  const answers: Record<string, unknown> = {
    hosts: HOSTS,
    targets: [{ instance: 'i-1', health: 'healthy' }],
    groups: { dashboard: { desired: 2, members } },
    cacheNodes: ['0001.cache', '0002.cache'],
    exec: 'nginx 1.26\n',
    logEvents: [{ message: 'one' }, { message: 'two' }],
  };
  const preview = {
    plan: { hosts: [{ role: 'dashboard' }] },
    call: (method: string, ...rest: unknown[]) => {
      calls.push([method, ...rest]);
      return Promise.resolve(answers[method]);
    },
    deploy: (file: string) => {
      calls.push(['deploy', file]);
      return Promise.resolve();
    },
    inService: () => Promise.resolve(),
  } as unknown as Preview;
  const [name, ...rest] = args;
  const say = (text: string) => void said.push(text);
  await commandOf(name).run({ preview, args: rest, folder: '/home/me', say });
  return { calls, said };
}

test('hosts are listed with their state and the file of their console', async () => {
  const { said } = await run('hosts');
  expect(said.map((line) => line.split(/ +/))).toEqual([
    ['dashboard-1', 'i-1', 'InService', 'healthy', '/run/dashboard-1.log'],
    ['dashboard-2', 'i-2', 'InService', '-', '/run/dashboard-2.log'],
  ]);
});

test.each<[string[], unknown[]]>([
  [['refresh'], ['refresh', 'dashboard']],
  [
    ['refresh', 'dashboard'],
    ['refresh', 'dashboard'],
  ],
  [
    ['terminate', 'dashboard-2'],
    ['terminateInGroup', 'i-2'],
  ],
  [
    ['terminate', 'i-1'],
    ['terminateInGroup', 'i-1'],
  ],
  [
    ['scale', 'dashboard', '3'],
    ['scale', 'dashboard', 3],
  ],
  [
    ['deploy', 'next/a.json'],
    ['deploy', '/home/me/next/a.json'],
  ],
  [
    ['run', 'dashboard-1', 'dpkg-query', '-W', 'nginx'],
    ['exec', 'i-1', ['dpkg-query', '-W', 'nginx']],
  ],
  [
    ['latency', 'all', '30'],
    ['latency', 30],
  ],
  [
    ['latency', 'nova', '200'],
    ['serviceLatency', 'nova', 200],
  ],
  [
    ['fault', 'cinder', '500'],
    ['serviceFault', 'cinder', 500],
  ],
  [
    ['fault', 'keystone', 'hang'],
    ['serviceFault', 'keystone', 'hang'],
  ],
  [
    ['fault', 'cinder', 'none'],
    ['serviceFault', 'cinder', undefined],
  ],
  [['logs'], ['logEvents', undefined]],
  [
    ['logs', 'dashboard-1'],
    ['logEvents', 'i-1'],
  ],
])('%j does what it should', async (args, call) => {
  expect((await run(...args)).calls).toContainEqual(call);
});

test('a rotation has a new secret each time, as the page on rotation generates it', async () => {
  const [one, other] = await Promise.all([run('rotate'), run('rotate')]);
  expect(one.calls).toEqual([['rotateSecrets', expect.stringMatching(/^[A-Za-z0-9]{96}$/)]]);
  expect(other.calls).not.toEqual(one.calls);
});

test('a node that fails is replaced', async () => {
  jest.useFakeTimers();
  const ran = run('fail-node', '0002.cache');
  await jest.advanceTimersByTimeAsync(30000);
  expect((await ran).calls).toEqual([
    ['cacheNode', '0002.cache', 'kill'],
    ['cacheNode', '0002.cache', 'start'],
  ]);
  jest.useRealTimers();
});

test.each([
  [['refresh', 'database'], "the role of hosts must be dashboard, got 'database'"],
  [['terminate', 'x'], "the host must be one of dashboard-1, dashboard-2, got 'x'"],
  [['scale', 'dashboard'], "scale must get a number of hosts, got ''"],
  [['latency', 'nova'], "latency must get a service and milliseconds, got ''"],
  [
    ['fault', 'nova', '200'],
    "the fault must be none, hang, refuse, drop, or a status from 400 to 599, got '200'",
  ],
  [['deploy'], 'deploy must get the file of a template, got none'],
  [['run', 'dashboard-1'], 'run must get a host and a command, got no command'],
])('%j is refused in a sentence', async (args, message) => {
  await expect(run(...args)).rejects.toThrow(message);
});

test('the page has every command with its arguments, and no other', () => {
  const page = readFileSync(join(ROOT, 'docs/preview.md'), 'utf8');
  const named = [...page.matchAll(/^\| `([a-z-]+(?: [^`]+)?)` +\|/gm)].map(([, usage]) => usage);
  expect(named).toEqual(Object.values(COMMANDS).map(({ usage }) => usage));
});
