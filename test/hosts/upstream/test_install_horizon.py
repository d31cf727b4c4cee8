"""install-horizon with an index on loopback and a wheel that has as much of Horizon as it needs."""
import base64
import glob
import gzip
import hashlib
import http.server
import io
import os
import subprocess
import threading
import unittest
import zipfile

LIB = '/usr/local/lib/openstack-dashboard'
ETC = '/etc/openstack-dashboard'
SCRIPT, REPLY = '/tmp/install-horizon', '/tmp/install-horizon.reply'
PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Yes"\nmsgstr "Ja"\n'
FILES = {
    'certifi/__init__.py': '',
    'certifi/cacert.pem': '',
    'openstack_dashboard/__init__.py': '',
    'openstack_dashboard/wsgi.py': '',
    'openstack_dashboard/local/__init__.py': '',
    'openstack_dashboard/local/local_settings.d/_1.py.example': '',
    'openstack_dashboard/local/local_settings.py.example':
        "DEBUG = True\nSECRET_KEY = read(\n    os.path.join(LOCAL_PATH, '.secret_key_store'))\n",
    **{f'{name}/locale/de/LC_MESSAGES/django.po': PO
       for name in ('horizon', 'openstack_auth', 'openstack_dashboard')},
    'horizon-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: horizon\nVersion: 1.0\n',
    'horizon-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
}


def wheel(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, 'w') as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        record = ''.join(f'{name},,\n' for name in [*files, 'horizon-1.0.dist-info/RECORD'])
        archive.writestr('horizon-1.0.dist-info/RECORD', record)
    return content.getvalue()


class InstallHorizon(unittest.TestCase):
    def setUp(self):
        self.sent = self.wheel = wheel(FILES)
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                outer.asked.append(self.path)
                name = 'horizon-1.0-py3-none-any.whl'
                body = outer.sent if self.path.endswith('.whl') else f'<a href="/{name}">{name}</a>'.encode()
                self.send_response(200)
                self.send_header('Content-Type', 'text/html')
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        link = os.readlink(f'{LIB}/venv') if os.path.islink(f'{LIB}/venv') else None
        settings = f'{ETC}/local_settings.py'
        with open(settings) as file:
            self.addCleanup(self.write, settings, file.read())
        if link:
            os.remove(f'{LIB}/venv')
            self.addCleanup(os.symlink, link, f'{LIB}/venv')
        self.addCleanup(lambda: os.path.islink(f'{LIB}/venv') and os.remove(f'{LIB}/venv'))
        self.write(f'{ETC}/host.env', 'AWS_REGION="eu-central-1"\n')
        with open(f'{LIB}/install-horizon') as file:
            text = file.read()
        common = f'. {LIB}/common.sh\n'
        self.assertIn(common, text)
        stubs = f'describe_resource() {{ cp {REPLY} "$2"; }}\nretry() {{ shift; "$@"; }}\n'
        self.write(SCRIPT, text.replace(common, common + stubs))
        self.lock(self.wheel)

    @staticmethod
    def write(path, text):
        with open(path, 'w') as file:
            file.write(text)

    def lock(self, content):
        lock = f'horizon==1.0 \\\n  --hash=sha256:{hashlib.sha256(content).hexdigest()}\n'
        packed = base64.b64encode(gzip.compress(lock.encode())).decode()
        self.write(REPLY, f'<Metadata>{{"files":"{packed}"}}</Metadata>')

    def install(self, **environ):
        url = f'http://127.0.0.1:{self.server.server_address[1]}/simple'
        return subprocess.run(
            ['bash', SCRIPT], capture_output=True, text=True,
            env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'HORIZON_RESOURCE': 'Horizon',
                 'HORIZON_INDEX_URL': url, **environ})

    def test_what_a_host_gets(self):
        result = self.install()
        self.assertEqual(result.returncode, 0, result.stderr)
        site = glob.glob(f'{LIB}/venv/lib/python3*/site-packages')[0]
        for name in ('horizon', 'openstack_auth', 'openstack_dashboard'):
            self.assertTrue(os.path.isfile(f'{site}/{name}/locale/de/LC_MESSAGES/django.mo'))
        self.assertEqual(os.readlink(f'{site}/openstack_dashboard/local/local_settings.py'),
                         f'{ETC}/local_settings.py')
        self.assertEqual(os.readlink(f'{site}/openstack_dashboard/local/local_settings.d'),
                         f'{ETC}/local_settings.d')
        self.assertEqual(os.readlink(f'{site}/certifi/cacert.pem'), '/etc/ssl/certs/ca-certificates.crt')
        with open(f'{ETC}/local_settings.py') as file:
            text = file.read()
        self.assertIn('DEBUG = False\n', text)
        self.assertIn("'/var/lib/openstack-dashboard/secret-key/.secret_key_store'", text)
        code = 'import cryptography, sass, sys; print(sys.prefix, sass.__file__)'
        found = subprocess.run([f'{LIB}/with-horizon', 'python3', '-c', code], capture_output=True,
                               text=True, check=True).stdout
        self.assertEqual(found, f'{LIB}/venv {site}/sass.py\n')
        venv = os.path.realpath(f'{LIB}/venv')
        for folder, folders, files in os.walk(venv):
            for name in folders + files:
                info = os.lstat(os.path.join(folder, name))
                self.assertEqual((info.st_uid, info.st_gid), (0, 0))
        # an image has it
        self.asked.clear()
        self.assertEqual(self.install().returncode, 0)
        self.assertEqual(self.asked, [])

    def test_a_file_that_the_lock_does_not_have(self):
        self.sent = wheel({**FILES, 'horizon/more.py': 'evil'})
        result = self.install()
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('DO NOT MATCH THE HASHES', result.stderr)
        self.assertFalse(os.path.lexists(f'{LIB}/venv'))

    def test_debians_horizon_needs_nothing(self):
        self.assertEqual(self.install(HORIZON_RESOURCE='').returncode, 0)
        self.assertEqual(self.asked, [])
        self.assertFalse(os.path.lexists(f'{LIB}/venv'))


if __name__ == '__main__':
    unittest.main()
