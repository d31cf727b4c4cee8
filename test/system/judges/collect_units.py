"""systemd's word on the units that a tier's hosts bring: what `verify` has to say of them, and how
exposed each service is. Runs in a Debian 13 root file system with the files of one tier.

usage: collect_units.py OUTPUT 'FILE ...'   (files below /etc/systemd/system)"""
import json
import re
import subprocess
import sys

output, files = sys.argv[1], sys.argv[2].split()
units = sorted({re.sub(r'\.d/.*', '', file) for file in files if '.wants/' not in file})


def analyze(*arguments):
    result = subprocess.run(['systemd-analyze', '--no-pager', *arguments],
                            capture_output=True, text=True, timeout=1800)
    return result.returncode, (result.stdout + result.stderr).strip()


# the judge is awake
with open('/etc/systemd/system/canary.service', 'w') as file:
    file.write('[Service]\nExecStart=/bin/true\nProtectSystems=strict\n')
found = {'systemd': analyze('--version')[1].split('\n')[0], 'canary': analyze('verify', '--man=no', 'canary.service')[1],
         'units': {}}
for unit in units:
    status, text = analyze('verify', '--man=no', '--recursive-errors=no', unit)
    found['units'][unit] = {'verify': {'status': status, 'text': text}}
    if unit.endswith('.service'):
        _, text = analyze('security', '--offline=true', unit)
        level = re.search(r'Overall exposure level for \S+: ([0-9.]+)', text)
        found['units'][unit]['exposure'] = level and float(level[1])
        found['units'][unit]['security'] = text
with open(output, 'w') as file:
    json.dump(found, file, indent=2)
