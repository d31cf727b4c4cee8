import { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Authority } from '../cloud/network/pki';
import {
  CatalogEntry,
  growCommand,
  KeystoneClient,
  KeystonePlace,
  keystoneProgram,
  populate,
  readDatabase,
} from '../cloud/openstack/keystone';
import { children } from '../shared/processes';
import { run } from '../shared/run';
import type { KeystoneCall, WorldOptions } from './calls';
import type { FederatedKeystone } from './federation';
import type { ServicePrograms } from './service-programs';

/** A Keystone with users of its own. */
export class Keystone {
  private service?: ChildProcess;
  private readonly client: KeystoneClient;

  constructor(
    private readonly place: KeystonePlace,
    private readonly options: WorldOptions,
    private readonly authority: Authority,
    private readonly federated?: FederatedKeystone,
  ) {
    this.client = new KeystoneClient(place, authority.cert);
  }

  public get process(): ChildProcess | undefined {
    return this.service;
  }

  /** What another Keystone of the same cloud begins with. */
  public get database(): Record<string, string> {
    const root = rootOf(this.service);
    if (root === undefined) {
      throw new Error('Keystone is not running');
    }
    return readDatabase(root);
  }

  /**
   * @param program its name, in logs
   * @param names in its certificate
   * @param catalog what else is in its catalog
   */
  public async start(
    programs: ServicePrograms,
    program: string,
    names: readonly string[],
    catalog: readonly CatalogEntry[],
  ): Promise<void> {
    const { directory, keystone = {}, keystoneSettings, fullCloud, ...users } = this.options;
    const adminPassword = randomBytes(18).toString('base64url');
    const { files, command } = keystoneProgram(this.place, {
      adminPassword,
      certificate: await this.authority.issue(...names),
      database: keystone,
      ...(keystoneSettings === undefined ? {} : { settings: keystoneSettings }),
      instead: this.federated?.program(),
    });
    const service = programs.start(program, command, files);
    this.service = service;
    const ended = new Promise<never>((_, reject) =>
      service.once('exit', (code) => reject(new Error(`${program} ended with ${code}`))),
    );
    try {
      const ready = this.client.answers();
      const keepPasswords = keystoneSettings !== undefined;
      const { size } = this.options;
      const grow = size && (() => inside(service, growCommand(size)));
      const filled =
        this.options.keystone === undefined
          ? ready.then(() =>
              populate(this.client, adminPassword, {
                ...users,
                catalog,
                keepPasswords,
                grow,
                filled: fullCloud,
              }),
            )
          : ready;
      await Promise.race([filled, ended]);
      this.federated?.register(rootOf(service) ?? '');
    } catch (error) {
      const log = fs.readFileSync(path.join(directory, `logs/${program}.log`), 'utf8');
      throw new Error(`${(error as Error).message}\n${log.split('\n').slice(-30).join('\n')}`, {
        cause: error,
      });
    }
    ended.catch(() => undefined);
  }

  /** As its administrator. */
  public async call({ method, path: url, body, subject }: KeystoneCall) {
    const headers: Record<string, string> =
      subject === undefined ? {} : { 'x-subject-token': subject };
    return (await this.client.call(method, url, body, headers)).body;
  }
}

/** The root directory of a service, as it sees it. */
export function rootOf(service: ChildProcess | undefined): string | undefined {
  const [pid] = service?.pid === undefined ? [] : children(service.pid);
  return pid === undefined ? undefined : `/proc/${pid}/root`;
}

/** Runs a command where a service runs. */
async function inside(service: ChildProcess, command: string[]): Promise<void> {
  const [pid] = service.pid === undefined ? [] : children(service.pid);
  await run('nsenter', ['--target', String(pid), '--mount', '--root', '--wd', ...command]);
}
