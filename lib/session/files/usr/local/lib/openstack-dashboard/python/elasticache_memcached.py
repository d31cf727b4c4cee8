"""Django cache backend for ElastiCache memcached, or any memcached.

LOCATION 'HOST:PORT', or several, separated by commas; OPTIONS: discovery (LOCATION is one
configuration endpoint), tls, ca_file, sealing, timeout (s, to connect and to answer), interval (s,
between looks at nodes).

Values are sealed (openstack_dashboard_sealing) and opened before anything is unpickled: memcached
has no login, and who writes a pickle runs code. What does not open is a miss.

A node that fails is a cache miss, and is left out at once; a thread looks after it, so no request
waits for a dead node a second time. Connections are kept, one a thread and node, shared by aliases.
"""
import logging
import os
import pickle
import re
import socket
import ssl
import threading
import time
from hashlib import blake2b

import pymemcache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.memcached import BaseMemcachedCache
from openstack_dashboard_sealing import OVERHEAD, Sealer, refuse
from pymemcache import serde
from pymemcache.client.base import Client
from pymemcache.client.rendezvous import RendezvousHash
from pymemcache.exceptions import MemcacheError, MemcacheUnexpectedCloseError

LOG = logging.getLogger('openstack_dashboard.memcached')
# memcached's own, unless told otherwise
LIMIT = 2**20
MISS = object()
# what memcached says of the seconds that a value has left; Django's own limit is 30 days
TTL = re.compile(rb'HD t(\d{1,7})\s*')
clusters = {}
lock = threading.Lock()


def after_fork():
    global lock
    lock = threading.Lock()
    clusters.clear()


# neither threads nor TLS connections survive a fork
os.register_at_fork(after_in_child=after_fork)


def score(text, seed):
    # pymemcache's own is pure Python and takes longer than the way to memcached
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def server(text):
    host, _, port = text.rpartition(':')
    return host.strip('[]'), '', int(port)


class Sealed:
    """Bytes as they are. The flag is that of a pickle, for a reader without sealing: a sealed value
    is none, so it is a miss there. Flags that come back mean nothing."""

    def serialize(self, key, value):
        return value, serde.FLAG_PICKLE

    def deserialize(self, key, value, flags):
        return value


class Node(Client):
    """A connection: to an address, with the certificate checked for a name."""

    def __init__(self, node, cluster):
        host, address, port = node
        super().__init__(
            (address or host, port), connect_timeout=cluster.timeout, timeout=cluster.timeout,
            serde=cluster.serde, default_noreply=False, allow_unicode_keys=True, no_delay=True)
        self.name = host
        self.context = cluster.context

    def _connect(self):
        self.close()
        sock = socket.create_connection(self.server, self.connect_timeout)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context:
                sock = self.context.wrap_socket(sock, server_hostname=self.name)
        except Exception:
            sock.close()
            raise
        self.sock = sock

    def _extract_value(self, expect_cas, line, buf, *keys):
        # whoever writes to memcached decides how much it would be
        size = int(line.split()[3])
        if size > LIMIT:
            refuse('memcached', 'length')
            raise MemcacheError(f'a value of {size} bytes, allowed are {LIMIT}')
        return super()._extract_value(expect_cas, line, buf, *keys)

    def gat(self, key, expire, default):
        """Gets, and sets the time that it is kept for."""
        return self._fetch_cmd(b'gat %d' % expire, [key], False).get(key, default)

    def nodes(self):
        """The answer to `config get cluster`: version, then host|address|port of each node."""
        data = self.raw_command(b'config get cluster', b'END\r\n')
        return sorted(
            (host, address, int(port))
            for host, address, port in (
                entry.split('|') for entry in data.decode().splitlines()[2].split()))


class Cluster:
    """The nodes, and which of them answer: one a process."""

    def __init__(self, servers, options):
        servers = tuple(server(text) for text in servers)
        self.endpoint = servers[0]
        self.discovery = options.get('discovery', False)
        if self.discovery and len(servers) > 1:
            raise ValueError(f'got {len(servers)} configuration endpoints, allowed is one')
        self.timeout = options.get('timeout', 1)
        self.interval = options.get('interval', 10)
        self.sealer = Sealer('memcached', LIMIT) if options.get('sealing', True) else None
        self.serde = Sealed() if self.sealer else serde.pickle_serde
        self.context = None
        if options.get('tls', True):
            # verifies certificate and name
            self.context = ssl.create_default_context(cafile=options.get('ca_file'))
            self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.known = () if self.discovery else servers
        self.dead = set()
        # what was deleted while a node was away
        self.owed = {}
        # whether the endpoint does not answer
        self.lost = False
        self.lock = threading.Lock()
        self.wake = threading.Event()
        self.looked = threading.Event()
        self.local = threading.local()
        self.arrange()
        threading.Thread(target=self.watch, name='memcached', daemon=True).start()
        # a resolver may take longer than any request should
        self.looked.wait(2 * self.timeout)

    def arrange(self):
        self.alive = RendezvousHash(
            [node for node in self.known if node not in self.dead], hash_function=score)

    def discover(self):
        client = Node(self.endpoint, self)
        try:
            nodes = tuple(client.nodes())
            if self.lost:
                LOG.warning('memcached endpoint %s answers again', self.endpoint[0])
                self.lost = False
            if nodes and nodes != self.known:
                LOG.info('memcached nodes: %s', ', '.join(node[0] for node in nodes))
                with self.lock:
                    self.known = nodes
                    self.dead.intersection_update(nodes)
                    self.owed = {node: self.owed[node] for node in nodes if node in self.owed}
                    self.arrange()
        except Exception as error:
            if not self.lost:
                LOG.warning('memcached endpoint %s: %r; the last known nodes serve on',
                            self.endpoint[0], error)
                self.lost = True
        finally:
            client.close()

    def watch(self):
        if self.discovery:
            self.discover()
        self.looked.set()
        looked = time.monotonic()
        while True:
            # what fails is tried again each second, all is looked at each interval
            soon = self.dead or not self.alive.nodes
            if self.wake.wait(min(1, self.interval) if soon else self.interval):
                self.wake.clear()
                continue
            if self.discovery and (
                    not self.alive.nodes or time.monotonic() - looked >= self.interval):
                self.discover()
                looked = time.monotonic()
            for node in tuple(self.dead):
                client = Node(node, self)
                try:
                    client.version()
                    # or a logout would be undone by what it kept
                    while keys := self.owed.get(node):
                        with self.lock:
                            key = next(iter(keys))
                        client.delete(key)
                        with self.lock:
                            keys.discard(key)
                except Exception:
                    continue
                finally:
                    client.close()
                LOG.warning('memcached node %s answers again', node[0])
                with self.lock:
                    self.dead.discard(node)
                    self.arrange()

    def failed(self, node, error):
        LOG.warning('memcached node %s left out: %r', node[0], error)
        with self.lock:
            if node in self.known:
                self.dead.add(node)
                self.arrange()
        self.wake.set()

    def client(self, node):
        clients = self.local.__dict__.setdefault('clients', {})
        if node not in clients:
            # connections to nodes that have left
            for gone in set(clients).difference(self.known):
                clients.pop(gone).close()
            clients[node] = Node(node, self)
        return clients[node]

    def run(self, default, command, key, *args):
        """The command on the key's node; on the next one in line if that does not answer."""
        while (node := self.alive.get_node(key)) is not None:
            try:
                return self.on(node, command, key, *args)
            except (OSError, MemcacheUnexpectedCloseError) as error:
                self.failed(node, error)
            except (MemcacheError, LookupError, ValueError) as error:
                # An answer of a node that is well: a value too large, for example; or one that
                # makes no sense. It may hold anything, and is not for the log.
                LOG.warning('memcached node %s: %s', node[0], type(error).__name__)
                break
        return default

    def at(self, node, default, command, *args):
        """The command on that node or none."""
        try:
            return self.on(node, command, *args)
        except (OSError, MemcacheUnexpectedCloseError) as error:
            self.failed(node, error)
        except (MemcacheError, LookupError, ValueError) as error:
            LOG.warning('memcached node %s: %s', node[0], type(error).__name__)
        return default

    def moved(self, key, expire):
        """A value of the node that has it while the key's own is away, or had it before that came:
        taken over, so that nodes come and go without a logout. It stays there too, for processes
        that do not know of the change yet."""
        own = self.alive.get_node(key)
        others = [node for node in self.alive.nodes if node != own]
        node = RendezvousHash(others, hash_function=score).get_node(key)
        if node is None:
            return MISS
        value = self.at(node, MISS, 'get', key, MISS)
        if value is not MISS:
            if expire is None:
                left = TTL.fullmatch(self.at(node, b'', 'raw_command', b'mg %s t' % key.encode()))
                expire = left and int(left[1])
            if expire:
                self.run(False, 'add', key, value, expire)
        return value

    def on(self, node, command, *args):
        client = self.client(node)
        kept = client.sock is not None
        try:
            return getattr(client, command)(*args)
        except (MemcacheUnexpectedCloseError, ConnectionError, ssl.SSLEOFError):
            client.close()
            if not kept:
                raise
            # a kept connection may have been closed meanwhile: that is no dead node
            return getattr(client, command)(*args)
        except Exception:
            # an answer to this command may still come: never read it as that to the next one
            client.close()
            raise

    # what BaseMemcachedCache calls
    def get(self, key, default=None, expire=None):
        """The value, kept for that long from now on if a time is given."""
        if expire is None:
            value = self.run(MISS, 'get', key, MISS)
        else:
            value = self.run(MISS, 'gat', key, expire, MISS)
        if value is MISS:
            value = self.moved(key, expire)
        if value is not MISS and self.sealer:
            sealed, value = value, self.opened(key, value)
            if expire is not None and value is not MISS and not self.sealer.current(sealed):
                # what is in use outlives the secret before
                self.store('replace', key, value, expire)
        return default if value is MISS else value

    def opened(self, key, sealed):
        data = self.sealer.open(key, sealed)
        if data is None:
            return MISS
        try:
            return pickle.loads(data)
        except Exception:
            # sealed by another release, of something that this one does not have
            refuse('memcached', 'unreadable')
            return MISS

    def store(self, command, key, value, expire):
        if self.sealer:
            value = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
            if len(value) + OVERHEAD > LIMIT:
                LOG.warning('a value of %d bytes is not kept, allowed are %d', len(value), LIMIT)
                return False
            value = self.sealer.seal(key, value)
        return self.run(False, command, key, value, expire)

    def set(self, key, value, expire):
        return self.store('set', key, value, expire)

    def replace(self, key, value, expire):
        return self.store('replace', key, value, expire)

    def add(self, key, value, expire):
        added = self.store('add', key, value, expire)
        if not added and not self.alive.nodes:
            # Django would try 10,000 session keys
            raise MemcacheError('no memcached node answers')
        return added

    def touch(self, key, expire):
        return self.run(False, 'touch', key, expire)

    def delete(self, key):
        # everywhere, or a logout would be undone by what another node kept
        with self.lock:
            for node in self.dead:
                self.owed.setdefault(node, set()).add(key)
        return any([self.at(node, False, 'delete', key) for node in tuple(self.alive.nodes)])

    def incr(self, key, delta):
        return self.run(None, 'incr', key, delta)

    def decr(self, key, delta):
        return self.run(None, 'decr', key, delta)

    def get_multi(self, keys):
        found = {key: self.get(key, MISS) for key in keys}
        return {key: value for key, value in found.items() if value is not MISS}

    def set_multi(self, values, expire):
        return [key for key, value in values.items() if not self.set(key, value, expire)]

    def delete_multi(self, keys):
        for key in keys:
            self.delete(key)

    def flush_all(self):
        for node in tuple(self.alive.nodes):
            self.at(node, False, 'flush_all')


class ElastiCacheMemcached(BaseMemcachedCache):
    def __init__(self, server, params):
        super().__init__(server, params, library=pymemcache, value_not_found_exception=KeyError)
        self._identity = f'{self._servers} {self._options}'

    @property
    def _cache(self):
        if self._identity not in clusters:
            with lock:
                if self._identity not in clusters:
                    clusters[self._identity] = Cluster(self._servers, self._options)
        return clusters[self._identity]

    def incr(self, key, delta=1, version=None):
        if self._cache.sealer:
            # memcached cannot count what it cannot read
            return BaseCache.incr(self, key, delta, version)
        return super().incr(key, delta, version)

    def get_and_touch(self, key, timeout, default=None):
        """Gets what is there, and keeps it for another timeout seconds: in one question."""
        key = self.make_and_validate_key(key)
        return self._cache.get(key, default, self.get_backend_timeout(timeout))

    def replace(self, key, value, timeout):
        """Sets what is there, and says whether it was."""
        key = self.make_and_validate_key(key)
        return bool(self._cache.replace(key, value, self.get_backend_timeout(timeout)))

    @property
    def down(self):
        """Whether no node answers."""
        return not self._cache.alive.nodes

    def close(self, **kwargs):
        """Django calls this after each request: connections stay open."""
