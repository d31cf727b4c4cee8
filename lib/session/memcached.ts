import { IResource } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * Where a memcached server listens.
 */
export interface MemcachedEndpoint {
  /** The DNS name or the IPv4 address. */
  readonly address: string;

  /**
   * The port.
   *
   * @default 11211
   */
  readonly port?: number;
}

/**
 * What holds sessions: a `MemcachedCluster`, a `ServerlessMemcached`, or servers that run elsewhere.
 */
export interface IMemcachedCluster extends IResource, ec2.IConnectable {
  /**
   * Where clients connect first: one endpoint that tells the nodes if there is `discovery`, else the
   * servers themselves.
   */
  readonly endpoints: MemcachedEndpoint[];

  /** Whether the one endpoint tells the nodes (ElastiCache's auto discovery). */
  readonly discovery: boolean;

  /** Whether it speaks TLS, with a certificate that the hosts can verify (statements 23 and 51). */
  readonly transitEncryption: boolean;
}

/** The port that memcached listens on unless told otherwise. */
export const MEMCACHED_PORT = 11211;
