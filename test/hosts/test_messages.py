"""Messages of a site: users see them after a login, on the page where it ends.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import json
import os
import shutil
import unittest

from horizon_server import Browser, Gunicorn
from memcached_server import MemcachedServer
from test_sso import CLIENT, MEMCACHED, PORT, WEB_SSO, Revoking

FOLDER = '/usr/local/share/openstack-dashboard/site/messages'
TEXT = 'Maintenance on Sunday &amp; Monday'


class Messages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(MemcachedServer(PORT).stop)
        os.makedirs(FOLDER)
        cls.addClassCleanup(shutil.rmtree, os.path.dirname(FOLDER))
        with open(f'{FOLDER}/1.json', 'w') as file:
            json.dump({'level': 'warning', 'message': TEXT}, file)

    def setUp(self):
        Gunicorn(self, Revoking(self).url + '/v3', workers=1, MESSAGES_PATH=FOLDER,
                 USER_HOME='/settings/', **MEMCACHED, **WEB_SSO)
        self.browser = Browser()

    def follow(self, response):
        """The page on which a login ends, and how often it shows the message."""
        response.read()
        for _ in range(5):
            if response.status != 302:
                break
            path = response.headers['Location']
            response = self.browser.open('GET', path, headers=CLIENT)
        self.assertEqual(response.status, 200)
        return path, response.read().decode().count(TEXT)

    def log_in(self, page, choice='credentials'):
        self.browser = Browser()
        self.browser.get('/auth/login/?redirect=false')
        return self.browser.open('POST', '/auth/login/', {
            'csrfmiddlewaretoken': self.browser.cookies['__Host-csrftoken'], 'auth_type': choice, 'username': 'user',
            'password': 'word', 'region': 'default', 'next': page}, headers=CLIENT)

    def test_users_see_it_once_on_the_page_where_a_login_ends(self):
        for page in ('', '/', '/project/api_access/'):
            with self.subTest('a password', page=page):
                self.assertEqual(self.follow(self.log_in(page)), (page.strip('/') and page or '/settings/', 1))
                self.assertNotIn(TEXT, self.browser.get('/settings/')[1])
            with self.subTest('single sign-on', page=page):
                self.log_in(page, 'corp').read()
                response = self.browser.open('POST', '/auth/websso/', {'token': 'from-keystone'}, headers=CLIENT)
                self.assertEqual(self.follow(response), (page.strip('/') and page or '/settings/', 1))
                self.assertNotIn(TEXT, self.browser.get('/settings/')[1])


if __name__ == '__main__':
    unittest.main()
