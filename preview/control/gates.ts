import * as fs from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import * as path from 'node:path';
import { listening } from '../shared/listening';
import type { ListenerPlan } from '../stack/plan';
import type { PreviewOptions } from './options';

/** The name of the repository of packages that a preview may have. */
export const PACKAGES_HOST = 'packages.example';

/**
 * The only ways between the network of the machine and that of the preview. Each has a Unix socket in
 * the preview's folder, which both can open.
 */
export class Gates {
  private readonly servers: net.Server[] = [];

  constructor(private readonly directory: string) {}

  /**
   * The outer half of apt's proxy: Debian's mirror, a folder of packages under a name of its own, and
   * nothing else.
   */
  public async serveApt(debian: string, packages?: string): Promise<void> {
    const mirror = new URL(debian);
    const proxy = process.env.http_proxy;
    const server = http.createServer((request, response) => {
      const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : undefined;
      if (url?.host === PACKAGES_HOST && packages !== undefined) {
        serveFile(path.join(packages, path.normalize(decodeURIComponent(url.pathname))), response);
        return;
      }
      if (url?.host !== mirror.host || !['GET', 'HEAD'].includes(request.method ?? '')) {
        response.writeHead(403).end('the preview lets apt reach its mirror alone\n');
        return;
      }
      const to = proxy === undefined ? url : new URL(proxy);
      const outside = http.request(
        {
          host: to.hostname,
          port: to.port === '' ? 80 : Number(to.port),
          path: proxy === undefined ? url.pathname + url.search : url.href,
          method: request.method,
          headers: { ...request.headers, host: url.host },
        },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      outside.on('error', (error) => response.destroy(error));
      request.pipe(outside);
    });
    await this.listen(server, (ready) =>
      server.listen(path.join(this.directory, 'apt.sock'), ready),
    );
  }

  /** Where the browser comes in. */
  public async openEntry(
    { address = '127.0.0.1', httpsPort = 443, httpPort = 80 }: PreviewOptions,
    listeners: readonly ListenerPlan[],
  ): Promise<void> {
    for (const { port } of listeners) {
      const outer = { 443: httpsPort, 80: httpPort }[port] ?? port;
      const option = { 443: '--https-port', 80: '--http-port' }[port] ?? 'the template';
      await this.open(`entry-${port}.sock`, address, outer, option);
    }
  }

  /** Where the browser reaches Keystone and the identity providers. */
  public async openWays(
    { address = '127.0.0.1', identityAddress = address }: PreviewOptions,
    ports: readonly number[],
  ): Promise<void> {
    for (const port of ports) {
      await this.open(`way-${port}.sock`, identityAddress, port, '--parameter KeystoneUrl=URL');
    }
  }

  private async open(socket: string, address: string, port: number, option: string): Promise<void> {
    const server = net.createServer((browser) => {
      const inner = net.connect(path.join(this.directory, socket));
      browser.pipe(inner).pipe(browser);
      browser.on('error', () => inner.destroy());
      inner.on('error', () => browser.destroy());
    });
    try {
      await this.listen(server, (ready) => server.listen(port, address, ready));
    } catch (error) {
      const reasons: Record<string, string> = {
        EADDRINUSE: `is taken: choose another with --address or ${option}`,
        EADDRNOTAVAIL: 'is no address of this machine: choose one with --address',
        ENOTFOUND: 'is no address: give one with --address, such as 127.0.0.1',
        EACCES: `may not be used: choose another port with ${option}`,
      };
      const { code = '', message } = error as NodeJS.ErrnoException;
      throw new Error(`${address}:${port} ${reasons[code] ?? message}`, { cause: error });
    }
  }

  public close(): void {
    for (const server of this.servers.splice(0)) {
      server.close();
      (server as Partial<http.Server>).closeAllConnections?.();
    }
  }

  private listen(server: net.Server, start: (ready: () => void) => void): Promise<void> {
    this.servers.push(server);
    return listening(server, start);
  }
}

/** Answers with a file, so that apt sees whether it has changed. */
function serveFile(file: string, response: http.ServerResponse): void {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-length': stat.size,
    'last-modified': stat.mtime.toUTCString(),
  });
  fs.createReadStream(file).pipe(response);
}
