import { readFileSync } from 'node:fs';
import { join } from 'node:path';

let tops: Map<string, ReadonlySet<string>> | undefined;

/** The suffixes below a top level: `co` of `uk`, `*.compute` of `…`. Read once, when first asked. */
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

/** How many labels of a name are its public suffix. */
function suffixLength(labels: readonly string[]): number {
  const rules = below(labels[labels.length - 1]);
  if (!rules) {
    return 1;
  }
  // A few labels below the top are all that the list has.
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
 * The domain that somebody registered, which a fully qualified name is or stands below: of
 * `dashboard.example.co.uk` it is `example.co.uk`. Undefined for a public suffix itself.
 */
export function registeredDomain(name: string): string | undefined {
  const labels = name.trim().toLowerCase().replace(/\.$/, '').split('.');
  const length = suffixLength(labels) + 1;
  return labels.length < length ? undefined : labels.slice(-length).join('.');
}

/** Whether a name is a registered domain itself, at the second level. */
export function isOwnDomain(name: string): boolean {
  return registeredDomain(name) === name.trim().toLowerCase().replace(/\.$/, '');
}
