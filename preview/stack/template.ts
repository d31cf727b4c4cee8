import { readBucket } from './buckets';
import { readCaches } from './caches';
import {
  checkLogDelivery,
  listenersOf,
  readBalancer,
  readListener,
  readTargetGroup,
} from './entry';
import { readGroups } from './hosts';
import { Environment, OtherStacks, OutputReference, SUFFIX } from './intrinsics';
import type { Json } from './json';
import type { Plan, SecretPlan } from './plan';
import { Resources } from './resources';
import type { TemplateFile } from './template-file';
import { readSecrets } from './secrets';
import { variable } from './user-data';

/** Reads a CloudFormation template as if it had been deployed: what its hosts see, with stand-in values. */
export class Template {
  private readonly stack: Resources;

  constructor(
    private readonly file: TemplateFile,
    given: Record<string, string>,
    environment?: Environment,
    others?: OtherStacks,
  ) {
    this.stack = new Resources(file, given, environment, others);
  }

  /** The parameters that the template declares. */
  public static parameterNames(file: TemplateFile): string[] {
    return Object.keys(file.Parameters ?? {});
  }

  /** The value of an output, if it has it. */
  public output(stackName: string, reference: OutputReference): Json | undefined {
    const found = Object.entries(this.file.Outputs ?? {}).find(([name, { Export }]) => {
      if ('output' in reference) {
        return stackName === reference.stack && name === reference.output;
      }
      return (
        Export?.Name !== undefined && this.stack.resolve(Export.Name, name) === reference.exported
      );
    });
    return found && this.stack.resolve(found[1].Value, found[0]);
  }

  /** What another stack refers to, and has to run with it. */
  public shared(): Pick<Plan, 'buckets' | 'caches' | 'logGroups'> & { secrets: SecretPlan[] } {
    const { stack } = this;
    return {
      buckets: stack.resources('AWS::S3::Bucket').map(([id]) => readBucket(stack, id)),
      caches: readCaches(stack),
      logGroups: stack.resources('AWS::Logs::LogGroup').map(([id]) => {
        const days = stack.property<number>(id, 'RetentionInDays');
        return { name: stack.ref(id), ...(days === undefined ? {} : { retentionDays: days }) };
      }),
      secrets: readSecrets(stack, []),
    };
  }

  /** @param others what other stacks have that this one refers to, once it has been read */
  public plan(others: () => readonly Template[] = () => []): Plan {
    const { stack } = this;
    const hosts = readGroups(stack);
    const targetGroups = hosts.flatMap((host) => host.targetGroups);
    const balancer = readBalancer(stack, targetGroups);
    const attributes = stack.attributes(balancer, 'LoadBalancerAttributes');
    const metadata = this.metadata();
    const own = this.shared();
    const shared = others().map((other) => other.shared());
    const buckets = [own, ...shared].flatMap((one) => one.buckets);
    checkLogDelivery(stack.ref(balancer), attributes, buckets, stack.pseudo);
    return {
      ...stack.pseudo,
      stackId: stack.stackId,
      suffix: SUFFIX,
      hosts,
      targetGroups: stack
        .resources('AWS::ElasticLoadBalancingV2::TargetGroup')
        .filter(([id]) => targetGroups.includes(stack.ref(id)))
        .map(([id]) => readTargetGroup(stack, id)),
      listeners: listenersOf(stack, balancer).map((id) => readListener(stack, id)),
      dropInvalidHeaders: attributes['routing.http.drop_invalid_header_fields.enabled'] === 'true',
      http2: (attributes['routing.http2.enabled'] ?? 'true') === 'true',
      idleTimeout: Number(attributes['idle_timeout.timeout_seconds'] ?? 60),
      loadBalancerName: stack.attribute(balancer, 'DNSName'),
      keystoneNames: hosts.flatMap(({ userData }) => {
        const url = variable(userData, 'OPENSTACK_KEYSTONE_URL') ?? '';
        return URL.canParse(url) ? [new URL(url).hostname] : [];
      }),
      caches: [own, ...shared].flatMap((one) => one.caches),
      secrets: readSecrets(
        stack,
        hosts,
        shared.flatMap(({ secrets }) => secrets),
      ),
      buckets,
      logGroups: [own, ...shared].flatMap((one) => one.logGroups),
      metadata,
    };
  }

  private metadata(): Record<string, string> {
    const { stack } = this;
    return Object.fromEntries(
      stack.all
        .filter(([, { Metadata = {} }]) => Object.keys(Metadata).some((key) => !/^aws:/.test(key)))
        .map(([id, { Metadata = {} }]) => [id, JSON.stringify(stack.resolve(Metadata, id))]),
    );
  }
}
