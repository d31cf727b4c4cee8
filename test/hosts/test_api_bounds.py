"""What APIs that do not answer cost: Horizon under gunicorn, with the hosts' configuration, before
APIs that hang, trickle, reset and drop.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import json
import os
import re
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from horizon_server import (AJAX, LIB, Api, Browser, Gunicorn, Keystone, Swift, at_once,  # noqa: E402
                     within)

READ, PAGE = 6, 12
# openstack_dashboard_api.bounds
SLOW, CLOSED = 3.0, 10.0
TIMES = {'API_CONNECT_TIMEOUT': '2', 'API_READ_TIMEOUT': str(READ), 'API_PAGE_DEADLINE': str(PAGE)}
# of a busy machine, for whatever is no wait
SLACK = 5


class Pages(unittest.TestCase):
    """With Horizon."""

    def horizon(self, keystone=None, **environ):
        self.keystone = keystone or Keystone(self)
        return Gunicorn(self, f'{self.keystone.url}/v3', **{**TIMES, **environ})

    def test_other_pages_are_answered_while_keystone_hangs(self):
        gunicorn = self.horizon()
        pids = gunicorn.all_workers()
        browsers = [Browser() for _ in range(12)]
        for browser in browsers:
            browser.get('/auth/login/')
        self.keystone.mode = 'hung'
        logins = at_once(12, lambda n: browsers[n].login())
        time.sleep(0.5)
        times = []
        for _ in range(10):
            begun = time.monotonic()
            self.assertEqual(Browser().get('/auth/login/')[0], 200)
            times.append(time.monotonic() - begun)
        results = logins()
        self.assertLess(max(times), SLOW + SLACK, times)
        pages = [value for value, _ in results]
        self.assertEqual({value[0] for value in pages}, {200}, results)
        for _, page in pages:
            self.assertRegex(page, 'Unable to establish connection to keystone endpoint'
                                   '|An error occurred authenticating')
        # some waited for all of the time, as long as nobody needed the workers
        self.assertGreaterEqual(sum(took >= READ for _, took in results), 1)
        self.assertLess(max(took for _, took in results), READ + 2 * SLOW + SLACK)
        self.assertEqual(gunicorn.workers(), pids, 'no worker was killed')
        print(f'\n12 logins while Keystone hangs: login page of others '
              f'{min(times):.2f} to {max(times):.2f} s, logins '
              f'{", ".join(f"{took:.1f}" for _, took in results)} s', file=sys.stderr)
        # not asked for a while, then asked again and well
        begun = time.monotonic()
        status, page = browsers[0].login()
        self.assertEqual(status, 200)
        self.assertLess(time.monotonic() - begun, SLACK)
        self.keystone.mode = 'well'
        within(CLOSED + READ + SLACK, lambda: browsers[0].login()[0] == 302)

    def test_logins_that_nobody_waits_behind_are_waited_for(self):
        """As many as there are workers, each as long as a slow directory takes."""
        gunicorn = self.horizon(API_READ_TIMEOUT='20', API_PAGE_DEADLINE='45')
        self.keystone.delay = SLOW + 1
        browsers = [Browser() for _ in range(4)]
        results = at_once(4, lambda n: browsers[n].login())()
        self.assertEqual([value[0] for value, _ in results], [302] * 4,
                         re.findall('.*answer.*|.*silent.*', gunicorn.text()))

    def test_a_keystone_that_is_overloaded_serves_all(self):
        """One answer a second, and all workers wait for it for much longer than `SLOW`."""
        self.horizon(API_READ_TIMEOUT='40', API_PAGE_DEADLINE='45')
        lock = threading.Lock()

        def one_by_one(_):
            with lock:
                time.sleep(1)
            return 'well'

        self.keystone.mode = one_by_one
        browsers = [Browser() for _ in range(6)]
        results = at_once(6, lambda n: browsers[n].login())()
        self.assertEqual([value[0] for value, _ in results], [302] * 6, results)
        self.assertGreater(max(took for _, took in results), 2 * SLOW)

    def test_a_keystone_that_takes_seconds_serves_all(self):
        self.horizon()
        self.keystone.delay = (SLOW - 1) / 2
        browsers = [Browser() for _ in range(8)]
        results = at_once(8, lambda n: browsers[n].login())()
        self.assertEqual([value[0] for value, _ in results], [302] * 8, results)

    def test_bytes_that_trickle_do_not_outlast_the_page(self):
        for mode in ('trickle', 'trickled headers'):
            with self.subTest(mode):
                self.horizon()
                browser = Browser()
                browser.get('/auth/login/')
                self.keystone.mode = mode
                begun = time.monotonic()
                status, page = browser.login()
                took = time.monotonic() - begun
                self.assertEqual(status, 200, page[:300])
                self.assertTrue(PAGE - 1 <= took < PAGE + SLACK, took)
                self.doCleanups()

    def test_a_page_shows_that_swift_does_not_answer(self):
        swift = Swift(self)
        keystone = Keystone(self)
        keystone.catalog = [('object-store', f'{swift.url}/v1/AUTH_p')]
        self.horizon(keystone)
        browser = Browser()
        self.assertEqual(browser.login()[0], 302)
        for mode, least, most in (('hung', READ, READ + SLACK), ('hung', 0, SLACK),
                                  ('reset', 0, SLACK)):
            with self.subTest(mode):
                swift.mode = mode
                if mode == 'reset':
                    time.sleep(CLOSED + 1)
                begun = time.monotonic()
                status, text = browser.get('/api/swift/containers/', headers=AJAX)
                took = time.monotonic() - begun
                self.assertGreaterEqual(status, 500)
                self.assertIn('answer', text)
                self.assertTrue(least <= took < most, took)


CODE = '''
import os, sys, time
sys.path.insert(0, "/usr/local/lib/openstack-dashboard/python")
import openstack_dashboard_api, requests
from openstack_dashboard_api import bounds
openstack_dashboard_api.install({"API_CONNECT_TIMEOUT": 2, "API_READ_TIMEOUT": 2,
                                 "API_PAGE_DEADLINE": 5, "OPENSTACK_SSL_CACERT": True})
def timed(work):
    begun = time.monotonic()
    try:
        result = work()
    except Exception as error:
        result = error
    return result, time.monotonic() - begun
'''


class Calls(unittest.TestCase):
    """With the clients' library alone."""

    def run_code(self, code, **environ):
        result = subprocess.run([sys.executable, '-W', 'ignore', '-c', CODE + code],
                                capture_output=True, text=True, timeout=600,
                                env={**os.environ, **environ})
        self.assertEqual(result.returncode, 0, result.stderr[-2000:])
        return result.stdout

    def test_what_a_call_gets_and_what_it_raises(self):
        api = Api(self)
        api.mode = 'hung'
        self.run_code(f'''
url = "{api.url}"
for begin, given, least, most in (
        (None, None, 2, 5), (None, 1, 1, 2), (bounds.begin_page, None, 2, 5),
        (bounds.begin_page, 600, 2, 5), (bounds.begin_page, (1, 600), 2, 5),
        (bounds.begin_page, 1, 1, 2)):
    begin and begin()
    result, took = timed(lambda: requests.get(url, timeout=given))
    assert type(result) is bounds.Unanswered, result
    assert isinstance(result, requests.exceptions.ConnectionError)
    assert not isinstance(result, requests.exceptions.Timeout)
    assert least <= took < most + 2, (given, took)
    if begin:
        result, took = timed(lambda: requests.get(url))
        assert "already failed to answer on this page" in str(result) and took < 1, (result, took)
# what changes something is waited for as long as the page may take
bounds.begin_page()
result, took = timed(lambda: requests.post(url, data="x"))
assert 5 <= took < 8, took
bounds.begin_page()
result, took = timed(lambda: requests.post(url + "/v3/auth/tokens", data="x"))
assert 2 <= took < 5, took
''')

    def test_an_upload_may_take_longer_than_a_page(self):
        api = Api(self)
        self.run_code(f'''
def body():
    for _ in range(7):
        time.sleep(1)
        yield b"x" * 1000
bounds.begin_page()
class Slow:
    left = 7
    def __len__(self):
        return 7
    def read(self, size=-1):
        if not self.left:
            return b""
        self.left -= 1
        time.sleep(1)
        return b"x"
result, took = timed(lambda: requests.put("{api.url}", data=Slow()))
assert getattr(result, "status_code", result) == 200, result
assert took > 6, took
''')

    def test_answers_are_left_as_they_are(self):
        api = Api(self)
        self.run_code(f'''
bounds.begin_page()
with requests.Session() as session:
    for _ in range(3):
        answer = session.get("{api.url}/a", timeout=(1, 1))
        assert answer.json() == {{}} and answer.headers["Content-Type"] == "application/json"
    answer = session.get("{api.url}/b", stream=True)
    assert b"".join(answer.iter_content(1)) == b"{{}}"
result, took = timed(lambda: requests.get("http://127.0.0.1:1/"))
assert type(result) is bounds.Unanswered and took < 2, result
result, _ = timed(lambda: requests.get("gopher://127.0.0.1/"))
assert type(result) is requests.exceptions.InvalidSchema, result
''')

    def test_a_port_that_is_shut_is_an_error_in_seconds(self):
        """A security group drops what comes to a port that it does not open, as a full queue does."""
        self.run_code('''
import socket
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(0)
held = []
for _ in range(3):
    held.append(socket.socket())
    held[-1].setblocking(False)
    held[-1].connect_ex(listener.getsockname())
url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
for given in (None, 600):
    bounds.begin_page()
    result, took = timed(lambda: requests.get(url, timeout=given))
    assert type(result) is bounds.Unanswered, result
    assert 2 <= took < 5, (given, took)
''')

    def test_waits_over_tls(self):
        """A wait is many short ones; TLS has to go on where it was."""
        self.run_code('''
import socket, ssl, tempfile, threading
from openstack_dashboard_api.verify import certificate
with tempfile.NamedTemporaryFile() as file:
    file.write(certificate())
    file.flush()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file.name)
    listener = socket.create_server(("127.0.0.1", 0))
    parts = [b"HTTP/1.1 200 OK\\r\\nContent-", b"Length: 40000\\r\\n\\r\\n", b"x" * 20000, b"x" * 20000]
    def serve():
        while True:
            connection = context.wrap_socket(listener.accept()[0], server_side=True)
            path = connection.recv(9999)
            for part in parts:
                time.sleep(1.3)
                if b"hung" in path and part is parts[-1]:
                    time.sleep(60)
                connection.sendall(part)
            connection.close()
    threading.Thread(target=serve, daemon=True).start()
    url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
    for stream in (False, True):
        bounds.begin_page()
        bounds._page.deadline += 10
        answer = requests.get(url, verify=file.name, stream=stream)
        assert answer.content == b"x" * 40000
    bounds.begin_page()
    bounds._page.deadline += 10
    result, took = timed(lambda: requests.get(url + "hung", verify=file.name))
    assert type(result) is bounds.Unanswered and 5 <= took < 9, (result, took)
''')

    def test_swiftclient_does_not_sleep_half_a_minute(self):
        api = Api(self)
        api.mode = 'reset'
        self.run_code(f'''
from swiftclient.client import Connection
result, took = timed(lambda: Connection(
    None, "user", None, preauthtoken="t", preauthurl="{api.url}/v1/a", auth_version="3").get_account())
assert isinstance(result, bounds.Unanswered), result
assert took < 5, took
''')

    def test_services_of_one_host_are_told_apart(self):
        self.run_code('''
for url, place in (("https://Cloud:5000/v3/users", "cloud:5000"), ("https://cloud/", "cloud"),
                   ("https://cloud/compute/v2.1/servers", "cloud/compute"),
                   ("https://cloud/volume/v3/p/volumes", "cloud/volume"),
                   ("https://cloud:8080/v1/AUTH_p/c", "cloud:8080"),
                   ("https://cloud:5000/v3/auth/tokens", "cloud:5000 (logins)")):
    assert bounds.place(url) == place, bounds.place(url)
''')

    def test_an_api_is_left_alone_and_tried_again_by_one(self):
        api = Api(self)
        api.mode = 'hung'
        self.run_code(f'''
import openstack_dashboard_scoreboard as scoreboard
scoreboard.board = scoreboard.create(4, "/nonexistent/board")
scoreboard.worker = scoreboard.Worker(scoreboard.board, 0)
other = scoreboard.Worker(scoreboard.board, 1)
scoreboard.worker.request(True)
other.request(True)
bounds.CLOSED = 3
url = "{api.url}"
def ask():
    bounds.begin_page()
    return timed(lambda: requests.get(url))
result, took = ask()
assert took >= 2, took
result, took = ask()
assert "a moment ago" in str(result) and took < 1, (result, took)
time.sleep(3)
result, took = ask()
assert took >= 2, "tried again"
result, took = ask()
assert took < 1, "and left alone again"
# an API that answered another meanwhile is slow with this, and not away
time.sleep(3)
host = scoreboard.number(bounds.place(url))
scoreboard.board.set_host(host, time.monotonic() + 1, 0.0)
result, took = ask()
assert took >= 2, took
result, took = ask()
assert took >= 2, took
# half of the workers wait for it, and it is silent: no more of them
third = scoreboard.Worker(scoreboard.board, 2)
third.request(True)
now = time.monotonic()
scoreboard.board.set_host(host, now - 50, 0.0)
entries = [worker.call(host, now - 100, now + 100) for worker in (other, third)]
result, took = ask()
assert "others already wait for it" in str(result) and took < 1, (result, took)
# no request waits for a worker, or a worker is idle: then it may be waited for
bounds.pending = lambda: False
result, took = ask()
assert took >= 2, took
bounds.pending = lambda: True
scoreboard.board.set_host(host, now - 50, 0.0)
third.request(False)
result, took = ask()
assert took >= 2, took
third.request(True)
# it is slow, but answers others: it is waited for
scoreboard.board.set_host(host, now + 1000, 0.0)
result, took = ask()
assert took >= 2, took
# those give up who began to wait last, and not before it is silent for a while
bounds.SLOW = 1.0
bounds._times.read = 4
scoreboard.board.set_host(host, time.monotonic(), 0.0)
for entry in entries:
    scoreboard.CALL.pack_into(scoreboard.board.memory, entry, host, time.monotonic(), now + 100)
result, took = ask()
assert 1 <= took < 3, took
assert scoreboard.board.host(host)[1] == 0, "not waited for in full, so not left alone"
other.drop(entries[0])
scoreboard.board.set_host(host, time.monotonic(), 0.0)
result, took = ask()
assert took >= 4, took
# all but one worker wait for whatever, and it is silent
scoreboard.board.set_host(host, 0.0, 0.0)
other.call(1234, now - 100, now + 100)
fourth = scoreboard.Worker(scoreboard.board, 3)
fourth.request(True)
fourth.call(4321, now - 100, now + 100)
result, took = ask()
assert 1 <= took < 3, took
''')

    def test_verification_cannot_be_turned_off(self):
        out = self.run_code('''
from openstack_dashboard_api.verify import Stranger, clients, verifies
assert verifies(True) == [], verifies(True)
assert len(clients("", True)) == 12
for value in (None, False, ""):
    stranger = Stranger()
    session = requests.Session()
    session.verify = value
    result, _ = timed(lambda: session.get(f"https://127.0.0.1:{stranger.port}/"))
    assert isinstance(result, requests.exceptions.SSLError), (value, result)
    assert stranger.tried and not stranger.asked
''')
        self.assertEqual(out, '')

    def test_the_proof_finds_a_client_that_does_not_verify(self):
        out = self.run_code('''
from requests.adapters import HTTPAdapter
from openstack_dashboard_api.verify import verifies
HTTPAdapter.send = HTTPAdapter.send.__closure__[0].cell_contents
print("\\n".join(verifies(None)))
''')
        self.assertIn('glanceclient sent a request', out)
        self.assertIn('requests sent a request', out)

    def test_other_versions_of_libraries_get_no_hooks(self):
        self.run_code('''
import importlib.metadata
assert openstack_dashboard_api.other_versions() == ""
openstack_dashboard_api.MADE_FOR["requests"] = ("3.",)
assert openstack_dashboard_api.other_versions().startswith("requests is 2.3")
''')

    def test_a_page_that_cannot_be_made_says_so(self):
        api = Api(self)
        api.mode = 'hung'
        self.run_code(f'''
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
import openstack_dashboard_environment as environment
def needs(request):
    try:
        requests.get("{api.url}")
    except Exception as error:
        if request.GET.get("how") == "chained":
            raise KeyError("usage")
        if request.GET.get("how") == "handled":
            return HttpResponse("Unable to retrieve")
        if request.GET.get("how") == "redirected":
            raise Redirect
        raise
def broken(request):
    raise KeyError("usage")
class Redirect(Exception):
    pass
def horizon(get_response):
    def handle(request):
        return get_response(request)
    handle.process_exception = lambda request, error: (
        HttpResponse(status=302) if isinstance(error, Redirect) else None)
    return handle
import sys, types
def get_user_home(user):
    if user.homeless:
        raise ValueError("a customization")
    return "/project/"
sys.modules["horizon"] = types.SimpleNamespace(get_user_home=get_user_home)
def login(get_response):
    def handle(request):
        request.user = types.SimpleNamespace(is_authenticated="stranger" not in request.GET,
                                             homeless="homeless" in request.GET)
        return get_response(request)
    return handle
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="k" * 64,
                   MIDDLEWARE=[environment.UNANSWERED, "__main__.login", "__main__.horizon"])
urlpatterns = [path("needs", needs), path("project/", needs), path("broken", broken)]
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
for url, status in (("/needs", 503), ("/needs?how=chained", 503), ("/needs?how=handled", 200),
                    ("/needs?how=redirected", 302), ("/broken", 500)):
    answer = client.get(url)
    assert answer.status_code == status, (url, answer.status_code)
    if status == 503:
        assert b"did not answer in time" in answer.content and answer["Retry-After"] == "10"
# no link from the first page to itself
for url, linked in (("/needs", True), ("/project/", False), ("/needs?stranger=yes", False),
                    ("/needs?homeless=yes", False)):
    answer = client.get(url)
    assert answer.status_code == 503 and (b'href="/project/"' in answer.content) == linked, (url, answer.content)
answer = client.get("/needs", headers={{"x-requested-with": "XMLHttpRequest"}})
assert answer.status_code == 503 and answer["Content-Type"] == "application/json"
''')

    def test_parameters(self):
        self.run_code('''
import openstack_dashboard_environment as environment
def value(name, text):
    parse, default = environment.SETTINGS[name]
    return environment.read({name: text} if text else {}, name, parse, default)
assert value("API_PAGE_DEADLINE", "") == 40 and value("API_PAGE_DEADLINE", "45") == 45
for name, text in (("API_PAGE_DEADLINE", "46"), ("API_PAGE_DEADLINE", "0"),
                   ("API_READ_TIMEOUT", "1.5"), ("API_CONNECT_TIMEOUT", "11"),
                   ("DOWNLOADS_PER_WORKER", "65")):
    try:
        value(name, text)
    except ValueError as error:
        assert name in str(error)
    else:
        raise AssertionError(name)
''')

    def test_who_gives_up_first(self):
        """An API's page, gunicorn, nginx, the load balancer: each later than the one before."""
        with open(f'{LIB}/gunicorn.conf.py') as file:
            gunicorn = int(re.search(r'^timeout = (\d+)', file.read(), re.M)[1])
        with open(f'{LIB}/nginx.conf.template') as file:
            nginx = int(re.search(r'^  proxy_read_timeout (\d+)s;', file.read(), re.M)[1])
        with open(f'{LIB}/python/openstack_dashboard_contract.json') as file:
            page = json.load(file)['application']['API_PAGE_DEADLINE']['max']
        # of an Application Load Balancer; gunicorn's arbiter looks each second
        self.assertTrue(page + 5 <= gunicorn and gunicorn + 2 <= nginx and nginx + 2 <= 60,
                        (page, gunicorn, nginx))


if __name__ == '__main__':
    unittest.main()
