import { PerWay } from '../template/choices';
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
  const before = new WeakMap<Facts, PerWay<Known<T>>>();
  return (facts) => {
    let answer = before.get(facts);
    if (!answer) {
      answer = new PerWay(facts.template.choices, () => facts.recording(() => make(facts)));
      before.set(facts, answer);
    }
    const { value, unknown } = answer.value;
    for (const place of unknown) {
      facts.unknown(place);
    }
    return value;
  };
}
