import { readBucket } from './buckets';
import { readCaches } from './caches';
import { checkLogDelivery, readListener, readTargetGroup } from './entry';
import { readHosts } from './hosts';
import { Environment, SUFFIX } from './intrinsics';
import type { Plan } from './plan';
import { Resources } from './resources';
import type { TemplateFile } from './template-file';
import { readSecrets } from './secrets';
import { variable } from './user-data';

/** Reads a CloudFormation template as if it had been deployed: what its hosts see, with stand-in values. */
export class Template {
  private readonly stack: Resources;

  constructor(file: TemplateFile, given: Record<string, string>, environment?: Environment) {
    this.stack = new Resources(file, given, environment);
  }

  /** The parameters that the template declares. */
  public static parameterNames(file: TemplateFile): string[] {
    return Object.keys(file.Parameters ?? {});
  }

  public plan(): Plan {
    const { stack } = this;
    const balancers = stack.resources('AWS::ElasticLoadBalancingV2::LoadBalancer');
    if (balancers.length !== 1) {
      throw new Error(`the template has ${balancers.length} load balancers: the preview runs one`);
    }
    const [balancer] = balancers[0];
    const attributes = stack.attributes(balancer, 'LoadBalancerAttributes');
    const buckets = stack.resources('AWS::S3::Bucket').map(([id]) => readBucket(stack, id));
    checkLogDelivery(stack.ref(balancer), attributes, buckets, stack.pseudo.account);
    const groups = stack.resources('AWS::AutoScaling::AutoScalingGroup');
    const hosts = groups.map(([id]) => readHosts(stack, id));
    if (hosts.length === 0) {
      throw new Error('the template has no AWS::AutoScaling::AutoScalingGroup: nothing to boot');
    }
    return {
      ...stack.pseudo,
      stackId: stack.stackId,
      suffix: SUFFIX,
      hosts,
      targetGroups: stack
        .resources('AWS::ElasticLoadBalancingV2::TargetGroup')
        .map(([id]) => readTargetGroup(stack, id)),
      listeners: stack
        .resources('AWS::ElasticLoadBalancingV2::Listener')
        .map(([id]) => readListener(stack, id)),
      dropInvalidHeaders: attributes['routing.http.drop_invalid_header_fields.enabled'] === 'true',
      http2: (attributes['routing.http2.enabled'] ?? 'true') === 'true',
      idleTimeout: Number(attributes['idle_timeout.timeout_seconds'] ?? 60),
      loadBalancerName: stack.attribute(balancer, 'DNSName'),
      keystoneNames: hosts.flatMap(({ userData }) => {
        const url = variable(userData, 'OPENSTACK_KEYSTONE_URL') ?? '';
        return URL.canParse(url) ? [new URL(url).hostname] : [];
      }),
      caches: readCaches(stack),
      secrets: readSecrets(stack, hosts),
      buckets,
      logGroups: stack.resources('AWS::Logs::LogGroup').map(([id]) => {
        const days = stack.property<number>(id, 'RetentionInDays');
        return { name: stack.ref(id), ...(days === undefined ? {} : { retentionDays: days }) };
      }),
      metadata: Object.fromEntries(
        stack.all
          .filter(([, { Metadata = {} }]) =>
            Object.keys(Metadata).some((key) => !/^aws:/.test(key)),
          )
          .map(([id, { Metadata = {} }]) => [id, JSON.stringify(stack.resolve(Metadata, id))]),
      ),
    };
  }
}
