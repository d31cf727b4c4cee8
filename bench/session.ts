// What each way to keep sessions costs: one Debian 13 host with Horizon, a real Keystone and real
// memcached, and a gunicorn for each way, asked in turn, round by round, in one run.
// `npm run bench:session`; root, Linux. --quick takes a tenth of the rounds, --address ADDRESS is
// where the preview may listen.
//
// The page is /settings/: all of Horizon's frame and menus, and no request to a service once its
// worker knows the user's projects (it looks for Neutron in the catalogue, and finds none), so no
// other server's noise hides what is compared. The small JSON view is /api/settings/. Horizon
// refreshes the session in both.
//
// Latencies are compared request by request: one is asked of each way in turn, and the ratio is the
// median of those within a turn, which hardly sees what else the machine does.
import { Preview } from '../preview';
import { cookieHeader, LoadResult, LoadTarget, Slice, takeCookies } from '../preview/world/load';
import { until } from '../preview/shared/run';
import { runOnPreview, Stage } from './on-preview';
import { Goal, median, report, round } from './report';

const ETC = '/etc/openstack-dashboard';
const DATABASE = '/var/lib/openstack-dashboard/secret-key/bench.sqlite3';
const FIRST_PORT = 8100;
const WORKERS = 2;
const PAGE = '/settings/';
const VIEW = '/api/settings/';

/** Sets, last of all settings, what the library would not: only where a bench says so. */
const SNIPPET = `
import os as _os

_bench = _os.environ.get('BENCH')
if _bench:
    # Horizon as it is without the library
    MIDDLEWARE = [
        'django.contrib.sessions.middleware.SessionMiddleware'
        if name == 'openstack_dashboard_guard.Sessions' else name
        for name in MIDDLEWARE if name != 'openstack_dashboard_guard.guard']
    _simultaneous = 'horizon.middleware.SimultaneousSessionsMiddleware'
    if _simultaneous not in MIDDLEWARE:
        MIDDLEWARE.insert(
            MIDDLEWARE.index('horizon.middleware.OperationLogMiddleware') + 1, _simultaneous)
if _bench == 'django':
    _cache = {
        'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
        'LOCATION': _os.environ['BENCH_LOCATION'].split(','),
    }
    CACHES = {'default': {**_cache, 'KEY_PREFIX': 'bench'},
              'session': {**_cache, 'KEY_PREFIX': 'bench-session'}}
if _bench == 'database':
    SESSION_ENGINE = 'django.contrib.sessions.backends.db'
    DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '${DATABASE}'}}
`;

type Variables = Record<string, string>;

interface Way {
  readonly name: string;
  readonly variables: (plain: string) => Variables;
}

const REFERENCE = 'memcached, Django, plain';
const SEALED = 'memcached, TLS, sealed';
const SIGNED = 'signed cookies';
const WAYS: Way[] = [
  {
    name: REFERENCE,
    variables: (plain) => ({ BENCH: 'django', BENCH_LOCATION: plain }),
  },
  {
    name: 'memcached, plain',
    variables: (plain) => ({
      MEMCACHED_ENDPOINT: plain,
      MEMCACHED_DISCOVERY: 'false',
      MEMCACHED_TLS: 'false',
      MEMCACHED_SEALING: 'false',
    }),
  },
  { name: 'memcached, TLS', variables: () => ({ MEMCACHED_SEALING: 'false' }) },
  { name: SEALED, variables: () => ({}) },
  {
    name: SIGNED,
    variables: () => ({
      SESSION_ENGINE: 'django.contrib.sessions.backends.signed_cookies',
      MEMCACHED_ENDPOINT: '',
    }),
  },
  {
    name: 'sealed cookies',
    variables: () => ({ SESSION_ENGINE: 'sealed_signed_cookies', MEMCACHED_ENDPOINT: '' }),
  },
  { name: 'database (sqlite)', variables: () => ({ BENCH: 'database' }) },
];

const port = (way: Way) => FIRST_PORT + WAYS.indexOf(way);

/** Starts the application of the host once more, with other parameters. */
async function start(preview: Preview, id: string, way: Way, plain: string): Promise<void> {
  const sh = (...words: string[]) => preview.call('exec', id, ['sh', '-euc', ...words]);
  const variables: Variables = { ...way.variables(plain), GUNICORN_WORKERS: String(WORKERS) };
  const lines = Object.entries(variables).map(([name, value]) => `${name}="${value}"\n`);
  const file = `/run/bench-${port(way)}.env`;
  await sh('printf %s "$1" >"$0"', file, lines.join(''));
  const files = ['host.env', 'dashboard.env', 'release.env'].map((name) => `${ETC}/${name}`);
  const properties = [
    ...[...files, file].map((name) => `EnvironmentFile=${name}`),
    'Environment=PYTHONPATH=/usr/local/lib/openstack-dashboard/python',
    'Environment=PYTHONWARNINGS=ignore',
    'User=horizon',
  ].flatMap((property) => ['-p', property]);
  const run = (unit: string, ...command: string[]) =>
    preview.call('exec', id, ['systemd-run', '-q', ...properties, `--unit=${unit}`, ...command]);
  if (variables.BENCH === 'database') {
    const manage = '/usr/share/openstack-dashboard/manage.py';
    await preview.call('exec', id, [
      ...['systemd-run', '-q', '--wait', ...properties, '--unit=bench-migrate'],
      ...['python3', manage, 'migrate', '--noinput', 'sessions'],
    ]);
  }
  const settings = '/usr/local/lib/openstack-dashboard/gunicorn.conf.py';
  await run(
    `bench-${port(way)}`,
    ...['/usr/bin/gunicorn', '-c', settings, '--bind', `0.0.0.0:${port(way)}`],
  );
}

/** Somebody logged in that way. */
async function login(preview: Preview, address: string, way: Way): Promise<LoadTarget> {
  const cookies: Record<string, string> = {};
  const headers = {
    host: preview.name,
    referer: preview.url,
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '192.0.2.1',
  };
  const ask = async (path: string, body?: string) => {
    const answer = await preview.call('ask', {
      address,
      port: port(way),
      path,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...headers,
        cookie: cookieHeader(cookies),
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body,
    });
    takeCookies(cookies, answer.headers);
    return answer;
  };
  await until(`${way.name} answers`, 60, async () => {
    try {
      return (await ask('/auth/login/')).status === 200;
    } catch {
      return false;
    }
  });
  const page = await ask('/auth/login/');
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
  const form = new URLSearchParams({
    csrfmiddlewaretoken: token,
    username: preview.user,
    password: preview.password,
    region: 'default',
    next: PAGE,
  });
  const reply = await ask('/auth/login/', form.toString());
  if (reply.status !== 302 || cookies['__Host-sessionid'] === undefined) {
    throw new Error(`${way.name}: login answered ${reply.status} ${reply.body.slice(0, 300)}`);
  }
  return { name: way.name, address, port: port(way), path: PAGE, headers, cookies };
}

/** The median over rounds of how one compares with another in the same round. */
function ratio(result: LoadResult, one: string, other: string): number {
  const others: Slice[] = result.slices[other];
  return median(result.slices[one].map((slice, index) => slice.median / others[index].median));
}

async function compare(preview: Preview, address: string, quick: boolean) {
  const plain = await preview.call('addPlainCache', 2);
  const host = (await preview.call('hosts')).find(({ role }) => role === 'dashboard');
  if (host === undefined) {
    throw new Error('there is no dashboard host');
  }
  const pages: LoadTarget[] = [];
  for (const way of WAYS) {
    await start(preview, host.id, way, plain.join(','));
    pages.push(await login(preview, host.address, way));
    console.log(`${way.name}: ready on ${address}`);
  }
  const views = pages.map((target) => ({
    ...target,
    path: VIEW,
    headers: { ...target.headers, 'x-requested-with': 'XMLHttpRequest' },
  }));
  const some = (rounds: number) => Math.max(3, Math.round(quick ? rounds / 10 : rounds));
  // Workers and file systems warm up first.
  const crowd = { concurrency: 2 * WORKERS };
  await preview.call('load', { targets: pages, rounds: 3, requests: 10, ...crowd });
  await preview.call('load', { targets: views, rounds: 3, requests: 20, ...crowd });
  const turns = (targets: LoadTarget[], rounds: number) =>
    preview.call('load', { targets, rounds: some(rounds), requests: 1, concurrency: 1 });
  const rate = (targets: LoadTarget[], rounds: number, requests: number) =>
    preview.call('load', { targets, rounds: some(rounds), requests, ...crowd });
  const goal = pages.filter(({ name }) => name === REFERENCE || name === SEALED);
  return {
    view: { latency: await turns(views, 1500), rate: await rate(views, 13, 60) },
    page: { latency: await turns(pages, 60), rate: await rate(pages, 6, 24) },
    // Their difference is a thousandth of a page: it takes many to see that.
    pair: await turns(goal, 400),
  };
}

async function measureAll({ preview, address }: Stage): Promise<void> {
  await preview.makeImages();
  await preview.start();
  await preview.addHost({ role: 'static' });
  const { id } = await preview.addHost({
    role: 'dashboard',
    files: { [`${ETC}/local_settings.d/_9999_zz_bench.py`]: SNIPPET },
  });
  await preview.signalled(id);
  const { page, view, pair } = await compare(preview, address, process.argv.includes('--quick'));
  const cookie = page.latency.cookieBytes;
  const milliseconds = (result: LoadResult, name: string) =>
    round(median(result.slices[name].map((slice) => slice.median)));
  const perSecond = (result: LoadResult, name: string) =>
    round(median(result.slices[name].map((slice) => slice.perSecond)));
  const table = WAYS.map(({ name }) => ({
    sessions: name,
    'page ms': milliseconds(page.latency, name),
    'of reference': round(ratio(page.latency, name, REFERENCE)),
    'page/s': perSecond(page.rate, name),
    'JSON ms': milliseconds(view.latency, name),
    'of reference ': round(ratio(view.latency, name, REFERENCE)),
    'JSON/s': perSecond(view.rate, name),
    'Cookie bytes': cookie[name],
  }));
  const goals: Goal[] = [
    {
      name: 'time of a page, TLS and sealing / Django plain',
      value: ratio(pair, SEALED, REFERENCE),
      goal: '<= 1.03',
      holds: ratio(pair, SEALED, REFERENCE) <= 1.03,
    },
    {
      name: 'speed of small JSON, TLS and sealing / Django plain',
      value: ratio(view.latency, REFERENCE, SEALED),
      goal: '>= 1.00',
      holds: ratio(view.latency, REFERENCE, SEALED) >= 1,
    },
    {
      name: 'speed of small JSON, TLS and sealing / signed cookies',
      value: ratio(view.latency, SIGNED, SEALED),
      goal: '>= 0.90',
      holds: ratio(view.latency, SIGNED, SEALED) >= 0.9,
    },
    {
      name: 'bytes of Cookie, TLS and sealing / signed cookies',
      value: cookie[SEALED] / cookie[SIGNED],
      goal: '<= 0.10',
      holds: cookie[SEALED] / cookie[SIGNED] <= 0.1,
    },
  ];
  report(
    table,
    goals.map((goal) => ({ ...goal, value: round(goal.value) })),
  );
}

runOnPreview({ name: 'sessions' }, measureAll);
