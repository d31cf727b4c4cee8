// Wrong stacks that are made by constructs of the AWS CDK: L2, escape hatches, several stacks,
// nested stacks, stages, imported resources, included templates.
import {
  App,
  Aspects,
  CfnResource,
  Fn,
  Lazy,
  NestedStack,
  SecretValue,
  Stack,
  Stage,
} from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as patterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { Construct } from 'constructs';
import { join } from 'node:path';
import { ENVIRONMENT } from './baseline';
import { Choices, Parts, dashboard, network, userDataOf } from './dashboard-l2';
import { Case, constructs } from './stacks';

const viewerProtocolPolicy = cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS;

/** One stack with a dashboard, and something done to it. */
const oneStack = (
  name: string,
  deserves: readonly string[],
  change: (parts: Parts, stack: Stack) => void,
  choices: Choices = {},
): Case =>
  constructs(name, deserves, (app) => {
    const stack = new Stack(app, 'Stack');
    change(dashboard(stack, choices), stack);
  });

const chosen = (name: string, deserves: readonly string[], choices: Choices): Case =>
  oneStack(name, deserves, () => undefined, choices);

function cdn(
  scope: Construct,
  balancer: elbv2.ApplicationLoadBalancer,
  cachePolicy: cloudfront.ICachePolicy,
): cloudfront.Distribution {
  return new cloudfront.Distribution(scope, 'Cdn', {
    defaultBehavior: {
      origin: new origins.LoadBalancerV2Origin(balancer),
      cachePolicy,
      viewerProtocolPolicy,
    },
  });
}

const { CACHING_DISABLED, CACHING_OPTIMIZED } = cloudfront.CachePolicy;
const escape = (construct: Construct): CfnResource => construct.node.defaultChild as CfnResource;

const l2: Case[] = [
  oneStack(
    'a distribution that caches as it does by default',
    ['CACHE1 Cdn'],
    ({ balancer }, stack) => {
      new cloudfront.Distribution(stack, 'Cdn', {
        defaultBehavior: {
          origin: new origins.LoadBalancerV2Origin(balancer),
          viewerProtocolPolicy,
        },
      });
    },
  ),
  oneStack('a distribution with a policy of its own', ['CACHE1 Cdn'], ({ balancer }, stack) => {
    cdn(stack, balancer, new cloudfront.CachePolicy(stack, 'Policy'));
  }),
  oneStack('a distribution that caches one path', ['CACHE1 Cdn'], ({ balancer }, stack) => {
    const distribution = cdn(stack, balancer, CACHING_DISABLED);
    distribution.addBehavior('/project/*', new origins.LoadBalancerV2Origin(balancer), {
      cachePolicy: CACHING_OPTIMIZED,
      viewerProtocolPolicy,
    });
  }),
  oneStack('a distribution before the name', ['CACHE1 Cdn'], (_parts, stack) => {
    new cloudfront.Distribution(stack, 'Cdn', {
      defaultBehavior: { origin: new origins.HttpOrigin('example.org'), viewerProtocolPolicy },
    });
  }),
  oneStack('an L1 distribution with old settings', ['CACHE1 Cdn'], ({ balancer }, stack) => {
    new cloudfront.CfnDistribution(stack, 'Cdn', {
      distributionConfig: {
        enabled: true,
        origins: [{ id: 'entry', domainName: balancer.loadBalancerDnsName }],
        defaultCacheBehavior: {
          targetOriginId: 'entry',
          viewerProtocolPolicy: 'https-only',
          forwardedValues: { queryString: true },
        },
      },
    });
  }),
  oneStack(
    'a listener for HTTP that forwards',
    ['HTTPS1 Balancer/Plain'],
    ({ balancer, hosts }) => {
      balancer
        .addListener('Plain', { port: 8080, protocol: elbv2.ApplicationProtocol.HTTP })
        .addTargets('Plain', { protocol: elbv2.ApplicationProtocol.HTTPS, targets: [hosts] });
    },
  ),
  chosen('a listener with an old TLS', ['HTTPS2 Balancer/Https'], {
    sslPolicy: elbv2.SslPolicy.LEGACY,
  }),
  chosen('header fields with any name', ['HTTPS3 Balancer'], { dropInvalidHeaderFields: false }),
  chosen('HTTP to the hosts', ['HTTPS4 Balancer/Https/TargetsGroup'], {
    hostProtocol: elbv2.ApplicationProtocol.HTTP,
  }),
  chosen('a key of 40 characters', ['SECRET1 Key'], { keyLength: 40 }),
  oneStack('a key in the template', ['SECRET2 Key'], ({ key }) => {
    escape(key).addPropertyDeletionOverride('GenerateSecretString');
    escape(key).addPropertyOverride(
      'SecretString',
      SecretValue.unsafePlainText('correct horse battery staple').unsafeUnwrap(),
    );
  }),
  chosen('metadata without a token', ['HOST1 Launch'], { imdsv2: false }),
  oneStack('memcached for anybody', ['SESSION6 Cluster'], ({ cacheGroup }) => {
    cacheGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(11211));
  }),
  oneStack('memcached for the whole VPC', ['SESSION6 Cluster'], ({ cacheGroup, vpc }) => {
    cacheGroup.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.allTraffic());
  }),
  oneStack('memcached for anybody of version 6', ['SESSION6 Cluster'], ({ cacheGroup }) => {
    cacheGroup.connections.allowFrom(ec2.Peer.anyIpv6(), ec2.Port.tcp(11211));
  }),
  oneStack('varnish that is added to the user data', ['CACHE2 Launch'], ({ launchTemplate }) => {
    launchTemplate.userData!.addCommands('apt-get install -y varnish');
  }),
  chosen('local_settings.py with DEBUG', ['SETTINGS1 Launch'], {
    told: (text) => text.replace('DEBUG = False', 'DEBUG = True'),
  }),
  chosen('Keystone over HTTP', ['HTTPS5 Launch'], {
    told: (text) => text.replace('"https://keystone', '"http://keystone'),
  }),
  chosen('nginx that caches', ['CACHE3 Launch'], {
    told: (text) => text.replace('proxy_pass http', 'proxy_cache pages;\n        proxy_pass http'),
  }),
];

const machines: Case[] = [
  constructs('a single instance that was made by hand', ['SETTINGS1 Host'], (app) => {
    const stack = new Stack(app, 'Stack');
    const { key, cluster, vpc } = dashboard(stack);
    const text = userDataOf(key, cluster).replace('DEBUG = False', 'DEBUG = True');
    new ec2.Instance(stack, 'Host', {
      vpc,
      instanceType: new ec2.InstanceType('t4g.small'),
      machineImage: ec2.MachineImage.genericLinux({ 'eu-central-1': 'ami-0123456789abcdef0' }),
      userData: ec2.UserData.custom(text),
      requireImdsv2: true,
    });
    // An aspect does it.
    app.synth();
  }),
  constructs(
    'a group with a launch configuration',
    ['HOST1 Hosts/LaunchConfig', 'SETTINGS3 Hosts/LaunchConfig'],
    (app) => {
      const stack = new Stack(app, 'Stack');
      const { key, cluster, vpc } = dashboard(stack);
      stack.node.tryRemoveChild('Hosts');
      new autoscaling.AutoScalingGroup(stack, 'Hosts', {
        vpc,
        instanceType: new ec2.InstanceType('t3.small'),
        machineImage: ec2.MachineImage.genericLinux({ 'eu-central-1': 'ami-0123456789abcdef0' }),
        userData: ec2.UserData.custom(
          userDataOf(key, cluster).replace("['example.org']", "['example.org', '.example.net']"),
        ),
      });
    },
  ),
  constructs('an L1 launch template with Fn.base64 and Fn.sub', ['SETTINGS4 Host'], (app) => {
    new ec2.CfnLaunchTemplate(new Stack(app, 'Stack'), 'Host', {
      launchTemplateData: {
        metadataOptions: { httpTokens: 'required' },
        userData: Fn.base64(
          Fn.sub(
            'SESSION_COOKIE_SECURE=false\nSESSION_ENGINE=${Engine}\nOPENSTACK_KEYSTONE_URL=https://${Name}/v3\n',
            {
              Engine: 'django.contrib.sessions.backends.cache',
              Name: Fn.importValue('keystone'),
            },
          ),
        ),
      },
    });
  }),
];

/** A task with the settings of the baseline, changed. */
function task(stack: Stack, changes: Record<string, string>): ecs.FargateTaskDefinition {
  const definition = new ecs.FargateTaskDefinition(stack, 'Task');
  definition.addContainer('horizon', {
    image: ecs.ContainerImage.fromRegistry('registry.example.org/horizon:2025.1'),
    portMappings: [{ containerPort: 8443 }],
    environment: {
      ...Object.fromEntries(
        Object.entries(ENVIRONMENT).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : 'cache.example.org:11211',
        ]),
      ),
      ...changes,
    },
  });
  return definition;
}

const containers: Case[] = [
  constructs('a container with DEBUG', ['SETTINGS1 Task'], (app) => {
    task(new Stack(app, 'Stack'), { DEBUG: 'true' });
  }),
  constructs('a container with varnish beside it', ['CACHE2 Task'], (app) => {
    task(new Stack(app, 'Stack'), {}).addContainer('front', {
      image: ecs.ContainerImage.fromRegistry('varnish:7.5-alpine'),
    });
  }),
  constructs('a container with a wildcard that is made late', ['SETTINGS3 Task'], (app) => {
    task(new Stack(app, 'Stack'), { ALLOWED_HOSTS: Lazy.string({ produce: () => '*' }) });
  }),
  constructs(
    'a load-balanced service, as it is by default',
    [
      'HTTPS1 Service/LB/PublicListener',
      'HTTPS3 Service/LB',
      'HTTPS4 Service/LB/PublicListener/ECSGroup',
    ],
    (app) => {
      const stack = new Stack(app, 'Stack');
      new patterns.ApplicationLoadBalancedFargateService(stack, 'Service', {
        vpc: network(stack),
        taskDefinition: task(stack, {}),
      });
    },
  ),
];

const hatches: Case[] = [
  oneStack('an override of one property', ['SESSION4 Cluster'], ({ cluster }) => {
    cluster.addPropertyOverride('TransitEncryptionEnabled', false);
  }),
  oneStack('an override that takes one out', ['SESSION4 Cluster'], ({ cluster }) => {
    cluster.addPropertyDeletionOverride('TransitEncryptionEnabled');
  }),
  oneStack('an override by the path of the template', ['SESSION5 Cluster'], ({ cluster }) => {
    cluster.addOverride('Properties.NumCacheNodes', 1);
  }),
  oneStack('an override deep in a list', ['CACHE1 Cdn'], ({ balancer }, stack) => {
    const distribution = cdn(stack, balancer, CACHING_DISABLED);
    distribution.addBehavior('/identity/*', new origins.LoadBalancerV2Origin(balancer), {
      cachePolicy: CACHING_DISABLED,
      viewerProtocolPolicy,
    });
    escape(distribution).addPropertyOverride(
      'DistributionConfig.CacheBehaviors.0.CachePolicyId',
      CACHING_OPTIMIZED.cachePolicyId,
    );
  }),
  oneStack('an override of an action', ['HTTPS1 Balancer/Redirect80To443'], ({ balancer }) => {
    const redirect = balancer.node.findChild('Redirect80To443') as elbv2.ApplicationListener;
    escape(redirect).addPropertyOverride('DefaultActions.0.RedirectConfig.Protocol', 'HTTP');
  }),
  oneStack('an override that takes the policy out', ['HTTPS2 Balancer/Https'], ({ https }) => {
    escape(https).addPropertyDeletionOverride('SslPolicy');
  }),
  oneStack('an override of the user data', ['SETTINGS1 Launch'], ({ launchTemplate }) => {
    escape(launchTemplate).addPropertyOverride('LaunchTemplateData.UserData', {
      'Fn::Base64':
        'SESSION_ENGINE=sealed_signed_cookies\nOPENSTACK_KEYSTONE_URL=https://k/v3\nDEBUG=true\n',
    });
  }),
  oneStack('another logical id', ['SESSION5 Cluster'], ({ cluster }) => {
    cluster.overrideLogicalId('Renamed');
    cluster.azMode = 'single-az';
  }),
  constructs('an aspect that takes TLS away', ['SESSION4 Cluster'], (app) => {
    dashboard(new Stack(app, 'Stack'));
    Aspects.of(app).add({
      visit: (node) => {
        if (node instanceof elasticache.CfnCacheCluster) {
          node.transitEncryptionEnabled = false;
        }
      },
    });
    app.synth();
  }),
];

/** The base, the entry, and a distribution in stacks of their own. */
function threeStacks(scope: App | Stage): void {
  const [base, entry, edge] = ['Base', 'Entry', 'Edge'].map((id) => new Stack(scope, id));
  const { balancer } = dashboard(base, { entry, keyLength: 32 });
  cdn(edge, balancer, CACHING_OPTIMIZED);
}

const stacks: Case[] = [
  constructs('three stacks', ['CACHE1 Edge/Cdn', 'SECRET1 Base/Key'], threeStacks),
  constructs('three stacks, after synthesis', ['CACHE1 Edge/Cdn', 'SECRET1 Base/Key'], (app) => {
    threeStacks(app);
    app.synth();
  }),
  constructs('a policy in a stack of its own', ['CACHE1 Cdn'], (app) => {
    const stack = new Stack(app, 'Stack');
    const policy = new cloudfront.CachePolicy(new Stack(app, 'Policies'), 'Policy');
    cdn(stack, dashboard(stack).balancer, policy);
  }),
  constructs('a name of an export between two stacks', ['SESSION4 Cache/Cluster'], (app) => {
    const cache = new Stack(app, 'Cache');
    const cluster = new elasticache.CfnCacheCluster(cache, 'Cluster', {
      engine: 'memcached',
      cacheNodeType: 'cache.t4g.small',
      numCacheNodes: 2,
      azMode: 'cross-az',
      vpcSecurityGroupIds: [
        new ec2.SecurityGroup(cache, 'Group', { vpc: network(cache) }).securityGroupId,
      ],
    });
    cache.exportValue(cluster.attrConfigurationEndpointAddress, { name: 'sessions' });
    task(new Stack(app, 'Tasks'), { MEMCACHED_ENDPOINT: `${Fn.importValue('sessions')}:11211` });
  }),
  ...['before', 'after'].map((when) =>
    constructs(
      `nested stacks, ${when} synthesis`,
      ['CACHE1 Parent/Edge/Cdn', 'SECRET1 Parent/Base/Key', 'SESSION4 Parent/Base/Cluster'],
      (app) => {
        const parent = new Stack(app, 'Parent');
        const [base, entry, edge] = ['Base', 'Entry', 'Edge'].map(
          (id) => new NestedStack(parent, id),
        );
        const { balancer, cluster } = dashboard(base, { entry, keyLength: 32 });
        cluster.transitEncryptionEnabled = undefined;
        cdn(edge, balancer, CACHING_OPTIMIZED);
        if (when === 'after') {
          app.synth();
        }
      },
    ),
  ),
  constructs('two stages, one of them wrong', ['SESSION5 Production/Stack/Cluster'], (app) => {
    dashboard(new Stack(new Stage(app, 'Test'), 'Stack'));
    const { cluster } = dashboard(new Stack(new Stage(app, 'Production'), 'Stack'));
    cluster.azMode = 'single-az';
  }),
  constructs(
    'two stages of three stacks, both wrong',
    ['Production', 'Test'].flatMap((stage) => [
      `CACHE1 ${stage}/Edge/Cdn`,
      `SECRET1 ${stage}/Base/Key`,
    ]),
    (app) => {
      for (const id of ['Test', 'Production']) {
        threeStacks(new Stage(app, id));
      }
      app.synth();
    },
  ),
];

const ARN = 'arn:aws:elasticloadbalancing:eu-central-1:111122223333';
const imported: Case[] = [
  oneStack(
    'an imported load balancer with two listeners here',
    ['HTTPS1 Plain'],
    ({ hosts, vpc }, stack) => {
      const loadBalancerArn = `${ARN}:loadbalancer/app/shared/0123456789abcdef`;
      const shared = elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(
        stack,
        'Shared',
        {
          loadBalancerArn,
          securityGroupId: 'sg-0123456789abcdef0',
          vpc,
        },
      );
      shared
        .addListener('Secure', {
          port: 8443,
          certificates: [{ certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/1' }],
          sslPolicy: elbv2.SslPolicy.RECOMMENDED_TLS,
        })
        .addTargets('Hosts', { protocol: elbv2.ApplicationProtocol.HTTPS, targets: [hosts] });
      new elbv2.CfnListener(stack, 'Plain', {
        loadBalancerArn,
        port: 8080,
        protocol: 'HTTP',
        defaultActions: [{ type: 'fixed-response', fixedResponseConfig: { statusCode: '200' } }],
      });
    },
  ),
  oneStack(
    'HTTP to hosts behind an imported listener',
    ['HTTPS4 Plain'],
    ({ hosts, vpc }, stack) => {
      const listener = elbv2.ApplicationListener.fromApplicationListenerAttributes(
        stack,
        'Shared',
        {
          listenerArn: `${ARN}:listener/app/shared/0123456789abcdef/0123456789abcdef`,
          securityGroup: ec2.SecurityGroup.fromSecurityGroupId(
            stack,
            'SharedGroup',
            'sg-0123456789abcdef0',
          ),
        },
      );
      listener.addTargetGroups('Plain', {
        priority: 5,
        conditions: [elbv2.ListenerCondition.hostHeaders(['example.org'])],
        targetGroups: [
          new elbv2.ApplicationTargetGroup(stack, 'Plain', {
            vpc,
            protocol: elbv2.ApplicationProtocol.HTTP,
            targets: [hosts],
          }),
        ],
      });
    },
  ),
  constructs(
    'CloudFront before a dashboard that stands elsewhere',
    ['CACHE1 Cdn'],
    (app) => {
      new cloudfront.Distribution(new Stack(app, 'Stack'), 'Cdn', {
        defaultBehavior: {
          origin: new origins.HttpOrigin('cloud.example.net'),
          viewerProtocolPolicy,
        },
      });
    },
    { dashboardNames: ['cloud.example.net'] },
  ),
  constructs(
    'memcached for a dashboard that stands elsewhere',
    ['SESSION4 Cluster', 'SESSION5 Cluster', 'SESSION6 Cluster'],
    (app) => {
      new elasticache.CfnCacheCluster(new Stack(app, 'Stack'), 'Cluster', {
        clusterName: 'horizon-sessions',
        engine: 'memcached',
        cacheNodeType: 'cache.t4g.small',
        numCacheNodes: 1,
      });
    },
    { memcachedClusterNames: ['horizon-sessions'] },
  ),
  constructs(
    'a YAML template with short functions',
    [
      'CACHE1 Cdn',
      'HTTPS1 Http',
      'SECRET2 Key',
      'SESSION3 Host',
      'SESSION4 Cluster',
      'SETTINGS1 Host',
    ],
    (app) => {
      new CfnInclude(new Stack(app, 'Stack'), 'Included', {
        templateFile: join(__dirname, 'first-try.yaml'),
      });
    },
  ),
  constructs(
    'a YAML template with one thing mended',
    ['CACHE1 Cdn', 'HTTPS1 Http', 'SECRET2 Key', 'SESSION3 Host', 'SETTINGS1 Host'],
    (app) => {
      const template = new CfnInclude(new Stack(app, 'Stack'), 'Included', {
        templateFile: join(__dirname, 'first-try.yaml'),
      });
      const cluster = template.getResource('Cluster') as elasticache.CfnCacheCluster;
      cluster.transitEncryptionEnabled = true;
    },
  ),
];

export const CONSTRUCTS: readonly Case[] = [
  ...l2,
  ...machines,
  ...containers,
  ...hatches,
  ...stacks,
  ...imported,
];
