import { App, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { DashboardEntry, Monitoring, OpenStackDashboard } from 'cdk-openstack-dashboard';

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
  // See docs/alarms.md for alarms.
  monitoring: Monitoring.none(),
});
