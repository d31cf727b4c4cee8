import { Duration } from 'aws-cdk-lib';
import { Template, Match, Annotations } from 'aws-cdk-lib/assertions';
import {
  DashboardEntry,
  DashboardSettings,
  DashboardSettingsOptions,
  DomainLogin,
  FilteredList,
  WebSso,
  WebSsoChoice,
} from '../../lib';
import { certificate, expectMisuse, KEYSTONE, NAME, newDashboard, newStack } from './fixtures';

const environment = (settings: DashboardSettingsOptions) =>
  new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE, ...settings }).environment;
const OTHER = 'https://keystone.example.net:13000/v3';
const REGIONS = [
  { label: 'Europe', keystoneUrl: KEYSTONE },
  { label: "Côte d'Azur", keystoneUrl: OTHER },
];

describe('domains', () => {
  test('are one by default', () => {
    expect(environment({})).toMatchObject({
      OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT: 'false',
      OPENSTACK_KEYSTONE_DEFAULT_DOMAIN: 'Default',
    });
    expect(environment({ domains: DomainLogin.single('staff') })).toMatchObject({
      OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT: 'false',
      OPENSTACK_KEYSTONE_DEFAULT_DOMAIN: 'staff',
    });
  });

  test('are entered or selected', () => {
    const asked = environment({ domains: DomainLogin.ask() });
    expect(asked.OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT).toBe('true');
    expect(asked).not.toHaveProperty('OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN');
    expect(environment({ domains: DomainLogin.dropdown(['staff', "l'eau"]) })).toMatchObject({
      OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT: 'true',
      OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN: 'true',
      OPENSTACK_KEYSTONE_DOMAIN_CHOICES: "[('staff', 'staff'), ('l\\'eau', 'l\\'eau')]",
    });
  });

  test('must have different names', () => {
    expectMisuse(
      () => DomainLogin.dropdown([]),
      'domains must have one or more different names, got none',
    );
    expectMisuse(
      () => DomainLogin.dropdown(['a', 'b', 'a']),
      "domains must have one or more different names, got 'a'",
    );
  });

  test.each([true, false])('in a list are reported if the internet can read it: %s', (open) => {
    const stack = newStack();
    newDashboard(stack, {
      settings: { domains: DomainLogin.dropdown(['staff']) },
      entry: DashboardEntry.newLoadBalancer({
        certificate: certificate(stack),
        internetFacing: open,
      }),
    });
    const found = Annotations.fromStack(stack).findWarning(
      '*',
      Match.stringLikeRegexp('names of the domains'),
    );
    expect(found).toHaveLength(open ? 1 : 0);
  });
});

describe('regions', () => {
  test('are pairs of URLs and labels', () => {
    expect(environment({ regions: REGIONS }).AVAILABLE_REGIONS).toBe(
      `[('${KEYSTONE}', 'Europe'), ('${OTHER}', 'Côte d\\'Azur')]`,
    );
    expect(environment({})).not.toHaveProperty('AVAILABLE_REGIONS');
    expect(environment({ defaultServiceRegion: 'RegionTwo' }).DEFAULT_SERVICE_REGION).toBe(
      'RegionTwo',
    );
  });

  test('open the port of each Keystone', () => {
    const stack = newStack();
    newDashboard(stack, { settings: { regions: REGIONS } });
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupEgress: Match.arrayWith([
        Match.objectLike({ FromPort: 5000 }),
        Match.objectLike({ FromPort: 13000 }),
      ]),
    });
  });

  test.each([
    [[], 'regions must have at least one region, got none; leave it out instead'],
    [
      [REGIONS[0], { ...REGIONS[1], label: 'Europe' }],
      "regions.label must be different in each region, got 'Europe'",
    ],
    [
      [REGIONS[0], { ...REGIONS[0], label: 'Asia' }],
      `regions.keystoneUrl must be different in each region, got '${KEYSTONE}'`,
    ],
    [
      [REGIONS[1]],
      `keystoneUrl must be the URL of one of the regions, got '${KEYSTONE}'; hosts use it where a user has selected no region`,
    ],
    [
      [{ label: 'Plain', keystoneUrl: 'http://keystone.example.org/v3' }],
      /^regions.keystoneUrl must be an https URL/,
    ],
  ])('are rejected: %j', (regions, message) => {
    const make = () => environment({ regions });
    if (typeof message === 'string') {
      expectMisuse(make, message);
    } else {
      expect(make).toThrow(message);
    }
  });
});

test('several regions and single sign-on exclude each other', () => {
  const webSso = WebSso.of({ choices: [WebSsoChoice.protocol('openid', { label: 'Company' })] });
  expect(environment({ regions: REGIONS.slice(0, 1), webSso })).toHaveProperty('AVAILABLE_REGIONS');
  expectMisuse(
    () => environment({ regions: REGIONS, webSso }),
    "regions must have one region with webSso, got 'Europe', 'Côte d'Azur'; hosts verify the tokens of single sign-on at keystoneUrl, whatever a user has selected; create a dashboard for each Keystone",
  );
});

describe('second factors, passwords and attempts', () => {
  test('are parameters', () => {
    expect(
      environment({
        totp: true,
        passwordExpiryWarning: Duration.days(14),
        loginAttempts: { burst: 10, perMinute: 2 },
      }),
    ).toMatchObject({
      OPENSTACK_KEYSTONE_MFA_TOTP_ENABLED: 'true',
      PASSWORD_EXPIRES_WARNING_THRESHOLD_DAYS: '14',
      LOGIN_ATTEMPTS_BURST: '10',
      LOGIN_ATTEMPTS_PER_MINUTE: '2',
    });
    const none = environment({ totp: false, loginAttempts: {} });
    for (const name of ['OPENSTACK_KEYSTONE_MFA_TOTP_ENABLED', 'LOGIN_ATTEMPTS_BURST']) {
      expect(none).not.toHaveProperty(name);
    }
  });

  test('are within bounds', () => {
    expectMisuse(
      () => environment({ passwordExpiryWarning: Duration.hours(36) }),
      'passwordExpiryWarning must be a whole number of days from 1 to 365, got 1.5',
    );
    expectMisuse(
      () => environment({ loginAttempts: { burst: 0 } }),
      'loginAttempts.burst must be a whole number from 1 to 100, got 0',
    );
  });
});

test('limits of lists, and lists that need a filter', () => {
  expect(
    environment({
      listLimits: { results: 500, pageSize: 50, menuItems: 40, logLines: 100 },
      filterFirst: [FilteredList.PROJECTS, FilteredList.ADMIN_INSTANCES],
    }),
  ).toMatchObject({
    API_RESULT_LIMIT: '500',
    API_RESULT_PAGE_SIZE: '50',
    DROPDOWN_MAX_ITEMS: '40',
    INSTANCE_LOG_LENGTH: '100',
    FILTER_DATA_FIRST: 'identity.projects,admin.instances',
  });
  expectMisuse(
    () => environment({ filterFirst: [FilteredList.ROLES, FilteredList.ROLES] }),
    "filterFirst must have different lists, got 'identity.roles'",
  );
  expectMisuse(
    () => environment({ listLimits: { pageSize: 0 } }),
    'listLimits.pageSize must be a whole number from 1 to 1000, got 0',
  );
});
