import { CfnParameter, Fn } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import {
  ContentSecurityPolicy,
  DashboardSettings,
  DashboardSettingsOptions,
  WebSso,
  WebSsoChoice,
  WebSsoOptions,
} from '../../lib';
import { expectMisuse, KEYSTONE, NAME, newDashboard, newStack } from './fixtures';

const CORP = WebSsoChoice.identityProvider('corp', {
  label: 'Example Corp',
  identityProvider: 'corp-idp',
  protocol: 'openid',
});
const SAML = WebSsoChoice.protocol('saml2', {
  label: "The university's login",
  logoutUrl: 'https://keystone.example.org/mellon/logout',
});

function environment(options: Partial<WebSsoOptions>): { [name: string]: string } {
  const { environment: all } = new DashboardSettings({
    domainName: NAME,
    keystoneUrl: 'https://keystone.example.org:5000/v3/',
    webSso: WebSso.of({ choices: [CORP, SAML], ...options }),
  });
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith('WEBSSO_')));
}

describe('single sign-on', () => {
  test('sets nothing unless it is given', () => {
    const { environment: all, webSso } = new DashboardSettings({
      domainName: NAME,
      keystoneUrl: KEYSTONE,
    });
    expect(Object.keys(all).filter((name) => /WEBSSO|PROVIDER/.test(name))).toEqual([]);
    expect(webSso).toBeUndefined();
  });

  test('offers a password first, and Keystone of the hosts to browsers', () => {
    expect(environment({})).toEqual({
      WEBSSO_ENABLED: 'true',
      WEBSSO_CHOICES:
        "(('credentials', 'Keystone Credentials'), ('corp', 'Example Corp'), ('saml2', 'The university\\'s login'))",
      WEBSSO_IDP_MAPPING: "(('corp', ('corp-idp', 'openid')),)",
      WEBSSO_INITIAL_CHOICE: 'credentials',
      WEBSSO_KEYSTONE_URL: 'https://keystone.example.org:5000/v3',
      WEBSSO_LOGOUT_URLS: "(('saml2', 'https://keystone.example.org/mellon/logout'),)",
    });
  });

  test('has each option as a parameter of its own', () => {
    expect(
      environment({
        keystoneUrl: 'https://identity.example.org/identity/v3',
        initialChoice: SAML,
        passwordLogin: false,
        redirectAtOnce: CORP,
        revokeTokens: false,
        logoutUrl: 'https://login.example.org/logout',
        identityProviderOrigins: ['https://login.example.org', 'https://b.example.org:8443'],
      }),
    ).toEqual({
      WEBSSO_ENABLED: 'true',
      WEBSSO_CHOICES: "(('corp', 'Example Corp'), ('saml2', 'The university\\'s login'))",
      WEBSSO_IDP_MAPPING: "(('corp', ('corp-idp', 'openid')),)",
      WEBSSO_INITIAL_CHOICE: 'saml2',
      WEBSSO_KEYSTONE_URL: 'https://identity.example.org/identity/v3',
      WEBSSO_REDIRECT_CHOICE: 'corp',
      WEBSSO_LOGOUT_URLS:
        "(('corp', 'https://login.example.org/logout'), ('saml2', 'https://keystone.example.org/mellon/logout'))",
      WEBSSO_REVOKE_TOKENS: 'false',
      WEBSSO_IDENTITY_PROVIDER_ORIGINS: 'https://login.example.org,https://b.example.org:8443',
    });
  });

  test('without a password begins with the first choice', () => {
    expect(environment({ passwordLogin: false }).WEBSSO_INITIAL_CHOICE).toBe('corp');
    expect(environment({ passwordLabel: 'Password' }).WEBSSO_CHOICES).toContain(
      "('credentials', 'Password')",
    );
  });

  test('takes tokens as data', () => {
    const stack = newStack();
    const value = (id: string): string => new CfnParameter(stack, id).valueAsString;
    const protocol = value('Protocol');
    const choice = WebSsoChoice.identityProvider('corp', {
      label: value('Label'),
      identityProvider: value('Provider'),
      protocol,
      logoutUrl: value('Logout'),
    });
    const made = new DashboardSettings({
      domainName: value('Name'),
      keystoneUrl: value('Keystone'),
      webSso: WebSso.of({
        choices: [choice, WebSsoChoice.protocol(protocol, { label: 'By protocol' })],
        keystoneUrl: value('Browsers'),
        identityProviderOrigins: [value('Origin')],
      }),
    });
    const base64 = (name: string): unknown => ({ 'Fn::Base64': { Ref: name } });
    expect(stack.resolve(made.environment.WEBSSO_IDP_MAPPING)).toEqual({
      'Fn::Join': ['', ["(('corp', (b'", base64('Provider'), "', b'", base64('Protocol'), "')),)"]],
    });
    expect(stack.resolve(made.environment.WEBSSO_KEYSTONE_URL)).toEqual({ Ref: 'Browsers' });
    expect(stack.resolve(made.trustedDashboardUrl)).toEqual(
      stack.resolve(Fn.join('', ['https://', Fn.ref('Name'), '/auth/websso/'])),
    );
  });

  test('gives the URL that Keystone must trust', () => {
    const stack = newStack();
    const dashboard = newDashboard(stack, { settings: { webSso: WebSso.of({ choices: [CORP] }) } });
    expect(dashboard.trustedDashboardUrl).toBe(`https://${NAME}/auth/websso/`);
    expect(dashboard.settings.webSso!.choices).toEqual([CORP]);
    expect(dashboard.hosts.environment.WEBSSO_ENABLED).toBe('true');
  });

  describe('a policy that blocks the way to the identity provider', () => {
    const warnings = (
      options: Partial<WebSsoOptions>,
      settings: DashboardSettingsOptions = {},
    ): string[] => {
      const stack = newStack();
      newDashboard(stack, {
        settings: { webSso: WebSso.of({ choices: [CORP], ...options }), ...settings },
      });
      return Annotations.fromStack(stack)
        .findWarning('*', Match.stringLikeRegexp('webSso'))
        .map(({ id, entry }) => `${id}: ${String(entry.data)}`);
    };

    test('is a warning that names the prop', () => {
      const [warning, ...others] = warnings({});
      expect(warning).toMatch(
        /^\/Stack\/Dashboard\/Hosts: webSso has no identityProviderOrigins, .*\[ack: .*cdk-openstack-dashboard:webSsoWithoutOrigins\]$/,
      );
      expect(others).toEqual([]);
      const contentSecurityPolicy = ContentSecurityPolicy.enforced({ imgSrc: ['https://a.org'] });
      expect(warnings({}, { contentSecurityPolicy })).toHaveLength(1);
    });

    test('can be intended: all login pages are at the origin of Keystone', () => {
      expect(warnings({ identityProviderOrigins: [] })).toEqual([]);
    });

    const formAction = ['https://login.example.org'];
    test.each<[string, Partial<WebSsoOptions>, DashboardSettingsOptions]>([
      ['the origins are given', { identityProviderOrigins: formAction }, {}],
      [
        'the policy has them',
        {},
        { contentSecurityPolicy: ContentSecurityPolicy.enforced({ formAction }) },
      ],
      [
        'the policy only reports',
        {},
        { contentSecurityPolicy: ContentSecurityPolicy.reportOnly() },
      ],
      ['the policy is minimal', {}, { contentSecurityPolicy: ContentSecurityPolicy.minimal() }],
      ['there is no single sign-on', {}, { webSso: undefined }],
    ])('is not there if %s', (_title, options, settings) => {
      expect(warnings(options, settings)).toEqual([]);
    });
  });

  test.each<[string, () => unknown, string]>([
    [
      'no choice',
      () => WebSso.of({ choices: [] }),
      'webSso.choices must have at least one WebSsoChoice, got none',
    ],
    [
      'the same name twice',
      () => WebSso.of({ choices: [SAML, WebSsoChoice.protocol('saml2', { label: 'Other' })] }),
      "webSso.choices must have different names, got 'saml2'; two choices with one protocol need WebSsoChoice.identityProvider()",
    ],
    [
      'a first choice that is not offered',
      () => environment({ choices: [CORP], initialChoice: SAML }),
      "webSso.initialChoice must be one of webSso.choices, got 'saml2'",
    ],
    [
      'a redirect to a choice that is not offered',
      () => environment({ choices: [CORP], redirectAtOnce: SAML }),
      "webSso.redirectAtOnce must be one of webSso.choices, got 'saml2'",
    ],
    [
      'the name of the login with a password',
      () => WebSsoChoice.protocol('credentials', { label: 'Password' }),
      "protocol must differ from credentials, which is Horizon's login with a password, got 'credentials'",
    ],
    ...['', 'a b', 'a/b', '..', 'a'.repeat(65)].map((name): [string, () => unknown, string] => [
      `the name ${JSON.stringify(name)}`,
      () =>
        WebSsoChoice.identityProvider(name, {
          label: 'Corp',
          identityProvider: 'corp',
          protocol: 'openid',
        }),
      `name must be 1 to 64 letters, digits, hyphens, dots and underscores, and begin with a letter or a digit, got '${name}'`,
    ]),
    [
      'an identity provider with a slash',
      () =>
        WebSsoChoice.identityProvider('corp', {
          label: 'Corp',
          identityProvider: 'a/../b',
          protocol: 'openid',
        }),
      "identityProvider must be 1 to 64 letters, digits, hyphens, dots and underscores, and begin with a letter or a digit, got 'a/../b'",
    ],
    [
      'a label of two lines',
      () => WebSsoChoice.protocol('openid', { label: 'a\nb' }),
      "label must be one line of 1 to 1024 characters, got 'a\\nb'",
    ],
    [
      'an http URL of Keystone',
      () => environment({ keystoneUrl: 'http://keystone.example.org/v3' }),
      "webSso.keystoneUrl must be an https URL that ends with /v3, without a user, query or fragment, such as https://keystone.example.org:5000/v3, got 'http://keystone.example.org/v3'",
    ],
    [
      'an http URL after logout',
      () => environment({ logoutUrl: 'http://login.example.org' }),
      "webSso.logoutUrl must be an https URL, got 'http://login.example.org'",
    ],
    [
      'an http URL after logout of a choice',
      () => WebSsoChoice.protocol('openid', { label: 'a', logoutUrl: '/logged-out' }),
      "logoutUrl must be an https URL, got '/logged-out'",
    ],
    ...[
      'https://login.example.org/',
      'http://login.example.org',
      'login.example.org',
      'https://a@b',
      '*',
    ].map((origin): [string, () => unknown, string] => [
      `the origin ${origin}`,
      () => environment({ identityProviderOrigins: [origin] }),
      `webSso.identityProviderOrigins must be an https origin in lower case such as https://service.example.org:6080, got '${origin}'`,
    ]),
    [
      'a wrong ID of the Keystone',
      () =>
        new DashboardSettings({
          domainName: NAME,
          keystoneUrl: KEYSTONE,
          keystoneProviderIdpId: 'a b',
        }),
      "keystoneProviderIdpId must be 1 to 64 letters, digits, hyphens, dots and underscores, got 'a b'",
    ],
  ])('fails with %s', (_name, make, message) => {
    expectMisuse(make, message);
  });
});
