import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DashboardSettings, SettingValue } from '../../lib';
import { expectMisuse, KEYSTONE, NAME } from './fixtures';

const SITE = { domainName: NAME, keystoneUrl: KEYSTONE };

test('the operation log is off unless it is on', () => {
  expect(new DashboardSettings(SITE).environment.OPERATION_LOG).toBeUndefined();
  expect(new DashboardSettings({ ...SITE, operationLog: true }).environment.OPERATION_LOG).toBe(
    'true',
  );
});

test.each(['OPERATION_LOG', 'OPERATION_LOG_ENABLED', 'OPERATION_LOG_OPTIONS'])(
  'an extra setting must not be %s',
  (name) => {
    expectMisuse(
      () =>
        new DashboardSettings({
          ...SITE,
          extraSettings: { [name]: SettingValue.fromBoolean(true) },
        }),
      `extraSettings must not contain settings that the library sets itself, got '${name}'; ${name === 'OPERATION_LOG' ? 'use operationLog' : 'use the property for it, if there is one'}`,
    );
  },
);

test('the document has each event of the log', () => {
  const root = join(__dirname, '../..');
  const source = readFileSync(
    join(
      root,
      'lib/settings/files/usr/local/lib/openstack-dashboard/python/openstack_dashboard_operations.py',
    ),
    'utf8',
  );
  const [, body] = /^def event_of\((.*?)^def /ms.exec(source)!;
  // What the function compares with
  const others = ['totp', 'websso', 'password', 'switch_services_region', 'csrf_failure'];
  const events = [...body.matchAll(/'([a-z]+(?:_[a-z]+)*)'/g)].map(([, name]) => name);
  const [, section] = readFileSync(join(root, 'docs/logs.md'), 'utf8').split(/^## Operation log$/m);
  const [, table] = /^\| Event .*?\n(.*?)\n\n/ms.exec(section)!;
  const documented = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(new Set(events.filter((name) => !others.includes(name)))).toEqual(new Set(documented));
  const [, failed] = /event in (\[.*\])/.exec(section)!;
  expect(JSON.parse(failed)).toEqual(
    documented.filter((name) => name.endsWith('_failed') || name === 'refused'),
  );
});
