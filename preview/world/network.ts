import * as net from 'node:net';
import * as path from 'node:path';
import { NameServer } from '../cloud/network/dns';
import { allowDrops } from '../cloud/network/outage';
import { APT_PROXY_PORT, GATEWAY } from '../machine/image';
import { listening } from '../shared/listening';
import { run } from '../shared/run';

/** Of the addresses of the preview's network. */
export const PREFIX = 16;
/** Every other name is in the VPC's DNS. */
export const LOCAL_NAMES = '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n';
export const BRIDGE = 'preview';
export const ADDRESSES = {
  loadBalancer: '10.77.0.2',
  s3: '10.77.0.3',
  keystone: '10.77.0.4',
  secretsmanager: '10.77.0.5',
  cloudformation: '10.77.0.6',
  autoscaling: '10.77.0.7',
  objectStore: '10.77.0.8',
  services: '10.77.0.9',
  logs: '10.77.0.10',
  identity: '10.77.0.20',
  metadata: '169.254.169.254',
  dns: '169.254.169.253',
};

/** The preview's network: a bridge with an address for each service, and names. */
export class Network {
  public readonly dns = new NameServer();
  private hosts = LOCAL_NAMES;
  private addresses = 0;
  private readonly opened = new Set<number>();

  /** All names, as services find them. */
  public get hostsFile(): string {
    return this.hosts;
  }

  /** Makes the bridge to which hosts are plugged. */
  public async make(): Promise<void> {
    await run('ip', ['link', 'set', 'lo', 'up']);
    // An address of its own: it would take that of one of its ports, and hosts that know it would lose
    // their way when that host leaves.
    await run('ip', ['link', 'add', BRIDGE, 'address', '02:00:0a:4d:00:01', 'type', 'bridge']);
    await run('ip', ['link', 'set', BRIDGE, 'up']);
    for (const address of [GATEWAY, ...Object.values(ADDRESSES)]) {
      await this.addAddress(address);
    }
    await allowDrops();
  }

  private async addAddress(address: string): Promise<void> {
    const prefix = address.startsWith('10.') ? PREFIX : 32;
    await run('ip', ['address', 'add', `${address}/${prefix}`, 'dev', BRIDGE]);
  }

  /** One more address of the preview, for a service. */
  public async nextAddress(): Promise<string> {
    const address = `10.77.1.${++this.addresses}`;
    await this.addAddress(address);
    return address;
  }

  /** Names that lead to an address, for hosts and for services. */
  public name(address: string, ...names: string[]): void {
    this.hosts += names.map((name) => `${address} ${name}\n`).join('');
    names.forEach((name) => this.dns.set(name, address));
  }

  /** The ports at which browsers outside reach services that are not the load balancer. */
  public get ways(): number[] {
    return [...this.opened];
  }

  /** Lets browsers outside reach a port of a service, by a Unix socket. */
  public openWay(directory: string, address: string, port: number): Promise<void> {
    const server = net.createServer((browser) => {
      const inside = net.connect(port, address);
      browser.pipe(inside).pipe(browser);
      browser.on('error', () => inside.destroy());
      inside.on('error', () => browser.destroy());
    });
    this.opened.add(port);
    return listening(server, (ready) =>
      server.listen(path.join(directory, `way-${port}.sock`), ready),
    );
  }

  /** What apt asks leaves by a Unix socket, which alone reaches the machine's own network. */
  public listenForApt(directory: string): Promise<void> {
    const server = net.createServer((client) => {
      const outside = net.connect(path.join(directory, 'apt.sock'));
      client.pipe(outside).pipe(client);
      client.on('error', () => outside.destroy());
      outside.on('error', () => client.destroy());
    });
    return listening(server, (ready) => server.listen(APT_PROXY_PORT, GATEWAY, ready));
  }
}
