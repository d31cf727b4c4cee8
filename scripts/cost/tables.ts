import { CostLine, Estimate } from './estimate';
import { Price } from './prices';

/** A table: cells as text, the first row is the header. Numbers are in the columns from `numbers` on. */
export interface Table {
  readonly rows: readonly (readonly string[])[];
  readonly numbers: number;
}

/** An amount in dollars. */
export const dollars = (amount: number): string =>
  `${amount < 0 && amount <= -0.005 ? '-' : ''}$${Math.abs(amount).toFixed(2)}`;

const change = (amount: number): string =>
  Math.abs(amount) < 0.005 ? '$0.00' : amount > 0 ? `+${dollars(amount)}` : dollars(amount);

/** A number as people read it: three digits that matter, and groups of thousands. */
export function digits(value: number): string {
  const rounded = value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

function units(quantity: number, unit: string): string {
  if (unit === 'month') {
    return digits(quantity);
  }
  const [, amount, rest] = /^([\d,]+|million) (.*)$/.exec(unit) ?? [];
  if (amount !== undefined) {
    const factor = amount === 'million' ? 1e6 : Number(amount.replaceAll(',', ''));
    return `${digits(quantity * factor)} ${rest}`;
  }
  return `${digits(quantity)} ${unit.replace(/-hour$/, '-hours').replace(/-month$/, '')}`;
}

const quantityOf = ({ count, quantity, price }: CostLine): string =>
  count === undefined ? units(quantity, price.per) : digits(count);

/** The price of a unit, with a mark if no source was found. */
export const unitPrice = ({ usd, per, unverified }: Price): string =>
  `$${usd.toFixed(Math.max(2, String(usd).split('.')[1]?.length ?? 0))} per ${per}${unverified ? ' (unverified)' : ''}`;

/** A row per resource, or group of equal resources, and the total. */
export function estimateTable({ lines, total }: Estimate): Table {
  return {
    numbers: 1,
    rows: [
      ['Resource', 'Quantity', 'Price', 'Per month'],
      ...lines.map((line) => [
        line.what,
        quantityOf(line),
        unitPrice(line.price),
        dollars(line.monthly),
      ]),
      ['Total', '', '', dollars(total)],
    ],
  };
}

/** A choice, and the difference between two estimates. */
export interface Difference {
  readonly group: string;
  readonly title: string;
  readonly difference: number;
}

export function choicesTable(differences: readonly Difference[]): Table {
  return {
    numbers: 2,
    rows: [
      ['', 'Choice', 'Per month'],
      ...differences.map(({ group, title, difference }, index) => [
        differences[index - 1]?.group === group ? '' : group,
        title,
        change(difference),
      ]),
    ],
  };
}

export function markdown({ rows, numbers }: Table): string {
  const [header, ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const total = (cells: readonly string[]) =>
    cells[0] === 'Total' ? cells.map((cell) => cell && `**${cell}**`) : cells;
  return [
    '<!-- prettier-ignore -->',
    line(header),
    line(header.map((_, column) => (column < numbers ? '---' : '--:'))),
    ...body.map(total).map(line),
  ].join('\n');
}

/** For a terminal. */
export function plain({ rows, numbers }: Table): string {
  const texts = rows.map((cells) => cells.map((cell) => cell.replaceAll('`', '')));
  const widths = texts[0].map((_, column) =>
    Math.max(...texts.map((cells) => cells[column].length)),
  );
  return texts
    .map((cells) =>
      cells
        .map((cell, column) =>
          column < numbers ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
