"""The check at the start of a host that sessions can be stored, against memcached and stand-ins for AWS
(test_aws.py). Runs in a Debian 13 root file system that also has memcached."""
import os
import shutil
import socket
import tempfile
import time
import unittest

import test_aws
from memcached_server import MemcachedServer
from test_aws import LIB, State, run
from test_elasticache_memcached import Server, configuration

PORT = 21231
ENGINE = 'django.contrib.sessions.backends.cache'
# runs the command, as the user that runs the tests
SYSTEMD_RUN = '#!/bin/sh\nfor last; do :; done\nexec "$last"\n'


class CheckSessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        test_aws.Hosts.setUpClass()

    def setUp(self):
        test_aws.Hosts.setUp(self)
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        with open(f'{self.folder}/systemd-run', 'w') as file:
            file.write(SYSTEMD_RUN)
        os.chmod(f'{self.folder}/systemd-run', 0o755)
        State.resource_status = 'CREATE_COMPLETE'
        self.settings()

    def settings(self, engine=ENGINE, location=f'localhost:{PORT}', **options):
        options = {'tls': False, 'timeout': 0.5, 'interval': 0.3, **options}
        with open(f'{self.folder}/check_settings.py', 'w') as file:
            file.write(
                f"SECRET_KEY = {'k' * 64!r}\nSESSION_ENGINE = {engine!r}\nSESSION_TIMEOUT = 60\n"
                "SESSION_CACHE_ALIAS = 'session'\nCACHES = {name: {'BACKEND': "
                f"'elasticache_memcached.ElastiCacheMemcached', 'LOCATION': {location!r}, "
                f"'KEY_PREFIX': name, 'OPTIONS': {options!r}}} for name in ('default', 'session')}}\n")

    def memcached(self, *options):
        self.addCleanup(MemcachedServer(PORT, *options).stop)

    def check(self, script='check-sessions', seconds='1'):
        result = run(f'{LIB}/{script}', PYTHONPATH=self.folder, CHECK_SESSIONS_SECONDS=seconds,
                     DJANGO_SETTINGS_MODULE='check_settings', PYTHONWARNINGS='ignore',
                     PATH=f"{self.folder}:{os.environ['PATH']}")
        self.assertEqual(result.stderr, '')
        return result.returncode, result.stdout.strip().splitlines()

    def left(self):
        with socket.create_connection(('127.0.0.1', PORT), 5) as connection:
            connection.sendall(b'stats\r\n')
            for line in connection.makefile('rb'):
                if line.startswith(b'STAT curr_items '):
                    return int(line.split()[2])

    def test_sessions_that_can_be_kept(self):
        self.memcached()
        self.assertEqual(self.check(), (0, ['sessions can be stored: 1 of 1 memcached nodes answer']))
        # the mark of the session that has ended
        self.assertEqual(self.left(), 1)

    def test_sessions_in_cookies_need_no_memcached(self):
        self.settings(engine='sealed_signed_cookies')
        self.assertEqual(self.check(), (0, ['sessions are not in memcached']))

    def test_a_memcached_that_is_away_is_the_reason(self):
        status, lines = self.check()
        self.assertEqual((status, len(lines)), (1, 1))
        self.assertIn(f'memcached node localhost:{PORT} left out: ConnectionRefusedError', lines[0])

    def test_one_that_comes_in_time_is_waited_for(self):
        def later():
            time.sleep(3)
            os.execvp('memcached', ['memcached', '-u', 'nobody', '-l', '127.0.0.1', '-p', str(PORT)])
        pid = os.fork()
        if not pid:
            try:
                later()
            finally:
                os._exit(1)
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.kill, pid, 9)
        self.assertEqual(self.check(seconds='30')[0], 0)

    def test_names_that_do_not_match_are_the_reason(self):
        def serve(connection, request):
            connection.sendall(configuration([('evil.example\x1b[2J', '127.0.0.1', PORT)]))
        self.addCleanup(Server(PORT + 1, serve).stop)
        self.settings(location=f'localhost:{PORT + 1}', discovery=True)
        status, lines = self.check()
        self.assertEqual((status, len(lines)), (1, 1))
        self.assertRegex(lines[0], r"memcached endpoint localhost: ValueError: .*evil\.example\\+x1b")
        self.assertNotRegex(lines[0], '[^ -~]')

    def test_one_that_keeps_nothing_is_no_place_for_sessions(self):
        def serve(connection, request):
            connection.sendall(b'STORED\r\n' if b'add ' in request or b'replace ' in request
                               else b'END\r\nEND\r\n')
        self.addCleanup(Server(PORT, serve).stop)
        status, lines = self.check()
        self.assertEqual(status, 1)
        self.assertTrue(lines[-1].startswith('a session could not be read'), lines)

    def test_settings_that_cannot_be_read(self):
        with open(f'{self.folder}/check_settings.py', 'w') as file:
            file.write("raise ValueError('no\\nsuch thing')\n")
        status, lines = self.check()
        self.assertEqual((status, lines),
                         (2, [r"the settings could not be read: ValueError: 'no\nsuch thing'"]))

    def test_a_first_deployment_fails_and_a_later_start_is_told(self):
        for status in ('CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE', 'ROLLBACK_COMPLETE'):
            State.resource_status = status
            code, lines = self.check('sessions-usable')
            self.assertEqual((code, len(lines)), (0, 1), status)
            self.assertRegex(lines[0], '^openstack-dashboard: WARNING: sessions: users cannot log in: '
                             '.*ConnectionRefusedError')
        State.resource_status = 'CREATE_IN_PROGRESS'
        result = run(f'{LIB}/sessions-usable', PYTHONPATH=self.folder, CHECK_SESSIONS_SECONDS='1',
                     DJANGO_SETTINGS_MODULE='check_settings', PYTHONWARNINGS='ignore',
                     PATH=f"{self.folder}:{os.environ['PATH']}")
        self.assertEqual(result.returncode, 1)
        self.assertIn('ConnectionRefusedError', result.stderr)
        self.memcached()
        self.assertEqual(self.check('sessions-usable'),
                         (0, ['sessions can be stored: 1 of 1 memcached nodes answer']))

    def test_a_host_that_cannot_ask_comes_up(self):
        State.down = True
        self.addCleanup(setattr, State, 'down', False)
        result = run(f'{LIB}/sessions-usable', PYTHONPATH=self.folder, CHECK_SESSIONS_SECONDS='1',
                     DJANGO_SETTINGS_MODULE='check_settings', PYTHONWARNINGS='ignore',
                     PATH=f"{self.folder}:{os.environ['PATH']}")
        self.assertEqual(result.returncode, 0)
        self.assertIn('WARNING: sessions', result.stdout)


if __name__ == '__main__':
    unittest.main()
