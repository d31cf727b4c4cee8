"""Times lookups and logouts with 2, 40 and 300 memcached nodes over TLS, in turn. Prints JSON: microseconds of the
median operation of each round. usage: nodes.py ROUNDS"""
import json
import logging
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, '/usr/local/lib/openstack-dashboard/python')
import elasticache_memcached as backend
from django.conf import settings
from openstack_dashboard_memcached.ring import Ring

settings.configure(SECRET_KEY='k' * 64, SESSION_TIMEOUT=3600)
logging.disable(logging.WARNING)
COUNTS = (2, 40, 300)
FIRST_PORT = 22000
# A session with a scoped token and a catalog of ten services.
SESSION = {'token': 'x' * 3500}
OPERATIONS = 60


def start(folder):
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days',
         '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', f'{folder}/key.pem',
         '-out', f'{folder}/cert.pem'], check=True, capture_output=True)
    os.chmod(f'{folder}/key.pem', 0o644)
    os.chmod(folder, 0o755)
    ports = range(FIRST_PORT, FIRST_PORT + max(COUNTS))
    servers = [subprocess.Popen(
        ['memcached', '-u', 'nobody', '-l', '127.0.0.1', '-p', str(port), '-m', '64', '-t', '1', '-Z', '-o',
         f'hashpower=12,no_lru_crawler,no_lru_maintainer,ssl_chain_cert={folder}/cert.pem,'
         f'ssl_key={folder}/key.pem'], stderr=subprocess.DEVNULL) for port in ports]
    for port in ports:
        while True:
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
    return servers


def timed(work, names):
    times = []
    for name in names:
        begun = time.perf_counter()
        work(name)
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1e6


def in_turn(works, names):
    """The median of each, one operation of each after the other, so that all have the same load of the machine."""
    times = {count: [] for count in works}
    for name in names:
        for count, work in works.items():
            begun = time.perf_counter()
            work(name)
            times[count].append(time.perf_counter() - begun)
    return {count: statistics.median(each) * 1e6 for count, each in times.items()}


def choice(count):
    """Microseconds that finding the nodes of a name takes, without a request."""
    ring = Ring(f'{n:04}.sessions.abc123.use1.cache.amazonaws.com:11211' for n in range(count))
    return timed(lambda name: next(ring.line(name)), [f'session:{n}' for n in range(2000)])


def main():
    rounds = int(sys.argv[1])
    folder = tempfile.mkdtemp()
    servers = start(folder)
    try:
        caches = {
            count: backend.ElastiCacheMemcached(
                ','.join(f'localhost:{FIRST_PORT + n}' for n in range(count)),
                {'KEY_PREFIX': f'session{count}', 'OPTIONS': {'ca_file': f'{folder}/cert.pem', 'timeout': 20}})
            for count in COUNTS}
        for count, cache in caches.items():
            # connects to all nodes
            for n in range(20 * count):
                cache.get(f'key{n}')
            cluster = cache._cache.cluster
            assert len(cluster.membership.alive.nodes) == count and len(cluster.local.clients) == count
        results = []
        for turn in range(rounds):
            names = [f'{backend.SESSIONS}{turn}-{n}' for n in range(OPERATIONS)]
            for count, cache in caches.items():
                for name in names:
                    assert cache.add(name, SESSION, 600)
            lookups = in_turn({count: lambda name, cache=cache: cache.get_and_touch(name, 600)
                               for count, cache in caches.items()}, names)
            logouts = in_turn({count: cache.delete for count, cache in caches.items()}, names)
            results += [
                {'nodes': count, 'lookup': lookups[count], 'logout': logouts[count],
                 'choice': choice(count) if turn < 5 else None} for count in COUNTS]
        print(json.dumps(results))
    finally:
        for server in servers:
            server.kill()


main()
