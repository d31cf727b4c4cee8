"""Runs the second part of the boot check against nginx with the hosts' own configuration, and with
others, before gunicorn with applications that behave and that do not.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import base64
import hashlib
import os
import re
import subprocess
import time
import unittest

LIB = '/usr/local/lib/openstack-dashboard'
RUN = '/run/openstack-dashboard'
NAME = 'dashboard.example.org'
ENVIRONMENT = {'SERVER_NAME': NAME, 'CLIENT_MAX_BODY_SIZE': '1048576',
               'UPLOADS_AT_ONCE': '2', 'UPLOAD_SECONDS': '56',
               'HSTS': 'max-age=31536000; includeSubDomains', 'LOGIN_RATE': '30',
               'SESSION_COOKIE_NAME': '__Host-sessionid'}
CSP = ("script-src 'self' 'nonce-x'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'; "
       "report-uri /csp-report")
GOOD = {'Set-Cookie': '__Host-csrftoken=x; Path=/; Secure', 'Cache-Control': 'no-store',
        'Content-Security-Policy': CSP}
APPLICATION = """
def application(environ, start_response):
    known = environ['HTTP_HOST'] == %r
    start_response('200 OK' if known else '400 Bad Request', %r)
    return [b'page']
"""


def setUpModule():
    # a network of its own: other tests have something else at port 443
    network = os.open('/proc/self/ns/net', os.O_RDONLY)
    unittest.addModuleCleanup(lambda: (os.setns(network, os.CLONE_NEWNET), os.close(network)))
    os.unshare(os.CLONE_NEWNET)
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)


class Served(unittest.TestCase):
    def setUp(self):
        os.makedirs('/etc/ssl/private', exist_ok=True)
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
             '-nodes', '-subj', '/CN=test', '-keyout', '/etc/ssl/private/openstack-dashboard.key',
             '-out', '/etc/ssl/openstack-dashboard.crt'], check=True, capture_output=True)
        os.makedirs(RUN, exist_ok=True)
        os.makedirs('/var/log/nginx', exist_ok=True)

    def serve(self, edit=lambda text: text, headers=GOOD, application=None, user='horizon',
              bind=None, common=lambda text: text):
        with open(f'{RUN}/wsgi.py', 'w') as file:
            file.write(application or APPLICATION % (NAME, list(headers.items())))
        with open(f'{LIB}/nginx-http.conf') as file:
            http = common(file.read())
        with open(f'{LIB}/nginx.conf.template') as file:
            text = re.sub('@([A-Z_]+)@', lambda match: ENVIRONMENT[match[1]], file.read())
        with open('/etc/nginx/nginx.conf', 'w') as file:
            file.write(edit(text.replace(f'include {LIB}/nginx-http.conf;', http)))
        os.chmod(RUN, 0o777)
        gunicorn = subprocess.Popen(
            ['setpriv', f'--reuid={user}', f'--regid={user}', '--init-groups', 'gunicorn', '--chdir', RUN,
             '--umask', '0', '--graceful-timeout', '1', '--bind', f'unix:{RUN}/gunicorn.sock', *(['--bind', bind] if bind else []),
             'wsgi:application'], stderr=subprocess.DEVNULL)
        self.addCleanup(gunicorn.wait)
        self.addCleanup(gunicorn.terminate)
        nginx = subprocess.Popen(['nginx', '-g', 'daemon off;'])
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        for _ in range(100):
            code = subprocess.run(['curl', '-sk', '-o', '/dev/null', '-w', '%{http_code}',
                                   '-H', f'Host: {NAME}', '-H', 'X-Forwarded-Proto: https',
                                   'https://127.0.0.1/auth/login/'], capture_output=True,
                                  text=True).stdout
            if code == '200':
                return
            time.sleep(0.1)
        self.fail('nginx and gunicorn do not answer')

    def check(self, **parameters):
        return subprocess.run([f'{LIB}/boot-check', 'served'], env={**os.environ, **ENVIRONMENT, **parameters},
                              capture_output=True, text=True, timeout=600)

    def refused(self, *rules, **arguments):
        self.serve(**arguments)
        result = self.check()
        found = re.findall('^OpenStackDashboard-([A-Z0-9]+): ', result.stdout, re.M)
        self.assertEqual((sorted(set(found)), result.returncode), (sorted(rules), 1), result.stdout)

    def test_the_hosts_own_configuration(self):
        self.serve()
        result = self.check()
        self.assertEqual((result.returncode, result.stdout), (0, '16 checks passed\n'), result.stderr)

    def test_the_page_after_logout_needs_no_worker(self):
        self.serve()
        os.remove(f'{RUN}/gunicorn.sock')

        def get(path, proto='https'):
            return subprocess.run(
                ['curl', '-ski', '-H', f'Host: {NAME}', '-H', f'X-Forwarded-Proto: {proto}', f'https://127.0.0.1{path}'],
                capture_output=True, text=True).stdout

        self.assertRegex(get('/auth/login/'), '^HTTP/2 50')
        page = get('/logged-out?a=b')
        for text in ('^HTTP/2 200', 'content-type: text/html', 'cache-control: no-store', 'strict-transport-security: max',
                     "content-security-policy: default-src 'none'", 'x-frame-options: DENY',
                     '<a href="/auth/login/">Log in again</a>'):
            self.assertRegex(page, text)
        self.assertNotIn('set-cookie', page)
        # the only style is the one that the policy allows
        [style] = re.findall('<style>(.*?)</style>', page, re.S)
        allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self.assertIn(f"; style-src 'sha256-{allowed}';", page)
        self.assertNotRegex(page, '(?i)<script|<link| style=| on[a-z]+=')
        self.assertRegex(get('/logged-out', 'http'), f'(?s)^HTTP/2 301.*location: https://{NAME}/logged-out')

    def test_nothing_answers(self):
        result = self.check()
        self.assertEqual(result.returncode, 1)
        self.assertIn('OpenStackDashboard-BOOT2: the dashboard does not answer: ', result.stdout)

    def test_no_hsts(self):
        self.refused('HTTPS7', edit=lambda text: text.replace('add_header Strict', '#'))

    def test_any_origin(self):
        self.refused('CORS1', headers={**GOOD, 'Access-Control-Allow-Origin': '*'})

    def test_another_origin(self):
        self.refused('CORS2', headers={**GOOD, 'Access-Control-Allow-Origin': 'https://other.invalid'})

    def test_pages_that_may_be_kept(self):
        self.refused('CACHE3', edit=lambda text: text.replace('add_header Cache-Control no-store', '#'))

    def test_a_cache(self):
        self.refused('CACHE3', headers={**GOOD, 'X-Varnish': '1'})

    def test_cookies(self):
        def edit(text):
            return text.replace('proxy_cookie_flags', '#')

        self.refused('SETTINGS14', 'SETTINGS4', edit=edit,
                     headers={**GOOD, 'Set-Cookie': 'theme=x; Domain=.example.org'})

    def test_cookies_that_another_host_could_plant(self):
        for cookie in ('csrftoken=x; Path=/', 'sessionid=x; Path=/', '__Host-csrftoken=x',
                       '__Host-sessionid=x; Path=/; Domain=example.org'):
            with self.subTest(cookie):
                self.refused('SETTINGS14', headers={**GOOD, 'Set-Cookie': cookie})
                self.doCleanups()

    def test_no_content_security_policy(self):
        policy = GOOD['Content-Security-Policy']
        self.refused('BOOT5', 'SETTINGS7', edit=lambda text: text.replace(
            'add_header Content-Security-Policy $missing', '#'), headers={
            name: value for name, value in GOOD.items() if value != policy})
        self.doCleanups()
        # what gunicorn answers by itself has no scripts
        self.refused('BOOT5', headers={name: value for name, value in GOOD.items() if value != policy})

    def test_a_policy_that_allows_any_script(self):
        for policy in (CSP.replace(" 'nonce-x'", ''), CSP.replace("'nonce-x'", "'nonce-x' 'unsafe-inline'")):
            with self.subTest(policy):
                self.refused('BOOT5', headers={**GOOD, 'Content-Security-Policy': policy})
                self.doCleanups()

    def test_a_minimal_policy(self):
        self.serve(headers={**GOOD, 'Content-Security-Policy': CSP.partition('; ')[2]})
        self.assertEqual(self.check(CONTENT_SECURITY_POLICY='minimal').returncode, 0)

    def test_a_policy_that_is_only_reported(self):
        reported = {'Content-Security-Policy-Report-Only' if value == CSP else name: value
                    for name, value in GOOD.items()}
        self.refused('BOOT5', 'SETTINGS7', headers=reported,
                     edit=lambda text: text.replace('add_header Content-Security-Policy $missing', '#'))

    def test_frames(self):
        self.refused('SETTINGS7', headers={**GOOD, 'X-Frame-Options': 'ALLOWALL'},
                     edit=lambda text: text.replace('proxy_hide_header X-Frame-Options', '#'))
        self.doCleanups()
        self.refused('SETTINGS7', headers={
            **GOOD, 'Content-Security-Policy': CSP.replace("frame-ancestors 'none'; ", '')})

    def test_no_redirect(self):
        self.refused('HTTPS1', edit=lambda text: text.replace('return 301', '#'))

    def test_any_name(self):
        self.refused('SETTINGS2', application="""
def application(environ, start_response):
    start_response('200 OK', [('Cache-Control', 'no-store'), ('Content-Security-Policy', %r)])
    return [b'page']
""" % CSP)

    def test_no_bound(self):
        self.refused('PROXY6', edit=lambda text: re.sub('client_max_body_size [^;]*;',
                                                        'client_max_body_size 0;', text))

    def test_old_tls(self):
        self.refused('HTTPS14', 'HTTPS15', common=lambda text: text.replace(
            'ssl_protocols TLSv1.2', 'ssl_protocols TLSv1.1 TLSv1.2').replace(
            'ssl_ciphers ECDHE+AESGCM', 'ssl_ciphers ECDHE+AESGCM:ECDHE+SHA1:@SECLEVEL=0'))

    def test_weak_ciphers(self):
        self.refused('HTTPS15', common=lambda text: text.replace(
            'ssl_ciphers ECDHE+AESGCM', 'ssl_ciphers ECDHE+AESGCM:ECDHE+SHA1'))

    def test_tickets(self):
        self.refused('HTTPS12', common=lambda text: text.replace(
            'ssl_session_tickets off', 'ssl_session_tickets on'))

    def test_the_same_user(self):
        self.refused('PROXY5', edit=lambda text: text.replace('user www-data', 'user horizon'))

    def test_an_address_of_the_network(self):
        self.refused('PROXY4', bind='0.0.0.0:8000')

    def test_loopback(self):
        self.serve(bind='127.0.0.1:8000')
        self.assertEqual(self.check().returncode, 0)


if __name__ == '__main__':
    unittest.main()
