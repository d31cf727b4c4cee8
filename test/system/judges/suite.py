"""Runs the Python tests of a folder and closes with `N passed, N failed, N skipped`.

usage: suite.py FOLDER [-k NAME]..."""
import sys
import unittest


def main(folder, *options):
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f'*{name}*' for name in options if name != '-k'] or None
    sys.path.insert(0, folder)
    suite = loader.discover(folder)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    print(f'{max(0, result.testsRun - failed - skipped)} passed, {failed} failed, {skipped} skipped')
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
