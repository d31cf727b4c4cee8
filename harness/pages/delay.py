#!/usr/bin/python3
"""Lets packets to some addresses take longer, as a network between them would: every round trip of a
connection, its handshakes included, takes that much more. For kernels without netem.

usage: delay.py MILLISECONDS DEVICE SOURCE ADDRESS...
DEVICE and SOURCE are the network card and address of this host. Packets to an ADDRESS are routed into
a TUN device, wait here, and leave by DEVICE; answers come straight back. As root, until it is killed."""
import collections
import fcntl
import os
import select
import socket
import stat
import struct
import subprocess
import sys
import time

TUN = '/dev/net/tun'
NAME = 'delay0'
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 0x0001, 0x1000


def tun():
    """Without the flag for offloads, packets have their checksums and are no larger than the MTU."""
    if not os.path.exists(TUN):
        os.makedirs(os.path.dirname(TUN), exist_ok=True)
        os.mknod(TUN, stat.S_IFCHR | 0o600, os.makedev(10, 200))
    descriptor = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack('16sH', NAME.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


def main(milliseconds, device, source, *addresses):
    delay = float(milliseconds) / 1000
    descriptor = tun()
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    # past the route that leads here
    out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    subprocess.run(['ip', 'link', 'set', NAME, 'up', 'txqueuelen', '10000'], check=True)
    for address in addresses:
        subprocess.run(['ip', 'route', 'replace', f'{address}/32', 'dev', NAME, 'src', source],
                       check=True)
    print('ready', flush=True)
    poll = select.epoll()
    poll.register(descriptor, select.EPOLLIN)
    waiting = collections.deque()
    while True:
        left = waiting[0][0] - time.monotonic() if waiting else -1
        # epoll counts in milliseconds: the last one is slept
        if waiting and 0 < left < 0.001:
            time.sleep(left)
        elif not waiting or left > 0:
            poll.poll(left if waiting else None)
        try:
            while True:
                waiting.append((time.monotonic() + delay, os.read(descriptor, 65536)))
        except BlockingIOError:
            pass
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            packet = waiting.popleft()[1]
            if packet[0] >> 4 == 4:
                out.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))


if __name__ == '__main__':
    main(*sys.argv[1:])
