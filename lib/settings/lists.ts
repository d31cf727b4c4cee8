import { Tokenization } from 'aws-cdk-lib';
import { boundsOf, parametersOf } from '../contract/environment';
import { invalid } from '../shared/errors';
import { requireInteger } from '../shared/validate';

/**
 * How much of a large cloud a page shows. All of these are also choices of users, if Horizon has a
 * setting for them on the page of user settings.
 */
export interface ListLimits {
  /**
   * The number of objects that a page requests of a list which it shows as a whole, such as images or
   * volumes in a selection, from 1 to 10,000 (`API_RESULT_LIMIT`). Users do not see the others.
   *
   * @default - Horizon's own, 1000
   */
  readonly results?: number;

  /**
   * The number of objects per page of a list, from 1 to 1000, until a user chooses another number
   * (`API_RESULT_PAGE_SIZE`).
   *
   * @default - Horizon's own, 20
   */
  readonly pageSize?: number;

  /**
   * The number of projects or regions in the menu at the top of the page, from 1 to 1000
   * (`DROPDOWN_MAX_ITEMS`). Users find the others on a separate page.
   *
   * @default - Horizon's own, 30
   */
  readonly menuItems?: number;

  /**
   * The number of lines of an instance's log that a page shows, from 1 to 10,000, until a user chooses
   * another number (`INSTANCE_LOG_LENGTH`).
   *
   * @default - Horizon's own, 35
   */
  readonly logLines?: number;
}

/**
 * A list that can be empty until a user enters a filter (`FILTER_DATA_FIRST`).
 *
 * It saves the calls for the whole list if users look for a few objects of a large cloud. It has no
 * effect on users who are not administrators if the list is not one for administrators.
 */
export class FilteredList {
  /** Instances of all projects. */
  public static readonly ADMIN_INSTANCES = new FilteredList('admin.instances');
  /** Images of all projects. */
  public static readonly ADMIN_IMAGES = new FilteredList('admin.images');
  /** Networks of all projects. */
  public static readonly ADMIN_NETWORKS = new FilteredList('admin.networks');
  /** Routers of all projects. */
  public static readonly ADMIN_ROUTERS = new FilteredList('admin.routers');
  /** Volumes of all projects. */
  public static readonly ADMIN_VOLUMES = new FilteredList('admin.volumes');
  /** Application credentials. */
  public static readonly APPLICATION_CREDENTIALS = new FilteredList(
    'identity.application_credentials',
  );
  /** Groups. */
  public static readonly GROUPS = new FilteredList('identity.groups');
  /** Projects. */
  public static readonly PROJECTS = new FilteredList('identity.projects');
  /** Roles. */
  public static readonly ROLES = new FilteredList('identity.roles');
  /** Users. */
  public static readonly USERS = new FilteredList('identity.users');

  private constructor(
    /** The key in `FILTER_DATA_FIRST`. */
    public readonly key: string,
  ) {}
}

/** The limits that are given; the others are Horizon's. */
export function renderLists(
  limits: ListLimits = {},
  filterFirst: FilteredList[] = [],
): { [name: string]: string } {
  const environment: { [name: string]: string } = {};
  for (const [prop, name] of Object.entries(parametersOf('listLimits'))) {
    const value = limits[prop as keyof ListLimits];
    if (value !== undefined) {
      requireInteger(undefined, `listLimits.${prop}`, value, ...boundsOf(name));
      environment[name] = Tokenization.stringifyNumber(value);
    }
  }
  const keys = filterFirst.map(({ key }) => key);
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) {
    throw invalid(undefined, 'filterFirst', 'have different lists', twice);
  }
  return keys.length > 0 ? { ...environment, FILTER_DATA_FIRST: keys.join(',') } : environment;
}
