import { parameter } from '../contract/environment';

const [IMAGE, SNAPSHOT, VOLUME, VOLUME_SNAPSHOT] = parameter('DEFAULT_BOOT_SOURCE').allowed!;

/**
 * The console of instances.
 */
export class ConsoleType {
  /** The first console that Nova offers. */
  public static readonly AUTO = new ConsoleType('AUTO');
  /** VNC, in the browser with noVNC. */
  public static readonly VNC = new ConsoleType('VNC');
  /** SPICE. */
  public static readonly SPICE = new ConsoleType('SPICE');
  /** The Remote Desktop Protocol. */
  public static readonly RDP = new ConsoleType('RDP');
  /** The serial console. */
  public static readonly SERIAL = new ConsoleType('SERIAL');
  /** The console of VMware. */
  public static readonly MKS = new ConsoleType('MKS');
  /** No console. */
  public static readonly OFF = new ConsoleType('off');

  private constructor(
    /** The value of `CONSOLE_TYPE`. */
    public readonly name: string,
  ) {}
}

/**
 * The source of the volume or disk that an instance boots from.
 */
export class BootSource {
  /** An image. */
  public static readonly IMAGE = new BootSource(IMAGE);
  /** A snapshot of an instance. */
  public static readonly SNAPSHOT = new BootSource(SNAPSHOT);
  /** A volume. */
  public static readonly VOLUME = new BootSource(VOLUME);
  /** A snapshot of a volume. */
  public static readonly VOLUME_SNAPSHOT = new BootSource(VOLUME_SNAPSHOT);

  private constructor(
    /** The value of `DEFAULT_BOOT_SOURCE`. */
    public readonly name: string,
  ) {}
}

/**
 * How users launch and operate instances.
 */
export interface ComputeSettings {
  /**
   * Whether users can set the mount point of a volume that they attach
   * (`OPENSTACK_HYPERVISOR_FEATURES['can_set_mount_point']`).
   *
   * @default false
   */
  readonly canSetMountPoint?: boolean;

  /**
   * Whether users can set the administrator's password of an instance when they launch or rebuild it
   * (`OPENSTACK_HYPERVISOR_FEATURES['can_set_password']`).
   *
   * @default false
   */
  readonly canSetPassword?: boolean;

  /**
   * The console of instances (`CONSOLE_TYPE`).
   *
   * @default ConsoleType.AUTO
   */
  readonly consoleType?: ConsoleType;

  /**
   * The boot source that is selected when an instance is launched (`DEFAULT_BOOT_SOURCE`).
   *
   * @default BootSource.IMAGE
   */
  readonly defaultBootSource?: BootSource;

  /**
   * Whether instances have an action that retrieves and decrypts the administrator's password
   * (`OPENSTACK_ENABLE_PASSWORD_RETRIEVE`). Users paste their private key into the page, which
   * decrypts in the browser.
   *
   * @default false
   */
  readonly enablePasswordRetrieve?: boolean;

  /**
   * Whether Nova's quotas are shown and checked (`OPENSTACK_HYPERVISOR_FEATURES['enable_quotas']`).
   *
   * @default true
   */
  readonly enableQuotas?: boolean;

  /**
   * The attribute by which flavors are sorted, such as `ram`, `vcpus` or `name`
   * (`CREATE_INSTANCE_FLAVOR_SORT['key']`).
   *
   * @default - `ram`
   */
  readonly flavorSortKey?: string;

  /**
   * Whether the order of flavors is reversed (`CREATE_INSTANCE_FLAVOR_SORT['reverse']`).
   *
   * @default false
   */
  readonly flavorSortReverse?: boolean;

  /**
   * Whether an instance can only be launched with a key pair
   * (`OPENSTACK_HYPERVISOR_FEATURES['requires_keypair']`).
   *
   * @default false
   */
  readonly requiresKeypair?: boolean;

  /**
   * Whether the list of instances reads addresses from Neutron
   * (`OPENSTACK_INSTANCE_RETRIEVE_IP_ADDRESSES`). Without, the list of a large project is faster, and
   * shows addresses some time after they have changed.
   *
   * @default true
   */
  readonly retrieveIpAddresses?: boolean;

  /**
   * Whether the overview reads usage from Nova's `os-simple-tenant-usage`
   * (`OPENSTACK_USE_SIMPLE_TENANT_USAGE`), which is slow in large clouds.
   *
   * @default true
   */
  readonly useSimpleTenantUsage?: boolean;
}

/**
 * What is offered and selected when users launch an instance (`LAUNCH_INSTANCE_DEFAULTS`).
 */
export interface LaunchInstanceDefaults {
  /**
   * Whether the configuration drive is selected.
   *
   * @default false
   */
  readonly configDrive?: boolean;

  /**
   * Whether the creation of a volume is selected.
   *
   * @default - Horizon's own: false in 25.3, true in 2026.1
   */
  readonly createVolume?: boolean;

  /**
   * The Availability Zone that is selected: the name of one, or `Any`.
   *
   * @default 'Any'
   */
  readonly defaultAvailabilityZone?: string;

  /**
   * Whether images are not offered as boot source.
   *
   * @default false
   */
  readonly disableImage?: boolean;

  /**
   * Whether snapshots of instances are not offered as boot source.
   *
   * @default false
   */
  readonly disableInstanceSnapshot?: boolean;

  /**
   * Whether volumes are not offered as boot source.
   *
   * @default false
   */
  readonly disableVolume?: boolean;

  /**
   * Whether snapshots of volumes are not offered as boot source.
   *
   * @default false
   */
  readonly disableVolumeSnapshot?: boolean;

  /**
   * Whether the step for metadata is shown.
   *
   * @default true
   */
  readonly enableMetadata?: boolean;

  /**
   * Whether the step for ports is shown.
   *
   * @default true
   */
  readonly enableNetPorts?: boolean;

  /**
   * Whether the step for scheduler hints is shown.
   *
   * @default true
   */
  readonly enableSchedulerHints?: boolean;

  /**
   * Whether the choice to create a volume is not shown.
   *
   * @default false
   */
  readonly hideCreateVolume?: boolean;
}
