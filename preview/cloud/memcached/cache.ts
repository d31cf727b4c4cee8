import { ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { listening } from '../../shared/listening';
import { children } from '../../shared/processes';
import { until } from '../../shared/run';
import type { CachePlan } from '../../stack/plan';
import type { Authority, Certificate } from '../network/pki';
import { ask, CacheNode, connect, side } from './client';

/** Starts a program of the service image in the preview's network. */
export type StartService = (
  name: string,
  command: string[],
  files: Record<string, string>,
) => ChildProcess;

/**
 * Which names a cluster's certificate has: `nodes` those of its nodes alone, by a wildcard, as AWS's
 * own examples verify them; `all` that of its configuration endpoint too. No document says which it is:
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html
 */
export type CacheCertificate = 'nodes' | 'all';

/** How a node can be failing: dead, or hanging with its connections open. */
export type NodeAction = 'kill' | 'start' | 'stop' | 'continue';

interface RunningNode extends CacheNode {
  process: ChildProcess;
  /** Killed or stopped. */
  failing: boolean;
}

/** The memcached nodes of one cluster, and its configuration endpoint where it has one. */
export class Cache {
  public static async start(
    plan: CachePlan,
    addresses: string[],
    endpoint: string,
    authority: Authority,
    start: StartService,
    names: CacheCertificate,
  ): Promise<Cache> {
    const all = [`*.${plan.host.replace('.cfg.', '.')}`, ...(names === 'all' ? [plan.host] : [])];
    const certificate = await authority.issue(...(plan.discovery ? all : [plan.host]));
    const cache = new Cache(plan, certificate, start);
    for (const [index, name] of plan.nodes.entries()) {
      await cache.add(addresses[index], name);
    }
    if (plan.discovery) {
      await cache.listen(endpoint, certificate);
    }
    return cache;
  }

  private readonly running: RunningNode[] = [];
  private version = 0;

  private constructor(
    public readonly plan: CachePlan,
    private readonly certificate: Certificate,
    private readonly startService: StartService,
  ) {}

  public get nodes(): readonly CacheNode[] {
    return this.running;
  }

  /** Adds a node, of which the configuration endpoint tells from now on. */
  public async add(
    address: string,
    name = this.plan.nodes[0].replace(
      /(^|\.)\d{4}\./,
      `$1${String(this.running.length + 1).padStart(4, '0')}.`,
    ),
  ): Promise<CacheNode> {
    const { port, tls: secure } = this.plan;
    const node = { name, address, port, tls: secure };
    const process = this.spawn(node);
    const running = { ...node, process, failing: false };
    await answers(running);
    this.running.push(running);
    this.version += 1;
    return running;
  }

  /** Ends a node, of which the configuration endpoint tells no more. */
  public async remove(name: string): Promise<void> {
    const index = this.running.findIndex((node) => node.name === name);
    if (!this.running[index].failing) {
      await this.act(name, 'kill');
    }
    this.running.splice(index, 1);
    this.version += 1;
  }

  /** Makes a node fail, or ends its failing: a killed one starts empty. */
  public async act(name: string, action: NodeAction): Promise<void> {
    const node = this.running.find((other) => other.name === name);
    if (node === undefined) {
      throw new Error(`${this.plan.host} has no node ${name}`);
    }
    if (action === 'start') {
      node.process = this.spawn(node);
      await answers(node);
    } else {
      const signal = { kill: 'SIGKILL', stop: 'SIGSTOP', continue: 'SIGCONT' }[action];
      process.kill(programOf(node.process), signal);
    }
    node.failing = action === 'kill' || action === 'stop';
  }

  /** What a thief of a node's memory would have: everything that its process may write to. */
  public memory(name: string): Iterable<Buffer> {
    const node = this.running.find((other) => other.name === name);
    if (node === undefined) {
      throw new Error(`${this.plan.host} has no node ${name}`);
    }
    return writableMemory(programOf(node.process));
  }

  private spawn({ address, port }: CacheNode) {
    const { certificate } = this;
    const options = this.plan.tls
      ? ['-Z', '-o', 'ssl_chain_cert=/run/memcached.pem,ssl_key=/run/memcached.key']
      : [];
    // The way in by the side is for us alone: hosts are in networks of their own.
    const aside = `${this.plan.tls ? 'notls:' : ''}${side(address)}:${port}`;
    const listen = `${address}:${port},${aside}`;
    return this.startService(
      `memcached-${address}`,
      ['memcached', '-u', 'nobody', '-l', listen, '-p', String(port), '-m', '64', ...options],
      { '/run/memcached.pem': certificate.cert, '/run/memcached.key': certificate.key },
    );
  }

  /** The configuration endpoint: lists the nodes, and is the first of them for anything else. */
  private listen(address: string, { key, cert }: Certificate): Promise<void> {
    const serve = (client: net.Socket) => {
      // The name of a configuration endpoint leads to one of the nodes.
      const leader = this.running.find(({ failing }) => !failing);
      if (leader === undefined) {
        client.on('error', () => undefined).destroy();
        return;
      }
      let rest = '';
      let node: net.Socket | undefined;
      client.on('error', () => node?.destroy());
      client.on('close', () => node?.destroy());
      client.on('data', (chunk: Buffer) => {
        if (node !== undefined) {
          node.write(chunk);
          return;
        }
        rest += chunk.toString('latin1');
        for (let end = rest.indexOf('\r\n'); end >= 0 && node === undefined;) {
          if (rest.slice(0, end) === 'config get cluster') {
            // In pieces, as a network may bring it.
            const answer = this.configuration();
            client.write(answer.slice(0, answer.length >> 1));
            setTimeout(() => client.write(answer.slice(answer.length >> 1)), 20);
            rest = rest.slice(end + 2);
            end = rest.indexOf('\r\n');
          } else {
            node = connect(leader);
            node.on('error', () => client.destroy());
            node.pipe(client);
            node.write(Buffer.from(rest, 'latin1'));
          }
        }
      });
    };
    const server = this.plan.tls ? tls.createServer({ key, cert }, serve) : net.createServer(serve);
    server.on('tlsClientError', () => undefined);
    return listening(server, (ready) => server.listen(this.plan.port, address, ready));
  }

  private configuration(): string {
    const nodes = this.nodes.map(({ name, address, port }) => `${name}|${address}|${port}`);
    const payload = `${this.version}\n${nodes.join(' ')}\n`;
    return `CONFIG cluster 0 ${payload.length}\r\n${payload}\r\nEND\r\n`;
  }
}

async function answers(node: CacheNode): Promise<void> {
  await until(`${node.name} answers`, 180, async () => {
    try {
      return (await ask(node, 'version', /^VERSION .*\r\n$/)) !== '';
    } catch {
      return false;
    }
  });
}

/** The program that a service runs: process 1 of its namespace. */
function programOf({ pid = 0 }: ChildProcess): number {
  const programs = children(pid);
  if (programs.length !== 1) {
    throw new Error(
      `service ${pid} runs ${programs.length === 0 ? 'nothing' : programs.join(' ')}`,
    );
  }
  return programs[0];
}

function* writableMemory(pid: number): Generator<Buffer> {
  const file = fs.openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of fs.readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (from !== undefined) {
        const start = Number.parseInt(from, 16);
        const content = Buffer.alloc(Number.parseInt(to, 16) - start);
        const length = fs.readSync(file, content, 0, content.length, start);
        yield content.subarray(0, length);
      }
    }
  } finally {
    fs.closeSync(file);
  }
}
