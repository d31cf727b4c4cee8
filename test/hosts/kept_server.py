"""A server that keeps connections, with TLS if asked, and tells which request came on which one.

For tests that run as root in a disposable Debian 13 root file system (see test_boot_check.py)."""
import datetime
import ipaddress
import json
import os
import socket
import ssl
import struct
import tempfile
import threading


class Authority:
    """A CA: `file` is its certificate, `chain` that of a server on 127.0.0.1 with its key."""

    def __init__(self, test, name='authority'):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        folder = tempfile.TemporaryDirectory()
        test.addCleanup(folder.cleanup)
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=1)
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
        issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])

        def signed(subject, key, *extensions):
            builder = (x509.CertificateBuilder().issuer_name(issuer).subject_name(subject)
                       .public_key(key.public_key()).serial_number(x509.random_serial_number())
                       .not_valid_before(now - day).not_valid_after(now + day)
                       .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
                                      critical=False)
                       .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                           keys[0].public_key()), critical=False))
            for extension, critical in extensions:
                builder = builder.add_extension(extension, critical=critical)
            return builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

        usage = dict.fromkeys(('digital_signature', 'content_commitment', 'key_encipherment',
                               'data_encipherment', 'key_agreement', 'encipher_only',
                               'decipher_only', 'key_cert_sign', 'crl_sign'), False)
        self.certificate = signed(
            issuer, keys[0], (x509.BasicConstraints(ca=True, path_length=None), True),
            (x509.KeyUsage(**usage | {'key_cert_sign': True}), True))
        server = signed(
            x509.Name([]), keys[1], (x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address('127.0.0.1'))]), True))
        self.file, self.chain = f'{folder.name}/ca.pem', f'{folder.name}/server.pem'
        self.write(self.file, self.certificate)
        self.write(self.chain, server + keys[1].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))

    @staticmethod
    def write(path, data):
        with open(f'{path}.new', 'wb') as file:
            file.write(data)
        os.rename(f'{path}.new', path)

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        return context


class Request:
    def __init__(self, connection, nth, head, body):
        lines = head.decode().split('\r\n')
        self.connection, self.nth, self.body = connection, nth, body
        self.method, self.path, _ = lines[0].split(' ')
        self.headers = {name.lower(): value.strip() for name, _, value in
                        (line.partition(':') for line in lines[1:] if line)}


def response(content, status='200 OK', **headers):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = {name.replace('_', '-'): value for name, value in headers.items()}
    lines = {'Content-Type': 'application/json', 'Content-Length': str(len(data)), **headers}
    text = ''.join(f'{name}: {value}\r\n' for name, value in lines.items())
    return f'HTTP/1.1 {status}\r\n{text}\r\n'.encode() + data


class KeptServer:
    """`answer` gets each request and returns bytes to send, or 'close' or 'reset'; with `ends`, the
    connection is closed after that many."""

    def __init__(self, test, authority=None, answer=None):
        self.requests, self.connections, self.ends = [], 0, None
        self.answer = answer or (lambda request: response({'token': request.headers.get(
            'x-auth-token'), 'path': request.path}))
        self.context = authority and authority.context()
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.url = f'{"https" if authority else "http"}://127.0.0.1:{self.port}'
        self.open = set()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        test.addCleanup(self.close)

    def close(self):
        """So that no thread takes a connection of the next server."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.handle, args=(connection,), daemon=True).start()

    def handle(self, connection):
        number = None
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.connections += 1
            number = self.connections
            self.open.add(number)
            stream = connection.makefile('rb')
            nth = 0
            while nth != self.ends:
                head = b''
                while not head.endswith(b'\r\n\r\n'):
                    byte = stream.readline()
                    if not byte:
                        return
                    head += byte
                nth += 1
                request = Request(number, nth, head[:-4], b'')
                length = int(request.headers.get('content-length') or 0)
                request.body = stream.read(length)
                self.requests.append(request)
                answer = self.answer(request)
                if answer == 'reset':
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                          struct.pack('ii', 1, 0))
                if answer in ('close', 'reset'):
                    return
                connection.sendall(answer)
                if isinstance(answer, Half):
                    return
        except OSError:
            pass
        finally:
            self.open.discard(number)
            # the file object keeps the descriptor, too
            try:
                stream.close()
            except UnboundLocalError:
                pass
            connection.close()

    def asked(self):
        return [(request.method, request.path) for request in self.requests]


class Half(bytes):
    """An answer that breaks off: the connection is closed after it."""
