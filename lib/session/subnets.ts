import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** The subnets for memcached: those given, else the isolated ones (statement 23). */
export function isolatedSubnets(
  vpc: ec2.IVpc,
  selection?: ec2.SubnetSelection,
): ec2.SelectedSubnets {
  // a VPC that is still to be looked up has placeholders for public and private subnets alone
  const pending = vpc.selectSubnets({ subnets: [] }).isPendingLookup;
  if (!selection && vpc.isolatedSubnets.length === 0 && !pending) {
    throw new Error(
      'memcached belongs in subnets with no route to the internet, and the vpc has none; add isolated subnets to it or give vpcSubnets',
    );
  }
  return vpc.selectSubnets(selection ?? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED });
}
