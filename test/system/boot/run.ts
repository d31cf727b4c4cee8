/**
 * The boot test: the preview runs a synthesized stack, and everything is asked of the hosts as they
 * come up from their user data. Root, Linux, Chromium. Usage: see HELP.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as path from 'node:path';
import { launch } from '../../../harness/browser';
import { HostState, Preview } from '../../../preview';
import { sleep, until } from '../../../preview/shared/run';
import { Visitor, Way } from '../harness/visitors';
import { byHashedKey } from '../harness/hashed-keys';
import { LOGOUT } from '../harness/logout';
import { bootMeasured } from '../harness/boot';
import { check, measure, must } from '../harness/checks';
import { BUILDS, expectNoException, start, Values, withPreview } from '../harness/program';

const HELP = `usage: npm run test:boot -- [options]
  --template FILE       default cdk.out/OpenStackDashboard.template.json
  --screenshots DIR     save login.png there, such as docs/images
  --json FILE           write the measurements there
  --users N             how many users click at once, default 50
  --quick               leave out the hosts that install their packages at boot
`;
const GOALS = { packages: 180, image: 25, dashboardMemory: 1024, staticMemory: 128 };
const ADDRESS = '127.0.0.1';

/** What names of ours begin with: the preview of this process, and its programs. */
const OURS = [`cdk-openstack-dashboard.${process.pid}`, path.join(__dirname, '../../../preview')];

/** What a preview could leave on the machine. */
function traces(): string[] {
  const read = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n');
  const groups = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']
    .filter((root) => fs.existsSync(root))
    .flatMap((root) => fs.readdirSync(root).map((name) => path.join(root, name)));
  const processes = fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      try {
        const words = ['cgroup', 'cmdline'].map((file) =>
          fs.readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' '),
        );
        const inside =
          fs.readlinkSync(`/proc/${pid}/ns/net`) !== fs.readlinkSync('/proc/self/ns/net');
        // Other programs, and other previews, may have namespaces of their own.
        return inside && OURS.some((ours) => words.join(' ').includes(ours))
          ? [`process ${pid}: ${words.join(' ').trim()}`]
          : [];
      } catch {
        return [];
      }
    });
  return [
    ...fs.readFileSync('/proc/self/mounts', 'utf8').trim().split('\n'),
    ...read('ip', '-o', 'link').map((line) => `link ${line.split(': ')[1]}`),
    ...read('ip', '-o', 'route').map((line) => `route ${line}`),
    ...read('ip', 'netns', 'list').filter((line) => line !== ''),
    ...groups.filter((name) => name.includes(OURS[0])),
    ...fs.readdirSync('/run').filter((name) => name.startsWith(OURS[0])),
    ...processes,
  ];
}

async function idle(preview: Preview, hosts: HostState[], when: string): Promise<void> {
  for (const { id, role, name } of hosts) {
    const goal = role === 'static' ? GOALS.staticMemory : GOALS.dashboardMemory;
    measure(
      `memory of ${name}, ${when}`,
      (await preview.call('memory', id)) / 2 ** 20,
      'MiB',
      goal,
    );
  }
}

async function browse(
  preview: Preview,
  dashboards: HostState[],
  screenshots?: string,
): Promise<void> {
  const before = (await preview.call('log')).length;
  const browser = await launch(preview.ca);
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const replies: { url: URL; status: number; headers: Record<string, string> }[] = [];
    page.on('response', (response) =>
      replies.push({
        url: new URL(response.url()),
        status: response.status(),
        headers: response.headers(),
      }),
    );
    // A font that another origin refuses is no response but a failed request.
    const broken: string[] = [];
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      if (reason !== 'net::ERR_ABORTED') {
        broken.push(`${reason} ${request.url()}`);
      }
    });
    const shoot = async (name: string) => {
      if (screenshots !== undefined) {
        fs.mkdirSync(screenshots, { recursive: true });
        await page.screenshot({ path: path.join(screenshots, name) });
      }
    };
    const began = Date.now();
    await page.goto(`${preview.url}identity/`, { waitUntil: 'networkidle' });
    measure('login page in a browser, until the network is idle', Date.now() - began, 'ms');
    await shoot('login.png');

    await check('a user logs in', async () => {
      await page.fill('#id_username', preview.user);
      await page.fill('#id_password', preview.password);
      await page.click('#loginBtn');
      await page.waitForURL(`${preview.url}identity/`, { timeout: 180_000 });
      await page.waitForLoadState('networkidle');
    });
    await check('the first page shows the projects of the user', async () => {
      await page.waitForSelector('td:has-text("web shop")', { timeout: 180_000 });
    });
    await check('the session holds on a second page and over both hosts', async () => {
      for (const next of ['identity/users/', 'identity/', 'identity/users/', 'settings/']) {
        await page.goto(preview.url + next, { waitUntil: 'networkidle' });
        must(!page.url().includes('/auth/login'), `${next} sent the user to ${page.url()}`);
      }
    });
    await check('each dashboard host answered the browser', async () => {
      const log = (await preview.call('log')).slice(before);
      for (const { id, name } of dashboards) {
        must(
          log.some(({ target }) => target === id),
          `${name} answered nothing`,
        );
      }
    });
    const cookies = await context.cookies();
    const session = cookies.find(({ name }) => name === '__Host-sessionid');
    await check('the session cookie is Secure and HttpOnly', () => {
      must(session !== undefined, `cookies are ${cookies.map(({ name }) => name).join(', ')}`);
      must(session?.secure === true, 'it is not Secure');
      must(session?.httpOnly === true, 'it is not HttpOnly');
    });
    await check('every cookie is Secure', () => {
      const open = cookies.filter(({ secure }) => !secure).map(({ name }) => name);
      must(open.length === 0, `not Secure: ${open.join(', ')}`);
    });
    await check('no cookie holds a token', () => {
      for (const { name, value } of cookies) {
        const decoded = Buffer.from(value, 'base64url').toString('latin1');
        must(!/gAAAA/.test(value + decoded) && value.length < 200, `${name} does`);
      }
    });
    await check('the session is in memcached, and nobody can read it there', async () => {
      const content = await preview.call('cacheKeys');
      const keys = content.flatMap((node) => node.keys);
      const id = session?.value ?? '?';
      const hosts = await preview.call('hosts');
      const host = hosts.find(({ role }) => role === 'dashboard')?.id ?? '';
      const held = await byHashedKey(preview, host, [id]);
      const key = keys.find((candidate) => held.has(candidate));
      must(!keys.some((candidate) => candidate.includes(id)), 'a key has the id of the session');
      must(key !== undefined, `keys are ${keys.join(' ')}`);
      const value = await preview.call('cacheGet', key ?? '');
      must(value.length > 100, `memcached answers ${value}`);
      must(!/gAAAA|_auth_user|demo/.test(value), 'the value can be read');
    });
    await check('static files come from the static host, to be kept for a year', () => {
      const files = replies.filter(({ url }) =>
        /\.(css|js|woff2?|svg|png|ico)$/.test(url.pathname),
      );
      must(files.length > 5, `only ${files.length} files`);
      for (const { url, status, headers } of files) {
        must(url.host === preview.staticName, `${url.href} is not of ${preview.staticName}`);
        must(status === 200, `${url.href} is ${status}`);
        const kept = headers['cache-control'] ?? '';
        must(/max-age=31536000/.test(kept) && /immutable/.test(kept), `${url.href}: ${kept}`);
        must(headers['set-cookie'] === undefined, `${url.href} sets a cookie`);
      }
    });
    await check('icons are drawn', () => {
      const fonts = replies.filter(({ url }) =>
        /(webfont|\/fa-[a-z]+-\d+)\.woff2?$/.test(url.pathname),
      );
      must(fonts.length > 0, 'the browser loaded no icon font');
    });
    await check('dynamic pages are never to be kept', () => {
      const pages = replies.filter(
        ({ url, status }) =>
          url.host === preview.name && status === 200 && !/^\/static\//.test(url.pathname),
      );
      must(pages.length > 3, `only ${pages.length} pages`);
      const kept = pages.find(({ headers }) => !/no-store/.test(headers['cache-control'] ?? ''));
      must(kept === undefined, `${kept?.url.href}: ${kept?.headers['cache-control']}`);
    });
    await check('a user logs out', async () => {
      await page.goto(preview.url + 'identity/', { waitUntil: 'networkidle' });
      // A link, or a form from 2026.1 on
      await page.$eval(LOGOUT, (link) => (link as unknown as { click(): void }).click());
      await page.waitForURL('**/auth/login/**', { timeout: 180_000 });
      await page.goto(preview.url + 'identity/', { waitUntil: 'networkidle' });
      must(page.url().includes('/auth/login'), `still at ${page.url()}`);
    });
    await check('nothing the browser asked for was missing or broken', () => {
      const bad = replies.filter(({ status }) => status >= 400);
      const all = [...bad.map(({ url, status }) => `${status} ${url.href}`), ...broken];
      must(all.length === 0, all.join(', '));
    });
  } finally {
    await browser.close();
  }
}

async function redirects(preview: Preview): Promise<void> {
  await check('http is redirected to the https name for good', async () => {
    const { status, location } = await new Promise<{ status?: number; location?: string }>(
      (resolve, reject) =>
        http
          .get(
            { host: ADDRESS, path: '/identity/?a=b', headers: { host: preview.name } },
            (reply) => {
              reply.resume();
              resolve({ status: reply.statusCode, location: reply.headers.location });
            },
          )
          .on('error', reject),
    );
    must(status === 301, `it answers ${status}`);
    const wanted = new URL('/identity/?a=b', preview.url).href;
    must(new URL(location ?? '').href === wanted, `it goes to ${location}`);
  });
}

/** nginx faces the internet: what its workers may do on a host, as the kernel sees it. */
async function sandbox(preview: Preview, hosts: HostState[]): Promise<void> {
  for (const { id, role } of hosts) {
    await check(`workers of nginx on a ${role} host can write next to nothing`, async () => {
      const script =
        'for pid in $(cat "/proc/$(cat /run/nginx.pid)/task/"*/children); do ' +
        'cat "/proc/$pid/status" "/proc/$pid/mountinfo" "/proc/$pid/limits"; done';
      const text = await preview.call('exec', id, ['/bin/bash', '-c', script]);
      const values = (name: string) =>
        [...text.matchAll(new RegExp(`^${name}:\\s+(\\S+)`, 'gm'))].map(([, value]) => value);
      must(values('Pid').length > 0, 'there are no workers');
      must(!values('Uid').includes('0'), 'they are root');
      const rights = [...new Set([...values('CapEff'), ...values('CapPrm')])];
      must(rights.join() === '0000000000000000', `their capabilities are ${rights.join()}`);
      must([...new Set(values('NoNewPrivs'))].join() === '1', 'they may gain privileges');
      const writable = [...text.matchAll(/^\d+ \d+ \S+ \S+ (\S+) rw\b/gm)]
        .map(([, point]) => point)
        .filter((point) => !/^\/(dev|proc|sys|tmp|var\/tmp|run)(\/|$)/.test(point));
      const allowed = ['/var/log/nginx', ...(role === 'dashboard' ? ['/var/lib/nginx'] : [])];
      const surplus = [...new Set(writable)].filter((point) => !allowed.includes(point));
      must(surplus.length === 0, `mounted for writing are ${surplus.join(', ')}`);
      must(/^\d+ \d+ \S+ \S+ \/ ro\b/m.test(text), 'the root of their file system is not ro');
      // As nginx asks for, for all its connections and files.
      const files = [...text.matchAll(/^Max open files +(\d+)/gm)].map(([, most]) => Number(most));
      must(
        files.length > 0 && Math.min(...files) >= 16384,
        `they may open ${files.join(' and ')} files`,
      );
    });
  }
}

/** Hosts whose settings do not hold must stay out. */
async function broken(preview: Preview): Promise<void> {
  const folder = '/etc/openstack-dashboard/local_settings.d';
  const snippets = {
    // The library's snippet sorts after this one and cannot import what it needs; Horizon logs that
    // and would go on with Debian's settings.
    'raises an error': "import sys\nsys.modules['openstack_dashboard_environment'] = None\n",
    'puts sessions into local memory':
      "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}\n" +
      "SESSION_CACHE_ALIAS = 'default'\n",
  };
  for (const [what, snippet] of Object.entries(snippets)) {
    await check(
      `a host whose settings snippet ${what} takes no traffic and never signals`,
      async () => {
        const name = snippet.startsWith('import') ? '_9999_aaa.py' : '_9999_zzz.py';
        const { id } = await preview.addHost({
          role: 'dashboard',
          files: { [`${folder}/${name}`]: snippet },
        });
        const host = async () => (await preview.call('hosts')).find((other) => other.id === id);
        const failed = async () =>
          /openstack-dashboard: FAILED: .*/.exec(preview.console(await host()))?.[0];
        await until('it says FAILED', 300, async () => (await failed()) !== undefined, 500);
        process.stdout.write(`          ${await failed()}\n`);
        await until('the reason is in CloudWatch Logs', 180, async () =>
          (await preview.call('logEvents', id)).some(({ message }) =>
            /"message":"openstack-dashboard: FAILED: /.test(message),
          ),
        );
        await sleep(12000);
        const signals = await preview.call('signals');
        must(
          !signals.some(({ instance, status }) => instance === id && status === 'SUCCESS'),
          'it signalled success',
        );
        const target = (await preview.call('targets')).find(({ instance }) => instance === id);
        must(target?.since === undefined, 'the load balancer found it healthy');
        must(
          !(await preview.call('log')).some((access) => access.target === id),
          'it took traffic',
        );
        await preview.call('powerOff', id);
      },
    );
  }
}

async function crowd(preview: Preview, hosts: HostState[], count: number): Promise<void> {
  const users = Array.from(
    { length: count },
    () => new Visitor(new Way(new URL(preview.url), preview.ca, ADDRESS, 1), preview.user),
  );
  const peak = new Map<string, number>();
  let done = false;
  const watch = (async () => {
    while (!done) {
      for (const { id } of hosts) {
        peak.set(id, Math.max(peak.get(id) ?? 0, await preview.call('memory', id)));
      }
      await sleep(1000);
    }
  })();
  const times: number[] = [];
  const atOnce = async (size: number, work: (user: Visitor) => Promise<void>) => {
    const waiting = [...users];
    const worker = async () => {
      for (let user = waiting.shift(); user !== undefined; user = waiting.shift()) {
        await work(user);
      }
    };
    await Promise.all(Array.from({ length: size }, worker));
  };
  try {
    await check(`${count} users log in and click, and every answer is good`, async () => {
      await atOnce(4, (user) => user.login(preview.password, 60));
      await atOnce(count, async (user) => {
        await sleep(Math.random() * 5000);
        for (const page of ['/identity/', '/identity/users/', '/identity/groups/', '/identity/']) {
          const { reply, outcome } = await user.open(page);
          times.push(reply.milliseconds);
          must(outcome === 'fine', `${page} answered ${reply.status} ${reply.location ?? ''}`);
          await sleep(3000 + Math.random() * 4000);
        }
      });
    });
  } finally {
    done = true;
    await watch;
    users.forEach(({ way }) => way.close());
  }
  times.sort((one, other) => one - other);
  measure(`a page under ${count} users, median`, times[Math.floor(times.length / 2)] ?? 0, 'ms');
  for (const { id, role, name } of hosts) {
    const goal = role === 'static' ? GOALS.staticMemory : GOALS.dashboardMemory;
    measure(
      `memory of ${name}, under ${count} users, peak`,
      (peak.get(id) ?? 0) / 2 ** 20,
      'MiB',
      goal,
    );
  }
}

async function main(values: Values): Promise<void> {
  const before = traces();
  await withPreview({ ...BUILDS, template: values.template }, async (preview) => {
    await preview.makeImages();
    await preview.start();
    const hosts: HostState[] = [];
    const has = preview.has('static');
    await check('hosts boot from their image, signal and take traffic', async () => {
      if (has) {
        hosts.push(
          await bootMeasured(preview, 'static host, from its image', GOALS.image, {
            role: 'static',
          }),
        );
      }
      const role = 'dashboard';
      hosts.push(
        await bootMeasured(preview, 'very first dashboard host, from its image', undefined, {
          role,
        }),
      );
      hosts.push(
        await bootMeasured(preview, 'dashboard host, from its image', GOALS.image, { role }),
      );
    });
    if (hosts.length === (has ? 3 : 2)) {
      const dashboards = hosts.filter(({ role }) => role === 'dashboard');
      await sleep(10000);
      await idle(preview, hosts, 'idle');
      await redirects(preview);
      await sandbox(preview, hosts.slice(0, has ? 2 : 1));
      await check('a browser can go through it', () =>
        browse(preview, dashboards, values.screenshots),
      );
      await crowd(preview, hosts, Number(values.users ?? 50));
      await check('hosts log no exception, from their boot on', () =>
        expectNoException(preview, hosts),
      );
      await broken(preview);
    }
    if (values.quick === undefined) {
      await check('a dashboard host installs its packages at boot', () =>
        bootMeasured(preview, 'dashboard host, packages installed at boot', GOALS.packages, {
          role: 'dashboard',
          plain: true,
        }),
      );
      if (has) {
        await check('a static host installs its packages at boot', () =>
          bootMeasured(preview, 'static host, packages installed at boot', GOALS.packages, {
            role: 'static',
            plain: true,
          }),
        );
      }
    }
  });
  await check('nothing is left behind', () => {
    const left = traces().filter((trace) => !before.includes(trace));
    must(left.length === 0, left.join('\n          '));
  });
}

start(
  {
    name: 'boot test',
    help: HELP,
    options: { template: 'string', screenshots: 'string', users: 'string', quick: 'boolean' },
    checks: ['hosts boot from a synthesized template, and a browser goes through them'],
  },
  main,
);
