/**
 * The image test: instances with the user data of a bake become machine images, as on AWS, and hosts
 * boot from these with their own user data. Root, Linux. Usage: see HELP.
 */
import { App, Stack, aws_certificatemanager as acm } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  DashboardEntry,
  HorizonRelease,
  HostLogs,
  Monitoring,
  OpenStackDashboard,
  Theme,
} from '../../../lib';
import { HostState, Image, Preview, Role } from '../../../preview';
import { until } from '../../../preview/shared/run';
import { bootMeasured } from '../harness/boot';
import { check, measure, must } from '../harness/checks';
import { BUILDS, expectNoException, start, Values, withPreview } from '../harness/program';
import { Visitor, Way } from '../harness/visitors';

const HELP = `usage: npm run test:image -- [options]
  --json FILE           write the measurements there
  --horizon SERIES      with Horizon from PyPI, such as 2026.1, and without a plugin
  --quick               leave out the hosts that install their packages at boot
  --address ADDRESS     where the dashboard is reached, default 127.0.0.1
`;
const GOALS = { dashboard: 25, static: 12 };

const THEME = path.join(__dirname, '../upgrade/harbour');
const RELEASE = 'var/lib/openstack-dashboard/release/*';

/** What an image of dashboard hosts must have: compressed pages and the theme. */
const IN_IMAGES = [`${RELEASE}/dashboard/css/*.br`, `${RELEASE}/themes/harbour/img/logo.svg`];

/** And the plugin, which Horizon from PyPI does not have. */
const OF_THE_PLUGIN = [
  `${RELEASE}/designatedashboard/*`,
  'usr/lib/python3/dist-packages/designatedashboard/*.py',
];

/** A way to the package mirror that leads nowhere. */
const NO_MIRROR = {
  '/etc/apt/apt.conf.d/90preview': 'Acquire::http::Proxy "http://127.0.0.1:9";\n',
};

/** Nothing answers there: hosts have what their image has. */
const NO_INDEX = 'https://127.0.0.1:9/simple';

/** What no image may have, as patterns of the shell. */
const NOT_IN_IMAGES = [
  ...['etc/ssh/ssh_host_*', 'etc/ssl/private/*.key', 'etc/openstack-dashboard/*.env'],
  ...['usr/local/lib/openstack-dashboard/*', 'etc/systemd/system/openstack-dashboard*'],
  ...['var/lib/openstack-dashboard/secret-key/*', 'var/lib/cloud/instances/*'],
  ...['var/lib/apt/lists/*_Packages', 'var/cache/apt/archives/*.deb', 'var/log/journal/*/*'],
];

/** An event of the log group. */
interface Shipped {
  readonly request?: { readonly uri: string; readonly status: number };
}

function writeTemplate(folder: string, horizon: string | undefined): string {
  const stack = new Stack(new App(), 'Dashboard');
  const certificate = acm.Certificate.fromCertificateArn(
    stack,
    'Certificate',
    stack.formatArn({ service: 'acm', resource: 'certificate', resourceName: '0123' }),
  );
  new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://keystone.example.org:5000/v3',
    entry: DashboardEntry.newLoadBalancer({ certificate }),
    monitoring: Monitoring.none(),
    bakedImages: {},
    hostLogs: HostLogs.cloudWatch({ accessLog: true }),
    hosts: {
      theme: Theme.fromFolder(THEME),
      ...(horizon === undefined
        ? { extraPackages: ['python3-designate-dashboard'] }
        : { horizonRelease: HorizonRelease.upstream(horizon, { indexUrl: NO_INDEX }) }),
    },
  });
  const file = path.join(folder, 'Dashboard.template.json');
  fs.writeFileSync(file, JSON.stringify(Template.fromStack(stack).toJSON()));
  return file;
}

/** Files of the topmost layer of an image that match a pattern. Deleted files are devices there. */
function filesOf(image: Image, pattern: string): string[] {
  const found = execFileSync('bash', ['-c', `shopt -s nullglob; printf '%s\\n' ${pattern}`], {
    cwd: image.layers[0],
    encoding: 'utf8',
  });
  return found
    .split('\n')
    .filter((file) => file && !fs.lstatSync(path.join(image.layers[0], file)).isCharacterDevice());
}

async function bake(
  preview: Preview,
  role: Role,
  images: Map<Role, Image>,
  wanted: readonly string[],
): Promise<void> {
  await check(`an instance of the ${role} tier becomes an image`, async () => {
    const began = Date.now();
    const { image } = await preview.bake(role, `baked-${role}`);
    images.set(role, image);
    measure(`bake, ${role} host`, (Date.now() - began) / 1000, 's');
    const left = NOT_IN_IMAGES.flatMap((pattern) => filesOf(image, pattern));
    must(left.length === 0, `the image has ${left.join(', ')}`);
    if (role === 'dashboard') {
      const missing = wanted.filter((pattern) => filesOf(image, pattern).length === 0);
      must(missing.length === 0, `the image has no ${missing.join(', ')}`);
    }
  });
}

async function test(preview: Preview, role: Role, image: Image): Promise<void> {
  await check(
    `an instance that tests the image of the ${role} tier powers itself off`,
    async () => {
      const began = Date.now();
      const host = await preview.runOfImage({ role, image, files: NO_MIRROR }, 'test');
      measure(`test of the image, ${role} host`, (Date.now() - began) / 1000, 's');
      must(/openstack-dashboard: in service/.test(preview.console(host)), 'it was not in service');
      const signals = await preview.call('signals');
      must(!signals.some(({ instance }) => instance === host.id), 'it signalled CloudFormation');
    },
  );
}

async function main(values: Values): Promise<void> {
  const { address = '127.0.0.1', horizon } = values;
  const wanted = [...IN_IMAGES, ...(horizon === undefined ? OF_THE_PLUGIN : [])];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-test-'));
  const images = new Map<Role, Image>();
  const hosts: HostState[] = [];
  try {
    const options = { ...BUILDS, template: writeTemplate(folder, horizon), address };
    await withPreview(options, async (preview) => {
      await preview.start();
      for (const role of ['static', 'dashboard'] as const) {
        await bake(preview, role, images, wanted);
        const image = images.get(role);
        if (image === undefined) {
          return;
        }
        await check(`${role} hosts boot from the image without a package mirror`, async () => {
          if (role === 'dashboard') {
            // The first host of a release publishes it, and waits for the static hosts.
            await test(preview, role, image);
          }
          hosts.push(
            await bootMeasured(preview, `${role} host, from the baked image`, GOALS[role], {
              role,
              image,
              files: NO_MIRROR,
            }),
          );
          if (role === 'static') {
            await test(preview, role, image);
          }
        });
      }
      await check('a dashboard host has not built the release again', () => {
        const host = hosts.find(({ role }) => role === 'dashboard');
        must(host !== undefined, 'there is none');
        const said = preview.console(host);
        const [, at] = /packages: done at ([0-9.]+) s/.exec(said) ?? [];
        const [, end] = /release: done at ([0-9.]+) s/.exec(said) ?? [];
        measure('release step of a dashboard host', Number(end) - Number(at), 's');
      });
      if (horizon !== undefined) {
        await check(`dashboard hosts run Horizon ${horizon}, which the image had`, async () => {
          const [host] = hosts.filter(({ role }) => role === 'dashboard');
          const program = 'from importlib.metadata import version; print(version("horizon"))';
          const python = '/usr/local/lib/openstack-dashboard/venv/bin/python3';
          const said = await preview.call('exec', host.id, [python, '-c', program]);
          process.stdout.write(`          version ${said}`);
          must(/^\d+\.\d+\.\d+\n$/.test(said), `it says ${said}`);
        });
      }
      await check('users log in and open pages', async () => {
        for (let count = 0; count < 4; count++) {
          const way = new Way(new URL(preview.url), preview.ca, address, 1);
          const user = new Visitor(way, preview.user);
          try {
            await user.login(preview.password);
            for (const page of ['/identity/', '/identity/users/']) {
              const { reply } = await user.open(page);
              must(
                reply.status === 200,
                `${page} answered ${reply.status} ${reply.location ?? ''}`,
              );
            }
          } finally {
            way.close();
          }
        }
      });
      await check('the access log of nginx is in the log group, as it was wanted', async () => {
        await until('a request is in the log group', 60, async () => {
          const events = await preview.call('logEvents');
          return events.some(({ message }) => {
            const { request } = JSON.parse(message) as Shipped;
            return request?.uri === '/identity/users/' && request.status === 200;
          });
        });
      });
      await check('hosts log no exception', () => expectNoException(preview, hosts));
      await check('each host has its own identity', async () => {
        const ids: string[] = [];
        for (const { id } of hosts) {
          ids.push(
            await preview.call('exec', id, [
              '/bin/sh',
              '-c',
              'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub /etc/ssl/openstack-dashboard.crt',
            ]),
          );
        }
        must(new Set(ids).size === hosts.length, 'hosts share keys or IDs');
      });
      if (values.quick === undefined) {
        for (const role of ['static', 'dashboard'] as const) {
          await check(`a ${role} host installs its packages at boot`, () =>
            bootMeasured(preview, `${role} host, packages installed at boot`, undefined, {
              role,
              plain: true,
            }),
          );
        }
      }
    });
  } finally {
    for (const { layers } of images.values()) {
      fs.rmSync(layers[0], { recursive: true, force: true });
    }
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

start(
  {
    name: 'image test',
    help: HELP,
    options: { horizon: 'string', quick: 'boolean', address: 'string' },
    checks: ['instances of a bake become images, and hosts boot from them'],
  },
  main,
);
