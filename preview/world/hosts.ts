import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { AwsServices } from '../cloud/aws/aws-services';
import { MetadataService } from '../cloud/aws/metadata';
import { LoadBalancer } from '../cloud/load-balancer/load-balancer';
import { Authority } from '../cloud/network/pki';
import { Fleet, GroupState, ScalingGroup } from '../cloud/scaling-group';
import { GATEWAY } from '../machine/image';
import { Machine } from '../machine/machine';
import type { HostPlan, ImageStage, InstancePlan, Plan, Role } from '../stack/plan';
import type { HostOptions, HostState } from './calls';
import { ADDRESSES, BRIDGE, LOCAL_NAMES, PREFIX } from './network';

interface Host {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  machine: Machine;
}

/** What is around hosts. */
export interface Surroundings {
  readonly directory: string;
  readonly controlGroup: string;
  readonly authority: Authority;
  readonly aws: AwsServices;
  readonly balancer: LoadBalancer;
  readonly metadata: MetadataService;
}

/** The hosts of the stack and their scaling groups. */
export class Hosts {
  private readonly byRole = new Map<Role, ScalingGroup>();
  /** How the next host of a role is launched. */
  private readonly launching = new Map<Role, HostOptions>();
  private readonly off = new WeakMap<Machine, Promise<void>>();
  private readonly rebooting = new Set<string>();
  /** The roles whose groups launch hosts by themselves. */
  private readonly replacing = new Set<Role>();
  /** A host is being launched by a deployment. */
  private deploying = false;
  private readonly hosts: Host[] = [];
  private numbers = 0;
  private reboots = 0;

  constructor(
    public plan: Plan,
    private readonly around: Surroundings,
  ) {
    for (const host of plan.hosts) {
      this.byRole.set(host.role, new ScalingGroup(host, this.fleet(host)));
    }
  }

  public get groups(): ScalingGroup[] {
    return [...this.byRole.values()];
  }

  public get groupStates(): Record<string, GroupState> {
    return Object.fromEntries([...this.byRole].map(([role, group]) => [role, group.state]));
  }

  public get states(): HostState[] {
    return this.hosts.map((host) => this.state(host));
  }

  /** Configures future hosts from another template. */
  public update(plan: Plan): void {
    this.plan = plan;
    for (const host of plan.hosts) {
      this.group(host.role).plan = host;
    }
  }

  public machine(id: string): Machine {
    return this.host(id).machine;
  }

  /** A host that a deployment adds to its group. */
  public async add(options: HostOptions): Promise<HostState> {
    this.launching.set(options.role, options);
    const group = this.group(options.role);
    group.desired += 1;
    // Until it has begun, which is at once.
    this.deploying = true;
    const launched = group.launch('it was asked for');
    this.deploying = false;
    return this.state(this.host(await launched));
  }

  /** An instance of a bake: in no group, and nothing waits for its signal. */
  public async addOfImage(options: HostOptions, stage: ImageStage): Promise<HostState> {
    const template = this.group(options.role).plan.image[stage];
    if (template === undefined) {
      throw new Error(`the template builds no machine image of ${options.role} hosts`);
    }
    const kind = `${options.role}-${stage}`;
    return this.state(this.host(await this.launch(options, template, kind)));
  }

  /** Copies what an instance that has powered itself off wrote to its volume. */
  public async copyVolume(id: string, directory: string): Promise<void> {
    const { machine, name } = this.host(id);
    if (machine.running) {
      throw new Error(`${name} still runs`);
    }
    await machine.copyVolume(directory);
    await machine.destroyVolume();
  }

  /** A group that a deployment makes: it launches hosts, and replaces them from now on. */
  public async manage(options: HostOptions, desired: number): Promise<void> {
    const group = this.group(options.role);
    const there = group.state.members.filter(({ lifecycle }) => lifecycle === 'InService').length;
    for (let count = there; count < desired; count++) {
      await this.add(options);
    }
    this.launching.set(options.role, options);
    this.replacing.add(options.role);
    group.manage(desired);
  }

  /** Terminates an instance as somebody may who is not its group. */
  public async powerOff(id: string): Promise<void> {
    const { role } = this.host(id);
    if (!this.replacing.has(role)) {
      this.around.balancer.deregister(id);
    }
    this.group(role).gone(id);
    await this.powerOffMachine(id);
  }

  /** Terminates an instance as EC2 does: its system shuts down first, for as long as EC2 waits. */
  public async terminate(id: string): Promise<void> {
    this.around.balancer.deregister(id);
    this.group(this.host(id).role).gone(id);
    await this.shutDown(id);
  }

  /** Takes an instance out of its group: it answers what it was sent, and is terminated. */
  public async remove(id: string): Promise<void> {
    await this.group(this.host(id).role).remove(id);
  }

  /** Terminates an instance as its group's API does: the group launches another one. */
  public async terminateInGroup(id: string): Promise<void> {
    await this.group(this.host(id).role).replaceOne(id);
  }

  /** Replaces all hosts of a group. */
  public async refresh(role: Role): Promise<void> {
    await this.group(role).refresh();
  }

  /** Changes how many hosts a group keeps. */
  public async scale(role: Role, desired: number): Promise<void> {
    await this.group(role).scale(desired);
  }

  /** Groups replace no host by themselves, as in a deployment, until they are managed again. */
  public suspend(): void {
    this.groups.forEach((group) => group.suspend());
  }

  /** Takes a host's plug out and in again: it boots from its disk, as an instance that is rebooted. */
  public async reboot(id: string): Promise<void> {
    const host = this.host(id);
    this.rebooting.add(id);
    try {
      await host.machine.powerOff();
      const { options } = host.machine;
      const cgroup = `${options.cgroup}.${++this.reboots}`;
      host.machine = await Machine.powerOn({ ...options, cgroup, files: {} });
    } finally {
      this.rebooting.delete(id);
    }
    this.register(host);
  }

  /** Sends a host no more requests; a reboot ends that. */
  public async drain(id: string): Promise<void> {
    this.host(id);
    await this.around.balancer.drain(id);
  }

  /** What a group may do with the machines of its role. */
  private fleet({ role }: HostPlan): Fleet {
    return {
      launch: () => this.powerOn(role),
      runs: (id: string) => this.rebooting.has(id) || this.host(id).machine.running,
      powerOff: (id: string) => this.shutDown(id),
      register: (id: string) => this.register(this.host(id)),
      drain: (id: string) => this.around.balancer.drain(id),
      targets: (id: string) =>
        this.around.balancer.targets.filter(({ instance }) => instance === id),
    };
  }

  private group(role: Role): ScalingGroup {
    const group = this.byRole.get(role);
    if (group === undefined) {
      throw new Error(`the template has no ${role} hosts`);
    }
    return group;
  }

  private async powerOn(role: Role): Promise<string> {
    const { deploying } = this;
    const options = this.launching.get(role);
    if (options === undefined) {
      throw new Error(`no image is known for ${role} hosts`);
    }
    // What a group launches by itself is no part of a deployment.
    const signals = !this.replacing.has(role) || deploying;
    const { plan: group } = this.group(role);
    return this.launch(options, group, role, signals ? group.group : undefined);
  }

  /**
   * Powers an instance on.
   *
   * @param kind what its name begins with
   * @param awaiting the resource of the stack that waits for its signal
   */
  private async launch(
    options: HostOptions,
    template: InstancePlan,
    kind: string,
    awaiting?: string,
  ): Promise<string> {
    const { plan } = this;
    const { directory, controlGroup, authority } = this.around;
    const { role } = options;
    const id = `i-0${randomBytes(8).toString('hex')}`;
    const number = ++this.numbers;
    const name = `${kind}-${number}`;
    const address = `10.77.2.${number}`;
    const credentials = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      token: randomBytes(120).toString('base64'),
    };
    const { region, account } = plan;
    this.around.aws.admit({
      credentials,
      statements: template.statements,
      arn: `arn:aws:sts::${account}:assumed-role/${template.roleName}/${id}`,
      roleArn: `arn:aws:iam::${account}:role/${template.roleName}`,
      account,
    });
    if (awaiting !== undefined) {
      this.around.aws.cloudFormation.awaitSignal(awaiting, id);
    }
    this.around.metadata.add({
      id,
      address,
      region,
      account,
      userData: template.userData,
      roleName: template.roleName,
      credentials,
      tags: { Name: name, 'aws:autoscaling:groupName': this.group(role).plan.scaling.name },
      options: template.metadata,
      lifecycle: () => (this.group(role).has(id) ? 'InService' : undefined),
      connectKeys: options.connectKeys,
    });
    const bundle = '/etc/ssl/certs/ca-certificates.crt';
    const machine = await Machine.powerOn({
      name: `ip-${address.replaceAll('.', '-')}`,
      layers: options.layers,
      scratch: path.join(directory, 'world', name),
      address,
      prefix: PREFIX,
      gateway: GATEWAY,
      bridge: BRIDGE,
      console: path.join(directory, `${name}.console.log`),
      cgroup: path.join(controlGroup, name),
      files: {
        '/etc/hosts': LOCAL_NAMES,
        '/etc/resolv.conf': `nameserver ${ADDRESSES.dns}\n`,
        '/usr/local/share/ca-certificates/preview.crt': authority.cert,
        [bundle]: topmost(options.layers, bundle) + authority.cert,
        ...options.files,
      },
    });
    this.hosts.push({ id, name, role, machine });
    return id;
  }

  /** A system that cannot shut down, or takes too long, loses its power all the same. */
  private async shutDown(id: string): Promise<void> {
    const { machine } = this.host(id);
    if (machine.running) {
      await machine.shutDown().catch(() => undefined);
    }
    await this.powerOffMachine(id);
  }

  /** Once per machine, whoever asks: its group, a test or both. */
  private powerOffMachine(id: string): Promise<void> {
    const { machine } = this.host(id);
    const off = this.off.get(machine) ?? this.pullPlug(id, machine);
    this.off.set(machine, off);
    return off;
  }

  private async pullPlug(id: string, machine: Machine): Promise<void> {
    this.around.aws.cloudFormation.forget(id);
    await machine.powerOff();
    if (fs.existsSync(machine.options.scratch)) {
      await machine.destroyVolume();
    }
  }

  private register({ id, role, machine }: Host): void {
    const group = this.plan.hosts.find((other) => other.role === role);
    group?.targetGroups.forEach((arn) =>
      this.around.balancer.register(arn, id, machine.options.address),
    );
  }

  private host(id: string): Host {
    const host = this.hosts.find((candidate) => candidate.id === id);
    if (host === undefined) {
      throw new Error(`there is no host ${id}`);
    }
    return host;
  }

  private state({ id, name, role, machine }: Host): HostState {
    const success = this.around.aws.cloudFormation.signals.find(
      ({ instance, status }) => instance === id && status === 'SUCCESS',
    );
    const { address, console } = machine.options;
    const { poweredOnAt, running } = machine;
    const member = this.group(role).state.members.find(({ instance }) => instance === id);
    return {
      ...{ id, name, role, address, console, poweredOnAt, running },
      signalledAt: success?.at,
      lifecycle: member?.lifecycle ?? 'Pending',
      inServiceAt: member?.inServiceAt,
    };
  }
}

/** A file as the topmost layer of an image has it. */
function topmost(layers: string[], file: string): string {
  const layer = layers.find((candidate) => fs.existsSync(path.join(candidate, file)));
  return layer === undefined ? '' : fs.readFileSync(path.join(layer, file), 'utf8');
}
