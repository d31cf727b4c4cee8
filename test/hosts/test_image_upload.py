"""Images that users upload through the dashboard, under the hosts' gunicorn: the answer waits for Glance's.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import json
import os
import re
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(__file__))
from horizon_server import AJAX, Api, Browser, Gunicorn, Keystone, within  # noqa: E402

IMAGE = 'c3a4b1f0-0000-4000-8000-000000000001'
# in memory below 2.5 MB, in a file above
SMALL, LARGE = 1_000_000, 30_000_000


class Glance(Api):
    """As much of the Image API v2 as an upload needs
    (https://docs.openstack.org/api-ref/image/v2/#upload-binary-image-data)."""
    # what it answers to data, and how long it takes
    refusal, takes = None, 0.0
    images, received = (), 0

    def answer(self, handler, body):
        method, path = handler.command, handler.path.split('?')[0]
        if path == '/v2/schemas/image':
            return self.send(handler, 200, {'name': 'image', 'properties': {
                name: {'type': 'string'} for name in ('id', 'name', 'status', 'disk_format', 'visibility')}})
        if method == 'POST' and path == '/v2/images':
            self.images = [{'id': IMAGE, 'status': 'queued', **json.loads(body)}]
            return self.send(handler, 201, self.images[0])
        if method == 'PUT' and path == f'/v2/images/{IMAGE}/file':
            self.received = self.data(handler)
            time.sleep(self.takes)
            if self.refusal:
                return self.send_text(handler, *self.refusal)
            self.images[0]['status'] = 'active'
            return self.send_text(handler, 204, b'')
        if method == 'DELETE' and path == f'/v2/images/{IMAGE}':
            self.images = []
            return self.send_text(handler, 204, b'')
        self.send(handler, 200, {'images': self.images, 'versions': []})

    @staticmethod
    def send_text(handler, status, text):
        handler.send_response(status)
        handler.send_header('Content-Type', 'text/html; charset=UTF-8')
        handler.send_header('Content-Length', str(len(text)))
        handler.send_header('Connection', 'close')
        handler.end_headers()
        handler.wfile.write(text)

    @staticmethod
    def data(handler):
        """The client sends pieces, since it does not ask for the size of a file."""
        assert handler.headers['Content-Type'] == 'application/octet-stream', handler.headers
        size = 0
        while length := int(handler.rfile.readline(), 16):
            handler.rfile.read(length)
            handler.rfile.readline()
            size += length
        handler.rfile.readline()
        return size


class Uploads(unittest.TestCase):
    def start(self, workers=2, **environ):
        self.glance = Glance(self)
        keystone = Keystone(self)
        keystone.catalog = [('image', self.glance.url)]
        self.gunicorn = Gunicorn(self, f'{keystone.url}/v3', workers=workers,
                                 HORIZON_IMAGES_UPLOAD_MODE='legacy', **environ)
        self.browser = Browser()
        self.assertEqual(self.browser.login()[0], 302)

    def upload(self, size=SMALL):
        """As Horizon's scripts send it."""
        fields = {'name': 'system', 'disk_format': 'raw', 'container_format': 'bare', 'visibility': 'private',
                  'source_type': 'file-legacy', 'min_disk': '0', 'min_ram': '0', 'protected': 'false'}
        parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                 for name, value in fields.items()]
        parts += [b'--x\r\nContent-Disposition: form-data; name="data"; filename="system.raw"\r\n'
                  b'Content-Type: application/octet-stream\r\n\r\n', b'i' * size, b'\r\n--x--\r\n']
        response = self.browser.open('POST', '/api/glance/images/', raw=b''.join(parts), headers={
            **AJAX, 'X-CSRFToken': self.browser.cookies['__Host-csrftoken'], 'Accept': 'application/json', 'Content-Type': 'multipart/form-data; boundary=x'})
        text = response.read().decode()
        self.assertEqual(response.headers['Content-Type'], 'application/json', text[:2000])
        return response.status, json.loads(text)

    def left(self, folder='/var/tmp'):
        """Files of uploads that nobody has removed."""
        return [name for name in os.listdir(folder) if '.upload' in name]

    def test_the_answer_comes_when_glance_has_the_image(self):
        self.start()
        for size in (SMALL, LARGE):
            with self.subTest(size):
                status, image = self.upload(size)
                self.assertEqual(status, 201, image)
                self.assertEqual((image['id'], image['name']), (IMAGE, 'system'))
                self.assertEqual((self.glance.received, self.glance.images[0]['status']), (size, 'active'))
                self.assertEqual(self.left(), [])

    def test_a_refusal_reaches_the_user_and_leaves_no_image(self):
        self.start()
        for code, title, seen in ((413, 'Request Entity Too Large', 413), (409, 'Conflict', 409),
                                  (403, 'Forbidden', 403), (500, 'Internal Server Error', 502)):
            for size in (SMALL, LARGE):
                with self.subTest(code, size=size):
                    self.glance.refusal = code, f'<html><body><h1>{code} {title}</h1>quota</body></html>'.encode()
                    status, text = self.upload(size)
                    self.assertEqual(status, seen)
                    self.assertTrue(text.startswith('The image was not uploaded. '), text)
                    self.assertIn(title, text)
                    within(5, lambda: not self.glance.images)
                    self.assertEqual(self.left(), [])

    def test_no_worker_waits(self):
        self.start(workers=1)
        self.glance.takes = 6
        begun, answers = time.monotonic(), []
        thread = threading.Thread(target=lambda: answers.append(self.upload(LARGE)))
        thread.start()
        within(5, lambda: self.glance.received == LARGE)
        # on the disk, and not in memory as files in /tmp are
        self.assertEqual((len(self.left()), self.left('/tmp')), (1, []))
        self.assertEqual(Browser().get('/auth/login/')[0], 200)
        self.assertLess(time.monotonic() - begun, self.glance.takes)
        self.assertEqual(answers, [])
        thread.join()
        self.assertEqual(answers[0][0], 201, answers)

    def test_a_worker_that_ends_finishes_uploads_first(self):
        self.start(workers=1)
        self.glance.takes = 4
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.upload(LARGE)))
        thread.start()
        within(5, lambda: self.glance.received == LARGE)
        os.kill(self.gunicorn.process.pid, 15)
        thread.join()
        self.assertEqual((answers[0][0], self.glance.images[0]['status']), (201, 'active'))

    def test_glance_that_is_gone_is_said(self):
        self.start()
        self.glance.mode = lambda path: 'reset' if path.endswith('/file') else 'well'
        status, text = self.upload()
        self.assertEqual(status, 502)
        self.assertIn('The image was not uploaded', text)
        self.assertEqual(self.glance.images, [])
        self.assertRegex(self.gunicorn.text(), f'Image {re.escape(IMAGE)} was not uploaded')


if __name__ == '__main__':
    unittest.main()
