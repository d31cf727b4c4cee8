import type { App as AppOfCdk } from 'aws-cdk-lib';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const EXAMPLES = join(ROOT, 'examples');
const names = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

interface Report {
  readonly pluginReports: {
    readonly violations: { ruleName: string }[];
    readonly suppressedViolations?: { ruleName: string }[];
  }[];
}

interface Synthesized {
  readonly found: string[];
  readonly accepted: string[];
  readonly failed: boolean;
  readonly types: string[];
}

/** Runs an example as it stands, with both rule packs, and reads the report. */
function synthesize(name: string, outdir: string): Synthesized {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as {
    context: object;
  };
  const source = join(EXAMPLES, name, 'app.ts');
  // An example on its own, in a fresh set of modules, as in a process of its own.
  jest.resetModules();
  const cdk = jest.requireActual<typeof import('aws-cdk-lib')>('aws-cdk-lib');
  const apps: AppOfCdk[] = [];
  class RecordedApp extends cdk.App {
    constructor() {
      super({ outdir, autoSynth: false, context: { ...context } });
      apps.push(this);
    }
  }
  const recorded = new Proxy(cdk, {
    get: (target, key) => (key === 'App' ? RecordedApp : Reflect.get(target, key)),
  });
  jest.doMock('aws-cdk-lib', () => recorded);
  jest.doMock('cdk-openstack-dashboard', () => jest.requireActual('../../lib'), { virtual: true });
  jest.requireActual(source);
  const [app] = apps;
  if (!readFileSync(source, 'utf8').includes('addPlugins')) {
    const { AwsSolutionsChecks } = jest.requireActual<typeof import('cdk-nag')>('cdk-nag');
    const { OpenStackDashboardChecks } =
      jest.requireActual<typeof import('../../lib')>('../../lib');
    cdk.Validations.of(app).addPlugins(
      new AwsSolutionsChecks(app),
      new OpenStackDashboardChecks(app),
    );
  }
  let failure: unknown;
  try {
    app.synth();
  } catch (error) {
    failure = error;
  }
  const { pluginReports } = JSON.parse(
    readFileSync(join(outdir, 'validation-report.json'), 'utf8'),
  ) as Report;
  const rules = (kind: 'violations' | 'suppressedViolations') =>
    pluginReports.flatMap((report) => (report[kind] ?? []).map(({ ruleName }) => ruleName)).sort();
  return {
    found: rules('violations'),
    accepted: rules('suppressedViolations'),
    failed: failure !== undefined,
    types: readdirSync(outdir)
      .filter((file) => file.endsWith('.template.json'))
      .flatMap((file) => {
        const { Resources } = JSON.parse(readFileSync(join(outdir, file), 'utf8')) as {
          Resources: { [id: string]: { Type: string } };
        };
        return Object.values(Resources).map((resource) => resource.Type);
      }),
  };
}

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), 'example-'));
});
afterEach(() => rmSync(outdir, { recursive: true }));

const RELEASES = expect.stringMatching(/^AwsSolutions-IAM5\[Resource::<\w+\.Arn>\/releases\/\*\]$/);

// Conditions on tags admit the host's own group alone.
const LIFECYCLE = expect.stringMatching(/^AwsSolutions-IAM5\[Resource::arn:.*:autoScalingGroup:/);

test('each example is tested here', () => {
  expect(names.sort()).toEqual([
    'bring-your-own',
    'ecs',
    'rules-alone',
    'small-cloud',
    'smallest',
    'two-regions',
  ]);
});

test('smallest: the findings are those that docs/findings.md lists, and nothing is hidden', () => {
  const { found, accepted, types } = synthesize('smallest', outdir);
  expect(found).toEqual([
    'AwsSolutions-AS3',
    'AwsSolutions-EC23',
    RELEASES,
    LIFECYCLE,
    'AwsSolutions-SMG4',
  ]);
  expect(accepted).toEqual([]);
  expect(
    types.filter((type) => /LoadBalancer$|CacheCluster|ScalingGroup/.test(type)).sort(),
  ).toEqual([
    'AWS::AutoScaling::AutoScalingGroup',
    'AWS::AutoScaling::AutoScalingGroup',
    'AWS::ElastiCache::CacheCluster',
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
  ]);
});

test('small-cloud: one group of hosts, no bucket but for logs, nothing to keep sessions in', () => {
  const { found, types } = synthesize('small-cloud', outdir);
  // The bucket for logs is no other bucket's here.
  expect(found).toEqual([
    'AwsSolutions-AS3',
    'AwsSolutions-EC23',
    LIFECYCLE,
    'AwsSolutions-S1',
    'AwsSolutions-SMG4',
    // What it gives up, told as the guide does.
    'OpenStackDashboard-STATIC2',
  ]);
  const count = (type: string) => types.filter((one) => one === type).length;
  expect(count('AWS::AutoScaling::AutoScalingGroup')).toBe(1);
  expect(count('AWS::S3::Bucket')).toBe(1);
  expect(count('AWS::ElastiCache::CacheCluster')).toBe(0);
  // The hosts' files, the theme's and those of the customization.
  expect(count('AWS::CloudFormation::WaitConditionHandle')).toBe(3);
});

test('bring-your-own: nothing is made twice, and all findings are accepted', () => {
  const { failed, found, accepted, types } = synthesize('bring-your-own', outdir);
  expect({ failed, found }).toEqual({ failed: false, found: [] });
  expect([...new Set(accepted)]).toHaveLength(4);
  const count = (type: string) => types.filter((one) => one === type).length;
  expect(count('AWS::EC2::VPC')).toBe(1);
  expect(count('AWS::KMS::Key')).toBe(1);
  expect(count('AWS::S3::Bucket')).toBe(2);
  expect(count('AWS::ElasticLoadBalancingV2::LoadBalancer')).toBe(1);
  expect(count('AWS::ElasticLoadBalancingV2::Listener')).toBe(2);
  expect(count('AWS::ElasticLoadBalancingV2::ListenerRule')).toBe(2);
  expect(count('AWS::EC2::InstanceConnectEndpoint')).toBe(0);
});

test('ecs: the service alone may reach memcached, and is told where it is', () => {
  const { failed, found, accepted, types } = synthesize('ecs', outdir);
  expect({ failed, found }).toEqual({ failed: false, found: [] });
  expect(accepted).toEqual(['AwsSolutions-ECS2']);
  expect(types.filter((type) => type.startsWith('AWS::AutoScaling'))).toEqual([]);
  const { Resources } = JSON.parse(
    readFileSync(join(outdir, 'Containers.template.json'), 'utf8'),
  ) as { Resources: { [id: string]: { Type: string; Properties: Record<string, unknown> } } };
  const ofType = (type: string) => Object.entries(Resources).filter(([, one]) => one.Type === type);
  const [[, service]] = ofType('AWS::ECS::Service');
  const network = service.Properties.NetworkConfiguration as {
    AwsvpcConfiguration: { SecurityGroups: unknown[] };
  };
  const [[clusterId, cluster]] = ofType('AWS::ElastiCache::CacheCluster');
  const ingress = ofType('AWS::EC2::SecurityGroupIngress').map(([, one]) => one.Properties);
  expect(ingress).toHaveLength(1);
  expect(ingress[0]).toMatchObject({
    FromPort: 11311,
    GroupId: (cluster.Properties.VpcSecurityGroupIds as unknown[])[0],
    SourceSecurityGroupId: network.AwsvpcConfiguration.SecurityGroups[0],
  });
  const [[, task]] = ofType('AWS::ECS::TaskDefinition');
  const [{ Environment }] = task.Properties.ContainerDefinitions as {
    Environment: { Name: string; Value: unknown }[];
  }[];
  const endpoint = Environment.find(({ Name }) => Name === 'MEMCACHED_ENDPOINT');
  expect(JSON.stringify(endpoint)).toContain(clusterId);
});

test('two-regions: all records fail over by one health check, and both regions have the secret', () => {
  const { found, types } = synthesize('two-regions', outdir);
  expect([...new Set(found)].sort()).toEqual([
    'AwsSolutions-AS3',
    'AwsSolutions-EC23',
    RELEASES,
    LIFECYCLE,
    LIFECYCLE,
    'AwsSolutions-SMG4',
  ]);
  expect(types.filter((type) => type === 'AWS::SecretsManager::Secret')).toHaveLength(1);
  expect(types.filter((type) => type === 'AWS::Route53::HealthCheck')).toHaveLength(3);
  const records = (name: string) => {
    const { Resources } = JSON.parse(readFileSync(join(outdir, name), 'utf8')) as {
      Resources: { [id: string]: { Type: string; Properties: Record<string, unknown> } };
    };
    return Object.values(Resources)
      .filter(({ Type }) => Type === 'AWS::Route53::RecordSet')
      .map(({ Properties }) => Properties);
  };
  const [active, standby] = ['Active', 'Standby'].map((name) => records(`${name}.template.json`));
  expect(active.map(({ Name }) => Name).sort()).toEqual([
    'dashboard.example.',
    'static.dashboard.example.',
  ]);
  expect(standby.map(({ Name }) => Name).sort()).toEqual(active.map(({ Name }) => Name).sort());
  expect(new Set(active.map(({ HealthCheckId }) => JSON.stringify(HealthCheckId))).size).toBe(1);
  expect(active.map(({ Failover }) => Failover)).toEqual(['PRIMARY', 'PRIMARY']);
  expect(standby.map(({ Failover }) => Failover)).toEqual(['SECONDARY', 'SECONDARY']);
  const text = readFileSync(join(outdir, 'Standby.template.json'), 'utf8');
  expect(text).toContain('secret:dashboard.example/secret-key-??????');
});

test('rules-alone: none of our constructs, and exactly the findings that its README names', () => {
  const { failed, found, accepted } = synthesize('rules-alone', outdir);
  const ids = ['CACHE1', 'SESSION4', 'SETTINGS1'];
  expect({ failed, found }).toEqual({
    failed: true,
    found: ids.map((id) => `OpenStackDashboard-${id}`),
  });
  expect(accepted).toEqual(['OpenStackDashboard-SETTINGS13']);
  const readme = readFileSync(join(EXAMPLES, 'rules-alone', 'README.md'), 'utf8');
  expect([...readme.matchAll(/^- `([A-Z]+\d+)`/gm)].map(([, id]) => id)).toEqual(ids);
  expect(readFileSync(join(EXAMPLES, 'rules-alone', 'app.ts'), 'utf8')).toMatch(
    /import \{ OpenStackDashboardChecks \} from 'cdk-openstack-dashboard'/,
  );
});
