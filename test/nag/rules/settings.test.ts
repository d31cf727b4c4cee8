import { gzipSync } from 'node:zlib';
import {
  CHOICE,
  ENVIRONMENT,
  Resources,
  UNKNOWN,
  asUserData,
  dashboard,
  either,
  findings,
  ref,
  report,
  rule,
  undecided,
  withoutDashboard,
} from '../fixtures';

/** The same settings in each of the places where rules look for them. */
const places: Record<string, (environment: Record<string, unknown>) => Resources> = {
  metadata: (environment) => dashboard({ environment }),
  'user data': (environment) => {
    const resources = withoutDashboard(dashboard());
    const data = resources.Host.Properties!.LaunchTemplateData as Record<string, unknown>;
    resources.Host.Properties!.LaunchTemplateData = {
      ...data,
      UserData: asUserData({ ...ENVIRONMENT, ...environment }),
    };
    return resources;
  },
  container: (environment) => {
    const { Host: _host, ...rest } = dashboard();
    return {
      ...rest,
      Host: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          ContainerDefinitions: [
            { Name: 'log', Image: 'log' },
            {
              Name: 'horizon',
              Image: 'horizon',
              Environment: Object.entries({ ...ENVIRONMENT, ...environment }).map(
                ([Name, Value]) => ({ Name, Value }),
              ),
            },
          ],
        },
      },
    };
  },
};

function setting(id: string, name: string, good: unknown[], bad: unknown[]): void {
  for (const [place, make] of Object.entries(places)) {
    const cases = (values: unknown[]): Record<string, Resources> =>
      Object.fromEntries(
        values.map((value) => [
          `${name}=${JSON.stringify(value)} in ${place}`,
          make({ [name]: value }),
        ]),
      );
    rule(id, {
      on: 'Host',
      compliant: cases(good),
      wrong: cases(bad),
      notApplicable: { [`a host without a dashboard, ${place}`]: withoutDashboard(dashboard()) },
      undecided: cases([ref('Given'), UNKNOWN, CHOICE]),
    });
  }
}

setting('SETTINGS1', 'DEBUG', ['false', 'False'], ['true', 'True', '1', 'yes', 'on', 'maybe']);
setting(
  'SETTINGS2',
  'ALLOWED_HOSTS',
  ['dashboard.example', 'a.example.org, b.example.org', 'example.org'],
  ['', ' , ', 'horizon', 'dashboard.example,horizon', '10.0.0.1', 'https://a.example.org'],
);
setting(
  'SETTINGS3',
  'ALLOWED_HOSTS',
  ['dashboard.example', 'a.example.org,b.example.org'],
  ['*', '.example.org', '*.example.org', 'dashboard.example,*'],
);
setting('SETTINGS4', 'SESSION_COOKIE_SECURE', ['true', 'True'], ['false', '0', '']);
setting('SETTINGS5', 'CSRF_COOKIE_SECURE', ['true', 'True'], ['false', '0', '']);
setting('SETTINGS6', 'SESSION_COOKIE_HTTPONLY', ['true', 'True'], ['false', 'no', '']);
setting('SETTINGS7', 'DISALLOW_IFRAME_EMBED', ['true', 'True'], ['false', 'off', '']);
setting('SETTINGS8', 'COMPRESS_OFFLINE', ['true', 'True'], ['false', '']);
setting('SETTINGS9', 'ENFORCE_PASSWORD_CHECK', ['true', 'True'], ['false', '']);
setting('SETTINGS10', 'DISABLE_PASSWORD_REVEAL', ['true', 'True'], ['false', '']);
setting(
  'SETTINGS11',
  'PASSWORD_AUTOCOMPLETE',
  ['off', 'False'],
  ['on', 'true', 'current-password'],
);
setting(
  'SETTINGS12',
  'PASSWORD_VALIDATOR_REGEX',
  ['^.{12,}$', '.{8}', '^(?=.*\\d)(?=.*[a-z]).{10,64}$', '(?P<long>.{12,})\\Z', '(not python'],
  ['.*', '.+', '^.*$', '', '^.+$', '.', '[\\s\\S]*', '(.*)', '.{0,64}', '\\A.*\\Z', 'x*'],
);
setting('SETTINGS13', 'HORIZON_IMAGES_UPLOAD_MODE', ['off'], ['legacy', 'direct']);

test('SETTINGS2 and SETTINGS3 check known names next to unknown ones', () => {
  const some = (text: string): string[] =>
    findings(dashboard({ environment: { ALLOWED_HOSTS: { 'Fn::Sub': text } } }));
  expect(some('${Given},dashboard.example')).toEqual([]);
  expect(some('dashboard.${Given}')).toEqual([]);
  expect(some('${Given},horizon')).toEqual(['SETTINGS2 Host']);
  expect(some('${Given},*')).toEqual(['SETTINGS3 Host']);
  expect(some('.${Given}')).toEqual(['SETTINGS3 Host']);
});

test('values that a shell or Python computes at run time are unknown', () => {
  const script = 'ALLOWED_HOSTS="$NAMES"\nDEBUG=$(cat debug)\nSESSION_COOKIE_SECURE = USE_TLS\n';
  expect(findings(dashboard({ script }))).toEqual([]);
});

test('SETTINGS8 accepts disabled compression', () => {
  const environment = { COMPRESS_OFFLINE: 'false', COMPRESS_ENABLED: 'false' };
  expect(findings(dashboard({ environment }))).toEqual([]);
});

test('settings that are not in the template may come from elsewhere', () => {
  const left = ['DEBUG', 'SESSION_COOKIE_SECURE', 'PASSWORD_VALIDATOR_REGEX', 'COMPRESS_OFFLINE'];
  const environment = Object.fromEntries(left.map((name) => [name, undefined]));
  expect(findings(dashboard({ environment }))).toEqual([]);
});

test('user data and metadata are both checked, since an escape hatch may change either', () => {
  const resources = dashboard({ script: 'cat <<E\nDEBUG="true"\nE\n' });
  expect(findings(resources)).toEqual(['SETTINGS1 Host']);
});

test('a local_settings.py in user data is checked as Python', () => {
  const script = `#!/bin/bash
cat > /etc/openstack-dashboard/local_settings.py <<'E'
DEBUG = True
ALLOWED_HOSTS = [
    '*',  # everybody
]
SESSION_ENGINE = 'django.contrib.sessions.backends.signed_cookies'
OPENSTACK_KEYSTONE_URL = "http://%s:5000/v3" % OPENSTACK_HOST
SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
#SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = USE_TLS
SECRET_KEY = secret_key.generate_or_read_from_file(PATH)
E
`;
  const Host = {
    Type: 'AWS::AutoScaling::LaunchConfiguration',
    Properties: { MetadataOptions: { HttpTokens: 'required' }, UserData: { 'Fn::Base64': script } },
  };
  const expected = [
    'HTTPS5 Host',
    'SECRET4 Host',
    'SESSION2 Host',
    'SETTINGS1 Host',
    'SETTINGS3 Host',
  ];
  expect(findings({ Host })).toEqual(expected);
  const encoded = Buffer.from(script).toString('base64');
  expect(
    findings({ Host: { ...Host, Properties: { ...Host.Properties, UserData: encoded } } }),
  ).toEqual(expected);
});

/** User data that writes settings of Python. */
const python = (text: string): Resources =>
  dashboard({ script: `cat > /etc/openstack-dashboard/local_settings.py <<'E'\n${text}\nE\n` });

test.each<[string, string, string[]]>([
  [
    'HORIZON_CONFIG',
    `HORIZON_CONFIG = {
    'user_home': get_home,  # as ever
    "password_validator": {
        "regex": '.*',
        "help_text": _("Your password does not meet the requirements."),
    },
    'password_autocomplete': 'on',
    'disable_password_reveal': False,
}`,
    ['SETTINGS10 Host', 'SETTINGS11 Host', 'SETTINGS12 Host'],
  ],
  [
    'keys of HORIZON_CONFIG',
    `HORIZON_CONFIG["password_autocomplete"] = "on"
HORIZON_CONFIG['password_validator'] = {"regex": r'.+', "help_text": ''}
HORIZON_CONFIG["disable_password_reveal"] = False`,
    ['SETTINGS10 Host', 'SETTINGS11 Host', 'SETTINGS12 Host'],
  ],
  [
    'an update of HORIZON_CONFIG',
    `HORIZON_CONFIG.update({'password_autocomplete': 'on'})`,
    ['SETTINGS11 Host'],
  ],
  [
    'right keys of HORIZON_CONFIG',
    `HORIZON_CONFIG["password_autocomplete"] = "off"
HORIZON_CONFIG['password_validator'] = {"regex": '^.{12,}$'}
HORIZON_CONFIG["disable_password_reveal"] = True`,
    [],
  ],
  ['comments', `# HORIZON_CONFIG["password_autocomplete"] = "on"`, []],
  ['the older name of image upload', 'HORIZON_IMAGES_ALLOW_UPLOAD = True', ['SETTINGS13 Host']],
])('%s of Python are checked', (_name, text, expected) => {
  expect(findings(python(text))).toEqual(expected);
});

test.each<[string, string, string[]]>([
  ['a unit of systemd', '[Service]\nEnvironment=DEBUG=true\n', ['SETTINGS1 Host']],
  [
    'several variables of a unit',
    'Environment="A=1" "DEBUG=true" CSRF_COOKIE_SECURE=false\n',
    ['SETTINGS1 Host', 'SETTINGS5 Host'],
  ],
  [
    'the options of a container',
    'docker run -d -e DEBUG=true --env A=b horizon\n',
    ['SETTINGS1 Host'],
  ],
  ['an image', 'ENV DEBUG=true\n', ['SETTINGS1 Host']],
  ['an image of before', 'ENV DEBUG true\n', ['SETTINGS1 Host']],
  [
    'a line that a command appends',
    `echo "DEBUG = True" >> /etc/openstack-dashboard/local_settings.py\n`,
    ['SETTINGS1 Host'],
  ],
  ['a line that a command shows', 'echo "DEBUG=true"\n', []],
])('settings are found in %s', (_name, script, expected) => {
  expect(findings(dashboard({ script }))).toEqual(expected);
});

test('extra settings override the environment, and are checked', () => {
  const extra = (EXTRA_SETTINGS: unknown): string[] =>
    findings(dashboard({ environment: { EXTRA_SETTINGS } }));
  expect(extra("{'API_RESULT_LIMIT': 100}")).toEqual([]);
  expect(extra("{'DEBUG': True, 'HORIZON_CONFIG': {'password_autocomplete': 'on'}}")).toEqual([
    'SETTINGS1 Host',
    'SETTINGS11 Host',
  ]);
  expect(extra({ 'Fn::Sub': "{'X': '${Given}', 'DEBUG': True}" })).toEqual(['SETTINGS1 Host']);
});

test('settings that a container gets from a Systems Manager parameter are checked', () => {
  const task = (Value: string): Resources => ({
    Debug: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value } },
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        ContainerDefinitions: [
          { Image: 'kolla/horizon:1', Secrets: [{ Name: 'DEBUG', ValueFrom: ref('Debug') }] },
        ],
      },
    },
  });
  expect(findings(task('true'))).toEqual(['SETTINGS1 Task']);
  expect(findings(task('false'))).toEqual([]);
});

test("a Systems Manager parameter with a dashboard's settings is checked", () => {
  const parameter = (lines: string): Resources => ({
    Settings: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: lines } },
  });
  const marks =
    "SESSION_ENGINE = 'django.contrib.sessions.backends.cache'\nOPENSTACK_KEYSTONE_URL = 'https://k/v3'\n";
  expect(findings(parameter(`${marks}DEBUG = True\n`))).toEqual(['SETTINGS1 Settings']);
  expect(findings(parameter('DEBUG = True\n'))).toEqual([]);
});

test('settings in compressed files are checked', () => {
  const text = ['DEBUG = True', "ALLOWED_HOSTS = ['*']", ''].join('\n');
  const content = gzipSync(text).toString('base64');
  const script = `#cloud-config\nwrite_files:\n- path: /etc/a.py\n  encoding: gzip+base64\n  content: !!binary |\n    ${content}\n`;
  const resources = dashboard();
  resources.Host.Properties = {
    LaunchTemplateData: {
      MetadataOptions: { HttpTokens: 'required' },
      UserData: { 'Fn::Base64': script },
    },
  };
  expect(findings(resources)).toEqual(['SETTINGS1 Host', 'SETTINGS3 Host']);
});

test('both branches of a condition are checked, in the metadata and in user data', () => {
  const where = (resources: Resources): string[] =>
    report(resources).violations.map(({ description }) => description);
  const said = ['DEBUG is on. This applies where Production is false.'];
  expect(where(dashboard({ environment: { DEBUG: either('false', 'true') } }))).toEqual(said);
  const script = { 'Fn::Join': ['', ['DEBUG=', either('false', 'true'), '\n']] };
  expect(where(dashboard({ script }))).toEqual(said);
});

test('a setting that is unknown in one place and wrong in another is wrong', () => {
  const both = dashboard({ environment: { DEBUG: ref('Given') }, script: 'DEBUG=true\n' });
  expect(findings(both)).toEqual(['SETTINGS1 Host']);
  expect(undecided(both)).toEqual([]);
});

const set = (environment: Record<string, unknown>): Resources => dashboard({ environment });
/** A settings file in user data, as the dashboard of a host. */
const file = (text: unknown): Resources =>
  dashboard({
    script: {
      'Fn::Join': [
        '',
        [
          "SESSION_ENGINE = 'django.contrib.sessions.backends.cache'\n",
          "OPENSTACK_KEYSTONE_URL = 'https://keystone.example.org/v3'\n",
          text,
        ],
      ],
    },
  });
const files = (...texts: string[]): Record<string, Resources> =>
  Object.fromEntries(texts.map((text) => [text.trim(), file(text)]));

rule('SETTINGS14', {
  on: 'Host',
  compliant: {
    'no domain': dashboard(),
    'a host': set({ SESSION_COOKIE_DOMAIN: 'dashboard.example' }),
    ...files("CSRF_COOKIE_DOMAIN = 'dashboard.example'\n", 'SESSION_COOKIE_DOMAIN = None\n'),
  },
  wrong: {
    'a leading dot': set({ SESSION_COOKIE_DOMAIN: '.example.org' }),
    'a leading dot of the other cookie': set({ CSRF_COOKIE_DOMAIN: '.example.org' }),
    'a leading dot before a name of the deployment': set({
      SESSION_COOKIE_DOMAIN: { 'Fn::Sub': '.${Given}' },
    }),
    ...files("SESSION_COOKIE_DOMAIN = '.example.org'\n"),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(set({ SESSION_COOKIE_DOMAIN: '.example.org' })),
  },
  unknown: {
    'a parameter': set({ SESSION_COOKIE_DOMAIN: ref('Given') }),
    'an import': set({ CSRF_COOKIE_DOMAIN: UNKNOWN }),
    'an expression': file('SESSION_COOKIE_DOMAIN = DOMAIN\n'),
  },
});

const LIST = "MIDDLEWARE = [\n    'django.middleware.common.CommonMiddleware',\n";

rule('SETTINGS15', {
  on: 'Host',
  compliant: {
    'no word on it': dashboard(),
    ...files(
      `${LIST}    'django.middleware.csrf.CsrfViewMiddleware',\n]\n`,
      "MIDDLEWARE += ['example.Middleware']\n",
      "MIDDLEWARE.remove('example.Middleware')\n",
      '# MIDDLEWARE.remove("django.middleware.csrf.CsrfViewMiddleware")\n',
      'MIDDLEWARE = [name for name in MIDDLEWARE]\n',
      'from django.views.decorators.csrf import csrf_exempt\n',
    ),
  },
  wrong: {
    ...files(
      `${LIST}]\n`,
      "MIDDLEWARE.remove('django.middleware.csrf.CsrfViewMiddleware')\n",
      "MIDDLEWARE = [m for m in MIDDLEWARE if 'Csrf' not in m]\n",
      "sed -i '/CsrfViewMiddleware/d' /usr/share/openstack-dashboard/settings.py\n",
      "cat >panel.py <<'E'\n@csrf_exempt\ndef view(request): pass\nE\n",
    ),
  },
  notApplicable: {
    'a host of something else': withoutDashboard(dashboard({ script: `${LIST}]\n` })),
  },
  unknown: {
    'a middleware of the deployment': file({ 'Fn::Sub': "MIDDLEWARE = ['a.b', '${Given}']\n" }),
  },
});

test('SETTINGS13 accepts a plan, which must not be blank', () => {
  const uploads = set({ HORIZON_IMAGES_UPLOAD_MODE: 'direct' });
  expect(findings(uploads)).toEqual(['SETTINGS13 Host']);
  const imageUploadPlan = 'the image service has a quota for each project';
  expect(findings(uploads, { imageUploadPlan })).toEqual([]);
  expect(() => findings(uploads, { imageUploadPlan: '' })).toThrow(
    "imageUploadPlan must be a sentence that an auditor can judge, got ''",
  );
});
