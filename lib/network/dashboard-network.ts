import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { allowFlowLogs, dependOnPolicy } from '../logs/log-bucket';
import { requireInteger } from '../shared/validate';
import { invalid } from '../shared/errors';

/**
 * Options of every new network.
 */
export interface NetworkOptions {
  /**
   * The IPv4 addresses of the VPC. Choose addresses that the networks of OpenStack and of users do
   * not have, if they are connected. Changing it replaces the VPC and everything in it.
   *
   * @default - 10.0.0.0/16
   */
  readonly ipAddresses?: ec2.IIpAddresses;

  /**
   * The maximum number of Availability Zones, at least two. A stack without a fixed region has two.
   *
   * @default 2
   */
  readonly maxAzs?: number;
}

/**
 * Options of `DashboardNetwork.regionalNat`.
 */
export interface NatNetworkOptions extends NetworkOptions {
  /**
   * Whether the subnets have IPv6 addresses too. Hosts connect to IPv6 addresses through an
   * egress-only internet gateway, which is free. Set `ipAddressType` of the load balancer for clients
   * with IPv6.
   *
   * @default false
   */
  readonly dualStack?: boolean;
}

/**
 * Options of `DashboardNetwork.natGateways`.
 */
export interface NatGatewayOptions extends NatNetworkOptions {
  /**
   * Whether each Availability Zone has a NAT gateway, so that hosts keep their egress if one zone fails.
   *
   * @default false
   */
  readonly perZone?: boolean;
}

/**
 * Options of `DashboardNetwork.noNat`.
 */
export interface NoNatOptions extends NetworkOptions {
  /**
   * Services that the hosts call besides AWS CloudFormation, Amazon EC2 Auto Scaling, AWS Secrets
   * Manager, Amazon CloudWatch Logs and Amazon S3. Each gets an interface endpoint.
   *
   * @default - none
   */
  readonly endpoints?: ec2.InterfaceVpcEndpointAwsService[];
}

/** The services that every host calls, besides Amazon S3. */
const HOST_SERVICES = [
  ec2.InterfaceVpcEndpointAwsService.CLOUDFORMATION,
  ec2.InterfaceVpcEndpointAwsService.AUTOSCALING,
  ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
];

/** A VPC and its interface endpoints. */
export interface NewNetwork {
  readonly vpc: ec2.Vpc;
  readonly endpoints: ec2.InterfaceVpcEndpoint[];
  /** The names of the APIs that resolve to the endpoints. */
  readonly endpointNames: string[];
}

/**
 * The VPC that `OpenStackDashboard` creates: with public subnets for the load balancer, private ones
 * for hosts and isolated ones for memcached, flow logs, and a gateway endpoint for Amazon S3. The
 * choices differ in how hosts reach AWS, Debian's mirror and OpenStack.
 *
 * @see docs/network.md
 */
export class DashboardNetwork {
  /**
   * Hosts reach the internet through one NAT gateway, or through one per Availability Zone.
   */
  public static natGateways(options: NatGatewayOptions = {}): DashboardNetwork {
    const { perZone = false } = options;
    return new DashboardNetwork(options, {
      // By default, the AWS CDK creates one per zone.
      natGateways: perZone ? undefined : 1,
    });
  }

  /**
   * Hosts reach the internet through one regional NAT gateway, which AWS extends to every Availability
   * Zone that has hosts. Its price is that of one gateway per zone.
   */
  public static regionalNat(options: NatNetworkOptions = {}): DashboardNetwork {
    return new DashboardNetwork(options, {}, true);
  }

  /**
   * Hosts have no route to the internet. They reach AWS through VPC endpoints, and their machine image
   * must have all packages. Connect OpenStack with VPC peering, AWS Transit Gateway or a VPN.
   */
  public static noNat(options: NoNatOptions = {}): DashboardNetwork {
    return new DashboardNetwork(options, { natGateways: 0 }, false, [
      ...HOST_SERVICES,
      ...(options.endpoints ?? []),
    ]);
  }

  /** Whether hosts can reach the internet. @internal */
  public readonly _hasInternet: boolean;

  /** Whether the subnets have IPv6 addresses. @internal */
  public readonly _dualStack: boolean;

  private constructor(
    private readonly options: NatNetworkOptions,
    private readonly props: ec2.VpcProps,
    private readonly regional = false,
    private readonly services: ec2.InterfaceVpcEndpointAwsService[] = [],
  ) {
    const { maxAzs = 2 } = options;
    if (Token.isUnresolved(maxAzs)) {
      throw invalid(undefined, 'maxAzs', 'be known at synth time', maxAzs);
    }
    requireInteger(undefined, 'maxAzs', maxAzs, 2, 100);
    this._hasInternet = services.length === 0;
    this._dualStack = options.dualStack ?? false;
  }

  /**
   * Creates the VPC.
   *
   * @param internetFacing whether the load balancer needs public subnets
   * @internal
   */
  public _create(
    scope: Construct,
    id: string,
    logBucket: s3.IBucket,
    internetFacing: boolean,
  ): NewNetwork {
    const { ipAddresses, maxAzs = 2 } = this.options;
    // The addresses of the subnets stay the same if the load balancer gets public ones later.
    const reserved = !this._hasInternet && !internetFacing;
    const vpc = new ec2.Vpc(scope, id, {
      maxAzs,
      ipAddresses,
      ...this.props,
      ...(this.regional ? { natGatewayProvider: ec2.NatProvider.regionalGateway() } : {}),
      ...(this._dualStack ? { ipProtocol: ec2.IpProtocol.DUAL_STACK } : {}),
      ...(reserved ? { createInternetGateway: false } : {}),
      // Would need a custom resource with a Lambda function.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        {
          name: 'Public',
          subnetType: ec2.SubnetType.PUBLIC,
          ...(reserved ? { reserved } : { mapPublicIpOnLaunch: false }),
        },
        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
      flowLogs: { FlowLogs: { destination: ec2.FlowLogDestination.toS3(logBucket, 'flow-logs/') } },
    });
    allowFlowLogs(vpc, logBucket, 'flow-logs');
    const attachment = vpc.node.tryFindChild('VPCGW');
    for (const resource of vpc.node.findAll()) {
      if (resource instanceof ec2.CfnFlowLog) {
        dependOnPolicy(resource, logBucket);
      }
      if (this.regional && resource instanceof ec2.CfnNatGateway) {
        // Without a subnet, it has no dependency on the internet gateway.
        resource.addResourceDependency(attachment as CfnResource);
      }
    }
    const endpoints = this.services.map((service) =>
      vpc.addInterfaceEndpoint(service.shortName, { service, open: false }),
    );
    const { region, urlSuffix } = Stack.of(vpc);
    const endpointNames = this.services.map(
      ({ shortName }) => `${shortName}.${region}.${urlSuffix}`,
    );
    return { vpc, endpoints, endpointNames };
  }
}
