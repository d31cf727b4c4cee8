import {
  Duration,
  Size,
  SizeRoundingBehavior,
  Token,
  Tokenization,
  Validations,
} from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import {
  boundsOf,
  CACHE_ENGINE,
  constructDefault,
  SEALED_COOKIES_ENGINE,
  SIGNED_COOKIES_ENGINE,
} from '../contract/environment';
import { DashboardSettings } from '../settings/dashboard-settings';
import { requireInteger, requireSeconds } from '../settings/validate';
import { invalid } from '../shared/errors';
import { allowToDefaultPort } from './allow-to';
import { IMemcachedCluster, MEMCACHED_PORT } from './memcached';
import { SameSite } from './same-site';
import { ServerlessMemcached } from './serverless-memcached';

/**
 * What a site chooses of its sessions, whatever holds them.
 */
export interface SessionOptions {
  /**
   * How long a session lasts without a request (`SESSION_TIMEOUT`), in whole seconds, from a minute
   * to 30 days. Horizon ends it with its Keystone token whatever stands here.
   *
   * @default Duration.hours(1)
   */
  readonly timeout?: Duration;

  /**
   * The life of Keystone's tokens (`[token] expiration` in keystone.conf). With it, a timeout that
   * no session can reach is refused.
   *
   * @default - not known: a timeout above an hour, Keystone's default, is warned of
   */
  readonly tokenLifetime?: Duration;

  /**
   * How long before its token's end a session ends (`TOKEN_TIMEOUT_MARGIN`), in whole seconds, so
   * that long requests such as uploads do not end in the middle.
   *
   * @default - Horizon's own: none
   */
  readonly tokenTimeoutMargin?: Duration;

  /**
   * Whether each request starts the timeout anew (`SESSION_REFRESH`). If not, a session ends that
   * long after the login, whatever its user does.
   *
   * @default true
   */
  readonly refresh?: boolean;

  /**
   * The name of the session cookie (`SESSION_COOKIE_NAME`). With the prefix `__Host-`, browsers accept
   * the cookie from this very host alone, over HTTPS: no other host of the domain can plant one.
   *
   * @default '__Host-sessionid'
   */
  readonly cookieName?: string;

  /**
   * With which requests browsers send the cookie (`SESSION_COOKIE_SAMESITE`).
   *
   * @default SameSite.LAX
   */
  readonly sameSite?: SameSite;
}

/**
 * What a site chooses of sessions in memcached.
 */
export interface MemcachedSessionOptions extends SessionOptions {
  /**
   * Whether a login ends the user's other sessions (`SIMULTANEOUS_SESSIONS`).
   *
   * @default false
   */
  readonly oneSessionPerUser?: boolean;

  /**
   * What the keys of sessions begin with (`SESSION_KEY_PREFIX`), for dashboards that share one
   * memcached. Another prefix ends all sessions.
   *
   * @default 'session'
   */
  readonly keyPrefix?: string;

  /**
   * Whether sessions are encrypted and authenticated before they leave the host
   * (`MEMCACHED_SEALING`). Without it, anyone who can read memcached gets every user's tokens, and
   * anyone who can write to it can run code on the hosts; the rule pack warns. Keys are hashed either
   * way. Changing it ends all sessions.
   *
   * @default true
   */
  readonly sealing?: boolean;

  /**
   * The largest session that is stored (`MEMCACHED_MAX_ITEM_SIZE`), in whole bytes from 1 KiB to
   * 128 MiB. A user whose session is larger cannot log in; a session holds the service catalog, so
   * clouds with thousands of endpoints need more than the default. Memcached must take items of this
   * size: give a `MemcachedCluster` a `parameterGroupName` with that `max_item_size`, or start servers
   * of your own with `-I`. ElastiCache Serverless takes 1 MiB at most.
   *
   * @default Size.mebibytes(1)
   */
  readonly maxSessionSize?: Size;
}

/**
 * What a site chooses of sessions in cookies.
 */
export interface CookieSessionOptions extends SessionOptions {
  /**
   * Whether the cookie is encrypted too, so that no token is readable in the browser. Changing it ends
   * all sessions.
   *
   * @default false
   */
  readonly sealing?: boolean;
}

/** Keystone's default of `[token] expiration`. */
const KEYSTONE_TOKEN_LIFETIME = Duration.hours(1);

const ID = 'cdk-openstack-dashboard';

const NAME = '1 to 64 letters, digits, hyphens, dots and underscores';

/**
 * Where Horizon keeps its sessions. Local memory is not available: neither processes nor hosts share it
 * (statement 24).
 *
 * @see https://docs.openstack.org/security-guide/dashboard/front-end-caching-session-back-end.html
 */
export abstract class SessionBackend {
  /**
   * Django's cache back end on memcached, which the guide recommends (statement 22): the browser holds a
   * session id and nothing else.
   *
   * @param cluster a `MemcachedCluster`, a `ServerlessMemcached` or `MemcachedServers`
   * @throws if settings are malformed or contradict each other
   */
  public static memcached(
    cluster: IMemcachedCluster,
    options?: MemcachedSessionOptions,
  ): SessionBackend {
    return new MemcachedSessions(cluster, options ?? {});
  }

  /**
   * Signed cookies: no shared store to run, but readable access tokens in the browser, sent with
   * every request (statement 25), unless there is `sealing`. A session is limited to what fits into
   * a cookie, 4 KB, and a logout does not end the copies of it.
   *
   * @throws if settings are malformed or contradict each other
   */
  public static signedCookies(options?: CookieSessionOptions): SessionBackend {
    return new CookieSessions(options ?? {});
  }

  /**
   * The environment parameters that make a host or a container use these sessions.
   *
   * @see docs/environment.md
   */
  public abstract readonly environment: { [name: string]: string };

  /** How long a session lasts without a request. */
  public abstract readonly timeout: Duration;

  /**
   * Let the hosts or containers reach what holds the sessions.
   */
  public abstract allowFrom(client: ec2.IConnectable): void;

  /**
   * Add warnings about this choice at synth time. Dashboard hosts call it; call it with the service if
   * you pass `environment` to containers.
   *
   * @param scope what uses the sessions; warnings are acknowledged there or above
   * @param settings Horizon's settings, which may contradict those of the sessions
   * @throws if settings and sessions contradict each other
   */
  public abstract bind(scope: IConstruct, settings?: DashboardSettings): void;
}

/** What both back ends have: the settings, and what they contradict. */
class CommonSettings {
  public readonly timeout: Duration;
  public readonly environment: { [name: string]: string };

  constructor(
    engine: string,
    private readonly options: SessionOptions,
  ) {
    this.timeout = options.timeout ?? Duration.hours(1);
    const seconds = requireSeconds(undefined, 'timeout', this.timeout, 60, 30 * 86400);
    const { tokenLifetime, tokenTimeoutMargin, refresh, cookieName, sameSite } = options;
    const lifetime =
      tokenLifetime && requireSeconds(undefined, 'tokenLifetime', tokenLifetime, 60, 366 * 86400);
    const margin =
      tokenTimeoutMargin &&
      requireSeconds(undefined, 'tokenTimeoutMargin', tokenTimeoutMargin, 0, 86400);
    if (lifetime !== undefined && known(lifetime, seconds) && seconds > lifetime) {
      throw invalid(
        undefined,
        'timeout',
        `be at most tokenLifetime (${lifetime} seconds)`,
        seconds,
        'Horizon ends a session with its token',
      );
    }
    // Horizon takes the margin off the token's life: nothing would be left of the session
    const longest = lifetime ?? KEYSTONE_TOKEN_LIFETIME.toSeconds();
    if (margin !== undefined && known(margin, longest) && margin >= longest) {
      throw invalid(
        undefined,
        'tokenTimeoutMargin',
        `be less than the lifetime of a token (${longest} seconds)`,
        margin,
      );
    }
    if (cookieName !== undefined) {
      requireCookieName(cookieName);
    }
    this.environment = {
      SESSION_ENGINE: engine,
      SESSION_TIMEOUT: Tokenization.stringifyNumber(seconds),
      ...(margin === undefined
        ? {}
        : { TOKEN_TIMEOUT_MARGIN: Tokenization.stringifyNumber(margin) }),
      ...(refresh === undefined ? {} : { SESSION_REFRESH: String(refresh) }),
      ...(cookieName === undefined ? {} : { SESSION_COOKIE_NAME: cookieName }),
      ...(sameSite === undefined ? {} : { SESSION_COOKIE_SAMESITE: sameSite.value }),
    };
  }

  public bind(scope: IConstruct, settings?: DashboardSettings): void {
    const { tokenLifetime, sameSite } = this.options;
    if (sameSite === SameSite.STRICT && settings?.webSso) {
      throw invalid(
        scope,
        'sameSite',
        'be SameSite.LAX with WEBSSO_ENABLED',
        sameSite.value,
        'a browser that returns from the identity provider would not send the cookie of its new session',
      );
    }
    if (sameSite === SameSite.NONE) {
      Validations.of(scope).addWarning(
        `${ID}:sessionCookieSameSiteNone`,
        "the session cookie is sent with requests from every site's pages (SameSite=None): only CSRF tokens keep other sites from using a session; choose SameSite.LAX",
      );
    }
    if (
      !tokenLifetime &&
      !this.timeout.isUnresolved() &&
      this.timeout.toSeconds() > KEYSTONE_TOKEN_LIFETIME.toSeconds()
    ) {
      Validations.of(scope).addWarning(
        `${ID}:sessionTimeoutTokenLifetime`,
        `sessions are to last ${this.timeout.toSeconds()} seconds, but end with their token, after ${KEYSTONE_TOKEN_LIFETIME.toSeconds()} seconds by Keystone's default; give tokenLifetime if your Keystone's tokens live longer`,
      );
    }
  }
}

class MemcachedSessions extends SessionBackend {
  public readonly environment: { [name: string]: string };
  public readonly timeout: Duration;
  private readonly common: CommonSettings;

  constructor(
    private readonly cluster: IMemcachedCluster,
    options: MemcachedSessionOptions,
  ) {
    super();
    const { oneSessionPerUser, keyPrefix, sealing, maxSessionSize } = options;
    const maxBytes = maxSessionSize?.toBytes({ rounding: SizeRoundingBehavior.NONE });
    if (maxBytes !== undefined) {
      const bounds = boundsOf('MEMCACHED_MAX_ITEM_SIZE');
      requireInteger(undefined, 'maxSessionSize', maxBytes, ...bounds, 'bytes');
      if (cluster instanceof ServerlessMemcached && maxBytes > 2 ** 20) {
        throw invalid(
          undefined,
          'maxSessionSize',
          `be at most ${2 ** 20} bytes with ElastiCache Serverless`,
          maxBytes,
        );
      }
    }
    if (
      keyPrefix !== undefined &&
      !Token.isUnresolved(keyPrefix) &&
      !/^[A-Za-z0-9_.-]{1,64}$/.test(keyPrefix)
    ) {
      throw invalid(undefined, 'keyPrefix', `be ${NAME}`, keyPrefix);
    }
    this.common = new CommonSettings(CACHE_ENGINE, options);
    this.timeout = this.common.timeout;
    this.environment = {
      ...this.common.environment,
      ...(oneSessionPerUser === undefined
        ? {}
        : { SIMULTANEOUS_SESSIONS: oneSessionPerUser ? 'disconnect' : 'allow' }),
      ...(keyPrefix === undefined ? {} : { SESSION_KEY_PREFIX: keyPrefix }),
      ...(maxBytes === undefined
        ? {}
        : { MEMCACHED_MAX_ITEM_SIZE: Tokenization.stringifyNumber(maxBytes) }),
      MEMCACHED_ENDPOINT: cluster.endpoints
        .map(
          ({ address, port }) =>
            `${address}:${Tokenization.stringifyNumber(port ?? MEMCACHED_PORT)}`,
        )
        .join(','),
      MEMCACHED_DISCOVERY: String(cluster.discovery),
      MEMCACHED_TLS: String(cluster.transitEncryption),
      MEMCACHED_SEALING: String(sealing ?? constructDefault('MEMCACHED_SEALING')),
    };
  }

  public allowFrom(client: ec2.IConnectable): void {
    allowToDefaultPort(client, this.cluster, 'sessions');
  }

  public bind(scope: IConstruct, settings?: DashboardSettings): void {
    this.common.bind(scope, settings);
    if (!this.cluster.transitEncryption) {
      Validations.of(scope).addWarning(
        `${ID}:memcachedWithoutTls`,
        `sessions go to memcached ${this.cluster.node.path} without TLS: the guide asks to ensure that there is no data leakage, and memcached has no login; use servers that speak TLS`,
      );
    }
  }
}

class CookieSessions extends SessionBackend {
  public readonly environment: { [name: string]: string };
  public readonly timeout: Duration;
  private readonly common: CommonSettings;
  private readonly sealed: boolean;

  constructor(options: CookieSessionOptions) {
    super();
    this.sealed = options.sealing ?? false;
    this.common = new CommonSettings(
      this.sealed ? SEALED_COOKIES_ENGINE : SIGNED_COOKIES_ENGINE,
      options,
    );
    this.environment = this.common.environment;
    this.timeout = this.common.timeout;
  }

  public allowFrom(_client: ec2.IConnectable): void {
    // nothing to reach: the browser holds the session
  }

  public bind(scope: IConstruct, settings?: DashboardSettings): void {
    this.common.bind(scope, settings);
    if (!this.sealed) {
      Validations.of(scope).addWarning(
        `${ID}:signedCookies`,
        'sessions are in signed, but unencrypted cookies: sensitive access tokens are stored in the browser and transmitted with each request made, and only HTTPS encrypts them; the OpenStack Security Guide recommends memcached (SessionBackend.memcached), and sealing: true encrypts the cookies',
      );
    }
  }
}

/** Cookies that Horizon and Django set themselves. */
const TAKEN =
  /^((__Host-)?csrftoken|messages|horizon_language|login_.*|services_region|recent_project|.*_sidebar_.*)$/i;

function requireCookieName(name: string): void {
  if (Token.isUnresolved(name)) {
    return;
  }
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(name)) {
    throw invalid(undefined, 'cookieName', `be ${NAME}`, name);
  }
  if (TAKEN.test(name)) {
    throw invalid(
      undefined,
      'cookieName',
      "differ from the names of the dashboard's other cookies",
      name,
      'use a name such as sessionid',
    );
  }
}

const known = (...values: number[]): boolean => !values.some((value) => Token.isUnresolved(value));
