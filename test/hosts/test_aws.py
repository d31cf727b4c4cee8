"""The hosts' scripts against stand-ins for the metadata service, Secrets Manager, S3 and
CloudFormation. Runs as root in a disposable Debian 13 root file system, in a network namespace of
its own, with the dashboard hosts' files laid over it (pull: those of the static hosts too)."""
import base64
import contextlib
import grp
import gzip
import hashlib
import http.server
import io
import json
import os
import re
import shutil
import ssl
import subprocess
import tarfile
import threading
import time
import unittest
from datetime import datetime, timezone
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from waiting import wait_for

LIB = '/usr/local/lib/openstack-dashboard'
STATIC = '/var/lib/openstack-dashboard-static'
PULL = '/var/lib/openstack-dashboard-static-pull'
READY = f'{PULL}/ready'
UNPACK_SOCKET = '/run/openstack-dashboard-static-unpack.sock'
STATIC_NAME = 'static.dashboard.example.org'
ETC = '/etc/openstack-dashboard'
NAMES = ('secretsmanager.eu-central-1.amazonaws.com', 'cloudformation.eu-central-1.amazonaws.com',
         'autoscaling.eu-central-1.amazonaws.com', 'assets.s3.eu-central-1.amazonaws.com')
HOST_ENV = '''AWS_REGION="eu-central-1"
AWS_URL_SUFFIX="amazonaws.com"
CFN_STACK="arn:aws:cloudformation:eu-central-1:111122223333:stack/dashboard/1"
CFN_RESOURCE="Hosts"
PACKAGES=""
ASSET_BUCKET="assets"
SERVER_NAME="dashboard.example.org"
ENTRY_ENDPOINT=""
STATIC_SETTLE_SECONDS="2"
STATIC_WAIT_SECONDS="6"
PULL_INTERVAL_SECONDS="1"
'''
DASHBOARD_ENV = '''SECRET_KEY_SECRET_ID="arn:aws:secretsmanager:eu-central-1:111122223333:secret:k"
STATIC_BASE_URL="https://static.dashboard.example.org/static/"
OPENSTACK_KEYSTONE_URL="https://keystone.example.org:5000/v3"
ALLOWED_HOSTS="dashboard.example.org"
SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies"
'''


class State:
    secrets = {}
    age = 10_000
    objects = {}
    requests = []
    signal_status = 200
    metadata = ''
    resource_status = 'CREATE_COMPLETE'
    down = False
    # what another host publishes just before we do
    rival = None
    # in seconds; of all objects, and of some
    modified = 100
    # pending versions without a value
    valueless = ()
    # autoscaling and CloudFormation: 200, or 400 for a ValidationError, one after the other
    hook_statuses = []
    started = False
    ages = {}
    checksums = {}
    page = 1000
    # what static hosts answer through the load balancer, in turn: tag, status, body
    static = []
    probes = 0
    metadata_down = False


def age_of(path):
    return time.time() - State.ages.get(path, State.modified)


def etag_of(path):
    return hashlib.md5(State.objects[path]).hexdigest()


def digest(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


class Metadata(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def reply(self, body, status=200):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        self.reply(b'imds-token')

    def do_GET(self):
        if State.metadata_down:
            return self.reply(b'', 503)
        if self.headers.get('X-aws-ec2-metadata-token') != 'imds-token':
            return self.reply(b'', 401)
        path = self.path.removeprefix('/latest/meta-data/')
        self.reply({
            'instance-id': b'i-0123456789abcdef0',
            'iam/security-credentials/': b'host-role',
            'iam/security-credentials/host-role': json.dumps(
                {'AccessKeyId': 'AKIDEXAMPLE', 'SecretAccessKey': 's/cret', 'Token': 'tok+en'},
                indent=2).encode(),
            'managed-ssh-keys/active-keys/admin/': (
                f'#Timestamp={int(time.time()) + 60}\nssh-ed25519 AAAAfresh\nc2lnbmF0dXJl\n'
                f'#Timestamp={int(time.time()) - 60}\nssh-ed25519 AAAAstale\n').encode(),
        }.get(path, b''))


class Aws(Metadata):
    def handle_any(self):
        host, body = self.headers['Host'], self.rfile.read(int(self.headers.get('Content-Length', 0)))
        if host == STATIC_NAME:
            return self.static_host()
        State.requests.append((self.command, host, self.path, body.decode('latin-1')))
        authorization = self.headers.get('Authorization', '')
        if (State.down or 'Credential=AKIDEXAMPLE/' not in authorization
                or self.headers.get('X-Amz-Security-Token') != 'tok+en'):
            return self.reply(b'<Error><Code>AccessDenied</Code></Error>', 403)
        if host.startswith('secretsmanager'):
            if self.headers['X-Amz-Target'] == 'secretsmanager.DescribeSecret':
                stages = {f'version-{stage}': [stage] for stage in (*State.secrets, *State.valueless)}
                return self.reply(json.dumps({'VersionIdsToStages': stages}).encode())
            stage = json.loads(body)['VersionStage']
            if stage in State.secrets:
                created = time.time() - State.age
                return self.reply(json.dumps(
                    {'SecretString': State.secrets[stage], 'CreatedDate': created}).encode())
            return self.reply(b'{"__type":"ResourceNotFoundException"}', 400)
        if host.startswith('cloudformation'):
            if b'DescribeStackResource' in body:
                return self.reply('<PhysicalResourceId>dashboard-Hosts-1A2B</PhysicalResourceId>'
                                  f'<Metadata>{{&quot;Files&quot;:&quot;{State.metadata}&quot;}}'
                                  '</Metadata>'
                                  f'<ResourceStatus>{State.resource_status}</ResourceStatus>'
                                  .encode())
            return self.reply(b'<Code>ValidationError</Code>', State.signal_status)
        if host.startswith('autoscaling'):
            status = State.hook_statuses.pop(0) if State.hook_statuses else 200
            return self.reply(b'<Code>ValidationError</Code>' if status == 400 else b'', status)
        if self.command == 'PUT':
            return self.put(body)
        if self.path.startswith('/?'):
            return self.list(parse_qs(urlsplit(self.path).query))
        if self.path not in State.objects:
            return self.reply(b'', 404)
        body = State.objects[self.path]
        self.send_response(200)
        self.send_header('Last-Modified', formatdate(age_of(self.path), usegmt=True))
        self.send_header('Content-Length', str(len(body)))
        if self.path in State.checksums and self.headers.get('x-amz-checksum-mode') == 'ENABLED':
            self.send_header('x-amz-checksum-sha256', State.checksums[self.path])
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def list(self, query):
        prefix = query['prefix'][0]
        after = query.get('continuation-token', [''])[0]
        paths = sorted(path for path in State.objects
                       if path[1:].startswith(prefix) and path[1:] > after)
        page = paths[:State.page]
        items = ''.join(
            f'<Contents><Key>{escape(path[1:])}</Key>'
            f'<LastModified>{datetime.fromtimestamp(age_of(path), timezone.utc):%Y-%m-%dT%H:%M:%S}.000Z'
            f'</LastModified><ETag>&quot;{etag_of(path)}&quot;</ETag>'
            f'<Size>{len(State.objects[path])}</Size></Contents>' for path in page)
        more = (f'<NextContinuationToken>{escape(page[-1][1:])}</NextContinuationToken>'
                if len(page) < len(paths) else '')
        self.reply('<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult '
                   f'xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{more}{items}'
                   '</ListBucketResult>'.encode())

    def put(self, body):
        # as the bucket's policy has it
        if self.headers.get('If-None-Match') != '*' or self.headers.get('x-amz-copy-source'):
            return self.reply(b'<Error><Code>AccessDenied</Code></Error>', 403)
        if (checksum := self.headers.get('x-amz-checksum-sha256')) and checksum != digest(body):
            return self.reply(b'<Error><Code>BadDigest</Code></Error>', 400)
        if State.rival:
            State.objects[self.path], State.rival = State.rival, None
        if self.path in State.objects:
            return self.reply(b'<Error><Code>PreconditionFailed</Code></Error>', 412)
        State.objects[self.path] = body
        State.checksums[self.path] = checksum
        State.ages[self.path] = 0
        self.reply(b'')

    def static_host(self):
        tag, status, body = State.static[State.probes % len(State.static)]
        State.probes += 1
        self.send_response(status)
        if tag:
            self.send_header('Static-Host', tag)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = handle_any


NAMED = b'00112233aabbccdd\n'

# As systemd does for the socket: a process for each connection, of a user of its own.
UNPACKER = '''
import os, socket, subprocess, sys
path, *command = sys.argv[1:]
if os.path.exists(path):
    os.remove(path)
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen()
print("listening", flush=True)
while True:
    connection, _ = server.accept()
    with connection:
        subprocess.run(["setpriv", "--reuid=openstack-static-files", "--regid=openstack-static-files",
                        "--clear-groups", "--no-new-privs", *command],
                       stdin=connection, stdout=connection)
'''


def tar(*members, format=tarfile.USTAR_FORMAT):
    """An archive of names, contents (None for a folder) and other attributes."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode='w', format=format) as file:
        for name, content, attributes in members:
            info = tarfile.TarInfo(name.rstrip('/'))
            # whatever tarfile makes of it
            info.name = name
            info.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            info.size, info.mode, info.mtime = len(content or b''), 0o644, 7
            for key, value in attributes.items():
                setattr(info, key, value)
            file.addfile(info, io.BytesIO(content or b''))
    return archive.getvalue()


def header(name, size):
    """The header of a file whose content may be anything."""
    info = tarfile.TarInfo(name)
    info.size = min(size, 8 ** 11 - 1)
    return info.tobuf(tarfile.USTAR_FORMAT)


def run(*command, **environ):
    return subprocess.run(command, capture_output=True, text=True, timeout=600,
                          env={'PATH': os.environ['PATH'], **environ})


class Hosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if State.started:
            return
        State.started = True
        subprocess.run(['ip', 'address', 'add', '169.254.169.254/32', 'dev', 'lo'])
        with open('/etc/hosts', 'a') as file:
            file.write(''.join(f'127.0.0.1 {name}\n' for name in NAMES))
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
             '-nodes', '-subj', '/CN=test', '-keyout', '/tmp/k.pem', '-out', '/tmp/c.pem', '-addext',
             'subjectAltName=' + ','.join(f'DNS:{name}' for name in NAMES)],
            check=True, capture_output=True)
        with open('/tmp/c.pem') as cert, open('/etc/ssl/certs/ca-certificates.crt', 'a') as bundle:
            bundle.write(cert.read())
        metadata = http.server.ThreadingHTTPServer(('169.254.169.254', 80), Metadata)
        aws = http.server.ThreadingHTTPServer(('127.0.0.1', 443), Aws)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain('/tmp/c.pem', '/tmp/k.pem')
        aws.socket = context.wrap_socket(aws.socket, server_side=True)
        for server in (metadata, aws):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        os.makedirs(ETC, exist_ok=True)
        for name, text in (('host', HOST_ENV), ('dashboard', DASHBOARD_ENV)):
            with open(f'{ETC}/{name}.env', 'w') as file:
                file.write(text)

    def setUp(self):
        State.secrets, State.objects, State.requests = {}, {}, []
        State.signal_status, State.down, State.rival = 200, False, None
        State.valueless, State.hook_statuses = (), []
        State.modified, State.ages, State.checksums, State.page = 100, {}, {}, 1000
        State.static, State.probes, State.metadata_down = [], 0, False

    def test_versions_of_the_secret_and_the_one_to_use(self):
        path = '/run/openstack-dashboard/secret_key'
        c, d, e = 'c' * 64, 'd' * 64, 'e' * 64
        old, new = 10_000, 300
        for current, age, others, key, accept in (
                (c, new, {}, c, []),
                (c, old, {}, c, []),
                # accepted, and not used before all hosts know it
                (d, new, {'AWSPREVIOUS': c}, c, [d]),
                (d, old, {'AWSPREVIOUS': c}, d, [c]),
                # known before it is current
                (c, old, {'AWSPENDING': d}, c, [d]),
                (d, old, {'AWSPREVIOUS': c, 'AWSPENDING': e}, d, [c, e]),
                (d, old, {'AWSPREVIOUS': c, 'AWSPENDING': d}, d, [c]),
                # what is not a secret is none
                (d, new, {'AWSPREVIOUS': 'short', 'AWSPENDING': ''}, d, [])):
            State.secrets, State.age = {'AWSCURRENT': current, **others}, age
            result = run(f'{LIB}/fetch-secret')
            self.assertEqual(result.returncode, 0, result.stderr)
            with open(path) as file:
                self.assertEqual(json.load(file), {'key': key, 'accept': accept})
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
            for value in (c, d, e):
                self.assertNotIn(value, result.stdout + result.stderr)
        self.assertEqual(os.listdir('/run/openstack-dashboard'), ['secret_key'])

    def test_a_secret_that_stays_or_cannot_be_had_leaves_the_file(self):
        path = '/run/openstack-dashboard/secret_key'
        State.secrets = {'AWSCURRENT': 'c' * 64}
        self.assertEqual(run(f'{LIB}/fetch-secret').returncode, 0)
        before = os.stat(path)
        self.assertEqual(run(f'{LIB}/fetch-secret').returncode, 0)
        State.secrets = {'AWSCURRENT': 'short'}
        self.assertNotEqual(run(f'{LIB}/fetch-secret').returncode, 0)
        after = os.stat(path)
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))
        self.assertEqual(os.listdir('/run/openstack-dashboard'), ['secret_key'])

    def test_short_secret_is_refused(self):
        State.secrets = {'AWSCURRENT': 'c' * 63}
        result = run(f'{LIB}/fetch-secret')
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('64 characters', result.stderr)

    def test_release_is_built_once(self):
        result = run(f'{LIB}/release')
        self.assertEqual(result.returncode, 0, result.stderr[-800:])
        (path, first), = State.objects.items()
        self.assertRegex(path, r'^/releases/[0-9a-f]{16}\.tar$')
        release = path[10:26]
        folder = f'/var/lib/openstack-dashboard/release/{release}'
        subprocess.run(['rm', '-rf', folder], check=True)
        result = run(f'{LIB}/release')
        self.assertEqual(result.returncode, 0, result.stderr[-800:])
        self.assertEqual(self.calls(), [
            'GET list', f'PUT {path}', 'GET list', f'GET {path}'])
        self.assertEqual(State.checksums, {path: digest(first)})
        self.assertTrue(os.path.exists(f'{folder}/dashboard/manifest.json'))
        self.assertEqual(run(f'{LIB}/wait-for-static').returncode, 0)
        # the archive of a download is the same; that two hosts build alike is in the upgrade test
        State.objects = {}
        self.assertEqual(run(f'{LIB}/release').returncode, 0)
        self.assertEqual(hashlib.sha256(State.objects[path]).hexdigest(),
                         hashlib.sha256(first).hexdigest())
        # while an object is young nothing is written; an old one is published once more, as it was
        State.requests = []
        result = run(f'{LIB}/release', 'renew')
        self.assertEqual((result.returncode, result.stdout), (0, ''), result.stderr)
        self.assertEqual(self.calls(), ['GET list', f'HEAD {path}'])
        today = path.replace('.tar', time.strftime('.%Y%m%d.tar', time.gmtime()))
        State.ages[path] = 4 * 86_400
        result = run(f'{LIB}/release', 'renew')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(State.objects, {path: first, today: first})
        # what another host renewed is not renewed again
        State.requests = []
        self.assertEqual(run(f'{LIB}/release', 'renew').returncode, 0)
        self.assertNotIn('PUT', [r[0] for r in State.requests])
        # hosts take the oldest, as it was
        shutil.rmtree(folder)
        State.requests = []
        self.assertEqual(run(f'{LIB}/release').returncode, 0)
        self.assertEqual(self.calls()[:2], ['GET list', f'GET {path}'])
        self.assertEqual(sorted(State.objects), sorted([path, today]))
        # and who starts to use one that nobody has renewed for long renews it
        State.objects = {path: first}
        self.assertEqual(run(f'{LIB}/release').returncode, 0)
        self.assertEqual(State.objects, {path: first, today: first})
        # one that the bucket has removed is published again, from what was downloaded
        State.objects, State.ages = {}, {}
        result = run(f'{LIB}/release', 'renew')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(State.objects, {path: first})
        # somebody else's content under the same release is told of, and nothing is served from it
        State.objects[today], State.checksums[today] = b'other', digest(b'other')
        result = run(f'{LIB}/release', 'renew')
        self.assertIn(f'WARNING: object {today[1:]} is not what this host published', result.stdout)
        self.assertNotIn(path[1:] + ' is not', result.stdout)

        # two hosts publish at once: both use what the quicker one published
        rival = io.BytesIO()
        with tarfile.open(fileobj=rival, mode='w', format=tarfile.USTAR_FORMAT) as archive:
            for name in ('release', 'theirs'):
                info = tarfile.TarInfo(f'./{name}')
                info.size, info.mode = 17, 0o644
                archive.addfile(info, io.BytesIO(f'{release}\n'.encode()))
        State.objects, State.rival = {}, rival.getvalue()
        result = run(f'{LIB}/release')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(State.objects[path], rival.getvalue())
        self.assertEqual(sorted(os.listdir(folder)), ['release', 'theirs'])
        # what has the name of a release and is none is left and gone around, by later hosts too
        State.objects, State.ages, State.modified = {path: b'kept'}, {}, 100
        shutil.rmtree(folder)
        for _ in range(2):
            result = run(f'{LIB}/release')
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(f'object {path[1:]}: passed over', result.stdout)
            self.assertEqual(State.objects, {path: b'kept', today: first})
            shutil.rmtree(folder)
        State.objects, State.ages = {path: b'kept', today: b'kept too'}, {}
        result = run(f'{LIB}/release')
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('is not a release', result.stderr)
        self.assertEqual(State.objects, {path: b'kept', today: b'kept too'})
        # no half of anything is left; Debian's Horizon has an empty folder
        static = [] if os.path.lexists(f'{LIB}/venv') else ['static']
        self.assertEqual(sorted(os.listdir('/var/lib/openstack-dashboard')), ['release', 'secret-key', *static])

    def test_a_theme_is_read_from_the_metadata_of_the_stack(self):
        folder = '/usr/local/share/openstack-dashboard/theme'
        files = {'static/_variables.scss': b'$a: b;', 'static/img/logo.png': bytes(range(256))}
        packed = json.dumps({name: base64.b64encode(content).decode()
                             for name, content in files.items()})
        State.metadata = base64.b64encode(gzip.compress(packed.encode())).decode()
        result = run('bash', '-c', f'. {LIB}/common.sh; THEME_RESOURCE=Theme1 {LIB}/theme')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('LogicalResourceId=Theme1', State.requests[-1][3])
        for name, content in files.items():
            with open(f'{folder}/{name}', 'rb') as file:
                self.assertEqual(file.read(), content)
        # and none is left if there is none any more
        self.assertEqual(run(f'{LIB}/theme').returncode, 0)
        self.assertFalse(os.path.exists(folder))

    def test_files_of_the_site_are_read_from_the_metadata_of_the_stack(self):
        folder = '/usr/local/share/openstack-dashboard/site'
        packed = json.dumps({'policies/compute/rules.json': base64.b64encode(b'{}').decode()})
        State.metadata = base64.b64encode(gzip.compress(packed.encode())).decode()
        result = run('bash', '-c', f'. {LIB}/common.sh; SITE_FILES_RESOURCE=Site1 {LIB}/site-files')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('LogicalResourceId=Site1', State.requests[-1][3])
        with open(f'{folder}/policies/compute/rules.json') as file:
            self.assertEqual(file.read(), '{}')
        self.assertEqual(run(f'{LIB}/site-files').returncode, 0)
        self.assertFalse(os.path.exists(folder))

    def test_ca_certificates_are_written_before_the_release(self):
        path = f'{ETC}/ca-certificates.pem'
        self.addCleanup(lambda: os.path.exists(path) and os.remove(path))
        State.metadata = base64.b64encode(gzip.compress(b'first\n')).decode()
        result = run('bash', '-c', f'. {LIB}/common.sh; export CA_CERTIFICATES_RESOURCE=CaCertificates1; '
                                   f'{LIB}/ca-certificates')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('LogicalResourceId=CaCertificates1', State.requests[-1][3])
        with open(path) as file:
            self.assertEqual(file.read(), 'first\n')
        info = os.stat(path)
        self.assertEqual((info.st_uid, grp.getgrgid(info.st_gid).gr_name, info.st_mode & 0o777),
                         (0, 'horizon', 0o640))
        # what is known at deploy time only, with the system's
        with open(f'{ETC}/host.env', 'a') as file:
            file.write('CA_CERTIFICATES="{}"\nSYSTEM_CA_CERTIFICATES="true"\n'.format(
                base64.b64encode(b'$(touch /tmp/PWNED)\nlast').decode()))
        self.addCleanup(self.write_host_env)
        result = run(f'{LIB}/ca-certificates')
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(path) as file, open('/etc/ssl/certs/ca-certificates.crt') as system:
            self.assertEqual(file.read(), f'$(touch /tmp/PWNED)\nlast\n{system.read()}')
        self.assertFalse(os.path.exists('/tmp/PWNED'))
        # a file of the machine image stays
        self.write_host_env()
        self.assertEqual(run(f'{LIB}/ca-certificates').returncode, 0)
        self.assertTrue(os.path.exists(path))
        with open(f'{LIB}/provision') as file:
            text = file.read()
        self.assertLess(text.index('"$LIB/ca-certificates"'), text.index('"$LIB/release"'))

    def test_no_version_is_asked_for_that_there_is_not(self):
        for State.secrets, State.valueless, asked in (
                ({'AWSCURRENT': 'c' * 64}, (), ['AWSCURRENT']),
                ({'AWSCURRENT': 'c' * 64, 'AWSPREVIOUS': 'd' * 64}, (), ['AWSCURRENT', 'AWSPREVIOUS']),
                ({'AWSCURRENT': 'c' * 64}, ('AWSPENDING',), ['AWSCURRENT', 'AWSPENDING'])):
            State.requests = []
            result = run(f'{LIB}/fetch-secret')
            self.assertEqual(result.returncode, 0, result.stderr)
            bodies = [json.loads(request[3]) for request in State.requests]
            self.assertEqual([body['VersionStage'] for body in bodies if 'VersionStage' in body], asked)
            self.assertEqual(len(bodies), len(asked) + 1)

    def test_keys_of_instance_connect_that_hold(self):
        self.assertEqual(run(f'{LIB}/authorized-keys', 'admin').stdout, 'ssh-ed25519 AAAAfresh\n')
        self.assertEqual(run(f'{LIB}/authorized-keys', '../admin').stdout, '')

    def test_a_failed_step_ends_at_its_first_error_and_is_named(self):
        result = run('bash', '-c', f". {LIB}/common.sh; f() {{ echo 'no luck'; false; echo on; }}; "
                                   'step packages f; echo after')
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout,
                         'no luck\nopenstack-dashboard: FAILED: packages: no luck\n')

    def calls(self):
        return [f'{command} {"list" if path.startswith("/?") else path}'
                for command, _, path, _ in State.requests]

    def host_env(self, **changes):
        """Other values for a test."""
        text = HOST_ENV
        for name, value in changes.items():
            text = re.sub(f'^{name}=.*$', f'{name}="{value}"', text, flags=re.M)
        with open(f'{ETC}/host.env', 'w') as file:
            file.write(text)
        self.addCleanup(self.write_host_env)

    def write_host_env(self):
        with open(f'{ETC}/host.env', 'w') as file:
            file.write(HOST_ENV)

    def test_a_bucket_whose_name_has_a_dot_stops_the_host(self):
        self.host_env(ASSET_BUCKET='assets.example.org')
        for script in ('release', 'pull'):
            result = run(f'{LIB}/{script}')
            self.assertNotEqual(result.returncode, 0)
            self.assertIn('ASSET_BUCKET must be a name without dots', result.stderr)
        self.assertEqual(State.requests, [])

    # what dashboard hosts wait for

    def wait_for_static(self, published=1000, **changes):
        """As if a release had been published some seconds ago; gives the status, the output and how
        many answers it took."""
        self.host_env(ENTRY_ENDPOINT='127.0.0.1', **changes)
        with open('/proc/uptime') as uptime, open('/run/openstack-dashboard-age', 'w') as age:
            age.write(f'{int(float(uptime.read().split()[0])) - published}\n')
        with open(f'{ETC}/release.env', 'w') as file:
            file.write('RELEASE_ID="0123456789abcdef"\n')
        State.probes = 0
        begun = time.monotonic()
        result = run(f'{LIB}/wait-for-static')
        return result.returncode, result.stdout + result.stderr, State.probes, time.monotonic() - begun

    has = (200, b'0123456789abcdef\n')

    def test_a_release_that_all_static_hosts_have_is_used_at_once(self):
        State.static = [('aa', *self.has), ('bb', *self.has), ('cc', *self.has)]
        status, output, probes, _ = self.wait_for_static(STATIC_WAIT_SECONDS='60')
        self.assertEqual((status, output), (0, ''))
        # the more there are, the more have to answer
        self.assertEqual(probes, 8 * 4)

    def test_a_release_that_one_static_host_lacks_is_not_used(self):
        lacking = ('bb', 404, b'')
        State.static = [('aa', *self.has)] * 3 + [lacking]
        status, output, _, _ = self.wait_for_static()
        self.assertNotEqual(status, 0)
        self.assertIn('not all static hosts have release 0123456789abcdef after 6 s: '
                      'status 404 from static host bb', output)

    def test_a_static_host_that_gets_it_ends_the_wait(self):
        State.static = [('aa', *self.has), ('bb', 404, b'')]
        timer = threading.Timer(2, lambda: State.static.__setitem__(1, ('bb', *self.has)))
        timer.start()
        self.assertEqual(self.wait_for_static(STATIC_WAIT_SECONDS='60')[0], 0)

    def test_a_new_release_is_not_used_before_each_static_host_has_listed_the_bucket(self):
        State.static = [('aa', *self.has)]
        status, _, probes, seconds = self.wait_for_static(
            0, STATIC_SETTLE_SECONDS='5', STATIC_WAIT_SECONDS='60')
        self.assertEqual(status, 0)
        self.assertGreaterEqual(probes, 16)
        self.assertGreater(seconds, 3)

    def test_no_static_host_in_service_is_a_failure_that_says_so(self):
        State.static = [('', 503, b'')]
        status, output, _, _ = self.wait_for_static()
        self.assertNotEqual(status, 0)
        self.assertIn('status 503 from the load balancer', output)

    def test_a_page_of_somebody_else_is_no_release(self):
        State.static = [('aa', 200, b'<html>welcome</html>')]
        self.assertNotEqual(self.wait_for_static()[0], 0)

    def test_where_the_load_balancer_cannot_be_asked_time_has_to_pass(self):
        for endpoint in ('', '127.0.0.2'):
            with self.subTest(endpoint):
                self.host_env(ENTRY_ENDPOINT=endpoint)
                with open('/proc/uptime') as uptime, open('/run/openstack-dashboard-age', 'w') as age:
                    age.write(uptime.read().split('.')[0] + '\n')
                with open(f'{ETC}/release.env', 'w') as file:
                    file.write('RELEASE_ID="0123456789abcdef"\n')
                begun = time.monotonic()
                result = run(f'{LIB}/wait-for-static')
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertGreater(time.monotonic() - begun, 0.9)
                self.assertEqual('cannot be reached' in result.stdout, endpoint != '')

    # archives

    def unpack(self, archive, release='00112233aabbccdd'):
        """What `unpack-release` answers, as a user who owns nothing else, and what is there then."""
        folder = '/tmp/unpack'
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        shutil.chown(folder, 'nobody')
        result = subprocess.run(
            ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', '--no-new-privs',
             f'{LIB}/unpack-release', folder], capture_output=True, timeout=600,
            input=f'unpack {release}\n'.encode() + archive)
        self.assertEqual(result.stderr, b'')
        left = sorted(os.path.relpath(os.path.join(where, name), folder)
                      for where, folders, files in os.walk(folder) for name in folders + files)
        return result.stdout.decode().strip(), left

    def test_a_release_is_unpacked_with_the_times_and_the_modes_that_all_hosts_have(self):
        answer, left = self.unpack(tar(
            ('./', None, {}), ('./css/', None, {'mode': 0o700, 'mtime': 5}),
            ('./css/a.css', b'x' * 1500, {'mode': 0o600}), ('./release', NAMED, {}),
            (f'./{"d" * 90}/{"f" * 90}', b'y', {})))
        self.assertEqual(answer, 'ok')
        root = '/tmp/unpack/static/00112233aabbccdd'
        self.assertEqual([path.removeprefix('static/00112233aabbccdd/') for path in left], [
            'static', 'static/00112233aabbccdd', 'css', 'css/a.css', 'd' * 90,
            f'{"d" * 90}/{"f" * 90}', 'release'])
        for path, mode, mtime in (('', 0o755, 7), ('css', 0o755, 5), ('css/a.css', 0o644, 7)):
            found = os.stat(f'{root}/{path}')
            self.assertEqual((oct(found.st_mode & 0o7777), found.st_mtime), (oct(mode), mtime), path)
        with open(f'{root}/css/a.css', 'rb') as file:
            self.assertEqual(file.read(), b'x' * 1500)

    def test_archives_that_are_no_release_leave_nothing(self):
        release = ('release', NAMED, {})
        link = {'type': tarfile.SYMTYPE, 'linkname': '/'}
        cases = {
            'a symbolic link': tar(('all', b'', link), release),
            'a file through a link': tar(('all', b'', link), ('all/etc/x', b'x', {}), release),
            'a hard link': tar(('a', b'', {'type': tarfile.LNKTYPE, 'linkname': 'release'}), release),
            'a device': tar(('sda', b'', {'type': tarfile.BLKTYPE, 'devmajor': 8}), release),
            'another device': tar(('kmsg', b'', {'type': tarfile.CHRTYPE, 'devmajor': 1}), release),
            'a pipe': tar(('pipe', b'', {'type': tarfile.FIFOTYPE}), release),
            'setuid': tar(('sh', b'#!/bin/sh', {'mode': 0o4755}), release),
            'setgid': tar(('sh', b'#!/bin/sh', {'mode': 0o2755}), release),
            'sticky': tar(('tmp/', None, {'mode': 0o1777}), release),
            'an absolute path': tar(('/etc/cron.d/x', b'x', {}), release),
            'a path out of it': tar(('../../x', b'x', {}), release),
            'a path in and out': tar(('a/../../x', b'x', {}), release),
            'an empty part': tar(('a//b', b'x', {}), release),
            'a line break': tar(('a\nb', b'x', {}), release),
            'twice one name': tar(('a', b'x', {}), ('a', b'y', {}), release),
            'a file as a folder': tar(('a', b'x', {}), ('a/b', b'y', {}), release),
            'a folder as a file': tar(('a/b', b'x', {}), ('a', b'y', {}), release),
            'another release': tar(('release', b'0000000000000000\n', {})),
            'no name of a release': tar(('a', b'x', {})),
            'more in the name': tar(('release', NAMED + NAMED, {})),
            'extended headers': tar(('a' * 200, b'x', {}), release, format=tarfile.PAX_FORMAT),
            'GNU headers': tar(('a', b'x', {}), release, format=tarfile.GNU_FORMAT),
            'a large file': tar(release)[:-10240] + header('bomb', 65 << 20),
            'a very large file': tar(release)[:-10240] + header('bomb', 8 << 30),
            'a sum': tar(release).replace(b'0000644', b'0000645', 1),
            'no end': tar(('a', b'x' * 5000, {}), release)[:3000],
            'no end of a header': tar(release)[:700],
            'nothing': b'', 'a page': b'<html>' * 200, 'noise': os.urandom(100_000),
            'gzip': gzip.compress(tar(release)),
        }
        for what, archive in cases.items():
            with self.subTest(what):
                answer, left = self.unpack(archive)
                self.assertRegex(answer, '^refused: ')
                self.assertEqual(answer, answer.encode('ascii', 'replace').decode())
                self.assertIn(left, ([], ['static']))
        self.assertFalse(os.path.exists('/etc/cron.d/x'))

    def test_archives_are_bounded_in_number_and_size(self):
        many = b''.join(header(f'd/{n}', 0) for n in range(50_001))
        answer, left = self.unpack(many + bytes(1024))
        self.assertRegex(answer, '^refused: it has more than 50000 entries')
        self.assertEqual(left, ['static'])
        piece = bytes(64 << 20)
        large = b''.join(header(str(n), len(piece)) + piece for n in range(9))
        answer, left = self.unpack(large + bytes(1024))
        self.assertRegex(answer, '^refused: it has more than 536870912 bytes')
        self.assertEqual(left, ['static'])

    def test_a_full_disk_is_no_fault_of_the_archive(self):
        folder = '/tmp/full'
        os.makedirs(folder, exist_ok=True)
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], check=True)
        self.addCleanup(subprocess.run, ['umount', folder], check=True)
        result = subprocess.run([f'{LIB}/unpack-release', folder], capture_output=True,
                                input=b'unpack 00112233aabbccdd\n' + tar(('a', bytes(200_000), {})))
        self.assertEqual(result.stdout, b'failed: No space left on device\n')
        self.assertEqual(os.listdir(folder), ['static'])

    # static hosts

    @contextlib.contextmanager
    def pulling(self, fresh=False):
        """A static host's pull, and what unpacks for it, each as its own user."""
        subprocess.run(['systemd-sysusers'], check=True, capture_output=True)
        shutil.chown(f'{ETC}/host.env', 'root', 'openstack-static-pull')
        os.chmod(f'{ETC}/host.env', 0o640)
        os.chmod(ETC, 0o755)
        for path, user in ((STATIC, 'openstack-static-files'), (PULL, 'openstack-static-pull')):
            if fresh:
                shutil.rmtree(path, ignore_errors=True)
            os.makedirs(path, exist_ok=True)
            shutil.chown(path, user, user)
        unpacker = subprocess.Popen([
            'python3', '-c', UNPACKER, UNPACK_SOCKET, f'{LIB}/unpack-release', STATIC],
            stdout=subprocess.PIPE)
        unpacker.stdout.readline()
        shutil.chown(UNPACK_SOCKET, 'openstack-static-pull')
        log = open('/tmp/pull.log', 'w+')
        process = subprocess.Popen(
            ['setpriv', '--reuid=openstack-static-pull', '--regid=openstack-static-pull',
             '--clear-groups', '--no-new-privs', f'{LIB}/pull'], start_new_session=True,
            stdout=log, stderr=log)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()
            unpacker.kill()
            unpacker.wait()
            unpacker.stdout.close()
            log.close()

    def pull_until(self, condition, fresh=False):
        """Runs a static host's pull until something holds."""
        with self.pulling(fresh):
            self.until(condition)

    def until(self, condition):
        wait_for(condition, self.log)

    def log(self):
        with open('/tmp/pull.log') as file:
            return file.read()

    def problem(self):
        with contextlib.suppress(FileNotFoundError):
            with open(f'{PULL}/problem') as file:
                return file.read()
        return ''

    def release_in_bucket(self, release, content=b'x', renewed=''):
        State.objects[f'/releases/{release}{renewed}.tar'] = tar(
            ('./a.css', content, {}), ('./release', f'{release}\n'.encode(), {}))

    def have(self, *releases):
        return all(os.path.exists(f'{STATIC}/static/{release}/a.css') for release in releases)

    def test_what_was_pulled_is_served_whether_the_bucket_answers_or_not(self):
        first, second = '00112233aabbccdd', '00112233aabbccee'
        self.release_in_bucket(first)
        with self.pulling(fresh=True):
            self.until(lambda: os.path.exists(READY) and self.have(first))
            # nginx's workers read both
            for path in (READY, f'{STATIC}/static/{first}/a.css'):
                self.assertEqual(run('setpriv', '--reuid=www-data', '--regid=www-data',
                                     '--clear-groups', 'cat', path).returncode, 0)
            State.down = True
            self.release_in_bucket(second)
            self.until(lambda: 'cannot be listed: list of assets: status 403' in self.problem())
            before = len(State.requests)
            self.until(lambda: len(State.requests) > before + 3)
            self.assertTrue(os.path.exists(READY) and self.have(first))
            # said once, however often it is so
            self.assertEqual(self.log().count('status 403'), 1)
        # a start without metadata, bucket and names
        State.metadata_down = True
        with self.pulling():
            time.sleep(2)
            self.assertTrue(os.path.exists(READY) and self.have(first))
        State.down = State.metadata_down = False
        self.pull_until(lambda: self.have(first, second) and not self.problem())

    def test_a_host_without_files_is_not_ready_and_says_why(self):
        State.down = True
        with self.pulling(fresh=True):
            self.until(lambda: 'cannot be listed' in self.problem())
            self.assertFalse(os.path.exists(READY))
            State.down = False
            self.release_in_bucket('00112233aabbccdd')
            self.until(lambda: os.path.exists(READY) and not self.problem())
        State.metadata_down = True
        with self.pulling(fresh=True) as process:
            # its retries take half a minute; systemd begins it again
            process.wait(timeout=600)
            self.assertIn('gives no credentials', self.problem())
            self.assertFalse(os.path.exists(READY))

    def test_an_object_that_is_no_release_is_set_aside_and_the_others_are_pulled(self):
        bad, good = '00000000000000bb', [f'00000000000000a{n}' for n in range(3)]
        for release in good:
            self.release_in_bucket(release)
        self.release_in_bucket(bad, os.urandom(50_000))
        objects, path = dict(State.objects), f'/releases/{bad}.tar'
        asked = 0
        State.objects[path] = b'12345'
        with self.pulling(fresh=True):
            for content in (b'12345', objects[path][:30_000], b'<html>', b'',
                            objects['/releases/00000000000000a0.tar'],
                            tar(('release', f'{bad}\n'.encode(), {}), ('x', b'', {
                                'type': tarfile.SYMTYPE, 'linkname': '/etc'}))):
                State.objects[path] = content
                asked += 1
                self.until(lambda: self.log().count(f'object releases/{bad}.tar: set aside') == asked)
                before = sum(r[2].startswith('/?') for r in State.requests)
                self.until(lambda: sum(r[2].startswith('/?') for r in State.requests) > before + 2)
                # asked for once, logged once, and in nobody's way
                self.assertEqual([r[2] for r in State.requests].count(path), asked)
                self.assertTrue(os.path.exists(READY) and self.have(*good))
                self.assertFalse(os.path.exists(f'{STATIC}/static/{bad}'))
                self.assertEqual(self.problem(), '')
            # another object is another matter
            State.objects[path] = objects[path]
            self.until(lambda: self.have(bad))
        self.assertEqual([name for name in os.listdir(STATIC) if name.startswith('new.')], [])

    def test_an_object_that_is_too_large_is_not_even_downloaded(self):
        self.release_in_bucket('00000000000000a0')
        size, path = 600 << 20, '/releases/00000000000000bb.tar'

        class Huge(bytes):
            def __len__(self):
                return size
        State.objects[path] = Huge(b'x')
        self.pull_until(lambda: f'set aside: it has {size} bytes' in self.log(), fresh=True)
        self.assertNotIn(path, [r[2] for r in State.requests])
        self.assertTrue(self.have('00000000000000a0'))

    def test_of_a_release_the_oldest_object_that_is_one_is_taken(self):
        release = '00000000000000f0'
        self.release_in_bucket(release, b'first')
        self.release_in_bucket(release, b'later', '.20260102')
        State.objects[f'/releases/{release}.20260101.tar'] = b'rubbish'
        State.ages = {f'/releases/{release}.tar': 300, f'/releases/{release}.20260101.tar': 400,
                      f'/releases/{release}.20260102.tar': 200}
        self.pull_until(lambda: self.have(release), fresh=True)
        with open(f'{STATIC}/static/{release}/a.css') as file:
            self.assertEqual(file.read(), 'first')
        # what is served does not change when the oldest object goes
        del State.objects[f'/releases/{release}.tar']
        before = len(State.requests)
        self.pull_until(lambda: len(State.requests) > before + 2)
        with open(f'{STATIC}/static/{release}/a.css') as file:
            self.assertEqual(file.read(), 'first')

    def test_a_list_has_pages_and_names_that_are_no_release(self):
        for n in range(2000):
            State.objects[f'/releases/note {n} & "more".txt'] = b''
        for n in range(40):
            self.release_in_bucket(f'{n:016x}')
        State.objects['/releases/UPPERCASE0000000.tar'] = b''
        State.objects['/releases/0000000000000001.tar.gz'] = b''
        State.objects['/releases/0000000000000001.2026.tar'] = b''
        self.pull_until(lambda: os.path.exists(READY), fresh=True)
        self.assertEqual(sorted(os.listdir(f'{STATIC}/static')), [f'{n:016x}' for n in range(40)])
        self.assertEqual(sum(r[2].startswith('/?') for r in State.requests) % 3, 0)

    def test_releases_go_a_day_after_they_left_the_bucket_and_not_before(self):
        gone, back, kept = '00000000000000e1', '00000000000000e2', '00000000000000e3'
        for release in (gone, back, kept):
            self.release_in_bucket(release)
        self.pull_until(lambda: self.have(gone, back, kept), fresh=True)
        objects = dict(State.objects)
        State.objects = {f'/releases/{kept}.tar': objects[f'/releases/{kept}.tar']}
        marks = [f'{PULL}/gone/{release}' for release in (gone, back)]
        self.pull_until(lambda: all(map(os.path.exists, marks)))
        self.assertTrue(self.have(gone, back, kept))
        # one is in the list again, renewed: it was never gone
        State.objects = {path: objects[path] for path in objects if gone not in path and back not in path}
        self.release_in_bucket(back, renewed='.20260101')
        self.pull_until(lambda: not os.path.exists(marks[1]))
        os.utime(marks[0], (time.time() - 86_000,) * 2)
        before = len(State.requests)
        self.pull_until(lambda: len(State.requests) > before + 2)
        self.assertTrue(self.have(gone))
        os.utime(marks[0], (time.time() - 86_500,) * 2)
        self.pull_until(lambda: not self.have(gone))
        self.assertTrue(self.have(back, kept))
        self.assertEqual([name for name in os.listdir(STATIC) if name.startswith('new.')], [])


if __name__ == '__main__':
    unittest.main()
