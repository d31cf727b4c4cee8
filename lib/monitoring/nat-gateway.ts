import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * The number of connections that a NAT gateway had no port for: it has 55,000 for each destination.
 *
 * @default - sum over five minutes
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html
 */
export function metricPortErrors(
  gateway: ec2.CfnNatGateway,
  props?: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/NATGateway',
    metricName: 'ErrorPortAllocation',
    dimensionsMap: { NatGatewayId: gateway.ref },
    statistic: cloudwatch.Stats.SUM,
    ...props,
  });
}
