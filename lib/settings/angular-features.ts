/**
 * Panels that exist twice in Horizon: in AngularJS, and as pages of Django (`ANGULAR_FEATURES`).
 */
export interface AngularFeatures {
  /**
   * Whether the panel for domains is the one in AngularJS.
   *
   * @default false
   */
  readonly domainsPanel?: boolean;

  /**
   * Whether the panel for flavors is the one in AngularJS.
   *
   * @default false
   */
  readonly flavorsPanel?: boolean;

  /**
   * Whether the panel for groups is the one in AngularJS.
   *
   * @default false
   */
  readonly groupsPanel?: boolean;

  /**
   * Whether the panel for images is the one in AngularJS.
   *
   * @default true
   */
  readonly imagesPanel?: boolean;

  /**
   * Whether the panel for key pairs is the one in AngularJS.
   *
   * @default true
   */
  readonly keyPairsPanel?: boolean;

  /**
   * Whether the panel for roles is the one in AngularJS.
   *
   * @default true
   */
  readonly rolesPanel?: boolean;

  /**
   * Whether the panel for users is the one in AngularJS.
   *
   * @default false
   */
  readonly usersPanel?: boolean;
}
