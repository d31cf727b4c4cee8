import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Template } from 'aws-cdk-lib/assertions';
import { HorizonPlugin, HorizonRelease, OpenStackDashboard } from '../../lib';
import {
  KEYSTONE,
  NAME,
  ROOT,
  environmentsOf,
  newBalancer,
  newStack,
  userDataOf,
} from './fixtures';

const LOCKS = join(ROOT, 'lib/dashboard-hosts/horizon/files');

function templateOf(horizonRelease?: HorizonRelease, extraPackages?: string[]): Template {
  const stack = newStack();
  new OpenStackDashboard(stack, 'Dashboard', {
    domainName: NAME,
    keystoneUrl: KEYSTONE,
    entry: newBalancer(stack),
    hosts: { horizonRelease, extraPackages },
  });
  return Template.fromStack(stack);
}

function hostEnvironment(template: Template): Record<string, string> {
  return environmentsOf(userDataOf(template, /Hosts/)).host;
}

test("Debian's Horizon is the default", () => {
  const template = templateOf();
  expect(hostEnvironment(template)).not.toHaveProperty('HORIZON_RESOURCE');
  expect(hostEnvironment(template).PACKAGES).toMatch(/^openstack-dashboard gunicorn /);
  expect(templateOf(HorizonRelease.debian()).toJSON()).toEqual(template.toJSON());
});

test('hosts get the lock, and the packages that install it', () => {
  const template = templateOf(HorizonRelease.upstream('2026.1'));
  const { HORIZON_RESOURCE, HORIZON_INDEX_URL, PACKAGES } = hostEnvironment(template);
  const { Metadata } = template.toJSON().Resources[HORIZON_RESOURCE];
  const { files } = Metadata['cdk-openstack-dashboard'];
  expect(files).toMatch(/^H4sI[A-Za-z0-9+/=]+$/);
  expect(gunzipSync(Buffer.from(files, 'base64')).toString()).toBe(
    readFileSync(join(LOCKS, '2026.1.txt'), 'utf8'),
  );
  expect(HORIZON_INDEX_URL).toBe('https://pypi.org/simple');
  expect(PACKAGES).not.toMatch(/openstack-dashboard|gunicorn/);
  expect(PACKAGES).toMatch(/\bpython3-pip\b/);
});

test('an index is an https URL without a password', () => {
  const release = (indexUrl: string) => HorizonRelease.upstream('2026.1', { indexUrl });
  const indexUrl = 'https://pypi.example.org:8443/root/simple/';
  expect(hostEnvironment(templateOf(release(indexUrl))).HORIZON_INDEX_URL).toBe(indexUrl);
  for (const wrong of [
    'http://pypi.example.org/simple',
    'https://user:word@pypi.example.org/simple',
    'https://pypi.example.org/simple?a=b',
    'https://pypi.example.org/$(x)',
  ]) {
    expect(() => release(wrong)).toThrow('indexUrl must be an https URL without a password');
  }
});

test('a series without a lock is an error', () => {
  for (const series of ['2025.2', '../2026.1', '']) {
    expect(() => HorizonRelease.upstream(series)).toThrow('series must be 2026.1');
  }
});

test.each(['python3-designate-dashboard', 'python3-ironic-ui', 'openstack-dashboard-common'])(
  'the plugin %s is refused',
  (name) => {
    expect(() => templateOf(HorizonRelease.upstream('2026.1'), ['jq', name])).toThrow(
      `extraPackages must have no plugin with HorizonRelease.upstream(), got '${name}'`,
    );
    expect(() => templateOf(undefined, [name])).not.toThrow();
  },
);

test('plugins are refused, whose packages are made for Debian’s Horizon', () => {
  const own = HorizonPlugin.of({ debianPackage: 'acme-panels' });
  for (const plugin of [HorizonPlugin.HEAT, own]) {
    const stack = newStack();
    const create = () =>
      new OpenStackDashboard(stack, 'Dashboard', {
        domainName: NAME,
        keystoneUrl: KEYSTONE,
        entry: newBalancer(stack),
        hosts: { horizonRelease: HorizonRelease.upstream('2026.1'), plugins: [plugin] },
      });
    expect(create).toThrow(
      `plugins must have no plugin with HorizonRelease.upstream(), got '${plugin.debianPackage}'`,
    );
  }
});

describe.each(readdirSync(LOCKS))('the lock %s', (file) => {
  const lines = readFileSync(join(LOCKS, file), 'utf8').split('\n');

  test('has a version and hashes for each package', () => {
    const text = lines.join('\n').replaceAll(' \\\n', '');
    for (const line of text.trim().split('\n')) {
      expect(line).toMatch(/^[a-z0-9-]+==[0-9a-z.+]+( {2}--hash=sha256:[0-9a-f]{64})+$/);
    }
  });

  test('has none of the packages that hosts have from Debian', () => {
    expect(lines.filter((line) => /^(libsass|cryptography|cffi|pyopenssl)==/.test(line))).toEqual(
      [],
    );
  });

  test('has the versions that the hosts are made for', () => {
    expect(lines).toContain('gunicorn==23.0.0 \\');
  });
});
