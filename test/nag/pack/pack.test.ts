import { App, CfnResource, Fn, Lazy, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenStackDashboardChecks } from '../../../lib/nag';
import { Facts } from '../../../lib/nag/dashboard/facts';
import { Rule, isOwn, pageUrl } from '../../../lib/nag/pack/rule';
import { RULES } from '../../../lib/nag/rules';
import {
  CHOICE,
  ENVIRONMENT,
  Resources,
  appOf,
  asUserData,
  dashboard,
  findings,
  report,
} from '../fixtures';

const SIGNED_COOKIES = {
  environment: {
    ALLOWED_HOSTS: 'example.org',
    SESSION_ENGINE: 'django.contrib.sessions.backends.signed_cookies',
  },
};

describe('one mistake is one finding', () => {
  const environment = {
    ALLOWED_HOSTS: 'example.org',
    SESSION_ENGINE: 'sealed_signed_cookies',
    HSTS_MAX_AGE: '0',
  };
  const said = (accepted?: string): string[] => {
    const app = appOf(dashboard({ environment }));
    if (accepted) {
      Validations.of(app).acknowledge({ id: accepted, reason: 'a plan' });
    }
    return new OpenStackDashboardChecks()
      .validateScope(app)
      .violations.map(({ ruleName, description }) => `${ruleName}: ${description}`);
  };

  test('and names the rules that follow from it', () => {
    expect(said()).toEqual([
      expect.stringMatching(/^OpenStackDashboard-HTTPS7: .* Same cause: SESSION9\.$/),
    ]);
  });

  test.each(['OpenStackDashboard-HTTPS7', 'OpenStackDashboard::OpenStackDashboard-HTTPS7'])(
    'and nothing is lost where the cause is acknowledged as %s',
    (accepted) => {
      // The AWS CDK leaves out what is acknowledged by its qualified id.
      const left = said(accepted).filter((each) => !/HTTPS7/.test(each));
      expect(left).toEqual([expect.stringMatching(/^OpenStackDashboard-SESSION9: /)]);
    },
  );
});

describe('the list of rules', () => {
  test('is pinned, since IDs are public and never reused', () => {
    expect(
      RULES.map(({ id, level, guideRules }) => `${id} ${level} ${guideRules.join(',')}`),
    ).toEqual([
      'CACHE1 error 20',
      'CACHE2 error 20',
      'CACHE3 error 20',
      'CACHE4 error 20',
      'CACHE5 error 20',
      'SESSION1 error 22,24',
      'SESSION2 warning 25',
      'SESSION3 error 23,51',
      'SESSION4 error 23,51',
      'SESSION5 warning 22',
      'SESSION6 error 23',
      'SESSION7 warning 23',
      'SESSION8 error 1,4,25',
      'SESSION9 error 5,18,25',
      'SESSION10 error 22,24',
      'DOMAIN1 warning 1',
      'PROXY1 error 6',
      'PROXY2 warning 7',
      'PROXY3 warning 8',
      'PROXY4 error 56',
      'PROXY5 error 55',
      'PROXY6 error 60',
      'PROXY7 error 19,56',
      'PROXY8 warning ',
      'HTTPS1 error 17',
      'HTTPS2 error 52',
      'HTTPS3 error 19',
      'HTTPS4 error 51,57',
      'HTTPS5 error 51',
      'HTTPS6 error 19',
      'HTTPS7 error 5,18',
      'HTTPS8 warning 58',
      'HTTPS9 error 15',
      'HTTPS10 warning 16,54',
      'HTTPS11 error 51,57',
      'HTTPS12 warning 59',
      'HTTPS13 error 51',
      'HTTPS14 error 52',
      'HTTPS15 error 53',
      'HTTPS16 warning 53,59',
      'HTTPS17 error 51',
      'STATIC1 warning 21',
      'STATIC2 warning 26',
      'STATIC3 warning 27',
      'STATIC4 error 28',
      'STATIC5 error 29,51',
      'STATIC6 warning 31',
      'STATIC7 error 33',
      'SETTINGS1 error 44',
      'SETTINGS2 error 2,9',
      'SETTINGS3 error 10',
      'SETTINGS4 error 41',
      'SETTINGS5 error 41',
      'SETTINGS6 error 39',
      'SETTINGS7 error 14',
      'SETTINGS8 error 30,32',
      'SETTINGS9 error 50',
      'SETTINGS10 error 49',
      'SETTINGS11 error 48',
      'SETTINGS12 error 45',
      'SETTINGS13 warning 11',
      'SETTINGS14 error 40',
      'SETTINGS15 error 13',
      'SETTINGS16 error ',
      'SETTINGS17 error ',
      'SETTINGS18 error ',
      'SECRET1 error 35',
      'SECRET2 error 37',
      'SECRET3 error 37',
      'SECRET4 error 36',
      'SECRET5 warning 38',
      'CORS1 error 43',
      'CORS2 error 42',
      'FILES1 error 46',
      'FILES2 error 47',
      'HOST1 error 37',
      'HOST2 warning ',
    ]);
  });

  test('matches the IDs of the pack', () => {
    const pack = new OpenStackDashboardChecks();
    expect(pack.ruleIds).toEqual(RULES.map(({ id }) => `OpenStackDashboard-${id}`));
    expect([pack.name, pack.readPackName]).toEqual(['OpenStackDashboard', 'OpenStackDashboard']);
  });

  test.each(RULES.map((rule): [string, Rule] => [rule.id, rule]))(
    '%s says what is wrong, why, and what to change, with a page of the guide',
    (_id, rule) => {
      const { cause, explanation, fix, page, types } = rule;
      for (const text of [cause, explanation, fix]) {
        expect(text).toMatch(/^[\S].{10,}[.)]$/s);
      }
      const guide = /^https:\/\/docs\.openstack\.org\/security-guide\/.+\.html$/;
      expect(guide.test(pageUrl(page))).toBe(!isOwn(rule));
      expect(pageUrl(page)).toMatch(/^https:\/\/\S+$/);
      expect(types.length).toBeGreaterThan(0);
    },
  );

  test('has test cases for each rule, of four kinds', () => {
    const folder = join(__dirname, '..');
    const text = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('');
    const tested = [...text.matchAll(/^\s*(?:rule|setting)\(\s*'([A-Z]+\d+)'/gm)].map((m) => m[1]);
    expect([...new Set(tested)].sort()).toEqual(RULES.map(({ id }) => id).sort());
  });
});

describe('a report', () => {
  test('is empty for a dashboard that complies with every rule', () => {
    expect(report(dashboard())).toEqual({ success: true, violations: [] });
  });

  test('is a success with only warnings', () => {
    const { success, violations } = report(dashboard(SIGNED_COOKIES));
    expect(success).toBe(true);
    expect(violations.map(({ ruleName, severity }) => [ruleName, severity])).toEqual([
      ['OpenStackDashboard-SESSION2', 'warning'],
    ]);
  });

  test('is a failure with an error', () => {
    expect(report(dashboard({ environment: { DEBUG: 'true' } })).success).toBe(false);
  });

  test('has the fix, the place and the page of the guide', () => {
    const { violations } = report(
      dashboard({ environment: { DEBUG: 'true' }, script: 'DEBUG="true"\n' }),
    );
    expect(violations).toEqual([
      {
        ruleName: 'OpenStackDashboard-SETTINGS1',
        severity: 'error',
        description: 'DEBUG is on.',
        fix: 'Set DEBUG to false.',
        ruleMetadata: {
          guide: 'https://docs.openstack.org/security-guide/dashboard/debug.html',
          guideRules: '44',
          example: 'DEBUG = False',
        },
        violatingResources: [
          {
            constructPath: 'Stack/Host',
            locations: [
              'Metadata.cdk-openstack-dashboard.environment.DEBUG',
              'Properties.LaunchTemplateData.UserData',
            ],
          },
        ],
      },
    ]);
  });

  test('has the explanation with verbose', () => {
    const app = appOf(dashboard(SIGNED_COOKIES));
    const pack = new OpenStackDashboardChecks(app, { verbose: true });
    expect(pack.validateScope(app).violations[0].description).toMatch(
      /sensitive access tokens .* See https:\/\/docs\.openstack\.org\//,
    );
  });

  test('can be created again, without old findings', () => {
    const pack = new OpenStackDashboardChecks();
    expect(pack.validateScope(appOf(dashboard(SIGNED_COOKIES))).violations).toHaveLength(1);
    expect(pack.validateScope(appOf(dashboard())).violations).toHaveLength(0);
  });

  test('never shows a value, which may be a secret', () => {
    const text = JSON.stringify(report(dashboard({ environment: { SECRET_KEY: 'hunter2' } })));
    expect(text).toContain('SECRET3');
    expect(text).not.toContain('hunter2');
  });
});

describe('a synthesis', () => {
  const synth = (resources: Resources, acknowledge?: string): string => {
    const app = appOf(resources);
    Validations.of(app).addPlugins(new OpenStackDashboardChecks(app));
    if (acknowledge) {
      Validations.of(app).acknowledge({ id: acknowledge, reason: 'a plan' });
    }
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      return readFileSync(join(app.synth().directory, 'validation-report.json'), 'utf8');
    } finally {
      said.mockRestore();
    }
  };

  test('fails on an error', () => {
    expect(() => synth(dashboard({ environment: { DEBUG: 'true' } }))).toThrow(
      /OpenStackDashboard.*SETTINGS1/s,
    );
  });

  test('continues with warnings, and reports them', () => {
    expect(synth(dashboard(SIGNED_COOKIES))).toContain('OpenStackDashboard-SESSION2');
  });

  test('continues with an error that is acknowledged by its qualified ID, and keeps the reason', () => {
    const text = synth(
      dashboard({ environment: { DEBUG: 'true' } }),
      'OpenStackDashboard::OpenStackDashboard-SETTINGS1',
    );
    expect(text).toContain('a plan');
  });
});

describe('an app', () => {
  test('without a dashboard has no findings', () => {
    const resources: Resources = {
      Sessions: {
        Type: 'AWS::ElastiCache::CacheCluster',
        Properties: { Engine: 'memcached', NumCacheNodes: 1, TransitEncryptionEnabled: false },
      },
      Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer' },
      Http: {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: {
          LoadBalancerArn: { Ref: 'Balancer' },
          Protocol: 'HTTP',
          DefaultActions: [{ Type: 'fixed-response' }],
        },
      },
      Host: {
        Type: 'AWS::EC2::LaunchTemplate',
        Properties: {
          LaunchTemplateData: { UserData: { 'Fn::Base64': 'DEBUG=true\napt install varnish\n' } },
        },
      },
      Key: { Type: 'AWS::SecretsManager::Secret', Properties: { SecretString: 'x' } },
      Task: { Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions: [{}] } },
    };
    expect(findings(resources)).toEqual([]);
  });

  test('may have a static tier, with hosts that are not a dashboard', () => {
    const Static = {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: { LaunchTemplateData: {} },
      Metadata: { 'cdk-openstack-dashboard': { environment: { ALLOWED_ORIGIN: 'https://d' } } },
    };
    expect(findings(dashboard({ more: { Static } }))).toEqual([]);
  });

  test('is checked with the changes of escape hatches', () => {
    const app = appOf(dashboard());
    const stack = app.node.findChild('Stack').node;
    const resource = (id: string): CfnResource => stack.findChild(id) as CfnResource;
    resource('Cluster').addPropertyOverride('TransitEncryptionEnabled', false);
    resource('Host').addOverride('Metadata.cdk-openstack-dashboard.environment.DEBUG', 'true');
    resource('Https').addPropertyDeletionOverride('SslPolicy');
    const { violations } = new OpenStackDashboardChecks().validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName).sort()).toEqual([
      'OpenStackDashboard-HTTPS2',
      'OpenStackDashboard-SESSION4',
      'OpenStackDashboard-SETTINGS1',
    ]);
  });

  test('may have resources of an included template', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nag-'));
    const templateFile = join(folder, 'template.json');
    const Resources = dashboard({ environment: { DEBUG: 'true' } });
    writeFileSync(templateFile, JSON.stringify({ Resources }));
    const app = new App();
    new CfnInclude(new Stack(app, 'Stack'), 'Template', { templateFile });
    rmSync(folder, { recursive: true });
    const { violations } = new OpenStackDashboardChecks().validateScope(app);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual(['OpenStackDashboard-SETTINGS1']);
  });

  test('is checked without a resource that cannot be rendered', () => {
    const app = appOf(dashboard());
    const host = app.node.findChild('Stack').node.findChild('Host') as CfnResource;
    const fail = (): never => {
      throw new Error('cannot render');
    };
    host.addPropertyOverride('LaunchTemplateData.UserData', Lazy.any({ produce: fail }));
    expect(new OpenStackDashboardChecks().validateScope(app)).toEqual({
      success: true,
      violations: [],
    });
  });
});

/** Every template that comes from replacing one value, at whatever depth, by another. */
function* replaced(value: unknown, replacement: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const put = (other: unknown): unknown =>
      Array.isArray(value)
        ? value.map((item: unknown, index) => (String(index) === key ? other : item))
        : { ...value, [key]: other };
    yield put(replacement);
    for (const deeper of replaced(inner, replacement)) {
      yield put(deeper);
    }
  }
}

/** The same for all resources of a template: properties and metadata. */
function* templates(resources: Resources, replacement: unknown): Generator<Resources> {
  for (const [id, resource] of Object.entries(resources)) {
    for (const part of ['Properties', 'Metadata'] as const) {
      for (const changed of replaced(resource[part], replacement)) {
        yield { ...resources, [id]: { ...resource, [part]: changed } } as Resources;
      }
    }
  }
}

describe('any value of a template', () => {
  const whole = dashboard({
    more: {
      Cdn: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: {
          DistributionConfig: {
            Aliases: ['www.example.org'],
            Origins: [{ Id: 'entry', DomainName: { 'Fn::GetAtt': ['Balancer', 'DNSName'] } }],
            DefaultCacheBehavior: { TargetOriginId: 'entry', CachePolicyId: { Ref: 'Policy' } },
            CacheBehaviors: [
              {
                PathPattern: '/x',
                TargetOriginId: 'entry',
                ForwardedValues: {},
                MinTTL: 0,
                DefaultTTL: 0,
                MaxTTL: 0,
              },
            ],
          },
        },
      },
      Policy: {
        Type: 'AWS::CloudFront::CachePolicy',
        Properties: { CachePolicyConfig: { MinTTL: 0, DefaultTTL: 0, MaxTTL: 0 } },
      },
      Rule: {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
        Properties: {
          ListenerArn: { Ref: 'Http' },
          Actions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS' } }],
        },
      },
      Record: {
        Type: 'AWS::Route53::RecordSet',
        Properties: { AliasTarget: { DNSName: { 'Fn::GetAtt': ['Balancer', 'DNSName'] } } },
      },
      Certificate: {
        Type: 'AWS::CertificateManager::Certificate',
        Properties: { DomainName: 'dashboard.example', SubjectAlternativeNames: ['a.example'] },
      },
      Further: {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerCertificate',
        Properties: {
          ListenerArn: { Ref: 'Https' },
          Certificates: [{ CertificateArn: { Ref: 'Certificate' } }],
        },
      },
      Headers: {
        Type: 'AWS::CloudFront::ResponseHeadersPolicy',
        Properties: {
          ResponseHeadersPolicyConfig: {
            CorsConfig: { AccessControlAllowOrigins: { Items: ['https://dashboard.example'] } },
          },
        },
      },
      StaticRule: {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
        Properties: {
          ListenerArn: { Ref: 'Https' },
          Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/static/*'] } }],
          Actions: [{ Type: 'forward', TargetGroupArn: { Ref: 'StaticTargets' } }],
        },
      },
      StaticTargets: {
        Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
        Properties: {
          Protocol: 'HTTPS',
          TargetGroupAttributes: [{ Key: 'stickiness.enabled', Value: 'false' }],
        },
      },
      HostIngress: {
        Type: 'AWS::EC2::SecurityGroupIngress',
        Properties: {
          GroupId: { 'Fn::GetAtt': ['HostGroup', 'GroupId'] },
          CidrIp: '198.51.100.0/24',
          FromPort: 443,
          ToPort: 443,
        },
      },
      Task: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          ContainerDefinitions: [
            {
              Image: 'horizon',
              Environment: Object.entries(ENVIRONMENT).map(([Name, Value]) => ({ Name, Value })),
            },
          ],
        },
      },
    },
  });

  test('can be unknown at synth time, and is then never wrong', () => {
    expect(findings(whole)).toEqual([]);
    const wrong = new Set<string>();
    let count = 0;
    for (const resources of templates(whole, CHOICE)) {
      count++;
      for (const finding of findings(resources)) {
        wrong.add(finding);
      }
    }
    expect(count).toBeGreaterThan(200);
    expect([...wrong]).toEqual([]);
  });

  test.each([[null], [7], ['text'], [''], [[]], [{}], [[null, [{}]]], [{ Ref: 7 }]])(
    'may be %j, and no rule throws',
    (odd) => {
      for (const resources of templates(whole, odd)) {
        const said = report(resources).violations.map(({ description }) => description);
        expect(said.filter((text) => text.startsWith('Rule threw'))).toEqual([]);
      }
    },
  );
});

/** A dashboard of L2 constructs that breaks one rule in each of its stacks. */
function constructs(stacks: { base: Stack; entry: Stack; front: Stack }): void {
  const { base, entry, front } = stacks;
  const vpc = new ec2.Vpc(base, 'Vpc', { maxAzs: 2, natGateways: 0 });
  const key = new secretsmanager.Secret(base, 'Key');
  const group = new ec2.SecurityGroup(base, 'CacheGroup', { vpc });
  const cluster = new elasticache.CfnCacheCluster(base, 'Cluster', {
    engine: 'memcached',
    cacheNodeType: 'cache.t4g.small',
    numCacheNodes: 2,
    azMode: 'cross-az',
    transitEncryptionEnabled: false,
    vpcSecurityGroupIds: [group.securityGroupId],
  });
  const userData = ec2.UserData.forLinux();
  const environment: Record<string, unknown> = {
    ...ENVIRONMENT,
    SECRET_KEY_SECRET_ID: key.secretArn,
    MEMCACHED_ENDPOINT: `${cluster.attrConfigurationEndpointAddress}:11211`,
  };
  userData.addCommands('cat > dashboard.env <<E');
  for (const [name, value] of Object.entries(environment)) {
    const text = String(value).replace(/["\\`]|\$(?!\{Token)/g, '\\$&');
    userData.addCommands(`${name}="${text}"`);
  }
  userData.addCommands('E');
  const hosts = new autoscaling.AutoScalingGroup(entry, 'Hosts', {
    vpc,
    vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    launchTemplate: new ec2.LaunchTemplate(entry, 'Launch', {
      machineImage: ec2.MachineImage.latestAmazonLinux2023(),
      instanceType: new ec2.InstanceType('t4g.small'),
      userData,
      securityGroup: new ec2.SecurityGroup(entry, 'HostGroup', { vpc }),
      requireImdsv2: true,
    }),
  });
  const balancer = new elbv2.ApplicationLoadBalancer(entry, 'Balancer', {
    vpc,
    internetFacing: true,
    dropInvalidHeaderFields: true,
  });
  balancer
    .addListener('Https', {
      port: 443,
      certificates: [{ certificateArn: 'arn:aws:acm:eu-west-1:111111111111:certificate/1' }],
      sslPolicy: elbv2.SslPolicy.RECOMMENDED_TLS,
    })
    .addTargets('Hosts', { port: 80, protocol: elbv2.ApplicationProtocol.HTTP, targets: [hosts] });
  balancer.addRedirect();
  new cloudfront.Distribution(front, 'Cdn', {
    defaultBehavior: {
      origin: new origins.LoadBalancerV2Origin(balancer),
      cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
    },
  });
}

const BROKEN = ['CACHE1 Cdn', 'HTTPS11 Cdn', 'HTTPS4 Balancer', 'SECRET1 Key', 'SESSION4 Cluster'];

/** The rules broken, and which of the constructs of `constructs` breaks them. */
function broken(app: App): string[] {
  return new OpenStackDashboardChecks()
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => {
        const part = constructPath!
          .split('/')
          .find((id) => /^(Cdn|Balancer|Key|Cluster)$/.test(id));
        return `${ruleName.replace('OpenStackDashboard-', '')} ${part ?? constructPath}`;
      }),
    )
    .sort();
}

describe('L2 constructs', () => {
  test('are checked in one stack', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    constructs({ base: stack, entry: stack, front: stack });
    expect(broken(app)).toEqual(BROKEN);
  });

  test.each([
    ['before', 'strong'],
    ['after', 'strong'],
    ['before', 'weak'],
    ['after', 'weak'],
  ])('are checked across several stacks, %s synthesis, with %s references', (when, strength) => {
    const app = new App({ context: { '@aws-cdk/core:defaultCrossStackReferences': strength } });
    const [base, entry, front] = ['Base', 'Entry', 'Front'].map((id) => new Stack(app, id));
    constructs({ base, entry, front });
    if (when === 'after') {
      app.synth();
    }
    expect(broken(app)).toEqual(BROKEN);
  });

  test.each(['before', 'after'])('are checked in nested stacks, %s synthesis', (when) => {
    const app = new App();
    const parent = new Stack(app, 'Parent');
    const base = new NestedStack(parent, 'Base');
    const entry = new NestedStack(parent, 'Entry');
    constructs({ base, entry, front: parent });
    if (when === 'after') {
      app.synth();
    }
    expect(broken(app)).toEqual(BROKEN);
  });

  test('are checked in stages, each with its own dashboard', () => {
    const app = new App();
    for (const id of ['Test', 'Production']) {
      const stage = new Stage(app, id);
      const [base, entry, front] = ['Base', 'Entry', 'Front'].map((name) => new Stack(stage, name));
      constructs({ base, entry, front });
    }
    app.synth();
    expect(broken(app)).toEqual([...BROKEN, ...BROKEN].sort());
  });
});

describe('the facts of an app', () => {
  test('are created once per validation, and render only what a rule reads', () => {
    const app = appOf(dashboard());
    const stack = app.node.findChild('Stack') as Stack;
    const render = (node: unknown): jest.SpyInstance =>
      jest.spyOn(node as { _toCloudFormation(): unknown }, '_toCloudFormation');
    const others = ['Queue', 'Topic'].map((id) =>
      render(new CfnResource(stack, id, { type: 'AWS::SQS::Queue' })),
    );
    const host = render(stack.node.findChild('Host'));
    const listener = render(stack.node.findChild('Http'));
    new OpenStackDashboardChecks().validateScope(app);
    expect(others.map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
    expect([host, listener].map((spy) => spy.mock.calls.length)).toEqual([1, 1]);
  });

  test('render nothing of an app without hosts', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const spy = jest.spyOn(
      new CfnResource(stack, 'Http', {
        type: 'AWS::ElasticLoadBalancingV2::Listener',
      }) as unknown as { _toCloudFormation(): unknown },
      '_toCloudFormation',
    );
    const facts = new Facts(app, { dashboards: [], memcachedClusters: [] });
    expect(facts.listeners.size).toBe(0);
    expect(spy).not.toHaveBeenCalled();
  });

  test('find a dashboard that is only in user data', () => {
    const { Host } = dashboard();
    Host.Metadata = {};
    Host.Properties!.LaunchTemplateData = {
      UserData: asUserData({ ...ENVIRONMENT, DEBUG: Fn.ref('Given') }),
    };
    expect(findings({ Host })).toEqual(['HOST1 Host']);
  });
});
