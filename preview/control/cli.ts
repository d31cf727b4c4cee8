#!/usr/bin/env node
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { DEFAULT_CACHE, DEFAULT_MIRROR, Progress } from '../machine/image';
import { READY_APP } from './assembly';
import { check } from './check';
import { commandOf, listOfCommands } from './commands';
import { directions, federationDirections } from './directions';
import { PreviewOptions } from './options';
import { Preview } from './preview';
import { PROGRAM } from './program';
import { acceptCommands, command } from './remote';

const HELP = `Runs the hosts of a synthesized stack on this Linux machine. Needs root.

usage: ${PROGRAM} [options]
       ${PROGRAM} COMMAND [arguments]   while it runs, in another terminal

  --template FILE          default ${READY_APP}, or the only template in
                           cdk.out that has a dashboard
  --check                  prints what would run and what this machine lacks, and starts nothing
  --parameter NAME=VALUE   a parameter of the template; may be repeated
  --dashboard-hosts N      from 1 to 100, default 2
  --static-hosts N         from 1 to 100, default 1
  --address ADDRESS        an IP address of this machine at which the browser comes in, default
                           127.0.0.1; elsewhere its names must lead there, see what is printed
  --https-port PORT        default 443
  --http-port PORT         default 80; redirects to the HTTPS port
  --cloud SIZE             small: stand-ins for Nova, Glance, Neutron, Cinder and Placement; full: these
                           and Swift as Debian has them, with --federation; none: Keystone alone.
                           Default small
  --federation             Keystone in Apache with single sign-on: two OpenID Connect providers and
                           one of SAML
  --cache DIRECTORY        keeps images, default ${DEFAULT_CACHE}
  --mirror URL             Debian's archives, default ${DEFAULT_MIRROR}
  --help                   prints this

commands:
${listOfCommands()}
A preview is no sandbox: what runs as root on its hosts can become root on this machine.
`;

interface Arguments {
  readonly help: boolean;
  readonly check: boolean;
  readonly options: PreviewOptions;
}

function read(args: string[]): Arguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      template: text,
      parameter: { type: 'string', multiple: true },
      'dashboard-hosts': text,
      'static-hosts': text,
      address: text,
      'https-port': text,
      'http-port': text,
      cloud: text,
      federation: { type: 'boolean' },
      cache: text,
      mirror: text,
      check: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const number = (name: 'dashboard-hosts' | 'static-hosts' | 'https-port' | 'http-port') => {
    const value = values[name];
    if (value !== undefined && !/^\d{1,5}$/.test(value)) {
      throw new Error(`--${name} must be a number, got '${value}'`);
    }
    return value === undefined ? undefined : Number(value);
  };
  const parameters = (values.parameter ?? []).map((given) => {
    const match = /^(\w+)=(.*)$/s.exec(given);
    if (match === null) {
      throw new Error(`--parameter must be NAME=VALUE, got '${given}'`);
    }
    return [match[1], match[2]] as const;
  });
  const { cloud = 'small' } = values;
  if (!['small', 'full', 'none'].includes(cloud)) {
    throw new Error(`--cloud must be small, full or none, got '${cloud}'`);
  }
  return {
    help: values.help ?? false,
    check: values.check ?? false,
    options: {
      ...(values.address === undefined ? {} : { address: addressOf(values.address) }),
      template: values.template,
      parameters: Object.fromEntries(parameters),
      dashboardHosts: number('dashboard-hosts'),
      staticHosts: number('static-hosts'),
      httpsPort: number('https-port'),
      httpPort: number('http-port'),
      services: cloud !== 'none',
      fullCloud: cloud === 'full',
      federation: cloud === 'full' || values.federation === true,
      cache: values.cache ?? process.env.OPENSTACK_DASHBOARD_PREVIEW_CACHE,
      mirror: values.mirror,
    },
  };
}

function addressOf(given: string): string {
  if (isIP(given) === 0) {
    throw new Error(`--address must be an IP address, got '${given}'`);
  }
  return given;
}

const began = Date.now();

const say = (text: string): void => {
  const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`${seconds} s  ${text}\n`);
};

const progress: Progress = async (step, work) => {
  const start = Date.now();
  say(`${step} …`);
  const result = await work();
  say(`${step}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return result;
};

/** Gives a command to a preview that runs already. */
async function give(args: string[]): Promise<void> {
  await command(args, (text) => process.stdout.write(`${text}\n`));
  if (commandOf(args[0]).reads !== true) {
    say('done');
  }
}

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  if (given.length > 0 && !given[0].startsWith('-')) {
    await give(given);
    return;
  }
  const { help, check: checks, options } = read(given);
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  if (checks) {
    const { text, ok } = check(options);
    process.stdout.write(text);
    process.exitCode = ok ? 0 : 1;
    return;
  }
  const preview = new Preview({ ...options, progress });
  let stopping = false;
  const stop = () => {
    if (!stopping) {
      stopping = true;
      say('taking everything down …');
      preview.stop().then(() => process.exit(0), fail);
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  try {
    await preview.boot();
  } catch (error) {
    if (stopping) {
      return;
    }
    await preview.stop();
    throw error;
  }
  await acceptCommands(preview);
  const hosts = await preview.call('hosts');
  const page = options.services === true ? 'project/instances/' : 'identity/';
  const address = options.address ?? '127.0.0.1';
  const federation =
    options.federation === true ? federationDirections(address, preview.keystoneNames) : '';
  process.stdout.write(`${directions(preview, address, page)}${federation}
${hosts.map(({ name, console }) => `  console of ${name.padEnd(12)} ${console}`).join('\n')}

  Ctrl-C takes everything down. Meanwhile, in another terminal: ${PROGRAM} COMMAND
  (${PROGRAM} --help lists the commands)
`);
}

function fail(error: Error): void {
  process.stderr.write(`preview: ${error.message}\n`);
  process.exit(1);
}

main().catch(fail);
