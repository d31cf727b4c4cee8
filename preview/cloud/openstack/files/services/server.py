"""HTTP for the services: TLS, kept connections, a settable latency and checked tokens.

usage: server.py FOLDER ADDRESS KEYSTONE
FOLDER has key.pem, cert.pem, ca.pem and, once somebody writes it, latency: how many milliseconds each
answer takes at least. Requests that a service does not know are answered 404 and logged."""
import asyncio
import collections
import json
import ssl
import sys
import traceback
import urllib.parse

import cinder
import glance
import neutron
import nova
import placement
from data import NotFound
from tokens import Tokens

# the ports that OpenStack's installation guide gives them
SERVICES = {8774: nova.ROUTES, 9292: glance.ROUTES, 9696: neutron.ROUTES, 8776: cinder.ROUTES,
            8778: placement.ROUTES}
MOST = 1 << 20
# as Apache's and uWSGI's defaults: a client that keeps connections has to bear that
IDLE = 65
REASONS = {200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content', 300: 'Multiple Choices',
           400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found',
           411: 'Length Required', 413: 'Content Too Large', 500: 'Internal Server Error'}

# `path` is without the query, `query` has the last value of each name, `queries` all of them
Request = collections.namedtuple('Request', 'method path query queries headers body origin caller')


class Server:
    def __init__(self, folder, keystone):
        self.folder, self.counts = folder, collections.Counter()
        self.tokens = Tokens(keystone, f'{folder}/ca.pem')

    def latency(self):
        try:
            with open(f'{self.folder}/latency') as file:
                return float(file.read() or 0) / 1000
        except FileNotFoundError:
            return 0.0

    def connection(self, routes):
        async def serve(reader, writer):
            try:
                while await self.exchange(routes, reader, writer):
                    pass
            except (OSError, asyncio.IncompleteReadError, TimeoutError, ssl.SSLError):
                pass
            finally:
                writer.close()
        return serve

    async def exchange(self, routes, reader, writer):
        """Answers one request; whether the connection is kept."""
        try:
            head = await asyncio.wait_for(reader.readuntil(b'\r\n\r\n'), IDLE)
        except asyncio.LimitOverrunError:
            return False
        line, *lines = head.decode('latin-1').split('\r\n')[:-2]
        method, target, version = line.split(' ')
        headers = {}
        for one in lines:
            name, _, value = one.partition(':')
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get('content-length') or 0)
        keep = version == 'HTTP/1.1' and headers.get('connection', '').lower() != 'close'
        if headers.get('transfer-encoding') or length > MOST:
            status, body, extra, keep = 413 if length else 411, {}, {}, False
        else:
            body = await reader.readexactly(length) if length else b''
            delay = self.latency()
            if delay:
                await asyncio.sleep(delay)
            status, body, extra = await self.answer(routes, method, target, headers, body)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        if status == 204:
            content = b''
        answer = [f'HTTP/1.1 {status} {REASONS[status]}', f'Content-Length: {len(content)}',
                  *(f'{name}: {value}' for name, value in extra.items())]
        if content:
            answer.append('Content-Type: application/json')
        if not keep:
            answer.append('Connection: close')
        head = '\r\n'.join(answer).encode() + b'\r\n\r\n'
        writer.write(head if method == 'HEAD' else head + content)
        await writer.drain()
        return keep

    async def answer(self, routes, method, target, headers, body):
        url = urllib.parse.urlsplit(target)
        path = urllib.parse.unquote(url.path)
        found = routes.find('GET' if method == 'HEAD' else method, path)
        try:
            caller = None
            if found is None or not found.public:
                caller = await self.tokens.check(headers.get('x-auth-token', ''))
                if caller is None:
                    return 401, {'error': {'code': 401, 'message': 'The request you have made '
                                           'requires authentication.'}}, {
                        'WWW-Authenticate': 'Keystone uri="https://keystone.cloud.internal:5000"'}
            if found is None:
                print(f'unknown: {method} {headers.get("host")}{target}', flush=True)
                return 404, {'itemNotFound': {'code': 404, 'message': 'not found'}}, {}
            queries = urllib.parse.parse_qs(url.query, keep_blank_values=True)
            request = Request(
                method, path, {name: values[-1] for name, values in queries.items()}, queries,
                headers, json.loads(body) if body else None, f'https://{headers.get("host")}',
                caller)
            return found.call(request)
        except NotFound as error:
            message = f'{error} could not be found.'
            return 404, {'itemNotFound': {'code': 404, 'message': message},
                         'NeutronError': {'type': 'NotFound', 'message': message, 'detail': ''}}, {}
        except PermissionError as error:
            return 403, {'forbidden': {'code': 403, 'message': str(error)}}, {}
        except Exception:
            traceback.print_exc()
            return 500, {'computeFault': {'code': 500, 'message': 'unexpected'}}, {}


async def main(folder, address, keystone):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f'{folder}/cert.pem', f'{folder}/key.pem')
    server = Server(folder, keystone)
    listeners = [await asyncio.start_server(server.connection(routes), address, port, ssl=context,
                                            backlog=1024)
                 for port, routes in SERVICES.items()]
    await asyncio.gather(*(listener.serve_forever() for listener in listeners))


if __name__ == '__main__':
    asyncio.run(main(*sys.argv[1:]))
