import { App, CfnParameter, CfnResource, PolicyValidationPluginReport, Stack } from 'aws-cdk-lib';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenStackDashboardChecks, OpenStackDashboardChecksProps } from '../../lib/nag';
import { Facts } from '../../lib/nag/dashboard/facts';
import { inWords, judge } from '../../lib/nag/pack/judge';
import { RULES } from '../../lib/nag/rules';
import { exampleOf } from './example';

/** A template's resources, as CloudFormation writes them. */
export type Resources = Record<
  string,
  {
    Type: string;
    Properties?: Record<string, unknown>;
    Metadata?: Record<string, unknown>;
  }
>;

export const ref = (id: string): unknown => ({ Ref: id });
export const att = (id: string, name: string): unknown => ({ 'Fn::GetAtt': [id, name] });
export const joined = (...parts: unknown[]): unknown => ({ 'Fn::Join': ['', parts] });
/** A value that only the deployment knows. */
export const UNKNOWN = { 'Fn::ImportValue': 'made-elsewhere' };
export const PARAMETER = 'Given';
/** A choice between such values. */
export const CHOICE = { 'Fn::If': ['Production', UNKNOWN, { 'Fn::ImportValue': 'made-there' }] };
export const CONDITION = 'Production';
/** A choice by a condition. */
export const either = (one: unknown, other: unknown): unknown => ({
  'Fn::If': [CONDITION, one, other],
});

// One for thousands of apps of which hardly any is synthesized: each would make its own.
const outdir = mkdtempSync(join(tmpdir(), 'nag-'));

/** Makes an app of plain resources, as L1 constructs or an included template would. */
export function appOf(resources: Resources): App {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Stack');
  new CfnParameter(stack, PARAMETER);
  for (const [id, { Type, Properties, Metadata }] of Object.entries(resources)) {
    const resource = new CfnResource(stack, id, { type: Type, properties: Properties });
    for (const [key, value] of Object.entries(Metadata ?? {})) {
      resource.addMetadata(key, value);
    }
  }
  return app;
}

export function report(
  resources: Resources,
  props?: OpenStackDashboardChecksProps,
): PolicyValidationPluginReport {
  return new OpenStackDashboardChecks(undefined, props).validateScope(appOf(resources));
}

/** `CACHE1 Stack/Distribution` for each finding. */
export function findings(resources: Resources, props?: OpenStackDashboardChecksProps): string[] {
  return report(resources, props)
    .violations.filter(({ severity }) => severity !== 'info')
    .flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(
        ({ constructPath }) =>
          `${ruleName.replace('OpenStackDashboard-', '')} ${constructPath!.replace('Stack/', '')}`,
      ),
    )
    .sort();
}

/** The findings, and the rules that a finding names since they have the same cause. */
function reported(resources: Resources, props?: OpenStackDashboardChecksProps): string[] {
  return report(resources, props).violations.flatMap(({ ruleName, description, ...violation }) => {
    const also = /Same cause: (.*)\.$/.exec(description)?.[1].split(', ') ?? [];
    return [ruleName.replace('OpenStackDashboard-', ''), ...also].flatMap((id) =>
      violation.violatingResources.map(
        ({ constructPath }) => `${id} ${constructPath!.replace('Stack/', '')}`,
      ),
    );
  });
}

/** `SETTINGS1 Host` for each rule that could not be judged. */
export function undecided(resources: Resources, props?: OpenStackDashboardChecksProps): string[] {
  return report(resources, props)
    .violations.filter(({ severity }) => severity === 'info')
    .flatMap(({ description, violatingResources }) =>
      violatingResources.flatMap(({ constructPath }) =>
        [...description.matchAll(/\b[A-Z]+\d+\b/g)].map(
          ([id]) => `${id} ${constructPath!.replace('Stack/', '')}`,
        ),
      ),
    )
    .sort();
}

/** What one rule says of one resource: its places, none, or undefined where it does not apply. */
export function verdict(
  ruleId: string,
  logicalId: string,
  resources: Resources,
  props: OpenStackDashboardChecksProps = {},
): readonly string[] | undefined {
  const app = appOf(resources);
  const facts = new Facts(app, {
    dashboards: props.dashboardNames ?? [],
    memcachedClusters: props.memcachedClusterNames ?? [],
  });
  const rule = RULES.find(({ id }) => id === ruleId)!;
  const node = app.node.findChild('Stack').node.findChild(logicalId) as CfnResource;
  const resource = facts.resource(node)!;
  return rule.types.includes(resource.type)
    ? judge(rule, resource, facts)?.places.map(inWords)
    : undefined;
}

export const ENVIRONMENT: Readonly<Record<string, unknown>> = {
  ALLOWED_HOSTS: 'dashboard.example',
  OPENSTACK_KEYSTONE_URL: 'https://keystone.example.org:5000/v3',
  SESSION_ENGINE: 'django.contrib.sessions.backends.cache',
  SECRET_KEY_SECRET_ID: ref('Key'),
  MEMCACHED_ENDPOINT: {
    'Fn::Join': [
      '',
      [
        att('Cluster', 'ConfigurationEndpoint.Address'),
        ':',
        att('Cluster', 'ConfigurationEndpoint.Port'),
      ],
    ],
  },
  MEMCACHED_TLS: 'true',
  SESSION_COOKIE_SECURE: 'true',
  CSRF_COOKIE_SECURE: 'true',
  SESSION_COOKIE_HTTPONLY: 'true',
  DISALLOW_IFRAME_EMBED: 'true',
  COMPRESS_OFFLINE: 'true',
  ENFORCE_PASSWORD_CHECK: 'true',
  DISABLE_PASSWORD_REVEAL: 'true',
  DEBUG: 'false',
  PASSWORD_AUTOCOMPLETE: 'off',
  PASSWORD_VALIDATOR_REGEX: '^.{12,}$',
  HORIZON_IMAGES_UPLOAD_MODE: 'off',
  SECURE_PROXY_SSL_HEADER: 'HTTP_X_FORWARDED_PROTO,https',
  STATIC_BASE_URL: 'https://static.dashboard.example/static/',
};

/** Settings as a host's user data writes them. */
export function asUserData(environment: Record<string, unknown>): unknown {
  const parts: unknown[] = [
    '#!/bin/bash\n',
    "cat > /etc/openstack-dashboard/dashboard.env <<'E'\n",
  ];
  for (const [name, value] of Object.entries(environment)) {
    const text = typeof value === 'string' ? value.replace(/["\\$`]/g, '\\$&') : value;
    parts.push(`${name}="`, text, '"\n');
  }
  parts.push('E\n');
  return { 'Fn::Base64': { 'Fn::Join': ['', parts] } };
}

export const MANAGED_CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
export const MANAGED_CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';

export interface Changes {
  /** Settings to change; undefined leaves one out. */
  readonly environment?: Record<string, unknown>;
  /** More user data. */
  readonly script?: unknown;
  /** Properties to change, by logical id. */
  readonly properties?: Record<string, Record<string, unknown>>;
  readonly more?: Resources;
}

/** A whole dashboard that follows every rule, with changes. */
export function dashboard(changes: Changes = {}): Resources {
  const environment = Object.fromEntries(
    Object.entries({ ...ENVIRONMENT, ...changes.environment }).filter(([, v]) => v !== undefined),
  );
  const resources: Resources = {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
    Key: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { GenerateSecretString: { PasswordLength: 64 } },
    },
    CacheGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { GroupDescription: 'memcached', VpcId: ref('Vpc') },
    },
    HostGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { GroupDescription: 'hosts', VpcId: ref('Vpc') },
    },
    CacheIngress: {
      Type: 'AWS::EC2::SecurityGroupIngress',
      Properties: {
        GroupId: att('CacheGroup', 'GroupId'),
        SourceSecurityGroupId: att('HostGroup', 'GroupId'),
        IpProtocol: 'tcp',
        FromPort: 11211,
        ToPort: 11211,
      },
    },
    Cluster: {
      Type: 'AWS::ElastiCache::CacheCluster',
      Properties: {
        Engine: 'memcached',
        CacheNodeType: 'cache.t4g.small',
        NumCacheNodes: 2,
        AZMode: 'cross-az',
        TransitEncryptionEnabled: true,
        VpcSecurityGroupIds: [att('CacheGroup', 'GroupId')],
      },
    },
    Host: {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: {
        LaunchTemplateData: {
          MetadataOptions: { HttpTokens: 'required' },
          SecurityGroupIds: [att('HostGroup', 'GroupId')],
          UserData: {
            'Fn::Base64': {
              'Fn::Join': ['', ['#!/bin/bash\n', changes.script ?? 'apt-get install -y nginx\n']],
            },
          },
        },
      },
      Metadata: { 'cdk-openstack-dashboard': { environment } },
    },
    Group: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: {
        MinSize: '2',
        MaxSize: '4',
        LaunchTemplate: {
          LaunchTemplateId: ref('Host'),
          Version: att('Host', 'LatestVersionNumber'),
        },
        TargetGroupARNs: [ref('Targets')],
      },
    },
    Targets: {
      Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      Properties: { Protocol: 'HTTPS', Port: 443, VpcId: ref('Vpc') },
    },
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: {
        Type: 'application',
        LoadBalancerAttributes: [
          { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
        ],
      },
    },
    Https: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: ref('Balancer'),
        Port: 443,
        Protocol: 'HTTPS',
        SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
      },
    },
    Http: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: ref('Balancer'),
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [
          {
            Type: 'redirect',
            RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
          },
        ],
      },
    },
    ...changes.more,
  };
  for (const [id, properties] of Object.entries(changes.properties ?? {})) {
    resources[id] = {
      ...resources[id],
      Properties: { ...resources[id].Properties, ...properties },
    };
  }
  return resources;
}

/** A resource of the dashboard with properties changed. */
export const having = (id: string, properties: Record<string, unknown>): Resources =>
  dashboard({ properties: { [id]: properties } });

/** The same resources in an app that has no dashboard: its hosts run something else. */
export function withoutDashboard(resources: Resources): Resources {
  const { Host, ...rest } = resources;
  const data = Host.Properties!.LaunchTemplateData as Record<string, unknown>;
  return { ...rest, Host: { ...Host, Properties: { LaunchTemplateData: data }, Metadata: {} } };
}

/** The dashboard, and a task with another container of it. */
export const withTask = (container: Record<string, unknown>): Resources => ({
  ...dashboard(),
  Task: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      ContainerDefinitions: [
        {
          Name: 'horizon',
          Image: 'horizon',
          Environment: Object.entries(ENVIRONMENT).map(([Name, Value]) => ({ Name, Value })),
          ...container,
        },
      ],
    },
  },
});

/** The dashboard with a script of its hosts. */
export const script = (text: unknown): Resources => dashboard({ script: text });

/** Cases by the text of their script. */
export const scripts = (...texts: string[]): Record<string, Resources> =>
  Object.fromEntries(texts.map((text) => [text.trim(), script(text)]));

/** The case of a script on a host that runs something else. */
export const elsewhere = (text: string): Record<string, Resources> => ({
  'a host of something else': withoutDashboard(script(text)),
});

/** Cases of one rule: what applies and is right, what is wrong, what is none of its business. */
export interface Cases {
  readonly on: string;
  readonly compliant: Record<string, Resources>;
  readonly wrong: Record<string, Resources>;
  readonly notApplicable: Record<string, Resources>;
  /** Values that only the deployment knows, where the rule does not depend on them: never wrong. */
  readonly unknown?: Record<string, Resources>;
  /** Those on which it depends: never wrong either, but reported as information. */
  readonly undecided?: Record<string, Resources>;
  readonly props?: OpenStackDashboardChecksProps;
}

/** Rules that have an example: that of their first cases. */
const SHOWN = new Set<string>();

export function rule(id: string, cases: Cases): void {
  const says = (resources: Resources): readonly string[] | undefined =>
    verdict(id, cases.on, resources, cases.props);
  describe(id, () => {
    const { compliant, wrong, notApplicable, unknown = {}, undecided: open = {} } = cases;
    test('has cases of each kind', () => {
      for (const kind of [compliant, wrong, notApplicable, { ...unknown, ...open }]) {
        expect(Object.keys(kind).length).toBeGreaterThan(0);
      }
    });
    if (!SHOWN.has(id)) {
      SHOWN.add(id);
      test('has an example for its page', () => {
        const example = exampleOf(Object.values(wrong)[0], Object.values(compliant));
        expect(example.bad).toMatchSnapshot('bad');
        expect(example.good).toMatchSnapshot('good');
      });
    }
    test.each(Object.entries(compliant))('accepts %s', (_name, resources) => {
      expect(says(resources)).toEqual([]);
    });
    test.each(Object.entries(wrong))('finds %s', (_name, resources) => {
      expect(says(resources)?.length).toBeGreaterThan(0);
      expect(reported(resources, cases.props)).toContain(`${id} ${cases.on}`);
    });
    test.each(Object.entries(notApplicable))('does not apply to %s', (_name, resources) => {
      expect(says(resources)).toBeUndefined();
    });
    for (const [name, resources] of Object.entries({ ...unknown, ...open })) {
      test(`leaves alone ${name}`, () => {
        expect(says(resources) ?? []).toEqual([]);
        const said = undecided(resources, cases.props).includes(`${id} ${cases.on}`);
        if (name in open) {
          expect(said).toBe(true);
        }
      });
    }
  });
}
