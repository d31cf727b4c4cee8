import { estimate, Estimate } from './estimate';
import { Prices } from './prices';
import { CHOICES, Size, SIZES } from './stacks';
import { Difference } from './tables';
import { CostTemplate } from './template';
import { USAGE, Usage } from './usage';

/** What each size costs, and what each choice changes. */
export interface CostReport {
  readonly sizes: readonly (Size & { readonly estimate: Estimate })[];
  readonly choices: readonly Difference[];
  /** Keys of all prices in it. */
  readonly prices: ReadonlySet<string>;
}

/** Synthesizes all sizes and choices, and estimates them. */
export function costReport(prices: Prices): CostReport {
  const keys = new Set<string>();
  const cost = (template: CostTemplate, usage: Usage): Estimate => {
    const result = estimate(template, usage, prices);
    result.lines.forEach(({ key }) => keys.add(key));
    return result;
  };
  const usage = USAGE.default;
  const sizes = SIZES.map((size) => ({ ...size, estimate: cost(size.template(), size.usage) }));
  const base = sizes.find(({ usage: of }) => of === usage)!.estimate.total;
  const choices = CHOICES.map(({ group, title, template, from }) => {
    const before = from === undefined ? base : cost(from(), usage).total;
    return { group, title, difference: cost(template(), usage).total - before };
  });
  return { sizes, choices, prices: keys };
}
