import { createHash } from 'node:crypto';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import type { Page } from 'playwright-core';
import { until } from '../../../preview/shared/run';
import { Checks, must } from '../harness/checks';
import type { Stage } from './stage';

/** The name in `base_url` of the preview's Nova. */
export const CONSOLE = 'console.cloud.internal';
const PORTS = { vnc: 6080, spice: 6082, serial: 6083 };
/** For dashboards that show consoles in their pages. */
export const CONSOLE_ORIGINS = [
  `https://${CONSOLE}:${PORTS.vnc}`,
  `https://${CONSOLE}:${PORTS.spice}`,
  `wss://${CONSOLE}:${PORTS.serial}`,
];
const SHELL = 'the login prompt of the instance';

/** Stands in for Nova's proxies: pages for VNC and SPICE, and a web socket for serial consoles. */
export class ConsoleProxy {
  /** Paths with the token that Nova gave the dashboard. */
  public readonly asked: string[] = [];
  private readonly servers: https.Server[] = [];

  private constructor(certificate: { key: string; cert: string }) {
    for (const kind of Object.keys(PORTS)) {
      const server = https.createServer(certificate, (request, response) => {
        this.asked.push(`${kind} ${request.url}`);
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end(`<title>${kind}</title><body style="background:#000;color:#ccc">${SHELL}`);
      });
      server.on('upgrade', (request, socket) => {
        this.asked.push(`${kind} ${request.url} from ${request.headers.origin}`);
        greet(socket, request.headers['sec-websocket-key'] ?? '');
      });
      this.servers.push(server);
    }
  }

  public static async start(
    address: string,
    certificate: { key: string; cert: string },
  ): Promise<ConsoleProxy> {
    const proxy = new ConsoleProxy(certificate);
    for (const [at, port] of Object.values(PORTS).entries()) {
      await new Promise<void>((resolve, reject) => {
        proxy.servers[at].once('error', reject).listen(port, address, resolve);
      });
    }
    return proxy;
  }

  public stop(): void {
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}

/** Opens the web socket, and sends what a terminal shows (RFC 6455). */
function greet(socket: Duplex, key: string): void {
  const accept = createHash('sha1')
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.on('error', () => undefined);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Protocol: binary\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.write(Buffer.concat([Buffer.from([0x82, SHELL.length]), Buffer.from(SHELL)]));
}

/** The path of an instance of the demo project, without its last slash. */
async function instance({ user }: Stage): Promise<string> {
  await user.open('/project/instances/', 'web-1');
  const href = await user.page.locator('#instances a', { hasText: 'web-1' }).first();
  return ((await href.getAttribute('href')) ?? '').replace(/\/$/, '');
}

/** Opens the tab, and gives what its frame shows. */
async function frameOf({ page }: Stage['user'], path: string): Promise<string> {
  await page.goto(new URL(`${path}/?tab=instance_details__console`, page.url()).href);
  const frame = page.frameLocator('#console_embed');
  return frame.locator('body').innerText({ timeout: 20_000 });
}

async function inPages(stage: Stage): Promise<void> {
  const { user, proxy, shoot } = stage;
  const path = await instance(stage);
  proxy.asked.splice(0);
  const shown = await frameOf(user, path);
  must(shown.includes(SHELL), `the frame shows ${shown}`);
  must(
    proxy.asked.some((asked) => /^vnc \/vnc_lite\.html\?path=.*token.*title=web-1/.test(asked)),
    `the proxy was asked for ${proxy.asked.join(', ')}`,
  );
  await shoot('console');
  await serial(stage, path);
  stage.violations.none();
}

/** The page of a serial console, which is a terminal with a web socket. */
async function serial({ user: { page }, proxy, shoot }: Stage, path: string): Promise<void> {
  await page.goto(new URL(`${path}/serial`, page.url()).href);
  await until('the terminal shows the prompt', 180, async () =>
    ((await page.locator('.terminal').textContent()) ?? '').replace(/\u00a0/g, ' ').includes(SHELL),
  );
  const { origin } = new URL(page.url());
  must(
    proxy.asked.some((asked) => /^serial .*token/.test(asked) && asked.endsWith(` from ${origin}`)),
    `the proxy was asked for ${proxy.asked.join(', ')}`,
  );
  await shoot('console-serial');
}

async function withSpice(stage: Stage): Promise<void> {
  await stage.become('direct');
  const path = await instance(stage);
  stage.proxy.asked.splice(0);
  const shown = await frameOf(stage.user, path);
  must(shown.includes(SHELL), `the frame shows ${shown}`);
  must(
    stage.proxy.asked.some((asked) => /^spice \/spice_auto\.html\?token=/.test(asked)),
    `the proxy was asked for ${stage.proxy.asked.join(', ')}`,
  );
  stage.violations.none();
}

/** Without `consoleOrigins`, the policy blocks the frame; the link of the page works. */
async function byLink(stage: Stage): Promise<void> {
  const { page } = stage.user;
  const path = await instance(stage);
  stage.proxy.asked.splice(0);
  await page.goto(new URL(`${path}/?tab=instance_details__console`, page.url()).href);
  await blocked(page, stage);
  must(stage.proxy.asked.length === 0, `the proxy was asked for ${stage.proxy.asked.join(', ')}`);
  await stage.shoot('console-link');
  await page.click('a:has-text("Click here to show only console")');
  await page.waitForURL((url) => url.hostname === CONSOLE);
  must((await page.content()).includes(SHELL), 'the link does not show the console');
  await stage.user.open('/project/instances/', 'web-1');
}

async function blocked(page: Page, { violations }: Stage): Promise<void> {
  await page.locator('#console_embed').waitFor();
  await until('the browser reports the frame', 180, () =>
    violations.all.some(({ directive }) => directive === 'frame-src'),
  );
  const other = violations.take().filter(({ directive }) => directive !== 'frame-src');
  must(other.length === 0, JSON.stringify(other));
}

export const CONSOLES: Checks<Stage> = [
  ['pages show VNC and serial consoles, and the policy allows them', inPages],
];
export const SPICE: Checks<Stage>[number] = [
  'pages show SPICE consoles, and the policy allows them',
  withSpice,
];
export const BY_LINK: Checks<Stage>[number] = [
  'a console whose origin is not in the settings opens by its link',
  byLink,
];
