// How hosts get new packages.
import { Duration, Lazy, TimeZone } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { OpenStackDashboardProps, Patching, StaticMedia } from '../../lib';
import { environmentsOf, newDashboard, newStack, resourcesOf, userDataOf } from './fixtures';

const DAY = 86_400;

function templateOf(
  props: (stack: ReturnType<typeof newStack>) => Partial<OpenStackDashboardProps>,
) {
  const stack = newStack({ env: { account: '123456789012', region: 'eu-west-1' } });
  newDashboard(stack, props(stack));
  return Template.fromStack(stack);
}

/** The greatest age of the hosts of each tier, in days. */
function agesOf(template: Template): Record<string, number | undefined> {
  const groups = resourcesOf(template, 'AWS::AutoScaling::AutoScalingGroup');
  return Object.fromEntries(
    Object.entries(groups).map(([id, { Properties }]) => [
      /Static/.test(id) ? 'static' : 'dashboard',
      Properties.MaxInstanceLifetime && Properties.MaxInstanceLifetime / DAY,
    ]),
  );
}

test('hosts are replaced every two weeks, each after its replacement is in service', () => {
  const template = templateOf(() => ({}));
  expect(agesOf(template)).toEqual({ dashboard: 14, static: 14 });
  template.allResourcesProperties('AWS::AutoScaling::AutoScalingGroup', {
    InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
    LifecycleHookSpecificationList: [Match.objectLike({ DefaultResult: 'ABANDON' })],
  });
});

test('each tier can have an age, or none', () => {
  const template = templateOf(() => ({
    patching: Patching.lifetime(Duration.days(7)),
    staticMedia: StaticMedia.onStaticHosts({ patching: Patching.none() }),
  }));
  expect(agesOf(template)).toEqual({ dashboard: 7, static: undefined });
  template.resourceCountIs('AWS::Scheduler::Schedule', 0);
});

test.each([Duration.hours(23), Duration.days(366)])('an age of %s is an error', (age) => {
  expect(() => Patching.lifetime(age)).toThrow(/^maxAge must be 1 to 365 days, got /);
});

test('an age that is not known at synth time is passed on', () => {
  const maxAge = Duration.seconds(Lazy.number({ produce: () => 3 * DAY }));
  const template = templateOf(() => ({ patching: Patching.lifetime(maxAge) }));
  expect(agesOf(template)).toEqual({ dashboard: 3, static: 3 });
});

test('running hosts install security updates, unless that is turned off', () => {
  const ofHosts = (patching?: Patching) =>
    [/Hosts/, /Static/].map((tier) => {
      const { host } = environmentsOf(
        userDataOf(
          templateOf(() => ({ patching })),
          tier,
        ),
      );
      return [host.IN_PLACE_PATCHES, /\bunattended-upgrades\b/.test(host.PACKAGES)];
    });
  const age = Duration.days(7);
  const night = scheduler.ScheduleExpression.cron({ hour: '4', minute: '0' });
  const off = { inPlace: false };
  for (const patching of [undefined, Patching.lifetime(age), Patching.schedule(night)]) {
    expect(ofHosts(patching)).toEqual(Array(2).fill(['true', true]));
  }
  for (const patching of [
    Patching.none(),
    Patching.lifetime(undefined, off),
    Patching.schedule(night, off),
  ]) {
    expect(ofHosts(patching)).toEqual(Array(2).fill(['false', false]));
  }
});

test('a schedule starts an instance refresh that replaces hosts of the same launch template', () => {
  const template = templateOf((stack) => ({
    permissionsBoundary: new iam.ManagedPolicy(stack, 'Boundary', {
      statements: [new iam.PolicyStatement({ actions: ['*'], resources: ['*'] })],
    }),
    patching: Patching.schedule(
      scheduler.ScheduleExpression.cron({
        weekDay: 'TUE',
        hour: '4',
        minute: '0',
        timeZone: TimeZone.EUROPE_BERLIN,
      }),
    ),
  }));
  expect(agesOf(template)).toEqual({ dashboard: undefined, static: undefined });
  const schedules = Object.values(resourcesOf(template, 'AWS::Scheduler::Schedule'));
  expect(schedules).toHaveLength(2);
  for (const { Properties } of schedules) {
    expect(Properties).toMatchObject({
      ScheduleExpression: 'cron(0 4 ? * TUE *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      State: 'ENABLED',
    });
    expect(JSON.stringify(Properties.Target.Arn)).toContain(
      ':scheduler:::aws-sdk:autoscaling:startInstanceRefresh',
    );
    const input = Properties.Target.Input['Fn::Join'][1];
    const group = input.find((part: unknown) => typeof part === 'object').Ref;
    expect(
      JSON.parse(input.map((part: unknown) => (typeof part === 'string' ? part : group)).join('')),
    ).toEqual({ AutoScalingGroupName: group, Preferences: { SkipMatching: false } });
    const [role] = Properties.Target.RoleArn['Fn::GetAtt'];
    const { Properties: roleProperties } = resourcesOf(template, 'AWS::IAM::Role')[role];
    expect(roleProperties.PermissionsBoundary).toEqual({
      Ref: expect.stringMatching(/^Boundary/),
    });
    expect(roleProperties.AssumeRolePolicyDocument.Statement[0].Condition).toEqual({
      StringEquals: { 'aws:SourceAccount': '123456789012' },
    });
    // It may refresh its group and do nothing else.
    const policies = Object.values(resourcesOf(template, 'AWS::IAM::Policy')).filter(
      (policy) => policy.Properties.Roles[0].Ref === role,
    );
    expect(policies).toHaveLength(1);
    const statements = policies[0].Properties.PolicyDocument.Statement;
    expect(statements).toHaveLength(1);
    expect(statements[0].Action).toBe('autoscaling:StartInstanceRefresh');
    expect(JSON.stringify(statements[0].Resource)).toContain(`{"Ref":"${group}"}`);
  }
});
