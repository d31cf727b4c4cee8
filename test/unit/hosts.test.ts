import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnParameter, Duration, Lazy, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  AdminAccess,
  DashboardHosts,
  DashboardHostsProps,
  DashboardSettings,
  DashboardSettingsOptions,
  HostGroup,
  ImageUpload,
  InstanceConnectEndpoint,
  SessionBackend,
  SettingValue,
  StaticTier,
} from '../../lib';
import {
  cfnResources,
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
  ROOT,
  statementsOf,
  textOf,
  userDataOf,
} from './fixtures';

const LIB = 'usr/local/lib/openstack-dashboard';

let stack: Stack;
let vpc: ec2.IVpc;
beforeEach(() => {
  stack = newStack();
  vpc = network(stack);
});

function settings(options: DashboardSettingsOptions = {}): DashboardSettings {
  return new DashboardSettings({ domainName: NAME, keystoneUrl: KEYSTONE, ...options });
}

function newHosts(props: Partial<DashboardHostsProps> = {}, id = 'Hosts'): DashboardHosts {
  return new DashboardHosts(stack, id, {
    vpc,
    settings: settings(),
    session: SessionBackend.signedCookies(),
    ...props,
  });
}

/** A target group scales on requests only once a listener sends it some. */
function behindListener(hosts: HostGroup): void {
  elbv2.ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
    listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/given/0123/4567',
    securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'ListenerGroup', 'sg-listener'),
  }).addTargetGroups('Hosts', {
    priority: 1,
    conditions: [elbv2.ListenerCondition.hostHeaders([NAME])],
    targetGroups: [hosts.targetGroup],
  });
}

const template = (): Template => Template.fromStack(stack);
const group = (): Resource => resource(template(), 'AWS::AutoScaling::AutoScalingGroup');
const data = (): Resource['Properties'] => launchTemplate(template()).Properties.LaunchTemplateData;
const hostEnvironment = (): Record<string, string> => environmentsOf(userDataOf(template())).host;
const parameter = (type = 'String', id = 'Given'): CfnParameter =>
  new CfnParameter(stack, id, { type });

function egressOf(): Resource['Properties'][] {
  const rules = resourcesOf(template(), 'AWS::EC2::SecurityGroup');
  return Object.values(rules).flatMap(({ Properties }) => Properties.SecurityGroupEgress ?? []);
}

describe('a host', () => {
  test('only allows IMDSv2, with one hop', () => {
    newHosts();
    expect(data().MetadataOptions).toEqual({
      HttpEndpoint: 'enabled',
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 1,
    });
  });

  test('has an encrypted volume that is deleted with it', () => {
    newHosts();
    expect(data().BlockDeviceMappings).toEqual([
      {
        DeviceName: '/dev/xvda',
        Ebs: { Encrypted: true, DeleteOnTermination: true, VolumeSize: 10, VolumeType: 'gp3' },
      },
    ]);
  });

  test('has no public address', () => {
    newHosts();
    expect(data().NetworkInterfaces).toEqual([
      expect.objectContaining({ AssociatePublicIpAddress: false, DeviceIndex: 0 }),
    ]);
  });

  test('has no SSH key', () => {
    newHosts();
    expect(data()).not.toHaveProperty('KeyName');
  });

  test('is monitored every minute', () => {
    newHosts();
    expect(data().Monitoring).toEqual({ Enabled: true });
    expect(group().Properties.MetricsCollection).toEqual([{ Granularity: '1Minute' }]);
  });

  test('is a Graviton machine with the newest Debian 13', () => {
    newHosts();
    expect(data().InstanceType).toBe('t4g.small');
    template().hasParameter('*', {
      Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
      Default: '/aws/service/debian/release/13/latest/arm64',
    });
  });

  test('gets the image of the architecture of its instance type', () => {
    newHosts({ instanceType: new ec2.InstanceType('m7i.large') });
    expect(data().InstanceType).toBe('m7i.large');
    template().hasParameter('*', { Default: '/aws/service/debian/release/13/latest/amd64' });
  });

  test('opens no port to the internet, and reaches only web ports and the OpenStack APIs', () => {
    newHosts();
    template().resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    const { SecurityGroupIngress } = resource(template(), 'AWS::EC2::SecurityGroup').Properties;
    expect(SecurityGroupIngress).toBeUndefined();
    expect(egressOf().map(({ IpProtocol, FromPort }) => `${IpProtocol} ${FromPort}`)).toEqual([
      'tcp 443',
      'tcp 80',
      'tcp 5000',
      'tcp 8774',
      'tcp 8776',
      'tcp 8778',
      'tcp 8780',
      'tcp 9292',
      'tcp 9696',
      'tcp 8080',
    ]);
  });

  test('reaches the port of the Keystone URL', () => {
    newHosts({
      settings: new DashboardSettings({
        domainName: NAME,
        keystoneUrl: 'https://cloud.example.org:13000/v3',
      }),
    });
    expect(egressOf().map(({ FromPort }) => FromPort)).toContain(13000);
  });

  test('reaches only the given API ports and peer', () => {
    newHosts({ apiPorts: [8443], apiPeer: ec2.Peer.ipv4('198.51.100.0/24') });
    expect(egressOf().map(({ CidrIp, FromPort }) => `${CidrIp} ${FromPort}`)).toEqual([
      '0.0.0.0/0 443',
      '0.0.0.0/0 80',
      '198.51.100.0/24 8443',
    ]);
  });

  test('reaches only the given egress peers, OpenStack among them', () => {
    newHosts({
      apiPorts: [8443],
      egressPeers: [ec2.Peer.ipv4('198.51.100.0/24'), ec2.Peer.ipv6('2001:db8::/32')],
    });
    expect(
      egressOf().map(({ CidrIp, CidrIpv6, FromPort }) => `${CidrIp ?? CidrIpv6} ${FromPort}`),
    ).toEqual(
      [443, 80, 8443].flatMap((port) => [`198.51.100.0/24 ${port}`, `2001:db8::/32 ${port}`]),
    );
    expect(() => newHosts({ egressPeers: [] }, 'Nowhere')).toThrow(
      'Stack/Nowhere: egressPeers must have at least one peer, got none',
    );
  });

  test('has a role that can only read its files, signal, log and read the secret', () => {
    newHosts();
    const allowed = statementsOf(template(), /HostsRole/).flatMap(({ Action, Resource }) =>
      [Action].flat().map((action) => `${action} ${textOf(Resource).replace(/[0-9A-F]{8}/, '')}`),
    );
    expect([...new Set(allowed)].sort()).toEqual([
      'autoscaling:CompleteLifecycleAction arn:<AWS::Partition>:autoscaling:<AWS::Region>:<AWS::AccountId>:autoScalingGroup:*:autoScalingGroupName/*',
      'cloudformation:DescribeStackResource <AWS::StackId>',
      'cloudformation:SignalResource <AWS::StackId>',
      'logs:CreateLogStream <HostsHostLogsLogGroup.Arn>',
      'logs:PutLogEvents <HostsHostLogsLogGroup.Arn>',
      'secretsmanager:DescribeSecret <HostsSecretKey>',
      'secretsmanager:GetSecretValue <HostsSecretKey>',
    ]);
    expect(
      resource(template(), 'AWS::IAM::Role').Properties.AssumeRolePolicyDocument.Statement,
    ).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' } },
    ]);
  });
});

describe('the group', () => {
  test('is in private subnets in all zones of the VPC', () => {
    newHosts();
    expect(group().Properties.VPCZoneIdentifier).toEqual([
      'subnet-private0',
      'subnet-private1',
      'subnet-private2',
    ]);
  });

  test('is in the given subnets', () => {
    newHosts({ vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } });
    expect(group().Properties.VPCZoneIdentifier).toEqual([
      'subnet-isolated0',
      'subnet-isolated1',
      'subnet-isolated2',
    ]);
  });

  test('has no desired capacity, to which a deployment would scale back', () => {
    newHosts();
    expect(group().Properties).toMatchObject({ MinSize: '2', MaxSize: '4' });
    expect(group().Properties).not.toHaveProperty('DesiredCapacity');
  });

  test('has the given capacity', () => {
    newHosts({ minCapacity: 3, maxCapacity: 9 });
    expect(group().Properties).toMatchObject({ MinSize: '3', MaxSize: '9' });
    expect(group().UpdatePolicy.AutoScalingRollingUpdate.MinInstancesInService).toBe(3);
  });

  test('is updated one host at a time with signals, never below the minimum', () => {
    newHosts();
    expect(group().UpdatePolicy.AutoScalingRollingUpdate).toMatchObject({
      MaxBatchSize: 1,
      MinInstancesInService: 2,
      WaitOnResourceSignals: true,
      PauseTime: 'PT15M',
    });
    expect(group().CreationPolicy).toEqual({ ResourceSignal: { Count: 2, Timeout: 'PT15M' } });
  });

  test('waits for signals for the given time', () => {
    newHosts({ signalTimeout: Duration.minutes(5) });
    expect(group().CreationPolicy.ResourceSignal.Timeout).toBe('PT5M');
    expect(group().UpdatePolicy.AutoScalingRollingUpdate.PauseTime).toBe('PT5M');
    expect(group().Properties.LifecycleHookSpecificationList[0].HeartbeatTimeout).toBe(300);
    expect(hostEnvironment().SIGNAL_TIMEOUT_SECONDS).toBe('300');
  });

  test('puts a host into service only when the host reports success, and terminates others', () => {
    newHosts();
    const [hook, ...others] = group().Properties.LifecycleHookSpecificationList;
    expect(others).toEqual([]);
    expect(hook).toEqual({
      LifecycleHookName: 'openstack-dashboard',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      DefaultResult: 'ABANDON',
      HeartbeatTimeout: 900,
    });
    // The name that hosts use, to report success and failure.
    for (const file of ['user-data.sh', `files/${LIB}/common.sh`]) {
      expect(readFileSync(join(ROOT, 'lib/hosts', file), 'utf8')).toContain(
        `-d LifecycleHookName=${hook.LifecycleHookName} `,
      );
    }
  });

  test('lets hosts complete only the hook of their own group, without a cycle', () => {
    newHosts();
    const [id] = Object.keys(resourcesOf(template(), 'AWS::AutoScaling::AutoScalingGroup'));
    const [{ Condition }] = statementsOf(template(), /HostsRole/).filter(
      ({ Action }) => Action === 'autoscaling:CompleteLifecycleAction',
    );
    expect(Condition).toEqual({
      StringEquals: {
        'aws:ResourceTag/aws:cloudformation:stack-id': { Ref: 'AWS::StackId' },
        'aws:ResourceTag/aws:cloudformation:logical-id': id,
      },
    });
    expect(group().DependsOn).toContainEqual(expect.stringMatching(/^HostsRoleDefaultPolicy/));
  });

  test('launches before it terminates, also outside of deployments', () => {
    newHosts();
    expect(group().Properties).toMatchObject({
      InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
      DefaultInstanceWarmup: 60,
      HealthCheckGracePeriod: 60,
    });
  });

  test('accepts another grace period and warm-up', () => {
    newHosts({
      healthCheckGracePeriod: Duration.minutes(5),
      defaultInstanceWarmup: Duration.minutes(2),
    });
    expect(group().Properties).toMatchObject({
      HealthCheckGracePeriod: 300,
      DefaultInstanceWarmup: 120,
    });
  });

  test.each([300, 539, 540, 900, 7200])(
    'waits %d s, longer than a host takes to give up and to say so',
    (timeout) => {
      const script = readFileSync(join(ROOT, 'lib/hosts/user-data.sh'), 'utf8');
      const formula = /deadline=(\$\(\(patience - .*\)\))/.exec(script)![1];
      const deadline = Number(
        spawnSync('bash', ['-c', `patience=${timeout}; echo "${formula}"`], { encoding: 'utf8' })
          .stdout,
      );
      // Stopping what still runs; then metadata three times, and the call that reports the failure.
      const told = 10 + 3 * 2 * 3 + 20;
      const launch = 30;
      expect(deadline).toBeGreaterThan(timeout / 2);
      expect(launch + deadline + told).toBeLessThan(timeout);
    },
  );

  test('replaces hosts that the load balancer finds unhealthy', () => {
    newHosts();
    expect(group().Properties.HealthCheckType).toBe('ELB');
  });

  test('scales on the requests that each host gets', () => {
    const hosts = newHosts();
    behindListener(hosts);
    hosts.scaleOnRequestCount();
    template().hasResourceProperties('AWS::AutoScaling::ScalingPolicy', {
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: 'ALBRequestCountPerTarget' },
        TargetValue: 600,
      },
    });
  });

  test('scales on the given number of requests', () => {
    const hosts = newHosts({ requestsPerMinute: 50 });
    behindListener(hosts);
    hosts.scaleOnRequestCount();
    template().hasResourceProperties('AWS::AutoScaling::ScalingPolicy', {
      TargetTrackingConfiguration: { TargetValue: 50 },
    });
  });

  test('starts no host before its role, its routes and its files exist', () => {
    stack = newStack();
    vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    newHosts();
    expect(group().DependsOn).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^HostsRoleDefaultPolicy/),
        expect.stringMatching(/^HostsFiles/),
        expect.stringMatching(/^VpcPrivateSubnet1DefaultRoute/),
      ]),
    );
  });

  test('notifies a topic about its hosts', () => {
    newHosts({ notificationTopic: new sns.Topic(stack, 'Topic') });
    expect(group().Properties.NotificationConfigurations).toEqual([
      expect.objectContaining({ TopicARN: { Ref: expect.stringMatching(/^Topic/) } }),
    ]);
  });
});

describe('the target group', () => {
  test('encrypts again behind the load balancer', () => {
    newHosts();
    template().hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      Protocol: 'HTTPS',
      Port: 443,
      TargetType: 'instance',
    });
  });

  test('checks a path of nginx over HTTPS that needs neither memcached nor Keystone', () => {
    newHosts();
    template().hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckProtocol: 'HTTPS',
      HealthCheckPath: '/healthz',
      Matcher: { HttpCode: '200' },
    });
  });

  test('belongs to the group', () => {
    newHosts();
    expect(group().Properties.TargetGroupARNs).toEqual([
      { Ref: expect.stringMatching(/^HostsTargetGroup/) },
    ]);
  });
});

describe('admin access', () => {
  test('is off by default: no rule for SSH, and the host turns its server off', () => {
    newHosts();
    expect(JSON.stringify(template())).not.toMatch(/"(From|To)Port":22\b/);
    expect(hostEnvironment().ADMIN_ACCESS).toBe('none');
  });

  test('by EC2 Instance Connect only opens SSH from the endpoint', () => {
    const endpoint = new InstanceConnectEndpoint(stack, 'Endpoint', { vpc });
    newHosts({ adminAccess: AdminAccess.instanceConnect(endpoint) });
    expect(hostEnvironment().ADMIN_ACCESS).toBe('instance-connect');
    const ingress = Object.values(resourcesOf(template(), 'AWS::EC2::SecurityGroupIngress'));
    expect(ingress.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        FromPort: 22,
        ToPort: 22,
        GroupId: { 'Fn::GetAtt': [expect.stringMatching(/^HostsSecurity/), 'GroupId'] },
        SourceSecurityGroupId: {
          'Fn::GetAtt': [expect.stringMatching(/^EndpointSecurity/), 'GroupId'],
        },
      }),
    ]);
    template().hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      FromPort: 22,
      GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^EndpointSecurity'), 'GroupId'] },
      DestinationSecurityGroupId: {
        'Fn::GetAtt': [Match.stringLikeRegexp('^HostsSecurity'), 'GroupId'],
      },
    });
  });

  test('has its endpoint in a private subnet, or in the given one', () => {
    new InstanceConnectEndpoint(stack, 'Endpoint', { vpc });
    new InstanceConnectEndpoint(stack, 'Chosen', {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    });
    const endpoints = Object.values(resourcesOf(template(), 'AWS::EC2::InstanceConnectEndpoint'));
    expect(endpoints.map(({ Properties }) => Properties.SubnetId)).toEqual([
      'subnet-private0',
      'subnet-isolated0',
    ]);
  });
});

describe('user data', () => {
  test('contains the settings, the session and the secret, but not its value', () => {
    newHosts();
    const environment = environmentsOf(userDataOf(template())).dashboard;
    expect(environment).toEqual({
      ...settings().environment,
      ...SessionBackend.signedCookies().environment,
      SECRET_KEY_SECRET_ID: expect.stringMatching(/^<HostsSecretKey[0-9A-F]{8}>$/),
      STATIC_BASE_URL: '/static/',
    });
  });

  test('has the same parameters as the metadata of the launch template', () => {
    // Any resource with a name that only deployment knows.
    const key = new kms.Key(stack, 'Key');
    newHosts({
      settings: settings({ siteBranding: key.keyArn, passwordHelpText: 'a "b" $c `d` \\e' }),
    });
    const { Metadata } = launchTemplate(template());
    const told = Object.entries(Metadata['cdk-openstack-dashboard'].environment);
    expect(environmentsOf(userDataOf(template())).dashboard).toEqual(
      Object.fromEntries(told.map(([name, value]) => [name, textOf(value)])),
    );
    expect(told.length).toBeGreaterThan(20);
  });

  test('contains the parameters of the host', () => {
    newHosts({
      workers: 7,
      maxRequestSize: Size.kibibytes(64),
      hsts: { maxAge: Duration.days(1), includeSubdomains: false },
      extraPackages: ['python3-designate-dashboard'],
    });
    expect(hostEnvironment()).toMatchObject({
      AWS_REGION: '<AWS::Region>',
      AWS_URL_SUFFIX: '<AWS::URLSuffix>',
      CFN_STACK: '<AWS::StackName>',
      CFN_RESOURCE: expect.stringMatching(/^HostsAutoScalingGroup/),
      PACKAGES: expect.stringMatching(
        /^openstack-dashboard gunicorn .* python3-designate-dashboard$/,
      ),
      SERVER_NAME: NAME,
      GUNICORN_WORKERS: '7',
      CLIENT_MAX_BODY_SIZE: '65536',
      HSTS_MAX_AGE: '86400',
      HSTS_INCLUDE_SUBDOMAINS: 'false',
      ASSET_BUCKET: '',
    });
  });

  test('sets HSTS of one year with subdomains by default', () => {
    newHosts();
    expect(hostEnvironment()).toMatchObject({
      HSTS_MAX_AGE: '31536000',
      HSTS_INCLUDE_SUBDOMAINS: 'true',
      CLIENT_MAX_BODY_SIZE: '1048576',
    });
    // The host decides.
    expect(hostEnvironment()).not.toHaveProperty('GUNICORN_WORKERS');
  });

  test('allows requests of the size of images that pass through the hosts', () => {
    const imageUpload = ImageUpload.legacy('a quota for each project', Size.gibibytes(2));
    newHosts({ settings: settings({ imageUpload }) });
    expect(hostEnvironment()).toMatchObject({
      CLIENT_MAX_BODY_SIZE: String(2 ** 31 + 2 ** 20),
      UPLOADS_AT_ONCE: '2',
      UPLOAD_SECONDS: '128',
    });
  });

  test('have volumes with room for images that pass through the hosts', () => {
    const volumeOf = (id: string, upload: ImageUpload, volumeSize?: Size) => {
      stack = newStack();
      vpc = network(stack);
      newHosts({ settings: settings({ imageUpload: upload }), volumeSize }, id);
      const found = Object.entries(resourcesOf(template(), 'AWS::EC2::LaunchTemplate')).find(
        ([name]) => name.startsWith(id),
      )![1];
      return found.Properties.LaunchTemplateData.BlockDeviceMappings[0].Ebs.VolumeSize as number;
    };
    const plan = 'a quota for each project';
    expect(volumeOf('Small', ImageUpload.legacy(plan))).toBe(10);
    expect(volumeOf('Direct', ImageUpload.direct(plan))).toBe(10);
    const large = ImageUpload.legacy(plan, Size.gibibytes(2));
    expect(volumeOf('Large', large)).toBe(14);
    expect(volumeOf('Given', large, Size.gibibytes(20))).toBe(20);
    const five = ImageUpload.legacy(plan, Size.gibibytes(2), { concurrentUploads: 5 });
    expect(volumeOf('Five', five)).toBe(26);
    expect(() => volumeOf('Full', five, Size.gibibytes(25))).toThrow(
      'volumeSize must be at least 26 GiB, got 25; uploaded images are stored twice until the image service has them',
    );
  });

  test('names the group to signal, and the resource with the files', () => {
    newHosts();
    const ids = Object.keys(resourcesOf(template(), 'AWS::AutoScaling::AutoScalingGroup'));
    expect(ids).toEqual([hostEnvironment().CFN_RESOURCE]);
    const [[id, holder], ...others] = Object.entries(
      resourcesOf(template(), 'AWS::CloudFormation::WaitConditionHandle'),
    );
    expect(others).toEqual([]);
    expect(userDataOf(template())).toContain(`describe_resource '${id}'`);
    expect(holder.Metadata['cdk-openstack-dashboard'].files).toMatch(/^[A-Za-z0-9+/=]{1000,}$/);
  });

  test('runs commands before the script, no matter when and where they are added', () => {
    const userData = ec2.UserData.forLinux();
    userData.addCommands('echo one');
    const hosts = newHosts({ userData });
    userData.addCommands('echo two');
    hosts.autoScalingGroup.addUserData('echo three');
    hosts.launchTemplate.userData!.addCommands('echo four');
    expect(userDataOf(template())).toMatch(
      /^#!\/bin\/bash\necho one\necho two\necho three\necho four\n# Makes this machine a host[^]*\n\(\n[^]*\n\)\n$/,
    );
  });

  test('keeps the traps of commands, which run after the script', () => {
    const hosts = newHosts();
    hosts.launchTemplate.userData!.addOnExitCommands('echo "exit $exitCode"');
    const script = userDataOf(template()).replace(/^\(\n[^]*^\)\n/m, '( trap - EXIT; exit 3 )\n');
    expect(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout).toBe('exit 3\n');
  });

  test('is the last part of a multipart archive', () => {
    const userData = new ec2.MultipartUserData();
    const commands = ec2.UserData.forLinux();
    userData.addUserDataPart(commands, ec2.MultipartBody.SHELL_SCRIPT, true);
    const hosts = newHosts({ userData });
    hosts.autoScalingGroup.addUserData('echo later');
    userData.addPart(
      ec2.MultipartBody.fromRawBody({ contentType: 'text/cloud-config', body: '#cloud-config' }),
    );
    const parts = userDataOf(template()).split(/\n--\+AWS\+CDK\+User\+Data\+Separator==(?:--)?\n/);
    expect(parts.map((part) => /^Content-Type: ([a-z/-]+)/.exec(part)?.[1])).toEqual([
      'multipart/mixed',
      'text/x-shellscript',
      'text/cloud-config',
      'text/x-shellscript',
      undefined,
    ]);
    expect(parts[1]).toContain('echo later');
    expect(parts[3]).toMatch(/\n\n#!\/bin\/bash\n# Makes this machine a host/);
  });

  test.each(['#cloud-config\npackages: []', '#!/bin/sh', '#!/usr/bin/python3', 'echo x'])(
    'fails after what is not for bash: %j',
    (content) => {
      newHosts({ userData: ec2.UserData.custom(content) });
      expect(() => template()).toThrow(
        /\[Stack\/Hosts\] userData must be a bash script or MultipartUserData; the library's own script follows it\s*$/,
      );
    },
  );

  test('has unknown values in base64, and known values in plain text', () => {
    const hostile = parameter().valueAsString;
    newHosts({
      settings: settings({
        siteBranding: `of ${hostile}`,
        passwordHelpText: '${Token[ ${Token[x] "quoted"',
      }),
    });
    const lines = userDataOf(template()).split('\n');
    expect(lines).toContain('SITE_BRANDING="of <Given>" base64');
    expect(lines).toContain('PASSWORD_VALIDATOR_HELP_TEXT="\\${Token[ \\${Token[x] \\"quoted\\""');
    expect(lines).toContain(`SERVER_NAME="${NAME}"`);
    const { 'Fn::Base64': script } = data().UserData;
    const tokens = (script['Fn::Join'][1] as unknown[]).filter((part) => typeof part !== 'string');
    expect(tokens.length).toBeGreaterThan(4);
    expect(tokens.map((token) => Object.keys(token as object))).toEqual(
      tokens.map(() => ['Fn::Base64']),
    );
    expect(tokens).toContainEqual({
      'Fn::Base64': { 'Fn::Join': ['', ['of ', { Ref: 'Given' }]] },
    });
  });

  test('leaves room for values that are not known at synth time', () => {
    newDashboard(stack);
    for (const tier of [/Hosts/, /Static/]) {
      const filled = userDataOf(template(), tier).replace(/<[A-Za-z:.0-9]+>/g, 'x'.repeat(100));
      expect(Buffer.byteLength(filled)).toBeLessThan(16384 - 2048);
    }
  });

  test('has no placeholder that is not replaced', () => {
    newHosts();
    expect(userDataOf(template())).not.toMatch(/@[A-Z_]+@/);
  });

  test('fails if it is longer than EC2 allows', () => {
    const userData = ec2.UserData.forLinux();
    userData.addCommands(`: ${'x'.repeat(16384)}`);
    newHosts({ userData });
    expect(() => template()).toThrow(
      /\[Stack\/Hosts\] userData must be at most 16384 bytes with the library's own script, got \d+; put files into the machine image\s*$/,
    );
  });
});

describe('existing resources', () => {
  test('a security group is not changed', () => {
    newHosts({ securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'G', 'sg-given') });
    template().resourceCountIs('AWS::EC2::SecurityGroup', 0);
    expect(data().NetworkInterfaces[0].Groups).toEqual(['sg-given']);
  });

  test('a role gets the permissions, and no role is created', () => {
    const hosts = newHosts({
      role: iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/given'),
    });
    template().resourceCountIs('AWS::IAM::Role', 0);
    template().hasResourceProperties('AWS::IAM::InstanceProfile', { Roles: ['given'] });
    template().hasResourceProperties('AWS::IAM::Policy', { Roles: ['given'] });
    expect(hosts.role.roleName).toBe('given');
  });

  test('a permissions boundary applies to the role', () => {
    newHosts({
      permissionsBoundary: iam.ManagedPolicy.fromManagedPolicyArn(
        stack,
        'Boundary',
        'arn:aws:iam::123456789012:policy/boundary',
      ),
    });
    expect(resource(template(), 'AWS::IAM::Role').Properties.PermissionsBoundary).toBe(
      'arn:aws:iam::123456789012:policy/boundary',
    );
  });

  test('an image and a volume size are used', () => {
    newHosts({
      machineImage: ec2.MachineImage.genericLinux({ 'eu-west-1': 'ami-0123' }),
      volumeSize: Size.gibibytes(30),
    });
    expect(data().BlockDeviceMappings[0].Ebs.VolumeSize).toBe(30);
    expect(JSON.stringify(template().toJSON().Mappings)).toContain('ami-0123');
    expect(JSON.stringify(template().toJSON().Parameters ?? {})).not.toContain('debian');
  });

  test('a key encrypts the volumes, and its policy lets the scaling group use it', () => {
    newHosts({ encryptionKey: new kms.Key(stack, 'Key') });
    expect(data().BlockDeviceMappings[0].Ebs.KmsKeyId).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'],
    });
    const { Statement } = resource(template(), 'AWS::KMS::Key').Properties.KeyPolicy;
    const volumes = Statement.find(({ Sid }: { Sid?: string }) => Sid === 'VolumesOfTheAccount');
    expect(volumes).toMatchObject({
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: expect.arrayContaining(['kms:CreateGrant', 'kms:GenerateDataKey*', 'kms:Decrypt']),
    });
    expect(volumes.Condition.StringEquals['kms:CallerAccount']).toEqual({ Ref: 'AWS::AccountId' });
    expect(textOf(volumes.Condition.StringEquals['kms:ViaService'])).toBe(
      'ec2.<AWS::Region>.<AWS::URLSuffix>',
    );
  });

  test('a key encrypts the secret, and the hosts can use it only through Secrets Manager', () => {
    newHosts({ encryptionKey: new kms.Key(stack, 'Key') });
    expect(resource(template(), 'AWS::SecretsManager::Secret').Properties.KmsKeyId).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'],
    });
    const decrypt = statementsOf(template(), /HostsRole/).find(({ Action }) =>
      /^kms:/.test(Action),
    );
    expect(decrypt.Action).toBe('kms:Decrypt');
    expect(textOf(decrypt.Condition.StringEquals['kms:ViaService'])).toBe(
      'secretsmanager.<AWS::Region>.<AWS::URLSuffix>',
    );
  });

  test('a key in another stack does not cause a cyclic reference', () => {
    const app = new App();
    const encryptionKey = new kms.Key(new Stack(app, 'Keys'), 'Key');
    newDashboard(new Stack(app, 'Stack'), { encryptionKey });
    expect(() => app.synth()).not.toThrow();
  });

  test('a secret is read, and none is created', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:given-AbCdEf';
    newHosts({ secretKey: secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', arn) });
    template().resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(environmentsOf(userDataOf(template())).dashboard.SECRET_KEY_SECRET_ID).toBe(arn);
    expect(
      statementsOf(template(), /HostsRole/).find(({ Action }) => /^secrets/.test(Action)).Resource,
    ).toBe(arn);
  });

  test('a secret that is only known by name can be read, too', () => {
    newHosts({ secretKey: secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'given') });
    expect(
      textOf(
        statementsOf(template(), /HostsRole/).find(({ Action }) => /^secrets/.test(Action))
          .Resource,
      ),
    ).toMatch(/:secret:given-\?{6}$/);
  });

  test('a VPC lookup does not fail while it is pending', () => {
    stack = new Stack(new App(), 'Stack', {
      env: { account: '123456789012', region: 'eu-west-1' },
    });
    newDashboard(stack, { vpc: ec2.Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-0123' }) });
    expect(() => (stack.node.root as App).synth()).not.toThrow();
  });
});

describe('the secret', () => {
  test('is generated by Secrets Manager with more than 64 characters, and is not in the template', () => {
    newHosts();
    template().hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { PasswordLength: 96, ExcludePunctuation: true },
    });
    expect(JSON.stringify(template())).not.toContain('{{resolve:secretsmanager');
  });
});

describe('parts can be modified afterwards', () => {
  test('hosts can be granted more', () => {
    new s3.Bucket(stack, 'Bucket').grantRead(newHosts());
    expect(JSON.stringify(statementsOf(template(), /HostsRole/))).toContain('s3:GetObject*');
  });

  test('hosts can be allowed to reach further APIs', () => {
    newHosts().allowToApi(6385, ec2.Peer.ipv4('198.51.100.7/32'));
    expect(egressOf()).toContainEqual(
      expect.objectContaining({ CidrIp: '198.51.100.7/32', FromPort: 6385 }),
    );
  });

  test('hosts can be connected to by their default port', () => {
    newHosts().connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/8'));
    expect(resource(template(), 'AWS::EC2::SecurityGroup').Properties.SecurityGroupIngress).toEqual(
      [expect.objectContaining({ CidrIp: '10.0.0.0/8', FromPort: 443 })],
    );
  });

  test('launch template, group and target group can be overridden', () => {
    const hosts = newHosts();
    (hosts.launchTemplate.node.defaultChild as ec2.CfnLaunchTemplate).addPropertyOverride(
      'LaunchTemplateData.EbsOptimized',
      true,
    );
    hosts.targetGroup.setAttribute('stickiness.enabled', 'false');
    expect(data().EbsOptimized).toBe(true);
    template().hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      TargetGroupAttributes: Match.arrayWith([{ Key: 'stickiness.enabled', Value: 'false' }]),
    });
  });
});

describe('values that are not known at synth time', () => {
  test('are accepted in every prop that is checked', () => {
    const text = parameter().valueAsString;
    const number = parameter('Number', 'Number').valueAsNumber;
    newHosts({
      minCapacity: number,
      maxCapacity: Lazy.number({ produce: () => -1 }),
      workers: number,
      requestsPerMinute: number,
      maxRequestSize: Size.bytes(number),
      hsts: { maxAge: Duration.seconds(number) },
      extraPackages: [text],
      apiPorts: [number],
      settings: new DashboardSettings({ domainName: text, keystoneUrl: text }),
    });
    expect(group().Properties).toMatchObject({ MinSize: { Ref: 'Number' }, MaxSize: '-1' });
    expect(hostEnvironment()).toMatchObject({
      GUNICORN_WORKERS: '<Number>',
      CLIENT_MAX_BODY_SIZE: '<Number>',
      HSTS_MAX_AGE: '<Number>',
      SERVER_NAME: '<Given>',
      PACKAGES: expect.stringMatching(/ <Given>$/),
    });
    template().hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      FromPort: { Ref: 'Number' },
    });
  });

  test('a Keystone URL opens the standard port', () => {
    newHosts({
      settings: new DashboardSettings({ domainName: NAME, keystoneUrl: parameter().valueAsString }),
    });
    expect(egressOf().map(({ FromPort }) => FromPort)).toContain(5000);
  });

  test('names of a static tier and of settings are not compared', () => {
    const staticTier = new StaticTier(stack, 'Static', {
      vpc,
      domainName: parameter().valueAsString,
    });
    expect(() => newHosts({ staticTier })).not.toThrow();
  });
});

describe('misuse', () => {
  test.each([
    ['minCapacity', 0, '1 to 1000'],
    ['minCapacity', 1.5, '1 to 1000'],
    ['maxCapacity', 2001, '2 to 2000'],
    ['requestsPerMinute', 0, '1 to 1000000000'],
    ['workers', 0, '1 to 64'],
    ['workers', 65, '1 to 64'],
  ])('fails with %s of %d', (name, value, range) => {
    expectMisuse(
      () => newHosts({ [name]: value }),
      `Stack/Hosts: ${name} must be a whole number from ${range}, got ${value}`,
    );
  });

  test('fails without room for the new host of an update', () => {
    expectMisuse(
      () => newHosts({ minCapacity: 2, maxCapacity: 2 }),
      'Stack/Hosts: maxCapacity must be greater than minCapacity (2), got 2; an update launches new hosts before it terminates old ones',
    );
  });

  test('fails with only a minCapacity that is not known at synth time, which cannot be doubled', () => {
    expectMisuse(
      () => newHosts({ minCapacity: parameter('Number').valueAsNumber }),
      'Stack/Hosts: maxCapacity must be given with a minCapacity that is not known at synth time, got none',
    );
  });

  test('fails with a permissions boundary for a role of your own', () => {
    expectMisuse(
      () =>
        newHosts({
          role: iam.Role.fromRoleName(stack, 'Role', 'given'),
          permissionsBoundary: iam.ManagedPolicy.fromAwsManagedPolicyName('PowerUserAccess'),
        }),
      'Stack/Hosts: permissionsBoundary must not be given with role; set the permissions boundary of an existing role yourself',
    );
  });

  test.each(['Nginx', 'a b', '; reboot', 'x', '-y'])('fails with the package name "%s"', (name) => {
    expectMisuse(
      () => newHosts({ extraPackages: [name] }),
      `Stack/Hosts: extraPackages must be names of Debian packages such as python3-designate-dashboard, got '${name}'`,
    );
  });

  test.each([299, 7201, 300.5])('fails with a signal timeout of %d seconds', (seconds) => {
    expectMisuse(
      () => newHosts({ signalTimeout: Duration.millis(seconds * 1000) }),
      `Stack/Hosts: signalTimeout must be a whole number of seconds from 300 to 7200, got ${seconds}`,
    );
  });

  test('fails in one availability zone', () => {
    vpc = network(stack, 1, 'SmallVpc');
    expectMisuse(
      () => newHosts(),
      "Stack/Hosts: vpcSubnets must be in at least two availability zones, got 'eu-west-1a'",
    );
  });

  test('fails with a request size that is too small', () => {
    expectMisuse(
      () => newHosts({ maxRequestSize: Size.bytes(10) }),
      'Stack/Hosts: maxRequestSize must be a whole number of bytes from 1024 to 1099511627776, got 10',
    );
  });

  test.each([
    [
      { maxRequestSize: Size.kibibytes(2.0001) },
      'maxRequestSize',
      'bytes from 1024 to 1099511627776',
      2048.1024,
    ],
    [{ volumeSize: Size.mebibytes(1536) }, 'volumeSize', 'GiB from 1 to 65536', 1.5],
    [{ volumeSize: Size.gibibytes(0) }, 'volumeSize', 'GiB from 1 to 65536', 0],
  ])('fails with sizes that are not whole: %j', (props, prop, of, got) => {
    expectMisuse(
      () => newHosts(props),
      `Stack/Hosts: ${prop} must be a whole number of ${of}, got ${got}`,
    );
  });

  test('fails with an HSTS max-age of zero', () => {
    expectMisuse(
      () => newHosts({ hsts: { maxAge: Duration.seconds(0) } }),
      'Stack/Hosts: hsts.maxAge must be a whole number of seconds from 1 to 63244800, got 0',
    );
  });

  test('fails with an API port out of range', () => {
    expectMisuse(
      () => newHosts({ apiPorts: [443, 65536] }),
      'Stack/Hosts: apiPorts must be a whole number from 1 to 65535, got 65536',
    );
  });

  test('fails with a static tier for another name', () => {
    const staticTier = new StaticTier(stack, 'Static', { vpc, domainName: 'other.example.org' });
    expectMisuse(
      () => newHosts({ staticTier }),
      `Stack/Hosts: staticTier must have the domainName of settings (${NAME}), got 'other.example.org'`,
    );
  });

  test.each(['a\nb', 'a\rb', 'a\0b', 'a\x1bb', 'a\x7fb'])(
    'fails with a value that does not fit on a line: %j',
    (siteBranding) => {
      expectMisuse(
        () => newHosts({ settings: settings({ siteBranding }) }),
        `siteBranding must be one line of 1 to 1024 characters, got '${JSON.stringify(siteBranding).slice(1, -1)}'`,
      );
    },
  );

  test('control characters in extra settings are escaped', () => {
    const extraSettings = { MOTTO: SettingValue.fromString('a\n\tb\x1b') };
    expect(() => newHosts({ settings: settings({ extraSettings }) })).not.toThrow();
  });
});

test('no construct causes a warning', () => {
  newDashboard(stack);
  expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  expect(cfnResources(stack).length).toBeGreaterThan(40);
});
