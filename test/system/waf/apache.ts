import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { until } from '../../../preview/shared/run';
import type { BrowserRequest } from './requests';

const APACHE = '/usr/sbin/apache2';
const MODULES = '/usr/lib/apache2/modules';
/** What Debian's packages libapache2-mod-security2 and modsecurity-crs install. */
const RECOMMENDED = '/etc/modsecurity/modsecurity.conf-recommended';
const CORE_RULE_SET = '/usr/share/modsecurity-crs/owasp-crs.load';
/** What every request of the browser has. */
const BROWSER = {
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'accept-language': 'en-US',
  'accept-encoding': 'gzip, deflate, br, zstd',
  cookie:
    'csrftoken=RDcUv1WNyDkzmhgxQG3qoYqS0pL4Jw8t; sessionid=p1x5q0m8t3z7b2c6v9n4k8j1h5g2f0ds; login_region=default',
  origin: 'https://dashboard.example.org',
  referer: 'https://dashboard.example.org/project/',
};

/** A rule that matched, and the variable that it found it in. */
export interface Match {
  readonly rule: string;
  readonly variable: string;
}

/** What became of a request. */
export interface Verdict {
  readonly blocked: boolean;
  readonly matches: Match[];
}

/** Why the rules cannot run here. */
export function missing(): string | undefined {
  const lacking = [APACHE, `${MODULES}/mod_security2.so`, RECOMMENDED, CORE_RULE_SET].filter(
    (file) => !fs.existsSync(file),
  );
  return lacking.length
    ? `needs Debian's apache2-bin, libapache2-mod-security2 and modsecurity-crs: no ${lacking.join(', ')}`
    : undefined;
}

/** Apache with the core rule set of OWASP, as Debian configures it, before a server that accepts all. */
export class Apache {
  public static async start(): Promise<Apache> {
    const backend = http.createServer((request, response) => {
      request.resume().on('end', () => response.end('ok'));
    });
    await once(backend.listen(0, '127.0.0.1'), 'listening');
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-openstack-dashboard-waf-'));
    // The children that handle requests are not root.
    fs.chmodSync(folder, 0o777);
    const apache = new Apache(folder, backend, await freePort());
    await apache.launch();
    return apache;
  }

  private process?: ReturnType<typeof spawn>;

  private constructor(
    private readonly folder: string,
    private readonly backend: http.Server,
    private readonly port: number,
  ) {}

  /** Sends requests one after another, and reads in the log what matched. */
  public async judge<R extends BrowserRequest>(requests: readonly R[]): Promise<Map<R, Verdict>> {
    const sent: { request: R; id: string; blocked: boolean }[] = [];
    for (const request of requests) {
      sent.push({ request, ...(await this.send(request)) });
    }
    const lines = fs.readFileSync(this.log, 'utf8').split('\n');
    return new Map(
      sent.map(({ request, id, blocked }) => {
        const matches = lines
          .filter((line) => line.includes(`[unique_id "${id}"]`))
          .flatMap(parse)
          // The sums of the scores.
          .filter(({ rule }) => !/^9(49|59|80)/.test(rule));
        return [request, { blocked, matches }];
      }),
    );
  }

  public async stop(): Promise<void> {
    const ended = this.process && once(this.process, 'exit');
    this.process?.kill('SIGTERM');
    await ended;
    this.backend.closeAllConnections();
    this.backend.close();
    fs.rmSync(this.folder, { recursive: true });
  }

  private get log(): string {
    return path.join(this.folder, 'error.log');
  }

  private async launch(): Promise<void> {
    const load = (name: string) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`;
    const modules = ['mpm_event', 'authz_core', 'unique_id', 'headers', 'proxy', 'proxy_http'];
    const { port } = this.backend.address() as AddressInfo;
    const configuration = [
      ...modules.map(load),
      load('security2'),
      `Listen 127.0.0.1:${this.port}`,
      'ServerName dashboard.example.org',
      `DefaultRuntimeDir ${this.folder}`,
      `PidFile ${this.folder}/pid`,
      `ErrorLog ${this.log}`,
      'User www-data',
      'Group www-data',
      ...recommended(),
      `Include ${CORE_RULE_SET}`,
      'SecRuleEngine On',
      // Only requests matter.
      'SecResponseBodyAccess Off',
      `SecTmpDir ${this.folder}`,
      `SecDataDir ${this.folder}`,
      'AllowEncodedSlashes NoDecode',
      'Header always set X-Unique-Id %{UNIQUE_ID}e',
      `ProxyPass / http://127.0.0.1:${port}/`,
    ];
    const file = path.join(this.folder, 'apache.conf');
    fs.writeFileSync(file, `${configuration.join('\n')}\n`);
    this.process = spawn(APACHE, ['-f', file, '-DFOREGROUND'], { stdio: 'inherit' });
    const { process } = this;
    await until('Apache answers', 180, async () => {
      if (process.exitCode !== null) {
        throw new Error(`Apache ended with ${process.exitCode}`);
      }
      return this.send({ name: '', method: 'GET', path: '/', headers: {} }).then(
        () => true,
        () => false,
      );
    });
  }

  private send(request: BrowserRequest): Promise<{ id: string; blocked: boolean }> {
    const { method, path: target, headers, body } = request;
    return new Promise((resolve, reject) => {
      const options = {
        ...{ host: '127.0.0.1', port: this.port, method, path: target },
        headers: {
          host: 'dashboard.example.org',
          ...BROWSER,
          ...headers,
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        },
      };
      const sent = http.request(options, (response) => {
        response.resume().on('end', () =>
          resolve({
            id: String(response.headers['x-unique-id']),
            blocked: response.statusCode !== 200,
          }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** What Debian recommends, without a log in a folder that may not exist. */
function recommended(): string[] {
  return fs
    .readFileSync(RECOMMENDED, 'utf8')
    .split('\n')
    .filter((line) => !/^SecAudit/.test(line))
    .map((line) => line.replace(/^SecUnicodeMapFile /, `$&${path.dirname(RECOMMENDED)}/`));
}

/** A line of the log: its rule, and the variable that matched. */
function parse(line: string): Match[] {
  const rule = /\[id "(\d+)"\]/.exec(line)?.[1];
  const variable =
    /found within ([A-Z_]+(?::[^:\]" ]+)?)/.exec(line)?.[1] ??
    / at ([A-Z_]+(?::[^ ]+?)?)\. \[file/.exec(line)?.[1] ??
    / against (?:variable )?"([A-Z_]+(?::[^" ]+)?)"/.exec(line)?.[1];
  return rule === undefined ? [] : [{ rule, variable: variable ?? '?' }];
}

async function freePort(): Promise<number> {
  const server = http.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
