import { randomBytes } from 'node:crypto';
import type { HostPlan, SecretPlan } from './plan';
import { Resources, SECRET_ENDING } from './resources';
import { variable } from './user-data';

/** As `SECRET_ENDING`. */
const ENDING = /-[A-Za-z0-9]{6}$/;

/** The secrets of a stack, and those that it imports for its hosts: they have been there before. */
export function readSecrets(
  stack: Resources,
  hosts: readonly HostPlan[],
  others: readonly SecretPlan[] = [],
): SecretPlan[] {
  const ofStack = stack.resources('AWS::SecretsManager::Secret').map(([id]) => ({
    arn: stack.ref(id),
    name: stack.text(id, 'Name', id),
    value: stack.secretValue(id),
  }));
  const own = [...ofStack, ...others];
  const asked = hosts.flatMap(({ userData }) => variable(userData, 'SECRET_KEY_SECRET_ID') ?? []);
  const allowed = new Set(
    hosts.flatMap(({ statements }) => statements.flatMap(({ resources }) => resources)),
  );
  const imported = [...new Set(asked)]
    .filter((id) => own.every(({ arn }) => arn !== id))
    .map((id) => {
      const value = randomBytes(72).toString('base64url');
      const full = id.startsWith('arn:') ? id : stack.secretArn(id);
      // The last word of a name may look like the ending; the CDK allows any ending where it knows none
      const complete = ENDING.test(full) && !allowed.has(`${full}-??????`);
      const arn = complete ? full : full + SECRET_ENDING;
      return { arn, name: arn.replace(/^arn:.*:secret:/, '').replace(ENDING, ''), value };
    });
  return [...own, ...imported];
}
