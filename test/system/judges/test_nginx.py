"""gixy's word on nginx's configuration of both tiers, rendered as hosts do."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import accepted
from assemblies import inform, read_json

FOLDER = os.environ.get('JUDGES_COLLECTED')
GIXY = os.path.join(os.path.dirname(sys.executable), 'gixy')
TIERS = ('dashboard', 'static')


def gixy(path):
    """Findings in a dump of `nginx -T`."""
    result = subprocess.run([GIXY, '--format', 'json', path], capture_output=True, text=True)
    if result.returncode not in (0, 1) or 'dump' not in result.stderr or 'ERROR' in result.stderr:
        raise AssertionError(f'gixy broke: {result.stderr}')
    return json.loads(result.stdout or '[]')


@unittest.skipUnless(FOLDER, 'nothing was collected: run it as npm run test:judges, as root')
class Nginx(unittest.TestCase):
    maxDiff = None

    def test_each_finding_is_explained(self):
        found = [{'plugin': finding['plugin'], 'tier': tier, 'severity': finding['severity'],
                  'reason': finding['reason'], 'config': finding['config'][:300]}
                 for tier in TIERS for finding in gixy(f'{FOLDER}/nginx-{tier}.conf')]
        inform(f'gixy: {len(found)} findings in the configuration of {" and ".join(TIERS)} hosts')
        accepted.compare(self, 'gixy-accepted.json', found, ['plugin', 'tier'])

    def test_ciphers_are_aead_with_ephemeral_keys(self):
        for tier in TIERS:
            ciphers = read_json(FOLDER, f'ciphers-{tier}.json')
            self.assertGreater(len(ciphers), 3)
            for line in ciphers:
                self.assertRegex(line, r'TLSv1\.3 |Kx=ECDH .*Mac=AEAD')

    def test_the_judge_is_awake(self):
        with open(f'{FOLDER}/nginx-dashboard.conf') as file:
            text = file.read()
        # response splitting
        broken = re.sub(r'return 301 https://\S+;', 'return 301 https://$host$uri;', text)
        self.assertNotEqual(text, broken)
        with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
            file.write(broken)
            file.flush()
            self.assertIn('http_splitting', {finding['plugin'] for finding in gixy(file.name)})


if __name__ == '__main__':
    unittest.main()
