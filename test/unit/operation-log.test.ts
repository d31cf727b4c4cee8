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
