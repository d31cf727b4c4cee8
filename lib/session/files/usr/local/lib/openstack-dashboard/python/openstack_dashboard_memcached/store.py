"""Names and values on top of the nodes: keys are hashed, values are sealed.

memcached lists its keys to anyone who can reach it. A key in memcached is a keyed hash of the name,
so a list of keys reveals no names. While SECRET_KEY_FALLBACKS has a secret, a name is looked up under
the keys of all secrets, in one request to one node: which node holds a name does not depend on the
secret.
"""
import logging
import pickle

from openstack_dashboard_sealing import Names, Sealer, refuse

from . import protocol
from .cluster import Cluster

LOG = logging.getLogger('openstack_dashboard.memcached')
MISS = object()
NAMES = Names('memcached key')
# memcached's flags. They can be forged, but a sealed value is never taken for another kind.
SEALED, PICKLE, INTEGER = 32, 1, 2


class TooLarge(Exception):
    """A value that memcached would not keep."""

    def __init__(self, size, limit):
        super().__init__(f'a value of {size} bytes; memcached keeps up to {limit}')
        self.size, self.limit = size, limit


class Store:
    """The methods that BaseMemcachedCache calls, and those for get_and_touch, replace and end."""

    def __init__(self, servers, options):
        self.limit = options.get('limit', 2**20)
        self.sealer = Sealer('memcached', self.limit) if options.get('sealing', True) else None
        self.cluster = Cluster(
            servers, options, NAMES, lambda reason: refuse('memcached', reason))

    # values

    def dump(self, name, value):
        """Flags and bytes; TooLarge if memcached would not keep them."""
        if self.sealer:
            flags, data = SEALED, self.sealer.seal(
                name, pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        elif type(value) is int:
            # memcached can increment these
            flags, data = INTEGER, b'%d' % value
        else:
            flags, data = PICKLE, pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        if len(data) > self.limit:
            raise TooLarge(len(data), self.limit)
        return flags, data

    def load(self, name, flags, data):
        if self.sealer:
            data = self.sealer.open(name, data)
            if data is None:
                return MISS
        elif flags == INTEGER:
            return int(data) if data.strip().isdigit() else MISS
        elif flags != PICKLE:
            refuse('memcached', 'unreadable')
            return MISS
        try:
            return pickle.loads(data)
        except Exception:
            # sealed by another release, with a class that this one does not have
            refuse('memcached', 'unreadable')
            return MISS

    # reading

    def look(self, keys, expire):
        """The request for the values of the keys, and how its answer is read."""
        marks = b' '.join(mark for _, mark in keys)
        # The key of SECRET_KEY last: a value that moves there meanwhile is found under one key or the other.
        places = b' '.join(key for key, _ in reversed(keys))
        if expire is None:
            return b'get %s %s\r\n' % (marks, places), protocol.values()
        # a mark must not be refreshed, or it would expire with the session
        return (b'get %s\r\ngat %d %s\r\n' % (marks, expire, places)), protocol.values(2)

    def pick(self, name, keys, found):
        """The value, the pair of keys that it was under, and the sealed value."""
        if any(mark in found for _, mark in keys):
            if any(key in found for key, _ in keys):
                # a copy of an ended session, which was written back
                refuse('memcached', 'ended')
            return None
        for pair in keys:
            if pair[0] in found:
                value = self.load(name, *found[pair[0]])
                if value is not MISS:
                    return value, pair, found[pair[0]][1]
        return MISS, keys[0], b''

    def get(self, name, default=None, expire=None):
        """The value; `expire` resets the time that it is kept."""
        keys = NAMES(name)
        request, read = self.look(keys, expire)
        found = self.cluster.run(name, request, read, {})
        picked = self.pick(name, keys, found)
        if picked is None:
            return default
        value, pair, sealed = picked
        if value is MISS:
            value = self.moved(name, keys, expire)
        elif expire is not None and (
                pair is not keys[0] or self.sealer and not self.sealer.current(sealed)):
            self.renew(name, keys, pair, value, expire)
        return default if value is MISS else value

    def renew(self, name, keys, pair, value, expire):
        """Moves a value in use from the key of a fallback to that of SECRET_KEY."""
        try:
            if pair is keys[0]:
                self.write('replace', name, pair[0], value, expire)
            else:
                self.write('add', name, keys[0][0], value, expire)
                self.cluster.run(name, b'delete %s\r\n' % pair[0], protocol.deleted, False)
        except TooLarge:
            pass

    def moved(self, name, keys, expire):
        """The value on the node that held it before the name's own node came, or while that did not answer. It
        is copied, so that nodes come and go without a logout, and stays there for processes that do not
        know of the change yet. Such processes may also have stored it on a node that waits here."""
        membership = self.cluster.membership
        for node in membership.elsewhere(name, membership.alive.node(name)):
            request, read = self.look(keys, None)
            picked = self.pick(name, keys, self.cluster.at(node, request, read, {}))
            if picked is None:
                return MISS
            if picked[0] is MISS:
                continue
            value, pair, _ = picked
            if node not in membership.waiting:
                self.copy(name, keys, pair, value, node, expire)
            return value
        return MISS

    def copy(self, name, keys, pair, value, node, expire):
        """Copies a value from a node to the name's own node, with the time that is left."""
        if expire is None:
            expire = self.cluster.at(
                node, b'mg %s t\r\n' % pair[0], protocol.seconds_left, None)
        if expire:
            try:
                self.write('add', name, keys[0][0], value, expire)
            except TooLarge:
                pass

    # writing

    def write(self, command, name, key, value, expire, before=b'', deletes=0, node=None):
        flags, data = self.dump(name, value)
        request = b'%s%s %s %d %d %d\r\n%s\r\n' % (
            before, command.encode(), key, flags, expire, len(data), data)

        def read(connection):
            for _ in range(deletes):
                protocol.deleted(connection)
            return protocol.stored(connection)
        if node is not None:
            return self.cluster.at(node, request, read, False)
        try:
            return self.cluster.run(name, request, read, False)
        except protocol.ItemTooLarge:
            raise TooLarge(len(data), self.limit) from None

    def set(self, name, value, expire):
        keys = NAMES(name)
        # deletes under the keys of other secrets come first: memcached may overlook a request that follows
        # a large value over TLS
        before = b''.join(b'delete %s\r\n' % key for key, _ in keys[1:])
        try:
            return self.write(
                'set', name, keys[0][0], value, expire, before, len(keys) - 1)
        except TooLarge as error:
            LOG.warning('not kept: %s', error)
            return False

    def add(self, name, value, expire):
        """Sets a name that does not exist, and returns whether it did so; TooLarge if memcached would not keep
        the value."""
        keys = NAMES(name)
        if len(keys) > 1 and self.get(name, MISS) is not MISS:
            return False
        added = self.write('add', name, keys[0][0], value, expire)
        if not added and not self.cluster.membership.alive.nodes:
            # Django would try 10,000 session keys
            raise ConnectionError('no memcached node answers')
        return added

    def replace(self, name, value, expire):
        """Sets a name that exists, and returns whether it does; TooLarge if memcached would not keep the
        value."""
        if any(self.write('replace', name, key, value, expire) for key, _ in NAMES(name)):
            return True
        # Its own node may have changed since the value was read.
        membership = self.cluster.membership
        return any(
            self.write('replace', name, key, value, expire, node=node)
            for node in membership.elsewhere(name, membership.alive.node(name))
            for key, _ in NAMES(name))

    def touch(self, name, expire):
        return any(
            self.cluster.run(name, b'touch %s %d\r\n' % (key, expire), protocol.touched, False)
            for key, _ in NAMES(name))

    def delete(self, name):
        # on all nodes that may hold it, or it would come back from one of them
        return self.cluster.forget(name, [(key, None) for key, _ in NAMES(name)])

    def end(self, name, seconds):
        """Deletes a name and sets a mark on each node that may hold it, so that a value that is written back within so many
        seconds is a miss."""
        return self.cluster.forget(name, NAMES(name), seconds)

    def count(self, command, name, delta):
        for key, _ in NAMES(name):
            value = self.cluster.run(
                name, b'%s %s %d\r\n' % (command, key, delta), protocol.number, None)
            if value is not None:
                return value
        return None

    def incr(self, name, delta):
        return self.count(b'incr', name, delta)

    def decr(self, name, delta):
        return self.count(b'decr', name, delta)

    def get_multi(self, names):
        found = {name: self.get(name, MISS) for name in names}
        return {name: value for name, value in found.items() if value is not MISS}

    def set_multi(self, values, expire):
        return [name for name, value in values.items() if not self.set(name, value, expire)]

    def delete_multi(self, names):
        for name in names:
            self.delete(name)

    def flush_all(self):
        self.cluster.together(self.cluster.membership.alive.nodes, b'flush_all\r\n', protocol.flushed)


# the name that BaseMemcachedCache expects of a memcached library
Client = Store
