import { IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';

/** Whether a load balancer of this type has IPv6 addresses. */
export function isDualStack(type?: IpAddressType): boolean {
  return type === IpAddressType.DUAL_STACK || type === IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4;
}
