/**
 * Two regions: the example's stacks run side by side, each in a preview of its own, with one cloud behind
 * them. The active region dies, browsers come to the other one, and users stay logged in. Root, Linux.
 * Usage: see HELP.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Preview } from '../../../preview';
import { Checks, measure, must, onStage, progress } from '../harness/checks';
import { expectNoException, start, Values, withPreview } from '../harness/program';
import { Visitor, Way } from '../harness/visitors';

const HELP = `usage: npm run test:regions -- [options]
  --only REGEX        of the checks, only these
  --json FILE         write the measurements there
`;
const EXAMPLE = path.join(__dirname, '../../../examples/two-regions/app.js');
/** Where the load balancer of each region is reached. */
const ADDRESSES = { Active: '127.0.0.2', Standby: '127.0.0.3' };
const USERS = ['erika.mustermann', 'john.doe', 'jane.roe'];

interface Region {
  readonly preview: Preview;
  readonly way: Way;
}

interface Stage {
  readonly active: Region;
  readonly standby: Region;
  /** Who is logged in, in the active region. */
  readonly visitors: Visitor[];
  /** What a page of the active region refers to. */
  readonly page: string[];
}

const FIRST = 'both regions boot, and users log in where they are sent';
const CHECKS: Checks<Stage> = [
  ['hosts call AWS in the region of their stack', own],
  ['the active region dies; its users are logged in in the other one', failover],
  ['pages from before have their static media there', media],
  ['others log in there, and who logs out is logged out', others],
  ['hosts log no exception', quiet],
];

async function regionOf(preview: Preview, address: string, keys: string[]): Promise<Region> {
  await preview.makeImages();
  await preview.start();
  // Secrets Manager replicates the versions of the active region's secret.
  for (const key of keys) {
    await preview.call('rotateSecrets', key);
  }
  for (const role of ['static', 'dashboard'] as const) {
    await preview.addHost({ role });
  }
  return { preview, way: new Way(new URL(preview.url), preview.ca, address) };
}

async function prepare(active: Preview, standby: Preview): Promise<Stage> {
  const keys = Array.from({ length: 2 }, () => randomBytes(72).toString('base64url'));
  const regions = {
    active: await regionOf(active, ADDRESSES.Active, keys),
    standby: await regionOf(standby, ADDRESSES.Standby, keys),
  };
  await progress('boot the hosts of both regions', async () => {
    for (const preview of [active, standby]) {
      for (const { id } of await preview.call('hosts')) {
        await preview.signalled(id);
        await preview.inService(id);
      }
    }
  });
  const visitors = USERS.map((name) => new Visitor(regions.active.way, name));
  for (const visitor of visitors) {
    await visitor.login(active.password);
    const { outcome } = await visitor.ask(true);
    must(outcome === 'fine', `a page for ${visitor.name}: ${outcome}`);
  }
  const { reply } = await visitors[0].ask(true);
  const page = [...reply.text.matchAll(/(?:src|href)="(https:[^"]+\.(?:css|js))"/g)];
  return { ...regions, visitors, page: page.map(([, url]) => url) };
}

async function own({ active, standby }: Stage): Promise<void> {
  for (const { preview } of [active, standby]) {
    for (const { id, name } of await preview.call('hosts')) {
      const script = '. /etc/openstack-dashboard/host.env; echo "$AWS_REGION"';
      const region = (await preview.call('exec', id, ['/bin/sh', '-c', script])).trim();
      must(region === preview.plan.region, `${name} is in ${region}, not ${preview.plan.region}`);
    }
  }
  must(active.preview.plan.region !== standby.preview.plan.region, 'it is one region');
}

async function failover({ active, standby, visitors }: Stage): Promise<void> {
  for (const { id } of await active.preview.call('hosts')) {
    await active.preview.call('powerOff', id);
  }
  const { reply } = await visitors[0].ask(true).catch(() => ({ reply: { status: 0 } }));
  must(reply.status === 0 || reply.status >= 500, `the dead region answers ${reply.status}`);
  let lost = 0;
  for (const visitor of visitors) {
    // The names have other addresses now.
    visitor.way = standby.way;
    for (const page of [true, false]) {
      const { outcome } = await visitor.ask(page);
      lost += outcome === 'fine' ? 0 : 1;
    }
  }
  measure('requests after the failover that were not answered as before', lost, '', 0);
  must(lost === 0, `${lost} of ${2 * visitors.length} requests`);
}

async function media({ standby, page }: Stage): Promise<void> {
  must(page.length > 2, `the page refers to ${page.length} files`);
  for (const url of page) {
    const { status } = await standby.way.request(url, {});
    must(status === 200, `${url} is ${status}`);
  }
  measure('static media of a page from before', page.length, '');
}

async function others({ standby }: Stage): Promise<void> {
  const visitor = new Visitor(standby.way, USERS[0]);
  await visitor.login(standby.preview.password);
  must((await visitor.ask(true)).outcome === 'fine', 'the page is not there');
  const cookies = visitor.jar;
  await standby.way.request('/auth/logout/', cookies);
  const { location } = await standby.way.request('/settings/', cookies);
  must(/\/auth\/login\//.test(location ?? ''), `after the logout, a page leads to ${location}`);
}

async function quiet({ standby: { preview } }: Stage): Promise<void> {
  await expectNoException(preview, await preview.call('hosts'));
}

async function main(values: Values): Promise<void> {
  const began = Date.now();
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'regions-'));
  try {
    execFileSync(process.execPath, [EXAMPLE], { env: { ...process.env, CDK_OUTDIR: out } });
    const options = (region: keyof typeof ADDRESSES) => ({
      template: path.join(out, `${region}.template.json`),
      address: ADDRESSES[region],
    });
    await withPreview({ ...options('Active'), moreUsers: USERS }, (active) =>
      withPreview({ ...options('Standby'), openStackOf: active }, async (standby) => {
        const stage = await onStage([FIRST, () => prepare(active, standby)], CHECKS, values.only);
        stage?.active.way.close();
        stage?.standby.way.close();
      }),
    );
  } finally {
    fs.rmSync(out, { recursive: true });
  }
  measure('all of this test', (Date.now() - began) / 1000, 's');
}

start(
  {
    name: 'regions test',
    help: HELP,
    options: { only: 'string' },
    checks: [FIRST, ...CHECKS.map(([name]) => name)],
  },
  main,
);
