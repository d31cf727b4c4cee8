"""The project in Python that cdk-openstack-dashboard-init starts: its own tests, and its app with the rule pack."""
import functools
import json
import os
import unittest

import packages
from packages import PACKAGE, ROOT
from test_python import interpreter, pip, wheel


@functools.cache
def project():
    folder = packages.scratch() / 'starter'
    packages.run('node', 'init/cli.js', '--language', 'python', folder, cwd=ROOT)
    return folder


@functools.cache
def environment():
    """What the project's README makes of the files with its requirements."""
    pip(interpreter(), '--find-links', wheel().parent, '-r', project() / 'requirements-dev.txt')
    return interpreter().parent


def run(*command, check=True, **variables):
    result, _ = packages.run(*command, cwd=project(), check=check,
                             PATH=f'{environment()}:{os.environ["PATH"]}', **variables)
    return result


class Starter(unittest.TestCase):
    def test_requires_the_library_and_what_its_tests_were_run_with(self):
        self.assertIn(f'cdk-openstack-dashboard=={PACKAGE["version"]}\n', (project() / 'requirements.txt').read_text())
        pinned = [line for line in (project() / 'requirements-dev.txt').read_text().splitlines() if '==' in line]
        locked = (packages.HERE / 'requirements.in').read_text().splitlines()
        self.assertEqual([line for line in pinned if line not in locked], [])

    def test_its_tests_pass(self):
        said = run('pytest', '-q', '-p', 'no:cacheprovider').stdout
        self.assertRegex(said, r'\b3 passed in ')

    def test_the_command_of_the_cdk_synthesizes_it(self):
        output = packages.scratch() / 'starter-cli.out'
        run('node', ROOT / 'node_modules/aws-cdk/bin/cdk', 'synth', '--strict', '--quiet', '--output', output)
        self.assertEqual(len(list(output.glob('*.template.json'))), 1)

    def synthesize(self, name, app, check=True):
        program = project() / f'{name}.py'
        program.write_text(app)
        self.addCleanup(program.unlink)
        output = packages.scratch() / f'{name}.out'
        context = json.loads((project() / 'cdk.json').read_text())['context']
        result = run('python3', program.name, check=check, CDK_OUTDIR=str(output), CDK_CONTEXT_JSON=json.dumps(context))
        return result, output

    def test_its_app_has_no_finding(self):
        _, output = self.synthesize('clean', (project() / 'app.py').read_text())
        [template] = output.glob('*.template.json')
        self.assertIn('AWS::AutoScaling::AutoScalingGroup',
                      {resource['Type'] for resource in json.loads(template.read_text())['Resources'].values()})

    def test_its_app_fails_with_a_cluster_without_tls(self):
        app = (project() / 'app.py').read_text()
        before = '# Fails synthesis'
        self.assertIn(before, app)
        plain = ("from aws_cdk.aws_elasticache import CfnCacheCluster\n"
                 "[cluster] = [one for one in app.node.find_all() if isinstance(one, CfnCacheCluster)]\n"
                 "cluster.transit_encryption_enabled = False\n")
        result, output = self.synthesize('finding', app.replace(before, plain + before), check=False)
        self.assertEqual(result.returncode, 1, result.stderr)
        reports = json.loads((output / 'validation-report.json').read_text())['pluginReports']
        self.assertEqual(['OpenStackDashboard-SESSION4'],
                         [one['ruleName'] for report in reports for one in report['violations']])

    def test_its_app_with_a_wrong_value_says_so(self):
        app = (project() / 'app.py').read_text().replace('https://keystone.example.org:5000', 'http://keystone.example.org')
        result, _ = self.synthesize('wrong', app, check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('keystone_url must', result.stderr)
