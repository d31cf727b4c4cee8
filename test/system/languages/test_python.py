"""The wheel with PyPI's packages: the same templates as in TypeScript, and errors with the names of Python."""
import functools
import json
import re
import sys
import unittest

import packages
from packages import HERE, PACKAGE, ROOT


@functools.cache
def wheel():
    [built] = packages.package('python', code_only=False).glob('*.whl')
    packages.inform(f'Python: wheel of {packages.size(built)}')
    return built


def pip(python, *arguments):
    """What a user types, with the versions of requirements.txt."""
    pinned = re.findall(r'^[\w.-]+==[\w.]+', (HERE / 'requirements.txt').read_text(), re.MULTILINE)
    constraints = packages.scratch() / 'constraints.txt'
    constraints.write_text('\n'.join(pinned))
    packages.run(python, '-m', 'pip', 'install', '-q', '-c', constraints, *arguments)


@functools.cache
def interpreter():
    """Python in an environment in which pip has installed the library, and what that requires."""
    folder = packages.scratch() / 'python-environment'
    packages.run(sys.executable, '-m', 'venv', folder)
    pip(folder / 'bin/python', wheel())
    return folder / 'bin/python'


@functools.cache
def installed():
    """The folder of the environment's packages."""
    [folder] = interpreter().parents[1].glob('lib/python*/site-packages')
    return folder


@functools.cache
def project():
    """A project for Node.js with the packages of npm that PyPI's packages contain."""
    folder = packages.scratch() / 'python-project'
    folder.mkdir()
    return packages.install(installed().glob('**/_jsii/*.jsii.tgz'), folder)


@functools.cache
def python(app):
    program = HERE / 'apps/python' / f'{app.replace("-", "_")}.py'
    synthesized = packages.synthesize(app, packages.scratch() / f'{app}.python', interpreter(), HERE / 'timed.py',
                                      program)
    return synthesized


@functools.cache
def typescript(app):
    return packages.typescript(app, project())


def ask(program):
    """Runs a program in Python, and returns what it prints as JSON."""
    result, _ = packages.run(interpreter(), '-c', program)
    return json.loads(result.stdout.splitlines()[-1])


class SameTemplate(unittest.TestCase):
    maxDiff = 2000

    def same(self, app):
        self.assertEqual(python(app).template, typescript(app).template)
        self.assertEqual(python(app).findings, typescript(app).findings)
        self.assertEqual(python(app).status, typescript(app).status)
        resources = len(json.loads(python(app).template)['Resources'])
        packages.inform(f'Python: {app} has {resources} resources, the same as in TypeScript; '
                        f'{python(app).seconds:.1f} s, in TypeScript {typescript(app).seconds:.1f} s')

    def test_smallest(self):
        self.same('smallest')
        self.assertEqual(python('smallest').status, 0, python('smallest').errors)

    def test_typed_settings(self):
        self.same('typed-settings')
        self.assertEqual(python('typed-settings').status, 0, python('typed-settings').errors)

    def test_rules_alone(self):
        self.same('rules-alone')
        self.assertEqual(python('rules-alone').status, 1)
        found = sorted(rule for rule, _, _, kind in python('rules-alone').findings if kind == 'violations')
        readme = (ROOT / 'examples/rules-alone/README.md').read_text()
        named = re.findall(r'^- `([A-Z]+\d+)`', readme, re.MULTILINE)
        self.assertEqual(found, [f'OpenStackDashboard-{rule}' for rule in named])

    def test_another_template_is_noticed(self):
        self.assertNotEqual(python('smallest').template, typescript('typed-settings').template)


class Metadata(unittest.TestCase):
    def test_requirements_are_met(self):
        packages.run(interpreter(), '-m', 'pip', 'check')
        installed_, _ = packages.run(interpreter(), '-m', 'pip', 'list', '--format', 'json')
        versions = {each['name']: each['version'] for each in json.loads(installed_.stdout)}
        self.assertEqual({name: versions[name] for name in PACKAGE['peerDependencies']},
                         {name: PACKAGE['devDependencies'][name] for name in PACKAGE['peerDependencies']})

    def test_types_are_published(self):
        self.assertTrue((installed() / 'cdk_openstack_dashboard/py.typed').exists())


class Names(unittest.TestCase):
    """Errors have the names that Python has: of each prop and method of the public API."""

    def test_each_name(self):
        types = json.loads((ROOT / '.jsii').read_text())['types'].values()
        names = sorted({member['name'] for type in types
                        for member in [*type.get('properties', []), *type.get('methods', [])]
                        if not member.get('protected') and not re.fullmatch(r'[A-Z0-9_]+', member['name'])})
        program = """const { invalid } = require('./lib/shared/errors');
const names = JSON.parse(process.argv[1]);
console.log(JSON.stringify(names.map((name) => invalid(undefined, name, 'fit').message.split(' ')[0])));"""
        result, _ = packages.run('node', '-e', program, json.dumps(names), JSII_AGENT='Python/3.13.5')
        in_errors = set(json.loads(result.stdout))
        in_python = set(ask("""
import inspect, json
import cdk_openstack_dashboard as library
names = set()
for each in vars(library).values():
    if inspect.isclass(each):
        names |= {name for name in dir(each) if not name.startswith('_')}
        names |= set(inspect.signature(each.__init__).parameters)
print(json.dumps(sorted(names)))"""))
        self.assertEqual(sorted(in_errors - in_python), [])
        self.assertGreater(len(in_errors), 400)
        packages.inform(f'Python: {len(in_errors)} names of members are the same in errors and in Python')


class Errors(unittest.TestCase):
    maxDiff = None

    PROGRAM = """
import json
import traceback
from aws_cdk import App, Duration, Size, Stack, aws_route53 as route53
from cdk_openstack_dashboard import *

def stack():
    return Stack(App(), 'Stack')

def dashboard(**props):
    given = {'domain_name': 'dashboard.example.org', 'keystone_url': 'https://keystone.example.org:5000/v3'}
    return OpenStackDashboard(stack(), 'Dashboard', **{**given, **props})

def with_settings(**settings):
    scope = stack()
    zone = route53.HostedZone.from_hosted_zone_attributes(
        scope, 'Zone', zone_name='example.org', hosted_zone_id='Z0123456789ABCDEFGHIJ')
    return OpenStackDashboard(
        scope, 'Dashboard', domain_name='dashboard.example.org', hosted_zone=zone,
        keystone_url='https://keystone.example.org:5000/v3', settings=DashboardSettingsOptions(**settings))

def attempt(call):
    try:
        call()
    except Exception as error:
        return [type(error).__name__, str(error)]
    return None

print(json.dumps([attempt(call) for call in CALLS]))
"""

    # What is called, the kind of the error, and the message or how it begins
    CASES = (
        # the library's own checks
        ("lambda: dashboard(domain_name='https://x')", 'RuntimeError',
         "Stack/Dashboard: domain_name must be a fully qualified domain name in lower case"),
        ("lambda: dashboard(keystone_url='http://keystone.example.org/v3')", 'RuntimeError',
         "Stack/Dashboard: keystone_url must be an https URL that ends with /v3"),
        ("lambda: dashboard()", 'RuntimeError',
         "Stack/Dashboard: entry must have a certificate if hosted_zone is not given"),
        ("lambda: with_settings(extra_settings={'DEBUG': SettingValue.from_boolean(True)})", 'RuntimeError',
         "Stack/Dashboard: extra_settings must not contain settings that the library sets itself, got 'DEBUG'"),
        ("lambda: with_settings(password_regex='^.{16,128}$')", 'RuntimeError',
         "Stack/Dashboard: password_help_text must be given with password_regex"),
        ("lambda: with_settings(api_timeouts=ApiTimeouts(connect=Duration.seconds(100)))", 'RuntimeError',
         "Stack/Dashboard: api_timeouts.connect must be"),
        ("lambda: SessionBackend.signed_cookies(cookie_name='a b')", 'RuntimeError', 'cookie_name must be'),
        ("lambda: ImageUpload.legacy('it has a quota', Size.gibibytes(1), concurrent_uploads=0)", 'RuntimeError',
         'concurrent_uploads must be'),
        # those of the generated code, before anything is called
        ("lambda: dashboard(keystone='x')", 'TypeError', "got an unexpected keyword argument 'keystone'"),
        ("lambda: dashboard(domain_name=5)", 'TypeError', 'type of argument domain_name must be str; got int instead'),
        ("lambda: OpenStackDashboard(stack(), 'Dashboard', domain_name='a.example.org')", 'TypeError',
         "missing 1 required keyword-only argument: 'keystone_url'"),
    )

    def test_messages(self):
        calls = ',\n'.join(call for call, _, _ in self.CASES)
        errors = ask(self.PROGRAM.replace('CALLS', f'[{calls}]'))
        for (call, kind, message), error in zip(self.CASES, errors, strict=True):
            with self.subTest(call):
                self.assertIsNotNone(error)
                self.assertEqual(error[0], kind)
                self.assertIn(message, error[1])


class Figures(unittest.TestCase):
    def test_import_and_synthesis(self):
        program = HERE / 'apps/python/smallest.py'
        result, _ = packages.run(interpreter(), HERE / 'timed.py', program,
                                 CDK_OUTDIR=str(packages.scratch() / 'timed'), CDK_CONTEXT_JSON=json.dumps(packages.CONTEXT))
        imports, synthesis = result.stdout.splitlines()[-1].split()
        packages.inform(f'Python: import {imports} s, synthesis of the smallest app {synthesis} s')


if __name__ == '__main__':
    unittest.main()
