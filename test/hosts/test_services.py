"""The preview's Nova, Glance, Neutron and Cinder: whose data they show, and to whom.

The services run as in the preview, with Debian's Python, before a Keystone that knows two users."""
import http.client
import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, '/usr/local/lib/openstack-dashboard/python')
from openstack_dashboard_api import verify  # noqa: E402

SERVICES = '/tmp/services'
PORTS = {'nova': 8774, 'glance': 9292, 'neutron': 9696, 'cinder': 8776, 'placement': 8778}
TOKENS = {'token-a': ('a' * 32, 'alpha', 'member'), 'token-b': ('b' * 32, 'beta', 'member'),
          'token-admin': ('c' * 32, 'gamma', 'admin')}
LISTS = [('nova', '/v2.1/servers/detail'), ('nova', '/v2.1/servers'), ('nova', '/v2.1/os-keypairs'),
         ('nova', '/v2.1/limits'), ('nova', '/v2.1/os-simple-tenant-usage/{0}'),
         ('nova', '/v2.1/os-server-groups'), ('glance', '/v2/images?limit=100'),
         ('neutron', '/v2.0/networks'), ('neutron', '/v2.0/subnets'), ('neutron', '/v2.0/ports'),
         ('neutron', '/v2.0/routers'), ('neutron', '/v2.0/floatingips'),
         ('neutron', '/v2.0/security-groups'), ('neutron', '/v2.0/quotas/{0}/details.json'),
         ('cinder', '/v3/{0}/volumes/detail'), ('cinder', '/v3/{0}/snapshots/detail'),
         ('cinder', '/v3/{0}/limits'), ('cinder', '/v3/{0}/os-quota-sets/{0}?usage=True')]


class Keystone(http.server.BaseHTTPRequestHandler):
    """Validates tokens."""
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def do_GET(self):
        known = TOKENS.get(self.headers['X-Subject-Token'])
        body = b'{}'
        if known and self.headers['X-Auth-Token'] == self.headers['X-Subject-Token']:
            project, name, role = known
            body = json.dumps({'token': {
                'expires_at': '2099-01-01T00:00:00.000000Z', 'roles': [{'name': role}],
                'user': {'id': name, 'name': name}, 'project': {'id': project, 'name': name},
            }}).encode()
        self.send_response(200 if known else 404)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Services(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        pem = verify.certificate()
        for name in ('key.pem', 'cert.pem', 'ca.pem'):
            with open(f'{cls.folder}/{name}', 'wb') as file:
                file.write(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f'{cls.folder}/cert.pem')
        keystone = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Keystone)
        keystone.daemon_threads = True
        keystone.socket = context.wrap_socket(keystone.socket, server_side=True,
                                              do_handshake_on_connect=False)
        threading.Thread(target=keystone.serve_forever, daemon=True).start()
        cls.addClassCleanup(keystone.server_close)
        cls.addClassCleanup(keystone.shutdown)
        cls.program = subprocess.Popen(
            ['python3', f'{SERVICES}/server.py', cls.folder, '127.0.0.1',
             f'https://127.0.0.1:{keystone.server_address[1]}/v3'],
            stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.program.stdout.close)
        cls.addClassCleanup(cls.program.wait)
        cls.addClassCleanup(cls.program.kill)
        cls.trust = ssl.create_default_context(cafile=f'{cls.folder}/ca.pem')
        for port in PORTS.values():
            for _ in range(300):
                try:
                    socket.create_connection(('127.0.0.1', port)).close()
                    break
                except OSError:
                    time.sleep(0.1)

    @classmethod
    def connect(cls, port):
        return http.client.HTTPSConnection('127.0.0.1', port, context=cls.trust, timeout=600)

    def ask(self, service, path, token='token-a', method='GET', body=None, **headers):
        connection = self.connect(PORTS[service])
        self.addCleanup(connection.close)
        headers = {name.replace('_', '-'): value for name, value in headers.items()}
        if token:
            headers['X-Auth-Token'] = token
        connection.request(method, path, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        text = response.read().decode()
        return response.status, json.loads(text) if text else None

    def listed(self, service, path, token):
        project = TOKENS[token][0]
        status, body = self.ask(service, path.format(project), token)
        self.assertEqual(status, 200, path)
        return body

    def test_version_documents_need_no_token_and_all_else_does(self):
        self.assertEqual(self.ask('nova', '/', None)[1]['versions'][0]['id'], 'v2.1')
        self.assertEqual(self.ask('cinder', '/', None)[0], 300)
        self.assertEqual(self.ask('glance', '/', None)[0], 300)
        for service, path in [*LISTS, ('neutron', '/v2.0/extensions')]:
            for token in (None, 'token-of-nobody'):
                self.assertEqual(self.ask(service, path.format('a' * 32), token)[0], 401, path)

    def test_nothing_of_one_project_is_seen_by_another(self):
        for service, path in LISTS:
            seen = {token: json.dumps(self.listed(service, path, token))
                    for token in ('token-a', 'token-b', 'token-a')}
            for token, (project, name, _) in TOKENS.items():
                for other, text in seen.items():
                    if other != token:
                        self.assertNotIn(name, text, path)
                        self.assertNotIn(project, text, path)

    def test_ids_of_another_project_are_not_found_or_forbidden(self):
        def first(service, path, name):
            return self.listed(service, path, 'token-b')[name][0]['id']

        server = first('nova', '/v2.1/servers/detail', 'servers')
        self.assertEqual(self.ask('nova', f'/v2.1/servers/{server}')[0], 404)
        self.assertEqual(self.ask('nova', f'/v2.1/servers/{server}', method='DELETE')[0], 404)
        port = first('neutron', '/v2.0/ports', 'ports')
        self.assertEqual(self.ask('neutron', f'/v2.0/ports/{port}')[0], 404)
        volume = first('cinder', '/v3/{0}/volumes/detail', 'volumes')
        own, other = TOKENS['token-a'][0], TOKENS['token-b'][0]
        self.assertEqual(self.ask('cinder', f'/v3/{own}/volumes/{volume}')[0], 404)
        self.assertEqual(self.ask('cinder', f'/v3/{other}/volumes/{volume}')[0], 403)
        self.assertEqual(self.ask('nova', f'/v2.1/os-simple-tenant-usage/{other}')[0], 403)
        self.assertEqual(
            self.ask('nova', f'/v2.1/servers/detail?project_id={other}')[1]['servers'], [])

    def test_only_administrators_see_hypervisors(self):
        self.assertEqual(self.ask('nova', '/v2.1/os-hypervisors/detail')[0], 403)
        self.assertEqual(self.ask('placement', '/resource_providers')[0], 403)
        self.assertEqual(self.ask('nova', '/v2.1/os-hypervisors/detail', 'token-admin')[0], 200)

    def test_links_lead_through_all_pages_of_a_list(self):
        path, names = '/v2.1/servers/detail?limit=7', []
        while path:
            body = self.ask('nova', path)[1]
            names += [server['name'] for server in body['servers']]
            links = body.get('servers_links')
            path = links and links[0]['href'].split(f':{PORTS["nova"]}', 1)[1]
        self.assertEqual((len(names), len(set(names))), (20, 20))

    def test_flavors_are_embedded_from_microversion_2_47_on(self):
        old = self.ask('nova', '/v2.1/servers/detail')[1]['servers'][0]['flavor']
        new = self.ask('nova', '/v2.1/servers/detail', OpenStack_API_Version='compute 2.47')
        self.assertIn('id', old)
        self.assertIn('original_name', new[1]['servers'][0]['flavor'])

    def test_a_change_shows_at_once_and_in_its_project_alone(self):
        one, other = (self.listed('nova', '/v2.1/servers/detail', token)['servers'][0]
                      for token in ('token-a', 'token-b'))
        status, _ = self.ask('nova', f'/v2.1/servers/{one["id"]}', method='PUT',
                             body={'server': {'name': 'renamed'}})
        self.assertEqual(status, 200)
        names = [server['name'] for server in
                 self.listed('nova', '/v2.1/servers/detail', 'token-a')['servers']]
        self.assertIn('renamed', names)
        self.assertNotIn(one['name'], names)
        self.assertEqual(other, self.listed('nova', '/v2.1/servers/detail', 'token-b')['servers'][0])

    def test_connections_are_kept_and_tokens_are_each_request_s(self):
        connection = self.connect(PORTS['nova'])
        self.addCleanup(connection.close)
        for token, status in [('token-a', 200), ('token-b', 200), ('', 401), ('token-a', 200)]:
            connection.request('GET', '/v2.1/servers', headers={'X-Auth-Token': token})
            before = connection.sock
            response = connection.getresponse()
            text = response.read().decode()
            self.assertEqual(response.status, status)
            self.assertIs(connection.sock, before)
            if token:
                self.assertIn(TOKENS[token][1], text)

    def test_answers_take_as_long_as_they_are_told_to(self):
        with open(f'{self.folder}/latency', 'w') as file:
            file.write('300')
        self.addCleanup(os.remove, f'{self.folder}/latency')
        began = time.monotonic()
        self.ask('nova', '/v2.1/servers')
        self.assertGreaterEqual(time.monotonic() - began, 0.3)
