import { Token } from 'aws-cdk-lib';
import { STATIC_PATH } from '../contract/constants';
import { requireDomainName } from '../shared/validate';
import { invalid } from '../shared/errors';

/**
 * The address of static media.
 */
export abstract class StaticAddress {
  /**
   * A separate name on a subdomain of the dashboard's name, as the guide recommends (statement 26).
   * The certificate must cover it.
   *
   * @param name the fully qualified name; `static.` followed by the dashboard's name by default
   * @throws if the name is not fully qualified
   */
  public static subdomain(name?: string): StaticAddress {
    return new Subdomain(name);
  }

  /**
   * The path `/static/*` of the dashboard's name. It needs no second name or certificate, but
   * browsers send the dashboard's cookies with these requests.
   */
  public static path(): StaticAddress {
    return new Path();
  }

  /**
   * The name of the site that serves static media.
   *
   * @param domainName the fully qualified name of the dashboard
   */
  public abstract serverName(domainName: string): string;

  /**
   * The base URL of static media, with a trailing slash.
   *
   * @param domainName the fully qualified name of the dashboard
   */
  public abstract baseUrl(domainName: string): string;

  /** The path patterns of the load balancer's rule. */
  public abstract readonly pathPatterns: string[];

  /**
   * Whether static media has a separate name.
   */
  public abstract readonly ownName: boolean;
}

class Subdomain extends StaticAddress {
  public readonly ownName = true;
  // What robots of a name ask for
  public readonly pathPatterns = [`${STATIC_PATH}*`, '/robots.txt'];

  constructor(private readonly name?: string) {
    super();
    if (name) {
      requireDomainName(undefined, 'name', name);
    }
  }

  public serverName(domainName: string): string {
    const name = this.name ?? `static.${domainName}`;
    const known = !Token.isUnresolved(name) && !Token.isUnresolved(domainName);
    if (known && !name.endsWith(`.${domainName}`)) {
      throw invalid(
        undefined,
        'name',
        `be a subdomain of the dashboard's name such as static.${domainName}`,
        name,
      );
    }
    return name;
  }

  public baseUrl(domainName: string): string {
    return `https://${this.serverName(domainName)}${STATIC_PATH}`;
  }
}

class Path extends StaticAddress {
  public readonly ownName = false;
  public readonly pathPatterns = [`${STATIC_PATH}*`];

  public serverName(domainName: string): string {
    return domainName;
  }

  public baseUrl(_domainName: string): string {
    return STATIC_PATH;
  }
}
