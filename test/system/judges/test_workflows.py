"""What zizmor finds in the workflows, what SchemaStore's schemas say about the other files for GitHub, and actionlint's
word where it or Go is installed."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import accepted
from assemblies import ROOT

BIN = os.path.dirname(sys.executable)
GITHUB = f'{ROOT}/.github'
# Those of this repository, and those that projects start with
TEMPLATES = sorted(glob.glob(f'{ROOT}/init/templates/*/.github'))
WORKFLOWS = sorted(path for folder in [GITHUB, *TEMPLATES] for path in glob.glob(f'{folder}/workflows/*.yml'))
SCHEMAS = {
    'github-workflows': WORKFLOWS,
    'github-actions': [f'{ROOT}/action.yml'],
    'dependabot': [f'{GITHUB}/dependabot.yml'],
    'github-issue-config': [f'{GITHUB}/ISSUE_TEMPLATE/config.yml'],
    'github-issue-forms': sorted(path for path in glob.glob(f'{GITHUB}/ISSUE_TEMPLATE/*.yml')
                                 if not path.endswith('/config.yml')),
}
PINNED = re.compile(r'[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+')


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def zizmor(*paths):
    result = run(f'{BIN}/zizmor', '--offline', '--persona=pedantic', '--format=json', '--no-exit-codes', *paths)
    if result.returncode or not result.stdout:
        raise AssertionError(f'zizmor broke: {result.stderr[-2000:]}')
    return [
        {'rule': finding['ident'],
         'file': os.path.basename(finding['locations'][0]['symbolic']['key']['Local']['verbatim_path']),
         'level': finding['determinations']['severity'],
         'message': finding['desc']}
        for finding in json.loads(result.stdout)]


def actionlint():
    """The version of ci.yml."""
    if shutil.which('actionlint'):
        return ['actionlint']
    with open(f'{GITHUB}/workflows/ci.yml') as file:
        module = re.search(r'go run (github\.com/rhysd/actionlint/\S+)', file.read()).group(1)
    return ['go', 'run', module]


class Workflows(unittest.TestCase):
    maxDiff = None

    def test_zizmor_finds_only_what_is_explained(self):
        accepted.compare(self, 'workflows-accepted.json', zizmor(GITHUB, *TEMPLATES, f'{ROOT}/action.yml'), ['rule', 'file'])

    def test_zizmor_is_awake(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(f'{GITHUB}/workflows/ci.yml') as file:
                text = file.read()
            text = text.replace('permissions: {}', 'permissions: write-all', 1)
            text = text.replace('run: npm run lint', 'run: echo "${{ github.event.pull_request.title }}"')
            path = f'{folder}/.github/workflows/broken.yml'
            os.makedirs(os.path.dirname(path))
            with open(path, 'w') as file:
                file.write(text)
            rules = {finding['rule'] for finding in zizmor(path)}
            self.assertTrue({'excessive-permissions', 'template-injection'} <= rules, rules)

    def test_files_follow_their_schemas(self):
        for schema, paths in SCHEMAS.items():
            with self.subTest(schema):
                self.assertTrue(paths)
                result = run(f'{BIN}/check-jsonschema', '--builtin-schema', f'vendor.{schema}', *paths)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_actions_are_pinned_and_say_their_version(self):
        uses = {}
        for path in WORKFLOWS:
            with open(path) as file:
                for line in file:
                    # a workflow of this repository has the commit of its caller
                    if match := re.search(r'^\s*-? ?uses: (?!\./)(.*)', line):
                        self.assertRegex(match.group(1), f'^{PINNED.pattern}$', path)
                        action, _, version = match.group(1).partition('@')
                        # All parts of a repository have one commit, in all workflows
                        uses.setdefault('/'.join(action.split('/')[:2]), set()).add(version)
        self.assertEqual({action: versions for action, versions in uses.items() if len(versions) > 1}, {})
        self.assertIn('actions/checkout', uses)

    def test_each_job_ends(self):
        for path in WORKFLOWS:
            with open(path) as file:
                text = file.read()
            self.assertEqual(text.count('runs-on:'), text.count('timeout-minutes:'), path)
            self.assertRegex(text, r'(?m)^permissions: \{\}$', path)

    @unittest.skipUnless(shutil.which('actionlint') or shutil.which('go'), 'neither actionlint nor Go is installed')
    def test_actionlint(self):
        result = run(*actionlint(), '-no-color', *WORKFLOWS)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == '__main__':
    unittest.main()
