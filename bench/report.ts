/** A goal of a bench, and what was measured. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly goal: string;
  readonly holds: boolean;
}

/** Prints a table for people, and with `--json` the goals as the last line. */
export function report(table: { [column: string]: string | number }[], goals: Goal[]): void {
  console.table(table);
  if (goals.length > 0) {
    console.table(goals);
  }
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ goals }));
  }
}

/** The median of some numbers. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A number with few digits. */
export function round(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}
