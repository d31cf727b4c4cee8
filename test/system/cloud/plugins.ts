import type { ConsoleMessage, Request, Response } from 'playwright-core';
import { CatalogEntry } from '../../../preview/cloud/openstack/keystone';
import { BrowserUser, MESSAGES } from '../harness/browser-user';
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

/** The links of plugins. That of Neutron's VPN is not there, since this Neutron has no such extension. */
const LINKS: Readonly<Record<string, RegExp>> = {
  BLAZAR: /^\/(project\/leases|admin\/hosts)\//,
  CLOUDKITTY: /\/(rating|rating_\w+|reporting|hashmap|pyscripts)\//,
  DESIGNATE: /\/(dnszones|reverse_dns)\//,
  HEAT: /\/(stacks|resource_types|template_\w+)\//,
  IRONIC: /\/ironic\//,
  MAGNUM: /\/(clusters|cluster_templates|container_infra\/\w+)\//,
  MANILA: /\/(shares?|share_\w+|security_services|user_messages)\//,
  MASAKARI: /^\/masakaridashboard\//,
  MISTRAL: /^\/mistral\//,
  OCTAVIA: /\/load_balancer\//,
  SENLIN: /^\/cluster\//,
  TROVE: /\/(databases|database_\w+)\//,
  VITRAGE: /\/vitrage\w+\//,
  WATCHER: /^\/admin\/(goals|strategies|audits|audit_templates|actions|action_plans)\//,
  ZAQAR: /\/(queues|pools|pool_flavors)\//,
};
/** Errors of Horizon's own pages in the console, which change nothing that users see. */
const OF_HORIZON: readonly RegExp[] = [
  // The action "Create Volume" of images looks for one of Cinder's service types, and takes the promise for the
  // answer: it is offered with each catalog, and nobody handles that the type is not there.
  /Possibly unhandled rejection: Service type is not enabled: block-storage/,
  // Pie charts of hosts without any disk, as those of Nova's fake driver: they have no percentage, and stay empty.
  /<path> attribute d: Expected number, .*NaN/,
];

interface Visit {
  readonly link: string;
  readonly status: number;
  /** Errors that the page shows. */
  readonly messages: readonly string[];
  /** Requests of its scripts for data that got 500 or more. */
  readonly failed: readonly string[];
  /** Static media, and other requests, without an answer or with an error. */
  readonly missing: readonly string[];
  /** Errors of scripts. */
  readonly errors: readonly string[];
}

/** Opens each link of the navigation, and reports what the dashboard answers. */
async function clickThrough(stage: Stage): Promise<void> {
  const { user, violations, shoot } = stage;
  await user.open('/project/');
  const visits: Visit[] = [];
  const began = Date.now();
  const base = user.page.url();
  for (const link of await linksOf(user)) {
    visits.push(await visit(user, new URL(link, base).href));
    await shoot(`plugins-${link.split('/').filter(Boolean).join('-')}`);
  }
  const took = Date.now() - began;
  visits.forEach(print);
  printPlugins(visits);
  measure('links of the navigation', visits.length, '');
  measure('a link', took / visits.length, 'ms');
  const count = (what: string, of: (visit: Visit) => boolean, goal?: number) =>
    measure(what, visits.filter(of).length, '', goal);
  count('of these that show an error as a message', ({ messages }) => messages.length > 0);
  count('of these that are only a message', ({ status }) => status === 503);
  count('of these whose scripts got 500 or more', ({ failed }) => failed.length > 0);
  measure('violations of the content security policy', violations.all.length, '', 0);
  violations.none();
  must(visits.length > 100, `the navigation has ${visits.length} links`);
  for (const [plugin, links] of Object.entries(LINKS)) {
    must(
      visits.some(({ link }) => links.test(link)),
      `${plugin} has no link`,
    );
  }
  none('answers that are no pages', visits, noPage);
  none('pages that fail without a message', visits, silent);
  none('missing files', visits, ({ missing }) => missing.length > 0);
  // After a request that failed, panels go on with an answer that is not there.
  none(
    'errors of scripts',
    visits,
    ({ failed, errors }) => failed.length === 0 && errors.length > 0,
  );
}

/** Hosts answer 503 with the reason, and a way back, if a plugin does not expect that its service fails. */
function noPage({ status, messages }: Visit): boolean {
  const reason = /A service does not answer .* Back to the dashboard$/;
  return status !== 200 && !(status === 503 && reason.test(messages[0]));
}

function silent({ failed, messages }: Visit): boolean {
  return failed.length > 0 && messages.length === 0;
}

function none(what: string, visits: readonly Visit[], of: (visit: Visit) => boolean): void {
  const found = visits
    .filter(of)
    .map(({ link, status, failed, missing, errors }) =>
      [link, status, ...new Set([...failed, ...missing, ...errors])].join(' '),
    );
  must(found.length === 0, `${what}:\n          ${found.join('\n          ')}`);
}

function print({ link, status, messages, failed, missing, errors }: Visit): void {
  const said = [...messages, ...failed, ...missing, ...errors].map((text) => text.slice(0, 120));
  process.stdout.write(`          ${status} ${link}  ${[...new Set(said)].join(' | ')}\n`);
}

/** The table of docs/plugins.md. */
function printPlugins(visits: readonly Visit[]): void {
  process.stdout.write('\n| plugin | links | with a message | only a message | for example |\n');
  process.stdout.write('|---|---:|---:|---:|---|\n');
  for (const [plugin, links] of Object.entries(LINKS)) {
    const its = visits.filter(({ link }) => links.test(link));
    const said = its.filter(({ messages }) => messages.length > 0);
    const row = [
      plugin,
      its.length,
      said.length,
      its.filter(({ status }) => status === 503).length,
      said.map(({ messages }) => messages[0]).sort((a, b) => a.length - b.length)[0] ?? '',
    ];
    process.stdout.write(`| ${row.join(' | ')} |\n`);
  }
}

/** Of all dashboards, in their order. */
async function linksOf({ page }: BrowserUser): Promise<string[]> {
  const links = await page.$$eval(
    '#sidebar a[href], .sidebar a[href], nav a.openstack-panel',
    (all) => all.map((link) => (link as unknown as { pathname: string }).pathname),
  );
  return [...new Set(links)].filter((link) => /^\/(?!auth\/)/.test(link));
}

async function visit(user: BrowserUser, url: string): Promise<Visit> {
  const { page } = user;
  const link = new URL(url).pathname;
  // Some pages ask again and again for their data, until they are left.
  await page.goto('about:blank');
  const failed: string[] = [];
  const missing: string[] = [];
  const errors: string[] = [];
  const onResponse = (response: Response) => {
    const { host, pathname } = new URL(response.url());
    if (response.status() >= 400 && pathname !== link) {
      const data = response.status() >= 500 && pathname.startsWith('/api/');
      (data ? failed : missing).push(`${response.status()} ${host}${pathname}`);
    }
  };
  const onFailure = (request: Request) => {
    const reason = request.failure()?.errorText;
    // A page that is left cancels its requests.
    if (reason !== 'net::ERR_ABORTED') {
      missing.push(`${reason} ${request.method()} ${request.url()}`);
    }
  };
  const onConsole = (message: ConsoleMessage) => {
    const text = message.text().split('\n')[0];
    // Reported by the two above.
    const known = [/^Failed to load resource/, ...OF_HORIZON];
    if (message.type() === 'error' && !known.some((one) => one.test(text))) {
      errors.push(text);
    }
  };
  user.scriptErrors.splice(0);
  page.on('response', onResponse).on('requestfailed', onFailure).on('console', onConsole);
  const seen = (status: number, messages: string[]): Visit => {
    errors.push(...user.scriptErrors.splice(0));
    return { link, status, messages, failed, missing, errors };
  };
  try {
    const response = await page.goto(url, { waitUntil: 'load' });
    await page
      .waitForLoadState('networkidle', { timeout: 45_000 })
      .catch(() => missing.push('an answer within 45 s'));
    const status = response?.status() ?? 0;
    if (status === 503) {
      return seen(status, [(await page.locator('body').innerText()).replace(/\s+/g, ' ').trim()]);
    }
    if (failed.length > 0) {
      await page
        .locator(MESSAGES)
        .first()
        .waitFor({ timeout: 5000 })
        .catch(() => undefined);
    }
    return seen(status, await user.messages());
  } catch (error) {
    return seen(0, [(error as Error).message.split('\n')[0]]);
  } finally {
    page.off('response', onResponse).off('requestfailed', onFailure).off('console', onConsole);
  }
}

export const PLUGIN_CHECKS: Checks<Stage> = [
  [
    'with all plugins, each link of the navigation is a page, also without its service',
    clickThrough,
  ],
  BY_LINK,
];
