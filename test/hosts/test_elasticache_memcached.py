"""The cache backend against real memcached servers over TLS, and a stand-in for ElastiCache's
configuration endpoint. Runs in a Debian 13 root file system that also has memcached."""
import importlib.util
import json
import logging
import os
import pickle
import random
import resource
import runpy
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
from collections import Counter
from types import SimpleNamespace as Object
from unittest import mock

sys.path.insert(0, '/usr/local/lib/openstack-dashboard/python')
import elasticache_memcached as backend  # noqa: E402
import openstack_dashboard_memcached.addresses as addresses  # noqa: E402
import openstack_dashboard_memcached.missed_deletes as missed_deletes  # noqa: E402
import openstack_dashboard_memcached.store as store  # noqa: E402
import openstack_dashboard_sealing as sealing  # noqa: E402
import pymemcache  # noqa: E402
from django.conf import settings  # noqa: E402
from memcached_server import MemcachedServer  # noqa: E402
from openstack_dashboard_memcached.connection import Connection  # noqa: E402
from waiting import wait_for  # noqa: E402

KEY = 'k' * 64
if not settings.configured:
    settings.configure(SECRET_KEY=KEY)
PORTS = (21211, 21212, 21213)
# where each of them answers without TLS: over TLS memcached does not list its keys
ASIDE = 1000
CANARY = '/tmp/canary'
# far more than anything takes but a wait for a node that does not answer
TIMEOUT = 2


class Canary:
    """What runs a command when it is unpickled."""

    def __reduce__(self):
        return os.system, (f'touch {CANARY}',)


class Log(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

ENDPOINT = 21200
DOMAIN = 'use1.cache.amazonaws.com'


def configuration(nodes, version=12):
    """What a configuration endpoint answers."""
    entries = ' '.join('|'.join(map(str, node)) for node in nodes)
    body = f'{version}\n{entries}\n'
    return f'CONFIG cluster 0 {len(body)}\r\n{body}\r\nEND\r\n'.encode()


class Server(threading.Thread):
    """Gives each connection, over TLS if there is a certificate, to a function once it has asked."""

    def __init__(self, port, serve, certificate=None):
        super().__init__(daemon=True)
        self.serve, self.context = serve, None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(f'{certificate}.pem', f'{certificate}.key')
        self.server = socket.create_server(('127.0.0.1', port))
        # so that stop() ends accept()
        self.server.settimeout(0.1)
        self.stopped = False
        self.start()

    def run(self):
        while not self.stopped:
            try:
                connection, _ = self.server.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        try:
            connection.settimeout(30)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                while request := connection.recv(1000):
                    self.serve(connection, request)
        except OSError:
            # whom this is for has had enough
            connection.close()

    def stop(self):
        self.stopped = True
        self.join()
        self.server.close()


class Endpoint(Server):
    """Answers `config get cluster` over TLS."""

    def __init__(self, folder, nodes):
        self.nodes = nodes
        super().__init__(ENDPOINT, self.list, f'{folder}/cert')

    def list(self, connection, request):
        if request == b'config get cluster\r\n':
            connection.sendall(configuration(('localhost', *node) for node in self.nodes))


class Backend(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        os.chmod(cls.folder, 0o755)
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
             '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext',
             'subjectAltName=DNS:localhost', '-keyout', f'{cls.folder}/cert.key', '-out',
             f'{cls.folder}/cert.pem'], check=True, capture_output=True)
        os.chmod(f'{cls.folder}/cert.key', 0o644)
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def setUp(self):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = KEY, []
        sealing.refusals.clear()
        sealing._reported.clear()
        # that of a test before
        if timer := sealing._timer:
            timer.cancel()
        sealing._logged, sealing._timer = float('-inf'), None
        self.log = Log()
        logger = logging.getLogger('openstack_dashboard')
        logger.addHandler(self.log)
        logger.propagate = False
        self.addCleanup(logger.removeHandler, self.log)
        self.servers = {}
        self.addCleanup(lambda: [self.stop(port) for port in tuple(self.servers)])
        self.addCleanup(backend.clusters.clear)

    def refused(self):
        return [line for line in self.log.lines if line.startswith('values refused')]

    def start(self, port, *options, host='127.0.0.1', certificate='cert'):
        listen = f'[{host}]' if ':' in host else host
        certificate = f'{self.folder}/{certificate}'
        self.servers[port] = MemcachedServer(
            port, '-m', '64', '-Z', '-o', f'ssl_chain_cert={certificate}.pem,ssl_key={certificate}.key', *options,
            host=host, listen=f'{listen}:{port},notls:127.0.0.1:{port + ASIDE}')

    def stop(self, port):
        self.servers.pop(port).stop()

    def cache(self, location=f'localhost:{PORTS[0]}', prefix='session', **options):
        options = {'ca_file': f'{self.folder}/cert.pem', 'interval': 0.3, 'timeout': TIMEOUT, **options}
        return backend.ElastiCacheMemcached(location, {'KEY_PREFIX': prefix, 'OPTIONS': options})

    def settled(self, cache):
        """All nodes are in use."""
        members = cache._cache.cluster.membership
        wait_for(lambda: not members.dead and not members.waiting)

    def discovering(self):
        for port in PORTS:
            self.start(port)
        endpoint = Endpoint(self.folder, [('127.0.0.1', port) for port in PORTS])
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
        self.assertTrue(cache.replace('n', 4, 30))
        self.assertEqual(cache.get('n'), 4)
        self.assertFalse(cache.replace('nothing', 4, 30))
        self.assertIsNone(cache.get('nothing'))
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
        self.assertFalse(cache._cache.cluster.membership.dead)
        self.assertEqual(len(self.said('not kept: a value of 2000')), 1)
        cache.set('big', 1, 30)
        cache.set('big', os.urandom(2_000_000), 30)
        self.assertIsNone(cache.get('big'), 'the old value went')

    def test_connections_outlive_requests_and_are_shared_by_aliases(self):
        self.start(PORTS[0])
        session, default = self.cache(), self.cache(prefix='release')
        session.set('a', 1)
        sock = session._cache.cluster.client(session._cache.cluster.membership.endpoint).sock
        session.close()
        self.assertIsNone(default.get('a'))
        self.assertEqual(session.get('a'), 1)
        self.assertIs(default._cache.cluster.client(default._cache.cluster.membership.endpoint).sock, sock)

    def raw(self, cache):
        """A writer inside the network: a client without keys."""
        port = cache._cache.cluster.membership.known[0].port + ASIDE
        client = pymemcache.Client(('127.0.0.1', port), default_noreply=False, timeout=20)
        self.addCleanup(client.close)
        return client

    def key(self, cache, name):
        """Under what memcached has it."""
        return store.NAMES(cache.make_key(name))[0][0].decode()

    def keys_of(self, node):
        """The keys that a node lists, and for how many seconds it keeps each."""
        found, listings = {}, 0
        with socket.create_connection(('127.0.0.1', node.port + ASIDE), 20) as connection:
            lines = connection.makefile('rwb')
            # a listing leaves out what memcached moves about meanwhile: one does not tell all
            while listings < 3:
                lines.write(b'lru_crawler metadump all\r\n')
                lines.flush()
                # it crawls on its own account too, and then wants to be asked again
                while (line := lines.readline()) not in (b'END\r\n', b'') and b'BUSY' not in line:
                    fields = dict(field.split('=', 1) for field in line.decode().split())
                    left = int(fields['exp']) - int(time.time())
                    found[urllib.parse.unquote(fields['key'])] = left
                listings += line == b'END\r\n'
                time.sleep(0.05)
        return found

    def said(self, text):
        return [line for line in self.log.lines if text in line]

    def test_what_is_in_memcached_cannot_be_read(self):
        self.start(PORTS[0])
        cache = self.cache()
        session = {'token': 'gAAAAAB-secret-token', 'user': 'alice', 'project': 'accounting'}
        cache.set('a', session)
        raw = self.raw(cache)
        stored = raw.get(self.key(cache, 'a'))
        for word in (*session, *session.values()):
            self.assertNotIn(word.encode(), stored)
        cache.set('a', session)
        self.assertNotEqual(raw.get(self.key(cache, 'a')), stored)
        self.assertEqual(len(stored), len(pickle.dumps(session, 5)) + sealing.OVERHEAD)

    def test_forged_and_mutated_values_are_misses(self):
        self.start(PORTS[0])
        cache = self.cache()
        raw = self.raw(cache)
        keys = [f'key{n}' for n in range(100)]
        cache.set_many({key: {'session of': key} for key in keys})
        places = {key: self.key(cache, key) for key in keys}
        sealed = {key: raw.get(places[key]) for key in keys}
        pickled = pickle.dumps(Canary())
        stranger = sealing.Sealer('memcached', 2**20)
        settings.SECRET_KEY = 'f' * 64
        foreign = {key: stranger.seal(f'session:1:{key}', pickled) for key in keys}
        settings.SECRET_KEY = KEY
        other = sealing.Sealer('cookie', 2**20)
        rng = random.Random(1)

        def flip(data):
            data = bytearray(data)
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            return bytes(data)

        forgers = (
            lambda key: pickled,
            lambda key: flip(sealed[key]),
            lambda key: sealed[key][:rng.randrange(len(sealed[key]))],
            lambda key: sealed[key] + rng.randbytes(rng.randrange(1, 99)),
            lambda key: sealed[keys[keys.index(key) - 1]],
            lambda key: foreign[key],
            lambda key: sealed[key][:sealing.HEADER] + pickled,
            lambda key: sealing.VERSION + foreign[key][1:5] + sealed[key][5:],
            lambda key: sealed[key][:5] + foreign[key][5:],
            lambda key: other.seal(f'session:1:{key}', pickled),
            lambda key: rng.randbytes(rng.randrange(400)),
            lambda key: b'',
        )
        begun = time.monotonic()
        for n in range(10_000):
            key = rng.choice(keys)
            raw.set(places[key], forgers[n % len(forgers)](key),
                    flags=rng.choice((0, 1, 2, 4, 8, 16, 17, 2**31)))
            self.assertIsNone(cache.get(key), n)
        self.assertFalse(os.path.exists(CANARY))
        self.assertEqual(sum(sealing.refusals.values()), 10_000)
        self.assertLessEqual({'forged', 'length', 'version', 'unknown secret'},
                             {reason for _, reason in sealing.refusals})
        self.assertFalse(cache._cache.cluster.membership.dead)
        minutes = (time.monotonic() - begun) / sealing.LOG_SECONDS
        self.assertLessEqual(len(self.refused()), 1 + minutes, 'the log is not filled')
        # and the canary would have sung
        self.cache(sealing=False).set('x', Canary())
        self.cache(sealing=False).get('x')
        self.assertTrue(os.path.exists(CANARY))
        os.remove(CANARY)

    def test_all_that_was_refused_is_logged_but_not_one_by_one(self):
        self.addCleanup(setattr, sealing, 'LOG_SECONDS', sealing.LOG_SECONDS)
        sealing.LOG_SECONDS = 1
        for _ in range(1000):
            sealing.refuse('memcached', 'forged')
        sealing.refuse('memcached', 'length')
        # what is new in each line, so that a metric is the sum of all
        sums = Counter()
        def count():
            sums.clear()
            for line in self.refused():
                counts = json.loads(line.removeprefix('values refused: '))
                self.assertEqual(counts.pop('purpose'), 'memcached')
                sums.update(counts)
            return sums == {'forged': 1000, 'length': 1}
        wait_for(count)
        self.assertLessEqual(len(self.refused()), 2)
        sealing.refuse('memcached', 'unknown secret')
        wait_for(lambda: 'values refused: {"purpose": "memcached", "unknown_secret": 1}' in self.log.lines)

    def test_large_values_of_somebody_else_are_misses(self):
        self.start(PORTS[0], '-I', '8m')
        cache = self.cache()
        raw = self.raw(cache)
        raw.set(self.key(cache, 'a'), os.urandom(4_000_000))
        self.assertIsNone(cache.get('a'))
        self.assertFalse(cache._cache.cluster.membership.dead)
        self.assertEqual(sealing.refusals['memcached', 'length'], 1)
        cache.set('b', 1)
        self.assertEqual(cache.get('b'), 1)

    def test_rotation(self):
        self.start(PORTS[0])
        cache = self.cache()
        cache.set('a', 1)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = 'l' * 64, [KEY]
        self.assertEqual(cache.get('a'), 1)
        cache.set('b', 2)
        # a host that knows the new secret, but does not use it yet
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = KEY, ['l' * 64]
        self.assertEqual(cache.get('b'), 2)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = 'm' * 64, ['l' * 64]
        self.assertIsNone(cache.get('a'))
        self.assertEqual(cache.get('b'), 2)

    def test_with_and_without_sealing_do_not_read_one_another(self):
        self.start(PORTS[0])
        sealed, plain = self.cache(), self.cache(sealing=False)
        sealed.set('a', {'b': 1})
        self.assertIsNone(plain.get('a'))
        plain.set('a', {'b': 1})
        self.assertIsNone(sealed.get('a'))
        self.assertEqual(plain.get('a'), {'b': 1})

    def test_values_that_this_release_cannot_read_are_misses(self):
        self.start(PORTS[0])
        cache = self.cache()
        gone = pickle.dumps(Canary()).replace(b'system', b'sistem')
        self.raw(cache).set(self.key(cache, 'a'), cache._cache.sealer.seal('session:1:a', gone))
        self.assertIsNone(cache.get('a'))
        self.assertEqual(sealing.refusals['memcached', 'unreadable'], 1)

    def test_keys_are_those_of_hkdf(self):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF
        sealed = sealing.Sealer('memcached', 99).seal('name', b'data')
        info = b'openstack-dashboard memcached\0' + sealed[5:17] + b'name'
        key = HKDF(SHA256(), 32, None, info).derive(KEY.encode())
        self.assertEqual(AESGCM(key).decrypt(sealed[17:29], sealed[29:], sealed[:29] + b'name'),
                         b'data')
        self.assertEqual(HKDF(SHA256(), 32, None, b'openstack-dashboard id').derive(
            KEY.encode())[:4], sealed[1:5])

    def test_several_endpoints_without_discovery(self):
        for port in PORTS[:2]:
            self.start(port)
        self.start(PORTS[2], host='::1')
        cache = self.cache(f'localhost:{PORTS[0]},localhost:{PORTS[1]},[::1]:{PORTS[2]}')
        self.assertEqual(cache._cache.cluster.membership.known[2], ('::1', '', PORTS[2]))
        keys = [f'key{n}' for n in range(300)]
        cache.set_many(dict.fromkeys(keys, 1))
        self.assertEqual(len(cache.get_many(keys)), 300)
        # the certificate is for localhost, not for ::1
        self.assertEqual({node.host for node in cache._cache.cluster.membership.dead}, {'::1'})
        with self.assertRaisesRegex(ValueError, 'must be one configuration endpoint'):
            self.cache('localhost:1,localhost:2', discovery=True).get('a')

    def test_an_answer_that_makes_no_sense_is_a_miss(self):
        for answer in (b'VALUE\r\n', b'VALUE other 0 3\r\nabc\r\nEND\r\n', b'\xff\r\n',
                       b'VALUE session:1:a x y\r\n', b'SERVER_ERROR secret\r\n'):
            server = socket.create_server(('127.0.0.1', PORTS[0]))

            def serve():
                connection, _ = server.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(answer)
                    connection.recv(1000)

            threading.Thread(target=serve, daemon=True).start()
            cache = self.cache(tls=False)
            self.assertIsNone(cache.get('a'), answer)
            backend.clusters.clear()
            server.close()
        self.assertNotIn('secret', ' '.join(self.log.lines))

    def test_one_session_per_user(self):
        self.start(PORTS[0])
        from django.contrib.sessions.backends import cache as engine
        from django.core.cache import caches

        # Horizon's middleware, without the rest of Horizon, which would want all its settings
        folder = importlib.util.find_spec('horizon').submodule_search_locations[0]
        horizon = runpy.run_path(f'{folder}/middleware/simultaneous_sessions.py')
        settings.CACHES = {
            name: {'BACKEND': 'elasticache_memcached.ElastiCacheMemcached', 'KEY_PREFIX': name,
                   'LOCATION': f'localhost:{PORTS[0]}',
                   'OPTIONS': {'ca_file': f'{self.folder}/cert.pem'}}
            for name in ('default', 'session')}
        settings.SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
        settings.SESSION_CACHE_ALIAS, settings.SESSION_TIMEOUT = 'session', 60
        caches.__dict__.pop('settings', None)
        self.addCleanup(caches.__dict__.pop, 'settings', None)
        for mode, remaining in (('allow', ['alice']), ('disconnect', [])):
            caches['default'].clear()
            settings.SIMULTANEOUS_SESSIONS = mode
            middleware = horizon['SimultaneousSessionsMiddleware'](lambda request: None)
            sessions = []
            for _ in range(2):
                session = engine.SessionStore()
                session['user'] = 'alice'
                session.save()
                sessions.append(session)
                middleware(Object(user=Object(pk='u1', id='u1'), session=session))
            found = [list(engine.SessionStore(session.session_key).load().values())
                     for session in sessions]
            self.assertEqual(found, [remaining, ['alice']], mode)

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
            self.assertTrue(cache._cache.cluster.membership.dead)

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
        self.settled(cache)

    def test_a_stopped_node_costs_one_timeout_and_is_left_out(self):
        _, cache = self.discovering()
        keys = [f'key{n}' for n in range(300)]
        cache.set_many(dict.fromkeys(keys, 1))
        self.servers[PORTS[1]].hang()
        durations = []
        found = 0
        for key in keys:
            begun = time.monotonic()
            found += cache.get(key) == 1
            durations.append(time.monotonic() - begun)
        self.assertTrue(150 < found < 250, found)
        self.assertLess(max(durations), 2 * TIMEOUT)
        self.assertEqual(sum(duration >= TIMEOUT for duration in durations), 1)
        self.servers[PORTS[1]].go_on()
        self.settled(cache)
        self.assertEqual(len(cache.get_many(keys)), 300)

    def test_a_node_added_takes_its_share_and_a_replaced_one_is_followed(self):
        endpoint, cache = self.discovering()
        keys = [f'key{n}' for n in range(300)]
        nodes = endpoint.nodes
        endpoint.nodes = nodes[:2]
        wait_for(lambda: len(cache._cache.cluster.membership.known) == 2)
        cache.clear()
        cache.set_many(dict.fromkeys(keys, 1))
        endpoint.nodes = nodes
        wait_for(lambda: len(cache._cache.cluster.membership.known) == 3)
        self.settled(cache)
        # what moves is taken over, and a process that knows the old nodes alone still finds it
        self.assertEqual(len(cache.get_many(keys)), 300)
        new = [node for node in cache._cache.cluster.membership.known if node[2] == nodes[2][1]][0]
        moved = [key for key in keys if cache._cache.cluster.membership.alive.node(cache.make_key(key)) == new]
        self.assertTrue(50 < len(moved) < 150, len(moved))
        self.assertIn(self.key(cache, moved[0]), self.keys_of(new))
        old = self.cache(','.join(f'localhost:{port}' for _, port in nodes[:2]))
        self.assertEqual(len(old.get_many(keys)), 300)
        # a value taken over keeps its time, and is deleted everywhere
        cache.set(moved[0], 1, 100)
        home = cache._cache.cluster.membership.alive.node(cache.make_key(moved[0]))
        self.assertEqual(home, new)
        self.assertTrue(cache.delete(moved[0]))
        self.assertIsNone(cache.get(moved[0]))
        self.assertIsNone(old.get(moved[0]))
        self.start(21214)
        endpoint.nodes = [*nodes[:2], ('127.0.0.1', 21214)]
        wait_for(lambda: ('localhost', '127.0.0.1', 21214) in cache._cache.cluster.membership.known)
        self.settled(cache)
        cache.clear()
        cache.set_many(dict.fromkeys(keys, 1))
        self.assertEqual(len(cache.get_many(keys)), 300)

    def test_what_is_kept_for_a_node_that_is_away_is_found_when_it_is_back(self):
        _, cache = self.discovering()
        keys = [f'key{n}' for n in range(300)]
        cache.get('a')
        self.stop(PORTS[1])
        cache.get_many(keys)
        cache.set_many(dict.fromkeys(keys, 1), 100)
        self.start(PORTS[1])
        self.settled(cache)
        self.assertEqual(len(cache.get_many(keys)), 300)
        cluster = cache._cache.cluster
        back = [node for node in cluster.membership.known if node[2] == PORTS[1]][0]
        taken = [key for key in keys if cluster.membership.alive.node(cache.make_key(key)) == back]
        self.assertGreater(len(taken), 50)
        left = self.keys_of(back)
        for key in taken:
            self.assertLessEqual(90, left[self.key(cache, key)], key)
            self.assertLessEqual(left[self.key(cache, key)], 100, key)

    def test_what_is_deleted_while_a_node_is_away_is_deleted_there_when_it_is_back(self):
        _, cache = self.discovering()
        keys = [f'key{n}' for n in range(60)]
        cache.set_many(dict.fromkeys(keys, 1), 100)
        there = [key for key in keys
                 if cache._cache.cluster.membership.alive.node(cache.make_key(key))[2] == PORTS[1]]
        self.assertGreater(len(there), 5)
        self.servers[PORTS[1]].hang()
        self.assertEqual(cache.get_many(there), {})
        # a delete while a process knows that the node is away
        cache.delete_many(there[:5])
        self.servers[PORTS[1]].go_on()
        self.settled(cache)
        self.assertEqual(sorted(cache.get_many(there)), sorted(there[5:]))

    def test_a_node_comes_back_while_sessions_end_all_the_time(self):
        _, cache = self.discovering()
        self.stop(PORTS[1])
        cache.get_many([f'key{n}' for n in range(60)])
        self.assertTrue(cache._cache.cluster.membership.dead)
        self.start(PORTS[1])

        def end_one():
            # each tells the watching thread that a node is owed a deletion
            cache.delete('another')
            return not cache._cache.cluster.membership.dead
        wait_for(end_one)

    def test_nodes_are_read_again_and_the_last_known_serve_on(self):
        endpoint, cache = self.discovering()
        keys = [f'key{n}' for n in range(300)]
        cache.set_many(dict.fromkeys(keys, 1))
        endpoint.nodes = endpoint.nodes[:2]
        wait_for(lambda: len(cache._cache.cluster.membership.known) == 2)
        self.assertTrue(150 < len(cache.get_many(keys)) < 250)
        endpoint.stop()
        time.sleep(1)
        self.assertEqual(len(cache._cache.cluster.membership.known), 2)
        cache.set('a', 1)
        self.assertEqual(cache.get('a'), 1)

    def test_a_hung_node_costs_one_timeout(self):
        server = socket.create_server(('127.0.0.1', PORTS[2]))
        self.addCleanup(server.close)
        cache = self.cache(f'localhost:{PORTS[2]}')
        begun = time.monotonic()
        for n in range(100):
            self.assertIsNone(cache.get(f'key{n}'))
        self.assertLess(time.monotonic() - begun, 3 * TIMEOUT)

    def test_fails_fast_when_all_nodes_are_down(self):
        cache = self.cache()
        begun = time.monotonic()
        self.assertIsNone(cache.get('a'))
        with self.assertRaisesRegex(Exception, 'no memcached node answers'):
            cache.add('a', 1)
        self.assertLess(time.monotonic() - begun, TIMEOUT)
        self.start(PORTS[0])
        self.settled(cache)
        self.assertTrue(cache.add('a', 1))

    # names, certificates and lists of nodes

    @classmethod
    def issue(cls, name, names, ca='ca', *options):
        """A certificate by a CA of the tests."""
        run = lambda *command: subprocess.run(  # noqa: E731
            ['openssl', *command], check=True, capture_output=True)
        folder, curve = cls.folder, ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1')
        if not os.path.exists(f'{folder}/{ca}.pem'):
            run('req', '-x509', *curve, '-nodes', '-days', '2', '-subj', f'/CN={ca}', '-addext',
                'keyUsage=critical,keyCertSign,cRLSign', '-keyout', f'{folder}/{ca}.key', '-out',
                f'{folder}/{ca}.pem')
        run('req', *curve, '-nodes', '-subj', '/CN=node', '-addext',
            'subjectAltName=' + ','.join(f'DNS:{one}' for one in names), '-keyout',
            f'{folder}/{name}.key', '-out', f'{folder}/{name}.csr')
        run('x509', '-req', '-in', f'{folder}/{name}.csr', '-copy_extensions', 'copy', '-CA',
            f'{folder}/{ca}.pem', '-CAkey', f'{folder}/{ca}.key', '-out', f'{folder}/{name}.pem',
            *(options or ('-days', '2')))
        os.chmod(f'{folder}/{name}.key', 0o644)

    def listing(self, nodes, certificate=None, name=f'sessions.abc123.cfg.{DOMAIN}', **options):
        """A cache whose configuration endpoint has that name and lists these nodes."""
        def serve(connection, request):
            connection.sendall(configuration(nodes))
        server = Server(ENDPOINT, serve, certificate and f'{self.folder}/{certificate}')
        self.addCleanup(server.stop)
        return self.named(name, tls=certificate is not None, **options)

    def named(self, name, **options):
        """A cache whose configuration endpoint has a name that leads here."""
        resolve = socket.getaddrinfo

        def here(host, *arguments, **more):
            return resolve('127.0.0.1' if host == name else host, *arguments, **more)
        patched = mock.patch('socket.getaddrinfo', here)
        patched.start()
        self.addCleanup(patched.stop)
        options = {'ca_file': f'{self.folder}/ca.pem', **options}
        if options.get('tls') is False:
            options.pop('ca_file')
        return self.cache(f'{name}:{ENDPOINT}', discovery=True, **options)

    def test_nodes_of_elasticache_by_their_real_names(self):
        for domain in (DOMAIN, 'cnn1.cache.amazonaws.com.cn'):
            endpoint = f'sessions.abc123.cfg.{domain}'
            wildcard = f'*.sessions.abc123.{domain}'
            forms = {
                'node first': ('{}.sessions.abc123.' + domain, [wildcard]),
                'node first, endpoint named': ('{}.sessions.abc123.' + domain, [wildcard, endpoint]),
                'node last': ('sessions.abc123.{}.' + domain, [wildcard]),
                'node last, named': ('sessions.abc123.{}.' + domain, [
                    endpoint, *(f'sessions.abc123.000{n}.{domain}' for n in (1, 2))]),
                'cfg and node': ('sessions.abc123.cfg.{}.' + domain, [wildcard]),
            }
            for form, (name, names) in forms.items():
                for tls in (True, False):
                    with self.subTest(domain=domain, form=form, tls=tls):
                        self.issue('node', names)
                        nodes = []
                        for count, port in enumerate(PORTS[:2]):
                            self.start(port, certificate='node')
                            # in the letters that the cluster's maker chose
                            host = name.format(f'000{count + 1}').replace('sessions', 'Sessions')
                            nodes.append((host, '127.0.0.1', port if tls else port + ASIDE))
                        cache = self.listing(nodes, 'node' if tls else None, endpoint)
                        cache.set_many({f'key{n}': n for n in range(40)})
                        self.assertEqual(len(cache.get_many([f'key{n}' for n in range(40)])), 40)
                        self.assertEqual(len(cache._cache.cluster.membership.alive.nodes), 2)
                        self.assertFalse(cache._cache.cluster.membership.dead, self.log.lines)
                    self.doCleanups()
                    self.setUp()

    def test_another_name_is_no_way_around_a_certificate(self):
        wildcard = f'*.sessions.abc123.{DOMAIN}'
        self.issue('node', ['localhost'])
        self.issue('stranger', [wildcard], 'other')
        self.issue('expired', [wildcard], 'ca', '-not_before', '20200101000000Z', '-not_after',
                   '20200201000000Z')
        self.issue('cluster', [f'*.sessions.def456.{DOMAIN}', f'*.other.abc123.{DOMAIN}'])
        self.issue('region', ['*.sessions.abc123.use2.cache.amazonaws.com', f'*.{DOMAIN}',
                              f'*.abc123.{DOMAIN}', f'0002.sessions.abc123.{DOMAIN}'])
        for certificate in ('stranger', 'expired', 'cluster', 'region'):
            with self.subTest(certificate):
                node = f'0001.sessions.abc123.{DOMAIN}', '127.0.0.1', PORTS[0]
                cache = self.listing([node], certificate)
                self.assertEqual(cache._cache.cluster.membership.known, ())
                self.assertTrue(cache.down)
                self.assertEqual(len(self.said('SSLCertVerificationError')), 1)
            self.doCleanups()
            self.setUp()
        # nor for a node, or for an endpoint that is none of ElastiCache
        self.issue('named', [f'sessions.abc123.cfg.{DOMAIN}'])
        self.start(PORTS[0], certificate='named')
        cache = self.listing([node], 'named')
        cache.set('a', 1)
        self.assertEqual(len(cache._cache.cluster.membership.known), 1)
        self.assertTrue(cache.down)
        self.assertEqual(addresses.certificate_names('sessions.abc123.cfg.example.org'),
                         ('sessions.abc123.cfg.example.org',))
        self.assertEqual(addresses.certificate_names(f'x-1.serverless.{DOMAIN}'),
                         (f'x-1.serverless.{DOMAIN}',))

    def test_lists_of_many_nodes_in_any_segments(self):
        for count, size, pause in ((50, 10**6, 0), (300, 10**6, 0), (1000, 10**6, 0), (50, 1, 0),
                                   (300, 1447, 0.002), (2, 60, 0.05)):
            nodes = tuple(addresses.Node(f'{n:04}.sessions.abc123.{DOMAIN}',
                                         f'10.0.{n // 250}.{n % 250}', 11311)
                          for n in range(1, count + 1))

            def serve(connection, request):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                answer = configuration(nodes)
                for start in range(0, len(answer), size):
                    connection.sendall(answer[start:start + size])
                    time.sleep(pause)
            with self.subTest(count=count, size=size):
                self.addCleanup(Server(ENDPOINT, serve).stop)
                # one byte at a time takes long on a busy machine
                cache = self.named(f'sessions.abc123.cfg.{DOMAIN}', tls=False, timeout=60)
                self.assertEqual(cache._cache.cluster.membership.known, nodes)
            self.doCleanups()
            self.setUp()

    def test_lists_of_nodes_that_are_not_right_change_nothing(self):
        good = f'0001.sessions.abc123.{DOMAIN}|127.0.0.1|{PORTS[0] + ASIDE}'
        wrong = [
            'localhost|127.0.0.1|11211',
            f'0001.sessions.abc123.{DOMAIN}.evil.example|127.0.0.1|11211',
            f'0001.other.abc123.{DOMAIN}|127.0.0.1|11211',
            '0001.sessions.abc123.use2.cache.amazonaws.com|127.0.0.1|11211',
            f'sessions.abc123.{DOMAIN}|127.0.0.1|11211',
            f'a.0001.sessions.abc123.{DOMAIN}|127.0.0.1|11211',
            f'0001.sessions.abc123.0001.{DOMAIN}|127.0.0.1|11211',
            f'0002.sessions.abc123.{DOMAIN}\x1b[31m\x07|127.0.0.1|11211',
            f'0002.sessions.abc123.{DOMAIN}|169.254.169.254|80',
            f'0002.sessions.abc123.{DOMAIN}|evil.example|11211',
            f'0002.sessions.abc123.{DOMAIN}|0.0.0.0|11211',
            f'0002.sessions.abc123.{DOMAIN}|127.0.0.1\x00|11211',
            f'0002.sessions.abc123.{DOMAIN}|10.0.0.1|0',
            f'0002.sessions.abc123.{DOMAIN}|10.0.0.1|65536',
            f'0002.sessions.abc123.{DOMAIN}|10.0.0.1|-1',
            f'0002.sessions.abc123.{DOMAIN}|10.0.0.1|\u0661\u0661',
            f'0002.sessions.abc123.{DOMAIN}|10.0.0.1',
            f'0002.sessions.abc123.{DOMAIN}|10.0.0.1|11211|x',
            '||', '|', 'x' * 70_000, good,
            f'0002.sessions.abc123.{DOMAIN}|127.0.0.1|{PORTS[0] + ASIDE}',
        ]
        bodies = [f'13\n{good} {entry}\n' for entry in wrong] + [
            '', '\n', '13\n', '13\n\n', f'thirteen\n{good}\n', f'{good}\n',
            # without an end
            f'13\n{good} ' + 'y' * 10**6]
        answers = [f'CONFIG cluster 0 {len(body)}\r\n{body}\r\nEND\r\n'.encode() for body in bodies]
        answers += [b'ERROR\r\n', b'END\r\n', b'\xff\xfe\r\n', b'VALUE x 0 1\r\nx\r\nEND\r\n',
                    b'CONFIG cluster 0 3\r\n\xff\xff\r\nEND\r\n', b'CONFIG ' + b'z' * 10**6]
        answer = [f'CONFIG cluster 0 9\r\n12\n{good}\n\r\nEND\r\n'.encode()]
        asked = []

        def serve(connection, request):
            asked.append(answer[0])
            connection.sendall(answer[0])
        self.addCleanup(Server(ENDPOINT, serve).stop)
        self.start(PORTS[0])
        cache = self.named(f'sessions.abc123.cfg.{DOMAIN}', tls=False, interval=0.05)
        known = cache._cache.cluster.membership.known
        self.assertEqual(len(known), 1)
        for answer[0] in answers:
            # the second time: what it answered the first time has been looked at
            wait_for(lambda: asked.count(answer[0]) > 1)
            self.assertEqual(cache._cache.cluster.membership.known, known, answer[0][:200])
            cache.set('a', 1)
            self.assertEqual(cache.get('a'), 1)
        self.assertNotRegex(' '.join(self.log.lines), '[^ -~]')
        for line in self.log.lines:
            self.assertLess(len(line), 400)

    def test_nodes_of_other_endpoints(self):
        belongs = addresses._belongs
        for host, endpoint, right in (
                ('localhost', 'localhost', True), ('a.example.org', 'cache.example.org', True),
                ('a.cache.example.org', 'cache.example.org', True), ('example.org', 'a.org', False),
                ('a.internal', 'cache.internal', False), ('n1.cache.internal', 'cache.internal', True),
                ('10.0.0.1', '10.0.0.1', True), ('10.0.0.2', '10.0.0.1', False),
                ('evil-example.org', 'cache.example.org', False)):
            self.assertEqual(belongs(host, endpoint), right, (host, endpoint))

    # time and memory

    def slow(self, pause, piece, **options):
        """A cache on a node that answers piece after piece, with pauses, and never ends."""
        def serve(connection, request):
            while True:
                connection.sendall(piece)
                time.sleep(pause)
        server = Server(PORTS[0], serve)
        self.addCleanup(server.stop)
        return self.cache(tls=False, **options)

    def test_a_node_that_trickles_has_the_time_of_one_command(self):
        commands = (
            lambda cache: cache.get('a'), lambda cache: cache.get_and_touch('a', 9),
            lambda cache: cache.set('a', 1), lambda cache: cache.touch('a', 9),
            lambda cache: cache.replace('a', 1, 9), lambda cache: cache.delete('a'),
            lambda cache: cache.delete(f'{backend.SESSIONS}abcdefgh'),
            lambda cache: cache.clear(), lambda cache: cache.get_many(['a', 'b', 'c']),
            lambda cache: cache.incr('a'))
        for piece in (b'V', b'STORED', b'VALUE x 0 999999\r\n', b'\r'):
            for command in commands:
                cache = self.slow(0.05, piece, timeout=0.4, sealing=False)
                begun = time.monotonic()
                try:
                    command(cache)
                except ValueError:
                    pass  # incr of what is not there
                self.assertLess(time.monotonic() - begun, 3)
                self.doCleanups()
                self.setUp()

    def test_a_node_that_trickles_is_left_out(self):
        cache = self.slow(0.05, b'V', timeout=0.4)
        self.assertIsNone(cache.get('a'))
        self.assertTrue(cache.down)

    def test_an_endless_line_takes_no_memory_and_little_time(self):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for piece in (b'V' * 2**20, b'VALUE ' + b'x' * 2**20):
            cache = self.slow(0, piece, timeout=20)
            begun = time.monotonic()
            self.assertIsNone(cache.get('a'))
            self.assertLess(time.monotonic() - begun, 10)
            self.assertTrue(cache.down)
            self.assertTrue(self.said('a line of more than 1024 bytes'))
            self.doCleanups()
            self.setUp()
        # KiB; the pieces themselves are this process's
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 40_000)

    def test_endless_values_are_misses(self):
        cache = self.slow(0, b'VALUE x 0 3\r\nabc\r\n', timeout=20)
        self.assertIsNone(cache.get('a'))
        self.assertTrue(self.said('a value twice'))

    def test_a_handshake_that_trickles_has_the_time_of_one_command(self):
        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                    for byte in b'\x16\x03\x03\x40\x00' + bytes(500):
                        connection.sendall(bytes([byte]))
                        time.sleep(0.05)
                except OSError:
                    return
        server = socket.create_server(('127.0.0.1', PORTS[0]))
        self.addCleanup(server.close)
        # ends accept()
        self.addCleanup(server.shutdown, socket.SHUT_RDWR)
        threading.Thread(target=serve, daemon=True).start()
        cache = self.cache(timeout=0.4)
        begun = time.monotonic()
        self.assertIsNone(cache.get('a'))
        self.assertLess(time.monotonic() - begun, 3)
        self.assertTrue(cache.down)

    def test_an_endpoint_that_trickles_holds_nobody_up(self):
        def serve(connection, request):
            for byte in configuration([('localhost', '127.0.0.1', PORTS[0])]):
                connection.sendall(bytes([byte]))
                time.sleep(0.1)
        self.addCleanup(Server(ENDPOINT, serve).stop)
        begun = time.monotonic()
        cache = self.cache(f'localhost:{ENDPOINT}', discovery=True, tls=False, timeout=0.4)
        self.assertTrue(cache.down)
        self.assertLess(time.monotonic() - begun, 3)
        self.assertTrue(self.said('TimeoutError'))

    def test_many_hung_nodes_hold_a_logout_up_once(self):
        def serve(connection, request):
            if request.startswith(b'version'):
                connection.sendall(b'VERSION 1\r\n')
        ports = range(21300, 21308)
        for port in ports:
            self.addCleanup(Server(port, serve).stop)
        self.start(PORTS[0])
        location = ','.join(f'localhost:{port}' for port in (*ports, PORTS[0] + ASIDE))
        cache = self.cache(location, tls=False, timeout=1)
        node = addresses.Node('localhost', '', PORTS[0] + ASIDE)
        cluster = cache._cache.cluster
        name = next(name for name in (f'{backend.SESSIONS}{n:08}' for n in range(100))
                    if node in cluster.holders(cache.make_key(name)))
        begun = time.monotonic()
        cache.delete(name)
        # one after the other would take three seconds
        self.assertLess(time.monotonic() - begun, 5)
        begun = time.monotonic()
        cache.get('b')
        self.assertLess(time.monotonic() - begun, 5)
        # the one that answers knows, at once or from the thread that looks after nodes
        node = addresses.Node('localhost', '', PORTS[0])
        wait_for(lambda: self.keys_of(node))

    # keys

    def test_keys_tell_nothing(self):
        self.start(PORTS[0])
        session, default = self.cache(), self.cache(prefix='release')
        names = [f'{backend.SESSIONS}{n:032}' for n in range(50)]
        for cache in (session, default):
            for name in names:
                cache.add(name, {'user': 'alice'}, 99)
            cache.set('compiled_template', 'text', 99)
        session.delete(names[0])
        keys = self.keys_of(session._cache.cluster.membership.known[0])
        # no two are alike: prefixes still tell releases apart; one of them is a mark
        self.assertEqual(len(keys), 102)
        for key in keys:
            self.assertRegex(key, '^[A-Za-z0-9_-]{43}$')
        for cache in (session, default):
            self.assertLessEqual({self.key(cache, name) for name in names[1:]}, set(keys))
        settings.SECRET_KEY = 'x' * 64
        self.assertFalse(set(keys) & {self.key(session, name) for name in names})

    def test_operations_while_a_fallback_exists(self):
        for sealing_ in (True, False):
            with self.subTest(sealing=sealing_):
                self.start(PORTS[0])
                cache = self.cache(sealing=sealing_)
                for name in 'abcdefghi':
                    cache.set(name, 1, 99)
                old = {name: self.key(cache, name) for name in 'abcdefghi'}
                settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = 'l' * 64, [KEY]
                new = {name: self.key(cache, name) for name in 'abcdefghi'}
                keys = lambda: self.keys_of(cache._cache.cluster.membership.known[0])  # noqa: E731
                self.assertFalse(set(old.values()) & set(new.values()))
                self.assertEqual(cache.get_many(['a', 'b', 'z']), {'a': 1, 'b': 1})
                self.assertFalse(cache.add('c', 2, 99))
                self.assertTrue(cache.touch('d', 50))
                self.assertTrue(cache.replace('e', 2, 99))
                self.assertEqual(cache.incr('f'), 2)
                self.assertEqual(cache.decr('f'), 1)
                self.assertTrue(cache.delete('g'))
                cache.set('h', 2, 99)
                # what is used with a time moves, and is there once
                self.assertEqual(cache.get_and_touch('i', 70), 1)
                there = keys()
                self.assertIn(new['i'], there)
                self.assertNotIn(old['i'], there)
                self.assertLessEqual(there[new['i']], 70)
                self.assertNotIn(old['h'], there)
                self.assertLessEqual(there[old['d']], 50)
                self.assertNotIn(old['g'], there)
                self.assertEqual(
                    cache.get_many('abcdefghi'),
                    {'a': 1, 'b': 1, 'c': 1, 'd': 1, 'e': 2, 'f': 1, 'h': 2, 'i': 1})
                # a host that does not use the new secret yet sees the same
                settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = KEY, ['l' * 64]
                self.assertEqual(
                    cache.get_many('abcdefghi'),
                    {'a': 1, 'b': 1, 'c': 1, 'd': 1, 'e': 2, 'f': 1, 'h': 2, 'i': 1})
                self.assertTrue(cache.replace('i', 3, 99))
                settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = 'l' * 64, [KEY]
                self.assertEqual(cache.get('i'), 3)
            self.doCleanups()
            self.setUp()

    def test_hosts_before_and_after_they_use_a_secret_do_not_lose_a_session(self):
        """Two processes that take turns, as hosts do while a new secret comes into use."""
        self.start(PORTS[0])
        cache = self.cache()
        cache.set('a', 0, 99)
        for turn in range(1, 40):
            pair = ['l' * 64, KEY] if random.random() < 0.5 else [KEY, 'l' * 64]
            settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = pair[0], pair[1:]
            self.assertEqual(cache.get_and_touch('a', 99), turn - 1)
            self.assertTrue(cache.replace('a', turn, 99))
        self.assertEqual(len(self.keys_of(cache._cache.cluster.membership.known[0])), 1)

    def test_a_lookup_asks_once_whatever_the_number_of_secrets(self):
        self.start(PORTS[0])
        cache = self.cache()
        cache.set('a', 1, 99)
        settings.SECRET_KEY_FALLBACKS = ['l' * 64]
        sent = []
        original, this = Connection.send, threading.current_thread()

        def send(self, request, deadline):
            # The thread that watches the nodes sends requests, too.
            if threading.current_thread() is this:
                sent.append(request)
            return original(self, request, deadline)

        with mock.patch.object(Connection, 'send', send):
            self.assertEqual(cache.get_and_touch('a', 99), 1)
            self.assertEqual(len(sent), 1, sent)
            self.assertIsNone(cache.get('b'))
        self.assertEqual(len(sent), 2, sent)

    # sessions that have ended

    def test_what_is_written_back_after_the_end_of_a_session_is_a_miss(self):
        for rotated in (False, True):
            self.start(PORTS[0])
            cache = self.cache()
            name = f'{backend.SESSIONS}{"s" * 32}'
            cache.add(name, {'token': 'x'}, 99)
            raw, key = self.raw(cache), self.key(cache, name)
            copy = raw.get(key)
            self.assertTrue(cache.delete(name))
            before = self.keys_of(cache._cache.cluster.membership.known[0])
            if rotated:
                settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = 'l' * 64, [KEY]
            for _ in range(3):
                raw.set(key, copy, 99, flags=32)
                self.assertIsNone(cache.get_and_touch(name, 50))
                self.assertIsNone(cache.get(name))
                self.assertNotIn(name, cache)
            # a look does not shorten the mark's time
            (mark, left), = before.items()
            self.assertGreater(left, 86300)
            self.assertGreater(self.keys_of(cache._cache.cluster.membership.known[0])[mark], 86300)
            self.assertEqual(sealing.refusals['memcached', 'ended'], 9)
            # for another session it does nothing, and for what is no session
            other = name[:-1] + 't'
            cache.add(other, 1, 99)
            self.assertEqual(cache.get(other), 1)
            cache.set('plain', 1)
            cache.delete('plain')
            cache.set('plain', 2)
            self.assertEqual(cache.get('plain'), 2)
            self.doCleanups()
            self.setUp()

    def test_a_session_that_ends_leaves_its_mark_on_all_nodes(self):
        _, cache = self.discovering()
        name = f'{backend.SESSIONS}{"s" * 32}'
        cache.add(name, 1, 99)
        cache.delete(name)
        for node in cache._cache.cluster.membership.known:
            self.assertEqual(len(self.keys_of(node)), 1)

    def test_what_a_node_missed_outlives_the_worker(self):
        _, cache = self.discovering()
        names = [f'{backend.SESSIONS}{n:032}' for n in range(60)]
        for name in names:
            cache.add(name, 1, 99)
        cluster = cache._cache.cluster
        there = [name for name in names
                 if cluster.membership.alive.node(cache.make_key(name)).port == PORTS[1]]
        self.assertGreater(len(there), 5)
        raw = pymemcache.Client(('127.0.0.1', PORTS[1] + ASIDE), default_noreply=False, timeout=20)
        self.addCleanup(raw.close)
        copies = {name: raw.get(self.key(cache, name)) for name in there}
        self.servers[PORTS[1]].hang()
        pid = os.fork()
        if not pid:
            # a worker that logs users out, and dies
            try:
                for name in there:
                    cache.delete(name)
                os._exit(0 if cache._cache.cluster.membership.dead else 1)
            finally:
                os._exit(2)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        # a process that has not noticed
        self.assertIsNone(cache.get(there[0]))
        self.assertTrue(cluster.membership.dead)
        self.servers[PORTS[1]].go_on()
        self.settled(cache)
        self.assertEqual(cache.get_many(there), {})
        node = [node for node in cluster.membership.known if node.port == PORTS[1]][0]
        self.assertFalse(set(self.keys_of(node)) & {self.key(cache, name) for name in there})
        for name, copy in copies.items():
            raw.set(self.key(cache, name), copy, 99)
        self.assertEqual(cache.get_many(there), {})
        others = [name for name in names if name not in there]
        self.assertEqual(len(cache.get_many(others)), len(others))

    def test_a_node_that_missed_too_much_is_emptied(self):
        _, cache = self.discovering()
        keys = [f'key{n}' for n in range(60)]
        cache.set_many(dict.fromkeys(keys, 1))
        self.addCleanup(setattr, missed_deletes, 'OWED', missed_deletes.OWED)
        missed_deletes.OWED = 5
        self.servers[PORTS[1]].hang()
        cache.get_many(keys)
        cache.delete_many(f'other{n}' for n in range(6))
        self.assertTrue(self.said('it is emptied'))
        self.servers[PORTS[1]].go_on()
        node = cache._cache.cluster.membership.known[1]
        self.settled(cache)
        self.assertEqual(self.keys_of(node), {})

    # limits

    def test_the_limit_of_a_value_can_be_raised_with_that_of_memcached(self):
        self.start(PORTS[0], '-I', '4m')
        small, large = self.cache(), self.cache(limit=4 * 2**20)
        large.add('a', 1, 99)
        value = os.urandom(3_000_000)
        self.assertTrue(large.replace('a', value, 99))
        self.assertEqual(large.get('a'), value)
        self.assertIsNone(small.get('a'))
        with self.assertRaisesRegex(store.TooLarge, 'a value of 30000.. bytes; memcached keeps up to '
                                    '1048576'):
            small.replace('a', value, 99)
        # Django would try 10,000 session keys
        self.assertRaises(store.TooLarge, small.add, f'{backend.SESSIONS}abcdefgh', value, 99)
        self.assertFalse(small.add('b', value, 99))
        self.assertEqual(len(self.said('not kept')), 1)

    def test_what_the_node_does_not_keep_is_too_large_too(self):
        self.start(PORTS[0])
        cache = self.cache(limit=4 * 2**20)
        cache.add('a', 1, 99)
        with self.assertRaises(store.TooLarge):
            cache.replace('a', os.urandom(1_500_000), 99)
        self.assertFalse(cache.down)
        cache.set('a', os.urandom(1_500_000), 99)
        self.assertIsNone(cache.get('a'), 'the old value went')
        self.assertTrue(cache.add('b', 1, 99))

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
