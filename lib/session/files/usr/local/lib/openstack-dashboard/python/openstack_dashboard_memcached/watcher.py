"""The thread that looks after the nodes, so that no request waits for a dead node a second time."""
import logging
import threading
import time

from . import protocol
from .connection import AnswerError

LOG = logging.getLogger('openstack_dashboard.memcached')


class Watcher:
    def __init__(self, membership, missed, former):
        self.membership, self.missed, self.former = membership, missed, former
        self.interval = membership.interval
        self.looked = threading.Event()

    def start(self):
        threading.Thread(target=self.watch, name='memcached', daemon=True).start()
        # a resolver may take longer than any request should
        self.looked.wait(2 * self.membership.timeout)

    def look(self):
        before = self.membership.known
        self.membership.look()
        self.missed.drop_gone()
        if before and before != self.membership.known:
            self.former.changed(before)

    def watch(self):
        membership = self.membership
        self.begin()
        self.looked.set()
        try:
            self.former.load()
        except Exception:
            LOG.exception('earlier memcached nodes are not known')
        due = self.last + self.interval
        while True:
            # failed nodes are tried again each second, and all nodes are discovered again each interval
            if membership.dead or membership.waiting or self.missed.owed or not membership.alive.nodes:
                due = min(due, time.monotonic() + membership.retry)
            # what else happens meanwhile does not put it off
            if membership.wake.wait(max(0, due - time.monotonic())):
                membership.wake.clear()
                continue
            due = time.monotonic() + self.interval
            try:
                self.step()
            except Exception:
                LOG.exception('memcached nodes could not be checked; they are checked again')

    def begin(self):
        self.look()
        self.last = time.monotonic()

    def step(self):
        membership = self.membership
        if not membership.alive.nodes or time.monotonic() - self.last >= self.interval:
            self.begin()
        for node in (*membership.dead, *set(self.missed.owed).difference(membership.dead)):
            self.revive(node)
        for node in membership.due():
            # Other processes may have kept for it what it missed while they did not know that it answers.
            self.revive(node)
            membership.use(node)

    def revive(self, node):
        membership = self.membership
        connection = membership.connection(node)
        try:
            if node in membership.dead:
                membership.resolve(node)
                connection.ask(b'version\r\n', protocol.version, membership.deadline())
            # otherwise what it kept would undo a logout
            self.missed.settle(node, connection)
        except (OSError, AnswerError) as error:
            if node not in membership.dead and isinstance(error, OSError):
                membership.failed(node, error)
            return
        finally:
            connection.close()
        membership.recovered(node)
