import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  HorizonRelease,
  Monitoring,
  DashboardEntry,
  MemcachedCluster,
  OpenStackDashboard,
  OpenStackDashboardProps,
  SessionBackend,
} from '../lib';
import { KEYSTONE_URL } from '../preview/cloud/openstack/keystone';

/** Props of a dashboard, which may need something in its stack. */
export type PropsOf = (stack: Stack) => Partial<OpenStackDashboardProps>;

/**
 * Synthesizes a dashboard whose sessions are on a cluster of some nodes; gives the template's file.
 *
 * @param horizon the series of Horizon from PyPI; Debian's by default
 */
export function synthesize(
  directory: string,
  nodeCount: number,
  props: PropsOf = () => ({}),
  horizon?: string,
): string {
  const app = new App({ analyticsReporting: false, outdir: directory });
  const stack = new Stack(app, 'Sessions', {
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    maxAzs: 2,
    natGateways: 1,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });
  const cluster = new MemcachedCluster(stack, 'Memcached', { vpc, nodeCount });
  const { hosts, ...others } = props(stack);
  const horizonRelease = horizon === undefined ? undefined : HorizonRelease.upstream(horizon);
  new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.localhost',
    keystoneUrl: KEYSTONE_URL,
    ...others,
    // All visitors of a test come from one address.
    hosts: { loginRate: 6000, horizonRelease, ...hosts },
    vpc,
    monitoring: Monitoring.none(),
    entry: DashboardEntry.newLoadBalancer({
      certificate: acm.Certificate.fromCertificateArn(
        stack,
        'Certificate',
        'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000',
      ),
    }),
    session: SessionBackend.memcached(cluster),
  });
  app.synth();
  return `${directory}/${stack.templateFile}`;
}

/** What is done with the template of such a dashboard, and the folder that it is in. */
export async function withStack(
  nodeCount: number,
  body: (template: string, directory: string) => Promise<void>,
  props?: PropsOf,
  horizon?: string,
): Promise<void> {
  process.env.CDK_VALIDATION = 'false';
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-openstack-dashboard-'));
  try {
    await body(synthesize(directory, nodeCount, props, horizon), directory);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}
