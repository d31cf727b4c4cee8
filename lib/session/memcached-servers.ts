import { Resource, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { requireInteger } from '../shared/validate';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import { IMemcached, MEMCACHED_PORT, MemcachedEndpoint } from './memcached';

/**
 * Properties of `MemcachedServers`.
 */
export interface MemcachedServersProps {
  /** The servers, in any order. Removing a server from the list moves its sessions. */
  readonly endpoints: MemcachedEndpoint[];

  /**
   * Whether the servers use TLS, with a certificate that the hosts can verify (statements 23 and
   * 51). Turning it off causes a warning at synth time and an error in the rule pack.
   *
   * @default true
   */
  readonly transitEncryption?: boolean;

  /**
   * The security groups of the servers. Rules that admit the hosts are added to them.
   *
   * @default - none; the operator of the servers must admit the hosts
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The addresses of the servers, for the egress rules of the hosts. Only used without
   * `securityGroups`.
   *
   * @default - any IPv4 address, on the ports of the servers
   */
  readonly peer?: ec2.IPeer;
}

const ADDRESS =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/**
 * Existing memcached servers, by their addresses: on your own machines, in another account, or
 * behind a VPN. This construct creates no resources. Import a cluster of Amazon ElastiCache with
 * `MemcachedCluster.fromMemcachedClusterAttributes` instead, which discovers its nodes.
 */
export class MemcachedServers extends Resource implements IMemcached {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-openstack-dashboard.MemcachedServers';

  /** The servers. */
  public readonly endpoints: MemcachedEndpoint[];

  /** Whether the only endpoint lists the nodes: no, the endpoints are the servers themselves. */
  public readonly discovery: boolean = false;

  /** Whether the servers use TLS (statements 23 and 51). */
  public readonly transitEncryption: boolean;

  /** The network connections of the servers. */
  public readonly connections: ec2.Connections;

  /**
   * @throws if there is no endpoint, the same one twice, an address that is neither a name nor an
   * IPv4 address, a port out of range, or both security groups and a peer
   */
  constructor(scope: Construct, id: string, props: MemcachedServersProps) {
    super(scope, id);
    props = injectProps(MemcachedServers, scope, id, props);
    if (props.endpoints.length === 0) {
      throw invalid(this, 'endpoints', 'have at least one server', null);
    }
    if (props.securityGroups && props.peer) {
      throw invalid(
        this,
        'peer',
        'not be given with securityGroups; the hosts are let out to the security groups',
      );
    }
    const ports: number[] = [];
    const seen = new Set<string>();
    for (const [index, { address, port = MEMCACHED_PORT }] of props.endpoints.entries()) {
      if (!Token.isUnresolved(address) && !ADDRESS.test(address)) {
        throw invalid(
          this,
          `endpoints[${index}].address`,
          'be a DNS name or an IPv4 address, without a port or scheme',
          address,
        );
      }
      requireInteger(this, `endpoints[${index}].port`, port, 1, 65535);
      const endpoint = `${address.toLowerCase()}:${port}`;
      if (seen.has(endpoint)) {
        throw invalid(this, 'endpoints', 'have each server once', `${address}:${port}`);
      }
      seen.add(endpoint);
      ports.push(port);
    }
    this.endpoints = props.endpoints;
    this.transitEncryption = props.transitEncryption ?? true;
    this.connections = new ec2.Connections({
      securityGroups: props.securityGroups,
      peer: props.securityGroups?.length ? undefined : (props.peer ?? ec2.Peer.anyIpv4()),
      defaultPort: portsOf(this, ports),
    });
  }
}

/** One port or a range of ports, for security group rules. */
function portsOf(scope: Construct, ports: number[]): ec2.Port {
  if (ports.every((port) => port === ports[0])) {
    return ec2.Port.tcp(ports[0]);
  }
  if (ports.some((port) => Token.isUnresolved(port))) {
    throw invalid(
      scope,
      'endpoints',
      'have one port, or ports that are known at synth time',
      ports,
    );
  }
  return ec2.Port.tcpRange(Math.min(...ports), Math.max(...ports));
}
