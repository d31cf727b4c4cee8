import * as http from 'node:http';
import * as https from 'node:https';
import { listening } from '../../shared/listening';
import type { Certificate } from '../network/pki';

export const OBJECT_STORE_HOST = 'swift.cloud.internal';
const OBJECT_STORE_PORT = 8080;
/** As Keystone's catalog has it. */
export const OBJECT_STORE = {
  name: 'swift',
  type: 'object-store',
  url: `https://${OBJECT_STORE_HOST}:${OBJECT_STORE_PORT}/v1/AUTH_%(project_id)s`,
};

const CONTAINER = 'files';
/** Objects by name: their size, and how many bytes a second they come at. */
const OBJECTS: Record<string, { readonly size: number; readonly rate: number }> = {
  'report.txt': { size: 2000, rate: Infinity },
  // More than ten minutes each.
  'slow-1.bin': { size: 2 ** 30, rate: 2 ** 20 },
  'slow-2.bin': { size: 2 ** 30, rate: 2 ** 17 },
};

/**
 * Swift, as far as Horizon downloads from it: one container whose objects come as slowly as somebody's
 * network brings them. Tokens are not looked at.
 * https://docs.openstack.org/api-ref/object-store/
 */
export class ObjectStore {
  public listen(address: string, { key, cert }: Certificate): Promise<void> {
    const server = https.createServer({ key, cert }, (request, response) =>
      this.answer(request, response),
    );
    return listening(server, (ready) => server.listen(OBJECT_STORE_PORT, address, ready));
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(request.url ?? '/', 'https://swift');
    const [, version, , container, ...rest] = url.pathname.split('/');
    const name = decodeURIComponent(rest.join('/'));
    const modified = {
      'x-timestamp': '1700000000.00000',
      'last-modified': new Date(0).toUTCString(),
    };
    const json = (value: unknown) => {
      const content = JSON.stringify(value);
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(content),
        'x-account-container-count': '1',
        'x-container-object-count': String(Object.keys(OBJECTS).length),
        'x-container-bytes-used': '0',
        ...modified,
      });
      response.end(request.method === 'HEAD' ? undefined : content);
    };
    if (version === 'info') {
      json({ swift: { version: '2.35.0' } });
    } else if (container === undefined || container === '') {
      json([{ name: CONTAINER, count: Object.keys(OBJECTS).length, bytes: 0 }]);
    } else if (container === CONTAINER && name === '') {
      json(
        url.searchParams.has('marker')
          ? []
          : Object.entries(OBJECTS).map(([object, { size }]) => ({
              name: object,
              bytes: size,
              content_type: 'application/octet-stream',
              hash: '0'.repeat(32),
              last_modified: '2026-01-01T00:00:00.000000',
            })),
      );
    } else if (container === CONTAINER && OBJECTS[name] !== undefined) {
      this.download(request, response, name, modified);
    } else {
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end('not found\n');
    }
  }

  private download(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    name: string,
    modified: Record<string, string>,
  ): void {
    const { size, rate } = OBJECTS[name];
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': size,
      etag: '0'.repeat(32),
      ...modified,
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    let sent = 0;
    const piece = Buffer.alloc(Math.min(size, rate === Infinity ? size : Math.ceil(rate / 4)), 'x');
    const send = () => {
      const some = piece.subarray(0, size - sent);
      sent += some.length;
      if (sent < size) {
        response.write(some);
      } else {
        clearInterval(timer);
        response.end(some);
      }
    };
    const timer = setInterval(send, 250);
    send();
    response.on('close', () => clearInterval(timer));
  }
}
