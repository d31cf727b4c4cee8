/**
 * Writes a diagram of the ready app's template, as a Mermaid flowchart, into README.md and
 * docs/diagram.md; with `--check` it fails where one of them is out of date.
 *
 * Nothing is drawn by hand: boxes are resources, arrows are listeners, rules, security group rules,
 * policies and delivery settings of the template. What the template does not have is not shown.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultStack, resourcesOf, TemplateResource } from './docs-stack';

type Resources = Record<string, TemplateResource>;

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** A side line: administration, logs, the way out. */
  readonly aside?: boolean;
}

interface Box {
  readonly name: string;
  readonly lines: string[];
  readonly group: string;
  readonly shape: 'box' | 'store';
  readonly aside?: boolean;
}

const OUTSIDE = 'outside';
const REGIONAL = 'AWS, in the region';
const TIERS: Record<string, string> = {
  Public: 'public subnets',
  Private: 'private subnets',
  Isolated: 'isolated subnets',
};
const METADATA_KEY = 'cdk-openstack-dashboard';

/** The logical ids that a value refers to. */
function referred(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.flatMap(referred);
  }
  if (value === null || typeof value !== 'object') {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') {
      return [String(inner)];
    }
    if (key === 'Fn::GetAtt') {
      return [String((inner as string[])[0])];
    }
    return referred(inner);
  });
}

/** A value as people read it: the name of a parameter stands for its value. */
function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const [[name, argument]] = Object.entries(value);
  if (name === 'Fn::Join') {
    return (argument as [string, unknown[]])[1].map(shown).join('');
  }
  return name === 'Ref' ? `‹${String(argument)}›` : name;
}

class Diagram {
  private readonly boxes = new Map<string, Box>();
  private readonly arrows: Arrow[] = [];
  /** Which box acts with a role, is in a security group, or gets what a target group is sent. */
  private readonly byRole = new Map<string, string>();
  private readonly byGroup = new Map<string, string>();
  private readonly byTarget = new Map<string, string>();

  constructor(private readonly resources: Resources) {
    this.boxes.set('Browser', { name: 'browser', lines: [], group: OUTSIDE, shape: 'box' });
    this.loadBalancers();
    this.hosts();
    this.stores();
    this.listeners();
    this.networkRules();
    this.policies();
    this.openStack();
    this.logs();
  }

  private ofType(type: string): [string, TemplateResource][] {
    return Object.entries(this.resources).filter(([, resource]) => resource.Type === type);
  }

  private tierOf(subnets: unknown): string {
    const [first] = referred(subnets);
    const tags = (this.resources[first]?.Properties?.Tags ?? []) as {
      Key: string;
      Value: string;
    }[];
    const type = tags.find((tag) => tag.Key === 'aws-cdk:subnet-type')?.Value ?? '';
    return TIERS[type] ?? 'subnets brought along';
  }

  private join(groups: unknown, id: string): void {
    for (const group of referred(groups)) {
      this.byGroup.set(group, id);
    }
  }

  private loadBalancers(): void {
    for (const [id, { Properties }] of this.ofType('AWS::ElasticLoadBalancingV2::LoadBalancer')) {
      const name = 'load balancer';
      const group = this.tierOf(Properties.Subnets);
      this.boxes.set(id, { name, lines: ['caches nothing'], group, shape: 'box' });
      this.join(Properties.SecurityGroups, id);
    }
  }

  private hosts(): void {
    for (const [id, { Properties }] of this.ofType('AWS::AutoScaling::AutoScalingGroup')) {
      const [templateId] = referred(Properties.LaunchTemplate);
      const template = this.resources[templateId];
      const data = template.Properties.LaunchTemplateData;
      const environment = template.Metadata?.[METADATA_KEY]?.environment as
        Record<string, unknown> | undefined;
      this.boxes.set(id, {
        name: environment ? 'dashboard hosts' : 'static hosts',
        lines: [
          environment ? 'nginx, gunicorn, Horizon' : 'nginx',
          `${Properties.MinSize} to ${Properties.MaxSize} × ${shown(data.InstanceType)}`,
        ],
        group: this.tierOf(Properties.VPCZoneIdentifier),
        shape: 'box',
      });
      this.join([data.SecurityGroupIds, data.NetworkInterfaces], id);
      for (const target of referred(Properties.TargetGroupARNs)) {
        this.byTarget.set(target, id);
      }
      for (const profile of referred(data.IamInstanceProfile)) {
        for (const role of referred(this.resources[profile].Properties.Roles)) {
          this.byRole.set(role, id);
        }
      }
    }
  }

  /** Not a resource: what the dashboard hosts are told of it. */
  private openStack(): void {
    for (const [id, { Properties }] of this.ofType('AWS::AutoScaling::AutoScalingGroup')) {
      const [template] = referred(Properties.LaunchTemplate);
      const environment = this.resources[template].Metadata?.[METADATA_KEY]?.environment;
      if (!environment) {
        continue;
      }
      this.boxes.set('OpenStack', {
        name: 'Keystone and the OpenStack APIs',
        lines: [shown(environment.OPENSTACK_KEYSTONE_URL)],
        group: OUTSIDE,
        shape: 'box',
      });
      this.arrows.push({ from: id, to: 'OpenStack', label: 'HTTPS' });
    }
  }

  private stores(): void {
    for (const [id, { Properties }] of this.ofType('AWS::ElastiCache::CacheCluster')) {
      const subnets = this.resources[referred(Properties.CacheSubnetGroupName)[0]]?.Properties;
      this.boxes.set(id, {
        name: 'sessions',
        lines: [`memcached, ${Properties.NumCacheNodes} × ${shown(Properties.CacheNodeType)}`],
        group: this.tierOf(subnets?.SubnetIds),
        shape: 'store',
      });
      this.join(Properties.VpcSecurityGroupIds, id);
    }
    for (const [id] of this.ofType('AWS::SecretsManager::Secret')) {
      this.boxes.set(id, {
        name: 'SECRET_KEY',
        lines: ['Secrets Manager'],
        group: REGIONAL,
        shape: 'store',
      });
    }
    for (const [id] of this.ofType('AWS::EC2::InstanceConnectEndpoint')) {
      const { SubnetId, SecurityGroupIds } = this.resources[id].Properties;
      this.boxes.set(id, {
        name: 'EC2 Instance Connect endpoint',
        lines: [],
        group: this.tierOf(SubnetId),
        shape: 'box',
        aside: true,
      });
      this.join(SecurityGroupIds, id);
    }
  }

  private listeners(): void {
    for (const [id, { Properties }] of this.ofType('AWS::ElasticLoadBalancingV2::Listener')) {
      const [balancer] = referred(Properties.LoadBalancerArn);
      const redirects = Properties.DefaultActions[0].Type === 'redirect';
      this.arrows.push({
        from: 'Browser',
        to: balancer,
        label: `${Properties.Protocol} ${Properties.Port}${redirects ? ', redirects' : ''}`,
      });
      for (const [, rule] of this.ofType('AWS::ElasticLoadBalancingV2::ListenerRule')) {
        if (!referred(rule.Properties.ListenerArn).includes(id)) {
          continue;
        }
        this.forward(balancer, rule);
      }
    }
  }

  private forward(balancer: string, rule: TemplateResource): void {
    const conditions = rule.Properties.Conditions as {
      HostHeaderConfig?: { Values: unknown[] };
      PathPatternConfig?: { Values: unknown[] };
    }[];
    const names = conditions.flatMap((one) => one.HostHeaderConfig?.Values ?? []).map(shown);
    const paths = conditions.flatMap((one) => one.PathPatternConfig?.Values ?? []).map(shown);
    for (const target of referred(rule.Properties.Actions)) {
      const host = this.byTarget.get(target);
      if (host === undefined) {
        continue;
      }
      const { Protocol, Port } = this.resources[target].Properties;
      const label = [`${Protocol} ${Port}`, ...names, ...paths].join('<br/>');
      this.arrows.push({ from: balancer, to: host, label });
    }
  }

  /** Rules between two security groups; the load balancer's are listeners and rules above. */
  private networkRules(): void {
    for (const [, { Properties }] of this.ofType('AWS::EC2::SecurityGroupIngress')) {
      const from = this.byGroup.get(referred(Properties.SourceSecurityGroupId)[0]);
      const to = this.byGroup.get(referred(Properties.GroupId)[0]);
      if (from === undefined || to === undefined) {
        continue;
      }
      const source = this.resources[from].Type;
      const target = this.resources[to];
      if (source === 'AWS::ElasticLoadBalancingV2::LoadBalancer') {
        continue;
      }
      const tls = target.Properties.TransitEncryptionEnabled === true ? 'TLS' : undefined;
      const port =
        typeof Properties.FromPort === 'number' ? Properties.FromPort : target.Properties.Port;
      const aside = source === 'AWS::EC2::InstanceConnectEndpoint';
      this.arrows.push({ from, to, label: `${tls ?? (aside ? 'SSH' : 'TCP')} ${port}`, aside });
    }
  }

  private policies(): void {
    for (const [, { Properties }] of this.ofType('AWS::IAM::Policy')) {
      for (const role of referred(Properties.Roles)) {
        const host = this.byRole.get(role);
        if (host === undefined) {
          continue;
        }
        const may = new Map<string, Set<string>>();
        for (const { Action, Resource } of Properties.PolicyDocument.Statement) {
          for (const id of referred(Resource)) {
            for (const action of [Action].flat() as string[]) {
              may.set(id, (may.get(id) ?? new Set()).add(action));
            }
          }
        }
        for (const [id, actions] of may) {
          this.grant(host, id, actions);
        }
      }
    }
  }

  private grant(host: string, id: string, actions: Set<string>): void {
    const type = this.resources[id]?.Type;
    if (type === 'AWS::S3::Bucket') {
      this.boxes.set(id, {
        name: 'asset bucket',
        lines: ['S3'],
        group: REGIONAL,
        shape: 'store',
      });
      const label = actions.has('s3:PutObject') ? 'publishes releases' : 'pulls releases';
      this.arrows.push({ from: host, to: id, label });
    } else if (type === 'AWS::SecretsManager::Secret') {
      this.arrows.push({ from: host, to: id, label: 'reads at start' });
    }
  }

  private logs(): void {
    const deliver = (from: string, destination: unknown, label: string) => {
      for (const id of referred(destination)) {
        if (this.resources[id]?.Type !== 'AWS::S3::Bucket') {
          continue;
        }
        this.boxes.set(id, {
          name: 'log bucket',
          lines: ['S3'],
          group: REGIONAL,
          shape: 'store',
          aside: true,
        });
        this.arrows.push({ from, to: id, label, aside: true });
      }
    };
    for (const [id, { Properties }] of this.ofType('AWS::ElasticLoadBalancingV2::LoadBalancer')) {
      const attributes = Properties.LoadBalancerAttributes as { Key: string; Value: unknown }[];
      const bucket = attributes.find(({ Key }) => Key === 'access_logs.s3.bucket');
      deliver(id, bucket?.Value, 'access log');
    }
    for (const [id, { Properties }] of this.ofType('AWS::S3::Bucket')) {
      if (this.boxes.has(id)) {
        deliver(id, Properties.LoggingConfiguration?.DestinationBucketName, 'access log');
      }
    }
  }

  public render(asides: boolean): string {
    const boxes = [...this.boxes].filter(([, box]) => asides || !box.aside);
    const number = new Map(boxes.map(([id], index) => [id, `n${index}`]));
    const lines = ['```mermaid', 'flowchart TB'];
    const groups = new Set(boxes.map(([, box]) => box.group));
    let count = 0;
    for (const group of groups) {
      const outside = group === OUTSIDE;
      if (!outside) {
        lines.push(`  subgraph g${count++}["${group}"]`);
      }
      for (const [id, box] of boxes.filter(([, other]) => other.group === group)) {
        const text = [`<b>${box.name}</b>`, ...box.lines].join('<br/>');
        const [open, close] = box.shape === 'store' ? ['[("', '")]'] : ['["', '"]'];
        lines.push(`${outside ? '  ' : '    '}${number.get(id)}${open}${text}${close}`);
      }
      if (!outside) {
        lines.push('  end');
      }
    }
    for (const arrow of merged(this.arrows)) {
      if (!number.has(arrow.from) || !number.has(arrow.to)) {
        continue;
      }
      const stroke = arrow.aside ? '-.->' : '-->';
      lines.push(`  ${number.get(arrow.from)} ${stroke}|"${arrow.label}"| ${number.get(arrow.to)}`);
    }
    lines.push('```');
    return lines.join('\n');
  }
}

/** One arrow for all that goes between the same two. */
function merged(arrows: readonly Arrow[]): Arrow[] {
  const all = new Map<string, Arrow>();
  for (const arrow of arrows) {
    const key = `${arrow.from} ${arrow.to}`;
    const known = all.get(key);
    all.set(key, known ? { ...known, label: `${known.label}<br/>${arrow.label}` } : arrow);
  }
  return [...all.values()];
}

const BEGIN = /<!-- diagram:begin[^>]*-->\n/;
const END = '<!-- diagram:end -->';

function placed(text: string, diagram: string): string {
  const begin = BEGIN.exec(text);
  const end = text.indexOf(END);
  if (!begin || end < 0) {
    throw new Error('the markers of the diagram are missing');
  }
  return `${text.slice(0, begin.index + begin[0].length)}\n${diagram}\n\n${text.slice(end)}`;
}

/** The files that hold a diagram, as they should be. */
export function renderDiagrams(): Map<string, string> {
  const diagram = new Diagram(resourcesOf(defaultStack()));
  const root = join(__dirname, '..');
  const files: [string, boolean][] = [
    [join(root, 'README.md'), false],
    [join(root, 'docs', 'diagram.md'), true],
  ];
  return new Map(
    files.map(([file, asides]) => [
      file,
      placed(readFileSync(file, 'utf8'), diagram.render(asides)),
    ]),
  );
}

if (require.main === module) {
  for (const [file, text] of renderDiagrams()) {
    if (!process.argv.includes('--check')) {
      writeFileSync(file, text);
    } else if (readFileSync(file, 'utf8') !== text) {
      console.error(`the diagram in ${file} is out of date: run \`npm run docs\``);
      process.exitCode = 1;
    }
  }
}
