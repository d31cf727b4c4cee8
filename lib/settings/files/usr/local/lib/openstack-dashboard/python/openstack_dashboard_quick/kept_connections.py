"""All clients of a process share their connections to an API.

Horizon makes a client per page and service, each with its own connections: three round trips per call with
TLS. Only the connection is shared: cookies, tokens and headers belong to the sessions of the clients, and are
sent with each request.
"""
import os
import queue
import ssl
import threading
import time
import weakref

from keystoneauth1.session import TCPKeepAliveAdapter
from openstack_dashboard_api import shortcuts
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import MaxRetryError, ProtocolError, SSLError

NEEDS_HOOK = True
MADE_FOR = {
    'urllib3 2.3.0': {
        'urllib3.connectionpool:HTTPConnectionPool._get_conn': '78fb22fdf2f9',
        'urllib3.connectionpool:HTTPConnectionPool._put_conn': 'f4b8abb8b956',
        'urllib3.connectionpool:HTTPConnectionPool.urlopen': '2064596b2f05',
        'urllib3.poolmanager:PoolManager._new_pool': '6b5c00b2084b',
    },
    'requests 2.32.3': {
        'requests.adapters:HTTPAdapter.get_connection_with_tls_context': '4fdc7a850246',
        'requests.adapters:HTTPAdapter.init_poolmanager': 'fa03ce4dbfad',
    },
    'keystoneauth1 5.10.0': {
        'keystoneauth1.session:TCPKeepAliveAdapter': '66668b9619b0',
    },
}
# Servers and proxies close idle connections; many wait 60 s or more, Apache 5. A closed connection is noticed,
# except while its end is on the way.
IDLE = 30.0
# for a request that must not be sent twice
IDLE_UNSAFE = 1.0
SAFE = ('GET', 'HEAD')
SWEEP = 10.0
POOLS, CONNECTIONS = 64, 16
_local = threading.local()
_pools = weakref.WeakSet()


def closed(error):
    """Whether the server closed the connection before the request arrived."""
    if isinstance(error, ProtocolError):
        return len(error.args) == 2 and isinstance(error.args[1], ConnectionError)
    reason = getattr(error, 'reason', None)
    return isinstance(reason, SSLError) and isinstance(
        reason.args[0], (ssl.SSLEOFError, ssl.SSLZeroReturnError))


class Pool:
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        _pools.add(self)

    def _get_conn(self, timeout=None):
        connection = super()._get_conn(timeout)
        if not connection.is_closed:
            idle = time.monotonic() - connection.idle_since
            # bytes that arrived before a request are not an answer; `super` detects those that TLS has not read
            unasked = isinstance(connection.sock, ssl.SSLSocket) and connection.sock.pending()
            if _local.anew or unasked or idle > (IDLE if _local.safe else IDLE_UNSAFE):
                connection.close()
        _local.kept = not connection.is_closed
        return connection

    def _put_conn(self, connection):
        if connection:
            connection.idle_since = time.monotonic()
        super()._put_conn(connection)

    def urlopen(self, method, url, body=None, headers=None, retries=None, **options):
        _local.safe = method in SAFE and body is None
        _local.anew = _local.kept = False
        try:
            return super().urlopen(method, url, body, headers, retries, **options)
        except (ProtocolError, MaxRetryError) as error:
            if not (_local.safe and _local.kept and closed(error)):
                raise
        _local.anew = True
        return super().urlopen(method, url, body, headers, retries, **options)

    def drop_idle(self):
        """Closes connections that have been idle for a while."""
        connections = []
        try:
            while True:
                connections.append(self.pool.get(block=False))
        except (queue.Empty, AttributeError):
            pass
        for connection in reversed(connections):
            if connection and not connection.is_closed and (
                    time.monotonic() - connection.idle_since > IDLE):
                connection.close()
            try:
                self.pool.put(connection, block=False)
            except (queue.Full, AttributeError):
                if connection:
                    connection.close()


class HttpPool(Pool, HTTPConnectionPool):
    pass


class HttpsPool(Pool, HTTPSConnectionPool):
    pass


class SharedAdapter(TCPKeepAliveAdapter):
    def __init__(self):
        super().__init__(pool_connections=POOLS, pool_maxsize=CONNECTIONS)
        self.poolmanager.pool_classes_by_scheme = {'http': HttpPool, 'https': HttpsPool}

    def close(self):
        """Does nothing: a client that closes its session must not close connections that others use."""


class KeptConnections(shortcuts.Shortcut):
    def __init__(self):
        self.renew()
        # two processes must not use one connection
        os.register_at_fork(after_in_child=self.renew)

    def renew(self):
        _pools.clear()
        self.adapter, self.swept = SharedAdapter(), time.monotonic()

    def answer(self, asked):
        asked.adapter = self.adapter
        now = time.monotonic()
        if now - self.swept > SWEEP:
            self.swept = now
            for pool in list(_pools):
                pool.drop_idle()


def install(namespace):
    shortcuts.installed.append(KeptConnections())
