import { ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as path from 'node:path';
import type { Authority } from '../cloud/network/pki';
import { ServiceFault, ServiceFront } from '../cloud/openstack/front';
import { FULL_CLOUD_SERVICES, fullCloudProgram } from '../cloud/openstack/full-cloud';
import { until } from '../shared/run';
import type { Network } from './network';
import type { ServicePrograms } from './service-programs';

/** Services that scripts of the dashboard ask themselves, with `ImageUpload.direct`. */
const FOR_BROWSERS = ['glance'];

/** OpenStack's own services, each behind TLS of ours that can delay or fail its answers. */
export class FullCloud {
  /** All services, once they have started. */
  public program?: ChildProcess;
  private readonly fronts: ServiceFront[] = [];

  constructor(
    private readonly authority: Authority,
    private readonly programs: ServicePrograms,
    private readonly logs: string,
  ) {}

  /** Names the services. They start when all names are known. */
  public async prepare(network: Network, directory: string): Promise<void> {
    for (const { name, host, port } of FULL_CLOUD_SERVICES) {
      const address = await network.nextAddress();
      network.name(address, host);
      const front = new ServiceFront(name, address, port, await this.authority.issue(host));
      await front.listen();
      this.fronts.push(front);
      if (FOR_BROWSERS.includes(name)) {
        await network.openWay(directory, address, port);
      }
    }
  }

  /** Waits until all services answer: Nova waits for Keystone. */
  public async start(names: readonly string[]): Promise<void> {
    const origins = names.map((name) => `https://${name}`);
    const { files, command } = fullCloudProgram(this.authority.cert, origins);
    const program = this.programs.start('services', command, files);
    this.program = program;
    for (const { port, name } of FULL_CLOUD_SERVICES) {
      await until(`${name} answers`, 180, () => {
        if (program.exitCode !== null) {
          const log = fs.readFileSync(path.join(this.logs, 'services.log'), 'utf8');
          throw new Error(`the services ended:\n${log.slice(-2000)}`);
        }
        return answers(port);
      });
    }
  }

  /** From now on each answer of a service, or of all, takes so many milliseconds more. */
  public latency(milliseconds: number, service?: string): void {
    const fronts = service === undefined ? this.fronts : [this.front(service)];
    fronts.forEach((front) => (front.latency = milliseconds));
  }

  /** Ends the fault of a service, and begins another if one is given. */
  public async fault(service: string, fault?: ServiceFault): Promise<void> {
    await this.front(service).fail(fault);
  }

  private front(name: string): ServiceFront {
    const found = this.fronts.find((front) => front.name === name);
    if (found === undefined) {
      const names = this.fronts.map((front) => front.name).join(', ');
      throw new Error(`the service must be one of ${names}, got '${name}'`);
    }
    return found;
  }
}

/** Whether a server of HTTP answers at a port of the loopback address. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, timeout: 10_000 }, (response) => {
      response.resume();
      resolve(true);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
