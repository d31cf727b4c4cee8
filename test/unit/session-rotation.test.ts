import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { SecretKeyRotation, SecretKeyRotationProps, SessionBackend } from '../../lib';
import { expectMisuse, newStack, resource, resourcesOf, statementsOf, textOf } from './fixtures';

const session = (timeout?: Duration): SessionBackend =>
  SessionBackend.signedCookies({ timeout, sealing: true });

function newRotation(
  props: Partial<SecretKeyRotationProps> = {},
  stack: Stack = newStack(),
): SecretKeyRotation {
  return new SecretKeyRotation(stack, 'Rotation', {
    secretKey: props.secretKey ?? new secretsmanager.Secret(stack, 'Key'),
    session: session(),
    ...props,
  });
}

const templateOf = (rotation: SecretKeyRotation): Template =>
  Template.fromStack(Stack.of(rotation));

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function definitionOf(rotation: SecretKeyRotation): any {
  const { Properties } = resource(templateOf(rotation), 'AWS::StepFunctions::StateMachine');
  return JSON.parse(textOf(Properties.DefinitionString));
}

describe('a rotation of the secret key', () => {
  test('has no function, and records no data', () => {
    const template = templateOf(newRotation());
    template.resourceCountIs('AWS::Lambda::Function', 0);
    template.resourceCountIs('AWS::Logs::LogGroup', 0);
    const { Properties } = resource(template, 'AWS::StepFunctions::StateMachine');
    // A standard one keeps the data of each step for 90 days.
    expect(Properties.StateMachineType).toBe('EXPRESS');
    expect(Properties.LoggingConfiguration).toBeUndefined();
    expect(Properties.TracingConfiguration).toBeUndefined();
  });

  test('writes a random string of 96 letters and digits to the secret', () => {
    const { States } = definitionOf(newRotation());
    expect(States['Make random string']).toMatchObject({
      Resource: 'arn:<AWS::Partition>:states:::aws-sdk:secretsmanager:getRandomPassword',
      Arguments: { PasswordLength: 96, ExcludePunctuation: true },
      Next: 'Put into secret',
    });
    expect(States['Put into secret']).toMatchObject({
      Resource: 'arn:<AWS::Partition>:states:::aws-sdk:secretsmanager:putSecretValue',
      Arguments: {
        SecretId: expect.stringMatching(/^<Key/),
        SecretString: '{% $states.input.RandomPassword %}',
      },
    });
  });

  test('does not pass the string to an output', () => {
    const { States } = definitionOf(newRotation());
    expect(States['Put into secret'].Output).toEqual({});
    expect(States['Put into secret'].Catch.map((c: { Output: unknown }) => c.Output)).toEqual([{}]);
    expect(States.Done).toEqual({ Type: 'Succeed', Output: {} });
    // What fails on the way has the string nowhere but in its input.
    expect(States['Make random string'].Catch).toBeUndefined();
  });

  test('only refers to states that exist', () => {
    const { StartAt, States, QueryLanguage } = definitionOf(newRotation());
    expect(QueryLanguage).toBe('JSONata');
    const reached = new Set<string>();
    const visit = (name: string): void => {
      if (reached.has(name)) {
        return;
      }
      reached.add(name);
      const { Next, Default, Choices = [], Catch = [] } = States[name];
      for (const next of [Next, Default, ...[...Choices, ...Catch].map((c) => c.Next)]) {
        if (next) {
          visit(next);
        }
      }
    };
    visit(StartAt);
    expect([...reached].sort()).toEqual(Object.keys(States).sort());
  });

  test('waits until no session of the previous version remains', () => {
    const rotation = newRotation({
      session: session(Duration.minutes(30)),
      pickUpInterval: Duration.minutes(5),
    });
    const { States } = definitionOf(rotation);
    expect(States['Do sessions of the previous version remain?']).toEqual({
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.age > 1800 + 300 %}', Next: 'Make random string' }],
      Default: 'Done',
    });
  });

  test('rotates once if it is started twice for the same time', () => {
    const rotation = newRotation();
    expect(definitionOf(rotation).States['Put into secret'].Arguments.ClientRequestToken).toMatch(
      /^{% \$hash\(.*Execution\.Input\.time.*'SHA-256'\) %}$/,
    );
    const { Properties } = resource(templateOf(rotation), 'AWS::Scheduler::Schedule');
    expect(JSON.parse(Properties.Target.Input)).toEqual({
      time: '<aws.scheduler.scheduled-time>',
    });
  });

  test('can write the secret, but not read it', () => {
    const rotation = newRotation();
    const statements = statementsOf(templateOf(rotation), /StateMachineRole/);
    expect(statements.map(({ Action }) => Action)).toEqual([
      ['secretsmanager:ListSecretVersionIds', 'secretsmanager:PutSecretValue'],
      'secretsmanager:GetRandomPassword',
    ]);
    expect(statements[0].Resource).toEqual({ Ref: expect.stringMatching(/^Key/) });
    const starts = statementsOf(templateOf(rotation), /SchedulerRole/);
    expect(starts.map(({ Action }) => Action)).toEqual(['states:StartExecution']);
  });

  test('can use the key of the secret only through Secrets Manager', () => {
    const stack = newStack();
    const encryptionKey = new kms.Key(stack, 'Kms');
    const rotation = newRotation(
      { secretKey: new secretsmanager.Secret(stack, 'Key', { encryptionKey }) },
      stack,
    );
    const statement = statementsOf(templateOf(rotation), /StateMachineRole/).find(
      ({ Condition }) => Condition,
    );
    expect(statement).toMatchObject({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: { StringEquals: { 'kms:ViaService': expect.anything() } },
    });
  });

  test('accepts an imported secret, by name', () => {
    const stack = newStack();
    const secretKey = secretsmanager.Secret.fromSecretNameV2(stack, 'Given', 'dashboard/key');
    const rotation = newRotation({ secretKey }, stack);
    const [{ Resource }] = statementsOf(templateOf(rotation), /StateMachineRole/);
    expect(textOf(Resource)).toMatch(/secret:dashboard\/key-\?{6}$/);
  });

  test.each([
    [undefined, 'rate(30 days)'],
    [Duration.days(1), 'rate(1 day)'],
    [Duration.hours(36), 'rate(36 hours)'],
    [Duration.minutes(90), 'rate(90 minutes)'],
  ])('runs every %s', (interval, expression) => {
    const { Properties } = resource(
      templateOf(newRotation({ interval })),
      'AWS::Scheduler::Schedule',
    );
    expect(Properties.ScheduleExpression).toBe(expression);
    expect(Properties.State).toBe('ENABLED');
  });

  test('accepts a timeout that is not known at synth time', () => {
    const stack = newStack();
    const timeout = Duration.seconds(
      new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber,
    );
    const rotation = newRotation(
      { session: SessionBackend.signedCookies({ timeout }), interval: Duration.minutes(1) },
      stack,
    );
    expect(
      definitionOf(rotation).States['Do sessions of the previous version remain?'].Choices[0]
        .Condition,
    ).toBe('{% $states.input.age > <Seconds> + 1200 %}');
  });

  test('is optional', () => {
    const stack = newStack();
    new secretsmanager.Secret(stack, 'Key');
    expect(resourcesOf(Template.fromStack(stack), 'AWS::Scheduler::Schedule')).toEqual({});
  });
});

describe('a rotation is rejected', () => {
  test('fails if it would end sessions', () => {
    expectMisuse(
      () => newRotation({ interval: Duration.minutes(80) }),
      'Stack/Rotation: interval must be longer than the timeout of sessions (3600 seconds) and pickUpInterval (1200 seconds) together, got 4800; with a shorter one, each rotation ends sessions',
    );
    expect(() => newRotation({ interval: Duration.minutes(81) })).not.toThrow();
  });

  test('fails with a part of a minute', () => {
    expectMisuse(
      () => newRotation({ interval: Duration.seconds(86401) }),
      'Stack/Rotation: interval must be a multiple of 60 seconds, got 86401',
    );
  });

  test('fails with an interval or a pick-up interval out of range', () => {
    expectMisuse(
      () => newRotation({ interval: Duration.days(367) }),
      'Stack/Rotation: interval must be a whole number of seconds from 60 to 31622400, got 31708800',
    );
    expectMisuse(
      () => newRotation({ pickUpInterval: Duration.days(2) }),
      'Stack/Rotation: pickUpInterval must be a whole number of seconds from 0 to 86400, got 172800',
    );
  });
});
