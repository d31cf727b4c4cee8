/**
 * What attackers get: the preview runs a dashboard of two hosts, and each attack of docs/threat-model.md
 * that needs running hosts is tried on them, with real clients. Root, Linux, Chromium. Usage: see HELP.
 */
import { CfnParameter } from 'aws-cdk-lib';
import { HostState, Preview } from '../../../preview';
import { launch } from '../../../harness/browser';
import { Checks, measure, must, onStage, progress } from '../harness/checks';
import { start, Values, withPreview } from '../harness/program';
import { withStack } from '../../../harness/stack';
import { Visitor, Way } from '../harness/visitors';
import { APPLICATION } from './application';
import { BUCKET } from './bucket';
import { CLIENTS } from './clients';
import { MEMCACHED } from './memcached';
import { Stage } from './stage';

const HELP = `usage: npm run test:attack -- [options]
  --only REGEX        of the attacks, only these
  --json FILE         write the measurements there
  --horizon SERIES    on Horizon from PyPI, such as 2026.1
  --address ADDRESS   where the dashboard is reached, default 127.0.0.1
`;
/** What a template's parameter may become: text for people, code for a shell that evaluates it. */
const BRANDING = 'x"; touch /PWN; "$(touch /PWN)`touch /PWN`';
const USERS = ['erika.mustermann', 'john.doe'];

const FIRST = 'hosts boot from a template whose parameter is a shell command';
const ATTACKS: Checks<Stage> = [
  ['the parameter is text on every page, and no command was run', injection],
  ...MEMCACHED,
  ...APPLICATION,
  ...BUCKET,
  ...CLIENTS,
  ['after all of this every host is in service and has never left it', survivors],
];

async function injection({ preview, way, hosts, staticHosts }: Stage): Promise<void> {
  for (const { id, name } of [...hosts, ...staticHosts]) {
    const found = await preview.call('exec', id, ['find', '/', '-xdev', '-name', 'PWN']);
    must(found.trim() === '', `${name} has ${found}`);
  }
  const { text } = await way.request('/auth/login/', {});
  const title = /<title>([^]*?)<\/title>/.exec(text)?.[1] ?? '';
  const shown = title
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&#x60;', '`')
    .replaceAll('&amp;', '&');
  must(shown.includes(BRANDING), `the title is ${title.trim()}`);
}

async function survivors({ preview, hosts, staticHosts }: Stage): Promise<void> {
  const targets = await preview.call('targets');
  for (const { id, name } of [...hosts, ...staticHosts]) {
    const target = targets.find(({ instance }) => instance === id);
    must(target?.health === 'healthy', `${name} is ${target?.health}: ${target?.reason}`);
  }
}

/** Boots everything and logs two users in. */
async function prepare(preview: Preview, address: string): Promise<Stage> {
  await preview.makeImages();
  await preview.start();
  const staticHosts: HostState[] = [await preview.addHost({ role: 'static' })];
  const hosts = [
    await preview.addHost({ role: 'dashboard' }),
    await preview.addHost({ role: 'dashboard' }),
  ];
  await progress('boot three hosts', () =>
    Promise.all(
      [...staticHosts, ...hosts].map(async ({ id }) => {
        await preview.signalled(id);
        await preview.inService(id);
      }),
    ),
  );
  const way = new Way(new URL(preview.url), preview.ca, address);
  const visitors = USERS.map((name) => new Visitor(way, name));
  for (const visitor of visitors) {
    await visitor.login(preview.password);
  }
  const browser = await launch(preview.ca, address);
  return { preview, address, way, hosts, staticHosts, visitors, browser };
}

async function main(values: Values): Promise<void> {
  const began = Date.now();
  const address = values.address ?? '127.0.0.1';
  let tried = 0;
  await withStack(
    2,
    (template) =>
      withPreview(
        { template, moreUsers: USERS, address, parameters: { Branding: BRANDING } },
        async (preview) => {
          const stage = await onStage(
            [FIRST, () => prepare(preview, address)],
            ATTACKS,
            values.only,
            () => (tried += 1),
          );
          await stage?.browser.close();
          stage?.way.close();
        },
      ),
    (stack) => ({
      hosts: { loginRate: 30 },
      settings: { siteBranding: new CfnParameter(stack, 'Branding').valueAsString },
    }),
    values.horizon,
  );
  measure('attacks tried', tried, '');
  measure('all of this test', (Date.now() - began) / 1000, 's');
}

start(
  {
    name: 'attack test',
    help: HELP,
    options: { only: 'string', horizon: 'string', address: 'string' },
    checks: [FIRST, ...ATTACKS.map(([name]) => name)],
  },
  main,
);
