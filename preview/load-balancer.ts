import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import * as net from 'net';
import * as tls from 'tls';
import { wildcard } from './aws';
import type { Certificate } from './pki';
import { until } from './run';
import type { Action, Condition, ListenerPlan, Plan, TargetGroupPlan } from './template';

export interface Access {
  readonly at: number;
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly status: number;
  /** The instance that answered; none for what the load balancer answered itself. */
  readonly target?: string;
}

export type Health = 'initial' | 'healthy' | 'unhealthy';

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
const FORWARDED = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port'];

/** An application load balancer: the template's listeners, rules and health checks over its hosts. */
export class LoadBalancer {
  public readonly log: Access[] = [];
  private readonly groups = new Map<string, Group>();
  /** How many requests each instance has yet to answer. */
  private readonly open = new Map<string, number>();
  // As an application load balancer: the hosts' certificates are not verified.
  private readonly tls = new https.Agent({
    keepAlive: true,
    rejectUnauthorized: false,
    timeout: 60000,
  });
  private readonly plain = new http.Agent({ keepAlive: true, timeout: 60000 });

  public constructor(private readonly plan: Plan) {
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

  /** Takes an instance out, and waits until it has answered what it was asked. */
  public async drain(instance: string): Promise<void> {
    this.deregister(instance);
    await until(`${instance} is drained`, 60, () => !this.open.has(instance));
  }

  /** Listens at its address and, for the browser outside, at a Unix socket a listener. */
  public async listen(
    address: string,
    certificates: Record<string, Certificate>,
    socket: (port: number) => string,
  ): Promise<void> {
    for (const listener of this.plan.listeners) {
      const server =
        listener.protocol === 'HTTPS' ? this.secure(certificates) : http.createServer();
      server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) =>
        this.route(listener, request, response),
      );
      server.keepAliveTimeout = 60000;
      const outside = net.createServer((connection) => server.emit('connection', connection));
      await listening(server, (ready) => server.listen(listener.port, address, ready));
      fs.rmSync(socket(listener.port), { force: true });
      await listening(outside, (ready) => outside.listen(socket(listener.port), ready));
    }
  }

  private secure(certificates: Record<string, Certificate>): https.Server {
    const contexts = Object.entries(certificates).map(
      ([name, { key, cert }]) => [name, tls.createSecureContext({ key, cert })] as const,
    );
    const [first] = Object.values(certificates);
    return https.createServer({
      key: first.key,
      cert: first.cert,
      minVersion: 'TLSv1.2',
      SNICallback: (name, answer) =>
        answer(null, contexts.find(([known]) => known === name)?.[1] ?? contexts[0][1]),
    });
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
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    const path = (request.url ?? '/').split('?')[0];
    const rule = listener.rules.find(({ conditions }) =>
      conditions.every((condition) => holds(condition, host, path)),
    );
    const action = rule?.action ?? listener.otherwise;
    if (action.type === 'forward') {
      this.forward(listener, action.targetGroup, host, request, response);
      return;
    }
    const { status, headers, body } = own(action, listener, host, request);
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

  private record(request: http.IncomingMessage, status: number, target?: string): void {
    this.log.push({
      at: Date.now(),
      host: request.headers.host ?? '',
      path: request.url ?? '',
      method: request.method ?? '',
      status,
      target,
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
    const fit = group.targets.filter((target) => target.health === 'healthy');
    // As an application load balancer: when all that were healthy no longer are, it tries them.
    const healthy = fit.length > 0 ? fit : group.targets.filter(({ since }) => since !== undefined);
    const own = (status: number, text: string) =>
      this.reply(listener, request, response, status, { 'content-type': 'text/html' }, text);
    if (healthy.length === 0) {
      own(503, '<h1>503 Service Temporarily Unavailable</h1>');
      return;
    }
    const target = healthy[group.next++ % healthy.length];
    const client = request.socket.remoteAddress ?? '127.0.0.1';
    const before = request.headers['x-forwarded-for'];
    const headers: string[] = [];
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      const [name, value] = request.rawHeaders.slice(index, index + 2);
      const valid = !this.plan.dropInvalidHeaders || /^[-A-Za-z0-9]+$/.test(name);
      if (valid && ![...HOP_BY_HOP, ...FORWARDED].includes(name.toLowerCase())) {
        headers.push(name, value);
      }
    }
    if (request.headers['transfer-encoding'] !== undefined) {
      headers.push('Transfer-Encoding', 'chunked');
    }
    headers.push('X-Forwarded-For', before === undefined ? client : `${String(before)}, ${client}`);
    headers.push('X-Forwarded-Proto', listener.protocol.toLowerCase());
    headers.push('X-Forwarded-Port', String(listener.port));
    const secure = group.plan.protocol === 'HTTPS';
    const upstream = (secure ? https : http).request({
      host: target.address,
      port: group.plan.port,
      method: request.method,
      path: request.url,
      headers: headers as unknown as http.OutgoingHttpHeaders,
      agent: secure ? this.tls : this.plain,
      servername: host,
      setHost: false,
    } as https.RequestOptions);
    this.open.set(target.instance, (this.open.get(target.instance) ?? 0) + 1);
    upstream.on('close', () => {
      const left = (this.open.get(target.instance) ?? 1) - 1;
      if (left > 0) {
        this.open.set(target.instance, left);
      } else {
        this.open.delete(target.instance);
      }
    });
    upstream.on('response', (answer) => {
      const raw: string[] = [];
      const extra = added(listener);
      for (let index = 0; index < answer.rawHeaders.length; index += 2) {
        const [name, value] = answer.rawHeaders.slice(index, index + 2);
        if (!HOP_BY_HOP.includes(name.toLowerCase()) && !(name.toLowerCase() in extra)) {
          raw.push(name, value);
        }
      }
      Object.entries(extra).forEach(([name, value]) => raw.push(name, value));
      this.record(request, answer.statusCode ?? 0, target.instance);
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, raw as never);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', (error) => {
      if (response.headersSent) {
        response.destroy();
      } else {
        own(502, `<h1>502 Bad Gateway</h1><!-- ${error.message} -->`);
      }
    });
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  }

  private async check(group: Group, target: Target): Promise<void> {
    const { health } = group.plan;
    const [ok, reason] = await probe(group.plan, target.address);
    target.reason = reason;
    target.streak = ok === target.streak > 0 ? target.streak + (ok ? 1 : -1) : ok ? 1 : -1;
    // A new target needs one good check only.
    if (ok && (target.health === 'initial' || target.streak >= health.healthy)) {
      target.since ??= Date.now();
      target.health = 'healthy';
    } else if (!ok && (target.health === 'initial' || -target.streak >= health.unhealthy)) {
      target.health = -target.streak >= health.unhealthy ? 'unhealthy' : target.health;
    }
  }
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
  const location =
    `${fill(action.protocol).toLowerCase()}://${fill(action.host)}:${fill(action.port)}` +
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
