"""The list of projects of a user who has 1,500 of them, with real Horizon.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import re
import unittest
import urllib.parse

from horizon_server import Browser, Gunicorn, Keystone

PROJECTS = 1500
ROW = re.compile(r'<tr[^>]* data-object-id="[^"]*"')


class LargeKeystone(Keystone):
    def answer(self, handler, body):
        path = urllib.parse.urlsplit(handler.path).path
        if not path.endswith('/projects'):
            return super().answer(handler, body)
        # Keystone has no pages: https://docs.openstack.org/api-ref/identity/v3/#list-projects-for-user
        self.send(handler, 200, {'links': {}, 'projects': [
            {'id': f'{number:032x}' if number else 'p' * 32, 'name': f'team {number:04}', 'links': {},
             'domain_id': 'default', 'enabled': True, 'description': ''} for number in range(PROJECTS)]})


class LargeCloud(unittest.TestCase):
    def test_a_list_of_many_projects_has_pages(self):
        keystone = LargeKeystone(self)
        gunicorn = Gunicorn(self, f'{keystone.url}/v3', workers=1)
        browser = Browser()
        status, _ = browser.login()
        self.assertEqual(status, 302, gunicorn.text()[-3000:])
        status, first = browser.get('/identity/')
        self.assertEqual(status, 200, gunicorn.text()[-3000:])
        self.assertEqual(len(ROW.findall(first)), 20, gunicorn.text()[-3000:])
        # and those of the menu
        self.assertLess(len(set(re.findall('team [0-9]{4}', first))), 40)
        [more] = set(re.findall(r'href="(\?tenant_marker=[^"]*)"', first))
        _, second = browser.get(f'/identity/{more}')
        self.assertEqual(len(ROW.findall(second)), 20)
        self.assertIn('team 0039', second)
        self.assertIn('?prev_marker=', second)
        token = re.search('name="csrfmiddlewaretoken" value="([^"]*)"', first)[1]
        form = {'csrfmiddlewaretoken': token, 'tenants__filter__q': 'EAM 149', 'tenants__filter__q_field': 'name'}
        self.assertEqual(browser.open('POST', '/identity/', form).status, 302)
        _, found = browser.get('/identity/')
        self.assertEqual(len(ROW.findall(found)), 10)
        self.assertIn('team 1499', found)


if __name__ == '__main__':
    unittest.main()
