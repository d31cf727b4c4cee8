"""The snippets of the documents, translated by jsii-rosetta, in Python. Those in Java and Go are translated, not compiled."""
import json
import os
import pathlib
import sys
import unittest

import packages
import test_python
from packages import HERE


class Snippets(unittest.TestCase):
    maxDiff = None

    def test_executed_in_python(self):
        # A tablet that exists saves minutes
        tablet = pathlib.Path(os.environ.get('LANGUAGES_TABLET', packages.scratch() / 'snippets.jsii.tabl.json'))
        if not tablet.exists():
            packages.run('node', HERE / 'translate.mjs', tablet)
        translated = json.loads(tablet.read_text())
        for snippet in translated:
            for language in ('python', 'java', 'go', 'csharp'):
                self.assertTrue(snippet[language].strip(), f'{snippet["place"]} in {language}')
        out = packages.scratch() / 'snippets'
        out.mkdir()
        result, seconds = packages.run(sys.executable, HERE / 'snippets.py', tablet, out,
                                       PYTHONPATH=str(test_python.installed()))
        answer = json.loads(result.stdout.splitlines()[-1])
        accepted = json.loads((HERE / 'snippets-accepted.json').read_text())
        unexpected = {place: error for place, error in answer['failed'].items()
                      if not any(each['error'] in error for each in accepted)}
        self.assertEqual(unexpected, {})
        unused = [each['error'] for each in accepted
                  if not any(each['error'] in error for error in answer['failed'].values())]
        self.assertEqual(unused, [])
        self.assertGreater(answer['executed'], 50)
        self.assertEqual(answer['executed'] + len(answer['failed']), len(translated))
        packages.inform(f'Python: {answer["executed"]} of {len(translated)} snippets executed in {seconds:.0f} s')
        for place, error in sorted(answer['failed'].items()):
            reason = next(each['reason'] for each in accepted if each['error'] in error)
            packages.inform(f'  not {place}: {reason}')


if __name__ == '__main__':
    unittest.main()
