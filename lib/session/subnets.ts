import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { invalid } from '../shared/errors';

/** The subnets for memcached: the given ones, or else the isolated subnets (statement 23). */
export function isolatedSubnets(
  scope: IConstruct,
  vpc: ec2.IVpc,
  selection?: ec2.SubnetSelection,
): ec2.SelectedSubnets {
  // Before its lookup, a VPC only has placeholders for public and private subnets.
  const pending = vpc.selectSubnets({ subnets: [] }).isPendingLookup;
  if (!selection && vpc.isolatedSubnets.length === 0 && !pending) {
    throw invalid(
      scope,
      'vpc',
      'have isolated subnets if vpcSubnets is not given',
      null,
      'memcached belongs in subnets without a route to the internet',
    );
  }
  return vpc.selectSubnets(selection ?? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED });
}
