"""Which memcached nodes there are, and which of them answer.

A node that fails is left out at once. One that answers again, or is new, waits until all processes must have
noticed: until then it is only read, after the node that is used instead. Otherwise a session that one process stores
there would be missing for another. Nodes are found, and their names resolved, by the watching thread
alone, as it may take long.
"""
import logging
import socket
import ssl
import threading
import time

from . import protocol
from .addresses import (
    CONFIGURATION_BYTES,
    certificate_names,
    parse_configuration,
    parse_server,
)
from .connection import AnswerError, Connection
from .ring import Ring, View

LOG = logging.getLogger('openstack_dashboard.memcached')


class Membership:
    def __init__(self, servers, options):
        servers = tuple(parse_server(text) for text in servers)
        self.endpoint = servers[0]
        self.discovery = options.get('discovery', False)
        if self.discovery and len(servers) > 1:
            raise ValueError(f'there must be one configuration endpoint, got {len(servers)}')
        self.timeout = options.get('timeout', 1)
        self.limit = options.get('limit', 2**20)
        self.context = None
        if options.get('tls', True):
            # verifies certificate and name
            self.context = ssl.create_default_context(cafile=options.get('ca_file'))
            self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.known = () if self.discovery else servers
        self.found = {}
        self.dead = set()
        # node: when it is used again
        self.waiting = {}
        self.interval = options.get('interval', 10)
        self.retry = min(1, self.interval)
        self.ring = Ring(map(str, self.known))
        # whether the endpoint does not answer
        self.lost = False
        # names are tried in the order that worked the last time
        self.endpoint_connection = self.connection(self.endpoint)
        self.lock = threading.Lock()
        # for the watching thread: there is something to do
        self.wake = threading.Event()
        self.arrange()

    def arrange(self):
        self.by_name = {str(node): node for node in self.known}
        if not set(self.known).difference(self.dead, self.waiting):
            # Nobody can log in while all nodes wait.
            self.waiting = {}
        self.alive = View(self.ring, self.known, self.dead, self.waiting)

    def line(self, name):
        """The nodes that may hold the name, whether they answer or not."""
        by_name = self.by_name
        return [by_name[node] for node in self.ring.line(name) if node in by_name]

    def elsewhere(self, name, home):
        """Where else a process may look for the name: nodes that wait, and the node that is next in line."""
        waiting, nodes, next_found = self.waiting, [], False
        for node in self.line(name):
            if node == home or node in self.dead:
                continue
            if node in waiting:
                nodes.append(node)
            elif not next_found:
                next_found = True
                nodes.append(node)
        return nodes

    def connection(self, node):
        names = certificate_names(node.host) if self.context else (None,)
        return Connection(lambda: self.found.get(node, ()), self.context, names, self.limit)

    def deadline(self):
        """The time by which a command that starts now must end."""
        return time.monotonic() + self.timeout

    def failed(self, node, error):
        LOG.warning('memcached node %s left out: %s: %s', node, type(error).__name__, error)
        with self.lock:
            if node in self.known:
                self.dead.add(node)
                self.waiting.pop(node, None)
                self.arrange()
        self.wake.set()

    def recovered(self, node):
        with self.lock:
            if node not in self.dead:
                return
            self.dead.discard(node)
            self.waiting[node] = time.monotonic() + 3 * self.retry
            self.arrange()
        LOG.warning('memcached node %s answers again', node)

    def due(self):
        """Nodes that have waited."""
        now = time.monotonic()
        return [node for node, until in tuple(self.waiting.items()) if until <= now]

    def use(self, node):
        """Uses a node that has waited."""
        with self.lock:
            if self.waiting.pop(node, None) is not None:
                self.arrange()

    # what the watching thread does

    def resolve(self, node):
        """Finds the addresses of a node."""
        try:
            found = [
                (family, address) for family, _, _, _, address in socket.getaddrinfo(
                    node.address or node.host, node.port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            # the last known ones may do
            return
        self.found[node] = found

    def discover(self):
        try:
            self.resolve(self.endpoint)
            lines = self.endpoint_connection.ask(
                b'config get cluster\r\n', protocol.configuration(CONFIGURATION_BYTES),
                self.deadline())
            nodes = parse_configuration(lines, self.endpoint.host)
        except (OSError, AnswerError, ValueError) as error:
            if not self.lost:
                LOG.warning('memcached endpoint %s: %s: %s; the last known nodes stay in use',
                            self.endpoint.host, type(error).__name__, error)
                self.lost = True
            return
        finally:
            self.endpoint_connection.close()
        if self.lost:
            LOG.warning('memcached endpoint %s answers again', self.endpoint.host)
            self.lost = False
        if nodes != self.known:
            LOG.info('memcached nodes: %s', ', '.join(map(str, nodes)))
            for node in nodes:
                self.resolve(node)
            ring = Ring(map(str, nodes))
            with self.lock:
                if self.known:
                    self.waiting.update(dict.fromkeys(
                        set(nodes).difference(self.known), time.monotonic() + 1.2 * self.interval))
                self.known, self.ring = nodes, ring
                self.dead.intersection_update(nodes)
                self.waiting = {node: until for node, until in self.waiting.items() if node in nodes}
                self.found = {node: found for node, found in self.found.items()
                              if node in nodes or node == self.endpoint}
                self.arrange()

    def look(self):
        """Finds the nodes and their addresses."""
        if self.discovery:
            self.discover()
        else:
            for node in self.known:
                self.resolve(node)
