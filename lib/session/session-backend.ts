import { Duration, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { requireSeconds } from '../settings/validate';
import { IMemcachedCluster } from './memcached-cluster';

/**
 * What a site chooses of its sessions, whatever holds them.
 */
export interface SessionOptions {
  /**
   * How long a session lasts without a request (`SESSION_TIMEOUT`), in whole seconds. It should not
   * be longer than the life of a Keystone token.
   *
   * @default Duration.hours(1)
   */
  readonly timeout?: Duration;
}

/**
 * Where Horizon keeps its sessions. Local memory is no choice: it is shared neither by processes nor
 * by hosts (rule 24).
 *
 * @see https://docs.openstack.org/security-guide/dashboard/front-end-caching-session-back-end.html
 */
export abstract class SessionBackend {
  /**
   * Django's cache back end on memcached, which the guide recommends (rule 22): the browser holds a
   * session id and nothing else.
   */
  public static memcached(cluster: IMemcachedCluster, options?: SessionOptions): SessionBackend {
    return new MemcachedSessions(cluster, options ?? {});
  }

  /**
   * Signed cookies: no shared store to run, but readable access tokens in the browser, sent with
   * every request (rule 25).
   */
  public static signedCookies(options?: SessionOptions): SessionBackend {
    return new SignedCookieSessions(options ?? {});
  }

  /**
   * The environment parameters that make a host or a container use these sessions.
   *
   * @see docs/environment.md
   */
  public abstract readonly environment: { [name: string]: string };

  /**
   * Let the hosts or containers reach what holds the sessions.
   */
  public abstract allowFrom(client: ec2.IConnectable): void;
}

function commonEnvironment(engine: string, options: SessionOptions): { [name: string]: string } {
  const timeout = requireSeconds('timeout', options.timeout ?? Duration.hours(1), 60, 30 * 86400);
  return {
    SESSION_ENGINE: `django.contrib.sessions.backends.${engine}`,
    SESSION_TIMEOUT: String(timeout),
  };
}

class MemcachedSessions extends SessionBackend {
  public readonly environment: { [name: string]: string };

  constructor(
    private readonly cluster: IMemcachedCluster,
    options: SessionOptions,
  ) {
    super();
    const { configurationEndpointAddress: address, configurationEndpointPort: port } = cluster;
    this.environment = {
      ...commonEnvironment('cache', options),
      MEMCACHED_ENDPOINT: `${address}:${Token.isUnresolved(port) ? Tokenization.stringifyNumber(port) : port}`,
      MEMCACHED_DISCOVERY: 'true',
      MEMCACHED_TLS: String(cluster.transitEncryption),
    };
  }

  public allowFrom(client: ec2.IConnectable): void {
    this.cluster.connections.allowDefaultPortFrom(client, 'sessions');
  }
}

class SignedCookieSessions extends SessionBackend {
  public readonly environment: { [name: string]: string };

  constructor(options: SessionOptions) {
    super();
    this.environment = commonEnvironment('signed_cookies', options);
  }

  public allowFrom(_client: ec2.IConnectable): void {
    // nothing to reach: the browser holds the session
  }
}
