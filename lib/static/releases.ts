import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';

/** What the keys of releases in the asset bucket begin with. */
export const RELEASE_PREFIX = 'releases/';

const PATTERN = `${RELEASE_PREFIX}*`;

/**
 * Let a role list releases and do what is named with them: narrower than the bucket's own grants,
 * which allow every kind of read.
 */
export function grantReleases(bucket: s3.IBucket, role: iam.IRole, ...actions: string[]): void {
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': PATTERN } },
    }),
  );
  role.addToPrincipalPolicy(
    new iam.PolicyStatement({ actions, resources: [bucket.arnForObjects(PATTERN)] }),
  );
  if (actions.includes('s3:PutObject')) {
    bucket.encryptionKey?.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
  } else {
    bucket.encryptionKey?.grant(role, 'kms:Decrypt');
  }
}
