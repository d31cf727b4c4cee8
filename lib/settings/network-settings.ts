import { isIP } from 'node:net';
import { Token, Tokenization } from 'aws-cdk-lib';
import { invalid } from '../shared/errors';
import { requireInteger, requireLine } from '../shared/validate';
import { SettingValue } from './setting-value';

/**
 * The lowest and the highest segmentation ID of a type of provider network.
 */
export interface SegmentationIdRange {
  /** The lowest ID, 0 or more. */
  readonly minimum: number;
  /** The highest ID, up to 4294967295. */
  readonly maximum: number;
}

/**
 * A type of provider network that Horizon does not know.
 */
export interface ProviderNetworkType {
  /** The name that administrators see. */
  readonly displayName: string;
  /** Whether a network of this type needs a physical network. */
  readonly requirePhysicalNetwork: boolean;
  /** Whether a network of this type needs a segmentation ID. */
  readonly requireSegmentationId: boolean;
}

/**
 * A prepared rule that users can add to a security group.
 */
export interface SecurityGroupRuleTemplate {
  /** The name that users see. */
  readonly name: string;

  /**
   * The protocol: `tcp`, `udp`, `icmp` or the number of one.
   *
   * @default 'tcp'
   */
  readonly ipProtocol?: string;

  /** The first port from 1, or the type of ICMP message from -1 (all types). */
  readonly fromPort: number;

  /**
   * The last port up to 65535, or the code of the ICMP message.
   *
   * @default - the same as `fromPort`
   */
  readonly toPort?: number;
}

/**
 * Networks, subnets, ports and security groups.
 */
export interface NetworkSettings {
  /**
   * The IPv4 ranges, in CIDR notation, of which users can create subnets
   * (`ALLOWED_PRIVATE_SUBNET_CIDR['ipv4']`). Neutron itself accepts other ranges.
   *
   * @default - all
   */
  readonly allowedIpv4SubnetCidrs?: string[];

  /**
   * The IPv6 ranges, in CIDR notation, of which users can create subnets
   * (`ALLOWED_PRIVATE_SUBNET_CIDR['ipv6']`). Neutron itself accepts other ranges.
   *
   * @default - all
   */
  readonly allowedIpv6SubnetCidrs?: string[];

  /**
   * The addresses of DNS servers that are filled in for a new subnet
   * (`OPENSTACK_NEUTRON_NETWORK['default_dns_nameservers']`).
   *
   * @default - none
   */
  readonly defaultDnsNameservers?: string[];

  /**
   * Whether a network that Neutron allocates is offered when an instance is launched
   * (`OPENSTACK_NEUTRON_NETWORK['enable_auto_allocated_network']`).
   *
   * @default false
   */
  readonly enableAutoAllocatedNetwork?: boolean;

  /**
   * Whether administrators can create distributed routers
   * (`OPENSTACK_NEUTRON_NETWORK['enable_distributed_router']`).
   *
   * @default false
   */
  readonly enableDistributedRouter?: boolean;

  /**
   * Whether floating IP addresses are offered only for ports that their network can reach
   * (`OPENSTACK_NEUTRON_NETWORK['enable_fip_topology_check']`). Some network back ends need `false`.
   *
   * @default true
   */
  readonly enableFipTopologyCheck?: boolean;

  /**
   * Whether administrators can create highly available routers
   * (`OPENSTACK_NEUTRON_NETWORK['enable_ha_router']`).
   *
   * @default false
   */
  readonly enableHaRouter?: boolean;

  /**
   * Whether users can create IPv6 subnets (`OPENSTACK_NEUTRON_NETWORK['enable_ipv6']`).
   *
   * @default true
   */
  readonly enableIpv6?: boolean;

  /**
   * Whether Neutron's quotas are shown and checked (`OPENSTACK_NEUTRON_NETWORK['enable_quotas']`).
   *
   * @default true
   */
  readonly enableQuotas?: boolean;

  /**
   * Whether the panel for RBAC policies is shown
   * (`OPENSTACK_NEUTRON_NETWORK['enable_rbac_policy']`).
   *
   * @default true
   */
  readonly enableRbacPolicy?: boolean;

  /**
   * Whether routers and floating IP addresses are shown
   * (`OPENSTACK_NEUTRON_NETWORK['enable_router']`).
   *
   * @default true
   */
  readonly enableRouter?: boolean;

  /**
   * More types of provider networks, by the name that Neutron uses
   * (`OPENSTACK_NEUTRON_NETWORK['extra_provider_types']`).
   *
   * @default - none
   */
  readonly extraProviderTypes?: { [type: string]: ProviderNetworkType };

  /**
   * The physical networks that administrators can select
   * (`OPENSTACK_NEUTRON_NETWORK['physical_networks']`).
   *
   * @default - they enter the name of one
   */
  readonly physicalNetworks?: string[];

  /**
   * The prepared rules of security groups, by their key (`SECURITY_GROUP_RULES`). They replace all
   * those of Debian's package.
   *
   * @default - those of Debian's package: all TCP, UDP and ICMP, and some services such as SSH
   */
  readonly securityGroupRules?: { [key: string]: SecurityGroupRuleTemplate };

  /**
   * The segmentation IDs by type of provider network
   * (`OPENSTACK_NEUTRON_NETWORK['segmentation_id_range']`).
   *
   * @default - all that the type allows
   */
  readonly segmentationIdRanges?: { [type: string]: SegmentationIdRange };

  /**
   * Whether the administrator's list of networks shows the number of DHCP agents
   * (`OPENSTACK_NEUTRON_NETWORK['show_agents_column']`), which is slow in large clouds.
   *
   * @default true
   */
  readonly showAgentsColumn?: boolean;

  /**
   * The types of provider networks that administrators can create
   * (`OPENSTACK_NEUTRON_NETWORK['supported_provider_types']`).
   *
   * @default - all
   */
  readonly supportedProviderTypes?: string[];

  /**
   * The VNIC types of ports that users can select
   * (`OPENSTACK_NEUTRON_NETWORK['supported_vnic_types']`); none hides the choice.
   *
   * @default - all
   */
  readonly supportedVnicTypes?: string[];
}

const IP_VERSIONS = {
  allowedIpv4SubnetCidrs: { version: 4, bits: 32, example: '10.0.0.0/8' },
  allowedIpv6SubnetCidrs: { version: 6, bits: 128, example: 'fc00::/7' },
};

/** Addresses and numbers of `NetworkSettings`. */
export function requireNetwork(network: NetworkSettings): void {
  for (const address of network.defaultDnsNameservers ?? []) {
    if (!Token.isUnresolved(address) && !isIP(address)) {
      throw invalid(undefined, 'network.defaultDnsNameservers', 'have IP addresses', address);
    }
  }
  for (const [prop, { version, bits, example }] of Object.entries(IP_VERSIONS)) {
    for (const range of network[prop as keyof typeof IP_VERSIONS] ?? []) {
      const [, address, length] = /^([^/]+)\/(\d{1,3})$/.exec(range) ?? ['', '', ''];
      if (!Token.isUnresolved(range) && (isIP(address) !== version || Number(length) > bits)) {
        throw invalid(
          undefined,
          `network.${prop}`,
          `have IPv${version} ranges in CIDR notation such as ${example}`,
          range,
        );
      }
    }
  }
}

/** The settings of `NetworkSettings` whose form differs from that of the prop. */
export const networkValues = {
  extraProviderTypes: (types: { [type: string]: ProviderNetworkType }): SettingValue =>
    mapped(types, ({ displayName, requirePhysicalNetwork, requireSegmentationId }) => {
      requireLine(undefined, 'network.extraProviderTypes', displayName);
      return SettingValue.mapOf({
        display_name: SettingValue.fromString(displayName),
        require_physical_network: SettingValue.fromBoolean(requirePhysicalNetwork),
        require_segmentation_id: SettingValue.fromBoolean(requireSegmentationId),
      });
    }),

  segmentationIdRanges: (ranges: { [type: string]: SegmentationIdRange }): SettingValue =>
    mapped(ranges, ({ minimum, maximum }) => {
      const prop = 'network.segmentationIdRanges';
      requireInteger(undefined, prop, minimum, 0, 2 ** 32 - 1);
      requireInteger(undefined, prop, maximum, 0, 2 ** 32 - 1);
      if (!Token.isUnresolved(minimum) && !Token.isUnresolved(maximum) && maximum < minimum) {
        throw invalid(undefined, prop, `have a maximum of at least ${minimum}`, maximum);
      }
      return SettingValue.listOf(
        SettingValue.fromNumber(minimum),
        SettingValue.fromNumber(maximum),
      );
    }),

  securityGroupRules: (rules: { [key: string]: SecurityGroupRuleTemplate }): SettingValue =>
    mapped(rules, ({ name, ipProtocol = 'tcp', fromPort, toPort = fromPort }) => {
      const prop = 'network.securityGroupRules';
      requireLine(undefined, prop, name);
      requireLine(undefined, prop, ipProtocol);
      requireInteger(undefined, prop, fromPort, -1, 65535);
      requireInteger(undefined, prop, toPort, -1, 65535);
      return SettingValue.mapOf({
        name: SettingValue.fromString(name),
        ip_protocol: SettingValue.fromString(ipProtocol),
        // Horizon compares them with texts
        from_port: SettingValue.fromString(Tokenization.stringifyNumber(fromPort)),
        to_port: SettingValue.fromString(Tokenization.stringifyNumber(toPort)),
      });
    }),
};

function mapped<T>(items: { [key: string]: T }, render: (item: T) => SettingValue): SettingValue {
  return SettingValue.mapOf(
    Object.fromEntries(Object.entries(items).map(([key, item]) => [key, render(item)])),
  );
}
