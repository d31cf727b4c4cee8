import { readFileSync } from 'node:fs';
import { join } from 'node:path';

let tops: Map<string, ReadonlySet<string>> | undefined;

/** The suffixes below each top level, such as `co` below `uk`. They are read once, on first use. */
function below(top: string): ReadonlySet<string> | undefined {
  if (!tops) {
    tops = new Map();
    const text = readFileSync(join(__dirname, 'files', 'public-suffixes.txt'), 'utf8');
    for (const line of text.split('\n')) {
      if (line.startsWith('#')) {
        continue;
      }
      const [name, ...rest] = line.split(' ');
      tops.set(name, new Set(rest));
    }
  }
  return tops.get(top);
}

/** The number of labels in a name's public suffix. */
function suffixLength(labels: readonly string[]): number {
  const rules = below(labels[labels.length - 1]);
  if (!rules) {
    return 1;
  }
  // The list has only a few levels below the top.
  for (let count = Math.min(labels.length, 6); count >= 2; count--) {
    const rest = labels.slice(-count, -1);
    if (rules.has(`!${rest.join('.')}`)) {
      return count - 1;
    }
    if (rules.has(rest.join('.'))) {
      return count;
    }
    if (rules.has(['*', ...rest.slice(1)].join('.'))) {
      return count;
    }
  }
  return 1;
}

/**
 * The registered domain of a fully qualified name: `example.co.uk` for `dashboard.example.co.uk`.
 * Undefined for a public suffix.
 */
export function registeredDomain(name: string): string | undefined {
  const labels = name.trim().toLowerCase().replace(/\.$/, '').split('.');
  const length = suffixLength(labels) + 1;
  return labels.length < length ? undefined : labels.slice(-length).join('.');
}

/** Whether a name is itself a registered domain. */
export function isOwnDomain(name: string): boolean {
  return registeredDomain(name) === name.trim().toLowerCase().replace(/\.$/, '');
}
