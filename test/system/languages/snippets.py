"""Executes snippets that jsii-rosetta translated to Python, and prints what fails. usage: snippets.py TABLET"""
import json
import sys
import tempfile
import traceback

import aws_cdk


def main(tablet):
    failed = {}
    with open(tablet) as file:
        snippets = json.load(file)['snippets'].values()
    made = []
    original = aws_cdk.App.__init__

    def recorded(self, **props):
        original(self, **{'outdir': tempfile.mkdtemp(dir=sys.argv[2]), **props})
        made.append(self)

    aws_cdk.App.__init__ = recorded
    for snippet in snippets:
        made.clear()
        place, program = snippet['place'], snippet['translations']['python program']['source']
        try:
            exec(compile(program, place, 'exec'), {'__name__': '__main__'})
            if not made:
                raise AssertionError('no app')
            for app in made:
                app.synth()
        except Exception as error:
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == place]
            text = program.splitlines()[lines[-1] - 1].strip() if lines else ''
            failed[place] = f'{type(error).__name__}: {str(error)[:300]} ({text[:200]})'
            print(place, failed[place], file=sys.stderr, flush=True)
    print(json.dumps({'executed': len(snippets) - len(failed), 'failed': failed}))


main(sys.argv[1])
