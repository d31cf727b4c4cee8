"""The settings of panels, as the constructs render them, arrive in Horizon with their types."""
import json
import os
import subprocess
import unittest

from test_boot_check import ENVIRONMENT, BootCheck

with open('/tmp/user-data.json') as file:
    RENDERED = json.load(file)['settings']
SHOW = ('import json, sys; sys.path.append("/usr/share/openstack-dashboard"); import django; django.setup(); '
        'from django.conf import settings; '
        'print(json.dumps({n: getattr(settings, n, None) for n in sys.argv[1:]}, default=str))')


def effective(environ, *names):
    found = subprocess.run(
        ['setpriv', '--reuid=horizon', '--regid=horizon', '--init-groups', 'python3', '-c', SHOW, *names],
        env={'PATH': os.environ['PATH'], 'DJANGO_SETTINGS_MODULE': 'openstack_dashboard.settings',
             **ENVIRONMENT, **environ}, capture_output=True, text=True, timeout=600)
    if found.returncode:
        raise AssertionError(found.stderr[-2000:])
    return json.loads(found.stdout)


class ServiceSettings(unittest.TestCase):
    maxDiff = None
    check = BootCheck.check
    passed = staticmethod(BootCheck.passed)
    setUp = BootCheck.setUp

    def test_each_value_arrives_whatever_a_token_becomes(self):
        for each in RENDERED:
            given = {name: value for name, value in each['environment'].items() if name not in ENVIRONMENT}
            with self.subTest(each['text']):
                result = self.check(**given)
                self.assertTrue(self.passed(result), result.stdout)
                text = each['text']
                settings = effective(
                    given, 'OPENSTACK_NEUTRON_NETWORK', 'SECURITY_GROUP_RULES', 'LANGUAGES', 'OVERVIEW_DAYS_RANGE',
                    'EXTERNAL_MONITORING', 'LAUNCH_INSTANCE_DEFAULTS', 'ENABLE_CLIENT_TOKEN', 'LANGUAGE_CODE',
                    'OPENSTACK_KEYSTONE_BACKEND', 'OPENSTACK_IMAGE_BACKEND', 'CONSOLE_TYPE', 'DEBUG')
                network = settings['OPENSTACK_NEUTRON_NETWORK']
                self.assertEqual(network['physical_networks'], ['default', text])
                self.assertIs(network['enable_router'], False)
                self.assertEqual(network['segmentation_id_range'], {'vlan': [1024, 2048]})
                self.assertEqual(network['extra_provider_types']['wonder'], {
                    'display_name': f'Wonder {text}', 'require_physical_network': False,
                    'require_segmentation_id': True})
                self.assertEqual(settings['SECURITY_GROUP_RULES']['https'], {
                    'name': f'HTTPS {text}', 'ip_protocol': 'tcp', 'from_port': '443', 'to_port': '443'})
                self.assertEqual(settings['LANGUAGES'], [
                    ['en', 'English'], ['de', 'German'], ['pt-br', 'Brazilian Portuguese']])
                self.assertEqual(settings['EXTERNAL_MONITORING'],
                                 [[f'Graphs {text}', 'https://graphs.example.org/']])
                self.assertEqual(settings['OPENSTACK_IMAGE_BACKEND'],
                                 {'image_formats': [['raw', 'Raw'], ['qcow2', "QCOW2 - QEMU's"]]})
                self.assertEqual(settings['OVERVIEW_DAYS_RANGE'], 0)
                self.assertEqual((settings['CONSOLE_TYPE'], settings['DEBUG']), ('SPICE', False))
                self.assertEqual(settings['LAUNCH_INSTANCE_DEFAULTS']['default_availability_zone'], 'nova')
                self.assertIs(settings['OPENSTACK_KEYSTONE_BACKEND']['can_edit_user'], False)
        self.assertFalse(os.path.exists('/tmp/PWNED'))

    def test_keys_that_are_not_given_keep_their_values(self):
        settings = effective({'OPENSTACK_KEYSTONE_BACKEND_CAN_EDIT_USER': 'false', 'CONSOLE_TYPE': 'off',
                              'EXTRA_SETTINGS': "{'OPENSTACK_NEUTRON_NETWORK': {'enable_vpn': True}}"},
                             'OPENSTACK_KEYSTONE_BACKEND', 'OPENSTACK_NEUTRON_NETWORK', 'CONSOLE_TYPE',
                             'ENABLE_CLIENT_TOKEN')
        self.assertEqual(settings['OPENSTACK_KEYSTONE_BACKEND'], {
            'name': 'native', 'can_edit_domain': True, 'can_edit_group': True, 'can_edit_project': True,
            'can_edit_role': True, 'can_edit_user': False})
        self.assertIs(settings['OPENSTACK_NEUTRON_NETWORK']['enable_vpn'], True)
        self.assertIs(settings['OPENSTACK_NEUTRON_NETWORK']['enable_router'], True)
        # the console is off
        self.assertEqual(settings['CONSOLE_TYPE'], '')
        # scripts do not get the token unless they should
        self.assertIs(settings['ENABLE_CLIENT_TOKEN'], False)

    def test_values_of_other_forms_are_refused(self):
        for name, value, reason in (
                ('CONSOLE_TYPE', 'TELNET', 'must be AUTO or VNC'),
                ('LANGUAGES', "['xx']", 'must be a list of cs, de'),
                ('LANGUAGES', "'de'", 'must be a list of cs, de'),
                ('OVERVIEW_DAYS_RANGE', '367', 'must be a whole number from 0 to 366'),
                ('SITE_BRANDING_LINK', 'javascript:alert(1)', 'must be a path or an https URL'),
                ('SITE_BRANDING_LINK', '//evil.example.org', 'must be a path or an https URL'),
                ('SECURITY_GROUP_RULES', '[]', 'must be a dict with texts as keys'),
                ('IMAGE_CUSTOM_PROPERTY_TITLES', '{1: 2}', 'must be a dict with texts as keys'),
                ('EXTERNAL_MONITORING', "['a']", 'must be a list of pairs of texts'),
                ('OPENSTACK_KEYSTONE_ADMIN_ROLES', "['a', 1]", 'must be a list of texts'),
                ('OPENSTACK_KEYSTONE_ADMIN_ROLES', '__import__("os")', 'must be a Python literal'),
                ('KUBECONFIG_CERTIFICATE_AUTHORITY_DATA', 'AAAA', 'must be a certificate'),
                ('EXTRA_SETTINGS', "{'OPENSTACK_NEUTRON_NETWORK': {'enable_router': True}}",
                 "may not set OPENSTACK_NEUTRON_NETWORK['enable_router']"),
                ('EXTRA_SETTINGS', "{'OPENSTACK_NEUTRON_NETWORK': 1}", 'must be a dict'),
                ('KUBECONFIG_KUBERNETES_URL', 'http://k.example.org', 'must have https URLs only')):
            with self.subTest(name, value=value):
                found = self.check(**{name: value})
                self.assertEqual(found.returncode, 1)
                self.assertIn(reason, found.stdout)


del BootCheck

if __name__ == '__main__':
    unittest.main()
