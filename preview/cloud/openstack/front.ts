import * as http from 'node:http';
import * as https from 'node:https';
import { Outage, OutageServer } from '../network/outage';
import type { Certificate } from '../network/pki';

/** How a service of OpenStack can fail: it answers everything with a status, or is away. */
export type ServiceFault = Outage | number;

/** Longer than clients of OpenStack keep connections that idle. */
const IDLE = 75_000;

/** The TLS in front of a service that listens in plain text on the loopback address, at the same port. */
export class ServiceFront {
  /** How many milliseconds each answer takes at least. */
  public latency = 0;
  private failing?: number;
  private readonly server: OutageServer;

  constructor(
    public readonly name: string,
    address: string,
    private readonly port: number,
    { key, cert }: Certificate,
  ) {
    this.server = new OutageServer(address, port, (answer) => {
      const server = https.createServer({ key, cert }, answer);
      server.keepAliveTimeout = IDLE;
      server.requestTimeout = 0;
      return server;
    });
  }

  public listen(): Promise<void> {
    return this.server.listen((request, response) => {
      if (this.latency > 0) {
        setTimeout(() => this.answer(request, response), this.latency);
      } else {
        this.answer(request, response);
      }
    });
  }

  /** Ends the fault that there is, and begins another if one is given. */
  public async fail(fault: ServiceFault | undefined): Promise<void> {
    this.failing = typeof fault === 'number' ? fault : undefined;
    await this.server.set(typeof fault === 'number' ? undefined : fault);
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (this.failing !== undefined) {
      request.resume();
      this.unavailable(response, this.failing);
      return;
    }
    const inside = http.request(
      {
        host: '127.0.0.1',
        port: this.port,
        method: request.method,
        path: request.url,
        headers: { ...request.headers, connection: 'close', 'x-forwarded-proto': 'https' },
        agent: false,
      },
      (answer) => {
        const { connection: _, 'keep-alive': __, ...headers } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, headers);
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    inside.on('error', () =>
      response.headersSent ? response.destroy() : this.unavailable(response),
    );
    response.on('close', () => inside.destroy());
    request.pipe(inside);
  }

  private unavailable(response: http.ServerResponse, status = 503): void {
    response.writeHead(status, { 'content-type': 'text/plain' });
    response.end(`${this.name} is not available\n`);
  }
}
