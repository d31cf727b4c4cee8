"""Compares the settings of the installed Horizon with those that the library sets, and those that it leaves to
`extraSettings`, so that another release shows what is new."""
import ast
import importlib.util
import json
import os
import sys
import unittest

sys.path.insert(0, '/usr/local/lib/openstack-dashboard/python')
import openstack_dashboard_contract as contract  # noqa: E402
from openstack_dashboard_environment import SECTIONS  # noqa: E402

# Debian's, or those of Horizon from PyPI
PACKAGES = os.path.dirname(importlib.util.find_spec('openstack_dashboard').submodule_search_locations[0])
SOURCES = ('horizon/defaults.py', 'horizon/conf/default.py', 'openstack_auth/defaults.py',
           'openstack_dashboard/defaults.py', 'openstack_dashboard/settings.py')
LEFT = json.load(open('/tmp/horizon-settings.json'))
if not PACKAGES.startswith('/usr/lib/'):
    LEFT |= {
        'OPENSTACK_KEYSTONE_PREFER_DOMAIN_TOKEN': 'of 2026.1; depends on the policies of Keystone',
        'SWIFT_PANEL_FULL_LISTING': 'of 2026.1',
    }


def keys(node):
    if isinstance(node, ast.Dict):
        return {key.value for key in node.keys if isinstance(key, ast.Constant)}
    return set()


def installed():
    """The names of settings, with their keys."""
    found = {}
    for source in SOURCES:
        with open(f'{PACKAGES}/{source}') as file:
            tree = ast.parse(file.read())
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name.isupper() and not name.startswith('_'):
                    found.setdefault(name, set()).update(keys(node.value))
    return found


class HorizonSettings(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.installed = installed()
        self.ours = {parameter.get('setting', '').split('.')[0]
                     for parameter in contract.PARAMETERS.values()} | {*contract.SETTINGS}

    def test_each_setting_has_a_property_or_a_reason(self):
        self.assertGreater(len(self.installed), 150)
        self.assertEqual({*self.installed} - self.ours - LEFT.keys(), set())

    def test_no_reason_is_left_over(self):
        self.assertEqual(LEFT.keys() & self.ours, set())
        self.assertEqual({name for name in LEFT if '.' not in name} - self.installed.keys(), set())

    def test_each_key_has_a_property_or_a_reason(self):
        for section, properties in SECTIONS.items():
            missing = {f'{section}.{key}' for key in self.installed.get(section, set()) - properties.keys()}
            self.assertEqual(missing - LEFT.keys(), set())
            # these exist under their name in code only
            self.assertEqual({key for key in LEFT if key.startswith(f'{section}.')} - missing, set())

    def test_languages_are_those_of_horizon(self):
        with open(f'{PACKAGES}/openstack_dashboard/settings.py') as file:
            tree = ast.parse(file.read())
        [languages] = [node.value for node in tree.body if isinstance(node, ast.Assign)
                       and getattr(node.targets[0], 'id', '') == 'LANGUAGES']
        self.assertEqual([code for code, _ in ast.literal_eval(languages)],
                         contract.PARAMETERS['LANGUAGES']['allowed'])


if __name__ == '__main__':
    unittest.main()
