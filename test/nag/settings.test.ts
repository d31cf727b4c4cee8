import {
  CHOICE,
  ENVIRONMENT,
  Resources,
  UNKNOWN,
  asUserData,
  dashboard,
  findings,
  ref,
  rule,
  withoutDashboard,
} from './fixtures';

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
      unknown: cases([ref('Given'), UNKNOWN, CHOICE]),
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

test('SETTINGS2 and SETTINGS3 judge the known names among those of the deployment', () => {
  const some = (text: string): string[] =>
    findings(dashboard({ environment: { ALLOWED_HOSTS: { 'Fn::Sub': text } } }));
  expect(some('${Given},dashboard.example')).toEqual([]);
  expect(some('dashboard.${Given}')).toEqual([]);
  expect(some('${Given},horizon')).toEqual(['SETTINGS2 Host']);
  expect(some('${Given},*')).toEqual(['SETTINGS3 Host']);
  expect(some('.${Given}')).toEqual(['SETTINGS3 Host']);
});

test('what a shell or Python makes at run time is unknown', () => {
  const script = 'ALLOWED_HOSTS="$NAMES"\nDEBUG=$(cat debug)\nSESSION_COOKIE_SECURE = USE_TLS\n';
  expect(findings(dashboard({ script }))).toEqual([]);
});

test('SETTINGS8 accepts compression that is off altogether', () => {
  const environment = { COMPRESS_OFFLINE: 'false', COMPRESS_ENABLED: 'false' };
  expect(findings(dashboard({ environment }))).toEqual([]);
});

test('settings that a template leaves out may come from elsewhere', () => {
  const left = ['DEBUG', 'SESSION_COOKIE_SECURE', 'PASSWORD_VALIDATOR_REGEX', 'COMPRESS_OFFLINE'];
  const environment = Object.fromEntries(left.map((name) => [name, undefined]));
  expect(findings(dashboard({ environment }))).toEqual([]);
});

test('user data is judged beside the metadata, as an escape hatch may change either', () => {
  const resources = dashboard({ script: 'cat <<E\nDEBUG="true"\nE\n' });
  expect(findings(resources)).toEqual(['SETTINGS1 Host']);
});

test("a local_settings.py in user data is judged, Python's way", () => {
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
