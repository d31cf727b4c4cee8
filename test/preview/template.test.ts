import { App, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as path from 'node:path';
import {
  DashboardEntry,
  EgressProxy,
  Monitoring,
  OpenStackDashboard,
  OpenStackDashboardProps,
} from '../../lib';
import { readPlan } from '../../preview/control/plan';

/** The file of the template that an app makes of a dashboard. */
function synthesize(
  stack: Stack,
  more: (scope: Stack) => Partial<OpenStackDashboardProps> = () => ({}),
): string {
  new OpenStackDashboard(stack, 'Dashboard', {
    domainName: 'dashboard.example.org',
    keystoneUrl: 'https://identity.example.org:5000/v3',
    monitoring: Monitoring.none(),
    entry: DashboardEntry.newLoadBalancer({
      certificate: acm.Certificate.fromCertificateArn(
        stack,
        'Certificate',
        stack.formatArn({
          service: 'acm',
          resource: 'certificate',
          resourceName: '0000',
        }),
      ),
    }),
    ...more(stack),
  });
  const { directory } = (stack.node.root as App).synth();
  return path.join(directory, `${stack.stackName}.template.json`);
}

test('Keystone answers under the name that the hosts of a template look for', () => {
  const template = synthesize(new Stack(new App(), 'Stack'));
  expect(readPlan({ template }).keystoneNames).toEqual(['identity.example.org']);
});

describe('the environment', () => {
  test('is that of the stack in its cloud assembly', () => {
    const env = { account: '111122223333', region: 'eu-west-1' };
    const plan = readPlan({ template: synthesize(new Stack(new App(), 'Stack', { env })) });
    expect(plan).toMatchObject(env);
    expect(plan.secrets[0].arn).toMatch(/^arn:aws:secretsmanager:eu-west-1:111122223333:secret:/);
  });

  test('is a stand-in for what a stack leaves open', () => {
    const open = readPlan({ template: synthesize(new Stack(new App(), 'Stack')) });
    expect(open).toMatchObject({ account: '123456789012', region: 'eu-central-1' });
    const env = { region: 'us-east-2' };
    const half = readPlan({ template: synthesize(new Stack(new App(), 'Stack', { env })) });
    expect(half).toMatchObject({ account: '123456789012', region: 'us-east-2' });
  });
});

describe('a stack that it would run otherwise than AWS is refused', () => {
  test('in another partition', () => {
    const env = { account: '111122223333', region: 'us-gov-west-1' };
    const template = synthesize(new Stack(new App(), 'Stack', { env }));
    expect(() => readPlan({ template })).toThrow(
      'the preview runs stacks of the partition aws, and us-gov-west-1 is in another one: synthesize the stack for another region',
    );
  });

  test('with an egress proxy', () => {
    const template = synthesize(new Stack(new App(), 'Stack'), () => ({
      egressProxy: EgressProxy.http('http://proxy.example.org:3128'),
    }));
    expect(() => readPlan({ template })).toThrow(
      'the preview has no proxy: synthesize the stack without egressProxy',
    );
  });
});

describe('secrets', () => {
  const env = { account: '111122223333', region: 'eu-west-1' };
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';

  test('of the stack have the name that it gives them', () => {
    const template = synthesize(new Stack(new App(), 'Stack', { env }), (scope) => ({
      secretKey: new secretsmanager.Secret(scope, 'Key', {
        secretName: 'horizon/key',
        generateSecretString: { passwordLength: 96, excludePunctuation: true },
      }),
    }));
    const [secret, ...others] = readPlan({ template }).secrets;
    expect(others).toEqual([]);
    expect(secret).toMatchObject({ arn: `${arn}horizon/key-a1B2c3`, name: 'horizon/key' });
    expect(secret.value).toMatch(/^[A-Za-z0-9]{96}$/);
  });

  test.each([
    ['fromSecretNameV2', 'horizon/key', 'horizon/key', 'a1B2c3'],
    // It looks like a name with an ending
    ['fromSecretNameV2', 'dashboard-secret', 'dashboard-secret', 'a1B2c3'],
    ['fromSecretPartialArn', `${arn}horizon/key`, 'horizon/key', 'a1B2c3'],
    ['fromSecretCompleteArn', `${arn}horizon/key-AbCdEf`, 'horizon/key', 'AbCdEf'],
  ] as const)('that are imported have been there before: %s %s', (method, id, name, ending) => {
    const template = synthesize(new Stack(new App(), 'Stack', { env }), (scope) => ({
      secretKey: secretsmanager.Secret[method](scope, 'Key', id),
    }));
    const [secret, ...others] = readPlan({ template }).secrets;
    expect(others).toEqual([]);
    expect(secret).toMatchObject({ arn: `${arn}${name}-${ending}`, name });
    expect(secret.value.length).toBeGreaterThanOrEqual(64);
  });
});
