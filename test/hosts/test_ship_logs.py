"""ship-logs, with a real journal: journald runs in the disposable root file system. CloudWatch Logs is a
stand-in that checks each request as AWS does, and computes the signature itself.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html"""
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import test_aws
from waiting import wait_for

LIB = '/usr/local/lib/openstack-dashboard'
HOST = 'logs.eu-central-1.amazonaws.com'
GROUP, STREAM = 'dashboard-HostLogs-1A2b', 'i-0123456789abcdef0'
FERNET = 'gAAAAAB' + 'k3J_-' * 30


class Service:
    """What AWS knows and does."""
    events, requests, exists = [], [], False
    group = True
    # answers instead of its own: status, code
    failures = []
    # messages that it does not accept
    poison = None


def sign(key, text):
    return hmac.digest(key, text.encode(), 'sha256')


def signature(request, body):
    """The signature that AWS would compute."""
    match = re.fullmatch(
        r'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/(\d{8})/eu-central-1/logs/aws4_request, ?'
        r'SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})', request.headers['Authorization'])
    if not match or not {'host', 'x-amz-date', 'x-amz-target', 'x-amz-security-token'} <= set(match[2].split(';')):
        return False
    headers = ''.join(f'{name}:{request.headers[name].strip()}\n' for name in match[2].split(';'))
    canonical = '\n'.join([request.command, request.path, '', headers, match[2], hashlib.sha256(body).hexdigest()])
    date = request.headers['x-amz-date']
    text = '\n'.join(['AWS4-HMAC-SHA256', date, f'{match[1]}/eu-central-1/logs/aws4_request',
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = b'AWS4s/cret'
    for part in (match[1], 'eu-central-1', 'logs', 'aws4_request'):
        key = sign(key, part)
    return match[3] == sign(key, text).hex()


class Logs(test_aws.Metadata):
    def answer(self, value, status=200):
        self.reply(json.dumps(value).encode() if value is not None else b'', status)

    def error(self, code, message=''):
        self.answer({'__type': code, 'message': message}, 400)

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        Service.requests.append((self.headers['X-Amz-Target'], len(body)))
        if not signature(self, body) or self.headers['X-Amz-Security-Token'] != 'tok+en':
            return self.error('InvalidSignatureException')
        if self.headers['Host'] != HOST or self.headers['Content-Type'] != 'application/x-amz-json-1.1':
            return self.error('UnknownOperationException')
        if Service.failures:
            status, code = Service.failures.pop(0)
            return self.answer({'__type': f'com.amazonaws.logs#{code}'}, status)
        asked = json.loads(body)
        if asked['logGroupName'] != GROUP or asked['logStreamName'] != STREAM or not Service.group:
            return self.error('ResourceNotFoundException', 'The specified log group does not exist.')
        if self.headers['X-Amz-Target'] == 'Logs_20140328.CreateLogStream':
            if Service.exists:
                return self.error('ResourceAlreadyExistsException')
            Service.exists = True
            return self.answer(None)
        assert self.headers['X-Amz-Target'] == 'Logs_20140328.PutLogEvents'
        if not Service.exists:
            return self.error('ResourceNotFoundException', 'The specified log stream does not exist.')
        self.put(asked['logEvents'])

    def put(self, events):
        times = [event['timestamp'] for event in events]
        sizes = [len(event['message'].encode()) + 26 for event in events]
        if (not 1 <= len(events) <= 10_000 or sum(sizes) > 1_048_576 or max(sizes) > 262_144
                or times != sorted(times) or times[-1] - times[0] > 24 * 3600 * 1000
                or not all(event['message'] and set(event) == {'timestamp', 'message'} for event in events)):
            return self.error('InvalidParameterException')
        if Service.poison and any(Service.poison in event['message'] for event in events):
            return self.error('InvalidParameterException')
        now = time.time() * 1000
        old = sum(when < now - 14 * 24 * 3600 * 1000 for when in times)
        fresh = sum(when <= now + 2 * 3600 * 1000 for when in times)
        Service.events += [json.loads(event['message']) for event in events[old:fresh]]
        rejected = {**({'tooOldLogEventEndIndex': old} if old else {}),
                    **({'tooNewLogEventStartIndex': fresh} if fresh < len(events) else {})}
        self.answer({'nextSequenceToken': '1', **({'rejectedLogEventsInfo': rejected} if rejected else {})})


def memory(pid):
    with open(f'/proc/{pid}/status') as file:
        return {name: int(value.split()[0]) / 1024 for name, _, value in
                (line.partition(':') for line in file) if name in ('VmHWM', 'VmRSS')}


class ShipLogs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run(['ip', 'address', 'add', '169.254.169.254/32', 'dev', 'lo'], capture_output=True)
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        with open('/etc/machine-id', 'w') as file:
            file.write('0123456789abcdef0123456789abcdef\n')
        # journald looks for its control group
        os.makedirs('/sys/fs/cgroup', exist_ok=True)
        subprocess.run(['mount', '-t', 'cgroup2', 'cgroup2', '/sys/fs/cgroup'], check=True)
        os.makedirs('/run/log/journal', exist_ok=True)
        os.makedirs('/run/systemd/journal', exist_ok=True)
        os.makedirs('/etc/systemd/journald.conf.d', exist_ok=True)
        with open('/etc/systemd/journald.conf.d/test.conf', 'w') as file:
            file.write('[Journal]\nAudit=\nStorage=volatile\nReadKMsg=no\nRateLimitIntervalSec=0\nRuntimeMaxUse=200M\n')
        journald = subprocess.Popen(['/usr/lib/systemd/systemd-journald'], stderr=subprocess.DEVNULL)
        cls.addClassCleanup(journald.wait)
        cls.addClassCleanup(journald.kill)
        wait_for(lambda: os.path.exists('/run/systemd/journal/socket'))
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
             '-days', '2', '-subj', f'/CN={HOST}', '-addext', f'subjectAltName=DNS:{HOST}', '-keyout',
             f'{cls.folder}/key.pem', '-out', f'{cls.folder}/cert.pem'], check=True, capture_output=True)
        with open('/etc/hosts', 'a') as file:
            file.write(f'127.0.0.1 {HOST}\n')
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f'{cls.folder}/cert.pem', f'{cls.folder}/key.pem')
        cls.context = context
        metadata = http.server.ThreadingHTTPServer(('169.254.169.254', 80), test_aws.Metadata)
        cls.addClassCleanup(metadata.server_close)
        cls.addClassCleanup(metadata.shutdown)
        threading.Thread(target=metadata.serve_forever, daemon=True).start()

    def setUp(self):
        Service.events, Service.requests, Service.exists = [], [], False
        Service.failures, Service.poison, Service.group = [], None, True
        self.state = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.state)
        # what earlier tests logged is not what this one looks at
        self.mark = os.urandom(4).hex()
        subprocess.run(['journalctl', '-q', '--rotate', '--vacuum-time=1ms'], check=True)
        self.server = None
        self.addCleanup(self.away)
        self.back()

    def back(self):
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 443), Logs)
        server.socket = self.context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.server = server

    def away(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def start(self):
        process = subprocess.Popen(
            [f'{LIB}/ship-logs'], stderr=subprocess.PIPE, text=True,
            env={'PATH': '/usr/bin:/bin', 'AWS_REGION': 'eu-central-1', 'AWS_URL_SUFFIX': 'amazonaws.com',
                 'LOG_GROUP': GROUP, 'STATE_DIRECTORY': self.state, 'LC_ALL': 'C.UTF-8',
                 'CURL_CA_BUNDLE': f'{self.folder}/cert.pem', 'PYTHONDONTWRITEBYTECODE': '1'})
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.communicate()))
        return process

    def end(self, process, how=signal.SIGTERM):
        begun = time.monotonic()
        process.send_signal(how)
        _, said = process.communicate(timeout=600)
        self.assertLess(time.monotonic() - begun, 15)
        return said

    @contextlib.contextmanager
    def running(self):
        process = self.start()
        yield process
        self.end(process)

    def log(self, text, identifier='openstack-dashboard', **fields):
        """An entry of the journal, in its native protocol."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**21)
            data = b'SYSLOG_IDENTIFIER=%s\nTEST=%s\n' % (identifier.encode(), self.mark.encode())
            message = text if isinstance(text, bytes) else text.encode()
            data += b'MESSAGE\n' + len(message).to_bytes(8, 'little') + message + b'\n'
            for name, value in fields.items():
                data += f'{name}={value}\n'.encode()
            sock.connect('/run/systemd/journal/socket')
            sock.send(data)

    def burst(self, count):
        for number in range(count):
            self.log(f'{self.mark} {number} {"x" * 100}')

    def sent(self):
        return [event['message'] for event in Service.events if self.mark in event.get('message', '')]

    def numbers(self):
        return [int(message.split()[1]) for message in self.sent()]

    def test_entries_arrive_once_and_in_order(self):
        self.burst(50)
        with self.running():
            wait_for(lambda: len(self.sent()) == 50)
            self.log(f'{self.mark} 50')
            wait_for(lambda: len(self.sent()) == 51)
        self.assertEqual(self.numbers(), list(range(51)))
        event = [event for event in Service.events if self.mark in event.get('message', '')][0]
        self.assertEqual((event['identifier'], event['priority']), ('openstack-dashboard', 6))
        # a stream that is not there is made
        self.assertEqual([target for target, _ in Service.requests][:3],
                         ['Logs_20140328.PutLogEvents', 'Logs_20140328.CreateLogStream',
                          'Logs_20140328.PutLogEvents'])

    def test_a_restart_loses_nothing_and_repeats_nothing(self):
        self.burst(10)
        process = self.start()
        wait_for(lambda: len(self.sent()) == 10)
        self.end(process)
        for number in range(10, 20):
            self.log(f'{self.mark} {number}')
        with self.running():
            wait_for(lambda: len(self.sent()) >= 20)
        self.assertEqual(self.numbers(), list(range(20)))

    def test_the_last_lines_are_sent_at_the_end(self):
        process = self.start()
        self.log(f'{self.mark} 0')
        wait_for(lambda: self.sent())
        self.log(f'{self.mark} 1 openstack-dashboard: FAILED: packages: no route')
        begun = time.monotonic()
        self.end(process)
        self.assertEqual(self.numbers(), [0, 1])
        self.assertLess(time.monotonic() - begun, 6)

    def test_a_killed_program_repeats_rather_than_loses(self):
        process = self.start()
        self.burst(5)
        wait_for(lambda: len(self.sent()) == 5)
        self.end(process, signal.SIGKILL)
        self.log(f'{self.mark} 5')
        with self.running():
            wait_for(lambda: 5 in self.numbers())
        self.assertEqual(set(self.numbers()), set(range(6)))

    def test_an_outage_loses_nothing_and_needs_little_memory(self):
        process = self.start()
        self.log(f'{self.mark} 0')
        wait_for(lambda: self.sent())
        idle = memory(process.pid)['VmRSS']
        self.away()
        self.burst(20_000)
        time.sleep(4)
        self.back()
        # the first one once more: its number is 0
        wait_for(lambda: len(self.sent()) >= 20_001)
        most = memory(process.pid)['VmHWM']
        said = self.end(process)
        self.assertEqual(self.numbers(), [0, *range(20_000)])
        print(f'ship-logs: {idle:.0f} MiB idle, {most:.0f} MiB at most with 20,000 lines', end=' ', flush=True)
        self.assertLess(most, 40)
        self.assertEqual(len(re.findall('logs cannot be sent', said)), 1, said)
        self.assertRegex(said, r'logs are sent again after \d+ s')
        self.assertLess(max(size for _, size in Service.requests), 1_200_000)

    def test_throttling_and_expired_credentials_are_waited_out(self):
        Service.exists = True
        Service.failures = [(400, 'ThrottlingException'), (400, 'ExpiredTokenException'),
                            (500, 'ServiceUnavailableException'), (503, 'ServiceUnavailableException')]
        with self.running():
            self.log(f'{self.mark} 0')
            wait_for(lambda: self.sent())
        self.assertEqual(self.numbers(), [0])

    def test_a_log_group_that_appears_later_gets_all(self):
        Service.group = False
        process = self.start()
        self.log(f'{self.mark} 0')
        wait_for(lambda: len(Service.requests) >= 3)
        Service.group = True
        wait_for(lambda: self.sent())
        self.assertIn('The specified log group does not exist', self.end(process))

    def test_an_event_that_is_not_accepted_keeps_none_from_being_sent(self):
        Service.poison = f'{self.mark} 7 '
        self.burst(20)
        process = self.start()
        wait_for(lambda: len(self.sent()) == 19)
        self.assertIn('a line was refused', self.end(process))
        self.assertEqual(sorted(self.numbers()), [number for number in range(20) if number != 7])

    def test_messages_of_any_size_and_content(self):
        self.log(f'{self.mark} 0 ' + '\U0001f600"\\\n\t\x01' * 8_000)
        self.log(b'%s 1 \xff\xfe binary \x00' % self.mark.encode())
        self.log(f'{self.mark} 2 last')
        with self.running():
            wait_for(lambda: len(self.sent()) == 3)
        self.assertEqual(self.numbers(), [0, 1, 2])
        self.assertIn('more characters)', self.sent()[0])
        self.assertIn('binary', self.sent()[1])

    def test_tokens_and_cookies_are_removed(self):
        for number, text in enumerate((
                f'token {FERNET} end', 'Cookie: __Host-sessionid=abcdefsecret; csrftoken=secret',
                '__Host-sessionid=secret; end', 'POST csrfmiddlewaretoken=secret&x=1',
                'X-Auth-Token: secret', 'X-Subject-Token:secret', 'Authorization: secret')):
            self.log(f'{self.mark} {number} {text}')
        self.log(f'{self.mark} 7 request: "GET /a?token=secret HTTP/1.1", referrer: "https://x/?secret"', 'nginx')
        with self.running():
            wait_for(lambda: len(self.sent()) == 8)
        self.assertFalse([text for text in self.sent() if 'secret' in text or 'gAAAA' in text])
        self.assertTrue(all('[removed]' in text for text in self.sent()[:7]))

    def test_requests_of_the_access_log_are_fields(self):
        request = {'status': 200, 'uri': f'/{self.mark}/', 'seconds': 0.5}
        self.log(json.dumps(request), 'nginx_access')
        self.log(f'{self.mark} 0 values refused: {{"purpose": "memcached", "forged": 3}}')
        with self.running():
            wait_for(lambda: self.sent())
        self.assertIn(request, [event.get('request') for event in Service.events])
        self.assertIn({'purpose': 'memcached', 'forged': 3}, [event.get('data') for event in Service.events])

    def test_operations_are_fields_without_secrets(self):
        operation = {'event': 'operation', 'user': self.mark, 'status': 302, 'parameters': {'form': {
            'name': f'{FERNET}', 'description': 'Cookie: "quoted"\\', 'list': [f'a {FERNET} b', 1, None]}}}
        self.log(json.dumps(operation), 'openstack-dashboard-operations')
        self.log(f'{self.mark} 0 no JSON {FERNET}', 'openstack-dashboard-operations')
        with self.running():
            wait_for(lambda: self.sent())
        found, = [event for event in Service.events if (event.get('operation') or {}).get('user') == self.mark]
        # the metric filter for logins reads messages
        self.assertNotIn('message', found)
        operation['parameters']['form'] = {
            'name': '[removed]', 'description': 'Cookie: "quoted"\\', 'list': ['a [removed] b', 1, None]}
        self.assertEqual(found['operation'], operation)
        self.assertEqual(self.sent(), [f'{self.mark} 0 no JSON [removed]'])

    def test_an_operation_with_any_text_stays_one(self):
        """A field of JSON whose end would look like the end of a secret."""
        texts = ['sessionid=a\\', 'sessionid=a"b', 'X-Auth-Token: a\\"', 'Authorization: \\u0022']
        for text in texts:
            self.log(json.dumps({'user': self.mark, 'path': text}), 'openstack-dashboard-operations')
        self.log(f'{self.mark} 0')
        with self.running():
            wait_for(lambda: self.sent())
        found = [event['operation']['path'] for event in Service.events if 'operation' in event]
        self.assertEqual(len(found), len(texts))
        self.assertTrue(all('[removed]' in path for path in found), found)

    def test_the_state_of_another_host_is_not_used(self):
        with open(f'{self.state}/state', 'w') as file:
            json.dump({'stream': 'i-0fedcba9876543210', 'cursor': 's=1;i=ffffff'}, file)
        self.log(f'{self.mark} 0')
        with self.running():
            wait_for(lambda: self.sent())

    def test_it_ends_in_time_if_aws_is_away(self):
        process = self.start()
        self.log(f'{self.mark} 0')
        wait_for(lambda: self.sent())
        self.away()
        self.log(f'{self.mark} 1')
        self.assertIn('a restart continues with them', self.end(process))
        self.back()
        with self.running():
            wait_for(lambda: 1 in self.numbers())
        self.assertEqual(self.numbers(), [0, 1])


if __name__ == '__main__':
    unittest.main()
