// Settings of an existing Horizon become props: openstack-dashboard-import.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ts from 'typescript';
import * as library from '../../lib';
import { readVariables, TOOLS } from '../../lib/import/deployment-tools';
import { programOf } from '../../lib/import/program';
import { propsOf } from '../../lib/import/props';
import { readExpression, readSettings, Value } from '../../lib/import/python';
import { settingRows } from '../../lib/import/settings-table';
import { copyOfLibrary, removeCopy } from './copy';
import { ROOT } from './fixtures';

const FILE = join(__dirname, 'import/local_settings.py');
const SOURCE = readFileSync(FILE, 'utf8');

/** The program for files of settings, by name. */
function imported(files: Record<string, string>, domainName?: string): string {
  let values: ReadonlyMap<string, Value> = new Map();
  let name = domainName;
  const plugins: string[] = [];
  for (const [file, source] of Object.entries(files)) {
    if (file.endsWith('.yml')) {
      const variables = readVariables(source, values);
      ({ values } = variables);
      name ??= variables.domainName;
      plugins.push(...variables.plugins);
    } else {
      ({ values } = readSettings(source, { values, others: [] }));
    }
  }
  return programOf(propsOf(values, { domainName: name, plugins }), {
    files: Object.keys(files),
    notes: [],
    variables: [],
  });
}

/** The comments in a section, each on one line. */
function section(program: string, title: string): string[] {
  const start = program.indexOf(`\n// ${title}`);
  const [, ...lines] = start < 0 ? [] : program.slice(start + 1).split('\n');
  const end = lines.findIndex((line) => !/^\/\/ (-| {2})/.test(line));
  return lines
    .slice(0, end)
    .join('\n')
    .replaceAll(/\n\/\/ {3}/g, ' ')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.slice('// - '.length));
}

/** A program in which the lines for `extraSettings` are no comments any more. */
function withExtraSettings(program: string): string {
  const blocks = [...program.matchAll(/^\/\/ extraSettings: \{\n((?:\/\/ {3}.*\n)+)\/\/ \},$/gm)];
  const lines = blocks.map(([, block]) => block.replaceAll(/^\/\/ /gm, '        ')).join('');
  return program
    .replace(
      '      settings: {\n',
      `      settings: {\n        extraSettings: {\n${lines}        },\n`,
    )
    .replace(
      "} from 'cdk-openstack-dashboard';",
      "  SettingValue,\n} from 'cdk-openstack-dashboard';",
    );
}

/** The template of a program. */
function synthesized(program: string): Template {
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const load = createRequire(__filename);
  const module = { exports: {} as Record<string, new (...args: unknown[]) => Stack> };
  const required = (name: string): unknown =>
    name === 'cdk-openstack-dashboard'
      ? library
      : name.startsWith('aws-cdk-lib') || name === 'constructs'
        ? jest.requireActual(name)
        : load(name);
  new Function('module', 'exports', 'require', outputText)(module, module.exports, required);
  return Template.fromStack(new module.exports.DashboardStack(new App(), 'Dashboard'));
}

const KOLLA = `---
kolla_external_fqdn: "cloud.example.org"
horizon_keystone_url: "https://keystone.example.org:5000"
horizon_keystone_multidomain: "yes"
horizon_keystone_domain_choices:
  Default: default
  ldap: Staff
enable_horizon_heat: "{{ enable_heat | bool }}"
enable_horizon_octavia: true
enable_cinder_backup: "no"
enable_keystone_federation: "yes"
keystone_identity_providers:
  - name: corp
    protocol: openid
    public_name: Corp
horizon_secret_key: never-printed-6
horizon_wsgi_threads: 4
neutron_plugin_agent: ovn
`;

const OSA = `---
horizon_server_name: cloud.example.org
horizon_keystone_endpoint: https://keystone.example.org:5000/v3
horizon_keystone_multidomain_support: true
horizon_keystone_multidomain_dropdown: true
horizon_keystone_multidomain_choices: "(('Default', 'Default'), ('ldap', 'Staff'))"
horizon_available_regions:
  - { url: "https://keystone.example.org:5000/v3", name: "One" }
horizon_network_provider_types: geneve, vlan
horizon_session_timeout: "1800"
horizon_config_overrides:
  help_url: https://help.example.org/
horizon_extra_local_settings:
  DROPDOWN_MAX_ITEMS: 50
  CREATE_INSTANCE_FLAVOR_SORT: "{'key': 'vcpus', 'reverse': True}"
horizon_enable_heat_ui: true
keystone_sp:
  trusted_idp_list:
    - name: corp
      display_name: Corp
      protocols:
        - name: openid
horizon_secret_key: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  6e657665722d7072696e746564
horizon_site_name: "{{ name }}"
`;

const program = imported({ 'local_settings.py': SOURCE });
const kolla = imported({ 'globals.yml': KOLLA });
const osa = imported({ 'user_variables.yml': OSA });

test.each([
  ['local-settings', withExtraSettings(program)],
  ['kolla-ansible', kolla],
  ['openstack-ansible', osa],
])('%s becomes the program that `tsc` checks', (name, text) => {
  const file = join(__dirname, `import/${name}.ts`);
  if (process.env.UPDATE_PROGRAMS) {
    writeFileSync(file, text);
  }
  // After a change on purpose: UPDATE_PROGRAMS=1 npx jest test/unit/import.test.ts
  expect(text).toBe(readFileSync(file, 'utf8'));
});

/** The environment parameters of dashboard hosts, in the template. */
function environmentOf(text: string): Record<string, string> {
  const templates = synthesized(text).findResources('AWS::EC2::LaunchTemplate');
  const found = Object.values(templates).map(({ Metadata }) => JSON.stringify(Metadata ?? {}));
  const [metadata] = found.filter((each) => each.includes('OPENSTACK_KEYSTONE_URL'));
  const search = (node: unknown): Record<string, string> | undefined =>
    typeof node !== 'object' || node === null
      ? undefined
      : 'OPENSTACK_KEYSTONE_URL' in node
        ? (node as Record<string, string>)
        : Object.values(node).map(search).find(Boolean);
  return search(JSON.parse(metadata))!;
}

test('hosts get the settings of local_settings.py', () => {
  expect(environmentOf(withExtraSettings(program))).toMatchObject({
    ALLOWED_HOSTS: 'cloud.example.org,cloud.example.net',
    ALLOWED_PRIVATE_SUBNET_CIDR_IPV4: "['10.0.0.0/8']",
    AJAX_POLL_INTERVAL: '5000',
    API_RESULT_LIMIT: '1000',
    CONSOLE_TYPE: 'off',
    CREATE_IMAGE_DEFAULTS_IMAGE_VISIBILITY: 'private',
    FILTER_DATA_FIRST: 'admin.instances',
    HELP_URL: 'https://help.example.org/cloud',
    IMAGES_LIST_FILTER_TENANTS: "[{'text': 'Official', 'tenant': '27d0', 'icon': 'fa-check'}]",
    LANGUAGES: "['en', 'de']",
    LAUNCH_INSTANCE_DEFAULTS_CONFIG_DRIVE: 'true',
    LAUNCH_INSTANCE_DEFAULTS_CREATE_VOLUME: 'false',
    OPENSTACK_ENDPOINT_TYPE: 'internalURL',
    OPENSTACK_IMAGE_BACKEND_IMAGE_FORMATS: "[('qcow2', 'QCOW2'), ('raw', 'Raw')]",
    OPENSTACK_KEYSTONE_DOMAIN_CHOICES: "[('Default', 'Default'), ('ldap', 'ldap')]",
    OPENSTACK_KEYSTONE_URL: 'https://keystone.example.org:5000/v3',
    OPENSTACK_NEUTRON_NETWORK_DEFAULT_DNS_NAMESERVERS: "['192.0.2.53', '2001:db8::53']",
    OPENSTACK_NEUTRON_NETWORK_ENABLE_QUOTAS: 'true',
    OPENSTACK_NEUTRON_NETWORK_ENABLE_ROUTER: 'false',
    OPENSTACK_NEUTRON_NETWORK_SEGMENTATION_ID_RANGE: "{'vlan': [1024, 2048]}",
    OPERATION_LOG: 'true',
    OVERVIEW_DAYS_RANGE: '0',
    PASSWORD_EXPIRES_WARNING_THRESHOLD_DAYS: '7',
    PASSWORD_VALIDATOR_HELP_TEXT: "It's too short.",
    PASSWORD_VALIDATOR_REGEX: '^.{14,}$',
    SESSION_TIMEOUT: '1800',
    SIMULTANEOUS_SESSIONS: 'disconnect',
    SITE_BRANDING: 'Cloud of O\'Brien — "Example"',
    SITE_BRANDING_LINK: '/project/',
    SWIFT_FILE_TRANSFER_CHUNK_SIZE: '524288',
    WEBSSO_CHOICES:
      "(('credentials', 'Local account'), ('corp_openid', 'Corp'), ('saml2', 'Campus'))",
    WEBSSO_IDP_MAPPING: "(('corp_openid', ('corp', 'openid')),)",
    WEBSSO_INITIAL_CHOICE: 'corp_openid',
    WEBSSO_KEYSTONE_URL: 'https://login.example.org:5000/v3',
    EXTRA_SETTINGS: expect.stringContaining(
      "'MY_PLUGIN': {'names': ('a',), 'limit': 1.5, 'nothing': None}",
    ),
  });
});

test('comments have what is not among the props, with the reason', () => {
  const sections: [string, unknown[]][] = [
    [
      'Rejected by',
      [
        expect.stringMatching(/^TIME_ZONE: timeZone must be a name of the IANA/),
        expect.stringMatching(/^EXTERNAL_MONITORING: .*https URL, got 'http:\/\/…@graphs/),
        expect.stringMatching(/^HORIZON_CONFIG.user_home: .*must be a path/),
      ],
    ],
    [
      'Has a prop',
      [
        expect.stringMatching(/^WEBSSO_CHOICES: .*`webSso.identityProviderOrigins`/),
        expect.stringMatching(/^OPENSTACK_SSL_CACERT: .*CaCertificates.fromFile/),
        expect.stringMatching(/^HORIZON_IMAGES_UPLOAD_MODE: .*requires a plan/),
        expect.stringMatching(/^DEFAULT_THEME: .*`hosts.theme`/),
      ],
    ],
    [
      'Not known',
      [
        expect.stringMatching(/^OPENSTACK_NEUTRON_NETWORK.enable_ipv6: computed/),
        expect.stringMatching(/^ACTION_CSS_CLASSES: computed/),
        expect.stringMatching(/^DROPDOWN_MAX_ITEMS: is set in a block on line \d+, `if`/),
      ],
    ],
    [
      'Secrets',
      [
        expect.stringMatching(/^SECRET_KEY: not carried over/),
        expect.stringMatching(/^DATABASES: /),
        expect.stringMatching(/^PLUGIN_API_TOKEN: /),
        expect.stringMatching(/^PLUGIN_URLS: /),
      ],
    ],
    [
      'Set by the library',
      [
        expect.stringMatching(/^ALLOWED_HOSTS: 'localhost', '192.0.2.1', '\*': /),
        expect.stringMatching(/^DEBUG: /),
        expect.stringMatching(/^WEBROOT: /),
        expect.stringMatching(/^CACHES: .*`session`/),
        expect.stringMatching(/^WEBSSO_USE_HTTP_REFERER: /),
        expect.stringMatching(/^LOCAL_PATH: /),
      ],
    ],
    ['No prop', [expect.stringMatching(/^MEMOIZED/), expect.stringMatching(/^AVAILABLE_THEMES/)]],
    [
      'Not a setting',
      [
        expect.stringMatching(/^TEMPLATE_DEBUG: /),
        expect.stringMatching(/^HORIZON_CONFIG.simple_ip_management: /),
        expect.stringMatching(/^OPENSTACK_HOST: /),
        expect.stringMatching(/^OPENSTACK_NEUTRON_NETWORK.enable_lb: /),
        expect.stringMatching(/^MY_PLUGIN: /),
      ],
    ],
  ];
  for (const [title, expected] of sections) {
    const found = section(program, title);
    expect([title, found]).toEqual([title, expect.arrayContaining(expected)]);
    expect([title, found.length]).toEqual([title, expected.length]);
  }
});

test('secrets are not printed', () => {
  for (const text of [program, kolla, osa]) {
    expect(text).not.toMatch(/never-printed|ANSIBLE_VAULT|6e6576/);
    expect(section(text, 'Secrets')).toContainEqual(expect.stringMatching(/^SECRET_KEY: /));
  }
});

test('hosts get the variables of kolla-ansible', () => {
  expect(kolla).toContain("domainName: 'cloud.example.org',");
  expect(kolla).toContain('hosts: { plugins: [HorizonPlugin.OCTAVIA] }');
  expect(environmentOf(kolla)).toMatchObject({
    OPENSTACK_CINDER_FEATURES_ENABLE_BACKUP: 'false',
    OPENSTACK_KEYSTONE_DOMAIN_CHOICES: "[('Default', 'Default'), ('ldap', 'ldap')]",
    OPENSTACK_KEYSTONE_URL: 'https://keystone.example.org:5000/v3',
    WEBSSO_IDP_MAPPING: "(('corp_openid', ('corp', 'openid')),)",
  });
  expect(readVariables(KOLLA, new Map()).notes).toEqual([
    { setting: 'enable_horizon_heat', why: 'an expression of Ansible: `hosts.plugins`' },
    { setting: 'horizon_wsgi_threads', why: expect.stringContaining('kolla-ansible') },
  ]);
});

test('hosts get the variables of openstack-ansible', () => {
  expect(osa).toContain('hosts: { plugins: [HorizonPlugin.HEAT] }');
  expect(environmentOf(osa)).toMatchObject({
    AVAILABLE_REGIONS: "[('https://keystone.example.org:5000/v3', 'One')]",
    CREATE_INSTANCE_FLAVOR_SORT_KEY: 'vcpus',
    CREATE_INSTANCE_FLAVOR_SORT_REVERSE: 'true',
    DROPDOWN_MAX_ITEMS: '50',
    HELP_URL: 'https://help.example.org/',
    OPENSTACK_NEUTRON_NETWORK_SUPPORTED_PROVIDER_TYPES: "['geneve', 'vlan']",
    SESSION_TIMEOUT: '1800',
    WEBSSO_CHOICES: "(('credentials', 'Keystone Credentials'), ('openid', 'Corp'))",
  });
  expect(section(osa, 'Not known')).toEqual(['SITE_BRANDING: an expression of Ansible']);
});

test('later files change what earlier ones set, and a name can be given', () => {
  const text = imported(
    {
      'local_settings.py':
        "ALLOWED_HOSTS = ['a.example.org']\nOPENSTACK_NEUTRON_NETWORK = {'enable_router': True}\n",
      '_10_router.py': "OPENSTACK_NEUTRON_NETWORK['enable_router'] = False\nTIME_ZONE = 'UTC'\n",
    },
    'b.example.org',
  );
  expect(text).toContain("domainName: 'b.example.org',");
  expect(text).toContain("settings: {\n        additionalHosts: ['a.example.org'],");
  expect(text).toContain('network: { enableRouter: false },');
  expect(text).toContain(
    'staticMedia: StaticMedia.onStaticHosts({ address: StaticAddress.path() }),',
  );
  expect(synthesized(text)).toBeDefined();
});

test('without any setting, the program has placeholders, and can be synthesized', () => {
  const text = imported({
    'local_settings.py': "OPENSTACK_KEYSTONE_URL = 'http://10.0.0.1:5000'\n",
  });
  expect(section(text, 'Replace')).toHaveLength(2);
  expect(section(text, 'Rejected by')).toEqual([
    expect.stringMatching(/^OPENSTACK_KEYSTONE_URL: .*must be an https URL/),
  ]);
  expect(synthesized(text)).toBeDefined();
});

/** What Python's own parser reads of the fixture, if it is literal. */
const PYTHON = `
import ast, json, sys
class Text(ast.NodeTransformer):
    def visit_Call(self, node):
        return node.args[0] if getattr(node.func, 'id', '') == '_' else node
found = {}
for node in ast.parse(open(sys.argv[1]).read()).body:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        try:
            found[node.targets[0].id] = ast.literal_eval(Text().visit(node.value))
        except ValueError:
            pass
print(json.dumps(found))
`;

function plain(value: Value): unknown {
  switch (value.kind) {
    case 'text':
      return value.text;
    case 'number':
      return value.number;
    case 'boolean':
      return value.boolean;
    case 'none':
      return null;
    case 'list':
    case 'tuple':
      return value.items.map(plain);
    case 'map':
      return Object.fromEntries(value.entries.map(([key, each]) => [plain(key), plain(each)]));
    case 'unknown':
      return `unknown: ${value.why}`;
  }
}

test('literals are read as Python does', () => {
  const expected = JSON.parse(execFileSync('python3', ['-c', PYTHON, FILE], { encoding: 'utf8' }));
  // Changed by later statements
  delete expected.AVAILABLE_THEMES;
  const { values } = readSettings(SOURCE);
  expect(Object.keys(expected).length).toBeGreaterThan(35);
  const found = Object.keys(expected).map((name) => [name, plain(values.get(name)!)]);
  expect(Object.fromEntries(found)).toEqual(expected);
});

test.each([
  ["r'\\d' '\\x41\\101\\u00e9'", '\\dAAé'],
  ["'''a\nb'''", 'a\nb'],
  ['"%s/%d" % ("a", 2)', 'a/2'],
  ["'{}-{b}'.format('a', b='c')", 'a-c'],
  ["'a' if True else 'b'", 'a'],
  ["not False and 'a'", 'a'],
  ['[1, *[2, 3]]', [1, 2, 3]],
  ['-0x1F + 2 ** 3 // 3', -29],
  ["{'a': 1, 'a': 2}", { a: 2 }],
  ["dict([('a', 1)], b=2)", { a: 1, b: 2 }],
  ["os.path.join('/etc', 'x')", '/etc/x'],
  ["'a,b'.split(',')[1]", 'b'],
  ["os.environ['HOME']", 'unknown: reads the environment variable HOME'],
  ["open('/etc/passwd').read()", 'unknown: computed: `open(…)`'],
  ['lambda: 1', expect.stringMatching(/^unknown: computed: `lambda/)],
  ['(1', expect.stringMatching(/^unknown: /)],
])('%s', (source, expected) => {
  expect(plain(readExpression(source))).toEqual(expected);
});

test.each([
  ['A = B = 1\nC: str = "x"; D = (1)\n', { A: 1, B: 1, C: 'x', D: 1 }],
  ['A = [1]\nA.append(2)\nA.extend([3])\nA += [4]\n', { A: [1, 2, 3, 4] }],
  ["A['b']['c'] = 1\nA['b'].update(d=2)\n", { A: { b: { c: 1, d: 2 } } }],
  ['if False:\n    A = 1\nelif True:\n    A = 2\nelse:\n    A = 3\n', { A: 2 }],
  ['A = 1 \\\n  + 1 # a\nB = """\nC = 1\n"""\n', { A: 2, B: '\nC = 1\n' }],
  ['def f():\n    A = 1\nclass B:\n    C = 1\n', {}],
  ['for a in b: A = 1\n', { A: 'unknown: is set in a block on line 1, `for`' }],
  ['A.pop(1)\n', { A: 'unknown: changed with `pop`' }],
  ['A, B = 1, 2\n"x" = 1\n', {}],
])('statements: %j', (source, expected) => {
  const { values } = readSettings(source);
  expect(Object.fromEntries([...values].map(([name, each]) => [name, plain(each)]))).toEqual(
    expected,
  );
});

test('a file takes linear time, even if it is not Python', () => {
  // With quadratic time it would take more than what jest allows
  for (const piece of ['(', '{"a":', "'", 'A = [', '"""', 'if x:\n ', '1 + ', '\\\n', '€']) {
    const { values } = readSettings(piece.repeat(2_000_000 / piece.length));
    expect(values.size).toBeLessThan(2);
  }
});

test('what changes settings in a way that is not followed has a line', () => {
  expect(readSettings('\nfrom a.b import *\nexec(open(x))\nA, B = 1, 2\n$\n').others).toEqual([
    [5, 'not Python: $'],
    [2, 'imports all names of `a.b`'],
    [3, 'runs another file'],
    [4, 'not followed: an assignment'],
  ]);
});

test('each variable stands for a setting that is known, a plugin, a prop or a reason', () => {
  const settings = new Set(
    settingRows().flatMap(({ setting }) => [setting, setting.split('.')[0]]),
  );
  const wrong = Object.values(TOOLS).flatMap((variables) =>
    Object.entries(variables).filter(
      ([, { setting, plugin, prop, why, form }]) =>
        !(
          (setting !== undefined &&
            (settings.has(setting) || settings.has(setting.split('.')[0]))) ||
          (plugin !== undefined && plugin in library.HorizonPlugin) ||
          prop !== undefined ||
          why !== undefined ||
          form === 'settings'
        ),
    ),
  );
  // Settings of plugins, of a later release, and those that Horizon had once
  expect(wrong.map(([name]) => name).sort()).toEqual([
    'horizon_enable_heatstack_user_pass',
    'horizon_keystone_prefer_domain_token',
    'horizon_launch_instance_legacy',
    'horizon_launch_instance_ng',
    'horizon_nova_extensions_blacklist',
    'horizon_swift_panel_full_listing',
  ]);
});

describe('the command', () => {
  let copy: string;
  let folder: string;
  beforeAll(() => {
    copy = copyOfLibrary();
    execFileSync(process.execPath, ['scripts/compile.mjs'], { cwd: copy });
    folder = mkdtempSync(join(tmpdir(), 'import-'));
    writeFileSync(join(folder, 'globals.yml'), KOLLA);
    writeFileSync(join(folder, 'wrong.yml'), 'a: [\n');
  });
  afterAll(() => {
    removeCopy(copy);
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => {
    const cli = join(copy, 'lib/import/command.js');
    return spawnSync(process.execPath, [cli, ...args], { cwd: folder, encoding: 'utf8' });
  };

  test('prints the program, and what it did not follow', () => {
    const { status, stdout, stderr } = run(FILE, 'globals.yml', '--domain-name', 'x.example.org');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain("domainName: 'x.example.org',");
    expect(section(stdout, 'Not known')).toContainEqual(
      expect.stringMatching(
        /import\/local_settings\.py:\d+: imports all names of `local_overrides`/,
      ),
    );
    expect(section(stdout, 'Variables')).toContainEqual(
      expect.stringMatching(/^horizon_wsgi_threads: /),
    );
  });

  test('prints Python, with the names of Python', () => {
    const { status, stdout, stderr } = run('--language', 'python', FILE);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('class DashboardStack(Stack):');
    expect(stdout).toContain('# - TIME_ZONE: time_zone must be a name');
  });

  test.each([
    [[], 'at least one file must be given'],
    [['--wrong'], "Unknown option '--wrong'"],
    [['gone.py'], 'no such file or directory'],
    [['wrong.yml'], 'wrong.yml: must be YAML: '],
    [
      ['--language', 'java', FILE],
      "--language must be typescript or python, got 'java'; see docs/",
    ],
    [['--language'], "'--language <value>' argument missing"],
  ])('exits with 2: %j', (args, message) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^openstack-dashboard-import: /);
    expect(stderr).toContain(message);
  });

  test.each(['not_valid', ''])('refuses %j as a domain name', (name) => {
    const { status, stderr } = run('--domain-name', name, 'globals.yml');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^openstack-dashboard-import: --domain-name: .*got '/);
  });

  test('has a version and help', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(run('--version').stdout).toBe(`${version}\n`);
    expect(run('--help').stdout).toMatch(/^usage: openstack-dashboard-import /);
  });
});
