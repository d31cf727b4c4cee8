import { App, Stack } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  DashboardEntry,
  HostsHealthCheck,
  Monitoring,
  OpenStackDashboard,
  RoutingPolicy,
  SessionBackend,
} from 'cdk-openstack-dashboard';

const app = new App();
const active = new Stack(app, 'Active', { env: { region: 'eu-central-1' } });
const standby = new Stack(app, 'Standby', { env: { region: 'eu-west-1' } });

// One secret key in both regions: a session of one region is valid in the other.
const secretName = 'dashboard.example/secret-key';
const secretKey = new secretsmanager.Secret(active, 'SecretKey', {
  secretName,
  generateSecretString: { passwordLength: 96, excludePunctuation: true },
  replicaRegions: [{ region: 'eu-west-1' }],
});
const replica = secretsmanager.Secret.fromSecretNameV2(standby, 'SecretKey', secretName);
standby.addStackDependency(active, 'the replica of the secret');

function createDashboard(
  stack: Stack,
  key: secretsmanager.ISecret,
  routing: RoutingPolicy,
): OpenStackDashboard {
  return new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.example',
    keystoneUrl: 'https://keystone.example.org:5000/v3',
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      zoneName: 'dashboard.example',
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
    }),
    entry: DashboardEntry.newLoadBalancer({ routing }),
    // Browsers keep their sessions, so that these survive the loss of a region.
    session: SessionBackend.signedCookies({ sealing: true }),
    secretKey: key,
    // See docs/alarms.md for alarms.
    monitoring: Monitoring.none(),
  });
}

// The names of the dashboard and of static media fail over together.
const healthCheck = new HostsHealthCheck(active, 'Health');
createDashboard(active, secretKey, RoutingPolicy.failoverPrimary(healthCheck));
createDashboard(standby, replica, RoutingPolicy.failoverSecondary());
