import type { CacheCertificate } from '../cloud/memcached/cache';
import type { CatalogEntry, CloudSize } from '../cloud/openstack/keystone';
import type { Image, Progress } from '../machine/image';
import type { Role } from '../stack/plan';

/** The cloud of a preview. */
export interface Cloud {
  /** Of all users. */
  readonly password: string;
  /** What another Keystone of the cloud begins with. */
  keystoneFiles(): Promise<Record<string, string>>;
}

export interface PreviewOptions {
  /** @default cdk.out/OpenStackDashboard.template.json */
  readonly template?: string;
  /** Values of the template's parameters. @default - stand-in values */
  readonly parameters?: Record<string, string>;
  /** @default 2 */
  readonly dashboardHosts?: number;
  /** @default 1 */
  readonly staticHosts?: number;
  /** Where images are kept. @default /var/cache/cdk-openstack-dashboard */
  readonly cache?: string;
  /**
   * A folder in which releases of static media are kept: hosts download theirs from the bucket where a host of
   * an earlier preview has built it. Remove it when the scripts that build a release change.
   * @default - none: the first host builds its release
   */
  readonly releases?: string;
  /** Where Debian's archives are. @default http://deb.debian.org */
  readonly mirror?: string;
  /** A folder with a repository of packages, at http://packages.example for hosts. @default - none */
  readonly packages?: string;
  /** Where the browser reaches the load balancer. @default 127.0.0.1 */
  readonly address?: string;
  /**
   * Where it reaches Keystone and the identity providers, if there is federation: another address if one
   * of them has a port of the load balancer.
   * @default - that of the load balancer
   */
  readonly identityAddress?: string;
  /** @default 443 */
  readonly httpsPort?: number;
  /** @default 80 */
  readonly httpPort?: number;
  /** Names of users beside `demo`, with the same password. */
  readonly moreUsers?: string[];
  /** The roles that a user has in all projects, by name. @default - admin and member */
  readonly roles?: Record<string, string[]>;
  /** Swift is in Keystone's catalog, with slow objects. @default false */
  readonly objectStore?: boolean;
  /**
   * Nova, Glance, Neutron, Cinder and Placement are in Keystone's catalog, with some 20 instances,
   * volumes and images in each project.
   * @default false
   */
  readonly services?: boolean;
  /** A large cloud: more projects, servers and endpoints. @default - the usual ones */
  readonly size?: CloudSize;
  /**
   * Keystone runs in Apache and has users log in at two OpenID Connect providers and one of SAML.
   * @default false
   */
  readonly federation?: boolean;
  /**
   * A folder with a distribution of Keycloak, after its build: two realms of it are the identity
   * providers instead.
   * @default - the preview's own providers
   */
  readonly keycloak?: string;
  /**
   * More URLs of Keystone, with `/v3`, if there is federation.
   * @default - keystone.cloud.internal, and what the template has
   */
  readonly keystoneUrls?: readonly string[];
  /** More lines of keystone.conf, of all Keystones. @default - none */
  readonly keystoneSettings?: string;
  /**
   * The regions of more Keystones with users of their own, by the names of their hosts, at port 5000.
   * @default - one Keystone
   */
  readonly otherKeystones?: Record<string, string>;
  /**
   * These services and Swift are OpenStack's own, from Debian's packages, and not stand-ins, with a few
   * instances, volumes, networks and objects in each project. It takes more memory, and minutes where the
   * cache lacks its image. It implies `federation`.
   * @default false
   */
  readonly fullCloud?: boolean;
  /** More services of Keystone's catalog, which the caller serves, or nobody. @default - none */
  readonly catalog?: readonly CatalogEntry[];
  /** The names in the certificate of memcached's configuration endpoint. @default nodes */
  readonly cacheCertificate?: CacheCertificate;
  /**
   * A preview that runs, of another dashboard of the same cloud: Keystone begins with its users,
   * projects and tokens.
   * @default - a cloud of its own
   */
  readonly openStackOf?: Cloud;
  /** Wraps each step, to show the progress. @default - shows nothing */
  readonly progress?: Progress;
}

export interface AddHostOptions {
  readonly role: Role;
  /** An image without the packages, as Debian publishes it: they are installed at boot. @default false */
  readonly plain?: boolean;
  /** A custom image. @default - one that has the packages */
  readonly image?: Image;
  /** Files to lay over the image, by absolute path. */
  readonly files?: Record<string, string>;
  /** Public keys that EC2 Instance Connect would have pushed, by user. */
  readonly connectKeys?: Record<string, string>;
}

/** Refuses what cannot be previewed before anything starts. */
export function checkOptions(options: PreviewOptions): void {
  for (const [flag, count] of Object.entries({
    '--dashboard-hosts': options.dashboardHosts ?? 2,
    '--static-hosts': options.staticHosts ?? 1,
  })) {
    if (!(Number.isInteger(count) && count >= 1 && count <= 100)) {
      throw new Error(`${flag} must be from 1 to 100, got ${count}`);
    }
  }
  const ports = { '--https-port': options.httpsPort ?? 443, '--http-port': options.httpPort ?? 80 };
  for (const [flag, port] of Object.entries(ports)) {
    if (!(Number.isInteger(port) && port >= 1 && port <= 65535)) {
      throw new Error(`${flag} must be a port from 1 to 65535, got ${port}`);
    }
  }
  if (ports['--https-port'] === ports['--http-port']) {
    throw new Error(`--https-port and --http-port must differ, got ${ports['--http-port']} twice`);
  }
}
