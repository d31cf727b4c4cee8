import { gunzipSync } from 'node:zlib';

// User data is limited to 16 KiB. A text that unpacks to more than this is not configuration.
const LARGEST = 1 << 20;
const LONGEST_HEAD = 4096;
const DEEPEST = 6;

/**
 * The texts that a host unpacks from a text: parts of MIME messages, files of cloud-config, and texts in
 * base64 or compressed. The text itself comes first, unless it is only a container for others.
 */
export function unpack(text: string, depth = 0): string[] {
  if (depth > DEEPEST) {
    return [text];
  }
  const decoded = decode(text);
  if (decoded !== undefined) {
    return unpack(decoded, depth + 1);
  }
  const parts = mimeParts(text);
  if (parts) {
    return parts.flatMap((part) => unpack(part, depth + 1));
  }
  return [text, ...cloudConfig(text), ...embedded(text)].flatMap((part, index) =>
    index === 0 ? [part] : unpack(part, depth + 1),
  );
}

/** Decodes base64, compressed or not; undefined if the text is neither. */
export function decode(text: string): string | undefined {
  // Most texts that are not base64 can be recognized quickly.
  if (!/^[A-Za-z0-9+/=\s]{8}/.test(text)) {
    return undefined;
  }
  const packed = text.replace(/\s+/g, '');
  if (packed.length < 8 || packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) {
    return undefined;
  }
  return readable(Buffer.from(packed, 'base64'));
}

function readable(bytes: Buffer): string | undefined {
  let plain = bytes;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      plain = gunzipSync(bytes, { maxOutputLength: LARGEST });
    } catch {
      return undefined;
    }
  }
  const text = plain.toString('utf8');
  // With a replacement or control character, the result is not a text, so this was not base64.
  // eslint-disable-next-line no-control-regex
  return /[\uFFFD\u0000-\u0008]/.test(text) ? undefined : text;
}

/** The bodies of a multipart message, decoded. */
function mimeParts(text: string): string[] | undefined {
  if (!/^\s*(content-type|mime-version|from|to|subject|number-attachments)\b/i.test(text)) {
    return undefined;
  }
  const [head, body] = headAndBody(text);
  const boundary = /^content-type:\s*multipart\/[^\n]*(?:\n[ \t][^\n]*)*?boundary="?([^"\n;]+)/im
    .exec(head)?.[1]
    .trim();
  if (!boundary) {
    return undefined;
  }
  return body
    .split(/\r?\n/)
    .reduce<string[][]>((parts, line) => {
      if (line.startsWith(`--${boundary}`)) {
        parts.push([]);
      } else {
        parts.at(-1)?.push(line);
      }
      return parts;
    }, [])
    .map((lines) => {
      const [header, content] = headAndBody(lines.join('\n'));
      // A nested multipart message has its own header.
      if (/^content-type:\s*multipart\//im.test(header)) {
        return lines.join('\n');
      }
      const packed = /^content-transfer-encoding:\s*base64/im.test(header);
      return (packed && decode(content)) || content;
    });
}

function headAndBody(text: string): [string, string] {
  const trimmed = text.replace(/^\s+/, '');
  const end = /\r?\n\r?\n/.exec(trimmed);
  if (!end) {
    return [trimmed.slice(0, LONGEST_HEAD), ''];
  }
  const head = trimmed.slice(0, Math.min(end.index, LONGEST_HEAD));
  return [head, trimmed.slice(end.index + end[0].length)];
}

/** The parts of a cloud-config in another form: JSON, strings with escapes, encoded contents. */
function cloudConfig(text: string): string[] {
  const json = text
    .trim()
    .replace(/^#cloud-config[^\n]*\n/, '')
    .trimStart();
  if (
    /^[{[]/.test(json) &&
    (text.includes('#cloud-config') || /"(write_files|packages|runcmd)"/.test(json))
  ) {
    try {
      return [linesOf(JSON.parse(json)).join('\n')];
    } catch {
      return [];
    }
  }
  if (!/^[ \t]*(-[ \t]+)?["']?content["']?:/m.test(text)) {
    return [];
  }
  const found: string[] = [];
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const match = /^(\s*)(-\s+)?["']?content["']?:\s*(!!binary\s*)?(.*)$/.exec(lines[i]);
    if (!match) {
      continue;
    }
    const [, blanks, dash = '', , rest] = match;
    const indent = blanks.length + dash.length;
    if (/^[|>]/.test(rest)) {
      const block: string[] = [];
      while (
        i + 1 < lines.length &&
        (lines[i + 1].trim() === '' || indentOf(lines[i + 1]) > indent)
      ) {
        block.push(lines[++i].trim());
      }
      // A plain block is read in place.
      const decoded = decode(block.join('\n'));
      if (decoded !== undefined) {
        found.push(decoded);
      }
    } else {
      const string = quoted(rest.trim());
      if (string !== undefined) {
        found.push(decode(string) ?? string);
      } else if (decode(rest) !== undefined) {
        found.push(decode(rest)!);
      }
    }
  }
  return found;
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Decodes the escapes in a quoted YAML string. */
function quoted(text: string): string | undefined {
  if (text.startsWith('"')) {
    try {
      return JSON.parse(/^"(?:[^"\\]|\\.)*"/.exec(text)?.[0] ?? '') as string;
    } catch {
      return undefined;
    }
  }
  return /^'((?:[^']|'')*)'/.exec(text)?.[1].replace(/''/g, "'");
}

/** Strings that a script decodes at run time. */
function embedded(text: string): string[] {
  if (!/\bbase64\b/.test(text)) {
    return [];
  }
  return [...text.matchAll(/(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{24,}={0,2}(?![A-Za-z0-9+/=])/g)]
    .map(([packed]) => decode(packed))
    .filter((part) => part !== undefined);
}

/**
 * The strings in a structure, one per line. A list of plain strings below a command is one line. Lists
 * of packages and contents of files look as in a cloud-config.
 */
export function linesOf(value: unknown, depth = 0): string[] {
  if (depth > 40 || value === null || value === undefined) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item) =>
      Array.isArray(item) && item.every((part) => typeof part === 'string')
        ? [item.join(' ')]
        : linesOf(item, depth + 1),
    );
  }
  if (typeof value !== 'object') {
    return [String(value)];
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'packages' && Array.isArray(inner)) {
      return inner.map((item) => `- ${Array.isArray(item) ? item[0] : item}`);
    }
    if (key === 'content' && typeof inner === 'string') {
      return [decode(inner) ?? inner];
    }
    return linesOf(inner, depth + 1);
  });
}
