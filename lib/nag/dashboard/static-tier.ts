import { Resource, asList, get } from '../template/template';
import { hasHole, holesIn, literal } from '../template/text';
import { Facts } from './facts';
import { memo } from './memo';
import { launchesOf, targetGroupsOf } from './references';
import {
  LAUNCH_CONFIGURATION,
  LAUNCH_TEMPLATE,
  INSTANCE,
  LISTENER_RULE,
  TARGET_GROUP,
} from './resource-types';

/** The resources of an app that only serve the dashboard's static media. */
export interface StaticTier {
  readonly targetGroups: ReadonlySet<Resource>;
  readonly hosts: ReadonlySet<Resource>;
  readonly buckets: ReadonlySet<Resource>;
  readonly distributions: ReadonlySet<Resource>;
}

export const staticTier: (facts: Facts) => StaticTier = memo(find);

function find(facts: Facts): StaticTier {
  const targetGroups = new Set<Resource>();
  const hosts = new Set<Resource>();
  const buckets = new Set<Resource>();
  const distributions = new Set<Resource>();
  if (facts.hosts.size === 0) {
    return { targetGroups, hosts, buckets, distributions };
  }
  const { template } = facts;

  for (const rule of template.ofType(LISTENER_RULE)) {
    if (!isForStatic(rule, facts)) {
      continue;
    }
    for (const arn of targetGroupsOf(rule.list('Actions'))) {
      const target = facts.target(rule, arn);
      if (target?.resource.type !== TARGET_GROUP) {
        continue;
      }
      if (!facts.targetGroups.has(target.resource)) {
        targetGroups.add(target.resource);
      }
    }
  }

  for (const group of template.ofType('AWS::AutoScaling::AutoScalingGroup')) {
    const serves = (group.list('TargetGroupARNs') ?? []).some((arn) => {
      const target = facts.target(group, arn);
      return target !== undefined && targetGroups.has(target.resource);
    });
    if (!serves) {
      continue;
    }
    for (const launch of launchesOf(group)) {
      const target = facts.target(group, launch);
      if (target && !facts.hosts.has(target.resource)) {
        hosts.add(target.resource);
      }
    }
  }
  for (const machine of template.ofType(LAUNCH_TEMPLATE, LAUNCH_CONFIGURATION, INSTANCE)) {
    const text = facts.userData(machine)?.text.toLowerCase();
    if (text === undefined || facts.hosts.has(machine)) {
      continue;
    }
    const names =
      facts.staticNames.size > 0 ? (text.match(/[a-z0-9-]+(\.[a-z0-9-]+)+/g) ?? []) : [];
    if (names.some((name) => facts.staticNames.has(name))) {
      hosts.add(machine);
    }
  }

  const addBucket = (from: Resource, value: unknown): void => {
    const target = facts.target(from, value);
    if (target?.resource.type === 'AWS::S3::Bucket') {
      buckets.add(target.resource);
    }
  };
  for (const { resource, sources } of facts.hosts.values()) {
    for (const { settings } of sources) {
      for (const name of ['ASSET_BUCKET', 'STATIC_BASE_URL', 'STATIC_URL']) {
        const bucket = settings.get(name);
        if (!bucket || !hasHole(bucket.text)) {
          continue;
        }
        for (const hole of holesIn(bucket.text, bucket.holes)) {
          addBucket(resource, hole);
        }
      }
    }
  }
  for (const distribution of template.ofType('AWS::CloudFront::Distribution')) {
    const config = distribution.property('DistributionConfig');
    const aliases = asList(get(config, 'Aliases')) ?? [];
    if (!aliases.some((alias) => facts.staticNames.has(literal(alias)?.toLowerCase() ?? ''))) {
      continue;
    }
    distributions.add(distribution);
    for (const origin of asList(get(config, 'Origins')) ?? []) {
      addBucket(distribution, get(origin, 'DomainName'));
    }
  }
  return { targetGroups, hosts, buckets, distributions };
}

/** Whether a rule of the dashboard's listeners is only for static media. */
export function isForStatic(rule: Resource, facts: Facts): boolean {
  const listener = facts.target(rule, rule.property('ListenerArn'))?.resource;
  return (
    listener !== undefined &&
    facts.listeners.has(listener) &&
    (rule.list('Conditions') ?? []).some((condition) => isStatic(condition, facts))
  );
}

/** Whether a condition of a listener rule is the static name, or a path of static media. */
function isStatic(condition: unknown, facts: Facts): boolean {
  const field = literal(get(condition, 'Field'));
  const config =
    field === 'host-header'
      ? 'HostHeaderConfig'
      : field === 'path-pattern'
        ? 'PathPatternConfig'
        : '';
  const values = (
    asList(get(condition, config, 'Values')) ??
    asList(get(condition, 'Values')) ??
    []
  ).map((value) => literal(value)?.toLowerCase());
  if (values.length === 0 || values.includes(undefined)) {
    return false;
  }
  return values.every((value) =>
    field === 'host-header'
      ? facts.staticNames.has(value!)
      : [...facts.staticPaths].some((path) => value!.startsWith(path)),
  );
}
