"""How requests that several files make are written, and how answers are read.

What a node sends is not for the log: it may hold anything.
"""
import re

from .connection import AnswerError

VALUE = re.compile(rb'VALUE (\S{1,250}) (\d{1,10}) (\d{1,10})')


class ItemTooLarge(AnswerError):
    """The node does not keep items of that size."""


class OversizedValue(AnswerError):
    """A value of a size that no process with the same settings writes."""


def deletion(key, mark, seconds):
    """A request that deletes a key and, if there is a mark, sets the mark that says so."""
    request = b'delete %s\r\n' % key
    if mark:
        request += b'set %s 0 %d 1\r\n1\r\n' % (mark, seconds)
    return request


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
    """The answer to `mg KEY t`: None for a key that does not expire or does not exist."""
    line = connection.line()
    match = re.fullmatch(rb'HD t(\d{1,10})\s*', line)
    if match:
        return int(match[1])
    return None if line.split(b' ')[0] in (b'HD', b'EN') else failed(line)


def values(count=1):
    """Reads the values that so many requests found, by key: (flags, value)."""
    def read(connection):
        found = {}
        for _ in range(count):
            while (line := connection.line()) != b'END':
                match = VALUE.fullmatch(line) or failed(line)
                key, flags, size = match.groups()
                if key in found:
                    raise AnswerError('a value twice')
                # anyone who can write to memcached determines this size
                if int(size) > connection.limit:
                    raise OversizedValue(int(size))
                found[key] = int(flags), connection.data(int(size))
        return found
    return read


def configuration(limit):
    def read(connection):
        line = connection.line()
        if not line.startswith(b'CONFIG '):
            failed(line)
        return [line, *connection.until(b'\nEND\r\n', limit).split(b'\n')]
    return read
