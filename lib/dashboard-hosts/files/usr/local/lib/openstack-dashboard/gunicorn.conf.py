import gc
import os

import openstack_dashboard_quick
import openstack_dashboard_scoreboard as scoreboard

# docs/performance.md, "Workers": what was quickest where APIs take 30 ms, what a worker grows to until it
# is replaced, and what all else on a host needs
PER_VCPU = 4
MEGABYTES = 130
OTHER_MEGABYTES = 350
AT_LEAST, AT_MOST = 2, 64


def workers_for(vcpus, megabytes):
    return max(AT_LEAST, min(PER_VCPU * vcpus, (megabytes - OTHER_MEGABYTES) // MEGABYTES, AT_MOST))


def workers_of_host():
    pages, size = os.sysconf('SC_PHYS_PAGES'), os.sysconf('SC_PAGE_SIZE')
    return workers_for(len(os.sched_getaffinity(0)), pages * size // 2**20)


# The socket is systemd's (openstack-dashboard.socket): www-data's alone, so that nginx connects and
# nobody else does.
# `sync`, but for downloads
worker_class = 'openstack_dashboard_worker.Worker'
workers = int(os.environ.get('GUNICORN_WORKERS') or workers_of_host())
# API_PAGE_DEADLINE (45 at most) < this < proxy_read_timeout of nginx (56) < the load balancer's idle
# time-out (60): whoever gives up first is the one that can say why
timeout = 52
graceful_timeout = 30
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = '/dev/shm'
chdir = '/usr/share/openstack-dashboard'
wsgi_app = 'wsgi:application'
# nginx has the bounds, 8 KB, and the page that says so. 0: none (the largest other value is 8190)
limit_request_line = 0
limit_request_field_size = 16384
# no query string, no header: they may hold tokens
accesslog = '-'
access_log_format = '%({x-forwarded-for}i)s %(m)s %(U)s %(s)s %(b)s %(M)sms'
# Workers share the memory of what is imported before they are forked, and start at once. Nothing
# that must not be shared is open then: the cache backend connects on first use.
preload_app = True


def on_starting(server):
    scoreboard.board = scoreboard.create(workers)


def when_ready(server):
    from django.urls import get_resolver

    # all dashboards and panels
    get_resolver().url_patterns
    openstack_dashboard_quick.warm()
    for text in openstack_dashboard_quick.warnings():
        server.log.warning('Pages take longer: %s', text)
    # keeps the collector from writing to, and so copying, what is shared
    gc.collect()
    gc.freeze()


def pre_fork(server, worker):
    worker.slot = scoreboard.free_slot(other.slot for other in server.WORKERS.values())


def post_fork(server, worker):
    if worker.slot is not None:
        scoreboard.worker = scoreboard.Worker(scoreboard.board, worker.slot)


def child_exit(server, worker):
    # what is left of it would be taken for a worker that waits
    if worker.slot is not None:
        scoreboard.clear(worker.slot)


def pre_request(worker, request):
    if scoreboard.worker:
        scoreboard.worker.request(True)


def post_request(worker, request, environ, response):
    if scoreboard.worker:
        scoreboard.worker.request(False)
