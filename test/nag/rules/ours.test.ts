// Rules of this project's own, which the guide does not have.
import { isOwn } from '../../../lib/nag/pack/rule';
import { RULES } from '../../../lib/nag/rules';
import { Resources, dashboard, findings, ref, rule, withoutDashboard } from '../fixtures';

const python = (text: string): Resources =>
  dashboard({
    script: `apt-get install -y nginx\ncat > /etc/openstack-dashboard/local_settings.d/_9.py <<'E'\n${text}\nE\n`,
  });
const cases = (...texts: string[]): Record<string, Resources> =>
  Object.fromEntries(texts.map((text) => [text, dashboard({ script: text })]));
const settings = (...texts: string[]): Record<string, Resources> =>
  Object.fromEntries(texts.map((text) => [text, python(text)]));
const elsewhere = (text: string): Record<string, Resources> => ({
  'an app without a dashboard': withoutDashboard(dashboard({ script: text })),
});

/** A dashboard without what hosts of this library have. */
const foreign = (...texts: string[]): Record<string, Resources> =>
  Object.fromEntries(
    texts.map((text) => {
      const all = dashboard({
        script: `apt-get install -y openstack-dashboard\ncat > /etc/openstack-dashboard/local_settings.py <<'E'\n${text}\nE\n`,
      });
      return [text, { ...all, Host: { ...all.Host, Metadata: {} } }];
    }),
  );

rule('PROXY8', {
  on: 'Host',
  compliant: cases(
    'WSGIDaemonProcess horizon-http processes=5 threads=1 user=horizon\n',
    'WSGIDaemonProcess keystone-public threads=15\nWSGIDaemonProcess horizon threads=1\n',
    'gunicorn --workers 4 --threads 1 wsgi:application\n',
    "cat > /etc/uwsgi/horizon.ini <<'E'\n[uwsgi]\nprocesses = 8\nthreads = 1\nenable-threads = true\nE\n",
    // PROXY3 reports its class.
    'gunicorn -k gthread --threads 8 -w 2 wsgi:application\n',
    'make --threads 8\n',
  ),
  wrong: cases(
    'WSGIDaemonProcess horizon user=horizon group=horizon processes=3 threads=10\n',
    'WSGIDaemonProcess horizon user=horizon processes=3\n',
    "cat > /etc/apache2/conf-enabled/openstack-dashboard.conf <<'E'\nWSGIDaemonProcess horizon threads=15\nE\n",
    'gunicorn --workers 1 --threads 12 wsgi:application\n',
    "cat > /etc/gunicorn.conf.py <<'E'\nwsgi_app = 'x.wsgi'\nworkers = 2\nthreads = 4\nE\n",
    "cat > /etc/uwsgi/horizon.ini <<'E'\n[uwsgi]\nthreads = 4\nE\n",
    'uwsgi --http-socket 127.0.0.1:8080 --threads 4 --module openstack_dashboard.wsgi\n',
  ),
  notApplicable: elsewhere('gunicorn --threads 12 wsgi:application\n'),
  unknown: {
    'a number of the deployment': dashboard({
      script: {
        'Fn::Join': ['', ['WSGIDaemonProcess horizon threads=', ref('Given'), '\n']],
      },
    }),
  },
});

rule('SETTINGS16', {
  on: 'Host',
  compliant: {
    ...foreign(
      'WEBSSO_ENABLED = True\nWEBSSO_USE_HTTP_REFERER = False',
      'WEBSSO_USE_HTTP_REFERER = False\nWEBSSO_ENABLED = True\nWEBSSO_CHOICES = ()',
    ),
    ...settings('WEBSSO_ENABLED = True'),
  },
  wrong: foreign(
    'WEBSSO_ENABLED = True',
    'WEBSSO_ENABLED = True\nWEBSSO_USE_HTTP_REFERER = True',
    'WEBSSO_ENABLED: bool = True\nWEBSSO_CHOICES = ()',
  ),
  notApplicable: {
    ...foreign('WEBSSO_ENABLED = False', 'DEBUG = False'),
    ...elsewhere('WEBSSO_ENABLED=True\n'),
  },
  undecided: foreign('WEBSSO_ENABLED = True\nWEBSSO_USE_HTTP_REFERER = referer()'),
});

rule('SETTINGS18', {
  on: 'Host',
  compliant: foreign(
    "WEBSSO_DEFAULT_REDIRECT = True\nWEBSSO_DEFAULT_REDIRECT_REGION = 'https://keystone.example.org/v3'",
    'WEBSSO_DEFAULT_REDIRECT = True\nWEBSSO_DEFAULT_REDIRECT_REGION = region()',
  ),
  wrong: foreign(
    'WEBSSO_DEFAULT_REDIRECT = True',
    "WEBSSO_DEFAULT_REDIRECT = True\nWEBSSO_KEYSTONE_URL = 'https://keystone.example.org/v3'",
    "WEBSSO_DEFAULT_REDIRECT = True\nWEBSSO_DEFAULT_REDIRECT_REGION = 'http://localhost/identity/v3'",
  ),
  notApplicable: {
    ...foreign('WEBSSO_DEFAULT_REDIRECT = False', 'WEBSSO_ENABLED = True'),
    ...elsewhere('WEBSSO_DEFAULT_REDIRECT=True\n'),
  },
  undecided: foreign('WEBSSO_DEFAULT_REDIRECT = redirect()'),
});

rule('SETTINGS17', {
  on: 'Host',
  compliant: settings(
    "REST_API_ADDITIONAL_SETTINGS = ['OPENSTACK_IMAGE_FORMATS', 'ENFORCE_PASSWORD_CHECK']",
    "REST_API_ADDITIONAL_SETTINGS = ['OPENSTACK_ENABLE_PASSWORD_RETRIEVE', 'SESSION_TIMEOUT']",
    'REST_API_ADDITIONAL_SETTINGS = []',
  ),
  wrong: settings(
    "REST_API_ADDITIONAL_SETTINGS = ['SECRET_KEY']",
    "REST_API_ADDITIONAL_SETTINGS = ('SITE_BRANDING', 'EMAIL_HOST_PASSWORD')",
    "REST_API_ADDITIONAL_SETTINGS = ['OPENSTACK_IMAGE_FORMATS']\nREST_API_ADDITIONAL_SETTINGS += ['CACHES']",
    "REST_API_ADDITIONAL_SETTINGS += ['MAPS_API_KEY', other]",
  ),
  notApplicable: elsewhere('REST_API_ADDITIONAL_SETTINGS=SECRET_KEY\n'),
  undecided: settings('REST_API_ADDITIONAL_SETTINGS = exposed()'),
});

const health = (
  target: Record<string, unknown>,
  group: Record<string, unknown> = { HealthCheckType: 'ELB' },
): Resources => dashboard({ properties: { Targets: target, Group: group } });

rule('HOST2', {
  on: 'Targets',
  compliant: {
    'a path of the web server': health({ HealthCheckPath: '/healthz' }),
    'static media': health({ HealthCheckPath: '/static/dashboard/img/logo.svg' }),
    'a connection': health({ HealthCheckProtocol: 'TCP' }),
  },
  wrong: {
    'the root, which is the default': health({}),
    'the login page': health({ HealthCheckPath: '/auth/login/' }),
    'the login page below a root': health({ HealthCheckPath: '/horizon/auth/login/?next=/' }),
    'a page of a project': health({ HealthCheckPath: '/project/' }),
    'several types': health(
      { HealthCheckPath: '/dashboard' },
      { HealthCheckType: 'EC2,ELB', HealthCheckGracePeriod: 300 },
    ),
  },
  notApplicable: {
    'a group that looks at its instances alone': health({ HealthCheckPath: '/auth/login/' }, {}),
    ...elsewhere('true\n'),
  },
  undecided: { 'a path of the deployment': health({ HealthCheckPath: ref('Given') }) },
});

test('a Classic Load Balancer is checked, too', () => {
  const all = dashboard({
    properties: { Group: { HealthCheckType: 'ELB', LoadBalancerNames: [ref('Classic')] } },
    more: {
      Classic: {
        Type: 'AWS::ElasticLoadBalancing::LoadBalancer',
        Properties: {
          Listeners: [{ Protocol: 'HTTPS', InstanceProtocol: 'HTTPS', LoadBalancerPort: '443' }],
          HealthCheck: { Target: 'HTTPS:443/auth/login/' },
        },
      },
    },
  });
  expect(findings(all)).toContain('HOST2 Classic');
});

test('guideOnly turns them off', () => {
  const wrong = dashboard({
    script: 'WSGIDaemonProcess horizon threads=15\nDEBUG=True\n',
    environment: { REST_API_ADDITIONAL_SETTINGS: 'SECRET_KEY' },
  });
  const all = findings(wrong);
  expect(all).toEqual(['PROXY8 Host', 'SETTINGS1 Host', 'SETTINGS17 Host']);
  expect(findings(wrong, { guideOnly: true })).toEqual(['SETTINGS1 Host']);
  expect(RULES.filter(isOwn).map(({ id }) => id)).toEqual([
    'PROXY8',
    'SETTINGS16',
    'SETTINGS17',
    'SETTINGS18',
    'HOST2',
  ]);
});
