"""What goes through a forward proxy, and what does not: the hosts' own code, apt and Horizon's clients, with a
proxy that only forwards what a strict one would, and names that only the proxy can resolve."""
import contextlib
import http.server
import importlib.machinery
import importlib.util
import json
import os
import re
import select
import shlex
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

LIB = '/usr/local/lib/openstack-dashboard'
ETC = '/etc/openstack-dashboard'
APT = '/etc/apt/apt.conf.d/98openstack-dashboard-proxy'
sys.path.insert(0, f'{LIB}/python')
from openstack_dashboard_api import authorities, verify  # noqa: E402
from test_authorities import Authority, PEM, DAY  # noqa: E402

PORT = 3128
HOST_ENV = '''AWS_REGION="eu-central-1"
AWS_URL_SUFFIX="amazonaws.com"
CFN_STACK="dashboard"
CFN_RESOURCE="Hosts"
PACKAGES=""
LOG_GROUP="group"
'''
PROXY_ENV = f'''EGRESS_PROXY="http://127.0.0.2:{PORT}"
EGRESS_PROXY_EXCLUDE="localhost,127.0.0.1,169.254.169.254,s3.eu-central-1.amazonaws.com,mirror.direct.example.org,keystone.direct.example.org"
'''
NAMES = ('cloudformation.eu-central-1.amazonaws.com', 'logs.eu-central-1.amazonaws.com',
         'assets.s3.eu-central-1.amazonaws.com', 'keystone.example.org', 'keystone.direct.example.org')
DIRECT = ('assets.s3.eu-central-1.amazonaws.com', 'mirror.direct.example.org', 'keystone.direct.example.org')


def certificate(authority):
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    issued = (x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(authority.name)
              .public_key(key.public_key()).serial_number(x509.random_serial_number())
              .not_valid_before(now - DAY).not_valid_after(now + 30 * DAY)
              .add_extension(x509.SubjectAlternativeName(
                  [x509.DNSName(name) for name in NAMES]), critical=True)
              .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                  authority.key.public_key()), False)
              .sign(authority.key, hashes.SHA256()))
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()) + issued.public_bytes(PEM)


class Origin(http.server.BaseHTTPRequestHandler):
    """All APIs, the mirror and instance metadata. `delay`: before the TLS handshake."""

    protocol_version = 'HTTP/1.1'
    asked, delay, context = [], 0, None

    def finish(self):
        super().finish()
        self.request.close()

    def setup(self):
        if self.server.server_port == 443:
            time.sleep(self.delay)
            with contextlib.suppress(OSError):
                self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self):
        with contextlib.suppress(OSError):
            super().handle()

    def answer(self):
        length = int(self.headers.get('Content-Length') or 0)
        self.rfile.read(length)
        self.asked.append((self.headers['Host'], self.command, self.path))
        body, status = b'{}', 200
        if self.headers['Host'] == '169.254.169.254':
            body = {'/latest/meta-data/instance-id': b'i-1',
                    '/latest/meta-data/iam/security-credentials/': b'role'}.get(
                self.path, b'{"AccessKeyId": "A", "SecretAccessKey": "s", "Token": "t"}'
                if 'role' in self.path else b'token')
        elif 'mirror' in self.headers['Host']:
            status = 404
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_HEAD = answer

    def log_message(self, *_):
        pass


class Proxy(threading.Thread):
    """CONNECT to port 443, and plain requests to port 80, each with the name in the request line."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(('127.0.0.2', PORT))
        self.seen = []

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.forward, args=[client], daemon=True).start()

    def close(self):
        """So that no thread takes a connection of the next server."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.join()
        self.listener.close()

    def forward(self, client):
        with client, contextlib.suppress(OSError):
            data = b''
            while b'\r\n\r\n' not in data:
                more = client.recv(65536)
                if not more:
                    return
                data += more
            line = data.split(b'\r\n')[0].decode()
            self.seen.append(line)
            if found := re.fullmatch(r'CONNECT [a-z0-9.-]+:443 HTTP/1\.1', line):
                upstream = socket.create_connection(('127.0.0.1', 443))
                client.sendall(b'HTTP/1.1 200 Connection established\r\n\r\n')
            elif found := re.fullmatch(r'(\w+) http://[a-z0-9.-]+(/\S*) HTTP/1\.1', line):
                upstream = socket.create_connection(('127.0.0.1', 80))
                upstream.sendall(f'{found[1]} {found[2]} HTTP/1.1\r\nConnection: close\r\n'.encode()
                                 + data.partition(b'\r\n')[2])
            else:
                client.sendall(b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
                return
            with upstream:
                while True:
                    for ready in select.select([client, upstream], [], [])[0]:
                        data = ready.recv(65536)
                        if not data:
                            return
                        (upstream if ready is client else client).sendall(data)


class EgressProxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority('test')
        with open('/etc/hosts') as file:
            cls.hosts = file.read()
        with open('/etc/hosts', 'a') as file:
            file.writelines(f'127.0.0.1 {name}\n' for name in DIRECT)
        with open(authorities.SYSTEM, 'ab') as file:
            cls.size = file.tell()
            file.write(cls.authority.pem)
        subprocess.run(['ip', 'address', 'add', '169.254.169.254/32', 'dev', 'lo'], check=True)
        Origin.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile() as file:
            file.write(certificate(cls.authority))
            file.flush()
            Origin.context.load_cert_chain(file.name)
        cls.servers = [http.server.ThreadingHTTPServer(address, Origin) for address in (
            ('127.0.0.1', 443), ('127.0.0.1', 80), ('169.254.169.254', 80))]
        for server in cls.servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.proxy = Proxy()
        cls.proxy.start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        for server in cls.servers:
            server.shutdown()
            server.server_close()
        subprocess.run(['ip', 'address', 'del', '169.254.169.254/32', 'dev', 'lo'], check=True)
        os.truncate(authorities.SYSTEM, cls.size)
        with open('/etc/hosts', 'w') as file:
            file.write(cls.hosts)

    def setUp(self):
        self.host_env(HOST_ENV + PROXY_ENV)
        self.proxy.seen.clear()
        Origin.asked.clear()
        Origin.delay = 0
        self.addCleanup(self.bash, 'configure_proxy', HOST_ENV)

    def trust(self):
        with open(authorities.SYSTEM, 'ab') as file:
            file.write(self.authority.pem)

    def host_env(self, text):
        with open(f'{ETC}/host.env', 'w') as file:
            file.write(text)

    def bash(self, command, host_env=None, **environ):
        if host_env:
            self.host_env(host_env)
        return subprocess.run(['bash', '-c', f'. {LIB}/common.sh\n{command}'], capture_output=True,
                              text=True, timeout=600, env={'PATH': os.environ['PATH'], **environ})

    def call(self, url):
        result = self.bash(f'credentials; aws service /dev/null {url}')
        self.assertEqual((result.returncode, result.stdout), (0, '200'), result.stderr)

    def test_calls_to_aws_use_it_and_metadata_and_s3_do_not(self):
        self.call('https://cloudformation.eu-central-1.amazonaws.com/')
        self.assertEqual(self.proxy.seen, ['CONNECT cloudformation.eu-central-1.amazonaws.com:443 HTTP/1.1'])
        self.call('https://assets.s3.eu-central-1.amazonaws.com/?list-type=2')
        self.assertEqual(len(self.proxy.seen), 1)
        self.assertEqual({host for host, _, _ in Origin.asked}, {
            '169.254.169.254', 'cloudformation.eu-central-1.amazonaws.com',
            'assets.s3.eu-central-1.amazonaws.com'})
        # without it, they would fail
        self.host_env(HOST_ENV)
        result = self.bash('credentials; aws service /dev/null https://cloudformation.eu-central-1.amazonaws.com/')
        self.assertIn('Could not resolve host', result.stderr)

    def test_metadata_stays_direct_with_an_environment_of_the_image(self):
        environ = {name: f'http://127.0.0.2:{PORT}' for name in ('http_proxy', 'https_proxy', 'ALL_PROXY')}
        self.assertEqual(self.bash('imds instance-id', **environ).stdout, 'i-1')
        subprocess.run([f'{LIB}/authorized-keys', 'admin'], env={**os.environ, **environ}, check=True)
        self.assertEqual(self.proxy.seen, [])

    def test_user_data_uses_it(self):
        with open('/tmp/user-data.json') as file:
            text = json.load(file)['static']
        functions = text[text.index('host_value() {'):text.index('# Signals CloudFormation')]
        for host_env, seen in ((HOST_ENV + PROXY_ENV, 1), (HOST_ENV, 0)):
            self.host_env(host_env)
            self.proxy.seen.clear()
            result = subprocess.run(
                ['bash', '-c', f'set -euo pipefail\nETC={ETC} reply=\n{functions}\ndescribe_resource Files; '
                               'echo "$reply"'], capture_output=True, text=True, timeout=600)
            self.assertEqual(result.stdout, '{}\n' if seen else '', result.stderr)
            self.assertEqual(self.proxy.seen, seen * [
                'CONNECT cloudformation.eu-central-1.amazonaws.com:443 HTTP/1.1'])

    def test_logs_use_it(self):
        loader = importlib.machinery.SourceFileLoader('ship_logs', f'{LIB}/ship-logs')
        ship_logs = importlib.util.module_from_spec(importlib.util.spec_from_loader('ship_logs', loader))
        loader.exec_module(ship_logs)

        class Life:
            left = None

        environ = dict(re.findall('^([A-Z_]+)="(.*)"$', HOST_ENV + PROXY_ENV, re.M))
        answer = ship_logs.Aws(environ, Life).call('PutLogEvents', {'logEvents': []})
        self.assertEqual(answer, ({}, None))
        self.assertEqual(self.proxy.seen, ['CONNECT logs.eu-central-1.amazonaws.com:443 HTTP/1.1'])
        environ.pop('EGRESS_PROXY')
        self.assertIn('Could not resolve host', ship_logs.Aws(environ, Life).call('PutLogEvents', {})[1][1])

    def test_apt_uses_it(self):
        result = self.bash('configure_proxy')
        self.assertEqual(result.returncode, 0, result.stderr)
        # apt reports a file that it cannot parse
        dump = subprocess.run(['apt-config', 'dump'], capture_output=True, text=True, check=True)
        self.assertEqual(dump.stderr, '')
        self.assertIn(f'Acquire::http::Proxy "http://127.0.0.2:{PORT}";', dump.stdout)
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(f'{folder}/lists/partial')
            for mirror, seen in (('mirror.example.org', True), ('mirror.direct.example.org', False)):
                with open(f'{folder}/list', 'w') as file:
                    file.write(f'deb http://{mirror}/debian trixie main\n')
                updated = subprocess.run(
                    ['apt-get', 'update', '-o', f'Dir::Etc::sourcelist={folder}/list',
                     '-o', 'Dir::Etc::sourceparts=-', '-o', f'Dir::State::lists={folder}/lists',
                     '-o', 'APT::Sandbox::User=root'], capture_output=True, text=True,
                    timeout=600)
                with self.subTest(mirror):
                    self.assertTrue(any(host == mirror for host, _, _ in Origin.asked),
                                    updated.stdout + updated.stderr)
                    self.assertEqual(
                        any(f'GET http://{mirror}/debian/dists/' in line for line in self.proxy.seen), seen)
        self.bash('configure_proxy', HOST_ENV)
        self.assertFalse(os.path.exists(APT) or os.path.exists(f'{ETC}/proxy.env'))

    def test_every_client_of_horizon_uses_it_and_verifies_the_api(self):
        self.assertEqual(self.bash('configure_proxy').returncode, 0)
        with open(f'{ETC}/proxy.env') as file:
            environ = dict(shlex.split(line)[0].split('=', 1) for line in file)
        self.assertEqual(list(environ), ['HTTPS_PROXY', 'NO_PROXY'])
        # only the file has the CA
        os.truncate(authorities.SYSTEM, self.size)
        self.addCleanup(self.trust)
        # longer than the interval in which a call looks at others
        Origin.delay = 0.8
        with tempfile.NamedTemporaryFile() as trusted, tempfile.NamedTemporaryFile() as other:
            for file, authority in ((trusted, self.authority), (other, Authority('other'))):
                file.write(authority.pem)
                file.flush()
            for name, path, proxied, asked in (
                    ('keystone.example.org', trusted.name, True, True),
                    ('keystone.example.org', other.name, True, False),
                    ('keystone.direct.example.org', trusted.name, False, True)):
                with self.subTest(name, asked=asked):
                    self.proxy.seen.clear()
                    Origin.asked.clear()
                    result = subprocess.run(
                        ['python3', '-W', 'ignore', '/tmp/tests/test_authorities.py', 'clients',
                         f'https://{name}/v3', path],
                        capture_output=True, text=True, timeout=600, env={'PATH': os.environ['PATH'], **environ})
                    self.assertEqual(result.returncode, 0, result.stderr[-2000:])
                    count = len(json.loads(result.stdout))
                    self.assertGreater(count, 8)
                    self.assertEqual(len(Origin.asked) >= count, asked, Origin.asked)
                    self.assertEqual(bool(Origin.asked), asked, Origin.asked)
                    # two of them share a session
                    self.assertEqual(len(self.proxy.seen) >= count - 1, proxied, self.proxy.seen)
                    self.assertLessEqual(set(self.proxy.seen), {f'CONNECT {name}:443 HTTP/1.1'} if proxied else set())

    def test_the_boot_check_does_not_need_it(self):
        # its server with an unknown certificate is on the host itself
        for name in ('HTTPS_PROXY', 'https_proxy'):
            os.environ[name] = 'http://127.0.0.2:9'
            self.addCleanup(os.environ.pop, name)
        self.assertFalse([text for text in verify.verifies(True) if 'could not be tried' in text])

    def test_a_url_that_would_be_code_is_an_error(self):
        for line in ('EGRESS_PROXY="http://\\$(touch /tmp/PWNED):3128"', 'EGRESS_PROXY="http://u:p@a:3128"',
                     'EGRESS_PROXY="http://a:3128\\"; touch /tmp/PWNED"', 'EGRESS_PROXY_EXCLUDE="\\$(touch /tmp/PWNED)"'):
            with self.subTest(line):
                result = self.bash('configure_proxy', f'{HOST_ENV}{line}\n')
                self.assertEqual(result.returncode, 1)
                self.assertIn('host.env: EGRESS_PROXY', result.stderr)
                self.assertFalse(os.path.exists('/tmp/PWNED') or os.path.exists(APT))


if __name__ == '__main__':
    unittest.main()
