"""The operation log: what is in a line, and what is not, in a process with Horizon.

Runs as root in a disposable Debian 13 root file system, as test_guard.py does."""
import contextlib
import json
import os
import subprocess
import sys
import unittest

import test_guard

SECRETS = ('hunter2-hunter2', 'gAAAAABsecretsecretsecretsecret', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.sig')


def load_tests(loader, _tests, _pattern):
    if 'IN_HORIZON' not in os.environ:
        return unittest.TestSuite([InHorizon()])
    return unittest.TestSuite(map(loader.loadTestsFromTestCase, (Masks, Requests, Journal)))


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

    def test_single_sign_on_that_fails(self):
        self.post('/auth/websso/', {'token': SECRETS[1]})
        entry, = self.entries
        self.assertIn(entry['event'], ('sso_login_failed', 'refused'))

    def test_calls_of_scripts(self):
        for method in ('post', 'put', 'patch', 'delete'):
            # the test client sets an attribute that is a property of Horizon's class
            with contextlib.suppress(AttributeError):
                getattr(self.client(), method)(
                    f'/api/nova/keypairs/?token={SECRETS[0]}', json.dumps({'name': 'a', 'user_data': SECRETS[0]}),
                    content_type='application/json', HTTP_X_REQUESTED_WITH='XMLHttpRequest')
        self.assertEqual([entry['method'] for entry in self.entries], ['POST', 'PUT', 'PATCH', 'DELETE'])
        self.assertEqual({entry['event'] for entry in self.entries}, {'refused'})

    def test_reads_are_not_logged(self):
        self.client().get('/auth/login/')
        self.client().post('/auth/logout/')
        self.assertEqual([entry['event'] for entry in self.entries], ['logout'])

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


if __name__ == '__main__':
    unittest.main()
