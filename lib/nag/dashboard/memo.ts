import { Traced } from '../template/choices';
import { Facts } from './facts';

interface Known<T> {
  readonly value: T;
  readonly unknown: ReadonlySet<string>;
}

/**
 * Answers once for the facts of a validation, however many rules and resources ask: once for each
 * way through the conditions that the answer depends on.
 */
export function memo<T>(make: (facts: Facts) => T): (facts: Facts) => T {
  const before = new WeakMap<Facts, Traced<Known<T>>[]>();
  return (facts) => {
    const { choices } = facts.template;
    const known = before.get(facts) ?? [];
    before.set(facts, known);
    let found = known.find(({ steps }) => steps.every((isSame) => isSame()));
    if (!found) {
      found = choices.trace(() => facts.recording(() => make(facts)));
      known.push(found);
    }
    for (const place of found.value.unknown) {
      facts.unknown(place);
    }
    return found.value.value;
  };
}
