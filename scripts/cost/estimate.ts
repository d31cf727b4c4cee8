import { Price, Prices } from './prices';
import { FREE, PRICED } from './pricing';
import { CostResource, CostTemplate } from './template';
import { HOURS, Usage } from './usage';

/** A row of an estimate: equal resources, or what is billed by use. */
export interface CostLine {
  readonly what: string;
  /** In the unit of the price. */
  readonly quantity: number;
  /** How many there are, if the price is per hour. */
  readonly count?: number;
  readonly key: string;
  readonly price: Price;
  readonly monthly: number;
  /** Logical IDs. */
  readonly resources: readonly string[];
}

/** What a template costs per month. */
export interface Estimate {
  readonly lines: readonly CostLine[];
  readonly total: number;
  /** Types of resources that cost nothing themselves, and how many there are. */
  readonly free: Readonly<Record<string, number>>;
}

/** Collects rows while the pricing functions go over the resources. */
export class CostSheet {
  private readonly rows = new Map<string, CostLine>();

  constructor(
    public readonly template: CostTemplate,
    public readonly usage: Usage,
    private readonly prices: Prices,
  ) {}

  /** Something that runs all month. */
  public running(what: string, key: string, count: number, resource: CostResource): void {
    this.add(what, key, count * HOURS, resource, count);
  }

  /** Something that is billed in another unit: a number of these units. */
  public metered(what: string, key: string, quantity: number, resource: CostResource): void {
    this.add(what, key, quantity, resource);
  }

  /** A number in the properties of a resource. */
  public number(value: unknown, name: string, { id, type }: CostResource): number {
    const known = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
    if (!known || !Number.isFinite(Number(value))) {
      throw new Error(
        `${id} (${type}): ${name} is not in the template; give the parameter with --parameter Name=value`,
      );
    }
    return Number(value);
  }

  /** A text in the properties of a resource. */
  public text(value: unknown, name: string, { id, type }: CostResource): string {
    if (typeof value !== 'string') {
      throw new Error(
        `${id} (${type}): ${name} is not in the template; give the parameter with --parameter Name=value`,
      );
    }
    return value;
  }

  public get lines(): CostLine[] {
    return [...this.rows.values()].filter(({ quantity }) => quantity > 0);
  }

  private add(
    what: string,
    key: string,
    quantity: number,
    { id, type }: CostResource,
    count?: number,
  ): void {
    const price = this.prices.of(key, `${id} (${type})`);
    if ((count === undefined) === (price.per === 'hour')) {
      throw new Error(`price ${key} is per ${price.per}, which does not fit ${what}`);
    }
    const name = `${what}\n${key}`;
    const before = this.rows.get(name);
    const sum = quantity + (before?.quantity ?? 0);
    this.rows.set(name, {
      what,
      key,
      price,
      quantity: sum,
      count: count === undefined ? undefined : count + (before?.count ?? 0),
      monthly: sum * price.usd,
      resources: [...(before?.resources ?? []), id],
    });
  }
}

/** Estimates a template. A type of resource that is neither priced nor known to be free is an error. */
export function estimate(template: CostTemplate, usage: Usage, prices: Prices): Estimate {
  const sheet = new CostSheet(template, usage, prices);
  const free: Record<string, number> = {};
  for (const resource of template.resources) {
    const { id, type } = resource;
    if (Object.hasOwn(PRICED, type)) {
      PRICED[type](resource, sheet);
    } else if (Object.hasOwn(FREE, type)) {
      free[type] = (free[type] ?? 0) + 1;
    } else {
      throw new Error(
        `${id}: ${type} has no price and is not known to be free; add it to PRICED or FREE in scripts/cost/pricing.ts`,
      );
    }
  }
  const lines = sheet.lines.sort((a, b) => b.monthly - a.monthly);
  return { lines, total: lines.reduce((sum, { monthly }) => sum + monthly, 0), free };
}
