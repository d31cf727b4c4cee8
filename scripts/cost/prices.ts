import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a price was found. */
export interface PriceSource {
  readonly title: string;
  readonly url: string;
  readonly date: string;
}

/** A price of AWS. */
export interface Price {
  readonly usd: number;
  /** The unit that AWS bills. */
  readonly per: string;
  readonly source?: string;
  /** No source was found. */
  readonly unverified?: boolean;
  /** What other sources have, or what to know. */
  readonly note?: string;
}

interface PriceFile {
  readonly region: string;
  readonly currency: string;
  /** When the sources were last compared. */
  readonly date: string;
  readonly sources: Readonly<Record<string, PriceSource>>;
  readonly prices: Readonly<Record<string, Price>>;
}

/** The list prices of a region: scripts/cost/prices.json, or another file of that form. */
export class Prices {
  public static fromFile(file = join(__dirname, 'prices.json')): Prices {
    return new Prices(JSON.parse(readFileSync(file, 'utf8')) as PriceFile, file);
  }

  constructor(
    public readonly data: PriceFile,
    private readonly file = 'prices.json',
  ) {}

  /**
   * The price with a key.
   *
   * @param resource what it is the price of, for the error if there is none
   */
  public of(key: string, resource: string): Price {
    if (!Object.hasOwn(this.data.prices, key)) {
      throw new Error(`${resource}: no price ${key} in ${this.file}; add it with its source`);
    }
    return this.data.prices[key];
  }
}
