/** A condition path of a template, and the result on it. */
export interface Way<T> {
  readonly value: T;
  /** The assumed values, by name, such as `Production` is `false`. */
  readonly assumed: ReadonlyMap<string, string>;
}

interface Run {
  readonly forced: ReadonlyMap<string, string>;
  // Created on demand, since most evaluations meet no choice.
  taken?: Map<string, { readonly option: string; readonly options: readonly string[] }>;
  assumed?: Map<string, string>;
}

/** A step of an evaluation that can be repeated, to check whether its result is the same. */
type Step = () => boolean;

/** A result, and the steps that led to it. */
interface Traced<T> {
  readonly value: T;
  readonly steps: readonly Step[];
}

const NOTHING: ReadonlyMap<string, string> = new Map();

// All combinations of five independent conditions. With more conditions, each is at least tried alone.
const MOST_WAYS = 32;

/**
 * The options of `Fn::If` and similar functions. Outside `explore`, nothing is chosen and such values
 * stay unknown.
 */
export class Choices {
  private run?: Run;
  private steps?: Step[];

  /** One of several options: the same for a key on the whole path. Undefined outside `explore`. */
  public choose(key: string, options: readonly string[]): string | undefined {
    const option = this.take(key, options);
    this.steps?.push(() => this.choose(key, options) === option);
    return option;
  }

  private take(key: string, options: readonly string[]): string | undefined {
    if (!this.run || options.length === 0) {
      return undefined;
    }
    const { run } = this;
    const before = run.taken?.get(key);
    if (before) {
      return before.option;
    }
    const option = run.forced.get(key) ?? options[0];
    run.taken ??= new Map();
    run.taken.set(key, { option, options });
    return option;
  }

  /** Whether an option was chosen on this path. */
  public chosen(key: string): string | undefined {
    const option = this.run?.taken?.get(key)?.option;
    this.steps?.push(() => this.chosen(key) === option);
    return option;
  }

  /** Sets the name of a choice. */
  public assume(name: string, value: string): void {
    this.steps?.push(() => {
      this.assume(name, value);
      return true;
    });
    if (!this.run) {
      return;
    }
    this.run.assumed ??= new Map();
    this.run.assumed.set(name, value);
  }

  /** Evaluates, and records the steps that led to the result. */
  public trace<T>(ask: () => T): Traced<T> {
    const outer = this.steps;
    const steps: Step[] = [];
    this.steps = steps;
    try {
      return { value: ask(), steps };
    } finally {
      this.steps = outer;
      if (outer) {
        for (const step of steps) {
          outer.push(step);
        }
      }
    }
  }

  /** Evaluates once per path through the choices that the evaluation meets. */
  public explore<T>(ask: () => T): Way<T>[] {
    const outer = this.run;
    const outerSteps = this.steps;
    // Its paths are separate: their choices are not choices of the caller.
    this.steps = undefined;
    const ways: Way<T>[] = [];
    const ahead: ReadonlyMap<string, string>[] = [NOTHING];
    try {
      for (let next = 0; next < ahead.length; next++) {
        const forced = ahead[next];
        const run: Run = { forced };
        this.run = run;
        const value = ask();
        ways.push({ value, assumed: run.assumed ?? NOTHING });
        const prefix = new Map<string, string>();
        for (const [key, { option, options }] of run.taken ?? []) {
          for (const other of forced.has(key) ? [] : options) {
            if (other === option) {
              continue;
            }
            if (ahead.length < MOST_WAYS) {
              ahead.push(new Map([...prefix, [key, other]]));
            }
          }
          prefix.set(key, option);
        }
      }
    } finally {
      this.run = outer;
      this.steps = outerSteps;
    }
    return ways;
  }
}

/** A result that is computed once per path through the choices that it depends on. */
export class PerWay<T> {
  private readonly known: Traced<T>[] = [];

  constructor(
    private readonly choices: Choices,
    private readonly make: () => T,
  ) {}

  public get value(): T {
    let found = this.known.find(({ steps }) => steps.every((isSame) => isSame()));
    if (!found) {
      found = this.choices.trace(this.make);
      this.known.push(found);
    }
    return found.value;
  }
}

/**
 * The paths on which something holds, in words: empty for all of them, or `where Production is false`.
 */
export function whereOf<T>(ways: readonly Way<T>[], holds: (way: Way<T>) => boolean): string {
  const on = ways.filter(holds);
  if (on.length === ways.length) {
    return '';
  }
  const pairs = new Map<string, [string, string]>();
  for (const { assumed } of on) {
    for (const [name, value] of assumed) {
      pairs.set(`${name} ${value}`, [name, value]);
    }
  }
  const enough = [...pairs.values()].filter(([name, value]) =>
    ways.every((way) => way.assumed.get(name) !== value || holds(way)),
  );
  if (on.every(({ assumed }) => enough.some(([name, value]) => assumed.get(name) === value))) {
    return `where ${enough.map(([name, value]) => `${name} is ${value}`).join(' or ')}`;
  }
  const always = [...pairs.values()].filter(
    ([name, value]) =>
      on.every(({ assumed }) => assumed.get(name) === value) &&
      ways.some(({ assumed }) => assumed.get(name) !== value),
  );
  return always.length > 0
    ? `where ${always.map(([name, value]) => `${name} is ${value}`).join(' and ')}`
    : `for some values of ${[...new Set([...pairs.values()].map(([name]) => name))].join(', ')}`;
}
