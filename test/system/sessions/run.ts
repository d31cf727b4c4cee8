/**
 * What happens to sessions: the preview runs a dashboard of two hosts with three memcached nodes over
 * TLS and some hundred users; nodes and hosts fail, secrets rotate, memory is stolen and forged.
 * Root, Linux. Usage: see HELP.
 */
import { randomBytes } from 'node:crypto';
import { HostState, Preview } from '../../../preview';
import { sleep, until } from '../../../preview/shared/run';
import { measure, must, onStage, progress } from '../harness/checks';
import { expectNoException, start, Values, withPreview } from '../harness/program';
import { CANARY, forge, PICKLES } from './forgeries';
import { logs } from './logs';
import { byHashedKey } from '../harness/hashed-keys';
import { withStack } from '../../../harness/stack';
import { each, Outcome, Seen, Steady, Visitor, Way } from '../harness/visitors';

const HELP = `usage: npm run test:sessions -- [options]
  --sessions N        how many are logged in, default 300
  --forgeries N       how many values are forged, default 10000
  --outage N          how many seconds CloudWatch Logs is away, default 20
  --rate N            steady requests a second, default 15
  --only REGEX        of the checks, only these
  --json FILE         write the measurements there
  --horizon SERIES    on Horizon from PyPI, such as 2026.1
  --address ADDRESS   where the dashboard is reached, default 127.0.0.1
`;
const NODES = 3;
const USERS = Array.from({ length: 9 }, (_, index) => `erika.mustermann.${index + 1}`);
/** How often hosts look for a rotated secret here, and how long they hold it back. */
const LOOK = 5;
const HOLD = 15;
const UNIT = '/etc/systemd/system/openstack-dashboard-secret-refresh';

interface Options {
  readonly sessions: number;
  readonly forgeries: number;
  readonly rate: number;
  readonly outage: number;
}

interface Stage {
  readonly preview: Preview;
  readonly way: Way;
  readonly hosts: HostState[];
  readonly visitors: Visitor[];
  readonly steady: Steady;
  /** Whom the steady requests leave alone. */
  readonly resting: Set<Visitor>;
}

const FIRST = 'three memcached nodes, two hosts, and everybody logs in';
const CHECKS: [string, (stage: Stage, options: Options) => Promise<void>][] = [
  ['a thief of all memory of memcached has no token, user or project', theft],
  ['a restart of a host’s application fails no request and ends no session', restart],
  ['a reboot of a host is not noticed', reboot],
  ['a rotation of the secret logs nobody out, and a second one ends sessions of before', rotation],
  ['forged and mutated values are misses and nothing else', forgery],
  ['a hung memcached node holds up few requests and fails none', hang],
  ['a dead memcached node costs the sessions on it and nothing else', death],
  ['it comes back without a failed request', comeback],
  ['a fourth node moves sessions where it must', growth],
  ['with all nodes down users are told so, and it heals', outage],
  ['logs arrive without secrets, after an outage and of a host that is gone', shipped],
];

function share(part: number, of: number): number {
  return (100 * part) / Math.max(1, of);
}

function failures(seen: Seen[]): Seen[] {
  return seen.filter(({ outcome }) => outcome === 'failed');
}

function expectNoFailure(seen: Seen[]): void {
  const failed = failures(seen);
  must(
    failed.length === 0,
    `${failed.length} of ${seen.length} failed, such as ${failed[0]?.what ?? ''}`,
  );
}

function slowest(seen: Seen[]): number {
  return Math.max(0, ...seen.map(({ milliseconds }) => milliseconds));
}

/** Asks once for each; gives those who have to log in again. */
async function census(visitors: Visitor[]): Promise<Visitor[]> {
  const gone: Visitor[] = [];
  const failed: string[] = [];
  await each(visitors, 4, async (visitor) => {
    const { outcome, reply } = await visitor.ask();
    if (outcome === 'login') {
      gone.push(visitor);
    } else if (outcome === 'failed') {
      failed.push(`${reply.status} ${reply.text.slice(0, 200)}`);
    }
  });
  must(failed.length === 0, `${failed.length} failed, such as ${failed[0] ?? ''}`);
  return gone;
}

function logIn(preview: Preview, visitors: Visitor[]): Promise<void> {
  return each(visitors, 4, (visitor) => visitor.login(preview.password));
}

const here = ({ visitors }: Stage) => visitors.filter(({ lost }) => !lost);

/** The visitors, by the keys that memcached may hold their sessions under. */
async function holders({ preview, hosts }: Stage, visitors: Visitor[]) {
  const ids = visitors.map(({ session }) => session);
  const sessions = await byHashedKey(preview, hosts[0].id, ids);
  const visitorOf = new Map(visitors.map((visitor) => [visitor.session, visitor]));
  return new Map([...sessions].map(([key, session]) => [key, visitorOf.get(session)]));
}

async function theft(stage: Stage): Promise<void> {
  const { preview, visitors, resting, steady } = stage;
  const [visitor] = visitors;
  // A listing of memcached leaves out what it moves about meanwhile.
  visitors.forEach((one) => resting.add(one));
  await steady.settled(visitors);
  // gAAAAA is how every Fernet token begins.
  const secrets = ['gAAAAA', 'erika.mustermann', 'web shop', 'research'];
  const held = await holders(stage, visitors);
  const [place] = [...held].find(([, holder]) => holder === visitor) ?? [''];
  const searched = await preview.call('cacheSearch', [...secrets, visitor.session, place]);
  const bytes = searched.reduce((sum, node) => sum + node.bytes, 0);
  const count = (text: string) => searched.reduce((sum, { found }) => sum + found[text], 0);
  measure('memory of memcached looked through', bytes / 2 ** 20, 'MiB');
  must(count(place) > 0, 'not even the key of a session was found: look elsewhere');
  must(count(visitor.session) === 0, 'the id of a session is in it');
  const found = secrets.filter((text) => count(text) > 0);
  measure('tokens, users and projects found in it', found.length, '', 0);
  must(found.length === 0, `found ${found.join(', ')}`);

  let items = 0;
  let sessions = 0;
  for (const node of await preview.call('cacheNodes')) {
    for (const { key, value } of await preview.call('cacheItems', node)) {
      items += 1;
      sessions += held.has(key) ? 1 : 0;
      must(/^[\w-]{43}$/.test(key), `${key} is no hash`);
      const content = Buffer.from(value, 'base64');
      const open = secrets.find((text) => content.includes(text));
      must(open === undefined, `${key} has ${open}`);
      // What pickles begin with.
      must(content[0] !== 0x80, `${key} is a pickle`);
    }
  }
  measure('values read from memcached', items, '');
  must(sessions === visitors.length, `${sessions} sessions are in it, not ${visitors.length}`);
}

async function restart(stage: Stage): Promise<void> {
  const { preview, hosts, steady } = stage;
  const start = Date.now();
  await preview.call('exec', hosts[0].id, ['systemctl', 'restart', 'openstack-dashboard.service']);
  await sleep(5000);
  const seen = steady.since(start);
  measure('slowest request while an application restarted', slowest(seen), 'ms');
  expectNoFailure(seen);
  const gone = await census(here(stage));
  measure('sessions lost by a restart of an application', gone.length, '', 0);
  must(gone.length === 0, `${gone.length} have to log in again`);
  await expectNoException(stage.preview, stage.hosts, start);
}

async function reboot(stage: Stage): Promise<void> {
  const { preview, hosts, steady } = stage;
  const start = Date.now();
  await preview.call('drain', hosts[0].id);
  await preview.call('reboot', hosts[0].id);
  await preview.inService(hosts[0].id);
  measure('reboot of a host, until it has traffic', (Date.now() - start) / 1000, 's');
  await sleep(3000);
  measure('slowest request while a host rebooted', slowest(steady.since(start)), 'ms');
  expectNoFailure(steady.since(start));
  const gone = await census(here(stage));
  measure('sessions lost by a reboot of a host', gone.length, '', 0);
  must(gone.length === 0, `${gone.length} have to log in again`);
}

async function rotate({ preview, hosts }: Stage): Promise<void> {
  const value = randomBytes(72).toString('base64url');
  await preview.call('rotateSecrets', value);
  await until('all hosts use the new secret', HOLD + 6 * LOOK + 30, async () => {
    const keys = await Promise.all(
      hosts.map(({ id }) =>
        preview.call('exec', id, ['cat', '/run/openstack-dashboard/secret_key']),
      ),
    );
    return keys.every((text) => (JSON.parse(text) as { key: string }).key === value);
  });
}

async function rotation(stage: Stage): Promise<void> {
  const { visitors, resting, steady } = stage;
  const idle = visitors.slice(0, 40);
  idle.forEach((visitor) => resting.add(visitor));
  const active = visitors.filter((visitor) => !resting.has(visitor) && !visitor.lost);
  const start = Date.now();
  await rotate(stage);
  measure('until all hosts use a rotated secret', (Date.now() - start) / 1000, 's');
  const first = [...(await census(active)), ...(await census(idle.slice(0, 20)))];
  measure('sessions lost by a rotation', first.length, '', 0);
  await rotate(stage);
  const second = await census([...active, ...idle.slice(0, 20)]);
  measure('sessions in use lost by a second rotation', second.length, '', 0);
  const old = idle.slice(20);
  const ended = await census(old);
  measure(
    'sessions without a request since before both that ended',
    share(ended.length, old.length),
    '%',
  );
  expectNoFailure(steady.since(start));
  resting.clear();
  must(first.length === 0, `${first.length} were logged out by the first`);
  must(second.length === 0, `${second.length} in use were logged out by the second`);
  must(ended.length === old.length, `only ${ended.length} of ${old.length} old ones ended`);
  await expectNoException(stage.preview, stage.hosts, start);
}

async function forgery(stage: Stage, { forgeries: count }: Options): Promise<void> {
  const { preview, hosts, resting, steady } = stage;
  // The canary sings where a pickle is opened.
  for (const pickle of PICKLES) {
    const open = 'import base64, pickle, sys; pickle.loads(base64.b64decode(sys.argv[1]))';
    const command = `/usr/local/lib/openstack-dashboard/with-horizon python3 -c "$0" "$1" 2>&1; rm -f /tmp/${CANARY} /dev/shm/${CANARY}`;
    const said = await preview.call('exec', hosts[0].id, [
      ...['sh', '-c', command, open, pickle.toString('base64')],
    ]);
    must(said.includes(CANARY), `a pickle runs nothing: ${said}`);
  }
  const victims = here(stage).slice(0, 100);
  victims.forEach((victim) => resting.add(victim));
  await steady.settled(victims);
  const start = Date.now();
  const held = await holders(stage, victims);
  const real = new Map<Visitor, { node: string; key: string; flags: number; value: Buffer }>();
  for (const node of await preview.call('cacheNodes')) {
    for (const { key, flags, value } of await preview.call('cacheItems', node)) {
      const victim = held.get(key);
      if (victim !== undefined) {
        real.set(victim, { node, key, flags, value: Buffer.from(value, 'base64') });
      }
    }
  }
  must(real.size === victims.length, `${real.size} of ${victims.length} are in memcached`);
  const write = async (values: Map<Visitor, { flags: number; value: Buffer }>) => {
    let stored = 0;
    for (const node of await preview.call('cacheNodes')) {
      const items = [...values]
        .filter(([victim]) => real.get(victim)?.node === node)
        .map(([victim, { flags, value }]) => ({
          key: real.get(victim)?.key ?? '',
          flags,
          value: value.toString('base64'),
        }));
      stored += items.length === 0 ? 0 : await preview.call('cacheStore', node, items);
    }
    return stored;
  };
  const outcomes: Record<Outcome, number> = { fine: 0, login: 0, failed: 0 };
  let written = 0;
  let failure = '';
  for (let n = 0; n < count; n += victims.length) {
    const batch = new Map(
      victims.map((victim, index) => {
        const { value } = real.get(victim) ?? { value: Buffer.alloc(1) };
        const other = real.get(victims[(index + 1) % victims.length])?.value ?? value;
        return [victim, forge(n + index + Math.floor(n / victims.length), value, other)] as const;
      }),
    );
    written += await write(batch);
    await each(victims, 4, async (victim, index) => {
      const { outcome, reply } = await victim.ask(index % 25 === 0);
      outcomes[outcome] += 1;
      if (outcome === 'fine') {
        process.stdout.write(
          `          taken: forgery ${n + index} of ${victim.session.slice(0, 4)}\n`,
        );
      }
      failure = outcome === 'failed' ? `${reply.status} ${reply.text.slice(0, 300)}` : failure;
    });
  }
  const seconds = (Date.now() - start) / 1000;
  measure('forged and mutated values written', written, '');
  measure('of these taken for a session', outcomes.fine, '', 0);
  measure('failed requests for them', outcomes.failed, '', 0);
  measure('time to write and ask for all of them', seconds, 's');
  // Flags are outside the seal and mean nothing: the value is what counts.
  await write(new Map([...real].map(([victim, { flags, value }]) => [victim, { flags, value }])));
  victims.forEach((victim) => (victim.lost = false));
  const gone = await census(victims);
  resting.clear();
  const said = await expectNoException(stage.preview, stage.hosts, start);
  must(!said.includes(CANARY), 'a forged value was run');
  for (const { id, name } of hosts) {
    const found = await preview.call('exec', id, ['find', '/', '-xdev', '-name', CANARY]);
    const shared = await preview.call('exec', id, ['find', '/tmp', '/dev/shm', '-name', CANARY]);
    must((found + shared).trim() === '', `${name} ran a forged value: ${found}${shared}`);
  }
  // Each process does so once a minute at most.
  const logged = async () =>
    /values refused/.test(await expectNoException(preview, stage.hosts, start));
  await until('a host logs that it refused values', 90, logged, 2000);
  must(outcomes.failed === 0, `${outcomes.failed} requests failed, such as ${failure}`);
  must(outcomes.fine === 0, `${outcomes.fine} forged values were taken`);
  must(written >= count, `only ${written} were written`);
  must(gone.length === 0, `${gone.length} real values, put back, are no sessions any more`);
  expectNoFailure(steady.since(start));
}

async function hang(stage: Stage): Promise<void> {
  const { preview, steady } = stage;
  const [, node] = await preview.call('cacheNodes');
  const visitors = here(stage);
  const start = Date.now();
  await preview.call('cacheNode', node, 'stop');
  await sleep(15000);
  const during = steady.since(start);
  const slow = during.filter(({ milliseconds }) => milliseconds > 900);
  measure('slowest request with a hung node', slowest(during), 'ms');
  measure('requests that took over 0.9 s of those in its first 15 s', slow.length, '');
  measure('requests in these 15 s', during.length, '');
  const last = Math.max(start, ...slow.map(({ at, milliseconds }) => at + milliseconds));
  measure('until no request was slow', (last - start) / 1000, 's');
  await preview.call('cacheNode', node, 'continue');
  const away = visitors.filter(({ lost }) => lost);
  measure(
    'sessions that had to log in while a node hung',
    share(away.length, visitors.length),
    '%',
  );
  // Each process of each host has to notice.
  const went = Date.now();
  let gone = away;
  while (gone.length > 0 && Date.now() - went < 40000) {
    await sleep(1000);
    gone.forEach((visitor) => (visitor.lost = false));
    gone = await census(gone);
  }
  measure('until sessions were found again when it went on', (Date.now() - went) / 1000, 's');
  measure('sessions lost when it went on', share(gone.length, visitors.length), '%');
  expectNoFailure(steady.since(start));
  await expectNoException(stage.preview, stage.hosts, start);
}

async function death(stage: Stage): Promise<void> {
  const { preview, steady } = stage;
  await logIn(
    preview,
    stage.visitors.filter(({ lost }) => lost),
  );
  const visitors = here(stage);
  const [node] = await preview.call('cacheNodes');
  measure('sessions before a node was killed', visitors.length, '');
  const start = Date.now();
  await preview.call('cacheNode', node, 'kill');
  await sleep(10000);
  const seen = steady.since(start);
  const bad = seen.filter(
    ({ outcome, milliseconds }) => outcome === 'failed' || milliseconds > 1000,
  );
  const last = Math.max(start, ...bad.map(({ at, milliseconds }) => at + milliseconds));
  measure('failed requests when a node was killed', failures(seen).length, '', 0);
  measure('slowest request when a node was killed', slowest(seen), 'ms');
  measure(
    'until steady, that is until the last failed or slow request',
    (last - start) / 1000,
    's',
  );
  await census(here(stage));
  const gone = visitors.filter(({ lost }) => lost);
  const part = share(gone.length, visitors.length);
  measure(`sessions lost with one of ${NODES} nodes`, part, '%');
  expectNoFailure(steady.since(start));
  must(part > 20 && part < 46, `${part.toFixed(1)} % of the sessions were lost, not about a third`);
  await expectNoException(stage.preview, stage.hosts, start);
}

async function comeback(stage: Stage): Promise<void> {
  const { preview, steady } = stage;
  // Who logs in meanwhile is kept by the nodes that are left.
  const fresh = stage.visitors.filter(({ lost }) => lost).slice(0, 60);
  await logIn(preview, fresh);
  const others = here(stage).filter((visitor) => !fresh.includes(visitor));
  const [node] = await preview.call('cacheNodes');
  const start = Date.now();
  await preview.call('cacheNode', node, 'start');
  await sleep(14000);
  await census([...others, ...fresh].filter(({ lost }) => !lost));
  const count = (visitors: Visitor[]) => visitors.filter(({ lost }) => lost).length;
  measure('sessions of before lost when it came back', share(count(others), others.length), '%', 0);
  measure(
    'sessions begun without it lost when it came back',
    share(count(fresh), fresh.length),
    '%',
  );
  measure('failed requests when it came back', failures(steady.since(start)).length, '', 0);
  expectNoFailure(steady.since(start));
  must(count(others) === 0, `${count(others)} sessions were lost that were on other nodes`);
  await expectNoException(stage.preview, stage.hosts, start);
}

async function growth(stage: Stage): Promise<void> {
  const { preview, steady } = stage;
  const visitors = here(stage);
  const start = Date.now();
  const name = await preview.call('addCacheNode');
  // Discovery looks each 10 s.
  await sleep(25000);
  await census(here(stage));
  const gone = visitors.filter(({ lost }) => lost);
  const items = await preview.call('cacheItems', name);
  const held = await holders(stage, visitors);
  const moved = new Set(items.map(({ key }) => held.get(key)).filter((one) => one !== undefined));
  const part = share(moved.size + gone.length, visitors.length);
  measure('sessions that a fourth node moved or ended', part, '%');
  measure('sessions lost when a fourth node was added', share(gone.length, visitors.length), '%');
  measure('failed requests when it was added', failures(steady.since(start)).length, '', 0);
  expectNoFailure(steady.since(start));
  must(part < 40, `${part.toFixed(1)} % of the sessions were moved, not about a quarter`);
  const [fresh] = stage.visitors.filter(({ lost }) => lost);
  await fresh?.login(preview.password);
  await expectNoException(stage.preview, stage.hosts, start);
}

async function outage(stage: Stage): Promise<void> {
  const { preview, way, steady } = stage;
  const visitors = here(stage);
  const nodes = await preview.call('cacheNodes');
  const start = Date.now();
  for (const node of nodes) {
    await preview.call('cacheNode', node, 'kill');
  }
  await sleep(12000);
  const cookies = {};
  const login = await way.request('/auth/login/', cookies);
  const { reply } = await visitors[0].ask(true);
  const seen = steady.since(start);
  const by = new Map<string, number>();
  for (const { what } of seen) {
    const status = what.split(' ')[0];
    by.set(status, (by.get(status) ?? 0) + 1);
  }
  const told = [...by].map(([status, times]) => `${times} times ${status}`).join(', ');
  process.stdout.write(`          users got ${told}; the login page ${login.status}\n`);
  process.stdout.write(`          a page: ${reply.text.replace(/<[^>]+>/g, ' ').slice(0, 160)}\n`);
  measure('slowest request with all nodes down', slowest(seen), 'ms');
  const crude = seen.filter(({ what }) => /^(500|502|504)|Traceback/.test(what));
  measure('requests that met an error 500 or a traceback', crude.length, '', 0);
  must(reply.status === 503, `a page answered ${reply.status}`);
  must(/try again/.test(reply.text), `a page says ${reply.text.slice(0, 300)}`);
  must(login.status < 500, `the login page answered ${login.status}`);
  const healthy = (await preview.call('targets')).every(({ health }) => health === 'healthy');
  must(healthy, 'the load balancer found a host unhealthy: the group would replace it');
  const back = Date.now();
  for (const node of nodes) {
    await preview.call('cacheNode', node, 'start');
  }
  const up = Date.now();
  const [visitor] = visitors;
  const healed = (one: Visitor) =>
    until(`${one.name} can log in again`, 60, () =>
      one.login(preview.password).then(
        () => true,
        () => false,
      ),
    );
  await healed(visitor);
  measure('until a user could log in after nodes were back', (Date.now() - up) / 1000, 's');
  measure('nodes took to start', (up - back) / 1000, 's');
  // Each process looks for the nodes by itself, once a second. Until all have found them, one may look for a
  // session elsewhere than the process that stored it.
  const some = visitors.slice(0, 10);
  await each(some.slice(1), 4, healed);
  await until('those who log in again stay logged in', 180, async () => {
    const gone = await census(some);
    await each(gone, 4, healed);
    return gone.length === 0;
  });
  measure('until all stayed logged in', (Date.now() - up) / 1000, 's');
  await sleep(2000);
  expectNoFailure(steady.since(Date.now() - 2000));
  must(crude.length === 0, `users met ${crude[0]?.what}`);
  await expectNoException(stage.preview, stage.hosts, start);
}

function shipped({ preview, hosts, visitors }: Stage, options: Options): Promise<void> {
  return logs(preview, hosts, visitors, options.outage);
}

/** Boots everything and logs everybody in. */
async function prepare(
  preview: Preview,
  { sessions, rate }: Options,
  address: string,
): Promise<Stage> {
  await preview.makeImages();
  await preview.start();
  const files = {
    [`${UNIT}.timer.d/often.conf`]: `[Timer]\nOnCalendar=\nOnCalendar=*:*:0/${LOOK}\nRandomizedDelaySec=0\nAccuracySec=1s\n`,
    [`${UNIT}.service.d/soon.conf`]: `[Service]\nEnvironment=SECRET_HOLD_SECONDS=${HOLD}\n`,
  };
  await preview.addHost({ role: 'static' });
  const hosts = [
    await preview.addHost({ role: 'dashboard', files }),
    await preview.addHost({ role: 'dashboard', files }),
  ];
  await progress('boot two hosts', () =>
    Promise.all(
      hosts.map(async ({ id }) => {
        await preview.signalled(id);
        await preview.inService(id);
      }),
    ),
  );
  const way = new Way(new URL(preview.url), preview.ca, address);
  const visitors = Array.from(
    { length: sessions },
    (_, index) => new Visitor(way, USERS[index % USERS.length]),
  );
  await progress(`log ${sessions} in`, () => logIn(preview, visitors));
  must((await preview.call('cacheNodes')).length === NODES, `not ${NODES} nodes`);
  const gone = await census(visitors);
  must(gone.length === 0, `${gone.length} have to log in again at once`);
  const resting = new Set<Visitor>();
  const steady = new Steady(() => visitors.filter((visitor) => !resting.has(visitor)), rate);
  return { preview, way, hosts, visitors, steady, resting };
}

async function main(values: Values): Promise<void> {
  const options: Options = {
    sessions: Number(values.sessions ?? 300),
    forgeries: Number(values.forgeries ?? 10000),
    rate: Number(values.rate ?? 15),
    outage: Number(values.outage ?? 20),
  };
  const began = Date.now();
  const address = values.address ?? '127.0.0.1';
  await withStack(
    NODES,
    (template) =>
      withPreview(
        { template, moreUsers: USERS, address, cacheCertificate: 'nodes' },
        async (preview) => {
          const stage = await onStage(
            [FIRST, () => prepare(preview, options, address)],
            CHECKS.map(([name, body]) => [name, (ready: Stage) => body(ready, options)]),
            values.only,
            ({ resting }) => resting.clear(),
          );
          if (stage !== undefined) {
            await stage.steady.end();
            measure('steady requests in all', stage.steady.seen.length, '');
            stage.way.close();
          }
        },
      ),
    undefined,
    values.horizon,
  );
  measure('all of this test', (Date.now() - began) / 1000, 's');
}

start(
  {
    name: 'session test',
    help: HELP,
    options: {
      sessions: 'string',
      forgeries: 'string',
      rate: 'string',
      outage: 'string',
      only: 'string',
      horizon: 'string',
      address: 'string',
    },
    checks: [FIRST, ...CHECKS.map(([name]) => name)],
  },
  main,
);
