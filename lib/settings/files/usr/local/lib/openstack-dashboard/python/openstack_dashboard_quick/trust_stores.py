"""One TLS context per process and file of CA certificates.

`requests` reads the file that OPENSTACK_SSL_CACERT names for each new connection, which takes longer
than the handshake if it is the bundle of a distribution.
"""
import os
import threading

from openstack_dashboard_api.shortcuts import PLAIN
from requests.adapters import DEFAULT_CA_BUNDLE_PATH, HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context

MADE_FOR = {
    'requests 2.32.3': {
        'requests.adapters:HTTPAdapter.build_connection_pool_key_attributes': 'a9e6fc7f397a',
        'requests.adapters:HTTPAdapter.cert_verify': '46a0336954c7',
        'requests.adapters:_urllib3_request_context': '7fd266762e26',
    },
    'urllib3 2.3.0': {
        'urllib3.connection:_ssl_wrap_socket_and_match_hostname': '01a26f2dc659',
        'urllib3.util.ssl_:create_urllib3_context': 'be7ad432b0f3',
    },
}
_stores = {}
_lock = threading.Lock()


def context(verify):
    """None if the file does not exist or cannot be read: `requests` reports that better."""
    path = DEFAULT_CA_BUNDLE_PATH if verify is True else verify
    try:
        info = os.stat(path)
        mark = (info.st_dev, info.st_ino, info.st_mtime_ns, info.st_size)
        with _lock:
            seen, found = _stores.get(path, (None, None))
            if seen != mark:
                found = create_urllib3_context()
                found.load_verify_locations(path)
                _stores[path] = mark, found
        return found
    except (OSError, TypeError):
        return None


def build(original):
    def build_connection_pool_key_attributes(self, request, verify, cert=None):
        host, pool = original(self, request, verify, cert)
        if verify and not cert and host['scheme'] == 'https' and (
                isinstance(self, PLAIN) and not self.poolmanager.connection_pool_kw.get('ssl_context')):
            found = context(verify)
            if found:
                pool.pop('ca_certs', None)
                pool['ssl_context'] = found
        return host, pool
    return build_connection_pool_key_attributes


def check(original):
    def cert_verify(self, conn, url, verify, cert):
        original(self, conn, url, verify, cert)
        mine = getattr(conn, 'conn_kw', {}).get('ssl_context')
        if mine and any(mine is found for _, found in list(_stores.values())):
            # otherwise they would be added to the context again for each connection
            conn.ca_certs = None
    return cert_verify


def install(namespace):
    HTTPAdapter.build_connection_pool_key_attributes = build(
        HTTPAdapter.build_connection_pool_key_attributes)
    HTTPAdapter.cert_verify = check(HTTPAdapter.cert_verify)
