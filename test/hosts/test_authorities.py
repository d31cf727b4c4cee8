"""CA certificates of OpenStack that come from the stack: what the boot check says of good and bad ones, compared
with what TLS connections do, to a server with a certificate of that CA."""
import contextlib
import datetime
import ipaddress
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import unittest
from unittest import mock

LIB = '/usr/local/lib/openstack-dashboard'
sys.path.insert(0, f'{LIB}/python')
from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: E402
from openstack_dashboard_api import authorities, verify  # noqa: E402
from test_boot_check import ENVIRONMENT, SECRET, write  # noqa: E402

FILE = '/etc/openstack-dashboard/ca-certificates.pem'
DAY = datetime.timedelta(days=1)
PEM = serialization.Encoding.PEM
USAGES = ('digital_signature', 'content_commitment', 'key_encipherment', 'data_encipherment',
          'key_agreement', 'key_cert_sign', 'crl_sign', 'encipher_only', 'decipher_only')


def usage(*names):
    return x509.KeyUsage(**{name: name in names for name in USAGES})


class Authority:
    """A CA, and a certificate of it for 127.0.0.1."""

    def __init__(self, name, use=usage('key_cert_sign', 'crl_sign'), constraints=(True, True),
                 identifier=True, days=(-1, 300), key=None, issuer=None):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.issuer = issuer or self
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(self.name).issuer_name(self.issuer.name)
                   .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now + days[0] * DAY).not_valid_after(now + days[1] * DAY))
        if constraints:
            builder = builder.add_extension(x509.BasicConstraints(constraints[0], None), constraints[1])
        if use:
            builder = builder.add_extension(use, True)
        if identifier:
            builder = builder.add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
        if issuer:
            builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                issuer.key.public_key()), False)
        self.certificate = builder.sign(self.issuer.key, hashes.SHA256())
        self.pem = self.certificate.public_bytes(PEM)

    def server(self):
        """The key and the certificate of a server."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.timezone.utc)
        issued = (x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(self.name)
                  .public_key(key.public_key()).serial_number(x509.random_serial_number())
                  .not_valid_before(now - DAY).not_valid_after(now + 30 * DAY)
                  .add_extension(x509.SubjectAlternativeName(
                      [x509.IPAddress(ipaddress.ip_address('127.0.0.1'))]), critical=True)
                  .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                      self.key.public_key()), False)
                  .sign(self.key, hashes.SHA256()))
        return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8,
                                 serialization.NoEncryption()) + issued.public_bytes(PEM)


@contextlib.contextmanager
def serving(authority):
    """A server with a certificate of the CA: it counts requests."""
    with mock.patch.object(verify, 'certificate', authority.server):
        server = verify.Stranger()
    try:
        yield server
    finally:
        server.close()


def connects(server, path):
    """Whether Python's default context accepts the server."""
    context = ssl.create_default_context(cafile=path)
    try:
        with socket.create_connection(('127.0.0.1', server.port), 5) as plain:
            context.wrap_socket(plain, server_hostname='127.0.0.1').close()
    except ssl.SSLCertVerificationError:
        return False
    return True


def variants():
    """By name: a CA, whether TLS of Python accepts certificates of it, and what the boot check says."""
    root = Authority('root')
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return {
        'good': (root, True, None),
        'an intermediate one': (Authority('intermediate', issuer=root), True, None),
        'RSA': (Authority('rsa', key=rsa.generate_private_key(
            public_exponent=65537, key_size=2048)), True, None),
        'without keyUsage': (Authority('plain', use=None), False, 'lacks the extension keyUsage'),
        'without keyCertSign': (Authority('usage', use=usage('crl_sign')), False,
                                'its keyUsage does not contain keyCertSign'),
        'a self-signed certificate of a server': (
            Authority('server', constraints=(False, True), use=usage('digital_signature')), False,
            'it is not a CA certificate'),
        'without basicConstraints': (Authority('constraints', constraints=None), False,
                                     'lacks the extension basicConstraints'),
        'with basicConstraints that are not critical': (
            Authority('critical', constraints=(True, False)), False, 'its basicConstraints are not critical'),
        'without subjectKeyIdentifier': (
            Authority('identifier', identifier=False), False, 'lacks the extension subjectKeyIdentifier'),
        'with a small key': (Authority('small', key=small), False, 'key too weak'),
        'expired': (Authority('expired', days=(-30, -1)), False, 'all CA certificates have expired'),
        'not valid yet': (Authority('future', days=(1, 30)), False, 'all CA certificates have expired'),
    }


def put(*pems):
    write(FILE, b''.join(pems).decode())


class Authorities(unittest.TestCase):
    def setUp(self):
        self.addCleanup(lambda: os.path.exists(FILE) and os.remove(FILE))

    def test_each_reason_is_one_of_python_too(self):
        for name, (authority, accepted, text) in variants().items():
            with self.subTest(name), serving(authority) as server:
                put(authority.pem)
                self.assertEqual(connects(server, FILE), accepted)
                found = authorities.problems(FILE)
                self.assertEqual(len(found), 0 if accepted else 1, found)
                if text:
                    self.assertIn(text, found[0])

    def test_a_closed_server_takes_no_connection_of_the_next(self):
        for _ in range(500):
            server = verify.Stranger()
            with contextlib.suppress(OSError), socket.create_connection(('127.0.0.1', server.port), 5) as client:
                client.sendall(b'no handshake')
                client.recv(1)
            server.close()
            self.assertEqual(server.tried, 1)

    def test_an_old_certificate_does_not_matter_if_there_is_a_current_one(self):
        old, current = Authority('old', days=(-30, -1), use=None), Authority('current')
        put(old.pem, b'# comment\n', current.pem)
        self.assertEqual(authorities.problems(FILE), [])
        with serving(current) as server:
            self.assertTrue(connects(server, FILE))

    def test_one_bad_certificate_among_good_ones_is_named(self):
        put(Authority('good').pem, Authority('bad', use=None).pem)
        self.assertEqual(authorities.problems(FILE), [
            f'{FILE}: the CA certificate CN=bad cannot be used: it lacks the extension keyUsage'])

    def test_the_systems_certificates_are_not_judged(self):
        bad, good = Authority('system', use=None), Authority('site')
        with open(authorities.SYSTEM, 'ab') as file:
            size = file.tell()
            file.write(bad.pem)
        self.addCleanup(os.truncate, authorities.SYSTEM, size)
        with open(authorities.SYSTEM, 'rb') as file:
            put(good.pem, file.read())
        self.assertEqual(authorities.problems(FILE), [])
        # without the others, it is the site's
        put(good.pem, bad.pem)
        self.assertIn('CN=system', authorities.problems(FILE)[0])

    def test_files_that_are_none(self):
        for text in (b'', b'hello', b'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'):
            with self.subTest(text):
                put(text)
                self.assertIn('does not have certificates in PEM format', authorities.problems(FILE)[0])
        self.assertIn('No such file', authorities.problems('/nowhere')[0])

    def test_every_client_of_horizon_uses_the_file(self):
        good, other = Authority('good'), Authority('other')
        put(good.pem)
        for authority, accepted in ((good, True), (other, False)):
            with serving(authority) as server:
                result = subprocess.run(
                    ['python3', '-W', 'ignore', __file__, 'clients', f'https://127.0.0.1:{server.port}/v3', FILE],
                    capture_output=True, text=True, timeout=600)
                self.assertEqual(result.returncode, 0, result.stderr[-2000:])
                names = json.loads(result.stdout)
                self.assertGreater(len(names), 8)
                # each made one request or more, or none
                self.assertEqual(server.asked >= len(names), accepted, result.stdout)
                self.assertTrue(accepted or not server.asked)

    def check(self):
        write(SECRET, json.dumps({'key': 'k' * 64, 'accept': ['p' * 64]}))
        write('/etc/openstack-dashboard/dashboard.env', '')
        write('/etc/openstack-dashboard/release.env', '')
        for name in os.listdir('/etc/openstack-dashboard/local_settings.d'):
            path = f'/etc/openstack-dashboard/local_settings.d/{name}'
            shutil.chown(path, 'root', 'horizon')
            os.chmod(path, 0o640)
        subprocess.run(['chown', 'root:horizon', '/etc/openstack-dashboard/local_settings.py'], check=True)
        os.chmod('/etc/openstack-dashboard/local_settings.py', 0o640)
        subprocess.run(['chown', '-R', 'horizon', '/var/lib/openstack-dashboard/secret-key'], check=True)
        return subprocess.run(
            ['setpriv', '--reuid=horizon', '--regid=horizon', '--init-groups', f'{LIB}/boot-check'],
            env={'PATH': os.environ['PATH'], **ENVIRONMENT, 'OPENSTACK_SSL_CACERT': FILE},
            capture_output=True, text=True, timeout=600)

    def test_the_boot_check_keeps_a_host_with_a_bad_certificate_out_of_service(self):
        put(Authority('good').pem)
        result = self.check()
        self.assertEqual(result.returncode, 0, result.stdout)
        put(Authority('bad', use=None).pem)
        result = self.check()
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout.splitlines()[-1], (
            f'^1 of [0-9]+ checks failed: OpenStackDashboard-HTTPS13: {FILE}: the CA certificate CN=bad cannot '
            'be used: it lacks the extension keyUsage$'))
        os.chmod(FILE, 0o660)
        self.assertIn(f'OpenStackDashboard-FILES2: {FILE} must have mode 0640', self.check().stdout)
        os.remove(FILE)
        self.assertIn('OpenStackDashboard-BOOT1: environment: OPENSTACK_SSL_CACERT must be the path of a file',
                      self.check().stdout)


def clients(url, path):
    """Calls the server with each client, as Horizon does."""
    import openstack_dashboard_api

    openstack_dashboard_api.install({'API_CONNECT_TIMEOUT': 5, 'API_READ_TIMEOUT': 5,
                                     'API_PAGE_DEADLINE': 40, 'OPENSTACK_SSL_CACERT': path})
    called = []
    for name, call in verify.clients(url, path).items():
        try:
            call()
        except ImportError:
            continue
        except Exception:
            pass
        called.append(name)
    print(json.dumps(called))


if __name__ == '__main__':
    if sys.argv[1:2] == ['clients']:
        clients(*sys.argv[2:])
    else:
        unittest.main()
