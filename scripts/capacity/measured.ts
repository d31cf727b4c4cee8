import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { random, simulate } from './queues';

/** Seconds of pages of one user at a time, by milliseconds that each answer of an API takes longer. */
export type ServiceTimes = Record<string, number[]>;

/** What was measured on the preview. */
export interface Measured {
  readonly date: string;
  /** The machine. */
  readonly note: string;
  readonly page: string;
  /** Seconds of processor time of a page. */
  readonly processorSeconds: number;
  /** Bytes of a sealed session in memcached. */
  readonly sessionBytes: number;
  readonly serviceSeconds: ServiceTimes;
  /** Hosts under load. */
  readonly loads: readonly {
    readonly hosts: number;
    readonly workersPerHost: number;
    readonly users: number;
    readonly thinkSeconds: number;
    readonly latencyMilliseconds: number;
    /** Pages of one user at a time, before and after. */
    readonly serviceSeconds: readonly number[];
    readonly pagesPerSecond: number;
    readonly responseSeconds: number;
  }[];
}

/** By how much the simulation may differ from the preview. */
export const TOLERANCE = 0.25;

export function measured(): Measured {
  return JSON.parse(readFileSync(join(__dirname, 'measured.json'), 'utf8')) as Measured;
}

/** The loads of the preview, and the same in the simulation. */
export function compare({ loads }: Measured) {
  return loads.map((load) => {
    const uniform = random(2);
    const { serviceSeconds } = load;
    const service = (): number => serviceSeconds[Math.floor(uniform() * serviceSeconds.length)];
    const simulated = simulate({ ...load, service });
    return {
      hosts: load.hosts,
      users: load.users,
      measured: { pagesPerSecond: load.pagesPerSecond, responseSeconds: load.responseSeconds },
      simulated,
      difference: {
        pagesPerSecond: simulated.pagesPerSecond / load.pagesPerSecond - 1,
        responseSeconds: simulated.responseSeconds / load.responseSeconds - 1,
      },
    };
  });
}
