import * as net from 'node:net';
import * as tls from 'node:tls';
import { until } from '../../shared/run';

export interface CacheNode {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
}

export function connect({ address, port, tls: secure }: CacheNode): net.Socket {
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

/** Where a node answers without TLS, in the preview's own network. */
export function side(address: string): string {
  return `127.${address.split('.').slice(1).join('.')}`;
}

/** The keys that a node holds. */
export async function keysOf(node: CacheNode): Promise<string[]> {
  // memcached does not answer this over TLS, and `stats cachedump` lists some of the keys only.
  const plain = { ...node, address: side(node.address), tls: false };
  let answer = '';
  // It crawls on its own account too, and then wants to be asked again.
  await until(`${node.name} lists its keys`, 180, async () => {
    answer = await ask(plain, 'lru_crawler metadump all', /((^|\n)END|^BUSY.*)\r\n$/);
    return !answer.startsWith('BUSY');
  });
  return [...answer.matchAll(/^key=(\S+)/gm)].map((match) => decodeURIComponent(match[1]));
}

export interface Item {
  readonly key: string;
  readonly flags: number;
  /** In base64. */
  readonly value: string;
}

/** The items that a node holds, as anybody in its network can read them. */
export async function itemsOf(node: CacheNode): Promise<Item[]> {
  const items: Item[] = [];
  for (const key of await keysOf(node)) {
    const answer = await ask(node, `get ${key}`, /(^|\r\n)END\r\n$/);
    const [line, flags, size] = /^VALUE \S+ (\d+) (\d+)\r\n/.exec(answer) ?? [];
    if (line !== undefined) {
      const value = answer.slice(line.length, line.length + Number(size));
      const encoded = Buffer.from(value, 'latin1').toString('base64');
      items.push({ key, flags: Number(flags), value: encoded });
    }
  }
  return items;
}

/** Writes items to a node, as anybody in its network can; gives how many it took. */
export function store(node: CacheNode, items: Item[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(node);
    let answer = '';
    socket.setEncoding('latin1');
    socket.setTimeout(20000, () => socket.destroy(new Error(`${node.name} does not answer`)));
    socket.on('error', reject);
    // One at a time: over TLS memcached may not see that more has come with what it has read.
    let next = 0;
    const send = () => {
      const { key, flags, value } = items[next++];
      const data = Buffer.from(value, 'base64');
      const head = Buffer.from(`set ${key} ${flags} 3600 ${data.length}\r\n`);
      socket.write(Buffer.concat([head, data, Buffer.from('\r\n')]));
    };
    socket.on('data', (chunk: string) => {
      answer += chunk;
      const lines = answer.split('\r\n').slice(0, -1);
      if (lines.length >= items.length) {
        socket.destroy();
        resolve(lines.filter((line) => line === 'STORED').length);
      } else if (lines.length === next) {
        send();
      }
    });
    send();
  });
}
