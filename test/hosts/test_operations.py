"""The operation log: what is in a line, and what is not, in a process with Horizon.

Runs as root in a disposable Debian 13 root file system, as test_guard.py does."""
import json
import os
import re
import subprocess
import sys
import types
import unittest

import test_guard
from horizon_server import AJAX, NAME, Browser, Gunicorn
from memcached_server import MemcachedServer
from test_sso import BROWSERS, CLIENT, MEMCACHED, PORT, WEB_SSO, Revoking

SECRETS = ('hunter2-hunter2', 'gAAAAABsecretsecretsecretsecret', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.sig')


def load_tests(loader, _tests, _pattern):
    if 'IN_HORIZON' not in os.environ:
        return unittest.TestSuite([InHorizon(), *loader.loadTestsFromTestCase(Sessions)])
    return unittest.TestSuite(map(loader.loadTestsFromTestCase, (Masks, Events, Requests, Journal)))


class InHorizon(unittest.TestCase):
    def runTest(self):
        """All tests below in a process of their own: Django can be set up once in each."""
        child = subprocess.run(
            ['timeout', '-s', 'INT', '600', sys.executable, '-W', 'ignore', __file__, '-v'],
            env={**os.environ, 'IN_HORIZON': '1', 'OPERATION_LOG': 'true'}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.assertEqual(child.returncode, 0, child.stderr[-20000:])
        print(child.stderr.strip().splitlines()[-3])


def setUpModule():
    if 'IN_HORIZON' in os.environ:
        test_guard.setUpModule()


class Masks(unittest.TestCase):
    def masked(self, value):
        import openstack_dashboard_operations as operations

        return operations.masked(value, ['session-token-of-the-user'])

    def test_names_of_secrets(self):
        for name in ('password', 'new_password', 'confirmPassword', 'adminPass', 'admin_pass', 'user_data', 'userData',
                     'token', 'unscoped_token', 'X-Auth-Token', 'totp', 'passcode', 'csrfmiddlewaretoken', 'private_key',
                     'privateKey', 'secret', 'client_secret', 'access_key', 'credentials', 'SAMLResponse', 'code',
                     'api_key', 'ssh_private_key', 'blob', 'cookie', 'Authorization', 'environment_data'):
            with self.subTest(name):
                self.assertEqual(self.masked({name: 'x', 'a': [{name: {'b': 'x'}}]}),
                                 {name: '********', 'a': [{name: '********'}]})

    def test_other_names(self):
        fields = {'name': 'web-1', 'key_name': 'laptop', 'keypair_id': 'laptop', 'project_id': 'p', 'count': 2,
                  'enabled': True, 'description': None, 'networks': ['a', 'b'], 'compass': 'north'}
        self.assertEqual(self.masked(fields), fields)

    def test_values_of_secrets(self):
        for value in (*SECRETS[1:], '-----BEGIN RSA PRIVATE KEY-----\nabc', '/x?token=hunter2-hunter2&a=b',
                      'https://u:hunter2-hunter2@example.org/', 'a session-token-of-the-user b'):
            with self.subTest(value):
                found = json.dumps(self.masked({'a': value}))
                self.assertIn('********', found)
                for secret in (*SECRETS, 'abc', 'session-token'):
                    self.assertNotIn(secret, found)

    def test_pairs_of_names_and_values(self):
        self.assertEqual(self.masked([{'name': 'admin_password', 'value': 'x'}, {'name': 'color', 'value': 'red'}]),
                         [{'name': 'admin_password', 'value': '********'}, {'name': 'color', 'value': 'red'}])

    def test_sizes(self):
        nested = value = {}
        for _ in range(50):
            value['a'] = value = {}
        for large in ({'a': 'x' * 10**6}, {str(n): n for n in range(10**4)}, list(range(10**5)), nested):
            self.assertLess(len(json.dumps(self.masked(large))), 2000)


def user(token):
    return types.SimpleNamespace(is_authenticated=True, token=types.SimpleNamespace(id=token))


class Events(unittest.TestCase):
    def test_each_event(self):
        import openstack_dashboard_operations as operations

        nobody, anonymous = None, types.SimpleNamespace(is_authenticated=False)
        one, other = user('one'), user('other')
        login, csrf = '/auth/login/', '/auth/login/?csrf_failure=Referer%20checking%20failed'
        for expected, path, before, after, status, *more in (
                ('login', login, nobody, one, 302, '/'),
                ('login', login, one, other, 302, '/'),
                ('login', login, nobody, one, 200, '/project/'),  # of a script
                ('login', '/auth/totp/erika/', nobody, one, 302, '/'),
                ('login_continues', login, nobody, anonymous, 302, '/auth/totp/erika/'),
                ('login_continues', login, nobody, anonymous, 302, '/auth/password/0123/'),
                ('login_continues', login, nobody, anonymous, 302, 'https://keystone.example.org/v3/auth/OS-FEDERATION/x'),
                ('login_continues', login, one, one, 302, 'https://keystone.example.org/v3/auth/OS-FEDERATION/x'),
                ('login_failed', login, nobody, anonymous, 200),
                ('login_failed', login, one, one, 200),
                ('login_failed', login, nobody, anonymous, 429),
                ('login_failed', login, nobody, anonymous, 302, '/auth/login/?redirect=false'),
                ('login_failed', login, nobody, one, 500),  # a session that was too large
                ('login_failed', '/auth/totp/erika/', nobody, anonymous, 200),
                ('login_failed', '/auth/totp/erika/', nobody, anonymous, 302, login),
                ('refused', login, nobody, anonymous, 302, csrf),
                ('password_changed', '/auth/password/0123/', nobody, anonymous, 302, login),
                ('password_change_failed', '/auth/password/0123/', nobody, anonymous, 200),
                ('password_change_failed', '/auth/password/0123/', nobody, nobody, 429),
                ('refused', '/auth/password/0123/', nobody, anonymous, 302, csrf),
                ('sso_login', '/auth/websso/', nobody, one, 302, '/'),
                ('sso_login_failed', '/auth/websso/', nobody, anonymous, 302, login),
                ('sso_login_failed', '/auth/websso/', one, one, 302, login),
                ('logout', '/auth/logout/', one, anonymous, 302, login),
                ('logout', '/auth/logout/', one, anonymous, 302, '/logged-out'),
                ('refused', '/auth/logout/', one, one, 200),
                ('refused', '/auth/logout/', one, one, 405),
                ('refused', '/auth/logout/', one, one, 302, csrf),
                ('switch', '/auth/switch/p/', one, other, 302, '/'),
                ('switch', '/auth/switch_system_scope/', one, other, 302, '/'),
                ('switch', '/auth/switch_keystone_provider/k/', one, other, 302, '/'),
                ('switch', '/auth/switch_services_region/two/', one, one, 302, '/', 'two'),
                ('refused', '/auth/switch_services_region/nowhere/', one, one, 302, '/', 'two'),
                ('refused', '/auth/switch/p/', one, one, 302, '/'),
                ('refused', '/auth/switch/p/', one, one, 500),
                ('refused', '/auth/switch/p/', nobody, anonymous, 302, f'{login}?next=/auth/switch/p/'),
                ('operation', '/project/instances/', one, one, 302, '/project/instances/'),
                ('operation', '/api/swift/containers/c/object/auth/login/', one, one, 204),
                ('operation', '/auth/logins', one, one, 404),
                ('operation', '/api/nova/servers/', one, one, 500),
                ('refused', '/api/nova/servers/', one, one, 403),
                ('refused', '/api/nova/servers/', one, one, 429),
                ('refused', '/api/nova/servers/', nobody, anonymous, 200),
                ('refused', '/project/instances/', one, one, 302, csrf),
                ('refused', '/project/instances/', one, one, 302, f'https://{NAME}{login}?next=/project/instances/')):
            with self.subTest(path=path, status=status, more=more):
                self.assertEqual(operations.event_of(path, before, after, status, *more), expected)


class Requests(test_guard.Logs):
    def setUp(self):
        super().setUp()
        import openstack_dashboard_operations as operations

        self.operations, self.lines_, original = operations, [], operations.send
        operations.send = lambda line: self.lines_.append(line) or True
        self.addCleanup(setattr, operations, 'send', original)

    @property
    def entries(self):
        for line in self.lines_:
            self.assertTrue(line.isascii() and line.isprintable(), line)
            for secret in SECRETS:
                self.assertNotIn(secret, line)
        return [json.loads(line) for line in self.lines_]

    def post(self, path, data, **headers):
        return self.client().post(path, data, HTTP_X_FORWARDED_FOR='198.51.100.7', **headers)

    def test_a_failed_login(self):
        self.log_in(username='eve\nINFO forged', password=SECRETS[0])
        entry, = self.entries
        self.assertEqual({name: entry[name] for name in ('event', 'user', 'client', 'method', 'path', 'status', 'domain')}, {
            'event': 'login_failed', 'user': 'eve\nINFO forged', 'client': '198.51.100.7', 'method': 'POST',
            'path': '/auth/login/', 'status': 200, 'domain': 'Default'})
        self.assertEqual(entry['parameters']['form']['password'], ['********'] if isinstance(
            entry['parameters']['form']['password'], list) else '********')
        self.assertGreaterEqual(entry['ms'], 0)

    def test_reads_are_not_logged(self):
        self.client().get('/auth/login/')
        self.client().post('/auth/logout/')
        self.assertEqual([(entry['event'], entry['method']) for entry in self.entries], [('logout', 'POST')])

    def test_a_log_that_fails_breaks_nothing(self):
        def fail(_line):
            raise OSError('the disk is full')

        self.operations.send = fail
        _, response = self.log_in()
        self.assertEqual(response.status_code, 200)
        self.operations.send = lambda line: self.lines_.append(line) or True
        self.log_in()
        self.assertEqual(self.entries[0]['lost'], 1)


class Journal(unittest.TestCase):
    def test_a_line_is_an_entry(self):
        import socket
        import tempfile

        import openstack_dashboard_operations as operations

        with tempfile.TemporaryDirectory() as folder:
            operations.JOURNAL, operations._channel = f'{folder}/socket', None
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
                journal.bind(operations.JOURNAL)
                self.assertTrue(operations.send('{"a": 1}'))
                self.assertEqual(journal.recv(1000).decode(), 'SYSLOG_IDENTIFIER=openstack-dashboard-operations\n'
                                                              'PRIORITY=6\nMESSAGE={"a": 1}\n')
                # nobody reads: requests do not wait
                results = [operations.send('x' * 1000) for _ in range(2000)]
                self.assertFalse(results[-1])


class Keystone(Revoking):
    """Users of whom one has a second factor, and the password of another one has expired."""

    def answer(self, handler, body):
        asked = body.decode()
        if '"wrong"' in asked or 'unknown-project' in asked:
            return self.send(handler, 401, {'error': {'code': 401, 'message': 'no', 'title': 'no'}})
        if '"expired"' in asked:
            return self.send(handler, 401, {'error': {'code': 401, 'title': 'no', 'message': (
                f'The password is expired and needs to be changed for user: {"e" * 32}.')}})
        if '"careful"' in asked and '"totp"' not in asked:
            return self.send(handler, 401, {
                'receipt': {'methods': ['password'], 'expires_at': '2099-01-01T00:00:00.000000Z'},
                'required_auth_methods': [['password', 'totp']]}, Openstack_Auth_Receipt='gAAAAA-receipt')
        if handler.path.endswith('/password'):
            return self.send(handler, 204, b'')
        super().answer(handler, body)


class Sessions(unittest.TestCase):
    """In Horizon under gunicorn, with its sessions and a Keystone."""

    def setUp(self):
        self.addCleanup(MemcachedServer(PORT).stop)
        self.keystone = Keystone(self)
        self.gunicorn = Gunicorn(self, self.keystone.url + '/v3', workers=1, OPERATION_LOG='true',
                                 OPENSTACK_KEYSTONE_MFA_TOTP_ENABLED='true', **MEMCACHED, **WEB_SSO)
        self.browser = Browser()

    def send(self, path, form=None, method='POST', **headers):
        token = self.browser.cookies.get('__Host-csrftoken', '')
        if form is None and method == 'POST':
            form = {'csrfmiddlewaretoken': token}
        response = self.browser.open(method, path, form and {'csrfmiddlewaretoken': token, **form},
                                     headers={**CLIENT, 'Sec-Fetch-Site': 'same-origin', **headers})
        response.read()
        return response

    def log_in(self, name, password='word', choice='credentials'):
        self.browser = Browser()
        self.browser.get('/auth/login/?redirect=false')
        return self.send('/auth/login/', {'auth_type': choice, 'username': name, 'password': password, 'region': 'default',
                                          'next': '/settings/'})

    @property
    def entries(self):
        """Those since the last call."""
        text = self.gunicorn.text()
        new, self.seen = text[getattr(self, 'seen', 0):], len(text)
        for secret in ('gAAAA', 'hunter2', 'from-keystone', '"word"'):
            self.assertNotIn(secret, ''.join(re.findall(r'\{"event": .*', new)))
        return [json.loads(line) for line in re.findall(r'\{"event": .*\}', new)]

    def events(self, *names):
        return [tuple(entry[name] for name in ('event', *names)) for entry in self.entries]

    def test_a_session_from_login_to_logout(self):
        project = ('demo', 'p' * 32)
        with self.subTest('a login'):
            self.assertEqual(self.log_in('user').status, 302)
            entry, = self.entries
            self.assertEqual({name: entry[name] for name in (
                'event', 'user', 'user_id', 'domain', 'project', 'project_id', 'client', 'method', 'path', 'status')}, {
                'event': 'login', 'user': 'user', 'user_id': 'u' * 32, 'domain': 'Default', 'project': 'demo',
                'project_id': 'p' * 32, 'client': '198.51.100.7', 'method': 'POST', 'path': '/auth/login/', 'status': 302})
            self.assertEqual(entry['parameters']['form']['password'], '********')
        with self.subTest('calls of scripts'):
            token = self.browser.cookies['__Host-csrftoken']
            for method in ('POST', 'PUT', 'PATCH', 'DELETE'):
                self.browser.open(method, '/api/nova/keypairs/?token=hunter2', raw=json.dumps(
                    {'name': 'a', 'user_data': 'hunter2'}), headers={
                    **CLIENT, **AJAX, 'X-CSRFToken': token, 'Content-Type': 'application/json'}).read()
            entries = self.entries
            self.assertEqual([(entry['event'], entry['method'], entry['user'], entry['project'], entry['project_id'])
                              for entry in entries], [('operation', method, 'user', *project) for method in (
                                  'POST', 'PUT', 'PATCH', 'DELETE')])
            self.assertEqual(entries[0]['parameters'], {
                'query': {'token': '********'}, 'body': {'name': 'a', 'user_data': '********'}})
        with self.subTest('without the token of the form'):
            self.send('/settings/', {'csrfmiddlewaretoken': 'x' * 32, 'language': 'de'})
            self.assertEqual(self.events('user', 'project'), [('refused', 'user', 'demo')])
        with self.subTest('switches'):
            for path in (f'switch/{"p" * 32}', 'switch/unknown-project', 'switch_services_region/one',
                         'switch_services_region/nowhere'):
                self.send(f'/auth/{path}/?next=/settings/', method='GET')
            self.assertEqual(self.events('user'), [('switch', 'user'), ('refused', 'user')] * 2)
        with self.subTest('a link of another site, and a logout'):
            self.send('/auth/logout/', **{'Sec-Fetch-Site': 'cross-site'})
            self.send('/auth/logout/')
            self.assertEqual(self.events('user', 'status', 'client'), [
                ('refused', 'user', 200, '198.51.100.7'), ('logout', 'user', 302, '198.51.100.7')])
        with self.subTest('without a session'):
            self.send(f'/auth/switch/{"p" * 32}/', method='GET')
            self.send('/settings/')
            self.assertEqual(self.events('user'), [('refused', '')] * 2)

    def test_logins_of_several_steps(self):
        with self.subTest('a wrong password'):
            self.log_in('user', 'wrong')
            self.assertEqual(self.events('user', 'user_id'), [('login_failed', 'user', None)])
        with self.subTest('a second factor'):
            response = self.log_in('careful')
            self.assertEqual(response.headers['Location'], '/auth/totp/careful/')
            self.assertEqual(self.events('user'), [('login_continues', 'careful')])
            self.browser.get('/auth/totp/careful/')
            self.send('/auth/totp/careful/', {'totp': ''})
            self.send('/auth/totp/careful/', {'totp': '123456'})
            self.assertEqual(self.events('user', 'project'), [('login_failed', 'careful', None), ('login', 'user', 'demo')])
        with self.subTest('an expired password'):
            path = f'/auth/password/{"e" * 32}/'
            self.assertEqual(self.log_in('expired').headers['Location'], path)
            self.assertEqual(self.events('user'), [('login_continues', 'expired')])
            form = {'original_password': 'word', 'password': 'hunter2-Hunter2', 'confirm_password': 'hunter2-Hunter2',
                    'region': 'default'}
            self.send(path, {**form, 'confirm_password': 'other'})
            self.send(path, form)
            self.assertEqual(self.events('user_id'), [
                ('password_change_failed', 'e' * 32), ('password_changed', 'e' * 32)], self.gunicorn.text()[-2000:])
        with self.subTest('the metric of failed logins leaves out lines that end so'):
            for end in ('TOTPrequired.', 'password expired.'):
                self.assertRegex(self.gunicorn.text(), f'(?m)Login failed for user .*: {end}$')
        with self.subTest('single sign-on'):
            self.assertTrue(self.log_in('', '', 'corp').headers['Location'].startswith(BROWSERS))
            self.send('/auth/websso/', {'token': 'wrong'})
            self.log_in('', '', 'corp')
            self.send('/auth/websso/', {'token': 'from-keystone'})
            self.assertEqual(self.events('user', 'project', 'client'), [
                ('login_continues', '', None, '198.51.100.7'), ('sso_login_failed', '', None, '198.51.100.7'),
                ('login_continues', '', None, '198.51.100.7'), ('sso_login', 'user', 'demo', '198.51.100.7')])
        with self.subTest('a choice that is not offered'):
            self.log_in('user', choice='other')
            self.assertEqual(self.events('user'), [('login_failed', 'user')])


if __name__ == '__main__':
    unittest.main()
