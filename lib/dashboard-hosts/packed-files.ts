import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** Files as a resource of the stack carries them. */
export interface PackedFiles {
  /** A hash of paths and contents. */
  readonly hash: string;
  /** The files, as JSON from path to base64, gzipped, in base64. */
  readonly files: string;
}

/** Packs files in base64, which are in the order of their paths. */
export function packFiles(files: { [path: string]: string }): PackedFiles {
  const packed = JSON.stringify(files);
  return {
    // Not over what is compressed: zlib's output differs between processors
    hash: createHash('sha256').update(packed).digest('hex').slice(0, 8),
    files: gzipSync(packed, { level: 9 }).toString('base64'),
  };
}
