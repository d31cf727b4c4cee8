"""The customization and the messages of a site, and the boot check about them and about panels.

Runs as root in a disposable Debian 13 root file system that has openstack-dashboard, all plugins and the
dashboard hosts' files laid over it."""
import json
import os
import shutil
import subprocess
import sys
import unittest

import test_boot_check
from test_boot_check import ENVIRONMENT, LIB, UPSTREAM

with open('/tmp/plugins.json') as file:
    PLUGINS = '' if UPSTREAM else json.load(file)['policies']
SITE = '/usr/local/share/openstack-dashboard/site'
PACKAGE = f'{SITE}/openstack_dashboard_customization'
CUSTOMIZED = {'CUSTOMIZATION': 'openstack_dashboard_customization',
              'CUSTOMIZATION_MODULE': 'openstack_dashboard_customization.overrides'}
# a file of root's would keep Horizon from starting
AS_HORIZON = ('setpriv', '--reuid=horizon', '--regid=horizon', '--init-groups')
# what a host of this site shows
SHOW = '''
import django, json, sys
django.setup()
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.urls import reverse
import horizon
reverse("login")
print(json.dumps({
    "name": str(horizon.get_dashboard("project").name),
    "template": get_template("auth/_splash.html").render({}).strip(),
    "rc": get_template(settings.OPENRC_CUSTOM_TEMPLATE).render({"auth_url": "https://k/v3"}).strip(),
    "static": [finders.find(name) for name in ("acme/logo.svg", "dashboard/img/logo.svg")],
    "links": [[str(link["name"]), link["url"]] for link in settings.USER_MENU_LINKS],
    "config": {key: settings.HORIZON_CONFIG.get(key) for key in sys.argv[1:]},
    "messages": settings.MESSAGES_PATH}))
'''


class Customization(unittest.TestCase):
    setUp = test_boot_check.BootCheck.setUp
    check = test_boot_check.BootCheck.check

    def write(self, **files):
        self.addCleanup(shutil.rmtree, SITE, True)
        for name, text in {f'{PACKAGE}/__init__.py': '', **files}.items():
            os.makedirs(os.path.dirname(name), exist_ok=True)
            with open(name, 'w') as file:
                file.write(text)

    def shown(self, *keys, **environ):
        run = subprocess.run(
            [*AS_HORIZON, sys.executable, '-c', SHOW, *keys], capture_output=True, text=True, cwd='/usr/share/openstack-dashboard',
            env={**os.environ, **ENVIRONMENT, 'PLUGIN_POLICIES': PLUGINS, **environ,
                 'DJANGO_SETTINGS_MODULE': 'openstack_dashboard.settings',
                 'PYTHONPATH': f'{LIB}/python:/usr/share/openstack-dashboard'})
        self.assertEqual(run.returncode, 0, run.stderr[-3000:])
        return json.loads(run.stdout.splitlines()[-1])

    def refused(self, *texts, **environ):
        result = self.check(PLUGIN_POLICIES=PLUGINS, **environ)
        self.assertEqual(result.returncode, 1, result.stdout)
        for text in texts:
            self.assertIn(text, result.stdout)

    def test_it_changes_the_dashboard_and_passes(self):
        self.write(**{
            f'{PACKAGE}/overrides.py': 'import horizon\nfrom . import names\n'
                                       'horizon.get_dashboard("project").name = names.PROJECT\n',
            f'{PACKAGE}/names.py': 'PROJECT = "Acme"\n',
            f'{PACKAGE}/templates/auth/_splash.html': 'Welcome to Acme',
            f'{PACKAGE}/templates/project/api_access/openrc.sh.template': 'export OS_AUTH_URL={{ auth_url }}',
            f'{PACKAGE}/static/acme/logo.svg': '<svg/>', f'{PACKAGE}/static/dashboard/img/logo.svg': '<svg/>',
            f'{SITE}/messages/1.json': '{"level": "warning", "message": "Maintenance"}'})
        environ = {**CUSTOMIZED, 'MESSAGES_PATH': f'{SITE}/messages', 'HELP_URL': 'https://help.example.org/',
                   'USER_HOME': '/project/instances/', 'AJAX_QUEUE_LIMIT': '4', 'AUTO_FADE_DELAY': '9000',
                   'MODAL_BACKDROP': 'true', 'SHOW_OPENSTACK_CLOUDS_YAML': 'false',
                   'USER_MENU_LINKS': "[{'name': 'Shop', 'url': 'https://shop.example.org/', 'external': True}]"}
        found = self.shown('help_url', 'user_home', 'ajax_queue_limit', 'auto_fade_alerts', 'modal_backdrop',
                           **environ)
        self.assertEqual(found, {
            'name': 'Acme', 'template': 'Welcome to Acme', 'rc': 'export OS_AUTH_URL=https://k/v3',
            'static': [f'{PACKAGE}/static/acme/logo.svg', f'{PACKAGE}/static/dashboard/img/logo.svg'],
            'links': [['OpenStack RC File', 'horizon:project:api_access:openrc'],
                      ['Shop', 'https://shop.example.org/']],
            'config': {'help_url': 'https://help.example.org/', 'user_home': '/project/instances/',
                       'ajax_queue_limit': 4, 'modal_backdrop': 'true',
                       'auto_fade_alerts': {'delay': 9000, 'fade_duration': 1500,
                                            'types': ['alert-success', 'alert-info']}},
            'messages': f'{SITE}/messages'})
        result = self.check(PLUGIN_POLICIES=PLUGINS, **environ)
        self.assertTrue(test_boot_check.BootCheck.passed(result), result.stdout)

    def test_a_module_that_is_not_there_or_fails_is_refused(self):
        self.write()
        self.refused(f'CUSTOMIZATION_MODULE must be a Python module in {SITE}', **CUSTOMIZED)
        self.write(**{f'{PACKAGE}/overrides.py': 'import horizon\n\nimport no_such_module\n',
                      f'{SITE}/messages/1.json': '{"level": "info"}', f'{SITE}/messages/2.json': '{'})
        self.refused(f'OpenStackDashboard-BOOT8: the panels and the customization: {PACKAGE}/overrides.py, line 3: '
                     'ModuleNotFoundError: No module named \'no_such_module\'',
                     f'OpenStackDashboard-BOOT8: {SITE}/messages/1.json: it has no message',
                     f'OpenStackDashboard-BOOT8: {SITE}/messages/2.json: ', **CUSTOMIZED,
                     MESSAGES_PATH=f'{SITE}/messages')

    def test_a_panel_without_a_page_is_refused(self):
        self.write(**{f'{PACKAGE}/overrides.py': 'import horizon\n'
                      'horizon.get_dashboard("project").get_panel("instances").index_url_name = "nowhere"\n'})
        self.refused('OpenStackDashboard-BOOT9: panel project/instances: NoReverseMatch', **CUSTOMIZED)

    def test_parameters_that_do_not_parse(self):
        for name, value in (('HELP_URL', 'http://example.org'), ('USER_HOME', '//example.org'),
                            ('AJAX_QUEUE_LIMIT', '0'), ('MODAL_BACKDROP', 'none'), ('USER_MENU_LINKS', "['a']"),
                            ('CUSTOMIZATION', 'other'), ('MESSAGES_PATH', '/nowhere')):
            with self.subTest(name):
                result = self.check(**{name: value})
                self.assertIn(f'OpenStackDashboard-BOOT1: environment: {name} must be', result.stdout)
