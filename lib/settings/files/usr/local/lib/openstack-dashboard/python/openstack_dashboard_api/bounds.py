"""How long a call to an API may take, and how many workers may wait for one API.

- A call has time-outs, and a page a deadline for all of its calls together.
- The same page does not wait again for an API that did not answer, and neither does any page of this host
  for a while; then one call tries it again.
- While requests wait for a worker, only half of the workers wait for one API that is silent, and one
  worker is always left: `SLOW` below.

Every failure is a `requests.exceptions.ConnectionError`: all clients and Horizon's own handlers know it, and
show "Unable to retrieve …". They do not agree on time-outs.
"""
import http.client
import io
import logging
import re
import socket
import threading
import time
from urllib.parse import urlsplit

import openstack_dashboard_scoreboard as scoreboard
import requests
from django.core.signals import request_finished, request_started
from openstack_dashboard_api import shortcuts
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.response import HTTPResponse
from urllib3.util import Timeout

LOG = logging.getLogger('openstack_dashboard.api')
# An API that has not answered this host for this long is silent: half of the workers continue to wait for
# it, the others give up if they are needed. Workers wait for an API that is slow but answers.
SLOW = 3.0
# how often a waiting call looks at what others wait for
LOOK = 0.5
# how long an API that did not answer gets no calls
CLOSED = 10.0
# how long the body of a request may wait for the API to read it, which determines its speed
SENDING = 60.0
_local = threading.local()
_page = None
_times = None


def pending():
    """Whether requests wait for a worker. openstack_dashboard_worker replaces this."""
    return True


class Times:
    def __init__(self, connect, read, page, trust):
        self.connect, self.read, self.page, self.trust = connect, read, page, trust


class Page:
    """One request of a user. Horizon serves one at a time per process, and starts threads for some."""

    def __init__(self):
        self.deadline = time.monotonic() + _times.page
        self.unanswered = set()
        self.token = ''
        # for openstack_dashboard_quick.ask_once
        self.answers, self.asking = {}, {}


class Unanswered(requests.exceptions.ConnectionError):
    pass


def begin_page(**_):
    global _page
    _page = Page()


def stream_begins():
    """From now on the calls of this thread are not part of a page."""
    _local.stream = True


def release_page():
    """From now on a thread copies the response of the current page, as long as it takes."""
    if _page:
        _page.deadline = float('inf')


def end_page(**_):
    if _page:
        _page.answers.clear()


def work_for(page):
    """This thread only works for that page, even if it takes longer than the page."""
    _local.page = page


def works_ahead():
    return hasattr(_local, 'page')


def page():
    """The page that this thread works for, or None."""
    return None if getattr(_local, 'stream', False) else getattr(_local, 'page', _page)


def token_of_page():
    return _page.token if _page else ''


def place(url):
    """What fails together: a host and port, or one service of a host that serves several under paths,
    as https://cloud/compute/v2.1."""
    parts = urlsplit(url)
    if parts.path.endswith('/auth/tokens'):
        # may wait for a user directory that does not answer, while Keystone answers other calls
        return f'{parts.netloc.lower()} (logins)'
    first = parts.path.split('/')[1:2]
    if first and first[0] and not re.match(r'v\d', first[0]) and '.' not in first[0]:
        return f'{parts.netloc.lower()}/{first[0]}'
    return parts.netloc.lower()


def seconds(timeout):
    """The given connect and read time-outs, None for none."""
    if isinstance(timeout, Timeout):
        return timeout.connect_timeout, timeout.read_timeout
    if isinstance(timeout, tuple) and len(timeout) == 2:
        return timeout
    return timeout, timeout


def least(*times):
    return min((float(given) for given in times if given is not None), default=None)


def others(board, worker):
    """What other workers wait for."""
    return [list(board.calls(slot)) if slot != worker.slot and board.worker(slot)[0] else []
            for slot in range(board.slots)]


def half(board):
    # there are two slots for each worker
    return max(1, board.slots // 4)


class Call:
    def __init__(self, request, timeout):
        self.place = place(request.url)
        self.host = scoreboard.number(self.place)
        self.since = time.monotonic()
        self.upload = not isinstance(request.body, (bytes, str, type(None)))
        self.stream = getattr(_local, 'stream', False)
        self.page = None if self.upload else page()
        self.entry = None
        if self.page and not works_ahead():
            # some clients give bytes
            self.page.token = str(request.headers.get('X-Auth-Token') or self.page.token)
        connect, read = seconds(timeout)
        if self.upload:
            # urllib3 sends under the connect time-out
            self.connect, self.read = connect or SENDING, read or SENDING
        elif self.page is None:
            self.connect, self.read = connect or _times.connect, read or _times.read
        else:
            self.connect = least(connect, _times.connect)
            if request.method in ('GET', 'HEAD') or request.url.endswith('/auth/tokens'):
                self.read = least(read, _times.read)
            else:
                # a call that changes something may succeed even if nothing waits for the answer
                self.read = least(read, _times.page)
        self.full = self.read

    def until(self):
        if self.page:
            return self.page.deadline
        return self.since + (_times.page if self.upload else self.read)

    def refuse(self, why):
        LOG.info('%s %s', self.place, why)
        raise Unanswered(f'{self.place} {why}')

    def begin(self):
        now = self.since
        board, worker = scoreboard.board, scoreboard.worker
        if self.page:
            left = self.page.deadline - now
            if self.place in self.page.unanswered:
                self.refuse('has already failed to answer on this page')
            if left <= 0:
                self.refuse(f'was not called, since the page has already taken {_times.page} s')
            self.connect, self.read = min(self.connect, left), min(self.read, left)
        if not worker or self.stream:
            return
        answered, closed = board.host(self.host)
        if now < closed:
            self.refuse('did not answer a moment ago')
        if self.page:
            self.share(board, worker, now)
        if closed > answered:
            # this call tries; others on this host wait for its result
            board.set_host(self.host, answered, now + self.full)
        self.entry = worker.call(self.host, self.since, self.until())

    def needed_elsewhere(self, board, now):
        """Whether the API is silent, and requests wait while no worker is idle."""
        if now - board.host(self.host)[0] < SLOW or not pending():
            return False
        return all(since for pid, since in map(board.worker, range(board.slots)) if pid)

    def share(self, board, worker, now):
        slow = [1 for calls in others(board, worker) if any(
            host == self.host and now - since >= SLOW for host, since, _ in calls)]
        if len(slow) >= half(board) and self.needed_elsewhere(board, now):
            self.refuse('is silent, and others already wait for it')

    def still_waits(self, now):
        """Whether this worker may continue to wait. Those that have waited longest may."""
        board, worker = scoreboard.board, scoreboard.worker
        if (not worker or not self.page or now - self.since < SLOW
                or not self.needed_elsewhere(board, now)):
            return True
        mine = (self.since, worker.slot)
        before, before_here = 0, 0
        for slot, calls in enumerate(others(board, worker)):
            longer = [host for host, since, _ in calls if (since, slot) < mine]
            before += bool(longer)
            before_here += self.host in longer
        return before_here < half(board) and before < max(1, board.slots // 2 - 1)

    def end(self):
        if scoreboard.worker:
            scoreboard.worker.drop(self.entry)
        self.entry = None

    def answered(self):
        if scoreboard.worker:
            scoreboard.board.set_host(self.host, time.monotonic(), 0.0)

    def failed(self):
        """Nothing came in time. The host gets no calls for a while, unless it answered others meanwhile, or
        this call waited less than usual."""
        now = time.monotonic()
        if self.page:
            self.page.unanswered.add(self.place)
        if not scoreboard.worker or self.stream or self.upload:
            return
        answered, closed = scoreboard.board.host(self.host)
        waited = now - self.since
        if answered < self.since and (self.read == self.full or closed):
            scoreboard.board.set_host(self.host, answered, now + CLOSED)
            LOG.warning('%s did not answer within %.0f s, and gets no calls for %.0f s',
                        self.place, waited, CLOSED)


class Raw(socket.SocketIO):
    """Reads from a socket until the deadline of the page, however slowly bytes come."""

    def __init__(self, sock, call):
        super().__init__(sock, 'rb')
        self.call = call
        self.ended = False

    def end(self):
        self._sock.shutdown(socket.SHUT_RDWR)

    def readinto(self, buffer):
        self._checkClosed()
        if self.ended:
            return None
        call, worker, begun = self.call, scoreboard.worker, time.monotonic()
        deadline = call.page.deadline if call.page else float('inf')
        entry, timeout = None, self._sock.gettimeout()
        if worker and call.entry is None and call.page and deadline < float('inf'):
            entry = worker.call(call.host, call.since, deadline)
        try:
            while True:
                now = time.monotonic()
                left = min(begun + call.read, deadline) - now
                if left <= 0 or not call.still_waits(now):
                    if left > 0:
                        # it did not wait the full time
                        call.read = SLOW
                    raise TimeoutError('timed out')
                self._sock.settimeout(min(left, LOOK))
                try:
                    return self._sock.recv_into(buffer)
                except TimeoutError:
                    continue
        finally:
            # After the answer of a proxy to CONNECT, the TLS handshake uses the socket
            self._sock.settimeout(timeout)
            if entry is not None:
                worker.drop(entry)


class Response(http.client.HTTPResponse):
    def __init__(self, sock, *arguments, **options):
        super().__init__(sock, *arguments, **options)
        call = getattr(_local, 'call', None)
        if call:
            sock._io_refs += 1
            self.fp.close()
            self.fp = io.BufferedReader(Raw(sock, call))

    def _close_conn(self):
        raw = getattr(self.fp, 'raw', None)
        if isinstance(raw, Raw) and not raw.closed:
            raw.ended = True
            # More bytes than the answer have come. They would be taken for the answer to the next request,
            # which may be another user's: this connection gets no other request.
            if self.fp.peek(1):
                try:
                    raw.end()
                except OSError:
                    pass
        super()._close_conn()


def call_in_time(original, asked, timeout):
    call = Call(asked.request, timeout)
    call.begin()
    before, _local.call = getattr(_local, 'call', None), call
    try:
        response = original(asked.adapter, asked.request, stream=asked.stream, verify=asked.verify,
                            cert=asked.cert, timeout=(call.connect, call.read),
                            proxies=asked.proxies)
        if not asked.stream:
            response.content
        elif asked.reads(response):
            response.raw = HTTPResponse(
                io.BytesIO(response.content), headers=response.headers, status=response.status_code,
                reason=response.reason, preload_content=False, decode_content=False)
    except (requests.exceptions.Timeout, requests.exceptions.ConnectionError,
            requests.exceptions.ChunkedEncodingError) as error:
        if isinstance(error, (requests.exceptions.SSLError, requests.exceptions.ProxyError)):
            raise
        took = time.monotonic() - call.since
        late = isinstance(error, requests.exceptions.Timeout) or took >= 0.9 * min(
            call.connect, call.read, call.until() - call.since)
        if late:
            call.failed()
        LOG.info('%s did not answer after %.1f s: %s', call.place, took, type(error).__name__)
        raise Unanswered(f'{call.place} did not answer: {error}', request=asked.request) from error
    finally:
        _local.call = before
        call.end()
    call.answered()
    return response


def answer(original, asked, timeout):
    response = shortcuts.answer(asked)
    if response is not None:
        return response
    try:
        response = call_in_time(original, asked, timeout)
    except Unanswered:
        response = shortcuts.instead(asked)
        if response is None:
            raise
        return response
    shortcuts.learn(asked, response)
    return response


def hook(original):
    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        # None, from glanceclient and others, does not mean the default to the adapter, but "do not verify".
        # Nothing in this dashboard may turn verification off.
        asked = shortcuts.Asked(self, request, stream, verify or _times.trust, cert, proxies)
        try:
            return answer(original, asked, timeout)
        finally:
            shortcuts.end(asked)
    return send


def retry_once(original):
    """By default swiftclient retries five times, and sleeps 31 s in total."""
    def init(self, *arguments, **options):
        if len(arguments) < 4:
            options.setdefault('retries', 1)
        options.setdefault('starting_backoff', 0.2)
        original(self, *arguments, **options)
    return init


def install(**times):
    global _times
    first, _times = _times is None, Times(**times)
    if not first:
        return
    HTTPAdapter.send = hook(HTTPAdapter.send)
    HTTPConnection.response_class = Response
    import swiftclient.client

    connection = swiftclient.client.Connection
    connection.__init__ = retry_once(connection.__init__)
    request_started.connect(begin_page, dispatch_uid='openstack_dashboard_api')
    request_finished.connect(end_page, dispatch_uid='openstack_dashboard_api')
