"""One connection to one memcached node.

Every command has one deadline: for connecting, TLS, sending, and all reads together. A line and a value
have a limit. So a node that sends slowly, or without end, costs that time and no memory.
"""
import socket
import ssl
import time

# longer than any line of memcached's answers to the commands used here
LINE_BYTES = 1024
# OpenSSL's codes for a certificate that is valid for another name or address
MISMATCH = (62, 64)


class AnswerError(Exception):
    """An error that a healthy node answers, such as SERVER_ERROR, or an answer that makes no sense."""


class NodeError(OSError):
    """A node that does not follow the protocol, so that it counts as dead."""


class ClosedError(NodeError):
    """The other side closed the connection."""


# errors of a connection that was closed while it was kept: no sign of a dead node
LOST = (ClosedError, ConnectionError, ssl.SSLEOFError)


class Connection:
    """`find` returns the socket addresses of the node; `names` are the names that its certificate may be
    for. The one that matches is tried first from then on."""

    def __init__(self, find, context=None, names=(None,), limit=2**20):
        self.find, self.context, self.names, self.limit = find, context, names, limit
        self.sock = None
        self.deadline = 0
        self._buffer = bytearray()

    def ask(self, request, read, deadline):
        """Sends the request and returns what `read` makes of the answer. A connection that was
        closed while it was kept is opened again, once."""
        for last in (self.sock is None, True):
            try:
                self.send(request, deadline)
                return read(self)
            except BaseException as error:
                # the rest of this answer must never be read as the answer to the next request
                self.close()
                if last or not isinstance(error, LOST):
                    raise

    def send(self, request, deadline):
        self.deadline = deadline
        if self.sock is None:
            self._connect()
        left = memoryview(request)
        while left:
            self.sock.settimeout(self._time())
            left = left[self.sock.send(left):]

    def receive(self, read):
        """Reads the answer to a request that was sent. Bytes that have already arrived are read even if the
        deadline has passed while answers of other nodes were read."""
        self.deadline = max(self.deadline, time.monotonic() + 0.005)
        try:
            return read(self)
        except BaseException:
            self.close()
            raise

    def close(self):
        sock, self.sock = self.sock, None
        self._buffer.clear()
        if sock is not None:
            try:
                sock.close()
            except OSError:
                pass

    def line(self):
        searched = 0
        while (end := self._buffer.find(b'\r\n', searched)) < 0:
            if len(self._buffer) > LINE_BYTES:
                raise NodeError(f'a line of more than {LINE_BYTES} bytes')
            searched = max(0, len(self._buffer) - 1)
            self._read()
        if end > LINE_BYTES:
            raise NodeError(f'a line of more than {LINE_BYTES} bytes')
        line = bytes(self._buffer[:end])
        del self._buffer[:end + 2]
        return line

    def until(self, end, limit):
        """The bytes before `end`, up to `limit`."""
        searched = 0
        while (found := self._buffer.find(end, searched)) < 0:
            searched = max(0, len(self._buffer) - len(end))
            if searched > limit:
                raise NodeError(f'an answer of more than {limit} bytes')
            self._read()
        data = bytes(self._buffer[:found])
        del self._buffer[:found + len(end)]
        return data

    def data(self, size):
        while len(self._buffer) < size + 2:
            self._read()
        if self._buffer[size:size + 2] != b'\r\n':
            raise AnswerError('a value whose length differs from the one in its header')
        data = bytes(self._buffer[:size])
        del self._buffer[:size + 2]
        return data

    def _time(self):
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError('timed out')
        return left

    def _read(self):
        self.sock.settimeout(self._time())
        data = self.sock.recv(65536)
        if not data:
            raise ClosedError('the connection was closed')
        self._buffer += data

    def _connect(self):
        self.close()
        for name in self.names:
            sock = self._open()
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self.context:
                    sock.settimeout(self._time())
                    sock = self.context.wrap_socket(sock, server_hostname=name)
            except ssl.SSLCertVerificationError as error:
                sock.close()
                if error.verify_code not in MISMATCH or name == self.names[-1]:
                    raise
            except ValueError as error:
                sock.close()
                raise NodeError(f'no TLS for that name: {error}') from None
            except BaseException:
                sock.close()
                raise
            else:
                self.sock = sock
                self.names = (name, *(other for other in self.names if other != name))
                return

    def _open(self):
        addresses = self.find()
        failure = NodeError('its address is not known')
        for count, (family, address) in enumerate(addresses):
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                # an address that drops packets leaves time for the next one
                sock.settimeout(self._time() / (len(addresses) - count))
                sock.connect(address)
                return sock
            except OSError as error:
                sock.close()
                failure = error
            except BaseException:
                sock.close()
                raise
        raise failure
