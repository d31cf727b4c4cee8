"""What the kernel can do: processes that do nothing but sendfile(), one for each connection.

usage: sendfile.py PORT ROOT PROCESSES
"""

import os
import socket
import sys

port, root, processes = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
files = {}


def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    out = connection.fileno()
    pending = b''
    while True:
        while b'\r\n\r\n' not in pending:
            received = connection.recv(8192)
            if not received:
                return
            pending += received
        request, pending = pending.split(b'\r\n\r\n', 1)
        path = request.split(b' ', 2)[1].decode()
        if path not in files:
            file = os.open(root + path, os.O_RDONLY)
            size = os.fstat(file).st_size
            files[path] = file, size, b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % size
        file, size, head = files[path]
        connection.send(head, socket.MSG_MORE)
        sent = 0
        while sent < size:
            sent += os.sendfile(out, file, sent, size - sent)


with socket.create_server(('127.0.0.1', port), backlog=128) as server:
    # what fits the caches of processors goes faster: the limit is that of the quicker way
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    for _ in range(processes - 1):
        if os.fork() == 0:
            break
    while True:
        connection, _ = server.accept()
        with connection:
            try:
                serve(connection)
            except ConnectionError:
                pass
