"""The Java package, compiled by Maven with Maven Central's packages: the same template as in TypeScript."""
import functools
import os
import re
import shutil
import tarfile
import unittest

import packages
from packages import HERE, PACKAGE, ROOT

# Pinned: Maven verifies the checksums of Maven Central (`--strict-checksums`).
VERSIONS = {
    'aws-cdk-lib': '2.263.0',
    'cdknag': '3.0.2',
    'constructs': '10.5.1',
    'jsii-runtime': '1.140.0',
}
# Packages that Maven Central serves in older versions than package.json requires. Their classes run the code of the
# version in node_modules, which has the types that the library uses.
BEHIND = {
    'aws-cdk-lib': 'Maven Central had no later version, and the library does not work with its code',
}
FOLDERS = {'aws-cdk-lib': 'software/amazon/awscdk'}
MAVEN = ('mvn', '-q', '-B', '--strict-checksums', '-Dmaven.javadoc.skip=true', '-Dmaven.source.skip=true')


@functools.cache
def library():
    """The folder of the library, compiled; its pom.xml has ranges, which are pinned here."""
    folder = packages.package('java')
    pom = (folder / 'pom.xml').read_text()
    for artifact, version in VERSIONS.items():
        pom, count = re.subn(rf'(<artifactId>{artifact}</artifactId>\s*<version>)[^<]*', rf'\g<1>{version}', pom)
        if count != 1:
            raise AssertionError(f'pom.xml has {artifact} {count} times')
    (folder / 'pom.xml').write_text(pom)
    _, seconds = packages.run(*MAVEN, 'package', 'dependency:build-classpath', '-DincludeScope=runtime',
                              f'-Dmdep.outputFile={folder}/classpath', cwd=folder)
    packages.inform(f'Java: compiled in {seconds:.0f} s; jar of {packages.size(jar(folder))}')
    return folder


def jar(folder):
    return folder / f'target/{PACKAGE["name"]}-{PACKAGE["version"]}.jar'


@functools.cache
def overlay():
    """The code of packages that are behind, where their classes look for it."""
    folder = packages.scratch() / 'java-overlay'
    for name, reason in BEHIND.items():
        target = folder / FOLDERS[name]
        target.mkdir(parents=True)
        with tarfile.open(target / f'{name}@{VERSIONS[name]}.jsii.tgz', 'w:gz', compresslevel=1) as archive:
            archive.add(ROOT / 'node_modules' / name, 'package')
        floor = PACKAGE['peerDependencies'][name].lstrip('^')
        packages.inform(f'Java: {name} {VERSIONS[name]} with the code of {floor}: {reason}')
    return folder


@functools.cache
def classes():
    """The compiled apps, and the class path for them."""
    dependencies = (library() / 'classpath').read_text().strip()
    folder = packages.scratch() / 'java-apps'
    path = os.pathsep.join([str(overlay()), str(jar(library())), dependencies, str(folder)])
    _, seconds = packages.run('javac', '-Xlint:all', '-Xlint:-path', '-Werror', '-cp', path, '-d', folder,
                              *sorted((HERE / 'apps/java').glob('*.java')))
    packages.inform(f'Java: apps compiled in {seconds:.0f} s')
    return path


@unittest.skipUnless(shutil.which('mvn') and shutil.which('javac'), 'needs Maven and a JDK')
class Java(unittest.TestCase):
    maxDiff = 2000

    def test_smallest_has_the_same_template(self):
        app = packages.synthesize('smallest', packages.scratch() / 'smallest.java', 'java', '-cp', classes(), 'Smallest')
        self.assertEqual(app.status, 0, app.errors)
        reference = packages.synthesize('smallest', packages.scratch() / 'smallest.of.java', 'node',
                                        'examples/smallest/app.js')
        self.assertEqual(app.template, reference.template)
        packages.inform(f'Java: the smallest app has the same template as in TypeScript; {app.seconds:.1f} s, in TypeScript '
                        f'{reference.seconds:.1f} s')

    def test_errors_have_the_names_of_java(self):
        result, _ = packages.run('java', '-cp', classes(), 'Invalid')
        self.assertRegex(result.stdout, r"^(Error: )?cookieName must be .*, got 'a b'")


class Versions(unittest.TestCase):
    def test_what_is_behind(self):
        floors = {name: version.lstrip('^') for name, version in PACKAGE['peerDependencies'].items()}
        behind = [name for name, version in VERSIONS.items()
                  if name in floors and tuple(map(int, version.split('.'))) < tuple(map(int, floors[name].split('.')))]
        self.assertEqual(behind, list(BEHIND))


if __name__ == '__main__':
    unittest.main()
