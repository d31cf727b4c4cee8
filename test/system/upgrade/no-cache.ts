/**
 * No front-end cache: what is shown to a reader is made for this reader and at this moment, at each hop
 * (load balancer, nginx, application), whatever the request looks like.
 */
import { randomBytes } from 'node:crypto';
import type { HostState } from '../../../preview';
import { wildcard } from '../../../preview/stack/policy';
import { DEMO_USER, KEYSTONE_URL } from '../../../preview/cloud/openstack/keystone';
import { Checks, measure, must } from '../harness/checks';
import { Reply, Way } from '../harness/visitors';
import { Reader } from './crawler';
import { Stage } from './stage';

/** Pages that name their reader. */
const PAGES = ['/identity/', '/identity/users/', '/settings/'];
/** Answers of each kind that the application gives: pages, data, scripts, redirects, errors. */
const DYNAMIC = [
  ...[...PAGES, '/auth/login/', '/api/settings/', '/i18n/js/horizon+openstack_dashboard/'],
  ...['/', '/identity', '/auth/logout/', '/no/such/page', '/identity/no-such-project/detail/'],
];
/** What only caches write, and what would let a browser or a proxy ask whether a page is still good. */
const TRACES = ['age', 'x-cache', 'x-cache-status', 'x-varnish', 'via', 'etag', 'last-modified'];
const NGINX = /^(proxy|fastcgi|uwsgi|scgi|grpc)_(cache|store|no_cache|force_ranges|ignore_headers)/;
const CACHES = /\b(varnish|squid|trafficserver|haproxy|apache2|nuster)/;
const SETTINGS = `
import os
os.environ['DJANGO_SETTINGS_MODULE'] = 'openstack_dashboard.settings'
os.chdir('/usr/share/openstack-dashboard')
import django
django.setup()
from django.conf import settings
print('\\n'.join(settings.MIDDLEWARE))
`;

export const NO_CACHE: Checks<Stage> = [
  ['two users get their own answers at one URL, at every hop', ownAnswers],
  ['every dynamic answer forbids to keep it, and shows no trace of a cache', nothingKept],
  ['questions with conditions and ranges get whole answers, and each user the own one', conditions],
  ['no trick makes one user’s page another’s', deception],
  ['what changes in OpenStack shows at the next request', changes],
  ['no hop of either tier is configured to cache what is dynamic', configuration],
];

/** One way to the application: all of it, or from a host's nginx or gunicorn on. */
interface Hop {
  readonly name: string;
  ask(path: string, reader?: Reader, headers?: Record<string, string>): Promise<Reply>;
}

/** Whose page it is; none for those of nobody. */
const owner = (text: string) => /class="user-name">([^<]*)</.exec(text)?.[1];

const told = (reply: Reply) =>
  `${reply.status} ${reply.location ?? ''} ${owner(reply.text) ?? 'nobody'}`;

function dashboards({ preview }: Stage): Promise<HostState[]> {
  return preview
    .call('hosts')
    .then((hosts) => hosts.filter(({ role, running }) => role === 'dashboard' && running));
}

async function hops(stage: Stage): Promise<Hop[]> {
  const { preview, way } = stage;
  const all: Hop = {
    name: 'the load balancer',
    ask: (path, reader, headers) =>
      reader?.ofPath(path, headers) ?? way.request(path, {}, { headers }),
  };
  const origin = preview.url.replace(/\/$/, '');
  const parts = (await dashboards(stage)).flatMap(({ id, name }) =>
    Object.entries({
      nginx: ['-k', '--resolve', `${preview.name}:443:127.0.0.1`],
      gunicorn: ['--unix-socket', '/run/openstack-dashboard/gunicorn.sock'],
    }).map(([program, options]) => ({
      name: `${program} of ${name}`,
      ask: async (path: string, reader?: Reader, headers: Record<string, string> = {}) => {
        const sent = { 'x-forwarded-proto': 'https', cookie: reader?.cookie ?? '', ...headers };
        const url = (program === 'nginx' ? origin : origin.replace('https', 'http')) + path;
        const said = await preview.call('exec', id, [
          ...['curl', '-s', '-i', '--path-as-is', ...options],
          ...Object.entries(sent).flatMap((header) => ['-H', header.join(': ')]),
          url,
        ]);
        return parse(said);
      },
    })),
  );
  return [all, ...parts];
}

function parse(said: string): Reply {
  const [head, text] = said.split(/\r?\n\r?\n(.*)/s);
  const lines = head.split(/\r?\n/);
  const pairs = lines.slice(1).map((line) => line.split(/:\s*(.*)/s));
  const headers = Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]));
  const status = Number(lines[0].split(' ')[1]);
  return { status, headers, location: headers.location, text: text ?? '', milliseconds: 0 };
}

const two = ({ readers }: Stage): [Reader, Reader] => [readers[0], readers[1]];

async function ownAnswers(stage: Stage): Promise<void> {
  const [one, other] = two(stage);
  let asked = 0;
  for (const hop of await hops(stage)) {
    for (const path of PAGES) {
      // In turn, so that each has the other's answer, or that of nobody, just before the own one.
      for (const reader of [one, other, undefined, other, one, undefined, one]) {
        const reply = await hop.ask(path, reader);
        const fine =
          reader === undefined
            ? reply.status === 302 && /\/auth\/login\//.test(reply.location ?? '')
            : reply.status === 200 && owner(reply.text) === reader.name;
        must(fine, `${hop.name}, ${path}: ${reader?.name ?? 'nobody'} got ${told(reply)}`);
        asked += 1;
      }
    }
  }
  measure('answers at one URL to two users and nobody, each the own one', asked, '');
}

async function nothingKept(stage: Stage): Promise<void> {
  const [one] = two(stage);
  for (const hop of await hops(stage)) {
    for (const reader of [one, undefined]) {
      // Logging out ends the session.
      for (const path of DYNAMIC.filter((each) => reader === undefined || !/logout/.test(each))) {
        const headers = { 'accept-encoding': 'gzip, br' };
        const { status, headers: got } = await hop.ask(path, reader, headers);
        const where = `${hop.name}, ${path} (${status})`;
        must(status < 500, `${where} is an error`);
        // Horizon's translations tell when they were last changed, by themselves.
        const traces = TRACES.filter(
          (name) =>
            got[name] !== undefined && !(name === 'last-modified' && path.startsWith('/i18n/')),
        );
        must(traces.length === 0, `${where} has ${traces.join(', ')}`);
        must(got['content-encoding'] === undefined, `${where} is compressed`);
        // The application itself leaves it to nginx.
        if (!hop.name.startsWith('gunicorn')) {
          const kept = got['cache-control'];
          must(kept === 'no-store', `${where} has cache-control ${kept}`);
        }
      }
    }
  }
}

async function conditions(stage: Stage): Promise<void> {
  const [one, other] = two(stage);
  const later = new Date(Date.now() + 86400000).toUTCString();
  const asked: Record<string, string>[] = [
    { 'if-none-match': '*' },
    { 'if-none-match': '"0", W/"0"' },
    { 'if-modified-since': later },
    { 'if-unmodified-since': later, 'if-match': '*' },
    { range: 'bytes=0-99' },
    { range: 'bytes=0-99', 'if-range': later },
    { 'cache-control': 'only-if-cached, max-stale=86400' },
  ];
  for (const hop of await hops(stage)) {
    for (const path of PAGES) {
      await hop.ask(path, one);
      for (const headers of asked) {
        const reply = await hop.ask(path, other, headers);
        const whole = reply.status === 200 && /<\/html>\s*(<!--.*-->)?\s*$/s.test(reply.text);
        const what = `${hop.name}, ${path}, ${JSON.stringify(headers)}`;
        must(whole && owner(reply.text) === other.name, `${what}: ${told(reply)}`);
      }
    }
  }
}

async function deception(stage: Stage): Promise<void> {
  const { preview } = stage;
  const [one, other] = two(stage);
  const [all] = await hops(stage);
  // Paths that look like files, of which a cache would think that they are for everybody.
  for (const trick of [
    'x.css',
    'x.js',
    '?x.css',
    ';x.css',
    '%3bx.css',
    '%00.css',
    '..%2fstatic/x.css',
  ]) {
    const path = `/identity/users/${trick}`;
    await all.ask(path, one);
    for (const reader of [undefined, other]) {
      const reply = await all.ask(path, reader);
      const theirs = owner(reply.text);
      must(theirs === undefined || theirs === reader?.name, `${path}: ${told(reply)}`);
      // What nginx itself refuses at once has no headers, and no cache keeps it.
      const refused = reply.status === 400;
      must(refused || reply.headers['cache-control'] === 'no-store', `${path}: may be kept`);
    }
  }
  // Headers that a cache's key would lack.
  const poison: Record<string, string>[] = [
    ...['x-forwarded-host', 'x-host', 'x-forwarded-server', 'x-original-url', 'x-rewrite-url'].map(
      (name) => ({ [name]: 'poison.example' }),
    ),
    { forwarded: 'host=poison.example;proto=http' },
    { 'accept-language': 'de' },
    { cookie: `${one.cookie}; theme=material; horizon_language=ja` },
  ];
  for (const headers of poison) {
    const mark = randomBytes(4).toString('hex');
    const path = `/settings/?${mark}`;
    const before = await all.ask(path, other);
    await all.ask(path, one, headers);
    const after = await all.ask(path, other);
    const what = `after ${JSON.stringify(headers)}, ${other.name} got ${told(after)}`;
    must(owner(after.text) === other.name && !after.text.includes('poison.example'), what);
    const [was, is] = [before, after].map(({ text }) => /<title>.*?<\/title>/s.exec(text)?.[0]);
    must(was === is, `${what}, ${is} instead of ${was}`);
  }
  // Nor does one connection mix up its users.
  const single = new Way(new URL(preview.url), preview.ca, stage.address, 1);
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const reader = [one, other][index % 2];
      return single
        .request('/settings/', reader.copyOfCookies)
        .then(({ text }) => owner(text) === reader.name);
    }),
  );
  single.close();
  must(replies.every(Boolean), 'a connection of two users mixed them up');
}

/** Asks Keystone as an operator's own program would, past the dashboard. */
class Keystone {
  private token = '';

  constructor(
    private readonly stage: Stage,
    private readonly host: HostState,
  ) {}

  public async login(): Promise<void> {
    const { password } = this.stage.preview;
    const domain = { id: 'default' };
    const user = { name: DEMO_USER, domain, password };
    const said = await this.curl('POST', '/auth/tokens', {
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: 'demo', domain } },
      },
    });
    this.token = String(said.headers['x-subject-token']);
  }

  public async call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Record<string, { id: string }>> {
    const { text } = await this.curl(method, path, body);
    return text === '' ? {} : (JSON.parse(text) as Record<string, { id: string }>);
  }

  private async curl(method: string, path: string, body?: unknown): Promise<Reply> {
    const said = await this.stage.preview.call('exec', this.host.id, [
      ...['curl', '-s', '-i', '-X', method, '-H', 'content-type: application/json'],
      ...(this.token === '' ? [] : ['-H', `x-auth-token: ${this.token}`]),
      ...(body === undefined ? [] : ['-d', JSON.stringify(body)]),
      KEYSTONE_URL + path,
    ]);
    const reply = parse(said);
    must(reply.status < 300, `Keystone: ${method} ${path}: ${said.slice(0, 500)}`);
    return reply;
  }
}

async function changes(stage: Stage): Promise<void> {
  const [one, other] = two(stage);
  const hosts = await dashboards(stage);
  const keystone = new Keystone(stage, hosts[0]);
  await keystone.login();
  /** Each user asks each host at once, by the load balancer, which takes them in turn. */
  const shows = async (path: string, text: string, wanted: boolean) => {
    for (const reader of [one, other]) {
      for (let time = 0; time < hosts.length; time++) {
        const reply = await reader.ofPath(path);
        must(reply.status === 200, `${path}: ${told(reply)}`);
        const what = `${path} of ${reader.name} ${wanted ? 'lacks' : 'still has'} ${text}`;
        must(reply.text.includes(text) === wanted, what);
      }
    }
  };
  const [users, projects] = ['/identity/users/', '/identity/'];
  const names = Array.from({ length: 4 }, () => `changed-${randomBytes(6).toString('hex')}`);
  await shows(projects, names[0], false);
  const project = { name: names[0], domain_id: 'default' };
  const { id } = (await keystone.call('POST', '/projects', { project })).project;
  const roles = (await keystone.call('GET', '/roles?name=member')).roles as unknown as {
    id: string;
  }[];
  const everybody = (await keystone.call('GET', '/users')).users as unknown as {
    id: string;
    name: string;
  }[];
  for (const user of everybody.filter(({ name }) => [one.name, other.name].includes(name))) {
    await keystone.call('PUT', `/projects/${id}/users/${user.id}/roles/${roles[0].id}`);
  }
  await shows(projects, names[0], true);
  for (const name of names.slice(1, 3)) {
    await keystone.call('PATCH', `/projects/${id}`, { project: { name } });
    await shows(projects, name, true);
  }
  await shows(projects, names[0], false);
  await keystone.call('DELETE', `/projects/${id}`);
  await shows(projects, names[2], false);
  await shows(users, names[3], false);
  const user = { name: names[3], domain_id: 'default', description: 'somebody new' };
  const added = (await keystone.call('POST', '/users', { user })).user;
  await shows(users, names[3], true);
  await keystone.call('DELETE', `/users/${added.id}`);
  await shows(users, names[3], false);
}

/** The configuration that `nginx -T` dumps file by file, as one. */
function whole(dump: string): string {
  const parts = dump.split(/^# configuration file (.*):$/m);
  const files = new Map<string, string>();
  for (let index = 1; index < parts.length; index += 2) {
    files.set(parts[index], parts[index + 1]);
  }
  const expand = (text: string): string =>
    text.replace(/^\s*include\s+(\S+);/gm, (_all, name: string) => {
      const pattern = wildcard(name.startsWith('/') ? name : `/etc/nginx/${name}`, '');
      return [...files]
        .map(([file, content]) => (pattern.test(file) ? expand(content) : ''))
        .join('');
    });
  return expand(parts[2] ?? '');
}

/** Directives of nginx with the blocks that they are in. */
function directives(text: string): { readonly words: string[]; readonly within: string[] }[] {
  const found: { words: string[]; within: string[] }[] = [];
  const within: string[] = [];
  let words: string[] = [];
  const plain = text.replace(/^\s*#.*$/gm, '').replace(/\s#\s.*$/gm, '');
  for (const [token] of plain.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[;{}]|[^\s;{}]+/g)) {
    if (token === ';') {
      found.push({ words, within: [...within] });
      words = [];
    } else if (token === '{') {
      within.push(words.join(' '));
      words = [];
    } else if (token === '}') {
      within.pop();
    } else {
      words.push(token);
    }
  }
  return found;
}

async function configuration(stage: Stage): Promise<void> {
  const { preview } = stage;
  for (const { id, name, role } of await preview.call('hosts')) {
    const exec = (...command: string[]) => preview.call('exec', id, command);
    const rendered = directives(whole(await exec('nginx', '-T')));
    const passes = rendered.filter(({ words }) =>
      /^(proxy|fastcgi|uwsgi|scgi|grpc)_pass$/.test(words[0]),
    );
    must(
      role === 'static' ? passes.length === 0 : passes.length > 0,
      `nginx of ${name} passes ${passes.length} locations on`,
    );
    const bad = rendered.filter(({ words }) => NGINX.test(words[0]));
    must(
      bad.length === 0,
      `nginx of ${name} has ${bad.map(({ words }) => words.join(' ')).join('; ')}`,
    );
    for (const { within } of passes) {
      // What holds where requests are passed on: there, and in the blocks around.
      const here = rendered.filter((other) =>
        other.within.every((block, index) => block === within[index]),
      );
      const wrong = here.filter(
        ({ words }) =>
          /^(expires|open_file_cache|gzip_static|brotli\w*|slice)$/.test(words[0]) ||
          (words[0] === 'gzip' && words[1] !== 'off') ||
          (/^(add|more_set)_header/.test(words[0]) &&
            /^"?cache-control/i.test(words[1]) &&
            words[2] !== 'no-store'),
      );
      const told = wrong.map(({ words }) => words.join(' ')).join('; ');
      must(wrong.length === 0, `nginx of ${name}, ${within.join(' ')}: ${told}`);
    }
    // What is not there cannot cache.
    const packages = await exec('dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n');
    const installed = packages.split('\n').filter((line) => line.endsWith(' installed'));
    const caches = installed.filter((line) => CACHES.test(line));
    must(caches.length === 0, `${name} has the packages ${caches.join(', ')}`);
    const listening = (await exec('ss', '-Hltn')).match(/(?<=:)\d+(?=\s+\S+:\*)/g) ?? [];
    const others = listening.filter((port) => !['22', '443'].includes(port));
    must(others.length === 0, `${name} listens on ${others.join(', ')}`);
    if (role === 'dashboard') {
      const load =
        'set -a; . /etc/openstack-dashboard/dashboard.env; . /etc/openstack-dashboard/release.env';
      const python = `cd /; exec runuser -u horizon -- python3 -W ignore -c "$0" 2>/dev/null`;
      const middleware = await exec('bash', '-c', `${load}; ${python}`, SETTINGS);
      must(/SessionMiddleware|Sessions/.test(middleware), `middleware of ${name}: ${middleware}`);
      const caching =
        /^.*(UpdateCache|FetchFromCache|CacheMiddleware|ConditionalGet|GZip).*$/m.exec(middleware);
      must(caching === null, `${name} has the middleware ${caching?.[0]}`);
    }
  }
}
