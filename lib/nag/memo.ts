import { Facts } from './facts';

/** Answers once for the facts of a validation, however many rules and resources ask. */
export function memo<T>(make: (facts: Facts) => T): (facts: Facts) => T {
  const known = new WeakMap<Facts, { value: T }>();
  return (facts) => {
    let found = known.get(facts);
    if (!found) {
      found = { value: make(facts) };
      known.set(facts, found);
    }
    return found.value;
  };
}
