import type { HostPlan, Plan } from '../stack/plan';
import { variable } from '../stack/user-data';
import { findTemplate } from './assembly';
import { needsOf } from './needs';
import { checkOptions, PreviewOptions } from './options';
import { readPlan } from './plan';
import { problemsOfMachine } from './this-machine';

/** What `--check` prints, and whether this machine can run the preview. */
export function check(options: PreviewOptions): { text: string; ok: boolean } {
  checkOptions(options);
  const template = options.template ?? findTemplate();
  const plan = readPlan({ ...options, template });
  const problems = problemsOfMachine(needsOf(options, plan));
  const rows = [['template', template], ...contents(plan, options)];
  const lines = rows.map(([name, value]) => `${name.padEnd(16)} ${value}`);
  const machine =
    problems.length === 0
      ? ['this machine     can run the preview']
      : ['this machine     cannot run the preview:', ...problems.map((one) => `- ${one}`)];
  return { text: `${[...lines, ...machine].join('\n')}\n`, ok: problems.length === 0 };
}

function contents(plan: Plan, options: PreviewOptions): string[][] {
  const { dashboardHosts = 2, staticHosts = 1 } = options;
  const nodes = plan.caches.flatMap((cache) => cache.nodes);
  const tls = plan.caches.every((cache) => cache.tls) ? 'with TLS' : 'without TLS';
  return [
    ['environment', `account ${plan.account}, region ${plan.region}`],
    ...plan.hosts.map((host) => [
      `${host.role} hosts`,
      hosts(host, host.role === 'dashboard' ? dashboardHosts : staticHosts),
    ]),
    ['load balancer', plan.listeners.map(({ protocol, port }) => `${protocol} ${port}`).join(', ')],
    ['memcached', nodes.length === 0 ? 'none' : `${nodes.length} nodes ${tls}`],
    ['Keystone', `a real one at ${plan.keystoneNames.join(', ')}`],
    ['buckets', names(plan.buckets)],
    ['secrets', names(plan.secrets)],
    ['log groups', names(plan.logGroups)],
  ];
}

function hosts({ scaling, packages, horizonLock, userData }: HostPlan, count: number): string {
  const software =
    horizonLock === undefined
      ? `${packages.length} Debian packages`
      : `${packages.length} Debian packages and Horizon from PyPI`;
  const { min, max } = scaling;
  return `${count} at ${variable(userData, 'SERVER_NAME')} (in AWS ${min} to ${max}), with ${software}`;
}

function names(list: readonly { readonly name: string }[]): string {
  return list.length === 0 ? 'none' : list.map(({ name }) => name).join(', ');
}
