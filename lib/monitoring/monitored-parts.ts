import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DashboardHosts } from '../dashboard-hosts/dashboard-hosts';
import { HttpsEntry } from '../entry/https-entry';
import { HostImage } from '../image/host-image';
import { SecretKeyRotation } from '../secret/secret-key-rotation';
import { MemcachedCluster } from '../session/memcached-cluster';
import { ServerlessMemcached } from '../session/serverless-memcached';
import { StaticTier } from '../static/static-tier';

/**
 * The parts of a dashboard that are monitored. `OpenStackDashboard.monitoredParts` has those of a
 * whole dashboard.
 */
export interface MonitoredParts {
  /** The load balancer and its certificate. */
  readonly entry: HttpsEntry;

  /** The dashboard hosts. */
  readonly hosts: DashboardHosts;

  /**
   * The static hosts.
   *
   * @default - none
   */
  readonly staticTier?: StaticTier;

  /**
   * The memcached cluster that holds the sessions.
   *
   * @default - none
   */
  readonly memcached?: MemcachedCluster;

  /**
   * The serverless cache that holds the sessions.
   *
   * @default - none
   */
  readonly serverlessMemcached?: ServerlessMemcached;

  /**
   * The NAT gateways that the hosts reach the OpenStack APIs through.
   *
   * @default - none
   */
  readonly natGateways?: ec2.CfnNatGateway[];

  /**
   * The rotation of the secret key.
   *
   * @default - none
   */
  readonly rotation?: SecretKeyRotation;

  /**
   * The machine images that are built.
   *
   * @default - none
   */
  readonly images?: HostImage[];
}
