"""Static media as hosts build and serve it: a real release of Horizon with a plugin and a theme,
and nginx with the configuration of either tier, rendered as hosts do.

Runs as root in a disposable Debian 13 root file system that has openstack-dashboard, a plugin and
the files of both tiers' hosts laid over it."""
import contextlib
import glob
import gzip
import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import time
import unittest
from urllib.parse import quote, unquote, urljoin

from horizon_server import UPSTREAM

LIB = '/usr/local/lib/openstack-dashboard'
ETC = '/etc/openstack-dashboard'
RELEASES = '/var/lib/openstack-dashboard/release'
SERVED = '/var/lib/openstack-dashboard-static/static'
READY = '/var/lib/openstack-dashboard-static-pull/ready'
TAG = '0123456789ab'
THEME = '/usr/local/share/openstack-dashboard/theme'
SECRET = '/run/openstack-dashboard/secret_key'
SOCKET = '/run/openstack-dashboard/gunicorn.sock'
NAME, STATIC_NAME = 'dashboard.example.org', 'static.dashboard.example.org'
PORTS = {'static': 8443, 'dashboard': 9443}
ENVIRONMENT = {
    'AWS_REGION': 'eu-central-1', 'AWS_URL_SUFFIX': 'amazonaws.com', 'ASSET_BUCKET': '',
    'HSTS_MAX_AGE': '31536000', 'HSTS': 'max-age=31536000; includeSubDomains',
    'HOST_TAG': TAG, 'ALLOWED_ORIGIN': f'https://{NAME}', 'CLIENT_MAX_BODY_SIZE': '10000', 'UPLOADS_AT_ONCE': '2', 'UPLOAD_SECONDS': '56', 'GUNICORN_WORKERS': '1',
    'LOGIN_RATE': '6000', 'SESSION_COOKIE_NAME': '__Host-sessionid',
}
DASHBOARD = {
    'STATIC_BASE_URL': f'https://{STATIC_NAME}/static/', 'ALLOWED_HOSTS': NAME,
    'OPENSTACK_KEYSTONE_URL': 'https://keystone.example.org:5000/v3',
    'SESSION_ENGINE': 'sealed_signed_cookies', 'SECRET_KEY_SECRET_ID': 'arn',
    'THEME': 'acme', 'THEME_LABEL': 'Acme & Co',
}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
FOREVER = 'public, max-age=31536000, immutable'
TYPES = {
    'css': 'text/css', 'js': 'application/javascript', 'json': 'application/json',
    'html': 'text/html', 'svg': 'image/svg+xml', 'png': 'image/png', 'ico': 'image/x-icon',
    'woff2': 'font/woff2', 'woff': 'font/woff', 'ttf': 'font/ttf', 'otf': 'font/otf',
    'eot': 'application/vnd.ms-fontobject', 'gif': 'image/gif',
}
COMPRESSED = {'css', 'js', 'json', 'html', 'svg', 'ttf', 'otf', 'eot', 'ico'}
TOKEN = 'gAAAAABtoken-that-nobody-may-see'


def environment_file(name, values):
    with open(f'{ETC}/{name}.env', 'w') as file:
        file.write(''.join(f'{key}="{value}"\n' for key, value in values.items()))


def shell(script, **environ):
    result = subprocess.run(
        ['bash', '-c', f'. {LIB}/common.sh; {script}'], capture_output=True, text=True,
        timeout=600, env={'PATH': os.environ['PATH'], **environ})
    if result.returncode:
        raise AssertionError(result.stdout[-1500:] + result.stderr[-1500:])
    return result.stdout


def material():
    """The folder of the theme: Debian's package, or Horizon from PyPI."""
    found = glob.glob(f'{LIB}/venv/lib/python3*/site-packages/openstack_dashboard/themes/material')
    return (found or ['/usr/share/openstack-dashboard/themes/material'])[0]


def release_id():
    with open(f'{ETC}/release.env') as file:
        return re.search('[0-9a-f]{16}', file.read())[0]


class Reply:
    """What curl got; `body` as it came over the wire."""

    def __init__(self, path, tier, *arguments):
        name = NAME if tier == 'dashboard' else STATIC_NAME
        result = subprocess.run(
            ['curl', '-sk', '-i', '--raw', '--connect-to', f'::127.0.0.1:{PORTS[tier]}',
             f'https://{name}{path}', *arguments], capture_output=True, timeout=600)
        head, _, self.body = result.stdout.partition(b'\r\n\r\n')
        lines = head.decode('latin-1').split('\r\n')
        self.exit = result.returncode
        self.version, self.status = lines[0].split()[:2] if lines[0] else ('', '')
        self.headers = {}
        for line in lines[1:]:
            key, _, value = line.partition(': ')
            self.headers.setdefault(key.lower(), []).append(value)

    def header(self, name):
        return ', '.join(self.headers.get(name, []))


class Static(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.servers = []
        # a site's theme: Horizon's largest one, and some of its own
        shutil.copytree(material(), THEME)
        for path, text in {
            'static/_variables.scss': '$brand-primary: #123456 !default;\n',
            'static/_styles.scss': '.acme-brand { color: #123456; background: url($static_url + '
                                   '"themes/acme/img/acme.svg"); }\n',
            'static/img/acme.svg': f'<svg xmlns="http://www.w3.org/2000/svg">{" " * 300}</svg>',
            'templates/auth/_splash.html': 'Acme welcomes you',
        }.items():
            os.makedirs(os.path.dirname(f'{THEME}/{path}'), exist_ok=True)
            with open(f'{THEME}/{path}', 'a') as file:
                file.write(text)
        environment_file('host', {**ENVIRONMENT, 'SERVER_NAME': NAME})
        environment_file('dashboard', DASHBOARD)
        # a build that dies leaves nothing that looks like a release
        cls.after_death = cls.interrupted_build()
        shell(f'{LIB}/release')
        cls.release = release_id()
        cls.folder = f'{RELEASES}/{cls.release}'
        os.makedirs(SERVED, exist_ok=True)
        shutil.copytree(cls.folder, f'{SERVED}/{cls.release}')
        os.makedirs(os.path.dirname(READY), exist_ok=True)
        shell('create_certificate', SERVER_NAME=NAME)
        cls.configurations = {}
        for tier, template in (('static', f'/tmp/static-host{LIB}/nginx.conf.template'),
                               ('dashboard', f'{LIB}/nginx.conf.template')):
            path = f'/tmp/nginx-{tier}.conf'
            name = NAME if tier == 'dashboard' else STATIC_NAME
            environment_file('host', {**ENVIRONMENT, 'SERVER_NAME': name})
            shell(f'render {template} {path}')
            cls.configurations[tier] = path
        environment_file('host', {**ENVIRONMENT, 'SERVER_NAME': NAME})
        cls.start_dashboard()
        for tier, path in cls.configurations.items():
            # both on one machine, and not where other tests are
            with open(path) as file:
                text = file.read()
            text = re.sub(r'(listen (?:\[::\]:)?)443', rf'\g<1>{PORTS[tier]}', text)
            text = text.replace('/run/nginx.pid', f'/run/nginx-{tier}.pid')
            with open(path + '.here', 'w') as file:
                file.write(text)
            # as systemd starts it
            subprocess.run(['prlimit', '--nofile=1024:', 'nginx', '-c', path + '.here'], check=True)
            cls.servers.append(f'/run/nginx-{tier}.pid')

    @classmethod
    def tearDownClass(cls):
        for path in cls.servers:
            with open(path) as file:
                os.kill(int(file.read()), signal.SIGTERM)
        cls.gunicorn.terminate()
        cls.gunicorn.wait()
        shutil.rmtree(THEME)
        shutil.rmtree(f'{SERVED}/{cls.release}')

    @classmethod
    def build_until_known(cls):
        """Begins a build and kills it once the release is named and files are there."""
        if os.path.exists(f'{ETC}/release.env'):
            os.remove(f'{ETC}/release.env')
        build = subprocess.Popen([f'{LIB}/release'], start_new_session=True,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(600):
                time.sleep(0.1)
                if os.path.exists(f'{ETC}/release.env') and os.path.getsize(f'{ETC}/release.env'):
                    folder = f'{RELEASES}/{release_id()}'
                    if os.path.exists(folder) and os.listdir(folder):
                        return release_id()
            raise AssertionError('no release is being built')
        finally:
            os.killpg(build.pid, signal.SIGKILL)
            build.wait()

    @classmethod
    def interrupted_build(cls):
        release = cls.build_until_known()
        return os.path.exists(f'{RELEASES}/{release}/release')

    @classmethod
    def start_dashboard(cls):
        os.makedirs(os.path.dirname(SECRET), exist_ok=True)
        with open(SECRET, 'w') as file:
            json.dump({'key': 'k' * 64, 'accept': []}, file)
        subprocess.run(['chown', 'root:horizon', SECRET], check=True)
        os.chmod(SECRET, 0o640)
        shutil.chown(os.path.dirname(SOCKET), 'horizon')
        cls.gunicorn = subprocess.Popen(
            ['runuser', '-u', 'horizon', '--', 'gunicorn', '-c', f'{LIB}/gunicorn.conf.py', '-b',
             f'unix:{SOCKET}', '-m', '0'],
            env={'PATH': os.environ['PATH'], **ENVIRONMENT, **DASHBOARD, 'RELEASE_ID': cls.release,
                 'PYTHONPATH': f'{LIB}/python', 'PYTHONWARNINGS': 'ignore'},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if os.path.exists(SOCKET):
                return
            time.sleep(0.1)
        raise AssertionError('gunicorn does not start')

    def get(self, path, *arguments, tier='static'):
        return Reply(path, tier, *arguments)

    def folders(self):
        """Where each tier has the release."""
        return {'static': f'{SERVED}/{self.release}', 'dashboard': self.folder}

    def url(self, path):
        return f'/static/{self.release}/{path}'

    def files(self):
        """A few files of each kind, the largest among them."""
        found = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                found.setdefault(name.rsplit('.', 1)[-1], []).append(path)
        for kind in TYPES.keys() - ({'otf'} if UPSTREAM else set()):
            for path in sorted(found[kind], key=os.path.getsize)[::-1][:3]:
                yield kind, os.path.relpath(path, self.folder)

    def pages(self):
        return self.get('/auth/login/', '-H', 'X-Forwarded-Proto: https', tier='dashboard')

    # what is built

    def test_a_build_that_dies_is_no_release(self):
        self.assertFalse(self.after_death)
        self.assertTrue(os.path.exists(f'{self.folder}/release'))

    def test_no_sources_or_hidden_files_are_in_a_release(self):
        bad = [path for folder, _, names in os.walk(self.folder) for path in names
               if re.search(r'^\.|\.(scss|less|map|py|po|sh|md)(\.(gz|br))?$|[.-]spec\.js', path)]
        self.assertEqual(bad, [])

    def test_a_release_has_files_and_folders_and_nothing_else(self):
        found = subprocess.run(
            ['find', self.folder, '(', '!', '-type', 'f', '!', '-type', 'd', ')', '-o', '-perm', '/7022'],
            capture_output=True, text=True)
        self.assertEqual((found.stdout, found.returncode), ('', 0))

    def test_all_that_compresses_has_both_variants(self):
        lacking, count = [], 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                if name.rsplit('.', 1)[-1] in COMPRESSED and os.path.getsize(path) > 255:
                    count += 1
                    lacking += [path + end for end in ('.gz', '.br')
                                if not os.path.exists(path + end)]
        self.assertEqual(lacking, [])
        self.assertGreater(count, 1000)

    def test_style_sheets_refer_to_nothing_that_is_missing(self):
        base = f'https://{STATIC_NAME}/static/{self.release}/'
        missing, count = [], 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                if not name.endswith('.css'):
                    continue
                path = os.path.join(folder, name)
                with open(path, errors='replace') as file:
                    urls = re.findall(r'''url\(\s*["']?([^"')]+)''', file.read())
                for url in urls:
                    sheet = base + os.path.relpath(path, self.folder)
                    whole = re.sub('[?#].*', '', urljoin(sheet, url.strip()))
                    if whole.startswith(base) and whole != sheet:
                        count += 1
                        if not os.path.isfile(f'{self.folder}/{unquote(whole.removeprefix(base))}'):
                            missing.append(f'{name}: {url}')
        self.assertEqual(missing, [])
        self.assertGreater(count, 100)
        # Debian has Bootstrap's font elsewhere than Horizon's style sheet looks for it
        styles = ''
        for name in os.listdir(f'{self.folder}/dashboard/css'):
            if name.endswith('.css'):
                with open(f'{self.folder}/dashboard/css/{name}') as file:
                    styles += file.read()
        if not UPSTREAM:
            self.assertRegex(styles, r'horizon/lib/bootstrap_scss/fonts/\S*glyphicons\S*\.woff2')

    def test_a_plugin_and_a_theme_are_in_it(self):
        with open(f'{self.folder}/dashboard/manifest.json') as file:
            manifest = json.load(file)
        styles, scripts = '', ''
        for name in os.listdir(f'{self.folder}/dashboard/css'):
            if name.endswith('.css'):
                with open(f'{self.folder}/dashboard/css/{name}') as file:
                    styles += file.read()
        for name in os.listdir(f'{self.folder}/dashboard/js'):
            if name.endswith('.js'):
                with open(f'{self.folder}/dashboard/js/{name}') as file:
                    scripts += file.read()
        self.assertTrue(manifest)
        logo = f'https://{STATIC_NAME}/static/{self.release}/themes/acme/img/acme.svg'
        self.assertRegex(styles, r'acme-brand *\{ *color: *#123456')
        self.assertIn(logo, styles)
        self.assertEqual(self.get(self.url('themes/acme/img/acme.svg')).status, '200')
        if not UPSTREAM:
            self.assertIn('designatedashboard', scripts)
            self.assertTrue(os.path.isdir(f'{self.folder}/designatedashboard'))

    def test_what_goes_into_a_release_is_in_its_name(self):
        seen = {self.release}

        def changed(what):
            release = self.build_until_known()
            shutil.rmtree(f'{RELEASES}/{release}')
            self.assertNotIn(release, seen, what)
            seen.add(release)

        def edited(path, old, new):
            with open(path) as file:
                text = file.read()
            self.assertIn(old, text)
            with open(path, 'w') as file:
                file.write(text.replace(old, new, 1))
            return lambda: edited(path, new, old)

        status = '/var/lib/dpkg/status'
        try:
            if UPSTREAM:
                undo = edited(f'{LIB}/venv/lock', '\nhorizon==', '\nhorizon==1')
                changed('another lock')
                undo()
            for package in () if UPSTREAM else ('openstack-dashboard', 'python3-designate-dashboard'):
                version = subprocess.run(['dpkg-query', '-W', '-f', '${Version}', package],
                                         check=True, capture_output=True, text=True).stdout
                with open(status) as file:
                    text = re.search(rf'^Package: {package}\n(?:.+\n)*', file.read(), re.M)[0]
                # as hosts have it: the dashboard is on hold
                held = text.replace('Status: install ', 'Status: hold ')
                undo = edited(status, text, held)
                shell(f'{LIB}/release')
                self.assertEqual(release_id(), self.release)
                undo()
                undo = edited(status, text, held.replace(f'\nVersion: {version}\n',
                                                         f'\nVersion: {version}+deb13u9\n'))
                changed(f'a point release of {package}')
                undo()
            undo = edited(f'{THEME}/static/_variables.scss', '#123456', '#654321')
            changed('another colour of the theme')
            undo()
            undo = edited(f'{LIB}/python/openstack_dashboard_mends/static/openstack_dashboard_mends/error-texts.js',
                          'Horizon shows', 'Horizon showed')
            changed('another script of the hosts')
            undo()
            environment_file('dashboard', {**DASHBOARD, 'STATIC_BASE_URL': '/static/'})
            changed('another address')
            environment_file('dashboard', {**DASHBOARD, 'THEME': ''})
            changed('no theme')
            environment_file('dashboard', {**DASHBOARD, 'MODAL_BACKDROP': 'true'})
            changed('a setting that is in the scripts')
            environment_file('dashboard', DASHBOARD)
        finally:
            # and the same again is the same
            environment_file('dashboard', DASHBOARD)
            shell(f'{LIB}/release')
        self.assertEqual(release_id(), self.release)
        # so are all settings that no file of a release has
        environment_file('dashboard', {
            **DASHBOARD, 'SITE_BRANDING': 'Other', 'WEBSSO_ENABLED': 'true', 'WEBSSO_CHOICES': '[["a", "A"]]',
            'API_RESULT_LIMIT': '9', 'CONTENT_SECURITY_POLICY': 'minimal', 'OPERATION_LOG': 'true'})
        try:
            shell(f'{LIB}/release')
            self.assertEqual(release_id(), self.release)
        finally:
            environment_file('dashboard', DASHBOARD)
            shell(f'{LIB}/release')

    def test_the_boot_check_holds_hosts_to_the_theme(self):
        later = f'{ETC}/local_settings.d/_9999_zz_other.py'
        subprocess.run(['chown', '-R', 'root:horizon', ETC], check=True)
        subprocess.run(['chmod', '-R', 'u=rwX,g=rX,o=', ETC], check=True)
        subprocess.run(['find', ETC, '-type', 'f', '-exec', 'chmod', '0640', '{}', '+'], check=True)
        environ = {'PATH': os.environ['PATH'], **DASHBOARD, 'RELEASE_ID': self.release}

        def check(**changes):
            result = subprocess.run(
                ['setpriv', '--reuid=horizon', '--regid=horizon', '--init-groups',
                 f'{LIB}/boot-check'],
                env={**environ, **changes}, capture_output=True, text=True, timeout=600)
            return result.returncode, result.stdout
        self.assertEqual(check()[0], 0, check())
        self.assertEqual(check(THEME='Acme!')[0], 1)
        try:
            with open(later, 'w') as file:
                file.write('SELECTABLE_THEMES = AVAILABLE_THEMES\n')
            os.chmod(later, 0o640)
            shutil.chown(later, 'root', 'horizon')
            self.assertIn('SELECTABLE_THEMES: effective value is ', check()[1])
        finally:
            os.remove(later)
        os.rename(THEME, f'{THEME}.away')
        try:
            self.assertIn(f'THEME must be the theme in {THEME}, where static/_variables.scss is missing, got \'acme\'', check()[1])
        finally:
            os.rename(f'{THEME}.away', THEME)

    # how it is served

    def test_nginx_accepts_both_configurations_and_they_cache_nothing(self):
        for tier, path in self.configurations.items():
            subprocess.run(['nginx', '-t', '-q', '-c', path], check=True)
            text = subprocess.run(['nginx', '-T', '-q', '-c', path], check=True,
                                  capture_output=True, text=True).stdout
            self.assertNotRegex(text, r'(proxy|fastcgi|uwsgi|scgi)_(cache|store)')
            self.assertNotRegex(text, r'^\s*(gzip|brotli)\s+on', tier)

    def test_static_files_have_the_right_headers_on_both_tiers(self):
        count = 0
        for kind, path in self.files():
            for tier in PORTS:
                reply = self.get(self.url(path), '-H', f'Cookie: sessionid={TOKEN}', tier=tier)
                count += 1
                self.assertEqual(reply.status, '200', path)
                self.assertEqual({name: reply.header(name) for name in (
                    'content-type', 'cache-control', 'x-content-type-options', 'vary', 'server',
                    'access-control-allow-origin', 'set-cookie', 'content-encoding',
                    'strict-transport-security', 'content-security-policy', 'static-host')}, {
                        'content-type': TYPES[kind],
                        'content-security-policy': POLICY,
                        'static-host': TAG if tier == 'static' else '',
                        'cache-control': FOREVER,
                        'x-content-type-options': 'nosniff',
                        'vary': 'Accept-Encoding',
                        'server': 'nginx',
                        'access-control-allow-origin':
                            f'https://{NAME}' if tier == 'static' else '',
                        'set-cookie': '',
                        'content-encoding': '',
                        'strict-transport-security':
                            ENVIRONMENT['HSTS'].split(';')[0] if tier == 'static'
                            else ENVIRONMENT['HSTS'],
                    }, path)
                self.assertRegex(reply.header('etag'), '^"')
                with open(f'{self.folder}/{path}', 'rb') as file:
                    self.assertEqual(reply.body, file.read(), path)
        self.assertGreater(count, 2 * len(TYPES))

    def test_variants_are_the_files_made_ahead_and_nothing_is_compressed_per_request(self):
        for kind, path in self.files():
            with open(f'{self.folder}/{path}', 'rb') as file:
                plain = file.read()
            variants = kind in COMPRESSED and len(plain) > 255
            for accept, coding, end in (('gzip', 'gzip', '.gz'), ('br', 'br', '.br'),
                                        ('gzip, deflate, br, zstd', 'br', '.br')):
                reply = self.get(self.url(path), '-H', f'Accept-Encoding: {accept}')
                self.assertEqual(reply.status, '200')
                self.assertEqual(reply.header('content-encoding'), coding if variants else '', path)
                self.assertEqual(reply.header('content-type'), TYPES[kind])
                self.assertEqual(reply.header('cache-control'), FOREVER)
                with open(f'{self.folder}/{path}{end if variants else ""}', 'rb') as file:
                    self.assertEqual(reply.body, file.read())
                if coding == 'gzip' and variants:
                    self.assertEqual(gzip.decompress(reply.body), plain)
                elif variants:
                    self.assertEqual(subprocess.run(
                        ['brotli', '-dc'], input=reply.body, capture_output=True).stdout, plain)

    def test_a_file_that_is_still_the_same_is_not_sent_again(self):
        reply = self.get(self.url('release'))
        again = self.get(self.url('release'), '-H', f"If-None-Match: {reply.header('etag')}")
        self.assertEqual((again.status, again.body), ('304', b''))
        self.assertEqual(again.header('cache-control'), FOREVER)

    def test_what_is_not_there_is_not_to_be_kept(self):
        for tier in PORTS:
            for path in ('/static/0123456789abcdef/dashboard/js/a.js', self.url('nothing.css')):
                reply = self.get(path, tier=tier)
                self.assertEqual(reply.status, '404')
                self.assertEqual(reply.header('cache-control'), 'no-store')

    def test_hidden_files_and_sources_are_not_served_even_if_they_are_there(self):
        for tier, folder in self.folders().items():
            for name in ('.git/config', '.env', 'a.scss', 'a.js.map', 'settings.py', 'django.po'):
                path = f'{folder}/x/{name}'
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, 'w') as file:
                    file.write('secret')
                reply = self.get(self.url(f'x/{name}'), tier=tier)
                self.assertEqual(reply.status, '404', name)
                self.assertNotIn(b'secret', reply.body)
            shutil.rmtree(f'{folder}/x')

    def test_nothing_outside_of_releases_is_served(self):
        for path in ('/', '/etc/passwd', '/static/../../../etc/passwd',
                     f'/static/{self.release}/../../../../etc/passwd', '/static../etc/passwd',
                     '/static/%2e%2e/%2e%2e/etc/passwd', READY):
            reply = self.get(path, '--path-as-is')
            self.assertIn(reply.status, ('400', '404'), path)

    def test_folders_are_not_listed(self):
        for path in (self.url(''), self.url('dashboard/'), '/static/'):
            self.assertIn(self.get(path).status, ('403', '404'), path)

    def test_only_get_and_head_are_answered(self):
        for tier in PORTS:
            for method in ('POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE'):
                status = self.get(self.url('release'), '-X', method, tier=tier).status
                self.assertIn(status, ('403', '405'), f'{tier} {method}')
            head = self.get(self.url('release'), '-I', tier=tier)
            self.assertEqual((head.status, head.body), ('200', b''))

    def test_requests_are_bounded(self):
        for tier, size in (('static', 2000), ('dashboard', 20000)):
            reply = self.get('/', '-H', 'Expect:', '-d', 'x' * size, '-H',
                             'X-Forwarded-Proto: https', tier=tier)
            self.assertEqual(reply.status, '413', tier)
            reply = self.get('/', '-H', f'X-Large: {"x" * 40000}', tier=tier)
            self.assertIn(reply.status, ('400', '431', '494', ''), tier)

    def test_a_reader_that_stops_holds_little_of_the_hosts_memory(self):
        port = PORTS['static']
        large = max((path for kind, path in self.files() if kind == 'js'),
                    key=lambda path: os.path.getsize(f'{self.folder}/{path}'))
        self.assertGreater(os.path.getsize(f'{self.folder}/{large}'), 2 ** 20)

        def queued():
            with open('/proc/net/tcp') as file:
                lines = [line.split() for line in file][1:]
            return sum(int(line[4].split(':')[0], 16) for line in lines
                       if line[1].endswith(f':{port:04X}') and line[3] == '01')
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect(('127.0.0.1', port))
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(plain, server_hostname=STATIC_NAME) as reader:
            asked = f'GET {self.url(large)} HTTP/1.1\r\nHost: {STATIC_NAME}\r\n\r\n'
            reader.sendall(asked.encode())
            seen = [0]
            # until nginx can hand over no more
            while seen[-1] == 0 or len(set(seen[-5:])) > 1 or len(seen) < 6:
                time.sleep(0.1)
                seen.append(queued())
        self.assertLessEqual(seen[-1], 128 * 1024)

    def test_all_files_are_served_beside_thousands_of_connections(self):
        # those of this process count too
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        paths = [os.path.relpath(os.path.join(folder, name), self.folder)
                 for folder, _, names in os.walk(self.folder) for name in names
                 if not name.endswith(('.gz', '.br'))]
        self.assertGreater(len(paths), 1500)
        with contextlib.ExitStack() as stack:
            for _ in range(2500):
                stack.enter_context(socket.create_connection(('127.0.0.1', PORTS['static'])))
            for accept in ('identity', 'gzip', 'br'):
                for some in (paths[n:n + 500] for n in range(0, len(paths), 500)):
                    client = http.client.HTTPSConnection(
                        '127.0.0.1', PORTS['static'], context=context, timeout=600)
                    stack.callback(client.close)
                    for path in some:
                        client.request('GET', quote(self.url(path)), headers={
                            'Host': STATIC_NAME, 'Accept-Encoding': accept})
                        with client.getresponse() as reply:
                            reply.read()
                        self.assertEqual(reply.status, 200, path)

    def test_tls_is_new_and_http_2_is_spoken(self):
        for tier, port in PORTS.items():
            self.assertEqual(self.get(self.url('release'), tier=tier).version, 'HTTP/2')
            self.assertEqual(self.get(self.url('release'), '--http1.1', tier=tier).version,
                             'HTTP/1.1')

            def handshake(*options):
                return subprocess.run(
                    ['openssl', 's_client', '-connect', f'127.0.0.1:{port}', *options],
                    input='', capture_output=True, text=True)
            for version in ('-tls1_2', '-tls1_3'):
                self.assertEqual(handshake(version).returncode, 0, version)
            for version in ('-tls1', '-tls1_1'):
                self.assertNotEqual(
                    handshake(version, '-cipher', 'ALL:@SECLEVEL=0').returncode, 0, version)
            self.assertNotIn('TLS session ticket', handshake('-tls1_2').stdout)

    def test_a_host_is_healthy_once_it_has_all_releases_and_stays_it(self):
        if os.path.exists(READY):
            os.remove(READY)
        self.assertEqual(self.get('/healthz').status, '503')
        with open(READY, 'w') as file:
            file.write('ok\n')
        reply = self.get('/healthz')
        self.assertEqual((reply.status, reply.header('cache-control')), ('200', 'no-store'))
        # however old that is
        os.utime(READY, (0, 0))
        self.assertEqual(self.get('/healthz').status, '200')

    def test_what_keeps_its_name_has_a_short_life_and_an_etag(self):
        reply = self.get('/robots.txt')
        self.assertEqual((reply.status, reply.header('cache-control')),
                         ('200', 'public, max-age=3600'))
        self.assertIn(b'Disallow: /', reply.body)
        again = self.get('/robots.txt', '-H', f"If-None-Match: {reply.header('etag')}")
        self.assertEqual(again.status, '304')

    def test_each_answer_to_a_browser_tells_it_to_stay_with_https(self):
        for path, status in (('/robots.txt', '200'), ('/', '404'), ('/other', '404'),
                             ('/static/none.css', '404'), ('/static/.git', '404')):
            with self.subTest(path):
                reply = self.get(path)
                self.assertEqual((reply.status, reply.header('strict-transport-security')),
                                 (status, 'max-age=31536000'))

    # dynamic pages

    def test_dynamic_pages_are_neither_kept_nor_compressed(self):
        for arguments in ((), ('-H', 'Accept-Encoding: gzip, br')):
            reply = self.get('/auth/login/', '-H', 'X-Forwarded-Proto: https', *arguments,
                             tier='dashboard')
            self.assertEqual(reply.status, '200')
            # a template of the theme
            self.assertIn(b'Acme welcomes you', reply.body)
            self.assertEqual({name: reply.header(name) for name in (
                'cache-control', 'content-encoding', 'x-content-type-options', 'server', 'etag',
                'strict-transport-security')}, {
                    'cache-control': 'no-store', 'content-encoding': '',
                    'x-content-type-options': 'nosniff', 'server': 'nginx', 'etag': '',
                    'strict-transport-security': ENVIRONMENT['HSTS']})

    def test_a_page_names_files_of_its_release_that_are_served(self):
        text = self.pages().body.decode()
        urls = set(re.findall(rf'https://{STATIC_NAME}(/static/[^"\'?#]+)', text))
        self.assertGreater(len(urls), 5)
        styles = []
        for url in urls:
            if url.endswith('/'):
                continue
            reply = self.get(url)
            self.assertTrue(url.startswith(f'/static/{self.release}/'), url)
            self.assertEqual(reply.status, '200', url)
            if url.endswith('.css'):
                styles.append(reply.body.decode())
        named = {url for style in styles
                 for url in re.findall(rf'url\(["\']?https://{STATIC_NAME}(/[^"\'?#)]+)', style)}
        self.assertGreater(len(named), 5)
        # Debian has the fonts of this theme under other names
        missing = {url for url in named if self.get(url).status != '200'}
        self.assertEqual({url for url in missing if '/lib/roboto_fontface/' not in url}, set())
        self.assertIn('acme-brand', ''.join(styles))

    def test_texts_of_scripts_are_those_of_the_view_in_each_language(self):
        texts = {}
        for language in ('cs', 'de', 'en', 'ja', 'pt-br', 'zh-hans'):
            ask = ('-H', 'X-Forwarded-Proto: https', '-H', f'Accept-Language: {language}')
            page = self.get('/auth/login/', *ask, tier='dashboard').body.decode()
            self.assertNotIn('/i18n/js/', page)
            url = re.search(rf'<script[^>]* src="https://{STATIC_NAME}(/static/{self.release}/'
                            rf'openstack_dashboard_texts/{language}\.js)"', page)
            self.assertIsNotNone(url, language)
            file = self.get(url[1])
            self.assertEqual((file.status, file.header('cache-control')), ('200', FOREVER))
            apps = '' if UPSTREAM else '+designatedashboard'
            view = self.get(f'/i18n/js/horizon+openstack_dashboard{apps}/', *ask, tier='dashboard')
            self.assertEqual((view.status, view.body), ('200', file.body), language)
            texts[language] = file.body.decode()
        self.assertIn('django.gettext', texts['en'])
        self.assertIn('"Cancel": "Abbrechen"', texts['de'])
        self.assertEqual(len(set(texts.values())), len(texts))

    def test_the_page_for_what_is_not_there_has_a_logo(self):
        reply = self.get('/nothing/like/this/', '-H', 'X-Forwarded-Proto: https', tier='dashboard')
        self.assertEqual(reply.status, '404')
        image = re.search(rf'class="splash-logo"\s+src="?https://{STATIC_NAME}(/static/[^"\s>]+)',
                          reply.body.decode())
        self.assertIsNotNone(image, reply.body[-3000:])
        self.assertTrue(image[1].startswith(f'/static/{self.release}/'), image[1])
        logo = self.get(image[1])
        self.assertEqual((logo.status, logo.header('content-type')), ('200', 'image/svg+xml'))

    # access logs

    def test_logs_are_json_and_hold_no_secret(self):
        log, errors = '/var/log/nginx/access.log', '/var/log/nginx/error.log'
        sizes = {path: os.path.getsize(path) for path in (log, errors)}
        secrets = ('-H', f'Cookie: sessionid={TOKEN}', '-H', f'X-Auth-Token: {TOKEN}', '-H',
                   f'Authorization: Bearer {TOKEN}', '-H', 'X-Forwarded-Proto: https', '-H',
                   'X-Forwarded-For: 192.0.2.7', '-H', 'X-Amzn-Trace-Id: Root=1-2-3', '-e',
                   f'https://{NAME}/auth/?token={TOKEN}', '-A', 'operator "quoted" \\ agent')
        for tier in PORTS:
            for path, *more in (
                    (self.url('release'),), ('/static/missing.css',), ('/nowhere',),
                    (self.url('release'), '-d', TOKEN), ('/', '-H', 'Expect:', '-d', TOKEN * 2000),
                    ('/auth/login/',), (f'/%2e%2e/{"x" * 300}',)):
                self.get(f'{path}?token={TOKEN}', *secrets, *more, tier=tier)
        mine = []
        # the log is written every few seconds
        for _ in range(300):
            with open(log) as file:
                file.seek(sizes[log])
                text = file.read()
            mine = [entry for line in text.splitlines()
                    if (entry := json.loads(line))['client'] == '192.0.2.7']
            if len(mine) == 14:
                break
            time.sleep(0.1)
        with open(errors) as file:
            file.seek(sizes[errors])
            text += file.read()
        self.assertEqual(len(mine), 14)
        self.assertNotIn(TOKEN, text)
        self.assertNotIn('token=', text)
        entry = next(entry for entry in mine if entry['uri'] == self.url('release')
                     and (entry['host'], entry['method']) == (STATIC_NAME, 'GET'))
        self.assertEqual(
            {name: entry[name] for name in ('method', 'status', 'trace', 'agent', 'protocol', 'tls',
                                            'host', 'encoding', 'upstream_status')},
            {'method': 'GET', 'status': 200, 'trace': 'Root=1-2-3',
             'agent': 'operator "quoted" \\ agent', 'protocol': 'HTTP/2.0', 'tls': 'TLSv1.3',
             'host': STATIC_NAME, 'encoding': '', 'upstream_status': ''})
        for name, kind in (('time', str), ('id', str), ('bytes', int), ('request_bytes', int),
                           ('seconds', float)):
            self.assertIsInstance(entry[name], kind, name)
        page = next(entry for entry in mine if entry['uri'] == '/auth/login/'
                    and entry['host'] == NAME)
        self.assertEqual((page['status'], page['upstream_status']), (200, '200'))
        self.assertGreater(float(page['upstream_seconds']), 0)


if __name__ == '__main__':
    unittest.main()
