/**
 * CDK's feature flags must not decide whether the dashboard works. Of the 113 flags of aws-cdk-lib
 * 2.275.0 those below change a template with every construct of this library in it.
 */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  CURRENTLY_RECOMMENDED_FLAGS,
  EC2_RESTRICT_DEFAULT_SECURITY_GROUP,
  S3_CREATE_DEFAULT_LOGGING_POLICY,
  S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY,
} from 'aws-cdk-lib/cx-api';
import { SecretKeyRotation, ServerlessMemcached } from '../../lib';
import { CONTEXT, newDashboard, Resource, resourcesOf } from './fixtures';

type Flags = Record<string, unknown>;

function templateOf(context: Flags): Template {
  const stack = new Stack(new App({ context, analyticsReporting: false }), 'Stack');
  const dashboard = newDashboard(stack);
  new SecretKeyRotation(stack, 'Rotation', {
    secretKey: dashboard.secretKey,
    session: dashboard.session,
  });
  new ServerlessMemcached(stack, 'Serverless', { vpc: dashboard.vpc });
  return Template.fromStack(stack);
}

const recommended = CURRENTLY_RECOMMENDED_FLAGS as Flags;

const VARIANTS: [string, Flags][] = [
  ['no flag', {}],
  ['all recommended flags', recommended],
  ["the ready app's flags", CONTEXT],
  ...[
    S3_CREATE_DEFAULT_LOGGING_POLICY,
    // These would change it if the constructs left it to them.
    S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY,
    EC2_RESTRICT_DEFAULT_SECURITY_GROUP,
  ].flatMap((flag): [string, Flags][] => [
    [`${flag} alone`, { [flag]: true }],
    [`all but ${flag}`, { ...recommended, [flag]: false }],
  ]),
];

/** Statements of a log bucket, without what only differs in form. */
function logStatements(template: Template): string[] {
  return Object.entries(resourcesOf(template, 'AWS::S3::BucketPolicy'))
    .filter(([id]) => /Logs/.test(id))
    .flatMap(
      ([, { Properties }]) => Properties.PolicyDocument.Statement as Resource['Properties'][],
    )
    .map(({ Principal, Action, Effect }) => {
      const actions = [Action].flat().sort().join(' ');
      return `${Effect} ${Principal.Service ?? JSON.stringify(Principal)} ${actions}`;
    })
    .sort();
}

describe.each(VARIANTS)('with %s', (_, context) => {
  let template: Template;
  beforeAll(() => {
    template = templateOf(context);
  });

  test('every kind of log can be delivered', () => {
    expect(logStatements(template)).toEqual([
      'Allow delivery.logs.amazonaws.com s3:GetBucketAcl s3:ListBucket',
      'Allow delivery.logs.amazonaws.com s3:PutObject',
      'Allow logdelivery.elasticloadbalancing.amazonaws.com s3:PutObject',
      'Allow logging.s3.amazonaws.com s3:PutObject',
      expect.stringMatching(/^Deny .*s3:\*$/),
      expect.stringMatching(/^Deny .*s3:\*$/),
    ]);
  });

  test('buckets are private, without access control lists', () => {
    const buckets = Object.values(resourcesOf(template, 'AWS::S3::Bucket'));
    expect(buckets.length).toBe(2);
    for (const { Properties } of buckets) {
      expect(Properties.AccessControl).toBeUndefined();
      expect(Object.values(Properties.PublicAccessBlockConfiguration)).toEqual(Array(4).fill(true));
      expect(JSON.stringify(Properties.OwnershipControls)).toContain('BucketOwnerEnforced');
    }
  });

  test('no code runs in the account', () => {
    template.resourceCountIs('AWS::Lambda::Function', 0);
    expect(JSON.stringify(template.toJSON())).not.toContain('Custom::');
  });

  test('hosts have launch templates with IMDSv2, and listeners TLS 1.2 or later', () => {
    template.resourceCountIs('AWS::AutoScaling::LaunchConfiguration', 0);
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::EC2::LaunchTemplate'))) {
      expect(Properties.LaunchTemplateData.MetadataOptions.HttpTokens).toBe('required');
    }
    const policies = Object.values(
      resourcesOf(template, 'AWS::ElasticLoadBalancingV2::Listener'),
    ).flatMap(({ Properties }) => Properties.SslPolicy ?? []);
    expect(policies).toEqual([expect.stringContaining('TLS13-1-2')]);
  });
});
