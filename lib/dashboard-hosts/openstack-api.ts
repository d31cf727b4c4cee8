import { requireInteger } from '../shared/validate';
import { invalid } from '../shared/errors';

/**
 * An OpenStack API, identified by its standard TCP ports. APIs behind a proxy on port 443 are not
 * needed here: hosts can always reach port 443.
 *
 * @see https://docs.openstack.org/install-guide/firewalls-default-ports.html
 */
export class OpenStackApi {
  /** Identity, Keystone: 5000. */
  public static readonly IDENTITY = new OpenStackApi([5000]);
  /** Compute, Nova: 8774. */
  public static readonly COMPUTE = new OpenStackApi([8774]);
  /** Block storage, Cinder: 8776. */
  public static readonly BLOCK_STORAGE = new OpenStackApi([8776]);
  /** Placement: 8778, or 8780 in clouds that Kolla deploys. */
  public static readonly PLACEMENT = new OpenStackApi([8778, 8780]);
  /** Image, Glance: 9292. */
  public static readonly IMAGE = new OpenStackApi([9292]);
  /** Network, Neutron: 9696. */
  public static readonly NETWORK = new OpenStackApi([9696]);
  /** Object storage, Swift: 8080. */
  public static readonly OBJECT_STORAGE = new OpenStackApi([8080]);
  /** Orchestration, Heat: 8004, and 8000 for the API that is compatible with CloudFormation. */
  public static readonly ORCHESTRATION = new OpenStackApi([8004, 8000]);
  /** DNS, Designate: 9001. */
  public static readonly DNS = new OpenStackApi([9001]);
  /** Load balancer, Octavia: 9876. */
  public static readonly LOAD_BALANCER = new OpenStackApi([9876]);
  /** Key manager, Barbican: 9311. */
  public static readonly KEY_MANAGER = new OpenStackApi([9311]);
  /** Shared file systems, Manila: 8786. */
  public static readonly SHARED_FILE_SYSTEMS = new OpenStackApi([8786]);
  /** Container infrastructure management, Magnum: 9511. */
  public static readonly CONTAINER_INFRASTRUCTURE = new OpenStackApi([9511]);
  /** Containers, Zun: 9517. */
  public static readonly CONTAINERS = new OpenStackApi([9517]);
  /** Bare metal, Ironic: 6385. */
  public static readonly BARE_METAL = new OpenStackApi([6385]);
  /** Database, Trove: 8779. */
  public static readonly DATABASE = new OpenStackApi([8779]);
  /** Messaging, Zaqar: 8888. */
  public static readonly MESSAGING = new OpenStackApi([8888]);
  /** Workflow, Mistral: 8989. */
  public static readonly WORKFLOW = new OpenStackApi([8989]);
  /** Instance high availability, Masakari: 15868. */
  public static readonly INSTANCE_HA = new OpenStackApi([15868]);
  /** Rating, CloudKitty: 8889. */
  public static readonly RATING = new OpenStackApi([8889]);
  /** Resource optimization, Watcher: 9322. */
  public static readonly RESOURCE_OPTIMIZATION = new OpenStackApi([9322]);
  /** Root cause analysis, Vitrage: 8999. */
  public static readonly ROOT_CAUSE_ANALYSIS = new OpenStackApi([8999]);
  /** Resource reservation, Blazar: 1234. */
  public static readonly RESERVATION = new OpenStackApi([1234]);
  /** Clustering, Senlin: 8777, or 8778 in clouds that Kolla deploys. */
  public static readonly CLUSTERING = new OpenStackApi([8777, 8778]);
  /** Data processing, Sahara: 8386. */
  public static readonly DATA_PROCESSING = new OpenStackApi([8386]);
  /** Application catalog, Murano: 8082. */
  public static readonly APPLICATION_CATALOG = new OpenStackApi([8082]);
  /** Backup, Freezer: 9090. */
  public static readonly BACKUP = new OpenStackApi([9090]);

  /**
   * Any other API, or one on other ports.
   *
   * @param ports its TCP ports
   * @throws if there is no port, or one is out of range
   */
  public static of(...ports: number[]): OpenStackApi {
    if (ports.length === 0) {
      throw invalid(undefined, 'ports', 'have at least one TCP port of the API', null);
    }
    ports.forEach((port) => requireInteger(undefined, 'ports', port, 1, 65535));
    return new OpenStackApi(ports);
  }

  private constructor(
    /** The TCP ports. */
    public readonly ports: number[],
  ) {}
}

/** The APIs that Horizon itself calls. The port of identity is that of the Keystone URL. */
export const HORIZON_APIS = [
  OpenStackApi.COMPUTE,
  OpenStackApi.BLOCK_STORAGE,
  OpenStackApi.PLACEMENT,
  OpenStackApi.IMAGE,
  OpenStackApi.NETWORK,
  OpenStackApi.OBJECT_STORAGE,
];
