"""Django cache back end for ElastiCache memcached, or any memcached.

LOCATION 'HOST:PORT', or several, separated by commas; OPTIONS: discovery (LOCATION is one
configuration endpoint), tls, ca_file, sealing, limit (bytes of a value; memcached's max_item_size),
timeout (seconds for one command), interval (seconds between discoveries of the nodes).

memcached has no login. So anyone who can reach it can list keys, and read and write values: keys are
hashed and values sealed under SECRET_KEY (openstack_dashboard_memcached.store,
openstack_dashboard_sealing), and values are opened before anything is unpickled. A value that
does not open is a miss.
"""
import os
import threading

from django.conf import settings
from django.contrib.sessions.backends.cache import KEY_PREFIX as SESSIONS
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.memcached import BaseMemcachedCache
from openstack_dashboard_memcached import store

# the least time for which an ended session is refused: the tokens in it should not live longer
ENDED_SECONDS = 86400
clusters = {}
lock = threading.Lock()


def after_fork():
    global lock
    lock = threading.Lock()
    clusters.clear()


# neither threads nor TLS connections survive a fork
os.register_at_fork(after_in_child=after_fork)


class ElastiCacheMemcached(BaseMemcachedCache):
    def __init__(self, server, params):
        super().__init__(server, params, library=store, value_not_found_exception=KeyError)
        self._identity = f'{self._servers} {self._options}'

    @property
    def _cache(self):
        if self._identity not in clusters:
            with lock:
                if self._identity not in clusters:
                    clusters[self._identity] = store.Store(self._servers, self._options)
        return clusters[self._identity]

    def incr(self, key, delta=1, version=None):
        if self._cache.sealer:
            # memcached cannot count what it cannot read
            return BaseCache.incr(self, key, delta, version)
        return super().incr(key, delta, version)

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        """Sets a value if the key does not exist. Raises store.TooLarge for a session: Django would take any other
        result for a key in use, and try 10,000 others."""
        try:
            return super().add(key, value, timeout, version)
        except store.TooLarge as error:
            if key.startswith(SESSIONS):
                raise
            store.LOG.warning('not kept: %s', error)
            return False

    def get_and_touch(self, key, timeout, default=None):
        """Gets a value and resets its time-out, in one command."""
        key = self.make_and_validate_key(key)
        return self._cache.get(key, default, self.get_backend_timeout(timeout))

    def replace(self, key, value, timeout):
        """Sets a value if the key exists, and returns whether it does. Raises store.TooLarge."""
        key = self.make_and_validate_key(key)
        return bool(self._cache.replace(key, value, self.get_backend_timeout(timeout)))

    def delete(self, key, version=None):
        """Deletes a key. For a session, also refuses what is written back under its key, for longer than it
        could have lasted: the key is never used again."""
        if not key.startswith(SESSIONS):
            return super().delete(key, version)
        seconds = max(ENDED_SECONDS, settings.SESSION_COOKIE_AGE,
                      getattr(settings, 'SESSION_TIMEOUT', 0))
        key = self.make_and_validate_key(key, version)
        return bool(self._cache.end(key, self.get_backend_timeout(seconds)))

    @property
    def down(self):
        """Whether no node answers."""
        return not self._cache.cluster.membership.alive.nodes

    def close(self, **kwargs):
        """Called by Django after each request: connections stay open."""
