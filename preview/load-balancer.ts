import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import * as net from 'node:net';
import * as tls from 'node:tls';
import type { Certificate } from './pki';
import { wildcard } from './policy';
import { sleep } from './run';
import type { Action, Condition, ListenerPlan, Plan, TargetGroupPlan } from './template';

export interface Access {
  readonly at: number;
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly status: number;
  /** The instance that answered; none for what the load balancer answered itself. */
  readonly target?: string;
  /** From the request to the head of the answer, in milliseconds. */
  readonly milliseconds: number;
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
export type Health = 'initial' | 'healthy' | 'unhealthy' | 'draining';

/** A change of a target's health. */
export interface HealthChange {
  readonly at: number;
  readonly instance: string;
  readonly health: Health;
  readonly reason: string;
}

export interface TargetState {
  readonly instance: string;
  readonly group: string;
  readonly health: Health;
  readonly reason: string;
  /** When it was found healthy first. */
  readonly since?: number;
}

interface Target {
  readonly instance: string;
  readonly address: string;
  readonly timer: NodeJS.Timeout;
  health: Health;
  reason: string;
  streak: number;
  since?: number;
}

interface Group {
  readonly plan: TargetGroupPlan;
  readonly targets: Target[];
  next: number;
}

const HOP_BY_HOP = [
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
];
const FORWARDED = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port', 'x-amzn-trace-id'];
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const MOST_URL = 16384;
const MOST_HEADERS = 65536;
/** Requests at once on one connection of HTTP/2, from the listeners' page of the same guide. */
const MOST_STREAMS = 128;
/** How long it tries to connect to a target, in milliseconds. */
const CONNECT = 10000;

/**
 * An application load balancer: the template's listeners, rules and health checks over its hosts. Its
 * own errors are those of
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
export class LoadBalancer {
  public readonly log: Access[] = [];
  public readonly changes: HealthChange[] = [];
  private readonly groups = new Map<string, Group>();
  /** The requests that each instance has yet to answer. */
  private readonly open = new Map<string, Set<http.ClientRequest>>();
  // As an application load balancer: the hosts' certificates are not verified.
  private readonly tls = new https.Agent({
    keepAlive: true,
    rejectUnauthorized: false,
  });
  private readonly plain = new http.Agent({ keepAlive: true });
  private readonly servers: net.Server[] = [];
  private readonly sessions = new Set<http2.ServerHttp2Session>();

  /**
   * @param outside the port at which a browser outside reaches a listener
   */
  public constructor(
    private readonly plan: Plan,
    private readonly outside: (port: number) => number,
  ) {
    for (const group of plan.targetGroups) {
      this.groups.set(group.arn, { plan: group, targets: [], next: 0 });
    }
  }

  public get targets(): TargetState[] {
    return [...this.groups.values()].flatMap(({ plan, targets }) =>
      targets.map(({ instance, health, reason, since }) => ({
        instance,
        group: plan.arn,
        health,
        reason,
        since,
      })),
    );
  }

  public register(arn: string, instance: string, address: string): void {
    const group = this.group(arn);
    if (group.targets.some((target) => target.instance === instance)) {
      return;
    }
    const target: Target = {
      instance,
      address,
      health: 'initial',
      reason: 'not checked yet',
      streak: 0,
      timer: setInterval(() => void this.check(group, target), group.plan.health.interval * 1000),
    };
    group.targets.push(target);
  }

  public deregister(instance: string): void {
    for (const group of this.groups.values()) {
      const index = group.targets.findIndex((target) => target.instance === instance);
      if (index >= 0) {
        clearInterval(group.targets[index].timer);
        group.targets.splice(index, 1);
      }
    }
  }

  /**
   * Deregisters an instance: it gets no new requests, and has until the deregistration delay to answer
   * what it was sent.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
   */
  public async drain(instance: string): Promise<void> {
    let delay = 0;
    for (const { plan, targets } of this.groups.values()) {
      const target = targets.find((other) => other.instance === instance);
      if (target !== undefined) {
        clearInterval(target.timer);
        this.change(target, 'draining', 'deregistration is in progress');
        delay = Math.max(delay, plan.deregistrationDelay);
      }
    }
    const deadline = Date.now() + delay * 1000;
    while (this.open.has(instance) && Date.now() < deadline) {
      await sleep(100);
    }
    this.deregister(instance);
    this.open
      .get(instance)
      ?.forEach((request) => request.destroy(new Error('it was deregistered')));
  }

  /** Ends all that it does. */
  public close(): void {
    [...this.groups.values()].forEach(({ targets }) =>
      targets.splice(0).forEach(({ timer }) => clearInterval(timer)),
    );
    for (const server of this.servers) {
      server.close();
      (server as Partial<http.Server>).closeAllConnections?.();
    }
    this.sessions.forEach((session) => session.destroy());
    this.tls.destroy();
    this.plain.destroy();
  }

  /** Listens at its address and, for the browser outside, at a Unix socket a listener. */
  public async listen(
    address: string,
    certificates: Record<string, Certificate>,
    socket: (port: number) => string,
  ): Promise<void> {
    for (const listener of this.plan.listeners) {
      const plain = http.createServer({ maxHeaderSize: MOST_HEADERS });
      plain.on('request', (request, response) => this.accept(listener, request, response));
      plain.keepAliveTimeout = this.plan.idleTimeout * 1000;
      plain.requestTimeout = 0;
      const server =
        listener.protocol === 'HTTPS' ? this.secure(listener, certificates, plain) : plain;
      this.servers.push(plain);
      const outside = net.createServer((connection) => {
        connection.on('error', () => undefined);
        server.emit('connection', connection);
      });
      this.servers.push(server, outside);
      await listening(server, (ready) => server.listen(listener.port, address, ready));
      fs.rmSync(socket(listener.port), { force: true });
      await listening(outside, (ready) => outside.listen(socket(listener.port), ready));
    }
  }

  /** The port at which the client of a request reaches a listener. */
  private portFor({ socket }: http.IncomingMessage, port: number): number {
    // The browser outside comes over a Unix socket, which has no addresses.
    return socket.remoteAddress === undefined ? this.outside(port) : port;
  }

  private accept(
    listener: ListenerPlan,
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): void {
    try {
      this.route(listener, request, response);
    } catch (error) {
      // Bytes that this program cannot send on; whoever else is served must not suffer.
      process.stderr.write(`load balancer: ${(error as Error).stack}\n`);
      response.destroy();
    }
  }

  /**
   * TLS, in which a client may choose HTTP/2.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
   */
  private secure(
    listener: ListenerPlan,
    certificates: Record<string, Certificate>,
    plain: http.Server,
  ): tls.Server {
    const contexts = Object.entries(certificates).map(
      ([name, { key, cert }]) => [name, tls.createSecureContext({ key, cert })] as const,
    );
    const [first] = Object.values(certificates);
    const streams = http2.createServer({
      maxSendHeaderBlockLength: MOST_HEADERS,
      settings: { maxConcurrentStreams: MOST_STREAMS, maxHeaderListSize: MOST_HEADERS },
    });
    // they have what is used of HTTP/1's here
    streams.on('request', (request: unknown, response: unknown) =>
      this.accept(listener, request as http.IncomingMessage, response as http.ServerResponse),
    );
    streams.on('session', (session) => {
      this.sessions.add(session);
      session.on('close', () => this.sessions.delete(session));
      session.setTimeout(this.plan.idleTimeout * 1000, () => session.close());
    });
    const server = tls.createServer(
      {
        key: first.key,
        cert: first.cert,
        minVersion: 'TLSv1.2',
        ALPNProtocols: this.plan.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
        SNICallback: (name, answer) =>
          answer(null, contexts.find(([known]) => known === name)?.[1] ?? contexts[0][1]),
      },
      (socket) => {
        socket.on('error', () => undefined);
        (socket.alpnProtocol === 'h2' ? streams : plain).emit('connection', socket);
      },
    );
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  private group(arn: string): Group {
    const group = this.groups.get(arn);
    if (group === undefined) {
      throw new Error(`there is no target group ${arn}`);
    }
    return group;
  }

  private route(
    listener: ListenerPlan,
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): void {
    const host = authority(request).replace(/:\d+$/, '').toLowerCase();
    const path = (request.url ?? '/').split('?')[0];
    if ((request.url ?? '').length > MOST_URL) {
      this.own(listener, request, response, 414, 'URI Too Long');
      return;
    }
    const rule = listener.rules.find(({ conditions }) =>
      conditions.every((condition) => holds(condition, host, path)),
    );
    const action = rule?.action ?? listener.otherwise;
    if (action.type === 'forward') {
      this.forward(listener, action.targetGroup, host, request, response);
      return;
    }
    const port = (number: number) => this.portFor(request, number);
    const { status, headers, body } = own(action, listener, host, request, port);
    this.reply(listener, request, response, status, headers, body);
  }

  private reply(
    listener: ListenerPlan,
    request: http.IncomingMessage,
    response: http.ServerResponse,
    status: number,
    headers: http.OutgoingHttpHeaders,
    body: string,
  ): void {
    this.record(request, status);
    response.writeHead(status, { ...headers, ...added(listener) });
    response.end(body);
    request.resume();
  }

  /** A page of its own. */
  private own(
    listener: ListenerPlan,
    request: http.IncomingMessage,
    response: http.ServerResponse,
    status: number,
    title: string,
    comment = '',
  ): void {
    const text =
      `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n` +
      `<center><h1>${status} ${title}</h1></center>\r\n</body>\r\n</html>\r\n${comment}`;
    this.reply(listener, request, response, status, { 'content-type': 'text/html' }, text);
  }

  private record(
    request: http.IncomingMessage,
    status: number,
    target?: string,
    since = Date.now(),
  ): void {
    this.log.push({
      at: Date.now(),
      host: authority(request),
      path: request.url ?? '',
      method: request.method ?? '',
      status,
      target,
      milliseconds: Date.now() - since,
    });
    if (this.log.length > 100000) {
      this.log.splice(0, 50000);
    }
  }

  private forward(
    listener: ListenerPlan,
    arn: string,
    host: string,
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): void {
    const group = this.group(arn);
    const having = (health: Health) => group.targets.filter((target) => target.health === health);
    const fit = having('healthy');
    // With unhealthy targets alone it fails open.
    const targets = fit.length > 0 ? fit : having('unhealthy');
    if (targets.length === 0) {
      this.own(listener, request, response, 503, 'Service Temporarily Unavailable');
      return;
    }
    const target = targets[group.next++ % targets.length];
    const secure = group.plan.protocol === 'HTTPS';
    const began = Date.now();
    const upstream = (secure ? https : http).request({
      host: target.address,
      port: group.plan.port,
      method: request.method,
      path: request.url,
      headers: this.requestHeaders(listener, request) as unknown as http.OutgoingHttpHeaders,
      agent: secure ? this.tls : this.plain,
      servername: host,
      setHost: false,
    } as https.RequestOptions);
    const fail = (status: number, title: string, reason: string) => {
      upstream.destroy();
      if (response.headersSent || response.destroyed) {
        response.destroy();
      } else {
        this.own(listener, request, response, status, title, `<!-- ${reason} -->`);
      }
    };
    // Without a byte in either direction for so long it gives up.
    let idle: NodeJS.Timeout | undefined;
    const moved = (milliseconds = this.plan.idleTimeout * 1000) => {
      clearTimeout(idle);
      idle = setTimeout(() => fail(504, 'Gateway Time-out', 'it was idle'), milliseconds);
    };
    moved(CONNECT);
    upstream.on('socket', (socket) => {
      if (socket.connecting) {
        socket.once(secure ? 'secureConnect' : 'connect', () => moved());
      } else {
        moved();
      }
    });
    request.on('data', () => moved());
    this.track(target.instance, upstream);
    upstream.on('close', () => clearTimeout(idle));
    upstream.on('response', (answer) => {
      moved();
      answer.on('data', () => moved());
      this.record(request, answer.statusCode ?? 0, target.instance, began);
      try {
        const headers = responseHeaders(listener, answer);
        if (request.httpVersionMajor === 2) {
          response.writeHead(answer.statusCode ?? 502, streamHeaders(headers));
        } else {
          response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers as never);
        }
      } catch (error) {
        fail(502, 'Bad Gateway', (error as Error).message);
        return;
      }
      answer.pipe(response);
      answer.on('error', () => response.destroy());
      answer.on('aborted', () => response.destroy());
    });
    upstream.on('error', (error) => fail(502, 'Bad Gateway', error.message));
    response.on('close', () => {
      clearTimeout(idle);
      if (!response.headersSent) {
        // the client went away
        this.record(request, 460, undefined, began);
      }
      upstream.destroy();
    });
    request.pipe(upstream);
  }

  private track(instance: string, upstream: http.ClientRequest): void {
    const open = this.open.get(instance) ?? new Set();
    this.open.set(instance, open.add(upstream));
    upstream.on('close', () => {
      open.delete(upstream);
      if (open.size === 0 && this.open.get(instance) === open) {
        this.open.delete(instance);
      }
    });
  }

  private requestHeaders(listener: ListenerPlan, request: http.IncomingMessage): string[] {
    const client = request.socket.remoteAddress ?? '127.0.0.1';
    const before = request.headers['x-forwarded-for'];
    const headers: string[] = [];
    const raw = request.httpVersionMajor === 2 ? plainHeaders(request) : request.rawHeaders;
    for (let index = 0; index < raw.length; index += 2) {
      const [name, value] = raw.slice(index, index + 2);
      const valid = !this.plan.dropInvalidHeaders || /^[-A-Za-z0-9]+$/.test(name);
      if (valid && ![...HOP_BY_HOP, ...FORWARDED].includes(name.toLowerCase())) {
        headers.push(name, value);
      }
    }
    if (request.headers['transfer-encoding'] !== undefined || unknownLength(request)) {
      headers.push('Transfer-Encoding', 'chunked');
    }
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
    const trace = request.headers['x-amzn-trace-id'];
    const stamp = Math.floor(Date.now() / 1000).toString(16);
    const root = `Root=1-${stamp}-${randomBytes(12).toString('hex')}`;
    headers.push(
      ...['X-Forwarded-For', before === undefined ? client : `${String(before)}, ${client}`],
      ...['X-Forwarded-Proto', listener.protocol.toLowerCase()],
      ...['X-Forwarded-Port', String(listener.port)],
      ...['X-Amzn-Trace-Id', trace === undefined ? root : `Self=${root.slice(5)};${String(trace)}`],
    );
    return headers;
  }

  private async check(group: Group, target: Target): Promise<void> {
    const { health } = group.plan;
    const [ok, reason] = await probe(group.plan, target.address);
    target.reason = reason;
    target.streak = ok === target.streak > 0 ? target.streak + (ok ? 1 : -1) : ok ? 1 : -1;
    if (target.health === 'draining') {
      return;
    }
    // A new target has to pass one check.
    if (ok && (target.health === 'initial' || target.streak >= health.healthy)) {
      target.since ??= Date.now();
      this.change(target, 'healthy', reason);
    } else if (!ok && -target.streak >= health.unhealthy) {
      this.change(target, 'unhealthy', reason);
    }
  }

  private change(target: Target, health: Health, reason: string): void {
    if (target.health !== health) {
      this.changes.push({ at: Date.now(), instance: target.instance, health, reason });
    }
    target.health = health;
    target.reason = reason;
  }
}

/** The name and port that a client asked for. */
function authority({ headers }: http.IncomingMessage): string {
  return String(headers[':authority'] ?? headers.host ?? '');
}

/** The headers of a request of HTTP/2 as one of HTTP/1.1 has them (RFC 9113, 8.2.3 and 8.3.1). */
function plainHeaders(request: http.IncomingMessage): string[] {
  const cookies: string[] = [];
  const plain = ['Host', authority(request)];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name, value] = request.rawHeaders.slice(index, index + 2);
    if (name === 'cookie') {
      cookies.push(value);
    } else if (name !== 'host' && !name.startsWith(':')) {
      plain.push(name, value);
    }
  }
  return cookies.length > 0 ? [...plain, 'Cookie', cookies.join('; ')] : plain;
}

/** A request of HTTP/2 has a body of which only the end is marked. */
function unknownLength(request: http.IncomingMessage): boolean {
  const { stream } = request as unknown as Partial<http2.Http2ServerRequest>;
  return stream?.endAfterHeaders === false && request.headers['content-length'] === undefined;
}

/** The same headers, as a response of HTTP/2 has them. */
function streamHeaders(raw: string[]): http.OutgoingHttpHeaders {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index < raw.length; index += 2) {
    (headers[raw[index].toLowerCase()] ??= []).push(raw[index + 1]);
  }
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  );
}

/** The headers of an answer, as they came, with those that the listener sets. */
function responseHeaders(listener: ListenerPlan, answer: http.IncomingMessage): string[] {
  const raw: string[] = [];
  const first: string[] = [];
  const extra = added(listener);
  for (let index = 0; index < answer.rawHeaders.length; index += 2) {
    const [name, value] = answer.rawHeaders.slice(index, index + 2);
    if (HOP_BY_HOP.includes(name.toLowerCase()) || name.toLowerCase() in extra) {
      continue;
    }
    // Node would read its bytes as UTF-8 where it stands after Content-Length, and then refuse it.
    (name.toLowerCase() === 'content-disposition' ? first : raw).push(name, value);
  }
  Object.entries(extra).forEach(([name, value]) => raw.push(name, value));
  return [...first, ...raw];
}

function probe({ health }: TargetGroupPlan, address: string): Promise<[boolean, string]> {
  return new Promise((resolve) => {
    const request = (health.protocol === 'HTTPS' ? https : http).get(
      {
        host: address,
        port: health.port,
        path: health.path,
        timeout: health.timeout * 1000,
        rejectUnauthorized: false,
        agent: false,
        headers: { 'user-agent': 'ELB-HealthChecker/2.0' },
      } as https.RequestOptions,
      (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        resolve([matches(health.matcher, status), `status ${status}`]);
      },
    );
    request.on('timeout', () => request.destroy(new Error('timed out')));
    request.on('error', (error) => resolve([false, error.message]));
  });
}

function matches(matcher: string, status: number): boolean {
  return matcher.split(',').some((part) => {
    const [low, high = low] = part.split('-').map(Number);
    return status >= low && status <= high;
  });
}

function holds({ field, values }: Condition, host: string, path: string): boolean {
  return values.some((value) =>
    field === 'host-header' ? wildcard(value, 'i').test(host) : wildcard(value, '').test(path),
  );
}

function own(
  action: Exclude<Action, { type: 'forward' }>,
  listener: ListenerPlan,
  host: string,
  request: http.IncomingMessage,
  port: (number: number) => number,
): { status: number; headers: http.OutgoingHttpHeaders; body: string } {
  if (action.type === 'fixed-response') {
    const headers = { 'content-type': action.contentType };
    return { status: action.status, headers, body: action.body };
  }
  const [path, query = ''] = (request.url ?? '/').split('?');
  const values: Record<string, string> = {
    protocol: listener.protocol,
    host,
    port: String(listener.port),
    path: path.slice(1),
    query,
  };
  const fill = (text: string) =>
    text.replace(/#\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  const wanted = fill(action.query);
  const to = port(Number(fill(action.port)));
  const location =
    `${fill(action.protocol).toLowerCase()}://${fill(action.host)}:${to}` +
    fill(action.path) +
    (wanted === '' ? '' : `?${wanted}`);
  return { status: action.status, headers: { location }, body: '' };
}

/** Headers that the listener's attributes ask for, in lower case. */
function added({ headers }: ListenerPlan): Record<string, string> {
  const prefix = 'routing.http.response.';
  const suffix = '.header_value';
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name, value]) => name.startsWith(prefix) && name.endsWith(suffix) && value !== '')
      .map(([name, value]) => [
        name.slice(prefix.length, -suffix.length).replaceAll('_', '-').toLowerCase(),
        value,
      ]),
  );
}

function listening(server: net.Server, start: (ready: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    start(resolve);
  });
}
