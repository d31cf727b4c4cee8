import { Resource, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { requireInteger } from '../settings/validate';
import { IMemcachedCluster, MEMCACHED_PORT, MemcachedEndpoint } from './memcached';

/**
 * Properties of `MemcachedServers`.
 */
export interface MemcachedServersProps {
  /** The servers, in any order. Another list moves the sessions of the servers that left it. */
  readonly endpoints: MemcachedEndpoint[];

  /**
   * Whether the servers speak TLS, with a certificate that the hosts can verify (statements 23 and
   * 51). Without it, synth warns and the rule pack fails.
   *
   * @default true
   */
  readonly transitEncryption?: boolean;

  /**
   * The security groups of the servers; the hosts are admitted to them.
   *
   * @default - none: whoever runs the servers admits the hosts
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Where the servers are, for the rules that let the hosts out to them. Only used without
   * `securityGroups`.
   *
   * @default - any IPv4 address, on the ports of the servers
   */
  readonly peer?: ec2.IPeer;
}

const ADDRESS =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/**
 * Memcached servers that run elsewhere, by their addresses: on machines of your own, in another
 * account, on the other side of a VPN. Nothing is created. A cluster of ElastiCache is better
 * imported with `MemcachedCluster.fromMemcachedClusterAttributes`, which has its nodes discovered.
 */
export class MemcachedServers extends Resource implements IMemcachedCluster {
  public readonly endpoints: MemcachedEndpoint[];
  public readonly discovery: boolean = false;
  public readonly transitEncryption: boolean;

  /** The network connections of the servers. */
  public readonly connections: ec2.Connections;

  /**
   * @throws if there is no endpoint, the same one twice, an address that is neither a name nor an
   * IPv4 address, a port out of range, or both security groups and a peer
   */
  constructor(scope: Construct, id: string, props: MemcachedServersProps) {
    super(scope, id);
    if (props.endpoints.length === 0) {
      throw new Error('endpoints was given no endpoint; allowed is at least one memcached server');
    }
    if (props.securityGroups && props.peer) {
      throw new Error(
        'peer was given with securityGroups; allowed is one of them, as hosts are let out to the security groups',
      );
    }
    const ports: number[] = [];
    const seen = new Set<string>();
    for (const { address, port = MEMCACHED_PORT } of props.endpoints) {
      if (!Token.isUnresolved(address) && !ADDRESS.test(address)) {
        throw new Error(
          `endpoints was given the address '${address}'; allowed is a DNS name or an IPv4 address, without port or scheme`,
        );
      }
      requireInteger('endpoints (port)', port, 1, 65535);
      const endpoint = `${address.toLowerCase()}:${port}`;
      if (seen.has(endpoint)) {
        throw new Error(`endpoints was given ${endpoint} twice; allowed is each server once`);
      }
      seen.add(endpoint);
      ports.push(port);
    }
    this.endpoints = props.endpoints;
    this.transitEncryption = props.transitEncryption ?? true;
    this.connections = new ec2.Connections({
      securityGroups: props.securityGroups,
      peer: props.securityGroups?.length ? undefined : (props.peer ?? ec2.Peer.anyIpv4()),
      defaultPort: portsOf(ports),
    });
  }
}

/** One port, or the range of them: a rule names one or the other. */
function portsOf(ports: number[]): ec2.Port {
  if (ports.every((port) => port === ports[0])) {
    return ec2.Port.tcp(ports[0]);
  }
  if (ports.some((port) => Token.isUnresolved(port))) {
    throw new Error(
      'endpoints was given different ports of which some are not known at synth; allowed is one port for all of them, or ports that are known',
    );
  }
  return ec2.Port.tcpRange(Math.min(...ports), Math.max(...ports));
}
