// Machine images that are built with the packages of hosts.
import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import {
  DashboardHosts,
  DashboardSettings,
  HostImage,
  HostImageProps,
  Monitoring,
  OpenStackDashboardProps,
  SessionBackend,
  StaticMedia,
  StaticTier,
  Theme,
} from '../../lib';
import {
  environmentsOf,
  expectMisuse,
  KEYSTONE,
  launchTemplate,
  NAME,
  network,
  newDashboard,
  newStack,
  resource,
  Resource,
  resourcesOf,
  statementsOf,
  textOf,
  userDataOf,
} from './fixtures';

const TEMPLATE = 'AWS::EC2::LaunchTemplate';

function dashboardTemplate(
  props: Partial<OpenStackDashboardProps> = {},
  stack: Stack = newStack(),
): Template {
  newDashboard(stack, { bakedImages: {}, ...props });
  return Template.fromStack(stack);
}

function newTier(stack: Stack, image: HostImage, props = {}, id = 'Hosts'): StaticTier {
  return new StaticTier(stack, id, {
    vpc: network(stack, 3, `${id}Vpc`),
    domainName: NAME,
    machineImage: image.machineImage,
    ...props,
  });
}

function tierTemplate(props: HostImageProps = {}, stack: Stack = newStack()): Template {
  const image = new HostImage(stack, 'Image', props);
  image.bakeFor(newTier(stack, image));
  return Template.fromStack(stack);
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function definitionOf(template: Template, id?: RegExp): any {
  const { Properties } = resource(template, 'AWS::StepFunctions::StateMachine', id);
  return JSON.parse(textOf(Properties.DefinitionString));
}

function dataOf(template: Template, id: RegExp): Resource['Properties'] {
  return launchTemplate(template, id).Properties.LaunchTemplateData;
}

describe('an image', () => {
  test('is resolved when a host is launched, and is Debian until the first bake has ended', () => {
    const template = dashboardTemplate();
    const parameters = resourcesOf(template, 'AWS::SSM::Parameter');
    expect(Object.keys(parameters)).toHaveLength(2);
    for (const { Properties } of Object.values(parameters)) {
      expect(Properties).toMatchObject({ Type: 'String', DataType: 'aws:ec2:image' });
      expect(textOf(Properties.Value)).toMatch(/^<SsmParameterValueawsservicedebianrelease13/);
    }
    for (const [tier, image] of [
      [/^DashboardHostsLaunchTemplate/, /DashboardHostsImage/],
      [/^DashboardStaticLaunchTemplate/, /DashboardStaticImage/],
    ]) {
      const id = textOf(dataOf(template, tier).ImageId);
      expect(id).toMatch(/^resolve:ssm:<\w+Parameter\w+>$/);
      expect(id).toMatch(image);
    }
  });

  test('has the user data of its hosts, with the purpose of the instance', () => {
    const template = dashboardTemplate({
      hosts: { extraPackages: ['python3-designate-dashboard'] },
    });
    const hosts = userDataOf(template, /^DashboardHostsLaunchTemplate/);
    for (const [id, stage] of [
      [/^DashboardHostsImageBake/, 'bake'],
      [/^DashboardHostsImageTest/, 'test'],
    ] as const) {
      const userData = userDataOf(template, id);
      expect(userData).not.toBe(hosts);
      expect(userData.replace(`IMAGE_STAGE="${stage}"\n`, '')).toBe(hosts);
      expect(environmentsOf(userData).host.IMAGE_STAGE).toBe(stage);
    }
    expect(hosts).not.toMatch(/^IMAGE_STAGE=/m);
  });

  test('has commands that are added to the user data later, in a part of its own too', () => {
    for (const userData of [ec2.UserData.forLinux(), new ec2.MultipartUserData()]) {
      const stack = newStack();
      const image = new HostImage(stack, 'Image');
      const hosts = newTier(stack, image, { userData });
      image.bakeFor(hosts);
      if (userData instanceof ec2.MultipartUserData) {
        const part = ec2.UserData.forLinux();
        part.addCommands('echo later');
        userData.addUserDataPart(part);
      } else {
        userData.addCommands('echo later');
      }
      const template = Template.fromStack(stack);
      const bake = userDataOf(template, /^ImageBake/);
      expect(bake.replace('IMAGE_STAGE="bake"\n', '')).toBe(userDataOf(template, /^HostsLaunch/));
      expect(bake).toMatch(/echo later|ZWNobyBsYXRlcg/);
    }
  });

  test('is built by an instance that can only read the files of hosts', () => {
    const template = dashboardTemplate();
    expect(statementsOf(template, /DashboardHostsImageRole/)).toEqual([
      expect.objectContaining({
        Action: 'cloudformation:DescribeStackResource',
        Effect: 'Allow',
        Resource: { Ref: 'AWS::StackId' },
      }),
    ]);
    const data = dataOf(template, /^DashboardHostsImageBake/);
    expect(textOf(data.ImageId)).toBe('resolve:ssm:/aws/service/debian/release/13/latest/arm64');
    expect(data).toMatchObject({
      InstanceInitiatedShutdownBehavior: 'stop',
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true } }],
    });
    expect(data.KeyName).toBeUndefined();
    const [network] = data.NetworkInterfaces;
    expect(network).toMatchObject({ AssociatePublicIpAddress: false, SubnetId: expect.anything() });
    const group = resource(template, 'AWS::EC2::SecurityGroup', /DashboardHostsImage/).Properties;
    expect(group.SecurityGroupIngress).toBeUndefined();
    expect(group.SecurityGroupEgress.map(({ FromPort }: Resource) => FromPort)).toEqual([443, 80]);
  });

  test('is tested by an instance with the role and the security group of hosts', () => {
    const template = dashboardTemplate();
    const hosts = dataOf(template, /^DashboardHostsLaunchTemplate/);
    const test = dataOf(template, /^DashboardHostsImageTest/);
    const profiles = resourcesOf(template, 'AWS::IAM::InstanceProfile');
    const roleOf = ({ IamInstanceProfile }: Resource['Properties']): string =>
      textOf(profiles[IamInstanceProfile.Arn['Fn::GetAtt'][0]].Properties.Roles[0]);
    expect(roleOf(test)).toBe(roleOf(hosts));
    expect(test.NetworkInterfaces[0].Groups).toEqual(hosts.NetworkInterfaces[0].Groups);
    expect(test.InstanceType).toBe(hosts.InstanceType);
  });

  test('is built on a schedule, after deployments and when the parameter is reset', () => {
    const template = tierTemplate({ parameterName: '/example/static' });
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(7 days)',
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.cloudformation', 'aws.ssm'],
        detail: {
          $or: [
            { 'stack-id': [{ Ref: 'AWS::StackId' }], 'status-details': Match.anyValue() },
            { name: [{ Ref: Match.stringLikeRegexp('^ImageParameter') }], operation: ['Update'] },
          ],
        },
      },
      Targets: [
        Match.objectLike({
          InputTransformer: {
            InputPathsMap: { source: '$.source' },
            InputTemplate: '{"source":<source>}',
          },
        }),
      ],
    });
    template.hasResourceProperties('AWS::SSM::Parameter', { Name: '/example/static' });
    const other = tierTemplate({ schedule: scheduler.ScheduleExpression.rate(Duration.days(1)) });
    other.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(1 day)' });
  });

  test('replaces the hosts unless that is turned off', () => {
    const { Begin } = definitionOf(tierTemplate()).States;
    expect(Begin.Assign.group).toMatch(/^<HostsAutoScalingGroup/);
    const without = tierTemplate({ replaceHosts: false });
    expect(definitionOf(without).States.Begin.Assign.group).toBe('');
    const actions = JSON.stringify(statementsOf(without, /ImageStateMachine/));
    expect(actions).not.toMatch(/StartInstanceRefresh/);
  });

  test('has another recipe if something that is in it changes', () => {
    const recipeOf = (props: object): string => {
      const stack = newStack();
      const image = new HostImage(stack, 'Image');
      image.bakeFor(
        new DashboardHosts(stack, 'Hosts', {
          vpc: network(stack),
          settings: new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE }),
          session: SessionBackend.signedCookies({ sealing: true }),
          machineImage: image.machineImage,
          ...props,
        }),
      );
      return definitionOf(Template.fromStack(stack)).States.Begin.Assign.recipe;
    };
    const recipe = recipeOf({});
    expect(recipe).toMatch(/^[0-9a-f]{16}$/);
    expect(recipeOf({ maxCapacity: 9 })).toBe(recipe);
    expect(recipeOf({ extraPackages: ['python3-designate-dashboard'] })).not.toBe(recipe);
    const theme = Theme.fromFolder(`${__dirname}/../../examples/small-cloud/acme`);
    expect(recipeOf({ theme })).not.toBe(recipe);
  });

  test('waits for its instances as long as a group waits for a host', () => {
    const mostLooks = (signalTimeout: Duration): unknown => {
      const stack = newStack();
      const image = new HostImage(stack, 'Image');
      image.bakeFor(newTier(stack, image, { signalTimeout }));
      return definitionOf(Template.fromStack(stack)).States.Begin.Assign.mostLooks;
    };
    expect(mostLooks(Duration.minutes(15))).toBe(60);
    expect(mostLooks(Duration.seconds(301))).toBe(21);
  });

  test('has roles with the permissions boundary', () => {
    const stack = newStack();
    const boundary = iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary');
    const template = tierTemplate({ permissionsBoundary: boundary }, stack);
    const roles = Object.entries(resourcesOf(template, 'AWS::IAM::Role')).filter(([id]) =>
      id.startsWith('Image'),
    );
    expect(roles).toHaveLength(4);
    for (const [, { Properties }] of roles) {
      expect(textOf(Properties.PermissionsBoundary)).toMatch(/policy\/boundary$/);
    }
  });

  test('is not built for a tier that has a machine image', () => {
    const machineImage = ec2.MachineImage.fromSsmParameter('/example/static');
    const template = dashboardTemplate({
      staticMedia: StaticMedia.onStaticHosts({ machineImage }),
    });
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
    dashboardTemplate({ staticMedia: StaticMedia.onDashboardHosts() }).resourceCountIs(
      'AWS::StepFunctions::StateMachine',
      1,
    );
  });

  test('has the architecture of the instance type', () => {
    const template = dashboardTemplate({
      hosts: { instanceType: new ec2.InstanceType('m7i.large') },
    });
    const { ImageId } = dataOf(template, /^DashboardHostsImageBake/);
    expect(textOf(ImageId)).toMatch(/amd64$/);
  });

  test('that fails raises an alarm', () => {
    const template = dashboardTemplate({ monitoring: Monitoring.alarms() });
    const { Properties } = resource(template, 'AWS::CloudWatch::Alarm', /AlarmsBake/);
    expect(JSON.stringify(Properties.Metrics)).toMatch(/FILL\(image0, 0\) \+ FILL\(image1, 0\)/);
  });
});

describe('the state machine', () => {
  const template = tierTemplate();
  const { States } = definitionOf(template);
  const statements = statementsOf(template, /ImageStateMachineRole/);

  test('only changes what it created', () => {
    const own = {
      StringEquals: { 'aws:ResourceTag/cdk-openstack-dashboard:image': expect.anything() },
    };
    for (const action of ['Terminate', 'Deregister', 'DeleteSnapshot', 'GetConsole']) {
      const found = statements.filter(({ Action }) => JSON.stringify(Action).includes(action));
      expect(found).toEqual([expect.objectContaining({ Condition: own })]);
    }
    const runs = statements.filter(({ Action }) => Action === 'ec2:RunInstances');
    expect(runs).toHaveLength(2);
    expect(runs[1].Condition.ArnEquals['ec2:LaunchTemplate']).toEqual(runs[0].Resource);
    const places = (runs[1].Resource as unknown[]).map((each) => textOf(each));
    expect(places.filter((place) => /:(subnet|security-group)\//.test(place))).toEqual([
      expect.stringMatching(/:security-group\/<ImageSecurityGroup\w+.GroupId>$/),
      expect.stringMatching(/:security-group\/<HostsSecurityGroup\w+.GroupId>$/),
      expect.stringMatching(/:subnet\/subnet-private0$/),
    ]);
    const [pass] = statements.filter(({ Action }) => Action === 'iam:PassRole');
    expect(pass).toMatchObject({
      Resource: [expect.anything(), expect.anything()],
      Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    });
  });

  test('has the permission for each call, and no other', () => {
    const called = JSON.stringify(States)
      .match(/aws-sdk:\w+:\w+/g)!
      .map((name) => name.replace('aws-sdk:', '').toLowerCase());
    const granted = statements.flatMap(({ Action }) => Action as string | string[]);
    const allowed = new Set(granted.map((action) => action.toLowerCase()));
    // To pass the roles of instances, and to resolve parameters in launch templates
    for (const implied of ['iam:passrole', 'ssm:getparameters']) {
      expect(allowed.delete(implied)).toBe(true);
    }
    expect([...allowed].sort()).toEqual([...new Set(called)].sort());
  });

  test('handles the failure of every call', () => {
    for (const [name, { Type, Catch, Retry }] of Object.entries<Resource['Properties']>(States)) {
      if (Type === 'Task') {
        expect([name, Catch?.at(-1).ErrorEquals, Retry?.length]).toEqual([name, ['States.ALL'], 1]);
      }
    }
  });

  test('has calls of the partition', () => {
    expect(States['Read the parameter'].Resource).toBe(
      'arn:<AWS::Partition>:states:::aws-sdk:ssm:getParameter',
    );
  });
});

describe('misuse', () => {
  test('hosts must be given, once, in the same stack', () => {
    const stack = newStack();
    const image = new HostImage(stack, 'Image');
    expect(() => Template.fromStack(stack)).toThrow(
      'bakeFor() must be called with the hosts of the image',
    );
    const other = new Stack(stack.node.root, 'Other');
    expectMisuse(
      () => image.bakeFor(newTier(other, image)),
      "Stack/Image: hosts must be in the stack of the image, got 'Other/Hosts'; the image is built from them, and they start from it",
    );
    image.bakeFor(newTier(stack, image));
    expect(() => image.bakeFor(newTier(stack, image, {}, 'More'))).toThrow(
      'Stack/Image: bakeFor() must be called once; create another HostImage for other hosts',
    );
  });

  test('the architecture must be that of the hosts', () => {
    const stack = newStack();
    const image = new HostImage(stack, 'Image', { architecture: ec2.InstanceArchitecture.X86_64 });
    expectMisuse(
      () => image.bakeFor(newTier(stack, image)),
      "Stack/Image: architecture must be that of the hosts (arm64), got 'x86_64'",
    );
  });

  test.each([0, 21, 1.5])('keep must not be %s', (keep) => {
    expectMisuse(
      () => new HostImage(newStack(), 'Image', { keep }),
      `Stack/Image: keep must be a whole number from 1 to 20, got ${keep}`,
    );
  });

  test('the base image must have an ID', () => {
    const baseImage = ec2.MachineImage.resolveSsmParameterAtLaunch('/example');
    expectMisuse(
      () => new HostImage(newStack(), 'Image', { baseImage }),
      "Stack/Image: baseImage must have an ID at deploy time, got 'resolve:ssm:/example'; use MachineImage.fromSsmParameter()",
    );
  });

  test('hosts that start from another image get a warning', () => {
    const stack = newStack();
    Validations.of(stack);
    const image = new HostImage(stack, 'Image');
    image.bakeFor(newTier(stack, image, { machineImage: undefined }));
    Annotations.fromStack(stack).hasWarning(
      '/Stack/Image',
      Match.stringLikeRegexp('starts from another machine image'),
    );
    const fine = newStack();
    const used = new HostImage(fine, 'Image');
    used.bakeFor(newTier(fine, used));
    Annotations.fromStack(fine).hasNoWarning('*', Match.anyValue());
  });
});

test('the parameter has the name that is given', () => {
  const template = tierTemplate({ parameterName: '/example/static', keep: 5 });
  expect(textOf(dataOf(template, /^HostsLaunch/).ImageId)).toMatch(/^resolve:ssm:<ImageParameter/);
  expect(definitionOf(template).States.Begin.Assign).toMatchObject({ keep: 5 });
  expect(resourcesOf(template, TEMPLATE)).toBeDefined();
});
