import { IResource, Size } from 'aws-cdk-lib';
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
 * Memcached as a session store, as `SessionBackend.memcached` needs it: a `MemcachedCluster`, a
 * `ServerlessMemcached`, `MemcachedServers`, or your own implementation, whose `connections` need a
 * default port.
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

  /**
   * The maximum size of an item, if it cannot be raised. `maxSessionSize` may not exceed it.
   *
   * @default - the `max_item_size` of memcached's configuration, 1 MiB by default
   */
  readonly maxItemSize?: Size;
}

/**
 * A node-based memcached cluster of Amazon ElastiCache, created here or imported with
 * `MemcachedCluster.fromMemcachedClusterAttributes`.
 */
export interface IMemcachedCluster extends IMemcached {
  /**
   * The DNS name of the configuration endpoint, which lists the nodes.
   *
   * @attribute ConfigurationEndpoint.Address
   */
  readonly configurationEndpointAddress: string;

  /**
   * The port of the configuration endpoint and of every node.
   *
   * @attribute ConfigurationEndpoint.Port
   */
  readonly configurationEndpointPort: number;
}

/**
 * A serverless memcached cache of Amazon ElastiCache, created here or imported with
 * `ServerlessMemcached.fromServerlessMemcachedAttributes`.
 */
export interface IServerlessMemcached extends IMemcached {
  /**
   * The DNS name of the endpoint.
   *
   * @attribute Endpoint.Address
   */
  readonly endpointAddress: string;

  /**
   * The port of the endpoint.
   *
   * @attribute Endpoint.Port
   */
  readonly endpointPort: number;
}

/** The default port of memcached. */
export const MEMCACHED_PORT = 11211;

/** The maximum size of an item in ElastiCache Serverless. */
export const SERVERLESS_ITEM_SIZE = Size.mebibytes(1);
