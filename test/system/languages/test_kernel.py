"""What each language asks the library's code through jsii's kernel: the quick test, which generates no package.

The protocol: https://github.com/aws/jsii/blob/main/gh-pages/content/specification/3-kernel-api.md
"""
import functools
import graphlib
import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import time
import unittest

import jsii
import packages
from packages import CONTEXT, ROOT

EMBEDDED = pathlib.Path(jsii.__file__).parent / '_embedded/jsii'
CERTIFICATE = 'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000'


@functools.cache
def runtime():
    """The program of the kernel. Python's package has `bin/a.js` as `bin__a.js`."""
    folder = packages.scratch() / 'runtime'
    for file in EMBEDDED.glob('*__*.js'):
        target = folder.joinpath(*file.name.split('__'))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return folder / 'bin/jsii-runtime.js'


@functools.cache
def tarballs():
    """Of npm's packages: name, version and file, each after those that it needs."""
    site = pathlib.Path(importlib.metadata.distribution('aws-cdk-lib').locate_file(''))
    said, _ = packages.run('npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', packages.scratch())
    files = [*site.glob('**/_jsii/*.jsii.tgz'), packages.scratch() / json.loads(said.stdout)[0]['filename']]
    manifests = {}
    for file in files:
        with tarfile.open(file) as archive:
            manifest = json.load(archive.extractfile('package/package.json'))
            manifests[manifest['name']] = (manifest, file)
    needs = {name: {other for kind in ('dependencies', 'peerDependencies') for other in manifest.get(kind, {})}
             for name, (manifest, _) in manifests.items()}
    return [(name, manifests[name][0]['version'], manifests[name][1])
            for name in graphlib.TopologicalSorter(needs).static_order() if name in manifests]


class Kernel:
    def __init__(self, case, output):
        env = {name: value for name, value in os.environ.items() if not name.startswith('AWS_')}
        self.process = subprocess.Popen(
            ['node', str(runtime())], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**env, 'CDK_OUTDIR': str(output), 'CDK_CONTEXT_JSON': json.dumps(CONTEXT)})
        case.addCleanup(self.end)
        self.calls = 0
        self.answer()
        for name, version, file in tarballs():
            self.ask('load', name=name, version=version, tarball=str(file))

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f'the kernel ended with {self.process.wait(30)}')
        return json.loads(line)

    def ask(self, api, **arguments):
        """What it answers with; an error of the library is a RuntimeError."""
        self.calls += 1
        print(json.dumps({'api': api, **arguments}), file=self.process.stdin, flush=True)
        answer = self.answer()
        if 'error' in answer:
            raise RuntimeError(answer['error'])
        return answer['ok']

    def create(self, fqn, *args):
        return {'$jsii.byref': self.ask('create', fqn=fqn, args=args)['$jsii.byref']}

    def static(self, fqn, method, *args):
        return self.ask('sinvoke', fqn=fqn, method=method, args=args)['result']

    def get(self, reference, name):
        return self.ask('get', objref=reference, property=name).get('value')

    @staticmethod
    def struct(fqn, **data):
        return {'$jsii.struct': {'fqn': fqn, 'data': data}}


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.output = packages.scratch() / f'kernel-{self._testMethodName}'
        self.kernel = Kernel(self, self.output)
        self.app = self.kernel.create('aws-cdk-lib.App')
        self.stack = self.kernel.create('aws-cdk-lib.Stack', self.app, 'Dashboard')

    def dashboard(self, **more):
        kernel = self.kernel
        certificate = kernel.static('aws-cdk-lib.aws_certificatemanager.Certificate', 'fromCertificateArn', self.stack,
                                    'Certificate', CERTIFICATE)
        entry = kernel.static('cdk-openstack-dashboard.DashboardEntry', 'newLoadBalancer', kernel.struct(
            'cdk-openstack-dashboard.NewLoadBalancerOptions', certificate=certificate))
        monitoring = kernel.static('cdk-openstack-dashboard.Monitoring', 'none')
        return kernel.create('cdk-openstack-dashboard.OpenStackDashboard', self.stack, 'Dashboard', kernel.struct(
            'cdk-openstack-dashboard.OpenStackDashboardProps',
            **{'domainName': 'dashboard.example', 'keystoneUrl': 'https://keystone.example.org:5000/v3', 'entry': entry,
               'monitoring': monitoring, **more}))

    def test_kernel_makes_the_template_of_typescript(self):
        begun = time.monotonic()
        dashboard = self.dashboard()
        assembly = json.loads((ROOT / '.jsii').read_text())
        properties = [one['name'] for one in assembly['types']['cdk-openstack-dashboard.OpenStackDashboard']['properties']
                      if not one.get('static')]
        self.assertGreater(len(properties), 5)
        values = {name: self.kernel.get(dashboard, name) for name in properties if name != 'certificate'}
        self.assertIn('$jsii.byref', values['hosts'])
        # it is not the library's own here
        with self.assertRaisesRegex(RuntimeError, 'certificate must only be used if'):
            self.kernel.get(dashboard, 'certificate')
        self.kernel.ask('invoke', objref=self.app, method='synth', args=[])
        template = json.loads((self.output / 'Dashboard.template.json').read_text())
        project = packages.scratch() / 'kernel-project'
        project.mkdir()
        packages.install([file for _, _, file in tarballs()], project)
        expected = packages.typescript('smallest', project)
        self.assertEqual(json.dumps(template, sort_keys=True, indent=1), expected.template)
        packages.inform(f'kernel: {self.kernel.calls} calls in {time.monotonic() - begun:.1f} s, {len(properties)} properties')

    def test_kernel_answers_errors_of_the_library(self):
        with self.assertRaisesRegex(RuntimeError, 'keystoneUrl must .*http:'):
            self.dashboard(keystoneUrl='http://keystone.example.org')
        # and lives on
        self.assertIn('$jsii.byref', self.kernel.create('aws-cdk-lib.Stack', self.app, 'Other'))

    def test_kernel_refuses_what_a_prop_does_not_take(self):
        with self.assertRaisesRegex(RuntimeError, 'domainName'):
            self.dashboard(domainName=7)


if __name__ == '__main__':
    unittest.main()
