"""What each gunicorn worker is doing, in memory that all workers and the health agent share.

A worker writes its own slot and nothing else, so no lock is needed between processes. Times are of
CLOCK_MONOTONIC, which all processes of a machine share. Only the standard library is used: the
health agent imports this module too.
"""
import hashlib
import mmap
import os
import secrets
import struct
import threading
import time

PATH = '/run/openstack-dashboard-scoreboard/board'
MAGIC = b'horizon1'
CALLS, STREAMS, HOSTS = 8, 64, 128
HEADER = struct.Struct('<8sQQQ')  # magic, arbiter's pid, its start in ticks, number of slots
SLOT = struct.Struct('<Qd')  # pid, since when it has a request
CALL = struct.Struct('<Qdd')  # API host, waited for since, until at most
OWNER = struct.Struct('<Q')  # who receives a stream
HOST = struct.Struct('<Qdd')  # API host, last answer, no calls until
SLOTS_AT = HEADER.size + HOSTS * HOST.size
SLOT_SIZE = SLOT.size + CALLS * CALL.size + STREAMS * OWNER.size


def start_of(pid):
    """When a process was started, in clock ticks: with its pid, this names a process."""
    with open(f'/proc/{pid}/stat') as file:
        return int(file.read().rpartition(')')[2].split()[19])


class Board:
    def __init__(self, memory):
        self.memory = memory
        magic, self.arbiter, self.started, self.slots = HEADER.unpack_from(memory)
        if magic != MAGIC or len(memory) < SLOTS_AT + self.slots * SLOT_SIZE:
            raise ValueError('not a scoreboard')

    def slot_at(self, slot):
        return SLOTS_AT + slot * SLOT_SIZE

    def worker(self, slot):
        """The PID, and since when it has a request; 0 for none."""
        return SLOT.unpack_from(self.memory, self.slot_at(slot))

    def calls(self, slot):
        """The API calls that a worker waits for: host, since, until."""
        at = self.slot_at(slot) + SLOT.size
        for n in range(CALLS):
            call = CALL.unpack_from(self.memory, at + n * CALL.size)
            if call[0]:
                yield call

    def streams(self, slot):
        """Who receives the streams of a worker."""
        at = self.slot_at(slot) + SLOT.size + CALLS * CALL.size
        return [owner for n in range(STREAMS)
                for owner, in [OWNER.unpack_from(self.memory, at + n * OWNER.size)] if owner]

    def host_at(self, host):
        return HEADER.size + host % HOSTS * HOST.size

    def host(self, host):
        """When an API host answered last, and until when it gets no calls. If two hosts share an entry, the
        data of one is lost."""
        name, answered, closed = HOST.unpack_from(self.memory, self.host_at(host))
        return (answered, closed) if name == host else (0.0, 0.0)

    def set_host(self, host, answered, closed):
        HOST.pack_into(self.memory, self.host_at(host), host, answered, closed)


class Worker:
    """The slot of this process."""

    def __init__(self, board, slot):
        self.board, self.slot = board, slot
        self.lock = threading.Lock()
        at = board.slot_at(slot)
        board.memory[at:at + SLOT_SIZE] = bytes(SLOT_SIZE)
        SLOT.pack_into(board.memory, at, os.getpid(), 0.0)

    def request(self, begins):
        SLOT.pack_into(self.board.memory, self.board.slot_at(self.slot), os.getpid(),
                       time.monotonic() if begins else 0.0)

    def take(self, entry, count, offset, values):
        """Fills a free entry and returns its position, or None if all are used."""
        base = self.board.slot_at(self.slot) + offset
        with self.lock:
            for n in range(count):
                if not OWNER.unpack_from(self.board.memory, base + n * entry.size)[0]:
                    entry.pack_into(self.board.memory, base + n * entry.size, *values)
                    return base + n * entry.size
        return None

    def call(self, host, since, until):
        return self.take(CALL, CALLS, SLOT.size, (host, since, until))

    def stream(self, owner):
        return self.take(OWNER, STREAMS, SLOT.size + CALLS * CALL.size, (owner,))

    def drop(self, at):
        if at is not None:
            OWNER.pack_into(self.board.memory, at, 0)


def create(workers, path=PATH):
    """A board for the workers of this process; in anonymous memory if the folder does not exist, as in a
    container. It has twice as many slots, for the time in which workers are replaced."""
    slots = 2 * workers
    size = SLOTS_AT + slots * SLOT_SIZE
    try:
        descriptor = os.open(f'{path}.new', os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
    except OSError:
        memory = mmap.mmap(-1, size)
    else:
        os.ftruncate(descriptor, size)
        memory = mmap.mmap(descriptor, size)
        os.close(descriptor)
    HEADER.pack_into(memory, 0, MAGIC, os.getpid(), start_of(os.getpid()), slots)
    if os.path.exists(f'{path}.new'):
        os.rename(f'{path}.new', path)
    return Board(memory)


def read(path=PATH):
    with open(path, 'rb') as file:
        return Board(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


_salt = secrets.token_bytes(16)
# of this process; set by gunicorn.conf.py
board = None
worker = None


def number(text):
    """A name as a number that is never 0, and that reveals nothing without the salt of this process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, key=_salt).digest()) or 1


def clear(slot):
    at = board.slot_at(slot)
    board.memory[at:at + SLOT_SIZE] = bytes(SLOT_SIZE)


def free_slot(taken):
    return min(set(range(board.slots)) - set(taken), default=None)
