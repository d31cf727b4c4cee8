"""cfn-lint's word on every template, in every region that the documents name, and in a region of
each other partition that cdk.json targets or the constructs know by name."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import accepted
from assemblies import NOT_OURS, ROOT, inform, read_json, synth_all, templates

CFN_LINT = os.path.join(os.path.dirname(sys.executable), 'cfn-lint')
OTHER_PARTITIONS = ['cn-north-1', 'us-gov-west-1']
REGION = re.compile(r'\b(?:us|eu|ap|sa|ca|af|me|il|mx)-[a-z]+-[1-9]\b')


def named_regions():
    """Regions that the documents name."""
    files = subprocess.run(
        ['git', 'ls-files', '--cached', '--others', '--exclude-standard', 'README.md', 'docs', 'examples',
         'rosetta'], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    found = set()
    for name in files:
        if name.endswith(('.md', '.ts', '.ts-fixture')) and not name.endswith('.d.ts'):
            with open(f'{ROOT}/{name}') as file:
                found |= set(REGION.findall(file.read()))
    return sorted(found)


def lint(regions, paths):
    command = [CFN_LINT, '--include-checks', 'I', '--format', 'json', '--regions', *regions, '--', *paths]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode & 1 or not result.stdout:
        raise AssertionError(f'cfn-lint broke: {result.stdout[-500:]}{result.stderr[-2000:]}')
    return json.loads(result.stdout)


class CfnLint(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = scratch.name
        cls.templates = templates(synth_all(scratch.name))
        names = {path: name for name, path in cls.templates.items()}
        others = [path for name, path in cls.templates.items() if name.startswith(f'{NOT_OURS}/')]
        ours = [path for path in names if path not in others]
        regions = named_regions()
        cls.found = [
            {'rule': finding['Rule']['Id'], 'template': names[finding['Filename']],
             'path': '/'.join(map(str, finding['Location']['Path'] or [])),
             'level': finding['Level'], 'message': finding['Message'][:300]}
            for wanted, paths in ((regions + OTHER_PARTITIONS, ours), (regions, others))
            for finding in lint(wanted, paths)]
        inform(f'cfn-lint: {len(cls.templates)} templates, regions {", ".join(regions)} and '
               f'{", ".join(OTHER_PARTITIONS)}, {len(cls.found)} findings')

    def test_regions_are_found(self):
        self.assertIn('eu-central-1', named_regions())
        self.assertIn('us-east-1', named_regions())

    def test_every_kind_of_template_is_there(self):
        self.assertEqual(
            {name.split('/')[0] for name in self.templates},
            {'app', 'variants', 'unflagged', *(entry.name for entry in os.scandir(f'{ROOT}/examples')
                                               if entry.is_dir())})

    def test_no_error(self):
        errors = [finding for finding in self.found if finding['level'] == 'Error']
        self.assertEqual(errors, [])

    def test_each_other_finding_is_explained(self):
        rest = [finding for finding in self.found if finding['level'] != 'Error']
        accepted.compare(self, 'cfn-lint-accepted.json', rest, ['rule', 'template', 'path'])

    def test_the_judge_is_awake(self):
        template = read_json(self.templates['app/OpenStackDashboard'])
        group = next(resource for resource in template['Resources'].values()
                     if resource['Type'] == 'AWS::AutoScaling::AutoScalingGroup')
        group['Properties']['MaxSizes'] = group['Properties'].pop('MaxSize')
        path = f'{self.folder}/broken.template.json'
        with open(path, 'w') as file:
            json.dump(template, file)
        rules = {finding['Rule']['Id'] for finding in lint(['eu-central-1'], [path])}
        self.assertTrue({'E3002', 'E3003'} <= rules, rules)


if __name__ == '__main__':
    unittest.main()
