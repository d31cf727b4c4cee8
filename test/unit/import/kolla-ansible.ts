// From globals.yml, with openstack-dashboard-import.
import { Stack, StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { Construct } from 'constructs';
import {
  DashboardEntry,
  DomainLogin,
  HorizonPlugin,
  OpenStackDashboard,
  WebSso,
  WebSsoChoice,
} from 'cdk-openstack-dashboard';

export class DashboardStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    new OpenStackDashboard(this, 'Dashboard', {
      domainName: 'cloud.example.org',
      keystoneUrl: 'https://keystone.example.org:5000/v3',
      settings: {
        domains: DomainLogin.dropdown(['Default', 'ldap']),
        webSso: WebSso.of({
          choices: [
            WebSsoChoice.identityProvider('corp_openid', {
              label: 'Corp',
              identityProvider: 'corp',
              protocol: 'openid',
            }),
          ],
        }),
        volume: { enableBackup: false },
      },
      hosts: { plugins: [HorizonPlugin.OCTAVIA] },
      // The certificate of the domain name, and of static. before it; or a hostedZone instead of entry
      entry: DashboardEntry.newLoadBalancer({
        certificate: acm.Certificate.fromCertificateArn(
          this,
          'Certificate',
          'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
        ),
      }),
    });
  }
}

// The props above say the same as 5 settings. Below are the others; a key of a setting is after a dot.
//
// Has a prop, whose value is not in the files:
// - WEBSSO_CHOICES: find the origins of the login pages of the identity providers, and use
//   `webSso.identityProviderOrigins`: the content security policy blocks others
//
// Secrets, which are never printed:
// - SECRET_KEY: not carried over; a new one is made, or `secretKey` takes one of AWS Secrets Manager
