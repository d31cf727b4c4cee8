import { CatalogEntry } from '../../../preview/cloud/openstack/keystone';
import type { BrowserUser } from '../harness/browser-user';
import { Checks, measure, must } from '../harness/checks';
import { BY_LINK } from './consoles';
import type { Stage } from './stage';

/**
 * Services that plugins need in the catalog to show their panels. Nobody serves them, so that what users
 * see without them is tested.
 */
export const ABSENT: readonly CatalogEntry[] = [
  ['blazar', 'reservation', ':1234/v1'],
  ['cloudkitty', 'rating', ':8889'],
  ['designate', 'dns', ':9001'],
  ['heat', 'orchestration', ':8004/v1/%(project_id)s'],
  ['heat-cfn', 'cloudformation', ':8000/v1'],
  ['ironic', 'baremetal', ':6385'],
  ['magnum', 'container-infra', ':9511/v1'],
  ['manila', 'share', ':8786/v1/%(project_id)s'],
  ['manilav2', 'sharev2', ':8786/v2'],
  ['masakari', 'instance-ha', ':15868/v1/%(project_id)s'],
  ['mistral', 'workflowv2', ':8989/v2'],
  ['octavia', 'load-balancer', ':9876'],
  ['senlin', 'clustering', ':8777'],
  ['trove', 'database', ':8779/v1.0/%(project_id)s'],
  ['vitrage', 'rca', ':8999'],
  ['watcher', 'infra-optim', ':9322'],
  ['zaqar', 'messaging', ':8888'],
].map(([name, type, rest]) => ({ name, type, url: `https://${name}.absent.internal${rest}` }));

/** What a page or a script of it was answered. */
interface Visit {
  readonly link: string;
  readonly status: number;
  readonly messages: readonly string[];
  /** Requests of its scripts that got 500 or more. */
  readonly failed: readonly string[];
}

/** Opens each link of the navigation, and reports what the dashboard answers. */
async function clickThrough(stage: Stage): Promise<void> {
  const { user, violations } = stage;
  await user.open('/project/');
  const visits: Visit[] = [];
  const began = Date.now();
  for (const link of await linksOf(user)) {
    visits.push(await visit(user, link));
  }
  const broken = visits.filter(({ status }) => status !== 200);
  const silent = visits.filter(
    ({ failed, messages }) => failed.length > 0 && messages.length === 0,
  );
  measure('links of the navigation', visits.length, '');
  measure(
    'of these that show an error as a message',
    visits.filter(({ messages }) => messages.length > 0).length,
    '',
  );
  measure(
    'of these whose scripts got 500 or more',
    visits.filter(({ failed }) => failed.length > 0).length,
    '',
  );
  measure('violations of the content security policy', violations.all.length, '', 0);
  measure('a link', (Date.now() - began) / visits.length, 'ms');
  for (const { link, status, messages, failed } of visits) {
    const said = [...messages.map((text) => text.slice(0, 90)), ...failed].join(' | ');
    process.stdout.write(`          ${status} ${link}  ${said}\n`);
  }
  violations.none();
  must(visits.length > 100, `the navigation has ${visits.length} links`);
  must(
    broken.length === 0,
    `answers that are no pages: ${broken.map(({ link, status }) => `${link} ${status}`).join(', ')}`,
  );
  must(
    silent.length === 0,
    `pages that fail without a message: ${silent.map(({ link, failed }) => `${link} ${failed.join(' ')}`).join(', ')}`,
  );
}

/** Of all dashboards, in their order. */
async function linksOf({ page }: BrowserUser): Promise<string[]> {
  const links = await page.$$eval(
    '#sidebar a[href], .sidebar a[href], nav a.openstack-panel',
    (all) => all.map((link) => (link as unknown as { pathname: string }).pathname),
  );
  return [...new Set(links)].filter((link) => /^\/(?!auth\/)/.test(link));
}

async function visit(user: BrowserUser, link: string): Promise<Visit> {
  const { page } = user;
  const failed: string[] = [];
  const note = (response: { status(): number; url(): string }) => {
    const { pathname } = new URL(response.url());
    if (response.status() >= 500 && pathname !== link) {
      failed.push(`${response.status()} ${pathname}`);
    }
  };
  page.on('response', note);
  try {
    const response = await page.goto(new URL(link, page.url()).href, { waitUntil: 'load' });
    await page.waitForLoadState('networkidle', { timeout: 20_000 }).catch(() => undefined);
    return { link, status: response?.status() ?? 0, messages: await user.messages(), failed };
  } catch (error) {
    return { link, status: 0, messages: [(error as Error).message.split('\n')[0]], failed };
  } finally {
    page.off('response', note);
  }
}

export const PLUGIN_CHECKS: Checks<Stage> = [
  [
    'with all plugins, each link of the navigation is a page, also without its service',
    clickThrough,
  ],
  BY_LINK,
];
