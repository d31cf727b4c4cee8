// Files of settings as kolla-ansible and openstack-ansible render them: their constructs, not their text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf } from '../../lib/import/program';
import { propsOf } from '../../lib/import/props';
import { readSettings } from '../../lib/import/python';

function imported(file: string): string {
  const { values } = readSettings(readFileSync(join(__dirname, 'import', file), 'utf8'));
  const props = propsOf(values, { domainName: undefined, plugins: [] });
  return programOf(props, { files: [file], notes: [], variables: [] });
}

/** The settings in each section of comments, by its title. */
function sectionsOf(program: string): Record<string, string[]> {
  const [, comments] = program.split('\n}\n\n// The props above');
  const sections = comments.split('\n//\n// ').slice(1);
  const named = sections.filter((section) => section.includes('\n// - '));
  return Object.fromEntries(
    named.map((section) => [
      section.split(/[,:.]/, 1)[0],
      [...section.matchAll(/^\/\/ - ([\w.]+):/gm)].map(([, name]) => name),
    ]),
  );
}

/** The props of the dashboard up to `entry`, without the indent. */
function propsIn(program: string): string {
  const [, text] = /^ {6}keystoneUrl([^]*?)^ {6}\/\/ The certificate/m.exec(program)!;
  return `keystoneUrl${text}`.replaceAll(/^ {6}/gm, '');
}

test('kolla-ansible: the props, and what has none', () => {
  const program = imported('kolla_settings.py');
  expect(program).not.toContain('never-printed');
  expect(propsIn(program)).toMatchInlineSnapshot(`
    "keystoneUrl: 'https://keystone.example.org:5000/v3',
    settings: {
      domains: DomainLogin.dropdown(['Default', 'staff']),
      webSso: WebSso.of({
        choices: [
          WebSsoChoice.identityProvider('campus_openid', {
            label: 'Campus',
            identityProvider: 'campus',
            protocol: 'openid',
          }),
        ],
        keystoneUrl: 'https://login.example.org:5000/v3',
        passwordLabel: 'Local account',
      }),
      compute: { canSetMountPoint: false, enableQuotas: true },
      endpointType: EndpointType.INTERNAL,
      timeZone: 'UTC',
    },
    "
  `);
  expect(sectionsOf(program)).toMatchInlineSnapshot(`
    {
      "Has a prop": [
        "WEBSSO_CHOICES",
        "OPENSTACK_SSL_CACERT",
      ],
      "No prop": [
        "AVAILABLE_THEMES",
      ],
      "Not a setting of the hosts' Horizon": [
        "OPENSTACK_HOST",
        "LOGGING",
      ],
      "Replace": [
        "domainName",
      ],
      "Secrets": [
        "SECRET_KEY",
      ],
      "Set by the library": [
        "ALLOWED_HOSTS",
        "DEBUG",
        "COMPRESS_OFFLINE",
        "WEBROOT",
        "CACHES",
        "SECURE_PROXY_SSL_HEADER",
        "LOCAL_PATH",
        "POLICY_FILES_PATH",
        "REST_API_REQUIRED_SETTINGS",
      ],
    }
  `);
});

test('openstack-ansible: the props, and what has none', () => {
  const program = imported('os_horizon_settings.py');
  expect(propsIn(program)).toMatchInlineSnapshot(`
    "keystoneUrl: 'https://one.example.org:5000/v3',
    settings: {
      regions: [
        { label: 'One', keystoneUrl: 'https://one.example.org:5000/v3' },
        { label: 'Two', keystoneUrl: 'https://two.example.org:5000/v3' },
      ],
      domains: DomainLogin.dropdown(['Default', 'staff']),
      horizonConfig: { helpUrl: 'https://help.example.org/' },
      launchInstance: { configDrive: false, createVolume: false },
      network: {
        enableRouter: true,
        supportedProviderTypes: ['geneve', 'vlan'],
        defaultDnsNameservers: ['192.0.2.53'],
        securityGroupRules: {
          ssh: { name: 'SSH', fromPort: 22 },
          tcp: { name: 'All', fromPort: 1, toPort: 65535 },
        },
      },
      image: { customPropertyTitles: { image_state: 'State' } },
      listLimits: { menuItems: 50 },
    },
    "
  `);
  expect(sectionsOf(program)).toMatchInlineSnapshot(`
    {
      "Has a prop": [
        "HORIZON_CONFIG.customization_module",
      ],
      "No prop": [
        "OPENSTACK_API_VERSIONS",
        "AVAILABLE_THEMES",
      ],
      "Not a setting of the hosts' Horizon": [
        "TEMPLATE_DEBUG",
        "OPENSTACK_NEUTRON_NETWORK.enable_vpn",
        "OPENSTACK_NEUTRON_NETWORK.profile_support",
        "LOGGING",
      ],
      "Rejected by the library": [
        "WEBSSO_CHOICES",
      ],
      "Secrets": [
        "SECRET_KEY",
      ],
      "Set by the library": [
        "DEBUG",
        "STATIC_ROOT",
        "WEBROOT",
        "SECURE_PROXY_SSL_HEADER",
        "CSRF_TRUSTED_ORIGINS",
        "HORIZON_CONFIG.password_autocomplete",
        "HORIZON_CONFIG.disable_password_reveal",
        "LOCAL_PATH",
        "CACHES",
        "OPENSTACK_SSL_NO_VERIFY",
        "DISALLOW_IFRAME_EMBED",
      ],
    }
  `);
});
