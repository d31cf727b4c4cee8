import { PerWay } from '../template/choices';
import { Facts } from './facts';

interface Known<T> {
  readonly value: T;
  readonly unknown: ReadonlySet<string>;
}

/**
 * Computes a result once per validation, or once per condition path if it depends on conditions, even if
 * many rules and resources use it.
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
