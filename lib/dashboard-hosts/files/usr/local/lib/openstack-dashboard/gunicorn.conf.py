import gc
import os

import openstack_dashboard_quick
import openstack_dashboard_scoreboard as scoreboard

# docs/performance.md, "Workers": the fastest number where APIs take 30 ms, the size of a worker when it is
# replaced, and the memory that the rest of a host needs
PER_VCPU = 4
MEGABYTES = 130
OTHER_MEGABYTES = 350
AT_LEAST, AT_MOST = 2, 64


def workers_for(vcpus, megabytes):
    return max(AT_LEAST, min(PER_VCPU * vcpus, (megabytes - OTHER_MEGABYTES) // MEGABYTES, AT_MOST))


def workers_of_host():
    pages, size = os.sysconf('SC_PHYS_PAGES'), os.sysconf('SC_PAGE_SIZE')
    return workers_for(len(os.sched_getaffinity(0)), pages * size // 2**20)


# systemd creates the socket (openstack-dashboard.socket): only www-data, that is nginx, can connect.
# `sync`, except for downloads
worker_class = 'openstack_dashboard_worker.Worker'
workers = int(os.environ.get('GUNICORN_WORKERS') or workers_of_host())
# API_PAGE_DEADLINE (45 at most) < this < proxy_read_timeout of nginx (56) < the load balancer's idle
# time-out (60): the one that gives up first can report the reason
timeout = 52
graceful_timeout = 30
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = '/dev/shm'
chdir = '/usr/share/openstack-dashboard'
wsgi_app = 'wsgi:application'
# nginx has the limits, 8 KB, and a page for them. 0: no limit (the largest other value is 8190)
limit_request_line = 0
limit_request_field_size = 16384
# no query string, no header: they may contain tokens
accesslog = '-'
access_log_format = '%({x-forwarded-for}i)s %(m)s %(U)s %(s)s %(b)s %(M)sms'
# Workers share the memory of modules that are imported before the fork, and start at once. No connection
# is open then: the cache back end connects on first use.
preload_app = True


def on_starting(server):
    scoreboard.board = scoreboard.create(workers)


def when_ready(server):
    from django.urls import get_resolver

    # imports all dashboards and panels
    get_resolver().url_patterns
    openstack_dashboard_quick.warm()
    for text in openstack_dashboard_quick.warnings():
        server.log.warning('Pages take longer: %s', text)
    # keeps the garbage collector from writing to shared memory, which would copy it
    gc.collect()
    gc.freeze()


def pre_fork(server, worker):
    worker.slot = scoreboard.free_slot(other.slot for other in server.WORKERS.values())


def post_fork(server, worker):
    if worker.slot is not None:
        scoreboard.worker = scoreboard.Worker(scoreboard.board, worker.slot)


def child_exit(server, worker):
    # the rest would be taken for a worker that waits
    if worker.slot is not None:
        scoreboard.clear(worker.slot)


def pre_request(worker, request):
    if scoreboard.worker:
        scoreboard.worker.request(True)


def post_request(worker, request, environ, response):
    if scoreboard.worker:
        scoreboard.worker.request(False)
