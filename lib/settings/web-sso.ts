import { Token, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isHttpsUrl } from '../contract/urls';
import { invalid } from '../shared/errors';
import { requireLine } from '../shared/validate';
import { requireKeystoneUrl } from './keystone-url';
import { ContentSecurityPolicy, requireOrigin } from './content-security-policy';
import { SettingValue } from './setting-value';

/** The name of Horizon's choice with a user name and a password. */
const CREDENTIALS = 'credentials';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Options of a `WebSsoChoice`.
 */
export interface WebSsoChoiceOptions {
  /** The text on the login page. */
  readonly label: string;

  /**
   * The https URL to which the browser of a user who logged in with this choice is sent after logout,
   * to end the session at the identity provider. It should lead back to `/logged-out` of the
   * dashboard.
   *
   * @default - the `logoutUrl` of `WebSso`
   */
  readonly logoutUrl?: string;
}

/**
 * Options of `WebSsoChoice.identityProvider()`.
 */
export interface WebSsoIdentityProviderOptions extends WebSsoChoiceOptions {
  /** The ID of the identity provider in Keystone (`openstack identity provider list`). */
  readonly identityProvider: string;

  /** The ID of the federation protocol in Keystone, such as `openid` or `saml2`. */
  readonly protocol: string;
}

/**
 * A way to log in with single sign-on, which users choose on the login page.
 */
export class WebSsoChoice {
  /**
   * Users log in at one identity provider. A Keystone can have several.
   *
   * @param name the name of the choice in `WEBSSO_CHOICES` and `WEBSSO_IDP_MAPPING`
   * @param options the label, and the IDs in Keystone
   * @throws if a name or an ID is not 1 to 64 letters, digits, hyphens, dots and underscores, or the
   * logout URL is not https
   */
  public static identityProvider(
    name: string,
    options: WebSsoIdentityProviderOptions,
  ): WebSsoChoice {
    requireName('name', name);
    requireName('identityProvider', options.identityProvider);
    requireName('protocol', options.protocol);
    return new WebSsoChoice(name, options, [options.identityProvider, options.protocol]);
  }

  /**
   * Users log in with a federation protocol; Keystone's web server chooses the identity provider.
   *
   * @param protocol the ID of the federation protocol in Keystone, such as `openid` or `saml2`
   * @param options the label
   * @throws if the ID is not 1 to 64 letters, digits, hyphens, dots and underscores, or the logout URL
   * is not https
   */
  public static protocol(protocol: string, options: WebSsoChoiceOptions): WebSsoChoice {
    requireName('protocol', protocol);
    return new WebSsoChoice(protocol, options);
  }

  private constructor(
    /** The name in `WEBSSO_CHOICES`. */
    public readonly name: string,
    /** The options that both kinds have. @internal */
    public readonly _options: WebSsoChoiceOptions,
    /** The IDs of the identity provider and the protocol. @internal */
    public readonly _mapping?: readonly [string, string],
  ) {
    requireLine(undefined, 'label', _options.label);
    requireHttps('logoutUrl', _options.logoutUrl);
  }
}

/**
 * Options of `WebSso`.
 */
export interface WebSsoOptions {
  /** The ways to log in with single sign-on, in the order of the login page. */
  readonly choices: WebSsoChoice[];

  /**
   * The https URL of Keystone's version 3 API for browsers (`WEBSSO_KEYSTONE_URL`), which ends with
   * `/v3`. Hosts do not call it.
   *
   * @default - the Keystone URL of the hosts
   */
  readonly keystoneUrl?: string;

  /**
   * The choice that the login page shows first (`WEBSSO_INITIAL_CHOICE`).
   *
   * @default - the password if there is one, otherwise the first choice
   */
  readonly initialChoice?: WebSsoChoice;

  /**
   * Whether users can also log in with a user name and a password. If not, hosts refuse such logins,
   * also those of administrators.
   *
   * @default true
   */
  readonly passwordLogin?: boolean;

  /**
   * The label of the login with a user name and a password.
   *
   * @default 'Keystone Credentials'
   */
  readonly passwordLabel?: string;

  /**
   * The choice to which the login page redirects, without showing a form. The form, for users with a
   * password, is at `/auth/login/?redirect=false`.
   *
   * @default - the login page shows the form
   */
  readonly redirectAtOnce?: WebSsoChoice;

  /**
   * The https URL to which browsers are sent after logout, to end the session at the identity
   * provider, unless the choice has one. It should lead back to `/logged-out` of the dashboard. Users
   * who logged in with a password are not sent there.
   *
   * @default - `/logged-out` of the dashboard; the session at the identity provider continues
   */
  readonly logoutUrl?: string;

  /**
   * Whether logout revokes the tokens of the session in Keystone. Operations that still use them, such
   * as an upload, or an instance that is being built, can then fail. If not, a copied token is valid
   * until it expires.
   *
   * @default true
   */
  readonly revokeTokens?: boolean;

  /**
   * The origins of the identity providers' login pages, such as `https://login.example.org`, for the
   * content security policy: browsers apply `form-action` to all redirects after the login form. That
   * of Keystone and of the logout URLs are included. An empty list means that login pages are at these.
   *
   * @default - none, with a warning at synth time if the policy is enforced
   */
  readonly identityProviderOrigins?: string[];
}

/**
 * Single sign-on (WebSSO) through Keystone's federation.
 *
 * @see docs/single-sign-on.md
 */
export class WebSso {
  /**
   * Single sign-on with these choices.
   *
   * @throws if there is no choice, two have the same name, one that is named is not among them, or a
   * URL is not https
   */
  public static of(options: WebSsoOptions): WebSso {
    return new WebSso(options);
  }

  /** The ways to log in with single sign-on. */
  public readonly choices: WebSsoChoice[];

  /** Whether users can also log in with a user name and a password. */
  public readonly passwordLogin: boolean;

  private constructor(private readonly options: WebSsoOptions) {
    const { choices, keystoneUrl, identityProviderOrigins = [] } = options;
    this.choices = choices;
    this.passwordLogin = options.passwordLogin ?? true;
    requireChoices(options);
    if (keystoneUrl !== undefined) {
      requireKeystoneUrl('webSso.keystoneUrl', keystoneUrl);
    }
    requireLine(undefined, 'webSso.passwordLabel', options.passwordLabel);
    requireHttps('webSso.logoutUrl', options.logoutUrl);
    for (const origin of identityProviderOrigins) {
      requireOrigin('webSso.identityProviderOrigins', origin, 'https');
    }
  }

  /**
   * The environment parameters.
   * @internal
   */
  public _environment(keystoneUrl: string): { [name: string]: string } {
    const { initialChoice, redirectAtOnce, identityProviderOrigins, passwordLabel, revokeTokens } =
      this.options;
    const password = this.passwordLogin
      ? [pair(CREDENTIALS, passwordLabel ?? 'Keystone Credentials')]
      : [];
    const initial = initialChoice?.name ?? (this.passwordLogin ? CREDENTIALS : this.first.name);
    const mapped = this.choices.filter(({ _mapping }) => _mapping);
    const logouts = this.choices.flatMap(({ name, _options }) => {
      const url = _options.logoutUrl ?? this.options.logoutUrl;
      return url === undefined ? [] : [pair(name, url)];
    });
    return {
      WEBSSO_ENABLED: String(true),
      WEBSSO_CHOICES: SettingValue.tupleOf(
        ...password,
        ...this.choices.map(({ name, _options }) => pair(name, _options.label)),
      ).literal,
      ...(mapped.length
        ? {
            WEBSSO_IDP_MAPPING: SettingValue.tupleOf(
              ...mapped.map(({ name, _mapping }) =>
                SettingValue.tupleOf(SettingValue.fromString(name), pair(..._mapping!)),
              ),
            ).literal,
          }
        : {}),
      WEBSSO_INITIAL_CHOICE: initial,
      WEBSSO_KEYSTONE_URL: withoutSlash(this.options.keystoneUrl ?? keystoneUrl),
      ...(redirectAtOnce ? { WEBSSO_REDIRECT_CHOICE: redirectAtOnce.name } : {}),
      ...(logouts.length ? { WEBSSO_LOGOUT_URLS: SettingValue.tupleOf(...logouts).literal } : {}),
      ...(revokeTokens === undefined ? {} : { WEBSSO_REVOKE_TOKENS: String(revokeTokens) }),
      ...(identityProviderOrigins?.length
        ? { WEBSSO_IDENTITY_PROVIDER_ORIGINS: identityProviderOrigins.join(',') }
        : {}),
    };
  }

  /**
   * Warns about a policy with which browsers do not follow the login form to an identity provider.
   * @internal
   */
  public _warn(scope: IConstruct, policy: ContentSecurityPolicy): void {
    const isGiven =
      this.options.identityProviderOrigins !== undefined || policy._sources['form-action']?.length;
    if (policy.mode === 'enforced' && !isGiven) {
      Validations.of(scope).addWarning(
        'cdk-openstack-dashboard:webSsoWithoutOrigins',
        'webSso has no identityProviderOrigins, so that browsers which apply form-action to redirects, such as Chrome, show nothing after a click on the login form; give the origins of the login pages of the identity providers, such as https://login.example.org, or [] if they are at the origin of Keystone',
      );
    }
  }

  private get first(): WebSsoChoice {
    return this.choices[0];
  }
}

function pair(name: string, value: string): SettingValue {
  return SettingValue.tupleOf(SettingValue.fromString(name), SettingValue.fromString(value));
}

/** Horizon adds paths to it. */
function withoutSlash(url: string): string {
  return Token.isUnresolved(url) ? url : url.replace(/\/+$/, '');
}

function requireChoices({ choices, initialChoice, redirectAtOnce }: WebSsoOptions): void {
  if (choices.length === 0) {
    throw invalid(undefined, 'webSso.choices', 'have at least one WebSsoChoice', []);
  }
  const names = choices.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw invalid(
      undefined,
      'webSso.choices',
      'have different names',
      twice,
      'two choices with one protocol need WebSsoChoice.identityProvider()',
    );
  }
  for (const [prop, choice] of Object.entries({ initialChoice, redirectAtOnce })) {
    if (choice && !choices.includes(choice)) {
      throw invalid(undefined, `webSso.${prop}`, 'be one of webSso.choices', choice.name);
    }
  }
}

function requireName(prop: string, name: string): void {
  if (Token.isUnresolved(name)) {
    return;
  }
  if (!NAME.test(name)) {
    throw invalid(
      undefined,
      prop,
      'be 1 to 64 letters, digits, hyphens, dots and underscores, and begin with a letter or a digit',
      name,
    );
  }
  if (name === CREDENTIALS) {
    throw invalid(
      undefined,
      prop,
      `differ from ${CREDENTIALS}, which is Horizon's login with a password`,
      name,
    );
  }
}

function requireHttps(prop: string, url: string | undefined): void {
  if (url !== undefined && !Token.isUnresolved(url) && !(isHttpsUrl(url) && URL.canParse(url))) {
    throw invalid(undefined, prop, 'be an https URL', url);
  }
}
