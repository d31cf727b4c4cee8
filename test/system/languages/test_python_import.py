"""The stacks that openstack-dashboard-import prints in Python and TypeScript: both run, and have one template."""
import functools
import json
import re
import unittest

import packages
from packages import ROOT
from test_python import interpreter, project

SETTINGS = ROOT / 'test/unit/import/local_settings.py'
KOLLA = """kolla_external_fqdn: cloud.example.org
horizon_keystone_url: https://keystone.example.org:5000
horizon_keystone_multidomain: "yes"
horizon_keystone_domain_choices: {Default: default, ldap: Staff}
enable_horizon_octavia: true
enable_cinder_backup: "no"
enable_keystone_federation: "yes"
keystone_identity_providers:
  - {name: corp, protocol: openid, public_name: Corp}
"""

PYTHON_APP = """

from aws_cdk import App

app = App()
DashboardStack(app, 'Imported')
app.synth()
"""
TYPESCRIPT_APP = """
import { App } from 'aws-cdk-lib';
const app = new App();
new DashboardStack(app, 'Imported');
app.synth();
"""
TRANSPILE = """
const ts = require('typescript');
const source = require('node:fs').readFileSync(0, 'utf8');
process.stdout.write(ts.transpileModule(source, { compilerOptions: { module: 'commonjs', target: 'es2022' } }).outputText);
"""


@functools.cache
def settings(name):
    if name == 'local-settings':
        return SETTINGS
    file = packages.scratch() / 'globals.yml'
    file.write_text(KOLLA)
    return file


def printed(name, language):
    result, _ = packages.run('node', 'lib/import/command.js', '--language', language, settings(name))
    return result.stdout


def uncommented(program, mark, begin, end, settings_begin):
    """The program with the lines for extra settings in its settings."""
    blocks = re.findall(rf'^{mark} {re.escape(begin)}\n((?:{mark}  .*\n)+){mark} {re.escape(end)}$', program, re.MULTILINE)
    assert blocks, program
    lines = re.sub(rf'^{mark} ', '', ''.join(blocks), flags=re.MULTILINE)
    assert program.count(settings_begin) == 1
    return program.replace(settings_begin, f'{settings_begin}\n{begin}\n{lines}{end}')


@functools.cache
def python(name):
    program = printed(name, 'python')
    if name == 'local-settings':
        program = uncommented(program, '#', 'extra_settings={', '},', 'settings=DashboardSettingsOptions(')
        program = program.replace('import (\n', 'import (\n    SettingValue,\n', 1)
    file = packages.scratch() / f'{name.replace("-", "_")}_stack.py'
    file.write_text(program + PYTHON_APP)
    return packages.synthesize('imported', packages.scratch() / f'{name}.python', interpreter(), file)


@functools.cache
def typescript(name):
    program = printed(name, 'typescript')
    if name == 'local-settings':
        program = uncommented(program, '//', 'extraSettings: {', '},', 'settings: {')
        program = program.replace('import {\n', 'import {\n  SettingValue,\n', 1)
    translated = packages.subprocess.run(['node', '-e', TRANSPILE], input=program + TYPESCRIPT_APP, cwd=ROOT, text=True,
                                         check=True, capture_output=True).stdout
    file = project() / f'imported-{name}.js'
    file.write_text(translated)
    return packages.synthesize('imported', project() / f'imported-{name}.out', 'node', file, cwd=project())


class SameTemplate(unittest.TestCase):
    maxDiff = 2000

    def same(self, name):
        self.assertEqual(python(name).status, 0, python(name).errors)
        self.assertEqual(typescript(name).status, 0, typescript(name).errors)
        self.assertEqual(python(name).template, typescript(name).template)
        resources = len(json.loads(python(name).template)['Resources'])
        packages.inform(f'Import: {name} in Python has {resources} resources, the same as in TypeScript')

    def test_local_settings(self):
        self.same('local-settings')
        # from a prop, and from extra settings
        for text in ('Campus', 'themes/corp', 'Cloud of O'):
            self.assertIn(text, python('local-settings').template)

    def test_variables_of_kolla_ansible(self):
        self.same('kolla-ansible')

    def test_another_template_is_noticed(self):
        self.assertNotEqual(python('local-settings').template, python('kolla-ansible').template)


if __name__ == '__main__':
    unittest.main()
