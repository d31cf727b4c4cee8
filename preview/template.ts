import { randomBytes } from 'node:crypto';
import { decide } from './policy';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

interface Resource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly Condition?: string;
  readonly Metadata?: JsonObject;
  readonly UpdatePolicy?: { readonly AutoScalingRollingUpdate?: JsonObject };
  readonly CreationPolicy?: { readonly ResourceSignal?: JsonObject };
}

interface TemplateFile {
  readonly Parameters?: Record<string, JsonObject>;
  readonly Mappings?: Record<string, Record<string, JsonObject>>;
  readonly Conditions?: Record<string, Json>;
  readonly Resources: Record<string, Resource>;
}

export type Role = 'dashboard' | 'static';

/** A statement of a policy, of a role or of a bucket. */
export interface Statement {
  readonly effect: string;
  readonly actions: string[];
  readonly notActions: string[];
  readonly resources: string[];
  readonly notResources: string[];
  /** Of a bucket's policy: `*`, ARNs, accounts and names of services. */
  readonly principals: string[];
  /** Operator, key, values. */
  readonly conditions: Record<string, Record<string, string[]>>;
}

/** A lifecycle hook of a scaling group. */
export interface HookPlan {
  readonly name: string;
  readonly transition: string;
  /** In seconds. */
  readonly heartbeat: number;
  readonly defaultResult: 'ABANDON' | 'CONTINUE';
}

/** What a scaling group does by itself. */
export interface ScalingPlan {
  /** The name of the group. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly hooks: HookPlan[];
  /** Percent of the desired capacity; without a policy, unhealthy hosts are terminated first. */
  readonly maintenance?: { readonly min: number; readonly max: number };
  readonly elbHealth: boolean;
  /** In seconds, from the moment that a host is in service. */
  readonly gracePeriod: number;
}

/** How the metadata service answers a host. */
export interface MetadataPlan {
  readonly enabled: boolean;
  /** Version 2 alone: a token is required. */
  readonly tokens: boolean;
  /** The tags of the host are among its metadata. */
  readonly tags: boolean;
}

/** What CloudFormation waits for when it makes a group. */
export interface CreationPlan {
  readonly signals: number;
  /** In seconds. */
  readonly timeout: number;
}

export interface BucketPlan {
  readonly name: string;
  readonly versioned: boolean;
  /** Object ownership is not `BucketOwnerEnforced`. */
  readonly acls: boolean;
  readonly policy: Statement[];
}

/** What the hosts of one scaling group have in common. */
export interface HostPlan {
  readonly role: Role;
  readonly group: string;
  readonly userData: string;
  /** The names of the Debian packages that they install where an image lacks them. */
  readonly packages: string[];
  readonly roleName: string;
  readonly statements: Statement[];
  /** ARNs. */
  readonly targetGroups: string[];
  readonly metadata: MetadataPlan;
  readonly scaling: ScalingPlan;
  readonly creation?: CreationPlan;
  readonly update: UpdatePlan;
}

/** How CloudFormation replaces the hosts of a group whose launch template changes. */
export interface UpdatePlan {
  /** How many hosts it replaces at once. */
  readonly batch: number;
  /** How many it leaves in service, at least. */
  readonly inService: number;
  /** Whether it waits for a signal of each new host. */
  readonly waits: boolean;
  /** How long, in seconds. */
  readonly pause: number;
}

export interface TargetGroupPlan {
  readonly arn: string;
  readonly port: number;
  readonly protocol: string;
  /** How long a host that leaves may go on answering, in seconds. */
  readonly deregistrationDelay: number;
  readonly health: {
    readonly path: string;
    readonly port: number;
    readonly protocol: string;
    readonly interval: number;
    readonly timeout: number;
    readonly healthy: number;
    readonly unhealthy: number;
    readonly matcher: string;
  };
}

export interface Condition {
  readonly field: string;
  readonly values: string[];
}

export type Action =
  | { readonly type: 'forward'; readonly targetGroup: string }
  | {
      readonly type: 'redirect';
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
      readonly status: number;
    }
  | {
      readonly type: 'fixed-response';
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    };

export interface ListenerPlan {
  readonly port: number;
  readonly protocol: string;
  readonly otherwise: Action;
  readonly rules: { readonly conditions: Condition[]; readonly action: Action }[];
  readonly headers: Record<string, string>;
}

export interface CachePlan {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** A configuration endpoint lists its nodes; a serverless cache is its only node. */
  readonly discovery: boolean;
  readonly nodes: string[];
}

export interface Plan {
  readonly stackName: string;
  readonly stackId: string;
  readonly region: string;
  readonly account: string;
  readonly suffix: string;
  readonly hosts: HostPlan[];
  readonly targetGroups: TargetGroupPlan[];
  readonly listeners: ListenerPlan[];
  readonly dropInvalidHeaders: boolean;
  /** Clients may choose HTTP/2 at HTTPS listeners. */
  readonly http2: boolean;
  /** After how many seconds without a byte a connection ends. */
  readonly idleTimeout: number;
  readonly loadBalancerName: string;
  /** The names under which hosts look for Keystone. */
  readonly keystoneNames: string[];
  readonly caches: CachePlan[];
  readonly secrets: { readonly arn: string; readonly name: string; readonly value: string }[];
  readonly buckets: BucketPlan[];
  /** The Metadata of resources, as JSON. */
  readonly metadata: Record<string, string>;
}

export interface Pseudo {
  readonly region: string;
  readonly account: string;
  readonly stackName: string;
}

export const PSEUDO: Pseudo = {
  region: 'eu-central-1',
  account: '123456789012',
  stackName: 'preview',
};

const SUFFIX = 'amazonaws.com';
const NOTHING = Symbol('AWS::NoValue');

/** Reads a CloudFormation template as if it had been deployed: what its hosts see, with stand-in values. */
export class Template {
  private readonly parameters: Record<string, string> = {};
  private readonly secretValues = new Map<string, string>();

  public constructor(
    private readonly file: TemplateFile,
    given: Record<string, string>,
    private readonly pseudo: Pseudo = PSEUDO,
  ) {
    if (typeof file !== 'object' || file === null || typeof file.Resources !== 'object') {
      throw new Error('the template has no Resources: give a CloudFormation template in JSON');
    }
    this.readParameters(given);
  }

  /** The parameters that the template declares. */
  public static parameterNames(file: TemplateFile): string[] {
    return Object.keys(file.Parameters ?? {});
  }

  public plan(): Plan {
    const balancers = this.resources('AWS::ElasticLoadBalancingV2::LoadBalancer');
    if (balancers.length !== 1) {
      throw new Error(`the template has ${balancers.length} load balancers: the preview runs one`);
    }
    const [balancer] = balancers[0];
    const attributes = this.attributes(balancer, 'LoadBalancerAttributes');
    const buckets = this.resources('AWS::S3::Bucket').map(([id]) => this.bucket(id));
    checkLogDelivery(this.ref(balancer), attributes, buckets, this.pseudo.account);
    const hosts = this.resources('AWS::AutoScaling::AutoScalingGroup').map(([id]) => this.host(id));
    if (hosts.length === 0) {
      throw new Error('the template has no AWS::AutoScaling::AutoScalingGroup: nothing to boot');
    }
    return {
      ...this.pseudo,
      stackId: this.stackId,
      suffix: SUFFIX,
      hosts,
      targetGroups: this.resources('AWS::ElasticLoadBalancingV2::TargetGroup').map(([id]) =>
        this.targetGroup(id),
      ),
      listeners: this.resources('AWS::ElasticLoadBalancingV2::Listener').map(([id]) =>
        this.listener(id),
      ),
      dropInvalidHeaders: attributes['routing.http.drop_invalid_header_fields.enabled'] === 'true',
      http2: (attributes['routing.http2.enabled'] ?? 'true') === 'true',
      idleTimeout: Number(attributes['idle_timeout.timeout_seconds'] ?? 60),
      loadBalancerName: this.attribute(balancer, 'DNSName'),
      keystoneNames: hosts.flatMap(({ userData }) => {
        const url = variable(userData, 'OPENSTACK_KEYSTONE_URL') ?? '';
        return URL.canParse(url) ? [new URL(url).hostname] : [];
      }),
      caches: [
        ...this.resources('AWS::ElastiCache::CacheCluster').map(([id]) => this.cluster(id)),
        ...this.resources('AWS::ElastiCache::ServerlessCache').map(([id]) => ({
          host: this.attribute(id, 'Endpoint.Address'),
          port: Number(this.attribute(id, 'Endpoint.Port')),
          tls: true,
          discovery: false,
          nodes: [this.attribute(id, 'Endpoint.Address')],
        })),
      ],
      secrets: this.resources('AWS::SecretsManager::Secret').map(([id]) => ({
        arn: this.ref(id),
        name: this.text(id, 'Name', id),
        value: this.secretValue(id),
      })),
      buckets,
      metadata: Object.fromEntries(
        Object.entries(this.file.Resources)
          .filter(([, { Metadata = {} }]) =>
            Object.keys(Metadata).some((key) => !/^aws:/.test(key)),
          )
          .map(([id, { Metadata = {} }]) => [id, JSON.stringify(this.resolve(Metadata, id))]),
      ),
    };
  }

  private get stackId(): string {
    const { region, account, stackName } = this.pseudo;
    return `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/0a1b2c3d-preview`;
  }

  private readParameters(given: Record<string, string>): void {
    const declared = this.file.Parameters ?? {};
    for (const name of Object.keys(given)) {
      if (!(name in declared)) {
        const names = Object.keys(declared).join(', ') || 'none';
        throw new Error(`the template has no parameter ${name}: it has ${names}`);
      }
    }
    for (const [name, declaration] of Object.entries(declared)) {
      let value = given[name] ?? (declaration.Default as string | number | undefined);
      if (value === undefined && String(declaration.Type).startsWith('AWS::SSM::')) {
        value = 'ami-0123456789abcdef0';
      }
      if (value === undefined) {
        throw new Error(`parameter ${name} has no value: give it with --parameter ${name}=VALUE`);
      }
      const pattern = declaration.AllowedPattern as string | undefined;
      if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(String(value))) {
        throw new Error(`parameter ${name} is '${value}', which ${pattern} does not allow`);
      }
      const allowed = declaration.AllowedValues as (string | number)[] | undefined;
      if (allowed !== undefined && !allowed.map(String).includes(String(value))) {
        throw new Error(`parameter ${name} must be one of ${allowed.join(', ')}, got '${value}'`);
      }
      // An SSM parameter's default is its name; what a template sees is its value.
      const ssm = String(declaration.Type).startsWith('AWS::SSM::Parameter::Value<AWS::EC2::Image');
      this.parameters[name] = ssm ? 'ami-0123456789abcdef0' : String(value);
    }
  }

  private resources(type: string): [string, Resource][] {
    return Object.entries(this.file.Resources).filter(
      ([, resource]) =>
        resource.Type === type &&
        (resource.Condition === undefined || this.condition(resource.Condition)),
    );
  }

  private properties(id: string): JsonObject {
    return this.file.Resources[id]?.Properties ?? {};
  }

  private property<T extends Json>(id: string, name: string): T | undefined {
    const value = this.properties(id)[name];
    return value === undefined ? undefined : (this.resolve(value, `${id}.${name}`) as T);
  }

  private text(id: string, name: string, otherwise: string): string {
    const value = this.property<Json>(id, name);
    return value === undefined || value === null ? otherwise : String(value);
  }

  private attributes(id: string, name: string): Record<string, string> {
    const list = this.property<{ Key: string; Value: string }[]>(id, name) ?? [];
    return Object.fromEntries(list.map(({ Key, Value }) => [Key, String(Value)]));
  }

  private host(group: string): HostPlan {
    const specification = this.property<JsonObject>(group, 'LaunchTemplate');
    const wanted = specification?.LaunchTemplateId ?? specification?.LaunchTemplateName;
    const templates = this.resources('AWS::EC2::LaunchTemplate');
    const found = templates.find(([id]) => this.ref(id) === wanted);
    if (found === undefined) {
      throw new Error(`${group} has no launch template of this stack`);
    }
    const data = this.property<JsonObject>(found[0], 'LaunchTemplateData') ?? {};
    const userData = typeof data.UserData === 'string' ? decode(data.UserData) : '';
    const size = Buffer.byteLength(userData);
    if (size > 16384) {
      throw new Error(`the user data of ${found[0]} has ${size} bytes: EC2 takes at most 16384`);
    }
    const roleId = this.roleOf(data.IamInstanceProfile as JsonObject | undefined);
    return {
      role: roleOfHost(group, userData),
      group,
      userData,
      packages: variable(userData, 'PACKAGES')?.split(' ') ?? [],
      roleName: roleId ?? '',
      statements: roleId === undefined ? [] : this.statements(roleId),
      targetGroups: this.property<string[]>(group, 'TargetGroupARNs') ?? [],
      metadata: readMetadataOptions(data.MetadataOptions as JsonObject | undefined),
      scaling: this.scaling(group),
      creation: this.creation(group),
      update: this.update(group),
    };
  }

  private scaling(group: string): ScalingPlan {
    const number = (name: string, otherwise: number) =>
      Number(this.text(group, name, String(otherwise)));
    const min = number('MinSize', 1);
    const maintenance = this.property<JsonObject>(group, 'InstanceMaintenancePolicy');
    const hooks = this.property<JsonObject[]>(group, 'LifecycleHookSpecificationList') ?? [];
    return {
      name: this.ref(group),
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
      elbHealth: this.text(group, 'HealthCheckType', 'EC2').split(',').includes('ELB'),
      gracePeriod: number('HealthCheckGracePeriod', 0),
    };
  }

  private creation(group: string): CreationPlan | undefined {
    const policy = this.file.Resources[group].CreationPolicy?.ResourceSignal;
    if (policy === undefined) {
      return undefined;
    }
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-creationpolicy.html
    const { Count = 1, Timeout = 'PT5M' } = this.resolve(policy, group) as JsonObject;
    return { signals: Number(Count), timeout: seconds(String(Timeout)) };
  }

  private update(group: string): UpdatePlan {
    const policy = this.file.Resources[group].UpdatePolicy?.AutoScalingRollingUpdate ?? {};
    const {
      MaxBatchSize = 1,
      MinInstancesInService = 0,
      WaitOnResourceSignals = false,
      PauseTime = 'PT0S',
    } = this.resolve(policy, group) as JsonObject;
    return {
      batch: Number(MaxBatchSize),
      inService: Number(MinInstancesInService),
      waits: String(WaitOnResourceSignals) === 'true',
      pause: seconds(String(PauseTime)),
    };
  }

  private bucket(id: string): BucketPlan {
    const policies = this.resources('AWS::S3::BucketPolicy').filter(
      ([policy]) => this.property(policy, 'Bucket') === this.ref(id),
    );
    const ownership = this.property<JsonObject>(id, 'OwnershipControls')?.Rules as
      JsonObject[] | undefined;
    return {
      name: this.ref(id),
      versioned: this.property<JsonObject>(id, 'VersioningConfiguration')?.Status === 'Enabled',
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
      acls: !['BucketOwnerEnforced', undefined].includes(ownership?.[0].ObjectOwnership as string),
      policy: policies.flatMap(([policy]) =>
        readStatements(policy, this.property<JsonObject>(policy, 'PolicyDocument') ?? {}),
      ),
    };
  }

  private roleOf(profile: JsonObject | undefined): string | undefined {
    const wanted = profile?.Arn ?? profile?.Name;
    const found = this.resources('AWS::IAM::InstanceProfile').find(
      ([id]) => this.ref(id) === wanted || this.attribute(id, 'Arn') === wanted,
    );
    const names = found === undefined ? [] : (this.property<string[]>(found[0], 'Roles') ?? []);
    return this.resources('AWS::IAM::Role').find(([id]) => names.includes(this.ref(id)))?.[0];
  }

  private statements(roleId: string): Statement[] {
    const documents: JsonObject[] = [];
    for (const policy of this.property<JsonObject[]>(roleId, 'Policies') ?? []) {
      documents.push(policy.PolicyDocument as JsonObject);
    }
    for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']) {
      for (const [id] of this.resources(type)) {
        if ((this.property<string[]>(id, 'Roles') ?? []).includes(this.ref(roleId))) {
          documents.push(this.property<JsonObject>(id, 'PolicyDocument') ?? {});
        }
      }
    }
    return documents.flatMap((document) => readStatements(roleId, document));
  }

  private targetGroup(id: string): TargetGroupPlan {
    const port = Number(this.text(id, 'Port', '80'));
    const protocol = this.text(id, 'Protocol', 'HTTP');
    const healthPort = this.text(id, 'HealthCheckPort', 'traffic-port');
    return {
      arn: this.ref(id),
      port,
      protocol,
      deregistrationDelay: Number(
        this.attributes(id, 'TargetGroupAttributes')['deregistration_delay.timeout_seconds'] ?? 300,
      ),
      health: {
        path: this.text(id, 'HealthCheckPath', '/'),
        port: healthPort === 'traffic-port' ? port : Number(healthPort),
        protocol: this.text(id, 'HealthCheckProtocol', 'HTTP'),
        interval: Number(this.text(id, 'HealthCheckIntervalSeconds', '30')),
        timeout: Number(this.text(id, 'HealthCheckTimeoutSeconds', '5')),
        healthy: Number(this.text(id, 'HealthyThresholdCount', '5')),
        unhealthy: Number(this.text(id, 'UnhealthyThresholdCount', '2')),
        matcher: String(this.property<JsonObject>(id, 'Matcher')?.HttpCode ?? '200'),
      },
    };
  }

  private listener(id: string): ListenerPlan {
    const rules = this.resources('AWS::ElasticLoadBalancingV2::ListenerRule')
      .filter(([rule]) => this.property(rule, 'ListenerArn') === this.ref(id))
      .map(([rule]) => ({
        priority: Number(this.text(rule, 'Priority', '0')),
        conditions: (this.property<JsonObject[]>(rule, 'Conditions') ?? []).map((condition) =>
          readCondition(rule, condition),
        ),
        action: this.action(rule, this.property<JsonObject[]>(rule, 'Actions')),
      }))
      .sort((one, other) => one.priority - other.priority);
    return {
      port: Number(this.text(id, 'Port', '0')),
      protocol: this.text(id, 'Protocol', 'HTTP'),
      otherwise: this.action(id, this.property<JsonObject[]>(id, 'DefaultActions')),
      rules,
      headers: this.attributes(id, 'ListenerAttributes'),
    };
  }

  private action(id: string, actions: JsonObject[] | undefined): Action {
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

  private cluster(id: string): CachePlan {
    const host = this.attribute(id, 'ConfigurationEndpoint.Address');
    const tls = this.property(id, 'TransitEncryptionEnabled') === true;
    const count = Number(this.text(id, 'NumCacheNodes', '1'));
    return {
      host,
      port: Number(this.attribute(id, 'ConfigurationEndpoint.Port')),
      tls,
      discovery: true,
      // https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html
      nodes: Array.from({ length: count }, (_, index) => {
        const number = String(index + 1).padStart(4, '0');
        return tls
          ? `${number}.${host.replace('.cfg.', '.')}`
          : host.replace('.cfg.', `.${number}.`);
      }),
    };
  }

  private secretValue(id: string): string {
    const known = this.secretValues.get(id);
    if (known !== undefined) {
      return known;
    }
    const generate = this.property<JsonObject>(id, 'GenerateSecretString');
    const length = Number(generate?.PasswordLength ?? 32);
    const value =
      generate === undefined
        ? this.text(id, 'SecretString', '')
        : randomBytes(length)
            .toString('base64')
            .replace(/[^A-Za-z0-9]/g, 'x')
            .slice(0, length);
    this.secretValues.set(id, value);
    return value;
  }

  /** What Ref gives. */
  private ref(id: string): string {
    const { region, account, stackName } = this.pseudo;
    const type = this.file.Resources[id]?.Type;
    const elb = `arn:aws:elasticloadbalancing:${region}:${account}`;
    switch (type) {
      case undefined:
        throw new Error(`the template refers to ${id}, which it does not have`);
      case 'AWS::SecretsManager::Secret':
        return `arn:aws:secretsmanager:${region}:${account}:secret:${id}-a1B2c3`;
      case 'AWS::S3::Bucket':
        return this.text(
          id,
          'BucketName',
          `${stackName}-${id}-1a2b3c4d`.toLowerCase().slice(0, 63),
        );
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer':
        return `${elb}:loadbalancer/app/${id}/0123456789abcdef`;
      case 'AWS::ElasticLoadBalancingV2::TargetGroup':
        return `${elb}:targetgroup/${id}/0123456789abcdef`;
      case 'AWS::ElasticLoadBalancingV2::Listener':
        return `${elb}:listener/app/${id}/0123456789abcdef/0123456789abcdef`;
      case 'AWS::SNS::Topic':
        return `arn:aws:sns:${region}:${account}:${id}`;
      case 'AWS::CloudFormation::WaitConditionHandle':
        return `https://cloudformation.${region}.${SUFFIX}/${id}`;
      default:
        return `${stackName}-${id}`;
    }
  }

  /** What Fn::GetAtt gives. */
  private attribute(id: string, name: string): string {
    const { region, account } = this.pseudo;
    const type = this.file.Resources[id]?.Type;
    const ref = this.ref(id);
    const short = id.toLowerCase();
    const cache = `cache.${SUFFIX}`;
    switch (`${type}.${name}`) {
      case 'AWS::ElastiCache::CacheCluster.ConfigurationEndpoint.Address':
        return `${short}.1a2b3c.cfg.euc1.${cache}`;
      case 'AWS::ElastiCache::CacheCluster.ConfigurationEndpoint.Port':
        return this.text(id, 'Port', '11211');
      case 'AWS::ElastiCache::ServerlessCache.Endpoint.Address':
        return `${short}-1a2b3c.serverless.euc1.${cache}`;
      case 'AWS::ElastiCache::ServerlessCache.Endpoint.Port':
        return '11211';
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName':
        return `${short}-1234567890.${region}.elb.${SUFFIX}`;
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerName':
        return id;
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerFullName':
        return `app/${id}/0123456789abcdef`;
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer.CanonicalHostedZoneID':
        return 'Z215JYRZR1TBD5';
      case 'AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupFullName':
        return `targetgroup/${id}/0123456789abcdef`;
      case 'AWS::EC2::LaunchTemplate.LatestVersionNumber':
      case 'AWS::EC2::LaunchTemplate.DefaultVersionNumber':
        return '1';
      case 'AWS::EC2::SecurityGroup.GroupId':
      case 'AWS::EC2::VPC.VpcId':
        return ref;
      case 'AWS::EC2::VPC.CidrBlock':
        return this.text(id, 'CidrBlock', '10.0.0.0/16');
      case 'AWS::SecretsManager::Secret.Id':
        return ref;
      case 'AWS::S3::Bucket.Arn':
        return `arn:aws:s3:::${ref}`;
      case 'AWS::S3::Bucket.DomainName':
        return `${ref}.s3.${SUFFIX}`;
      case 'AWS::S3::Bucket.RegionalDomainName':
        return `${ref}.s3.${region}.${SUFFIX}`;
      case 'AWS::IAM::Role.Arn':
        return `arn:aws:iam::${account}:role/${ref}`;
      case 'AWS::IAM::InstanceProfile.Arn':
        return `arn:aws:iam::${account}:instance-profile/${ref}`;
      default:
        break;
    }
    if (name === 'Arn' && type !== undefined) {
      return `arn:aws:${type.split('::')[1].toLowerCase()}:${region}:${account}:${ref}`;
    }
    throw new Error(`attribute ${name} of ${id} (${type}) has no stand-in value in the preview`);
  }

  private condition(name: string): boolean {
    const expression = this.file.Conditions?.[name];
    if (expression === undefined) {
      throw new Error(`the template has no condition ${name}`);
    }
    return this.resolve(expression, `condition ${name}`) === true;
  }

  /** A value with its intrinsic functions carried out. */
  private resolve(value: Json, where: string): Json {
    const result = this.evaluate(value, where);
    if (typeof result === 'symbol') {
      throw new Error(`${where} has no value`);
    }
    return result;
  }

  private evaluate(value: Json, where: string): Json | typeof NOTHING {
    if (Array.isArray(value)) {
      return value
        .map((item) => this.evaluate(item, where))
        .filter((item): item is Json => item !== NOTHING);
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    const keys = Object.keys(value);
    if (
      keys.length === 1 &&
      (keys[0] === 'Ref' || keys[0].startsWith('Fn::') || isCondition(value))
    ) {
      return this.call(keys[0], value[keys[0]], where);
    }
    const entries = keys
      .map((key) => [key, this.evaluate(value[key], where)] as const)
      .filter((entry): entry is readonly [string, Json] => entry[1] !== NOTHING);
    return Object.fromEntries(entries);
  }

  private call(name: string, argument: Json, where: string): Json | typeof NOTHING {
    const each = () => list(argument).map((item) => this.resolve(item, where));
    switch (name) {
      case 'Ref':
        return this.reference(String(argument));
      case 'Condition':
        return this.condition(String(argument));
      case 'Fn::GetAtt': {
        const [id, ...path] = Array.isArray(argument)
          ? argument.map(String)
          : String(argument).split('.');
        return this.attribute(id, path.join('.'));
      }
      case 'Fn::Base64':
        return Buffer.from(String(this.resolve(argument, where))).toString('base64');
      case 'Fn::Join': {
        const [separator, parts] = each();
        return (parts as Json[]).map(String).join(String(separator));
      }
      case 'Fn::Sub':
        return this.substitute(argument, where);
      case 'Fn::Select': {
        const [index, from] = each();
        const selected = (from as Json[])[Number(index)];
        if (selected === undefined) {
          throw new Error(`${where} selects item ${String(index)} of ${JSON.stringify(from)}`);
        }
        return selected;
      }
      case 'Fn::Split': {
        const [separator, text] = each();
        return String(text).split(String(separator));
      }
      case 'Fn::GetAZs':
        return ['a', 'b', 'c'].map((zone) => this.pseudo.region + zone);
      case 'Fn::FindInMap': {
        const [map, top, second] = each().map(String);
        const found = this.file.Mappings?.[map]?.[top]?.[second];
        if (found === undefined) {
          throw new Error(`${where} looks up ${map}.${top}.${second}, which the template lacks`);
        }
        return found;
      }
      case 'Fn::If': {
        const [condition, then, otherwise] = list(argument);
        return this.evaluate(this.condition(String(condition)) ? then : otherwise, where);
      }
      case 'Fn::Equals': {
        const [one, other] = each();
        return String(one) === String(other);
      }
      case 'Fn::Not':
        return each()[0] !== true;
      case 'Fn::And':
        return each().every((item) => item === true);
      case 'Fn::Or':
        return each().some((item) => item === true);
      case 'Fn::ImportValue':
        throw new Error(`${where} imports a value of another stack: the preview runs one stack`);
      default:
        throw new Error(`${where} uses ${name}, which the preview does not know`);
    }
  }

  private reference(name: string): Json | typeof NOTHING {
    const { region, account, stackName } = this.pseudo;
    const pseudo: Record<string, string> = {
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::StackName': stackName,
      'AWS::StackId': this.stackId,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': SUFFIX,
    };
    if (name === 'AWS::NoValue') {
      return NOTHING;
    }
    if (name in pseudo) {
      return pseudo[name];
    }
    if (name in this.parameters) {
      const type = String(this.file.Parameters?.[name]?.Type);
      const value = this.parameters[name];
      return /^(CommaDelimitedList|List<.*>)$/.test(type) ? value.split(',') : value;
    }
    return this.ref(name);
  }

  private substitute(argument: Json, where: string): string {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    return String(text).replace(/\$\{([^}]*)\}/g, (_whole, name: string) => {
      if (name.startsWith('!')) {
        return `\${${name.slice(1)}}`;
      }
      const values = own as JsonObject;
      if (name in values) {
        return String(this.resolve(values[name], where));
      }
      return name.includes('.')
        ? String(this.call('Fn::GetAtt', name, where))
        : String(this.reference(name));
    });
  }
}

function isCondition(value: JsonObject): boolean {
  return typeof value.Condition === 'string';
}

function list(value: Json | undefined): Json[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/**
 * The value of a variable in the host configuration of user data: `NAME="value"` with the characters
 * that a shell would interpret escaped, or `NAME="BASE64" base64` where the template builds the value.
 */
export function variable(userData: string, name: string): string | undefined {
  const line = new RegExp(`^${name}="(.*)"( base64)?$`, 'm').exec(userData);
  if (line === null) {
    return undefined;
  }
  return line[2] === undefined ? line[1].replace(/\\(.)/g, '$1') : decode(line[1]);
}

/** User data in which URLs of some names have a port: a browser reaches the preview there. */
export function withPort(userData: string, names: string[], port: number): string {
  const urls = names.map((name) => new RegExp(`^https://${name.replaceAll('.', '\\.')}(?=/|$)`));
  return userData.replace(/^([A-Z_]+)="(.*)"( base64)?$/gm, (line, name: string) => {
    const value = variable(line, name) ?? '';
    const url = urls.map((one) => one.exec(value)?.[0]).find((found) => found !== undefined);
    return url === undefined
      ? line
      : `${name}="${encode(`${url}:${port}${value.slice(url.length)}`)}" base64`;
  });
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A duration such as PT15M, in seconds. */
function seconds(duration: string): number {
  const match = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(duration);
  if (match === null) {
    throw new Error(`'${duration}' is not a duration such as PT15M`);
  }
  const [hours, minutes, rest] = match.slice(1).map((part) => Number(part ?? 0));
  return hours * 3600 + minutes * 60 + rest;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
function readStatements(id: string, document: JsonObject): Statement[] {
  const principals = (value: Json | undefined): string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.values(value).flatMap((one) => list(one).map(String))
      : list(value).map(String);
  const conditions = (value: Json | undefined) =>
    Object.fromEntries(
      Object.entries((value ?? {}) as Record<string, JsonObject>).map(([operator, keys]) => [
        operator,
        Object.fromEntries(
          Object.entries(keys).map(([key, values]) => [key, list(values).map(String)]),
        ),
      ]),
    );
  return list(document.Statement as Json).map((statement) => {
    const one = statement as JsonObject;
    if (one.NotPrincipal !== undefined) {
      throw new Error(`${id} has a NotPrincipal: the preview has no stand-in for it`);
    }
    return {
      effect: String(one.Effect),
      actions: list(one.Action).map(String),
      notActions: list(one.NotAction).map(String),
      resources: list(one.Resource).map(String),
      notResources: list(one.NotResource).map(String),
      principals: principals(one.Principal),
      conditions: conditions(one.Condition),
    };
  });
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

/**
 * A load balancer with access logs writes a test file to the bucket as it is made, and is not made
 * if that fails:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
function checkLogDelivery(
  balancer: string,
  attributes: Record<string, string>,
  buckets: BucketPlan[],
  account: string,
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
      principals: ['logdelivery.elasticloadbalancing.amazonaws.com'],
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

/** Which of the two tiers a host belongs to: only dashboard hosts are told of Keystone. */
function roleOfHost(group: string, userData: string): Role {
  if (variable(userData, 'OPENSTACK_KEYSTONE_URL') !== undefined) {
    return 'dashboard';
  }
  if (variable(userData, 'ALLOWED_ORIGIN') !== undefined) {
    return 'static';
  }
  throw new Error(`the user data of ${group} is neither a dashboard host's nor a static host's`);
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
