"""The lists of nodes of the last days. A copy of a session may be where an earlier list put it, and that node may be in
line for it again after the next change.

The lists are also an item in memcached, since most processes are younger than the last change.
"""
import re
import time

from . import protocol
from .connection import AnswerError
from .ring import Ring

SECONDS = 7 * 86400
LISTS = 4
# No name that Django allows has a control character.
NAME = '\0former'
LIST = re.compile(rb'(\d{1,12})((?: [a-z0-9._:-]{1,270}){1,1000})')


class Former:
    """`names` are hashed keys: a function from a name to pairs of key and mark."""

    def __init__(self, membership, names):
        self.membership, self.names = membership, names
        # nodes: (the time until which copies may be there, their ring)
        self.lists = {}

    def line(self, name):
        """The nodes, by name, that were in line for the name."""
        now = time.time()
        for until, ring in tuple(self.lists.values()):
            if until > now and ring is not self.membership.ring:
                yield from ring.line(name)

    def changed(self, nodes):
        """Keeps a list of nodes that was in use until now, here and for other processes."""
        self.load()
        self._keep(tuple(sorted(map(str, nodes))), int(time.time()) + SECONDS)
        data = b'\n'.join(
            b' '.join((b'%d' % until, *(node.encode() for node in nodes)))
            for nodes, (until, _) in self.lists.items())
        (key, _), *_ = self.names(NAME)
        for node in self.membership.line(NAME):
            self._ask(node, b'set %s 0 %d %d\r\n%s\r\n' % (key, SECONDS, len(data), data), protocol.stored)

    def load(self):
        """Reads the lists that other processes kept."""
        keys = b' '.join(key for key, _ in self.names(NAME))
        latest = int(time.time()) + SECONDS
        for node in self.membership.line(NAME):
            found = self._ask(node, b'get %s\r\n' % keys, protocol.values())
            for _, data in found.values() if found else ():
                for line in data.split(b'\n')[:LISTS]:
                    if match := LIST.fullmatch(line):
                        self._keep(tuple(sorted(match[2].decode().split())), min(int(match[1]), latest))

    def _keep(self, nodes, until):
        now, membership = time.time(), self.membership
        kept = self.lists.get(nodes)
        if kept:
            until, ring = max(until, kept[0]), kept[1]
        else:
            ring = membership.ring if nodes == membership.ring.nodes else Ring(nodes)
        lists = {**self.lists, nodes: (until, ring)}
        newest = sorted(lists.items(), key=lambda item: item[1][0], reverse=True)[:LISTS]
        self.lists = {nodes: kept for nodes, kept in newest if kept[0] > now}

    def _ask(self, node, request, read):
        """The answer of a node, or None. This is rare, so the connection is not kept."""
        if node in self.membership.dead:
            return None
        connection = self.membership.connection(node)
        try:
            return connection.ask(request, read, self.membership.deadline())
        except (OSError, AnswerError):
            return None
        finally:
            connection.close()
