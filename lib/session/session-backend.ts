import {
  Duration,
  Size,
  SizeRoundingBehavior,
  Token,
  Tokenization,
  Validations,
} from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import {
  boundsOf,
  CACHE_ENGINE,
  constructDefault,
  SEALED_COOKIES_ENGINE,
  SIGNED_COOKIES_ENGINE,
} from '../contract/environment';
import { DashboardSettings } from '../settings/dashboard-settings';
import { requireBytes, requireSeconds } from '../shared/validate';
import { invalid } from '../shared/errors';
import { allowToDefaultPort } from './allow-to';
import { expectClients, noteClient } from './clients';
import {
  configureContainer,
  DashboardContainerOptions,
  requireContainer,
} from './dashboard-container';
import { IMemcached, MEMCACHED_PORT } from './memcached';
import { SameSite } from './same-site';

/**
 * Options of sessions in any back end.
 */
export interface SessionOptions {
  /**
   * How long a session lasts without a request (`SESSION_TIMEOUT`), in whole seconds, from a minute
   * to 30 days. A session never outlives its Keystone token.
   *
   * @default Duration.hours(1)
   */
  readonly timeout?: Duration;

  /**
   * The lifetime of Keystone's tokens (`[token] expiration` in keystone.conf). If it is set, a
   * longer `timeout` is an error.
   *
   * @default - not known; a timeout above an hour, Keystone's default, causes a warning
   */
  readonly tokenLifetime?: Duration;

  /**
   * How long before the end of its token a session ends (`TOKEN_TIMEOUT_MARGIN`), in whole seconds,
   * so that long requests such as uploads are not interrupted.
   *
   * @default - Horizon's default: 0 seconds
   */
  readonly tokenTimeoutMargin?: Duration;

  /**
   * Whether each request restarts the timeout (`SESSION_REFRESH`). Otherwise a session ends
   * `timeout` after the login, even if it is used.
   *
   * @default true
   */
  readonly refresh?: boolean;

  /**
   * The name of the session cookie (`SESSION_COOKIE_NAME`). With the prefix `__Host-`, browsers
   * accept the cookie only from this host and over HTTPS: other hosts of the domain cannot set it.
   * Changing it ends all sessions.
   *
   * @default '__Host-sessionid'
   */
  readonly cookieName?: string;

  /**
   * The requests with which browsers send the cookie (`SESSION_COOKIE_SAMESITE`).
   *
   * @default SameSite.LAX
   */
  readonly sameSite?: SameSite;
}

/**
 * Options of sessions in memcached.
 */
export interface MemcachedSessionOptions extends SessionOptions {
  /**
   * Whether a login ends the user's other sessions (`SIMULTANEOUS_SESSIONS`).
   *
   * @default false
   */
  readonly oneSessionPerUser?: boolean;

  /**
   * The prefix of session keys (`SESSION_KEY_PREFIX`), for dashboards that share one memcached.
   * Changing it ends all sessions.
   *
   * @default 'session'
   */
  readonly keyPrefix?: string;

  /**
   * Whether sessions are encrypted and authenticated before they leave the host
   * (`MEMCACHED_SEALING`). Without it, anyone who can read memcached gets every user's tokens, and
   * anyone who can write to it can run code on the hosts; the rule pack warns. Keys are hashed in
   * both cases. Changing it ends all sessions.
   *
   * @default true
   */
  readonly sealing?: boolean;

  /**
   * The maximum size of a session (`MEMCACHED_MAX_ITEM_SIZE`), in whole bytes from 1 KiB to 128
   * MiB. A user whose session is larger cannot log in. A session contains the service catalog, so
   * clouds with thousands of endpoints need more than the default. Memcached must accept items of
   * this size: give a `MemcachedCluster` a `parameterGroupName` with that `max_item_size`, or start
   * your own servers with `-I`. ElastiCache Serverless accepts 1 MiB at most.
   *
   * @default Size.mebibytes(1)
   */
  readonly maxSessionSize?: Size;
}

/**
 * Options of sessions in cookies.
 */
export interface CookieSessionOptions extends SessionOptions {
  /**
   * Whether the cookie is encrypted in addition to being signed, so that no token is readable in
   * the browser. Changing it ends all sessions.
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
 * The session back end of Horizon. Local memory is not available, since neither processes nor hosts
 * share it (statement 24).
 *
 * @see https://docs.openstack.org/security-guide/dashboard/front-end-caching-session-back-end.html
 */
export abstract class SessionBackend {
  /**
   * Stores sessions in memcached, with Django's cache back end, as the guide recommends (statement
   * 22). The browser only stores a session ID.
   *
   * @param cluster a `MemcachedCluster`, a `ServerlessMemcached` or `MemcachedServers`
   * @throws if options are malformed or contradict each other
   */
  public static memcached(cluster: IMemcached, options?: MemcachedSessionOptions): SessionBackend {
    return new MemcachedSessions(cluster, options ?? {});
  }

  /**
   * Stores sessions in signed cookies. There is no shared store to operate, but the browser stores
   * readable access tokens and sends them with every request (statement 25), unless `sealing` is
   * on. A session is limited to the size of a cookie, 4 KB, and a logout does not end copies of it.
   *
   * @throws if options are malformed or contradict each other
   */
  public static signedCookies(options?: CookieSessionOptions): SessionBackend {
    return new CookieSessions(options ?? {});
  }

  /**
   * The environment parameters that make a host or a container use these sessions. For a container
   * of Amazon ECS, `addToContainer` passes them.
   *
   * @see docs/environment.md
   */
  public abstract readonly environment: { [name: string]: string };

  /** How long a session lasts without a request. */
  public abstract readonly timeout: Duration;

  /** Memcached that holds the sessions; undefined if cookies do. @internal */
  public readonly _memcached?: IMemcached;

  /**
   * Makes a container of Amazon ECS a dashboard with these sessions: passes the environment
   * parameters of the settings and of the sessions and the secret key, allows the service to reach
   * the session store, and adds the warnings of `bind`. The rule pack recognizes the dashboard by
   * these parameters.
   *
   * Variables of the same name that the container already has are replaced; an attempt to change
   * one later is an error at synth time. A container without a health check causes a warning.
   *
   * @param container the container that runs Horizon
   * @param options settings, secret key and service
   * @throws if the service does not run the container, the URL of static media is malformed, or
   * settings and sessions contradict each other
   * @see docs/containers.md
   */
  public addToContainer(
    container: ecs.ContainerDefinition,
    options: DashboardContainerOptions,
  ): void {
    requireContainer(container, options);
    this.bind(container, options.settings);
    this.allowFrom(options.service);
    configureContainer(container, options, this.environment);
  }

  /**
   * Allows hosts or containers to reach the session store. `addToContainer` calls it with the
   * service of a container.
   *
   * @param client the hosts, or the service that runs the containers
   * @throws if the connections of your own implementation of `IMemcached` have no default port
   */
  public abstract allowFrom(client: ec2.IConnectable): void;

  /**
   * Adds warnings about this back end at synth time. Dashboard hosts and `addToContainer` call it.
   * Call it yourself if you pass `environment` to containers in another way.
   *
   * @param scope the construct that uses the sessions; acknowledge warnings on it or on one around
   * it
   * @param settings Horizon's settings, which may contradict those of the sessions
   * @throws if settings and sessions contradict each other
   */
  public abstract bind(scope: IConstruct, settings?: DashboardSettings): void;
}

/** The settings of both back ends, and their contradictions. */
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
        'be SameSite.LAX with webSso',
        sameSite.value,
        'a browser that returns from the identity provider would not send the cookie of its new session',
      );
    }
    if (sameSite === SameSite.NONE) {
      Validations.of(scope).addWarning(
        `${ID}:sessionCookieSameSiteNone`,
        'browsers send the session cookie with requests from the pages of any site (SameSite=None): only CSRF tokens protect a session from other sites; use SameSite.LAX',
      );
    }
    if (
      !tokenLifetime &&
      !this.timeout.isUnresolved() &&
      this.timeout.toSeconds() > KEYSTONE_TOKEN_LIFETIME.toSeconds()
    ) {
      Validations.of(scope).addWarning(
        `${ID}:sessionTimeoutTokenLifetime`,
        `timeout is ${this.timeout.toSeconds()} seconds, but sessions end with their token, by default after ${KEYSTONE_TOKEN_LIFETIME.toSeconds()} seconds; set tokenLifetime if the tokens of your Keystone are valid for longer`,
      );
    }
  }
}

class MemcachedSessions extends SessionBackend {
  public readonly environment: { [name: string]: string };
  public readonly timeout: Duration;
  public override readonly _memcached: IMemcached;
  private readonly common: CommonSettings;

  constructor(cluster: IMemcached, options: MemcachedSessionOptions) {
    super();
    const { oneSessionPerUser, keyPrefix, sealing, maxSessionSize } = options;
    const bounds = boundsOf('MEMCACHED_MAX_ITEM_SIZE');
    const maxBytes =
      maxSessionSize && requireBytes(undefined, 'maxSessionSize', maxSessionSize, ...bounds);
    if (maxBytes !== undefined) {
      const limit = cluster.maxItemSize?.toBytes({ rounding: SizeRoundingBehavior.FLOOR });
      if (limit !== undefined && known(limit, maxBytes) && maxBytes > limit) {
        throw invalid(
          undefined,
          'maxSessionSize',
          `be at most the maxItemSize of ${cluster.node.path} (${limit} bytes)`,
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
    expectClients(cluster);
    this._memcached = cluster;
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
    if (!this._memcached.connections.defaultPort) {
      throw invalid(
        this._memcached,
        'connections',
        'have a default port',
        null,
        'it is opened for clients',
      );
    }
    noteClient(this._memcached);
    allowToDefaultPort(client, this._memcached, 'sessions');
  }

  public bind(scope: IConstruct, settings?: DashboardSettings): void {
    this.common.bind(scope, settings);
    if (!this._memcached.transitEncryption) {
      Validations.of(scope).addWarning(
        `${ID}:memcachedWithoutTls`,
        `hosts connect to memcached ${this._memcached.node.path} without TLS: the OpenStack Security Guide requires that there is no data leakage, and memcached has no login; use servers with TLS`,
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
    // Nothing to reach: the browser holds the session
  }

  public bind(scope: IConstruct, settings?: DashboardSettings): void {
    this.common.bind(scope, settings);
    if (!this.sealed) {
      Validations.of(scope).addWarning(
        `${ID}:signedCookies`,
        'sessions are stored in signed, but unencrypted cookies: sensitive access tokens are stored in the browser and transmitted with each request made, and only HTTPS encrypts them; the OpenStack Security Guide recommends memcached (SessionBackend.memcached), and sealing: true encrypts the cookies',
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
