"""The snippets of the documents, as they are translated: in Python they are executed, in Java and Go
compiled, in C# parsed."""
import functools
import json
import os
import re
import shutil
import unittest

import csharp
import packages
import programs
import test_go
import test_java
import test_python
from packages import HERE, ROOT

TITLES = {'python': 'Python', 'java': 'Java', 'go': 'Go', 'csharp': r'\.NET'}
ACCEPTED = json.loads((HERE / 'snippets-accepted.json').read_text())


@functools.cache
def tablet():
    """The file with the translations. LANGUAGES_TABLET names that of `npm run check:snippets -- .snippets.json`."""
    given = os.environ.get('LANGUAGES_TABLET')
    if given:
        return ROOT / given
    made = packages.scratch() / 'snippets.jsii.tabl.json'
    _, seconds = packages.run('node', HERE / 'translate.mjs', made)
    packages.inform(f'snippets translated in {seconds:.0f} s')
    return made


@functools.cache
def translations():
    """By place: the translations of a snippet."""
    return {snippet['place']: {language: each['source'] for language, each in snippet['translations'].items()}
            for snippet in json.loads(tablet().read_text())['snippets'].values()}


class Snippets(unittest.TestCase):
    maxDiff = None

    def check(self, language, failed, seconds):
        """Only what is accepted fails, with this error, and all that is accepted does."""
        accepted = {each['document']: each for each in ACCEPTED if each['language'] == language}
        documents = {place: place.rpartition(':')[0] for place in failed}
        unexpected = {place: error for place, error in failed.items()
                      if accepted.get(documents[place], {}).get('error', '\0') not in error}
        self.assertEqual(unexpected, {})
        self.assertEqual(sorted(set(accepted) - set(documents.values())), [], 'are accepted, and do not fail')
        self.assertEqual(len(failed), len(accepted))
        done = len(translations()) - len(failed)
        packages.inform(f'{language}: {done} of {len(translations())} snippets in {seconds:.0f} s')
        document = (ROOT / 'docs/languages.md').read_text()
        self.assertRegex(document, rf'(?m)^\| {TITLES[language]} +\| {len(translations())} +\| {done}\b')
        for place, document in sorted(documents.items()):
            packages.inform(f'  not {place}: {accepted[document]["reason"]}')

    def test_there_are_snippets(self):
        self.assertGreater(len(translations()), 60)
        for place, each in translations().items():
            for language in ('python', 'java', 'go', 'csharp'):
                self.assertTrue(each[language].strip(), f'{place} in {language}')

    def test_executed_in_python(self):
        out = packages.scratch() / 'snippets'
        out.mkdir()
        result, seconds = packages.run(test_python.interpreter(), HERE / 'snippets.py', tablet(), out)
        answer = json.loads(result.stdout.splitlines()[-1])
        self.assertEqual(answer['executed'] + len(answer['failed']), len(translations()))
        self.check('python', answer['failed'], seconds)

    @unittest.skipUnless(shutil.which('mvn') and shutil.which('javac'), 'needs Maven and a JDK')
    def test_compiled_in_java(self):
        classpath = test_java.classes()
        folder = packages.scratch() / 'java-snippets'
        folder.mkdir()
        places = {f'S{number}': place for number, place in enumerate(translations())}
        for name, place in places.items():
            (folder / f'{name}.java').write_text(programs.java(name, translations()[place]['java program']))
        # All errors of all files, also of those of later phases
        result, seconds = packages.run('javac', '-Xmaxerrs', '1000', '-XDshould-stop.ifError=FLOW', '-proc:none',
                                       '-cp', classpath, '-d', folder, *sorted(folder.glob('*.java')), check=False)
        failed = self.errors(result, r'/(S\d+)\.java:\d+: error: (.*)', places)
        self.check('java', failed, seconds)

    @unittest.skipUnless(shutil.which('go'), 'needs Go')
    def test_compiled_in_go(self):
        test_go.compiled()
        places = {f's{number}': place for number, place in enumerate(translations())}
        for name, place in places.items():
            folder = test_go.apps() / 'snippets' / name
            folder.mkdir(parents=True)
            (folder / 'snippet.go').write_text(programs.go(translations()[place]['go program']))
        result, seconds = packages.run('go', 'vet', './snippets/...', cwd=test_go.apps(), check=False,
                                       GOFLAGS='-mod=readonly')
        failed = self.errors(result, r'snippets/(s\d+)/snippet\.go:\d+:\d+: (.*)', places)
        self.check('go', failed, seconds)

    def test_parsed_in_csharp(self):
        failed = {place: '\n'.join(found) for place, each in translations().items()
                  if (found := csharp.errors(each['csharp']))}
        self.check('csharp', failed, 0)

    def errors(self, result, pattern, places):
        """By place: what a compiler says of it."""
        failed = {}
        for name, error in re.findall(pattern, result.stdout + result.stderr):
            failed[places[name]] = f'{failed.get(places[name], "")}{error}\n'
        self.assertEqual(bool(failed), result.returncode != 0, result.stderr[-4000:])
        return failed


if __name__ == '__main__':
    unittest.main()
