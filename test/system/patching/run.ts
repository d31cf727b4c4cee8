/**
 * Security updates come: the preview runs a dashboard whose hosts get packages from a repository of
 * its own. While users are at work, hosts install updates in place, hosts with updates of Django and
 * Horizon replace others, and an update that does not work is held back. Root, Linux. Usage: see HELP.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { withStack } from '../../../harness/stack';
import { HostState, Image, Preview } from '../../../preview';
import { sleep, until } from '../../../preview/shared/run';
import { Checks, measure, must, onStage, progress } from '../harness/checks';
import { expectNoException, start, Values, withPreview } from '../harness/program';
import { each, Steady, Visitor, Way } from '../harness/visitors';

const HELP = `usage: npm run test:patching -- [options]
  --full              300 sessions, and all dashboard hosts are replaced
  --sessions N        how many are logged in, default 60
  --rate N            steady requests a second, default 15
  --only REGEX        of the checks, only these
  --json FILE         write the measurements there
  --address ADDRESS   where the dashboard is reached, default 127.0.0.1
`;
const USERS = Array.from({ length: 9 }, (_, index) => `erika.mustermann.${index + 1}`);
const PACKAGES = ['nginx', 'libssl3t64', 'python3-django', 'python3-django-horizon'];
/** How long a request may take, in seconds. */
const REQUEST = 60;
const UNIT = 'openstack-dashboard-patch.service';
const CHANGES_OF_COPY =
  'p=$(pgrep -o -f "patch in-copy") && nsenter -t $p -m df -B1 --output=used /run/openstack-dashboard-copy | tail -n 1 || echo 0';
const SOURCES = 'deb [trusted=yes] http://packages.example/updates trixie-security main\n';

interface Stage {
  readonly preview: Preview;
  readonly visitors: Visitor[];
  readonly steady: Steady;
  /** The folder with the repository that hosts use. */
  readonly packages: string;
  /** The image with the repositories, and those with the updates of one installed. */
  readonly repositories: Image;
  readonly good: Image;
  readonly broken: Image;
  readonly full: boolean;
}

const FIRST = 'hosts of both tiers boot, and everybody logs in';
const CHECKS: Checks<Stage> = [
  ['an update with which nginx does not start stops before the first host, which says so', stopped],
  ['a new host that has it is not put into service, and says so', abandoned],
  ['hosts install nginx and OpenSSL in place, and leave Django and Horizon', inPlace],
  ['a second time there is nothing to do', nothing],
  ['new hosts bring Django and Horizon', replacement],
];

const run = (preview: Preview, { id }: HostState, ...command: string[]) =>
  preview.call('exec', id, command);

async function serving({ preview }: { readonly preview: Preview }): Promise<HostState[]> {
  return (await preview.call('hosts')).filter(
    ({ running, lifecycle }) => running && lifecycle === 'InService',
  );
}

/** The versions that a host has, and whether its programs run with them. */
async function versionsOf(preview: Preview, host: HostState): Promise<string[]> {
  const lines = await run(
    preview,
    host,
    'sh',
    '-c',
    'dpkg-query -W -f \'${Package} ${Version}\\n\' "$@" 2>/dev/null; true',
    'sh',
    ...PACKAGES,
  );
  const installed = new Map(lines.split('\n').map((line) => line.split(' ') as [string, string]));
  return PACKAGES.map((name) => installed.get(name) ?? '–');
}

/** The version of nginx that answers, and what its and gunicorn's processes have of replaced files. */
async function runningOf(preview: Preview, host: HostState) {
  const nginx = await run(
    preview,
    host,
    'sh',
    '-c',
    '/proc/$(cat /run/nginx.pid)/exe -v 2>&1 | sed s:.*/::',
  );
  const replaced = await run(
    preview,
    host,
    'sh',
    '-c',
    "for name in nginx gunicorn; do for pid in $(pgrep $name); do grep -h ' /usr/.*(deleted)' /proc/$pid/maps; done; done | sort -u; true",
  );
  return { nginx: nginx.trim(), replaced: replaced.trim() };
}

async function table(stage: Stage, when: string): Promise<void> {
  process.stdout.write(`          ${when}\n`);
  for (const host of await serving(stage)) {
    const versions = await versionsOf(stage.preview, host);
    const { nginx } = await runningOf(stage.preview, host);
    const cells = versions.map((version, index) => `${PACKAGES[index]} ${version}`);
    process.stdout.write(
      `          | ${host.name} | ${cells.join(' | ')} | runs nginx ${nginx} |\n`,
    );
  }
}

/** What hosts find from now on when they look for updates. */
function publish({ packages, repositories }: Stage, which: string): void {
  fs.rmSync(path.join(packages, 'updates'), { force: true });
  fs.symlinkSync(path.join(repositories.layers[0], 'srv/packages', which), `${packages}/updates`);
}

/** Users have noticed nothing since some time. */
async function unnoticed(stage: Stage, since: number, what: string): Promise<void> {
  const { preview, steady, visitors } = stage;
  await sleep(3000);
  const seen = steady.since(since);
  const failed = seen.filter(({ outcome }) => outcome === 'failed');
  const lost = visitors.filter((visitor) => visitor.lost);
  const out = (await preview.call('healthChanges')).filter(
    ({ at, health }) => at >= since && health === 'unhealthy',
  );
  measure(`${what}: requests`, seen.length, '');
  measure(`${what}: slowest`, Math.max(...seen.map(({ milliseconds }) => milliseconds)), 'ms');
  measure(`${what}: failed requests`, failed.length, '', 0);
  measure(`${what}: logouts`, lost.length, '', 0);
  must(seen.length > 20, `${seen.length} requests: it shows nothing`);
  must(failed.length === 0, `${failed.length} failed, such as ${failed[0]?.what}`);
  must(lost.length === 0, `${lost.length} have to log in again`);
  must(out.length === 0, `out of traffic: ${out.map(({ reason }) => reason).join(', ')}`);
}

/** Starts what the timer starts; gives what it said, in lines. */
async function patch(preview: Preview, host: HostState): Promise<string> {
  const since = Date.now() / 1000;
  // What the processes hold, and the changes of the copy, which are in memory.
  const memory = async () =>
    (await preview.call('memory', host.id)) +
    Number(await run(preview, host, 'sh', '-c', CHANGES_OF_COPY).catch(() => 0));
  const before = await memory();
  let peak = before;
  let running = true;
  const watch = (async () => {
    while (running) {
      peak = Math.max(peak, await memory());
      await sleep(100);
    }
  })();
  await run(preview, host, 'systemctl', 'start', UNIT).catch(() => '');
  running = false;
  await watch;
  const said = await run(
    preview,
    host,
    ...['journalctl', '-q', '-o', 'cat', '-u', UNIT, '--since', `@${Math.floor(since)}`],
  );
  measure(`${host.name}: time of a run`, Date.now() / 1000 - since, 's');
  measure(`${host.name}: memory of a run`, (peak - before) / 2 ** 20, 'MiB');
  return said;
}

async function stopped(stage: Stage): Promise<void> {
  const { preview } = stage;
  const since = Date.now();
  publish(stage, 'broken');
  const hosts = await serving(stage);
  // Each tries it at a time of its own.
  for (const host of [...hosts.slice(0, 1), ...hosts.slice(-1)]) {
    const before = await versionsOf(preview, host);
    const said = await patch(preview, host);
    const line = /openstack-dashboard: FAILED: .*/.exec(said)?.[0] ?? said;
    process.stdout.write(`          ${host.name}: ${line}\n`);
    must(/^openstack-dashboard: FAILED: patch-rehearsal: .*nginx .*security1/.test(line), said);
    must(preview.console(host).includes(line), 'it is not on its console');
    const after = await versionsOf(preview, host);
    must(after.join() === before.join(), `it has ${after.join(', ')}`);
    const { replaced } = await runningOf(preview, host);
    must(replaced === '', `${host.name} runs with ${replaced}`);
    const left = await run(preview, host, 'sh', '-c', 'ls -d /usr/sbin/policy-rc.d; true');
    must(left === '', `it left ${left}`);
  }
  await unnoticed(stage, since, 'broken update in place');
}

async function abandoned(stage: Stage): Promise<void> {
  const { preview, broken } = stage;
  const since = Date.now();
  const { id } = await preview.addHost({ role: 'dashboard', image: broken });
  const failure = await preview.signalled(id).then(
    () => '',
    (error: Error) => error.message,
  );
  process.stdout.write(`          ${failure}\n`);
  must(/FAILED: nginx: /.test(failure), `it says ${failure}`);
  const targets = await preview.call('targets');
  must(!targets.some(({ instance }) => instance === id), 'it was put into service');
  await unnoticed(stage, since, 'a new host with a broken update');
}

async function inPlace(stage: Stage): Promise<void> {
  const { preview } = stage;
  const since = Date.now();
  publish(stage, 'good');
  for (const host of await serving(stage)) {
    const before = await versionsOf(preview, host);
    const begun = Date.now();
    const said = await patch(preview, host);
    const [nginx, openssl, ...release] = await versionsOf(preview, host);
    await table(stage, `${host.name} after ${((Date.now() - begun) / 1000).toFixed(0)} s`);
    must(/^openstack-dashboard: patched: .*nginx .*security2/m.test(said), said);
    must(
      [nginx, openssl].every((version) => version.endsWith('+security2')),
      said,
    );
    must(release.join() === before.slice(2).join(), `${host.name} has ${release.join(', ')}`);
    const { nginx: running } = await runningOf(preview, host);
    must(running === '1.26.9', `${host.name} runs nginx ${running}`);
    // The old nginx ends its requests first, which may take as long as nginx lets them
    await until(`${host.name} runs without replaced files`, REQUEST, async () => {
      const { replaced } = await runningOf(preview, host);
      return replaced === '';
    });
  }
  await unnoticed(stage, since, 'update in place');
  await expectNoException(preview, await serving(stage), since);
}

async function nothing({ preview }: Stage): Promise<void> {
  const [host] = await serving({ preview });
  const began = await run(preview, host, 'cat', '/run/nginx.pid');
  const said = await patch(preview, host);
  must(/^openstack-dashboard: patched: nothing to do$/m.test(said), said);
  const ended = await run(preview, host, 'cat', '/run/nginx.pid');
  must(began === ended, 'it restarted nginx');
}

async function replacement(stage: Stage): Promise<void> {
  const { preview, good, full } = stage;
  const since = Date.now();
  const old = (await serving(stage)).filter(({ role }) => role === 'dashboard');
  for (const { id } of full ? old : old.slice(0, 1)) {
    const host = await preview.addHost({ role: 'dashboard', image: good });
    await progress(`boot ${host.name}`, () => preview.signalled(host.id));
    await preview.inService(host.id);
    await preview.remove(id);
    await table(stage, `${host.name} has replaced another`);
    const versions = await versionsOf(preview, host);
    must(
      versions.every((version) => version.endsWith('+security2')),
      versions.join(', '),
    );
  }
  await unnoticed(stage, since, 'replacement');
  await expectNoException(preview, await serving(stage), since);
}

async function prepare(preview: Preview, packages: string, values: Values): Promise<Stage> {
  const full = values.full !== undefined;
  await preview.makeImages();
  const script = (name: string) => fs.readFileSync(path.join(__dirname, name), 'utf8');
  const repositories = await preview.deriveImage(
    ...(['dashboard', 'repositories', script('security-updates.sh')] as const),
  );
  const install = script('install-updates.sh');
  const good = await preview.deriveImage(repositories, 'good-updates', install, 'good');
  const broken = await preview.deriveImage(repositories, 'broken-updates', install, 'broken');
  await preview.start();
  await progress('boot hosts of both tiers', async () => {
    const files = { '/etc/apt/sources.list': SOURCES };
    for (const role of ['static', 'dashboard', 'dashboard'] as const) {
      await preview.addHost({ role, files });
    }
    for (const { id } of await preview.call('hosts')) {
      await preview.signalled(id);
      await preview.inService(id);
    }
  });
  const way = new Way(new URL(preview.url), preview.ca, values.address ?? '127.0.0.1');
  const sessions = Number(values.sessions ?? (full ? 300 : 60));
  const visitors = Array.from(
    { length: sessions },
    (_, index) => new Visitor(way, USERS[index % USERS.length]),
  );
  await progress('log in', () => each(visitors, 4, (visitor) => visitor.login(preview.password)));
  const steady = new Steady(() => visitors, Number(values.rate ?? 15));
  return { preview, visitors, steady, packages, repositories, good, broken, full };
}

async function main(values: Values): Promise<void> {
  const began = Date.now();
  const packages = fs.mkdtempSync(path.join(os.tmpdir(), 'packages-'));
  const { address } = values;
  try {
    await withStack(2, (template) =>
      withPreview({ template, packages, moreUsers: USERS, address }, async (preview) => {
        const stage = await onStage(
          [FIRST, () => prepare(preview, packages, values)],
          CHECKS,
          values.only,
        );
        await stage?.steady.end();
      }),
    );
  } finally {
    fs.rmSync(packages, { recursive: true });
  }
  measure('all of this test', (Date.now() - began) / 1000, 's');
}

start(
  {
    name: 'patching test',
    help: HELP,
    options: {
      full: 'boolean',
      sessions: 'string',
      rate: 'string',
      only: 'string',
      address: 'string',
    },
    checks: [FIRST, ...CHECKS.map(([name]) => name)],
  },
  main,
);
