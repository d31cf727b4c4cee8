"""ship-logs, as installed on hosts, sends to moto's CloudWatch Logs. Each of its requests is judged by
botocore's service model and by what AWS documents of a batch, and boto3 reads the events back. The
journal is a file here: a real one is part of the host tests.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html"""
import base64
import http.server
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import aws_requests
import boto3
from assemblies import ROOT, inform
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

HOST, GROUP, STREAM = 'logs.eu-central-1.amazonaws.com', 'dashboard-HostLogs-1A2b', 'i-0123456789abcdef0'
ROLE = {'AccessKeyId': 'AKIDEXAMPLE', 'SecretAccessKey': 's/cret', 'Token': 'tok+en'}
HOUR = 3600 * 1000


class Metadata(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answers = {'/latest/api/token': 'token', '/latest/meta-data/instance-id': STREAM,
                   '/latest/meta-data/iam/security-credentials/': 'role',
                   '/latest/meta-data/iam/security-credentials/role': json.dumps(ROLE)}
        body = answers[self.path].encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_GET

    def log_message(self, *_):
        pass


class Quiet(MotoRequestHandler):
    def log(self, *_):
        pass


def record_of(environ, body):
    """A request as collect_requests.py writes it."""
    headers = [[name[5:].lower().replace('_', '-'), value] for name, value in environ.items()
               if name.startswith('HTTP_')]
    headers.append(['content-type', environ['CONTENT_TYPE']])
    return {'method': environ['REQUEST_METHOD'], 'host': environ['HTTP_HOST'], 'path': environ['PATH_INFO'],
            'headers': headers, 'body': base64.b64encode(body).decode(), 'bytes': len(body)}


class Logs(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        certificate, key = f'{self.folder}/cert.pem', f'{self.folder}/key.pem'
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
             '-days', '2', '-subj', f'/CN={HOST}', '-addext', f'subjectAltName=DNS:{HOST},IP:127.0.0.1',
             '-keyout', key, '-out', certificate], check=True, capture_output=True)
        self.requests = []
        app = DomainDispatcherApplication(create_backend_app)

        def handle(environ, start_response):
            body = environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
            environ['wsgi.input'] = io.BytesIO(body)
            if environ['HTTP_HOST'] == HOST:
                self.requests.append(record_of(environ, body))
            return app(environ, start_response)

        server = make_server('127.0.0.1', 0, handle, True, request_handler=Quiet, ssl_context=(certificate, key))
        metadata = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Metadata)
        for each in (server, metadata):
            threading.Thread(target=each.serve_forever, daemon=True).start()
            self.addCleanup(each.server_close)
            self.addCleanup(each.shutdown)
        # curl reads it in addition to its arguments
        with open(f'{self.folder}/.curlrc', 'w') as file:
            file.write(f'connect-to = "{HOST}:443:127.0.0.1:{server.server_port}"\ncacert = "{certificate}"\n'
                       f'connect-to = "169.254.169.254:80:127.0.0.1:{metadata.server_port}"\n')
        self.client = boto3.client(
            'logs', 'eu-central-1', endpoint_url=f'https://127.0.0.1:{server.server_port}', verify=certificate,
            aws_access_key_id='test', aws_secret_access_key='test')
        self.client.create_log_group(logGroupName=GROUP)

    def ship(self, entries):
        """What ship-logs says while it sends these entries of a journal, and then stops."""
        with open(f'{self.folder}/journal', 'w') as file:
            for number, (when, message) in enumerate(entries, 1):
                file.write(json.dumps({
                    '__REALTIME_TIMESTAMP': str(when * 1000), '__CURSOR': f's={number}', 'MESSAGE': message,
                    'PRIORITY': '6', 'SYSLOG_IDENTIFIER': 'test', '_SYSTEMD_UNIT': 'test.service'}) + '\n')
        with open(f'{self.folder}/journalctl', 'w') as file:
            file.write(f'#!/bin/sh\ncat {self.folder}/journal\nexec sleep 600\n')
        os.chmod(f'{self.folder}/journalctl', 0o755)
        process = subprocess.Popen(
            [sys.executable, f'{ROOT}/lib/hosts/files/usr/local/lib/openstack-dashboard/ship-logs'],
            stderr=subprocess.PIPE, text=True,
            env={'PATH': f'{self.folder}:{os.environ["PATH"]}', 'CURL_HOME': self.folder, 'LOG_GROUP': GROUP,
                 'STATE_DIRECTORY': self.folder, 'AWS_REGION': 'eu-central-1', 'AWS_URL_SUFFIX': 'amazonaws.com'})
        self.addCleanup(process.kill)
        end = time.monotonic() + 300
        while process.poll() is None and time.monotonic() < end and self.cursor() != f's={len(entries)}':
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=600)
        self.assertEqual((process.returncode, self.cursor()), (0, f's={len(entries)}'), said)
        return said

    def cursor(self):
        try:
            with open(f'{self.folder}/state') as file:
                return json.load(file)['cursor']
        except FileNotFoundError:
            return None

    def read_back(self):
        found, token = [], {}
        while True:
            page = self.client.get_log_events(
                logGroupName=GROUP, logStreamName=STREAM, startFromHead=True, **token)
            if page['nextForwardToken'] == token.get('nextToken'):
                return found
            found += [(event['timestamp'], json.loads(event['message'])['message']) for event in page['events']]
            token = {'nextToken': page['nextForwardToken']}

    def judge_batches(self):
        """The sizes of all batches, none of which breaks a limit."""
        operations, batches = [], []
        for record in self.requests:
            operations.append(aws_requests.judge(record))
            if operations[-1] != 'logs:PutLogEvents':
                continue
            events = json.loads(base64.b64decode(record['body']))['logEvents']
            times = [event['timestamp'] for event in events]
            sizes = [len(event['message'].encode()) + 26 for event in events]
            self.assertLessEqual(len(events), 10_000)
            self.assertLessEqual(sum(sizes), 1_048_576)
            self.assertLessEqual(max(sizes), 256 * 1024)
            self.assertEqual(times, sorted(times))
            self.assertLessEqual(times[-1] - times[0], 24 * HOUR)
            batches.append((len(events), sum(sizes)))
        self.assertEqual(operations[:3], ['logs:PutLogEvents', 'logs:CreateLogStream', 'logs:PutLogEvents'])
        self.assertEqual(set(operations[3:]), {'logs:PutLogEvents'})
        return batches

    def test_what_is_logged_can_be_read_back(self):
        now = int(time.time() * 1000)
        kept = [
            *((now - 13 * 24 * HOUR + number, f'old {number}') for number in range(20)),
            *((now - 30 * HOUR + number * HOUR, f'an hour later, {number}') for number in range(29)),
            # a clock that was set back
            (now - 30_000, 'second'), (now - 40_000, 'first'),
            *((now - 20_000 + number, f'line {number}') for number in range(12_000)),
            # of three bytes each, and of four
            *((now - 5_000 + number, '‘' * 32_000 + '🔑') for number in range(12)),
            (now + HOUR, 'a clock that is fast'),
        ]
        refused = [(now - 15 * 24 * HOUR, 'too old'), (now + 3 * HOUR, 'too new')]
        said = self.ship([refused[0], *kept, refused[1]])
        batches = self.judge_batches()
        self.assertGreater(len(batches), 4)
        self.assertEqual(sorted(self.read_back()), sorted(kept))
        self.assertRegex(said, 'tooOldLogEventEndIndex')
        self.assertRegex(said, 'tooNewLogEventStartIndex')
        inform(f'ship-logs: {len(kept)} events in {len(batches)} batches, '
               f'at most {max(size for _, size in batches)} bytes and {max(number for number, _ in batches)} events')


if __name__ == '__main__':
    unittest.main()
