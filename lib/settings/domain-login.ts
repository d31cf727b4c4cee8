import { invalid } from '../shared/errors';
import { requireLine } from '../shared/validate';
import { SettingValue } from './setting-value';

/**
 * How users state their Keystone domain when they log in.
 */
export class DomainLogin {
  /**
   * All users are in one domain, and the login page does not ask for it.
   *
   * @param name the name of the domain
   */
  public static single(name: string): DomainLogin {
    requireLine(undefined, 'domains', name);
    return new DomainLogin({ OPENSTACK_KEYSTONE_DEFAULT_DOMAIN: name });
  }

  /**
   * Users enter the name of their domain. This publishes no names.
   */
  public static ask(): DomainLogin {
    return new DomainLogin({ OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT: String(true) });
  }

  /**
   * Users select their domain from a list. Everybody who can reach the login page can read the list,
   * such as the names of customers.
   *
   * @param names the names of the domains
   * @throws if there is no name, or one is there twice
   */
  public static dropdown(names: string[]): DomainLogin {
    names.forEach((name) => requireLine(undefined, 'domains', name));
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (names.length === 0 || twice !== undefined) {
      throw invalid(undefined, 'domains', 'have one or more different names', twice ?? null);
    }
    return new DomainLogin(
      {
        OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT: String(true),
        OPENSTACK_KEYSTONE_DOMAIN_DROPDOWN: String(true),
        OPENSTACK_KEYSTONE_DOMAIN_CHOICES: SettingValue.listOf(
          ...names.map((name) =>
            SettingValue.tupleOf(SettingValue.fromString(name), SettingValue.fromString(name)),
          ),
        ).literal,
      },
      true,
    );
  }

  private constructor(
    /** The environment parameters that differ from the defaults. @internal */
    public readonly _environment: { [name: string]: string },
    /** Whether the login page shows the names of domains. */
    public readonly publishesNames: boolean = false,
  ) {}
}
