import type { JsonObject } from './json';
import type { BucketPlan } from './plan';
import { readStatements } from './policy';
import type { Resources } from './resources';

export function readBucket(stack: Resources, id: string): BucketPlan {
  const policies = stack
    .resources('AWS::S3::BucketPolicy')
    .filter(([policy]) => stack.property(policy, 'Bucket') === stack.ref(id));
  const ownership = stack.property<JsonObject>(id, 'OwnershipControls')?.Rules as
    JsonObject[] | undefined;
  return {
    name: stack.ref(id),
    versioned: stack.property<JsonObject>(id, 'VersioningConfiguration')?.Status === 'Enabled',
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    acls: !['BucketOwnerEnforced', undefined].includes(ownership?.[0].ObjectOwnership as string),
    policy: policies.flatMap(([policy]) =>
      readStatements(policy, stack.property<JsonObject>(policy, 'PolicyDocument') ?? {}),
    ),
  };
}
