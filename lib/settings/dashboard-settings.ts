import { Duration, Size, Token, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import {
  boundsOf,
  constructDefault,
  keysOf,
  ownedSettings,
  parametersOf,
  propOf,
} from '../contract/environment';
import { CA_CERTIFICATES_FILE } from '../contract/constants';
import { isPlainUrl } from '../contract/urls';
import { invalid } from '../shared/errors';
import { CaCertificates } from './ca-certificates';
import { consoleSources, ContentSecurityPolicy, policyParameters } from './content-security-policy';
import { DomainLogin } from './domain-login';
import { ImageUpload } from './image-upload';
import { requireKeystoneUrl } from './keystone-url';
import { HorizonConfig, horizonParameters } from './horizon-config';
import { FilteredList, ListLimits, renderLists } from './lists';
import { LoginAttempts, renderLoginAttempts } from './login-attempts';
import { KeystoneRegion, renderRegions } from './regions';
import { ServiceSettings, serviceParameters } from './service-settings';
import { SettingValue } from './setting-value';
import { isTimeZone } from './time-zones';
import { WebSso } from './web-sso';
import { requireDomainName, requireInteger, requireLine, requireSeconds } from '../shared/validate';

/**
 * The type of a service's URLs in the Keystone catalog that the hosts use.
 */
export class EndpointType {
  /** `publicURL` */
  public static readonly PUBLIC = new EndpointType('publicURL');
  /** `internalURL` */
  public static readonly INTERNAL = new EndpointType('internalURL');

  /** Any other value of `OPENSTACK_ENDPOINT_TYPE`. */
  public static of(name: string): EndpointType {
    return new EndpointType(name);
  }

  private constructor(
    /** The value of `OPENSTACK_ENDPOINT_TYPE`. */
    public readonly name: string,
  ) {}
}

/**
 * How long the dashboard waits for OpenStack APIs. If an API does not answer in time, the page
 * shows an error, and the host does not call the API again for 10 seconds.
 */
export interface ApiTimeouts {
  /**
   * The time to connect, per address, in whole seconds from 1 to 10.
   *
   * @default Duration.seconds(4)
   */
  readonly connect?: Duration;

  /**
   * The time until an API begins to answer a login or a request that only reads, and between two
   * parts of the answer, in whole seconds from 1 to 45.
   *
   * @default Duration.seconds(20)
   */
  readonly read?: Duration;

  /**
   * The time for all API calls of a page together, in whole seconds from 1 to 45. The timeouts of
   * gunicorn, nginx and the load balancer are longer.
   *
   * @default Duration.seconds(40)
   */
  readonly page?: Duration;
}

/**
 * How many objects users can download through the dashboard at the same time. Downloads do not
 * occupy the workers of a host.
 */
export interface DownloadLimits {
  /**
   * The number of downloads per gunicorn worker, from 1 to 64.
   *
   * @default 16
   */
  readonly perWorker?: number;

  /**
   * The number of downloads per session and host, from 1 to 64.
   *
   * @default 8
   */
  readonly perSession?: number;
}

/**
 * Measures that make pages faster without changing their content. Each has a switch, to find the
 * cause of a fault. A measure for other library versions than those of the hosts turns itself off;
 * the boot check and the log of gunicorn report it.
 *
 * @see docs/performance.md
 */
export interface QuickPages {
  /**
   * Version documents, lists of extensions and schemas of services are kept for five minutes, so an
   * upgrade of a service takes effect up to five minutes later.
   *
   * @default true
   */
  readonly keptDocuments?: boolean;

  /**
   * A page does not send the same API request twice.
   *
   * @default true
   */
  readonly askOnce?: boolean;

  /**
   * A page sends its API calls when it begins, with at most six calls of a gunicorn worker at the
   * same time. Requires `askOnce`.
   *
   * @default true
   */
  readonly callsAhead?: boolean;

  /**
   * The API clients of a process share their connections.
   *
   * @default true
   */
  readonly keptConnections?: boolean;

  /**
   * The CA certificates of the APIs are read once per process, and again when the file changes.
   *
   * @default true
   */
  readonly trustStores?: boolean;

  /**
   * Nova's client uses the user's token, instead of requesting another one from Keystone on each
   * page.
   *
   * @default true
   */
  readonly novaToken?: boolean;

  /**
   * Log records that all handlers would drop are not created.
   *
   * @default true
   */
  readonly logLevels?: boolean;

  /**
   * Policy files are checked for changes every five seconds, not for each button of a page.
   *
   * @default true
   */
  readonly policyChecks?: boolean;

  /**
   * Translated plurals are created once per text, not once per button.
   *
   * @default true
   */
  readonly pluralForms?: boolean;

  /**
   * Objects of openstacksdk are created from tables of their class, not by searching the class.
   *
   * @default true
   */
  readonly sdkResources?: boolean;

  /**
   * Language, time zone and URLs of a request are stored in thread locals of Python, not of
   * asgiref.
   *
   * @default true
   */
  readonly threadLocals?: boolean;

  /**
   * Templates of themes are read once per process.
   *
   * @default true
   */
  readonly themeTemplates?: boolean;

  /**
   * Tags of compressed style sheets and scripts are looked up once per process.
   *
   * @default true
   */
  readonly compressedBlocks?: boolean;

  /**
   * Template variables are resolved, and templates rendered, without some exceptions and context
   * managers that Django uses.
   *
   * @default true
   */
  readonly templateRendering?: boolean;

  /**
   * Cinder's versions are determined once per minute per process, not for each panel of the menu.
   * Requires `keptDocuments`.
   *
   * @default true
   */
  readonly serviceVersions?: boolean;

  /**
   * The rules of time zones are read from their 500 files every five minutes, and their names are
   * built once per language, not for each page of user settings.
   *
   * @default true
   */
  readonly timeZones?: boolean;

  /**
   * Policies and CA certificates are read before workers are forked.
   *
   * @default true
   */
  readonly warmStart?: boolean;
}

/**
 * Horizon settings that a site can choose. Settings that the OpenStack Security Guide requires are
 * not here: they are always set and cannot be overridden.
 */
export interface DashboardSettingsOptions extends ServiceSettings {
  /**
   * Further fully qualified names of the dashboard (Django's `ALLOWED_HOSTS`).
   *
   * @default - only the domain name
   */
  readonly additionalHosts?: string[];

  /**
   * How users state their Keystone domain when they log in.
   *
   * @default DomainLogin.single('Default')
   */
  readonly domains?: DomainLogin;

  /**
   * The Keystones that users choose from when they log in (`AVAILABLE_REGIONS`). One of them has the
   * URL `keystoneUrl`.
   *
   * @default - only `keystoneUrl`, and no choice
   */
  readonly regions?: KeystoneRegion[];

  /**
   * The region of the catalog whose services users see after login, unless they have chosen another
   * one before (`DEFAULT_SERVICE_REGIONS`).
   *
   * @default - the region of the Keystone endpoint, or else the first one
   */
  readonly defaultServiceRegion?: string;

  /**
   * Whether users whom Keystone requires to do so can log in with a time-based one-time password as a
   * second factor (`OPENSTACK_KEYSTONE_MFA_TOTP_ENABLED`, `AUTHENTICATION_PLUGINS`).
   *
   * @default false
   */
  readonly totp?: boolean;

  /**
   * How long before its expiration a password causes a warning at login, in whole days from 1 to 365
   * (`PASSWORD_EXPIRES_WARNING_THRESHOLD_DAYS`).
   *
   * @default - no warning
   */
  readonly passwordExpiryWarning?: Duration;

  /**
   * How many wrong passwords of an account from a client address are passed on to Keystone.
   *
   * @default - 5, and one more per minute
   */
  readonly loginAttempts?: LoginAttempts;

  /**
   * How much of a large cloud a page shows.
   *
   * @default - Horizon's own limits
   */
  readonly listLimits?: ListLimits;

  /**
   * Lists that are empty until a user enters a filter (`FILTER_DATA_FIRST`).
   *
   * @default - none
   */
  readonly filterFirst?: FilteredList[];

  /**
   * Single sign-on through Keystone's federation (`WEBSSO_ENABLED` and its other settings).
   *
   * @default - users log in with a user name and a password only
   * @see docs/single-sign-on.md
   */
  readonly webSso?: WebSso;

  /**
   * The name of this Keystone in the menu with which users of Keystone-to-Keystone federation switch
   * to another one (`KEYSTONE_PROVIDER_IDP_NAME`).
   *
   * @default - Horizon's own, 'Local Keystone'
   */
  readonly keystoneProviderIdpName?: string;

  /**
   * The ID of this Keystone in that menu (`KEYSTONE_PROVIDER_IDP_ID`), other than the IDs of its
   * service providers.
   *
   * @default - Horizon's own, 'localkeystone'
   */
  readonly keystoneProviderIdpId?: string;

  /**
   * The type of the URLs in the Keystone catalog that the hosts use (`OPENSTACK_ENDPOINT_TYPE`).
   *
   * @default EndpointType.PUBLIC
   */
  readonly endpointType?: EndpointType;

  /**
   * The type of Keystone's URL in the catalog (`OPENSTACK_KEYSTONE_ENDPOINT_TYPE`).
   *
   * @default - that of `endpointType`
   */
  readonly keystoneEndpointType?: EndpointType;

  /**
   * The type of URL of a service that has none of the type `endpointType` (`SECONDARY_ENDPOINT_TYPE`).
   *
   * @default - none; the service is not shown
   */
  readonly secondaryEndpointType?: EndpointType;

  /**
   * The CA certificates of the OpenStack endpoints (`OPENSTACK_SSL_CACERT`), which the hosts get from
   * the stack. Other ones replace the hosts one at a time.
   *
   * @default - the system's CA certificates
   */
  readonly caCertificates?: CaCertificates;

  /**
   * The path of a file that the hosts already have, with the CA certificates of the OpenStack
   * endpoints (`OPENSTACK_SSL_CACERT`). It cannot be given with `caCertificates`.
   *
   * @default - the system's CA certificates
   */
  readonly caCertificateFile?: string;

  /**
   * A regular expression that new passwords must match (statement 45; Check-Dashboard-10).
   *
   * @default - 12 to 128 characters
   */
  readonly passwordRegex?: string;

  /**
   * The help text that explains `passwordRegex` to users.
   *
   * @default 'Your password must have 12 to 128 characters.'
   */
  readonly passwordHelpText?: string;

  /**
   * Whether and how users upload images through the dashboard (`HORIZON_IMAGES_UPLOAD_MODE`,
   * statement 11).
   *
   * @default ImageUpload.off()
   */
  readonly imageUpload?: ImageUpload;

  /**
   * Whether logins, logouts and each request that may change something are logged: one line of JSON with
   * the time, client, user, project, path, status and parameters, without passwords, tokens and other
   * secrets. It replaces Horizon's operation log, which logs the tokens of single sign-on.
   *
   * @default false
   */
  readonly operationLog?: boolean;

  /**
   * What browsers load, run and connect to for pages. Violations are reported to the log of the hosts.
   *
   * @default ContentSecurityPolicy.enforced()
   */
  readonly contentSecurityPolicy?: ContentSecurityPolicy;

  /**
   * The origins of the consoles of instances, as in `base_url` of Nova's `[vnc]`, `[spice]` and
   * `[serial_console]`: `https://console.example.org:6080`, and `wss://…` for serial consoles. Pages
   * show them in a frame, or connect to them.
   *
   * @default - none: pages only link to consoles
   */
  readonly consoleOrigins?: string[];

  /**
   * How long the dashboard waits for OpenStack APIs.
   *
   * @default - 4 seconds to connect, 20 seconds to read, 40 seconds per page
   */
  readonly apiTimeouts?: ApiTimeouts;

  /**
   * How many objects users can download at the same time.
   *
   * @default - 16 per worker, 8 per session and host
   */
  readonly downloads?: DownloadLimits;

  /**
   * Measures that make pages faster.
   *
   * @default - all measures are on
   */
  readonly quickPages?: QuickPages;

  /**
   * The time zone of displayed times, unless a user chooses another one (`TIME_ZONE`): a name of
   * the IANA database, such as `Europe/Berlin`.
   *
   * @default 'UTC'
   */
  readonly timeZone?: string;

  /**
   * The title of the pages (`SITE_BRANDING`).
   *
   * @default - Horizon's own
   */
  readonly siteBranding?: string;

  /**
   * Keys of `HORIZON_CONFIG`, and links of the user menu.
   *
   * @default - Horizon's own
   */
  readonly horizonConfig?: HorizonConfig;

  /**
   * Any other Horizon or Django settings, by name. Settings that the security rules own are
   * rejected.
   *
   * @default - none
   */
  readonly extraSettings?: { [name: string]: SettingValue };
}

/**
 * Properties of `DashboardSettings`.
 */
export interface DashboardSettingsProps extends DashboardSettingsOptions {
  /**
   * The fully qualified name of the dashboard (statements 2 and 9).
   */
  readonly domainName: string;

  /**
   * The https URL of Keystone's version 3 API, which ends with `/v3`:
   * `https://keystone.example.org:5000/v3`.
   */
  readonly keystoneUrl: string;
}

/** Settings of the library or its other props, which `extraSettings` cannot override. */
export const OWNED_SETTINGS = new Set(ownedSettings());

/** Prefixes of settings with URLs of OpenStack. */
const OPENSTACK_URLS = /^(AVAILABLE_REGIONS|KEYSTONE_|KUBECONFIG_|OPENSTACK_|WEBSSO_)/;

/** Names of settings that browsers must not read. */
const PRIVATE =
  /SECRET|TOKEN|PASSW|CREDENTIAL|PRIVATE|SIGN|(^|_)KEYS?(_|$)|CACHES|DATABASES|PROFILER|^EMAIL_|^CDK_/;

/**
 * Exits with 0 if the settings snippet ran to completion. Horizon logs what goes wrong in a snippet,
 * and starts with its defaults. The path is that of Debian's package.
 */
const SETTINGS_CHECK = [
  'import os, sys',
  'sys.path.append("/usr/share/openstack-dashboard")',
  'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openstack_dashboard.settings")',
  'from django.conf import settings',
  'sys.exit(getattr(settings, "CDK_OPENSTACK_DASHBOARD", None) != "complete")',
].join('; ');

/** Settings do not change while a container runs, and loading them takes a second of its CPU. */
const CHECKED = '/tmp/.openstack-dashboard-settings';

/**
 * Horizon's settings, as the environment parameters that a dashboard host or container reads: the
 * guide's checklist, and the settings that a site chooses.
 *
 * @see docs/environment.md
 */
export class DashboardSettings {
  /**
   * A health check for a container of Amazon ECS: the container is healthy when Horizon has loaded
   * these settings, instead of starting with its defaults. It needs `sh` and `python3`, and the
   * settings snippet of this package in the image. It does not call Keystone, memcached or Horizon,
   * so their faults do not stop containers.
   *
   * @see docs/environment.md
   */
  public static containerHealthCheck(): ecs.HealthCheck {
    const check = `python3 -c '${SETTINGS_CHECK}'`;
    return {
      // Where nothing can be written, it loads the settings each time
      command: [
        'CMD-SHELL',
        `test -e ${CHECKED} || { ${check} && { touch ${CHECKED} 2>/dev/null || :; }; }`,
      ],
      interval: Duration.seconds(30),
      timeout: Duration.seconds(30),
      retries: 3,
      startPeriod: Duration.minutes(1),
    };
  }

  /** The fully qualified name of the dashboard. */
  public readonly domainName: string;

  /** The https URL of Keystone's version 3 API. */
  public readonly keystoneUrl: string;

  /** The URLs of all Keystones. @internal */
  public readonly _keystoneUrls: string[];

  /** Whether the login page shows the names of domains. @internal */
  public readonly _publishesDomains: boolean;

  /**
   * The maximum size of an image that is uploaded through the hosts.
   *
   * @default - images are not uploaded through the hosts
   */
  public readonly maxUploadSize?: Size;

  /** How images are uploaded. @internal */
  public readonly _imageUpload?: ImageUpload;

  /** The CA certificates that hosts write to a file. @internal */
  public readonly _caCertificates?: CaCertificates;

  /**
   * Single sign-on.
   *
   * @default - none
   */
  public readonly webSso?: WebSso;

  /**
   * The URL that Keystone must trust for single sign-on: the value of `trusted_dashboard` in the
   * section `[federation]` of `keystone.conf`.
   */
  public readonly trustedDashboardUrl: string;

  /**
   * The environment parameters, by name. The session back end and the static tier add their own.
   */
  public readonly environment: { [name: string]: string };

  private readonly policy: ContentSecurityPolicy;

  /**
   * @throws if a name is not fully qualified, the Keystone URL is not https or not that of version
   * 3, a text is not one line, the hosts do not have the time zone, the password expression allows
   * everything, or an extra setting has an invalid name, belongs to the security rules, contains an
   * http URL of OpenStack or exposes a secret
   */
  constructor(props: DashboardSettingsProps) {
    requireDomainName(undefined, 'domainName', props.domainName);
    requireKeystoneUrl('keystoneUrl', props.keystoneUrl);
    for (const host of props.additionalHosts ?? []) {
      requireDomainName(undefined, 'additionalHosts', host);
    }
    requireTexts(props);
    const passwordRegex = props.passwordRegex ?? constructDefault('PASSWORD_VALIDATOR_REGEX');
    requirePasswordRegex(passwordRegex);
    requireLine(undefined, 'passwordRegex', passwordRegex);
    if (props.passwordRegex && !props.passwordHelpText) {
      throw invalid(
        undefined,
        'passwordHelpText',
        'be given with passwordRegex',
        null,
        'users see it when a password is rejected',
      );
    }

    this.domainName = props.domainName;
    this.keystoneUrl = props.keystoneUrl;
    this._keystoneUrls = [
      props.keystoneUrl,
      ...(props.regions ?? []).map(({ keystoneUrl }) => keystoneUrl),
    ];
    this._publishesDomains = props.domains?.publishesNames ?? false;
    this.maxUploadSize = props.imageUpload?.maxSize;
    this._imageUpload = props.imageUpload;
    this._caCertificates = props.caCertificates;
    const caCertificateFile = props.caCertificates ? CA_CERTIFICATES_FILE : props.caCertificateFile;
    this.webSso = props.webSso;
    this.policy = props.contentSecurityPolicy ?? ContentSecurityPolicy.enforced();
    this.trustedDashboardUrl = `https://${props.domainName}/auth/websso/`;
    this.environment = {
      ALLOWED_HOSTS: [props.domainName, ...(props.additionalHosts ?? [])].join(','),
      OPENSTACK_KEYSTONE_URL: props.keystoneUrl,
      ...chosen('OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT'),
      ...chosen('OPENSTACK_KEYSTONE_DEFAULT_DOMAIN'),
      ...props.domains?._environment,
      ...renderRegions(props.regions, props.keystoneUrl, props.webSso !== undefined),
      ...login(props),
      ...chosen('OPENSTACK_ENDPOINT_TYPE', props.endpointType?.name),
      ...given('OPENSTACK_KEYSTONE_ENDPOINT_TYPE', props.keystoneEndpointType?.name),
      ...given('SECONDARY_ENDPOINT_TYPE', props.secondaryEndpointType?.name),
      // Hosts have the same default, but this shows it to the rule pack and reviewers.
      ...chosen('SECURE_PROXY_SSL_HEADER'),
      ...chosen('SESSION_COOKIE_SECURE'),
      ...chosen('SESSION_COOKIE_HTTPONLY'),
      ...chosen('CSRF_COOKIE_SECURE'),
      ...chosen('DISALLOW_IFRAME_EMBED'),
      ...chosen('COMPRESS_OFFLINE'),
      ...chosen('DEBUG'),
      ...chosen('ENFORCE_PASSWORD_CHECK'),
      ...chosen('DISABLE_PASSWORD_REVEAL'),
      ...chosen('PASSWORD_AUTOCOMPLETE'),
      PASSWORD_VALIDATOR_REGEX: passwordRegex,
      ...chosen('PASSWORD_VALIDATOR_HELP_TEXT', props.passwordHelpText),
      ...chosen('HORIZON_IMAGES_UPLOAD_MODE', props.imageUpload?.mode),
      ...chosen('TIME_ZONE', props.timeZone),
      ...given('OPERATION_LOG', props.operationLog?.toString()),
      ...policyParameters(this.policy, consoleSources(props.consoleOrigins), {
        'connect-src': [props.imageUpload?._connectSrc ?? []].flat(),
      }),
      ...horizonParameters(props.horizonConfig ?? {}),
      ...bounds(props),
      ...measures(props.quickPages ?? {}),
      ...serviceParameters(props),
      ...renderLists(props.listLimits, props.filterFirst),
      ...given('OPENSTACK_SSL_CACERT', caCertificateFile),
      ...given('SITE_BRANDING', props.siteBranding),
      ...props.webSso?._environment(props.keystoneUrl),
      ...given('KEYSTONE_PROVIDER_IDP_NAME', props.keystoneProviderIdpName),
      ...given('KEYSTONE_PROVIDER_IDP_ID', props.keystoneProviderIdpId),
      ...renderExtraSettings(props.extraSettings ?? {}),
    };
  }

  /**
   * Warns about settings with which users cannot log in.
   * @internal
   */
  public _warn(scope: IConstruct): void {
    this.webSso?._warn(scope, this.policy);
  }
}

/** A parameter with the value of a prop, or else with the default of the contract. */
function chosen(name: string, value?: string | boolean): { [name: string]: string } {
  return { [name]: String(value ?? constructDefault(name)) };
}

/** A parameter with the value of a prop, if it is given; otherwise Horizon's own value applies. */
function given(name: string, value?: string): { [name: string]: string } {
  return value === undefined ? {} : { [name]: value };
}

function requireTexts(props: DashboardSettingsProps): void {
  requireLine(undefined, 'defaultServiceRegion', props.defaultServiceRegion);
  requireLine(undefined, 'passwordHelpText', props.passwordHelpText);
  requireLine(undefined, 'siteBranding', props.siteBranding);
  requireLine(undefined, 'keystoneProviderIdpName', props.keystoneProviderIdpName);
  requireProviderId(props.keystoneProviderIdpId);
  for (const prop of ['endpointType', 'keystoneEndpointType', 'secondaryEndpointType'] as const) {
    requireLine(undefined, prop, props[prop]?.name);
  }
  const { caCertificateFile, timeZone } = props;
  requireLine(undefined, 'caCertificateFile', caCertificateFile);
  if (caCertificateFile !== undefined && props.caCertificates) {
    throw invalid(
      undefined,
      'caCertificateFile',
      'not be given with caCertificates',
      caCertificateFile,
      'it names a file that the hosts already have; caCertificates brings the certificates to them',
    );
  }
  if (
    caCertificateFile !== undefined &&
    !Token.isUnresolved(caCertificateFile) &&
    !caCertificateFile.startsWith('/')
  ) {
    throw invalid(undefined, 'caCertificateFile', 'be an absolute path', caCertificateFile);
  }
  if (timeZone !== undefined && !Token.isUnresolved(timeZone) && !isTimeZone(timeZone)) {
    throw invalid(
      undefined,
      'timeZone',
      'be a name of the IANA time zone database such as Europe/Berlin',
      timeZone,
    );
  }
}

/** What differs from the hosts' defaults about logins. */
function login(props: DashboardSettingsOptions): { [name: string]: string } {
  const environment = renderLoginAttempts(props.loginAttempts);
  if (props.defaultServiceRegion !== undefined) {
    environment.DEFAULT_SERVICE_REGION = props.defaultServiceRegion;
  }
  if (props.totp) {
    environment.OPENSTACK_KEYSTONE_MFA_TOTP_ENABLED = 'true';
  }
  if (props.passwordExpiryWarning) {
    const name = 'PASSWORD_EXPIRES_WARNING_THRESHOLD_DAYS';
    const days = props.passwordExpiryWarning.toDays({ integral: false });
    requireInteger(undefined, 'passwordExpiryWarning', days, ...boundsOf(name), 'days');
    environment[name] = Tokenization.stringifyNumber(days);
  }
  return environment;
}

/** The limits per request and user that are given; the others have the hosts' default. */
function bounds(props: DashboardSettingsOptions): { [name: string]: string } {
  const environment: { [name: string]: string } = {};
  for (const [prop, name] of Object.entries(parametersOf('apiTimeouts'))) {
    const value = props.apiTimeouts?.[prop as keyof ApiTimeouts];
    if (value) {
      const whole = requireSeconds(undefined, `apiTimeouts.${prop}`, value, ...boundsOf(name));
      environment[name] = Tokenization.stringifyNumber(whole);
    }
  }
  for (const [prop, name] of Object.entries(parametersOf('downloads'))) {
    const value = props.downloads?.[prop as keyof DownloadLimits];
    if (value !== undefined) {
      requireInteger(undefined, `downloads.${prop}`, value, ...boundsOf(name));
      environment[name] = Tokenization.stringifyNumber(value);
    }
  }
  return environment;
}

/** The given measures; the hosts' default is on. */
function measures(quickPages: QuickPages): { [name: string]: string } {
  const environment: { [name: string]: string } = {};
  for (const [prop, name] of Object.entries(parametersOf('quickPages'))) {
    const value = quickPages[prop as keyof QuickPages];
    if (value !== undefined) {
      environment[name] = String(value);
    }
  }
  return environment;
}

/** Statement 45. The hosts check the same with Python's regular expressions. */
function requirePasswordRegex(regex: string): void {
  let allows: (password: string) => boolean;
  try {
    const expression = new RegExp(`^(?:${regex})`);
    allows = (password) => expression.test(password);
  } catch {
    // Valid only in Python, or invalid: only a host can decide.
    return;
  }
  if (!Token.isUnresolved(regex) && (allows('') || allows('a'))) {
    throw invalid(
      undefined,
      'passwordRegex',
      'refuse short passwords',
      regex,
      `use an expression such as '${constructDefault('PASSWORD_VALIDATOR_REGEX')}'`,
    );
  }
}

function requireProviderId(id: string | undefined): void {
  if (id !== undefined && !Token.isUnresolved(id) && !/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
    throw invalid(
      undefined,
      'keystoneProviderIdpId',
      'be 1 to 64 letters, digits, hyphens, dots and underscores',
      id,
    );
  }
}

/** Keys of a setting that have props. */
function requireOtherKeys(name: string, value: SettingValue): void {
  const props = keysOf(name);
  const key = value._keys.find((candidate) => props[candidate] !== undefined);
  if (key !== undefined) {
    throw invalid(
      undefined,
      `extraSettings.${name}`,
      'not contain keys that have a property',
      key,
      `use settings.${props[key]}`,
    );
  }
}

/** What to use instead of an extra setting that the library owns. */
function useInstead(name: string): string {
  if (name.startsWith('WEBSSO_')) {
    return 'use webSso';
  }
  const prop = propOf(name);
  return prop === undefined ? 'use the property for it, if there is one' : `use ${prop}`;
}

function renderExtraSettings(extra: { [name: string]: SettingValue }): { [name: string]: string } {
  const names = Object.keys(extra);
  for (const [name, { literal }] of Object.entries(extra)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name)) {
      throw invalid(
        undefined,
        'extraSettings',
        'have names of settings in upper case such as MEMOIZED_MAX_SIZE_DEFAULT',
        name,
      );
    }
    if (OWNED_SETTINGS.has(name) || name.startsWith('WEBSSO_')) {
      throw invalid(
        undefined,
        'extraSettings',
        'not contain settings that the library sets itself',
        name,
        useInstead(name),
      );
    }
    requireOtherKeys(name, extra[name]);
    // What stands between quotes
    const plainUrl = literal.split("'").slice(1).find(isPlainUrl);
    if (OPENSTACK_URLS.test(name) && plainUrl !== undefined) {
      throw invalid(
        undefined,
        `extraSettings.${name}`,
        'have https URLs only',
        plainUrl,
        'tokens are sent to them',
      );
    }
    if (name === 'REST_API_ADDITIONAL_SETTINGS' && !Token.isUnresolved(literal)) {
      const secret = literal.match(/\w+/g)?.find((exposed) => PRIVATE.test(exposed));
      if (secret !== undefined) {
        throw invalid(
          undefined,
          `extraSettings.${name}`,
          'not name settings that are secret',
          secret,
          'browsers can read them',
        );
      }
    }
  }
  return names.length ? { EXTRA_SETTINGS: SettingValue.mapOf(extra).literal } : {};
}
