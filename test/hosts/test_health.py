"""The health agent before real gunicorn with Horizon: what it calls broken, and what it does not.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from horizon_server import (LIB, NAME, Browser, Gunicorn, Keystone, Swift, at_once,  # noqa: E402
                     within)

FOLDER = '/run/openstack-dashboard-health'
STATE, PROBE = f'{FOLDER}-state', '/var/lib/openstack-dashboard-health'
SOCKET = f'{FOLDER}/health.sock'
# what the agent may take to know, and the machine's slack
DETECTION, SLACK = 12, 6
SNIPPET = '''
import os, time, threading
def _deadlock(get_response):
    def handle(request):
        if request.path == "/deadlock":
            lock = threading.Lock()
            lock.acquire()
            lock.acquire()
        if request.path == "/busy":
            end = time.monotonic() + 25
            while time.monotonic() < end:
                pass
        if os.path.exists("/run/openstack-dashboard/broken"):
            raise RuntimeError("as an upgrade leaves it")
        return get_response(request)
    return handle
import sys, types
_module = types.ModuleType("test_middleware")
_module.deadlock = _deadlock
sys.modules["test_middleware"] = _module
MIDDLEWARE = (*MIDDLEWARE, "test_middleware.deadlock")
'''


class Agent:
    def __init__(self, test):
        for folder in (FOLDER, STATE, PROBE):
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            shutil.chown(folder, 'www-data')
        self.listener = socket.socket(socket.AF_UNIX)
        test.addCleanup(self.listener.close)
        self.listener.bind(SOCKET)
        shutil.chown(SOCKET, 'www-data')
        os.chmod(SOCKET, 0o600)
        self.listener.listen(100)
        self.start()
        test.addCleanup(lambda: (self.process.kill(), self.process.wait(), self.notified.close()))

    def start(self):
        self.output = f'{FOLDER}/output'
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = f'{FOLDER}/notify'
        if os.path.exists(path):
            os.remove(path)
        self.notified.bind(path)
        os.chmod(path, 0o666)
        self.notified.settimeout(20)
        with open(self.output, 'a') as output:
            self.process = subprocess.Popen(
                ['setpriv', '--reuid=www-data', '--regid=www-data', '--init-groups',
                 f'{LIB}/health'], stdout=output, stderr=output,
                preexec_fn=lambda: os.dup2(self.listener.fileno(), 3), pass_fds=(3,),
                env={'PATH': os.environ['PATH'], 'SERVER_NAME': NAME, 'NOTIFY_SOCKET': path})

    def ask(self):
        """The status, the reason and how long the answer took."""
        begun = time.monotonic()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(SOCKET)
            connection.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
            text = b''
            while part := connection.recv(4096):
                text += part
        head, _, body = text.decode().partition('\r\n\r\n')
        return int(head.split()[1]), body.strip(), time.monotonic() - begun

    def told(self):
        with open(self.output) as file:
            return file.read().splitlines()


class Health(unittest.TestCase):
    def setUp(self):
        self.keystone = Keystone(self)
        self.swift = Swift(self)
        self.keystone.catalog = [('object-store', f'{self.swift.url}/v1/AUTH_p')]

    def start(self, workers=2, **environ):
        self.gunicorn = Gunicorn(self, f'{self.keystone.url}/v3', snippet=SNIPPET, workers=workers,
                                 **environ)
        self.addCleanup(lambda: os.path.exists('/run/openstack-dashboard/broken')
                        and os.remove('/run/openstack-dashboard/broken'))
        self.agent = Agent(self)
        within(SLACK, lambda: self.agent.ask()[0] == 200)

    def unhealthy(self, reason):
        begun = time.monotonic()
        within(DETECTION + SLACK, lambda: self.agent.ask()[0] == 503)
        took = time.monotonic() - begun
        self.assertIn(reason, self.agent.ask()[1])
        self.assertEqual(self.agent.told()[-1][:34], 'openstack-dashboard: UNHEALTHY: ' + reason[:2])
        print(f'\n{reason}: known after {took:.1f} s', file=sys.stderr)

    def healthy(self, seconds):
        """All the time, and answered at once."""
        end, slowest = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            status, reason, took = self.agent.ask()
            self.assertEqual(status, 200, reason)
            slowest = max(slowest, took)
            time.sleep(0.2)
        self.assertLess(slowest, 3)
        return slowest

    def test_a_host_that_serves(self):
        self.start()
        self.healthy(5)
        self.assertEqual(self.agent.told(), [])
        self.assertEqual(self.agent.notified.recv(100), b'READY=1')
        self.assertEqual(self.agent.notified.recv(100), b'WATCHDOG=1')

    def test_gunicorn_killed_and_started_again(self):
        self.start()
        for pid in [self.gunicorn.process.pid, *self.gunicorn.workers()]:
            os.kill(pid, signal.SIGKILL)
        self.gunicorn.process.wait()
        self.unhealthy('gunicorn is not running')
        self.gunicorn.start()
        within(SLACK, lambda: self.agent.ask()[0] == 200)
        told = self.agent.told()
        self.assertEqual((told[0], told[-1]), ('openstack-dashboard: UNHEALTHY: gunicorn is not running',
                                               'openstack-dashboard: healthy again'))
        self.assertEqual(len(told), len(set(told)), 'each change once')

    def test_all_processes_stopped(self):
        self.start()
        for pid in [*self.gunicorn.workers(), self.gunicorn.process.pid]:
            os.kill(pid, signal.SIGSTOP)
        self.unhealthy('gunicorn is stopped')

    def test_all_workers_stopped(self):
        self.start()
        for pid in self.gunicorn.workers():
            os.kill(pid, signal.SIGSTOP)
        self.unhealthy('no worker of gunicorn can serve: stopped')

    def test_one_worker_stopped_leaves_one_that_serves(self):
        self.start()
        os.kill(self.gunicorn.workers()[0], signal.SIGSTOP)
        self.healthy(DETECTION + 2)

    def test_all_workers_deadlocked(self):
        self.start()
        at_once(2, lambda n: Browser().get('/deadlock'))
        self.unhealthy('no worker of gunicorn can serve: hung')

    def test_workers_that_compute_are_not_hung(self):
        self.start()
        at_once(2, lambda n: Browser().get('/busy'))
        self.healthy(18)

    def test_a_python_that_an_upgrade_broke(self):
        self.start()
        open('/run/openstack-dashboard/broken', 'w').close()
        self.unhealthy('the login page has status 500')
        os.remove('/run/openstack-dashboard/broken')
        within(DETECTION, lambda: self.agent.ask()[0] == 200)

    def test_keystone_hung_with_logins_under_way(self):
        self.start(API_READ_TIMEOUT='20')
        browsers = [Browser() for _ in range(10)]
        for browser in browsers:
            browser.get('/auth/login/')
        self.keystone.mode = 'hung'
        at_once(10, lambda n: browsers[n].login())
        slowest = self.healthy(28)
        self.assertEqual(self.agent.told(), [])
        print(f'\n10 logins while Keystone hangs: healthy, slowest answer {slowest:.2f} s',
              file=sys.stderr)

    def test_one_worker_alone_that_waits_for_an_api(self):
        self.start(workers=1, API_READ_TIMEOUT='25')
        browser = Browser()
        browser.get('/auth/login/')
        self.keystone.mode = 'hung'
        at_once(1, lambda n: browser.login())
        self.healthy(20)

    def test_downloads_that_nobody_reads(self):
        self.start(DOWNLOADS_PER_WORKER='32', DOWNLOADS_PER_SESSION='32')
        user = Browser()
        user.login()
        kept = [user.open('GET', '/api/swift/containers/c/object/object.bin') for _ in range(20)]
        self.assertEqual({one.status for one in kept}, {200})
        slowest = self.healthy(15)
        print(f'\n20 downloads that nobody reads: healthy, slowest answer {slowest:.2f} s',
              file=sys.stderr)

    def test_a_full_disk(self):
        for folder in (PROBE, '/var/log/nginx'):
            with self.subTest(folder):
                self.start()
                subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k,mode=1777', 'tmpfs', folder],
                               check=True)
                self.addCleanup(subprocess.run, ['umount', folder])
                try:
                    with open(f'{folder}/filler', 'wb') as file:
                        while True:
                            file.write(bytes(4096))
                            file.flush()
                except OSError:
                    pass
                self.unhealthy('the disk')
                os.remove(f'{folder}/filler')
                within(DETECTION, lambda: self.agent.ask()[0] == 200)
                self.doCleanups()
                self.setUp()

    def test_a_disk_that_is_read_only(self):
        self.start()
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', PROBE], check=True)
        self.addCleanup(subprocess.run, ['umount', PROBE])
        self.unhealthy('the disk cannot be written: Read-only file system')

    def test_a_clock_that_steps_by_an_hour(self):
        self.start()
        with open(f'{STATE}/clock') as file:
            right = float(file.read())
        with open(f'{STATE}/clock', 'w') as file:
            file.write(str(right + 3600))
        self.unhealthy('the clock is wrong')
        # the agent may have been started again since
        self.agent.process.kill()
        self.agent.process.wait()
        self.agent.notified.close()
        self.agent.start()
        self.unhealthy('the clock is wrong')
        with open(f'{STATE}/clock', 'w') as file:
            file.write(str(right + 200))
        within(DETECTION, lambda: self.agent.ask()[0] == 200)

    def test_an_nginx_that_is_stopped(self):
        self.start()
        nginx = subprocess.Popen(['sleep', '1000'])
        self.addCleanup(lambda: (nginx.kill(), nginx.wait()))
        with open('/run/nginx.pid', 'w') as file:
            file.write(f'{nginx.pid}\n')
        self.addCleanup(os.remove, '/run/nginx.pid')
        nginx.send_signal(signal.SIGSTOP)
        self.unhealthy('nginx is stopped')
        nginx.send_signal(signal.SIGCONT)
        within(DETECTION, lambda: self.agent.ask()[0] == 200)
        nginx.kill()
        nginx.wait()
        # systemd's to mend
        time.sleep(2)
        self.assertEqual(self.agent.ask()[0], 200)

    def test_before_gunicorn_has_begun(self):
        agent = Agent(self)
        within(SLACK, lambda: agent.ask()[1] == 'gunicorn is not running')

    def test_a_board_of_another_time_or_kind(self):
        self.start()
        board = '/run/openstack-dashboard-scoreboard/board'
        with open(board, 'rb') as file:
            content = file.read()
        for wrong in (b'', content[:100], b'x' * len(content),
                      content[:16] + bytes(8) + content[24:]):
            os.remove(board)
            with open(board, 'wb') as file:
                file.write(wrong)
            within(SLACK, lambda: self.agent.ask()[1] == 'gunicorn is not running')
        os.remove(board)
        with open(board, 'wb') as file:
            file.write(content)
        within(SLACK, lambda: self.agent.ask()[0] == 200)

    def test_visitors_of_the_agent_that_misbehave(self):
        self.start()
        silent = [socket.socket(socket.AF_UNIX) for _ in range(50)]
        for one in silent:
            one.connect(SOCKET)
            self.addCleanup(one.close)
        garbage = socket.socket(socket.AF_UNIX)
        garbage.connect(SOCKET)
        garbage.sendall(os.urandom(100000))
        garbage.close()
        self.healthy(8)
        self.assertLess(len(glob.glob(f'/proc/{self.agent.process.pid}/fd/*')), 20)


if __name__ == '__main__':
    unittest.main()
