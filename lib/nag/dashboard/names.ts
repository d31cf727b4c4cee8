import { flatten, isAbsent } from '../template/text';

/** A domain name for comparisons: in lower case, without the final dot, with holes by their content. */
export function nameOf(value: unknown): string | undefined {
  if (isAbsent(value)) {
    return undefined;
  }
  const { text, holes } = flatten(value);
  const name = text
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/\uE000(\d+)\uE001/g, (_hole, n) => `\uE000${JSON.stringify(holes[Number(n)])}\uE001`);
  return name === '' ? undefined : name;
}

/** The target of an alias, without the prefix `dualstack.` that the AWS CDK adds for load balancers. */
export function lastHole(value: unknown): unknown {
  const { text, holes } = flatten(value);
  return /^(dualstack\.)?\uE0000\uE001\.?$/.test(text) ? holes[0] : value;
}

/** Whether a name matches a load balancer's pattern, where `*` is any text and `?` one character. */
export function matchesHost(name: string, pattern: string): boolean {
  const parts = pattern
    .toLowerCase()
    .split(/(\*+|\?)/)
    .map((part) =>
      part.startsWith('*') ? '.*' : part === '?' ? '.' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&'),
    );
  return new RegExp(`^${parts.join('')}$`).test(name);
}

/** Whether a text contains a domain name, but not as a part of a longer one. */
export function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text.slice(at + name.length, at + name.length + 2);
    if (!/[a-z0-9.-]/.test(before) && !/^(-|[a-z0-9]|\.[a-z0-9])/.test(after)) {
      return true;
    }
  }
  return false;
}
