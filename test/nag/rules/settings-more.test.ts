import { Resources, UNKNOWN, dashboard, findings, ref, rule, withoutDashboard } from '../fixtures';

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

test('SETTINGS13 is content with a plan, which is to be stated', () => {
  const uploads = set({ HORIZON_IMAGES_UPLOAD_MODE: 'direct' });
  expect(findings(uploads)).toEqual(['SETTINGS13 Host']);
  const imageUploadPlan = 'the image service has a quota for each project';
  expect(findings(uploads, { imageUploadPlan })).toEqual([]);
  expect(() => findings(uploads, { imageUploadPlan: '' })).toThrow(
    "imageUploadPlan must be a sentence that an auditor can judge, got ''",
  );
});
