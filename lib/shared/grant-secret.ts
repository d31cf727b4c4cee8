import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/**
 * Allows a role to read the secret. The secret's own grant adds the role to the policy of its key, which
 * would be a cyclic reference if the key is in another stack.
 */
export function grantSecret(secret: secretsmanager.ISecret, role: iam.IRole): void {
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      // Lists versions and gets their values.
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
