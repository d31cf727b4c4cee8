import * as http from 'node:http';
import * as https from 'node:https';
import type { ListenerPlan, Plan } from '../../stack/plan';
import { requestHeaders, responseHeaders, streamHeaders } from './headers';
import type { Responses } from './responses';
import type { Health, Targets } from './targets';

/** How long it tries to connect to a target, in milliseconds. */
const CONNECT = 10000;

/** Forwards requests to targets. */
export class Forwarding {
  // As an application load balancer: the hosts' certificates are not verified.
  private readonly tls = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  private readonly plain = new http.Agent({ keepAlive: true });

  constructor(
    private readonly plan: Plan,
    private readonly targets: Targets,
    private readonly responses: Responses,
  ) {}

  public forward(
    listener: ListenerPlan,
    arn: string,
    host: string,
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): void {
    // A connection that a target has closed by now is not used. Node.js learns of it when it polls next, which
    // it has done at the second of these.
    setImmediate(() =>
      setImmediate(() => {
        // A response of HTTP/2 does not say that it is destroyed; its stream does.
        if (
          !(response as { stream?: { destroyed: boolean } }).stream?.destroyed &&
          !response.destroyed
        ) {
          this.send(listener, arn, host, request, response);
        }
      }),
    );
  }

  private send(
    listener: ListenerPlan,
    arn: string,
    host: string,
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): void {
    const group = this.targets.group(arn);
    const having = (health: Health) => group.targets.filter((target) => target.health === health);
    const fit = having('healthy');
    // With unhealthy targets alone it fails open.
    const targets = fit.length > 0 ? fit : having('unhealthy');
    if (targets.length === 0) {
      this.responses.page(listener, request, response, 503, 'Service Temporarily Unavailable');
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
      headers: requestHeaders(this.plan, listener, request) as unknown as http.OutgoingHttpHeaders,
      agent: secure ? this.tls : this.plain,
      servername: host,
      setHost: false,
    } as https.RequestOptions);
    const fail = (status: number, title: string, reason: string) => {
      upstream.destroy();
      if (response.headersSent || response.destroyed) {
        response.destroy();
      } else {
        this.responses.page(listener, request, response, status, title, `<!-- ${reason} -->`);
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
        // An agent keeps one that is only half closed.
        socket.once('end', () => socket.destroy());
        socket.once(secure ? 'secureConnect' : 'connect', () => moved());
      } else {
        moved();
      }
    });
    request.on('data', () => moved());
    this.targets.track(target.instance, upstream);
    upstream.on('close', () => clearTimeout(idle));
    upstream.on('response', (answer) => {
      moved();
      answer.on('data', () => moved());
      this.responses.record(request, answer.statusCode ?? 0, target.instance, began);
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
        // The client went away.
        this.responses.record(request, 460, undefined, began);
      }
      upstream.destroy();
    });
    request.pipe(upstream);
  }

  public close(): void {
    this.tls.destroy();
    this.plain.destroy();
  }
}
