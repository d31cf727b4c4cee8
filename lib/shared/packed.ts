import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** A text as a resource of the stack carries it. */
export interface Packed {
  /** A hash of the text. */
  readonly hash: string;
  /** The text, gzipped, in base64. */
  readonly files: string;
}

export function pack(text: string): Packed {
  return {
    // Not over what is compressed: zlib's output differs between processors
    hash: createHash('sha256').update(text).digest('hex').slice(0, 8),
    files: gzipSync(text, { level: 9 }).toString('base64'),
  };
}

/** Packs files in base64, which are in the order of their paths, as JSON from path to base64. */
export function packFiles(files: { [path: string]: string }): Packed {
  return pack(JSON.stringify(files));
}
