// From user_variables.yml, with openstack-dashboard-import.
import { Duration, Stack, StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import {
  DashboardEntry,
  DomainLogin,
  HorizonPlugin,
  MemcachedCluster,
  OpenStackDashboard,
  SessionBackend,
  WebSso,
  WebSsoChoice,
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
    new OpenStackDashboard(this, 'Dashboard', {
      domainName: 'cloud.example.org',
      keystoneUrl: 'https://keystone.example.org:5000/v3',
      settings: {
        regions: [{ label: 'One', keystoneUrl: 'https://keystone.example.org:5000/v3' }],
        domains: DomainLogin.dropdown(['Default', 'ldap']),
        webSso: WebSso.of({ choices: [WebSsoChoice.protocol('openid', { label: 'Corp' })] }),
        network: { supportedProviderTypes: ['geneve', 'vlan'] },
        horizonConfig: { helpUrl: 'https://help.example.org/' },
        listLimits: { menuItems: 50 },
        compute: { flavorSortKey: 'vcpus', flavorSortReverse: true },
      },
      hosts: { plugins: [HorizonPlugin.HEAT] },
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
        { timeout: Duration.seconds(1800) },
      ),
    });
  }
}

// The props above say the same as 11 settings. Below are the others; a key of a setting is after a dot.
//
// Has a prop, whose value is not in the files:
// - WEBSSO_CHOICES: find the origins of the login pages of the identity providers, and use
//   `webSso.identityProviderOrigins`: the content security policy blocks others
//
// Not known without running the files:
// - SITE_BRANDING: an expression of Ansible
//
// Secrets, which are never printed:
// - SECRET_KEY: not carried over; a new one is made, or `secretKey` takes one of AWS Secrets Manager
