import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { invalid } from '../shared/errors';

/** The ARN of a certificate for a listener: in ACM, or uploaded to IAM. */
const CERTIFICATE_ARN =
  /^arn:aws[a-z-]*:(acm:[a-z0-9-]+:\d{12}:certificate\/[A-Za-z0-9-]+|iam::\d{12}:server-certificate\/.+)$/;

/**
 * Rejects a certificate that a load balancer of this stack cannot use.
 *
 * @throws if its ARN is not that of a certificate, or is in another region than the stack
 */
export function requireCertificate(
  scope: Construct,
  prop: string,
  certificate: acm.ICertificateRef,
): void {
  const { certificateArn: arn } = certificate.certificateRef;
  if (Token.isUnresolved(arn)) {
    return;
  }
  if (!CERTIFICATE_ARN.test(arn)) {
    throw invalid(
      scope,
      prop,
      'have the ARN of an ACM certificate such as arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
      arn,
    );
  }
  const { region } = Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME);
  const own = Stack.of(scope).region;
  if (region && !Token.isUnresolved(own) && region !== own) {
    throw invalid(scope, prop, `be in the region of the stack (${own})`, arn);
  }
}

/** Whether a certificate may be in ACM, which publishes its metrics. IAM publishes none. */
export function mayBeInAcm(certificate: acm.ICertificateRef): boolean {
  const { certificateArn: arn } = certificate.certificateRef;
  return Token.isUnresolved(arn) || arn.includes(':acm:');
}

/** Whether a zone is known to be private. For an imported zone, it is not known. */
export function isPrivateZone(zone: route53.IHostedZone): boolean {
  if (zone instanceof route53.PrivateHostedZone) {
    return true;
  }
  const resource = zone.node.defaultChild;
  if (!(resource instanceof route53.CfnHostedZone)) {
    return false;
  }
  const vpcs = Stack.of(zone).resolve(resource.vpcs) as unknown[] | undefined;
  return Array.isArray(vpcs) && vpcs.length > 0;
}
