import { Prices } from '../cost/prices';
import { digits, dollars, markdown, Table } from '../cost/tables';
import { compare, Measured, measured, TOLERANCE } from './measured';
import {
  ASSUMED,
  exceededFirst,
  INSTANCES,
  mostUsed,
  Plan,
  plan,
  PlanOptions,
  serviceAt,
} from './plan';

/** The sizes of docs/capacity.md. */
export const SIZES: readonly PlanOptions[] = [
  { users: 100, thinkSeconds: 30, latency: 30, instanceType: 't4g.small' },
  { users: 10_000, thinkSeconds: 30, latency: 30, instanceType: 'm7g.xlarge' },
  { users: 1_000_000, thinkSeconds: 30, latency: 30, instanceType: 'm7g.2xlarge' },
];

const percent = (share: number): string => `${digits(Math.round(share * 100))}%`;
const seconds = (time: number): string => `${digits(Number(time.toPrecision(2)))} s`;

function rows(
  options: readonly PlanOptions[],
  plans: readonly Plan[],
  data: [Measured, Prices],
): string[][] {
  const row = (title: string, text: (one: Plan, given: PlanOptions) => string): string[] => [
    title,
    ...plans.map((one, index) => text(one, options[index])),
  ];
  return [
    row('Pages per second', ({ pagesPerSecond }) => digits(pagesPerSecond)),
    row('Dashboard hosts', ({ hosts }, { instanceType }) => `${digits(hosts)} × ${instanceType}`),
    row('Busy workers', ({ busyWorkers }) => percent(busyWorkers)),
    row('Busy processors', ({ busyProcessors }) => percent(busyProcessors)),
    row('Mean time of a page', ({ responseSeconds }) => seconds(responseSeconds)),
    row('Memcached, GB', ({ sessionGigabytes }) => digits(Number(sessionGigabytes.toPrecision(2)))),
    row(
      'Memcached nodes',
      ({ cacheNodes, cacheNodeType }) => `${digits(cacheNodes)} × ${cacheNodeType}`,
    ),
    row('Static hosts, t4g.nano', ({ staticHosts }) => digits(staticHosts)),
    row('Load balancer capacity units', ({ capacityUnits }) => digits(capacityUnits)),
    row('Quota of which most is used', (one) => {
      const { name, used, limit } = mostUsed(one);
      return `${name}: ${digits(used)} of ${digits(limit)}`;
    }),
    row('Quotas exceeded', ({ quotas }) => {
      const exceeded = quotas.filter(({ used, limit }) => used > limit);
      return exceeded.length ? exceeded.map(({ name }) => name).join('; ') : 'none';
    }),
    row('Quota that is exceeded first', (_, given) => {
      const { name, users } = exceededFirst(given, ...data);
      return `${name}, at ${digits(Number(users.toPrecision(2)))} users`;
    }),
    row('Cost per month', ({ monthly }) => dollars(monthly)),
  ];
}

/** A column per size. */
export function planTable(
  options: readonly PlanOptions[],
  plans: readonly Plan[],
  ...data: [Measured, Prices]
): Table {
  return {
    numbers: 1,
    rows: [
      ['Users at the same time', ...options.map(({ users }) => digits(users))],
      ...rows(options, plans, data),
    ],
  };
}

export function serviceTable(data: Measured): Table {
  return {
    numbers: 1,
    rows: [
      ['API latency', 'Time of a page', 'Pages per second per worker'],
      ...Object.keys(data.serviceSeconds).map((latency) => {
        const { mean } = serviceAt(data, Number(latency));
        return [`${latency} ms`, `${digits(Math.round(mean * 1000))} ms`, digits(1 / mean)];
      }),
    ],
  };
}

export function comparisonTable(data: Measured): Table {
  const change = (share: number): string => `${share < 0 ? '' : '+'}${Math.round(share * 100)}%`;
  return {
    numbers: 0,
    rows: [
      [
        'Hosts',
        'Users',
        'Pages per second, preview',
        'simulation',
        'Time of a page, preview',
        'simulation',
        'Differences',
      ],
      ...compare(data).map(({ hosts, users, measured: real, simulated, difference }) => [
        digits(hosts),
        digits(users),
        digits(real.pagesPerSecond),
        digits(simulated.pagesPerSecond),
        seconds(real.responseSeconds),
        seconds(simulated.responseSeconds),
        `${change(difference.pagesPerSecond)}, ${change(difference.responseSeconds)}`,
      ]),
    ],
  };
}

function comparison(data: Measured): string {
  if (!data.loads.length) {
    return `The comparison with the preview has not been run for these measurements: \`npm run capacity -- --measure\` runs it.`;
  }
  const [{ workersPerHost, thinkSeconds, latencyMilliseconds }] = data.loads;
  return `Each host had ${workersPerHost} workers, users waited ${thinkSeconds} s on average between pages, and APIs took ${latencyMilliseconds} ms:

${markdown(comparisonTable(data))}`;
}

/** Docs/capacity.md */
export function renderCapacity(data = measured(), prices = Prices.fromFile()): string {
  const plans = SIZES.map((size) => plan(size, data, prices));
  const quotas = plans[0].quotas.map(({ name, limit, adjustable }) => [
    name,
    digits(limit),
    adjustable ? 'yes' : 'no',
  ]);
  const instances: Table = {
    numbers: 1,
    rows: [
      ['Instance type', 'vCPUs', 'Workers'],
      ...Object.entries(INSTANCES).map(([type, { vcpus, workers }]) => [
        type,
        String(vcpus),
        String(workers),
      ]),
    ],
  };
  return `# Capacity

<!-- Written by npm run docs from scripts/capacity. -->

This page estimates how many hosts and memcached nodes a number of users needs. \`npm run capacity\` calculates it for other numbers:

\`\`\`sh
npm run capacity -- --users 5000 --think 20 --latency 200 --instance-type m7g.large
\`\`\`

${markdown(planTable(SIZES, plans, data, prices))}

These are users who work at the same time, each of whom requests a page ${SIZES[0].thinkSeconds} s after the previous one, with APIs that take
${SIZES[0].latency} ms. Costs are list prices of ${prices.data.region} of ${prices.data.date}, with all hosts running all the time. They do not
include logs, alarms, a web ACL and data transfer to the internet ([cost](cost.md) has these for a template). t4g instances
have CPU credits: use them only while processors are busy for less than their baseline.

The numbers are the minimum for this load. Add at least one host for each host that an update replaces at the same time. If the dashboard must
carry the load after the failure of one of two zones, double the hosts.

## Quotas

${markdown({ numbers: 1, rows: [['Quota', 'Default', 'Adjustable'], ...quotas] })}

Sources: [Elastic Load Balancing](https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html),
[ElastiCache](https://docs.aws.amazon.com/AmazonElastiCache/latest/mem-ug/Clusters.html),
[NAT gateways](https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html),
[Amazon VPC](https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html). Each Region also has a quota of vCPUs of
running instances, which differs between accounts.

- Each worker has a connection to each memcached node that it has used, and up to ${ASSUMED.connectionsPerApi} to each API. A NAT gateway has several addresses
  if you add them, and a connection is counted per address and API.
- With 300 memcached nodes, a lookup and a logout take about as long as with 4
  ([decision 0026](decisions/0026-nodes-of-a-name.md)).

## Calculation

A host is a queue with one server per worker. The mean time in the queue is Allen and Cunneen's approximation for M/G/c, with Erlang's C
formula. The number of hosts is the smallest one at which

- workers and processors are busy for at most ${percent(ASSUMED.utilization)} of the time,
- the mean time in the queue is at most ${percent(ASSUMED.wait)} of the time of a page,
- there are at least two.

Memcached holds a session and ${ASSUMED.marksPerUser} marks of ended sessions per user, uses ${percent(ASSUMED.utilization)} of its memory, and has at least two nodes.
A static host answers ${digits(ASSUMED.staticRequestsPerHost)} requests per second, an assumption, and a page leads to ${ASSUMED.staticRequestsPerPage} of them. The other
assumptions are those of [cost](cost.md#assumptions).

${markdown(instances)}

## Measured

${data.page} on ${data.date}: ${data.note}. A page takes ${digits(data.processorSeconds * 1000)} ms of processor time, and a sealed session has
${digits(data.sessionBytes)} bytes.

${markdown(serviceTable(data))}

If there are fewer than ten measurements per latency, the calculation assumes exponentially distributed times, which is more than
pages vary. \`npm run capacity -- --measure\` measures again on the [preview](preview.md), and writes \`scripts/capacity/measured.json\`.
It also puts one and two hosts under load, and compares them with a simulation of the same users, workers and queues. The
tolerance is ${percent(TOLERANCE)}. ${comparison(data)}
`;
}
