// A dashboard for docs/changes.md, and things that exist already, which a prop may refer to.
import {
  App,
  DefaultStackSynthesizer,
  Stack,
  aws_certificatemanager as acm,
  aws_ec2 as ec2,
  aws_elasticloadbalancingv2 as elbv2,
  aws_iam as iam,
  aws_kms as kms,
  aws_route53 as route53,
  aws_s3 as s3,
  aws_secretsmanager as secretsmanager,
  aws_sns as sns,
} from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DashboardStack } from '../../bin/dashboard-stack';
import { Monitoring, OpenStackDashboard, OpenStackDashboardProps } from '../../lib';
import type { TemplateJson } from './classify';

export type Props = Partial<OpenStackDashboardProps>;

const { context: FLAGS } = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'cdk.json'), 'utf8'),
) as { context: Record<string, unknown> };

/** Traces of construction take a quarter of the time, and nobody reads them. */
const newApp = (context: Record<string, unknown> = {}) =>
  new App({
    context: { ...FLAGS, 'aws:cdk:disable-creation-stack-traces': true, ...context },
    analyticsReporting: false,
    treeMetadata: false,
  });
const synthesizer = () => new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });

/** The template of a dashboard whose props a function makes, in a stack of their own. */
export function templateOf(propsOf: (stack: Stack) => Props): TemplateJson {
  const stack = new Stack(newApp(), 'Stack', { synthesizer: synthesizer() });
  const props = propsOf(stack);
  new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://keystone.example.org:5000/v3',
    monitoring: Monitoring.none(),
    ...(props.hostedZone || props.entry ? {} : { hostedZone: zone(stack) }),
    ...props,
  });
  return jsonOf(stack);
}

/** The template of the ready app. */
export function readyApp(context: Record<string, string>): TemplateJson {
  return jsonOf(
    new DashboardStack(newApp(context), 'OpenStackDashboard', { synthesizer: synthesizer() }),
  );
}

function jsonOf(stack: Stack): TemplateJson {
  const assembly = (stack.node.root as App).synth();
  return assembly.getStackArtifact(stack.artifactId).template as TemplateJson;
}

export const zone = (stack: Stack, zoneName = 'example.org'): route53.IHostedZone =>
  once(stack, `Zone-${zoneName}`, (id) =>
    route53.HostedZone.fromHostedZoneAttributes(stack, id, { zoneName, hostedZoneId: 'Z0123' }),
  );

export const vpc = (stack: Stack, name = 'a'): ec2.IVpc =>
  once(stack, `Vpc-${name}`, (id) => {
    const each = (kind: string) => [1, 2, 3].map((number) => `subnet-${name}${kind}${number}`);
    const tables = (kind: string) => each(kind).map((subnet) => `rtb-${subnet}`);
    return ec2.Vpc.fromVpcAttributes(stack, id, {
      vpcId: `vpc-${name}`,
      availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
      publicSubnetIds: each('public'),
      publicSubnetRouteTableIds: tables('public'),
      privateSubnetIds: each('private'),
      privateSubnetRouteTableIds: tables('private'),
      isolatedSubnetIds: each('isolated'),
      isolatedSubnetRouteTableIds: tables('isolated'),
    });
  });

export const key = (stack: Stack): kms.IKey =>
  once(stack, 'Key', (id) =>
    kms.Key.fromKeyArn(stack, id, 'arn:aws:kms:eu-west-1:123456789012:key/0123'),
  );
export const bucket = (stack: Stack, name: string): s3.IBucket =>
  once(stack, `Bucket-${name}`, (id) =>
    s3.Bucket.fromBucketAttributes(stack, id, { bucketName: name, region: 'eu-west-1' }),
  );
export const boundary = (stack: Stack): iam.IManagedPolicy =>
  once(stack, 'Boundary', (id) =>
    iam.ManagedPolicy.fromManagedPolicyArn(stack, id, 'arn:aws:iam::123456789012:policy/boundary'),
  );
export const role = (stack: Stack): iam.IRole =>
  once(stack, 'Role', (id) =>
    iam.Role.fromRoleArn(stack, id, 'arn:aws:iam::123456789012:role/hosts'),
  );
export const secret = (stack: Stack): secretsmanager.ISecret =>
  once(stack, 'Secret', (id) =>
    secretsmanager.Secret.fromSecretCompleteArn(
      stack,
      id,
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:dashboard-AbCdEf',
    ),
  );
export const topic = (stack: Stack): sns.ITopic =>
  once(stack, 'Topic', (id) =>
    sns.Topic.fromTopicArn(stack, id, 'arn:aws:sns:eu-west-1:123456789012:alarms'),
  );
export const group = (stack: Stack, name = 'sg-0123'): ec2.ISecurityGroup =>
  once(stack, `Group-${name}`, (id) => ec2.SecurityGroup.fromSecurityGroupId(stack, id, name));
export const certificate = (stack: Stack, name = '0123'): acm.ICertificate =>
  once(stack, `Certificate-${name}`, (id) =>
    acm.Certificate.fromCertificateArn(
      stack,
      id,
      `arn:aws:acm:eu-west-1:123456789012:certificate/${name}`,
    ),
  );
export const loadBalancer = (stack: Stack, name = 'a'): elbv2.IApplicationLoadBalancer =>
  once(stack, `LoadBalancer-${name}`, (id) =>
    elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, id, {
      loadBalancerArn: `arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/${name}/0123`,
      securityGroupId: `sg-${name}`,
      loadBalancerDnsName: `${name}.eu-west-1.elb.amazonaws.com`,
      loadBalancerCanonicalHostedZoneId: 'Z0456',
      vpc: vpc(stack),
    }),
  );
export const listener = (stack: Stack): elbv2.IApplicationListener =>
  once(stack, 'Listener', (id) =>
    elbv2.ApplicationListener.fromApplicationListenerAttributes(stack, id, {
      listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/0123/4567',
      securityGroup: group(stack, 'sg-listener'),
    }),
  );

const made = new WeakMap<Stack, Map<string, unknown>>();

/** Something that exists only once in a stack. */
function once<T>(stack: Stack, id: string, make: (id: string) => T): T {
  const map = made.get(stack) ?? new Map<string, unknown>();
  made.set(stack, map);
  if (!map.has(id)) {
    map.set(id, make(id));
  }
  return map.get(id) as T;
}
