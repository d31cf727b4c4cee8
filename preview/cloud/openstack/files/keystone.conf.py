"""gunicorn's configuration of the preview's identity service."""
import os
import time

LATENCY = '/run/keystone/latency'
wsgi_app = 'keystone.wsgi.api:application'
bind = os.environ['KEYSTONE_ADDRESS'] + ':5000'
workers = 2
threads = 4
# a login asks several times over one connection, and 2 s may lie between where a machine is busy
keepalive = 75
worker_tmp_dir = '/dev/shm'
certfile = '/run/keystone/cert.pem'
keyfile = '/run/keystone/key.pem'


def pre_request(_worker, request):
    """Waits as long as the services do. What they ask for themselves is part of their time."""
    try:
        with open(LATENCY) as file:
            delay = float(file.read() or 0) / 1000
    except FileNotFoundError:
        return
    if delay and ('USER-AGENT', 'preview-services') not in request.headers:
        time.sleep(delay)
