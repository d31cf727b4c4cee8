import { ELB_ACCOUNTS } from './elb-accounts';
import type { Pseudo } from './intrinsics';
import { JsonObject, list } from './json';
import type { Action, BucketPlan, Condition, ListenerPlan, TargetGroupPlan } from './plan';
import { decide } from './policy';
import type { Resources } from './resources';

/** The load balancer that forwards to the dashboard's hosts; a stack may have others. */
export function readBalancer(stack: Resources, targetGroups: readonly string[]): string {
  const type = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
  const all = stack.resources(type).map(([id]) => id);
  const serving = all.filter((id) => {
    const entry = listenersOf(stack, id).flatMap((listener) => [
      listener,
      ...rulesOf(stack, listener),
    ]);
    const properties = entry.map((one) => JSON.stringify(stack.resolved(one)));
    return targetGroups.some((arn) =>
      properties.some((text) => text.includes(JSON.stringify(arn))),
    );
  });
  if (serving.length !== 1) {
    throw new Error(
      all.length === 0
        ? 'the template has no load balancer: the preview runs that of the stack, so synthesize it with DashboardEntry.newLoadBalancer'
        : `the template has ${serving.length} load balancers that forward to the dashboard: the preview runs one`,
    );
  }
  return serving[0];
}

/** The listeners of a load balancer. */
export function listenersOf(stack: Resources, balancer: string): string[] {
  return stack
    .resources('AWS::ElasticLoadBalancingV2::Listener')
    .map(([id]) => id)
    .filter((id) => stack.property(id, 'LoadBalancerArn') === stack.ref(balancer));
}

function rulesOf(stack: Resources, listener: string): string[] {
  return stack
    .resources('AWS::ElasticLoadBalancingV2::ListenerRule')
    .map(([id]) => id)
    .filter((id) => stack.property(id, 'ListenerArn') === stack.ref(listener));
}

export function readTargetGroup(stack: Resources, id: string): TargetGroupPlan {
  const port = Number(stack.text(id, 'Port', '80'));
  const protocol = stack.text(id, 'Protocol', 'HTTP');
  const healthPort = stack.text(id, 'HealthCheckPort', 'traffic-port');
  return {
    arn: stack.ref(id),
    port,
    protocol,
    deregistrationDelay: Number(
      stack.attributes(id, 'TargetGroupAttributes')['deregistration_delay.timeout_seconds'] ?? 300,
    ),
    health: {
      path: stack.text(id, 'HealthCheckPath', '/'),
      port: healthPort === 'traffic-port' ? port : Number(healthPort),
      protocol: stack.text(id, 'HealthCheckProtocol', 'HTTP'),
      interval: Number(stack.text(id, 'HealthCheckIntervalSeconds', '30')),
      timeout: Number(stack.text(id, 'HealthCheckTimeoutSeconds', '5')),
      healthy: Number(stack.text(id, 'HealthyThresholdCount', '5')),
      unhealthy: Number(stack.text(id, 'UnhealthyThresholdCount', '2')),
      matcher: String(stack.property<JsonObject>(id, 'Matcher')?.HttpCode ?? '200'),
    },
  };
}

export function readListener(stack: Resources, id: string): ListenerPlan {
  const rules = rulesOf(stack, id)
    .map((rule) => ({
      priority: Number(stack.text(rule, 'Priority', '0')),
      conditions: (stack.property<JsonObject[]>(rule, 'Conditions') ?? []).map((condition) =>
        readCondition(rule, condition),
      ),
      action: readAction(rule, stack.property<JsonObject[]>(rule, 'Actions')),
    }))
    .sort((one, other) => one.priority - other.priority);
  return {
    port: Number(stack.text(id, 'Port', '0')),
    protocol: stack.text(id, 'Protocol', 'HTTP'),
    otherwise: readAction(id, stack.property<JsonObject[]>(id, 'DefaultActions')),
    rules,
    headers: stack.attributes(id, 'ListenerAttributes'),
  };
}

function readAction(id: string, actions: JsonObject[] | undefined): Action {
  const action = actions?.at(-1);
  const type = action?.Type;
  if (action !== undefined && type === 'forward') {
    const groups = (action.ForwardConfig as JsonObject | undefined)?.TargetGroups;
    const first = (groups as JsonObject[] | undefined)?.[0]?.TargetGroupArn;
    return { type, targetGroup: String(action.TargetGroupArn ?? first) };
  }
  if (action !== undefined && type === 'redirect') {
    const to = action.RedirectConfig as JsonObject;
    return {
      type,
      protocol: String(to.Protocol ?? '#{protocol}'),
      host: String(to.Host ?? '#{host}'),
      port: String(to.Port ?? '#{port}'),
      path: String(to.Path ?? '/#{path}'),
      query: String(to.Query ?? '#{query}'),
      status: to.StatusCode === 'HTTP_301' ? 301 : 302,
    };
  }
  if (action !== undefined && type === 'fixed-response') {
    const fixed = action.FixedResponseConfig as JsonObject;
    return {
      type,
      status: Number(fixed.StatusCode),
      contentType: String(fixed.ContentType ?? 'text/plain'),
      body: String(fixed.MessageBody ?? ''),
    };
  }
  throw new Error(
    `${id} has an action of type ${String(type)}: the preview has no stand-in for it`,
  );
}

function readCondition(rule: string, condition: JsonObject): Condition {
  const field = String(condition.Field);
  const config = (condition.HostHeaderConfig ?? condition.PathPatternConfig) as
    JsonObject | undefined;
  if (field !== 'host-header' && field !== 'path-pattern') {
    throw new Error(`${rule} has a condition on ${field}: the preview has no stand-in for it`);
  }
  return { field, values: list(config?.Values ?? condition.Values).map(String) };
}

/**
 * A load balancer with access logs writes a test file to the bucket as it is made, and is not made
 * if that fails:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
export function checkLogDelivery(
  balancer: string,
  attributes: Record<string, string>,
  buckets: BucketPlan[],
  { account, region }: Pseudo,
): void {
  for (const kind of ['access_logs', 'connection_logs']) {
    const bucket = buckets.find(({ name }) => name === attributes[`${kind}.s3.bucket`]);
    // The policy of a bucket outside of the stack cannot be seen.
    if (attributes[`${kind}.s3.enabled`] !== 'true' || bucket === undefined) {
      continue;
    }
    const prefix = attributes[`${kind}.s3.prefix`] ?? '';
    const key = `${prefix === '' ? '' : `${prefix}/`}AWSLogs/${account}/ELBAccessLogTestFile`;
    const request = {
      action: 's3:PutObject',
      resource: `arn:aws:s3:::${bucket.name}/${key}`,
      principals: [
        'logdelivery.elasticloadbalancing.amazonaws.com',
        `arn:aws:iam::${ELB_ACCOUNTS[region]}:root`,
      ],
      keys: {
        'aws:sourceaccount': account,
        'aws:sourcearn': balancer,
        'aws:securetransport': 'true',
      },
    };
    if (decide(bucket.policy, request) !== 'allow') {
      throw new Error(
        `Access Denied for bucket: ${bucket.name}. Please check S3bucket permission: ` +
          `the load balancer cannot write ${key}`,
      );
    }
  }
}
