import { randomInt } from 'node:crypto';
import * as path from 'node:path';
import type { ServiceFault } from '../cloud/openstack/front';
import { sleep } from '../shared/run';
import type { Role } from '../stack/plan';
import type { HostState } from '../world/calls';
import type { Preview } from './preview';

/** What a command has to work with. */
export interface Context {
  readonly preview: Preview;
  readonly args: readonly string[];
  /** The folder in which it was given. */
  readonly folder: string;
  readonly say: (text: string) => void;
}

interface Command {
  /** What its arguments are. */
  readonly usage: string;
  readonly purpose: string;
  /** It changes nothing, and does not wait for others that do. */
  readonly reads?: boolean;
  run(context: Context): Promise<void>;
}

/** How long a secret is, and of what: as docs/rotation.md generates it. */
const SECRET = { length: 96, of: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789' };

/** What can be done to a preview that runs. Each stands for a step of docs/operations.md. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  hosts: {
    usage: 'hosts',
    reads: true,
    purpose: 'lists the hosts',
    run: async ({ preview, say }) => {
      const targets = await preview.call('targets');
      for (const { id, name, lifecycle, running, console } of await preview.call('hosts')) {
        const health = targets.find(({ instance }) => instance === id)?.health ?? '-';
        const state = running ? lifecycle : 'Terminated';
        say([name.padEnd(13), id, state.padEnd(13), health.padEnd(9), console].join('  '));
      }
    },
  },
  refresh: {
    usage: 'refresh [ROLE]',
    purpose: 'replaces all hosts, as an instance refresh does; ROLE is dashboard or static',
    run: async ({ preview, args: [role], say }) => {
      const roles = role === undefined ? preview.plan.hosts.map((host) => host.role) : [role];
      await Promise.all(
        roles.map(async (one) => {
          await preview.call('refresh', roleOf(preview, one));
          say(`all ${one} hosts are replaced`);
        }),
      );
    },
  },
  terminate: {
    usage: 'terminate HOST',
    purpose: 'terminates one host and keeps the capacity',
    run: async ({ preview, args: [host], say }) => {
      const { id, role } = await hostOf(preview, host);
      await preview.call('terminateInGroup', id);
      say('it is terminated, and another host starts');
      await settled(preview, role);
    },
  },
  scale: {
    usage: 'scale ROLE N',
    purpose: 'changes how many hosts a group keeps',
    run: async ({ preview, args: [role, count = ''] }) => {
      if (!/^\d{1,3}$/.test(count)) {
        throw new Error(`scale must get a number of hosts, got '${count}'`);
      }
      const known = roleOf(preview, role);
      await preview.call('scale', known, Number(count));
      await settled(preview, known);
    },
  },
  rotate: {
    usage: 'rotate',
    purpose: 'gives the secret key a new version',
    run: async ({ preview, say }) => {
      const letters = Array.from(
        { length: SECRET.length },
        () => SECRET.of[randomInt(SECRET.of.length)],
      );
      await preview.call('rotateSecrets', letters.join(''));
      say('hosts find the new version within six minutes');
    },
  },
  nodes: {
    usage: 'nodes',
    reads: true,
    purpose: 'lists the nodes of memcached',
    run: async ({ preview, say }) => (await preview.call('cacheNodes')).forEach(say),
  },
  'fail-node': {
    usage: 'fail-node NODE',
    purpose: 'kills a node of memcached and replaces it with an empty one after 30 seconds',
    run: async ({ preview, args: [node = ''], say }) => {
      await preview.call('cacheNode', node, 'kill');
      say('it is down');
      await sleep(30000);
      await preview.call('cacheNode', node, 'start');
      say('it is replaced');
    },
  },
  latency: {
    usage: 'latency SERVICE MS',
    purpose: 'delays each answer of an OpenStack service, such as keystone or nova, or of all',
    run: async ({ preview, args: [service = '', milliseconds = ''] }) => {
      if (!/^\d{1,6}$/.test(milliseconds)) {
        throw new Error(`latency must get a service and milliseconds, got '${milliseconds}'`);
      }
      await (service === 'all'
        ? preview.call('latency', Number(milliseconds))
        : preview.call('serviceLatency', service, Number(milliseconds)));
    },
  },
  fault: {
    usage: 'fault SERVICE KIND',
    purpose:
      'lets a service such as nova answer with a status from 400 on, hang, refuse or drop; or none',
    run: async ({ preview, args: [service = '', kind = ''] }) => {
      await preview.call('serviceFault', service, faultOf(kind));
    },
  },
  deploy: {
    usage: 'deploy TEMPLATE',
    purpose: 'deploys another template of the stack: replaces hosts and memcached as it needs to',
    run: async ({ preview, args: [template], folder }) => {
      if (template === undefined) {
        throw new Error('deploy must get the file of a template, got none');
      }
      await preview.deploy(path.resolve(folder, template));
    },
  },
  run: {
    usage: 'run HOST COMMAND…',
    reads: true,
    purpose: 'runs a command on a host, as root',
    run: async ({ preview, args: [host, ...command], say }) => {
      if (command.length === 0) {
        throw new Error('run must get a host and a command, got no command');
      }
      const { id } = await hostOf(preview, host);
      say((await preview.call('exec', id, command)).trimEnd());
    },
  },
  logs: {
    usage: 'logs [HOST]',
    reads: true,
    purpose: 'prints what hosts sent to CloudWatch Logs',
    run: async ({ preview, args: [host], say }) => {
      const id = host === undefined ? undefined : (await hostOf(preview, host)).id;
      (await preview.call('logEvents', id)).forEach(({ message }) => say(message));
    },
  },
};

/** A list of them, for the help. */
export function listOfCommands(): string {
  const lines = Object.values(COMMANDS).map(
    ({ usage, purpose }) => `  ${usage.padEnd(25)}${purpose}`,
  );
  return `${lines.join('\n')}\n`;
}

export function commandOf(name: string): Command {
  if (!Object.hasOwn(COMMANDS, name)) {
    throw new Error(`command must be one of ${Object.keys(COMMANDS).join(', ')}, got '${name}'`);
  }
  return COMMANDS[name];
}

function faultOf(kind: string): ServiceFault | undefined {
  if (/^[45]\d\d$/.test(kind)) {
    return Number(kind);
  }
  if (!['none', 'hang', 'refuse', 'drop'].includes(kind)) {
    throw new Error(
      `the fault must be none, hang, refuse, drop, or a status from 400 to 599, got '${kind}'`,
    );
  }
  return kind === 'none' ? undefined : (kind as ServiceFault);
}

function roleOf({ plan }: Preview, name = ''): Role {
  const found = plan.hosts.find(({ role }) => role === name);
  if (found === undefined) {
    const roles = plan.hosts.map(({ role }) => role);
    throw new Error(`the role of hosts must be ${roles.join(' or ')}, got '${name}'`);
  }
  return found.role;
}

async function hostOf(preview: Preview, name = ''): Promise<HostState> {
  const hosts = (await preview.call('hosts')).filter(({ running }) => running);
  const found = hosts.find((host) => host.name === name || host.id === name);
  if (found === undefined) {
    throw new Error(
      `the host must be one of ${hosts.map((host) => host.name).join(', ')}, got '${name}'`,
    );
  }
  return found;
}

/** Waits until a group has the hosts that it should have, and the load balancer sends them traffic. */
async function settled(preview: Preview, role: Role): Promise<void> {
  for (;;) {
    const { desired, members } = (await preview.call('groups'))[role];
    const serving = members.filter(({ lifecycle }) => lifecycle === 'InService');
    const others = members.filter(({ lifecycle }) => /Pending|Terminating/.test(lifecycle));
    if (serving.length === desired && others.length === 0) {
      await Promise.all(serving.map(({ instance }) => preview.inService(instance)));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
