// What CloudFormation does when one template replaces another: from the differences that the AWS CDK CLI
// shows, and from what the hosts' environment says about sessions.
import { diffTemplate, ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';

export interface TemplateJson {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- CloudFormation, as it comes
  readonly Resources: Readonly<Record<string, any>>;
}

/** What an update does. */
export interface Effect {
  /** The tiers whose hosts are replaced one after another. */
  readonly hosts: readonly ('dashboard' | 'static')[];
  /** Whether all users have to log in again. */
  readonly sessionsEnd: boolean;
  /** Types of resources that are replaced by new ones. */
  readonly replaced: readonly string[];
  /** Types of resources that CloudFormation replaces in some cases. */
  readonly perhapsReplaced: readonly string[];
  /** Types of resources that are updated, created or deleted. */
  readonly updated: readonly string[];
  readonly created: readonly string[];
  readonly deleted: readonly string[];
  /** Types of resources that the stack leaves behind. */
  readonly left: readonly string[];
}

/** Parameters of hosts: with another value, no session is found or can be read. */
export const SESSION_PARAMETERS = [
  'MEMCACHED_ENDPOINT',
  'MEMCACHED_SEALING',
  'SECRET_KEY_SECRET_ID',
  'SESSION_CACHE_ALIAS',
  'SESSION_COOKIE_NAME',
  'SESSION_ENGINE',
  'SESSION_KEY_PREFIX',
];
/** The first name of hosts: browsers send the cookies of sessions only to it. */
const NAMES = 'ALLOWED_HOSTS';

const METADATA = 'cdk-openstack-dashboard';
/** Changes of these properties of an Auto Scaling group replace its hosts.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html */
const ROLLING = ['LaunchTemplate', 'VPCZoneIdentifier', 'MixedInstancesPolicy'];

const LAUNCH_TEMPLATE = 'AWS::EC2::LaunchTemplate';
const GROUP = 'AWS::AutoScaling::AutoScalingGroup';

export function classify(before: TemplateJson, after: TemplateJson): Effect {
  const changes = new Map<string, ResourceDifference>();
  diffTemplate(before, after).resources.forEachDifference((id, change) => {
    if (!unimportant(change)) {
      changes.set(id, change);
    }
  });
  const having = (...impacts: ResourceImpact[]) =>
    [...changes].filter(([, { changeImpact }]) => impacts.includes(changeImpact)).map(([id]) => id);
  const replaced = new Set(having(ResourceImpact.WILL_REPLACE));
  const changed = (id: string, properties: string[]) =>
    replaced.has(id) ||
    properties.some((name) => changes.get(id)?.propertyUpdates[name]) ||
    refersTo(after.Resources[id]?.Properties, replaced);

  const hosts = new Set<'dashboard' | 'static'>();
  for (const [id, { Type, Properties }] of Object.entries(after.Resources)) {
    if (Type === GROUP && before.Resources[id]) {
      const template: string = Properties.LaunchTemplate.LaunchTemplateId.Ref;
      if (changed(id, ROLLING) || changed(template, ['LaunchTemplateData'])) {
        hosts.add(after.Resources[template].Metadata?.[METADATA] ? 'dashboard' : 'static');
      }
    }
  }
  const types = (ids: Iterable<string>) =>
    [...new Set([...ids].map((id) => (after.Resources[id] ?? before.Resources[id]).Type))].sort();
  const created = types(having(ResourceImpact.WILL_CREATE));
  const deleted = types(having(ResourceImpact.WILL_DESTROY));
  // Replaced under another logical ID.
  const renamed = created.filter((type) => deleted.includes(type));
  const without = (list: string[]) => list.filter((type) => !renamed.includes(type));
  return {
    hosts: [...hosts].sort(),
    sessionsEnd: sessionsOf(before) !== sessionsOf(after) || sessionStoreOf(after, replaced),
    replaced: [...new Set([...types(replaced), ...renamed])].sort(),
    perhapsReplaced: types(having(ResourceImpact.MAY_REPLACE)),
    updated: types(having(ResourceImpact.WILL_UPDATE)),
    created: without(created),
    deleted: without(deleted),
    left: types(having(ResourceImpact.WILL_ORPHAN)),
  };
}

/** Metadata for reviewers, and orders. */
export function unimportant({
  resourceType,
  propertyUpdates,
  changeImpact,
}: ResourceDifference): boolean {
  return (
    changeImpact === ResourceImpact.NO_CHANGE ||
    // The files of hosts are in its metadata; hosts are replaced by the new name.
    resourceType === 'AWS::CloudFormation::WaitConditionHandle' ||
    (changeImpact === ResourceImpact.WILL_UPDATE && Object.keys(propertyUpdates).length === 0)
  );
}

function environmentOf({ Resources }: TemplateJson): Record<string, unknown> {
  const [template] = Object.values(Resources).filter(
    ({ Type, Metadata }) => Type === LAUNCH_TEMPLATE && Metadata?.[METADATA]?.environment,
  );
  return template?.Metadata[METADATA].environment ?? {};
}

function sessionsOf(template: TemplateJson): string {
  const environment = environmentOf(template);
  const name = environment[NAMES];
  return JSON.stringify([
    ...SESSION_PARAMETERS.map((parameter) => environment[parameter] ?? null),
    typeof name === 'string' ? name.split(',')[0] : name,
  ]);
}

/** Whether what the parameters of sessions refer to is replaced. */
function sessionStoreOf(after: TemplateJson, replaced: ReadonlySet<string>): boolean {
  const environment = environmentOf(after);
  return SESSION_PARAMETERS.some((parameter) => refersTo(environment[parameter], replaced));
}

/** Whether there is a `Ref` or `Fn::GetAtt` of one of these resources. */
function refersTo(value: unknown, ids: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return Object.entries(value).some(
    ([key, inner]) =>
      (key === 'Ref' && ids.has(inner)) ||
      (key === 'Fn::GetAtt' && Array.isArray(inner) && ids.has(inner[0])) ||
      refersTo(inner, ids),
  );
}
