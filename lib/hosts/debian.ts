import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** The public parameter that has the ID of the newest official Debian 13 image. */
export function debianParameter(architecture: ec2.InstanceArchitecture): string {
  const name = architecture === ec2.InstanceArchitecture.ARM_64 ? 'arm64' : 'amd64';
  return `/aws/service/debian/release/13/latest/${name}`;
}

/** The newest official Debian 13 image at the time of the deployment. */
export function debianImage(architecture: ec2.InstanceArchitecture): ec2.IMachineImage {
  return ec2.MachineImage.fromSsmParameter(debianParameter(architecture));
}
