"""The Go package, compiled with the packages of Go's module proxy: the same template as in TypeScript."""
import functools
import re
import shutil
import unittest

import packages
from packages import HERE, PACKAGE, ROOT

LIBRARY = 'github.com/cdk-openstack-dashboard/cdk-openstack-dashboard-go/cdkopenstackdashboard'
# Modules that the proxy does not serve: generated from the packages of npm, by the same generator.
NOT_SERVED = {
    'github.com/cdklabs/cdk-nag-go/cdknag/v3': 'cdk-nag',
}


@functools.cache
def apps():
    """The module of the apps. Its go.sum has the hashes of all other modules."""
    folder = packages.scratch() / 'go-apps'
    shutil.copytree(HERE / 'apps/go', folder)
    library = packages.package('go') / 'cdkopenstackdashboard'
    packages.inform(f'Go: module of {packages.size(library)}')
    replaced = {LIBRARY: library}
    for module, name in NOT_SERVED.items():
        out = packages.scratch() / 'go-not-served'
        packages.run('node', ROOT / 'node_modules/jsii-pacmak/bin/jsii-pacmak', '--code-only', '--npmignore=false',
                     '--targets', 'go', '--outdir', out, cwd=ROOT / 'node_modules' / name, npm_config_ignore_scripts='true')
        replaced[module] = out / 'go' / module.split('/')[-2]
        packages.inform(f'Go: {module} is generated from npm: the module proxy has no version')
    for module, path in replaced.items():
        go('mod', 'edit', f'-replace={module}={path}', cwd=folder)
    return folder


def go(*words, cwd):
    return packages.run('go', *words, cwd=cwd, GOFLAGS='-mod=readonly')


@functools.cache
def compiled():
    """A folder with the programs."""
    folder = packages.scratch() / 'go-programs'
    folder.mkdir()
    _, seconds = go('build', '-o', f'{folder}/', './...', cwd=apps())
    go('vet', './...', cwd=apps())
    packages.inform(f'Go: compiled in {seconds:.0f} s')
    return folder


@unittest.skipUnless(shutil.which('go'), 'needs Go')
class Go(unittest.TestCase):
    maxDiff = 2000

    def test_smallest_has_the_same_template(self):
        app = packages.synthesize('smallest', packages.scratch() / 'smallest.go', compiled() / 'smallest')
        self.assertEqual(app.status, 0, app.errors)
        reference = packages.synthesize('smallest', packages.scratch() / 'smallest.of.go', 'node',
                                        'examples/smallest/app.js')
        self.assertEqual(app.template, reference.template)
        packages.inform(f'Go: the smallest app has the same template as in TypeScript; {app.seconds:.1f} s, in TypeScript '
                        f'{reference.seconds:.1f} s')

    def test_errors_have_the_names_of_typescript(self):
        result, _ = packages.run(compiled() / 'invalid')
        self.assertRegex(result.stdout, r"cookieName must be .*, got 'a b'")

    def test_versions_are_those_that_the_library_requires(self):
        required = re.findall(r'^\t(\S+) (v\S+)$', (apps() / 'go.mod').read_text(), re.MULTILINE)
        floor = PACKAGE['peerDependencies']['aws-cdk-lib'].lstrip('^')
        self.assertIn(('github.com/aws/aws-cdk-go/awscdk/v2', f'v{floor}'), required)


if __name__ == '__main__':
    unittest.main()
