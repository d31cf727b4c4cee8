import { ChildProcess } from 'child_process';
import * as net from 'net';
import * as tls from 'tls';
import type { CachePlan } from './template';
import type { Authority, Certificate } from './pki';

export interface CacheNode {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
}

/** Starts a program of the service image in the preview's network. */
export type StartService = (
  name: string,
  command: string[],
  files: Record<string, string>,
) => ChildProcess;

/** The memcached nodes of one cluster, and its configuration endpoint where it has one. */
export class Cache {
  public static async start(
    plan: CachePlan,
    addresses: string[],
    endpoint: string,
    authority: Authority,
    start: StartService,
  ): Promise<Cache> {
    const nodes = plan.nodes.map((name, index) => ({
      name,
      address: addresses[index],
      port: plan.port,
      tls: plan.tls,
    }));
    for (const { name, address, port } of nodes) {
      const certificate = await authority.issue(name);
      const options = plan.tls
        ? ['-Z', '-o', 'ssl_chain_cert=/run/memcached.pem,ssl_key=/run/memcached.key']
        : [];
      start(
        `memcached-${address}`,
        ['memcached', '-u', 'nobody', '-l', address, '-p', String(port), '-m', '64', ...options],
        { '/run/memcached.pem': certificate.cert, '/run/memcached.key': certificate.key },
      );
    }
    const cache = new Cache(plan, nodes);
    if (plan.discovery) {
      await cache.listen(endpoint, await authority.issue(plan.host));
    }
    return cache;
  }

  private constructor(
    public readonly plan: CachePlan,
    public readonly nodes: CacheNode[],
  ) {}

  /** The configuration endpoint: lists the nodes, and is the first of them for anything else. */
  private listen(address: string, { key, cert }: Certificate): Promise<void> {
    const serve = (client: net.Socket) => {
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
            client.write(this.configuration());
            rest = rest.slice(end + 2);
            end = rest.indexOf('\r\n');
          } else {
            node = connect(this.nodes[0]);
            node.on('error', () => client.destroy());
            node.pipe(client);
            node.write(Buffer.from(rest, 'latin1'));
          }
        }
      });
    };
    const server = this.plan.tls ? tls.createServer({ key, cert }, serve) : net.createServer(serve);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.on('tlsClientError', () => undefined);
      server.listen(this.plan.port, address, resolve);
    });
  }

  private configuration(): string {
    const nodes = this.nodes.map(({ name, address, port }) => `${name}|${address}|${port}`);
    const payload = `1\n${nodes.join(' ')}\n`;
    return `CONFIG cluster 0 ${payload.length}\r\n${payload}\r\nEND\r\n`;
  }
}

function connect({ address, port, tls: secure }: CacheNode): net.Socket {
  return secure
    ? tls.connect({ host: address, port, rejectUnauthorized: false })
    : net.connect({ host: address, port });
}

/** Sends a memcached node one command and gives what it answers. */
export function ask(
  node: CacheNode,
  command: string,
  end = /(^|\r\n)(END|ERROR|OK)\r\n$/,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(node);
    let answer = '';
    socket.setEncoding('latin1');
    socket.setTimeout(5000, () => socket.destroy(new Error(`${node.name} does not answer`)));
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (end.test(answer)) {
        socket.destroy();
        resolve(answer);
      }
    });
    socket.write(`${command}\r\n`);
  });
}

/** The keys that a node holds. */
export async function keysOf(node: CacheNode): Promise<string[]> {
  // Not `lru_crawler metadump`: memcached does not answer it over TLS.
  const slabs = new Set(
    [...(await ask(node, 'stats items')).matchAll(/items:(\d+):/g)].map((m) => m[1]),
  );
  const keys: string[] = [];
  for (const slab of slabs) {
    const answer = await ask(node, `stats cachedump ${slab} 0`);
    keys.push(...[...answer.matchAll(/^ITEM (\S+)/gm)].map((match) => match[1]));
  }
  return keys;
}
