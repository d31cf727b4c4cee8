"""Proves that certificates of APIs are verified: each client library calls a server with a certificate that no
authority signed. What counts is what the server receives, not the value of a setting."""
import datetime
import ipaddress
import os
import socket
import ssl
import tempfile
import threading


def certificate():
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'nobody')])
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    built = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
             .public_key(key.public_key()).serial_number(x509.random_serial_number())
             .not_valid_before(now - day).not_valid_after(now + day)
             .add_extension(x509.SubjectAlternativeName(
                 [x509.IPAddress(ipaddress.ip_address('127.0.0.1'))]), critical=False)
             .sign(key, hashes.SHA256()))
    return b''.join((
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                          serialization.NoEncryption()),
        built.public_bytes(serialization.Encoding.PEM)))


class Stranger:
    """Counts connections, and those on which a request came."""

    def __init__(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile() as file:
            file.write(certificate())
            file.flush()
            context.load_cert_chain(file.name)
        self.context, self.tried, self.asked = context, 0, 0
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self):
        """Returns when no thread accepts any more: otherwise it could take a connection of the next server, whose
        socket has the same number."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.tried += 1
            connection.settimeout(5)
            try:
                with self.context.wrap_socket(connection, server_side=True) as secured:
                    if secured.recv(1):
                        self.asked += 1
                        secured.sendall(b'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n'
                                        b'Connection: close\r\n\r\n')
            except OSError:
                pass


def clients(url, cacert):
    """One call of each client, with the arguments that Horizon uses."""
    import keystoneauth1.identity
    import keystoneauth1.token_endpoint

    session = keystoneauth1.session.Session(verify=cacert)
    anonymous = keystoneauth1.session.Session(verify=None)

    def openstacksdk():
        from openstack.connection import Connection

        auth = keystoneauth1.token_endpoint.Token(url, 'token')
        inner = keystoneauth1.session.Session(auth=auth, verify=cacert)
        Connection(session=inner, network_endpoint_override=url).network.get('/networks')

    def requests():
        import requests

        with requests.Session() as inner:
            inner.verify = None
            inner.get(url)

    def glanceclient():
        from glanceclient.v2.client import Client

        Client(endpoint=url, token='token', insecure=False, cacert=cacert).schemas.get('image')

    def glanceclient_without_a_file():
        from glanceclient.v2.client import Client

        Client(endpoint=url, token='token', insecure=False, cacert=None).schemas.get('image')

    def novaclient():
        from novaclient.v2.client import Client

        Client(username='user', auth_token='token', project_id='project', auth_url=url,
               insecure=False, cacert=cacert, direct_use=False).servers.list()

    def neutronclient():
        from neutronclient.v2_0.client import Client

        Client(token='token', auth_url=url, endpoint_url=url, insecure=False,
               ca_cert=cacert).list_networks()

    def cinderclient():
        from cinderclient.v3.client import Client

        client = Client('user', 'token', project_id='project', auth_url=url, insecure=False,
                        cacert=cacert)
        client.client.auth_token, client.client.management_url = 'token', url
        client.volumes.list()

    def cinderclient_version():
        from cinderclient.client import get_server_version

        get_server_version(url, False, cacert)

    def swiftclient():
        from swiftclient.client import Connection

        Connection(preauthtoken='token', preauthurl=url, insecure=False, cacert=cacert,
                   auth_version='3').get_account()

    return {
        'keystoneauth': lambda: session.get(url, authenticated=False),
        'keystoneauth without a file': lambda: anonymous.get(url, authenticated=False),
        'keystone': lambda: keystoneauth1.identity.V3Password(
            url, username='user', password='word', user_domain_id='default').get_token(session),
        'openstacksdk': openstacksdk, 'requests': requests, 'glanceclient': glanceclient,
        'glanceclient without a file': glanceclient_without_a_file, 'novaclient': novaclient,
        'neutronclient': neutronclient, 'cinderclient': cinderclient,
        "cinderclient's version": cinderclient_version, 'swiftclient': swiftclient,
    }


def verifies(cacert):
    """What is wrong, as texts: clients that sent a request to an unknown server, and clients that could not be
    tried."""
    wrong = []
    for name in clients('', True):
        stranger = Stranger()
        url = f'https://127.0.0.1:{stranger.port}/v3'
        proxies = {key: os.environ.pop(key) for key in list(os.environ)
                   if key.lower() in ('http_proxy', 'https_proxy', 'all_proxy')}
        try:
            clients(url, cacert)[name]()
            error = None
        except Exception as raised:
            error = raised
        finally:
            os.environ.update(proxies)
            stranger.close()
        if stranger.asked:
            wrong.append(f'{name} sent a request to a server with a certificate that no authority signed')
        elif isinstance(error, ImportError):
            # the client of that service is not installed
            continue
        elif not stranger.tried:
            wrong.append(f'{name} could not be tried: {type(error).__name__}: {error}')
    return wrong
