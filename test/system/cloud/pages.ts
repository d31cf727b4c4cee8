import type { ServiceFault } from '../../../preview/cloud/openstack/front';
import { until } from '../../../preview/shared/run';
import type { BrowserUser } from '../harness/browser-user';
import { Checks, measure, must } from '../harness/checks';
import { CONSOLES } from './consoles';
import { QUIET, Shoot, Stage } from './stage';

/** Pages, and some of what is on them. */
const PROJECT: Record<string, string[]> = {
  '/project/': ['Limit Summary', 'Instances', 'web-1'],
  '/project/instances/': ['web-1', 'web-2', 'Active', 'Running', 'Shutoff'],
  '/project/images': ['Create Image', 'Delete Images', 'cirros-0.6.3', 'debian-13', 'Active'],
  '/project/volumes/': ['database', 'media', 'scratch', 'In-use', 'archive'],
  '/project/snapshots/': ['media before the move'],
  '/project/networks/': ['web', 'data', 'public', '203.0.113.0/24'],
  '/project/network_topology/': ['Topology', 'web-1', '203.0.113.0/24'],
  '/project/routers/': ['main', 'public', 'Active'],
  '/project/security_groups/': ['web servers', 'default'],
  '/project/key_pairs': ['laptop', 'ssh'],
  '/project/floating_ips/': ['203.0.113.', 'web-1'],
  '/project/server_groups/': ['Server Group'],
  '/project/containers/': ['backups', 'website'],
  '/project/api_access/': ['https://nova.cloud.internal:8774/v2.1'],
};
/** Drawings, which come after the texts that the page has for them. */
const DRAWN: Record<string, string> = { '/project/network_topology/': 'web-1' };
const ADMIN: Record<string, string[]> = {
  '/admin/': ['Usage Summary', 'demo', 'research'],
  '/admin/hypervisors/': ['compute-1', 'fake'],
  '/admin/aggregates/': ['Availability Zones', 'compute-1'],
  '/admin/instances/': ['web-1', 'research', 'compute-1'],
  '/admin/flavors/': ['m1.tiny', 'r1.large'],
  '/admin/images': ['cirros-0.6.3'],
  '/admin/volumes/': ['database', 'storage-1@ssd#ssd'],
  '/admin/snapshots/': ['media before the move'],
  '/admin/volume_types/': ['ssd', 'archive'],
  '/admin/networks/': ['public', 'research'],
  '/admin/routers/': ['main', 'research'],
  '/admin/floating_ips/': ['203.0.113.'],
  '/admin/defaults/': ['Instances'],
  '/admin/metadata_defs/': ['OS::'],
  '/admin/info/': ['nova-compute', 'cinder-volume', 'https://neutron.cloud.internal:9696'],
  '/identity/': ['demo', 'research', 'web shop'],
  '/identity/users/': ['demo', 'admin'],
};
export const PAGES: Checks<Stage> = [
  ['pages of a project show what is in it', ({ user, shoot }) => visit(user, PROJECT, shoot)],
  [
    'pages of an administrator show what is in the cloud',
    ({ user, shoot }) => visit(user, ADMIN, shoot),
  ],
  [
    'an instance is launched in the wizard, becomes active and is deleted',
    ({ user, shoot }) => launchInstance(user, shoot),
  ],
  ['a network is made', ({ user, shoot }) => makeNetwork(user, shoot)],
  ...CONSOLES,
  QUIET,
  ['pages wait for a slow service, and others do not', ({ preview, user }) => slow(preview, user)],
  [
    'pages answer and say so when a service is dead',
    ({ preview, user, shoot }) => dead(preview, user, shoot),
  ],
];

async function visit(user: BrowserUser, pages: Record<string, string[]>, shoot: Shoot) {
  const wrong: string[] = [];
  const began = Date.now();
  for (const [page, texts] of Object.entries(pages)) {
    try {
      await user.open(page, ...texts);
      const messages = await user.messages();
      must(messages.length === 0, `${page} says: ${messages.join('; ')}`);
      if (page in DRAWN) {
        await user.page.locator('svg text', { hasText: DRAWN[page] }).first().waitFor();
      }
      await shoot(page.split('/').filter(Boolean).join('-'));
    } catch (error) {
      wrong.push((error as Error).message);
    }
  }
  const each = (Date.now() - began) / Object.keys(pages).length;
  measure(`a page in a browser, of ${Object.keys(pages).length}`, each, 'ms');
  must(wrong.length === 0, wrong.join('\n'));
}

async function launchInstance(user: BrowserUser, shoot: Shoot): Promise<void> {
  const { page } = user;
  await user.open('/project/instances/', 'web-1');
  await page.click('#instances__action_launch-ng');
  await page.fill('.modal-content #name', 'made-by-hand');
  const choose = async (step: string, row: string) => {
    await page.click(`wizard .nav-item a:has-text("${step}")`);
    const available = page.locator('.transfer-available:visible tr', { hasText: row });
    await available.locator('button:visible').last().click();
  };
  await page.click('wizard .nav-item a:has-text("Source")');
  await page.click('#vol-create:has-text("No")');
  await choose('Source', 'cirros-0.6.3');
  await choose('Flavor', 'm1.tiny');
  await choose('Networks', 'data');
  await shoot('launch');
  await page.click('.modal-content button.finish');
  await until('the instance is active', 240, async () => {
    await user.open('/project/instances/');
    const row = page.locator('#instances tr', { hasText: 'made-by-hand' });
    return (await row.count()) > 0 && /Active/.test(await row.innerText());
  });
  const row = page.locator('#instances tr', { hasText: 'made-by-hand' });
  // The theme draws its own.
  await row.locator('input[type=checkbox]').dispatchEvent('click');
  await page.click('#instances__action_delete');
  await page.click('.modal-content .btn-danger, .modal-content .btn-primary');
  await until('the instance is deleted', 90, async () => {
    await user.open('/project/instances/', 'web-1');
    return (await page.locator('#instances tr', { hasText: 'made-by-hand' }).count()) === 0;
  });
}

async function makeNetwork(user: BrowserUser, shoot: Shoot): Promise<void> {
  const { page } = user;
  await user.open('/project/networks/', 'web');
  await page.click('#networks__action_create');
  await page.fill('#id_net_name', 'made-by-hand');
  await page.click('.modal-content .button-next');
  await page.fill('#id_subnet_name', 'made-by-hand');
  await page.fill('#id_cidr', '10.99.0.0/24');
  await page.click('.modal-content .button-next');
  await shoot('create-network');
  await page.click('.modal-content .button-final');
  await user.sees('the list of networks', 'made-by-hand', '10.99.0.0/24');
  const messages = await user.messages();
  must(messages.length === 0, messages.join('; '));
}

/** Milliseconds until a page is there. */
async function time(user: BrowserUser, page: string, ...texts: string[]): Promise<number> {
  const began = Date.now();
  await user.open(page, ...texts);
  return Date.now() - began;
}

async function slow(preview: Stage['preview'], user: BrowserUser): Promise<void> {
  const before = await time(user, '/project/routers/', 'main');
  const volumes = await time(user, '/project/volumes/', 'media');
  await preview.call('serviceLatency', 'cinder', 2000);
  try {
    const other = await time(user, '/project/routers/', 'main');
    const waited = await time(user, '/project/volumes/', 'media');
    measure('routers while Cinder takes 2 s for each answer', other, 'ms');
    measure('volumes while Cinder takes 2 s for each answer', waited, 'ms');
    must(waited > volumes + 2000, `volumes took ${waited} ms, and ${volumes} ms before`);
    must(other < before + 2000, `routers took ${other} ms, and ${before} ms before`);
    must((await user.messages()).length === 0, (await user.messages()).join('; '));
  } finally {
    await preview.call('serviceLatency', 'cinder', 0);
  }
}

/** Pages, the service that they need, and what they say without it. */
const WITHOUT: readonly (readonly [
  page: string,
  service: string,
  says: RegExp,
  ...faults: ServiceFault[],
])[] = [
  ['/project/volumes/', 'cinder', /Unable to retrieve volume/, 500, 'refuse'],
  ['/project/networks/', 'neutron', /Network list can not be retrieved/, 500],
  ['/project/instances/', 'nova', /Unable to retrieve instances/, 500],
  ['/project/images', 'glance', /Unable to retrieve the images/, 500],
];

async function dead(preview: Stage['preview'], user: BrowserUser, shoot: Shoot): Promise<void> {
  for (const [page, service, says, ...faults] of WITHOUT) {
    for (const fault of faults) {
      await preview.call('serviceFault', service, fault);
      try {
        const took = await time(user, page);
        measure(`${page} while ${service} has the fault ${fault}`, took, 'ms');
        await until(`${page} says that ${service} is dead (${fault})`, 180, async () =>
          says.test((await user.messages()).join('; ')),
        );
        await shoot(`without-${service}`);
      } finally {
        await preview.call('serviceFault', service);
      }
    }
  }
  await user.open('/project/instances/', 'web-1');
}
