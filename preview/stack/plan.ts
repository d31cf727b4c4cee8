// What the preview has to run, as `Template` reads it.
import type { Statement } from './policy';

export type Role = 'dashboard' | 'static';

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

export interface LogGroupPlan {
  readonly name: string;
  /** How long events are kept; without it, forever. */
  readonly retentionDays?: number;
}

export interface BucketPlan {
  readonly name: string;
  readonly versioned: boolean;
  /** Object ownership is not `BucketOwnerEnforced`. */
  readonly acls: boolean;
  readonly policy: Statement[];
}

/** What a launch template says about its instances. */
export interface InstancePlan {
  readonly userData: string;
  readonly roleName: string;
  readonly statements: Statement[];
  readonly metadata: MetadataPlan;
  /** Differs where the launch template does: CloudFormation replaces its instances then. */
  readonly version: string;
}

/** An instance of a bake: it becomes a machine image of hosts, or tests one. */
export type ImageStage = 'bake' | 'test';

/** What the hosts of one scaling group have in common. */
export interface HostPlan extends InstancePlan {
  readonly role: Role;
  readonly group: string;
  /** The names of the Debian packages that they install where an image lacks them. */
  readonly packages: string[];
  /** The lock of Horizon from PyPI: gzipped, in base64. */
  readonly horizonLock?: string;
  /** The instances of a bake of their machine image, if there is one. */
  readonly image: Readonly<Partial<Record<ImageStage, InstancePlan>>>;
  /** ARNs. */
  readonly targetGroups: string[];
  readonly scaling: ScalingPlan;
  readonly update: UpdatePlan;
}

/** How CloudFormation replaces the hosts of a group whose launch template changes. */
export interface UpdatePlan {
  /** How many hosts it replaces at once. */
  readonly batch: number;
  /** How many it leaves in service, at least. */
  readonly inService: number;
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

export interface SecretPlan {
  readonly arn: string;
  readonly name: string;
  readonly value: string;
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
  readonly secrets: SecretPlan[];
  readonly buckets: BucketPlan[];
  readonly logGroups: LogGroupPlan[];
  /** The Metadata of resources, as JSON. */
  readonly metadata: Record<string, string>;
}
