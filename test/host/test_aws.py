"""The hosts' scripts against stand-ins for the metadata service, Secrets Manager, S3 and
CloudFormation. Runs as root in a disposable Debian 13 root file system, in a network namespace of
its own, with the dashboard hosts' files laid over it (pull: those of the static hosts too)."""
import base64
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
from email.utils import formatdate

LIB = '/usr/local/lib/openstack-dashboard'
STATIC = '/var/lib/openstack-dashboard-static'
LEASE = '/run/openstack-dashboard-static/lease'
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
STATIC_HOSTS_MAX="2"
STATIC_LEASE_SECONDS="2"
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
    copies = []
    modified = 100
    # pending versions without a value
    valueless = ()
    # autoscaling and CloudFormation: 200, or 400 for a ValidationError, one after the other
    hook_statuses = []
    started = False


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
            keys = ''.join(f'<Contents><Key>{path[1:]}</Key></Contents>' for path in State.objects)
            return self.reply(f'<ListBucketResult>{keys}</ListBucketResult>'.encode())
        if self.path not in State.objects:
            return self.reply(b'', 404)
        body = State.objects[self.path]
        self.send_response(200)
        self.send_header('Last-Modified', formatdate(time.time() - State.modified, usegmt=True))
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def put(self, body):
        if source := self.headers.get('x-amz-copy-source'):
            signed = re.search('SignedHeaders=([^,]+)', self.headers['Authorization'])[1].split(';')
            if not {'x-amz-copy-source', 'x-amz-metadata-directive'} <= set(signed):
                return self.reply(b'<Error><Code>AccessDenied</Code></Error>', 403)
            if self.headers['x-amz-metadata-directive'] != 'REPLACE':
                return self.reply(b'<Error><Code>InvalidRequest</Code></Error>', 400)
            if source != f'/assets{self.path}' or self.path not in State.objects:
                return self.reply(b'<Error><Code>NoSuchKey</Code></Error>', 404)
            State.copies.append(self.path)
            return self.reply(b'<CopyObjectResult/>')
        if State.rival:
            State.objects[self.path], State.rival = State.rival, None
        if self.headers.get('If-None-Match') == '*' and self.path in State.objects:
            return self.reply(b'<Error><Code>PreconditionFailed</Code></Error>', 412)
        State.objects[self.path] = body
        self.reply(b'')

    do_GET = do_PUT = do_POST = handle_any


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
        State.signal_status, State.down, State.rival, State.copies = 200, False, None, []
        State.modified, State.valueless, State.hook_statuses = 100, (), []

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

    def test_release_is_built_once_and_alike(self):
        result = run(f'{LIB}/release')
        self.assertEqual(result.returncode, 0, result.stderr[-800:])
        (path, first), = State.objects.items()
        self.assertRegex(path, r'^/releases/[0-9a-f]{16}\.tar$')
        release = path[10:26]
        folder = f'/var/lib/openstack-dashboard/release/{release}'
        subprocess.run(['rm', '-rf', folder], check=True)
        result = run(f'{LIB}/release')
        self.assertEqual(result.returncode, 0, result.stderr[-800:])
        self.assertEqual([r[0] for r in State.requests], ['GET', 'PUT', 'GET'])
        self.assertTrue(os.path.exists(f'{folder}/dashboard/manifest.json'))
        self.assertEqual(run(f'{LIB}/wait-for-static').returncode, 0)
        subprocess.run(['rm', '-rf', folder], check=True)
        State.objects = {}
        self.assertEqual(run(f'{LIB}/release').returncode, 0)
        self.assertEqual(hashlib.sha256(State.objects[path]).hexdigest(),
                         hashlib.sha256(first).hexdigest())
        # published just now: without a load balancer to ask, the lease has to run out
        with open('/proc/uptime') as uptime, open('/run/openstack-dashboard-age', 'w') as age:
            age.write(uptime.read().split('.')[0] + '\n')
        begun = time.monotonic()
        self.assertEqual(run(f'{LIB}/wait-for-static').returncode, 0)
        self.assertGreater(time.monotonic() - begun, 0.9)

        # a host that uses it renews it, and publishes it again if the bucket has removed it
        State.requests = []
        self.assertEqual(run(f'{LIB}/release', 'renew').returncode, 0)
        self.assertEqual(([r[0] for r in State.requests], State.copies), (['PUT'], [path]))
        State.objects, State.copies = {}, []
        result = run(f'{LIB}/release', 'renew')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(hashlib.sha256(State.objects[path]).hexdigest(),
                         hashlib.sha256(first).hexdigest())

        # a release that nobody renewed for a day is renewed by who begins to use it
        State.modified = 90_000
        self.assertEqual(run(f'{LIB}/release').returncode, 0)
        self.assertEqual(State.copies, [path])

        # two hosts publish at once: both use what the quicker one published
        rival = io.BytesIO()
        with tarfile.open(fileobj=rival, mode='w') as archive:
            for name in ('release', 'theirs'):
                info = tarfile.TarInfo(f'./{name}')
                info.size, info.mode = 17, 0o644
                archive.addfile(info, io.BytesIO(f'{release}\n'.encode()))
        State.objects, State.rival = {}, rival.getvalue()
        self.assertEqual(run(f'{LIB}/release').returncode, 0)
        self.assertEqual(State.objects[path], rival.getvalue())
        self.assertEqual(sorted(os.listdir(folder)), ['release', 'theirs'])
        # nor does anybody write over a release later
        State.objects, State.copies = {path: b'kept'}, []
        shutil.rmtree(folder)
        self.assertNotEqual(run(f'{LIB}/release').returncode, 0)
        self.assertEqual(State.objects, {path: b'kept'})
        self.assertEqual(os.listdir('/var/lib/openstack-dashboard/release'), [])

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

    def pull_until(self, condition, seconds=60):
        """Runs a static host's pull until something holds."""
        os.makedirs(os.path.dirname(LEASE), exist_ok=True)
        if os.path.exists(LEASE):
            os.remove(LEASE)
        process = subprocess.Popen([f'{LIB}/pull'], start_new_session=True,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + seconds
            while not condition():
                self.assertLess(time.monotonic(), end)
                time.sleep(0.1)
        finally:
            os.killpg(process.pid, 15)
            process.wait()

    def release_in_bucket(self, release, content=b'x'):
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode='w') as tar:
            for name, text in (('a.css', content), ('release', f'{release}\n'.encode())):
                info = tarfile.TarInfo(f'./{name}')
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text))
        State.objects[f'/releases/{release}.tar'] = archive.getvalue()

    def test_pull_and_its_lease(self):
        self.release_in_bucket('00112233aabbccdd')
        served = f'{STATIC}/static/00112233aabbccdd/release'

        def lease(wanted):
            def holds():
                State.down = not wanted
                return os.path.exists(LEASE) is wanted and os.path.exists(served)
            return holds
        states = iter((True, False, True))
        current = [lease(next(states))]

        def all_in_turn():
            if current[0]():
                wanted = next(states, None)
                if wanted is None:
                    return True
                current[0] = lease(wanted)
            return False
        self.pull_until(all_in_turn, 120)

    def test_nothing_half_written_is_served(self):
        whole, bad = '00000000000000aa', '00000000000000bb'
        self.release_in_bucket(whole)
        self.release_in_bucket(bad, os.urandom(50_000))
        objects = State.objects
        for what, content in (
                ('a part', objects[f'/releases/{bad}.tar'][:30_000]),
                ('no archive', b'<html>'), ('nothing', b''),
                ('another release', objects[f'/releases/{whole}.tar'])):
            State.objects = {**objects, f'/releases/{bad}.tar': content}
            State.requests = []
            self.pull_until(lambda: sum(r[2].endswith(f'{bad}.tar') for r in State.requests) > 1)
            self.assertFalse(os.path.exists(f'{STATIC}/static/{bad}'), what)
            # what is whole is served, and a host that lacks something gives up its lease
            self.assertTrue(os.path.exists(f'{STATIC}/static/{whole}/a.css'))
            self.assertFalse(os.path.exists(LEASE), what)
        State.objects = objects
        self.pull_until(lambda: os.path.exists(LEASE))
        self.assertTrue(os.path.exists(f'{STATIC}/static/{bad}/a.css'))
        self.assertEqual([name for name in os.listdir(STATIC) if name.startswith('new.')], [])

    def test_releases_go_a_day_after_they_left_the_bucket_and_not_before(self):
        gone, back, kept = '00000000000000e1', '00000000000000e2', '00000000000000e3'
        for release in (gone, back, kept):
            self.release_in_bucket(release)

        def have(release):
            return os.path.exists(f'{STATIC}/static/{release}/release')

        self.pull_until(lambda: all(map(have, (gone, back, kept))))
        objects = dict(State.objects)
        State.objects = {f'/releases/{kept}.tar': objects[f'/releases/{kept}.tar']}
        marks = [f'{STATIC}/gone/{release}' for release in (gone, back)]
        self.pull_until(lambda: all(map(os.path.exists, marks)))
        self.assertTrue(have(gone) and have(back) and have(kept))
        # one is in the list again: it was never gone
        State.objects = {path: objects[path] for path in objects if gone not in path}
        self.pull_until(lambda: not os.path.exists(marks[1]))
        os.utime(marks[0], (time.time() - 86_000,) * 2)
        self.pull_until(lambda: os.path.exists(LEASE))
        self.assertTrue(have(gone))
        os.utime(marks[0], (time.time() - 86_500,) * 2)
        self.pull_until(lambda: not have(gone))
        self.assertTrue(have(back) and have(kept))


if __name__ == '__main__':
    unittest.main()
