import { Prices } from './prices';
import { CostReport, costReport } from './report';
import { choicesTable, digits, dollars, estimateTable, markdown, Table, unitPrice } from './tables';
import { requestsPerMinute, Usage } from './usage';

/** What the page says of each assumption. */
const ASSUMPTIONS: Readonly<Record<keyof Usage, string>> = {
  users: 'Users per working day',
  requestsPerUser: 'Requests per user per working day, without static media',
  workingDaysPerMonth: 'Working days per month',
  workingHoursPerDay: 'Working hours per day',
  pageKilobytes: 'KB from the load balancer to the browser per request',
  apiKilobytes: 'KB from OpenStack APIs per request, through the NAT gateway',
  connectionsPerUser: 'Open connections per user in working hours',
  newConnectionsPerRequest: 'New connections per request',
  startsPerHost: 'Starts per host per month: deployments, updates, scaling',
  gigabytesPerStart: 'GB of Debian packages per start, through the NAT gateway',
  flowRecordsPerHostMinute: 'Flow log records per minute per host: health checks, AWS APIs',
  flowRecordsPerRequest: 'Flow log records per request',
  bytesPerFlowRecord: 'Bytes per flow log record',
  flowLogCompression: 'Size of flow logs in S3, as a share of what is delivered',
  bytesPerAccessRecord: 'Bytes per line of the access log in S3',
  monthsWithoutExpiration: 'Months that a bucket without an expiration keeps logs',
  logGroupGigabytes: 'GB per month into each log group of CloudWatch Logs',
  sessionGigabytes: 'GB of sessions, in a serverless cache',
  cacheUnitsPerRequest: 'KB read from and written to a serverless cache per request',
  rootVolumeGigabytes: 'GB of the root volume, if the template does not set it',
  stateMachineRuns: 'Executions of a state machine per month',
};

function totals({ sizes }: CostReport): Table {
  return {
    numbers: 1,
    rows: [
      ['Size', ...sizes.map(({ title }) => title)],
      ['Users per working day', ...sizes.map(({ usage }) => digits(usage.users))],
      [
        'Requests per minute in working hours',
        ...sizes.map(({ usage }) => digits(requestsPerMinute(usage))),
      ],
      ['Per month', ...sizes.map(({ estimate }) => dollars(estimate.total))],
    ],
  };
}

function assumptions({ sizes }: CostReport): Table {
  return {
    numbers: 1,
    rows: [
      ['Assumption', ...sizes.map(({ title }) => title)],
      ...Object.entries(ASSUMPTIONS).map(([name, text]) => [
        text,
        ...sizes.map(({ usage }) => digits(usage[name as keyof Usage])),
      ]),
    ],
  };
}

function sources({ data }: Prices, { prices }: CostReport): Table {
  return {
    numbers: 4,
    rows: [
      ['Price', 'Amount', 'Source', 'Note'],
      ...[...prices].sort().map((key) => {
        const price = data.prices[key];
        return [
          `\`${key}\``,
          unitPrice(price),
          price.source === undefined ? 'none found' : `\`${price.source}\``,
          price.note ?? '',
        ];
      }),
    ],
  };
}

function origins({ data }: Prices): string {
  return Object.entries(data.sources)
    .map(([name, { title, url, date }]) => `- \`${name}\`: [${title}](${url}). Date: ${date}.`)
    .join('\n');
}

/** Docs/cost.md */
export function renderCost(prices = Prices.fromFile(), report = costReport(prices)): string {
  const { region, date } = prices.data;
  const [thrifty, standard, large] = report.sizes;
  return `# Cost

<!-- Written by scripts/cost/page.ts from templates and scripts/cost/prices.json: change it there. -->

The cost of a deployment per month (730 hours), in US dollars, at the list prices of ${region}. Resources and
quantities come from synthesized templates, and prices from [the sources below](#prices), last compared on ${date}.
\`npm run cost\` prints the same tables, [for your own template too](#your-own-template).

${markdown(totals(report))}

These are estimates for a deployment that is near idle outside of working hours. They do not include:

- data transfer to the internet, of which AWS includes 100 GB per month per account, and data transfer between
  Availability Zones;
- scaling: hosts are counted at the minimum of each Auto Scaling group;
- surplus CPU credits of \`t3\` and \`t4g\` instances whose load stays above their baseline;
- the AWS Free Tier, taxes, AWS Support;
- discounts. Hosts and the load balancer run all the time, so commitments fit: Compute Savings Plans for
  instances, reserved nodes for ElastiCache. In the source \`infracost\`, a node that is reserved for one year without
  upfront payment costs 32% less.

## Thrifty

[Sealed cookies](sessions.md#cookies) instead of memcached, [no separate hosts for static
media](static.md#without-separate-hosts), a NAT instance instead of the NAT gateway, no alarms, and no detailed monitoring. You update
the NAT instance yourself, and if it fails, hosts cannot reach OpenStack until you replace it. For teams of a few dozen
users, or for a test.

${markdown(estimateTable(thrifty.estimate))}

The network and the monitoring of hosts are set in code, here with sealed cookies and without flow logs:

\`\`\`ts
const provider = ec2.NatProvider.instanceV2({
  instanceType: new ec2.InstanceType('t4g.nano'),
  associatePublicIpAddress: true,
  defaultAllowedTraffic: ec2.NatTrafficDirection.OUTBOUND_ONLY,
});
const network = new ec2.Vpc(this, 'Network', {
  maxAzs: 2,
  natGateways: 1,
  natGatewayProvider: provider,
  restrictDefaultSecurityGroup: false,
  gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
});
provider.connections.allowFrom(ec2.Peer.ipv4(network.vpcCidrBlock), ec2.Port.allTraffic());
const dashboard = new OpenStackDashboard(this, 'Dashboard', {
  domainName: 'dashboard.example.org',
  keystoneUrl: 'https://keystone.example.org:5000/v3',
  hostedZone,
  vpc: network,
  session: SessionBackend.signedCookies({ sealing: true }),
});
const template = dashboard.hosts.launchTemplate.node.defaultChild as ec2.CfnLaunchTemplate;
template.addPropertyOverride('LaunchTemplateData.Monitoring.Enabled', false);
\`\`\`

## Default

The [ready app](ready-app.md) without context keys, or \`OpenStackDashboard\` with its required props.

${markdown(estimateTable(standard.estimate))}

## Large

Four to twelve \`m7g.large\` dashboard hosts, whose CPU does not depend on credits, larger static hosts and memcached
nodes, and a NAT gateway in each zone.

${markdown(estimateTable(large.estimate))}

## Choices

What one choice changes, compared with the default size and its usage. Each row is the difference between the estimates of
two synthesized templates.

${markdown(choicesTable(report.choices))}

How to choose:

- The load balancer and its addresses are the floor: they cost the same in each size.
- Memcached is the largest part of the default. Sealed cookies have [other drawbacks](sessions.md#cookies), but nothing
  to pay for. Two small nodes are for availability, not for size: a node that fails takes its sessions with it.
- One NAT gateway serves both zones. If its zone fails, hosts in the other zone cannot reach OpenStack either. A second one
  removes this dependency, and so does egress through your own network.
- More users first need more CPU for dashboard hosts ([workers and memory](performance.md#workers)). Browsers keep static
  media for a year, so static hosts have little to do.
- Static media in a separate tier is what the guide recommends. Without the tier you save two hosts.
- A serverless cache is billed for at least 1 GB. It costs more than two small nodes at any number of users.
- Flow logs and the access log are evidence. Keeping them for a year costs cents.

The stack has no Lambda functions and no custom resources, and S3 traffic goes through a gateway endpoint, which is free.

## Your own template

In a clone of this repository:

\`\`\`sh
npm run synth -- -c domainName=dashboard.example.org …
npm run cost -- --template cdk.out/OpenStackDashboard.template.json
npm run cost -- --template cdk.out/OpenStackDashboard.template.json --users 500 --json
\`\`\`

Any synthesized template with this library's resources works. Parameters have their defaults; \`--parameter Name=value\`
sets one. Conditions are evaluated. A resource type, instance type or node type without a price is an error that names it.
\`--users\` sets the users per working day, and \`--usage\` takes the assumptions of a size. \`--json\` prints the estimate as
JSON in the last line.

Prices of another region go in a file of the form of \`scripts/cost/prices.json\`, with \`--prices FILE\`. In eu-central-1,
the source \`catalog\` has $0.0192 per hour for \`t4g.small\` (14% more) and $0.0978 for \`m7g.large\` (20% more).

## Assumptions

What is billed by use is computed from these numbers. They are estimates, not measurements; \`scripts/cost/usage.ts\` has
them.

${markdown(assumptions(report))}

Static hosts list the asset bucket every 30 seconds, and dashboard hosts look for a new version of the secret every 5
minutes. An Application Load Balancer is billed for the largest of its dimensions: data, new connections, open connections.

## Prices

${markdown(sources(prices, report))}

\`scripts/cost/prices.json\` has more instance types and node types. Where sources disagree, AWS's own is used, and the
note names the other. "Unverified" is a price for which no source was found.

${origins(prices)}
`;
}
