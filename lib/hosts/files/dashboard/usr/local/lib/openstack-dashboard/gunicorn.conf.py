import gc
import os

# The socket is systemd's (openstack-dashboard.socket): www-data's alone, so that nginx connects and
# nobody else does.
worker_class = 'sync'
workers = int(os.environ['GUNICORN_WORKERS'])
timeout = 60
graceful_timeout = 30
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = '/dev/shm'
chdir = '/usr/share/openstack-dashboard'
wsgi_app = 'wsgi:application'
# no query string, no header: they may hold tokens
accesslog = '-'
access_log_format = '%({x-forwarded-for}i)s %(m)s %(U)s %(s)s %(b)s %(M)sms'
# Workers share the memory of what is imported before they are forked, and start at once. Nothing
# that must not be shared is open then: the cache backend connects on first use.
preload_app = True


def when_ready(server):
    from django.urls import get_resolver

    # all dashboards and panels
    get_resolver().url_patterns
    # keeps the collector from writing to, and so copying, what is shared
    gc.collect()
    gc.freeze()
