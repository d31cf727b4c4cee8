"""One connection to one memcached node.

Every command has one deadline: for connecting, TLS, sending, and all reads together. A line and
a value have a bound. So a node that trickles, or never ends, costs that time and no memory.
"""
import re
import socket
import ssl
import time

# longer than any line that memcached answers to the commands used here
LINE_BYTES = 1024
VALUE = re.compile(rb'VALUE (\S{1,250}) (\d{1,10}) (\d{1,10})')
# OpenSSL's codes for a certificate that is valid, but for another name or address
MISMATCH = (62, 64)


class AnswerError(Exception):
    """An answer of a node that is well, such as SERVER_ERROR, or that makes no sense."""


class ItemTooLarge(AnswerError):
    """The node does not keep items of that size."""


class NodeError(OSError):
    """A node that does not follow the protocol, so that it counts as dead."""


class ClosedError(NodeError):
    """The other side closed the connection."""


# what a connection that was kept may have met in the meantime: no sign of a dead node
LOST = (ClosedError, ConnectionError, ssl.SSLEOFError)


class Connection:
    """`find` gives the socket addresses of the node, `names` the names that its certificate may be
    for; the first that matches is tried first from then on."""

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
                # the rest of the answer must never be read as the answer to the next request
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
        """Reads the answer to a request that was sent. What has come already is read even if the
        deadline has passed while others were read."""
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
        """The bytes before `end`, of which there may be `limit`."""
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
            raise AnswerError('a value of another length than it says')
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
                # an address that drops packets leaves some of the time to the next one
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


# How answers are read. What a node sends is not for the log: it may hold anything.

def failed(line):
    if line.startswith(b'SERVER_ERROR') and b'too large' in line:
        raise ItemTooLarge('the node does not keep items of that size')
    kind = line.split(b' ')[0]
    if kind in (b'SERVER_ERROR', b'CLIENT_ERROR', b'ERROR'):
        raise AnswerError(kind.decode())
    raise AnswerError('an answer that makes no sense')


def one_of(yes, *no):
    def read(connection):
        line = connection.line()
        if line == yes:
            return True
        return False if line in no else failed(line)
    return read


stored = one_of(b'STORED', b'NOT_STORED', b'NOT_FOUND', b'EXISTS')
deleted = one_of(b'DELETED', b'NOT_FOUND')
touched = one_of(b'TOUCHED', b'NOT_FOUND')
flushed = one_of(b'OK')


def version(connection):
    line = connection.line()
    return line if line.startswith(b'VERSION ') else failed(line)


def number(connection):
    """The new value of a counter, or None if there is none."""
    line = connection.line()
    if line == b'NOT_FOUND':
        return None
    return int(line) if re.fullmatch(rb'\d{1,20} *', line) else failed(line)


def seconds_left(connection):
    """The answer to `mg KEY t`: None for what has no end, or is not there."""
    line = connection.line()
    match = re.fullmatch(rb'HD t(\d{1,10})\s*', line)
    if match:
        return int(match[1])
    return None if line.split(b' ')[0] in (b'HD', b'EN') else failed(line)


def values(count=1):
    """Reads what so many requests found, by key: (flags, value)."""
    def read(connection):
        found = {}
        for _ in range(count):
            while (line := connection.line()) != b'END':
                match = VALUE.fullmatch(line) or failed(line)
                key, flags, size = match.groups()
                if key in found:
                    raise AnswerError('a value twice')
                # whoever writes to memcached decides how much it would be
                if int(size) > connection.limit:
                    raise OversizedValue(int(size))
                found[key] = int(flags), connection.data(int(size))
        return found
    return read


class OversizedValue(AnswerError):
    """A value of a size that nobody with the same settings wrote."""


def configuration(limit):
    def read(connection):
        line = connection.line()
        if not line.startswith(b'CONFIG '):
            failed(line)
        return [line, *connection.until(b'\nEND\r\n', limit).split(b'\n')]
    return read
