import { Size } from 'aws-cdk-lib';

/**
 * Volumes.
 */
export interface VolumeSettings {
  /**
   * Whether backups of volumes are shown (`OPENSTACK_CINDER_FEATURES['enable_backup']`).
   *
   * @default false
   */
  readonly enableBackup?: boolean;
}

/**
 * Containers and objects of Swift. Downloads are limited with `downloads`.
 */
export interface ObjectStoreSettings {
  /**
   * The displayed names of storage policies, by policy (`SWIFT_STORAGE_POLICY_DISPLAY_NAMES`).
   *
   * @default - the policies' own names
   */
  readonly storagePolicyNames?: { [policy: string]: string };

  /**
   * The size of the parts in which objects are downloaded, from 4 KiB to 8 MiB in whole bytes
   * (`SWIFT_FILE_TRANSFER_CHUNK_SIZE`).
   *
   * @default Size.kibibytes(512)
   */
  readonly transferChunkSize?: Size;
}
