/**
 * Draws the dashboard in CloudWatch of the ready app, as docs/images/overview.svg. The widgets and what
 * they show are those of the template. The curves are examples.
 */
import { defaultStack, resourcesOf } from './docs-stack';

const CELL = 50;
const COLORS = ['#0972d3', '#d13212', '#037f0c', '#8a6d00', '#7b2cbf', '#5f6b7a'];

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly (readonly unknown[])[];
    readonly yAxis?: { readonly left?: { readonly label?: string } };
  };
}

/** The widgets. Values that are not known at synth time are empty, except the IDs of resources. */
function widgets(): Widget[] {
  const resources = Object.values(resourcesOf(defaultStack()));
  const { DashboardBody: body } = resources.find(
    ({ Type }) => Type === 'AWS::CloudWatch::Dashboard',
  )!.Properties as { DashboardBody: { 'Fn::Join': [string, unknown[]] } };
  const text = body['Fn::Join'][1].map((part) =>
    typeof part === 'string' ? part : nameOf(part as Record<string, unknown>),
  );
  return (JSON.parse(text.join('')) as { widgets: Widget[] }).widgets;
}

function nameOf(reference: Record<string, unknown>): string {
  const [[kind, target]] = Object.entries(reference);
  switch (kind) {
    case 'Ref':
      return target === 'DomainName' ? 'dashboard.example.org' : String(target);
    case 'Fn::GetAtt':
      return String((target as string[])[0]);
    default:
      return '';
  }
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function textAt(x: number, y: number, text: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escape(text)}</text>`;
}

/** The name of an alarm's construct in its logical id. */
function alarmName(id: string): string {
  return id.replace(/^.*Alarms/, '').replace(/[0-9A-F]{8}$/, '');
}

function drawAlarms({ properties, x, y, width }: Widget): string[] {
  const columns = 6;
  const wide = (width * CELL - 30) / columns;
  return (properties.alarms ?? []).map((id, index) => {
    const left = x * CELL + 15 + (index % columns) * wide;
    const top = y * CELL + 38 + Math.floor(index / columns) * 46;
    return [
      `<rect x="${left}" y="${top}" width="${wide - 8}" height="38" rx="4" fill="#e9f7e9" stroke="#037f0c"/>`,
      textAt(left + 10, top + 23, alarmName(id), 'font-size="12"'),
    ].join('\n');
  });
}

/** The level of a curve at a time, both from 0 to 1, where every wave is only an example. */
type Shape = (time: number, wave: number) => number;

/** What the values of a healthy dashboard look like, by the labels of curves. */
const SHAPES: readonly (readonly [RegExp, Shape])[] = [
  [/^maximum$/, () => 0.9],
  [/^minimum$/, () => 0.45],
  [/^healthy$/, () => 0.9],
  [/^in service$/, (time) => (time > 0.4 && time < 0.7 ? 0.68 : 0.45)],
  [/^(unhealthy|evicted|gateway \d+)$/, () => 0.01],
  [/^days to expiry$/, (time) => (time < 0.6 ? 0.5 - time / 3 : 1 - (time - 0.6) / 3)],
  [/p99$|^busiest$/, (_time, wave) => 0.65 + wave],
  [/p50$|^average$/, (_time, wave) => 0.3 + wave / 2],
];
const SMALL: Shape = (_time, wave) => Math.max(0.01, wave / 3);

function shapeOf(title: string, label: string, seed: number): Shape {
  const level = 0.25 + 0.5 * (((seed * 37) % 100) / 100);
  return (
    SHAPES.find(([pattern]) => pattern.test(label))?.[1] ??
    (title === 'Errors' ? SMALL : (_time, wave) => level + wave)
  );
}

/** An example of a curve, which is the same each time. */
function curve(seed: number, label: string, { x, y, width, height, properties }: Widget): string {
  const points = 36;
  const plot = {
    left: x * CELL + 45,
    top: y * CELL + 40,
    wide: width * CELL - 65,
    high: height * CELL - 110,
  };
  const shape = shapeOf(properties.title, label, seed);
  return Array.from({ length: points + 1 }, (_, point) => {
    const wave = 0.12 * Math.sin(point / 3 + seed) + 0.05 * Math.sin(point * 1.7 + seed * 5);
    const level = shape(point / points, wave);
    const left = plot.left + (plot.wide * point) / points;
    const top = plot.top + plot.high * (1 - Math.min(1, Math.max(0, level)));
    return `${left.toFixed(1)},${top.toFixed(1)}`;
  }).join(' ');
}

function drawGraph(widget: Widget): string[] {
  const { properties, x, y, width, height } = widget;
  const left = x * CELL;
  const top = y * CELL;
  const bottom = top + height * CELL - 70;
  const curves = (properties.metrics ?? []).map((metric) => {
    const options = metric.at(-1);
    return typeof options === 'object' ? (options as { label?: string; color?: string }) : {};
  });
  return [
    `<path d="M${left + 45} ${top + 40}V${bottom}H${left + width * CELL - 20}" fill="none" stroke="#9ba7b6"/>`,
    textAt(
      left + 15,
      top + 36,
      properties.yAxis?.left?.label ?? '',
      'font-size="11" fill="#5f6b7a"',
    ),
    ...curves.flatMap(({ label = '', color: given }, index) => {
      const color = given ?? COLORS[index % COLORS.length];
      const legend = left + 45 + (index % 2) * ((width * CELL - 60) / 2);
      const line = bottom + 22 + Math.floor(index / 2) * 18;
      return [
        `<polyline points="${curve(index + x + y * 3, label, widget)}" fill="none" stroke="${color}" stroke-width="1.5"/>`,
        `<rect x="${legend}" y="${line - 8}" width="10" height="10" fill="${color}"/>`,
        textAt(legend + 15, line + 1, label, 'font-size="12"'),
      ];
    }),
  ];
}

function draw(widget: Widget): string[] {
  const { type, properties, x, y, width, height } = widget;
  const [left, top] = [x * CELL, y * CELL];
  return [
    `<rect x="${left + 4}" y="${top + 4}" width="${width * CELL - 8}" height="${height * CELL - 8}" rx="8" fill="#fff" stroke="#d5dbdb"/>`,
    textAt(left + 15, top + 24, properties.title, 'font-size="14" font-weight="bold"'),
    ...(type === 'alarm' ? drawAlarms(widget) : drawGraph(widget)),
  ];
}

/** The picture. */
export function renderOverview(): string {
  const all = widgets();
  const wide = 24 * CELL;
  const high = Math.max(...all.map(({ y, height }) => y + height)) * CELL;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" font-family="sans-serif" fill="#16191f">`,
    `<rect width="${wide}" height="${high}" fill="#f2f3f3"/>`,
    ...all.flatMap(draw),
    '</svg>',
    '',
  ].join('\n');
}
