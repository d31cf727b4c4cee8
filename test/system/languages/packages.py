"""The library's packages for other languages, as a release builds them, and npm's packages in them."""
import atexit
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[3]
HERE = pathlib.Path(__file__).parent
PACKAGE = json.loads((ROOT / 'package.json').read_text())
CONTEXT = json.loads((ROOT / 'cdk.json').read_text())['context']


def inform(text):
    print(text, file=sys.stderr, flush=True)


@functools.cache
def scratch():
    """A folder for everything that the tests make."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix='languages-'))
    # the folders of Go's modules are read-only
    atexit.register(lambda: subprocess.run(['rm', '-rf', str(folder)], check=False))
    return folder


def run(*command, cwd=ROOT, check=True, **environment):
    """Runs a command without the credentials of this machine, and returns its result and its seconds."""
    env = {name: value for name, value in os.environ.items() if not name.startswith('AWS_')}
    begin = time.monotonic()
    result = subprocess.run([str(word) for word in command], cwd=cwd, env={**env, **environment},
                            capture_output=True, text=True)
    if check and result.returncode:
        raise AssertionError(f'{command[0]} ended with {result.returncode}:\n{result.stdout[-8000:]}\n{result.stderr[-8000:]}')
    return result, time.monotonic() - begin


@functools.cache
def package(language, code_only=True):
    """The folder with the package of a language."""
    options = ['--code-only'] if code_only else []
    _, seconds = run('node', 'node_modules/jsii-pacmak/bin/jsii-pacmak', '--outdir', scratch() / 'packages',
                     '--targets', language, *options, '--', '.',
                     # run.sh has built it
                     npm_config_ignore_scripts='true')
    folder = scratch() / 'packages' / language
    inform(f'{language}: packaged in {seconds:.0f} s')
    return folder


def size(path):
    """Of a file, or of all files of a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob('*') if file.is_file()]
    return f'{sum(file.stat().st_size for file in files) / 1e6:.1f} MB'


def install(tarballs, folder):
    """A project for Node.js with these packages of npm. Each package of another language has one of them."""
    for tarball in tarballs:
        with tarfile.open(tarball) as archive:
            name = json.load(archive.extractfile('package/package.json'))['name']
            target = folder / 'node_modules' / name
            if target.exists():
                raise AssertionError(f'{name} is there twice: {tarball}')
            with tempfile.TemporaryDirectory(dir=folder) as extracted:
                archive.extractall(extracted, filter='data')
                target.parent.mkdir(parents=True, exist_ok=True)
                os.rename(f'{extracted}/package', target)
    return folder


# The apps: name, source in TypeScript, stack
APPS = {
    'smallest': ('examples/smallest/app', 'Dashboard'),
    'typed-settings': ('test/system/languages/apps/typescript/typed-settings', 'Dashboard'),
    'imported': ('', 'Imported'),
    'rules-alone': ('examples/rules-alone/app', 'Existing'),
}


class Synthesized:
    """What an app made: the template with sorted keys, and the findings."""

    def __init__(self, app, output, result, seconds):
        self.status = result.returncode
        self.errors = result.stderr
        self.seconds = seconds
        template = output / f'{APPS[app][1]}.template.json'
        if not template.exists():
            raise AssertionError(f'{app} makes no template:\n{result.stdout[-3000:]}\n{result.stderr[-8000:]}')
        self.template = json.dumps(json.loads(template.read_text()), sort_keys=True, indent=1)
        report = json.loads((output / 'validation-report.json').read_text())
        self.findings = sorted(
            (finding['ruleName'], finding['description'], construct['constructPath'], kind)
            for plugin in report['pluginReports']
            for kind in ('violations', 'suppressedViolations')
            for finding in plugin.get(kind) or []
            for construct in finding['violatingConstructs'])


def synthesize(app, output, *command, cwd=ROOT, **environment):
    """Runs an app with the feature flags of cdk.json, as the CLI does."""
    result, seconds = run(*command, cwd=cwd, check=False, CDK_OUTDIR=str(output),
                          CDK_CONTEXT_JSON=json.dumps(CONTEXT), **environment)
    return Synthesized(app, output, result, seconds)


def typescript(app, project):
    """The app in TypeScript, in a project with the packages of npm that another language has."""
    source = f'{APPS[app][0]}.js'
    program = project / f'{app}.js'
    shutil.copy(ROOT / source, program)
    return synthesize(app, project / f'{app}.out', 'node', program.name, cwd=project)
