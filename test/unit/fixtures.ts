import { App, AppProps, CfnResource, Stack, StackProps, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DashboardEntry,
  Monitoring,
  NewLoadBalancerOptions,
  OpenStackDashboard,
  OpenStackDashboardProps,
} from '../../lib';

export const NAME = 'dashboard.example.org';
export const KEYSTONE = 'https://keystone.example.org:5000/v3';
export const ROOT = join(__dirname, '../..');

/** The feature flags of the ready app. */
export const CONTEXT = (
  JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> }
).context;

export interface Resource {
  readonly Type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly Properties: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly [key: string]: any;
}

// tree.json, which no test reads, is a tenth of a synthesis.
export const newApp = (props?: AppProps): App => new App({ treeMetadata: false, ...props });

export function newStack(props?: StackProps, context?: Record<string, unknown>): Stack {
  return new Stack(newApp({ context }), 'Stack', props);
}

export function certificate(scope: Construct): acm.ICertificate {
  const { region } = Stack.of(scope);
  return acm.Certificate.fromCertificateArn(
    scope,
    'GivenCertificate',
    `arn:aws:acm:${Token.isUnresolved(region) ? 'eu-west-1' : region}:123456789012:certificate/0123`,
  );
}

/** A new load balancer, with a certificate that exists unless options have another. */
export function newBalancer(
  scope: Construct,
  options: NewLoadBalancerOptions = {},
): DashboardEntry {
  return DashboardEntry.newLoadBalancer({
    ...options,
    certificate: options.certificate ?? certificate(scope),
  });
}

/** A network that exists, with subnets of every kind over some zones. */
export function network(scope: Construct, zones = 3, id = 'GivenVpc'): ec2.IVpc {
  const each = (kind: string): string[] =>
    Array.from({ length: zones }, (_, zone) => `subnet-${kind}${zone}`);
  return ec2.Vpc.fromVpcAttributes(scope, id, {
    vpcId: 'vpc-0123',
    availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'].slice(0, zones),
    publicSubnetIds: each('public'),
    publicSubnetRouteTableIds: each('public').map((name) => `rtb-${name}`),
    privateSubnetIds: each('private'),
    privateSubnetRouteTableIds: each('private').map((name) => `rtb-${name}`),
    isolatedSubnetIds: each('isolated'),
    isolatedSubnetRouteTableIds: each('isolated').map((name) => `rtb-${name}`),
  });
}

/** A dashboard with the least that has to be given; a network of its own unless one is given. */
export function newDashboard(
  stack: Stack,
  props: Partial<OpenStackDashboardProps> = {},
  id = 'Dashboard',
): OpenStackDashboard {
  return new OpenStackDashboard(stack, id, {
    domainName: NAME,
    keystoneUrl: KEYSTONE,
    monitoring: Monitoring.none(),
    ...(props.hostedZone || props.entry ? {} : { entry: newBalancer(stack) }),
    ...props,
  });
}

export function resourcesOf(template: Template, type: string): Record<string, Resource> {
  return template.findResources(type) as unknown as Record<string, Resource>;
}

/** The one resource of a type whose logical id matches. */
export function resource(template: Template, type: string, id: RegExp = /./): Resource {
  const found = Object.entries(resourcesOf(template, type)).filter(([name]) => id.test(name));
  if (found.length !== 1) {
    throw new Error(`${type} ${id}: found ${found.map(([name]) => name).join(', ') || 'none'}`);
  }
  return found[0][1];
}

/** The text of a property, with `<Name>` and `<Name.Attribute>` for what deployment fills in. */
export function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const [[intrinsic, argument]] = Object.entries(value);
  switch (intrinsic) {
    case 'Fn::Base64':
      return textOf(argument);
    case 'Fn::Join':
      return argument[1].map(textOf).join(argument[0]);
    case 'Ref':
      return `<${argument}>`;
    case 'Fn::GetAtt':
      return `<${argument.join('.')}>`;
    default:
      return `<${JSON.stringify(value)}>`;
  }
}

export type Environment = Record<string, string>;

/** The environment files that a user data script writes, read as a host reads them. */
export function environmentsOf(userData: string): Record<'host' | 'dashboard', Environment> {
  const file = (name: string): Environment => {
    const text = new RegExp(
      `/${name}\\.env <<'END_OF_ENVIRONMENT'\\n([^]*?)\\n?END_OF_ENVIRONMENT`,
    ).exec(userData)![1];
    return Object.fromEntries(
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => {
          const [, key, value, encoded] = /^([A-Z0-9_]+)="(.*)"( base64)?$/.exec(line)!;
          return [key, encoded ? value : value.replace(/\\(.)/g, '$1')];
        }),
    );
  };
  return { host: file('host'), dashboard: file('dashboard') };
}

export function launchTemplate(template: Template, id: RegExp = /Hosts/): Resource {
  return resource(template, 'AWS::EC2::LaunchTemplate', id);
}

export function userDataOf(template: Template, id?: RegExp): string {
  return textOf(launchTemplate(template, id).Properties.LaunchTemplateData.UserData);
}

/** The statements of the policies of a role, by the role's logical id. */
export function statementsOf(template: Template, id: RegExp): Resource['Properties'][] {
  return Object.values(resourcesOf(template, 'AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some((role: unknown) => id.test(textOf(role))))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

export function cfnResources(stack: Stack): CfnResource[] {
  return stack.node.findAll().filter((node): node is CfnResource => node instanceof CfnResource);
}

/** Misuse is refused with exactly this message: `<construct path>: <prop> must …`, no final period. */
export function expectMisuse(use: () => unknown, message: string): void {
  let actual: unknown;
  try {
    use();
  } catch (error) {
    actual = (error as Error).message;
  }
  expect(actual).toBe(message);
  expect(message).toMatch(/^([\w/]+: )?(context )?[\w.[\]]+( and \w+)* must [^]*[^.]$/);
}
