import { once } from 'node:events';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import * as tls from 'node:tls';
import { LoadBalancer } from '../../preview/cloud/load-balancer/load-balancer';
import { Authority, Certificate } from '../../preview/cloud/network/pki';
import { until } from '../../preview/shared/run';
import type { Plan } from '../../preview/stack/plan';

const ARN = 'arn:group';

interface Setting {
  readonly balancer: LoadBalancer;
  /** Sends a request as it stands; gives all bytes of the answer, as Latin-1. */
  send(request: string): Promise<string>;
  readonly socket: string;
}

const servers: net.Server[] = [];
const sockets = new Set<net.Socket>();
const balancers: LoadBalancer[] = [];
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'preview-lb-'));
let count = 0;

afterAll(() => {
  balancers.forEach((balancer) => balancer.close());
  sockets.forEach((socket) => socket.destroy());
  servers.forEach((server) => server.close());
  fs.rmSync(directory, { recursive: true });
});

/** What an HTTPS listener has. */
interface Secure {
  readonly certificate: Certificate;
  readonly http2: boolean;
}

async function start(target: net.Server, idleTimeout = 60, secure?: Secure): Promise<Setting> {
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  servers.push(target);
  const { port } = target.address() as net.AddressInfo;
  const health = {
    ...{ path: '/healthz', port, protocol: 'HTTP', interval: 0.05, timeout: 1 },
    ...{ healthy: 2, unhealthy: 3, matcher: '200' },
  };
  const plan = {
    dropInvalidHeaders: true,
    http2: secure?.http2,
    idleTimeout,
    targetGroups: [{ arn: ARN, port, protocol: 'HTTP', deregistrationDelay: 60, health }],
    listeners: [
      {
        port: 0,
        protocol: secure === undefined ? 'HTTP' : 'HTTPS',
        otherwise: { type: 'forward', targetGroup: ARN },
        rules: [
          {
            conditions: [{ field: 'path-pattern', values: ['/moved*'] }],
            action: {
              type: 'redirect',
              ...{ protocol: 'HTTPS', host: '#{host}', port: '443', path: '/#{path}', query: '' },
              status: 301,
            },
          },
        ],
        headers: {},
      },
    ],
  } as unknown as Plan;
  const balancer = new LoadBalancer(plan, (outer) => (outer === 443 ? 8643 : outer));
  balancers.push(balancer);
  const socket = path.join(directory, `${++count}.sock`);
  const certificates: Record<string, Certificate> =
    secure === undefined ? {} : { 'a.test': secure.certificate };
  await balancer.listen('127.0.0.1', certificates, () => socket);
  const send = (request: string) =>
    new Promise<string>((resolve, reject) => {
      const client = net.connect(socket);
      let answer = '';
      client.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
      client.on('error', reject).on('close', () => resolve(answer));
      client.write(Buffer.from(request, 'latin1'));
    });
  return { balancer, send, socket };
}

/** A target that answers its health check, and everything else as it is told. */
function target(answer: (socket: net.Socket, head: string) => void, healthy = () => true) {
  return net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      const head = chunk.toString('latin1');
      if (head.startsWith('GET /healthz')) {
        const status = healthy() ? '200 OK' : '503 Service Unavailable';
        socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
      } else {
        answer(socket, head);
      }
    });
  });
}

async function serving(setting: Setting): Promise<Setting> {
  setting.balancer.register(ARN, 'i-1', '127.0.0.1');
  await until('it is healthy', 60, () => setting.balancer.targets[0].health === 'healthy', 10);
  return setting;
}

const GET = (url: string) =>
  `GET ${url} HTTP/1.1\r\nHost: a.test:8643\r\nConnection: close\r\n\r\n`;

describe('the stand-in of a load balancer', () => {
  let setting: Setting | undefined;
  const use = async (made: Promise<Setting>) => (setting = await serving(await made));
  afterEach(() => {
    setting?.balancer.deregister('i-1');
    setting = undefined;
  });

  test('passes bytes that are no ASCII in both directions', async () => {
    let seen = '';
    const bytes = Buffer.from('研究', 'utf8').toString('latin1');
    const { send } = await use(
      start(
        target((socket, head) => {
          seen = head;
          socket.end(
            Buffer.from(
              `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Disposition: attachment; filename=${bytes}-openrc.sh\r\n\r\nok`,
              'latin1',
            ),
          );
        }),
      ),
    );
    const request = GET('/').replace('Connection', `Cookie: login_domain=${bytes}\r\nConnection`);
    const answer = await send(request);
    expect(answer).toContain(`filename=${bytes}-openrc.sh`);
    expect(seen).toContain(`login_domain=${bytes}`);
    expect(seen).toContain('Host: a.test:8643');
    expect(seen).toMatch(/X-Amzn-Trace-Id: Root=1-[0-9a-f]{8}-[0-9a-f]{24}/);
  });

  test('says 504 when a target is silent for longer than the idle time-out', async () => {
    const { send, balancer } = await use(
      start(
        target(() => undefined),
        0.3,
      ),
    );
    expect(await send(GET('/slow'))).toContain('504 Gateway Time-out');
    expect(balancer.log.at(-1)).toMatchObject({ path: '/slow', status: 504 });
  });

  test('cuts an answer that stops for longer than that', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf';
    const { send } = await use(
      start(
        target((socket) => socket.write(head)),
        0.3,
      ),
    );
    expect(await send(GET('/'))).toMatch(/200 OK[^]*half$/);
  });

  test('says 502 when a target closes, 503 when there is none', async () => {
    const made = await start(target((socket) => socket.destroy()));
    expect(await made.send(GET('/'))).toContain('503 Service Temporarily Unavailable');
    const { send } = await use(Promise.resolve(made));
    expect(await send(GET('/'))).toContain('502 Bad Gateway');
  });

  test('sends nothing on a connection that the target has closed', async () => {
    const server = http.createServer((_request, response) => response.end('here'));
    const { send, socket } = await use(start(server));
    await send(GET('/'));
    for (let round = 0; round < 20; round++) {
      const client = net.connect(socket).setEncoding('latin1');
      await once(client, 'connect');
      let answer = '';
      client.on('data', (chunk: string) => (answer += chunk));
      // In one turn: the load balancer has the request first, and the end of its connection with it.
      client.write(GET('/'));
      server.closeIdleConnections();
      await once(client, 'close');
      expect(answer).toContain('200 OK');
    }
  });

  test('sends requests to unhealthy targets when there are no others', async () => {
    let good = true;
    const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const { send, balancer } = await use(
      start(
        target(
          (socket) => socket.end(reply),
          () => good,
        ),
      ),
    );
    good = false;
    await until('it is unhealthy', 60, () => balancer.targets[0].health === 'unhealthy', 10);
    expect(await send(GET('/'))).toContain('200 OK');
    expect(balancer.changes.map(({ health }) => health)).toEqual(['healthy', 'unhealthy']);
  });

  test('lets a host that leaves answer what it was sent, and sends it nothing more', async () => {
    const asked: net.Socket[] = [];
    const { send, balancer } = await use(start(target((socket) => void asked.push(socket))));
    const first = send(GET('/'));
    await until('it is asked', 60, () => asked.length > 0, 10);
    const drained = balancer.drain('i-1');
    expect(await send(GET('/'))).toContain('503');
    asked[0].end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    expect(await first).toContain('200 OK');
    await drained;
    expect(balancer.targets).toEqual([]);
  });

  test('records clients that go away, and refuses URLs that are too long', async () => {
    const leave = () => request.destroy();
    const { send, balancer, socket } = await use(start(target(leave)));
    const request = http.get({ socketPath: socket, path: '/gone' });
    request.on('error', () => undefined);
    await until('it is recorded', 60, () => balancer.log.some(({ status }) => status === 460), 10);
    expect(await send(GET(`/${'x'.repeat(17000)}`))).toContain('414 URI Too Long');
  });

  test('redirects a browser to the port at which it reaches the listener', async () => {
    const { send } = await use(start(target(() => undefined)));
    expect(await send(GET('/moved'))).toContain('location: https://a.test:8643/moved');
  });
});

describe('its HTTPS listeners', () => {
  let authority: Authority;
  let certificate: Certificate;
  beforeAll(async () => {
    authority = await Authority.create(path.join(directory, 'pki'));
    certificate = await authority.issue('a.test');
  });

  const connect = (socket: string, protocols: string[]) =>
    new Promise<tls.TLSSocket>((resolve, reject) => {
      const secure = tls.connect(
        {
          ...{ socket: net.connect(socket), servername: 'a.test', ca: authority.cert },
          ALPNProtocols: protocols,
        },
        () => resolve(secure),
      );
      secure.on('error', reject);
      sockets.add(secure);
    });

  /** Sends a request over HTTP/2; gives the head and the body of the answer. */
  const ask = (
    session: http2.ClientHttp2Session,
    headers: http2.OutgoingHttpHeaders,
    body?: string,
  ) =>
    new Promise<{ head: http2.IncomingHttpHeaders; text: string }>((resolve, reject) => {
      const request = session.request(headers, { endStream: body === undefined });
      let head: http2.IncomingHttpHeaders = {};
      let text = '';
      request.on('response', (received) => (head = received));
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      request.on('error', reject).on('end', () => resolve({ head, text }));
      if (body !== undefined) {
        request.end(body);
      }
    });

  test('speak HTTP/2 to clients and HTTP/1.1 to targets', async () => {
    const seen: string[] = [];
    const { socket, balancer } = await serving(
      await start(
        target((connection, head) => {
          seen.push(head);
          connection.write(
            'HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nKeep-Alive: timeout=9\r\n' +
              'Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Test: yes\r\n\r\nok',
          );
        }),
        60,
        { certificate, http2: true },
      ),
    );
    const connection = await connect(socket, ['h2', 'http/1.1']);
    expect(connection.alpnProtocol).toBe('h2');
    const session = http2.connect('https://a.test:8643', { createConnection: () => connection });
    const { head, text } = await ask(session, {
      ...{ ':path': '/page?x=1', cookie: ['c=3', 'd=4'], 'x-one': 'first' },
    });
    expect(text).toBe('ok');
    expect(head[':status']).toBe(200);
    expect(head['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(head['x-test']).toBe('yes');
    expect(head).not.toHaveProperty('keep-alive');
    expect(seen[0]).toMatch(/^GET \/page\?x=1 HTTP\/1\.1\r\nHost: a\.test:8643\r\n/);
    expect(seen[0]).toContain('Cookie: c=3; d=4\r\n');
    expect(seen[0]).toContain('x-one: first\r\n');
    expect(seen[0]).toContain('X-Forwarded-Proto: https\r\n');
    expect(seen[0]).not.toMatch(/^:|transfer-encoding/im);
    expect(balancer.log.at(-1)).toMatchObject({ host: 'a.test:8643', status: 200 });

    await ask(session, { ':path': '/form', ':method': 'POST' }, 'name=value');
    expect(seen.slice(1).join('')).toContain('Transfer-Encoding: chunked\r\n');
    expect(seen.slice(1).join('')).toContain('\r\na\r\nname=value\r\n');
    session.close();
  });

  test('speak HTTP/1.1 to a client that knows no other', async () => {
    const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const { socket } = await serving(
      await start(
        target((connection) => connection.end(reply)),
        60,
        { certificate, http2: true },
      ),
    );
    const connection = await connect(socket, ['http/1.1']);
    expect(connection.alpnProtocol).toBe('http/1.1');
    connection.write(GET('/'));
    let answer = '';
    for await (const chunk of connection) {
      answer += String(chunk);
    }
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*ok$/);
  });

  test('speak HTTP/1.1 alone where the load balancer has no HTTP/2', async () => {
    const { socket } = await start(
      target(() => undefined),
      60,
      { certificate, http2: false },
    );
    expect((await connect(socket, ['h2', 'http/1.1'])).alpnProtocol).toBe('http/1.1');
  });
});
