import { Template } from 'aws-cdk-lib/assertions';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Monitoring, OpenStackDashboard } from '../../lib';
import * as constants from '../../lib/contract/constants';
import {
  APPLICATION,
  boundsOf,
  constructDefault,
  MACHINE,
  parameter,
} from '../../lib/contract/environment';
import {
  environmentsOf,
  KEYSTONE,
  NAME,
  newBalancer,
  newStack,
  ROOT,
  userDataOf,
} from './fixtures';

const HOST = 'usr/local/lib/openstack-dashboard';
const DASHBOARD = `lib/dashboard-hosts/files/${HOST}`;
const COMMON = `lib/hosts/files/${HOST}`;
const PYTHON = `lib/settings/files/${HOST}/python`;
const TIMER = 'lib/dashboard-hosts/files/etc/systemd/system/openstack-dashboard-secret-refresh';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Files of the library outside the contract and the rule pack, which judges other hosts too. */
const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .map((file) => `lib/${file.replaceAll('\\', '/')}`)
  .filter((file) => statSync(join(ROOT, file)).isFile())
  .filter((file) => !/\/(contract|nag|__pycache__)\/|_contract\.(json|py)$/.test(file))
  .filter((file) => ofHost(file) || (/\.ts$/.test(file) && !/\.d\.ts$/.test(file)));
const ofHosts = files.filter((file) => ofHost(file));
const ofConstructs = files.filter((file) => !ofHost(file));

function ofHost(file: string): boolean {
  return /\/files\/|\.sh$/.test(file);
}

/** The number that a file has in some place. */
function numberIn(file: string, place: RegExp): number {
  const found = place.exec(read(file))?.[1];
  if (found === undefined) {
    throw new Error(`${file} has nothing like ${place}`);
  }
  return Number(found);
}

/** Lines of files that match, without comments. */
function matches(among: readonly string[], pattern: RegExp): string[] {
  return among.flatMap((file) =>
    read(file)
      .split('\n')
      .filter((line) => !/^\s*(#|\/\/|\/?\*)/.test(line) && pattern.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
}

describe('a parameter', () => {
  test('has no second default in a file of hosts', () => {
    const names = [...Object.keys(APPLICATION), ...Object.keys(MACHINE)].join('|');
    expect(
      matches(
        ofHosts,
        new RegExp(
          `environ\\.get\\('(${names})'(,|\\) or ([0-9]|'[^{]))|\\$\\{(${names}):[-=][^}]`,
        ),
      ),
    ).toEqual([]);
  });

  test('has no second default in a construct', () => {
    const names = [...Object.keys(APPLICATION), ...Object.keys(MACHINE)].join('|');
    expect(
      matches(ofConstructs, new RegExp(`\\b(${names})(: |\\b.*\\?\\? )(true|false|'[^']|[0-9])`)),
    ).toEqual([]);
    const texts = Object.values(APPLICATION).flatMap(({ construct, default: byHosts, allowed }) =>
      [construct, byHosts, ...(allowed ?? [])].filter((text) => text && text.length > 12),
    ) as string[];
    expect(texts.length).toBeGreaterThan(5);
    expect(
      matches(ofConstructs, /'/).filter((line) => texts.some((text) => line.includes(`'${text}'`))),
    ).toEqual([]);
  });

  test('is in no second list', () => {
    expect(ofConstructs.filter((file) => /\bQUICK_[A-Z]/.test(read(file)))).toEqual([]);
    const python = read(`${PYTHON}/openstack_dashboard_environment.py`);
    expect(python).not.toMatch(/'QUICK_|'(API|DOWNLOADS|PASSWORD)_[A-Z_]+'/);
  });

  test('of the machine has its default without a prop', () => {
    const stack = newStack();
    new OpenStackDashboard(stack, 'Dashboard', {
      domainName: NAME,
      keystoneUrl: KEYSTONE,
      monitoring: Monitoring.none(),
      entry: newBalancer(stack),
    });
    const template = Template.fromStack(stack);
    for (const [tier, id] of [
      ['dashboard', /Hosts/],
      ['static', /Static/],
    ] as const) {
      const { host } = environmentsOf(userDataOf(template, id));
      const expected = Object.entries(MACHINE)
        .filter(([, { tiers, setBy }]) => tiers!.includes(tier) && setBy.length > 0)
        // The dashboard gives its hosts an endpoint of EC2 Instance Connect.
        .filter(([name]) => name !== 'ADMIN_ACCESS')
        .flatMap(([name, { default: byDefault }]) =>
          byDefault === undefined ? [] : [[name, byDefault]],
        );
      expect(expected.length).toBeGreaterThan(2);
      expect(host).toMatchObject(Object.fromEntries(expected));
    }
  });

  test('that is a number has a default within its bounds', () => {
    for (const [name, { default: byHosts, min, max }] of [
      ...Object.entries(APPLICATION),
      ...Object.entries(MACHINE),
    ]) {
      if (byHosts !== undefined && (min !== undefined || max !== undefined)) {
        expect([
          name,
          Number(byHosts) >= (min ?? 0) && Number(byHosts) <= (max ?? Infinity),
        ]).toEqual([name, true]);
      }
    }
  });

  test('that the contract does not have is an error', () => {
    expect(() => parameter('toString')).toThrow('the contract has no parameter toString');
    expect(() => boundsOf('DEBUG')).toThrow('the contract has no bounds for DEBUG');
    expect(() => constructDefault('THEME')).toThrow('the contract has no default for THEME');
  });
});

describe('a constant', () => {
  test('is the same in the files of hosts', () => {
    const hook = matches(ofHosts, /LifecycleHookName/);
    expect(hook.length).toBeGreaterThan(1);
    for (const line of hook) {
      expect(line).toMatch(new RegExp(`LifecycleHookName=${constants.LAUNCH_HOOK}( |$)`));
    }
    for (const line of matches(ofHosts, /healthz/)) {
      expect(line).toMatch(new RegExp(`${constants.HEALTH_PATH}\\b`));
    }
    const release = matches(ofHosts, /\breleases(\/|%2F)/);
    expect(release.length).toBeGreaterThan(4);
    for (const line of release) {
      expect(line.replaceAll('%2F', '/')).toContain(constants.RELEASE_PREFIX);
    }
    expect(read(`${PYTHON}/openstack_dashboard_environment.py`)).toContain(
      `text != '${constants.STATIC_PATH}' and`,
    );
    expect(constants.CA_CERTIFICATES_FILE).toBe('/etc/openstack-dashboard/ca-certificates.pem');
    expect(read(`${DASHBOARD}/ca-certificates`)).toContain('"$ETC/ca-certificates.pem"');
    expect(read(`${DASHBOARD}/boot-check`)).toContain("f'{ETC}/ca-certificates.pem'");
    const largest = numberIn(`${COMMON}/releases.sh`, /^RELEASE_SIZE_MAX=\$\(\((\d+) << 20\)\)$/m);
    expect(numberIn(`${COMMON}/unpack-release`, /^MAX_TOTAL = (\d+) << 20$/m)).toBe(largest);
    expect(numberIn(`${COMMON}/nginx-http.conf`, /^keepalive_timeout (\d+)s;$/m)).toBe(
      constants.HOST_KEEPALIVE_SECONDS,
    );
  });

  test('is in only one place of the constructs', () => {
    expect(matches(ofConstructs, /['`](\/static\/|releases\/|\/healthz)/)).toEqual([]);
  });
});

describe('times', () => {
  const gunicorn = numberIn(`${DASHBOARD}/gunicorn.conf.py`, /^timeout = (\d+)$/m);
  const nginx = numberIn(`${DASHBOARD}/nginx.conf.template`, /^ {2}proxy_read_timeout (\d+)s;$/m);
  const [, page] = boundsOf('API_PAGE_DEADLINE');

  test('the timeouts of an API, gunicorn, nginx and the load balancer increase', () => {
    expect(boundsOf('API_READ_TIMEOUT')[1]).toBeLessThanOrEqual(page);
    expect(page + 5).toBeLessThanOrEqual(gunicorn);
    // gunicorn's arbiter looks each second.
    expect(gunicorn + 2).toBeLessThanOrEqual(nginx);
    expect(nginx + 2).toBeLessThanOrEqual(constants.MIN_IDLE_TIMEOUT_SECONDS);
    expect(constants.MAX_IDLE_TIMEOUT_SECONDS).toBeLessThan(constants.HOST_KEEPALIVE_SECONDS);
    expect(boundsOf('UPLOAD_SECONDS')[1] + 4).toBeLessThanOrEqual(
      constants.MAX_IDLE_TIMEOUT_SECONDS,
    );
    expect(boundsOf('UPLOAD_SECONDS')[0]).toBe(nginx);
  });

  test('a request does not count as hung before gunicorn ends it', () => {
    const request = numberIn(`${DASHBOARD}/health`, /^REQUEST = ([\d.]+)$/m);
    expect(request).toBeGreaterThanOrEqual(gunicorn + 2);
  });

  test('a static host has pulled a release before dashboard hosts rely on it', () => {
    const pull = Number(constructDefault('PULL_INTERVAL_SECONDS'));
    const settle = Number(constructDefault('STATIC_SETTLE_SECONDS'));
    // To download and unpack it.
    expect(settle).toBeGreaterThanOrEqual(pull + 15);
    expect(Number(constructDefault('STATIC_WAIT_SECONDS'))).toBeGreaterThan(settle);
  });

  test('every host accepts a new secret before any host signs with it', () => {
    const period = 60 * numberIn(`${TIMER}.timer`, /^OnCalendar=\*:0\/(\d+)$/m);
    const delay = numberIn(`${TIMER}.timer`, /^RandomizedDelaySec=(\d+)$/m);
    const run = numberIn(`${TIMER}.service`, /^TimeoutStartSec=(\d+)$/m);
    const hold = Number(constructDefault('SECRET_HOLD_SECONDS'));
    expect(hold).toBeGreaterThanOrEqual(period + delay + run);
    // And signs with it before the next rotation.
    expect(constants.PICK_UP_SECONDS).toBeGreaterThanOrEqual(hold + period + delay + run);
  });
});
