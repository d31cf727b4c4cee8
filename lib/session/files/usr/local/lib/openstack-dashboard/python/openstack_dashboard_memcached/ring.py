"""Which nodes may hold a name: the first few that follow it on a ring. When a node comes or goes, only as
few names move as possible, and the order of the others stays.
"""
from array import array
from bisect import bisect
from hashlib import blake2b
from struct import Struct

# How many nodes may hold a name. All copies of a name are on these, so that a delete contacts no others.
HOLDERS = 4
# Hashes of 64 bytes per node, each of which is 8 points on the ring. More points make shares more even.
HASHES = 32
POINTS = Struct('>8Q')
# The last bits of a point are the number of its node.
NODE = 2**16 - 1


class Ring:
    """`nodes` are names with ports: a node that is replaced under its name keeps its share."""

    def __init__(self, nodes):
        self.nodes = tuple(sorted(set(nodes)))
        points = []
        for index, node in enumerate(self.nodes):
            start = blake2b(node.encode())
            for count in range(HASHES):
                state = start.copy()
                state.update(b' %d' % count)
                points += [point & ~NODE | index for point in POINTS.unpack(state.digest())]
        points.sort()
        self._points = array('Q', points)

    def line(self, name):
        """The nodes that may hold the name, in the order in which they do if others do not answer."""
        points, seen = self._points, []
        left = min(HOLDERS, len(self.nodes))
        at = bisect(points, int.from_bytes(blake2b(name.encode(), digest_size=8).digest()))
        while left:
            node = points[at % len(points)] & NODE
            at += 1
            if node not in seen:
                seen.append(node)
                left -= 1
                yield self.nodes[node]


class View:
    """The nodes that a process uses: neither those that do not answer, nor those that wait. Only a name that no
    other node may hold is on a node that waits."""

    def __init__(self, ring, known, dead, waiting):
        self.nodes = tuple(node for node in known if node not in dead and node not in waiting)
        self._ring = ring
        self._used = {str(node): node for node in self.nodes}
        self._waiting = {str(node): node for node in waiting}

    def node(self, name):
        """The node that holds the name, or None."""
        for used in (self._used, self._waiting):
            for node in self._ring.line(name) if used else ():
                if node in used:
                    return used[node]
        return None
