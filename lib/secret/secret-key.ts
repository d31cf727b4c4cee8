import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/** The length of the secret key; the guide requires at least 64 characters (statement 35). */
export const SECRET_KEY_LENGTH = 96;

/**
 * Django's `SECRET_KEY`. Secrets Manager generates it, so it is not in any template, parameter or user
 * data (statements 35 to 37).
 */
export function createSecretKey(
  scope: Construct,
  id: string,
  encryptionKey?: kms.IKey,
): secretsmanager.Secret {
  return new secretsmanager.Secret(scope, id, {
    description: `SECRET_KEY of the dashboard ${scope.node.path}`,
    encryptionKey,
    generateSecretString: { passwordLength: SECRET_KEY_LENGTH, excludePunctuation: true },
  });
}

/**
 * Allows a role to read the secret. The secret's own grant adds the role to the policy of its key, which
 * would be a cyclic reference if the key is in another stack.
 */
export function grantSecretKey(secret: secretsmanager.ISecret, role: iam.IRole): void {
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      // lists versions and gets their values
      actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
      resources: [secret.secretFullArn ?? `${secret.secretArn}-??????`],
    }),
  );
  if (secret.encryptionKey) {
    const stack = Stack.of(role);
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['kms:Decrypt'],
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
