import { createHash } from 'node:crypto';
import type { JsonObject } from './json';
import type {
  HookPlan,
  HostPlan,
  ImageStage,
  InstancePlan,
  MetadataPlan,
  Role,
  ScalingPlan,
  UpdatePlan,
} from './plan';
import { readStatements, Statement } from './policy';
import type { Resources } from './resources';
import { decode, variable } from './user-data';

/** The scaling groups of the dashboard; a stack may have groups of other software. */
export function readGroups(stack: Resources): HostPlan[] {
  const groups = stack
    .resources('AWS::AutoScaling::AutoScalingGroup')
    .flatMap(([id]) => readHosts(stack, id) ?? []);
  for (const role of ['dashboard', 'static'] as const) {
    const names = groups.filter((host) => host.role === role).map(({ group }) => group);
    if (names.length > 1) {
      throw new Error(
        `the template has ${names.length} groups of ${role} hosts (${names.join(', ')}): ` +
          'the preview runs one dashboard, so put each into a stack of its own',
      );
    }
  }
  if (!groups.some(({ role }) => role === 'dashboard')) {
    throw new Error(
      'the template has no dashboard hosts: give that of a stack with OpenStackDashboard or ' +
        'DashboardHosts with --template FILE',
    );
  }
  return groups;
}

/** The hosts of a scaling group, if they are of the dashboard. */
function readHosts(stack: Resources, group: string): HostPlan | undefined {
  const specification = stack.property<JsonObject>(group, 'LaunchTemplate');
  const wanted = specification?.LaunchTemplateId ?? specification?.LaunchTemplateName;
  const templates = stack.resources('AWS::EC2::LaunchTemplate');
  const found = templates.find(([id]) => stack.ref(id) === wanted);
  const instance = found && readInstance(stack, found[0]);
  const role = instance && roleOfHost(instance.userData);
  if (instance === undefined || role === undefined) {
    return undefined;
  }
  checkSize(group, instance.userData);
  return {
    ...instance,
    role,
    group,
    packages: variable(instance.userData, 'PACKAGES')?.split(' ') ?? [],
    horizonLock: readLock(stack, instance.userData),
    image: readImage(stack, role),
    targetGroups: stack.property<string[]>(group, 'TargetGroupARNs') ?? [],
    scaling: readScaling(stack, group),
    update: readUpdate(stack, group),
  };
}

/** The instances of a launch template. */
function readInstance(stack: Resources, template: string): InstancePlan {
  const data = stack.property<JsonObject>(template, 'LaunchTemplateData') ?? {};
  const userData = typeof data.UserData === 'string' ? decode(data.UserData) : '';
  const roleId = roleOf(stack, data.IamInstanceProfile as JsonObject | undefined);
  return {
    userData,
    roleName: roleId ?? '',
    statements: roleId === undefined ? [] : statements(stack, roleId),
    metadata: readMetadataOptions(data.MetadataOptions as JsonObject | undefined),
    version: createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 12),
  };
}

function checkSize(group: string, userData: string): void {
  const size = Buffer.byteLength(userData);
  if (size > 16384) {
    throw new Error(`the user data of ${group} has ${size} bytes: EC2 takes at most 16384`);
  }
}

/** The lock of Horizon from PyPI, if hosts run that. */
function readLock(stack: Resources, userData: string): string | undefined {
  const id = variable(userData, 'HORIZON_RESOURCE');
  const found = stack
    .resources('AWS::CloudFormation::WaitConditionHandle')
    .find(([name]) => name === id);
  return found && /H4sI[A-Za-z0-9+/=]+/.exec(JSON.stringify(found[1]))?.[0];
}

/** The instances of a bake for hosts of a role. */
function readImage(stack: Resources, role: Role): Partial<Record<ImageStage, InstancePlan>> {
  const found: Partial<Record<ImageStage, InstancePlan>> = {};
  for (const [id] of stack.resources('AWS::EC2::LaunchTemplate')) {
    const instance = readInstance(stack, id);
    const stage = variable(instance.userData, 'IMAGE_STAGE');
    if (stage !== undefined && roleOfHost(instance.userData) === role) {
      found[stage as ImageStage] = instance;
    }
  }
  return found;
}

function readScaling(stack: Resources, group: string): ScalingPlan {
  const number = (name: string, otherwise: number) =>
    Number(stack.text(group, name, String(otherwise)));
  const min = number('MinSize', 1);
  const maintenance = stack.property<JsonObject>(group, 'InstanceMaintenancePolicy');
  const hooks = stack.property<JsonObject[]>(group, 'LifecycleHookSpecificationList') ?? [];
  return {
    name: stack.ref(group),
    min,
    max: number('MaxSize', min),
    desired: number('DesiredCapacity', min),
    hooks: hooks.map((hook) => readHook(group, hook)),
    maintenance:
      maintenance === undefined
        ? undefined
        : {
            min: Number(maintenance.MinHealthyPercentage),
            max: Number(maintenance.MaxHealthyPercentage),
          },
    elbHealth: stack.text(group, 'HealthCheckType', 'EC2').split(',').includes('ELB'),
    gracePeriod: number('HealthCheckGracePeriod', 0),
  };
}

function readUpdate(stack: Resources, group: string): UpdatePlan {
  const policy = stack.resource(group).UpdatePolicy?.AutoScalingRollingUpdate ?? {};
  const { MaxBatchSize = 1, MinInstancesInService = 0 } = stack.resolve(
    policy,
    group,
  ) as JsonObject;
  return {
    batch: Number(MaxBatchSize),
    inService: Number(MinInstancesInService),
  };
}

function roleOf(stack: Resources, profile: JsonObject | undefined): string | undefined {
  const wanted = profile?.Arn ?? profile?.Name;
  const found = stack
    .resources('AWS::IAM::InstanceProfile')
    .find(([id]) => stack.ref(id) === wanted || stack.attribute(id, 'Arn') === wanted);
  const names = found === undefined ? [] : (stack.property<string[]>(found[0], 'Roles') ?? []);
  return stack.resources('AWS::IAM::Role').find(([id]) => names.includes(stack.ref(id)))?.[0];
}

function statements(stack: Resources, roleId: string): Statement[] {
  const documents: JsonObject[] = [];
  for (const policy of stack.property<JsonObject[]>(roleId, 'Policies') ?? []) {
    documents.push(policy.PolicyDocument as JsonObject);
  }
  for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']) {
    for (const [id] of stack.resources(type)) {
      if ((stack.property<string[]>(id, 'Roles') ?? []).includes(stack.ref(roleId))) {
        documents.push(stack.property<JsonObject>(id, 'PolicyDocument') ?? {});
      }
    }
  }
  return documents.flatMap((document) => readStatements(roleId, document));
}

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-autoscaling-autoscalinggroup-lifecyclehookspecification.html
 */
function readHook(group: string, hook: JsonObject): HookPlan {
  const defaultResult = String(hook.DefaultResult ?? 'ABANDON');
  const heartbeat = Number(hook.HeartbeatTimeout ?? 3600);
  if (defaultResult !== 'ABANDON' && defaultResult !== 'CONTINUE') {
    throw new Error(`a lifecycle hook of ${group} has DefaultResult ${defaultResult}`);
  }
  if (!(heartbeat >= 30 && heartbeat <= 7200)) {
    throw new Error(`a lifecycle hook of ${group} has a HeartbeatTimeout of ${heartbeat} s`);
  }
  return {
    name: String(hook.LifecycleHookName),
    transition: String(hook.LifecycleTransition),
    heartbeat,
    defaultResult,
  };
}

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ec2-launchtemplate-metadataoptions.html
 */
function readMetadataOptions(options: JsonObject = {}): MetadataPlan {
  return {
    enabled: options.HttpEndpoint !== 'disabled',
    tokens: options.HttpTokens === 'required',
    tags: options.InstanceMetadataTags === 'enabled',
  };
}

/** Which of the two tiers a host belongs to, if any: only dashboard hosts know Keystone's URL. */
function roleOfHost(userData: string): Role | undefined {
  if (variable(userData, 'OPENSTACK_KEYSTONE_URL') !== undefined) {
    return 'dashboard';
  }
  return variable(userData, 'ALLOWED_ORIGIN') === undefined ? undefined : 'static';
}
