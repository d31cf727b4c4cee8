"""Counts attempts in memory that all workers of a host share, without a server that could be down.

Each key has a level: an attempt raises it by one, and it falls by a constant rate. The table has a fixed
size. If it is full, the lowest of a few levels is overwritten, which loses the least.
"""
import contextlib
import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time

SETS, WAYS = 1024, 8
SLOT = struct.Struct('=Qdd')


class Attempts:
    """`burst` attempts at once, and `per_minute` more each minute. Created before workers are forked."""

    def __init__(self, burst, per_minute, clock=time.monotonic):
        self.burst, self.rate, self.clock = burst, per_minute / 60, clock
        # so that nobody can choose names that share a set
        self.seed = os.urandom(16)
        self.thread = threading.Lock()
        self.file = os.memfd_create('login-attempts')
        os.ftruncate(self.file, SETS * WAYS * SLOT.size)
        self.table = mmap.mmap(self.file, SETS * WAYS * SLOT.size)

    def take(self, key):
        """0 if an attempt is allowed, which is counted; otherwise the seconds until one is."""
        with self.slot(key) as (level, write):
            if level + 1 > self.burst:
                return (level + 1 - self.burst) / self.rate
            write(level + 1)
            return 0

    def give_back(self, key):
        """An attempt turned out not to be a wrong password."""
        with self.slot(key) as (level, write):
            write(max(0, level - 1))

    def forget(self, key):
        with self.slot(key) as (_, write):
            write(0)

    @contextlib.contextmanager
    def slot(self, key):
        number = int.from_bytes(hashlib.blake2b(
            repr(key).encode('utf-8', 'surrogatepass'), digest_size=8, key=self.seed).digest(), 'big') or 1
        first = number % SETS * WAYS * SLOT.size
        places = range(first, first + WAYS * SLOT.size, SLOT.size)
        # a lock of the file ends with its process, however that ends
        with self.thread:
            fcntl.lockf(self.file, fcntl.LOCK_EX, SLOT.size * WAYS, first)
            try:
                now = self.clock()
                found = []
                for place in places:
                    owner, level, since = SLOT.unpack_from(self.table, place)
                    level = max(0, level - (now - since) * self.rate) if owner else 0
                    found.append((owner != number, level, place))
                # its own one, or else the lowest
                other, level, place = min(found)
                yield (0 if other else level,
                       lambda new: SLOT.pack_into(self.table, place, number, new, now))
            finally:
                fcntl.lockf(self.file, fcntl.LOCK_UN, SLOT.size * WAYS, first)
