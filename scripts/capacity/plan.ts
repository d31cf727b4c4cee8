import { Prices } from '../cost/prices';
import { HOURS, USAGE } from '../cost/usage';
import { Measured } from './measured';
import { meanWait, Service, serviceOf } from './queues';

/** Workers of a host, from docs/performance.md#workers. */
export const INSTANCES: Readonly<Record<string, { vcpus: number; workers: number }>> = {
  't4g.small': { vcpus: 2, workers: 8 },
  't4g.medium': { vcpus: 2, workers: 8 },
  'm7g.large': { vcpus: 2, workers: 8 },
  'm7g.xlarge': { vcpus: 4, workers: 16 },
  'm7g.2xlarge': { vcpus: 8, workers: 32 },
};

/** GiB that memcached may use on a node. */
const CACHE_NODES: Readonly<Record<string, number>> = {
  'cache.t4g.small': 1.37,
  'cache.m7g.large': 6.38,
  'cache.m7g.xlarge': 12.93,
};

/** What the calculation assumes. */
export const ASSUMED = {
  /** Of workers, processors and memory. */
  utilization: 0.7,
  /** Mean time in the queue, as a share of the time of a page. */
  wait: 0.1,
  staticRequestsPerPage: 2,
  staticRequestsPerHost: 5000,
  /** Bytes of memcached per item, in addition to the value: header, key, slab. */
  itemOverhead: 200,
  /** Marks of ended sessions per user: two logouts on a day, on four nodes each. */
  marksPerUser: 8,
  natGateways: 2,
  /** Connections of a worker to one API at the same time. */
  connectionsPerApi: 6,
};

export interface PlanOptions {
  /** People who use the dashboard at the same time. */
  readonly users: number;
  /** Seconds between the end of a page and the next request of a user. */
  readonly thinkSeconds: number;
  /** Milliseconds that APIs take to answer: one of those that were measured. */
  readonly latency: number;
  readonly instanceType: string;
}

export interface Quota {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
  readonly adjustable: boolean;
}

export interface Plan {
  readonly pagesPerSecond: number;
  readonly hosts: number;
  /** Share of the time that workers, and processors, are busy. */
  readonly busyWorkers: number;
  readonly busyProcessors: number;
  readonly responseSeconds: number;
  readonly sessionGigabytes: number;
  readonly cacheNodeType: string;
  readonly cacheNodes: number;
  readonly staticHosts: number;
  readonly capacityUnits: number;
  readonly quotas: readonly Quota[];
  readonly monthly: number;
}

/** The service of one worker, at a measured latency. */
export function serviceAt(measured: Measured, latency: number): Service {
  const samples = measured.serviceSeconds[String(latency)];
  if (samples === undefined) {
    const known = Object.keys(measured.serviceSeconds).join(', ');
    throw new Error(`--latency must be one of ${known}, got ${latency}`);
  }
  // A few samples do not show how much pages vary: an exponential distribution is the careful choice
  return samples.length < 10 ? { mean: serviceOf(samples).mean, variation: 1 } : serviceOf(samples);
}

export function plan(options: PlanOptions, measured: Measured, prices: Prices): Plan {
  const { users, thinkSeconds, latency, instanceType } = options;
  const instance = Object.hasOwn(INSTANCES, instanceType) ? INSTANCES[instanceType] : undefined;
  if (instance === undefined) {
    const known = Object.keys(INSTANCES).join(', ');
    throw new Error(`--instance-type must be one of ${known}, got ${instanceType}`);
  }
  const service = serviceAt(measured, latency);
  const pagesPerSecond = users / (thinkSeconds + service.mean);
  const { utilization, wait } = ASSUMED;
  const { workers, vcpus } = instance;
  const processorSeconds = measured.processorSeconds;
  let hosts = Math.max(
    2,
    Math.ceil((pagesPerSecond * service.mean) / (utilization * workers)),
    Math.ceil((pagesPerSecond * processorSeconds) / (utilization * vcpus)),
  );
  const waits = (): number => meanWait(pagesPerSecond / hosts, workers, service);
  while (waits() > wait * service.mean) {
    hosts += 1;
  }
  const sessionGigabytes =
    (users *
      (measured.sessionBytes +
        ASSUMED.itemOverhead +
        ASSUMED.marksPerUser * ASSUMED.itemOverhead)) /
    1e9;
  const gibibytes = (sessionGigabytes * 1e9) / 2 ** 30 / utilization;
  // The smallest type of which few nodes do
  const [cacheNodeType, memory] = Object.entries(CACHE_NODES).find(
    ([, size], index, all) => gibibytes <= 3 * size || index === all.length - 1,
  ) as [string, number];
  const cacheNodes = Math.max(2, Math.ceil(gibibytes / memory));
  const staticHosts = Math.max(
    2,
    Math.ceil(
      (pagesPerSecond * ASSUMED.staticRequestsPerPage) /
        (utilization * ASSUMED.staticRequestsPerHost),
    ),
  );
  const usage = USAGE.default;
  const capacityUnits = Math.max(
    (pagesPerSecond * usage.newConnectionsPerRequest) / 25,
    (users * usage.connectionsPerUser) / 3000,
    (pagesPerSecond * usage.pageKilobytes * 3600) / 1e6,
  );
  const processes = hosts * workers;
  const quotas: Quota[] = [
    {
      name: 'Targets per Application Load Balancer',
      ...{ used: hosts + staticHosts, limit: 1000, adjustable: true },
    },
    {
      name: 'Nodes per cluster (Memcached)',
      ...{ used: cacheNodes, limit: 60, adjustable: true },
    },
    {
      name: 'Connections per memcached node',
      ...{ used: processes, limit: 65_000, adjustable: false },
    },
    {
      name: 'Connections per address of a NAT gateway and API',
      used: Math.ceil((processes * ASSUMED.connectionsPerApi) / ASSUMED.natGateways),
      ...{ limit: 55_000, adjustable: false },
    },
    {
      name: 'Network interfaces per Region',
      ...{ used: hosts + staticHosts + cacheNodes, limit: 5000, adjustable: true },
    },
  ];
  const usd = (key: string): number => prices.of(key, 'capacity').usd;
  const busyHours = usage.workingDaysPerMonth * usage.workingHoursPerDay;
  const monthly =
    HOURS *
      (hosts * usd(`ec2.${instanceType}`) +
        staticHosts * usd('ec2.t4g.nano') +
        cacheNodes * usd(`elasticache.${cacheNodeType}`) +
        usd('elb.application') +
        ASSUMED.natGateways * usd('nat.gateway')) +
    (hosts + staticHosts) * usage.rootVolumeGigabytes * usd('ebs.gp3') +
    busyHours *
      (capacityUnits * usd('elb.applicationCapacity') +
        ((pagesPerSecond * usage.apiKilobytes * 3600) / 1e6) * usd('nat.data'));
  return {
    ...{ pagesPerSecond, hosts, sessionGigabytes, cacheNodeType, cacheNodes, staticHosts },
    busyWorkers: (pagesPerSecond * service.mean) / processes,
    busyProcessors: (pagesPerSecond * processorSeconds) / (hosts * vcpus),
    responseSeconds: service.mean + waits(),
    ...{ capacityUnits, quotas, monthly },
  };
}

/** The quota of which most is used. */
export function mostUsed({ quotas }: Plan): Quota {
  return [...quotas].sort((one, other) => other.used / other.limit - one.used / one.limit)[0];
}

/** The quota that is exceeded first if the number of users grows, and the users at that point. */
export function exceededFirst(
  options: PlanOptions,
  measured: Measured,
  prices: Prices,
): Quota & { readonly users: number } {
  const exceeded = (users: number): Quota | undefined =>
    plan({ ...options, users }, measured, prices).quotas.find(({ used, limit }) => used > limit);
  let within = 1;
  let beyond = 2;
  while (exceeded(beyond) === undefined) {
    [within, beyond] = [beyond, beyond * 2];
  }
  // To a percent, which is more than the assumptions are worth
  while (beyond - within > Math.max(1, within / 100)) {
    const middle = Math.floor((within + beyond) / 2);
    [within, beyond] = exceeded(middle) === undefined ? [middle, beyond] : [within, middle];
  }
  return { ...(exceeded(beyond) as Quota), users: beyond };
}
