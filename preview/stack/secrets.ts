import { randomBytes } from 'node:crypto';
import type { HostPlan, SecretPlan } from './plan';
import type { Resources } from './resources';
import { variable } from './user-data';

/** The secrets of a stack, and those that it imports for its hosts: they have been there before. */
export function readSecrets(stack: Resources, hosts: readonly HostPlan[]): SecretPlan[] {
  const own = stack.resources('AWS::SecretsManager::Secret').map(([id]) => ({
    arn: stack.ref(id),
    name: stack.text(id, 'Name', id),
    value: stack.secretValue(id),
  }));
  const asked = hosts.flatMap(({ userData }) => variable(userData, 'SECRET_KEY_SECRET_ID') ?? []);
  const imported = [...new Set(asked)]
    .filter((id) => own.every(({ arn }) => arn !== id))
    .map((id) => {
      // With or without the ending
      const name = id.replace(/^arn:.*:secret:/, '').replace(/-[A-Za-z0-9]{6}$/, '');
      return { arn: stack.secretArn(name), name, value: randomBytes(72).toString('base64url') };
    });
  return [...own, ...imported];
}
