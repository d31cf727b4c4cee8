import { Stack, StackProps } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import { DashboardEntry, Monitoring, OpenStackDashboard } from 'cdk-openstack-dashboard';
import { Construct } from 'constructs';

export interface DashboardStackProps extends StackProps {
  /** The name of the dashboard, a registered domain that no other site uses. */
  readonly domainName: string;
  /** The public URL of Keystone, with `/v3`. */
  readonly keystoneUrl: string;
  /** A certificate for the name and all names below it, in the region of the stack. */
  readonly certificateArn: string;
}

export class DashboardStack extends Stack {
  public readonly dashboard: OpenStackDashboard;

  constructor(scope: Construct, id: string, props: DashboardStackProps) {
    super(scope, id, props);
    // Subscribe the people who are on call.
    const topic = new sns.Topic(this, 'Alarms', { enforceSSL: true });
    this.dashboard = new OpenStackDashboard(this, 'Dashboard', {
      domainName: props.domainName,
      keystoneUrl: props.keystoneUrl,
      entry: DashboardEntry.newLoadBalancer({
        certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', props.certificateArn),
      }),
      monitoring: Monitoring.alarms({ topic }),
    });
  }
}
