import { IResource } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * The address and port of a memcached server.
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
 * Memcached as a session store: a `MemcachedCluster`, a `ServerlessMemcached`, `MemcachedServers`,
 * or your own implementation.
 */
export interface IMemcached extends IResource, ec2.IConnectable {
  /**
   * The endpoints that clients connect to first: with `discovery`, one endpoint that lists the
   * nodes, otherwise the servers themselves.
   */
  readonly endpoints: MemcachedEndpoint[];

  /** Whether the only endpoint lists the nodes (auto discovery of Amazon ElastiCache). */
  readonly discovery: boolean;

  /** Whether it uses TLS, with a certificate that the hosts can verify (statements 23 and 51). */
  readonly transitEncryption: boolean;
}

/**
 * The same as `IMemcached`, which new code should use.
 */
export interface IMemcachedCluster extends IMemcached {}

/**
 * A node-based memcached cluster of Amazon ElastiCache, created here or elsewhere.
 */
export interface INodeBasedMemcachedCluster extends IMemcachedCluster {
  /** The DNS name of the configuration endpoint, which lists the nodes. */
  readonly configurationEndpointAddress: string;

  /** The port of the configuration endpoint and of every node. */
  readonly configurationEndpointPort: number;
}

/**
 * A serverless memcached cache of Amazon ElastiCache, created here or elsewhere.
 */
export interface IServerlessMemcached extends IMemcachedCluster {
  /** The DNS name of the endpoint. */
  readonly endpointAddress: string;

  /** The port of the endpoint. */
  readonly endpointPort: number;
}

/** The default port of memcached. */
export const MEMCACHED_PORT = 11211;
