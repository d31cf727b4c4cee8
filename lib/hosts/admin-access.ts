import { IResource, Resource } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';

/**
 * How operators get a shell on a host. SSH from the internet is never possible: hosts have no
 * public address and no key pair.
 */
export abstract class AdminAccess {
  /**
   * Operators cannot get a shell: the SSH server of the hosts is off.
   */
  public static none(): AdminAccess {
    return new NoAccess();
  }

  /**
   * Operators use EC2 Instance Connect through an endpoint in the VPC: IAM decides who can connect,
   * and keys are valid for 60 seconds. The hosts only accept connections from the endpoint.
   *
   * @param endpoint the endpoint; AWS allows one per VPC
   */
  public static instanceConnect(endpoint: IInstanceConnectEndpoint): AdminAccess {
    return new InstanceConnectAccess(endpoint);
  }

  /** The hosts' parameter `ADMIN_ACCESS`. */
  public abstract readonly mode: string;

  /** Allows connections to the hosts. */
  public abstract allowTo(hosts: ec2.IConnectable): void;
}

class NoAccess extends AdminAccess {
  public readonly mode = 'none';

  public allowTo(_hosts: ec2.IConnectable): void {
    // Nothing to open
  }
}

class InstanceConnectAccess extends AdminAccess {
  public readonly mode = 'instance-connect';

  constructor(private readonly endpoint: IInstanceConnectEndpoint) {
    super();
  }

  public allowTo(hosts: ec2.IConnectable): void {
    // From the hosts' side, so that the rules belong to their stack
    hosts.connections.allowFrom(this.endpoint, ec2.Port.tcp(22), 'EC2 Instance Connect');
  }
}

/**
 * An EC2 Instance Connect endpoint, created here or elsewhere.
 */
export interface IInstanceConnectEndpoint extends IResource, ec2.IConnectable {}

/**
 * Attributes of an existing EC2 Instance Connect endpoint.
 */
export interface InstanceConnectEndpointAttributes {
  /** The security groups of the endpoint; hosts admit SSH from them. */
  readonly securityGroups: ec2.ISecurityGroup[];
}

/**
 * Properties of `InstanceConnectEndpoint`.
 */
export interface InstanceConnectEndpointProps {
  /** The VPC of the hosts. AWS allows one endpoint per VPC. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnet of the endpoint. The first one of the selection is used.
   *
   * @default - a private subnet of the VPC
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
}

/**
 * An EC2 Instance Connect endpoint: SSH to hosts without public addresses, controlled by IAM.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connect-using-eice.html
 */
export class InstanceConnectEndpoint extends Resource implements IInstanceConnectEndpoint {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string =
    'cdk-openstack-dashboard.InstanceConnectEndpoint';

  /**
   * Imports an existing endpoint, such as the one of a VPC that several dashboards share.
   *
   * @throws if no security group is given
   */
  public static fromInstanceConnectEndpointAttributes(
    scope: Construct,
    id: string,
    attrs: InstanceConnectEndpointAttributes,
  ): IInstanceConnectEndpoint {
    class Import extends Resource implements IInstanceConnectEndpoint {
      public readonly connections = new ec2.Connections({ securityGroups: attrs.securityGroups });
    }
    const endpoint = new Import(scope, id);
    if (attrs.securityGroups.length === 0) {
      throw invalid(
        endpoint,
        'securityGroups',
        'have at least one security group of the endpoint',
        null,
        'the hosts admit the endpoint by it',
      );
    }
    return endpoint;
  }

  /** The network connections of the endpoint. */
  public readonly connections: ec2.Connections;

  /** The CloudFormation resource of the endpoint, as an escape hatch. */
  public readonly endpoint: ec2.CfnInstanceConnectEndpoint;

  constructor(scope: Construct, id: string, props: InstanceConnectEndpointProps) {
    super(scope, id);
    props = injectProps(InstanceConnectEndpoint, scope, id, props);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: `EC2 Instance Connect endpoint ${this.node.path}`,
      allowAllOutbound: false,
    });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });
    const { subnetIds, isPendingLookup } = props.vpc.selectSubnets(
      props.vpcSubnets ?? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    );
    this.endpoint = new ec2.CfnInstanceConnectEndpoint(this, 'Endpoint', {
      // Before the lookup of a VPC, its chosen subnets are not known
      subnetId: subnetIds[0] ?? (isPendingLookup ? PENDING_SUBNET : undefined),
      securityGroupIds: [securityGroup.securityGroupId],
    });
    this.node.defaultChild = this.endpoint;
  }
}

const PENDING_SUBNET = 'subnet-pending-lookup';
