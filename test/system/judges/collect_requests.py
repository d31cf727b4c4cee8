"""Every request that hosts make of AWS in a module of the host tests, as JSON lines. The tests have to pass: those
of one that broke off would be missing.

usage: collect_requests.py MODULE OUTPUT"""
import base64
import importlib
import io
import json
import sys
import unittest

import test_aws

output = open(sys.argv[2], 'w')
test = ''


class Recorded(test_aws.Aws):
    def handle_any(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        self.rfile = io.BytesIO(body)
        # the stand-in is other hosts too
        record = self.headers['Host'].endswith(('.amazonaws.com', '.amazonaws.com.cn')) and json.dumps({
            'test': test, 'method': self.command, 'host': self.headers['Host'], 'path': self.path,
            'headers': [[name.lower(), value] for name, value in self.headers.items()],
            'body': base64.b64encode(body).decode() if len(body) < 65536 else None,
            'bytes': len(body)})
        if record:
            output.write(record + '\n')
            output.flush()
        # one request a connection, since the rest of this one has been read
        self.close_connection = True
        super().handle_any()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any


class Names(unittest.TextTestResult):
    def startTest(self, case):
        global test
        test = case.id()
        super().startTest(case)


test_aws.Aws = Recorded
suite = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(sys.argv[1]))
result = unittest.TextTestRunner(verbosity=2, resultclass=Names).run(suite)
output.close()
sys.exit(not (result.testsRun and result.wasSuccessful()))
