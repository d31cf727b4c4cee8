import { isIPv4 } from 'node:net';
import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { hostAndPort } from '../contract/urls';
import { invalid } from '../shared/errors';

/**
 * Options of `EgressProxy`.
 */
export interface EgressProxyOptions {
  /**
   * What hosts reach without the proxy: names, which include their subdomains, IPv4 addresses, and
   * ranges of IPv4 addresses in CIDR notation. Add `amazonaws.com` if the VPC has interface endpoints
   * for all AWS APIs that hosts call, and the name of Keystone if OpenStack is connected privately.
   * For apt, only full names count.
   *
   * @default - none; the hosts themselves, instance metadata, Amazon S3 (see `includeAmazonS3`) and the
   * endpoints of `DashboardNetwork.noNat()` are always excluded
   */
  readonly exclude?: string[];

  /**
   * Whether hosts reach Amazon S3 through the proxy, for VPCs without a gateway endpoint for S3.
   *
   * @default false
   */
  readonly includeAmazonS3?: boolean;

  /**
   * The addresses of the proxy, for the security groups of the hosts.
   *
   * @default - any IPv4 address, on the port of the proxy
   */
  readonly peer?: ec2.IPeer;
}

/** What programs on a host call on the host itself, and instance metadata. */
const ALWAYS_EXCLUDED = ['localhost', '127.0.0.1', '169.254.169.254'];

const NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const PREFIX_LENGTH = /^([0-9]|[12][0-9]|3[0-2])$/;

/** Whether a text is a name, an IPv4 address or a range of these. */
function canBeExcluded(text: string): boolean {
  const [address, length, ...others] = text.split('/');
  if (length !== undefined) {
    return others.length === 0 && isIPv4(address) && PREFIX_LENGTH.test(length);
  }
  return /^[\d.]+$/.test(address) ? isIPv4(address) : NAME.test(address);
}

/**
 * A forward proxy through which hosts reach Debian's mirror, the APIs of AWS and the OpenStack APIs.
 *
 * Connections with TLS go through it with `CONNECT`, so it cannot read or change them.
 */
export class EgressProxy {
  /**
   * A proxy that is reached over HTTP, without a user name and a password.
   *
   * @param url the URL, such as `http://proxy.example.org:3128`. The name may be an unresolved token,
   * such as the DNS name of a load balancer; the port must be known at synth time.
   * @param options what is reached without the proxy
   * @throws if the URL has no port, has a path, credentials or another scheme, or an excluded name is
   * invalid
   */
  public static http(url: string, options: EgressProxyOptions = {}): EgressProxy {
    return new EgressProxy(url, options);
  }

  /** The URL of the proxy, without a trailing slash. */
  public readonly url: string;

  /** The port of the proxy. */
  public readonly port: number;

  private readonly exclude: string[];
  private readonly includeAmazonS3: boolean;
  private readonly peer: ec2.IPeer;

  private constructor(url: string, options: EgressProxyOptions) {
    // Also of URLs that are wrong in another way, whose text the error below repeats
    if (url.includes('@')) {
      throw invalid(
        undefined,
        'url',
        'not contain a user name or a password',
        undefined,
        'everybody who can read the template or the user data would have them; let the proxy accept the addresses of the hosts',
      );
    }
    const { host, port } = hostAndPort(url);
    if (
      host === undefined ||
      port === undefined ||
      port < 1 ||
      port > 65535 ||
      (!Token.isUnresolved(host) && !NAME.test(host))
    ) {
      throw invalid(
        undefined,
        'url',
        'be the http URL of a proxy with a name or an IPv4 address in lower case and a port, such as http://proxy.example.org:3128',
        url,
        'connections to AWS and OpenStack are encrypted inside the connection to the proxy',
      );
    }
    for (const name of options.exclude ?? []) {
      if (!Token.isUnresolved(name) && !canBeExcluded(name)) {
        throw invalid(
          undefined,
          'exclude',
          'be names in lower case, which include their subdomains, IPv4 addresses or CIDR ranges, without wildcards, leading dots and ports',
          name,
        );
      }
    }
    this.url = `http://${host}:${port}`;
    this.port = port;
    this.peer = options.peer ?? ec2.Peer.anyIpv4();
    this.exclude = options.exclude ?? [];
    this.includeAmazonS3 = options.includeAmazonS3 ?? false;
  }

  /**
   * The same proxy, with further names that hosts reach without it.
   * @internal
   */
  public _excluding(names: string[]): EgressProxy {
    return new EgressProxy(this.url, {
      exclude: [...this.exclude, ...names],
      includeAmazonS3: this.includeAmazonS3,
      peer: this.peer,
    });
  }

  /**
   * Lets instances connect to the proxy.
   * @internal
   */
  public _allowFrom(connections: ec2.Connections): void {
    connections.allowTo(this.peer, ec2.Port.tcp(this.port), `proxy, ${this.port}`);
  }

  /**
   * The environment parameters of hosts.
   * @internal
   */
  public _environment(region: string, urlSuffix: string): { [name: string]: string } {
    return {
      EGRESS_PROXY: this.url,
      EGRESS_PROXY_EXCLUDE: [
        ...ALWAYS_EXCLUDED,
        ...(this.includeAmazonS3 ? [] : [`s3.${region}.${urlSuffix}`]),
        ...this.exclude,
      ].join(','),
    };
  }
}
