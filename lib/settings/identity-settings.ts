/**
 * Users, groups, projects and roles. Domains are configured with the login.
 */
export interface IdentitySettings {
  /**
   * The roles of administrators (`OPENSTACK_KEYSTONE_ADMIN_ROLES`).
   *
   * @default - `admin`
   */
  readonly adminRoles?: string[];

  /**
   * The name of Keystone's back end (`OPENSTACK_KEYSTONE_BACKEND['name']`), such as `ldap`.
   *
   * @default 'native'
   */
  readonly backendName?: string;

  /**
   * Whether domains can be edited (`OPENSTACK_KEYSTONE_BACKEND['can_edit_domain']`).
   *
   * @default true
   */
  readonly canEditDomain?: boolean;

  /**
   * Whether groups can be edited (`OPENSTACK_KEYSTONE_BACKEND['can_edit_group']`).
   *
   * @default true
   */
  readonly canEditGroup?: boolean;

  /**
   * Whether projects can be edited (`OPENSTACK_KEYSTONE_BACKEND['can_edit_project']`).
   *
   * @default true
   */
  readonly canEditProject?: boolean;

  /**
   * Whether roles can be edited (`OPENSTACK_KEYSTONE_BACKEND['can_edit_role']`).
   *
   * @default true
   */
  readonly canEditRole?: boolean;

  /**
   * Whether users can be edited (`OPENSTACK_KEYSTONE_BACKEND['can_edit_user']`). With users in LDAP,
   * use `false`.
   *
   * @default true
   */
  readonly canEditUser?: boolean;

  /**
   * Whether users can change an expired password (`ALLOW_USERS_CHANGE_EXPIRED_PASSWORD`).
   *
   * @default true
   */
  readonly changeExpiredPassword?: boolean;

  /**
   * The role that a user gets in a project (`OPENSTACK_KEYSTONE_DEFAULT_ROLE`).
   *
   * @default 'member'
   */
  readonly defaultRole?: string;

  /**
   * Whether panels for identity providers, mappings and protocols are shown
   * (`OPENSTACK_KEYSTONE_FEDERATION_MANAGEMENT`).
   *
   * @default false
   */
  readonly federationManagement?: boolean;

  /**
   * More attributes in the list of projects, as titles by attribute (`PROJECT_TABLE_EXTRA_INFO`).
   *
   * @default - none
   */
  readonly projectTableExtraInfo?: { [attribute: string]: string };

  /**
   * The types of services that administrators call with a system-scoped token
   * (`SYSTEM_SCOPE_SERVICES`).
   *
   * @default - none
   */
  readonly systemScopeServices?: string[];

  /**
   * More attributes in the list of users, as titles by attribute (`USER_TABLE_EXTRA_INFO`).
   *
   * @default - none
   */
  readonly userTableExtraInfo?: { [attribute: string]: string };
}
