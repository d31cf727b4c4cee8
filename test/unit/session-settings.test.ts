import { App, CfnParameter, Duration, Size, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  CookieSessionOptions,
  DashboardSettings,
  IServerlessMemcached,
  MemcachedServers,
  MemcachedSessionOptions,
  OpenStackDashboardChecks,
  SameSite,
  ServerlessMemcached,
  SessionBackend,
  SessionOptions,
  SettingValue,
  WebSso,
  WebSsoChoice,
} from '../../lib';
import { KEYSTONE, NAME, expectMisuse, network, newDashboard, newStack } from './fixtures';

const servers = (stack: Stack = newStack()): MemcachedServers =>
  new MemcachedServers(stack, 'Servers', { endpoints: [{ address: 'a' }] });
const memcached = (options?: MemcachedSessionOptions): SessionBackend =>
  SessionBackend.memcached(servers(), options);

/** The ids of the warnings that a dashboard with these sessions has at synth. */
function warnings(session: SessionBackend): string[] {
  const stack = newStack();
  session.bind(stack);
  return Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => /\[ack: (.*)\]$/.exec(String(entry.data))![1]);
}

describe('the maximum size of sessions', () => {
  test.each([
    [Size.kibibytes(64), '65536'],
    [Size.mebibytes(8), '8388608'],
    [Size.mebibytes(128), '134217728'],
  ])('has the given value', (maxSessionSize, bytes) => {
    expect(memcached({ maxSessionSize }).environment.MEMCACHED_MAX_ITEM_SIZE).toBe(bytes);
  });

  test("has the hosts' default", () => {
    expect(memcached().environment).not.toHaveProperty('MEMCACHED_MAX_ITEM_SIZE');
  });

  test('may not be known at synth time', () => {
    const stack = newStack();
    const size = new CfnParameter(stack, 'Size', { type: 'Number' }).valueAsNumber;
    const session = SessionBackend.memcached(servers(stack), { maxSessionSize: Size.bytes(size) });
    expect(stack.resolve(session.environment.MEMCACHED_MAX_ITEM_SIZE)).toEqual({ Ref: 'Size' });
  });

  test.each([Size.bytes(1023), Size.mebibytes(129)])('is rejected out of range', (size) => {
    expectMisuse(
      () => memcached({ maxSessionSize: size }),
      `maxSessionSize must be a whole number of bytes from 1024 to 134217728, got ${size.toBytes()}`,
    );
  });

  const ofServerless = {
    new: (stack: Stack): IServerlessMemcached =>
      new ServerlessMemcached(stack, 'Cache', { vpc: network(stack) }),
    imported: (stack: Stack): IServerlessMemcached =>
      ServerlessMemcached.fromServerlessMemcachedAttributes(stack, 'Cache', {
        endpointAddress: 'cache.example.org',
        securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123')],
      }),
  };
  test.each(Object.entries(ofServerless))(
    'is at most 1 MiB with a %s serverless cache',
    (_, make) => {
      const stack = newStack();
      const cache = make(stack);
      SessionBackend.memcached(cache, { maxSessionSize: Size.mebibytes(1) });
      expectMisuse(
        () => SessionBackend.memcached(cache, { maxSessionSize: Size.mebibytes(2) }),
        'maxSessionSize must be at most the maxItemSize of Stack/Cache (1048576 bytes), got 2097152',
      );
    },
  );
});

describe('session settings', () => {
  test('have their defaults, with sealing on', () => {
    expect(memcached().environment).toEqual({
      SESSION_ENGINE: 'django.contrib.sessions.backends.cache',
      SESSION_TIMEOUT: '3600',
      MEMCACHED_ENDPOINT: 'a:11211',
      MEMCACHED_DISCOVERY: 'false',
      MEMCACHED_TLS: 'true',
      MEMCACHED_SEALING: 'true',
    });
    expect(SessionBackend.signedCookies().environment).toEqual({
      SESSION_ENGINE: 'django.contrib.sessions.backends.signed_cookies',
      SESSION_TIMEOUT: '3600',
    });
    expect(memcached().timeout.toSeconds()).toBe(3600);
  });

  const every: SessionOptions = {
    timeout: Duration.minutes(90),
    tokenLifetime: Duration.hours(2),
    tokenTimeoutMargin: Duration.minutes(5),
    refresh: false,
    cookieName: '__Host-sessionid',
    sameSite: SameSite.STRICT,
  };
  const environment = {
    SESSION_TIMEOUT: '5400',
    TOKEN_TIMEOUT_MARGIN: '300',
    SESSION_REFRESH: 'false',
    SESSION_COOKIE_NAME: '__Host-sessionid',
    SESSION_COOKIE_SAMESITE: 'Strict',
  };

  test('become environment parameters', () => {
    const more = { oneSessionPerUser: true, keyPrefix: 'eu.dashboard', sealing: false };
    expect(memcached({ ...every, ...more }).environment).toMatchObject({
      ...environment,
      SIMULTANEOUS_SESSIONS: 'disconnect',
      SESSION_KEY_PREFIX: 'eu.dashboard',
      MEMCACHED_SEALING: 'false',
    });
    expect(memcached({ oneSessionPerUser: false }).environment.SIMULTANEOUS_SESSIONS).toBe('allow');
    expect(SessionBackend.signedCookies({ ...every, sealing: true }).environment).toEqual({
      SESSION_ENGINE: 'sealed_signed_cookies',
      ...environment,
    });
  });

  test.each([
    [SameSite.LAX, 'Lax'],
    [SameSite.STRICT, 'Strict'],
    [SameSite.NONE, 'None'],
  ])('use the SameSite values of browsers (%#)', (sameSite, value) => {
    expect(memcached({ sameSite }).environment.SESSION_COOKIE_SAMESITE).toBe(value);
  });

  test('may not be known at synth time, and are then not checked', () => {
    const stack = newStack();
    const seconds = Duration.seconds(
      new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber,
    );
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const session = SessionBackend.memcached(servers(stack), {
      timeout: seconds,
      tokenLifetime: Duration.minutes(2),
      tokenTimeoutMargin: seconds,
      cookieName: text,
      keyPrefix: text,
    });
    session.bind(stack);
    expect(stack.resolve(session.environment)).toMatchObject({
      SESSION_TIMEOUT: { Ref: 'Seconds' },
      TOKEN_TIMEOUT_MARGIN: { Ref: 'Seconds' },
      SESSION_COOKIE_NAME: { Ref: 'Text' },
      SESSION_KEY_PREFIX: { Ref: 'Text' },
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('contradictions are errors at synth time', () => {
  const seconds = Duration.seconds;
  const refused: [string, CookieSessionOptions, string][] = [
    [
      'a timeout of half a minute',
      { timeout: seconds(30) },
      'timeout must be a whole number of seconds from 60 to 2592000, got 30',
    ],
    [
      'a timeout longer than the life of a token',
      { timeout: Duration.hours(3), tokenLifetime: Duration.hours(2) },
      'timeout must be at most tokenLifetime (7200 seconds), got 10800; Horizon ends a session with its token',
    ],
    [
      "a margin that is the token's whole life",
      { tokenTimeoutMargin: Duration.hours(2), tokenLifetime: Duration.hours(2) },
      'tokenTimeoutMargin must be less than the lifetime of a token (7200 seconds), got 7200',
    ],
    [
      "a margin of the life of Keystone's tokens by default",
      { tokenTimeoutMargin: Duration.hours(1) },
      'tokenTimeoutMargin must be less than the lifetime of a token (3600 seconds), got 3600',
    ],
    [
      'a margin with a part of a second',
      { tokenTimeoutMargin: Duration.millis(1500) },
      'tokenTimeoutMargin must be a whole number of seconds from 0 to 86400, got 1.5',
    ],
    [
      'a token that lives no time',
      { tokenLifetime: seconds(0) },
      'tokenLifetime must be a whole number of seconds from 60 to 31622400, got 0',
    ],
    ...['', 'session id', 'session;id', 'sitzung-ü', 'a=b', 's'.repeat(65)].map(
      (cookieName): [string, CookieSessionOptions, string] => [
        `the cookie name '${cookieName}'`,
        { cookieName },
        `cookieName must be 1 to 64 letters, digits, hyphens, dots and underscores, got '${cookieName}'`,
      ],
    ),
    ...['csrftoken', '__Host-csrftoken', 'messages', 'login_region'].map(
      (cookieName): [string, CookieSessionOptions, string] => [
        `the name of the cookie '${cookieName}'`,
        { cookieName },
        `cookieName must differ from the names of the dashboard's other cookies, got '${cookieName}'; use a name such as sessionid`,
      ],
    ),
  ];

  test.each(refused)('fails with %s', (_name, options, message) => {
    expectMisuse(() => memcached(options), message);
    expectMisuse(() => SessionBackend.signedCookies(options), message);
  });

  test.each(['', 'a b', 'a:b', 'a\n', 'k'.repeat(65)])(
    'fails with the key prefix %j',
    (keyPrefix) => {
      expectMisuse(
        () => memcached({ keyPrefix }),
        `keyPrefix must be 1 to 64 letters, digits, hyphens, dots and underscores, got '${keyPrefix.replace('\n', '\\n')}'`,
      );
    },
  );

  const WEB_SSO = WebSso.of({ choices: [WebSsoChoice.protocol('openid', { label: 'Corp' })] });
  const settings = (webSso: boolean): DashboardSettings =>
    new DashboardSettings({
      domainName: NAME,
      keystoneUrl: KEYSTONE,
      webSso: webSso ? WEB_SSO : undefined,
    });

  test('fails with SameSite Strict and WebSSO, also in a dashboard', () => {
    const message =
      "sameSite must be SameSite.LAX with webSso, got 'Strict'; a browser that returns from the identity provider would not send the cookie of its new session";
    const strict = memcached({ sameSite: SameSite.STRICT });
    expectMisuse(() => strict.bind(newStack(), settings(true)), `Stack: ${message}`);
    const stack = newStack();
    const session = SessionBackend.signedCookies({ sameSite: SameSite.STRICT, sealing: true });
    expectMisuse(
      () =>
        newDashboard(stack, {
          vpc: network(stack),
          session,
          settings: { webSso: WEB_SSO },
        }),
      `Stack/Dashboard/Hosts: ${message}`,
    );
    expect(() => strict.bind(newStack(), settings(false))).not.toThrow();
    expect(() => memcached().bind(newStack(), settings(true))).not.toThrow();
  });

  test.each([
    ['SESSION_COOKIE_SAMESITE', 'sameSite'],
    ['SESSION_COOKIE_SECURE', 'the property for it, if there is one'],
    ['SESSION_COOKIE_NAME', 'cookieName'],
    ['SESSION_REFRESH', 'refresh'],
    ['SIMULTANEOUS_SESSIONS', 'oneSessionPerUser'],
    ['TOKEN_TIMEOUT_MARGIN', 'tokenTimeoutMargin'],
  ])('fails with the extra setting %s, which has a separate prop', (name, use) => {
    expectMisuse(
      () =>
        new DashboardSettings({
          domainName: NAME,
          keystoneUrl: KEYSTONE,
          extraSettings: { [name]: SettingValue.fromString('None') },
        }),
      `extraSettings must not contain settings that the library sets itself, got '${name}'; use ${use}`,
    );
  });
});

describe('warnings at synth time', () => {
  const id = (name: string): string[] => [`Annotation::cdk-openstack-dashboard:${name}`];

  test('do not exist for sealed sessions over TLS', () => {
    expect(warnings(memcached())).toEqual([]);
    expect(warnings(SessionBackend.signedCookies({ sealing: true }))).toEqual([]);
  });

  test('report a timeout that is longer than the default lifetime of tokens', () => {
    const timeout = Duration.hours(2);
    expect(warnings(memcached({ timeout }))).toEqual(id('sessionTimeoutTokenLifetime'));
    expect(warnings(memcached({ timeout, tokenLifetime: timeout }))).toEqual([]);
  });

  test('report cookies that browsers send with requests from every site', () => {
    expect(warnings(memcached({ sameSite: SameSite.NONE }))).toEqual(
      id('sessionCookieSameSiteNone'),
    );
  });

  test("report signed cookies in the guide's words", () => {
    const session = SessionBackend.signedCookies();
    expect(warnings(session)).toEqual(id('signedCookies'));
    const stack = newStack();
    session.bind(stack);
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp(
        'signed, but unencrypted.*sensitive access tokens are stored in the browser and transmitted with each request made',
      ),
    );
  });

  test('can be acknowledged, so that a strict synthesis succeeds', () => {
    const stack = newStack();
    const dashboard = newDashboard(stack, {
      domainName: 'example.org',
      vpc: network(stack),
      session: SessionBackend.signedCookies(),
    });
    const hosts = '/Stack/Dashboard/Hosts';
    Annotations.fromStack(stack).hasWarning(hosts, Match.anyValue());
    Validations.of(dashboard.hosts).acknowledge({
      id: 'Annotation::cdk-openstack-dashboard:signedCookies',
      reason: 'one host, a private network, no shared cache',
    });
    Annotations.fromStack(stack).hasNoWarning(hosts, Match.anyValue());
    const { violations } = new OpenStackDashboardChecks().validateScope(stack.node.root);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual(['OpenStackDashboard-SESSION2']);
  });
});

describe('the rule pack', () => {
  /** What it says of a dashboard with these sessions. */
  const findings = (domainName: string, session: SessionBackend): string[] => {
    const stack = new Stack(new App(), 'Stack');
    newDashboard(stack, { domainName, vpc: network(stack), session });
    return new OpenStackDashboardChecks()
      .validateScope(stack.node.root)
      .violations.map(({ ruleName }) => ruleName.replace('OpenStackDashboard-', ''));
  };

  test('rejects readable cookies on a subdomain, and accepts sealed ones', () => {
    expect(findings('dashboard.example.org', SessionBackend.signedCookies())).toEqual([
      'SESSION2',
      'SESSION8',
      'DOMAIN1',
    ]);
    expect(
      findings('dashboard.example.org', SessionBackend.signedCookies({ sealing: true })),
    ).toEqual(['DOMAIN1']);
  });

  test('warns about sessions that are not sealed', () => {
    expect(findings('example.org', memcached({ sealing: false }))).toEqual(['SESSION7']);
  });
});
