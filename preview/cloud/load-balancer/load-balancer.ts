import * as fs from 'node:fs';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { listening } from '../../shared/listening';
import type { ListenerPlan, Plan } from '../../stack/plan';
import type { Certificate } from '../network/pki';
import { Forwarding } from './forwarding';
import { authority } from './headers';
import { Access, Responses } from './responses';
import { holds, ownAnswer } from './rules';
import { HealthChange, Targets, TargetState } from './targets';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const MOST_URL = 16384;
const MOST_HEADERS = 65536;
/** Requests at once on one connection of HTTP/2, from the listeners' page of the same guide. */
const MOST_STREAMS = 128;

/**
 * An application load balancer: the template's listeners, rules and health checks over its hosts. Its
 * own errors are those of
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
export class LoadBalancer {
  private readonly targetGroups: Targets;
  private readonly responses = new Responses();
  private readonly forwarding: Forwarding;
  private readonly servers: net.Server[] = [];
  private readonly sessions = new Set<http2.ServerHttp2Session>();

  /**
   * @param outside the port at which a browser outside reaches a listener
   */
  constructor(
    private readonly plan: Plan,
    private readonly outside: (port: number) => number,
  ) {
    this.targetGroups = new Targets(plan.targetGroups);
    this.forwarding = new Forwarding(plan, this.targetGroups, this.responses);
  }

  public get log(): Access[] {
    return this.responses.log;
  }

  public get changes(): HealthChange[] {
    return this.targetGroups.changes;
  }

  public get targets(): TargetState[] {
    return this.targetGroups.states;
  }

  public register(arn: string, instance: string, address: string): void {
    this.targetGroups.register(arn, instance, address);
  }

  public deregister(instance: string): void {
    this.targetGroups.deregister(instance);
  }

  /** Sends an instance no more requests, and waits until it has answered what it was sent. */
  public async drain(instance: string): Promise<void> {
    await this.targetGroups.drain(instance);
  }

  /** Ends all that it does. */
  public close(): void {
    this.targetGroups.close();
    for (const server of this.servers) {
      server.close();
      (server as Partial<http.Server>).closeAllConnections?.();
    }
    this.sessions.forEach((session) => session.destroy());
    this.forwarding.close();
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
    // They have what is used of HTTP/1's here.
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

  private route(
    listener: ListenerPlan,
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): void {
    const host = authority(request).replace(/:\d+$/, '').toLowerCase();
    const path = (request.url ?? '/').split('?')[0];
    if ((request.url ?? '').length > MOST_URL) {
      this.responses.page(listener, request, response, 414, 'URI Too Long');
      return;
    }
    const rule = listener.rules.find(({ conditions }) =>
      conditions.every((condition) => holds(condition, host, path)),
    );
    const action = rule?.action ?? listener.otherwise;
    if (action.type === 'forward') {
      this.forwarding.forward(listener, action.targetGroup, host, request, response);
      return;
    }
    const port = (number: number) => this.portFor(request, number);
    const { status, headers, body } = ownAnswer(action, listener, host, request, port);
    this.responses.reply(listener, request, response, status, headers, body);
  }
}
