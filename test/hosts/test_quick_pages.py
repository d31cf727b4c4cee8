"""Pages of Horizon with everything that makes them quicker and without it: the same for each user.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import itertools
import json
import os
import re
import sys
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(__file__))
from horizon_server import AJAX, OFF, TOKEN, UPSTREAM, Browser, Gunicorn, Keystone, at_once  # noqa: E402

PAGES = ('/project/', '/project/instances/', '/project/volumes/', '/project/networks/',
         '/project/key_pairs/', '/identity/', '/settings/', '/api/glance/images/',
         '/api/nova/flavors/', '/api/neutron/extensions/', '/api/cinder/volumes/')
ZONE = r'<option value="[^"]*"(?: selected)?>(?:UTC|GMT).*'
USERS = {'user1': 'admin', 'user2': 'member', 'user3': 'reader'}
MEASURES = ('KEPT_DOCUMENTS', 'ASK_ONCE', 'CALLS_AHEAD', 'KEPT_CONNECTIONS', 'TRUST_STORES',
            'NOVA_TOKEN', 'LOG_LEVELS', 'POLICY_CHECKS', 'PLURAL_FORMS', 'SDK_RESOURCES',
            'THREAD_LOCALS', 'THEME_TEMPLATES', 'COMPRESSED_BLOCKS', 'TEMPLATE_RENDERING',
            'SERVICE_VERSIONS', 'TIME_ZONES', 'WARM_START')
ALL_OFF = {f'QUICK_{name}': 'false' for name in MEASURES}


class Cloud(Keystone):
    """All services under paths of one server. What a user gets has the user's name in it."""

    def __init__(self, test):
        super().__init__(test)
        self.keeps = True
        self.tokens, self.logins, self.suffix = {}, 0, ''

    def answer(self, handler, body):
        parts = urllib.parse.urlsplit(handler.path)
        service, _, path = parts.path.lstrip('/').partition('/')
        if path.endswith('auth/tokens'):
            return self.log_in(handler, body)
        document = self.document(service, path)
        if document:
            return self.send(handler, 200, document)
        user = self.tokens.get(handler.headers.get('X-Auth-Token'))
        if not user:
            return self.send(handler, 401, {'error': {'code': 401, 'message': 'no', 'title': 'no'}})
        if 'marker=' in parts.query or 'shared=True' in parts.query:
            # all that there is has been told
            return self.send(handler, 200, self.other(path, user))
        answer = getattr(self, service, self.other)(path, user)
        self.send(handler, 200 if answer is not None else 404, answer or {})

    def document(self, service, path):
        version = {'id': path.strip('/'), 'status': 'CURRENT', 'updated': '2020-01-01T00:00:00Z',
                   'links': [{'rel': 'self', 'href': f'{self.url}/{service}/{path}'}]}
        if path.strip('/') in ('v3', 'v2.1'):
            numbers = {'version': '2.90', 'min_version': '2.1'} if service == 'compute' else {
                'version': '3.59', 'min_version': '3.0'} if service == 'volume' else {}
            content = version | {'media-types': []} | numbers
            return {'version': content} if service != 'volume' else {'versions': [content]}
        if not path.strip('/'):
            return {'versions': [version | {'id': 'v3.0', 'version': '3.59', 'min_version': '3.0'}]}
        return None

    def log_in(self, handler, body):
        asked = json.loads(body)['auth']
        given = asked['identity'].get('token', {}).get('id')
        user = self.tokens[given] if given else asked['identity']['password']['user']['name']
        self.logins += 1
        name = f'{TOKEN}-{self.logins}'
        self.tokens[name] = user
        project = {'id': self.project(user), 'name': f'project of {user}',
                   'domain': {'id': 'default', 'name': 'Default'}}
        token = {
            'methods': ['password'], 'expires_at': '2099-01-01T00:00:00.000000Z',
            'issued_at': '2020-01-01T00:00:00.000000Z', 'audit_ids': ['a'],
            'user': {'id': user[-1] * 32, 'name': user, 'password_expires_at': None,
                     'domain': {'id': 'default', 'name': 'Default'}}}
        if isinstance(asked.get('scope'), dict):
            services = {'identity': 'v3', 'compute': 'v2.1', 'volumev3': 'v3', 'image': '',
                        'network': ''}
            token |= {
                'project': project, 'roles': [{'id': 'r', 'name': USERS[user]}],
                'catalog': [{'type': kind, 'name': kind, 'id': kind, 'endpoints': [
                    {'id': kind + face, 'interface': face, 'region': 'one', 'region_id': 'one',
                     'url': f'{self.url}/{kind.removesuffix("v3")}/{version}'.rstrip('/')
                     + (f'/{project["id"]}' if kind == 'volumev3' else '')}
                    for face in ('public', 'internal', 'admin')]}
                    for kind, version in services.items()]}
        self.send(handler, 201, {'token': token}, X_Subject_Token=name)

    @staticmethod
    def project(user):
        return user[-1] * 31 + 'a'

    def identity(self, path, user):
        project = {'id': self.project(user), 'name': f'project of {user}', 'domain_id': 'default',
                   'enabled': True, 'description': f'{user}{self.suffix}', 'links': {}}
        if path.endswith('/projects'):
            return {'projects': [project], 'links': {}}
        if path.endswith('/domains/default'):
            return {'domain': {'id': 'default', 'name': 'Default', 'enabled': True, 'links': {},
                               'description': f'domain for {user}'}}
        return self.other(path, user)

    def compute(self, path, user):
        if path.endswith('servers/detail'):
            return {'servers': [{
                'id': f'{n}{user[-1]}', 'name': f'server {n} of {user}{self.suffix}',
                'status': 'ACTIVE', 'tenant_id': self.project(user), 'user_id': user[-1] * 32,
                'flavor': {'original_name': 'small', 'vcpus': 1, 'ram': 512, 'disk': 1,
                           'ephemeral': 0, 'swap': 0, 'extra_specs': {}},
                'image': {'id': 'i'}, 'addresses': {}, 'metadata': {}, 'key_name': None,
                'created': '2020-01-01T00:00:00Z', 'updated': '2020-01-01T00:00:00Z',
                'OS-EXT-STS:task_state': None, 'OS-EXT-STS:vm_state': 'active',
                'OS-EXT-STS:power_state': 1, 'OS-EXT-AZ:availability_zone': 'nova',
                'locked': False, 'links': []} for n in range(3)]}
        if path.endswith('/limits'):
            return {'limits': {'rate': [], 'absolute': {
                'maxTotalInstances': 10, 'totalInstancesUsed': int(user[-1]), 'maxTotalCores': 20,
                'totalCoresUsed': 1, 'maxTotalKeypairs': 100, 'maxTotalRAMSize': 51200, 'totalRAMUsed': 512}}}
        if '/os-simple-tenant-usage/' in path:
            return {'tenant_usage': {}}
        return self.other(path, user)

    def volume(self, path, user):
        if path.endswith('/extensions'):
            return {'extensions': [{'alias': 'os-volume-actions', 'name': 'VolumeActions',
                                    'links': [], 'description': '', 'updated': ''}]}
        if path.endswith('volumes/detail'):
            return {'volumes': [{
                'id': f'v{user[-1]}', 'name': f'volume of {user}{self.suffix}', 'status': 'available',
                'size': 1, 'attachments': [], 'volume_type': None, 'bootable': 'false',
                'encrypted': False, 'availability_zone': 'nova', 'metadata': {},
                'created_at': '2020-01-01T00:00:00', 'description': None, 'group_id': None,
                'multiattach': False, 'snapshot_id': None, 'source_volid': None, 'links': []}]}
        if path.endswith('/limits'):
            return {'limits': {'rate': [], 'absolute': {
                'maxTotalVolumes': 10, 'totalVolumesUsed': int(user[-1]), 'maxTotalSnapshots': 10,
                'totalSnapshotsUsed': 0, 'maxTotalVolumeGigabytes': 1000,
                'totalGigabytesUsed': 1}}}
        return self.other(path, user)

    def image(self, path, user):
        if path == 'v2/schemas/image':
            return {'name': 'image', 'properties': {name: {'type': 'string'} for name in (
                'id', 'name', 'status', 'visibility', 'owner')}, 'links': []}
        if path == 'v2/images':
            return {'images': [{
                'id': f'i{user[-1]}', 'name': f'image of {user}{self.suffix}', 'status': 'active',
                'visibility': 'private', 'owner': self.project(user), 'min_disk': 0, 'min_ram': 0,
                'size': 1, 'disk_format': 'raw', 'container_format': 'bare', 'protected': False,
                'created_at': '2020-01-01T00:00:00Z', 'updated_at': '2020-01-01T00:00:00Z',
                'tags': [], 'checksum': 'x', 'schema': '/v2/schemas/image'}]}
        return self.other(path, user)

    def network(self, path, user):
        if path == 'v2.0/extensions':
            return {'extensions': [
                {'alias': alias, 'name': alias, 'links': [], 'description': '', 'updated': ''}
                for alias in ('quotas', 'router', 'security-group')]}
        if path.endswith('/details'):
            return {'quota': {name: {'limit': 10, 'used': int(user[-1]), 'reserved': 0} for name in (
                'network', 'subnet', 'port', 'router', 'floatingip', 'security_group',
                'security_group_rule')}}
        if path == 'v2.0/networks':
            return {'networks': [{
                'id': f'n{user[-1]}', 'name': f'network of {user}{self.suffix}', 'status': 'ACTIVE',
                'subnets': [], 'tenant_id': self.project(user), 'admin_state_up': True,
                'shared': False, 'router:external': False, 'availability_zones': []}]}
        return self.other(path, user)

    @staticmethod
    def other(path, user):
        """A list with nothing in it."""
        names = [name for name in path.split('/') if name not in ('', 'detail')]
        if names[-1:] == ['os-volume-transfer']:
            return {'transfers': []}
        return {names[-1].removesuffix('.json').removeprefix('os-').replace('-', '_'): []}


def plain(page):
    """A page without what is another one at each request."""
    page = re.sub(r'<!-- [0-9A-Za-z]+ -->', '', page)
    page = re.sub(r'<script nonce="[A-Za-z0-9_-]{32}"', '<script', page)
    page = re.sub(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'UUID', page)
    page = re.sub(r'data-seconds="[0-9]+"', '', page)
    # today; what the cloud has is of 2020
    page = re.sub(r'20(2[1-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}', 'DAY', page)
    page = re.sub(r'(csrfmiddlewaretoken"? value=)"[^"]*"', r'\1""', page)
    # zones of one offset are in the order of a set, which has another one in each process
    zones = iter(sorted(re.findall(ZONE, page)))
    page = re.sub(ZONE, lambda _: next(zones), page)
    return re.sub(r'(csrf_token|csrfToken|csrftoken)([\'"]?[:=] *[\'"])[^\'"]*', r'\1\2', page)


def differences(one, other):
    """The first lines that differ, as they begin to."""
    found = []
    for left, right in itertools.zip_longest(one.splitlines(), other.splitlines(), fillvalue=''):
        if left != right:
            at = max(0, len(os.path.commonprefix([left, right])) - 40)
            found.append((left[at:at + 120], right[at:at + 120]))
    return found[:3]


class QuickPages(unittest.TestCase):
    maxDiff = None

    def start(self, workers=2, **environ):
        self.cloud = Cloud(self)
        # sets have an order of their own in each process
        environ['PYTHONHASHSEED'] = '0'
        self.gunicorn = Gunicorn(self, f'{self.cloud.url}/identity/v3', workers=workers, **environ)

    def users(self):
        browsers = {}
        for user in USERS:
            browsers[user] = Browser()
            self.assertEqual(browsers[user].login(user)[0], 302)
        return browsers

    @staticmethod
    def visit(browser, path):
        return browser.get(path, headers=AJAX if path.startswith('/api/') else ())

    def rounds(self):
        """Each page for all users in turn, twice; what the cloud has changes in between."""
        browsers, answers = self.users(), {}
        for suffix in ('', ' anew'):
            self.cloud.suffix = suffix
            for path in PAGES:
                for user, browser in browsers.items():
                    status, page = self.visit(browser, path)
                    answers[user, path, suffix] = status, plain(page).replace(
                        str(self.cloud.port), 'PORT')
        return answers

    def test_pages_are_the_same_with_and_without(self):
        self.start(**ALL_OFF)
        without = self.rounds()
        calls = len(self.cloud.paths)
        self.doCleanups()
        self.start()
        quick = self.rounds()
        fewer = len(self.cloud.paths)
        for key, (status, page) in without.items():
            with self.subTest(key):
                self.assertEqual(quick[key][0], status)
                self.assertEqual(differences(page, quick[key][1]), [])
        # these tell something: names of each user, before the change and after it
        for page, what in (('/project/instances/', 'server 0'), ('/project/volumes/', 'volume'),
                           ('/project/networks/', 'network'), ('/api/glance/images/', 'image')):
            for user in USERS:
                self.assertIn(f'{what} of {user}', without[user, page, ''][1])
                self.assertIn(f'{what} of {user} anew', quick[user, page, ' anew'][1])
        self.assertEqual({key: status for key, (status, _) in without.items() if status != 200}, {})
        print(f'\n{len(without)} pages: {calls} calls without, {fewer} with', file=sys.stderr)
        self.assertLess(fewer, calls)
        self.assertEqual({line.split(' is off')[0].split()[-1] for line in self.gunicorn.text().splitlines()
                          if 'Pages take longer' in line}, OFF)

    def test_each_measure_alone_changes_no_page(self):
        path, user = '/project/instances/', 'user1'
        pages = {}
        measures = [name for name in MEASURES if f'QUICK_{name}' not in OFF]
        for name in ('', *measures):
            self.start(workers=1, **ALL_OFF | ({f'QUICK_{name}': 'true'} if name else {}))
            browser = Browser()
            browser.login(user)
            pages[name] = [plain(self.visit(browser, path)[1]).replace(str(self.cloud.port), 'PORT')
                           for _ in range(2)]
            self.doCleanups()
        for name in measures:
            with self.subTest(name):
                for one, other in zip(pages[''], pages[name], strict=True):
                    self.assertEqual(differences(one, other), [])

    def test_users_at_once_get_what_is_theirs(self):
        self.start()
        browsers = self.users()
        names = list(USERS)

        def visit(n):
            user = names[n % 3]
            browser = Browser()
            browser.cookies = dict(browsers[user].cookies)
            return [(user, path, *self.visit(browser, path)) for path in PAGES for _ in range(2)]

        for visits, _ in at_once(6, visit)():
            for user, path, status, page in visits:
                self.assertEqual(status, 200, (user, path))
                self.assertEqual(set(re.findall('of (user[0-9])', page)) - {user}, set(), path)

    @unittest.skipIf(UPSTREAM, 'measures that this takes are off: their libraries have changed')
    def test_a_page_asks_for_nothing_twice(self):
        self.start(workers=1)
        browser = Browser()
        browser.login('user1')
        for path in PAGES:
            self.visit(browser, path)
        for path in PAGES:
            with self.subTest(path):
                before = len(self.cloud.paths)
                self.visit(browser, path)
                asked = self.cloud.paths[before:]
                self.assertEqual(len(asked), len(set(asked)), asked)
                self.assertEqual([method for method, _ in asked if method != 'GET'], [])
                self.assertEqual([path for _, path in asked if re.search(
                    r'/(extensions|v3/?|v2\.1/?|schemas/.*|)$', path)], [])

    def asked_by(self, path, **options):
        """What a page asks, how much of it at once, and the page."""
        lock, now, most = threading.Lock(), 0, 0

        def slowly(_):
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            # a call that is not made side by side is not begun meanwhile
            time.sleep(0.1)
            with lock:
                now -= 1
            return 'well'

        before, self.cloud.mode = len(self.cloud.paths), slowly
        status, page = self.browser.get(path, **options)
        self.assertEqual(status, 200)
        return sorted(self.cloud.paths[before:]), most, plain(page).replace(
            str(self.cloud.port), 'PORT')

    def start_for_one(self, **environ):
        self.start(workers=1, **environ)
        self.browser = Browser()
        self.browser.login('user1')

    def test_a_page_asks_side_by_side_what_it_asked_before(self):
        pages = {}
        for ahead in ('false', 'true'):
            self.start_for_one(QUICK_CALLS_AHEAD=ahead)
            pages[ahead] = [self.asked_by(path) for path in PAGES[:7] * 2]
            # one that no browser shows asks what it needs
            self.assertEqual(self.asked_by('/api/nova/flavors/', headers=AJAX)[1], 1)
            self.doCleanups()
        for n, path in enumerate(PAGES[:7] * 2):
            with self.subTest(path):
                (asked, _, page), (same, most, quick) = pages['false'][n], pages['true'][n]
                self.assertEqual(differences(page, quick), [])
                self.assertEqual(same, asked)
                # six, and those of Horizon, which asks for instances in threads of its own
                self.assertLessEqual(most, 10)
                if n >= 7 and len(asked) > 2:
                    self.assertGreater(most, 2, asked)

    def test_what_cannot_be_asked_ahead_leaves_the_page_as_it_was(self):
        pages = []
        for ahead in ('false', 'true'):
            self.start_for_one(QUICK_CALLS_AHEAD=ahead)
            for _ in range(2):
                self.asked_by('/project/volumes/')
            self.cloud.mode = lambda path: 'reset' if path.endswith('/limits') else 'well'
            pages.append([plain(self.browser.get('/project/volumes/')[1]).replace(
                str(self.cloud.port), 'PORT') for _ in range(2)])
            self.doCleanups()
        for one, other in zip(*pages, strict=True):
            self.assertIn('volume of user1', one)
            self.assertEqual(differences(one, other), [])

    def test_without_the_token_of_novas_client_nothing_is_asked_twice(self):
        asked = {}
        for ahead in ('false', 'true'):
            self.start_for_one(QUICK_CALLS_AHEAD=ahead, QUICK_NOVA_TOKEN='false')
            asked[ahead] = [self.asked_by('/project/instances/')[0] for _ in range(3)]
            self.doCleanups()
        self.assertEqual(asked['true'], asked['false'])

    def test_a_token_that_ends_is_noticed_at_the_next_page(self):
        self.start(workers=1)
        browser = Browser()
        browser.login('user1')
        for path in ('/project/instances/', '/project/volumes/', '/project/networks/'):
            self.assertEqual(self.visit(browser, path)[0], 200)
        self.cloud.tokens.clear()
        for path in ('/project/instances/', '/project/volumes/', '/project/networks/'):
            self.assertNotIn('of user1 anew', self.visit(browser, path)[1])
            self.assertNotIn('server 0 of user1', self.visit(browser, path)[1])

    def test_a_cloud_that_restarts_fails_no_page(self):
        self.start(workers=1)
        browser = Browser()
        browser.login('user1')
        for n in range(6):
            self.cloud.ends = bool(n % 2)
            for path in PAGES:
                status, page = self.visit(browser, path)
                self.assertEqual(status, 200, path)
                self.assertNotIn('Unable to retrieve', page)

    @unittest.skipIf(UPSTREAM, 'it is off')
    def test_a_measure_that_is_off_is_logged(self):
        import keystoneauth1.token_endpoint

        path = keystoneauth1.token_endpoint.__file__
        with open(path) as file:
            text = file.read()

        def write(text):
            with open(path, 'w') as file:
                file.write(text)

        self.addCleanup(write, text)
        write(text.replace('super().__init__()', 'super().__init__()  # changed'))
        self.start(workers=1)
        self.assertIn('Pages take longer: QUICK_NOVA_TOKEN is off: keystoneauth1.token_endpoint:Token',
                      self.gunicorn.text())
        browser = Browser()
        browser.login('user1')
        self.assertIn('server 0 of user1', browser.get('/project/instances/')[1])
        self.assertIn(('POST', '/identity/v3/auth/tokens'), self.cloud.paths[-20:])


if __name__ == '__main__':
    unittest.main()
