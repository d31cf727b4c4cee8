import { invalid } from '../shared/errors';
import { OpenStackApi } from './openstack-api';

/**
 * The rules that decide which actions of a service the dashboard offers. Without them it offers every
 * action to every user, and the service's API has to refuse what is not allowed.
 */
export interface PluginPolicy {
  /** The name under which the plugin's code checks rules, such as `orchestration`. */
  readonly service: string;

  /**
   * The absolute path of the policy file on a host.
   *
   * @default - none
   */
  readonly file?: string;

  /**
   * The absolute path of a file with the default rules, in the format of Horizon's
   * `dump_default_policies`.
   *
   * @default - none
   */
  readonly defaults?: string;

  /**
   * The absolute path of a folder with policy files that add to those of the service.
   *
   * @default - none
   */
  readonly folder?: string;
}

/**
 * Properties of `HorizonPlugin.of`.
 */
export interface HorizonPluginProps {
  /** The Debian package. */
  readonly debianPackage: string;

  /**
   * The APIs that the plugin calls.
   *
   * @default - none
   */
  readonly apis?: OpenStackApi[];

  /**
   * The policies that the plugin's code checks.
   *
   * @default - those that the package registers itself
   */
  readonly policies?: PluginPolicy[];
}

const PACKAGES = '/usr/lib/python3/dist-packages';
const HORIZON_POLICIES = '/etc/openstack-dashboard/policy';
/** What packages lack. */
const OWN_POLICIES = '/usr/local/lib/openstack-dashboard/policies';

const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]+$/;
const SERVICE = /^[a-z][a-z0-9_-]{0,63}$/;
const PATH = /^(\/[A-Za-z0-9._+-]+)+$/;

const MANILA = {
  file: `${PACKAGES}/manila_ui/conf/manila_policy.yaml`,
  defaults: `${PACKAGES}/manila_ui/conf/default_policies/manila.yaml`,
};

/**
 * A plugin of Horizon: its Debian package, the APIs that it calls, and the policies of its service.
 *
 * @see docs/plugins.md
 */
export class HorizonPlugin {
  /** Blazar, resource reservation. */
  public static readonly BLAZAR = HorizonPlugin.of({
    debianPackage: 'python3-blazar-dashboard',
    apis: [OpenStackApi.RESERVATION],
  });

  /** CloudKitty, rating. */
  public static readonly CLOUDKITTY = HorizonPlugin.of({
    debianPackage: 'python3-cloudkitty-dashboard',
    apis: [OpenStackApi.RATING],
  });

  /** Designate, DNS. */
  public static readonly DESIGNATE = HorizonPlugin.of({
    debianPackage: 'python3-designate-dashboard',
    apis: [OpenStackApi.DNS],
    policies: [{ service: 'dns', file: `${OWN_POLICIES}/designate.yaml` }],
  });

  /** Heat, orchestration. */
  public static readonly HEAT = HorizonPlugin.of({
    debianPackage: 'python3-heat-dashboard',
    apis: [OpenStackApi.ORCHESTRATION],
    policies: [
      {
        service: 'orchestration',
        file: `${PACKAGES}/heat_dashboard/conf/heat_policy.yaml`,
        defaults: `${PACKAGES}/heat_dashboard/conf/default_policies/heat.yaml`,
      },
    ],
  });

  /** Ironic, bare metal. */
  public static readonly IRONIC = HorizonPlugin.of({
    debianPackage: 'python3-ironic-ui',
    apis: [OpenStackApi.BARE_METAL],
  });

  /** Magnum, container infrastructure management. */
  public static readonly MAGNUM = HorizonPlugin.of({
    debianPackage: 'python3-magnum-ui',
    apis: [OpenStackApi.CONTAINER_INFRASTRUCTURE],
  });

  /** Manila, shared file systems. */
  public static readonly MANILA = HorizonPlugin.of({
    debianPackage: 'python3-manila-ui',
    apis: [OpenStackApi.SHARED_FILE_SYSTEMS],
    policies: [
      { service: 'share', ...MANILA },
      { service: 'share_access_metadata', ...MANILA },
      { service: 'share_replica', ...MANILA },
    ],
  });

  /** Masakari, instance high availability. */
  public static readonly MASAKARI = HorizonPlugin.of({
    debianPackage: 'python3-masakari-dashboard',
    apis: [OpenStackApi.INSTANCE_HA],
    policies: [
      {
        service: 'instance-ha',
        file: `${PACKAGES}/masakaridashboard/conf/masakari_policy.yaml`,
      },
    ],
  });

  /** Mistral, workflows. */
  public static readonly MISTRAL = HorizonPlugin.of({
    debianPackage: 'python3-mistral-dashboard',
    apis: [OpenStackApi.WORKFLOW],
  });

  /** VPN services of Neutron. */
  public static readonly NEUTRON_VPNAAS = HorizonPlugin.of({
    debianPackage: 'python3-neutron-vpnaas-dashboard',
    apis: [OpenStackApi.NETWORK],
  });

  /** Octavia, load balancers. */
  public static readonly OCTAVIA = HorizonPlugin.of({
    debianPackage: 'python3-octavia-dashboard',
    apis: [OpenStackApi.LOAD_BALANCER],
    policies: [{ service: 'load-balancer', file: `${HORIZON_POLICIES}/octavia_policy.json` }],
  });

  /** Senlin, clustering. */
  public static readonly SENLIN = HorizonPlugin.of({
    debianPackage: 'python3-senlin-dashboard',
    apis: [OpenStackApi.CLUSTERING],
    policies: [{ service: 'cluster', file: `${HORIZON_POLICIES}/senlin_policy.json` }],
  });

  /** Trove, databases. */
  public static readonly TROVE = HorizonPlugin.of({
    debianPackage: 'python3-trove-dashboard',
    apis: [OpenStackApi.DATABASE],
  });

  /** Vitrage, root cause analysis. */
  public static readonly VITRAGE = HorizonPlugin.of({
    debianPackage: 'python3-vitrage-dashboard',
    apis: [OpenStackApi.ROOT_CAUSE_ANALYSIS],
  });

  /** Watcher, resource optimization. */
  public static readonly WATCHER = HorizonPlugin.of({
    debianPackage: 'python3-watcher-dashboard',
    apis: [OpenStackApi.RESOURCE_OPTIMIZATION],
    policies: [{ service: 'infra-optim', file: `${HORIZON_POLICIES}/watcher_policy.json` }],
  });

  /** Zaqar, messaging. */
  public static readonly ZAQAR = HorizonPlugin.of({
    debianPackage: 'python3-zaqar-ui',
    apis: [OpenStackApi.MESSAGING],
  });

  /**
   * Any other plugin.
   *
   * @throws if a name is not that of a package or service, or a path is not absolute
   */
  public static of(props: HorizonPluginProps): HorizonPlugin {
    return new HorizonPlugin(props);
  }

  /** The Debian package. */
  public readonly debianPackage: string;

  /** The APIs that the plugin calls. */
  public readonly apis: OpenStackApi[];

  /** The policies that the plugin's code checks. */
  public readonly policies: PluginPolicy[];

  private constructor(props: HorizonPluginProps) {
    this.debianPackage = props.debianPackage;
    this.apis = props.apis ?? [];
    this.policies = props.policies ?? [];
    if (!PACKAGE_NAME.test(this.debianPackage)) {
      throw invalid(
        undefined,
        'debianPackage',
        'be the name of a Debian package',
        this.debianPackage,
      );
    }
    for (const { service, file, defaults, folder } of this.policies) {
      if (!SERVICE.test(service)) {
        throw invalid(
          undefined,
          'policies',
          'have services such as orchestration, in lower case letters, digits, - and _',
          service,
        );
      }
      for (const path of [file, defaults, folder]) {
        if (path !== undefined && !PATH.test(path)) {
          throw invalid(
            undefined,
            'policies',
            'have absolute paths of letters, digits and ._+-',
            path,
          );
        }
      }
      if (file === undefined && defaults === undefined && folder === undefined) {
        throw invalid(undefined, 'policies', `have a file, defaults or a folder for ${service}`);
      }
    }
  }
}

/** The plugins of Debian 13 by the names of their constants, in lower case with hyphens. */
export const PLUGINS_BY_NAME: { readonly [name: string]: HorizonPlugin } = Object.fromEntries(
  Object.entries(HorizonPlugin)
    .filter((entry): entry is [string, HorizonPlugin] => entry[1] instanceof HorizonPlugin)
    .map(([name, plugin]) => [name.toLowerCase().replaceAll('_', '-'), plugin]),
);

/** The plugins of Debian 13. */
export const DEBIAN_PLUGINS = Object.values(PLUGINS_BY_NAME);

/** The services whose policies Horizon itself has. */
export const HORIZON_SERVICES = ['compute', 'identity', 'image', 'network', 'volume'];

/** The plugins among packages. */
export function pluginsIn(packages: string[]): HorizonPlugin[] {
  return DEBIAN_PLUGINS.filter(({ debianPackage: name }) => packages.includes(name));
}

/** The policies of plugins as an environment parameter. */
export function pluginPolicies(plugins: HorizonPlugin[]): string {
  return plugins
    .flatMap(({ policies }) => policies)
    .map(({ service, file = '', defaults = '', folder = '' }) =>
      `${service}=${file}:${defaults}:${folder}`.replace(/:+$/, ''),
    )
    .join(' ');
}
