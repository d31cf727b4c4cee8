import { Preview } from '../../../preview';
import { sleep, until } from '../../../preview/shared/run';
import type { Outage } from '../../../preview/cloud/network/outage';
import type { Away } from '../../../preview/world/calls';
import { Checks, measure, must } from '../harness/checks';
import { Broken, hostsOf, leaves, Member, Probe, replaced, Stage, unharmed, whole } from './stage';

const UNIT = 'openstack-dashboard.service';

/** Keystone hangs while people log in. */
async function keystone(stage: Stage): Promise<void> {
  const { preview, way } = stage;
  const logins: Promise<string>[] = [];
  await unharmed(
    stage,
    'Keystone hung, 10 logins',
    ['file', 'login page'],
    async () => {
      await preview.call('outage', 'keystone', 'hang');
      for (let count = 0; count < 10; count++) {
        const began = Date.now();
        const visitor = new Member(way, preview.user, preview.ca, stage.address);
        logins.push(
          visitor
            .login(preview.password)
            .then(() => 'logged in')
            .catch((error: Error) => error.message)
            .then((said) => `${said.trim()} (${Math.round((Date.now() - began) / 1000)} s)`),
        );
      }
    },
    () => preview.call('outage', 'keystone'),
  );
  const said = await Promise.all(logins);
  process.stdout.write(`          ${[...new Set(said)].slice(0, 4).join('\n          ')}\n`);
  // Before the load balancer's own time-out, with a page of the dashboard.
  const bad = said.filter((one) => / answered (50[024]|460|0)\b|timed out|socket/.test(one));
  must(bad.length === 0, `${bad.length} of ${said.length} logins met ${bad[0]}`);
  await until('a user logs in afterwards', 60, () =>
    stage.visitor.login(preview.password).then(
      () => true,
      () => false,
    ),
  );
}

/** One user downloads 20 large objects slowly; others go on. */
async function downloads(stage: Stage): Promise<void> {
  const { preview, way, address } = stage;
  const greedy = new Member(way, preview.user, preview.ca, address);
  await greedy.login(preview.password);
  const path = '/api/swift/containers/files/object/slow-2.bin';
  const begun: ReturnType<Member['download']>[] = [];
  await unharmed(
    stage,
    '20 slow downloads of one user',
    ['file', 'login page', 'page'],
    () => {
      begun.push(...Array.from({ length: 20 }, () => greedy.download(path)));
      return Promise.resolve();
    },
    async () => {
      const waiting = begun.map(({ status }) => Promise.race([status, sleep(100).then(() => -1)]));
      const statuses = await Promise.all(waiting);
      const by = (status: number) => statuses.filter((one) => one === status).length;
      measure('slow downloads under way', by(200), '');
      const others = [...new Set(statuses)].map((status) => `${by(status)} times ${status}`);
      process.stdout.write(`          downloads: ${others.join(', ')}\n`);
      begun.forEach(({ end }) => end());
      greedy.close();
      must(by(200) > 0, 'nothing is being downloaded: it shows nothing');
    },
  );
}

const nodes = (action: 'kill' | 'start' | 'stop' | 'continue') => async (preview: Preview) => {
  for (const node of await preview.call('cacheNodes')) {
    await preview.call('cacheNode', node, action);
  }
};

async function memcached(stage: Stage): Promise<void> {
  const { preview } = stage;
  await unharmed(
    stage,
    'memcached hung',
    ['file', 'login page'],
    () => nodes('stop')(preview),
    () => nodes('continue')(preview),
  );
  await until('a user logs in afterwards', 60, () =>
    stage.visitor.login(preview.password).then(
      () => true,
      () => false,
    ),
  );
}

/** A host that starts while memcached is away comes into service, and says so. */
async function laterStart(stage: Stage): Promise<void> {
  const { preview } = stage;
  await nodes('kill')(preview);
  try {
    const ended = (await replaced(stage)).length;
    const before = await preview.call('hosts');
    const [dying] = await hostsOf(stage, dashboard);
    await preview.call('powerOff', dying.id);
    await until(
      `${dying.name} is being replaced`,
      120,
      async () => (await replaced(stage)).length > ended,
    );
    await whole(stage);
    const fresh = (await hostsOf(stage, dashboard)).find(
      ({ id }) => !before.some((other) => other.id === id),
    );
    const said = /openstack-dashboard: .*(memcached|session).*/i.exec(preview.console(fresh))?.[0];
    process.stdout.write(`          ${said ?? 'nothing on its console'}\n`);
    must(said !== undefined, 'its console does not say that memcached is away');
  } finally {
    await nodes('start')(preview);
  }
  await until('a user logs in afterwards', 60, () =>
    stage.visitor.login(preview.password).then(
      () => true,
      () => false,
    ),
  );
}

/** What hosts ask for is away; pages that need no name and no credential are not. */
function away(
  what: string,
  services: Away[],
  outage: Outage,
  probes: Probe[],
): Checks<Stage>[number] {
  const each = (preview: Preview, how: Outage | undefined) =>
    Promise.all(services.map((service) => preview.call('outage', service, how)));
  return [
    `${what}: no host leaves service`,
    async (stage) => {
      await unharmed(
        stage,
        what,
        probes,
        () => each(stage.preview, outage),
        () => each(stage.preview, undefined),
      );
    },
  ];
}

function broken(what: string, options: Omit<Broken, 'what'>): Checks<Stage>[number] {
  return [
    `${what}: out of traffic within 30 s and replaced, or healed`,
    (stage) => leaves(stage, { what, ...options }),
  ];
}

const EVERY: Probe[] = ['file', 'login page', 'page'];
const AWS: Away[] = ['s3', 'metadata', 'secretsmanager', 'cloudformation', 'autoscaling'];
const dashboard = 'dashboard';

/** What the short form has too. */
export const SHORT: Checks<Stage> = [
  ['Keystone hung with logins under way: no host leaves service', keystone],
  ['20 slow downloads of one user: others are served', downloads],
  ['memcached hung: no host leaves service', memcached],
  away('S3, IMDS, Secrets Manager, CloudFormation and DNS lose packets', [...AWS, 'dns'], 'drop', [
    'file',
    'login page',
  ]),
  broken('gunicorn killed', { role: dashboard, script: `systemctl kill -s KILL ${UNIT}` }),
  broken('gunicorn stopped', {
    role: dashboard,
    script: `systemctl kill -s STOP ${UNIT}`,
    reason: /stopped|does not answer/,
  }),
];

const WORKERS = `$(cat /proc/$(systemctl show -P MainPID ${UNIT})/task/*/children)`;

export const FULL: Checks<Stage> = [
  ...(['hang', 'refuse'] as const).flatMap((outage) =>
    [...AWS, 'dns' as const].map((service) =>
      away(
        `${service}: ${outage}`,
        [service],
        outage,
        service === 'dns' ? EVERY.slice(0, 2) : EVERY,
      ),
    ),
  ),
  [
    'AWS’s clock is an hour wrong: no host leaves service',
    (stage) =>
      unharmed(
        stage,
        'clock of AWS an hour wrong',
        EVERY,
        () => stage.preview.call('skewAws', 3600),
        () => stage.preview.call('skewAws', 0),
      ),
  ],
  ['memcached away at a later start: the host comes up and says so', laterStart],
  broken('gunicorn deadlocked', {
    role: dashboard,
    script: `systemctl freeze ${UNIT}`,
    reason: /./,
  }),
  broken('all workers stopped', { role: dashboard, script: `kill -STOP ${WORKERS}` }),
  broken('workers killed as by the OOM killer', {
    role: dashboard,
    script: `kill -KILL ${WORKERS}`,
  }),
  broken('Python broken by an upgrade', {
    role: dashboard,
    script:
      'mv /usr/lib/python3/dist-packages/django /usr/lib/python3/dist-packages/django.away && ' +
      `systemctl restart ${UNIT} || true`,
    reason: /gunicorn|status/,
  }),
  broken('Python gone', {
    role: dashboard,
    script: `mv /usr/bin/python3.13 /usr/bin/python3.away; systemctl restart ${UNIT} || true`,
    reason: /./,
  }),
  broken('disk full', {
    role: dashboard,
    breaks: (preview, id) => preview.call('fillDisk', id, true),
    reason: /disk/,
  }),
  // A container has the machine's clock: instead, what the host remembers of the right time moves.
  broken('clock an hour wrong', {
    role: dashboard,
    script:
      'f=/run/openstack-dashboard-health-state/clock; was=$(cat $f); ' +
      'python3 -c "print(float(\'$was\') - 3600)" >$f',
    reason: /clock/,
  }),
  broken('nginx stopped', {
    role: dashboard,
    script: 'systemctl kill -s STOP nginx.service',
    reason: /nginx is stopped/,
  }),
  broken('nginx of a static host killed', {
    role: 'static',
    script: 'systemctl kill -s KILL nginx.service',
  }),
];
