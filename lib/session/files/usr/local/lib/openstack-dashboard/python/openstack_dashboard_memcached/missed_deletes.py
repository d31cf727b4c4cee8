"""What was deleted while a node did not answer, so that the node deletes it before it is used again.

Each process keeps what it could not delete. What ends a session is also in a journal for all processes and hosts,
which is on the nodes that may hold its name.
"""
import logging
import re
import threading
import time
from itertools import islice

from . import protocol

LOG = logging.getLogger('openstack_dashboard.memcached')
# how many deletes this process keeps for a node that is away; past that the node is emptied
OWED = 10_000
# A node gets the deletes that it missed in portions: memcached may overlook requests over TLS after the first
# 16 KB that it has read.
PORTION = 20
JOURNAL_SECONDS = 7 * 86400
ENTRY = re.compile(rb'([A-Za-z0-9_-]{43}) ([A-Za-z0-9_-]{43})')


class MissedDeletes:
    """`names` are hashed keys: a function from a name to pairs of key and mark. `at` makes a request of one node."""

    def __init__(self, membership, names, at):
        self.membership, self.names, self.at = membership, names, at
        # node: {key: (mark, seconds)} that it missed; None: too many, all that it has
        self.owed = {}
        self.lock = threading.Lock()

    def add(self, nodes, keys, seconds):
        """Keeps what these nodes missed."""
        with self.lock:
            for node in nodes:
                owed = self.owed.setdefault(node, {})
                if owed is None:
                    continue
                owed.update((key, (mark, seconds)) for key, mark in keys)
                if len(owed) > OWED:
                    LOG.warning('memcached node %s missed more than %d deletes: it is emptied when '
                                'it answers again', node, OWED)
                    self.owed[node] = None
        if seconds:
            self.write_journal(nodes, keys, seconds)

    def drop_gone(self):
        """Drops what nodes missed that are no longer nodes."""
        with self.lock:
            for gone in set(self.owed).difference(self.membership.known):
                del self.owed[gone]

    def settle(self, node, connection):
        """Deletes on a node what was deleted while it was away, by this process or by others."""
        if node in self.membership.dead or node in self.membership.waiting:
            entries = self.journal(node)
            for start in range(0, len(entries), PORTION):
                self.catch_up(connection, entries[start:start + PORTION])
        while node in self.owed:
            with self.lock:
                owed = self.owed[node]
                portion = owed and [(key, *rest) for key, rest in islice(owed.items(), PORTION)]
            if owed is None:
                connection.ask(b'flush_all\r\n', protocol.flushed, self.membership.deadline())
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
        connection.ask(b''.join(protocol.deletion(*entry) for entry in entries), read, self.membership.deadline())

    # the journal

    def journal_name(self, node):
        # no name that Django allows has a control character
        return f'\0journal {node}'

    def holders(self, name):
        return [node for node in self.membership.line(name) if node not in self.membership.dead]

    def write_journal(self, missed, keys, seconds):
        """Has another node keep what each of these nodes missed."""
        give_up = time.monotonic() + 2 * self.membership.timeout
        lines = b''.join(b'%s %s\n' % pair for pair in keys)
        for node in missed:
            name = self.journal_name(node)
            (key, _), *_ = self.names(name)
            requests = [
                (other, b'%s %s 0 %d %d\r\n%s\r\n' % (
                    command, key, max(seconds, JOURNAL_SECONDS), len(lines), lines))
                for other in self.holders(name) for command in (b'append', b'add', b'append')]
            if not any(time.monotonic() < give_up and other not in self.membership.dead
                       and self.at(other, request, protocol.stored, False)
                       for other, request in requests):
                LOG.warning('memcached node %s missed that a session has ended, and only this '
                            'process knows it', node)

    def journal(self, node):
        name = self.journal_name(node)
        keys = b' '.join(key for key, _ in self.names(name))
        entries = {}
        for other in self.holders(name):
            found = self.at(other, b'get %s\r\n' % keys, protocol.values(), {})
            for _, data in found.values():
                for line in data.split(b'\n'):
                    if match := ENTRY.fullmatch(line):
                        entries[match.groups()] = None
        return [(*entry, JOURNAL_SECONDS) for entry in entries]
