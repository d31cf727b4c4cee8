"""Rendezvous hashing: which node holds a name. When a node comes or goes, only as few names move as
possible."""
from hashlib import blake2b


class Rendezvous:
    def __init__(self, nodes):
        self.nodes = tuple(nodes)
        # by name and port: a node that is replaced under its name keeps its share
        self._hashes = [
            (blake2b(f'{node.host}:{node.port}'.encode(), digest_size=8), node)
            for node in self.nodes]

    def first_two(self, name):
        """The node that holds the name, and the one that holds it if the first does not answer; or None."""
        data = name.encode()
        best = second = b''
        first_node = second_node = None
        for start, node in self._hashes:
            state = start.copy()
            state.update(data)
            score = state.digest()
            if score > best:
                best, second, first_node, second_node = score, best, node, first_node
            elif score > second:
                second, second_node = score, node
        return first_node, second_node

    def node(self, name):
        return self.first_two(name)[0]
