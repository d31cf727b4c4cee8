import { Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as targets from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DashboardNetwork,
  OpenStackDashboard,
  OpenStackDashboardChecks,
  OpenStackDashboardProps,
  StaticMedia,
} from '../../lib';
import {
  CONTEXT,
  ROOT,
  expectMisuse,
  network,
  newApp,
  newBalancer,
  newDashboard,
  newStack,
  resource,
  resourcesOf,
  textOf,
} from './fixtures';

let stack: Stack;
beforeEach(() => {
  stack = newStack();
});

const baked = (): ec2.IMachineImage => ec2.MachineImage.genericLinux({ 'eu-west-1': 'ami-0123' });

/** A dashboard that can start without the internet. */
const withImages = (): Partial<OpenStackDashboardProps> => ({
  hosts: { machineImage: baked() },
  staticMedia: StaticMedia.onStaticHosts({ machineImage: baked() }),
});

const inIreland = (): Stack => newStack({ env: { region: 'eu-west-1' } });

const counts = (template: Template): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const { Type } of Object.values(template.toJSON().Resources as Record<string, never>)) {
    found[Type] = (found[Type] ?? 0) + 1;
  }
  return found;
};

const withNetwork = (choice: DashboardNetwork): Template => {
  newDashboard(stack, { network: choice });
  return Template.fromStack(stack);
};

describe('NAT gateways', () => {
  test('one by default', () => {
    const other = newStack();
    newDashboard(other);
    expect(withNetwork(DashboardNetwork.natGateways()).toJSON()).toEqual(
      Template.fromStack(other).toJSON(),
    );
  });

  test('one per zone, each with the routes of its own zone', () => {
    stack = newStack({ env: { account: '123456789012', region: 'eu-west-1' } });
    const template = withNetwork(DashboardNetwork.natGateways({ perZone: true, maxAzs: 3 }));
    expect(counts(template)).toMatchObject({
      'AWS::EC2::NatGateway': 3,
      'AWS::EC2::EIP': 3,
      'AWS::EC2::Subnet': 9,
    });
    const routes = Object.values(resourcesOf(template, 'AWS::EC2::Route'))
      .map(({ Properties }) => Properties.NatGatewayId?.Ref as string | undefined)
      .filter((gateway) => gateway !== undefined);
    expect(new Set(routes).size).toBe(3);
  });

  test('a regional one, after the internet gateway is attached', () => {
    const template = withNetwork(DashboardNetwork.regionalNat());
    const gateway = resource(template, 'AWS::EC2::NatGateway');
    expect(gateway.Properties).toMatchObject({ AvailabilityMode: 'regional' });
    expect(gateway.Properties.SubnetId).toBeUndefined();
    const [attachment] = Object.keys(resourcesOf(template, 'AWS::EC2::VPCGatewayAttachment'));
    expect(gateway.DependsOn).toContain(attachment);
    template.resourceCountIs('AWS::EC2::EIP', 0);
  });

  test.each([
    ['one per zone', () => DashboardNetwork.natGateways({ perZone: true }), 2],
    ['regional', () => DashboardNetwork.regionalNat(), 1],
  ])('%s: alarms watch every gateway', (_, choice, count) => {
    expect(newDashboard(stack, { network: choice() }).monitoredParts.natGateways).toHaveLength(
      count,
    );
  });
});

describe('no NAT gateway', () => {
  const create = (
    options: Parameters<typeof DashboardNetwork.noNat>[0],
    internetFacing: boolean,
    props: Partial<OpenStackDashboardProps> = {},
  ): Template => {
    stack = inIreland();
    newDashboard(stack, {
      ...withImages(),
      network: DashboardNetwork.noNat(options),
      entry: newBalancer(stack, { internetFacing }),
      ...props,
    });
    return Template.fromStack(stack);
  };
  const services = (template: Template): string[] =>
    Object.values(resourcesOf(template, 'AWS::EC2::VPCEndpoint'))
      .map(({ Properties }) => textOf(Properties.ServiceName).split('.').at(-1)!)
      .sort();

  test('hosts reach the services that their scripts call, and no route leads out', () => {
    const template = create(undefined, false);
    expect(services(template)).toEqual([
      'autoscaling',
      'cloudformation',
      'logs',
      's3',
      'secretsmanager',
    ]);
    const found = counts(template);
    for (const type of ['NatGateway', 'EIP', 'InternetGateway', 'EgressOnlyInternetGateway']) {
      expect(found[`AWS::EC2::${type}`]).toBeUndefined();
    }
    expect(found['AWS::EC2::Route']).toBeUndefined();
  });

  test('scripts of hosts call no other services', () => {
    // Every call goes through a function `aws`, whose first argument is the service; ship-logs calls `logs`.
    const called = new Set<string>();
    for (const folder of ['hosts', 'dashboard-hosts', 'static']) {
      const root = join(ROOT, 'lib', folder);
      for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (!entry.isFile() || !(path.includes('/files/') || path.endsWith('.sh'))) {
          continue;
        }
        for (const [, name] of readFileSync(path, 'utf8').matchAll(
          /^[^#\n]*\baws ([a-z0-9]+) /gm,
        )) {
          called.add(name);
        }
      }
    }
    expect([...called].sort()).toEqual(['autoscaling', 'cloudformation', 's3', 'secretsmanager']);
  });

  test('only hosts reach the endpoints, which exist before them', () => {
    const template = create({ endpoints: [ec2.InterfaceVpcEndpointAwsService.KMS] }, true);
    expect(services(template)).toHaveLength(6);
    const endpoints = Object.entries(resourcesOf(template, 'AWS::EC2::VPCEndpoint')).filter(
      ([, { Properties }]) => Properties.VpcEndpointType === 'Interface',
    );
    const ingress = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress'));
    for (const [id, { Properties }] of endpoints) {
      const [
        {
          'Fn::GetAtt': [group],
        },
      ] = Properties.SecurityGroupIds as { 'Fn::GetAtt': string[] }[];
      const inline = resource(template, 'AWS::EC2::SecurityGroup', new RegExp(`^${group}$`));
      expect(inline.Properties.SecurityGroupIngress).toBeUndefined();
      const sources = ingress.filter((rule) => rule.Properties.GroupId['Fn::GetAtt'][0] === group);
      expect(
        sources.map((rule) => rule.Properties.SourceSecurityGroupId['Fn::GetAtt'][0]).sort(),
      ).toEqual([
        expect.stringMatching(/^DashboardHostsSecurityGroup/),
        expect.stringMatching(/^DashboardStaticSecurityGroup/),
      ]);
      for (const hosts of Object.values(
        resourcesOf(template, 'AWS::AutoScaling::AutoScalingGroup'),
      )) {
        expect(hosts.DependsOn).toContain(id);
      }
    }
  });

  test('subnets keep their addresses when the load balancer becomes public', () => {
    const privates = (template: Template): unknown[] =>
      Object.entries(resourcesOf(template, 'AWS::EC2::Subnet'))
        .filter(([id]) => !id.includes('Public'))
        .map(([id, { Properties }]) => [id, Properties.CidrBlock]);
    expect(privates(create(undefined, false))).toEqual(privates(create(undefined, true)));
  });

  test('needs images that have all packages', () => {
    const choice = DashboardNetwork.noNat();
    const message = (prop: string): string =>
      `Stack/Dashboard: ${prop} must have a machineImage or an egressProxy with DashboardNetwork.noNat(), got none; hosts cannot reach Debian's mirror, so their image must have all packages`;
    expectMisuse(() => newDashboard(stack, { network: choice }), message('hosts'));
    stack = newStack();
    expectMisuse(
      () => newDashboard(stack, { network: choice, hosts: { machineImage: baked() } }),
      message('staticMedia'),
    );
    stack = inIreland();
    newDashboard(stack, {
      network: choice,
      hosts: { machineImage: baked() },
      staticMedia: StaticMedia.onDashboardHosts(),
    });
  });
});

describe('dual-stack', () => {
  const egress = (template: Template, field: 'CidrIp' | 'CidrIpv6'): number[] =>
    resource(template, 'AWS::EC2::SecurityGroup', /HostsSecurityGroup/)
      .Properties.SecurityGroupEgress.filter((rule: Record<string, string>) => rule[field])
      .map(({ FromPort }: { FromPort: number }) => FromPort)
      .sort();

  test.each([
    ['natGateways', () => DashboardNetwork.natGateways({ dualStack: true })],
    ['regionalNat', () => DashboardNetwork.regionalNat({ dualStack: true })],
  ])('%s: hosts reach IPv6 addresses, and nobody reaches them', (_, choice) => {
    const template = withNetwork(choice());
    expect(counts(template)).toMatchObject({
      'AWS::EC2::VPCCidrBlock': 1,
      'AWS::EC2::EgressOnlyInternetGateway': 1,
    });
    expect(egress(template, 'CidrIpv6')).toEqual(egress(template, 'CidrIp'));
    expect(egress(template, 'CidrIpv6')).toContain(443);
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::EC2::Subnet'))) {
      expect(Properties.MapPublicIpOnLaunch).toBe(false);
    }
  });

  test('only a dual-stack network has a dual-stack load balancer', () => {
    newDashboard(stack, {
      network: DashboardNetwork.natGateways({ dualStack: true }),
      entry: newBalancer(stack, { ipAddressType: elbv2.IpAddressType.DUAL_STACK }),
    });
    const template = Template.fromStack(stack);
    expect(
      resource(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties.IpAddressType,
    ).toBe('dualstack');
    const other = newStack();
    expectMisuse(
      () =>
        newDashboard(other, {
          network: DashboardNetwork.regionalNat(),
          entry: newBalancer(other, { ipAddressType: elbv2.IpAddressType.DUAL_STACK }),
        }),
      'Stack/Dashboard: network must be dual-stack if the ipAddressType of entry is dualstack, got none; give dualStack: true to DashboardNetwork, or a vpc with IPv6 addresses',
    );
  });
});

test('addresses are given', () => {
  const template = withNetwork(
    DashboardNetwork.natGateways({ ipAddresses: ec2.IpAddresses.cidr('10.20.0.0/20') }),
  );
  expect(resource(template, 'AWS::EC2::VPC').Properties.CidrBlock).toBe('10.20.0.0/20');
});

test('misuse', () => {
  expectMisuse(
    () => DashboardNetwork.natGateways({ maxAzs: 1 }),
    'maxAzs must be a whole number from 2 to 100, got 1',
  );
  expectMisuse(
    () => newDashboard(stack, { vpc: network(stack), network: DashboardNetwork.natGateways() }),
    'Stack/Dashboard: network must not be given with vpc; it describes the VPC that is created',
  );
});

test('without NAT, hosts start from the images of a dashboard with NAT, in another stack', () => {
  const staging = newDashboard(inIreland(), { bakedImages: {} });
  const [ofStatic, ofDashboard] = staging.images;
  const region = { env: { region: 'eu-west-1' } };
  const isolated = new Stack(staging.node.root, 'Isolated', region);
  newDashboard(isolated, {
    network: DashboardNetwork.noNat(),
    hosts: { machineImage: ofDashboard.machineImage },
    staticMedia: StaticMedia.onStaticHosts({ machineImage: ofStatic.machineImage }),
  });
  const template = Template.fromStack(isolated);
  template.resourceCountIs('AWS::EC2::NatGateway', 0);
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
  for (const tier of ['Hosts', 'Static']) {
    const { ImageId } = resource(
      template,
      'AWS::EC2::LaunchTemplate',
      new RegExp(`^Dashboard${tier}Launch`),
    ).Properties.LaunchTemplateData;
    expect(JSON.stringify(ImageId)).toMatch(
      new RegExp(`"resolve:ssm:",{"Fn::ImportValue":"\\w+:\\w+Dashboard${tier}ImageParameter`),
    );
  }
  const exported = Object.keys(Template.fromStack(Stack.of(staging)).toJSON().Outputs as object);
  expect(exported.filter((name) => /ImageParameter/.test(name))).toHaveLength(2);
});

test('without NAT, no image can be built', () => {
  expectMisuse(
    () => newDashboard(stack, { network: DashboardNetwork.noNat(), bakedImages: {} }),
    "Stack/Dashboard: hosts must have a machineImage or an egressProxy with DashboardNetwork.noNat(), got none; the first hosts start before an image is built, and cannot reach Debian's mirror; use the images of a dashboard with NAT (docs/baked-images.md)",
  );
});

/** Names of rules that are broken, with both packs, as the ready app has them. */
function findings(
  props: (of: Stack) => Partial<OpenStackDashboardProps>,
  more: (dashboard: OpenStackDashboard) => void = () => undefined,
): string[] {
  const app = newApp({ context: CONTEXT });
  const one = new Stack(app, 'Stack', { env: { region: 'eu-west-1' } });
  more(newDashboard(one, props(one)));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new OpenStackDashboardChecks(app));
  const silent = jest.spyOn(console, 'error').mockImplementation();
  let directory: string;
  try {
    directory = app.synth().directory;
  } catch {
    directory = app.outdir;
  } finally {
    silent.mockRestore();
  }
  const { pluginReports } = JSON.parse(
    readFileSync(join(directory, 'validation-report.json'), 'utf8'),
  ) as { pluginReports: { violations: { ruleName: string; severity: string }[] }[] };
  return pluginReports
    .flatMap(({ violations }) => violations)
    .filter(({ severity }) => severity !== 'info')
    .map(({ ruleName, severity }) => `${severity} ${ruleName}`)
    .sort();
}

test.each<[string, (of: Stack) => Partial<OpenStackDashboardProps>]>([
  ['one per zone', () => ({ network: DashboardNetwork.natGateways({ perZone: true }) })],
  ['regional', () => ({ network: DashboardNetwork.regionalNat() })],
  [
    'dual-stack',
    (of) => ({
      network: DashboardNetwork.natGateways({ dualStack: true }),
      entry: newBalancer(of, {
        ipAddressType: elbv2.IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4,
      }),
    }),
  ],
  ['none', () => ({ ...withImages(), network: DashboardNetwork.noNat() })],
  [
    'none, internal',
    (of) => ({
      ...withImages(),
      network: DashboardNetwork.noNat(),
      entry: newBalancer(of, { internetFacing: false }),
    }),
  ],
])('%s: the rule packs find nothing that they do not find by default', (_, props) => {
  const usual = findings(() => ({}));
  expect(usual.length).toBeGreaterThan(0);
  expect(findings(props).filter((finding) => !usual.includes(finding))).toEqual([]);
});

// As in docs/network.md
test('AWS PrivateLink: the rule packs find nothing but what its page accepts', () => {
  let group: ec2.SecurityGroup;
  const usual = findings(() => ({}));
  const found = findings(
    (of) => {
      const vpc = network(of);
      group = new ec2.SecurityGroup(of, 'PrivateLink', { vpc, allowAllOutbound: false });
      return { vpc, entry: newBalancer(of, { internetFacing: false, clients: [group] }) };
    },
    ({ vpc, entry: { listener }, node }) => {
      const balancer = new elbv2.NetworkLoadBalancer(node.scope!, 'Balancer', {
        vpc,
        securityGroups: [group],
        enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: false,
      });
      balancer.addListener('Tls', { port: 443 }).addTargets('Dashboard', {
        port: 443,
        targets: [new targets.AlbListenerTarget(listener as elbv2.ApplicationListener)],
        healthCheck: { protocol: elbv2.Protocol.HTTP, port: '80' },
      });
      new ec2.VpcEndpointService(node.scope!, 'Service', {
        vpcEndpointServiceLoadBalancers: [balancer],
        allowedPrincipals: [new iam.ArnPrincipal('arn:aws:iam::111122223333:root')],
      });
    },
  );
  expect(found.filter((finding) => !usual.includes(finding))).toEqual(['error AwsSolutions-ELB2']);
  const page = readFileSync(join(ROOT, 'docs/network.md'), 'utf8');
  expect(page).toContain("id: 'AwsSolutions::AwsSolutions-ELB2'");
});
