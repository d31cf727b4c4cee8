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
