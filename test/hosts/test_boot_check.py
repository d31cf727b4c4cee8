"""Runs the boot check, as the user horizon, against settings that are right and wrong.

Runs as root in a disposable Debian 13 root file system that has openstack-dashboard and the
dashboard hosts' files laid over it."""
import ast
import json
import os
import re
import socket
import subprocess
import sys
import unittest

from horizon_server import UPSTREAM

ETC = '/etc/openstack-dashboard'
LIB = '/usr/local/lib/openstack-dashboard'
sys.path.insert(0, f'{LIB}/python')
import openstack_dashboard_environment as environment  # noqa: E402

SECRET = '/run/openstack-dashboard/secret_key'
EXTRA_SNIPPET = f'{ETC}/local_settings.d/_9999_zz_other.py'
# the list that RULES.md is written from
with open(f'{LIB}/boot-check') as file:
    CHECKS, SERVED = (ast.literal_eval(re.search(rf'^{name} = (\{{.*?^\}})', text, re.M | re.S)[1])
                      for text in [file.read()] for name in ('FILES_AND_SETTINGS', 'SERVED'))
MEMCACHED = ('MEMCACHED_ENDPOINT', 'MEMCACHED_DISCOVERY', 'MEMCACHED_TLS')
ENVIRONMENT = {
    'ALLOWED_HOSTS': 'dashboard.example.org',
    'OPENSTACK_KEYSTONE_URL': 'https://keystone.example.org:5000/v3',
    'SESSION_ENGINE': 'django.contrib.sessions.backends.cache',
    'SECRET_KEY_SECRET_ID': 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-AbCdEf',
    'MEMCACHED_ENDPOINT': 'cache.example.org:11211',
    'MEMCACHED_DISCOVERY': 'true',
    'MEMCACHED_TLS': 'true',
    'STATIC_BASE_URL': 'https://static.dashboard.example.org/static/',
    'RELEASE_ID': '0123456789abcdef',
}


def write(path, text, mode=0o640):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        file.write(text)
    os.chmod(path, mode)
    subprocess.run(['chown', 'root:horizon', path], check=True)


def write_library(path, text):
    with open(path, 'w') as file:
        file.write(text)
# base64 stands for values that are known at deploy time only
WEB_SSO = {
    'WEBSSO_ENABLED': 'true', 'WEBSSO_INITIAL_CHOICE': 'credentials', 'WEBSSO_REDIRECT_CHOICE': 'corp',
    'WEBSSO_CHOICES': "(('credentials', 'Password'), ('corp', b'Q29ycCdz'), ('saml2', 'SAML'))",
    'WEBSSO_IDP_MAPPING': "(('corp', ('corp-idp', b'b3Blbmlk')),)",
    'WEBSSO_KEYSTONE_URL': 'https://keystone.example.org/identity/v3/',
    'WEBSSO_LOGOUT_URLS': "(('corp', 'https://login.example.org/logout?a=b'),)",
    'WEBSSO_IDENTITY_PROVIDER_ORIGINS': 'https://login.example.org',
}


class BootCheck(unittest.TestCase):
    def setUp(self):
        write(SECRET, json.dumps({'key': 'k' * 64, 'accept': ['p' * 64]}))
        write(f'{ETC}/dashboard.env', '')
        write(f'{ETC}/release.env', '')
        for name in os.listdir(f'{ETC}/local_settings.d'):
            path = f'{ETC}/local_settings.d/{name}'
            subprocess.run(['chown', 'root:horizon', path, f'{ETC}/local_settings.py'], check=True)
            os.chmod(path, 0o640)
        os.chmod(f'{ETC}/local_settings.py', 0o640)
        subprocess.run(['chown', '-R', 'horizon', '/var/lib/openstack-dashboard/secret-key'])
        self.addCleanup(lambda: os.path.exists(EXTRA_SNIPPET) and os.remove(EXTRA_SNIPPET))

    def check(self, without=(), **changes):
        environ = {k: v for k, v in {**ENVIRONMENT, **changes}.items() if k not in without}
        return subprocess.run(
            ['setpriv', '--reuid=horizon', '--regid=horizon', '--init-groups', f'{LIB}/boot-check'],
            env={'PATH': os.environ['PATH'], **environ}, capture_output=True, text=True, timeout=600)

    @staticmethod
    def passed(result):
        """Whether all checks passed, and measures are as they are with this release of Horizon."""
        lines = [line for line in result.stdout.splitlines()
                 if not UPSTREAM or not line.startswith('pages take longer: ')]
        return result.returncode == 0 and lines == [f'{len(CHECKS)} checks passed']

    def refused(self, text, **arguments):
        result = self.check(**arguments)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn(text, result.stdout)

    def refused_together(self, cases, check):
        """Runs check(batch) with as many of the cases (key, text, ...) at once as have another key and another rule:
        it says each text."""
        batches = []
        for case in cases:
            key, rule = case[0], case[1].split(':')[0]
            batch = next((batch for batch in batches
                          if all(key != one[0] and rule != one[1].split(':')[0] for one in batch)), None)
            if batch is None:
                batches.append(batch := [])
            batch.append(case)
        for batch in batches:
            with self.subTest([text for _, text, *_ in batch]):
                result = check(batch)
                self.assertEqual(result.returncode, 1, result.stdout)
                for _, text, *_ in batch:
                    self.assertIn(f'\nOpenStackDashboard-{text}', '\n' + result.stdout)

    def check_snippet(self, batch, **changes):
        write(EXTRA_SNIPPET, ''.join(f'{line}\n' for _, _, line in batch))
        return self.check(**changes)

    def test_settings_as_asked_pass(self):
        result = self.check(EXTRA_SETTINGS="{'API_RESULT_LIMIT': 500}")
        self.assertTrue(self.passed(result), result.stdout + result.stderr[-500:])

    @unittest.skipIf(UPSTREAM, 'the measure is off, since its library has changed')
    def test_a_measure_that_was_made_for_another_library_is_off_and_said_so(self):
        import novaclient.client

        path = novaclient.client.__file__
        with open(path) as file:
            text = file.read()
        self.addCleanup(lambda: write_library(path, text))
        write_library(path, text.replace('    if not session:\n', '    if session is None:\n', 1))
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertRegex(result.stdout, (
            '^pages take longer: QUICK_NOVA_TOKEN is off: novaclient.client:_construct_http_client is '
            '[0-9a-f]{12}, made for [0-9a-f]{12} of python-novaclient 18.9.0\n'
            f'{len(CHECKS)} checks passed\n$'))
        result = self.check(QUICK_NOVA_TOKEN='false')
        self.assertEqual(result.stdout, f'{len(CHECKS)} checks passed\n')

    def test_a_measure_that_cannot_start_is_off_and_said_so(self):
        import openstack_dashboard_quick

        path = f'{os.path.dirname(openstack_dashboard_quick.__file__)}/plural_forms.py'
        with open(path) as file:
            text = file.read()
        self.addCleanup(lambda: write_library(path, text))
        write_library(path, f'import django.no_such_module\n{text}')
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn('pages take longer: QUICK_PLURAL_FORMS is off: ModuleNotFoundError', result.stdout)

    def test_a_logging_that_was_asked_for_stays(self):
        result = self.check(EXTRA_SETTINGS=repr({'LOGGING': {
            'version': 1, 'handlers': {'console': {'class': 'logging.StreamHandler', 'level': 'INFO'}},
            'loggers': {'horizon': {'handlers': ['console'], 'level': 'DEBUG', 'propagate': False}}}}))
        self.assertTrue(self.passed(result), result.stdout)

    def test_cookies_pass_without_memcached(self):
        for engine in ('django.contrib.sessions.backends.signed_cookies', 'sealed_signed_cookies'):
            with self.subTest(engine):
                result = self.check(without=MEMCACHED, SESSION_ENGINE=engine)
                self.assertEqual(result.returncode, 0, result.stdout)

    def test_session_settings_pass(self):
        result = self.check(
            SESSION_TIMEOUT='1800', SESSION_REFRESH='false', TOKEN_TIMEOUT_MARGIN='100',
            SESSION_COOKIE_NAME='__Host-session', SESSION_COOKIE_SAMESITE='None',
            SIMULTANEOUS_SESSIONS='disconnect', SESSION_KEY_PREFIX='s2', SESSION_CACHE_ALIAS='s',
            MEMCACHED_ENDPOINT='a.example.org:11211,[fd00::1]:11212', MEMCACHED_DISCOVERY='false',
            MEMCACHED_MAX_ITEM_SIZE='8388608', TIME_ZONE='Europe/Berlin')
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_values_in_the_clear_pass_when_asked_for(self):
        result = self.check(MEMCACHED_TLS='false', MEMCACHED_SEALING='false')
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_settings_that_contradict_one_another(self):
        for text, changes in (
                ('SESSION_COOKIE_SECURE must be true',
                 {'SESSION_COOKIE_SAMESITE': 'None', 'SESSION_COOKIE_SECURE': 'false'}),
                ('SIMULTANEOUS_SESSIONS must be allow unless',
                 {'SIMULTANEOUS_SESSIONS': 'disconnect', 'SESSION_ENGINE': 'sealed_signed_cookies'}),
                ('must be one HOST:PORT', {'MEMCACHED_ENDPOINT': 'a.example.org:1,b.example.org:1'}),
                ('SESSION_CACHE_ALIAS must not be default', {'SESSION_CACHE_ALIAS': 'default'})):
            with self.subTest(text):
                self.refused(text, **changes)

    def test_missing_parameters(self):
        for name in ('ALLOWED_HOSTS', 'OPENSTACK_KEYSTONE_URL', 'SESSION_ENGINE',
                     'SECRET_KEY_SECRET_ID', 'MEMCACHED_ENDPOINT', 'STATIC_BASE_URL', 'RELEASE_ID'):
            with self.subTest(name):
                self.refused(f'{name} is missing', without=(name,))

    def test_parameters_that_do_not_parse(self):
        for name, value in (('SESSION_TIMEOUT', 'an hour'), ('DEBUG', 'True'),
                            ('PASSWORD_VALIDATOR_REGEX', '('), ('EXTRA_SETTINGS', "{'A': open('x')}"),
                            ('SESSION_ENGINE', 'django.contrib.sessions.backends.file'),
                            ('SESSION_ENGINE', 'django.contrib.sessions.backends.db'),
                            ('SESSION_TIMEOUT', '0'), ('SESSION_COOKIE_SAMESITE', 'none'),
                            ('SESSION_COOKIE_NAME', 'a=b'), ('SESSION_KEY_PREFIX', 'a b'),
                            ('SIMULTANEOUS_SESSIONS', 'true'), ('TOKEN_TIMEOUT_MARGIN', '-1'),
                            ('MEMCACHED_SEALING', 'no'), ('MEMCACHED_ENDPOINT', 'host'),
                            ('MEMCACHED_ENDPOINT', 'a:1,'), ('MEMCACHED_ENDPOINT', 'a:65536'),
                            ('MEMCACHED_ENDPOINT', '[x]:1'),
                            ('MEMCACHED_MAX_ITEM_SIZE', '1023'),
                            ('MEMCACHED_MAX_ITEM_SIZE', '134217729'),
                            ('MEMCACHED_MAX_ITEM_SIZE', '1m'), ('TIME_ZONE', 'Europe/Berlim'),
                            ('TIME_ZONE', 'CEST'), ('TIME_ZONE', '../../../etc/passwd')):
            with self.subTest(name):
                self.refused(name, **{name: value})

    def test_wildcards_in_allowed_hosts(self):
        for hosts in ('*', '.example.org', 'a.example.org,*', 'localhost'):
            with self.subTest(hosts):
                self.refused('ALLOWED_HOSTS', ALLOWED_HOSTS=hosts)

    def test_rules_that_the_environment_may_not_break(self):
        self.refused_together((
            ('DEBUG', 'SETTINGS1: ', 'true'), ('SESSION_COOKIE_SECURE', 'SETTINGS4: ', 'false'),
            ('CSRF_COOKIE_SECURE', 'SETTINGS5: ', 'false'),
            ('SESSION_COOKIE_HTTPONLY', 'SETTINGS6: ', 'false'),
            ('DISALLOW_IFRAME_EMBED', 'SETTINGS7: ', 'false'),
            ('COMPRESS_OFFLINE', 'SETTINGS8: ', 'false'),
            ('ENFORCE_PASSWORD_CHECK', 'SETTINGS9: ', 'false'),
            ('DISABLE_PASSWORD_REVEAL', 'SETTINGS10: ', 'false'),
            ('PASSWORD_AUTOCOMPLETE', 'SETTINGS11: ', 'on'),
            ('SECURE_PROXY_SSL_HEADER', 'HTTPS6: ', 'HTTP_X_OTHER,https'),
            ('OPENSTACK_KEYSTONE_URL', 'HTTPS5: ', 'http://keystone.example.org:5000/v3'),
            ('PASSWORD_VALIDATOR_REGEX', 'SETTINGS12: ', '.*'),
            ('PASSWORD_VALIDATOR_REGEX', 'SETTINGS12: ', '.+')),
            lambda batch: self.check(**{name: value for name, _, value in batch}))

    def test_short_secret(self):
        for key, accept in (('k' * 63, []), ('k' * 64, ['p' * 63])):
            write(SECRET, json.dumps({'key': key, 'accept': accept}))
            self.refused('64 characters')

    def test_no_secret(self):
        os.remove(SECRET)
        self.refused(SECRET)

    def test_wrong_modes_and_owners(self):
        os.chmod(f'{ETC}/local_settings.py', 0o644)
        self.refused('OpenStackDashboard-FILES2: /etc/openstack-dashboard/local_settings.py '
                     'must have mode 0640 or stricter, got 0644')
        os.chmod(f'{ETC}/local_settings.py', 0o640)
        subprocess.run(['chown', 'horizon', f'{ETC}/dashboard.env'], check=True)
        self.refused('OpenStackDashboard-FILES1: /etc/openstack-dashboard/dashboard.env')

    def test_exception_in_our_snippet(self):
        snippet = f'{ETC}/local_settings.d/_9999_cdk_openstack_dashboard.py'
        with open(snippet) as file:
            text = file.read()
        self.addCleanup(write, snippet, text)
        write(snippet, text.replace('_apply(', 'raise RuntimeError\n_apply('))
        self.refused('did not run to completion')

    @unittest.skipIf(UPSTREAM, 'a file of Debian’s package')
    def test_local_memory_of_debian_does_not_win(self):
        with open(f'{ETC}/local_settings.d/_0006_debian_cache.py') as file:
            self.assertIn('locmem.LocMemCache', file.read())
        code = """if True:
            import sys
            sys.argv = ['x']
            import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'openstack_dashboard.settings'
            import django; django.setup()
            from django.conf import settings
            from django.core.cache import caches
            print([(name, type(caches[name]).__name__) for name in settings.CACHES],
                  settings.SESSION_CACHE_ALIAS, settings.MIDDLEWARE[0],
                  sum('Simultaneous' in name for name in settings.MIDDLEWARE))"""
        result = subprocess.run(['python3', '-W', 'ignore', '-c', code], env={**os.environ, **ENVIRONMENT},
                                cwd='/usr/share/openstack-dashboard', capture_output=True, text=True)
        self.assertEqual(result.stdout.strip(),
                         "[('default', 'ElastiCacheMemcached'), ('session', 'ElastiCacheMemcached')] "
                         'session openstack_dashboard_guard.guard 0', result.stderr[-500:])

    def test_snippet_that_sorts_later(self):
        local = "{'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}"
        self.refused_together((
            ('session', 'SESSION1: sessions are in', f"CACHES['session'] = {local}"),
            ('MIDDLEWARE', 'SECRET5: MIDDLEWARE does not begin with', 'MIDDLEWARE = MIDDLEWARE[1:]'),
            ('SECURE', 'SETTINGS4: ', 'SESSION_COOKIE_SECURE = False'),
            ('session', "SESSION7: values in the cache 'session' are not sealed",
             "CACHES['session']['OPTIONS']['sealing'] = False"),
            ('default', "SESSION7: values in the cache 'default' are not sealed",
             "CACHES['default']['BACKEND'] = 'django.core.cache.backends.memcached.PyMemcacheCache'"),
            ('session', "SESSION3: the cache 'session' does not use TLS",
             "CACHES['session']['OPTIONS']['tls'] = False"),
            ('default', 'SESSION1: sessions are in',
             f"SESSION_CACHE_ALIAS = 'default'\nCACHES['default'] = {local}"),
            ('MIDDLEWARE', 'SETTINGS15: ', 'MIDDLEWARE = [m for m in MIDDLEWARE if "Csrf" not in m]'),
            ('MIDDLEWARE', 'BOOT3: MIDDLEWARE lacks openstack_dashboard_guard.sso.middleware',
             'MIDDLEWARE = [m for m in MIDDLEWARE if ".sso." not in m]')), self.check_snippet)

    def test_extra_settings_may_not_undo_a_rule(self):
        for text, name in (("{'DEBUG': True}", 'DEBUG'), ("{'CACHES': {}}", 'CACHES'),
                           ("{'MIDDLEWARE': []}", 'MIDDLEWARE'), ("{'SECRET_KEY': 'x'}", 'SECRET_KEY'),
                           ("{'HORIZON_CONFIG': {'password_autocomplete': 'on'}}",
                            "HORIZON_CONFIG['password_autocomplete']")):
            with self.subTest(name):
                self.refused(f'EXTRA_SETTINGS may not set {name}', EXTRA_SETTINGS=text)

    def test_extra_settings_are_judged(self):
        for text, reason in (
                ("{'X_FRAME_OPTIONS': 'ALLOWALL'}", 'may not set X_FRAME_OPTIONS'),
                ("{'WEBSSO_USE_HTTP_REFERER': True}", 'may not set WEBSSO_USE_HTTP_REFERER'),
                ("{'TEMPLATES': []}", 'may not set TEMPLATES'),
                ("{'REST_API_REQUIRED_SETTINGS': []}", 'may not set REST_API_REQUIRED_SETTINGS'),
                ("{'AVAILABLE_REGIONS': [('http://k.example.org/v3', 'a')]}", 'AVAILABLE_REGIONS must'),
                ("{'WEBSSO_KEYSTONE_URL': 'https://k.example.org/v3'}", 'may not set WEBSSO_KEYSTONE_URL'),
                ("{'WEBSSO_OF_A_LATER_HORIZON': True}", 'may not set WEBSSO_OF_A_LATER_HORIZON'),
                ("{'OPENSTACK_OTHER_URL': 'http://k.example.org'}", 'OPENSTACK_OTHER_URL must'),
                ("{'REST_API_ADDITIONAL_SETTINGS': ['SECRET_KEY_FALLBACKS']}", 'must not name settings'),
                ("{'REST_API_ADDITIONAL_SETTINGS': ['CACHES']}", 'must not name settings'),
                ("{'OPERATION_LOG_ENABLED': True}", 'may not set OPERATION_LOG_ENABLED'),
                ("{'OPERATION_LOG_OPTIONS': {'mask_fields': []}}", 'may not set OPERATION_LOG_OPTIONS')):
            with self.subTest(text), self.assertRaisesRegex(ValueError, reason):
                environment.evaluate({**ENVIRONMENT, 'EXTRA_SETTINGS': text})
        result = self.check(EXTRA_SETTINGS=repr({
            'AVAILABLE_REGIONS': [('https://a.example.org/v3', 'a')],
            'REST_API_ADDITIONAL_SETTINGS': ['OPENSTACK_KEYSTONE_BACKEND'],
            'SITE_BRANDING_LINK': 'http://www.example.org'}))
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_single_sign_on(self):
        found = environment.evaluate({**ENVIRONMENT, 'OPENSTACK_KEYSTONE_URL': 'https://k.example.org/v3/'})
        self.assertEqual([found[f'WEBSSO_{name}'] for name in (
            'ENABLED', 'CHOICES', 'KEYSTONE_URL', 'DEFAULT_REDIRECT_REGION', 'USE_HTTP_REFERER',
            'DEFAULT_REDIRECT')], [False, (), *['https://k.example.org/v3'] * 2, False, False])
        found = environment.evaluate({**ENVIRONMENT, **WEB_SSO})
        self.assertEqual({name: found[name] for name in WEB_SSO}, {
            'WEBSSO_ENABLED': True, 'WEBSSO_INITIAL_CHOICE': 'credentials',
            'WEBSSO_CHOICES': (('credentials', 'Password'), ('corp', "Corp's"), ('saml2', 'SAML')),
            'WEBSSO_IDP_MAPPING': {'corp': ('corp-idp', 'openid')}, 'WEBSSO_REDIRECT_CHOICE': 'corp',
            'WEBSSO_KEYSTONE_URL': 'https://keystone.example.org/identity/v3',
            'WEBSSO_LOGOUT_URLS': {'corp': 'https://login.example.org/logout?a=b'},
            'WEBSSO_IDENTITY_PROVIDER_ORIGINS': ['https://login.example.org']})
        self.assertEqual(found['WEBSSO_DEFAULT_REDIRECT_REGION'], 'https://keystone.example.org/identity/v3')
        result = self.check(**WEB_SSO)
        self.assertTrue(self.passed(result), result.stdout)
        for changes, reason in (
                ({'WEBSSO_CHOICES': '()'}, 'must have a choice other than credentials'),
                ({'WEBSSO_CHOICES': "(('credentials', 'a'),)"}, 'must have a choice other than credentials'),
                ({'WEBSSO_CHOICES': "[('corp', 'a')]"}, 'must be a tuple of pairs'),
                ({'WEBSSO_CHOICES': "(('corp', 'a'), ('corp', 'b'))"}, 'must have each name once'),
                ({'WEBSSO_CHOICES': "(('a/b', 'a'),)"}, 'must have names of'),
                ({'WEBSSO_CHOICES': "(('corp', 'a\\nb'),)"}, 'must have labels of one line'),
                ({'WEBSSO_CHOICES': "open('/etc/passwd')"}, 'must be a Python literal'),
                ({'WEBSSO_CHOICES': "(('saml2', 'a'),)"}, "WEBSSO_IDP_MAPPING must have names of WEBSSO_CHOICES, got 'corp'"),
                ({'WEBSSO_IDP_MAPPING': "(('corp', 'idp'),)"}, 'must have an identity provider and a protocol'),
                ({'WEBSSO_IDP_MAPPING': "(('corp', ('a?b', 'openid')),)"}, 'must have names of'),
                ({'WEBSSO_INITIAL_CHOICE': 'other'}, 'WEBSSO_INITIAL_CHOICE must be one of'),
                ({'WEBSSO_REDIRECT_CHOICE': 'credentials'}, 'WEBSSO_REDIRECT_CHOICE must be one of'),
                ({'WEBSSO_KEYSTONE_URL': 'http://keystone.example.org/v3'}, 'must be an https URL'),
                ({'WEBSSO_LOGOUT_URLS': "(('corp', 'http://login.example.org/'),)"}, 'must be an https URL'),
                ({'WEBSSO_IDENTITY_PROVIDER_ORIGINS': 'https://login.example.org/a'}, 'must be https origins'),
                ({'SESSION_COOKIE_SAMESITE': 'Strict'}, 'SESSION_COOKIE_SAMESITE must be Lax')):
            with self.subTest(changes), self.assertRaisesRegex(ValueError, reason):
                environment.evaluate({**ENVIRONMENT, **WEB_SSO, **changes})

    def test_a_metadata_service_that_answers(self):
        subprocess.run(['ip', 'address', 'add', '169.254.169.254/32', 'dev', 'lo'], check=True)
        self.addCleanup(subprocess.run, ['ip', 'address', 'del', '169.254.169.254/32', 'dev', 'lo'])
        with socket.create_server(('169.254.169.254', 80)):
            self.refused('OpenStackDashboard-BOOT4: a connection to 169.254.169.254 must be refused')

    def test_settings_of_other_snippets(self):
        lines = (
            ("CSRF_COOKIE_DOMAIN = '.example.org'", 'SETTINGS14'),
            ('OPENSTACK_SSL_NO_VERIFY = True', 'HTTPS13'),
            ('USE_X_FORWARDED_HOST = True', 'HTTPS6'),
            ("ALLOWED_HOSTS = ['dashboard.example.org', '*']", 'SETTINGS3'),
            ("X_FRAME_OPTIONS = 'SAMEORIGIN'", 'SETTINGS7'),
            ("WEBSSO_USE_HTTP_REFERER = True", 'SETTINGS16'),
            ("WEBSSO_DEFAULT_REDIRECT = True", 'BOOT3'),
            ("WEBSSO_CHOICES = (('a', 'A'),)", 'BOOT3'),
            ("CSRF_COOKIE_NAME = 'csrftoken'", 'BOOT3'),
            ("AVAILABLE_REGIONS = [('http://keystone.example.org/v3', 'one')]", 'HTTPS5'),
            ("WEBSSO_KEYSTONE_URL = 'HTTP://keystone.example.org/v3'", 'HTTPS5'),
            ("REST_API_ADDITIONAL_SETTINGS = ['SECRET_KEY']", 'BOOT6'),
            ("OTHER = [SECRET_KEY]\nREST_API_ADDITIONAL_SETTINGS = ['OTHER']", 'BOOT6'),
            ("OPERATION_LOG_OPTIONS = {'mask_fields': []}", 'BOOT6'),
            ("ALLOWED_HOSTS = ['dashboard']", 'SETTINGS2'),
            ("SECRET_KEY = 'x'", 'SECRET1'),
            ("SECRET_KEY = 'x' * 64", 'SECRET4'),
            ("HORIZON_CONFIG['password_validator'] = {'regex': '.*'}", 'SETTINGS12'),
            ("HORIZON_IMAGES_UPLOAD_MODE = 'legacy'", 'SETTINGS13'),
            ("TIME_ZONE = 'Europe/Berlin'", 'BOOT3'),
            ("SESSION_ENGINE = 'django.contrib.sessions.backends.file'", 'SESSION1'))
        cases = []
        for line, rule in lines:
            name = line.split(' = ')[0]
            # what BOOT3 says begins with the setting: other lines of a batch may be against it, too
            cases.append(('SECRET_KEY' if 'SECRET_KEY' in line else name,
                          f'BOOT3: {name}' if rule == 'BOOT3' else f'{rule}: ', line))
        self.refused_together(cases, lambda batch: self.check_snippet(batch, TIME_ZONE='UTC'))

    def test_key_of_tls_that_the_application_can_read(self):
        key = '/etc/ssl/private/openstack-dashboard.key'
        mode = os.stat('/etc/ssl/private').st_mode & 0o7777 if os.path.isdir('/etc/ssl/private') else 0o700
        write(key, 'key')
        self.addCleanup(os.chmod, '/etc/ssl/private', mode)
        self.addCleanup(os.remove, key)
        os.chmod('/etc/ssl/private', 0o755)
        self.refused(f'OpenStackDashboard-PROXY5: {key} can be read')

    def test_each_failure_is_a_line_and_the_last_has_all(self):
        lines = self.check(DEBUG='true', CSRF_COOKIE_SECURE='false').stdout.splitlines()
        self.assertEqual([line for line in lines if not UPSTREAM or not line.startswith('pages take longer: ')], [
            'OpenStackDashboard-SETTINGS1: DEBUG is on',
            'OpenStackDashboard-SETTINGS5: CSRF_COOKIE_SECURE is off',
            f'2 of {len(CHECKS)} checks failed: OpenStackDashboard-SETTINGS1: DEBUG is on; '
            'OpenStackDashboard-SETTINGS5: CSRF_COOKIE_SECURE is off'])

    def test_build_flag_is_refused(self):
        self.refused('OPENSTACK_DASHBOARD_BUILD', OPENSTACK_DASHBOARD_BUILD='1')


if __name__ == '__main__':
    unittest.main()
