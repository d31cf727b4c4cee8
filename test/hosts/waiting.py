"""Waits for what another process or thread does."""
import time

# for what never happens: no test is to fail since a machine is busy
PATIENCE = 300


def wait_for(condition, log=lambda: ''):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f'not within {PATIENCE} s: {log()}')
        time.sleep(0.05)
