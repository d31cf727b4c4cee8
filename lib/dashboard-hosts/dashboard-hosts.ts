import { Size, SizeRoundingBehavior, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { CUSTOMIZATION, SITE_FOLDER, STATIC_PATH } from '../contract/constants';
import { boundsOf, constructDefault, constructNumber } from '../contract/environment';
import { SessionBackend } from '../session/session-backend';
import { CaCertificates } from '../settings/ca-certificates';
import { DashboardSettings } from '../settings/dashboard-settings';
import { keystonePorts } from '../settings/regions';
import { requireBytes, requireInteger } from '../shared/validate';
import { invalid } from '../shared/errors';
import { grantSecret } from '../shared/grant-secret';
import { injectProps } from '../shared/property-injection';
import { grantReleases, STATIC_SETTLE_SECONDS, STATIC_WAIT_SECONDS } from '../static/releases';
import { StaticTier } from '../static/static-tier';
import { Theme } from './theme';
import {
  DEFAULT_VOLUME_GIBIBYTES,
  HostGroup,
  HostGroupOptions,
  HostGroupProps,
} from '../hosts/host-group';
import { hstsMaxAge, HstsOptions } from '../hosts/hsts';
import { HORIZON_APIS, OpenStackApi } from './openstack-api';
import { HorizonRelease } from './horizon-release';
import { HORIZON_SERVICES, HorizonPlugin, pluginPolicies, pluginsIn } from './horizon-plugin';
import { Customization } from './customization';
import { DashboardMessage } from './dashboard-message';
import { PolicyFile } from './policy-file';
import { SiteFiles } from './site-files';
import { createSecretKey } from '../secret/secret-key';
import { METADATA_KEY } from '../hosts/user-data';

/**
 * Options of the dashboard hosts.
 */
export interface DashboardHostsOptions extends HostGroupOptions {
  /**
   * The number of gunicorn's `sync` workers on a host, each of which answers one request at a time
   * (statement 8). Downloads of objects do not occupy a worker: threads copy them, within the limits of
   * `downloads` in the settings.
   *
   * @default - four per vCPU, fewer on hosts with little memory, at least two
   * ([measurements](https://github.com/cdk-openstack-dashboard/cdk-openstack-dashboard/blob/main/docs/performance.md#workers))
   */
  readonly workers?: number;

  /**
   * The maximum size of a request's body (statement 60), in whole bytes. It also limits uploads to
   * object storage through the dashboard.
   *
   * @default - 1 MiB; with `ImageUpload.legacy()`, 1 MiB more than the maximum size of an image
   */
  readonly maxRequestSize?: Size;

  /**
   * The number of logins and password changes per minute that a host accepts from one client
   * address, from 1 to 6000, after a burst of ten. Users behind one NAT gateway share an address.
   *
   * @default 30
   */
  readonly loginRate?: number;

  /**
   * A custom theme. Another theme is another release of static media.
   *
   * @default - Horizon's own themes
   */
  readonly theme?: Theme;

  /**
   * Plugins, which add panels of other services. Their packages are installed, the ports of their APIs
   * are open, and the policies of their services are used. They are a part of the release of static
   * media. A plugin of Debian 13 in `extraPackages` is the same.
   *
   * @default - none
   */
  readonly plugins?: HorizonPlugin[];

  /**
   * Rules of services that differ from the services' defaults, by the type of the service, such as
   * `compute`: one of identity, compute, image, network and volume, or a service whose policies a plugin
   * has. They decide which actions the dashboard offers.
   *
   * @default - the defaults of the services
   */
  readonly policies?: { [service: string]: PolicyFile };

  /**
   * A Python module, templates and static files that change Horizon. Its static files are a part of the
   * release of static media.
   *
   * @default - none
   */
  readonly customization?: Customization;

  /**
   * Messages that users see after they have logged in.
   *
   * @default - none
   */
  readonly messages?: DashboardMessage[];

  /**
   * The release of Horizon, and its source. Changing it replaces the hosts and ends no session, since
   * hosts of two releases share them. Plugins are only possible with that of Debian.
   *
   * @default HorizonRelease.debian()
   */
  readonly horizonRelease?: HorizonRelease;

  /**
   * TCP ports of the OpenStack APIs that the hosts can reach, in addition to 443. If it is set,
   * only these ports and those of `apis` are open. If the port of an API is closed, pages show that
   * the API did not answer.
   *
   * @default - the port of the Keystone URL (5000 if it is not known at synth time), the standard
   * ports of the APIs that Horizon itself calls (compute, block storage, placement, image, network
   * and object storage), and those of plugins
   */
  readonly apiPorts?: number[];

  /**
   * Further OpenStack APIs that the hosts can reach, which no plugin in `plugins` names.
   *
   * @default - none
   */
  readonly apis?: OpenStackApi[];

  /**
   * The addresses of the OpenStack APIs.
   *
   * @default - those of `egressPeers`: any IPv4 address by default
   */
  readonly apiPeer?: ec2.IPeer;
}

/**
 * Properties of `DashboardHosts`.
 */
export interface DashboardHostsProps extends DashboardHostsOptions, HostGroupProps {
  /** Horizon's settings. */
  readonly settings: DashboardSettings;

  /** The session back end. */
  readonly session: SessionBackend;

  /**
   * Django's `SECRET_KEY`, shared by all hosts (statements 35 to 38): a secret with a plain string
   * of at least 64 random characters. Another secret ends all sessions.
   *
   * @default - a new one, generated by Secrets Manager
   */
  readonly secretKey?: secretsmanager.ISecret;

  /**
   * HTTP Strict Transport Security (statements 18 and 58).
   *
   * @default - a year, with subdomains
   */
  readonly hsts?: HstsOptions;

  /**
   * The tier that serves static media.
   *
   * @default - the hosts serve it themselves, under `/static/`
   */
  readonly staticTier?: StaticTier;

  /**
   * The load balancer, through which a host checks whether the static tier has its files.
   *
   * @default - the host waits until every static host that reaches the asset bucket has pulled them
   */
  readonly loadBalancer?: elbv2.IApplicationLoadBalancer;
}

/** The packages of a dashboard host, with those of its release of Horizon. */
export const DASHBOARD_PACKAGES = [
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
 * CloudFormation, only after a boot check has compared the effective settings with the requested
 * ones.
 */
export class DashboardHosts extends HostGroup {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-openstack-dashboard.DashboardHosts';

  /** Django's `SECRET_KEY`. */
  public readonly secretKey: secretsmanager.ISecret;

  /** The environment parameters of the hosts, without secrets. */
  public readonly environment: { [name: string]: string };

  /**
   * @throws if capacities, subnets, ports, sizes or durations are invalid, or plugins are used with
   * `HorizonRelease.upstream()`
   */
  constructor(scope: Construct, id: string, props: DashboardHostsProps) {
    props = injectProps(DashboardHosts, scope, id, props);
    const needed = neededGibibytes(props.settings);
    super(scope, id, {
      ...props,
      volumeSize: props.volumeSize ?? Size.gibibytes(Math.max(DEFAULT_VOLUME_GIBIBYTES, needed)),
    });

    if (props.workers !== undefined) {
      requireInteger(this, 'workers', props.workers, ...boundsOf('GUNICORN_WORKERS'));
    }
    const imageUpload = props.settings._imageUpload;
    if (imageUpload?.maxSize && props.volumeSize) {
      const reason = 'uploaded images are stored twice until the image service has them';
      const gibibytes = props.volumeSize.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
      if (!Token.isUnresolved(gibibytes) && gibibytes < needed) {
        throw invalid(this, 'volumeSize', `be at least ${needed} GiB`, gibibytes, reason);
      }
    }
    const uploads = props.settings.maxUploadSize?.toBytes() ?? 0;
    const maxRequestSize = requireBytes(
      this,
      'maxRequestSize',
      props.maxRequestSize ?? Size.bytes(constructNumber('CLIENT_MAX_BODY_SIZE') + uploads),
      ...boundsOf('CLIENT_MAX_BODY_SIZE'),
    );
    const loginRate = props.loginRate ?? constructNumber('LOGIN_RATE');
    requireInteger(this, 'loginRate', loginRate, ...boundsOf('LOGIN_RATE'));
    const release = props.horizonRelease ?? HorizonRelease.debian();
    const refused = release._refused(props.extraPackages, props.plugins);
    if (refused !== undefined) {
      throw invalid(
        this,
        props.plugins?.length ? 'plugins' : 'extraPackages',
        'have no plugin with HorizonRelease.upstream()',
        refused,
        "Debian's plugins are made for Debian's Horizon",
      );
    }
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
    props.settings._warn(this);
    props.session.bind(this, props.settings);
    props.session.allowFrom(this);
    this.secretKey = props.secretKey ?? createSecretKey(this, 'SecretKey', props.encryptionKey);
    grantSecret(this.secretKey, this.role);
    if (staticTier) {
      // A host publishes new releases and reads those of others
      grantReleases(staticTier.assetBucket, this.role, 's3:GetObject', 's3:PutObject');
    }

    const siteFiles = new SiteFiles();
    this.environment = {
      ...props.settings.environment,
      ...props.session.environment,
      SECRET_KEY_SECRET_ID: this.secretKey.secretArn,
      STATIC_BASE_URL: staticTier?.baseUrl ?? STATIC_PATH,
      ...(props.theme ? { THEME: props.theme.name, THEME_LABEL: props.theme.label } : {}),
      ...this.policies(props, siteFiles),
      ...customize(props, siteFiles),
    };
    const site = siteFiles.pack(this);
    this._provision({
      tier: 'dashboard',
      packages: [
        ...release._packages,
        ...DASHBOARD_PACKAGES,
        ...(props.plugins ?? []).map((plugin) => plugin.debianPackage),
      ],
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
        UPLOADS_AT_ONCE: Tokenization.stringifyNumber(
          imageUpload?.concurrentUploads ?? constructNumber('UPLOADS_AT_ONCE'),
        ),
        UPLOAD_SECONDS: Tokenization.stringifyNumber(
          imageUpload?.transferTimeout?.toSeconds() ?? constructNumber('UPLOAD_SECONDS'),
        ),
        LOGIN_RATE: Tokenization.stringifyNumber(loginRate),
        SESSION_COOKIE_NAME:
          props.session.environment.SESSION_COOKIE_NAME ?? constructDefault('SESSION_COOKIE_NAME'),
        ...(props.workers === undefined
          ? {}
          : { GUNICORN_WORKERS: Tokenization.stringifyNumber(props.workers) }),
        ...(props.theme
          ? { THEME_RESOURCE: this._carry('Theme', props.theme._hash, props.theme._files) }
          : {}),
        ...(site ? { SITE_FILES_RESOURCE: this._carry('SiteFiles', site.hash, site.files) } : {}),
        ...(release._files === undefined
          ? {}
          : {
              HORIZON_RESOURCE: this._carry('Horizon', release._hash, release._files),
              HORIZON_INDEX_URL: release._indexUrl!,
            }),
        ...this.caCertificates(props.settings._caCertificates),
      },
      dashboardEnvironment: this.environment,
    });
    // The rule pack and reviewers read the configuration of the hosts from the template.
    (this.launchTemplate.node.defaultChild as ec2.CfnLaunchTemplate).addMetadata(METADATA_KEY, {
      environment: this.environment,
    });
  }

  private policies(props: DashboardHostsProps, files: SiteFiles): { [name: string]: string } {
    const plugins = pluginsOf(props);
    const policies = Object.entries(props.policies ?? {});
    const known = new Set([
      ...HORIZON_SERVICES,
      ...plugins.flatMap((plugin) => plugin.policies.map(({ service }) => service)),
    ]);
    for (const [service, policy] of policies) {
      if (!known.has(service)) {
        throw invalid(
          this,
          'policies',
          `have services whose rules the dashboard checks (${[...known].sort().join(', ')})`,
          service,
          'add the plugin of another service to plugins',
        );
      }
      files.add(`policies/${service}/rules.json`, policy._content);
    }
    const linked = pluginPolicies(plugins);
    return {
      ...(linked ? { PLUGIN_POLICIES: linked } : {}),
      ...(policies.length ? { SITE_POLICIES: policies.map(([service]) => service).join(',') } : {}),
    };
  }

  private caCertificates(certificates?: CaCertificates): { [name: string]: string } {
    if (!certificates) {
      return {};
    }
    certificates._warn(this);
    const { _files, _hash, _unresolved, includeSystemCertificates } = certificates;
    return {
      ...(_files ? { CA_CERTIFICATES_RESOURCE: this._carry('CaCertificates', _hash, _files) } : {}),
      ...(_unresolved ? { CA_CERTIFICATES: _unresolved } : {}),
      SYSTEM_CA_CERTIFICATES: String(includeSystemCertificates),
    };
  }
}

/** The customization and the messages. */
function customize(props: DashboardHostsProps, files: SiteFiles): { [name: string]: string } {
  const { customization, messages = [] } = props;
  if (customization) {
    files.add(`${CUSTOMIZATION}/__init__.py`, '');
    files.addAll(CUSTOMIZATION, customization._files);
  }
  messages.forEach((message, at) => files.add(`messages/${at + 1}.json`, message._content));
  return {
    ...(customization ? { CUSTOMIZATION } : {}),
    ...(customization?.module
      ? { CUSTOMIZATION_MODULE: `${CUSTOMIZATION}.${customization.module}` }
      : {}),
    ...(messages.length ? { MESSAGES_PATH: `${SITE_FOLDER}/messages` } : {}),
  };
}

function pluginsOf(props: DashboardHostsProps): HorizonPlugin[] {
  return [...new Set([...(props.plugins ?? []), ...pluginsIn(props.extraPackages ?? [])])];
}

/** The space for the system, packages, releases and logs. */
const OTHER_GIBIBYTES = 6;

/** The GiB that a volume needs for each image twice: as nginx receives it, and as Horizon does. */
function neededGibibytes({ _imageUpload: upload }: DashboardSettings): number {
  const { maxSize = Size.gibibytes(0), concurrentUploads = 0 } = upload ?? {};
  const images = maxSize.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
  return OTHER_GIBIBYTES + Math.ceil(2 * images * concurrentUploads);
}

function apiPorts(props: DashboardHostsProps): Set<number> {
  const apis = pluginsOf(props).flatMap((plugin) => plugin.apis);
  const standard = [...HORIZON_APIS, ...apis].flatMap(({ ports }) => ports);
  return new Set([
    ...(props.apiPorts ?? [...keystonePorts(props.settings._keystoneUrls), ...standard]),
    ...(props.apis ?? []).flatMap(({ ports }) => ports),
  ]);
}
