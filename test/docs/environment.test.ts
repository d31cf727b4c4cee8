import { App, CfnParameter, Duration, Size, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  CaCertificates,
  ContentSecurityPolicy,
  Monitoring,
  DashboardEntry,
  DashboardHosts,
  EndpointType,
  EgressProxy,
  Customization,
  DashboardMessage,
  HorizonPlugin,
  ModalBackdrop,
  UserMenuLink,
  HorizonRelease,
  MemcachedCluster,
  OpenStackDashboard,
  PolicyFile,
  SameSite,
  SessionBackend,
  SettingValue,
  Theme,
  WebSso,
  WebSsoChoice,
  DomainLogin,
  FilteredList,
} from '../../lib';
import { everySetting } from '../../harness/every-setting';
import { APPLICATION, MACHINE, parameter, SETTINGS } from '../../lib/contract/environment';
import { RULES } from '../../lib/nag/rules';
import { renderEnvironment } from '../../scripts/environment-md';

const ROOT = join(__dirname, '..', '..');
const FILES = 'usr/local/lib/openstack-dashboard';

const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');
const [application, machine] = ['## The application', '## The machine', '## In a container']
  .map((heading) => read('docs', 'environment.md').indexOf(heading))
  .reduce<string[]>((parts, start, index, all) => {
    const end = all[index + 1];
    return end === undefined ? parts : [...parts, read('docs', 'environment.md').slice(start, end)];
  }, []);

/** The rows of all tables in a part of the document, by the names in their first cells. */
function rows(part: string): Map<string, string[]> {
  return new Map(
    part
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.replace(/^\| | \|$/g, '').split(/ +\| +/))
      .map(([name, ...cells]) => [name.replaceAll('`', ''), cells.map((cell) => cell.trim())]),
  );
}

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

const CORP = WebSsoChoice.identityProvider('corp', {
  label: 'Example Corp',
  identityProvider: 'corp',
  protocol: 'openid',
});
const app = new App();
const stack = new Stack(app, 'Stack');
const dashboard = new OpenStackDashboard(stack, 'Dashboard', {
  domainName: 'dashboard.example.org',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
  monitoring: Monitoring.none(),
  egressProxy: EgressProxy.http('http://proxy.example.org:3128'),
  entry: DashboardEntry.newLoadBalancer({
    certificate: acm.Certificate.fromCertificateArn(
      stack,
      'Certificate',
      'arn:aws:acm:eu-central-1:111122223333:certificate/0000',
    ),
  }),
  // What is only set when a site chooses it.
  settings: {
    caCertificates: CaCertificates.fromPem([
      readFileSync(join(ROOT, 'test/unit/ca-certificates/good.pem'), 'utf8'),
      new CfnParameter(stack, 'CaCertificate').valueAsString,
    ]),
    siteBranding: 'Example',
    operationLog: true,
    domains: DomainLogin.dropdown(['Default']),
    regions: [{ label: 'one', keystoneUrl: 'https://keystone.example.org:5000/v3' }],
    defaultServiceRegion: 'RegionOne',
    totp: true,
    passwordExpiryWarning: Duration.days(7),
    loginAttempts: { burst: 5, perMinute: 1 },
    listLimits: { results: 500, pageSize: 50, menuItems: 20, logLines: 100 },
    filterFirst: [FilteredList.ADMIN_INSTANCES],
    horizonConfig: {
      helpUrl: 'https://help.example.org/',
      bugUrl: 'https://bugs.example.org/',
      userHome: '/project/instances/',
      ajaxPollInterval: 5000,
      ajaxQueueLimit: 4,
      autoFadeDelay: 9000,
      modalBackdrop: ModalBackdrop.CLOSES,
      userMenuLinks: [UserMenuLink.toUrl('Shop', 'https://shop.example.org/')],
      showOpenrcFile: true,
      showCloudsYaml: true,
    },
    contentSecurityPolicy: ContentSecurityPolicy.enforced({ imgSrc: ['https://img.example.org'] }),
    keystoneEndpointType: EndpointType.INTERNAL,
    secondaryEndpointType: EndpointType.PUBLIC,
    ...everySetting('text'),
    webSso: WebSso.of({
      choices: [CORP],
      redirectAtOnce: CORP,
      logoutUrl: 'https://login.example.org/logout',
      revokeTokens: true,
      identityProviderOrigins: ['https://login.example.org'],
    }),
    keystoneProviderIdpName: 'Berlin',
    keystoneProviderIdpId: 'berlin',
    apiTimeouts: {
      connect: Duration.seconds(5),
      read: Duration.seconds(10),
      page: Duration.seconds(30),
    },
    downloads: { perWorker: 4, perSession: 2 },
    quickPages: {
      keptDocuments: true,
      askOnce: true,
      callsAhead: true,
      keptConnections: true,
      trustStores: true,
      novaToken: true,
      logLevels: true,
      policyChecks: true,
      pluralForms: true,
      sdkResources: true,
      threadLocals: true,
      themeTemplates: true,
      compressedBlocks: true,
      templateRendering: true,
      serviceVersions: true,
      timeZones: true,
      warmStart: true,
    },
    extraSettings: { MEMOIZED_MAX_SIZE_DEFAULT: SettingValue.fromNumber(50) },
  },
  hosts: {
    workers: 4,
    plugins: [HorizonPlugin.HEAT],
    customization: Customization.fromFolder(join(ROOT, 'examples/small-cloud/customization')),
    messages: [DashboardMessage.info('Maintenance')],
    policies: { compute: PolicyFile.fromString('a: "@"') },
    theme: Theme.fromFolder(join(ROOT, 'examples/small-cloud/acme'), { name: 'acme' }),
  },
});

/** Without plugins. */
const upstream = new OpenStackDashboard(new Stack(app, 'Upstream'), 'Dashboard', {
  domainName: 'dashboard.example.org',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
  monitoring: Monitoring.none(),
  entry: DashboardEntry.newLoadBalancer({
    certificate: acm.Certificate.fromCertificateArn(
      stack,
      'SameCertificate',
      'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000',
    ),
  }),
  hosts: { horizonRelease: HorizonRelease.upstream('2026.1') },
});

/** The names in the environment file that a group's user data writes to a path. */
function written(group: { launchTemplate: ec2.LaunchTemplate }, file: string): string[] {
  const text = JSON.stringify(stack.resolve(group.launchTemplate.userData!.render())).replaceAll(
    '\\n',
    '\n',
  );
  const [, content] = text.split(
    `decode_environment >/etc/openstack-dashboard/${file} <<'END_OF_ENVIRONMENT'\n`,
  );
  return [...content.split('END_OF_ENVIRONMENT')[0].matchAll(/^([A-Z0-9_]+)=/gm)].map(
    (match) => match[1],
  );
}

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => statSync(join(ROOT, file)).isFile() && !file.includes('__pycache__'));
}

test('the application part names exactly what is set and what is read', () => {
  const set = written(dashboard.hosts, 'dashboard.env');
  expect(sorted(set)).toEqual(sorted(Object.keys(dashboard.hosts.environment)));
  expect(sorted(set).filter((name) => !(name in APPLICATION))).toEqual([]);
  expect(sorted(rows(application).keys())).toEqual(sorted(Object.keys(APPLICATION)));
});

test('the machine part names exactly what is set, for each tier', () => {
  expect(sorted(rows(machine).keys())).toEqual(sorted(Object.keys(MACHINE)));
  const tiers = [
    [
      'dashboard',
      sorted([...written(dashboard.hosts, 'host.env'), ...written(upstream.hosts, 'host.env')]),
    ],
    ['static', sorted(written(dashboard.staticTier, 'host.env'))],
  ] as const;
  for (const [tier, set] of tiers) {
    const named = Object.keys(MACHINE).filter(
      (name) => MACHINE[name].tiers!.includes(tier) && MACHINE[name].setBy.length > 0,
    );
    // Only of instances that build and test a machine image.
    expect(sorted(named.filter((name) => name !== 'IMAGE_STAGE'))).toEqual(set);
  }
});

test('each parameter is in the table of the construct that sets it', () => {
  const parts = application.split('\n### ').slice(1);
  const names = Object.fromEntries(
    parts.map((part) => [part.split('\n')[0], sorted(rows(part).keys())]),
  );
  expect(names['Set by `DashboardSettings`']).toEqual(
    sorted(Object.keys(dashboard.settings.environment)),
  );
  const everything = SessionBackend.memcached(dashboard.memcached, {
    timeout: Duration.minutes(30),
    tokenTimeoutMargin: Duration.seconds(20),
    refresh: false,
    cookieName: 'id',
    sameSite: SameSite.STRICT,
    oneSessionPerUser: true,
    keyPrefix: 'mine',
    maxSessionSize: Size.mebibytes(8),
  });
  expect(names['Set by `SessionBackend`']).toEqual(sorted(Object.keys(everything.environment)));
  const own = Object.keys(dashboard.hosts.environment).filter(
    (name) => !(name in dashboard.settings.environment) && !(name in dashboard.session.environment),
  );
  expect(names['Set by `DashboardHosts`']).toEqual(sorted(own));
});

const HOST_FILES = [
  ...filesIn('lib/hosts/files'),
  ...filesIn('lib/dashboard-hosts/files'),
  ...filesIn('lib/static/files'),
];

test('nothing is set that no file of a host reads', () => {
  const sources = [
    ...HOST_FILES,
    ...filesIn('lib/settings/files'),
    ...filesIn('lib/session/files'),
    'lib/hosts/user-data.sh',
  ].map((file) => read(file));
  const unread = [...rows(application).keys(), ...rows(machine).keys()].filter(
    (name) => !sources.some((source) => new RegExp(`\\b${name}\\b`).test(source)),
  );
  expect(unread).toEqual([]);
});

test('the settings snippet reads each parameter that it is said to read, and no other', () => {
  const python = read('lib/settings/files', FILES, 'python/openstack_dashboard_environment.py');
  const byName = [
    ...python.matchAll(/given\(environ, '([A-Z_]+)'/g),
    ...python.matchAll(/environ\.get\('([A-Z_]+)'/g),
  ].map((match) => match[1]);
  const inLoops = Object.keys(APPLICATION).filter((name) => {
    const { setting } = APPLICATION[name];
    return setting === name || setting?.includes('.');
  });
  const claimed = Object.keys(APPLICATION).filter((name) =>
    APPLICATION[name].readBy.includes('settings snippet'),
  );
  expect(sorted([...byName, ...inLoops])).toEqual(sorted(claimed));
});

test('hosts have a parser for each type of a parameter', () => {
  const python = read('lib/settings/files', FILES, 'python/openstack_dashboard_environment.py');
  const parsers = ['PARSERS', 'BOUNDED'].flatMap((name) =>
    [...new RegExp(`^${name} = \\{([^}]*)\\}`, 'm').exec(python)![1].matchAll(/'([a-z_]+)':/g)].map(
      (match) => match[1],
    ),
  );
  const types = Object.values(APPLICATION).map(({ type }) => type);
  // EXTRA_SETTINGS is not one value.
  expect(sorted([...parsers, 'literal'])).toEqual(sorted(types));
});

test('scripts require of each value what the contract says', () => {
  const script = read('lib/hosts/files', FILES, 'common.sh');
  const required = [...script.matchAll(/^ {2}require ([A-Z_]+) '(.*)'$/gm)].map(
    ([, name, pattern]) => [name, pattern],
  );
  const patterns = Object.entries(MACHINE).flatMap(([name, { pattern }]) =>
    pattern === undefined ? [] : [[name, pattern]],
  );
  expect(Object.fromEntries(required)).toEqual(Object.fromEntries(patterns));
});

/** Files of hosts, or of the library, that a reader stands for. */
function readerFiles(reader: string): string[] {
  switch (reader) {
    case 'boot check':
      return filesIn('lib/dashboard-hosts/files').filter((file) => file.endsWith('boot-check'));
    case 'gunicorn':
      return [...filesIn('lib/dashboard-hosts/files'), ...filesIn('lib/settings/files')].filter(
        (file) => /gunicorn\.conf\.py$|_worker\.py$/.test(file),
      );
    case 'nginx':
      return HOST_FILES.filter((file) => /nginx.*\.(conf|template)$/.test(file));
    case 'rule pack':
      return filesIn('lib/nag').filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
    case 'user data':
      return ['lib/hosts/user-data.sh'];
    default:
      return HOST_FILES.filter((file) => file.endsWith(`/${reader}`));
  }
}

test('what is said to read a parameter names it', () => {
  const unnamed = [...Object.entries(APPLICATION), ...Object.entries(MACHINE)].flatMap(
    ([name, { readBy }]) =>
      readBy
        // Those that it reads in a loop are compared above.
        .filter((reader) => reader !== 'settings snippet')
        .filter((reader) => {
          const word = new RegExp(`\\b${name}\\b`);
          return !readerFiles(reader).some((file) => word.test(read(file)));
        })
        .map((reader) => `${name}: ${reader}`),
  );
  expect(unnamed).toEqual([]);
});

test('a prop that is said to set a parameter exists', () => {
  const sources = filesIn('lib')
    .filter((file) => /^lib\/(?!nag\/)[^/]+\/[^/]+(?<!\.d)\.ts$/.test(file))
    .map((file) => read(file))
    .join('\n');
  const missing = Object.values({ ...MACHINE, ...APPLICATION })
    .flatMap(({ prop }) => prop?.split('.') ?? [])
    .filter((prop) => !new RegExp(`^  readonly ${prop}\\??: `, 'm').test(sources));
  expect(missing).toEqual([]);
});

test('the rules of a parameter are those that judge it', () => {
  const ids = new Set(RULES.map(({ id }) => id));
  const declared = Object.entries({ ...SETTINGS, ...MACHINE, ...APPLICATION });
  expect(declared.flatMap(([, { rules = [] }]) => rules).filter((id) => !ids.has(id))).toEqual([]);
  const unnamed = RULES.filter(
    ({ id, setting }) =>
      setting !== undefined &&
      (setting in APPLICATION || setting in MACHINE) &&
      !parameter(setting).rules?.includes(id),
  ).map(({ id, setting }) => `${setting}: ${id}`);
  expect(unnamed).toEqual([]);
});

test('the tables are those of the contract', () => {
  const document = read('docs', 'environment.md');
  expect(document).toBe(renderEnvironment(document));
});

test('the parts of the environment can be used without hosts', () => {
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  });
  const session = SessionBackend.memcached(new MemcachedCluster(stack, 'Sessions', { vpc }));
  expect(sorted(Object.keys(session.environment))).toEqual(
    sorted(Object.keys(dashboard.session.environment)),
  );
  expect(dashboard.hosts).toBeInstanceOf(DashboardHosts);
});
