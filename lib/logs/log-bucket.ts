import {
  Aws,
  CfnResource,
  Duration,
  FeatureFlags,
  RemovalPolicy,
  Stack,
  Token,
  Validations,
} from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { S3_CREATE_DEFAULT_LOGGING_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { invalid } from '../shared/errors';

/**
 * A bucket for access and flow logs that expire after a year. It is encrypted with Amazon S3 managed
 * keys, since load balancers do not support others. It is retained if the stack is deleted or the
 * bucket is replaced, but not if its creation is rolled back.
 */
export function createLogBucket(scope: Construct, id: string): s3.Bucket {
  return new s3.Bucket(scope, id, {
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    lifecycleRules: [
      { expiration: Duration.days(365), abortIncompleteMultipartUploadAfter: Duration.days(7) },
    ],
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
}

/**
 * Allows load balancers of this account to deliver access logs. The service principal works in every
 * region, so the stack does not need a fixed region, unlike with the AWS CDK's `logAccessLogs`.
 *
 * @throws if the bucket is encrypted with KMS, which load balancers cannot deliver to
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
export function allowLoadBalancerLogs(scope: Construct, bucket: s3.IBucket, prefix: string): void {
  if (usesKms(bucket)) {
    throw invalid(
      scope,
      'logBucket',
      'be encrypted with Amazon S3 managed keys (SSE-S3)',
      bucket,
      'it uses AWS KMS, and Elastic Load Balancing cannot deliver access logs to it',
    );
  }
  allow(scope, bucket, [
    new iam.PolicyStatement({
      sid: 'LoadBalancerLogs',
      principals: [new iam.ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`${prefix}/AWSLogs/${Aws.ACCOUNT_ID}/*`)],
      conditions: {
        ArnLike: {
          'aws:SourceArn': Stack.of(scope).formatArn({
            service: 'elasticloadbalancing',
            resource: 'loadbalancer',
            resourceName: '*',
          }),
        },
      },
    }),
  ]);
}

/**
 * Allows VPC flow logs to be delivered. The AWS CDK adds these statements only with a feature flag. Without
 * them, AWS adds them to the bucket policy, and the next change of the policy removes them.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
 */
export function allowFlowLogs(scope: Construct, bucket: s3.IBucket, prefix: string): void {
  if (
    !isImported(bucket) &&
    FeatureFlags.of(scope).isEnabled(S3_CREATE_DEFAULT_LOGGING_POLICY) === true
  ) {
    return;
  }
  const principals = [new iam.ServicePrincipal('delivery.logs.amazonaws.com')];
  const source = {
    'aws:SourceArn': Stack.of(scope).formatArn({ service: 'logs', resource: '*' }),
  };
  allow(scope, bucket, [
    new iam.PolicyStatement({
      sid: 'AWSLogDeliveryWrite',
      principals,
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`${prefix}/AWSLogs/${Aws.ACCOUNT_ID}/*`)],
      conditions: {
        StringEquals: {
          's3:x-amz-acl': 'bucket-owner-full-control',
          'aws:SourceAccount': Aws.ACCOUNT_ID,
        },
        ArnLike: source,
      },
    }),
    new iam.PolicyStatement({
      sid: 'AWSLogDeliveryAclCheck',
      principals,
      actions: ['s3:GetBucketAcl', 's3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID }, ArnLike: source },
    }),
  ]);
}

/**
 * Allows Amazon S3 to log access to a bucket. Without a feature flag, the AWS CDK's
 * `serverAccessLogsBucket` would set an access control list, which the bucket rejects.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
 */
export function logBucketAccess(bucket: s3.Bucket, logBucket: s3.IBucket, prefix: string): void {
  (bucket.node.defaultChild as s3.CfnBucket).loggingConfiguration = {
    destinationBucketName: logBucket.bucketName,
    logFilePrefix: prefix,
  };
  // A log bucket in another stack cannot refer to this bucket: the stacks would depend on each other.
  const sameStack = Stack.of(bucket) === Stack.of(logBucket) || isImported(logBucket);
  allow(bucket, logBucket, [
    // Without a Sid, which must be unique: several buckets may log here.
    new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('logging.s3.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [logBucket.arnForObjects(`${prefix}*`)],
      conditions: {
        ...(sameStack ? { ArnLike: { 'aws:SourceArn': bucket.bucketArn } } : {}),
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      },
    }),
  ]);
}

/**
 * Makes resources that write to the log bucket depend on its policy, since AWS tries to write immediately.
 */
export function dependOnPolicy(resource: Construct, bucket: s3.IBucket): void {
  if (bucket.policy && resource instanceof CfnResource) {
    resource.addResourceDependency(bucket.policy.node.defaultChild as CfnResource);
  }
}

function allow(scope: Construct, bucket: s3.IBucket, statements: iam.PolicyStatement[]): void {
  const missing = statements.filter(
    (statement) => !bucket.addToResourcePolicy(statement).statementAdded,
  );
  if (missing.length) {
    const text = missing.map((statement) =>
      JSON.stringify(Stack.of(scope).resolve(statement.toStatementJson())),
    );
    Validations.of(scope).addWarning(
      'cdk-openstack-dashboard:logBucketPolicy',
      `the policy of the imported bucket ${bucket.node.path} cannot be changed here; add ${text.join(' and ')} to it, then acknowledge this warning`,
    );
  }
}

/** Whether a bucket is not created by this app, so that its properties cannot be read. */
function isImported(bucket: s3.IBucket): boolean {
  return !(bucket.node.defaultChild instanceof s3.CfnBucket);
}

function usesKms(bucket: s3.IBucket): boolean {
  if (bucket.encryptionKey) {
    return true;
  }
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof s3.CfnBucket) || Token.isUnresolved(resource.bucketEncryption)) {
    return false;
  }
  const rules = (resource.bucketEncryption as s3.CfnBucket.BucketEncryptionProperty | undefined)
    ?.serverSideEncryptionConfiguration;
  return JSON.stringify(rules ?? []).includes('aws:kms');
}
