/** One way through the conditions of a template, and what was seen on it. */
export interface Way<T> {
  readonly value: T;
  /** What was assumed, by the name that people gave it: `Production` is `false`. */
  readonly assumed: ReadonlyMap<string, string>;
}

interface Run {
  readonly forced: ReadonlyMap<string, string>;
  // Most questions meet no choice: made when they do.
  taken?: Map<string, { readonly option: string; readonly options: readonly string[] }>;
  assumed?: Map<string, string>;
}

/** Something that was asked of choices, to be asked again: whether the answer is the same. */
type Step = () => boolean;

/** An answer, and what it was made from. */
interface Traced<T> {
  readonly value: T;
  readonly steps: readonly Step[];
}

const NOTHING: ReadonlyMap<string, string> = new Map();

// Five conditions that have nothing to do with each other; of more, each is tried at least alone.
const MOST_WAYS = 32;

/**
 * What `Fn::If` and its like choose from. Outside `explore` nothing is chosen, and such values stay
 * unknown.
 */
export class Choices {
  private run?: Run;
  private steps?: Step[];

  /** One of several options: the same for a key throughout one way. Undefined if nobody explores. */
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

  /** Whether an option was chosen on this way. */
  public chosen(key: string): string | undefined {
    const option = this.run?.taken?.get(key)?.option;
    this.steps?.push(() => this.chosen(key) === option);
    return option;
  }

  /** Says what a choice is called. */
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

  /** Asks, and keeps what the answer was made from. */
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

  /** Asks once for each way through the choices that are met on it. */
  public explore<T>(ask: () => T): Way<T>[] {
    const outer = this.run;
    const outerSteps = this.steps;
    // Its ways are its own: what is chosen on them is no choice of who asks.
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

/** An answer that is made once for each way through the choices that it depends on. */
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
 * On which ways something holds, in words: empty for all of them, else `where Production is false`.
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
