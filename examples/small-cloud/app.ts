import { App, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import {
  Customization,
  DashboardEntry,
  Monitoring,
  OpenStackDashboard,
  SessionBackend,
  StaticMedia,
  Theme,
} from 'cdk-openstack-dashboard';
import { join } from 'node:path';

const app = new App();
const stack = new Stack(app, 'Dashboard');
new OpenStackDashboard(stack, 'Dashboard', {
  domainName: 'dashboard.example',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
  entry: DashboardEntry.newLoadBalancer({
    certificate: acm.Certificate.fromCertificateArn(
      stack,
      'Certificate',
      'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
    ),
  }),
  staticMedia: StaticMedia.onDashboardHosts(),
  session: SessionBackend.signedCookies({ sealing: true }),
  hosts: {
    theme: Theme.fromFolder(join(__dirname, 'acme'), { label: 'Acme Cloud' }),
    customization: Customization.fromFolder(join(__dirname, 'customization')),
    extraPackages: ['python3-designate-dashboard'],
  },
  // See docs/alarms.md for alarms.
  monitoring: Monitoring.none(),
});
