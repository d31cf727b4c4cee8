import { Size } from 'aws-cdk-lib';
import { BootSource, ConsoleType, ImageVisibility, ServiceSettings } from '../lib';

type Every<T> = T extends object ? { [K in keyof T]-?: NonNullable<T[K]> } : T;

/** Settings of all panels, with values that differ from Horizon's; `text` is in some of them. */
export function everySetting(text: string): {
  [K in keyof Required<ServiceSettings>]: ServiceSettings[K] extends string[] | undefined
    ? string[]
    : Every<NonNullable<ServiceSettings[K]>>;
} {
  return {
    angularFeatures: {
      domainsPanel: true,
      flavorsPanel: true,
      groupsPanel: true,
      imagesPanel: false,
      keyPairsPanel: false,
      rolesPanel: false,
      usersPanel: true,
    },
    clientToken: true,
    compute: {
      canSetMountPoint: true,
      canSetPassword: true,
      consoleType: ConsoleType.SPICE,
      defaultBootSource: BootSource.VOLUME_SNAPSHOT,
      enablePasswordRetrieve: true,
      enableQuotas: false,
      flavorSortKey: 'vcpus',
      flavorSortReverse: true,
      requiresKeypair: true,
      retrieveIpAddresses: false,
      useSimpleTenantUsage: false,
    },
    defaultLanguage: 'de',
    externalMonitoring: { [`Graphs ${text}`]: 'https://graphs.example.org/' },
    identity: {
      adminRoles: ['admin', 'cloud-admin'],
      backendName: 'ldap',
      canEditDomain: false,
      canEditGroup: false,
      canEditProject: false,
      canEditRole: false,
      canEditUser: false,
      changeExpiredPassword: false,
      defaultRole: 'reader',
      federationManagement: true,
      projectTableExtraInfo: { cost_center: `Cost center ${text}` },
      systemScopeServices: ['identity'],
      userTableExtraInfo: { phone_num: 'Phone number' },
    },
    image: {
      allowLocation: true,
      customPropertyTitles: { os_version: `Version ${text}` },
      defaultVisibility: ImageVisibility.PRIVATE,
      filterProjects: [{ text: 'Official', projectId: '27d0058849da47c896d205e2fc25a5e8' }],
      formats: { raw: 'Raw', qcow2: "QCOW2 - QEMU's" },
    },
    kubeconfig: {
      certificateAuthorityData: Buffer.from('-----BEGIN CERTIFICATE-----\n').toString('base64'),
      kubernetesUrl: 'https://kubernetes.example.org:6443',
    },
    languages: ['en', 'de', 'pt-br'],
    launchInstance: {
      configDrive: true,
      createVolume: true,
      defaultAvailabilityZone: 'nova',
      disableImage: true,
      disableInstanceSnapshot: true,
      disableVolume: true,
      disableVolumeSnapshot: true,
      enableMetadata: false,
      enableNetPorts: false,
      enableSchedulerHints: false,
      hideCreateVolume: true,
    },
    network: {
      allowedIpv4SubnetCidrs: ['10.0.0.0/8', '192.168.0.0/16'],
      allowedIpv6SubnetCidrs: ['fc00::/7'],
      defaultDnsNameservers: ['192.0.2.53', '2001:db8::53'],
      enableAutoAllocatedNetwork: true,
      enableDistributedRouter: true,
      enableFipTopologyCheck: false,
      enableHaRouter: true,
      enableIpv6: false,
      enableQuotas: false,
      enableRbacPolicy: false,
      enableRouter: false,
      extraProviderTypes: {
        wonder: {
          displayName: `Wonder ${text}`,
          requirePhysicalNetwork: false,
          requireSegmentationId: true,
        },
      },
      physicalNetworks: ['default', text],
      securityGroupRules: {
        https: { name: `HTTPS ${text}`, fromPort: 443 },
        ping: { name: 'Ping', ipProtocol: 'icmp', fromPort: 8, toPort: 0 },
      },
      segmentationIdRanges: { vlan: { minimum: 1024, maximum: 2048 } },
      showAgentsColumn: false,
      supportedProviderTypes: ['vxlan', 'geneve'],
      supportedVnicTypes: [],
    },
    objectStore: {
      storagePolicyNames: { gold: `Gold ${text}` },
      transferChunkSize: Size.mebibytes(1),
    },
    overviewDays: 0,
    siteBrandingLink: 'https://www.example.org/cloud',
    volume: { enableBackup: true },
  };
}
