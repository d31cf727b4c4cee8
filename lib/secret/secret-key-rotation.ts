import { Duration, Stack, TimeZone, Token, Tokenization } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { PICK_UP_SECONDS } from '../contract/constants';
import { SECRET_KEY_LENGTH } from './secret-key';
import { requireSeconds } from '../shared/validate';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import { createSchedulerRole } from '../shared/scheduler-role';
import { SessionBackend } from '../session/session-backend';

/**
 * Properties of `SecretKeyRotation`.
 */
export interface SecretKeyRotationProps {
  /** Django's `SECRET_KEY`. */
  readonly secretKey: secretsmanager.ISecret;

  /** The session back end, whose timeout determines the shortest time between two rotations. */
  readonly session: SessionBackend;

  /**
   * The time between two rotations, in whole minutes, at most a year. The first rotation is at
   * deployment, unless the secret is new.
   *
   * @default Duration.days(30)
   */
  readonly interval?: Duration;

  /**
   * How long it takes until every host has seen a new version of the secret, in whole seconds.
   *
   * @default Duration.minutes(20); hosts of this library need 16 minutes
   */
  readonly pickUpInterval?: Duration;

  /**
   * The permissions boundary of the new roles of the state machine and the schedule.
   *
   * @default - none
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;
}

/**
 * Rotates the secret key on a schedule, without a Lambda function. A schedule starts an express
 * state machine, which requests a random string from Secrets Manager and writes it to the secret.
 * Users are not logged out, since hosts accept the previous version too. For this reason, nothing
 * happens while the current version is younger than the sessions' timeout plus the hosts' pick-up
 * interval.
 *
 * The random string is in the memory of the state machine between two steps. Express state machines
 * record nothing unless they log: do not turn logging on.
 *
 * @see docs/rotation.md
 */
export class SecretKeyRotation extends Construct {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string =
    'cdk-openstack-dashboard.SecretKeyRotation';

  /** The state machine that rotates the secret. */
  public readonly stateMachine: sfn.StateMachine;

  /** The schedule that starts the state machine. */
  public readonly schedule: scheduler.Schedule;

  /**
   * @throws if the interval is so short that a rotation would end sessions, or a duration is out of
   * range
   */
  constructor(scope: Construct, id: string, props: SecretKeyRotationProps) {
    super(scope, id);
    props = injectProps(SecretKeyRotation, scope, id, props);

    const interval = props.interval ?? Duration.days(30);
    const intervalSeconds = requireSeconds(this, 'interval', interval, 60, 366 * 86400);
    if (!Token.isUnresolved(intervalSeconds) && intervalSeconds % 60) {
      throw invalid(this, 'interval', 'be a multiple of 60 seconds', intervalSeconds);
    }
    const pickUp = requireSeconds(
      this,
      'pickUpInterval',
      props.pickUpInterval ?? Duration.seconds(PICK_UP_SECONDS),
      0,
      86400,
    );
    const timeout = props.session.timeout.toSeconds();
    if (
      ![intervalSeconds, pickUp, timeout].some((seconds) => Token.isUnresolved(seconds)) &&
      intervalSeconds <= pickUp + timeout
    ) {
      throw invalid(
        this,
        'interval',
        `be longer than the timeout of sessions (${timeout} seconds) and pickUpInterval (${pickUp} seconds) together`,
        intervalSeconds,
        'with a shorter one, each rotation ends sessions',
      );
    }

    const { permissionsBoundary } = props;
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineType: sfn.StateMachineType.EXPRESS,
      comment: 'Puts a new random string into a secret. Do not log: the data is the secret.',
      definitionBody: sfn.DefinitionBody.fromString(
        Stack.of(this).toJsonString(
          definition(Stack.of(this).partition, props.secretKey.secretArn, timeout, pickUp),
        ),
      ),
      timeout: Duration.minutes(5),
    });
    this.node.defaultChild = this.stateMachine.node.defaultChild;
    if (permissionsBoundary) {
      iam.PermissionsBoundary.of(this.stateMachine).apply(permissionsBoundary);
    }
    grantRotation(props.secretKey, this.stateMachine.role);

    this.schedule = new scheduler.Schedule(this, 'Schedule', {
      description: `Rotates the secret key ${props.secretKey.node.path}`,
      schedule: Token.isUnresolved(intervalSeconds)
        ? scheduler.ScheduleExpression.rate(interval)
        : rate(intervalSeconds),
      target: new targets.StepFunctionsStartExecution(this.stateMachine, {
        role:
          permissionsBoundary &&
          createSchedulerRole(
            this,
            'ScheduleRole',
            `Starts the rotation ${this.node.path}`,
            permissionsBoundary,
          ),
        input: scheduler.ScheduleTargetInput.fromObject({
          time: scheduler.ContextAttribute.scheduledTime,
        }),
      }),
    });
  }

  /**
   * The number of rotations that failed.
   *
   * @default - sum over five minutes
   */
  public metricFailed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stateMachine.metricFailed(props);
  }
}

function rate(seconds: number): scheduler.ScheduleExpression {
  const minutes = seconds / 60;
  const [count, unit] =
    minutes % 1440 === 0
      ? [minutes / 1440, 'day']
      : minutes % 60 === 0
        ? [minutes / 60, 'hour']
        : [minutes, 'minute'];
  return scheduler.ScheduleExpression.expression(
    `rate(${count} ${unit}${count === 1 ? '' : 's'})`,
    TimeZone.ETC_UTC,
  );
}

/** The state machine in JSONata, which supports date calculations. */
function definition(partition: string, secretArn: string, timeout: number, pickUp: number): object {
  const sdk = (action: string): string =>
    `arn:${partition}:states:::aws-sdk:secretsmanager:${action}`;
  const retry = {
    ErrorEquals: ['States.ALL'],
    IntervalSeconds: 5,
    MaxAttempts: 4,
    BackoffRate: 2,
  };
  return {
    QueryLanguage: 'JSONata',
    StartAt: 'Find version in force',
    States: {
      'Find version in force': {
        Type: 'Task',
        Resource: sdk('listSecretVersionIds'),
        Arguments: { SecretId: secretArn },
        Output: {
          age: "{% ($millis() - $toMillis($states.result.Versions['AWSCURRENT' in VersionStages].CreatedDate)) / 1000 %}",
        },
        Retry: [retry],
        Next: 'Do sessions of the previous version remain?',
      },
      'Do sessions of the previous version remain?': {
        Type: 'Choice',
        Choices: [
          {
            Condition: `{% $states.input.age > ${Tokenization.stringifyNumber(timeout)} + ${Tokenization.stringifyNumber(pickUp)} %}`,
            Next: 'Make random string',
          },
        ],
        Default: 'Done',
      },
      'Make random string': {
        Type: 'Task',
        Resource: sdk('getRandomPassword'),
        Arguments: { PasswordLength: SECRET_KEY_LENGTH, ExcludePunctuation: true },
        Retry: [retry],
        Next: 'Put into secret',
      },
      'Put into secret': {
        Type: 'Task',
        Resource: sdk('putSecretValue'),
        Arguments: {
          SecretId: secretArn,
          SecretString: '{% $states.input.RandomPassword %}',
          // Schedules and express executions may run twice. Secrets Manager rejects the same token with
          // another string, so the second execution does not rotate again.
          ClientRequestToken:
            "{% $hash($exists($states.context.Execution.Input.time) ? $states.context.Execution.Input.time : $states.context.Execution.Id, 'SHA-256') %}",
        },
        Output: {},
        Retry: [{ ErrorEquals: [EXISTS], MaxAttempts: 0 }, retry],
        Catch: [{ ErrorEquals: [EXISTS], Output: {}, Next: 'Done' }],
        Next: 'Done',
      },
      Done: { Type: 'Succeed', Output: {} },
    },
  };
}

const EXISTS = 'SecretsManager.ResourceExistsException';

function grantRotation(secret: secretsmanager.ISecret, role: iam.IRole): void {
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: ['secretsmanager:ListSecretVersionIds', 'secretsmanager:PutSecretValue'],
      resources: [secret.secretFullArn ?? `${secret.secretArn}-??????`],
    }),
  );
  // Has no resource
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({ actions: ['secretsmanager:GetRandomPassword'], resources: ['*'] }),
  );
  if (secret.encryptionKey) {
    const stack = Stack.of(role);
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [secret.encryptionKey.keyArn],
        conditions: {
          StringEquals: {
            'kms:ViaService': `secretsmanager.${stack.region}.${stack.urlSuffix}`,
          },
        },
      }),
    );
  }
}
