import { Size, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { STATIC_PATH } from '../contract/constants';
import { boundsOf, constructDefault } from '../contract/environment';
import { SessionBackend } from '../session/session-backend';
import { DashboardSettings } from '../settings/dashboard-settings';
import { requireInteger } from '../settings/validate';
import { invalid } from '../shared/errors';
import { grantReleases, STATIC_SETTLE_SECONDS, STATIC_WAIT_SECONDS } from '../static/releases';
import { StaticTier } from '../static/static-tier';
import { Theme } from '../static/theme';
import { HostGroup, HostGroupOptions, HostGroupProps } from './host-group';
import { hstsMaxAge, HstsOptions } from './hsts';
import { HORIZON_APIS, OpenStackApi, PLUGIN_APIS } from './openstack-api';
import { createSecretKey, grantSecretKey } from './secret-key';
import { METADATA_KEY } from './user-data';

/**
 * What a site may choose of its dashboard hosts.
 */
export interface DashboardHostsOptions extends HostGroupOptions {
  /**
   * The number of gunicorn's `sync` workers on a host, each of which answers one request at a time
   * (statement 8). Downloads of objects do not occupy a worker: threads copy them, within the limits of
   * `downloads` in the settings.
   *
   * @default 4
   */
  readonly workers?: number;

  /**
   * The maximum size of a request's body (statement 60), in whole bytes. It bounds what users upload to
   * the object store through the dashboard, too.
   *
   * @default - 1 MiB; with `ImageUpload.legacy()`, 1 MiB more than an image may have
   */
  readonly maxRequestSize?: Size;

  /**
   * How many logins and changes of passwords per minute a host lets one client address try, from 1
   * to 6000, beyond a burst of ten. Users behind one NAT gateway share an address.
   *
   * @default 30
   */
  readonly loginRate?: number;

  /**
   * HTTP Strict Transport Security (statements 18 and 58).
   *
   * @default - a year, with subdomains
   */
  readonly hsts?: HstsOptions;

  /**
   * The site's own look.
   *
   * @default - Horizon's own themes
   */
  readonly theme?: Theme;

  /**
   * TCP ports of the OpenStack APIs that the hosts may reach, besides 443: with it, no others than
   * these and those of `apis`. A port that is shut is a page that says that the API did not answer.
   *
   * @default - the port of the Keystone URL (5000 where it is not known at synth), the standard ports
   * of the APIs that Horizon itself calls (compute, block storage, placement, image, network and
   * object storage), and those of the plugins in `extraPackages` that Debian has
   */
  readonly apiPorts?: number[];

  /**
   * Further OpenStack APIs that the hosts may reach, such as those of plugins that come with the
   * machine image.
   *
   * @default - none
   */
  readonly apis?: OpenStackApi[];

  /**
   * Where the OpenStack APIs are.
   *
   * @default - any IPv4 address
   */
  readonly apiPeer?: ec2.IPeer;
}

/**
 * Properties of `DashboardHosts`.
 */
export interface DashboardHostsProps extends DashboardHostsOptions, HostGroupProps {
  /** Horizon's settings. */
  readonly settings: DashboardSettings;

  /** Where sessions are kept. */
  readonly session: SessionBackend;

  /**
   * The secret that Django signs with, shared by all hosts (statements 35 to 38): a plain string of at
   * least 64 random characters.
   *
   * @default - a new one, made by Secrets Manager
   */
  readonly secretKey?: secretsmanager.ISecret;

  /**
   * The tier that serves static media.
   *
   * @default - the hosts serve it themselves, under `/static/`
   */
  readonly staticTier?: StaticTier;

  /**
   * The load balancer through which a host sees whether the static tier has its files.
   *
   * @default - the host waits until every static host that reaches the asset bucket has pulled them
   */
  readonly loadBalancer?: elbv2.IApplicationLoadBalancer;
}

/** The packages of a dashboard host. */
export const DASHBOARD_PACKAGES = [
  'openstack-dashboard',
  'gunicorn',
  'nginx-light',
  'libnginx-mod-http-brotli-static',
  'brotli',
  'python3-pymemcache',
  'python3-cryptography',
  'logrotate',
  'openssl',
  'curl',
  'ca-certificates',
];

/**
 * Stateless hosts that run Horizon under gunicorn behind nginx. A host takes traffic, and signals
 * CloudFormation, only after a check that the effective settings are the requested ones.
 */
export class DashboardHosts extends HostGroup {
  /** The secret that Django signs with. */
  public readonly secretKey: secretsmanager.ISecret;

  /** The environment parameters of the hosts, as they are. Secrets are not among them. */
  public readonly environment: { [name: string]: string };

  /**
   * @throws if capacities, subnets, ports, sizes or durations cannot work
   */
  constructor(scope: Construct, id: string, props: DashboardHostsProps) {
    super(scope, id, props);

    const workers = props.workers ?? 4;
    requireInteger(this, 'workers', workers, 1, 64);
    const maxRequestSize =
      props.maxRequestSize?.toBytes() ??
      Number(constructDefault('CLIENT_MAX_BODY_SIZE')) +
        (props.settings.maxUploadSize?.toBytes() ?? 0);
    const loginRate = props.loginRate ?? Number(constructDefault('LOGIN_RATE'));
    requireInteger(this, 'loginRate', loginRate, ...boundsOf('LOGIN_RATE'));
    const sizes = boundsOf('CLIENT_MAX_BODY_SIZE');
    requireInteger(this, 'maxRequestSize', maxRequestSize, ...sizes, 'bytes');
    const { staticTier } = props;
    if (
      staticTier &&
      !Token.isUnresolved(staticTier.domainName) &&
      !Token.isUnresolved(props.settings.domainName) &&
      staticTier.domainName !== props.settings.domainName
    ) {
      throw invalid(
        this,
        'staticTier',
        `have the domainName of settings (${props.settings.domainName})`,
        staticTier.domainName,
      );
    }

    for (const port of apiPorts(props)) {
      requireInteger(this, 'apiPorts', port, 1, 65535);
      this.allowToApi(port, props.apiPeer);
    }
    props.session.bind(this, props.settings);
    props.session.allowFrom(this);
    this.secretKey = props.secretKey ?? createSecretKey(this, 'SecretKey', props.encryptionKey);
    grantSecretKey(this.secretKey, this.role);
    if (staticTier) {
      // a host publishes new releases and reads those of others
      grantReleases(staticTier.assetBucket, this.role, 's3:GetObject', 's3:PutObject');
    }

    this.environment = {
      ...props.settings.environment,
      ...props.session.environment,
      SECRET_KEY_SECRET_ID: this.secretKey.secretArn,
      STATIC_BASE_URL: staticTier?.baseUrl ?? STATIC_PATH,
      ...(props.theme ? { THEME: props.theme.name, THEME_LABEL: props.theme.label } : {}),
    };
    this._provision({
      tier: 'dashboard',
      packages: DASHBOARD_PACKAGES,
      hostEnvironment: {
        ASSET_BUCKET: staticTier?.assetBucket.bucketName ?? '',
        SERVER_NAME: props.settings.domainName,
        ENTRY_ENDPOINT: props.loadBalancer?.loadBalancerDnsName ?? '',
        STATIC_SETTLE_SECONDS: String(STATIC_SETTLE_SECONDS),
        STATIC_WAIT_SECONDS: String(STATIC_WAIT_SECONDS),
        HSTS_MAX_AGE: hstsMaxAge(this, props.hsts),
        HSTS_INCLUDE_SUBDOMAINS: String(
          props.hsts?.includeSubdomains ?? constructDefault('HSTS_INCLUDE_SUBDOMAINS'),
        ),
        CLIENT_MAX_BODY_SIZE: Tokenization.stringifyNumber(maxRequestSize),
        LOGIN_RATE: Tokenization.stringifyNumber(loginRate),
        SESSION_COOKIE_NAME:
          props.session.environment.SESSION_COOKIE_NAME ?? constructDefault('SESSION_COOKIE_NAME'),
        GUNICORN_WORKERS: Tokenization.stringifyNumber(workers),
        ...(props.theme
          ? { THEME_RESOURCE: this._carry('Theme', props.theme._hash, props.theme._files) }
          : {}),
      },
      dashboardEnvironment: this.environment,
    });
    // The rule pack and reviewers read from the template alone what the hosts were told.
    (this.launchTemplate.node.defaultChild as ec2.CfnLaunchTemplate).addMetadata(METADATA_KEY, {
      environment: this.environment,
    });
  }
}

function apiPorts(props: DashboardHostsProps): Set<number> {
  const plugins = (props.extraPackages ?? []).flatMap((name) =>
    Object.hasOwn(PLUGIN_APIS, name) ? [PLUGIN_APIS[name]] : [],
  );
  const standard = [...HORIZON_APIS, ...plugins].flatMap(({ ports }) => ports);
  return new Set([
    ...(props.apiPorts ?? [keystonePort(props.settings), ...standard]),
    ...(props.apis ?? []).flatMap(({ ports }) => ports),
  ]);
}

function keystonePort(settings: DashboardSettings): number {
  if (Token.isUnresolved(settings.keystoneUrl)) {
    return 5000;
  }
  return Number(new URL(settings.keystoneUrl).port || 443);
}
