"""Templates for the judges: the ready app, the examples and the variants, as the CDK CLI makes them."""
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '../../..'))
CDK = [shutil.which('node'), f'{ROOT}/node_modules/aws-cdk/bin/cdk']
VARIANTS = f'{ROOT}/test/system/judges/variants.js'
ENVIRONMENT = {
    **{name: os.environ[name] for name in ('PATH', 'HOME') if name in os.environ},
    # credentials of nobody; whatever the machine has is out of sight
    'AWS_ACCESS_KEY_ID': 'test', 'AWS_SECRET_ACCESS_KEY': 'test', 'AWS_REGION': 'eu-central-1',
    'AWS_CONFIG_FILE': '/dev/null', 'AWS_SHARED_CREDENTIALS_FILE': '/dev/null',
    'AWS_EC2_METADATA_DISABLED': 'true', 'CDK_DISABLE_CLI_TELEMETRY': '1', 'NODE_NO_WARNINGS': '1',
    # a suite of its own synthesizes with CDK's default validation
    'CDK_VALIDATION': 'false',
}
# fails strict synthesis, as its README says: a stack of others, for the rule pack
NOT_OURS = 'rules-alone'


def examples():
    return sorted(entry.name for entry in os.scandir(f'{ROOT}/examples') if entry.is_dir())


def synth(output, app=None, *arguments, check=True):
    """Synthesizes with the CLI, and so with the feature flags of cdk.json."""
    # compiled already, by the npm script
    command = [*CDK, 'synth', '--quiet', '--no-notices', '--build', '', '--output', output, *arguments]
    command += ['--app', f'{CDK[0]} {app}'] if app else []
    result = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    if check and result.returncode:
        raise AssertionError(f'{" ".join(command)}:\n{result.stdout}{result.stderr}')
    return output


def synth_all(folder):
    """Folders with an assembly each, by name."""
    found = {'app': synth(f'{folder}/app'), 'variants': synth(f'{folder}/variants', VARIANTS)}
    for name in examples():
        synth(f'{folder}/{name}', f'examples/{name}/app.js', check=name != NOT_OURS)
        found[name] = f'{folder}/{name}'
    # without feature flags, as in a folder without cdk.json
    found['unflagged'] = f'{folder}/unflagged'
    subprocess.run([CDK[0], VARIANTS], check=True, capture_output=True, cwd=folder,
                   env={**ENVIRONMENT, 'CDK_OUTDIR': found['unflagged']})
    return found


def templates(assemblies):
    """Paths of templates by `ASSEMBLY/STACK`."""
    found = {}
    for name, folder in assemblies.items():
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name.endswith('.template.json'):
                found[f'{name}/{entry.name.removesuffix(".template.json")}'] = entry.path
    for name in assemblies:
        if not any(template.startswith(f'{name}/') for template in found):
            raise AssertionError(f'{name}: no template was made')
    return found


def read_json(*path):
    with open(os.path.join(*path)) as file:
        return json.load(file)


def inform(text):
    """A line of information in the output of a suite."""
    print(text, file=sys.stdout, flush=True)
