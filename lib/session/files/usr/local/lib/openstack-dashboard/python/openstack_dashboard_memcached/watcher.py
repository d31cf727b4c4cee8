"""The thread that looks after the nodes, so that no request waits for a dead node a second time."""
import logging
import threading
import time

from . import protocol
from .connection import AnswerError

LOG = logging.getLogger('openstack_dashboard.memcached')


class Watcher:
    def __init__(self, membership, missed, interval):
        self.membership, self.missed, self.interval = membership, missed, interval
        self.looked = threading.Event()

    def start(self):
        threading.Thread(target=self.watch, name='memcached', daemon=True).start()
        # a resolver may take longer than any request should
        self.looked.wait(2 * self.membership.timeout)

    def look(self):
        self.membership.look()
        self.missed.drop_gone()

    def watch(self):
        membership = self.membership
        self.look()
        self.looked.set()
        looked = time.monotonic()
        due = looked + self.interval
        while True:
            # failed nodes are tried again each second, and all nodes are discovered again each interval
            if membership.dead or self.missed.owed or not membership.alive.nodes:
                due = min(due, time.monotonic() + 1)
            # what else happens meanwhile does not put it off
            if membership.wake.wait(max(0, due - time.monotonic())):
                membership.wake.clear()
                continue
            due = time.monotonic() + self.interval
            try:
                if not membership.alive.nodes or time.monotonic() - looked >= self.interval:
                    self.look()
                    looked = time.monotonic()
                for node in (*membership.dead, *set(self.missed.owed).difference(membership.dead)):
                    self.revive(node)
            except Exception:
                LOG.exception('memcached nodes could not be checked; they are checked again')

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
            if node in membership.alive.nodes and isinstance(error, OSError):
                membership.failed(node, error)
            return
        finally:
            connection.close()
        membership.recovered(node)
