"""Downloads under the hosts' gunicorn: threads copy them, workers and other users are not held.

Runs as root in a disposable Debian 13 root file system, as test_boot_check.py does."""
import http.client
import os
import runpy
import signal
import sys
import threading
import time
import unittest
import unittest.mock

sys.path.insert(0, os.path.dirname(__file__))
from horizon_server import Browser, Gunicorn, Keystone, Swift, at_once, within  # noqa: E402

OBJECT = '/api/swift/containers/c/object/object.bin'
# of a busy machine, for a page that waits for nothing
SLACK = 5


class Number(unittest.TestCase):
    CONFIGURATION = '/usr/local/lib/openstack-dashboard/gunicorn.conf.py'

    def configuration(self, **environ):
        sys.path.insert(0, '/usr/local/lib/openstack-dashboard/python')
        self.addCleanup(sys.path.pop, 0)
        with unittest.mock.patch.dict(os.environ, environ):
            if not environ:
                os.environ.pop('GUNICORN_WORKERS', None)
            return runpy.run_path(self.CONFIGURATION)

    def test_it_is_as_a_host_has_processors_and_memory(self):
        workers_for = self.configuration()['workers_for']
        # megabytes as Linux counts them, less than the instance type is sold with
        for kind, vcpus, megabytes, workers in (
                ('t4g.nano', 2, 410, 2), ('t4g.micro', 2, 910, 4), ('t4g.small', 2, 1830, 8),
                ('c7g.medium', 1, 1830, 4), ('m7g.large', 2, 7800, 8), ('c7g.xlarge', 4, 7800, 16),
                ('m7g.16xlarge', 64, 250000, 64)):
            with self.subTest(kind):
                self.assertEqual(workers_for(vcpus, megabytes), workers)

    def test_it_is_what_the_site_chose(self):
        self.assertEqual(self.configuration(GUNICORN_WORKERS='7')['workers'], 7)
        own = self.configuration()
        self.assertEqual(own['workers'], own['workers_of_host']())
        self.assertEqual(self.configuration(GUNICORN_WORKERS='')['workers'], own['workers'])
        for wrong in ('many', '1.5', '$(id)'):
            self.assertRaises(ValueError, self.configuration, GUNICORN_WORKERS=wrong)


class Downloads(unittest.TestCase):
    def start(self, workers=2, snippet='', **environ):
        self.swift = Swift(self)
        keystone = Keystone(self)
        keystone.catalog = [('object-store', f'{self.swift.url}/v1/AUTH_p')]
        self.gunicorn = Gunicorn(self, f'{keystone.url}/v3', snippet=snippet, workers=workers,
                                 **environ)

    def user(self):
        browser = Browser()
        self.assertEqual(browser.login()[0], 302)
        return browser

    def download(self, browser):
        """Only its beginning is read; the rest waits for `rest`."""
        response = browser.open('GET', OBJECT)
        self.addCleanup(response.close)
        return response

    def rest(self, response):
        size = 0
        while part := response.read(1 << 20):
            self.assertEqual(part.strip(b'o'), b'')
            size += len(part)
        return size

    def pages(self):
        times = []
        for _ in range(8):
            begun = time.monotonic()
            self.assertEqual(Browser().get('/auth/login/')[0], 200)
            times.append(time.monotonic() - begun)
        return times

    def test_an_object_arrives_whole(self):
        self.start()
        response = self.download(self.user())
        self.assertEqual(response.status, 200)
        self.assertEqual(response.headers['Content-Length'], str(Swift.size))
        self.assertEqual(response.headers['Content-Disposition'], 'attachment; filename="object.bin"')
        self.assertEqual(self.rest(response), Swift.size)
        within(SLACK, lambda: f'{OBJECT} 200 {Swift.size}' in self.gunicorn.text())
        self.assertNotIn('Traceback', self.gunicorn.text())

    def test_downloads_that_nobody_reads_hold_no_worker(self):
        self.start(DOWNLOADS_PER_WORKER='32', DOWNLOADS_PER_SESSION='32')
        user = self.user()
        open_ones = [self.download(user) for _ in range(20)]
        self.assertEqual([one.status for one in open_ones], [200] * 20)
        times = self.pages()
        self.assertLess(max(times), SLACK, times)
        print(f'\n20 downloads that nobody reads, 2 workers: login page {min(times):.2f} to '
              f'{max(times):.2f} s', file=sys.stderr)
        self.assertEqual(self.rest(open_ones[7]), Swift.size)

    def test_a_session_and_a_worker_have_only_so_many(self):
        self.start(workers=1, DOWNLOADS_PER_WORKER='4', DOWNLOADS_PER_SESSION='2')
        first, second, third = (self.user() for _ in range(3))
        kept = [self.download(first), self.download(first)]
        refused = self.download(first)
        self.assertEqual((refused.status, refused.headers['Retry-After']), (503, '30'))
        page = refused.read().decode()
        self.assertIn('You already have 2 downloads', page)
        self.assertNotIn('Content-Disposition', refused.headers)
        kept += [self.download(second), self.download(second)]
        self.assertEqual([one.status for one in kept], [200] * 4)
        self.assertIn('as many downloads as it can', self.download(third).read().decode())
        self.rest(kept[0])
        within(SLACK, lambda: self.download(third).status == 200)

    def test_an_end_of_gunicorn_waits_for_downloads(self):
        self.start()
        response = self.download(self.user())
        sizes = []
        reader = threading.Thread(target=lambda: (time.sleep(2), sizes.append(self.rest(response))))
        reader.start()
        self.gunicorn.process.send_signal(signal.SIGTERM)
        reader.join()
        self.assertEqual(sizes, [Swift.size])
        self.assertEqual(self.gunicorn.process.wait(timeout=600), 0)

    def test_a_worker_that_is_replaced_ends_its_downloads_first(self):
        self.start(workers=1, GUNICORN_CMD_ARGS='--max-requests 12 --max-requests-jitter 0')
        response = self.download(self.user())
        pids = self.gunicorn.workers()
        for _ in range(12):
            self.assertEqual(Browser().get('/auth/login/')[0], 200)
        self.assertEqual(self.gunicorn.workers(), pids, 'not yet, a download is under way')
        self.assertEqual(self.rest(response), Swift.size)
        # the line is written when the download no longer counts
        within(SLACK, lambda: f'{OBJECT} 200 {Swift.size}' in self.gunicorn.text())
        Browser().get('/auth/login/')
        within(SLACK, lambda: self.gunicorn.workers() not in (pids, []))

    def test_a_download_that_swift_breaks_off_goes_on_where_it_was(self):
        self.start()
        self.swift.part = Swift.size * 2 // 3
        self.assertEqual(self.rest(self.download(self.user())), Swift.size)
        objects = [path for _, path in self.swift.paths if '/object' in path]
        self.assertEqual(len(objects), 2)

    def test_a_download_that_swift_breaks_off_again_and_again_is_not_taken_for_whole(self):
        self.start()
        self.swift.part = Swift.size // 5
        with self.assertRaises(http.client.IncompleteRead):
            self.download(self.user()).read()
        within(SLACK, lambda: f'{OBJECT} 200' in self.gunicorn.text())
        self.assertIn('download', self.gunicorn.text().lower())

    def test_a_reader_that_goes_away_frees_its_place(self):
        self.start(workers=1, DOWNLOADS_PER_WORKER='1')
        user = self.user()
        response = self.download(user)
        self.assertEqual(self.download(user).status, 503)
        response.close()
        within(SLACK, lambda: 'Download was interrupted' in self.gunicorn.text())
        within(SLACK, lambda: self.download(user).status == 200)

    def test_what_horizon_writes_itself_is_not_copied_by_threads(self):
        sys.path.insert(0, '/usr/local/lib/openstack-dashboard/python')
        import openstack_dashboard_worker as worker
        import swiftclient.client

        class Response:
            streaming = True

            def __init__(self, content):
                self._iterator = iter(content)

        self.assertTrue(worker.can_be_copied(Response(swiftclient.client._ObjectBody(None, 1, None))))
        self.assertFalse(worker.can_be_copied(Response([b'x'])))
        self.assertFalse(worker.can_be_copied(Response(b'x' for _ in range(2))))
        self.assertFalse(worker.can_be_copied([b'x']))

    def test_the_limits_of_lines_and_headers_are_those_of_nginx(self):
        self.start(workers=1)
        browser = Browser()
        self.assertEqual(browser.get('/auth/login/?next=/' + 'x' * 8100)[0], 200)
        browser.cookies['other'] = 'y' * 8100
        self.assertEqual(browser.get('/auth/login/')[0], 200)
        browser.cookies['other'] = 'y' * 17000
        self.assertEqual(browser.get('/auth/login/')[0], 431)

    def test_an_answer_arrives_though_nobody_reads_the_body(self):
        self.start()
        for size in (1, 200_000, 10_000_000):
            with self.subTest(size):
                response = Browser().open('POST', '/no/such/page/', raw=b'x' * size)
                self.assertEqual(response.status, 404)
                self.assertIn('</html>', response.read().decode())
        self.assertNotIn('Traceback', self.gunicorn.text())

    def test_many_at_once(self):
        self.start()
        users = [self.user() for _ in range(4)]

        def run(n):
            return self.rest(self.download(users[n % 4]))

        results = at_once(8, run)()
        self.assertEqual([value for value, _ in results], [Swift.size] * 8, results)


if __name__ == '__main__':
    unittest.main()
