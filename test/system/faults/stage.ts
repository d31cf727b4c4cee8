import * as https from 'node:https';
import { AddHostOptions, HostState, Preview, Role } from '../../../preview';
import { sleep, until } from '../../../preview/shared/run';
import { previewAgent } from '../harness/agent';
import { measure, must } from '../harness/checks';
import { cookieHeader } from '../../../preview/world/load';
import { Visitor, Way } from '../harness/visitors';

/** A page that does not need what is away is answered within this time. */
const ANSWER = 5000;
/** A host that cannot serve is out of traffic within this time. */
export const OUT = 30000;

export interface Stage {
  readonly preview: Preview;
  readonly way: Way;
  readonly address: string;
  readonly visitor: Member;
  /** A file of a release. */
  readonly file: string;
  /** How long what is away stays away, in seconds. */
  readonly seconds: number;
}

/** Somebody who downloads slowly. */
export class Member extends Visitor {
  private readonly agent: https.Agent;

  constructor(
    way: Way,
    name: string,
    private readonly ca: string,
    private readonly address: string,
  ) {
    super(way, name);
    this.agent = previewAgent(this.ca, this.address, 32);
  }

  /** Begins a download; gives the status, once there is one, and a way to end it. */
  public download(path: string): { status: Promise<number>; end: () => void } {
    const request = https.get(new URL(path, this.way.origin), {
      agent: this.agent,
      headers: { cookie: cookieHeader(this.cookies) },
    });
    const status = new Promise<number>((resolve) => {
      request.on('response', (response) => {
        response.on('error', () => undefined).resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', () => resolve(0));
    });
    return { status, end: () => request.destroy() };
  }

  public get(path: string) {
    return this.way.request(path, { ...this.cookies }, { ajax: true });
  }

  public close(): void {
    this.agent.destroy();
  }
}

/** What is asked for all the time while something is away. */
export type Probe = 'file' | 'login page' | 'page';

interface Asked {
  readonly probe: Probe;
  readonly milliseconds: number;
  readonly status: number | string;
}

async function ask(stage: Stage, probe: Probe): Promise<Asked> {
  const began = Date.now();
  const path = { file: stage.file, 'login page': '/auth/login/', page: '/api/settings/' }[probe];
  try {
    const { status } =
      probe === 'page'
        ? await stage.visitor.get(path)
        : await stage.way.request(path, {}, { headers: { referer: '' } });
    return { probe, milliseconds: Date.now() - began, status };
  } catch (error) {
    return { probe, milliseconds: Date.now() - began, status: (error as Error).message };
  }
}

export const replaced = async ({ preview }: Stage) =>
  Object.values(await preview.call('groups')).flatMap((group) => group.replaced);

export const hostsOf = async ({ preview }: Stage, role: Role): Promise<HostState[]> =>
  (await preview.call('hosts')).filter(
    (host) => host.role === role && host.running && host.lifecycle === 'InService',
  );

/**
 * While something is away, no host leaves service and none is replaced, and pages that do not need it
 * are answered in time.
 */
export async function unharmed(
  stage: Stage,
  what: string,
  probes: Probe[],
  begin: () => Promise<unknown>,
  end: () => Promise<unknown>,
): Promise<void> {
  const { preview } = stage;
  const start = Date.now();
  const before = (await replaced(stage)).length;
  const answers: Promise<Asked>[] = [];
  try {
    await begin();
    while (Date.now() - start < stage.seconds * 1000) {
      answers.push(...probes.map((probe) => ask(stage, probe)));
      await sleep(1000);
    }
  } finally {
    await end();
  }
  const asked = await Promise.all(answers);
  for (const probe of probes) {
    const times = asked.filter((one) => one.probe === probe).map((one) => one.milliseconds);
    measure(`${what}: slowest answer, ${probe}`, Math.max(...times), 'ms', ANSWER);
  }
  const left = (await preview.call('healthChanges')).filter(
    ({ at, health }) => at >= start && health === 'unhealthy',
  );
  const gone = (await replaced(stage)).slice(before);
  measure(`${what}: hosts out of service`, left.length, '', 0);
  measure(`${what}: hosts replaced`, gone.length, '', 0);
  const bad = asked.filter(({ status, milliseconds }) => status !== 200 || milliseconds > ANSWER);
  const said = bad
    .slice(0, 3)
    .map((one) => `${one.probe}: ${one.status} in ${one.milliseconds} ms`);
  must(left.length === 0, `out of service: ${left.map(({ reason }) => reason).join(', ')}`);
  must(gone.length === 0, `replaced: ${gone.map(({ reason }) => reason).join(', ')}`);
  must(bad.length === 0, `${bad.length} of ${asked.length} answers were bad: ${said.join('; ')}`);
}

/** Waits until the groups have as many healthy hosts in service as they should. */
export async function whole(stage: Stage, seconds = 300): Promise<void> {
  const { preview } = stage;
  await until('all groups have their hosts in service', seconds, async () => {
    const targets = await preview.call('targets');
    return Object.values(await preview.call('groups')).every(({ desired, members }) => {
      const serving = members.filter(({ instance, lifecycle, healthy }) => {
        const state = targets.find((target) => target.instance === instance)?.health;
        return lifecycle === 'InService' && healthy && state === 'healthy';
      });
      const alive = members.filter(({ lifecycle }) => !/^Terminat/.test(lifecycle));
      return serving.length === desired && alive.length === desired;
    });
  });
}

/** The status with which a host answers a page, asked as the load balancer asks. */
async function served(stage: Stage, host: HostState): Promise<string> {
  const name = host.role === 'static' ? stage.preview.staticName : stage.preview.name;
  const path = host.role === 'static' ? new URL(stage.file).pathname : '/auth/login/';
  const command = ['curl', '-sk', '-m', '4', '-o', '/dev/null', '-w', '%{http_code}'];
  const headers = ['-H', 'X-Forwarded-Proto: https', '-H', 'X-Forwarded-For: 192.0.2.1'];
  const where = ['--resolve', `${name}:443:127.0.0.1`, `https://${name}${path}`];
  try {
    return await stage.preview.call('exec', host.id, [...command, ...headers, ...where]);
  } catch (error) {
    return (error as Error).message.split('\n').slice(-1)[0];
  }
}

export interface Broken {
  readonly what: string;
  readonly role: Role;
  /** A script that breaks a host; none for what is done from outside. */
  readonly script?: string;
  readonly breaks?: (preview: Preview, id: string) => Promise<unknown>;
  /** The host cannot mend it: it has to leave, to say why, and to be replaced. */
  readonly reason?: RegExp;
}

/** A host that cannot serve heals, or is out of traffic soon, says why and is replaced. */
export async function leaves(stage: Stage, broken: Broken): Promise<void> {
  const { preview } = stage;
  const [host] = await hostsOf(stage, broken.role);
  const before = (await replaced(stage)).length;
  const start = Date.now();
  await (broken.breaks === undefined
    ? preview.call('exec', host.id, ['/bin/bash', '-c', broken.script ?? ''])
    : broken.breaks(preview, host.id));
  let good = 0;
  let status = '';
  let out: number | undefined;
  await until(
    `${broken.what}: ${host.name} is out of traffic or serves`,
    OUT / 1000 + 30,
    async () => {
      out = (await preview.call('healthChanges')).find(
        ({ at, instance, health }) => at >= start && instance === host.id && health === 'unhealthy',
      )?.at;
      if (out !== undefined) {
        return true;
      }
      status = await served(stage, host);
      good = status === '200' ? good + 1 : 0;
      // Twice, and not before gunicorn's arbiter has looked.
      return broken.reason === undefined && good >= 2 && Date.now() - start > 5000;
    },
    1000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it answers ${status}`, { cause: error });
  });
  const seconds = ((out ?? Date.now()) - start) / 1000;
  measure(
    `${broken.what}: until ${out === undefined ? 'it served again' : 'out of traffic'}`,
    seconds,
    's',
    OUT / 1000,
  );
  must(seconds * 1000 <= OUT, `it took ${seconds} s`);
  if (out === undefined) {
    return;
  }
  // The last time: faults before this one may have been on the same host.
  const said = preview
    .console(host)
    .match(/openstack-dashboard: UNHEALTHY: .*/g)
    ?.at(-1);
  process.stdout.write(`          ${said ?? 'nothing on its console'}\n`);
  await until(
    `${host.name} is being replaced`,
    120,
    async () => (await replaced(stage)).length > before,
  );
  await whole(stage);
  const back = (await hostsOf(stage, broken.role)).find(({ id }) => id === host.id);
  must(back === undefined, `${host.name} is still in service`);
  measure(`${broken.what}: until the group was whole again`, (Date.now() - start) / 1000, 's');
  must(said !== undefined, 'its console does not say why');
  must(broken.reason?.test(said ?? '') ?? true, `its console says ${said}`);
}

/** A host of a deployment that cannot start: the stack is told soon, and the group ends the host. */
export async function fails(
  preview: Preview,
  what: string,
  options: AddHostOptions,
  reason: RegExp,
): Promise<void> {
  const { id } = await preview.addHost(options);
  const host = async () => (await preview.call('hosts')).find((other) => other.id === id);
  let said: string | undefined;
  let saidAt = 0;
  await until(
    `${what}: it says FAILED`,
    300,
    async () => {
      said = /openstack-dashboard: FAILED: .*/.exec(preview.console(await host()))?.[0];
      saidAt = Date.now();
      return said !== undefined;
    },
    250,
  );
  process.stdout.write(`          ${said}\n`);
  let event = '';
  await until(
    `${what}: the stack fails`,
    60,
    async () => {
      const events = await preview.call('stackEvents');
      const failed = events.find((one) => /_FAILED$/.test(one.status) && one.reason.includes(id));
      event = failed?.reason ?? '';
      return failed !== undefined;
    },
    250,
  );
  measure(`${what}: from knowing to FAILURE`, (Date.now() - saidAt) / 1000, 's', 15);
  process.stdout.write(`          ${event}\n`);
  must(reason.test(said ?? ''), `it says ${said}`);
  await until(
    `${what}: the host is terminated`,
    60,
    async () => (await host())?.lifecycle === 'Terminated',
  );
  const signals = await preview.call('signals');
  must(
    !signals.some((one) => one.instance === id && one.status === 'SUCCESS'),
    'it signalled success',
  );
  const target = (await preview.call('targets')).find(({ instance }) => instance === id);
  must(target === undefined, 'it was registered with the load balancer');
}
