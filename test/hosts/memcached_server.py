"""A memcached that a test starts, stops and hangs."""
import glob
import pathlib
import signal
import socket
import subprocess

from horizon_server import within


class MemcachedServer:
    """Answers once this returns."""

    def __init__(self, port, *options, host='127.0.0.1', listen=None):
        self.process = subprocess.Popen(
            ['memcached', '-u', 'nobody', '-l', listen or host, '-p', str(port), *options], stderr=subprocess.DEVNULL)

        def listens():
            try:
                socket.create_connection((host, port), 1).close()
            except OSError:
                return False
            return True
        try:
            within(30, listens)
        except AssertionError:
            self.stop()
            raise

    def stop(self):
        self.process.kill()
        self.process.wait()

    def hang(self):
        """Until it goes on: a signal takes a moment to stop all of a process."""
        self.process.send_signal(signal.SIGSTOP)
        within(30, lambda: all(
            pathlib.Path(path).read_text().rpartition(') ')[2][0] == 'T'
            for path in glob.glob(f'/proc/{self.process.pid}/task/*/stat')))

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)
