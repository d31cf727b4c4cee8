import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { RELEASE_PREFIX } from '../contract/constants';
import { constructNumber } from '../contract/environment';

/** How often a static host lists the bucket, in seconds: each listing has a price. */
export const PULL_INTERVAL_SECONDS = constructNumber('PULL_INTERVAL_SECONDS');

/**
 * The seconds after which every static host that can reach the bucket has a published release: it has
 * listed the bucket once more, and downloaded and unpacked the release.
 */
export const STATIC_SETTLE_SECONDS = constructNumber('STATIC_SETTLE_SECONDS');

/** How long a dashboard host waits until all static hosts have its release, in seconds. */
export const STATIC_WAIT_SECONDS = constructNumber('STATIC_WAIT_SECONDS');

const PATTERN = `${RELEASE_PREFIX}*`;

/**
 * Allows a role to list releases and to perform the given actions on them. This is narrower than the
 * bucket's own grants, which allow all kinds of reads.
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

/**
 * Prevents overwriting of releases: an object below `releases/` can only be created. Multipart uploads
 * are denied, too, since hosts do not use them.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export function denyOverwrites(bucket: s3.IBucket): void {
  bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: 'ReleasesAreWrittenOnce',
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(PATTERN)],
      conditions: { Null: { 's3:if-none-match': 'true' } },
    }),
  );
}
