// What is in the buckets of S3: objects and their versions.
import { randomBytes } from 'node:crypto';
import type { BucketPlan } from '../../stack/plan';

export interface Version {
  readonly id: string;
  readonly etag: string;
  readonly size: number;
  readonly modified: Date;
  readonly type: string;
  /** Undefined for a delete marker. */
  readonly file?: string;
}

export interface Bucket {
  readonly plan: BucketPlan;
  /** The versions of each object, the newest first. */
  readonly objects: Map<string, Version[]>;
}

/** An object of a bucket. */
export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly versions: number;
}

export function versionId(): string {
  return randomBytes(24).toString('base64url');
}

export function current(bucket: Bucket, key: string): Version | undefined {
  return bucket.objects.get(key)?.[0];
}

/** In the order of their UTF-8 bytes, as S3 lists them. */
export function keysOf(objects: Map<string, Version[]>): string[] {
  return [...objects]
    .filter(([, versions]) => versions[0]?.file !== undefined)
    .map(([key]) => key)
    .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}
