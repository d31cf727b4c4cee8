"""Runs OpenStack's client for each line of standard input, and prints its status: it takes long to load."""
import os
import shlex
import sys

from openstackclient import shell

# What the client prints is for the log.
answers = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)
for line in sys.stdin:
    try:
        status = shell.main(shlex.split(line))
    except SystemExit as error:
        status = error.code
    sys.stdout.flush()
    print(status or 0, file=answers, flush=True)
