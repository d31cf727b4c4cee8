"""Django cache backend for ElastiCache memcached, or any memcached.

LOCATION 'HOST:PORT'; OPTIONS: discovery (LOCATION is a configuration endpoint), tls, ca_file,
timeout (s, to connect and to answer), interval (s, between looks at nodes).

A node that fails is a cache miss, and is left out at once; a thread looks after it, so no request
waits for a dead node a second time. Connections are kept, one a thread and node, shared by aliases.
"""
import logging
import os
import socket
import ssl
import threading
import time

import pymemcache
from django.core.cache.backends.memcached import BaseMemcachedCache
from pymemcache import serde
from pymemcache.client.base import Client, normalize_server_spec
from pymemcache.client.rendezvous import RendezvousHash
from pymemcache.exceptions import MemcacheError, MemcacheUnexpectedCloseError

LOG = logging.getLogger('openstack_dashboard.memcached')
clusters = {}
lock = threading.RLock()


def after_fork():
    global lock
    lock = threading.RLock()
    clusters.clear()


# neither threads nor TLS connections survive a fork
os.register_at_fork(after_in_child=after_fork)


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

    def nodes(self):
        """The answer to `config get cluster`: version, then host|address|port of each node."""
        data = self.raw_command(b'config get cluster', b'END\r\n')
        return sorted(
            (host, address, int(port))
            for host, address, port in (
                entry.split('|') for entry in data.decode().splitlines()[2].split()))


class Cluster:
    """The nodes, and which of them answer: one a process."""

    def __init__(self, location, options):
        host, port = normalize_server_spec(location)
        self.endpoint = (host, '', port)
        self.discovery = options.get('discovery', False)
        self.timeout = options.get('timeout', 1)
        self.interval = options.get('interval', 10)
        # Sealing of values (encrypting them, under a key from the shared secret) belongs here: an
        # object with serialize(key, value) and deserialize(key, value, flags).
        self.serde = options.get('serde', serde.pickle_serde)
        self.context = None
        if options.get('tls', True):
            # verifies certificate and name
            self.context = ssl.create_default_context(cafile=options.get('ca_file'))
            self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.known = () if self.discovery else (self.endpoint,)
        self.dead = set()
        self.local = threading.local()
        self.arrange()
        if self.discovery:
            self.discover()
        threading.Thread(target=self.watch, name='memcached', daemon=True).start()

    def arrange(self):
        self.alive = RendezvousHash([node for node in self.known if node not in self.dead])

    def discover(self):
        client = Node(self.endpoint, self)
        try:
            nodes = tuple(client.nodes())
            if nodes and nodes != self.known:
                LOG.info('memcached nodes: %s', ', '.join(node[0] for node in nodes))
                with lock:
                    self.known = nodes
                    self.dead.intersection_update(nodes)
                    self.arrange()
        except Exception as error:
            # the last known nodes serve on
            LOG.warning('memcached endpoint %s: %r', self.endpoint[0], error)
        finally:
            client.close()

    def watch(self):
        while True:
            time.sleep(self.interval if self.alive.nodes else min(1, self.interval))
            if self.discovery:
                self.discover()
            for node in tuple(self.dead):
                client = Node(node, self)
                try:
                    client.version()
                except Exception:
                    continue
                finally:
                    client.close()
                LOG.warning('memcached node %s answers again', node[0])
                with lock:
                    self.dead.discard(node)
                    self.arrange()

    def failed(self, node, error):
        LOG.warning('memcached node %s left out: %r', node[0], error)
        with lock:
            if node in self.known:
                self.dead.add(node)
                self.arrange()

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
            except MemcacheError as error:
                # an answer of a node that is well: a value too large, for example
                LOG.warning('memcached node %s: %r', node[0], error)
                break
        return default

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
    def get(self, key, default=None):
        return self.run(default, 'get', key, default)

    def set(self, key, value, expire):
        return self.run(False, 'set', key, value, expire)

    def add(self, key, value, expire):
        if not self.alive.nodes:
            # Django would try 10,000 session keys
            raise MemcacheError('no memcached node answers')
        return self.run(False, 'add', key, value, expire)

    def touch(self, key, expire):
        return self.run(False, 'touch', key, expire)

    def delete(self, key):
        return self.run(False, 'delete', key)

    def incr(self, key, delta):
        return self.run(None, 'incr', key, delta)

    def decr(self, key, delta):
        return self.run(None, 'decr', key, delta)

    def get_multi(self, keys):
        nothing = object()
        found = {key: self.get(key, nothing) for key in keys}
        return {key: value for key, value in found.items() if value is not nothing}

    def set_multi(self, values, expire):
        return [key for key, value in values.items() if not self.set(key, value, expire)]

    def delete_multi(self, keys):
        for key in keys:
            self.delete(key)

    def flush_all(self):
        for node in set(self.known) - self.dead:
            try:
                self.on(node, 'flush_all')
            except (OSError, MemcacheUnexpectedCloseError) as error:
                self.failed(node, error)


class ElastiCacheMemcached(BaseMemcachedCache):
    def __init__(self, server, params):
        super().__init__(server, params, library=pymemcache, value_not_found_exception=KeyError)

    @property
    def _cache(self):
        identity = f'{self._servers} {self._options}'
        if identity not in clusters:
            with lock:
                if identity not in clusters:
                    clusters[identity] = Cluster(self._servers[0], self._options)
        return clusters[identity]

    def close(self, **kwargs):
        """Django calls this after each request: connections stay open."""
