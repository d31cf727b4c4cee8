import { CfnParameter } from 'aws-cdk-lib';
import { ConsoleType, DashboardSettings, DashboardSettingsOptions, SettingValue } from '../../lib';
import { APPLICATION, parametersOf } from '../../lib/contract/environment';
import { everySetting } from '../../harness/every-setting';
import { KEYSTONE, NAME, newStack } from './fixtures';

const environment = (settings: DashboardSettingsOptions) =>
  new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE, ...settings }).environment;
const added = (settings: DashboardSettingsOptions) => {
  const without = environment({});
  return Object.fromEntries(
    Object.entries(environment(settings)).filter(([name]) => !(name in without)),
  );
};

test('nothing is set that is not given', () => {
  expect(added({ compute: {}, network: { physicalNetworks: undefined }, image: {} })).toEqual({});
});

test('each property of a group has a parameter, and each parameter a property', () => {
  const every = everySetting('x');
  const names = Object.keys(added(every));
  for (const [group, value] of Object.entries(every)) {
    const parameters = parametersOf(group);
    if (Object.keys(parameters).length > 0) {
      expect({ group, props: Object.keys(value).sort() }).toEqual({
        group,
        props: Object.keys(parameters).sort(),
      });
      expect(names).toEqual(expect.arrayContaining(Object.values(parameters)));
    } else {
      const [name] = Object.entries(APPLICATION).find(([, { prop }]) => prop === group)!;
      expect(names).toContain(name);
    }
  }
});

test('the order of props does not matter: another order would replace hosts', () => {
  const reversed = (props: object): object => Object.fromEntries(Object.entries(props).reverse());
  const every = everySetting('x');
  const other = Object.entries(every).map(([name, value]): [string, unknown] => [
    name,
    Object.keys(parametersOf(name)).length > 0 ? reversed(value as object) : value,
  ]);
  expect(Object.entries(environment(reversed(Object.fromEntries(other))))).toEqual(
    Object.entries(environment(every)),
  );
});

test('values have the form that hosts parse', () => {
  expect(
    added({
      compute: { consoleType: ConsoleType.OFF, canSetPassword: true },
      externalMonitoring: { Graphs: 'https://graphs.example.org/' },
      image: { formats: { raw: 'Raw', qcow2: "QEMU's" } },
      languages: ['en', 'de'],
      network: {
        supportedVnicTypes: [],
        securityGroupRules: { ssh: { name: 'SSH', fromPort: 22 } },
        segmentationIdRanges: { vlan: { minimum: 10, maximum: 20 } },
      },
      overviewDays: 7,
      volume: { enableBackup: false },
    }),
  ).toEqual({
    CONSOLE_TYPE: 'off',
    OPENSTACK_HYPERVISOR_FEATURES_CAN_SET_PASSWORD: 'true',
    EXTERNAL_MONITORING: "[('Graphs', 'https://graphs.example.org/')]",
    OPENSTACK_IMAGE_BACKEND_IMAGE_FORMATS: "[('raw', 'Raw'), ('qcow2', 'QEMU\\'s')]",
    LANGUAGES: "['en', 'de']",
    OPENSTACK_NEUTRON_NETWORK_SUPPORTED_VNIC_TYPES: '[]',
    SECURITY_GROUP_RULES:
      "{'ssh': {'name': 'SSH', 'ip_protocol': 'tcp', 'from_port': '22', 'to_port': '22'}}",
    OPENSTACK_NEUTRON_NETWORK_SEGMENTATION_ID_RANGE: "{'vlan': [10, 20]}",
    OVERVIEW_DAYS_RANGE: '7',
    OPENSTACK_CINDER_FEATURES_ENABLE_BACKUP: 'false',
  });
});

test('values that are known at deploy time only are not validated', () => {
  const token = new CfnParameter(newStack(), 'Given').valueAsString;
  expect(() =>
    added({
      ...everySetting(token),
      defaultLanguage: token,
      languages: [token],
      siteBrandingLink: token,
      network: { defaultDnsNameservers: [token], allowedIpv4SubnetCidrs: [token] },
      kubeconfig: { kubernetesUrl: token, certificateAuthorityData: token },
    }),
  ).not.toThrow();
});

test.each<[DashboardSettingsOptions, string]>([
  [{ compute: { flavorSortKey: '' } }, 'compute.flavorSortKey must be one line'],
  [{ defaultLanguage: 'xx' }, 'defaultLanguage must be one of cs, de'],
  [{ languages: ['en'], defaultLanguage: 'de' }, 'defaultLanguage must be one of en'],
  [{ languages: ['en', 'zh-cn'] }, 'languages must have codes of cs, de'],
  [{ languages: [] }, 'languages must have at least one language'],
  [
    { externalMonitoring: { A: 'http://a.example.org' } },
    'externalMonitoring must be an https URL',
  ],
  [{ externalMonitoring: { A: 'javascript:alert(1)' } }, 'externalMonitoring must be an https URL'],
  [{ siteBrandingLink: '//evil.example.org' }, 'siteBrandingLink must be a path'],
  [{ siteBrandingLink: 'javascript:alert(1)' }, 'siteBrandingLink must be a path'],
  [{ kubeconfig: { kubernetesUrl: 'http://k' } }, 'kubeconfig.kubernetesUrl must be an https URL'],
  [
    { kubeconfig: { kubernetesUrl: 'https://k.example.org', certificateAuthorityData: 'LS0t' } },
    'kubeconfig.certificateAuthorityData must be a certificate',
  ],
  [{ overviewDays: -1 }, 'overviewDays must be a whole number from 0 to 366, got -1'],
  [{ network: { defaultDnsNameservers: ['dns'] } }, 'network.defaultDnsNameservers must have IP'],
  [{ network: { allowedIpv4SubnetCidrs: ['fc00::/7'] } }, 'must have IPv4 ranges in CIDR notation'],
  [{ network: { allowedIpv4SubnetCidrs: ['10.0.0.0/33'] } }, 'must have IPv4 ranges'],
  [{ network: { allowedIpv6SubnetCidrs: ['fc00::'] } }, 'must have IPv6 ranges in CIDR notation'],
  [
    { network: { segmentationIdRanges: { vlan: { minimum: 5, maximum: 4 } } } },
    'network.segmentationIdRanges must have a maximum of at least 5, got 4',
  ],
  [
    { network: { securityGroupRules: { a: { name: 'A', fromPort: 65536 } } } },
    'network.securityGroupRules must be a whole number from -1 to 65535, got 65536',
  ],
  [{ network: { physicalNetworks: ['a\nb'] } }, 'network.physicalNetworks must be one line'],
])('%j is refused', (settings, message) => {
  expect(() => environment(settings)).toThrow(message);
});

describe('extra settings', () => {
  test('may have other keys of a setting, such as those of plugins', () => {
    expect(
      environment({
        network: { enableRouter: false },
        extraSettings: {
          OPENSTACK_NEUTRON_NETWORK: SettingValue.mapOf({
            enable_vpn: SettingValue.fromBoolean(true),
          }),
        },
      }),
    ).toMatchObject({
      OPENSTACK_NEUTRON_NETWORK_ENABLE_ROUTER: 'false',
      EXTRA_SETTINGS: "{'OPENSTACK_NEUTRON_NETWORK': {'enable_vpn': True}}",
    });
  });

  test('may not have keys that have a property', () => {
    expect(() =>
      environment({
        extraSettings: {
          OPENSTACK_NEUTRON_NETWORK: SettingValue.mapOf({
            enable_router: SettingValue.fromBoolean(true),
          }),
        },
      }),
    ).toThrow(
      "extraSettings.OPENSTACK_NEUTRON_NETWORK must not contain keys that have a property, got 'enable_router'; use settings.network.enableRouter",
    );
  });
});
