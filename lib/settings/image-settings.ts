import { SettingValue } from './setting-value';

/**
 * The visibility of an image.
 */
export class ImageVisibility {
  /** Of the project that owns it. */
  public static readonly PRIVATE = new ImageVisibility('private');
  /** Of all projects; users need a role that Glance's policy allows to publish images. */
  public static readonly PUBLIC = new ImageVisibility('public');
  /** Of projects that are members of the image. */
  public static readonly SHARED = new ImageVisibility('shared');
  /** Of all projects, but not in their lists. */
  public static readonly COMMUNITY = new ImageVisibility('community');

  private constructor(
    /** The value of `CREATE_IMAGE_DEFAULTS['image_visibility']`. */
    public readonly name: string,
  ) {}
}

/**
 * A project with a filter in the list of images.
 */
export interface ImageFilterProject {
  /** The label of the filter. */
  readonly text: string;
  /** The ID of the project. */
  readonly projectId: string;

  /**
   * The icon of Font Awesome.
   *
   * @default 'fa-check'
   */
  readonly icon?: string;
}

/**
 * Images, and how users create them. Uploads are configured with `imageUpload`.
 */
export interface ImageSettings {
  /**
   * Whether users can enter the location of an image (`IMAGES_ALLOW_LOCATION`). Glance must allow it,
   * and then reads URLs that users choose.
   *
   * @default false
   */
  readonly allowLocation?: boolean;

  /**
   * The titles of properties of images, by property (`IMAGE_CUSTOM_PROPERTY_TITLES`).
   *
   * @default - those of Horizon
   */
  readonly customPropertyTitles?: { [property: string]: string };

  /**
   * The visibility that is selected for a new image (`CREATE_IMAGE_DEFAULTS['image_visibility']`).
   *
   * @default ImageVisibility.PUBLIC
   */
  readonly defaultVisibility?: ImageVisibility;

  /**
   * Projects with a filter in the list of images (`IMAGES_LIST_FILTER_TENANTS`).
   *
   * @default - none
   */
  readonly filterProjects?: ImageFilterProject[];

  /**
   * The formats that users can select, as labels by format (`OPENSTACK_IMAGE_BACKEND['image_formats']`).
   * Formats that Glance does not support are not shown.
   *
   * @default - all formats of Horizon
   */
  readonly formats?: { [format: string]: string };
}

/** The settings of `ImageSettings` whose form differs from that of the prop. */
export const imageValues = {
  filterProjects: (projects: readonly ImageFilterProject[]): SettingValue =>
    SettingValue.listOf(
      ...projects.map(({ text, projectId, icon = 'fa-check' }) =>
        SettingValue.mapOf({
          text: SettingValue.fromString(text),
          tenant: SettingValue.fromString(projectId),
          icon: SettingValue.fromString(icon),
        }),
      ),
    ),

  formats: (formats: { [format: string]: string }): SettingValue => pairsOf(formats),
};

/** Pairs as Django's choices, in the order in which they are given. */
export function pairsOf(texts: { [key: string]: string }): SettingValue {
  return SettingValue.listOf(
    ...Object.entries(texts).map(([key, text]) =>
      SettingValue.tupleOf(SettingValue.fromString(key), SettingValue.fromString(text)),
    ),
  );
}
