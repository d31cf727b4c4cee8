"""The memcached nodes of one process: which there are, and which of them answer.

A node that fails is a cache miss, and is left out at once; a thread looks after it, so no request
waits for a dead node a second time. Connections are kept, one per thread and node.
"""
import logging
import re
import socket
import ssl
import threading
import time
from itertools import islice

from . import connection as protocol
from .addresses import (
    CONFIGURATION_BYTES,
    certificate_names,
    parse_configuration,
    parse_server,
)
from .connection import AnswerError, Connection, OversizedValue
from .ring import Ring

LOG = logging.getLogger('openstack_dashboard.memcached')
# how many deletes this process keeps for a node that is away; past that the node is emptied
OWED = 10_000
# A node is told what it missed in portions: memcached may overlook what comes over TLS after the
# first 16 KB that it has read.
PORTION = 20
JOURNAL_SECONDS = 7 * 86400
ENTRY = re.compile(rb'([A-Za-z0-9_-]{43}) ([A-Za-z0-9_-]{43})')


def forget(key, mark, seconds):
    """A request that deletes a key and, unless there is none, sets the mark that says so."""
    request = b'delete %s\r\n' % key
    if mark:
        request += b'set %s 0 %d 1\r\n1\r\n' % (mark, seconds)
    return request


class Cluster:
    """`names` are hashed keys: a function from a name to pairs of key and mark."""

    def __init__(self, servers, options, names, refused):
        servers = tuple(parse_server(text) for text in servers)
        self.endpoint = servers[0]
        self.discovery = options.get('discovery', False)
        if self.discovery and len(servers) > 1:
            raise ValueError(f'there must be one configuration endpoint, got {len(servers)}')
        self.names, self.refused = names, refused
        self.timeout = options.get('timeout', 1)
        self.interval = options.get('interval', 10)
        self.limit = options.get('limit', 2**20)
        self.context = None
        if options.get('tls', True):
            # verifies certificate and name
            self.context = ssl.create_default_context(cafile=options.get('ca_file'))
            self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.known = () if self.discovery else servers
        self.found = {}
        self.dead = set()
        # node: {key: (mark, seconds)} that it missed; None: too many, all that it has
        self.owed = {}
        # whether the endpoint does not answer
        self.lost = False
        # names are tried in the order that worked the last time
        self.endpoint_connection = self.connection(self.endpoint)
        self.lock = threading.Lock()
        self.wake = threading.Event()
        self.looked = threading.Event()
        self.local = threading.local()
        self.arrange()
        threading.Thread(target=self.watch, name='memcached', daemon=True).start()
        # a resolver may take longer than any request should
        self.looked.wait(2 * self.timeout)

    def arrange(self):
        self.alive = Ring(node for node in self.known if node not in self.dead)

    def connection(self, node):
        names = certificate_names(node.host) if self.context else (None,)
        return Connection(lambda: self.found.get(node, ()), self.context, names, self.limit)

    def deadline(self):
        return time.monotonic() + self.timeout

    # what the watching thread does

    def resolve(self, node):
        """Finds the addresses of a node. In the watching thread alone, as it may take long."""
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
            with self.lock:
                self.known = nodes
                self.dead.intersection_update(nodes)
                for gone in set(self.owed).difference(nodes):
                    del self.owed[gone]
                self.found = {node: found for node, found in self.found.items()
                              if node in nodes or node == self.endpoint}
                self.arrange()

    def look(self):
        if self.discovery:
            self.discover()
        else:
            for node in self.known:
                self.resolve(node)

    def watch(self):
        self.look()
        self.looked.set()
        looked = time.monotonic()
        while True:
            # what fails is tried again each second, all is looked at each interval
            soon = self.dead or self.owed or not self.alive.nodes
            if self.wake.wait(min(1, self.interval) if soon else self.interval):
                self.wake.clear()
                continue
            try:
                if not self.alive.nodes or time.monotonic() - looked >= self.interval:
                    self.look()
                    looked = time.monotonic()
                for node in (*self.dead, *set(self.owed).difference(self.dead)):
                    self.revive(node)
            except Exception:
                LOG.exception('memcached nodes could not be looked at; they are looked at again')

    def revive(self, node):
        connection = self.connection(node)
        try:
            if node in self.dead:
                self.resolve(node)
                connection.ask(b'version\r\n', protocol.version, self.deadline())
            # or a logout would be undone by what it kept
            self.settle(node, connection)
        except (OSError, AnswerError) as error:
            if node in self.alive.nodes and isinstance(error, OSError):
                self.failed(node, error)
            return
        finally:
            connection.close()
        with self.lock:
            if node not in self.dead:
                return
            self.dead.discard(node)
            self.arrange()
        LOG.warning('memcached node %s answers again', node)

    def settle(self, node, connection):
        """Deletes on a node what was deleted while it was away, by this process or by others."""
        if node in self.dead:
            entries = self.journal(node)
            for start in range(0, len(entries), PORTION):
                self.catch_up(connection, entries[start:start + PORTION])
        while node in self.owed:
            with self.lock:
                owed = self.owed[node]
                portion = owed and [(key, *rest) for key, rest in islice(owed.items(), PORTION)]
            if owed is None:
                connection.ask(b'flush_all\r\n', protocol.flushed, self.deadline())
            elif portion:
                self.catch_up(connection, portion)
            with self.lock:
                for key, *rest in portion or ():
                    if owed.get(key) == tuple(rest):
                        del owed[key]
                if not owed:
                    self.owed.pop(node, None)

    def catch_up(self, connection, entries):
        def read(connection):
            for _, mark, _ in entries:
                protocol.deleted(connection)
                if mark:
                    protocol.stored(connection)
        connection.ask(b''.join(forget(*entry) for entry in entries), read, self.deadline())

    # what a node missed, kept by another node for all processes and hosts

    def journal_name(self, node):
        # no name that Django allows has a control character
        return f'\0journal {node}'

    def write_journal(self, missed, keys, seconds, others):
        """Has one of the others, which have just answered, keep what each of these nodes missed."""
        ring = Ring(others)
        lines = b''.join(b'%s %s\n' % pair for pair in keys)
        for node in missed:
            name = self.journal_name(node)
            (key, _), *_ = self.names(name)
            for command in (b'append', b'add', b'append') if others else ():
                request = b'%s %s 0 %d %d\r\n%s\r\n' % (
                    command, key, max(seconds, JOURNAL_SECONDS), len(lines), lines)
                if self.at(ring.node(name), request, protocol.stored, False):
                    break
            else:
                LOG.warning('memcached node %s missed that a session has ended, and only this '
                            'process can tell it', node)

    def journal(self, node):
        keys = b' '.join(key for key, _ in self.names(self.journal_name(node)))
        entries = {}
        for other in self.alive.nodes:
            found = self.at(other, b'get %s\r\n' % keys, protocol.values(), {})
            for _, data in found.values():
                for line in data.split(b'\n'):
                    if match := ENTRY.fullmatch(line):
                        entries[match.groups()] = None
        return [(*entry, JOURNAL_SECONDS) for entry in entries]

    # what requests do

    def failed(self, node, error):
        LOG.warning('memcached node %s left out: %s: %s', node, type(error).__name__, error)
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
            clients[node] = self.connection(node)
        return clients[node]

    def nonsense(self, node, error):
        LOG.warning('memcached node %s: %s', node, error)
        if isinstance(error, OversizedValue):
            self.refused('length')

    def run(self, name, request, read, default):
        """The request on the node that holds the name; on the next one in line if that does not
        answer. ItemTooLarge is the caller's to deal with."""
        give_up = time.monotonic() + 2 * self.timeout
        while (node := self.alive.node(name)) is not None and time.monotonic() < give_up:
            try:
                return self.client(node).ask(request, read, self.deadline())
            except OSError as error:
                self.failed(node, error)
            except protocol.ItemTooLarge:
                raise
            except AnswerError as error:
                self.nonsense(node, error)
                break
        return default

    def at(self, node, request, read, default):
        """The request on that node or none."""
        try:
            return self.client(node).ask(request, read, self.deadline())
        except OSError as error:
            self.failed(node, error)
        except AnswerError as error:
            self.nonsense(node, error)
        return default

    def everywhere(self, request, read, name=''):
        """The request on all nodes that answer, at once; gives the answers, by node. All together
        have the time of two commands. The node that holds the name is asked first, in case some do
        not answer at all; one that gets less than its time for others is not left out."""
        give_up = time.monotonic() + 2 * self.timeout
        alive = self.alive
        first = alive.first_two(name)
        nodes = sorted(alive.nodes, key=lambda node: node not in first)
        sent, answers = set(), {}
        for node in nodes:
            client = self.client(node)
            if client.sock is not None:
                try:
                    client.send(request, self.deadline())
                    sent.add(node)
                except OSError:
                    # asked again below
                    client.close()
        for node in nodes:
            client = self.client(node)
            begun = time.monotonic()
            try:
                if node in sent:
                    try:
                        answers[node] = client.receive(read)
                        continue
                    except protocol.LOST:
                        pass
                if begun < give_up:
                    answers[node] = client.ask(request, read, min(self.deadline(), give_up))
            except OSError as error:
                late = isinstance(error, TimeoutError) and node not in sent
                if not late or time.monotonic() - begun >= self.timeout:
                    self.failed(node, error)
            except AnswerError as error:
                self.nonsense(node, error)
        return answers

    def forget(self, name, keys, seconds=0):
        """Deletes keys on all nodes, and sets their marks for so many seconds if there are any. What
        a node does not do now it does when it answers again. Says whether a key was there."""
        def read(connection):
            gone = False
            for _, mark in keys:
                gone |= protocol.deleted(connection)
                if mark and not protocol.stored(connection):
                    raise AnswerError('a mark was not kept')
            return gone

        request = b''.join(forget(key, mark, seconds) for key, mark in keys)
        answers = self.everywhere(request, read, name)
        missed = [node for node in self.known if node not in answers]
        with self.lock:
            for node in missed:
                owed = self.owed.setdefault(node, {})
                if owed is None:
                    continue
                owed.update((key, (mark, seconds)) for key, mark in keys)
                if len(owed) > OWED:
                    LOG.warning('memcached node %s missed more than %d deletes: it is emptied when '
                                'it answers again', node, OWED)
                    self.owed[node] = None
        if missed and seconds:
            self.write_journal(missed, keys, seconds, answers)
        if missed:
            self.wake.set()
        return any(answers.values())
