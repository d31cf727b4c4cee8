import { randomUUID } from 'node:crypto';
import { AwsError, Call, permit, Reply } from './call';
import type { Plan } from '../../stack/plan';

interface Version {
  readonly id: string;
  readonly value: string;
  /** In seconds. */
  readonly created: number;
  stages: string[];
}

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly versions: Version[];
}

/**
 * Secrets Manager, as far as hosts read secrets:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export class SecretsManager {
  private readonly secrets: Secret[];

  constructor(plan: Plan) {
    this.secrets = plan.secrets.map(({ arn, name, value }) => ({
      arn,
      name,
      versions: [version(value, 'AWSCURRENT')],
    }));
  }

  /** Gives every secret a version that is AWSPENDING, as the first step of a rotation does. */
  public stage(value: string): void {
    for (const { versions } of this.secrets) {
      move(versions, 'AWSPENDING', version(value));
    }
  }

  /** Gives every secret a new value, the pending version if it has it; the one before is AWSPREVIOUS. */
  public rotate(value: string): void {
    for (const { versions } of this.secrets) {
      const current = versions.find(({ stages }) => stages.includes('AWSCURRENT'));
      const pending = versions.find(
        (one) => one.stages.includes('AWSPENDING') && one.value === value,
      );
      if (current !== undefined) {
        move(versions, 'AWSPREVIOUS', current);
      }
      move(versions, 'AWSCURRENT', pending ?? version(value));
      versions.forEach(
        (one) => (one.stages = one.stages.filter((stage) => stage !== 'AWSPENDING')),
      );
    }
  }

  public handle({ principal, request, body }: Call): Reply {
    const target = String(request.headers['x-amz-target']);
    const action = target.replace(/^secretsmanager\./, '');
    if (!['GetSecretValue', 'DescribeSecret', 'ListSecretVersionIds'].includes(action)) {
      throw new AwsError(400, 'UnknownOperationException', `the preview has no ${target}`);
    }
    const asked = JSON.parse(body.toString()) as Record<string, string | boolean | undefined>;
    if (typeof asked.SecretId !== 'string' || asked.SecretId === '') {
      throw new AwsError(
        400,
        'InvalidParameterException',
        'You must provide a value for the SecretId parameter.',
      );
    }
    const secret = this.secrets.find(({ arn, name }) =>
      // https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
      [arn, name, arn.replace(/-[A-Za-z0-9]{6}$/, '')].includes(String(asked.SecretId)),
    );
    permit(principal, `secretsmanager:${action}`, secret?.arn ?? asked.SecretId, {
      'secretsmanager:versionstage': String(asked.VersionStage ?? 'AWSCURRENT'),
      'secretsmanager:secretid': secret?.arn ?? asked.SecretId,
    });
    if (secret === undefined) {
      throw notFound("Secrets Manager can't find the specified secret.");
    }
    const { arn: ARN, name: Name } = secret;
    const answers: Record<string, () => object> = {
      GetSecretValue: () => value(secret, asked),
      DescribeSecret: () => ({
        ARN,
        Name,
        CreatedDate: secret.versions.at(-1)?.created,
        LastChangedDate: secret.versions[0].created,
        VersionIdsToStages: Object.fromEntries(
          secret.versions
            .filter(({ stages }) => stages.length > 0)
            .map(({ id, stages }) => [id, stages]),
        ),
      }),
      ListSecretVersionIds: () => ({
        ARN,
        Name,
        Versions: secret.versions
          .filter(({ stages }) => stages.length > 0 || asked.IncludeDeprecated === true)
          .map(({ id, stages, created }) => ({
            VersionId: id,
            VersionStages: stages,
            CreatedDate: created,
          })),
      }),
    };
    return {
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
      body: JSON.stringify(answers[action]()),
    };
  }
}

function version(value: string, ...stages: string[]): Version {
  return { id: randomUUID(), value, created: Date.now() / 1000, stages };
}

/** A staging label is on one version of a secret at most. */
function move(versions: Version[], stage: string, to: Version): void {
  versions.forEach((one) => (one.stages = one.stages.filter((other) => other !== stage)));
  if (!versions.includes(to)) {
    versions.unshift(to);
  }
  to.stages.push(stage);
}

function value(secret: Secret, asked: Record<string, string | boolean | undefined>): object {
  const id = asked.VersionId as string | undefined;
  const stage = (asked.VersionStage ?? (id === undefined ? 'AWSCURRENT' : undefined)) as
    string | undefined;
  const found = secret.versions.find(
    (one) =>
      (id === undefined || one.id === id) && (stage === undefined || one.stages.includes(stage)),
  );
  if (found === undefined) {
    throw notFound(
      `Secrets Manager can't find the specified secret value for ${id === undefined ? `staging label: ${stage}` : `VersionId: ${id}`}`,
    );
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: found.id,
    SecretString: found.value,
    VersionStages: found.stages,
    CreatedDate: found.created,
  };
}

function notFound(message: string): AwsError {
  return new AwsError(400, 'ResourceNotFoundException', message);
}
