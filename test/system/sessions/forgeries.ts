import { randomBytes, randomInt } from 'node:crypto';

/** What a value that the dashboard unpickles would run, and how that is noticed. */
export const CANARY = 'SESSION-CANARY-WAS-RUN';
const COMMAND = `echo ${CANARY} >&2; touch /tmp/${CANARY} /dev/shm/${CANARY}; exit 0`;

/** Pickles that run a command when they are opened, by several protocols. */
export const PICKLES: Buffer[] = [
  Buffer.from(`cos\nsystem\n(S'${COMMAND}'\ntR.`),
  Buffer.concat([
    Buffer.from([0x80, 0x02]),
    Buffer.from(`cposix\nsystem\nX`),
    length(COMMAND),
    Buffer.from(COMMAND),
    Buffer.from([0x85, 0x52, 0x2e]),
  ]),
  Buffer.concat([
    Buffer.from([0x80, 0x05, 0x8c, 5]),
    Buffer.from('posix'),
    Buffer.from([0x8c, 6]),
    Buffer.from('system'),
    Buffer.from([0x93, 0x58]),
    length(COMMAND),
    Buffer.from(COMMAND),
    Buffer.from([0x85, 0x52, 0x2e]),
  ]),
];

function length(text: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(text.length);
  return bytes;
}

/** The flags of pymemcache and Django: bytes, pickle, number, long, compressed, text, and others. */
const FLAGS = [0, 1, 2, 4, 8, 16, 32, 255, 65535, 4294967295];

export interface Forgery {
  readonly flags: number;
  readonly value: Buffer;
}

/** The n-th forgery of a value: mutated, cut, grown, moved from elsewhere, or made up. */
export function forge(n: number, real: Buffer, foreign: Buffer): Forgery {
  const flags = FLAGS[Math.floor(n / 10) % FLAGS.length];
  const pickle = PICKLES[n % PICKLES.length];
  const copy = Buffer.from(real);
  const at = randomInt(copy.length);
  switch (n % 10) {
    case 0:
      return { flags, value: pickle };
    case 1:
      // One bit, anywhere: header, salt, nonce, text or tag.
      copy[at] ^= 1 << randomInt(8);
      return { flags, value: copy };
    case 2:
      return { flags, value: copy.subarray(0, at) };
    case 3:
      return { flags, value: Buffer.concat([copy, randomBytes(1 + randomInt(64))]) };
    case 4:
      return { flags, value: foreign };
    case 5:
      return { flags, value: randomBytes(randomInt(n % 100 === 5 ? 1000000 : 4096)) };
    case 6:
      // A pickle behind a real header.
      return { flags, value: Buffer.concat([copy.subarray(0, 29), pickle]) };
    case 7:
      copy[0] = randomInt(256);
      return { flags, value: copy[0] === real[0] ? Buffer.alloc(0) : copy };
    case 8:
      randomBytes(Math.min(16, copy.length - at)).copy(copy, at);
      return { flags, value: Buffer.concat([copy, pickle]) };
    default:
      return {
        flags,
        value: Buffer.from(['', '\0', '1', '-1e999', 'VALUE x 0 1\r\nx\r\nEND\r\n', '{}'][n % 6]),
      };
  }
}
