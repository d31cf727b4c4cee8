import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DashboardHostsOptions, HorizonPlugin, OpenStackApi, PolicyFile } from '../../lib';
import { DEBIAN_PLUGINS } from '../../lib/dashboard-hosts/horizon-plugin';
import { SiteFiles } from '../../lib/dashboard-hosts/site-files';
import { faultOfRule } from '../../lib/dashboard-hosts/policy-rule';
import {
  environmentsOf,
  expectMisuse,
  newDashboard,
  newStack,
  resourcesOf,
  userDataOf,
} from './fixtures';

function synth(hosts: DashboardHostsOptions): Template {
  const stack: Stack = newStack();
  newDashboard(stack, { hosts });
  return Template.fromStack(stack);
}

function environments(template: Template) {
  return environmentsOf(userDataOf(template, /Hosts/));
}

/** Files of the site in the template, and the resources that carry them. */
function carried(template: Template): { ids: string[]; files: Record<string, string> } {
  const holders = Object.entries(
    resourcesOf(template, 'AWS::CloudFormation::WaitConditionHandle'),
  ).filter(([id]) => id.includes('SiteFiles'));
  const files: Record<string, string> = {};
  for (const [, { Metadata }] of holders) {
    const packed = Buffer.from(Metadata['cdk-openstack-dashboard'].files, 'base64');
    const found = JSON.parse(gunzipSync(packed).toString()) as Record<string, string>;
    for (const [path, content] of Object.entries(found)) {
      files[path] = Buffer.from(content, 'base64').toString();
    }
  }
  return { ids: holders.map(([id]) => id), files };
}

describe('plugins', () => {
  test('are the sixteen of Debian 13, each with a package and an API', () => {
    expect(DEBIAN_PLUGINS).toHaveLength(16);
    for (const plugin of DEBIAN_PLUGINS) {
      expect(plugin.debianPackage).toMatch(/^python3-/);
      expect(plugin.apis).toHaveLength(1);
    }
  });

  test('install their packages, and the policies of their services are used', () => {
    const { host, dashboard } = environments(
      synth({
        plugins: [HorizonPlugin.HEAT, HorizonPlugin.MASAKARI, HorizonPlugin.TROVE],
        extraPackages: ['python3-designate-dashboard', 'htop'],
      }),
    );
    expect(host.PACKAGES.split(' ')).toEqual(
      expect.arrayContaining([
        'python3-heat-dashboard',
        'python3-masakari-dashboard',
        'python3-trove-dashboard',
        'python3-designate-dashboard',
      ]),
    );
    const heat = '/usr/lib/python3/dist-packages/heat_dashboard/conf';
    expect(dashboard.PLUGIN_POLICIES.split(' ')).toEqual([
      `orchestration=${heat}/heat_policy.yaml:${heat}/default_policies/heat.yaml`,
      'instance-ha=/usr/lib/python3/dist-packages/masakaridashboard/conf/masakari_policy.yaml',
      'dns=/usr/local/lib/openstack-dashboard/policies/designate.yaml',
    ]);
    expect(environments(synth({})).dashboard).not.toHaveProperty('PLUGIN_POLICIES');
  });

  test('can be others', () => {
    const plugin = HorizonPlugin.of({
      debianPackage: 'acme-horizon-panel',
      apis: [OpenStackApi.of(8443)],
      policies: [{ service: 'acme', defaults: '/opt/acme/defaults.yaml', folder: '/opt/acme/d' }],
    });
    const template = synth({
      plugins: [plugin],
      policies: { acme: PolicyFile.fromString('"get": "@"') },
    });
    const { host, dashboard } = environments(template);
    expect(host.PACKAGES).toMatch(/ acme-horizon-panel\b/);
    expect(dashboard.PLUGIN_POLICIES).toBe('acme=:/opt/acme/defaults.yaml:/opt/acme/d');
    expect(dashboard.SITE_POLICIES).toBe('acme');
  });

  test('must have names and paths', () => {
    expectMisuse(
      () => HorizonPlugin.of({ debianPackage: 'a b' }),
      "debianPackage must be the name of a Debian package, got 'a b'",
    );
    const of = (policy: object) => () =>
      HorizonPlugin.of({ debianPackage: 'acme', policies: [{ service: 'acme', ...policy }] });
    expectMisuse(of({}), 'policies must have a file, defaults or a folder for acme');
    expect(of({ service: 'A' })).toThrow(/policies must have services such as orchestration/);
    for (const path of ['x.yaml', '/a b', '/a:b', '/']) {
      expect(of({ file: path })).toThrow(/policies must have absolute paths/);
    }
  });
});

describe('policies', () => {
  test('reach the hosts as data, in a resource whose name changes with them', () => {
    const rules = `
# comment
"os_compute_api:servers:create": "role:creator or
  rule:admin_required"
os_compute_api:servers:delete: role:admin and not (role:trainee)
`;
    const template = synth({
      policies: {
        compute: PolicyFile.fromString(rules),
        image: PolicyFile.fromString('{"get_image": "@", "publicize_image": "!"}'),
      },
    });
    const { ids, files } = carried(template);
    const { host, dashboard } = environments(template);
    expect(ids).toEqual([host.SITE_FILES_RESOURCE]);
    expect(dashboard.SITE_POLICIES).toBe('compute,image');
    expect(JSON.parse(files['policies/compute/rules.json'])).toEqual({
      'os_compute_api:servers:create': 'role:creator or rule:admin_required',
      'os_compute_api:servers:delete': 'role:admin and not (role:trainee)',
    });
    const other = synth({ policies: { compute: PolicyFile.fromString('a: "@"') } });
    expect(environments(other).host.SITE_FILES_RESOURCE).not.toBe(host.SITE_FILES_RESOURCE);
    expect(environments(synth({})).host).not.toHaveProperty('SITE_FILES_RESOURCE');
  });

  test('are read from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'policies-'));
    const file = join(folder, 'nova.yaml');
    writeFileSync(file, 'a: "role:"\n"b": ""\n');
    expect(PolicyFile.fromFile(file)._content).toBe('{"a":"role:","b":""}');
    writeFileSync(file, 'a: b\n');
    expectMisuse(
      () => PolicyFile.fromFile(file),
      `policy must have rules that oslo.policy understands, got 'b'; ${file}: a: 'b' is not a check such as role:admin`,
    );
    rmSync(folder, { recursive: true });
    expect(() => PolicyFile.fromFile(file)).toThrow(/there is no such file/);
  });

  test.each([
    ['', /there are no rules/],
    ['# nothing', /there are no rules/],
    ['- a', /there are no rules/],
    ['{}', /there are no rules/],
    ['{"a": ', /policy must be a policy file.*; /],
    ['a: "@"\na: "!"', /Map keys must be unique/],
    ['a: 1', /policy must have rules in quotation marks, got '1'; a: write/],
    ['a: yes', /rules in quotation marks/],
    ['a:', /rules in quotation marks/],
    // A tag in YAML, which PyYAML reads as an empty text: everybody would be allowed
    ['a: !', /rules in quotation marks/],
    ['a: @', /policy must be a policy file/],
    ['a: [["role:admin"]]', /rules in quotation marks/],
    ['a: "role:x adn role:y"', /'adn' is not expected/],
    ['a: "http://example.org/%(name)s"', /would be called for each button of a page/],
  ])('fails with %p', (text, message) => {
    expect(() => PolicyFile.fromString(text)).toThrow(message);
  });

  test('must be of a service that the dashboard knows', () => {
    expectMisuse(
      () => synth({ policies: { orchestration: PolicyFile.fromString('a: "@"') } }),
      "Stack/Dashboard/Hosts: policies must have services whose rules the dashboard checks (compute, identity, image, network, volume), got 'orchestration'; add the plugin of another service to plugins",
    );
    expect(() =>
      synth({
        plugins: [HorizonPlugin.HEAT],
        policies: { orchestration: PolicyFile.fromString('a: "@"') },
      }),
    ).not.toThrow();
  });

  test('must fit into the template', () => {
    const files = new SiteFiles();
    files.add('policies/compute/rules.json', randomBytes(300_000).toString('hex'));
    expect(() => files.pack(newStack())).toThrow(
      /Stack: policies must be at most 262144 bytes when packed, with customization and messages, got \d+; put/,
    );
  });
});

describe('rules of oslo.policy', () => {
  test.each([
    '',
    '@',
    '!',
    'role:admin',
    'not role:x',
    'not not role:x',
    '((role:a) or (rule:b and not project_id:%(project_id)s)) AND @',
    "'PRIMARY':%(zone_type)s",
    'is_admin:True or None:%(x)s',
    'tenant_id:%(network:tenant_id)s',
  ])('understands %p', (rule) => expect(faultOfRule(rule)).toBeUndefined());

  test.each([
    [' ', 'a check is missing at the end'],
    ['admin', "'admin' is not a check such as role:admin"],
    [':x', "':x' is not a check such as role:admin"],
    ['"a:b"', `'"a:b"' is not a check such as role:admin`],
    ['role:a role:b', "'role:b' is not expected"],
    ['role:a or', 'a check is missing at the end'],
    ['or role:a', "'or' is not a check such as role:admin"],
    ['(role:a', 'a closing bracket is missing'],
    ['role:a)', "')' is not expected"],
    ['()', "')' is not a check such as role:admin"],
    ['https://a/', "'https://a/' would be called for each button of a page"],
  ])('reports %p', (rule, fault) => expect(faultOfRule(rule)).toBe(fault));
});
