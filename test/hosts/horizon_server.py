"""Real Horizon under the hosts' own gunicorn configuration, before APIs that behave badly.

For tests that run as root in a disposable Debian 13 root file system (see test_boot_check.py)."""
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

LIB = '/usr/local/lib/openstack-dashboard'
ETC = '/etc/openstack-dashboard'
RUN = '/run/openstack-dashboard'
BOARD = '/run/openstack-dashboard-scoreboard'
SOCKET = f'{RUN}/gunicorn.sock'
SNIPPET = f'{ETC}/local_settings.d/_9999_zz_test.py'
AJAX = {'X-Requested-With': 'XMLHttpRequest'}
NAME = 'dashboard.example.org'
TOKEN = 'gAAAAAB-token'
# whether this is Horizon from PyPI, without Debian's fonts and plugins
UPSTREAM = os.path.exists(f'{LIB}/venv')
# measures that are off there: nobody has reviewed what has changed in their libraries
OFF = {f'QUICK_{name}' for name in (
    'KEPT_CONNECTIONS', 'TRUST_STORES', 'NOVA_TOKEN', 'POLICY_CHECKS', 'PLURAL_FORMS', 'SDK_RESOURCES', 'THREAD_LOCALS',
    'COMPRESSED_BLOCKS', 'TEMPLATE_RENDERING', 'TIME_ZONES')} if UPSTREAM else set()
# what these tests do not look at: static media
WITHOUT_MEDIA = 'COMPRESS_ENABLED = False\nCOMPRESS_OFFLINE = False\nCOMPRESS_PRECOMPILERS = ()\n'


class Api:
    """A server on loopback that can be told how to answer: as it should, not at all ('hung'), byte
    by byte ('trickle'), or closing each connection ('reset')."""

    def __init__(self, test):
        self.mode, self.delay, self.paths = 'well', 0.0, []
        # whether it keeps connections, and closes them after an answer without a word
        self.keeps = self.ends = False
        self.released = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def do_GET(self):
                length = int(self.headers.get('Content-Length') or 0)
                body = self.rfile.read(length)
                outer.paths.append((self.command, self.path))
                time.sleep(outer.delay)
                mode = outer.mode(self.path) if callable(outer.mode) else outer.mode
                self.close_connection = not outer.keeps or mode != 'well'
                if mode == 'hung':
                    outer.released.wait(120)
                elif mode == 'trickle':
                    self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
                    while not outer.released.wait(0.2):
                        self.wfile.write(b' ')
                elif mode == 'trickled headers':
                    self.wfile.write(b'HTTP/1.1 200 OK\r\nX: ')
                    while not outer.released.wait(0.2):
                        self.wfile.write(b'x')
                elif mode == 'well':
                    outer.answer(self, body)
                    self.close_connection |= outer.ends

            do_POST = do_PUT = do_HEAD = do_DELETE = do_GET

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self.server = Server(('127.0.0.1', 0), Handler)
        # a client that is killed may leave nothing to accept, and `stop` would wait for the next one
        self.server.socket.settimeout(1)
        self.port = self.server.server_address[1]
        self.url = f'http://127.0.0.1:{self.port}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        test.addCleanup(self.stop)

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler, body):
        self.send(handler, 200, {})

    @staticmethod
    def send(handler, status, content, **headers):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        handler.send_response(status)
        handler.send_header('Content-Type', 'application/json')
        if handler.close_connection:
            # a client that kept the connection would meet that
            handler.send_header('Connection', 'close')
        handler.send_header('Content-Length', str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace('_', '-'), value)
        handler.end_headers()
        if handler.command != 'HEAD':
            handler.wfile.write(data)


class Swift(Api):
    """An object of many bytes; it may break off each answer after some of them."""
    size = 40_000_000
    part = None

    def answer(self, handler, body):
        if '/object' not in handler.path:
            return self.send(handler, 200, [], X_Account_Container_Count='1')
        given = re.fullmatch('bytes=([0-9]+)-', handler.headers.get('Range') or '')
        at = int(given[1]) if given else 0
        handler.send_response(206 if given else 200)
        if given:
            handler.send_header('Content-Range', f'bytes {at}-{self.size - 1}/{self.size}')
        handler.send_header('Content-Length', str(self.size - at))
        handler.send_header('ETag', 'x')
        handler.send_header('Connection', 'close')
        handler.end_headers()
        end = self.size if self.part is None else min(self.size, at + self.part)
        while at < end and handler.command != 'HEAD':
            at += handler.wfile.write(b'o' * min(65536, end - at))


class Keystone(Api):
    """As much of Keystone as a login needs: everybody's password is right."""
    catalog = ()
    # the start of all URLs with the interface `public` or `admin`, if it is another one than that of `internal`
    public = None

    def url_of(self, url, face):
        return self.public + urllib.parse.urlsplit(url).path if self.public and face != 'internal' else url

    def answer(self, handler, body):
        project = {'id': 'p' * 32, 'name': 'demo', 'domain_id': 'default', 'enabled': True,
                   'domain': {'id': 'default', 'name': 'Default'}, 'links': {}}
        path = urllib.parse.urlsplit(handler.path).path
        if path.endswith('/auth/tokens'):
            asked = json.loads(body)['auth'] if body else {}
            name = json.dumps(asked)
            user = re.search('"name": "(user[0-9]*)"', name)
            token = {
                'methods': ['password'], 'expires_at': '2099-01-01T00:00:00.000000Z',
                'issued_at': '2020-01-01T00:00:00.000000Z', 'audit_ids': ['a'],
                'user': {'id': 'u' * 32, 'name': user[1] if user else 'user',
                         'domain': {'id': 'default', 'name': 'Default'},
                         'password_expires_at': None}}
            if isinstance(asked.get('scope'), dict):
                token |= {
                    'project': project, 'roles': [{'id': 'r', 'name': 'member'}],
                    'catalog': [{'type': kind, 'name': kind, 'id': kind, 'endpoints': [
                        {'id': kind + face, 'interface': face, 'region': 'one', 'region_id': 'one',
                         'url': self.url_of(url, face)} for face in ('public', 'internal', 'admin')]}
                        for kind, url in [('identity', self.url + '/v3'), *self.catalog]]}
            return self.send(handler, 201, {'token': token}, X_Subject_Token=f'{TOKEN}-{len(self.paths)}')
        if path.endswith('/projects'):
            return self.send(handler, 200, {'projects': [project], 'links': {}})
        if path.endswith('/domains'):
            return self.send(handler, 200, {'domains': [], 'links': {}})
        if path.rstrip('/').endswith('/v3'):
            return self.send(handler, 200, {'version': {
                'id': 'v3.14', 'status': 'stable', 'links': [
                    {'rel': 'self', 'href': self.url + '/v3/'}]}})
        self.send(handler, 404, {'error': {'code': 404, 'message': 'no', 'title': 'no'}})


class Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__(NAME, timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Browser:
    """Speaks to gunicorn as nginx does."""

    def __init__(self):
        self.cookies = {}

    def open(self, method, path, form=None, timeout=600, host=NAME, headers=(), raw=None):
        connection = Connection(SOCKET, timeout)
        headers = {'Host': host, 'X-Forwarded-Proto': 'https',
                   'Referer': f'https://{NAME}/auth/login/',
                   'Accept': 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
                   'Cookie': '; '.join(f'{name}={value}' for name, value in self.cookies.items()),
                   **dict(headers)}
        body = urllib.parse.urlencode(form) if form else raw
        if form:
            headers['Content-Type'] = 'application/x-www-form-urlencoded'
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        for cookie in response.headers.get_all('Set-Cookie') or ():
            name, _, value = cookie.partition('=')
            self.cookies[name] = value.split(';')[0]
        return response

    def get(self, path, **options):
        response = self.open('GET', path, **options)
        return response.status, response.read().decode()

    def login(self, user='user', **options):
        _, page = self.get('/auth/login/', **options)
        form = re.search('name="csrfmiddlewaretoken" value="([^"]*)"', page)[1]
        response = self.open('POST', '/auth/login/', {
            'csrfmiddlewaretoken': form, 'username': user, 'password': 'word', 'region': 'default',
            'next': '/settings/'}, **options)
        return response.status, response.read().decode()


def clean():
    for path in (BOARD, '/run/openstack-dashboard-health-state',
                 '/var/lib/openstack-dashboard-health'):
        shutil.rmtree(path, ignore_errors=True)
    for path in (SNIPPET, SOCKET):
        if os.path.exists(path):
            os.remove(path)


class Gunicorn:
    def __init__(self, test, keystone, snippet='', workers=4, **environ):
        os.makedirs(RUN, exist_ok=True)
        clean()
        test.addCleanup(clean)
        os.makedirs(BOARD)
        shutil.chown(BOARD, 'horizon')
        with open(f'{RUN}/secret_key', 'w') as file:
            json.dump({'key': 'k' * 64, 'accept': []}, file)
        shutil.chown(f'{RUN}/secret_key', 'root', 'horizon')
        os.chmod(f'{RUN}/secret_key', 0o640)
        with open(SNIPPET, 'w') as file:
            file.write(WITHOUT_MEDIA + snippet)
        shutil.chown(SNIPPET, 'root', 'horizon')
        subprocess.run(['chown', '-R', 'horizon', '/var/lib/openstack-dashboard/secret-key'],
                       check=True)
        self.log = open(f'{RUN}/log', 'w+')
        test.addCleanup(self.log.close)
        self.environ = {
            'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8', 'PYTHONPATH': f'{LIB}/python',
            'PYTHONWARNINGS': 'ignore', 'GUNICORN_WORKERS': str(workers),
            'ALLOWED_HOSTS': NAME, 'OPENSTACK_KEYSTONE_URL': keystone,
            'SESSION_ENGINE': 'sealed_signed_cookies', 'SECRET_KEY_SECRET_ID': 'arn',
            'STATIC_BASE_URL': '/static/', 'RELEASE_ID': '0123456789abcdef', **environ}
        self.start()
        test.addCleanup(self.stop)

    def start(self):
        # as systemd does it: a socket of www-data's
        listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(SOCKET):
            os.remove(SOCKET)
        listener.bind(SOCKET)
        shutil.chown(SOCKET, 'www-data')
        os.chmod(SOCKET, 0o600)
        listener.listen(4096)

        def pass_on():
            os.dup2(listener.fileno(), 3)
            os.setsid()

        code = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'
        self.process = subprocess.Popen(
            ['sh', '-c', code, 'sh', 'setpriv', '--reuid=horizon', '--regid=horizon',
             '--init-groups', f'{LIB}/with-horizon', 'gunicorn', '-c', f'{LIB}/gunicorn.conf.py'],
            preexec_fn=pass_on, pass_fds=(3,), env=self.environ, stdout=self.log,
            stderr=self.log)
        listener.close()
        for _ in range(600):
            if self.process.poll() is not None:
                break
            try:
                if Browser().get('/auth/login/?redirect=false', timeout=60)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError('gunicorn does not answer: ' + self.text()[-3000:])

    def text(self):
        with open(f'{RUN}/log') as file:
            return file.read()

    def workers(self):
        with open(f'/proc/{self.process.pid}/task/{self.process.pid}/children') as file:
            return [int(pid) for pid in file.read().split()]

    def all_workers(self):
        """As many as are configured: the last ones may still be on their way."""
        wanted = int(self.environ['GUNICORN_WORKERS'])
        end = time.monotonic() + 300
        while len(self.workers()) < wanted and time.monotonic() < end:
            time.sleep(0.1)
        return self.workers()

    def stop(self):
        """All of them, stopped ones too."""
        for pid in [self.process.pid, *(self.workers() if self.process.poll() is None else ())]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()


def within(seconds, condition):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f'not within {seconds} s')


def at_once(count, work):
    """What `work` returned and how long it took, in threads of its own."""
    results = [None] * count

    def run(n):
        begun = time.monotonic()
        try:
            value = work(n)
        except Exception as error:
            value = error
        results[n] = (value, time.monotonic() - begun)

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()

    def join():
        for thread in threads:
            thread.join()
        return results
    return join
