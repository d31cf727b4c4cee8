// From local_settings.py, with openstack-dashboard-import.
import { Duration, Size, Stack, StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import {
  ConsoleType,
  DashboardEntry,
  DomainLogin,
  EndpointType,
  FilteredList,
  ImageVisibility,
  MemcachedCluster,
  OpenStackDashboard,
  SessionBackend,
  StaticAddress,
  StaticMedia,
  UserMenuLink,
  WebSso,
  WebSsoChoice,
  SettingValue,
} from 'cdk-openstack-dashboard';

export class DashboardStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    // The VPC of memcached: a new one, or the one that you have
    const vpc = new ec2.Vpc(this, 'Vpc', {
      natGateways: 1,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
    });
    const corpOpenidChoice = WebSsoChoice.identityProvider('corp_openid', {
      label: 'Corp',
      identityProvider: 'corp',
      protocol: 'openid',
    });
    new OpenStackDashboard(this, 'Dashboard', {
      domainName: 'cloud.example.org',
      keystoneUrl: 'https://keystone.example.org:5000/v3',
      settings: {
        extraSettings: {
          MEMOIZED_MAX_SIZE_DEFAULT: SettingValue.fromNumber(50),
          AVAILABLE_THEMES: SettingValue.listOf(
            SettingValue.tupleOf(
              SettingValue.fromString('default'),
              SettingValue.fromString('Default'),
              SettingValue.fromString('themes/default'),
            ),
            SettingValue.tupleOf(
              SettingValue.fromString('corp'),
              SettingValue.fromString('Corp'),
              SettingValue.fromString('themes/corp'),
            ),
          ),
          MY_PLUGIN: SettingValue.mapOf({
            names: SettingValue.tupleOf(SettingValue.fromString('a')),
            limit: SettingValue.fromNumber(1.5),
            nothing: SettingValue.nothing(),
          }),
        },
        additionalHosts: ['cloud.example.net'],
        domains: DomainLogin.dropdown(['Default', 'ldap']),
        webSso: WebSso.of({
          choices: [corpOpenidChoice, WebSsoChoice.protocol('saml2', { label: 'Campus' })],
          keystoneUrl: 'https://login.example.org:5000/v3',
          passwordLabel: 'Local account',
          initialChoice: corpOpenidChoice,
        }),
        endpointType: EndpointType.INTERNAL,
        network: {
          enableRouter: false,
          enableQuotas: true,
          segmentationIdRanges: { vlan: { minimum: 1024, maximum: 2048 } },
          defaultDnsNameservers: ['192.0.2.53', '2001:db8::53'],
          allowedIpv4SubnetCidrs: ['10.0.0.0/8'],
          allowedIpv6SubnetCidrs: [],
          securityGroupRules: {
            https: { name: 'HTTPS', fromPort: 443 },
            ping: { name: 'Ping', ipProtocol: 'icmp', fromPort: 8, toPort: 0 },
          },
        },
        horizonConfig: {
          helpUrl: 'https://help.example.org/cloud',
          ajaxPollInterval: 5000,
          userMenuLinks: [UserMenuLink.toUrl('Shop', 'https://shop.example.org/')],
        },
        passwordHelpText: 'It\'s too short.',
        passwordRegex: '^.{14,}$',
        image: {
          formats: { qcow2: 'QCOW2', raw: 'Raw' },
          filterProjects: [{ text: 'Official', projectId: '27d0', icon: 'fa-check' }],
          defaultVisibility: ImageVisibility.PRIVATE,
        },
        objectStore: { transferChunkSize: Size.kibibytes(512) },
        filterFirst: [FilteredList.ADMIN_INSTANCES],
        compute: { consoleType: ConsoleType.OFF },
        overviewDays: 0,
        passwordExpiryWarning: Duration.days(7),
        languages: ['en', 'de'],
        listLimits: { results: 1000 },
        launchInstance: { createVolume: false, configDrive: true },
        siteBranding: 'Cloud of O\'Brien — "Example"',
        operationLog: true,
        siteBrandingLink: '/project/',
      },
      staticMedia: StaticMedia.onStaticHosts({ address: StaticAddress.path() }),
      // The certificate of the domain name, and of static. before it; or a hostedZone instead of entry
      entry: DashboardEntry.newLoadBalancer({
        certificate: acm.Certificate.fromCertificateArn(
          this,
          'Certificate',
          'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
        ),
      }),
      vpc,
      session: SessionBackend.memcached(
        new MemcachedCluster(this, 'Sessions', { vpc }),
        { timeout: Duration.seconds(1800), oneSessionPerUser: true },
      ),
    });
  }
}

// The props above say the same as 36 settings. Below are the others; a key of a setting is after a dot.
//
// Rejected by the library:
// - EXTERNAL_MONITORING: externalMonitoring must be an https URL, got 'http://…@graphs.example.org/'
// - HORIZON_CONFIG.user_home: horizonConfig.userHome must be a path of the dashboard such as
//   /project/instances/, got 'openstack_dashboard.views.get_user_home'
// - TIME_ZONE: timeZone must be a name of the IANA time zone database such as Europe/Berlin, got
//   'Mars/Olympus'
//
// Has a prop, whose value is not in the files:
// - WEBSSO_CHOICES: find the origins of the login pages of the identity providers, and use
//   `webSso.identityProviderOrigins`: the content security policy blocks others
// - OPENSTACK_SSL_CACERT: copy the file from the old host, and use `settings.caCertificates:
//   CaCertificates.fromFile(…)`
// - HORIZON_IMAGES_UPLOAD_MODE: decide how uploads are limited, and use `settings.imageUpload`: the OpenStack
//   Security Guide requires a plan
// - DEFAULT_THEME: copy the folder of the theme from the old host, and use `hosts.theme`
//
// Not known without running the files:
// - OPENSTACK_NEUTRON_NETWORK.enable_ipv6: computed: `dict ( { '…' : { '…' : [ 1024 , 2048 ] } , '…' : [ '…'
//   ] + [`
// - ACTION_CSS_CLASSES: computed: `name for name in ( '…' , '…' )`
// - DROPDOWN_MAX_ITEMS: is set in a block on line 96, `if`
//
// Secrets, which are never printed:
// - SECRET_KEY: not carried over; a new one is made, or `secretKey` takes one of AWS Secrets Manager
// - DATABASES: hosts have no database; sessions are in memcached
// - PLUGIN_API_TOKEN: not carried over
// - PLUGIN_URLS: not carried over
//
// Set by the library:
// - ALLOWED_HOSTS: 'localhost', '192.0.2.1', '*': must be fully qualified names; hosts accept `domainName`
//   and `settings.additionalHosts` only
// - WEBSSO_USE_HTTP_REFERER: `false`: a page of Keystone's would else decide where the host sends tokens
// - DEBUG: Django's debug mode; the boot check rejects `true`
// - WEBROOT: the dashboard is at `/` of its name
// - LOCAL_PATH: the folder of Horizon's package; hosts keep no state there
// - CACHES: sessions are in a memcached of the library: `session`
//
// No prop. Add to settings.extraSettings what you still need, after you have read the reason:
// - MEMOIZED_MAX_SIZE_DEFAULT: the size of caches in Horizon's processes; nobody needs to tune it
// - AVAILABLE_THEMES: `hosts.theme` sets it; without a theme, it lists those of your own machine image
//
// extraSettings: {
//   MEMOIZED_MAX_SIZE_DEFAULT: SettingValue.fromNumber(50),
//   AVAILABLE_THEMES: SettingValue.listOf(
//     SettingValue.tupleOf(
//       SettingValue.fromString('default'),
//       SettingValue.fromString('Default'),
//       SettingValue.fromString('themes/default'),
//     ),
//     SettingValue.tupleOf(
//       SettingValue.fromString('corp'),
//       SettingValue.fromString('Corp'),
//       SettingValue.fromString('themes/corp'),
//     ),
//   ),
// },
//
// Not a setting of the hosts' Horizon:
// - TEMPLATE_DEBUG: Django has no such setting any more
// - OPENSTACK_HOST: a variable of local_settings.py, from which `OPENSTACK_KEYSTONE_URL` is made
// - OPENSTACK_NEUTRON_NETWORK.enable_lb: Horizon has no such key
// - HORIZON_CONFIG.simple_ip_management: Horizon has no such key any more
// - MY_PLUGIN: not in Horizon's reference; a plugin may read it
//
// extraSettings: {
//   MY_PLUGIN: SettingValue.mapOf({
//     names: SettingValue.tupleOf(SettingValue.fromString('a')),
//     limit: SettingValue.fromNumber(1.5),
//     nothing: SettingValue.nothing(),
//   }),
// },
