import * as fs from 'node:fs';
import { Progress } from '../../../preview';

interface Measurement {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: number;
}

const measurements: Measurement[] = [];
export const results: { name: string; error?: string; skipped?: boolean }[] = [];

/** One promise that the test holds the stack to. */
export async function check(name: string, body: () => unknown): Promise<void> {
  try {
    await body();
    results.push({ name });
    process.stdout.write(`  ok      ${name}\n`);
  } catch (error) {
    results.push({ name, error: (error as Error).message });
    process.stdout.write(`  FAILED  ${name}\n          ${(error as Error).message}\n`);
  }
}

/** A promise that cannot be looked at here. */
export function skip(name: string, why: string): void {
  results.push({ name, skipped: true });
  process.stdout.write(`  skipped ${name}\n          ${why}\n`);
}

/** Promises by their names. */
export type Checks<Stage> = readonly (readonly [name: string, body: (stage: Stage) => unknown])[];

/**
 * Prepares a stage, as a promise of its own, and looks at each of the others on it that `only` names. They
 * are skipped where there is no stage. Gives the stage.
 */
export async function onStage<Stage>(
  [first, prepare]: readonly [name: string, prepare: () => Promise<Stage>],
  others: Checks<Stage>,
  only = '',
  before?: (stage: Stage, name: string) => unknown,
): Promise<Stage | undefined> {
  const stages: Stage[] = [];
  await check(first, async () => void stages.push(await prepare()));
  const wanted = new RegExp(only);
  for (const [name, body] of others.filter(([title]) => wanted.test(title))) {
    if (stages.length === 0) {
      skip(name, `not without: ${first}`);
      continue;
    }
    await check(name, async () => {
      await before?.(stages[0], name);
      await body(stages[0]);
    });
  }
  return stages[0];
}

export function must(condition: boolean, otherwise: string): void {
  if (!condition) {
    throw new Error(otherwise);
  }
}

/** A figure; with a goal, the most that it should be. */
export function measure(what: string, value: number, unit: string, goal?: number): void {
  measurements.push({ what, value: Math.round(value * 10) / 10, unit, goal });
}

export const progress: Progress = async (step, work) => {
  const start = Date.now();
  const result = await work();
  process.stdout.write(`          ${step}: ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  return result;
};

/** Prints figures and results, for people and as JSON; gives the status to exit with. */
export function report(file: string | undefined): number {
  process.stdout.write('\n| measured | value | goal | |\n|---|---:|---:|---|\n');
  for (const { what, value, unit, goal } of measurements) {
    const verdict = goal === undefined ? '' : value <= goal ? 'met' : 'MISSED';
    const wanted = goal === undefined ? '' : `${goal} ${unit}`;
    process.stdout.write(`| ${what} | ${value} ${unit} | ${wanted} | ${verdict} |\n`);
  }
  const json = JSON.stringify({ measurements, results }, undefined, 2);
  if (file !== undefined) {
    fs.writeFileSync(file, `${json}\n`);
  }
  process.stdout.write(`\n${JSON.stringify(measurements)}\n`);
  const failed = results.filter(({ error }) => error !== undefined).length;
  const skipped = results.filter((result) => result.skipped === true).length;
  const passed = results.length - failed - skipped;
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return failed === 0 ? 0 : 1;
}
