// One change of each prop and of each context key. A prop without a case fails test/docs/changes.test.ts.
import {
  Duration,
  RemovalPolicy,
  Size,
  Stack,
  aws_ec2 as ec2,
  aws_elasticloadbalancingv2 as elbv2,
  aws_logs as logs,
  aws_scheduler as scheduler,
} from 'aws-cdk-lib';
import { join } from 'node:path';
import {
  AdminAccess,
  CaCertificates,
  CaCertificatesOptions,
  ContentSecurityPolicy,
  ContentSecurityPolicySources,
  DashboardAlarm,
  DashboardAlarmsOptions,
  DashboardEntry,
  DashboardNetwork,
  DashboardWebAcl,
  DirectUploadOptions,
  DomainLogin,
  EgressProxy,
  EgressProxyOptions,
  EndpointType,
  Customization,
  DashboardMessage,
  FilteredList,
  HorizonPlugin,
  ModalBackdrop,
  UserMenuLink,
  HorizonRelease,
  HostLogs,
  HostLogsOptions,
  ImageUpload,
  InstanceConnectEndpoint,
  LegacyUploadOptions,
  MemcachedCluster,
  MemcachedClusterProps,
  MemcachedEngineVersion,
  Monitoring,
  OpenStackApi,
  Patching,
  PolicyFile,
  RoutingPolicy,
  SameSite,
  SecretKeyRotation,
  ServerlessMemcached,
  SessionBackend,
  SettingValue,
  StaticAddress,
  StaticMedia,
  Theme,
  ThemeProps,
  WebSso,
  WebSsoChoice,
  WebSsoChoiceOptions,
  WebSsoIdentityProviderOptions,
  WebSsoOptions,
  UpstreamHorizonOptions,
} from '../../lib';
import { everySetting } from '../../harness/every-setting';
import * as given from './stack';
import type { Props } from './stack';

/** That of the stack. */
const KEYSTONE_URL = 'https://keystone.example.org:5000/v3';

/** Makes a value in a stack. */
type Value = (stack: Stack) => unknown;

/** A change of one prop. */
export interface Case {
  /** The change, for the table. */
  readonly words: string;
  /** The new value. */
  readonly to: Value;
  /** @default - the prop is not given */
  readonly from?: Value;
  /** Other options, before and after. */
  readonly also?: (stack: Stack) => Record<string, unknown>;
  /** Other props of the dashboard, before and after. */
  readonly props?: (stack: Stack) => Props;
}

/** In place of the names of props that all have the same effect. */
export const EACH = 'each';

/** The props of one type. */
export interface Section {
  readonly title: string;
  /** The interface, as jsii names it. */
  readonly type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- options of any type
  readonly dashboard: (options: any, stack: Stack) => Props;
  readonly cases: Readonly<Record<string, Case>>;
}

const EVERY = everySetting('x');

/** Where interfaces with settings of panels are. */
const PANELS: Readonly<Record<string, readonly [keyof typeof EVERY, string?]>> = {
  AngularFeatures: ['angularFeatures'],
  ComputeSettings: ['compute'],
  IdentitySettings: ['identity'],
  ImageSettings: ['image'],
  ImageFilterProject: ['image', 'filterProjects'],
  KubeconfigSettings: ['kubeconfig'],
  LaunchInstanceDefaults: ['launchInstance'],
  NetworkSettings: ['network'],
  ProviderNetworkType: ['network', 'extraProviderTypes'],
  SecurityGroupRuleTemplate: ['network', 'securityGroupRules'],
  SegmentationIdRange: ['network', 'segmentationIdRanges'],
  ObjectStoreSettings: ['objectStore'],
  VolumeSettings: ['volume'],
};

/** A change to a value that is known, from none or from another. */
function change(words: string, to: unknown, from?: unknown): Case {
  return { words, to: () => to, ...(from === undefined ? {} : { from: () => from }) };
}

export const inVpc = (stack: Stack): Props => ({
  vpc: given.vpc(stack),
  adminAccess: AdminAccess.none(),
});

const PROXY = 'http://proxy.example.org:3128';
const THEME = join(__dirname, '..', '..', 'examples', 'small-cloud', 'acme');
const withTheme = (options: ThemeProps): Props => ({
  hosts: { theme: Theme.fromFolder(THEME, options) },
});

const CORP_OPTIONS = { label: 'Corp', identityProvider: 'corp', protocol: 'openid' };
const CORP = WebSsoChoice.identityProvider('corp', CORP_OPTIONS);
const SAML = WebSsoChoice.protocol('saml2', { label: 'SAML' });
const CUSTOMIZATION = join(__dirname, '..', '..', 'examples', 'small-cloud', 'customization');
const PLUGIN = { debianPackage: 'acme-panel' };
const POLICY = { service: 'acme', file: '/etc/acme/policy.yaml' };

const CA_CERTIFICATE = join(__dirname, '..', '..', 'test/unit/ca-certificates/good.pem');

/** Options of new networks. */
const NETWORK: Record<string, Case> = {
  ipAddresses: change('to another range', ec2.IpAddresses.cidr('10.20.0.0/16')),
  maxAzs: change('to 3, where a stack without a region has 2', 3),
};
const NAT_NETWORK: Record<string, Case> = {
  ...NETWORK,
  dualStack: change('to `true`', true),
};

const userData = (): ec2.UserData => {
  const commands = ec2.UserData.forLinux();
  commands.addCommands('echo ready');
  return commands;
};

const endpoint = (stack: Stack): AdminAccess =>
  AdminAccess.instanceConnect(
    InstanceConnectEndpoint.fromInstanceConnectEndpointAttributes(stack, 'Endpoint', {
      securityGroups: [given.group(stack, 'sg-endpoint')],
    }),
  );

/** Options of hosts of both tiers. */
const HOSTS: Record<string, Case> = {
  adminAccess: {
    words: 'none to an endpoint',
    to: endpoint,
    from: () => AdminAccess.none(),
    props: inVpc,
  },
  defaultInstanceWarmup: change('to 2 minutes', Duration.minutes(2)),
  egressPeers: change('to one network', [ec2.Peer.ipv4('203.0.113.0/24')]),
  egressProxy: change('to a proxy', EgressProxy.http(PROXY)),
  encryptionKey: { words: 'to a key', to: given.key },
  extraPackages: change('a package more', ['libpam-modules']),
  healthCheckGracePeriod: change('to 2 minutes', Duration.minutes(2)),
  logs: change('to none', HostLogs.none()),
  instanceType: change('to `t4g.medium`', new ec2.InstanceType('t4g.medium')),
  machineImage: change(
    'to another image',
    ec2.MachineImage.genericLinux({ 'eu-west-1': 'ami-0123' }),
  ),
  maxCapacity: change('4 to 6', 6),
  minCapacity: change('2 to 3', 3),
  notificationTopic: { words: 'to a topic', to: given.topic },
  patching: change('to none', Patching.none()),
  permissionsBoundary: { words: 'to a boundary', to: given.boundary },
  requestsPerMinute: change('to 100', 100),
  role: { words: 'to an existing role', to: given.role },
  securityGroup: { words: 'to an existing group', to: (stack) => given.group(stack) },
  signalTimeout: change('to 20 minutes', Duration.minutes(20)),
  userData: { words: 'to some commands', to: userData },
  volumeSize: change('to 20 GiB', Size.gibibytes(20)),
  vpcSubnets: {
    words: 'to fewer zones',
    to: () => ({
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS,
    }),
    props: inVpc,
  },
};

/** Options of all back ends of sessions. */
const SESSION: Record<string, Case> = {
  cookieName: change('to another name', 'cloud-session'),
  refresh: change('to `false`', false),
  sameSite: change('to `Strict`', SameSite.STRICT),
  timeout: change('to 30 minutes', Duration.minutes(30)),
  tokenLifetime: change('to 2 hours', Duration.hours(2)),
  tokenTimeoutMargin: change('to 5 minutes', Duration.minutes(5)),
};

/** Options of all listeners that are created. */
const LISTENER: Record<string, Case> = {
  routing: {
    words: 'none to secondary',
    to: () => RoutingPolicy.failoverSecondary(),
    props: (stack) => ({ hostedZone: given.zone(stack) }),
  },
  certificate: {
    words: 'to another one',
    to: (stack) => given.certificate(stack, '4567'),
    from: (stack) => given.certificate(stack),
  },
  clients: change('to one network', [ec2.Peer.ipv4('203.0.113.0/24')]),
  rulePriority: change('to 200', 200),
  sslPolicy: change('to TLS 1.3 only', elbv2.SslPolicy.TLS13_13),
};

const memcached = (options: Partial<MemcachedClusterProps>, stack: Stack): Props => {
  const vpc = options.vpc ?? given.vpc(stack);
  const cluster = new MemcachedCluster(stack, 'Memcached', { ...options, vpc });
  return { vpc, session: SessionBackend.memcached(cluster) };
};

const alarms = (options: DashboardAlarmsOptions): Props => ({
  monitoring: Monitoring.alarms(options),
});

export const SECTIONS: readonly Section[] = [
  {
    title: '`OpenStackDashboard`',
    type: 'OpenStackDashboardProps',
    dashboard: (options) => options,
    cases: {
      domainName: change('to another name', 'cloud.example.org', 'dashboard.example.org'),
      keystoneUrl: change('to another URL', 'https://identity.example.org:5000/v3'),
      hostedZone: {
        words: 'none to a zone',
        to: (stack) => given.zone(stack),
        also: (stack) => ({
          entry: DashboardEntry.newLoadBalancer({ certificate: given.certificate(stack) }),
        }),
      },
      vpc: {
        words: 'to another one',
        to: (stack) => given.vpc(stack, 'b'),
        from: (stack) => given.vpc(stack),
        also: () => ({ adminAccess: AdminAccess.none() }),
      },
      network: change('to a regional NAT gateway', DashboardNetwork.regionalNat()),
      encryptionKey: { words: 'to a key', to: given.key },
      logBucket: { words: 'to an existing bucket', to: (stack) => given.bucket(stack, 'logs') },
      permissionsBoundary: { words: 'to a boundary', to: given.boundary },
      session: change('memcached to cookies', SessionBackend.signedCookies()),
      secretKey: { words: 'to an existing secret', to: given.secret },
      settings: change('see below', { siteBranding: 'Cloud' }),
      entry: {
        words: 'to an existing load balancer',
        to: (stack) =>
          DashboardEntry.onLoadBalancer(given.loadBalancer(stack), {
            certificate: given.certificate(stack),
          }),
        from: (stack) => DashboardEntry.newLoadBalancer({ certificate: given.certificate(stack) }),
        props: inVpc,
      },
      hsts: change('see below', { maxAge: Duration.days(400) }),
      hosts: change('see below', { minCapacity: 3 }),
      staticMedia: change('to dashboard hosts', StaticMedia.onDashboardHosts()),
      notificationTopic: { words: 'to a topic', to: given.topic },
      monitoring: {
        words: 'none to alarms',
        to: (stack) => Monitoring.alarms({ topic: given.topic(stack) }),
        from: () => Monitoring.none(),
      },
      patching: change('to none', Patching.none()),
      egressProxy: change('to a proxy', EgressProxy.http(PROXY)),
      hostLogs: change('to none', HostLogs.none()),
      adminAccess: change('to none', AdminAccess.none()),
      bakedImages: change('none to images', {}),
    },
  },
  {
    title: '`patching`, `Patching.lifetime` and `Patching.schedule`',
    type: 'PatchingOptions',
    dashboard: (options) => ({ patching: Patching.lifetime(undefined, options) }),
    cases: { inPlace: change('to `false`', false) },
  },
  {
    title: '`network`: `DashboardNetwork.natGateways()`',
    type: 'NatGatewayOptions',
    dashboard: (options) => ({ vpc: undefined, network: DashboardNetwork.natGateways(options) }),
    cases: { ...NAT_NETWORK, perZone: change('to `true`', true) },
  },
  {
    title: '`network`: `DashboardNetwork.regionalNat()`',
    type: 'NatNetworkOptions',
    dashboard: (options) => ({ vpc: undefined, network: DashboardNetwork.regionalNat(options) }),
    cases: NAT_NETWORK,
  },
  {
    title: '`network`: `DashboardNetwork.noNat()`',
    type: 'NoNatOptions',
    dashboard: (options) => {
      const machineImage = ec2.MachineImage.fromSsmParameter('/example/images/arm64');
      return {
        vpc: undefined,
        network: DashboardNetwork.noNat(options),
        hosts: { machineImage },
        staticMedia: StaticMedia.onStaticHosts({ machineImage }),
      };
    },
    cases: {
      ...NETWORK,
      endpoints: change('one more', [ec2.InterfaceVpcEndpointAwsService.KMS]),
    },
  },
  {
    title: '`bakedImages`',
    type: 'HostImageOptions',
    dashboard: (bakedImages) => ({ bakedImages }),
    cases: {
      schedule: change('to every 14 days', scheduler.ScheduleExpression.rate(Duration.days(14))),
      keep: change('to 5', 5),
      replaceHosts: change('to `false`', false),
    },
  },
  {
    title: '`HorizonRelease.upstream()`',
    type: 'UpstreamHorizonOptions',
    dashboard: (options: UpstreamHorizonOptions) => ({
      hosts: { horizonRelease: HorizonRelease.upstream('2026.1', options) },
    }),
    cases: {
      indexUrl: change('to a mirror', 'https://pypi.example.org/simple'),
    },
  },
  {
    title: '`EgressProxy.http()`',
    type: 'EgressProxyOptions',
    dashboard: (options: EgressProxyOptions) => ({
      egressProxy: EgressProxy.http(PROXY, options),
    }),
    cases: {
      exclude: change('one more', ['keystone.example.org']),
      includeAmazonS3: change('to `true`', true),
      peer: change('to one network', ec2.Peer.ipv4('203.0.113.0/24')),
    },
  },
  {
    title: '`HostLogs.cloudWatch()`',
    type: 'HostLogsOptions',
    dashboard: (options: HostLogsOptions) => ({ hostLogs: HostLogs.cloudWatch(options) }),
    cases: {
      accessLog: change('to `true`', true),
      encryptionKey: { words: 'to a key', to: given.key },
      removalPolicy: change('to destroy', RemovalPolicy.DESTROY),
      retention: change('to a month', logs.RetentionDays.ONE_MONTH),
    },
  },
  {
    title: '`hosts`',
    type: 'DashboardHostsOptions',
    dashboard: (hosts) => ({ hosts }),
    cases: {
      ...HOSTS,
      apiPeer: change('to one network', ec2.Peer.ipv4('203.0.113.0/24')),
      apiPorts: change('to one port', [5000]),
      apis: change('one more', [OpenStackApi.DNS]),
      horizonRelease: change('to 2026.1', HorizonRelease.upstream('2026.1')),
      loginRate: change('to 20', 20),
      maxRequestSize: change('to 2 MiB', Size.mebibytes(2)),
      plugins: change('one more', [HorizonPlugin.HEAT]),
      customization: change('to a folder', Customization.fromFolder(CUSTOMIZATION)),
      messages: change('one more', [DashboardMessage.info('Maintenance')]),
      policies: change('to other rules', { compute: PolicyFile.fromString('a: "@"') }),
      theme: change('to a theme', Theme.fromFolder(THEME)),
      workers: change('to 4', 4),
    },
  },
  {
    title: 'Customization: `Customization.fromFolder()`',
    type: 'CustomizationProps',
    dashboard: (props) => ({
      hosts: { customization: Customization.fromFolder(CUSTOMIZATION, props) },
    }),
    cases: { module: change('to another module', 'names') },
  },
  {
    title: '`settings.horizonConfig`',
    type: 'HorizonConfig',
    dashboard: (horizonConfig) => ({ settings: { horizonConfig } }),
    cases: {
      helpUrl: change('to another URL', 'https://help.example.org/'),
      bugUrl: change('to a URL', 'https://bugs.example.org/'),
      userHome: change('to another page', '/project/instances/'),
      ajaxPollInterval: change('to 5000', 5000),
      ajaxQueueLimit: change('to 4', 4),
      autoFadeDelay: change('to 9000', 9000),
      modalBackdrop: change('to another one, with new static media', ModalBackdrop.CLOSES),
      userMenuLinks: change('one more', [UserMenuLink.toUrl('Shop', 'https://shop.example.org/')]),
      showOpenrcFile: change('to `false`', false),
      showCloudsYaml: change('to `false`', false),
    },
  },
  {
    title: 'Plugins: `HorizonPlugin.of()`',
    type: 'HorizonPluginProps',
    dashboard: (props) => ({ hosts: { plugins: [HorizonPlugin.of({ ...PLUGIN, ...props })] } }),
    cases: {
      debianPackage: change('to another package', 'other-panel'),
      apis: change('one more', [OpenStackApi.of(8443)]),
      policies: change('to a file', [POLICY]),
    },
  },
  {
    title: 'Policies of plugins: `HorizonPlugin.of()`',
    type: 'PluginPolicy',
    dashboard: (policy) => ({
      hosts: { plugins: [HorizonPlugin.of({ ...PLUGIN, policies: [{ ...POLICY, ...policy }] })] },
    }),
    cases: {
      service: change('to another service', 'other'),
      file: change('to another file', '/etc/acme/other.yaml'),
      defaults: change('to a file', '/etc/acme/defaults.yaml'),
      folder: change('to a folder', '/etc/acme/policy.d'),
    },
  },
  {
    title: 'Themes: `Theme.fromFolder()`',
    type: 'ThemeProps',
    dashboard: withTheme,
    cases: {
      name: change('to another name', 'cloud'),
      label: change('to another label', 'Cloud'),
    },
  },
  {
    title: '`staticMedia`: `StaticMedia.onStaticHosts()`',
    type: 'StaticHostsOptions',
    dashboard: (options) => ({ staticMedia: StaticMedia.onStaticHosts(options) }),
    cases: {
      ...HOSTS,
      address: change('to a path of the dashboard', StaticAddress.path()),
      assetBucket: { words: 'to an existing bucket', to: (stack) => given.bucket(stack, 'assets') },
      releaseRetention: change('to 60 days', Duration.days(60)),
    },
  },
  {
    title: '`entry`: `DashboardEntry.newLoadBalancer()`',
    type: 'NewLoadBalancerOptions',
    dashboard: (options, stack) => ({
      entry: DashboardEntry.newLoadBalancer({ certificate: given.certificate(stack), ...options }),
    }),
    cases: {
      ...LISTENER,
      deletionProtection: change('to `true`', true),
      idleTimeout: change('to 70 seconds', Duration.seconds(70)),
      internetFacing: change('to `false`', false),
      ipAddressType: { ...change('to dual stack', elbv2.IpAddressType.DUAL_STACK), props: inVpc },
      logBucket: { words: 'to an existing bucket', to: (stack) => given.bucket(stack, 'logs') },
      securityGroups: { words: 'to an existing group', to: (stack) => [given.group(stack)] },
      vpcSubnets: {
        words: 'to fewer zones',
        to: () => ({
          availabilityZones: ['eu-west-1a', 'eu-west-1b'],
          subnetType: ec2.SubnetType.PUBLIC,
        }),
        props: inVpc,
      },
      webAcl: { words: 'to a web ACL', to: (stack) => new DashboardWebAcl(stack, 'Waf') },
    },
  },
  {
    title: '`entry`: `DashboardEntry.onLoadBalancer()`',
    type: 'NewListenerOptions',
    dashboard: (options, stack) => ({
      entry: DashboardEntry.onLoadBalancer(given.loadBalancer(stack), {
        certificate: given.certificate(stack),
        ...options,
      }),
    }),
    cases: LISTENER,
  },
  {
    title: '`entry`: `DashboardEntry.onListener()`',
    type: 'ExistingListenerOptions',
    dashboard: (options, stack) => ({
      entry: DashboardEntry.onListener(given.listener(stack), options),
    }),
    cases: {
      loadBalancer: { words: 'to that of the listener', to: (stack) => given.loadBalancer(stack) },
      rulePriority: change('to 200', 200),
      routing: {
        words: 'none to secondary',
        to: () => RoutingPolicy.failoverSecondary(),
        also: (stack) => ({ loadBalancer: given.loadBalancer(stack) }),
        props: (stack) => ({ hostedZone: given.zone(stack) }),
      },
    },
  },
  {
    title: '`hsts`',
    type: 'HstsOptions',
    dashboard: (hsts) => ({ hsts }),
    cases: {
      includeSubdomains: change('to `false`', false),
      maxAge: change('to 400 days', Duration.days(400)),
    },
  },
  {
    title: '`session`: `SessionBackend.memcached()`',
    type: 'MemcachedSessionOptions',
    dashboard: (options, stack) => {
      const vpc = given.vpc(stack);
      const cluster = new MemcachedCluster(stack, 'Memcached', { vpc });
      return { session: SessionBackend.memcached(cluster, options) };
    },
    cases: {
      ...SESSION,
      keyPrefix: change('to another prefix', 'cloud'),
      maxSessionSize: change('to 512 KiB', Size.kibibytes(512)),
      oneSessionPerUser: change('to `true`', true),
      sealing: change('to `false`', false),
    },
  },
  {
    title: '`session`: `SessionBackend.signedCookies()`',
    type: 'CookieSessionOptions',
    dashboard: (options) => ({ session: SessionBackend.signedCookies(options) }),
    cases: { ...SESSION, sealing: change('to `true`', true) },
  },
  {
    title: '`MemcachedCluster`',
    type: 'MemcachedClusterProps',
    dashboard: memcached,
    cases: {
      availabilityZones: change('to other zones', ['eu-west-1a', 'eu-west-1c']),
      engineVersion: change('to 1.6.17', MemcachedEngineVersion.V1_6_17),
      nodeCount: change('2 to 3', 3),
      nodeType: change('to `cache.t4g.medium`', 'cache.t4g.medium'),
      notificationTopic: { words: 'to a topic', to: given.topic },
      notificationTopicArn: { words: 'to a topic', to: (stack) => given.topic(stack).topicArn },
      parameterGroupName: change('to a group', 'sessions'),
      port: change('to 11212', 11212),
      preferredMaintenanceWindow: change('to another one', 'tue:03:00-tue:04:00'),
      removalPolicy: change('to retain', RemovalPolicy.RETAIN),
      securityGroups: { words: 'to an existing group', to: (stack) => [given.group(stack)] },
      transitEncryption: change('to `false`', false),
      vpc: {
        words: 'to another one',
        to: (stack) => given.vpc(stack, 'b'),
        from: (stack) => given.vpc(stack),
      },
      vpcSubnets: change('to private subnets', { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }),
    },
  },
  {
    title: '`ServerlessMemcached`',
    type: 'ServerlessMemcachedProps',
    dashboard: (options, stack) => {
      const vpc = options.vpc ?? given.vpc(stack);
      const cache = new ServerlessMemcached(stack, 'Memcached', { ...options, vpc });
      return { vpc, session: SessionBackend.memcached(cache) };
    },
    cases: {
      cacheName: change('to another name', 'sessions'),
      encryptionKey: { words: 'to a key', to: given.key },
      maxDataGb: change('to 10', 10),
      maxEcpuPerSecond: change('to 5000', 5000),
      minDataGb: change('to 1', 1),
      minEcpuPerSecond: change('to 1000', 1000),
      removalPolicy: change('to retain', RemovalPolicy.RETAIN),
      securityGroups: { words: 'to an existing group', to: (stack) => [given.group(stack)] },
      vpc: {
        words: 'to another one',
        to: (stack) => given.vpc(stack, 'b'),
        from: (stack) => given.vpc(stack),
      },
      vpcSubnets: change('to private subnets', { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }),
    },
  },
  {
    title: '`settings`',
    type: 'DashboardSettingsOptions',
    dashboard: (settings) => ({ settings }),
    cases: {
      additionalHosts: {
        ...change('one more', ['cloud.example.org']),
        props: () => ({
          staticMedia: StaticMedia.onStaticHosts({ address: StaticAddress.path() }),
        }),
      },
      apiTimeouts: change('see below', { read: Duration.seconds(20) }),
      caCertificates: change('to other certificates', CaCertificates.fromFile(CA_CERTIFICATE)),
      caCertificateFile: change('to a file', '/etc/ssl/certs/openstack.pem'),
      consoleOrigins: change('one more', ['https://console.example.org:6080']),
      contentSecurityPolicy: change('to report only', ContentSecurityPolicy.reportOnly()),
      downloads: change('see below', { perWorker: 2 }),
      endpointType: change('to internal', EndpointType.INTERNAL),
      extraSettings: change('one more', { MEMOIZED_MAX_SIZE_DEFAULT: SettingValue.fromNumber(50) }),
      horizonConfig: change('see below', { ajaxQueueLimit: 4 }),
      imageUpload: change(
        'to through the dashboard',
        ImageUpload.legacy('a short limit', Size.mebibytes(4)),
      ),
      defaultServiceRegion: change('to a region', 'RegionTwo'),
      domains: change('to another domain', DomainLogin.single('staff')),
      filterFirst: change('to a list', [FilteredList.PROJECTS]),
      listLimits: change('see below', { results: 500 }),
      loginAttempts: change('see below', { burst: 10 }),
      passwordExpiryWarning: change('to 7 days', Duration.days(7)),
      regions: change('see below', [{ label: 'Europe', keystoneUrl: KEYSTONE_URL }]),
      totp: change('to `true`', true),
      keystoneEndpointType: change('to internal', EndpointType.INTERNAL),
      operationLog: change('to `true`', true),
      passwordHelpText: change('to another text', '14 characters or more'),
      passwordRegex: {
        ...change('to another pattern', '^.{14,128}$'),
        also: () => ({ passwordHelpText: '12 to 128 characters' }),
      },
      quickPages: change('see below', { askOnce: false }),
      secondaryEndpointType: change('to public', EndpointType.PUBLIC),
      siteBranding: change('to another title', 'Cloud'),
      ...Object.fromEntries(
        Object.entries(EVERY).map(([name, value]) => [
          name,
          change(
            Object.values(PANELS).some(([group]) => group === name)
              ? 'see below'
              : 'to another value',
            value,
          ),
        ]),
      ),
      timeZone: change('to another zone', 'Europe/Berlin'),
      webSso: change('to single sign-on', WebSso.of({ choices: [CORP] })),
      keystoneProviderIdpName: change('to another name', 'Berlin'),
      keystoneProviderIdpId: change('to another ID', 'berlin'),
    },
  },
  {
    title: '`settings.webSso`: `WebSso.of()`',
    type: 'WebSsoOptions',
    dashboard: (options: Partial<WebSsoOptions>) => ({
      settings: { webSso: WebSso.of({ choices: [CORP, SAML], ...options }) },
    }),
    cases: {
      choices: change('one less', [CORP]),
      keystoneUrl: change('to another URL', 'https://identity.example.org/v3'),
      initialChoice: change('to another choice', SAML),
      passwordLogin: change('to `false`', false),
      passwordLabel: change('to another text', 'User name and password'),
      redirectAtOnce: change('to a choice', CORP),
      logoutUrl: change('to a URL', 'https://login.example.org/logout'),
      revokeTokens: change('to `false`', false),
      identityProviderOrigins: change('to one origin', ['https://login.example.org']),
    },
  },
  {
    title: '`settings.webSso`: `WebSsoChoice.identityProvider()`',
    type: 'WebSsoIdentityProviderOptions',
    dashboard: (options: Partial<WebSsoIdentityProviderOptions>) => ({
      settings: {
        webSso: WebSso.of({
          choices: [WebSsoChoice.identityProvider('corp', { ...CORP_OPTIONS, ...options })],
        }),
      },
    }),
    cases: {
      identityProvider: change('to another provider', 'staff'),
      protocol: change('to another protocol', 'saml2'),
      label: change('to another text', 'Staff'),
      logoutUrl: change('to a URL', 'https://login.example.org/logout'),
    },
  },
  {
    title: '`settings.webSso`: `WebSsoChoice.protocol()`',
    type: 'WebSsoChoiceOptions',
    dashboard: (options: Partial<WebSsoChoiceOptions>) => ({
      settings: {
        webSso: WebSso.of({
          choices: [WebSsoChoice.protocol('openid', { label: 'Corp', ...options })],
        }),
      },
    }),
    cases: {
      label: change('to another text', 'Staff'),
      logoutUrl: change('to a URL', 'https://login.example.org/logout'),
    },
  },
  {
    title: '`settings.caCertificates`: `CaCertificates.fromFile()`',
    type: 'CaCertificatesOptions',
    dashboard: (options: CaCertificatesOptions) => ({
      settings: { caCertificates: CaCertificates.fromFile(CA_CERTIFICATE, options) },
    }),
    cases: { includeSystemCertificates: change('to `true`', true) },
  },
  {
    title: '`settings.contentSecurityPolicy`: `ContentSecurityPolicy.enforced()`',
    type: 'ContentSecurityPolicySources',
    dashboard: (sources: ContentSecurityPolicySources) => ({
      settings: { contentSecurityPolicy: ContentSecurityPolicy.enforced(sources) },
    }),
    cases: Object.fromEntries(
      [
        ...['connectSrc', 'fontSrc', 'formAction', 'frameSrc', 'imgSrc', 'mediaSrc', 'scriptSrc'],
        ...['styleSrc', 'workerSrc'],
      ].map((prop) => [prop, change('one more', ['https://other.example.org'])]),
    ),
  },
  {
    title: '`settings.imageUpload`: `ImageUpload.direct()`',
    type: 'DirectUploadOptions',
    dashboard: (options: DirectUploadOptions) => ({
      settings: { imageUpload: ImageUpload.direct('a quota for each project', options) },
    }),
    cases: { glanceOrigin: change('to an origin', 'https://image.example.org:9292') },
  },
  {
    title: '`settings.imageUpload`: `ImageUpload.legacy()`',
    type: 'LegacyUploadOptions',
    dashboard: (options: LegacyUploadOptions) => ({
      settings: { imageUpload: ImageUpload.legacy('a quota', Size.mebibytes(64), options) },
    }),
    cases: {
      concurrentUploads: change('to 4', 4),
      transferTimeout: change('to 2 minutes', Duration.minutes(2)),
    },
  },
  {
    title: '`settings.apiTimeouts`',
    type: 'ApiTimeouts',
    dashboard: (apiTimeouts) => ({ settings: { apiTimeouts } }),
    cases: {
      connect: change('to 3 seconds', Duration.seconds(3)),
      page: change('to 25 seconds', Duration.seconds(25)),
      read: change('to 20 seconds', Duration.seconds(20)),
    },
  },
  {
    title: '`settings.downloads`',
    type: 'DownloadLimits',
    dashboard: (downloads) => ({ settings: { downloads } }),
    cases: { perSession: change('to 2', 2), perWorker: change('to 2', 2) },
  },
  {
    title: '`settings.listLimits`',
    type: 'ListLimits',
    dashboard: (listLimits) => ({ settings: { listLimits } }),
    cases: {
      logLines: change('to 100', 100),
      menuItems: change('to 50', 50),
      pageSize: change('to 50', 50),
      results: change('to 500', 500),
    },
  },
  {
    title: '`settings.loginAttempts`',
    type: 'LoginAttempts',
    dashboard: (loginAttempts) => ({ settings: { loginAttempts } }),
    cases: { burst: change('to 10', 10), perMinute: change('to 2', 2) },
  },
  {
    title: '`settings.regions`, each',
    type: 'KeystoneRegion',
    dashboard: ({ label, keystoneUrl }) => ({
      settings: {
        regions: [
          { label: 'Europe', keystoneUrl: KEYSTONE_URL },
          {
            label: label ?? 'Asia',
            keystoneUrl: keystoneUrl ?? 'https://keystone.example.net:5000/v3',
          },
        ],
      },
    }),
    cases: {
      label: change('to another text', 'Australia'),
      keystoneUrl: change('to another one', 'https://keystone.example.com:5000/v3'),
    },
  },
  {
    title: '`settings.quickPages`',
    type: 'QuickPages',
    dashboard: (quickPages) => ({ settings: { quickPages } }),
    cases: Object.fromEntries(
      [
        ...['askOnce', 'callsAhead', 'compressedBlocks', 'keptConnections', 'keptDocuments'],
        ...['logLevels', 'novaToken', 'pluralForms', 'policyChecks', 'sdkResources'],
        ...['serviceVersions', 'templateRendering', 'themeTemplates', 'threadLocals', 'timeZones'],
        ...['trustStores', 'warmStart'],
      ].map((name) => [name, change('to `false`', false)]),
    ),
  },
  ...Object.entries(PANELS).map(([type, [group, prop]]) => ({
    title: `\`settings.${prop === undefined ? group : `${group}.${prop}`}\``,
    type,
    dashboard: ({ each }: { each?: object }) => ({ settings: { [group]: each } }),
    cases: {
      [EACH]: change(
        'to other values',
        Object.fromEntries(
          Object.entries(EVERY[group]).filter(([name]) => prop === undefined || name === prop),
        ),
      ),
    },
  })),
  {
    title: '`monitoring`: `Monitoring.alarms()`',
    type: 'DashboardAlarmsOptions',
    dashboard: alarms,
    cases: {
      exclude: change('an alarm', [DashboardAlarm.DASHBOARD_AT_MAXIMUM]),
      thresholds: change('see below', { hostErrors: 2 }),
      topic: { words: 'to a topic', to: given.topic },
    },
  },
  {
    title: 'Thresholds of alarms',
    type: 'DashboardAlarmThresholds',
    dashboard: (thresholds) => alarms({ thresholds }),
    cases: {
      certificateExpiry: change('to 20 days', Duration.days(20)),
      failedLogins: change('to 100', 100),
      dashboardResponseTime: change('to 4 seconds', Duration.seconds(4)),
      hostErrors: change('to 2 %', 2),
      loadBalancerErrors: change('to 2 %', 2),
      memcachedConnections: change('to 10000', 10_000),
      memcachedCpu: change('to 70 %', 70),
      memcachedCpuCredits: change('to 40', 40),
      memcachedSwap: change('to 40 MiB', Size.mebibytes(40)),
      staticResponseTime: change('to 1 second', Duration.seconds(1)),
    },
  },
  {
    title: '`SecretKeyRotation`',
    type: 'SecretKeyRotationProps',
    dashboard: (options, stack) => {
      const session = options.session ?? SessionBackend.signedCookies();
      const secretKey = options.secretKey ?? given.secret(stack);
      new SecretKeyRotation(stack, 'Rotation', { ...options, session, secretKey });
      return { session, secretKey };
    },
    cases: {
      interval: change('to 60 days', Duration.days(60)),
      permissionsBoundary: { words: 'to a boundary', to: given.boundary },
      pickUpInterval: change('to 2 hours', Duration.hours(2)),
      secretKey: change('see `secretKey` of `OpenStackDashboard`', undefined),
      session: change('see `session` of `OpenStackDashboard`', undefined),
    },
  },
  {
    title: '`DashboardWebAcl`',
    type: 'DashboardWebAclProps',
    dashboard: (options, stack) => ({
      entry: DashboardEntry.newLoadBalancer({
        certificate: given.certificate(stack),
        webAcl: new DashboardWebAcl(stack, 'Waf', options),
      }),
    }),
    cases: {
      countOnly: change('to `true`', true),
      logRetention: change('to a week', logs.RetentionDays.ONE_WEEK),
      loginAttempts: change('to 50', 50),
    },
  },
];

/** A change of a context key of the ready app: its value, and what is also given, before and after. */
export interface ContextCase {
  readonly words: string;
  readonly to: string;
  /** @default - the key is not given */
  readonly from?: string;
  readonly also?: Readonly<Record<string, string>>;
}

const ZONE = { hostedZoneName: 'example.org', domainName: 'dashboard.example.org' };

/** Context keys of the ready app, which `bin/context.ts` knows. */
export const CONTEXT: Readonly<Record<string, ContextCase>> = {
  domainName: { words: 'to another name', to: 'cloud.example.org', from: ZONE.domainName },
  keystoneUrl: {
    words: 'to another URL',
    to: 'https://identity.example.org:5000/v3',
    from: 'https://keystone.example.org:5000/v3',
  },
  apiPorts: { words: 'two more', to: '8443,9002' },
  certificateArn: {
    words: 'to another one',
    to: 'arn:aws:acm:eu-west-1:123456789012:certificate/4567',
    from: 'arn:aws:acm:eu-west-1:123456789012:certificate/0123',
  },
  endpointType: { words: 'to `internalURL`', to: 'internalURL' },
  caCertificates: { words: 'none to certificates', to: CA_CERTIFICATE },
  systemCaCertificates: {
    words: 'to `true`',
    to: 'true',
    also: { caCertificates: CA_CERTIFICATE },
  },
  horizonRelease: { words: 'to `2026.1`', to: '2026.1' },
  egressProxy: { words: 'none to a proxy', to: PROXY },
  egressProxyExclude: {
    words: 'none to a name',
    to: 'keystone.example.org',
    also: { egressProxy: PROXY },
  },
  webSsoProtocol: { words: 'none to a protocol', to: 'openid' },
  webSsoIdentityProvider: { words: 'none to one', to: 'corp', also: { webSsoProtocol: 'openid' } },
  webSsoLabel: { words: 'to another text', to: 'Corp', also: { webSsoProtocol: 'openid' } },
  webSsoKeystoneUrl: {
    words: 'to another URL',
    to: 'https://identity.example.org/v3',
    also: { webSsoProtocol: 'openid' },
  },
  webSsoPasswordLogin: { words: 'to `false`', to: 'false', also: { webSsoProtocol: 'openid' } },
  webSsoRedirect: { words: 'to `true`', to: 'true', also: { webSsoProtocol: 'openid' } },
  webSsoLogoutUrl: {
    words: 'to a URL',
    to: 'https://login.example.org/logout',
    also: { webSsoProtocol: 'openid' },
  },
  webSsoOrigins: {
    words: 'to one origin',
    to: 'https://login.example.org',
    also: { webSsoProtocol: 'openid' },
  },
  hostedZoneName: { words: 'to a zone', to: 'example.org', also: { domainName: ZONE.domainName } },
  hostedZoneId: { words: 'to another one', to: 'Z0456', from: 'Z0123', also: ZONE },
  session: { words: 'to `sealedCookies`', to: 'sealedCookies' },
  memcachedNodes: { words: '2 to 3', to: '3' },
  memcachedNodeType: { words: 'to another one', to: 'cache.m7g.large' },
  domainIsOurs: { words: 'to `true`', to: 'true' },
  staticOnPath: { words: 'to `true`', to: 'true' },
  separateStaticTier: { words: 'to `false`', to: 'false' },
  theme: { words: 'to a theme', to: THEME },
  plugins: { words: 'one more', to: 'heat' },
  askForDomain: { words: 'to `true`', to: 'true' },
  domains: { words: 'to another domain', to: 'staff' },
  regions: {
    words: 'to two',
    to: 'Europe=https://keystone.example.org:5000/v3,Asia=https://keystone.example.net:5000/v3',
    also: { keystoneUrl: 'https://keystone.example.org:5000/v3' },
  },
  defaultServiceRegion: { words: 'to a region', to: 'RegionTwo' },
  totp: { words: 'to `true`', to: 'true' },
  passwordExpiryWarningDays: { words: 'to 7', to: '7' },
  siteBranding: { words: 'to another title', to: 'Cloud' },
  timeZone: { words: 'to another zone', to: 'Europe/Berlin' },
  deletionProtection: { words: 'to `true`', to: 'true' },
  internetFacing: { words: 'to `false`', to: 'false' },
  nat: { words: '`single` to `perZone`', to: 'perZone' },
  dualStack: { words: 'to `true`', to: 'true' },
  bakedImages: { words: 'to `true`', to: 'true' },
  alarmEmail: { words: 'to another one', to: 'operator@example.org', from: 'admin@example.org' },
  alarmTopicArn: { words: 'to a topic', to: 'arn:aws:sns:eu-west-1:123456789012:alarms' },
  alarms: { words: 'to `false`', to: 'false' },
  minCapacity: { words: '2 to 3', to: '3' },
  maxCapacity: { words: '4 to 6', to: '6' },
};
