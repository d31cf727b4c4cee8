import type { HostState, Image, Preview } from '../../../preview';
import type { Way } from '../harness/visitors';
import type { Crawl, Reader } from './crawler';
import type { Tab } from './tab';

/** What checks find, one after the other. */
export interface Stage {
  readonly preview: Preview;
  readonly way: Way;
  /** Where the dashboard is reached. */
  readonly address: string;
  /** A folder for templates. */
  readonly out: string;
  readonly readers: Reader[];
  readonly crawl: Crawl;
  readonly tab: Tab;
  /** Whatever was not as it must be, of both. */
  readonly failures: string[];
  /** How many of these a check has failed for. */
  judged: number;
  /** Of point releases, by their number. */
  readonly images: Readonly<Record<string, Image>>;
  /** How many releases are in service in the course of the checks, without `--then`. */
  readonly releases: number;
  /** How many page loads it takes at least. */
  readonly pages: number;
  /** The release in service. */
  version: string;
  /** Hosts that came beside the group's first ones. */
  late: HostState[];
}
