"""Single sign-on in real Horizon under gunicorn, before an API that answers as Keystone does: what begins and
ends a login, where it leads, and what logout ends. Sessions are in memcached.

Keystone itself, identity providers and browsers are in test/system/sso."""
import json
import re
import time
import unittest
import urllib.parse

from horizon_server import NAME, TOKEN, UPSTREAM, Browser, Gunicorn, Keystone
from memcached_server import MemcachedServer

PORT = 21293
CLIENT = {'X-Forwarded-For': '198.51.100.7'}
BROWSERS = 'https://keystone.example.net/identity/v3'
ORIGIN = f'https://{NAME}/auth/websso/'
COOKIE, SESSION = '__Host-websso', '__Host-sessionid'
WEB_SSO = {
    'WEBSSO_ENABLED': 'true', 'WEBSSO_KEYSTONE_URL': BROWSERS,
    'WEBSSO_CHOICES': "(('credentials', 'Password'), ('corp', 'Corp'), ('saml2', 'SAML'))",
    'WEBSSO_IDP_MAPPING': "(('corp', ('corp-idp', 'openid')),)",
    'WEBSSO_LOGOUT_URLS': "(('corp', 'https://keystone.example.net/out?to=a'),)",
}
MEMCACHED = {
    'SESSION_ENGINE': 'django.contrib.sessions.backends.cache', 'MEMCACHED_TLS': 'false',
    'MEMCACHED_ENDPOINT': f'127.0.0.1:{PORT}',
}
BY_PROVIDER = (f'{BROWSERS}/auth/OS-FEDERATION/identity_providers/corp-idp/protocols/openid/websso'
               f'?origin={ORIGIN}')
BY_PROTOCOL = f'{BROWSERS}/auth/OS-FEDERATION/websso/saml2?origin={ORIGIN}'


class Revoking(Keystone):
    """Records which tokens are revoked, and with which token; refuses the token 'bad'."""
    status = 204

    def __init__(self, test):
        super().__init__(test)
        self.revoked, self.asked = [], []

    def answer(self, handler, body):
        if handler.command == 'DELETE' and handler.path.endswith('/v3/auth/tokens'):
            self.revoked.append((handler.headers['X-Auth-Token'], handler.headers['X-Subject-Token']))
            return self.send(handler, self.status, b'')
        if body and handler.path.endswith('/auth/tokens'):
            auth = json.loads(body)['auth']
            self.asked.append(auth['identity'].get('token', {}).get('id'))
            if self.asked[-1] == 'bad':
                return self.send(handler, 401, {'error': {'code': 401, 'message': 'no', 'title': 'no'}})
        super().answer(handler, body)


class SingleSignOn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(MemcachedServer(PORT).stop)

    def start(self, **environ):
        self.keystone = Revoking(self)
        self.gunicorn = Gunicorn(self, self.keystone.url + '/v3', workers=2, **{**MEMCACHED, **environ})

    def login_page(self, browser, path='/auth/login/', **headers):
        response = browser.open('GET', path, headers={**CLIENT, **headers})
        return response, response.read().decode()

    def choose(self, browser, choice, page='', **form):
        """Submits the login form; the response."""
        _, text = self.login_page(browser, f'/auth/login/?{urllib.parse.urlencode({"redirect": "false", "next": page})}')
        token = re.search('name="csrfmiddlewaretoken" value="([^"]*)"', text)[1]
        return browser.open('POST', '/auth/login/', {
            'csrfmiddlewaretoken': token, 'auth_type': choice, 'next': page, **form}, headers=CLIENT)

    def come_back(self, browser, token='from-keystone', cookies=None, **headers):
        """What a browser sends when a page of Keystone submits its form: no cookie with SameSite=Lax."""
        if cookies is None:
            cookies = {COOKIE: browser.cookies.get(COOKIE, '')}
        text = '; '.join(f'{name}={value}' for name, value in cookies.items())
        response = browser.open('POST', '/auth/websso/', {'token': token}, headers={
            **CLIENT, 'Cookie': text, 'Origin': 'https://keystone.example.net',
            'Referer': 'https://keystone.example.net/', 'Sec-Fetch-Site': 'cross-site', **headers})
        response.read()
        return response

    def log_in(self, choice='corp', page=''):
        browser = Browser()
        self.choose(browser, choice, page).read()
        response = self.come_back(browser)
        self.assertEqual(response.status, 302)
        return browser, response.headers['Location']

    def logged_in(self, cookies):
        browser = Browser()
        browser.cookies = dict(cookies)
        return browser.open('GET', '/settings/').status == 200

    def log_out(self, browser, method='POST', **headers):
        token = next((value for name, value in browser.cookies.items() if name.endswith('csrftoken')), '')
        response = browser.open(method, '/auth/logout/', {'csrfmiddlewaretoken': token} if method == 'POST' else None,
                                headers={**CLIENT, 'Sec-Fetch-Site': 'same-origin', **headers})
        return response.status, response.headers['Location'], response.read().decode()

    def lines(self, text):
        return [line for line in self.gunicorn.text().splitlines() if text in line]

    def test_choices_and_a_password(self):
        self.start(**WEB_SSO)
        with self.subTest('a choice leads to its identity provider or protocol'):
            browser = Browser()
            response = self.choose(browser, 'corp', '/project/images/?a=b')
            self.assertEqual((response.status, response.headers['Location']), (302, BY_PROVIDER))
            cookie = next(text for text in response.headers.get_all('Set-Cookie') if text.startswith(COOKIE))
            attributes = {part.strip().lower() for part in cookie.split(';')[1:]}
            self.assertLessEqual({'secure', 'httponly', 'samesite=none', 'path=/', 'max-age=900'}, attributes)
            self.assertEqual(self.choose(Browser(), 'saml2').headers['Location'], BY_PROTOCOL)

        with self.subTest('the login ends on the page that was requested, and in the log'):
            response = self.come_back(browser)
            self.assertEqual(response.headers['Location'], '/project/images/?a=b')
            self.assertTrue(self.logged_in(browser.cookies))
            self.assertIn('from-keystone', self.keystone.asked)
            # it has been in a page; the session has tokens of its own
            self.assertEqual(self.keystone.revoked, [('from-keystone', 'from-keystone')])
            self.assertEqual(len(self.lines(
                'Login successful for user "user" using domain "Default" with WebSSO (corp), remote address '
                '198.51.100.7.')), 1, self.gunicorn.text()[-2000:])

        with self.subTest('another tab that returns later logs in too'):
            self.assertEqual(self.come_back(browser).headers['Location'], '/')

        with self.subTest('no login leads to another site, or to what changes something'):
            for page in ('https://evil.example/', '//evil.example/', '/\\evil.example', '///evil.example',
                         'https:evil.example', 'javascript:alert(1)', '/\t/evil.example', '\\\\evil.example',
                         '/auth/logout/', '/auth/switch/x/?next=/', 'settings/', '/a\r\nSet-Cookie: x=y',
                         '/' + 'x' * 4000):
                self.assertEqual(self.log_in(page=page)[1], '/', page)
            self.assertEqual(self.log_in(page='/a%0d%0ab')[1], '/a%0d%0ab')

        with self.subTest('a login that this browser has not begun is refused, and Keystone is not asked'):
            asked = len(self.keystone.asked)
            good = browser.cookies[COOKIE]
            for cookies in ({}, {COOKIE: ''}, {COOKIE: 'x'}, {COOKIE: good[:-1] + ('A' if good[-1] != 'A' else 'B')},
                            {SESSION: browser.cookies[SESSION]}):
                response = self.come_back(Browser(), cookies=cookies)
                self.assertEqual((response.status, response.headers['Location']), (302, '/auth/login/?redirect=false'))
            self.assertEqual(len(self.keystone.asked), asked)
            self.assertTrue(self.lines('Login failed for user "" with WebSSO, remote address 198.51.100.7: this browser'))
            self.assertEqual(browser.open('GET', '/auth/websso/').status, 302)

        with self.subTest('the Referer header does not choose the Keystone'):
            evil = Revoking(self)
            browser = Browser()
            self.choose(browser, 'corp').read()
            self.come_back(browser, Referer=f'{evil.url}/latest/x/auth/y')
            self.assertEqual(evil.paths, [])

        with self.subTest('a refusal of Keystone is shown and logged'):
            browser = Browser()
            self.choose(browser, 'corp').read()
            response = self.come_back(browser, 'bad')
            self.assertEqual(response.headers['Location'], '/auth/login/?redirect=false')
            self.assertIn('Login failed: ', self.login_page(browser, response.headers['Location'])[1])
            self.assertTrue(self.lines('Login failed for user "" with WebSSO (corp), remote address 198.51.100.7: '))
            self.assertFalse(self.logged_in(browser.cookies))
            self.assertEqual(self.keystone.revoked[-1], ('bad', 'bad'))

        with self.subTest('a choice that is not offered is refused'):
            response = self.choose(Browser(), '../../evil')
            self.assertEqual(response.headers['Location'], '/auth/login/?redirect=false')

        with self.subTest('a password works beside it, and its logout does not lead to the identity provider'):
            browser = Browser()
            response = self.choose(browser, 'credentials', '/settings/', username='user', password='word', region='default')
            self.assertEqual(response.headers['Location'], '/settings/')
            self.keystone.revoked.clear()
            self.assertEqual(self.log_out(browser)[:2], (302, '/logged-out'))
            # with the one for the domain
            self.assertEqual(len(self.keystone.revoked), 3)
            response, text = self.login_page(Browser(), '/logged-out')
            self.assertEqual((response.status, response.headers['Cache-Control']), (200, 'no-store'))
            self.assertIn('href="/auth/login/"', text)

    def test_logout(self):
        self.start(**WEB_SSO)
        browser, _ = self.log_in()
        cookies = dict(browser.cookies)
        with self.subTest('a link of another site asks first'):
            for site in ('cross-site', 'same-site'):
                for method in ('GET', 'POST'):
                    status, _, text = self.log_out(browser, method, **{'Sec-Fetch-Site': site})
                    self.assertEqual(status, 200)
                    self.assertRegex(text, 'method="post" action="/auth/logout/".*name="csrfmiddlewaretoken" value="[^"]+"')
            self.assertTrue(self.logged_in(cookies))
            self.assertEqual(self.keystone.revoked, [('from-keystone', 'from-keystone')])
            self.keystone.revoked.clear()

        with self.subTest('the session and all of its tokens end'):
            browser.open('GET', f'/auth/switch/{"p" * 32}/?next=/settings/').read()
            status, location, _ = self.log_out(browser)
            self.assertEqual((status, location), (302, 'https://keystone.example.net/out?to=a'))
            revoked = [subject for _, subject in self.keystone.revoked]
            self.assertTrue(all(with_ == subject for with_, subject in self.keystone.revoked))
            # the one before the switch, the one after it, and the unscoped one
            self.assertEqual(len(set(revoked)), 3, revoked)
            self.assertTrue(all(token.startswith(TOKEN) for token in revoked))
            self.assertFalse(self.logged_in(cookies))
            self.assertTrue(self.lines('Revoked 3 tokens of user "user" at logout, remote address 198.51.100.7.'))
            self.assertEqual(self.log_out(browser)[:2], (302, '/logged-out'))

        with self.subTest('a login does not depend on it'):
            self.keystone.status = 500
            self.assertTrue(self.logged_in(self.log_in()[0].cookies))
            self.assertTrue(self.lines('1 of 1 tokens of user "user" were not revoked at login'))
            self.keystone.status = 204

        with self.subTest('a bookmark of it'):
            browser, _ = self.log_in()
            cookies = dict(browser.cookies)
            status, location, text = self.log_out(browser, 'GET', **{'Sec-Fetch-Site': 'none'})
            if UPSTREAM:
                # 9e099e3a5: logout with POST only
                self.assertEqual(status, 405)
                self.assertTrue(self.logged_in(cookies))
                form = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', text)[1]
                response = browser.open('POST', '/auth/logout/', {'csrfmiddlewaretoken': form}, headers=CLIENT)
                status, location = response.status, response.headers['Location']
            self.assertEqual((status, location), (302, 'https://keystone.example.net/out?to=a'))
            self.assertFalse(self.logged_in(cookies))
            status, location, _ = self.log_out(browser, 'GET', **{'Sec-Fetch-Site': 'none'})
            self.assertEqual((status, location), (302, '/logged-out'))

        with self.subTest('a refusal of Keystone does not stop it'):
            browser, _ = self.log_in()
            cookies = dict(browser.cookies)
            self.keystone.status = 403
            self.assertEqual(self.log_out(browser)[0], 302)
            self.assertFalse(self.logged_in(cookies))
            self.assertTrue(self.lines('2 of 2 tokens of user "user" were not revoked at logout, and are valid until they expire: '
                                       'Keystone answered 403'))

        for mode in ('reset', 'hung', 'trickled headers'):
            with self.subTest(f'a Keystone that is {mode} delays it by seconds at most'):
                self.keystone.status, self.keystone.mode = 204, 'well'
                if mode == 'trickled headers':
                    # an API that did not answer gets no calls for a while
                    time.sleep(11)
                browser, _ = self.log_in()
                cookies = dict(browser.cookies)
                self.keystone.mode = mode
                begun = time.monotonic()
                self.assertEqual(self.log_out(browser)[:2], (302, 'https://keystone.example.net/out?to=a'))
                self.assertLess(time.monotonic() - begun, 9)
                self.keystone.mode = 'well'
                self.assertFalse(self.logged_in(cookies))

    def test_a_redirect_without_a_password(self):
        self.start(**WEB_SSO, WEBSSO_REDIRECT_CHOICE='corp', WEBSSO_REVOKE_TOKENS='false')
        browser = Browser()
        response, _ = self.login_page(browser, '/auth/login/?next=/settings/')
        self.assertEqual((response.status, response.headers['Location']), (302, BY_PROVIDER))
        self.assertEqual(self.come_back(browser).headers['Location'], '/settings/')
        other, _ = self.log_in()
        cookies = dict(other.cookies)
        self.assertEqual(self.log_out(other)[:2], (302, 'https://keystone.example.net/out?to=a'))
        self.assertFalse(self.logged_in(cookies))
        self.assertEqual(self.keystone.revoked, [('from-keystone', 'from-keystone')] * 2)
        # a page for which a permission is missing: not a circle
        self.assertEqual(self.login_page(browser, '/auth/login/?next=/admin/')[0].status, 200)
        response, text = self.login_page(Browser(), '/auth/login/?redirect=false')
        self.assertEqual(response.status, 200)
        self.assertIn('name="password"', text)
        self.assertEqual(self.login_page(Browser(), '/auth/login/?csrf_failure=x')[0].status, 200)
        # a failure is shown, not repeated
        browser = Browser()
        self.login_page(browser)
        location = self.come_back(browser, 'bad').headers['Location']
        self.assertEqual(self.login_page(browser, location)[0].status, 200)
        self.assertEqual(self.login_page(browser)[0].status, 200)

    def test_without_a_password(self):
        self.start(**{**WEB_SSO, 'WEBSSO_CHOICES': "(('corp', 'Corp'),)", 'WEBSSO_INITIAL_CHOICE': 'corp'})
        _, text = self.login_page(Browser())
        self.assertNotIn('credentials"', re.search('<select[^>]*id_auth_type.*?</select>', text, re.S)[0])
        for form in ({'auth_type': 'credentials'}, {'auth_type': ''}):
            response = self.choose(Browser(), form['auth_type'], username='user', password='word', region='default')
            self.assertEqual((response.status, response.headers['Location']), (302, '/auth/login/?redirect=false'))
        self.assertEqual(self.keystone.asked, [])
        self.assertTrue(self.lines('Login failed for user "user", remote address 198.51.100.7: '))

    def test_without_single_sign_on(self):
        self.start()
        self.assertEqual(Browser().open('POST', '/auth/websso/', {'token': 'x'}).status, 404)
        browser = Browser()
        browser.login()
        cookies = dict(browser.cookies)
        self.assertEqual(self.log_out(browser, **{'Sec-Fetch-Site': 'cross-site'})[0], 200)
        self.assertTrue(self.logged_in(cookies))
        self.assertEqual(self.log_out(browser)[:2], (302, '/auth/login/'))
        self.assertFalse(self.logged_in(cookies))
        self.assertEqual(self.keystone.revoked, [])


if __name__ == '__main__':
    unittest.main()
