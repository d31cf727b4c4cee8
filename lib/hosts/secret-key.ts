import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/**
 * Django's `SECRET_KEY`: made by Secrets Manager, so that it is in no template, parameter or user
 * data (rules 35 to 37).
 */
export function createSecretKey(
  scope: Construct,
  id: string,
  encryptionKey?: kms.IKey,
): secretsmanager.Secret {
  return new secretsmanager.Secret(scope, id, {
    description: `SECRET_KEY of the dashboard ${scope.node.path}`,
    encryptionKey,
    generateSecretString: { passwordLength: 96, excludePunctuation: true },
  });
}
