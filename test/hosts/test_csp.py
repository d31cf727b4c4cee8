"""The content security policy of pages, and the nonces of their scripts, in a process with Horizon.

Runs as root in a disposable Debian 13 root file system, as test_guard.py does."""
import os
import re
import subprocess
import sys
import unittest

import test_guard

SCRIPT = re.compile(r'<script(?: nonce="([\w-]{32})")?')


def load_tests(loader, _tests, _pattern):
    if 'IN_HORIZON' not in os.environ:
        return unittest.TestSuite([InHorizon()])
    return unittest.TestSuite(map(loader.loadTestsFromTestCase, (Pages, Templates, Policies)))


class InHorizon(unittest.TestCase):
    def runTest(self):
        """All tests below in a process of their own: Django can be set up once in each."""
        child = subprocess.run(
            ['timeout', '-s', 'INT', '300', sys.executable, '-W', 'ignore', __file__, '-v'],
            env={**os.environ, 'IN_HORIZON': '1'}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        self.assertEqual(child.returncode, 0, child.stderr[-20000:])
        print(child.stderr.strip().splitlines()[-3])


def setUpModule():
    if 'IN_HORIZON' in os.environ:
        test_guard.setUpModule()


def client():
    return test_guard.Logs.client(None)


def policy_of(response):
    return {part.split()[0]: part.split()[1:] for part in
            response.headers['Content-Security-Policy'].split(';')}


def nonce_of(response):
    return re.search(r"'nonce-([\w-]{32})'", response.headers['Content-Security-Policy'])[1]


def set_up(mode, extra=''):
    """The policy as after a start with these parameters."""
    import openstack_dashboard_csp as csp
    from django.conf import settings

    settings.CONTENT_SECURITY_POLICY, settings.CONTENT_SECURITY_POLICY_SOURCES = mode, extra
    csp._cached = None


class Pages(unittest.TestCase):
    def test_scripts_of_a_page_have_its_nonce(self):
        seen = set()
        for _ in range(2):
            response = client().get('/auth/login/')
            found = SCRIPT.findall(response.content.decode())
            self.assertGreater(len(found), 5)
            self.assertEqual(set(found), {nonce_of(response)})
            seen.add(nonce_of(response))
        self.assertEqual(len(seen), 2)

    def test_a_part_of_a_page_has_the_nonce_of_the_page(self):
        mine = 'N' * 32
        ajax = {'HTTP_X_REQUESTED_WITH': 'XMLHttpRequest'}
        for sent, headers, same in (
                (mine, ajax, True), (mine, {}, False), (f'{mine}N', ajax, False),
                ('" onload="x"' + mine[:20], ajax, False), (f"{mine[:-9]}' 'self'", ajax, False), ('', ajax, False)):
            with self.subTest(sent=sent, headers=headers):
                response = client().get('/auth/login/', HTTP_X_CSP_NONCE=sent, **headers)
                self.assertEqual(nonce_of(response) == sent, same)
                self.assertNotIn('onload="x"', response.content.decode())

    def test_all_answers_have_the_policy(self):
        for path in ('/auth/login/', '/', '/project/', '/no', '/i18n/js/horizon+openstack_dashboard/'):
            with self.subTest(path):
                response = client().get(path)
                self.assertEqual(policy_of(response)['object-src'], ["'none'"])
                self.assertEqual(response.headers['Reporting-Endpoints'], 'csp="/csp-report"')
        response = client().post('/auth/login/', {'username': 'x'}, HTTP_X_FORWARDED_PROTO='http')
        self.assertIn('Content-Security-Policy', response.headers)


class Templates(unittest.TestCase):
    def setUp(self):
        from openstack_dashboard_csp import nonces

        self.state = nonces.state
        self.state.nonce = 'n' * 32

    def render(self, text, **values):
        from django.template import Context, Template

        return Template(text).render(Context(values))

    def test_only_scripts_of_templates_have_it(self):
        for text, rendered in (
                ('<script>x</script>', '<script nonce="{}">x</script>'),
                ('{% if a %}<script src="{{ a }}"></script>{% endif %}', '<script nonce="{}" src="1"></script>'),
                ('<script\n type="a"></script>', '<script nonce="{}"\n type="a"></script>'),
                ('<p>{{ a }}</p><scripts>', '<p>1</p><scripts>'),
                ('{{ b|safe }}', '<script>injected</script>'),
                ('<script{% if a %} defer{% endif %}></script>', '<script nonce="{}" defer></script>')):
            with self.subTest(text):
                self.assertEqual(self.render(text, a=1, b='<script>injected</script>'),
                                 rendered.replace('{}', 'n' * 32))

    def test_a_template_is_read_once_and_has_each_nonce(self):
        from django.template import Context, Template

        template = Template('<script>x</script>')
        for letter in 'ab':
            self.state.nonce = letter * 32
            self.assertEqual(template.render(Context()), f'<script nonce="{letter * 32}">x</script>')

    def test_verbatim_text_has_none_of_another_page(self):
        self.assertEqual(self.render('{% verbatim %}<script>{{ x }}</script>{% endverbatim %}'),
                         '<script>{{ x }}</script>')

    def test_compressed_blocks_are_looked_up_without_it(self):
        from compressor.templatetags import compress
        from django.conf import settings
        from openstack_dashboard_csp import nonces

        node, seen = compress.CompressorNode(None, 'js'), []
        original = compress.CompressorNode.render
        try:
            compress.CompressorNode.render = lambda *_: seen.append(nonces.state.nonce)
            settings.COMPRESS_ENABLED = True
            nonces.leave_out_compressed_blocks()
            node.render(None)
        finally:
            settings.COMPRESS_ENABLED = False
            compress.CompressorNode.render = original
        self.assertEqual((seen, nonces.state.nonce), ([None], 'n' * 32))


class Policies(unittest.TestCase):
    def tearDown(self):
        set_up('enforced')

    def test_the_default(self):
        response = client().get('/auth/login/')
        self.assertEqual(policy_of(response), {
            'default-src': ["'none'"],
            'script-src': ["'self'", "'unsafe-eval'", f"'nonce-{nonce_of(response)}'"],
            'style-src': ["'self'", "'unsafe-inline'"], 'img-src': ["'self'", 'data:'],
            'font-src': ["'self'", 'data:'], 'connect-src': ["'self'"], 'frame-src': ["'self'"],
            'form-action': ["'self'"], 'object-src': ["'none'"], 'base-uri': ["'self'"],
            'frame-ancestors': ["'none'"], 'report-uri': ['/csp-report'], 'report-to': ['csp']})
        self.assertNotIn('Content-Security-Policy-Report-Only', response.headers)

    def test_further_sources(self):
        set_up('enforced', 'connect-src wss://console.example.org:6083 https:; media-src https://a.example.org')
        policy = policy_of(client().get('/auth/login/'))
        self.assertEqual(policy['connect-src'], ["'self'", 'wss://console.example.org:6083', 'https:'])
        self.assertEqual(policy['media-src'], ['https://a.example.org'])

    def test_static_media_with_a_name_of_its_own(self):
        import openstack_dashboard_csp as csp

        policy = csp.policy('https://static.example.org:8443/static/0123/', {})
        for directive in ('script-src', 'style-src', 'img-src', 'font-src', 'connect-src'):
            self.assertIn('https://static.example.org:8443', policy[directive])
        self.assertNotIn('https://static.example.org:8443', policy['form-action'])

    def test_origins_of_single_sign_on(self):
        from types import SimpleNamespace

        from openstack_dashboard_csp import sources

        settings = SimpleNamespace(
            WEBSSO_ENABLED=True, WEBSSO_KEYSTONE_URL='https://keystone.example.org:5000/v3',
            AVAILABLE_REGIONS=[('https://keystone.example.org:5000/v3', 'one')],
            WEBSSO_LOGOUT_URLS={'corp': 'https://login.example.org/logout?a=b'},
            WEBSSO_IDENTITY_PROVIDER_ORIGINS=['https://idp.example.org'])
        self.assertEqual(sources.of_single_sign_on(settings), [
            'https://keystone.example.org:5000', 'https://login.example.org', 'https://idp.example.org'])
        settings.WEBSSO_ENABLED = False
        self.assertEqual(sources.of_single_sign_on(settings), [])

    def test_report_only(self):
        set_up('report-only')
        response = client().get('/auth/login/')
        self.assertNotIn('script-src', policy_of(response))
        self.assertEqual(policy_of(response)['object-src'], ["'none'"])
        reported = response.headers['Content-Security-Policy-Report-Only']
        self.assertIn(SCRIPT.search(response.content.decode())[1], reported)

    def test_minimal(self):
        set_up('minimal')
        response = client().get('/auth/login/')
        self.assertEqual(set(policy_of(response)), {'object-src', 'base-uri', 'frame-ancestors', 'report-uri',
                                                    'report-to'})
        self.assertNotIn('Content-Security-Policy-Report-Only', response.headers)

    def test_sources_that_are_none(self):
        from openstack_dashboard_environment import given

        for text in ("script-src 'unsafe-inline'", 'script-src *', 'script-src data:', 'default-src https://a.example',
                     'img-src https:', "frame-ancestors https://a.example.org", 'img-src http://a.example.org'):
            with self.subTest(text), self.assertRaisesRegex(ValueError, 'CONTENT_SECURITY_POLICY_SOURCES must have'):
                given({'CONTENT_SECURITY_POLICY_SOURCES': text}, 'CONTENT_SECURITY_POLICY_SOURCES')


if __name__ == '__main__':
    unittest.main()
