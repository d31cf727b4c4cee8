"""What the guard does with names of users in any script, with logs, reports and large sessions: in a
Django process, and in one that has Horizon's own settings.

Runs in a Debian 13 root file system that also has memcached."""
import html
import io
import json
import logging
import os
import re
import subprocess
import sys
import time
import unittest

from memcached_server import MemcachedServer

LIB = '/usr/local/lib/openstack-dashboard'
SECRET = '/run/openstack-dashboard/secret_key'
PORT = 21291
DOMAIN = '研究室'
ENVIRONMENT = {
    'ALLOWED_HOSTS': 'dashboard.example.org', 'RELEASE_ID': '0123456789abcdef',
    # nothing listens there: logins fail at once
    'OPENSTACK_KEYSTONE_URL': 'https://127.0.0.1:9/v3', 'STATIC_BASE_URL': '/static/',
    'OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT': 'true', 'SECRET_KEY_SECRET_ID': 'arn',
    'SESSION_ENGINE': 'django.contrib.sessions.backends.cache', 'MEMCACHED_TLS': 'false',
    'MEMCACHED_ENDPOINT': f'127.0.0.1:{PORT}', 'MEMCACHED_MAX_ITEM_SIZE': '100000',
}


def load_tests(loader, _tests, _pattern):
    if 'IN_HORIZON' not in os.environ:
        return unittest.TestSuite([InHorizon()])
    return unittest.TestSuite(map(loader.loadTestsFromTestCase, (Login, Lines, Reports, Names, Large)))


class InHorizon(unittest.TestCase):
    FILE = __file__

    def runTest(self):
        """All tests below in a process of their own: Django can be set up once in each."""
        # so long for one that hangs: its end takes memcached with it
        child = subprocess.run(
            ['timeout', '-s', 'INT', '600', sys.executable, '-W', 'ignore', self.FILE, '-v'],
            env={**os.environ, 'IN_HORIZON': '1'}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        self.assertEqual(child.returncode, 0, child.stderr[-20000:])
        print(child.stderr.strip().splitlines()[-3])


def setUpModule():
    if 'IN_HORIZON' not in os.environ:
        return
    os.makedirs(os.path.dirname(SECRET), exist_ok=True)
    with open(SECRET, 'w') as file:
        json.dump({'key': 'k' * 64, 'accept': []}, file)
    unittest.addModuleCleanup(MemcachedServer(PORT).stop)
    os.environ.update(ENVIRONMENT, DJANGO_SETTINGS_MODULE='openstack_dashboard.settings')
    # there is another horizon beside this file
    sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:0] = ['/usr/share/openstack-dashboard', f'{LIB}/python']
    os.chdir('/usr/share/openstack-dashboard')
    import django

    django.setup()
    from django.conf import settings
    # not what is tested here, and the machine may be busy
    settings.CACHES['session']['OPTIONS']['timeout'] = 30
    # no release has been built
    settings.COMPRESS_ENABLED = settings.COMPRESS_OFFLINE = False


class Logs(unittest.TestCase):
    def setUp(self):
        self.stream = io.StringIO()
        # any formatter will do
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(logging.Formatter('%(levelname)s %(name)s %(message)s'))
        self.loggers = [logging.getLogger(name) for name in (
            'openstack_auth', 'openstack_dashboard', 'django', 'gunicorn.access')]
        for logger in self.loggers:
            logger.addHandler(self.handler)
        self.addCleanup(lambda: [logger.removeHandler(self.handler) for logger in self.loggers])

    @property
    def lines(self):
        return self.stream.getvalue().splitlines()

    def client(self):
        from django.test import Client

        return Client(raise_request_exception=False, SERVER_NAME='dashboard.example.org',
                      HTTP_X_FORWARDED_PROTO='https', REMOTE_ADDR='')

    def log_in(self, **fields):
        client = self.client()
        return client, client.post('/auth/login/', {
            'username': 'demo', 'password': 'x', 'domain': 'Default', 'region': 'default', **fields},
            HTTP_X_FORWARDED_FOR='198.51.100.7')


class Login(Logs):
    def test_the_address_of_the_client_is_in_login_records(self):
        self.log_in()
        self.assertIn('Login failed for user "demo" using domain "Default", remote address 198.51.100.7.',
                      self.stream.getvalue())

    def test_a_user_name_writes_no_line_of_its_own(self):
        name = 'x".\nINFO openstack_auth.forms Login successful for user "admin\r\x1b[2K\u2028\u0085y'
        self.log_in(username=name)
        found = [line for line in self.lines if line.startswith('INFO openstack_auth.forms')]
        self.assertEqual(len(found), 1, self.lines)
        self.assertIn('x".\\nINFO openstack_auth.forms Login successful for user "admin\\r\\x1b[2K\\u2028\\x85y',
                      found[0])

    def test_a_domain_in_any_script_is_remembered(self):
        for domain in (DOMAIN, 'Forschung é', 'per%cent %41', 'a;b,c"d\\e', '\U0001f600'):
            with self.subTest(domain):
                client, response = self.log_in(domain=domain)
                header = response.cookies['login_domain'].OutputString()
                self.assertTrue(header.isascii(), header)
                page = client.get('/auth/login/').content.decode()
                value = re.search('<input [^>]*name="domain"[^>]*>', page)[0]
                self.assertEqual(html.unescape(re.search('value="([^"]*)"', value)[1]), domain)

    def test_a_cookie_that_horizon_cannot_read_is_no_error(self):
        client = self.client()
        for value in ('\\x', 'é', '\\u12', '\\N{none}'):
            client.cookies['logout_reason'] = value
            self.assertEqual(client.get('/auth/login/').status_code, 200, value)

    def test_the_csrf_cookie_is_bound_to_the_host(self):
        response = self.client().get('/auth/login/')
        cookie = response.cookies['__Host-csrftoken']
        self.assertEqual((cookie['path'], cookie['domain'], cookie['secure']), ('/', '', True))
        self.assertNotIn('csrftoken', response.cookies)

    def test_the_origin_of_a_page_has_the_port_of_its_address(self):
        from django.test import Client

        for port, origin, status in ((':8443', ':8443', 200), ('', '', 200), ('', ':8443', 403)):
            with self.subTest(port=port, origin=origin):
                client = Client(enforce_csrf_checks=True, HTTP_X_FORWARDED_PROTO='https',
                                HTTP_HOST=f'dashboard.example.org{port}')
                page = client.get('/auth/login/').content.decode()
                token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
                response = client.post('/auth/login/', {'csrfmiddlewaretoken': token, 'username': ''},
                                       HTTP_ORIGIN=f'https://dashboard.example.org{origin}')
                # Horizon leads back to the login page
                refused = response.status_code == 302 and 'csrf_failure' in response['Location']
                self.assertEqual(403 if refused else response.status_code, status)

    def test_scripts_know_the_name_of_the_csrf_cookie(self):
        from django.conf import settings
        from django.contrib.staticfiles import finders

        self.assertIn('openstack_dashboard_csrf', settings.HORIZON_CONFIG['angular_modules'])
        script, = [name for name in settings.HORIZON_CONFIG['js_files'] if 'csrf' in name]
        with open(finders.find(script)) as file:
            self.assertIn(f"xsrfCookieName = '{settings.CSRF_COOKIE_NAME}'", file.read())
        page = self.client().get('/auth/login/').content.decode()
        self.assertIn(script, page)

    def test_without_files_of_texts_a_page_has_horizons_view(self):
        import openstack_dashboard_texts as texts

        # there is no release here
        self.assertEqual(texts.known(texts.FOLDER), set())
        page = self.client().get('/auth/login/').content.decode()
        view = re.search(r'<script[^>]* src="(/i18n/js/horizon\+openstack_dashboard[^"]*)"></script>', page)
        self.assertIsNotNone(view, page[-3000:])
        self.assertIn('django.gettext', self.client().get(view[1]).content.decode())
        self.assertNotIn(texts.FOLDER, page)


class Lines(Logs):
    def test_decoded_paths_and_exceptions(self):
        logging.getLogger('gunicorn.access').warning('%(U)s', {'U': '/a\nb'})
        try:
            raise ValueError('first\nTraceback (most recent call last):\nsecond') from KeyError('a\nb')
        except ValueError:
            logging.getLogger('django.request').exception('Internal Server Error: %s', '/\r\n')
        self.assertEqual([line for line in self.lines if not line.startswith(('  File', '    '))], [
            'WARNING gunicorn.access /a\\nb',
            'ERROR django.request Internal Server Error: /\\r\\n',
            "KeyError: 'a\\nb'", '',
            'The above exception was the direct cause of the following exception:', '',
            'Traceback (most recent call last):',
            'ValueError: first\\nTraceback (most recent call last):\\nsecond'])

    def test_long_lines_are_cut(self):
        logging.getLogger('django').warning('x' * 100000)
        self.assertEqual(len(self.lines), 1)
        self.assertLess(len(self.lines[0]), 8300)

    def test_text_is_left_alone(self):
        logging.getLogger('django').warning('%s: 50 %% of "%s" \\n', DOMAIN, 'é')
        self.assertEqual(self.lines, [f'WARNING django {DOMAIN}: 50 % of "é" \\n'])


class Reports(Logs):
    def report(self, body, **headers):
        return self.client().post('/csp-report', body, content_type='application/csp-report',
                                  HTTP_X_FORWARDED_FOR='198.51.100.7', **headers).status_code

    def test_are_logged_without_what_may_be_a_token(self):
        status = self.report(json.dumps({'csp-report': {
            'document-uri': 'https://dashboard.example.org/project/?token=SECRET#SECRET',
            'effective-directive': 'object-src', 'blocked-uri': 'https://u:SECRET@other.example/SECRET?SECRET',
            'script-sample': 'SECRET', 'referrer': 'https://other.example/SECRET'}}))
        self.assertEqual(status, 204)
        self.assertEqual(len(self.lines), 1, self.lines)
        self.assertEqual(json.loads(self.lines[0].partition('policy: ')[2]), {
            'directive': 'object-src', 'blocked': 'https://other.example', 'page': '/project/',
            'client': '198.51.100.7'})

    def test_of_the_reporting_api(self):
        body = {'effectiveDirective': 'base-uri', 'blockedURL': 'inline',
                'documentURL': f'https://dashboard.example.org/a\n{"x" * 1000}'}
        self.assertEqual(self.report(json.dumps([{'type': 'csp-violation', 'body': body}] * 20)[:8190]), 400)
        self.assertEqual(self.report(json.dumps([{'type': 'csp-violation', 'body': body}] * 6)), 204)
        lines = [line for line in self.lines if 'policy: ' in line]
        self.assertEqual(len(lines), 5)
        self.assertLess(max(map(len, lines)), 500)

    def test_of_a_page_with_many_violations(self):
        body = {'effectiveDirective': 'script-src-elem', 'blockedURL': 'inline', 'originalPolicy': 'x' * 1500}
        self.assertEqual(self.report(json.dumps([{'type': 'csp-violation', 'body': body}] * 30)), 204)
        self.assertEqual(len([line for line in self.lines if 'policy: ' in line]), 5)

    def test_that_are_none(self):
        for body in ('', 'x', '1', '[1]', '[[]]', '{"csp-report": 1}', '{"csp-report": [1]}', '[' * 5000,
                     '{"csp-report": {"blocked-uri": "https://[x"}}'):
            with self.subTest(body[:20]):
                self.assertIn(self.report(body), (204, 400))
        self.assertEqual(self.report('x' * 65537), 413)
        self.assertEqual(self.client().get('/csp-report').status_code, 405)


class Names(unittest.TestCase):
    def test_downloads_are_named_in_ascii(self):
        from django.http import HttpResponse
        from openstack_dashboard_guard import headers

        for name, plain, quoted in (
                ('研究', '__', '%E7%A0%94%E7%A9%B6'), ('é', '_', '%C3%A9'), ('a b-1', None, None)):
            for encode in (str.encode, str):
                with self.subTest(name=name, encode=encode):
                    response = HttpResponse()
                    disposition = f'attachment; filename="{name}-openrc.sh"'
                    response['Content-Disposition'] = encode(disposition)
                    headers.write_headers(response)
                    self.assertEqual(
                        response['Content-Disposition'],
                        f'attachment; filename="{plain}-openrc.sh"; filename*=UTF-8\'\'{quoted}-openrc.sh'
                        if plain else disposition)

    def test_addresses(self):
        from django.test import RequestFactory
        from openstack_dashboard_guard import headers

        for header, address in (('198.51.100.7', '198.51.100.7'), ('a\nb, 2001:db8::1', '2001:db8::1'),
                                ('forged', ''), ('', '')):
            request = RequestFactory().get('/', HTTP_X_FORWARDED_FOR=header, REMOTE_ADDR='')
            headers.take_address(request)
            self.assertEqual((request.META['REMOTE_ADDR'], request.META.get('HTTP_X_FORWARDED_FOR', '')),
                             (address, address))


class Large(Logs):
    def test_a_session_too_large_for_memcached_is_told(self):
        import openstack_dashboard_guard as guard
        from django.conf import settings
        from django.http import HttpResponse
        from django.test import RequestFactory

        def view(request):
            request.session['services'] = 'x' * int(request.GET['size'])
            return HttpResponse('in')

        def answer(size, key=None, **headers):
            request = RequestFactory().get(f'/?size={size}', **headers)
            if key:
                request.COOKIES[settings.SESSION_COOKIE_NAME] = key
            return guard.guard(guard.Sessions(view))(request)

        def key(response):
            return response.cookies[settings.SESSION_COOKIE_NAME].value

        first = answer(50000)
        self.assertEqual((first.status_code, first.content), (200, b'in'))
        for known in (None, key(first)):
            with self.subTest(known=known):
                begun = time.monotonic()
                response = answer(100000, known)
                self.assertEqual(response.status_code, 500)
                self.assertIn('keep up to 100000', response.content.decode())
                self.assertNotIn(settings.SESSION_COOKIE_NAME, response.cookies)
                # not for as long as 10,000 attempts take
                self.assertLess(time.monotonic() - begun, 5)
        self.assertIn('MEMCACHED_MAX_ITEM_SIZE', self.stream.getvalue())
        script = answer(100000, HTTP_X_REQUESTED_WITH='XMLHttpRequest')
        self.assertIn('Session too large', json.loads(script.content))
        # what was there stays
        self.assertEqual(answer(10, key(first)).status_code, 200)


if __name__ == '__main__':
    unittest.main()
