import { ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Preview } from '../../preview';
import { controlGroupOf, removeControlGroups } from '../../preview/machine/control-groups';
import { DEFAULT_CACHE, DEFAULT_MIRROR, Images } from '../../preview/machine/image';
import { run, until } from '../../preview/shared/run';
import { STATIC_PACKAGES } from '../../lib/static/static-tier';

const PACKAGES = [...STATIC_PACKAGES, 'openstack-dashboard-apache', 'nghttp2-client'];
const RELEASES = 'var/lib/openstack-dashboard-static';
/** What makes nginx on a static host what it is. */
const CONFIGURATION = [
  'etc/nginx/nginx.conf',
  'etc/ssl/openstack-dashboard.crt',
  'etc/ssl/private/openstack-dashboard.key',
  'usr/local/lib/openstack-dashboard',
];
const SERVER_CORE = 0;
const CLIENT_CORE = 1;
const CONNECTIONS = 4;
/** At 1,000 requests nginx ends a connection. */
export const MOST_REQUESTS = CONNECTIONS * 900;

export type Server = 'tier' | 'apache' | 'bare' | 'sendfile';
export type Protocol = 'HTTP/1.1' | 'HTTP/1.1 TLS' | 'HTTP/2 TLS';
export type FileKind = 'JavaScript' | 'CSS' | 'font' | 'icon';

const PORTS: Record<Protocol, Partial<Record<Server, number>>> = {
  'HTTP/1.1': { tier: 8080, apache: 80, bare: 8082, sendfile: 8083 },
  'HTTP/1.1 TLS': { tier: 443, bare: 8443 },
  'HTTP/2 TLS': { tier: 443, bare: 8443 },
};
const SERVERS = Object.keys(PORTS['HTTP/1.1']) as Server[];

/** What a browser says that it takes; identity and gzip are clients that take less. */
export const ENCODINGS = {
  identity: 'identity',
  gzip: 'gzip',
  br: 'gzip, deflate, br, zstd',
} as const;
export type Encoding = keyof typeof ENCODINGS;

/** A file of the release: its URL's path, and its bytes by encoding where there is such a variant. */
export interface Media {
  readonly kind: FileKind;
  readonly path: string;
  readonly bytes: Partial<Record<Encoding, number>> & { readonly identity: number };
}

export interface Ask {
  readonly server: Server;
  readonly protocol: Protocol;
  readonly media: Media;
  readonly encoding: Encoding;
}

export interface Slice {
  /** Requests a second, as the client sees them. */
  readonly rate: number;
  /** Microseconds of its core's time that the server takes for one request. */
  readonly core: number;
  /** Bytes of each body. */
  readonly bytes: number;
}

/** The files that are compared, of a release on a static host, and that host's own nginx. */
export async function takeHost(preview: Preview, id: string, directory: string): Promise<Media[]> {
  const sh = (script: string, ...words: string[]) =>
    preview.call('exec', id, ['sh', '-euc', `cd /${RELEASES}; ${script}`, 'sh', ...words]);
  const first = async (pattern: string) => (await sh(`ls -S ${pattern} | head -n 1`)).trim();
  const names: Record<FileKind, string> = {
    JavaScript: await first('static/*/dashboard/js/output.*.js'),
    CSS: await first('static/*/dashboard/css/output.*.css'),
    font: await first('static/*/horizon/lib/roboto_fontface/fonts/roboto/Roboto-Regular.woff2'),
    icon: await first('static/*/dashboard/img/favicon.ico'),
  };
  const files = Object.values(names).map((name) => `${RELEASES}/${name}`);
  const tar = await sh(
    'cd /; for file in "$@"; do ls -d "$file" "$file.gz" "$file.br" 2>/dev/null || true; done |' +
      ' tar -c --files-from - | base64 -w 0',
    ...[...CONFIGURATION, ...files],
  );
  fs.mkdirSync(directory, { recursive: true });
  const archive = path.join(directory, '../host.tar');
  fs.writeFileSync(archive, Buffer.from(tar, 'base64'), { mode: 0o600 });
  await run('tar', ['-C', directory, '-xf', archive]);
  const size = (name: string) => {
    const file = path.join(directory, RELEASES, name);
    return fs.existsSync(file) ? fs.statSync(file).size : undefined;
  };
  return Object.entries(names).map(([kind, name]) => ({
    kind: kind as FileKind,
    path: `/${name}`,
    bytes: { identity: size(name) ?? 0, gzip: size(`${name}.gz`), br: size(`${name}.br`) },
  }));
}

/** The image with all servers and the client. */
export async function serverLayers(): Promise<string[]> {
  return (await benchImages().withPackages('bench-static', PACKAGES)).layers;
}

/** Images of Debian for servers that are compared. */
export function benchImages(): Images {
  return new Images({
    directory: DEFAULT_CACHE,
    mirror: DEFAULT_MIRROR,
    progress: async (step, work) => {
      console.log(`${step} …`);
      return work();
    },
  });
}

/** All servers that are compared, in one namespace; each in a control group that counts its time. */
export class Servers {
  /** @param directory what `takeHost` filled */
  public static async start(layers: string[], directory: string, name: string): Promise<Servers> {
    const group = controlGroupOf(String(process.pid));
    for (const server of SERVERS) {
      fs.mkdirSync(path.join(group, server), { recursive: true });
    }
    const log = path.join(directory, '../servers.log');
    const out = fs.openSync(log, 'w');
    const child = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--net', '--pid', '--uts', '--ipc'],
        ...['--fork', '--kill-child', '--mount-proc', path.join(__dirname, 'servers.sh')],
        ...[layers.join(':'), directory, group, String(SERVER_CORE), name],
      ],
      { stdio: ['pipe', out, out] },
    );
    fs.closeSync(out);
    const said = () => fs.readFileSync(log, 'utf8');
    await until('the servers start', 60, () => {
      if (child.exitCode !== null) {
        throw new Error(`the servers did not start:\n${said()}`);
      }
      return /^ready /m.test(said());
    });
    const root = /^ready (.*)$/m.exec(said())?.[1] ?? '';
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    return new Servers(child, fs.readFileSync(children, 'utf8').trim(), root, group, name);
  }

  private constructor(
    private readonly child: ChildProcess,
    private readonly pid: string,
    private readonly root: string,
    private readonly group: string,
    private readonly name: string,
  ) {}

  /** Asks one server so many times, from the other core. */
  public async ask(what: Ask, requests: number): Promise<Slice> {
    const { server, protocol, media, encoding } = what;
    const port = PORTS[protocol][server];
    const tls = protocol.endsWith('TLS');
    const variant = server === 'sendfile' ? VARIANTS[encoding] : '';
    const before = this.time(server);
    const said = await run('nsenter', [
      ...['-t', this.pid, '-a', 'chroot', this.root, 'taskset', '-c', String(CLIENT_CORE)],
      ...['h2load', '-t', '1', '-c', String(CONNECTIONS), '-n', String(requests)],
      ...(protocol === 'HTTP/2 TLS' ? ['--alpn-list=h2'] : ['--h1']),
      ...['-H', `accept-encoding: ${ENCODINGS[encoding]}`],
      `${tls ? 'https' : 'http'}://${this.name}:${port}${media.path}${variant}`,
    ]);
    const time = this.time(server) - before;
    const good = Number(/^status codes: (\d+) 2xx/m.exec(said)?.[1]);
    const body = Number(/\((\d+)\) data$/m.exec(said)?.[1]);
    const rate = Number(/, ([\d.]+) req\/s/.exec(said)?.[1]);
    const bytes = media.bytes[encoding] ?? media.bytes.identity;
    // Nobody knows beforehand what Apache makes of a file.
    if (good !== requests || !(rate > 0) || (server !== 'apache' && body !== requests * bytes)) {
      throw new Error(`${JSON.stringify(what)}: not ${requests} × ${bytes} bytes:\n${said}`);
    }
    return { rate, core: time / requests, bytes: body / requests };
  }

  public async stop(): Promise<void> {
    this.child.stdin?.end();
    await until('the servers end', 20, () => this.child.exitCode !== null);
    await removeControlGroups(this.group);
  }

  /** Microseconds that a server has run. */
  private time(server: Server): number {
    const stat = fs.readFileSync(path.join(this.group, server, 'cpu.stat'), 'utf8');
    return Number(/^usage_usec (\d+)$/m.exec(stat)?.[1]);
  }
}

const VARIANTS: Record<Encoding, string> = { identity: '', gzip: '.gz', br: '.br' };
