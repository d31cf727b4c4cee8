// Containers of Amazon ECS that run the dashboard.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  DashboardContainerOptions,
  DashboardSettings,
  MemcachedCluster,
  MemcachedServers,
  OpenStackDashboardChecks,
  SameSite,
  SessionBackend,
  WebSso,
  WebSsoChoice,
} from '../../lib';
import {
  KEYSTONE,
  NAME,
  expectMisuse,
  network,
  newDashboard,
  newStack,
  resource,
  resourcesOf,
} from './fixtures';

let stack: Stack;
let vpc: ec2.IVpc;
let secretKey: secretsmanager.ISecret;
beforeEach(() => {
  stack = newStack();
  vpc = network(stack);
  secretKey = new secretsmanager.Secret(stack, 'SecretKey', {
    generateSecretString: { passwordLength: 64 },
  });
});

const settings = new DashboardSettings({
  domainName: 'dashboard.example',
  keystoneUrl: KEYSTONE,
});
const newCluster = (id = 'Memcached'): MemcachedCluster => new MemcachedCluster(stack, id, { vpc });
const newSession = (): SessionBackend => SessionBackend.memcached(newCluster());

function newContainer(
  props: Partial<ecs.ContainerDefinitionOptions> = {},
  id = 'Task',
): ecs.ContainerDefinition {
  return new ecs.FargateTaskDefinition(stack, id).addContainer('horizon', {
    image: ecs.ContainerImage.fromRegistry('registry.example.org/horizon:1'),
    healthCheck: DashboardSettings.containerHealthCheck(),
    ...props,
  });
}

const newService = ({ taskDefinition }: ecs.ContainerDefinition, id = 'Service'): ecs.BaseService =>
  new ecs.FargateService(stack, id, {
    cluster: ecs.Cluster.fromClusterAttributes(stack, `${id}Cluster`, { clusterName: 'c', vpc }),
    taskDefinition,
  });

/** A container with everything that the call takes. */
function add(
  container = newContainer(),
  session = newSession(),
  options: Partial<DashboardContainerOptions> = {},
): ecs.ContainerDefinition {
  const service = options.service ?? newService(container);
  session.addToContainer(container, { settings, secretKey, service, ...options });
  return container;
}

const template = (): Template => Template.fromStack(stack);
const definition = (): {
  Environment: { Name: string; Value: unknown }[];
  Secrets: { Name: string; ValueFrom: unknown }[];
} => resource(template(), 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions[0];
const environment = (): Record<string, unknown> =>
  Object.fromEntries(definition().Environment.map(({ Name, Value }) => [Name, Value]));
const warnings = (): string[] =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('cdk-openstack-dashboard'))
    .map(({ id, entry }) => `${id}: ${/ack: .*:(\w+)\]$/.exec(String(entry.data))?.[1]}`);

describe('a container with sessions in memcached', () => {
  test('has the parameters of settings, sessions and secret', () => {
    const session = newSession();
    add(newContainer({ environment: { DEBUG: 'true', OTHER: 'x' } }), session);
    const secret = { Ref: expect.stringMatching(/^SecretKey/) };
    expect(environment()).toEqual({
      ...settings.environment,
      ...(stack.resolve(session.environment) as object),
      SECRET_KEY_SECRET_ID: secret,
      STATIC_BASE_URL: '/static/',
      OTHER: 'x',
    });
    expect(definition().Secrets).toEqual([{ Name: 'SECRET_KEY', ValueFrom: secret }]);
  });

  test('reaches memcached, and its agent reads the secret', () => {
    add();
    const rules = Object.values(resourcesOf(template(), 'AWS::EC2::SecurityGroup')).flatMap(
      ({ Properties }) => Properties.SecurityGroupIngress ?? [],
    );
    const others = Object.values(resourcesOf(template(), 'AWS::EC2::SecurityGroupIngress'));
    expect([...rules, ...others.map(({ Properties }) => Properties)]).toEqual([
      expect.objectContaining({
        FromPort: 11311,
        SourceSecurityGroupId: {
          'Fn::GetAtt': [expect.stringMatching(/^ServiceSecurityGroup/), 'GroupId'],
        },
      }),
    ]);
    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp('^TaskExecutionRole'),
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: Match.arrayWith(['secretsmanager:GetSecretValue']) }),
        ]),
      },
    });
  });

  const staticUrl = 'https://static.dashboard.example/static/';
  test('is a dashboard to the rule pack, which finds nothing', () => {
    add(newContainer(), newSession(), { staticUrl });
    expect(new OpenStackDashboardChecks().validateScope(stack)).toEqual({
      success: true,
      violations: [],
    });
  });

  test('is judged by the rule pack', () => {
    add(newContainer(), SessionBackend.memcached(newCluster(), { sealing: false }));
    const { violations } = new OpenStackDashboardChecks().validateScope(stack);
    expect(violations.map(({ ruleName }) => ruleName).sort()).toEqual([
      'OpenStackDashboard-SESSION7',
      'OpenStackDashboard-STATIC2',
    ]);
  });

  test('has no warning', () => {
    add();
    expect(warnings()).toEqual([]);
  });

  test('has the warnings of its settings', () => {
    const webSso = WebSso.of({ choices: [WebSsoChoice.protocol('openid', { label: 'Corp' })] });
    add(newContainer(), newSession(), {
      settings: new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE, webSso }),
    });
    expect(warnings()).toEqual(['/Stack/Task/horizon: webSsoWithoutOrigins']);
  });

  test('has the warnings of its sessions', () => {
    add(newContainer(), SessionBackend.signedCookies());
    expect(warnings()).toEqual(['/Stack/Task/horizon: signedCookies']);
  });

  test('may have static media under another name', () => {
    add(newContainer(), newSession(), { staticUrl });
    expect(environment().STATIC_BASE_URL).toBe(staticUrl);
  });
});

describe('a container is refused', () => {
  test('with a service that runs another task', () => {
    const service = newService(newContainer({}, 'Other'));
    expectMisuse(
      () => add(newContainer(), newSession(), { service }),
      "Stack/Task/horizon: service must run the task definition of the container (Stack/Task), got 'Stack/Other'",
    );
  });

  test.each(['static', '/static', 'http://static.example.org/static/', '/horizon/static/'])(
    'with static media under %s',
    (staticUrl) => {
      expectMisuse(
        () => add(newContainer(), newSession(), { staticUrl }),
        `Stack/Task/horizon: staticUrl must be /static/ or https://NAME/static/, got '${staticUrl}'`,
      );
    },
  );

  test('with settings that contradict the sessions', () => {
    const webSso = new DashboardSettings({
      domainName: NAME,
      keystoneUrl: KEYSTONE,
      webSso: WebSso.of({ choices: [WebSsoChoice.protocol('openid', { label: 'Corp' })] }),
    });
    const session = SessionBackend.memcached(newCluster(), { sameSite: SameSite.STRICT });
    expect(() => add(newContainer(), session, { settings: webSso })).toThrow(
      /^Stack\/Task\/horizon: sameSite must be SameSite\.LAX with webSso/,
    );
  });

  test('if a parameter changes later', () => {
    add().addEnvironment('DEBUG', 'true');
    expect(template).toThrow(
      "[Stack/Task/horizon] environment.DEBUG must be the value that addToContainer has set, got 'true'; use the property of the settings or of the session back end",
    );
  });

  test.each(['SECRET_KEY', 'ALLOWED_HOSTS'])('if it has a secret called %s too', (name) => {
    const secret = ecs.Secret.fromSecretsManager(secretKey);
    add(newContainer({ secrets: { [name]: secret } }));
    expect(template).toThrow(
      `[Stack/Task/horizon] secrets must not have a name that addToContainer sets, got '${name}'`,
    );
  });

  test('if it is added twice', () => {
    const container = newContainer();
    const [service, session] = [newService(container), newSession()];
    add(container, session, { service });
    add(container, session, { service });
    expect(template).toThrow('secrets must not have a name that addToContainer sets');
  });
});

describe('what is forgotten causes a warning', () => {
  const withoutClients = (id: string): string => `/Stack/${id}: memcachedWithoutClients`;

  test('about the health check', () => {
    add(newContainer({ healthCheck: undefined }));
    expect(warnings()).toEqual(['/Stack/Task/horizon: containerWithoutHealthCheck']);
  });

  test('about memcached that nothing reaches', () => {
    const session = newSession();
    newService(newContainer({ environment: session.environment }));
    expect(warnings()).toEqual([withoutClients('Memcached')]);
  });

  test('about imported memcached that nothing reaches', () => {
    const imported = MemcachedCluster.fromMemcachedClusterAttributes(stack, 'Imported', {
      configurationEndpointAddress: 'nodes.example.org',
      configurationEndpointPort: 11311,
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123')],
    });
    SessionBackend.memcached(imported);
    expect(warnings()).toEqual([withoutClients('Imported')]);
  });

  test('but not about memcached that is reached by another session back end or by hosts', () => {
    const one = newCluster('One');
    SessionBackend.memcached(one);
    SessionBackend.memcached(one).allowFrom(newService(newContainer()));
    newDashboard(stack, { vpc, session: SessionBackend.memcached(newCluster('Two')) });
    expect(warnings()).toEqual([]);
  });

  test('but not about servers without security groups, and memcached for something else', () => {
    SessionBackend.memcached(
      new MemcachedServers(stack, 'Servers', { endpoints: [{ address: 'cache.example.org' }] }),
    );
    newCluster();
    expect(warnings()).toEqual([]);
  });
});

describe('the health check', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'container-'));
    mkdirSync(join(folder, 'django'));
    writeFileSync(join(folder, 'django/__init__.py'), '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const marker = (): string => join(folder, 'checked');

  /** The status of the command, with settings as Horizon would have loaded them. */
  function check(conf: string): number | null {
    writeFileSync(join(folder, 'django/conf.py'), conf);
    const [kind, command] = DashboardSettings.containerHealthCheck().command;
    expect(kind).toBe('CMD-SHELL');
    // Only the place of what it writes differs
    const here = command.replaceAll('/tmp/.openstack-dashboard-settings', marker());
    expect(here).toContain(marker());
    return spawnSync('sh', ['-c', here], { env: { ...process.env, PYTHONPATH: folder } }).status;
  }

  const settingsOf = (member: string): string => `class settings:\n    ${member}\n`;

  test('passes when the settings are complete, and does not load them again', () => {
    expect(check(settingsOf('CDK_OPENSTACK_DASHBOARD = "complete"'))).toBe(0);
    expect(existsSync(marker())).toBe(true);
    expect(check('raise RuntimeError')).toBe(0);
  });

  test.each([settingsOf('DEBUG = False'), settingsOf('CDK_OPENSTACK_DASHBOARD = "half"'), 'x y'])(
    'fails when they are not: %j',
    (conf) => {
      expect(check(conf)).toBe(1);
      expect(existsSync(marker())).toBe(false);
    },
  );

  test('passes where nothing can be written', () => {
    const [, command] = DashboardSettings.containerHealthCheck().command;
    writeFileSync(
      join(folder, 'django/conf.py'),
      settingsOf('CDK_OPENSTACK_DASHBOARD = "complete"'),
    );
    const here = command.replaceAll('/tmp/', '/proc/no-such-folder/');
    const { status } = spawnSync('sh', ['-c', here], {
      env: { ...process.env, PYTHONPATH: folder },
    });
    expect(status).toBe(0);
  });
});
