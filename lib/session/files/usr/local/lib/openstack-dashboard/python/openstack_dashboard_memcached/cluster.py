"""Requests to the memcached nodes of one process.

A node that fails is a cache miss, and is left out at once. Connections are kept, one per thread and node.
"""
import logging
import threading
import time

from . import protocol
from .connection import LOST, AnswerError
from .former import Former
from .membership import Membership
from .missed_deletes import MissedDeletes
from .watcher import Watcher

LOG = logging.getLogger('openstack_dashboard.memcached')


class Cluster:
    """`names` are hashed keys: a function from a name to pairs of key and mark. `refused` is called with the
    reason if a value is refused."""

    def __init__(self, servers, options, names, refused):
        self.refused = refused
        self.local = threading.local()
        self.membership = Membership(servers, options)
        self.missed = MissedDeletes(self.membership, names, self.at)
        self.former = Former(self.membership, names)
        Watcher(self.membership, self.missed, self.former).start()

    def client(self, node):
        """This thread's connection to the node."""
        clients = self.local.__dict__.setdefault('clients', {})
        if node not in clients:
            # connections to nodes that have left
            for gone in set(clients).difference(self.membership.known):
                clients.pop(gone).close()
            clients[node] = self.membership.connection(node)
        return clients[node]

    def nonsense(self, node, error):
        LOG.warning('memcached node %s: %s', node, error)
        if isinstance(error, protocol.OversizedValue):
            self.refused('length')

    def run(self, name, request, read, default):
        """The request on the node that holds the name; on the next one in line if that does not
        answer. Raises ItemTooLarge."""
        give_up = time.monotonic() + 2 * self.membership.timeout
        while (node := self.membership.alive.node(name)) is not None and time.monotonic() < give_up:
            try:
                return self.client(node).ask(request, read, self.membership.deadline())
            except OSError as error:
                self.membership.failed(node, error)
            except protocol.ItemTooLarge:
                raise
            except AnswerError as error:
                self.nonsense(node, error)
                break
        return default

    def at(self, node, request, read, default):
        """The request on that node and no other."""
        try:
            return self.client(node).ask(request, read, self.membership.deadline())
        except OSError as error:
            self.membership.failed(node, error)
        except AnswerError as error:
            self.nonsense(node, error)
        return default

    def holders(self, name):
        """The nodes that may have a copy of the name, whether they answer or not."""
        by_name = self.membership.by_name
        former = (by_name[node] for node in self.former.line(name) if node in by_name)
        return tuple(dict.fromkeys((*self.membership.line(name), *former)))

    def together(self, nodes, request, read):
        """The request on several nodes, in parallel; returns the answers, by node. Together they have the time of
        two commands. The first node comes first, in case others do not answer. A node is not left out if others
        used its time."""
        give_up = time.monotonic() + 2 * self.membership.timeout
        sent, answers = set(), {}
        for node in nodes:
            client = self.client(node)
            if client.sock is not None:
                try:
                    client.send(request, self.membership.deadline())
                    sent.add(node)
                except OSError:
                    # sent again below
                    client.close()
        for node in nodes:
            client = self.client(node)
            begun = time.monotonic()
            try:
                if node in sent:
                    try:
                        answers[node] = client.receive(read)
                        continue
                    except LOST:
                        pass
                if begun < give_up:
                    answers[node] = client.ask(request, read, min(self.membership.deadline(), give_up))
            except OSError as error:
                late = isinstance(error, TimeoutError) and node not in sent
                if not late or time.monotonic() - begun >= self.membership.timeout:
                    self.membership.failed(node, error)
            except AnswerError as error:
                self.nonsense(node, error)
        return answers

    def forget(self, name, keys, seconds=0):
        """Deletes the keys of a name on all nodes that may have a copy, and sets their marks for so many seconds if
        there are any. What a node does not do now it does when it answers again. Returns whether a key existed."""
        def read(connection):
            gone = False
            for _, mark in keys:
                gone |= protocol.deleted(connection)
                if mark and not protocol.stored(connection):
                    raise AnswerError('a mark was not kept')
            return gone

        request = b''.join(protocol.deletion(key, mark, seconds) for key, mark in keys)
        holders, dead = self.holders(name), self.membership.dead
        answers = self.together([node for node in holders if node not in dead], request, read)
        missed = [node for node in holders if node not in answers]
        if missed:
            self.missed.add(missed, keys, seconds)
            self.membership.wake.set()
        return any(answers.values())
