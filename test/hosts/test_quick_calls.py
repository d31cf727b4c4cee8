"""What makes calls to APIs quicker, with the clients' own libraries and servers that keep connections:
what is shared is the connection and what is the same for everybody, and nothing else.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import os
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from horizon_server import OFF  # noqa: E402
from kept_server import Authority, Half, KeptServer, response  # noqa: E402

CODE = '''
import os, sys, threading, time
sys.path.insert(0, "/usr/local/lib/openstack-dashboard/python")
import openstack_dashboard_api, openstack_dashboard_quick as quick, requests
from openstack_dashboard_api import bounds, shortcuts
openstack_dashboard_api.install({"API_CONNECT_TIMEOUT": 4, "API_READ_TIMEOUT": 20,
                                 "API_PAGE_DEADLINE": 40, "OPENSTACK_SSL_CACERT": TRUST})
MEASURES = [name for name in quick.MEASURES if name in ON]
quick.install({name: name in ON for name in quick.MEASURES}, {"MIDDLEWARE": ()})
assert not quick.off and list(quick.installed) == MEASURES, quick.warnings()
if TRUST is not True:
    # what sessions without a choice of their own trust
    os.environ["REQUESTS_CA_BUNDLE"] = TRUST
def fails(work, error=requests.exceptions.ConnectionError):
    try:
        work()
    except error as raised:
        return str(raised)
    raise AssertionError("it worked")
def get(url=None, token=None, **options):
    """As a client of its own."""
    with requests.Session() as session:
        headers = {"X-Auth-Token": token} if token else {}
        return session.get(url or URL, headers=headers | options.pop("headers", {}), **options)
'''


class Calls(unittest.TestCase):
    ON = ()

    def run_code(self, server, code, trust=True, **names):
        if off := OFF.intersection(self.ON):
            self.skipTest(f'{", ".join(sorted(off))} off: its libraries have changed in 2026.1')
        names = {'URL': server and server.url, 'TRUST': trust, 'ON': list(self.ON), **names}
        given = ''.join(f'{name} = {value!r}\n' for name, value in names.items())
        result = subprocess.run([sys.executable, '-W', 'ignore', '-c', given + CODE + code],
                                capture_output=True, text=True, timeout=600)
        self.assertEqual(result.returncode, 0, result.stderr[-2000:])
        return result.stdout


class Connections(Calls):
    ON = ('QUICK_KEPT_CONNECTIONS', 'QUICK_TRUST_STORES')

    def secured(self, answer=None):
        self.authority = Authority(self)
        return KeptServer(self, self.authority, answer)

    def test_all_clients_share_one_and_each_call_has_its_own_token(self):
        server = self.secured()
        self.run_code(server, '''
from keystoneauth1 import session, token_endpoint
import glanceclient.v2.client, novaclient.client
for n in range(3):
    assert get(f"{URL}/{n}", f"requests-{n}").json()["token"] == f"requests-{n}"
    auth = token_endpoint.Token(URL, f"keystoneauth-{n}")
    assert session.Session(auth=auth, verify=TRUST).get(URL).json()["token"] == f"keystoneauth-{n}"
    glance = glanceclient.v2.client.Client(endpoint=URL, token=f"glance-{n}", insecure=False,
                                           cacert=TRUST)
    assert glance.http_client.get("/v2/x")[1]["token"] == f"glance-{n}"
assert get().json()["token"] is None
''', trust=self.authority.file)
        self.assertEqual(server.connections, 1)
        self.assertEqual(len(server.requests), 10)

    def test_no_cookie_is_passed_on(self):
        server = self.secured(lambda request: response({}, Set_Cookie='session=theirs; Path=/'))
        self.run_code(server, '''
with requests.Session() as session:
    session.get(URL)
    session.get(URL + "/own")
get(URL + "/other")
''', trust=self.authority.file)
        self.assertEqual([request.headers.get('cookie') for request in server.requests],
                         [None, 'session=theirs', None])
        self.assertEqual(server.connections, 1)

    def test_a_safe_request_is_repeated_once_when_the_connection_turns_out_closed(self):
        for how in ('close', 'reset'):
            for authority in (None, Authority(self)):
                with self.subTest(how=how, tls=bool(authority)):
                    server = KeptServer(self, authority, lambda request: (
                        how if request.nth == 2 else response({'n': request.connection})))
                    self.run_code(server, '''
assert get().json()["n"] == 1
assert get().json()["n"] == 2
''', trust=authority.file if authority else True)
                    self.assertEqual([(request.connection, request.nth) for request in server.requests],
                                     [(1, 1), (1, 2), (2, 1)])

    def test_it_is_not_repeated_twice_nor_on_a_new_connection(self):
        server = self.secured(lambda request: (
            response({}) if request.path == '/well' else 'close'))
        self.run_code(server, '''
fails(lambda: get(URL + "/new"))
get(URL + "/well")
fails(lambda: get(URL + "/kept"))
''', trust=self.authority.file)
        self.assertEqual([request.path for request in server.requests],
                         ['/new', '/well', '/kept', '/kept'])

    def test_what_changes_something_is_sent_once(self):
        for how in ('close', 'reset'):
            with self.subTest(how):
                server = self.secured(lambda request: (
                    how if request.nth == 2 else response({'n': request.connection})))
                self.run_code(server, '''
from openstack_dashboard_quick import kept_connections
kept_connections.IDLE_UNSAFE = 1000
for method in ("POST", "PUT", "PATCH", "DELETE"):
    get()
    fails(lambda: requests.request(method, URL, data="x"))
    # a body is never sent again, whatever the method
    get()
    fails(lambda: requests.get(URL, data="x"))
''', trust=self.authority.file)
                self.assertEqual([request.method for request in server.requests], [
                    name for method in ('POST', 'PUT', 'PATCH', 'DELETE')
                    for name in ('GET', method, 'GET', 'GET')])
                self.assertEqual(server.connections, 8)

    def test_what_was_idle_is_not_used(self):
        server = self.secured(lambda request: response({'n': request.connection}))
        self.run_code(server, '''
from openstack_dashboard_quick import kept_connections
kept_connections.IDLE, kept_connections.IDLE_UNSAFE = 1000, -1
assert get().json()["n"] == 1
assert get().json()["n"] == 1
assert requests.post(URL, data="x").json()["n"] == 2
kept_connections.IDLE = -1
assert get().json()["n"] == 3
# and closed, though nobody asks for it
kept_connections.IDLE, kept_connections.SWEEP = -1, -1
other = shortcuts.Asked(requests.Session().get_adapter(URL), requests.Request("GET", URL).prepare(),
                        False, TRUST, None, {})
assert shortcuts.answer(other) is None
idle = [connection for pool in kept_connections._pools for connection in pool.pool.queue
        if connection and not connection.is_closed]
assert not idle, idle
''', trust=self.authority.file)

    def test_a_server_that_ends_connections_is_asked_on_new_ones(self):
        server = self.secured()
        server.ends = 2
        self.run_code(server, '''
for n in range(20):
    assert get(f"{URL}/{n}").json()["path"] == f"/{n}"
''', trust=self.authority.file)
        self.assertGreaterEqual(server.connections, 10)

    def test_half_an_answer_is_an_error_and_spoils_no_other(self):
        server = self.secured(lambda request: (
            Half(response({'text': 'x' * 100})[:-50]) if request.path == '/half'
            else response({'n': request.connection})))
        self.run_code(server, '''
get()
fails(lambda: get(URL + "/half"))
assert get().json()["n"] == 2
''', trust=self.authority.file)
        self.assertEqual([request.path for request in server.requests], ['/', '/half', '/'])

    def test_more_than_an_answer_is_no_answer_to_the_next(self):
        """As after a flaw of an API that lets a user choose what is in a header."""
        # ends with the reader's buffer, so that the rest stays with TLS
        full = next(size for size in range(5000, 20000)
                    if len(response({'n': 1, 'x': 'x' * size})) % 8192 == 0)
        planted = response({'planted': True, 'text': 'x' * 200})
        for authority in (None, Authority(self)):
            for count, size, how in ((1, 0, {}), (100, 0, {'stream': True}), (1, 50000, {}),
                                     (1, full, {})):
                with self.subTest(tls=bool(authority), count=count, size=size, how=how):
                    server = KeptServer(self, authority, lambda request: (
                        response({'n': request.connection, 'x': 'x' * size})
                        + (planted * count if request.path == '/evil' else b'')))
                    self.run_code(server, '''
get()
assert get(URL + "/evil", **HOW).json()["n"] == 1
assert get().json()["n"] == 2
assert get().json()["n"] == 2
''', trust=authority.file if authority else True, HOW=how)

    def test_trust_belongs_to_the_connection(self):
        server = self.secured(lambda request: response({'n': request.connection}))
        copy = f'{self.authority.file}.copy'
        Authority.write(copy, self.authority.certificate)
        stranger = Authority(self, 'stranger')
        self.run_code(server, '''
del os.environ["REQUESTS_CA_BUNDLE"]
assert get(verify=TRUST).json()["n"] == 1
assert get(verify=False).json()["n"] == 1, "verification was turned off"
for verify in (True, STRANGER):
    fails(lambda: get(verify=verify), requests.exceptions.SSLError)
assert get(verify=COPY).json()["n"] == 2
assert get(verify=TRUST).json()["n"] == 1
''', trust=self.authority.file, COPY=copy, STRANGER=stranger.file)

    def test_a_connection_that_was_not_verified_serves_nobody_else(self):
        """Without the hook that keeps verification on."""
        server = self.secured(lambda request: response({'n': request.connection}))
        self.run_code(server, '''
from openstack_dashboard_quick import kept_connections
adapter = kept_connections.SharedAdapter()
del os.environ["REQUESTS_CA_BUNDLE"]
original = type(adapter).send.__closure__[0].cell_contents
def send(verify):
    return original(adapter, requests.Request("GET", URL).prepare(), verify=verify).json()["n"]
assert send(False) == 1
fails(lambda: send(True), requests.exceptions.SSLError)
assert send(TRUST) == 2
assert send(False) == 1
''', trust=self.authority.file)

    def test_a_trust_store_is_read_once_and_again_when_it_changes(self):
        server = self.secured(lambda request: response({'n': request.connection}))
        stranger = Authority(self, 'stranger')
        self.run_code(server, '''
from openstack_dashboard_quick import trust_stores
made = []
create = trust_stores.create_urllib3_context
trust_stores.create_urllib3_context = lambda: made.append(1) or create()
def replace(data):
    with open(TRUST + ".new", "wb") as file:
        file.write(data)
    os.rename(TRUST + ".new", TRUST)
for _ in range(5):
    assert get().json()["n"] == 1
assert len(made) == 1, made
own = open(TRUST, "rb").read()
replace(OTHER)
# a kept connection was verified with what is no longer trusted
fails(get, requests.exceptions.SSLError)
replace(OTHER + own)
assert get().json()["n"] == 2
assert len(made) == 3, made
replace(b"nothing")
fails(get, OSError)
os.remove(TRUST)
assert "invalid path" in fails(get, OSError)
''', trust=self.authority.file, OTHER=stranger.certificate)

    def test_a_renewed_certificate_of_the_server_is_taken(self):
        server = self.secured(lambda request: response({'n': request.connection}))
        other = Authority(self)
        both = f'{self.authority.file}.both'
        Authority.write(both, self.authority.certificate + other.certificate)
        server.ends = 1
        self.run_code(server, 'assert get().json()["n"] == 1', trust=both)
        server.context = other.context()
        self.run_code(server, 'assert get().json()["n"] == 2', trust=both)

    def test_a_forked_process_has_its_own(self):
        server = self.secured(lambda request: response({'n': request.connection}))
        self.run_code(server, '''
assert get().json()["n"] == 1
pid = os.fork()
if not pid:
    try:
        os._exit(0 if get().json()["n"] == 2 and get().json()["n"] == 2 else 1)
    finally:
        os._exit(2)
assert os.waitpid(pid, 0)[1] == 0
assert get().json()["n"] == 1
''', trust=self.authority.file)

    def test_client_certificates_and_proxies_stay_as_they_are(self):
        server = self.secured(lambda request: response({'n': request.connection}))
        self.run_code(server, '''
assert get().json()["n"] == 1
assert get(cert=CHAIN).json()["n"] == 2
assert get(cert=CHAIN).json()["n"] == 3, "kept"
assert get().json()["n"] == 1
''', trust=self.authority.file, CHAIN=self.authority.chain)
        proxy = KeptServer(self)
        self.run_code(proxy, '''
for _ in range(2):
    assert get("http://cloud.invalid/x", proxies={"http": URL}).json()["path"] == (
        "http://cloud.invalid/x")
os.environ["http_proxy"] = URL
assert get("http://cloud.invalid/x").json()["path"] == "http://cloud.invalid/x"
''')
        self.assertEqual(proxy.connections, 3)

    def test_threads_get_their_own_answers(self):
        server = self.secured()
        self.run_code(server, '''
wrong = []
def work(thread):
    for n in range(25):
        token = f"{thread}-{n}"
        answer = get(f"{URL}/{token}", token).json()
        if answer != {"token": token, "path": f"/{token}"}:
            wrong.append((token, answer))
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not wrong, wrong
''', trust=self.authority.file)
        self.assertEqual(len(server.requests), 200)
        self.assertLessEqual(server.connections, 8)

    def test_a_stream_that_is_not_read_to_its_end_is_not_used_again(self):
        server = self.secured(lambda request: response({'text': 'x' * 1000000}))
        self.run_code(server, '''
with get(stream=True) as answer:
    next(answer.iter_content(10))
assert len(get().json()["text"]) == 1000000
''', trust=self.authority.file)
        self.assertEqual(server.connections, 2)


VERSION = {'id': 'v3.14', 'status': 'stable', 'updated': '2020-04-07T00:00:00Z',
           'links': [{'rel': 'self', 'href': 'https://cloud/v3/'}], 'media-types': []}
DOCUMENTS = {
    '/v3': {'version': VERSION},
    '/identity/v3/': {'version': VERSION},
    '/': {'versions': {'values': [VERSION]}},
    '/v2.1/': {'versions': [VERSION | {'version': '2.96', 'min_version': '2.1'}]},
    '/v2.0/extensions': {'extensions': [{'alias': 'quotas', 'name': 'Quotas', 'links': [],
                                         'description': '', 'updated': ''}]},
    f'/v3/{"a" * 32}/extensions': {'extensions': [{'alias': 'x', 'name': 'X', 'links': []}]},
    '/v2/schemas/image': {'name': 'image', 'properties': {'id': {}}, 'links': []},
}


class Documents(Calls):
    ON = ('QUICK_KEPT_DOCUMENTS',)

    TWO_USERS = 'get(URL + PATH, "one"); get(URL + PATH, "other")'

    def asked(self, *cases):
        """How often each document was asked for: (its path, an answer, what is done)."""
        servers = [KeptServer(self, answer=lambda _, answer=answer: answer)
                   for _, answer, _ in cases]
        self.run_code(None, 'for URL, PATH, code in CASES: exec(code)', CASES=[
            (server.url, path, code) for server, (path, _, code) in zip(servers, cases)])
        return [len(server.requests) for server in servers]

    def test_are_asked_for_once(self):
        cases = [(path, response(document), self.TWO_USERS) for path, document in DOCUMENTS.items()]
        cases.append(('/', response({'versions': [VERSION]}, '300 Multiple Choices',
                                    Vary='X-Auth-Token'), self.TWO_USERS))
        self.assertEqual(self.asked(*cases), [1] * len(cases))

    def test_what_is_not_one_by_its_url_or_its_shape_is_not_kept(self):
        document = DOCUMENTS['/v3']
        cases = [(path, response(content), self.TWO_USERS) for path, content in (
            # Ceph's containers, Placement's usages: their URLs say nothing
            ('/swift/v1', [{'name': 'mine', 'count': 1, 'bytes': 1}]),
            ('/usages', {'usages': {'VCPU': 1}}),
            ('/v1', {'containers': [], 'links': []}),
            ('/', {'versions': []}),
            ('/v2', {'versions': [VERSION | {'project_id': 'p'}]}),
            ('/v3/', {'version': VERSION, 'token': 'secret'}),
            ('/v3', {'version': {'links': [], 'status': ''}}),
            ('/v3', [VERSION]),
            ('/v2.0/extensions', {'extensions': [{'alias': 'a', 'links': [], 'owner': 'me'}]}),
            ('/v2/schemas/image', {'name': 'image', 'properties': {}, 'visibility': 'private'}),
            # and a document elsewhere
            ('/v3/users', document), ('/v2.1/servers', document), ('/v3?user=me', document),
            ('/v3/projects/extensions', document), ('/v1/AUTH_p/v3', document))]
        self.assertEqual(self.asked(*cases), [2] * len(cases))

    def test_what_is_for_one_user_or_not_to_be_kept_is_not(self):
        document = DOCUMENTS['/v3']
        answers = [response(document, **headers) for headers in (
            {'Set_Cookie': 'a=b'}, {'Cache_Control': 'no-store'}, {'Vary': '*'},
            {'Cache_Control': 'max-age=60, Private'}, {'Vary': 'Accept, Cookie'},
            {'Content_Type': 'text/html'}, {'status': '404 Not Found'},
            {'status': '401 Unauthorized'}, {'status': '503 Service Unavailable'})]
        answers += [response(b'{'), response({'versions': [VERSION | {'updated': 'x' * 200000}]})]
        cases = [('/v3', answer, self.TWO_USERS) for answer in answers]
        self.assertEqual(self.asked(*cases), [2] * len(cases))

    def test_another_question_is_asked(self):
        cases = [('/v3', response(DOCUMENTS['/v3']), code) for code in (
            'get(URL + PATH, "one"); get(URL + PATH)',
            'get(URL + PATH); get(URL + PATH, headers={"Accept": "text/plain"})',
            'get(URL + PATH); get(URL + PATH, headers={"X-OpenStack-Nova-API-Version": "2.1"})',
            'get(URL + PATH); get(URL + PATH, headers={"Accept-Language": "de"})',
            '[get(URL + PATH, headers={"Authorization": "Basic eDp5"}) for _ in range(2)]',
            '[get(URL + PATH, headers={"Cookie": "a=b"}) for _ in range(2)]',
            '[get(URL + PATH, headers={"X-Subject-Token": "x"}) for _ in range(2)]',
            'get(URL + PATH); requests.post(URL + PATH)',
            'get(URL + PATH); requests.head(URL + PATH)',
            'get(URL + PATH); get(URL + "/v3/")',
            'get(URL + PATH); get(URL + PATH, verify="/etc/ssl/certs/ca-certificates.crt")')]
        self.assertEqual(self.asked(*cases), [2] * len(cases))

    def test_are_given_as_they_came(self):
        server = KeptServer(self, answer=lambda _: response(DOCUMENTS['/v3']))
        self.run_code(server, '''
URL += "/v3"
def told(answer):
    return (answer.status_code, answer.reason, dict(answer.headers), answer.json(), answer.text,
            answer.encoding, answer.url, answer.ok, answer.is_redirect, answer.history)
first, second = get(), get()
assert told(first) == told(second), (told(first), told(second))
assert type(second) is type(first) and second.elapsed is not None
assert b"".join(get(stream=True).iter_content(7)) == first.content
assert get(stream=True).raw.read() == first.content
# nobody changes what another gets
second.headers["X"] = "y"
second.json()["version"].clear()
assert told(get()) == told(first)
''')
        self.assertEqual(len(server.requests), 1)

    def test_a_stream_teaches_as_well_unless_it_is_long(self):
        read = '''
for _ in range(2):
    answer = get(URL + PATH, stream=True)
    assert b"".join(answer.iter_content(1000)) == answer.content
'''
        left = '''
for _ in range(2):
    with get(URL + PATH, stream=True) as answer:
        assert answer.raw.tell() == 0, "read"
'''
        self.assertEqual(self.asked(
            ('/v3', response(DOCUMENTS['/v3']), read),
            ('/v3', response({'x': 'y' * 200000}), left)), [1, 2])

    def test_a_reader_of_bytes_gets_them(self):
        # swiftclient reads these, and /info of Swift could be a version document by its path
        content = {'swift': {'version': '2.35.1', 'policies': [{'name': 'Policy-0'}]}}
        server = KeptServer(self, answer=lambda _: response(content))
        self.run_code(server, '''
import swiftclient.client
for _ in range(2):
    assert get(URL + "/info", stream=True).raw.read()
    found = swiftclient.client.Connection(
        preauthurl=URL + "/v1/AUTH_x", preauthtoken="x").get_capabilities()
    assert found["swift"]["policies"] == [{"name": "Policy-0"}], found
''')
        self.assertEqual(len(server.requests), 4)

    def test_are_kept_for_a_while_and_longer_if_they_cannot_be_renewed(self):
        server = KeptServer(self, answer=lambda request: (
            response(DOCUMENTS['/v3']) if request.connection != 2 else 'close'))
        self.run_code(server, '''
from openstack_dashboard_quick import kept_documents
get(URL + "/v3")
kept_documents.SECONDS = -1
get(URL + "/v3")
get(URL + "/v3")
''')
        self.assertEqual(len(server.requests), 3)
        server = KeptServer(self, answer=lambda request: (
            response(DOCUMENTS['/v3']) if request.connection == 1 else 'close'))
        self.run_code(server, '''
from openstack_dashboard_quick import kept_documents
get(URL + "/v3")
kept_documents.SECONDS = -1
get(URL + "/v3")
kept_documents.SECONDS_UNANSWERED = -1
fails(lambda: get(URL + "/v3"))
''')

    def test_what_is_no_longer_one_is_forgotten(self):
        answers = [response(DOCUMENTS['/v3']), response({}, '404 Not Found'), 'close']
        server = KeptServer(self, answer=lambda request: answers.pop(0))
        self.run_code(server, '''
from openstack_dashboard_quick import kept_documents
get(URL + "/v3")
kept_documents.SECONDS = -1
assert get(URL + "/v3").status_code == 404
fails(lambda: get(URL + "/v3"))
''')

    def test_are_bounded_in_number(self):
        server = KeptServer(self, answer=lambda request: response(DOCUMENTS['/v3']))
        self.run_code(server, '''
from openstack_dashboard_quick import kept_documents
kept_documents.AT_MOST = 3
for n in range(10):
    get(f"{URL}/v{n}")
kept = shortcuts.installed[0].kept
assert [key[0][-3:] for key in kept] == ["/v7", "/v8", "/v9"], kept.keys()
''')


class AskOnce(Calls):
    ON = ('QUICK_ASK_ONCE',)

    def test_a_page_asks_once_and_each_user_for_themselves(self):
        server = KeptServer(self)
        self.run_code(server, '''
def servers(token="one", path="/servers"):
    return get(URL + path, token).json()["token"]
bounds.begin_page()
assert [servers(), servers(), servers("other"), servers("other")] == ["one"] * 2 + ["other"] * 2
assert servers(path="/images") == "one"
get(URL + "/servers", "one", headers={"X-OpenStack-Nova-API-Version": "2.1"})
bounds.begin_page()
servers()
bounds.end_page()
assert not bounds.page().answers
''')
        self.assertEqual([(request.path, request.headers['x-auth-token'])
                          for request in server.requests],
                         [('/servers', 'one'), ('/servers', 'other'), ('/images', 'one'),
                          ('/servers', 'one'), ('/servers', 'one')])

    def test_outside_of_a_page_nothing_is_remembered(self):
        server = KeptServer(self)
        self.run_code(server, '''
get(); get()
bounds.begin_page()
bounds.stream_begins()
get(); get()
''')
        self.assertEqual(len(server.requests), 4)

    def test_what_changes_something_makes_all_forgotten(self):
        server = KeptServer(self)
        self.run_code(server, '''
for method in ("POST", "PUT", "PATCH", "DELETE"):
    bounds.begin_page()
    get(); requests.request(method, URL); get(); get()
bounds.begin_page()
get(); requests.head(URL); get()
''')
        self.assertEqual([request.method for request in server.requests], [
            name for method in ('POST', 'PUT', 'PATCH', 'DELETE')
            for name in ('GET', method, 'GET')] + ['GET', 'HEAD'])

    def test_a_change_that_was_not_answered_may_have_been_made(self):
        server = KeptServer(self, answer=lambda request: (
            'close' if request.method == 'POST' else response({})))
        self.run_code(server, '''
bounds.begin_page()
get(); fails(lambda: requests.post(URL)); get()
''')
        self.assertEqual([request.method for request in server.requests], ['GET', 'POST', 'GET'])

    def test_an_answer_from_before_a_change_is_not_remembered_after_it(self):
        server = KeptServer(self)
        self.run_code(server, '''
bounds.begin_page()
original = shortcuts.learn
def learn(asked, response):
    shortcuts.learn = original
    requests.post(URL)
    original(asked, response)
shortcuts.learn = learn
get(); get()
''')
        self.assertEqual([request.method for request in server.requests], ['GET', 'POST', 'GET'])

    def test_who_waits_for_a_change_sees_it(self):
        server = KeptServer(self)
        self.run_code(server, '''
from openstack_dashboard_quick import ask_once
bounds.begin_page()
ask_once.SECONDS = -1
get(); get()
''')
        self.assertEqual(len(server.requests), 2)

    def test_errors_and_long_answers_are_not_remembered(self):
        for answer in (response({}, '404 Not Found'), response({}, Set_Cookie='a=b'),
                       response({'x': 'y' * (1 << 20)})):
            server = KeptServer(self, answer=lambda request: answer)
            self.run_code(server, 'bounds.begin_page(); get(); get()')
            self.assertEqual(len(server.requests), 2)


    def test_who_asks_what_a_thread_is_asking_waits_for_its_answer(self):
        asked = threading.Event()

        def answer(request):
            # until all have asked, as far as a test can know
            asked.wait(0.5)
            return response({'token': request.headers.get('x-auth-token')})

        server = KeptServer(self, answer=answer)
        self.run_code(server, '''
bounds.begin_page()
page = bounds.page()
answers = []
def ask(token):
    bounds.work_for(page)
    answers.append((token, get(URL, token).json()["token"]))
threads = [threading.Thread(target=ask, args=(token,)) for token in ["one", "other"] * 4]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert sorted(answers) == [("one", "one")] * 4 + [("other", "other")] * 4, answers
assert not page.asking
''')
        self.assertEqual(sorted(request.headers['x-auth-token'] for request in server.requests),
                         ['one', 'other'])

    def test_who_waited_for_an_error_asks_too(self):
        for answer in (response({}, '404 Not Found'), 'close'):
            first = threading.Event()

            def slowly(request, answer=answer, first=first):
                if not first.is_set():
                    first.set()
                    time.sleep(0.3)
                    return answer
                return response({})

            server = KeptServer(self, answer=slowly)
            self.run_code(server, '''
bounds.begin_page()
page = bounds.page()
def ask():
    bounds.work_for(page)
    try: get()
    except requests.exceptions.ConnectionError: pass
thread = threading.Thread(target=ask)
thread.start()
while not page.asking: time.sleep(0.001)
assert get().status_code == 200
thread.join()
assert not page.asking
''')
            self.assertEqual(len(server.requests), 2)

    def test_a_thread_works_for_its_page_alone(self):
        server = KeptServer(self)
        self.run_code(server, '''
bounds.begin_page()
before, begins = bounds.page(), threading.Event()
def ask():
    bounds.work_for(before)
    begins.wait()
    get(URL, "one")
thread = threading.Thread(target=ask)
thread.start()
bounds.end_page()
bounds.begin_page()
begins.set()
thread.join()
assert bounds.page() is not before and not bounds.page().answers and not bounds.page().token
get(URL, "one")
assert bounds.page().token == "one"
''')
        self.assertEqual(len(server.requests), 2)


class CallsAhead(Calls):
    ON = ('QUICK_ASK_ONCE', 'QUICK_CALLS_AHEAD')
    VIEW = '''
from types import SimpleNamespace
from openstack_dashboard_quick import calls_ahead
urls = {"a": URL}
def user(letter, place="a", role="member"):
    return SimpleNamespace(
        id=letter * 32, project_id=letter * 31 + "0", user_domain_id="default", endpoint=urls[place] + "/v3",
        token=SimpleNamespace(id="token-" + letter), unscoped_token="unscoped-" + letter,
        service_catalog=[{"endpoints": [{"url": urls[place] + "/volume/v3/" + letter * 31 + "0"}]}],
        services_region="one", roles=[{"name": role}], is_authenticated=True)
def request(whose, **meta):
    return SimpleNamespace(
        user=whose, method="GET", META={"REMOTE_ADDR": "192.0.2.1", **meta},
        headers={"Accept": "text/html"}, resolver_match=SimpleNamespace(route="project/volumes/"))
def view(request, work, status=200):
    "A page as Django has it made."
    bounds.begin_page()
    def respond(request):
        middleware.process_view(request)
        work(request.user)
        return SimpleNamespace(status_code=status, streaming=False)
    middleware = calls_ahead.CallsAhead(respond)
    try:
        middleware(request)
    finally:
        bounds.end_page()
def lists(user, place="a"):
    base = urls[place]
    return [(f"{base}/volume/v3/{user.project_id}/volumes/detail?limit=21&sort=created_at:desc", user.token.id),
            (f"{base}/v2.1/os-simple-tenant-usage/{user.project_id}?start=2026-11-01T00:00:00", user.token.id),
            (f"{base}/v2.0/networks.json?tenant_id={user.project_id}", user.token.id),
            (f"{base}/v3/users/{user.id}/projects", user.unscoped_token)]
def ask(user, place="a", more=()):
    for url, token in [*lists(user, place), *more]:
        get(url, token, headers={"Forwarded": "for=192.0.2.1;by=x"})
known = calls_ahead._known
'''

    def view(self, server, code, **names):
        return self.run_code(server, self.VIEW + code, **names)

    def test_each_user_asks_with_names_and_token_of_their_own(self):
        server = KeptServer(self)
        self.view(server, '''
view(request(user("1")), ask)
assert len(known) == 1 and len(*known.values()) == 4
for kept in [str(known), *(str(vars(call)) for call in list(*known.values()))]:
    assert "1111" not in kept and "token-1" not in kept and "192.0" not in kept, kept
alone = SimpleNamespace(**vars(request(user("2"))))
def nothing(user):
    while len(bounds.page().answers) < 4: time.sleep(0.001)
view(alone, nothing)
''')
        asked = [(request.path, request.headers['x-auth-token'], request.headers['forwarded'])
                 for request in server.requests]
        self.assertEqual(len(asked), 8)
        self.assertEqual(sorted(asked[4:]), sorted(
            (path.replace('1' * 31, '2' * 31).replace('2' * 31 + '1', '2' * 32),
             token.replace('1', '2'), forwarded) for path, token, forwarded in asked[:4]))

    def test_what_has_a_name_that_a_user_gave_is_not_remembered(self):
        server = KeptServer(self)
        self.view(server, '''
view(request(user("1")), lambda user: [get(URL + path, user.token.id) for path in (
    "/v2.1/servers/6d1f9a1c-3a5c-4f5e-9d5f-3f5b0c9d6a11", "/v2.1/os-keypairs/secret",
    "/v1/AUTH_" + user.project_id, "/v2.1/flavors/small", "/v2.1/servers/detail?name=secret",
    "/v2.1/servers/detail?project_id=" + "3" * 32, "/v2.1/servers?status=ACTIVE",
    "/v2.1/..%2fservers", "/v2.1/servers?limit=%7Btoken%7D")])
get(URL + "/v2.1/servers", "token-of-somebody")
assert list(known.values()) == [[]], [vars(call) for call in list(*known.values())]
view(request(user("1")), lambda user: get(URL + "/v2.1/servers", "token-of-somebody"))
view(request(user("1")), lambda user: get(URL + "/v2.1/servers", user.token.id, headers={"X-Other": "1"}))
view(request(user("1")), lambda user: get(URL + "/v2.1/servers"))
assert list(known.values()) == [[]], [vars(call) for call in list(*known.values())]
''')

    def test_a_token_is_sent_to_its_users_own_cloud_alone(self):
        server, other = KeptServer(self), KeptServer(self)
        self.view(server, '''
urls["b"] = OTHER
view(request(user("1")), ask)
view(request(user("2", "b")), lambda user: time.sleep(0.2))
''', OTHER=other.url)
        self.assertEqual({request.headers['x-auth-token'] for request in server.requests},
                         {'token-1', 'unscoped-1'})
        self.assertEqual(other.requests, [])

    def test_what_a_page_did_not_need_is_not_asked_ahead_of_the_next(self):
        server = KeptServer(self)
        self.view(server, '''
more = [(URL + "/v2.1/servers/detail", "token-1")]
view(request(user("1")), lambda user: ask(user, more=more))
def wait(user):
    ask(user)
    while len(bounds.page().answers) < 5: time.sleep(0.001)
view(request(user("1")), wait)
assert len(*known.values()) == 4
view(request(user("1")), ask)
''')
        self.assertEqual([request.path for request in server.requests].count('/v2.1/servers/detail'), 2)
        self.assertEqual(len(server.requests), 5 + 5 + 4)

    def test_a_page_that_takes_long_asks_nothing_twice(self):
        server = KeptServer(self)
        self.view(server, '''
from openstack_dashboard_quick import ask_once
view(request(user("1")), ask)
ask_once.SECONDS = 0.2
def slowly(user):
    while len(bounds.page().answers) < 4: time.sleep(0.001)
    time.sleep(0.3)
    ask(user)
    time.sleep(0.3)
    # who asks again after a while wants to know whether something has changed
    get(*lists(user)[0], headers={"Forwarded": "for=192.0.2.1;by=x"})
view(request(user("1")), slowly)
''')
        self.assertEqual(len(server.requests), 4 + 4 + 1)

    def test_others_than_pages_ask_nothing_ahead(self):
        server = KeptServer(self)
        self.view(server, '''
view(request(user("1")), ask)
asked = calls_ahead.threading.Thread
def none(*arguments, **options): raise AssertionError("a thread")
calls_ahead.threading.Thread = none
for change in ({"method": "POST"}, {"headers": {"Accept": "*/*"}}, {"META": {"QUERY_STRING": "tab=a"}},
               {"headers": {"Accept": "text/html", "X-Requested-With": "XMLHttpRequest"}}):
    view(SimpleNamespace(**{**vars(request(user("1"))), **change}), lambda user: None)
visitor = user("1"); visitor.is_authenticated = False
view(request(visitor), lambda user: None)
# other roles ask for other things
view(request(user("1", role="admin")), lambda user: None)
calls_ahead.threading.Thread = asked
# what went wrong teaches nothing
before = dict(known)
view(request(user("1")), lambda user: None, status=500)
assert dict(known) == before
''')

    def test_calls_of_a_process_are_bounded(self):
        lock, counts = threading.Lock(), {'now': 0, 'most': 0}

        def slowly(request):
            with lock:
                counts['now'] += 1
                counts['most'] = max(counts['most'], counts['now'])
            time.sleep(0.05)
            with lock:
                counts['now'] -= 1
            return response({})

        server = KeptServer(self, answer=slowly)
        self.view(server, '''
more = [(f"{URL}/v2.1/servers?limit={n}", "token-1") for n in range(100)]
view(request(user("1")), lambda user: ask(user, more=more))
assert len(*known.values()) == calls_ahead.CALLS
for _ in range(3):
    # nobody waits; what was not begun when a page ends is not asked
    view(request(user("1")), lambda user: None)
    known.clear()
    view(request(user("1")), lambda user: ask(user, more=more[:30]))
threads = [thread for thread in threading.enumerate() if thread.name != "MainThread"]
assert len(threads) <= calls_ahead.AT_ONCE
for thread in threads: thread.join()
for n in range(2 * calls_ahead.VIEWS):
    other = request(user("1")); other.resolver_match.route = str(n)
    view(other, lambda user: None)
assert len(known) == calls_ahead.VIEWS
''')
        self.assertLessEqual(counts['most'], 7)
        self.assertGreater(counts['most'], 1)


class NovaToken(Calls):
    ON = ('QUICK_NOVA_TOKEN',)
    # as Horizon does it
    CLIENT = '''
from novaclient import client, exceptions
nova = client.Client("2.1", "user", "token", project_id="p", project_domain_id="d",
                     auth_url=URL + "/v3", insecure=False, cacert=TRUST, http_log_debug=False,
                     auth_token="token", endpoint_override=URL + "/v2.1")
'''

    def test_the_token_that_was_given_is_used(self):
        server = KeptServer(self, answer=lambda request: response({'servers': []}))
        self.run_code(server, self.CLIENT + 'assert nova.servers.list(detailed=False) == []')
        self.assertEqual(server.asked(), [('GET', '/v2.1/servers')])
        self.assertEqual(server.requests[0].headers['x-auth-token'], 'token')

    def test_a_token_that_is_no_longer_valid_is_told(self):
        server = KeptServer(self, answer=lambda request: response({}, '401 Unauthorized'))
        self.run_code(server, self.CLIENT + '''
fails(lambda: nova.servers.list(), exceptions.Unauthorized)
''')
        self.assertEqual({path for _, path in server.asked()}, {'/v2.1/servers/detail'})

    def test_other_ways_to_log_in_stay(self):
        server = KeptServer(self, answer=lambda request: (
            response(DOCUMENTS['/v3']) if request.method == 'GET'
            else response({}, '401 Unauthorized')))
        self.run_code(server, '''
from keystoneauth1.exceptions import Unauthorized
from novaclient import client
for options in ({"auth_token": "token"}, {"password": "word", "endpoint_override": URL}):
    nova = client.Client("2.1", "user", project_id="p", auth_url=URL + "/v3", cacert=TRUST, **options)
    fails(lambda: nova.servers.list(), Unauthorized)
''')
        self.assertEqual(server.asked().count(('POST', '/v3/auth/tokens')), 2)


class Processor(Calls):
    def outputs(self, measure, code):
        """What is printed without the measure and with it."""
        if measure in OFF:
            self.skipTest(f'{measure} off: its libraries have changed in 2026.1')
        found = []
        for self.ON in ((), (measure,)):
            found.append(self.run_code(None, code))
        self.assertEqual(found[0], found[1])
        return found[0]

    DJANGO = '''
from django.conf import settings
settings.configure(USE_I18N=True, LANGUAGES=[(name, name) for name in ("en", "de", "ru", "ar")])
import django
django.setup()
'''

    def test_plurals_are_what_they_were(self):
        out = self.outputs('QUICK_PLURAL_FORMS', self.DJANGO + '''
import pickle
from django.utils import translation
from django.utils.translation import gettext_lazy, ngettext_lazy, npgettext_lazy
texts = ("%(num)d day", "%(num)d days")
for language in ("en", "de", "ru", "ar"):
    translation.activate(language)
    for n in (0, 1, 2, 5, 21):
        print(ngettext_lazy(*texts, "num") % {"num": n}, ngettext_lazy("%d year", "%d years") % n,
              ngettext_lazy("x", "y", n), npgettext_lazy("c", "%d z", "%d zs") % n,
              ngettext_lazy("{} a", "{} b").format(n), bool(ngettext_lazy("", "y")),
              pickle.loads(pickle.dumps(ngettext_lazy(*texts, "num"))) % {"num": n},
              ngettext_lazy(gettext_lazy("Monday"), "Mondays") % n)
try:
    ngettext_lazy(*texts, "num") % {"other": 1}
except KeyError as error:
    print(error)
# and the measure does something
if "QUICK_PLURAL_FORMS" in quick.installed:
    assert ngettext_lazy(*texts, "num") is ngettext_lazy(*texts, "num")
    assert type(ngettext_lazy(*texts, 1)) is type(ngettext_lazy("x", "y", 2))
''')
        self.assertIn('21 день', out)

    def test_time_zones_are_those_of_python_and_are_read_once(self):
        self.run_code(None, '''
import datetime, zoneinfo
from openstack_dashboard_quick import time_zones
opened = []
sys.addaudithook(lambda event, details: event == "open" and opened.append(str(details[0])))
def offsets(names):
    return {name: datetime.datetime.now(zoneinfo.ZoneInfo(name)).strftime("%z") for name in names}
before = offsets(zoneinfo.available_timezones())
assert len(before) > 400 and len(opened) > 400, len(opened)
time_zones.install({})
again = zoneinfo.available_timezones()
opened.clear()
assert offsets(again) == offsets(zoneinfo.available_timezones()) == before
assert not opened, opened[:3]
# what a caller does with the names is its own affair
again.clear()
assert zoneinfo.available_timezones() == set(before)
path = zoneinfo.TZPATH
zoneinfo.reset_tzpath([])
assert zoneinfo.available_timezones() != set(before)
zoneinfo.reset_tzpath(path)
assert zoneinfo.available_timezones() == set(before)
''')

    def test_answers_are_kept_as_long_and_as_many_as_was_said(self):
        self.run_code(None, '''
from openstack_dashboard_quick.timed_cache import cached_for
calls = []
def function(*arguments):
    calls.append(arguments)
    return len(calls)
always, never = cached_for(60, function), cached_for(-1, function)
assert always() == always() == 1 and calls == [()]
assert never() == 2 and never() == 3
calls.clear()
two = cached_for(60, function, 2)
assert [two(n) for n in (0, 1, 0, 1)] == [1, 2, 1, 2]
# a third answer drops the others
assert [two(n) for n in (2, 2, 0)] == [3, 3, 4]
odd = cached_for(60, function, 9, lambda answer: answer % 2)
assert [odd(), odd(), odd()] == [5, 5, 5] and [odd(1), odd(1), odd(1)] == [6, 7, 7]
def fails(): raise ValueError(calls.append(()))
broken = cached_for(60, fails)
calls.clear()
for _ in range(2):
    try: broken()
    except ValueError: pass
assert len(calls) == 2
''')

    def test_objects_of_openstacksdk_are_what_they_were(self):
        self.run_code(None, '''
import inspect, pkgutil, importlib, openstack
from openstack import resource
for module in pkgutil.walk_packages(openstack.__path__, "openstack."):
    if ".tests" not in module.name and not module.name.endswith("__main__"):
        try: importlib.import_module(module.name)
        except ImportError: pass
def subclasses(kind):
    return {kind}.union(*map(subclasses, kind.__subclasses__()))
kinds = [kind for kind in subclasses(resource.Resource) if kind is not resource.Resource]
assert len(kinds) > 200
def made():
    found = {}
    for kind in kinds:
        names = list(kind._body_mapping())
        given = {name: f"value of {name}" for name in names[::2]}
        given |= {name.upper(): "upper" for name in names[1::4]} | {"unknown": 1}
        try:
            one = kind.existing(**given)
            found[kind.__module__, kind.__qualname__] = (
                one.to_dict(), one.to_dict(original_names=True), one._body.attributes, list(kind._header_mapping().items()),
                list(kind._uri_mapping().items()), list(kind._computed_mapping().items()), names)
        except Exception as error:
            found[kind.__module__, kind.__qualname__] = type(error), str(error)
    return found
before = made()
from openstack.cloud import _utils
ipv6 = _utils.localhost_supports_ipv6()
from openstack_dashboard_quick import sdk_resources
sdk_resources.install({})
assert made() == before and made() == before
assert sum(len(value) == 7 for value in before.values()) > 200
# a table that a caller changes is the caller's own
kinds[0]._body_mapping().clear()
assert made() == before
assert _utils.localhost_supports_ipv6() == ipv6
''')

    def test_language_zone_and_urls_belong_to_a_thread(self):
        self.run_code(None, '''
from django.conf import settings
settings.configure(USE_I18N=True, LANGUAGE_CODE="en", USE_TZ=True, TIME_ZONE="UTC")
import django
django.setup()
from django.urls import base
from django.utils import timezone, translation
translation.activate("de")
from openstack_dashboard_quick import thread_locals
thread_locals.install({})
def state():
    return (translation.get_language(), timezone.get_current_timezone_name(), base.get_script_prefix(),
            base.get_urlconf())
assert state() == ("de", "UTC", "/", None), state()
def change(language, zone, prefix, urls):
    translation.activate(language); timezone.activate(zone)
    base.set_script_prefix(prefix); base.set_urlconf(urls)
seen = []
def other():
    seen.append(state())
    change("ja", "Asia/Tokyo", "/b/", "urls_b")
    barrier.wait(); barrier.wait()
    seen.append(state())
barrier = threading.Barrier(2)
thread = threading.Thread(target=other)
change("fr", "Europe/Paris", "/a/", "urls_a")
thread.start(); barrier.wait()
assert state() == ("fr", "Europe/Paris", "/a/", "urls_a"), state()
change("es", "Europe/Madrid", "/c/", None)
barrier.wait(); thread.join()
assert seen == [("en", "UTC", "/", None), ("ja", "Asia/Tokyo", "/b/", "urls_b")], seen
with translation.override("it"):
    assert translation.get_language() == "it"
assert translation.get_language() == "es"
translation.deactivate()
base.clear_script_prefix()
assert state() == ("en", "Europe/Madrid", "/", None), state()
''')

    def test_templates_of_a_theme_are_looked_for_once(self):
        self.run_code(None, '''
import tempfile
root = tempfile.mkdtemp()
def write(path, text):
    os.makedirs(os.path.dirname(f"{root}/{path}"), exist_ok=True)
    with open(f"{root}/{path}", "w") as file: file.write(text)
write("themes/a/templates/one.html", "one of a"); write("themes/b/templates/one.html", "one of b")
write("themes/b/templates/two.html", "two of b")
# what a theme adds to the template that it replaces
write("own/three.html", "{% block all %}three{% endblock %}")
write("themes/b/templates/three.html", "{% extends 'three.html' %}{% block all %}{{ block.super }} of b{% endblock %}")
write("own/two.html", "two"); write("own/one.html", "one")
namespace = {"TEMPLATES": [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [f"{root}/own"],
    "OPTIONS": {"loaders": ["horizon.themes.ThemeTemplateLoader", (
        "django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])]}}]}
from openstack_dashboard_quick import theme_templates
theme_templates.install(namespace)
loaders = namespace["TEMPLATES"][0]["OPTIONS"]["loaders"]
assert loaders == [(theme_templates.LOADER, ["horizon.themes.ThemeTemplateLoader",
                                             "django.template.loaders.filesystem.Loader"])], loaders
from django.conf import settings
settings.configure(ROOT_PATH=root, DEFAULT_THEME="a", THEME_COLLECTION_DIR="themes",
                   AVAILABLE_THEMES=[("a", "A", "themes/a"), ("b", "B", "themes/b")],
                   SELECTABLE_THEMES=[], **namespace)
import django
django.setup()
from django.template import engines, TemplateDoesNotExist
from horizon import themes
opened = []
sys.addaudithook(lambda event, details: event == "open" and str(details[0]).startswith(root) and opened.append(details[0]))
def texts(theme):
    if theme: themes._local.theme = theme
    else: del themes._local.theme
    return [engines["django"].get_template(f"{name}.html").render() for name in ("one", "two", "three")]
of_a = ["one of a", "two", "three"]
wanted = {None: of_a, "a": of_a, "b": ["one of b", "two of b", "three of b"], "no such theme": of_a}
themes._local.theme = "a"
for time in range(2):
    for theme in ("a", "b", "no such theme", None, "b"):
        opened.clear()
        assert texts(theme) == wanted[theme], (theme, texts(theme))
        assert not time or not opened, opened
for _ in range(2):
    try: engines["django"].get_template("four.html")
    except TemplateDoesNotExist as error: assert error.args == ("four.html",)
    else: raise AssertionError("there is none")
kept = engines["django"].engine.template_loaders[0].get_template_cache
# of two themes, whatever a cookie names; the template that b extends, and what b lacks
assert len(kept) == 3 + 3 + 1 + 1, list(kept)
''')

    def test_other_loaders_of_templates_turn_the_measure_off(self):
        out = self.run_code(None, '''
from openstack_dashboard_quick import theme_templates
for loaders in (["x", ("django.template.loaders.cached.Loader", [])],
                ["horizon.themes.ThemeTemplateLoader", "django.template.loaders.filesystem.Loader"]):
    before = list(loaders)
    try: theme_templates.install({"TEMPLATES": [{"OPTIONS": {"loaders": loaders}}]})
    except ValueError as error: print(error)
    assert loaders == before
''')
        self.assertEqual(out.count('loaders of templates are'), 2)

    @unittest.skipIf('QUICK_COMPRESSED_BLOCKS' in OFF, 'off: its libraries have changed in 2026.1')
    def test_tags_of_compressed_blocks_are_those_of_the_release(self):
        self.run_code(None, '''
import json, tempfile
root = tempfile.mkdtemp()
sources = {
    "page.html": "{% load compress %}{% compress js %}<script>{{ THEME }}{{ STATIC_URL }}</script>{% endcompress %}",
    "block.html": "{% load compress %}{% block all %}{% compress js %}<script>{% block more %}{% endblock %}</script>"
                  "{% endcompress %}{% endblock %}",
    "more.html": "{% extends 'block.html' %}{% block more %}more{% endblock %}",
    "names.html": "{% load compress %}{% load tests %}{% compress js %}<script>{% told as what %}</script>"
                  "{% endcompress %}{{ what }}",
}
namespace = {"TEMPLATES": [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "OPTIONS": {"libraries": {"tests": "told"}, "loaders": [(
        "django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", sources)])]}}]}
from openstack_dashboard_quick import compressed_blocks
# it needs settings, which are being made when measures are installed
assert not quick.differences(compressed_blocks.MADE_FOR)
assert "compressor.templatetags.compress" not in sys.modules
compressed_blocks.install(namespace)
import types
from django import template
told = types.ModuleType("told"); told.register = template.Library(); said = []
@told.register.simple_tag(name="told")
def tell(): said.append(1); return f"told {len(said)}"
sys.modules["told"] = told
from django.conf import settings
settings.configure(INSTALLED_APPS=["compressor"], STATIC_URL="/static/", STATIC_ROOT=root, COMPRESS_ENABLED=True,
                   COMPRESS_OFFLINE=True, COMPRESS_URL="/static/", **namespace)
import django
django.setup()
from django.template import engines
from compressor import cache
from compressor.exceptions import OfflineGenerationError
def key(content): return cache.get_offline_hexdigest(f"<script>{content}</script>")
manifest = {key(text): f"<script src='{text}'>" for text in (
    "a/static/", "b/static/", "a/s/", "more")} | {key(""): "<script src='none'>"}
from compressor.templatetags import compress
compress.get_offline_manifest = lambda: manifest
rendered = []
original = compress.CompressorNode.get_original_content
compress.CompressorNode.get_original_content = lambda self, context: rendered.append(1) or original(self, context)
def page(name, **context): return engines["django"].get_template(name).render(context)
for _ in range(3):
    assert page("page.html", THEME="a", STATIC_URL="/static/") == "<script src='a/static/'>"
    assert page("page.html", THEME="b", STATIC_URL="/static/") == "<script src='b/static/'>"
    assert page("page.html", THEME="a", STATIC_URL="/s/") == "<script src='a/s/'>"
assert len(rendered) == 3, rendered
# what was not built is an error each time, and not kept
for _ in range(30):
    try: page("page.html", THEME=f"c{len(rendered)}", STATIC_URL="/static/")
    except OfflineGenerationError: pass
    else: raise AssertionError("it was not built")
node = engines["django"].get_template("page.html").template.nodelist[-1]
assert len(node.quick_pages_kept) == 3
rendered.clear()
# a template that puts something into the block has a tag of its own
for _ in range(2):
    assert page("block.html") == "<script src='none'>" and page("more.html") == "<script src='more'>"
assert len(rendered) == 3, rendered
# a block that sets a variable is rendered
assert [page("names.html") for _ in range(2)] == ["<script src='none'>told 1", "<script src='none'>told 2"]
# and so is one that is not looked up
settings.COMPRESS_OFFLINE = False
settings.COMPRESS_ENABLED = False
assert "<script>" in page("page.html", THEME="a", STATIC_URL="/static/")
''')

    def test_versions_of_cinder_are_worked_out_once_for_a_while(self):
        self.run_code(None, '''
from openstack_dashboard_quick import service_versions
from cinderclient.api_versions import APIVersion
asked = []
answers = {"new": ("3.0", "3.71"), "old": ("2.0", "2.0"), "silent": ("3.0", "3.0")}
def original(url, insecure, cacert, cert):
    asked.append((url, insecure, cacert, cert))
    if url == "down": raise ValueError(url)
    return tuple(map(APIVersion, answers[url.split("/")[0]]))
keep = service_versions.keep(original)
for _ in range(2):
    assert keep("new/p1") == (APIVersion("3.0"), APIVersion("3.71"))
    assert keep("new/p2", False, "/ca.pem") == keep("new/p2", cacert="/ca.pem")
assert asked == [("new/p1", False, None, None), ("new/p2", False, "/ca.pem", None)], asked
# others: another trust store, and what may be the answer of nobody
asked.clear()
for _ in range(2):
    keep("old"); keep("silent")
    try: keep("down")
    except ValueError: pass
    else: raise AssertionError("down")
assert len(asked) == 6, asked
''')

    def test_names_of_time_zones_are_those_of_babel(self):
        self.run_code(None, '''
import datetime, zoneinfo
from babel import Locale, dates
from openstack_dashboard_quick import time_zones
original = dates.get_timezone_location
names = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})
locales = [Locale.parse(name) for name in ("en", "de", "pt_BR", "zh_Hans_CN", "ar")] + ["ja"]
before = {(name, str(locale)): original(name, locale=locale) for name in names for locale in locales}
quick_names = time_zones.keep_names(original)
for _ in range(2):
    assert before == {(name, str(locale)): quick_names(name, locale=locale) for name in names for locale in locales}
assert quick_names("Europe/Berlin", "de", True) == original("Europe/Berlin", "de", True) == "Berlin"
berlin = zoneinfo.ZoneInfo("Europe/Berlin")
assert quick_names(berlin, locale="de") == original(berlin, locale="de")
assert quick_names(datetime.datetime.now(berlin), "de") == original("Europe/Berlin", "de")
assert quick_names("Europe/Berlin") == original("Europe/Berlin") and quick_names(locale="de") == original(locale="de")
for name in ("no such zone", ""):
    found = []
    for function in (original, quick_names):
        try: found.append(function(name, locale="de"))
        except Exception as error: found.append((type(error), str(error)))
    assert found[0] == found[1], found
''')

    def test_templates_render_as_before(self):
        out = self.outputs('QUICK_TEMPLATE_RENDERING', self.DJANGO.replace(
            'settings.configure(', 'settings.configure(TEMPLATES=[], USE_TZ=True, USE_L10N=True, ') + '''
import collections, datetime, decimal, enum
from django.template import base, Context, Engine, RequestContext, Template, TemplateSyntaxError
from django.template.base import Variable
from django.utils import html, timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
# as Horizon does
before = html.escape
html.escape = lambda text: before(text).replace("{$", "{%").replace("$}", "%}")
class Silent(Exception): silent_variable_failure = True
class Broken:
    @property
    def silent(self): raise Silent("x")
    @property
    def missing(self): raise AttributeError("of its own")
    @property
    def wrong(self): raise TypeError("of its own")
    @property
    def loud(self): raise RuntimeError("loud")
    def method(self): return "<called>"
    def needs(self, one): return one
    def fails(self): raise TypeError("inside")
    def deletes(self): raise AssertionError("it deletes")
    deletes.alters_data = True
    def __str__(self): return "<broken & done>"
class Kept:
    do_not_call_in_templates = True
    name = "kept"
    def __call__(self): raise AssertionError("called")
    def __str__(self): return "Kept"
class Item:
    attribute = "attribute"
    def __getitem__(self, key):
        if key == "item": return "item"
        raise {"key": KeyError, "type": TypeError, "value": ValueError, "attr": AttributeError,
               "index": IndexError, "run": RuntimeError}.get(key, KeyError)(key)
class Meta(type):
    def __getitem__(cls, key): return f"{cls.__name__}[{key}]"
class OfMeta(metaclass=Meta): attribute = "a"
class Generic:
    attribute = "generic"
    def __class_getitem__(cls, key): return f"generic {key}"
class Html:
    def __html__(self): return "<html>"
class Text(str): pass
class Other(Context):
    def __getitem__(self, key): return f"other {key}"
class Colour(enum.Enum): RED = 1
day = datetime.datetime(2026, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)
values = {
    "d": {"a": {"b": ["x", {"c": "<c>"}]}, "items": "own", "1": "one", 2: "two"}, "l": ["a", ("b", "c")],
    "o": Broken(), "k": Kept(), "i": Item(), "m": OfMeta, "g": Generic, "list": list, "h": Html(), "t": Text("<t>"),
    "s": "<{$ s $}>", "safe": mark_safe("<b>{$ s $}</b>"), "lazy": gettext_lazy("Monday"), "n": 1234567, "f": 1234.5,
    "dec": decimal.Decimal("1234.50"), "none": None, "yes": True, "day": day, "date": day.date(), "time": day.time(),
    "wrapped": SimpleLazyObject(lambda: {"a": "lazily"}), "object": SimpleLazyObject(Broken), "c": Colour.RED, "e": Colour,
    "named": collections.namedtuple("N", "x y")(1, 2), "default": collections.defaultdict(list), "empty": "", "fn": lambda: "<fn>",
    "fn1": lambda one: one, "builtin": dict.fromkeys, "bytes": b"<b>", "context": Context({"x": "inner"}), "other": Other(),
    "set": {1}, "type": Broken, "gen": (n for n in "ab"), "module": collections, "forloop": "mine"}
names = [*values, "push", "dicts", "template", "nothing", "nothing.at.all", "d.a", "d.a.b", "d.a.b.0", "d.a.b.1.c", "d.a.b.2",
    "d.items", "d.1", "d.2", "d.3", "d.keys", "l.0", "l.1.1", "l.5", "l.x", "l.append", "o.silent", "o.missing", "o.wrong", "o.loud",
    "o.method", "o.needs", "o.fails", "o.deletes", "o.method.upper", "o.nothing", "o.0", "k", "k.name", "i.item", "i.attribute",
    "i.key", "i.type", "i.value", "i.attr", "i.index", "i.run", "m.attribute", "m.x", "g.attribute", "g.x", "list.append", "list.x",
    "s.upper", "s.0", "s.x", "wrapped.a", "wrapped.b", "object.method", "object.silent", "c.name", "c.value", "e.RED", "e.BLUE",
    "named.x", "named.1", "default.x", "fn.upper", "fn1", "fn1.x", "builtin", "context.x", "context.y", "context.push", "context.dicts",
    "context.template_name", "other.x", "type.method", "type.nothing", "module.OrderedDict", "module.nothing", "none.x", "n.real",
    "request.path", "True", "None.x"]
class Request:
    path = "/path"
    META = {}
    def __getattr__(self, name): raise AttributeError(name)
def shown(work):
    try: return repr(work()).split(" at 0x")[0]
    except Exception as error: return f"{type(error).__name__}: {str(error)[:60]}".split(" at 0x")[0]
for invalid in ("", "INVALID %s"):
    engine = Engine(string_if_invalid=invalid)
    for context in (lambda: Context(values), lambda: RequestContext(Request(), dict(values, request=Request())),
                    lambda: Context(values, autoescape=False), lambda: Other(values)):
        for name in names:
            one = context()
            one.template = Template("", engine=engine)
            print(name, shown(lambda: Variable(name).resolve(one)))
            print(name, shown(lambda: Template("{{ " + name + " }}{{ " + name + "|default:'d' }}", engine=engine).render(context())))
        for n, name in enumerate(values):
            print(shown(lambda: type(base.render_value_in_context(values[name], context()))))
sources = {"one": "1{% include 'two' with x=s %}{{ x }}", "two": "2{{ x }}{% include 'three' only %}{{ forloop }}",
    "three": "3{{ s }}{% for a in 'ab' %}{% cycle 'x' 'y' %}{% ifchanged %}{{ a }}{% endifchanged %}{% endfor %}",
    "base": "b{% block a %}A{{ s }}{% endblock %}", "child": "{% extends 'base' %}{% block a %}{{ block.super }}c{% include 'one' %}{% endblock %}",
    "broken": "{% include 'loud' %}", "loud": "{{ o.loud }}"}
engine = Engine(loaders=[("django.template.loaders.locmem.Loader", sources)])
for language in ("en", "de"):
    translation.activate(language)
    for zone in ("UTC", "Asia/Tokyo"):
        timezone.activate(zone)
        one = Context(dict(values, parts=["one", "child"]))
        for name in (*sources, "one"):
            print(name, shown(lambda: engine.get_template(name).render(one)))
            # whatever happened, the context is as it was
            print(one.template, one.render_context.template, len(one.dicts), len(one.render_context.dicts))
        print(shown(lambda: Template("{% for p in parts %}{% include p %}{% endfor %}{{ day }} {{ n }} {{ f }} {{ lazy }} {{ date }}",
                                     engine=engine).render(one)))
# and the measure does something
assert ("quick" in Template.render.__module__) == ("QUICK_TEMPLATE_RENDERING" in quick.installed)
''')
        for text in ('&lt;{% s %}&gt;', '<b>{$ s $}</b>', 'VariableDoesNotExist', 'RuntimeError: loud', 'INVALID', 'AttributeError: of its own'):
            self.assertIn(text, out)

    def test_log_records_are_those_that_handlers_kept(self):
        out = self.outputs('QUICK_LOG_LEVELS', '''
import logging, logging.config
config = {
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"f": {"format": "%(name)s %(levelname)s"}},
    "handlers": {
        "null": {"class": "logging.NullHandler", "level": "DEBUG"},
        "all": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "f"},
        "info": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "f",
                 "level": "INFO"},
        "error": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "f",
                  "level": 40}},
    "root": {"handlers": ["error"], "level": "WARNING"},
    "loggers": {
        "client": {"handlers": ["info"], "level": "DEBUG", "propagate": False},
        "both": {"handlers": ["error", "info"], "level": 10, "propagate": False},
        "quiet": {"handlers": ["null"], "level": "DEBUG", "propagate": False},
        "parent": {"handlers": ["error"], "level": "DEBUG", "propagate": False},
        "parent.chatty": {"handlers": ["all"]},
        "passes": {"handlers": ["error"], "level": "DEBUG"},
        "strict": {"handlers": ["info"], "level": "ERROR", "propagate": False},
        "none": {"level": "DEBUG", "propagate": False},
        "inherits": {"handlers": ["info"], "propagate": False}}}
namespace = {"LOGGING": config}
measure = quick.installed.get("QUICK_LOG_LEVELS")
if measure:
    measure.install(namespace)
logging.config.dictConfig(config)
for name in (*config["loggers"], "client.session", "parent.other", "both.x", "other"):
    for level in (10, 20, 30, 40, 50):
        logging.getLogger(name).log(level, "x")
if measure:
    made = [name for name in config["loggers"] if logging.getLogger(name).isEnabledFor(10)]
    assert made == ["parent", "parent.chatty", "passes"], made
''')
        self.assertIn('client.session INFO', out)
        self.assertNotIn('client DEBUG', out)

    POLICIES = DJANGO.replace('USE_I18N=True', '''USE_I18N=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    POLICY_FILES_PATH="/etc/openstack-dashboard/policy",
    POLICY_FILES={}, POLICY_DIRS={}, DEFAULT_POLICY_FILES={}''') + '''
import glob, yaml
from openstack_auth import policy
def enforcers():
    for path in sorted(glob.glob("/etc/openstack-dashboard/policy/default_policies/*.yaml")):
        yield path, [policy._convert_to_ruledefault(p) for p in yaml.safe_load(open(path))]
def enforcer(rules, file="/nonexistent.yaml"):
    made = policy.policy.Enforcer(policy._get_policy_conf(file))
    made.suppress_default_change_warnings = True
    made.register_defaults(rules)
    made.load_rules()
    return made
'''

    def test_policies_decide_as_before(self):
        out = self.outputs('QUICK_POLICY_CHECKS', self.POLICIES + '''
users = [{"user_id": u, "project_id": p, "roles": roles, "domain_id": "d", "system_scope": scope,
          "user_domain_id": "d"}
         for u, p, roles, scope in (("u", "p", ["member"], None), ("a", "p", ["admin"], None),
                                    ("a", None, ["admin"], "all"), ("r", "q", ["reader"], None))]
targets = [{}, {"user_id": "u", "project_id": "p", "tenant_id": "p", "user.id": "u"},
           {"project_id": "q", "target.project.id": "q", "domain_id": "d"}]
count = 0
for path, rules in enforcers():
    made = enforcer(rules)
    for rule in rules:
        for user in users:
            bits = "".join(str(int(made.enforce(rule.name, dict(target), dict(user))))
                           for target in targets)
            count += len(targets)
            print(rule.name, bits)
assert count > 1000, count
''')
        self.assertIn('0', out)
        self.assertIn('1', out)

    def test_a_changed_policy_is_seen(self):
        self.ON = ('QUICK_POLICY_CHECKS',)
        self.run_code(None, self.POLICIES + '''
import tempfile
from openstack_dashboard_quick import policy_checks
folder = tempfile.mkdtemp()
path = folder + "/policy.yaml"
def write(text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.utime(path + ".new", (time.time(), write.time))
    write.time += 10
    os.rename(path + ".new", path)
write.time = time.time() - 1000
write("x: '!'")
made = enforcer([policy.policy.RuleDefault("y", "@")], path)
asked = lambda name="x": made.enforce(name, {}, {"roles": []})
policy_checks.SECONDS = 1000
assert not asked() and asked("y")
write("x: '@'")
assert not asked(), "within the time"
policy_checks.SECONDS = -1
assert asked()
policy_checks.SECONDS = 1000
write("x: '!'")
made.load_rules(True)
assert not asked()
# what changes the rules in the process is seen at once
made.register_default(policy.policy.RuleDefault("z", "@"))
assert asked("z")
made.set_rules(policy.policy.Rules.from_dict({"x": "@"}), use_conf=False)
assert asked()
''')


if __name__ == '__main__':
    unittest.main()
