/**
 * Releases of Horizon come and go: the preview runs a dashboard of two hosts and two static hosts, and
 * while readers load pages with all that these refer to, and Chromium too, hosts of other point releases
 * come, go back, publish at once and die. And no front-end cache: what nobody but its reader may see.
 * Root, Linux, Chromium. Usage: see HELP.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { HostState, Image, Preview } from '../../../preview';
import { sleep, until } from '../../../preview/shared/run';
import { Checks, measure, must, onStage, progress } from '../harness/checks';
import { BUILDS, expectNoException, start, Values, withPreview } from '../harness/program';
import { HorizonRelease, Theme } from '../../../lib';
import { PULL_INTERVAL_SECONDS } from '../../../lib/static/releases';
import { synthesize, withStack } from '../../../harness/stack';
import { each, Way } from '../harness/visitors';
import { Crawl, Page, Reader } from './crawler';
import { NO_CACHE } from './no-cache';
import { Stage } from './stage';
import { Tab } from './tab';

const HELP = `usage: npm run test:upgrade -- [options]
  --horizon SERIES    only upgrades to Horizon from PyPI, such as 2026.1, and back
  --then SERIES       the same after all others
  --quick             no other release than one with a theme
  --pages N           how many page loads at least, default 1000
  --rate N            page loads a second at most, default 6
  --only REGEX        of the checks, only these
  --json FILE         write the measurements there
  --address ADDRESS   where the dashboard is reached, default 127.0.0.1
`;
/** Keystone’s own cache has a project for some time under the name that it had. */
const UNCACHED = { keystoneSettings: '[cache]\nenabled = false\n' };
const USERS = ['erika.mustermann', 'john.doe', 'jane.roe'];
const READERS = 9;
const MEMCACHED_NODES = 2;

const FIRST = 'two hosts a tier boot, and two publish one release at once';
const CHECKS: Checks<Stage> = [
  ...NO_CACHE,
  ['the crawl would see a file that is missing', missing],
  ['the static name has files of releases and robots.txt, and nothing else', staticName],
  ['a rolling upgrade of both tiers serves no error and logs nobody out', upgrade],
  ['a rollback to the release before does neither', rollback],
  ['two hosts of a later release publish at once, and one dies at it', publication],
  ['the later release comes into service beside the first', scaleOut],
  ['a theme of one’s own is an upgrade like any other, and is to be seen', theme],
  ['all that any page ever referred to is still there', remains],
];

const LONG = new Set<unknown>([upgrade, rollback, publication, scaleOut]);

/** Instead of these, with `--horizon`. */
const horizonChecks = (series: string): Checks<Stage> => [
  [
    `hosts of Horizon ${series} replace Debian’s, serve no error and log nobody out`,
    (stage) => changeHorizon(stage, series),
  ],
  ['Debian’s come back, and do neither', (stage) => changeHorizon(stage)],
];

function checksOf({ horizon, then, quick }: Values): Checks<Stage> {
  if (horizon !== undefined) {
    return horizonChecks(horizon);
  }
  const checks = CHECKS.filter(([, body]) => quick === undefined || !LONG.has(body));
  return then === undefined ? checks : [...checks, ...horizonChecks(then)];
}

const hostsOf = async ({ preview }: Stage, role: string) =>
  (await preview.call('hosts')).filter((host) => host.role === role && host.running);

/** Whoever loads pages: what they saw since some time must have no failure in it. */
function expectNoFailure(stage: Stage): void {
  const fresh = stage.failures.slice(stage.judged);
  stage.judged = stage.failures.length;
  must(fresh.length === 0, `${fresh.length} failed, such as ${fresh.slice(0, 5).join(', ')}`);
}

function releases(pages: Page[]): string {
  const by = new Map<string, number>();
  pages.forEach(({ version }) => by.set(version, (by.get(version) ?? 0) + 1));
  return [...by].map(([version, times]) => `${times} of ${named(version)}`).join(', ');
}

const named = (version: string) => (version === '' ? 'Debian’s' : `release ${version}`);

async function missing({ preview, crawl }: Stage): Promise<void> {
  const [url] = crawl.urls.filter((known) => known.endsWith('.css'));
  const wrong = url.replace(/[0-9a-f]{16}/, '0123456789abcdef');
  const { status } = await crawl.ask(wrong, 'identity');
  must(status === 404, `${wrong} is ${status}`);
  must(new URL(url).hostname === preview.staticName, `${url} is not static`);
}

async function staticName({ preview, crawl }: Stage): Promise<void> {
  const wanted = {
    '/robots.txt': 200,
    '/': 404,
    '/healthz': 404,
    '/static/': 403,
    '/auth/login/': 404,
  };
  for (const [name, status] of Object.entries(wanted)) {
    const reply = await crawl.ask(`https://${preview.staticName}${name}`, 'identity');
    must(reply.status === status, `${name} is ${reply.status}`);
    must(name !== '/robots.txt' || /^Disallow: \/$/m.test(`${reply.body}`), `it is ${reply.body}`);
  }
}

/** Both groups' hosts are replaced, one by one. */
async function roll(stage: Stage, image: Image | undefined, version: string): Promise<void> {
  const { preview, crawl } = stage;
  const before = await hostsOf(stage, 'dashboard');
  const start = Date.now();
  const [added] = await Promise.all([
    preview.roll({ role: 'dashboard', image }),
    preview.roll({ role: 'static' }),
  ]);
  await Promise.all(added.map(({ id }) => preview.inService(id)));
  const pages = crawl.since(start);
  await crawl.sweep(2);
  // What was asked before the last of the old ones left.
  const left = Date.now();
  await until('pages of the new hosts alone', 180, () => crawl.since(left).length > 20);
  process.stdout.write(`          meanwhile ${releases(pages)}\n`);
  for (const wanted of new Set([version, stage.version])) {
    const seen = pages.filter((page) => page.version === wanted).length;
    must(seen > 0, `no page of ${named(wanted)} in the update: it shows nothing`);
  }
  const others = crawl.since(left).filter((page) => page.version !== version);
  must(others.length === 0, `afterwards ${releases(others)}`);
  const now = await hostsOf(stage, 'dashboard');
  must(now.length === before.length, `${now.length} dashboard hosts, before ${before.length}`);
  must((await hostsOf(stage, 'static')).length === 2, 'not two static hosts');
  stage.version = version;
  expectNoFailure(stage);
  await expectNoException(preview, now);
}

async function upgrade(stage: Stage): Promise<void> {
  await roll(stage, stage.images['2'], '2');
}

/** Horizon of another source: other hosts, of another template of the stack. */
async function changeHorizon(stage: Stage, series?: string): Promise<void> {
  const { preview, crawl, out } = stage;
  const known = new Set(crawl.pages.map(({ release }) => release));
  const horizonRelease = series === undefined ? undefined : HorizonRelease.upstream(series);
  const folder = path.join(out, `horizon-${series ?? 'debian'}`);
  const start = Date.now();
  await preview.deploy(synthesize(folder, MEMCACHED_NODES, () => ({ hosts: { horizonRelease } })));
  measure('the deployment', (Date.now() - start) / 1000, 's');
  const hosts = await hostsOf(stage, 'dashboard');
  await Promise.all(hosts.map(({ id }) => preview.inService(id)));
  await crawl.sweep(2);
  const left = Date.now();
  await until('pages of the new hosts alone', 240, () => crawl.since(left).length > 20);
  const now = [...new Set(crawl.since(left).map(({ release }) => release))];
  must(now.length === 1, `pages are of the releases ${now.join(' ')}`);
  must(known.has(now[0]) === (series === undefined), `the release ${now[0]} is not a new one`);
  for (const { id } of hosts) {
    const code = 'import django, horizon; print(django.VERSION[:2], horizon.__file__)';
    const python = ['/usr/local/lib/openstack-dashboard/with-horizon', 'python3', '-c', code];
    const said = await preview.call('exec', id, python);
    process.stdout.write(`          ${said.trim()}\n`);
    must(said.includes('/venv/') === (series !== undefined), `it runs ${said}`);
  }
  await expectNoException(preview, hosts);
  expectNoFailure(stage);
}

async function rollback(stage: Stage): Promise<void> {
  await roll(stage, undefined, '');
}

async function publication(stage: Stage): Promise<void> {
  const { preview, crawl } = stage;
  const known = await preview.call('uploads');
  const objects = await preview.call('objects');
  await preview.call('holdUploads', 2 ** 20);
  const options = { role: 'dashboard', image: stage.images['3'] } as const;
  stage.late = await Promise.all([preview.addHost(options), preview.addHost(options)]);
  const uploads = async () => (await preview.call('uploads')).slice(known.length);
  const [dying, living] = stage.late;
  try {
    await progress('both build', () => bothPublish(preview, stage.late, known.length));
    await preview.call('powerOff', dying.id);
    // Static hosts list the bucket once more.
    await sleep((PULL_INTERVAL_SECONDS + 5) * 1000);
    const now = await preview.call('objects');
    must(now.join() === objects.join(), `${now.join(' ')} while uploads were under way`);
    await expectReleases(stage, objects);
  } finally {
    await preview.call('holdUploads');
  }
  await preview.signalled(living.id);
  const [broken, whole] = [dying, living].map(async ({ address }) =>
    (await uploads()).find((upload) => upload.address === address),
  );
  const sent = (await broken)?.state ?? '';
  must(['under way', 'broken'].includes(sent), `what the one that died sent was ${sent}`);
  must((await whole)?.state === 'done', `that of the other is ${(await whole)?.state}`);
  stage.late = [living];
  await crawl.sweep(2);
  expectNoFailure(stage);
}

/** Waits until both hosts have begun to upload, unless one fails before. */
async function bothPublish(preview: Preview, hosts: HostState[], known: number): Promise<void> {
  const begun = async () => (await preview.call('uploads')).length === known + 2;
  await Promise.race([
    until('both hosts publish', 300, begun, 250),
    ...hosts.map(({ id }) => preview.signalled(id)),
  ]);
}

/** Static hosts have what is published, and nothing else. */
async function expectReleases(stage: Stage, objects: string[]): Promise<void> {
  const wanted = objects.map((key) => path.basename(key, '.tar')).sort();
  for (const { id, name } of await hostsOf(stage, 'static')) {
    const folder = '/var/lib/openstack-dashboard-static';
    const listed = await stage.preview.call('exec', id, ['ls', '-A', folder, `${folder}/static`]);
    const found = (listed.match(/^[0-9a-f]{16}$/gm) ?? []).sort();
    must(found.join() === wanted.join(), `${name} has ${found.join(' ')}, not ${wanted.join(' ')}`);
    must(!/^new\./m.test(listed), `${name} has half of a release: ${listed}`);
  }
}

async function scaleOut(stage: Stage): Promise<void> {
  const { preview, crawl } = stage;
  const options = { role: 'dashboard', image: stage.images['3'] } as const;
  // As the scaling group replaces the one that died: this one downloads what the other built.
  const host = await preview.addHost(options);
  await preview.signalled(host.id);
  stage.late.push(host);
  await Promise.all(stage.late.map(({ id }) => preview.inService(id)));
  const start = Date.now();
  await until('pages of both releases', 240, () => crawl.since(start).length > 60);
  await crawl.sweep(2);
  const pages = crawl.since(start);
  process.stdout.write(`          ${releases(pages)}\n`);
  for (const version of ['', '3']) {
    const seen = pages.filter((page) => page.version === version).length;
    must(seen > 10, `${seen} pages of ${named(version)}`);
  }
  await expectReleases(stage, await preview.call('objects'));
  expectNoFailure(stage);
  await expectNoException(preview, stage.late);
  // The first ones may have been asked for a project that was no more.
  await expectNoException(preview, await hostsOf(stage, 'dashboard'), start);
}

/** A folder with colours, a logo, a background and a template, on the later release if there is one. */
async function theme(stage: Stage): Promise<void> {
  const { preview, tab, out } = stage;
  if (stage.late.length > 0) {
    const [first, second] = await hostsOf(stage, 'dashboard');
    await preview.remove(first.id);
    await preview.remove(second.id);
    stage.version = '3';
  }
  const harbour = Theme.fromFolder(path.join(__dirname, 'harbour'));
  const folder = path.join(out, 'themed');
  await preview.update(synthesize(folder, MEMCACHED_NODES, () => ({ hosts: { theme: harbour } })));
  await roll(stage, stage.images['3'], 'harbour');
  await tab.pause(async (page) => {
    await page.goto(`${preview.url}identity/`, { waitUntil: 'load' });
    const style = (selector: string, name: string) =>
      page.evaluate<string>(
        `getComputedStyle(document.querySelector('${selector}')).getPropertyValue('${name}')`,
      );
    const bar = await style('.topbar .navbar', 'background-color');
    must(bar === 'rgb(18, 60, 105)', `the bar is ${bar}`);
    const waves = await style('.topbar .navbar', 'background-image');
    must(/themes\/harbour\/img\/waves\.svg/.test(waves), `its background is ${waves}`);
    const line = await style('#footer', 'border-top-color');
    must(line === 'rgb(11, 110, 79)', `the footer's line is ${line}`);
    const logo = await page.evaluate<string>(
      "(({ src, naturalWidth }) => `${naturalWidth} ${src}`)(document.querySelector('.openstack-logo'))",
    );
    // Loaded, and not the size of something that stands in for it.
    must(/^128 .*themes\/harbour\/img\/logo\.svg$/.test(logo), `the logo is ${logo}`);
  });
  expectNoFailure(stage);
}

async function remains(stage: Stage): Promise<void> {
  const { crawl, tab, pages } = stage;
  await progress('until there were enough page loads', () =>
    until(`${pages} page loads`, 900, () => crawl.pages.length >= pages),
  );
  const urls = await crawl.sweep(4);
  measure('page loads', crawl.pages.length, '');
  measure('page loads in Chromium', tab.loads, '');
  measure('requests for files', crawl.requests + tab.requests, '');
  measure('different files', urls, '');
  measure('read of them', crawl.bytes / 2 ** 20, 'MiB');
  measure('answers other than 200', stage.failures.length, '', 0);
  const versions = new Set(crawl.pages.map(({ version }) => version));
  must(versions.size === stage.releases, `pages were of ${[...versions].map(named).join(', ')}`);
  must(tab.loads > 20, `Chromium loaded ${tab.loads} pages`);
  expectNoFailure(stage);
}

/** Boots the first release: its two hosts build and publish the same, at once. */
async function prepare(
  preview: Preview,
  pages: number,
  address: string,
  out: string,
  { horizon, quick }: Values,
): Promise<Stage> {
  await preview.makeImages();
  const script = fs.readFileSync(path.join(__dirname, 'point-release.sh'), 'utf8');
  const pointReleases = quick === undefined ? ['2', '3'] : [];
  const images: Record<string, Image> = {};
  for (const number of horizon === undefined ? pointReleases : []) {
    const name = `point-release-${number}`;
    images[number] = await preview.deriveImage('dashboard', name, script, number);
  }
  await preview.start();
  await preview.call('holdUploads', 2 ** 20);
  const roles = ['static', 'static', 'dashboard', 'dashboard'] as const;
  const hosts = await Promise.all(roles.map((role) => preview.addHost({ role })));
  await progress('boot two hosts a tier', async () => {
    await bothPublish(preview, hosts.slice(2), 0);
    await preview.call('holdUploads');
    for (const { id } of hosts) {
      await preview.signalled(id);
      await preview.inService(id);
    }
    const [one, other] = await preview.call('uploads');
    must(one.key === other.key, `${one.key} and ${other.key} are not the same release`);
    must(
      [one, other].some(({ state }) => state === 'done'),
      'neither was taken',
    );
    must(one.sha256 === other.sha256, 'two hosts built one release differently');
  });
  const way = new Way(new URL(preview.url), preview.ca, address);
  const readers = Array.from(
    { length: READERS },
    (_, n) => new Reader(way, USERS[n % USERS.length]),
  );
  await each(readers, 3, (reader) => reader.login(preview.password));
  readers.slice(-2).forEach((reader) => reader.wear('material'));
  const failures: string[] = [];
  const crawl = new Crawl(way, readers, failures, preview.ca, address);
  const tab = await Tab.open(preview, address, failures);
  for (const reader of readers.slice(0, 3)) {
    await crawl.load(reader, '/identity/');
  }
  must(failures.length === 0, `${failures.length} failed, such as ${failures[0]}`);
  return {
    preview,
    way,
    address,
    out,
    readers,
    crawl,
    tab,
    images,
    pages,
    failures,
    // Debian's, the point releases and the theme
    releases: 2 + pointReleases.length,
    judged: 0,
    version: '',
    late: [],
  };
}

async function main(values: Values): Promise<void> {
  const began = Date.now();
  const address = values.address ?? '127.0.0.1';
  const rate = Number(values.rate ?? 6);
  const pages = Number(values.pages ?? 1000);
  await withStack(MEMCACHED_NODES, (template, out) =>
    withPreview(
      { ...BUILDS, ...UNCACHED, template, moreUsers: USERS, address },
      async (preview) => {
        const stage = await onStage(
          [FIRST, () => prepare(preview, pages, address, out, values)],
          checksOf(values),
          values.only,
          ({ tab, crawl }, name) => {
            // Nobody else's requests are in the way of those who look at caches.
            if (!NO_CACHE.some(([title]) => title === name) && !tab.running) {
              crawl.start(rate);
              tab.start();
            }
          },
        );
        if (stage !== undefined) {
          await stage.tab.end();
          await stage.crawl.end();
          stage.way.close();
        }
      },
    ),
  );
  measure('all of this test', (Date.now() - began) / 1000, 's');
}

start(
  {
    name: 'upgrade test',
    help: HELP,
    options: {
      horizon: 'string',
      then: 'string',
      quick: 'boolean',
      pages: 'string',
      rate: 'string',
      only: 'string',
      address: 'string',
    },
    checks: [FIRST, ...CHECKS.map(([name]) => name)],
  },
  main,
);
