/** What `npm run preview` tells whoever runs it. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { directions } from '../../preview/control/directions';
import { variable, withPort } from '../../preview/stack/user-data';
import { ROOT } from '../unit/fixtures';

const program = join(ROOT, 'node_modules', `.preview-cli-${process.pid}.js`);
beforeAll(() => {
  buildSync({
    entryPoints: [join(ROOT, 'preview/control/cli.ts')],
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(program));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], { cwd: ROOT, encoding: 'utf8' });

test('help says that a preview is no sandbox', () => {
  const { status, stdout } = run('--help');
  expect(status).toBe(0);
  expect(stdout).toContain(
    'A preview is no sandbox: what runs as root on its hosts can become root on this machine.',
  );
});

test('an unknown command is refused', () => {
  const { status, stderr } = run('restart');
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr:
      "preview: command must be one of hosts, refresh, terminate, scale, rotate, nodes, fail-node, latency, fault, deploy, run, logs, got 'restart'\n",
  });
});

test.each([
  [['--dashboard-hosts', '0'], '--dashboard-hosts must be from 1 to 100, got 0'],
  [['--static-hosts', '0'], '--static-hosts must be from 1 to 100, got 0'],
  [['--dashboard-hosts', 'two'], "--dashboard-hosts must be a number, got 'two'"],
  [['--https-port', '0'], '--https-port must be a port from 1 to 65535, got 0'],
  [['--http-port', '70000'], '--http-port must be a port from 1 to 65535, got 70000'],
  [['--http-port', '443'], '--https-port and --http-port must differ, got 443 twice'],
  [['--address', 'localhost'], "--address must be an IP address, got 'localhost'"],
  [['--cloud', 'large'], "--cloud must be small, full or none, got 'large'"],
  [['--parameter', 'DomainName'], "--parameter must be NAME=VALUE, got 'DomainName'"],
])('%j is refused in a sentence', (args, message) => {
  const { status, stdout, stderr } = run(...args);
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: `preview: ${message}\n`,
  });
});

describe('directions', () => {
  const preview = {
    url: 'https://dashboard.localhost:8643/',
    name: 'dashboard.localhost',
    staticName: 'static.dashboard.localhost',
    caFile: '/run/preview/ca.pem',
    user: 'demo',
    password: 'secret',
  };
  const named = {
    ...preview,
    url: 'https://dashboard.example.test/',
    name: 'dashboard.example.test',
    staticName: 'static.dashboard.example.test',
  };

  test('lead to a page that is there without all of OpenStack, and to one CA or two names', () => {
    const text = directions(preview, '127.0.0.1', 'identity/');
    expect(text).toContain('  https://dashboard.localhost:8643/identity/\n');
    expect(text).toContain('  certificate authority  /run/preview/ca.pem\n');
    expect(text).toContain('https://static.dashboard.localhost:8643/robots.txt');
    expect(text).not.toContain('/etc/hosts');
  });

  test('name no second certificate where there is one name', () => {
    const text = directions({ ...preview, staticName: preview.name }, '127.0.0.1', 'identity/');
    expect(text).not.toContain('robots.txt');
  });

  test.each(['127.0.0.1', '192.0.2.7'])('say how names get to %s', (address) => {
    expect(directions(named, address, 'identity/')).toContain(
      `/etc/hosts needs  ${address} dashboard.example.test static.dashboard.example.test\n`,
    );
  });

  test('ask for other names where those of this machine cannot lead elsewhere', () => {
    const text = directions(preview, '192.0.2.7', 'identity/');
    expect(text).toContain('--parameter DomainName=');
    expect(text).not.toContain('/etc/hosts');
  });
});

test('hosts are told the port in every URL of their own names, and in no other', () => {
  const userData = [
    'STATIC_BASE_URL="https://static.a.test/static/"',
    'ALLOWED_ORIGIN="https://a.test"',
    'SERVER_NAME="a.test"',
    'OPENSTACK_KEYSTONE_URL="https://keystone.a.test/v3"',
    `SITE_BRANDING_LINK="${Buffer.from('https://a.test/x').toString('base64')}" base64`,
  ].join('\n');
  const changed = withPort(userData, ['a.test', 'static.a.test'], 8643);
  const names = [...userData.matchAll(/^\w+/gm)].map(([name]) => name);
  expect(names.map((name) => variable(changed, name))).toEqual([
    'https://static.a.test:8643/static/',
    'https://a.test:8643',
    'a.test',
    'https://keystone.a.test/v3',
    'https://a.test:8643/x',
  ]);
});
