"""The cache backend against real memcached servers over TLS, and a stand-in for ElastiCache's
configuration endpoint. Runs in a Debian 13 root file system that also has memcached."""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, '/usr/local/lib/openstack-dashboard/python')
import elasticache_memcached as backend  # noqa: E402
from django.conf import settings  # noqa: E402

if not settings.configured:
    settings.configure()
PORTS = (21211, 21212, 21213)
ENDPOINT = 21200


def wait_for(condition, seconds=6):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError('did not happen in time')
        time.sleep(0.05)


class Endpoint(threading.Thread):
    """Answers `config get cluster` over TLS."""

    def __init__(self, folder, nodes):
        super().__init__(daemon=True)
        self.nodes = nodes
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f'{folder}/cert.pem', f'{folder}/key.pem')
        self.server = context.wrap_socket(
            socket.create_server(('127.0.0.1', ENDPOINT)), server_side=True)

    def run(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            with connection:
                if connection.recv(100) == b'config get cluster\r\n':
                    entries = ' '.join(f'localhost|{ip}|{port}' for ip, port in self.nodes)
                    body = f'12\n{entries}\n'
                    connection.sendall(
                        f'CONFIG cluster 0 {len(body)}\r\n{body}\r\nEND\r\n'.encode())

    def stop(self):
        if self.server.fileno() >= 0:
            self.server.shutdown(socket.SHUT_RDWR)
            self.server.close()


class Backend(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        os.chmod(cls.folder, 0o755)
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
             '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext',
             'subjectAltName=DNS:localhost', '-keyout', f'{cls.folder}/key.pem', '-out',
             f'{cls.folder}/cert.pem'], check=True, capture_output=True)
        os.chmod(f'{cls.folder}/key.pem', 0o644)
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def setUp(self):
        self.servers = {}
        self.addCleanup(lambda: [self.stop(port) for port in tuple(self.servers)])
        self.addCleanup(backend.clusters.clear)

    def start(self, port):
        self.servers[port] = subprocess.Popen(
            ['memcached', '-u', 'nobody', '-l', '127.0.0.1', '-p', str(port), '-m', '16', '-Z', '-o',
             f'ssl_chain_cert={self.folder}/cert.pem,ssl_key={self.folder}/key.pem'])

        def open_():
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                return True
            except OSError:
                return False
        wait_for(open_)

    def stop(self, port):
        server = self.servers.pop(port)
        server.kill()
        server.wait()

    def cache(self, location=f'localhost:{PORTS[0]}', prefix='session', **options):
        options = {'ca_file': f'{self.folder}/cert.pem', 'interval': 0.3, 'timeout': 0.5, **options}
        return backend.ElastiCacheMemcached(location, {'KEY_PREFIX': prefix, 'OPTIONS': options})

    def discovering(self):
        for port in PORTS:
            self.start(port)
        endpoint = Endpoint(self.folder, [('127.0.0.1', port) for port in PORTS])
        endpoint.start()
        self.addCleanup(endpoint.stop)
        return endpoint, self.cache(f'localhost:{ENDPOINT}', discovery=True)

    def test_operations_of_a_django_cache(self):
        self.start(PORTS[0])
        cache = self.cache()
        cache.set('a', {'b': [1, 'ü']}, 30)
        self.assertEqual(cache.get('a'), {'b': [1, 'ü']})
        self.assertFalse(cache.add('a', 1, 30))
        self.assertTrue(cache.add('n', 1, 30))
        self.assertEqual(cache.incr('n', 2), 3)
        self.assertEqual(cache.decr('n'), 2)
        self.assertRaises(ValueError, cache.incr, 'nothing')
        self.assertTrue(cache.touch('n', 30))
        self.assertEqual(cache.set_many({'x': 1, 'y': None}, 30), [])
        self.assertEqual(cache.get_many(['x', 'y', 'z']), {'x': 1, 'y': None})
        cache.delete_many(['x'])
        self.assertEqual(cache.get('x', 'gone'), 'gone')
        self.assertTrue(cache.delete('y'))
        cache.clear()
        self.assertIsNone(cache.get('a'))

    def test_a_value_too_large_is_not_kept_and_the_node_stays(self):
        self.start(PORTS[0])
        cache = self.cache()
        cache.set('big', os.urandom(2_000_000), 30)
        self.assertIsNone(cache.get('big'))
        self.assertFalse(cache._cache.dead)

    def test_connections_outlive_requests_and_are_shared_by_aliases(self):
        self.start(PORTS[0])
        session, default = self.cache(), self.cache(prefix='release')
        session.set('a', 1)
        sock = session._cache.client(session._cache.endpoint).sock
        session.close()
        self.assertIsNone(default.get('a'))
        self.assertEqual(session.get('a'), 1)
        self.assertIs(default._cache.client(default._cache.endpoint).sock, sock)

    def test_a_restarted_node_is_no_dead_node(self):
        self.start(PORTS[0])
        cache = self.cache()
        cache.set('a', 1)
        self.stop(PORTS[0])
        self.start(PORTS[0])
        cache.set('a', 2)
        self.assertEqual(cache.get('a'), 2)

    def test_certificate_and_name_are_verified(self):
        self.start(PORTS[0])
        for options in ({'location': f'127.0.0.1:{PORTS[0]}'}, {'ca_file': None}):
            cache = self.cache(**options)
            cache.set('a', 1)
            self.assertIsNone(cache.get('a'))
            self.assertTrue(cache._cache.dead)

    def test_a_dead_node_is_skipped_and_comes_back(self):
        _, cache = self.discovering()
        keys = [f'key{n}' for n in range(300)]
        cache.set_many(dict.fromkeys(keys, 1))
        self.stop(PORTS[1])
        kept = len(cache.get_many(keys))
        self.assertTrue(150 < kept < 250, kept)
        cache.set_many(dict.fromkeys(keys, 2))
        self.assertEqual(len(cache.get_many(keys)), 300)
        self.start(PORTS[1])
        wait_for(lambda: not cache._cache.dead)

    def test_nodes_are_read_again_and_the_last_known_serve_on(self):
        endpoint, cache = self.discovering()
        keys = [f'key{n}' for n in range(300)]
        cache.set_many(dict.fromkeys(keys, 1))
        endpoint.nodes = endpoint.nodes[:2]
        wait_for(lambda: len(cache._cache.known) == 2)
        self.assertTrue(150 < len(cache.get_many(keys)) < 250)
        endpoint.stop()
        time.sleep(1)
        self.assertEqual(len(cache._cache.known), 2)
        cache.set('a', 1)
        self.assertEqual(cache.get('a'), 1)

    def test_a_hung_node_costs_one_timeout(self):
        server = socket.create_server(('127.0.0.1', PORTS[2]))
        self.addCleanup(server.close)
        cache = self.cache(f'localhost:{PORTS[2]}')
        begun = time.monotonic()
        for n in range(100):
            self.assertIsNone(cache.get(f'key{n}'))
        self.assertLess(time.monotonic() - begun, 1)

    def test_fails_fast_when_all_nodes_are_down(self):
        cache = self.cache()
        begun = time.monotonic()
        self.assertIsNone(cache.get('a'))
        with self.assertRaisesRegex(Exception, 'no memcached node answers'):
            cache.add('a', 1)
        self.assertLess(time.monotonic() - begun, 0.5)
        self.start(PORTS[0])
        wait_for(lambda: not cache._cache.dead)
        self.assertTrue(cache.add('a', 1))

    def test_a_fork_has_connections_of_its_own(self):
        self.start(PORTS[0])
        cache = self.cache()
        cache.set('a', 1)
        pid = os.fork()
        if not pid:
            os._exit(0 if cache.get('a') == 1 and threading.active_count() == 2 else 1)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.assertEqual(cache.get('a'), 1)


if __name__ == '__main__':
    unittest.main()
