import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  DomainLogin,
  FilteredList,
  ImageUpload,
  Monitoring,
  OpenStackApi,
  OpenStackDashboard,
  SessionBackend,
  SettingValue,
  StaticMedia,
  WebSso,
  WebSsoChoice,
} from 'cdk-openstack-dashboard';

const app = new App();
const stack = new Stack(app, 'Dashboard');
new OpenStackDashboard(stack, 'Dashboard', {
  domainName: 'dashboard.example.org',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
  hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    zoneName: 'example.org',
    hostedZoneId: 'Z0123456789ABCDEFGHIJ',
  }),
  hosts: {
    instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
    minCapacity: 2,
    maxCapacity: 6,
    apis: [OpenStackApi.IDENTITY, OpenStackApi.COMPUTE, OpenStackApi.of(9001)],
    maxRequestSize: Size.mebibytes(5),
  },
  staticMedia: StaticMedia.onDashboardHosts(),
  session: SessionBackend.signedCookies({ sealing: true, tokenLifetime: Duration.hours(4) }),
  settings: {
    siteBranding: 'Example Cloud',
    domains: DomainLogin.ask(),
    webSso: WebSso.of({
      choices: [
        WebSsoChoice.protocol('openid', { label: 'Company account' }),
        WebSsoChoice.identityProvider('partners', {
          label: 'Partners',
          identityProvider: 'partners',
          protocol: 'saml2',
        }),
      ],
    }),
    apiTimeouts: { connect: Duration.seconds(2), read: Duration.seconds(15) },
    listLimits: { results: 500, pageSize: 50 },
    filterFirst: [FilteredList.ADMIN_INSTANCES, FilteredList.USERS],
    imageUpload: ImageUpload.direct('the image service has a quota for each project'),
    horizonConfig: { showOpenrcFile: false },
    extraSettings: {
      MEMOIZED_MAX_SIZE_DEFAULT: SettingValue.fromNumber(50),
      INTERNAL_NAMES: SettingValue.stringList('one', 'two'),
      NESTED: SettingValue.mapOf({
        level: SettingValue.fromString('debug'),
        pair: SettingValue.tupleOf(SettingValue.fromNumber(1), SettingValue.nothing()),
      }),
    },
  },
  monitoring: Monitoring.alarms({ topic: new sns.Topic(stack, 'Alarms', { enforceSSL: true }) }),
});
