"""Runs an app of Python and prints how long imports and the rest take. usage: timed.py APP"""
import importlib
import runpy
import sys
import time

begin = time.monotonic()
for name in ('aws_cdk', 'cdk_openstack_dashboard'):
    importlib.import_module(name)

imported = time.monotonic()
try:
    runpy.run_path(sys.argv[1], run_name='__main__')
finally:
    print(f'{imported - begin:.1f} {time.monotonic() - imported:.1f}')
