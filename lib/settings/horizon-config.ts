import { Token } from 'aws-cdk-lib';
import { boundsOf, parameter } from '../contract/environment';
import { isHttpsUrl } from '../contract/urls';
import { invalid } from '../shared/errors';
import { requireInteger, requireLine } from '../shared/validate';
import { SettingValue } from './setting-value';

/**
 * Keys of Horizon's `HORIZON_CONFIG` that a site can choose.
 */
export interface HorizonConfig {
  /**
   * The https URL of the link "Help" in the user menu (`help_url`).
   *
   * @default - Horizon's own, https://docs.openstack.org/
   */
  readonly helpUrl?: string;

  /**
   * The https URL of a link "Report Bug" in the user menu (`bug_url`).
   *
   * @default - no such link
   */
  readonly bugUrl?: string;

  /**
   * The path to which a login leads (`user_home`), such as `/project/instances/`.
   *
   * @default - Horizon's own: the first dashboard that the user may see
   */
  readonly userHome?: string;

  /**
   * How often a page asks for the state of something that changes, in milliseconds from 1000 to
   * 60000 (`ajax_poll_interval`).
   *
   * @default - Horizon's own, 2500
   */
  readonly ajaxPollInterval?: number;

  /**
   * How many requests the scripts of a page send at the same time, from 1 to 100
   * (`ajax_queue_limit`).
   *
   * @default - Horizon's own, 10
   */
  readonly ajaxQueueLimit?: number;

  /**
   * After how many milliseconds messages about success fade, from 500 to 60000 (`auto_fade_alerts`).
   *
   * @default - Horizon's own, 3000
   */
  readonly autoFadeDelay?: number;

  /**
   * What is around a dialog, and whether a click there closes it (`modal_backdrop`). It is a part of
   * the scripts in static media, and so of their release.
   *
   * @default - Horizon's own: ModalBackdrop.STATIC
   */
  readonly modalBackdrop?: ModalBackdrop;

  /**
   * Further links in the user menu, after those for downloads (`USER_MENU_LINKS`).
   *
   * @default - none
   */
  readonly userMenuLinks?: UserMenuLink[];

  /**
   * Whether users can download an RC file with settings for OpenStack's command line
   * (`SHOW_OPENRC_FILE`).
   *
   * @default - Horizon's own, true
   */
  readonly showOpenrcFile?: boolean;

  /**
   * Whether users can download a `clouds.yaml` (`SHOW_OPENSTACK_CLOUDS_YAML`).
   *
   * @default - Horizon's own, true
   */
  readonly showCloudsYaml?: boolean;
}

/**
 * What is around a dialog.
 */
export class ModalBackdrop {
  /** The page is dimmed, and a click on it does not close the dialog. */
  public static readonly STATIC = new ModalBackdrop('static');
  /** The page is dimmed, and a click on it closes the dialog. */
  public static readonly CLOSES = new ModalBackdrop('true');
  /** The page is not dimmed. */
  public static readonly NONE = new ModalBackdrop('false');

  private constructor(
    /** The value of `modal_backdrop`. */
    public readonly name: string,
  ) {}
}

/**
 * A link in the user menu.
 */
export class UserMenuLink {
  /**
   * A link to another site.
   *
   * @param name the text of the link
   * @param url an https URL
   */
  public static toUrl(name: string, url: string): UserMenuLink {
    if (!Token.isUnresolved(url) && !isHttpsUrl(url)) {
      throw invalid(undefined, 'url', 'be an https URL', url);
    }
    return new UserMenuLink(name, url, true);
  }

  /**
   * A link to a page of the dashboard.
   *
   * @param name the text of the link
   * @param view the name of the page's view, such as `horizon:project:api_access:index`
   */
  public static toPage(name: string, view: string): UserMenuLink {
    if (!/^horizon(:[a-z0-9_.-]+){2,4}$/i.test(view)) {
      throw invalid(
        undefined,
        'view',
        'be the name of a view such as horizon:project:api_access:index',
        view,
      );
    }
    return new UserMenuLink(name, view, false);
  }

  /** The link as Horizon reads it. @internal */
  public readonly _value: SettingValue;

  private constructor(name: string, url: string, external: boolean) {
    requireLine(undefined, 'name', name);
    this._value = SettingValue.mapOf({
      name: SettingValue.fromString(name),
      url: SettingValue.fromString(url),
      external: SettingValue.fromBoolean(external),
      icon_classes: SettingValue.stringList(external ? 'fa-external-link' : 'fa-link'),
    });
  }
}

const NUMBERS = {
  ajaxPollInterval: 'AJAX_POLL_INTERVAL',
  ajaxQueueLimit: 'AJAX_QUEUE_LIMIT',
  autoFadeDelay: 'AUTO_FADE_DELAY',
} as const;

/** The parameters of the given keys; the others have Horizon's own values. */
export function horizonParameters(config: HorizonConfig): { [name: string]: string } {
  const { helpUrl, bugUrl, userHome, modalBackdrop, userMenuLinks } = config;
  for (const [prop, url] of Object.entries({ helpUrl, bugUrl })) {
    if (url !== undefined && !Token.isUnresolved(url) && !isHttpsUrl(url)) {
      throw invalid(undefined, `horizonConfig.${prop}`, 'be an https URL', url);
    }
  }
  if (
    userHome !== undefined &&
    !Token.isUnresolved(userHome) &&
    !new RegExp(`^(?:${parameter('USER_HOME').pattern})$`).test(userHome)
  ) {
    throw invalid(
      undefined,
      'horizonConfig.userHome',
      'be a path of the dashboard such as /project/instances/',
      userHome,
    );
  }
  const given: { [name: string]: string | boolean | undefined } = {
    HELP_URL: helpUrl,
    BUG_URL: bugUrl,
    USER_HOME: userHome,
    MODAL_BACKDROP: modalBackdrop?.name,
    USER_MENU_LINKS:
      userMenuLinks && SettingValue.listOf(...userMenuLinks.map(({ _value }) => _value)).literal,
    SHOW_OPENRC_FILE: config.showOpenrcFile,
    SHOW_OPENSTACK_CLOUDS_YAML: config.showCloudsYaml,
  };
  for (const [prop, name] of Object.entries(NUMBERS)) {
    const value = config[prop as keyof typeof NUMBERS];
    if (value !== undefined) {
      requireInteger(undefined, `horizonConfig.${prop}`, value, ...boundsOf(name));
      given[name] = String(value);
    }
  }
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}
