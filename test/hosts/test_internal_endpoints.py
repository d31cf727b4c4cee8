"""OPENSTACK_ENDPOINT_TYPE in real Horizon: hosts call internal URLs alone, and what users download has public ones.
docs/network.md, Internal endpoints

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import unittest

from horizon_server import AJAX, Api, Browser, Gunicorn, Keystone, Swift

PUBLIC = 'https://public.example.org:4443'


class InternalEndpoints(unittest.TestCase):
    def start(self, public, **environ):
        self.keystone, self.swift = Keystone(self), Swift(self)
        self.keystone.catalog = [('object-store', f'{self.swift.url}/v1/AUTH_p')]
        self.keystone.public = public
        self.gunicorn = Gunicorn(self, self.keystone.url + '/v3', workers=1, **environ)
        self.browser = Browser()
        status, text = self.browser.login()
        self.assertEqual(status, 302, text + self.gunicorn.text()[-3000:])

    def test_hosts_need_no_public_endpoint(self):
        # a name that does not resolve: whatever calls it fails
        self.start(PUBLIC, OPENSTACK_ENDPOINT_TYPE='internalURL')
        status, text = self.browser.get('/api/swift/containers/', headers=AJAX)
        self.assertEqual((status, '"items": []' in text), (200, True), text)
        self.assertTrue([path for _, path in self.swift.paths if path.startswith('/v1/AUTH_p')])
        with self.subTest('the page of API access, and the files for users, have public URLs'):
            status, page = self.browser.get('/project/api_access/')
            self.assertEqual(status, 200)
            self.assertIn(f'{PUBLIC}/v1/AUTH_p', page)
            self.assertNotIn(self.swift.url, page)
            for path in ('openrc', 'clouds.yaml'):
                status, text = self.browser.get(f'/project/api_access/{path}/')
                self.assertEqual(status, 200)
                self.assertIn(f'{PUBLIC}/v3', text)
                self.assertNotIn(self.keystone.url, text)

    def test_without_it_hosts_call_public_endpoints(self):
        """Otherwise the test above would show nothing."""
        public = Api(self)
        self.start(public.url)
        self.browser.get('/api/swift/containers/', headers=AJAX)
        self.assertEqual(self.swift.paths, [])
        self.assertTrue([path for _, path in public.paths if path.startswith('/v1/AUTH_p')])


if __name__ == '__main__':
    unittest.main()
