import { App, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { Template as Synthesized } from 'aws-cdk-lib/assertions';
import { DashboardEntry, Monitoring, OpenStackDashboard } from '../../lib';
import { Template } from '../../preview/stack/template';

test('Keystone answers under the name that the hosts of a template look for', () => {
  const stack = new Stack(new App(), 'Stack');
  new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://identity.example.org:5000/v3',
    monitoring: Monitoring.none(),
    entry: DashboardEntry.newLoadBalancer({
      certificate: acm.Certificate.fromCertificateArn(
        stack,
        'Certificate',
        'arn:aws:acm:eu-central-1:111122223333:certificate/0000',
      ),
    }),
  });
  const template = Synthesized.fromStack(stack).toJSON() as ConstructorParameters<
    typeof Template
  >[0];
  expect(new Template(template, {}).plan().keystoneNames).toEqual(['identity.example.org']);
});
