import { App, CfnParameter, Fn, Lazy, Size, Stack, Duration } from 'aws-cdk-lib';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DashboardSettings,
  DashboardSettingsOptions,
  DomainLogin,
  EndpointType,
  ImageUpload,
  LegacyUploadOptions,
  SettingValue,
} from '../../lib';
import { APPLICATION, propOf, SETTINGS } from '../../lib/contract/environment';
import { renderUserData } from '../../lib/hosts/user-data';
import { OWNED_SETTINGS } from '../../lib/settings/dashboard-settings';
import { environmentsOf, expectMisuse, KEYSTONE, NAME, ROOT } from './fixtures';

const environment = (options: DashboardSettingsOptions = {}): Record<string, string> =>
  new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE, ...options }).environment;

const available = (command: string): boolean =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** Tests that need a command are skipped, and say so, where it is not installed. */
function testWith(commands: string[], name: string, body: () => void): void {
  const missing = commands.filter((command) => !available(command));
  if (missing.length) {
    console.warn(`skipped for want of ${missing.join(', ')}: ${name}`);
  }
  (missing.length ? test.skip : test)(name, body);
}

/** What Python reads in literals. */
function readByPython(literals: string[]): unknown[] {
  const program =
    'import ast, json, sys; print(json.dumps([ast.literal_eval(text) for text in json.load(sys.stdin)]))';
  const { stdout, stderr } = spawnSync('python3', ['-c', program], {
    input: JSON.stringify(literals),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (!stdout) {
    throw new Error(stderr);
  }
  return JSON.parse(stdout) as unknown[];
}

const COMMON = join(ROOT, 'lib/hosts/files/usr/local/lib/openstack-dashboard/common.sh');

/** What the scripts of a host have in their variables after `load_env` of its environment file. */
function readByBash(values: Record<string, string>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'environment-'));
  try {
    const script = renderUserData(new Stack(), 'Files', {}, values);
    const file = /dashboard\.env <<'END_OF_ENVIRONMENT'\n([^]*?)\nEND_OF_ENVIRONMENT/.exec(script)!;
    writeFileSync(join(folder, 'file.env'), file[1]);
    const names = Object.keys(values);
    const { stdout, stderr } = spawnSync(
      'bash',
      [
        '--norc',
        '-euc',
        `source <(sed -n '/^die()/,/^}/p; /^load_env()/,/^}/p' ${COMMON}); load_env "$0"; ${names.map((name) => `printf '%s\\0' "$${name}"`).join('; ')}`,
        join(folder, 'file.env'),
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' }, cwd: folder },
    );
    expect(stderr).toBe('');
    const read = stdout.split('\0');
    return Object.fromEntries(names.map((name, index) => [name, read[index]]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a host takes from extra settings, and this library has a prop for. */
const FREE_HERE = [
  'API_RESULT_LIMIT',
  'API_RESULT_PAGE_SIZE',
  'DROPDOWN_MAX_ITEMS',
  'FILTER_DATA_FIRST',
  'INSTANCE_LOG_LENGTH',
  'OPENSTACK_ENDPOINT_TYPE',
  'OPENSTACK_KEYSTONE_DEFAULT_DOMAIN',
  'SESSION_REFRESH',
  'SESSION_TIMEOUT',
  'SITE_BRANDING',
  'TIME_ZONE',
  'TOKEN_TIMEOUT_MARGIN',
];

const AWKWARD = [
  '',
  ' ',
  "it's",
  '"double"',
  `both ' and "`,
  "'''",
  '\\',
  '\\\\',
  "\\'",
  '\\n',
  'ends with \\',
  'a\nb',
  'a\r\nb',
  'tab\tbed',
  'nul\u00001 and a digit',
  'bell\u0007, escape\u001b[0m, delete\u007f, next line\u0085',
  '$HOME ${HOME} $(id) `id`',
  '!history',
  '#comment',
  '{"json": [1]}',
  '%(percent)s {brace}',
  '@PAYLOAD@ @DASHBOARD_ENVIRONMENT@',
  "$& $' $` $1 $$",
  'END_OF_ENVIRONMENT',
  'gruesse: äöüß ñ 日本語 🙂 \u2028 \ufeff',
  'False',
];

/** Texts that are the same in every run. */
function randomTexts(count: number, alphabet: string[]): string[] {
  let state = 20261123;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)]).join(''),
  );
}

const ALPHABET = [...`'"\\\`$ab01 \t{}()[]!#%&;|<>*?~=,.:/-é日🙂`];

describe('the checklist of the guide', () => {
  test('is complied with by default', () => {
    expect(environment()).toEqual({
      ALLOWED_HOSTS: NAME,
      COMPRESS_OFFLINE: 'true',
      CONTENT_SECURITY_POLICY: 'enforced',
      CSRF_COOKIE_SECURE: 'true',
      DEBUG: 'false',
      DISABLE_PASSWORD_REVEAL: 'true',
      DISALLOW_IFRAME_EMBED: 'true',
      ENFORCE_PASSWORD_CHECK: 'true',
      HORIZON_IMAGES_UPLOAD_MODE: 'off',
      OPENSTACK_ENDPOINT_TYPE: 'publicURL',
      OPENSTACK_KEYSTONE_DEFAULT_DOMAIN: 'Default',
      OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT: 'false',
      OPENSTACK_KEYSTONE_URL: KEYSTONE,
      PASSWORD_AUTOCOMPLETE: 'off',
      PASSWORD_VALIDATOR_HELP_TEXT: 'Your password must have 12 to 128 characters.',
      PASSWORD_VALIDATOR_REGEX: '^.{12,128}$',
      SECURE_PROXY_SSL_HEADER: 'HTTP_X_FORWARDED_PROTO,https',
      SESSION_COOKIE_HTTPONLY: 'true',
      SESSION_COOKIE_SECURE: 'true',
      TIME_ZONE: 'UTC',
    });
  });

  test('has only parameters that a host reads', () => {
    const unread = Object.keys(
      environment({
        caCertificateFile: '/etc/ssl/ca.pem',
        siteBranding: 'Cloud',
        extraSettings: { MEMOIZED_MAX_SIZE_DEFAULT: SettingValue.fromNumber(50) },
      }),
    ).filter((name) => !APPLICATION[name]?.readBy.includes('settings snippet'));
    expect(unread).toEqual([]);
  });
});

test('the options of a site are passed to the hosts', () => {
  expect(
    environment({
      additionalHosts: ['other.example.org', 'third.example.org'],
      domains: DomainLogin.single('users'),
      endpointType: EndpointType.INTERNAL,
      caCertificateFile: '/etc/ssl/ca.pem',
      passwordRegex: '^.{20,}$',
      passwordHelpText: 'Twenty or more.',
      imageUpload: ImageUpload.direct('quota of Glance'),
      timeZone: 'Europe/Berlin',
      siteBranding: 'Our Cloud',
    }),
  ).toMatchObject({
    ALLOWED_HOSTS: `${NAME},other.example.org,third.example.org`,
    OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT: 'false',
    OPENSTACK_KEYSTONE_DEFAULT_DOMAIN: 'users',
    OPENSTACK_ENDPOINT_TYPE: 'internalURL',
    OPENSTACK_SSL_CACERT: '/etc/ssl/ca.pem',
    PASSWORD_VALIDATOR_REGEX: '^.{20,}$',
    PASSWORD_VALIDATOR_HELP_TEXT: 'Twenty or more.',
    HORIZON_IMAGES_UPLOAD_MODE: 'direct',
    TIME_ZONE: 'Europe/Berlin',
    SITE_BRANDING: 'Our Cloud',
  });
  expect(environment({ endpointType: EndpointType.of('adminURL') }).OPENSTACK_ENDPOINT_TYPE).toBe(
    'adminURL',
  );
  expect(ImageUpload.legacy('small images').plan).toBe('small images');
});

describe('extra settings', () => {
  test('are one Python dictionary of typed values', () => {
    expect(
      environment({
        extraSettings: {
          MEMOIZED_MAX_SIZE_DEFAULT: SettingValue.fromNumber(500),
          LOCALE_PATHS_LIMIT: SettingValue.fromNumber(30),
          SHOW_KEYSTONE_V2_RC: SettingValue.fromBoolean(false),
          AVAILABLE_THEMES: SettingValue.listOf(
            SettingValue.tupleOf(
              SettingValue.fromString('default'),
              SettingValue.fromString("The 'default'"),
            ),
          ),
        },
      }).EXTRA_SETTINGS,
    ).toBe(
      "{'MEMOIZED_MAX_SIZE_DEFAULT': 500, 'LOCALE_PATHS_LIMIT': 30, 'SHOW_KEYSTONE_V2_RC': False, 'AVAILABLE_THEMES': [('default', 'The \\'default\\'')]}",
    );
  });

  test('are omitted if there are none', () => {
    expect(environment({ extraSettings: {} })).not.toHaveProperty('EXTRA_SETTINGS');
  });

  test('that a host would reject are rejected at synth time', () => {
    const onHosts = [
      ...Object.keys(SETTINGS).filter((name) => !SETTINGS[name].override),
      ...Object.keys(APPLICATION).filter(
        (name) => APPLICATION[name].setting === name && !APPLICATION[name].override,
      ),
    ];
    expect(onHosts.length).toBeGreaterThan(30);
    expect([...onHosts, ...FREE_HERE].sort()).toEqual([...OWNED_SETTINGS].sort());
    expect([...OWNED_SETTINGS]).toEqual([...OWNED_SETTINGS].sort());
  });
});

describe('a value', () => {
  test.each<[SettingValue, string]>([
    [SettingValue.fromString('text'), "'text'"],
    [SettingValue.fromString('a\u00001'), "'a\\x001'"],
    [SettingValue.fromNumber(3), '3'],
    [SettingValue.fromNumber(-0.25), '-0.25'],
    [SettingValue.fromBoolean(true), 'True'],
    [SettingValue.fromBoolean(false), 'False'],
    [SettingValue.nothing(), 'None'],
    [SettingValue.listOf(), '[]'],
    [SettingValue.stringList('a', 'b'), "['a', 'b']"],
    [SettingValue.tupleOf(), '()'],
    [SettingValue.tupleOf(SettingValue.fromNumber(1)), '(1,)'],
    [SettingValue.mapOf({}), '{}'],
    [SettingValue.mapOf({ "k'": SettingValue.nothing() }), "{'k\\'': None}"],
  ])('is a Python literal: %j', ({ literal }, expected) => {
    expect(literal).toBe(expected);
  });

  testWith(['python3'], 'that is a string is read back by Python as it was', () => {
    const texts = [...AWKWARD, ...randomTexts(500, [...ALPHABET, '\n', '\r', '\0', '\x1b'])];
    const literals = texts.map((text) => SettingValue.fromString(text).literal);
    expect(readByPython(literals)).toEqual(texts);
    // systemd drops a variable with a control character
    expect(literals.filter((literal) => /\p{Cc}/u.test(literal))).toEqual([]);
  });

  testWith(['python3'], 'that is nested is read back by Python as it was', () => {
    const list = SettingValue.stringList(...AWKWARD);
    const entries = Object.fromEntries(
      AWKWARD.map((text) => [text, SettingValue.fromString(text)]),
    );
    const numbers = [0, -1, 1.5, 1e21, 1e-7, Number.MAX_SAFE_INTEGER];
    expect(
      readByPython([
        list.literal,
        SettingValue.mapOf(entries).literal,
        SettingValue.tupleOf(list, SettingValue.nothing(), SettingValue.fromBoolean(false)).literal,
        SettingValue.listOf(...numbers.map((number) => SettingValue.fromNumber(number))).literal,
      ]),
    ).toEqual([
      AWKWARD,
      Object.fromEntries(AWKWARD.map((text) => [text, text])),
      [AWKWARD, null, false],
      numbers,
    ]);
  });

  test('that is not known at synth time is accepted', () => {
    const stack = new Stack(new App(), 'Stack');
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    const text = new CfnParameter(stack, 'Text').valueAsString;
    // In base64, since a quotation mark in it would end the literal.
    const encoded = (Ref: string) => ({ 'Fn::Base64': { Ref } });
    expect(stack.resolve(SettingValue.fromNumber(number).literal)).toEqual({
      'Fn::Join': ['', ["b'number:", encoded('Number'), "'"]],
    });
    expect(stack.resolve(SettingValue.fromString(text).literal)).toEqual({
      'Fn::Join': ['', ["b'", encoded('Text'), "'"]],
    });
    expect(stack.resolve(SettingValue.mapOf({ [text]: SettingValue.nothing() }).literal)).toEqual({
      'Fn::Join': ['', ["{b'", encoded('Text'), "': None}"]],
    });
  });
});

describe('the environment file', () => {
  testWith(['bash'], 'is read back by bash as it was', () => {
    const texts = [...AWKWARD, ...randomTexts(300, ALPHABET)].filter(
      (text) => !/(?!\t)\p{Cc}/u.test(text),
    );
    const values = Object.fromEntries(texts.map((text, index) => [`V${index}`, text]));
    expect(readByBash(values)).toEqual(values);
  });

  testWith(['bash', 'python3'], 'brings typed values from TypeScript to Python', () => {
    const literal = SettingValue.stringList(...AWKWARD).literal;
    const { EXTRA_SETTINGS } = readByBash({ EXTRA_SETTINGS: literal });
    expect(readByPython([EXTRA_SETTINGS])).toEqual([AWKWARD]);
  });

  test('leaves tokens to be resolved, with any text around them', () => {
    const stack = new Stack(new App(), 'Stack');
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const value = `$"${text}\`\${x}`;
    const script = renderUserData(stack, 'Files', {}, { VALUE: value });
    expect(stack.resolve(script)['Fn::Join'][1]).toContainEqual(stack.resolve(Fn.base64(value)));
    expect(environmentsOf(renderUserData(stack, 'Files', { A: '1' }, { B: 'x' }))).toEqual({
      host: { A: '1' },
      dashboard: { B: 'x' },
    });
  });

  test('rejects several lines, also in resolved tokens', () => {
    const stack = new Stack(new App(), 'Stack');
    const resolved = (text: string) => (): unknown =>
      stack.resolve(renderUserData(stack, 'Files', {}, { THEME_LABEL: text }));
    const message =
      "Stack: THEME_LABEL must be one line of text without control characters, got 'a\\nb'";
    expectMisuse(resolved('a\nb'), message);
    expect(resolved(Lazy.string({ produce: () => 'a\nb' }))).toThrow(message);
  });
});

test('values that are not known at synth time are accepted', () => {
  const stack = new Stack(new App(), 'Stack');
  const text = new CfnParameter(stack, 'Text').valueAsString;
  const late = Lazy.string({ produce: () => 'http://not.checked' });
  expect(
    stack.resolve(
      new DashboardSettings({
        domainName: text,
        keystoneUrl: late,
        additionalHosts: [text],
        passwordRegex: text,
        passwordHelpText: text,
      }).environment,
    ),
  ).toMatchObject({
    ALLOWED_HOSTS: { 'Fn::Join': ['', [{ Ref: 'Text' }, ',', { Ref: 'Text' }]] },
    OPENSTACK_KEYSTONE_URL: 'http://not.checked',
    PASSWORD_VALIDATOR_REGEX: { Ref: 'Text' },
  });
});

test.each([
  'https://keystone.example.org/v3',
  'https://keystone.example.org:5000/v3',
  'https://keystone.example.org/identity/v3',
  'https://192.0.2.1:5000/v3/',
  'https://[2001:db8::1]:5000/v3',
])('the Keystone URL %s is accepted', (keystoneUrl) => {
  expect(() => new DashboardSettings({ domainName: NAME, keystoneUrl })).not.toThrow();
});

test.each(['UTC', 'Europe/Berlin', 'America/Argentina/Ushuaia', 'Asia/Kolkata', 'Etc/GMT+5'])(
  'the time zone %s is taken',
  (timeZone) => {
    expect(environment({ timeZone }).TIME_ZONE).toBe(timeZone);
  },
);

test('extra settings may have https URLs of OpenStack, and http URLs of others', () => {
  const extraSettings = {
    OPENSTACK_OTHER_URLS: SettingValue.listOf(
      SettingValue.tupleOf(
        SettingValue.fromString('https://keystone.example.org/v3'),
        SettingValue.fromString('one'),
      ),
    ),
    HELP_PAGE: SettingValue.fromString('http://www.example.org'),
    REST_API_ADDITIONAL_SETTINGS: SettingValue.stringList('OPENSTACK_NEUTRON_NETWORK'),
  };
  expect(() => environment({ extraSettings })).not.toThrow();
});

test('image upload through the hosts has a size', () => {
  const size = (imageUpload?: ImageUpload) =>
    new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE, imageUpload }).maxUploadSize;
  expect(size()).toBeUndefined();
  expect(size(ImageUpload.direct('quota'))).toBeUndefined();
  expect(size(ImageUpload.legacy('quota'))?.toMebibytes()).toBe(256);
  expect(size(ImageUpload.legacy('quota', Size.gibibytes(2)))?.toGibibytes()).toBe(2);
});

test('uploads through the hosts have limits', () => {
  const seconds = (mebibytes: number, options?: LegacyUploadOptions) =>
    ImageUpload.legacy('quota', Size.mebibytes(mebibytes), options).transferTimeout?.toSeconds();
  expect([seconds(256), seconds(1024), seconds(2 ** 20)]).toEqual([56, 64, 590]);
  expect(seconds(4096, { transferTimeout: Duration.seconds(100) })).toBe(100);
  expect(() => seconds(1, { transferTimeout: Duration.seconds(55) })).toThrow(
    'transferTimeout must be a whole number of seconds from 56 to 590, got 55',
  );
  expect(() => seconds(1, { concurrentUploads: 0 })).toThrow(
    'concurrentUploads must be a whole number from 1 to 64, got 0',
  );
});

describe('misuse', () => {
  test.each([
    'Europe/Berlim',
    'CEST',
    'europe/berlin',
    'US/Eastern',
    'Europe',
    'Europe/',
    '/UTC',
    '+01:00',
    'Factory',
    'toString',
    'constructor/name',
  ])('fails with the time zone "%s"', (timeZone) => {
    expectMisuse(
      () => environment({ timeZone }),
      `timeZone must be a name of the IANA time zone database such as Europe/Berlin, got '${timeZone}'`,
    );
  });

  const REFUSED_TEXTS = {
    'a\nb': 'a\\nb',
    ' ': ' ',
    '': '',
    'a\u0000': 'a\\u0000',
    ['x'.repeat(1025)]: `${'x'.repeat(200)}…`,
  };

  test.each(['siteBranding', 'defaultServiceRegion', 'passwordHelpText', 'caCertificateFile'])(
    'fails with text of %s that is not one line',
    (prop) => {
      for (const [text, shown] of Object.entries(REFUSED_TEXTS)) {
        expectMisuse(
          () => environment({ [prop]: text }),
          `${prop} must be one line of 1 to 1024 characters, got '${shown}'`,
        );
      }
    },
  );

  test('fails with a relative path of CA certificates', () => {
    expectMisuse(
      () => environment({ caCertificateFile: 'ca.pem' }),
      "caCertificateFile must be an absolute path, got 'ca.pem'",
    );
  });

  test.each([
    [
      'OPENSTACK_OTHER_URLS',
      'http://keystone.example.org/v3',
      (url: string) => SettingValue.listOf(SettingValue.stringList(url, 'one')),
    ],
    ['OPENSTACK_OTHER_URL', 'http://other.example.org', SettingValue.fromString],
    ['OPENSTACK_EXAMPLE_URL', ' HTTP://example.example.org/v3', SettingValue.fromString],
  ])('fails with an http URL in %s', (name, url, value) => {
    expectMisuse(
      () => environment({ extraSettings: { [name]: value(url) } }),
      `extraSettings.${name} must have https URLs only, got '${url}'; tokens are sent to them`,
    );
  });

  test.each(['SECRET_KEY', 'CACHES', 'EMAIL_HOST_PASSWORD', 'OPENSTACK_PROFILER', 'A_TOKEN'])(
    'fails with %s told to browsers',
    (name) => {
      const value = SettingValue.stringList('OPENSTACK_NEUTRON_NETWORK', name);
      expectMisuse(
        () => environment({ extraSettings: { REST_API_ADDITIONAL_SETTINGS: value } }),
        `extraSettings.REST_API_ADDITIONAL_SETTINGS must not name settings that are secret, got '${name}'; browsers can read them`,
      );
    },
  );

  test.each([0, 2 ** 20 - 1, 2 ** 20 + 0.5, 2 ** 41])(
    'fails with images of at most %d bytes',
    (bytes) => {
      expectMisuse(
        () => ImageUpload.legacy('plan', Size.bytes(bytes)),
        `maxSize must be a whole number of bytes from 1048576 to 1099511627776, got ${bytes}`,
      );
    },
  );

  test.each([
    'dashboard',
    '*.example.org',
    '.example.org',
    'a.example.org:8443',
    'A.example.org',
    '-a.example.org',
    `${'a'.repeat(64)}.example.org`,
    '192.0.2.1',
    '',
  ])('fails with the name "%s"', (name) => {
    for (const [prop, options] of [
      ['domainName', { domainName: name, additionalHosts: [] }],
      ['additionalHosts', { domainName: NAME, additionalHosts: [name] }],
    ] as [string, { domainName: string; additionalHosts: string[] }][]) {
      expectMisuse(
        () => new DashboardSettings({ keystoneUrl: KEYSTONE, ...options }),
        `${prop} must be a fully qualified domain name in lower case such as dashboard.example.org, without a wildcard, leading dot, port or scheme, got '${name}'`,
      );
    }
  });

  test.each([
    'http://keystone.example.org:5000/v3',
    'keystone.example.org',
    'https://',
    'https://user@keystone.example.org/v3',
    'https://:secret@keystone.example.org/v3',
    'https://keystone.example.org/v3?a=b',
    'https://keystone.example.org/v3?',
    'https://keystone.example.org/v3#a',
    ' https://keystone.example.org/v3',
    'https://keystone.example.org/v3\n',
    'https://keystone.example.org:99999/v3',
    'https://keystone.example.org:5000',
    'https://keystone.example.org:5000/',
    'https://keystone.example.org:5000/v2.0',
    'https://keystone.example.org:5000/v3/auth',
    'https://keystone.example.org:5000/av3',
    '',
  ])('fails with the Keystone URL %j', (keystoneUrl) => {
    expectMisuse(
      () => new DashboardSettings({ domainName: NAME, keystoneUrl }),
      `keystoneUrl must be an https URL that ends with /v3, without a user, query or fragment, such as https://keystone.example.org:5000/v3, got '${keystoneUrl.replace('\n', '\\n')}'`,
    );
  });

  test.each([
    '',
    '.{0,}',
    '[\\s\\S]+',
    '^.{1,}$',
    '.*',
    '.+',
    '^.*$',
    '^.+$',
    '.*?',
    '^(.*)$',
    '^$',
  ])('fails with the password expression "%s", which allows everything', (passwordRegex) => {
    expectMisuse(
      () => environment({ passwordRegex, passwordHelpText: 'Anything.' }),
      `passwordRegex must refuse short passwords, got '${passwordRegex}'; use an expression such as '^.{12,128}$'`,
    );
  });

  test('fails with a password expression without a help text', () => {
    expectMisuse(
      () => environment({ passwordRegex: '^.{8,}$' }),
      'passwordHelpText must be given with passwordRegex, got none; users see it when a password is rejected',
    );
  });

  test.each(['direct', 'legacy'] as const)('fails with %s upload without a plan', (mode) => {
    expectMisuse(
      () => ImageUpload[mode](' '),
      "plan must be a sentence that says how resource exhaustion is prevented, got ' '",
    );
  });

  test.each([NaN, Infinity, -Infinity])('fails with the number %d', (number) => {
    expectMisuse(
      () => SettingValue.fromNumber(number),
      `value must be a finite number, got ${number}`,
    );
  });

  test.each(['debug', 'a b', '_X', '1X', ''])('fails with the setting name "%s"', (name) => {
    expectMisuse(
      () => environment({ extraSettings: { [name]: SettingValue.nothing() } }),
      `extraSettings must have names of settings in upper case such as MEMOIZED_MAX_SIZE_DEFAULT, got '${name}'`,
    );
  });

  test.each([...OWNED_SETTINGS, 'WEBSSO_OF_A_LATER_HORIZON'])(
    'fails with the extra setting %s, which the library sets',
    (name) => {
      const prop = propOf(name);
      const use = name.startsWith('WEBSSO_')
        ? 'webSso'
        : (prop ?? 'the property for it, if there is one');
      expectMisuse(
        () => environment({ extraSettings: { [name]: SettingValue.nothing() } }),
        `extraSettings must not contain settings that the library sets itself, got '${name}'; use ${use}`,
      );
    },
  );

  test.each([
    ['KEYSTONE_PROVIDER_IDP_NAME', 'keystoneProviderIdpName'],
    ['WEBSSO_USE_HTTP_REFERER', 'webSso'],
    ['TIME_ZONE', 'timeZone'],
  ])('names the prop instead of the extra setting %s', (name, prop) => {
    expect(() => environment({ extraSettings: { [name]: SettingValue.nothing() } })).toThrow(
      new RegExp(`; use ${prop}$`),
    );
  });
});
