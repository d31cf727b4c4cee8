"""gunicorn's `sync` worker, with threads for long downloads and uploads.

Horizon is not thread-safe, so a worker answers one request at a time. A download of an object does not need
Horizon once its first byte has arrived: a thread copies the rest, and the worker takes the next request. An
image that has arrived whole does not need it either: a thread sends it to Glance, and then the answer.
"""
import os
import select
import socket
import sys
import threading
import time
from datetime import datetime

import openstack_dashboard_contract as contract
import openstack_dashboard_scoreboard as scoreboard
from gunicorn import __version__, util
from gunicorn.http import wsgi
from gunicorn.http.errors import ParseException
from gunicorn.workers.sync import SyncWorker

# how long a client may stop reading a download
IDLE = 60
PIECE = 65536
# how long nginx may stop sending the rest of a body, in seconds
DRAIN = 5
# `handle_request` is that of this version, except for downloads
MADE_FOR = '23.0.'
# of openstack_dashboard_mends.image_upload, which needs Horizon
WORKER_TRANSFERS = 'openstack_dashboard.transfers'
# libraries whose iterators of bytes run no code of Horizon
COPIED = {'swiftclient', 'glanceclient', 'requests', 'urllib3'}
PAGE = (b'<!DOCTYPE html><html lang="en"><title>Too many downloads</title><h1>Too many downloads</h1>'
        b'<p>%s Please try again when one has finished.</p></html>')


def limit(name):
    return int(os.environ.get(name) or contract.PARAMETERS[name]['default'])


def can_be_copied(response):
    iterator = getattr(response, '_iterator', None) if getattr(response, 'streaming', 0) else None
    return type(iterator).__module__.partition('.')[0] in COPIED


class Input:
    """The body of a request. A worker that reads a large one is not stuck."""

    def __init__(self, body, notify):
        self.body, self.notify = body, notify

    def read(self, size=None):
        self.notify()
        return self.body.read(size)

    def __getattr__(self, name):
        return getattr(self.body, name)


class Worker(SyncWorker):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.streams = set()
        self.streams_at_most = limit('DOWNLOADS_PER_WORKER')
        self.streams_each = limit('DOWNLOADS_PER_SESSION')

    def run(self):
        from openstack_dashboard_api import bounds

        bounds.pending = lambda: bool(select.select(self.sockets, [], [], 0)[0])
        super().run()
        # downloads get as much time to finish as requests
        end = time.monotonic() + self.cfg.graceful_timeout
        while self.streams and time.monotonic() < end:
            self.notify()
            time.sleep(0.1)

    def handle_request(self, listener, req, client, addr):
        if not __version__.startswith(MADE_FOR):
            if not self.nr:
                self.log.warning('Downloads occupy workers: gunicorn is %s, made for %sx',
                                 __version__, MADE_FOR)
            return super().handle_request(listener, req, client, addr)
        environ = {}
        resp = None
        try:
            self.cfg.pre_request(self, req)
            request_start = datetime.now()
            resp, environ = wsgi.create(req, client, addr, listener.getsockname(), self.cfg)
            resp.force_close()
            self.nr += 1
            # a restart would cut downloads: it is postponed, but not forever
            if self.nr >= self.max_requests * (2 if self.streams else 1):
                self.log.info('Autorestarting worker after current request.')
                self.alive = False
            environ['wsgi.input'] = Input(environ['wsgi.input'], self.notify)
            environ[WORKER_TRANSFERS] = True
            respiter = self.wsgi(environ, resp.start_response)
            self.drain(environ['wsgi.input'], client)
            if transfer := getattr(respiter, 'transfer', None):
                self.hand_over(self.send, resp, respiter, req, environ, request_start, transfer)
                return
            if can_be_copied(respiter) and req.method != 'HEAD':
                refused, entry = self.admit()
                if not refused:
                    self.hand_over(self.copy, resp, respiter, req, environ, request_start, entry)
                    return
                respiter.close()
                respiter = self.refusal(resp, refused)
            try:
                if isinstance(respiter, environ['wsgi.file_wrapper']):
                    resp.write_file(respiter)
                else:
                    for item in respiter:
                        resp.write(item)
                resp.close()
            finally:
                self.log.access(resp, req, environ, datetime.now() - request_start)
                if hasattr(respiter, 'close'):
                    respiter.close()
        except OSError:
            # pass to next try-except level
            util.reraise(*sys.exc_info())
        except Exception:
            if resp and resp.headers_sent:
                self.log.exception('Error handling request')
                try:
                    client.shutdown(socket.SHUT_RDWR)
                    client.close()
                except OSError:
                    pass
                raise StopIteration()
            raise
        finally:
            try:
                self.cfg.post_request(self, req, environ, resp)
            except Exception:
                self.log.exception('Exception in post_request hook')

    @staticmethod
    def drain(body, client):
        """Reads what the application left of a body, which nginx has whole. A socket that is closed with a part
        of it unread loses the answer, for which nginx says 502."""
        client.settimeout(DRAIN)
        try:
            while body.read(PIECE):
                pass
        except (OSError, ParseException):
            # whoever sent too little still gets the answer
            pass
        finally:
            client.settimeout(None)

    def admit(self):
        """Why a download is refused, or its entry on the scoreboard."""
        if len(self.streams) >= self.streams_at_most:
            return b'This server already sends as many downloads as it can.', None
        from openstack_dashboard_api import bounds

        board, worker = scoreboard.board, scoreboard.worker
        if not worker:
            return None, None
        # a session has one token per project, and sends the same one with each download
        whose = scoreboard.number(bounds.token_of_page())
        sent = sum(board.streams(slot).count(whose) for slot in range(board.slots)
                   if board.worker(slot)[0])
        if sent >= self.streams_each:
            return b'You already have %d downloads.' % sent, None
        return None, worker.stream(whose)

    @staticmethod
    def refusal(resp, why):
        body = PAGE % why
        resp.status = None
        resp.headers.clear()
        resp.response_length = None
        resp.start_response('503 Service Unavailable', [
            ('Content-Type', 'text/html; charset=utf-8'), ('Content-Length', str(len(body))),
            ('Retry-After', '30')])
        return [body]

    def hand_over(self, work, resp, response, req, environ, begun, given):
        from openstack_dashboard_api import bounds

        bounds.release_page()
        # the caller closes its own socket
        resp.sock = resp.sock.dup()
        resp.sock.settimeout(IDLE)
        thread = threading.Thread(target=self.stream, daemon=True,
                                  args=(work, resp, response, req, environ, begun, given))
        self.streams.add(thread)
        try:
            thread.start()
        except RuntimeError:
            self.streams.discard(thread)
            self.drop(given)
            resp.sock.close()
            response.close()
            raise

    @staticmethod
    def drop(entry):
        if scoreboard.worker and not callable(entry):
            scoreboard.worker.drop(entry)

    def stream(self, work, resp, response, req, environ, begun, given):
        from openstack_dashboard_api import bounds

        kind = 'upload' if callable(given) else 'download'
        bounds.stream_begins()
        try:
            work(resp, response, given)
            resp.close()
        except OSError as error:
            # the client or the API has gone; the client sees it by the announced length
            self.log.info('%s was interrupted: %s', kind.capitalize(), type(error).__name__)
        except Exception:
            self.log.exception('Error in a %s', kind)
        finally:
            self.streams.discard(threading.current_thread())
            self.drop(given)
            util.close(resp.sock)
            try:
                self.log.access(resp, req, environ, datetime.now() - begun)
                response.close()
            except Exception:
                self.log.exception('Error at the end of a %s', kind)

    @staticmethod
    def copy(resp, response, _entry):
        for item in response:
            for start in range(0, len(item), PIECE):
                resp.write(item[start:start + PIECE])

    @staticmethod
    def send(resp, response, transfer):
        failure = transfer()
        if failure:
            resp.status = None
            resp.headers = [(name, value) for name, value in resp.headers
                            if name.lower() not in ('content-length', 'content-type', 'location')]
            resp.response_length = None
            resp.start_response(f'{failure.status_code} {failure.reason_phrase}', [
                ('Content-Type', failure['Content-Type']),
                ('Content-Length', str(len(failure.content)))])
        for item in failure or response:
            resp.write(item)
