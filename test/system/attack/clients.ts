import * as tls from 'node:tls';
import { sleep } from '../../../preview/shared/run';
import { Checks, measure, must } from '../harness/checks';
import { Reply, Visitor } from '../harness/visitors';
import { asRoot, Stage } from './stage';

/** What clients on the internet get. */
export const CLIENTS: Checks<Stage> = [
  ['a brute force is refused, and slows down nobody else', bruteForce],
  ['bodies that trickle hold no disk', trickle],
  ['a user name with a line break writes no line of the log; the log has the address', logs],
  ['headers that claim a proxy, a name or a scheme change nothing', spoofs],
  ['URLs that leave the static folder, are too long or malformed get no more than an error', urls],
  ['no page may be framed, run plug-ins or be rebased; cookies belong to this very name', browser],
];

async function loginForm(stage: Stage, cookies: Record<string, string>): Promise<string> {
  const { text } = await stage.way.request('/auth/login/', cookies);
  return /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(text)?.[1] ?? '';
}

function tryLogin(
  { way }: Stage,
  cookies: Record<string, string>,
  csrfmiddlewaretoken: string,
  username: string,
  password: string,
): Promise<Reply> {
  const form = { csrfmiddlewaretoken, username, password, region: 'default', next: '/identity/' };
  return way.request(
    '/auth/login/',
    { ...cookies },
    { form: new URLSearchParams(form).toString() },
  );
}

/** Milliseconds of the login page as another client of the load balancer sees it, sorted. */
async function loginPage(stage: Stage, times: number): Promise<number[]> {
  // A host: its address is not the attacker's.
  const script =
    `for n in $(seq ${times}); do curl -s -o /dev/null -w '%{http_code} %{time_total}\\n' ` +
    `-k -m 30 --connect-to '::${stage.preview.plan.loadBalancerName}:443' ` +
    `'https://${stage.preview.name}/auth/login/'; sleep 0.2; done`;
  const lines = (await asRoot(stage, stage.staticHosts[0], script)).trim().split('\n');
  const bad = lines.find((line) => !line.startsWith('200 '));
  must(bad === undefined, `the login page answers ${bad}`);
  return lines.map((line) => 1000 * Number(line.split(' ')[1])).sort((one, other) => one - other);
}

const median = (sorted: number[]) => sorted[sorted.length >> 1];

async function bruteForce(stage: Stage): Promise<void> {
  const { preview, way, visitors } = stage;
  const cookies: Record<string, string> = {};
  const token = await loginForm(stage, cookies);
  const rest = await loginPage(stage, 15);
  const statuses: number[] = [];
  let going = true;
  const attack = async () => {
    while (going && statuses.length < 192) {
      const password = `wrong-${statuses.length}`;
      const { status } = await tryLogin(stage, cookies, token, visitors[0].name, password);
      statuses.push(status);
      must(status === 429 || status < 400, `a wrong password gets ${status}`);
    }
  };
  const attackers = Promise.all(Array.from({ length: 40 }, attack));
  const under = await loginPage(stage, 15);
  going = statuses.length < 192;
  await attackers;
  const refused = statuses.filter((status) => status === 429).length;
  measure('passwords tried by one client', statuses.length, '');
  measure('of these that were looked at', statuses.length - refused, '');
  measure('login page for others at rest, median', median(rest), 'ms');
  measure('login page for others in the attack, median', median(under), 'ms');
  measure('ratio of the two', median(under) / median(rest), '');
  must(refused > statuses.length / 2, `${refused} of ${statuses.length} were refused`);
  // Others behind the same address are not shut out for long.
  const began = Date.now();
  const other = new Visitor(way, visitors[1].name);
  let entered = false;
  while (!entered && Date.now() - began < 90000) {
    entered = await other.login(preview.password).then(
      () => true,
      () => false,
    );
    if (!entered) {
      await sleep(2000);
    }
  }
  measure('until another user of that address could log in', (Date.now() - began) / 1000, 's');
  must(entered, 'nobody of that address can log in any more');
}

/** Sends text over TLS to the load balancer, and gives what comes back until it closes or is quiet. */
function raw(stage: Stage, text: string, quiet = 4000): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const { preview, address } = stage;
    const socket = tls.connect({
      host: address,
      port: Number(new URL(preview.url).port || 443),
      servername: preview.name,
      ca: preview.ca,
    });
    const end = () => {
      socket.destroy();
      resolve(said);
    };
    socket.setTimeout(quiet, end);
    socket.on('data', (chunk) => (said += chunk.toString('latin1')));
    socket.on('error', end);
    socket.on('close', end);
    socket.on('secureConnect', () => socket.write(text, 'latin1'));
  });
}

async function trickle(stage: Stage): Promise<void> {
  const { preview, hosts } = stage;
  const used = async () => {
    const sizes = hosts.map((host) => asRoot(stage, host, 'du -sxB1 /var/lib/nginx | cut -f1'));
    return (await Promise.all(sizes)).reduce((sum, text) => sum + Number(text.trim()), 0);
  };
  const before = await used();
  const body = 'x'.repeat(500000);
  const answers = Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      raw(
        stage,
        `POST /auth/login/?${n} HTTP/1.1\r\nHost: ${preview.name}\r\n` +
          `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000000\r\n\r\n${body}`,
      ),
    ),
  );
  await sleep(2500);
  const during = await used();
  const first = (await answers).map((text) => /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 'no answer');
  const held = (during - before) / 2 ** 20;
  process.stdout.write(`          answers: ${[...new Set(first)].join(', ')}\n`);
  measure('disk held by 40 clients that trickle 9 MB bodies', held, 'MiB', 60);
  must(held < 60, `they hold ${held.toFixed(0)} MiB`);
}

async function logs(stage: Stage): Promise<void> {
  const { hosts, visitors } = stage;
  const mark = `mark-${Date.now()}`;
  const forged = `${mark}\nLogin successful for user "admin", remote address 192.0.2.1.\r\x1b[2K`;
  const since = Math.floor(Date.now() / 1000) - 1;
  // The brute force before may have used up what this address may try.
  let status = 429;
  for (let tries = 0; status === 429 && tries < 40; tries += 1) {
    const cookies: Record<string, string> = {};
    const token = await loginForm(stage, cookies);
    ({ status } = await tryLogin(stage, cookies, token, forged, 'wrong'));
    await sleep(status === 429 ? 2000 : 0);
  }
  must(status === 200, `the login answers ${status}`);
  await sleep(1000);
  let said = '';
  for (const host of hosts) {
    said += await asRoot(stage, host, `journalctl -q -o cat -a --since @${since}`);
    said += await asRoot(stage, host, 'tail -n 200 /var/log/nginx/access.log');
  }
  const lines = said.split(/\n|\r/);
  must(
    lines.some((line) => line.includes(mark)),
    'the attempt was not logged at all',
  );
  const false_ = lines.find((line) => /^.{0,40}Login successful for user "admin"/.test(line));
  must(false_ === undefined, `the log has the line ${false_}`);
  must(!said.includes('\x1b[2K'), 'the log has a control sequence of a terminal');
  const record = lines.find((line) => line.includes(mark) && /Login failed/.test(line)) ?? '';
  must(/remote address (127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)/.test(record), `it says ${record}`);
  must(visitors.length > 0, 'nobody is logged in');
}

async function spoofs(stage: Stage): Promise<void> {
  const { preview, way } = stage;
  const ask = (headers: Record<string, string>) => way.request('/auth/login/', {}, { headers });
  const evil = 'evil.example.org';
  for (const headers of [
    { 'x-forwarded-host': evil },
    { forwarded: `host=${evil};proto=http` },
    { 'x-forwarded-server': evil },
    { 'x-original-url': '/identity/' },
    { 'x-rewrite-url': '/identity/' },
    { 'x-forwarded-proto': 'http' },
    { 'x-forwarded-port': '8443' },
    { 'x-http-method-override': 'DELETE' },
  ] as Record<string, string>[]) {
    const { status, text, headers: got } = await ask(headers);
    const name = JSON.stringify(headers);
    must(status === 200, `${name} answers ${status}`);
    must(!text.includes(evil) && !JSON.stringify(got).includes(evil), `${name} is believed`);
  }
  for (const name of [evil, `${preview.name}.${evil}`, `${preview.name}@${evil}`, '', '*']) {
    const said = await raw(stage, `GET /auth/login/ HTTP/1.1\r\nHost: ${name}\r\n\r\n`, 2000);
    must(!/^HTTP\/1\.1 [23]/.test(said), `Host: ${name} answers ${said.slice(0, 60)}`);
  }
  // Two lengths, or a length and chunks, are one request to the one who reads and two to the other.
  const smuggled = [
    'Content-Length: 4\r\nContent-Length: 60\r\n\r\nabcd',
    'Content-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nX: y',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n',
  ];
  for (const rest of smuggled) {
    const said = await raw(
      stage,
      `POST /auth/login/ HTTP/1.1\r\nHost: ${preview.name}\r\n${rest}`,
      2500,
    );
    const answers = said.match(/HTTP\/1\.1 \d+/g) ?? [];
    must(answers.length <= 1, `one request gets ${answers.join(', ')}`);
  }
  for (const host of stage.hosts) {
    const log = await asRoot(stage, host, 'grep -c /evil /var/log/nginx/access.log || true');
    must(Number(log) === 0, `${host.name} was asked for what was smuggled`);
  }
}

async function urls(stage: Stage): Promise<void> {
  const { preview, way } = stage;
  const paths = [
    '/static/../../../etc/passwd',
    '/static/%2e%2e/%2e%2e/etc/passwd',
    '/static/..%2f..%2fetc/passwd',
    '/static/.%00/etc/passwd',
    '/static../nginx.conf',
    '/%00',
    '/auth/login/%0d%0aSet-Cookie:%20x=y',
    '/auth/login/?next=https://evil.example.org/',
    '/auth/login/?next=//evil.example.org/',
    '/healthz/../identity/',
    '/.git/config',
    '/local_settings.py',
  ];
  for (const name of [preview.name, preview.staticName]) {
    for (const path of paths) {
      const said = await raw(
        stage,
        `GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`,
      );
      must(/^HTTP\/1\.1 [2345]/.test(said), `${name}${path} gets no answer: ${said.slice(0, 50)}`);
      must(!/root:x:|worker_processes|^Set-Cookie: x=y/m.test(said), `${name}${path} is open`);
      must(
        !/^HTTP\/1\.1 50[0-4]/.test(said) || /^HTTP\/1\.1 503/.test(said),
        `${path}: ${said.slice(0, 60)}`,
      );
      must(!/^location: (https?:)?\/\/evil/im.test(said), `${path} redirects away`);
    }
  }
  const long = await way.request(`/identity/?q=${'x'.repeat(20000)}`, {});
  must(long.status === 414 || long.status === 400, `a URL of 20,000 bytes answers ${long.status}`);
  const cookie = await way.request('/auth/login/', { junk: 'x'.repeat(40000) });
  must([400, 431, 494].includes(cookie.status), `40,000 bytes of cookies answer ${cookie.status}`);
  const visitors = await Promise.all(stage.visitors.map((visitor) => visitor.ask()));
  must(
    visitors.every(({ outcome }) => outcome === 'fine'),
    'users were logged out',
  );
}

async function browser(stage: Stage): Promise<void> {
  const { preview } = stage;
  const context = await stage.browser.newContext();
  try {
    const page = await context.newPage();
    const response = await page.goto(`${preview.url}auth/login/`, { waitUntil: 'networkidle' });
    const policy = response?.headers()['content-security-policy'] ?? '';
    for (const part of ["object-src 'none'", "base-uri 'self'", "frame-ancestors 'none'"]) {
      must(policy.includes(part), `Content-Security-Policy is ${policy}`);
    }
    const cookies = await context.cookies();
    must(cookies.length > 0, 'the login page sets no cookie');
    must(
      cookies.every(({ secure, domain }) => secure && domain === preview.name),
      JSON.stringify(cookies),
    );
    // The static name is a subdomain: what it says to all of the parent's names must not matter.
    const planted = await context.newPage();
    await planted.goto(`https://${preview.staticName}/robots.txt`);
    await planted.evaluate(
      `document.cookie = '${stage.visitors[0].cookieName}=planted; domain=${preview.name}; path=/; secure'`,
    );
    const sent = (await context.cookies(preview.url)).filter(({ value }) => value === 'planted');
    must(sent.length === 0, `the static name plants ${sent[0]?.name} of ${sent[0]?.domain}`);
    await page.setContent(`<iframe src="${preview.url}auth/login/"></iframe>`);
    await sleep(1500);
    const frame = page.frames()[1];
    const form = await frame?.$('#id_username').catch(() => null);
    must(form === null || form === undefined, 'the login page is shown in a frame');
  } finally {
    await context.close();
  }
}
