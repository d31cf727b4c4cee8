import { parametersOf } from '../../lib/contract/environment';

/** The environment parameters that switch single measures for quick pages. */
export const MEASURES: string[] = Object.values(parametersOf('quickPages')).sort();

/** The parameters of a dashboard without some of the measures. */
export function without(measures: string[]): Record<string, string> {
  const unknown = measures.filter((measure) => !MEASURES.includes(measure));
  if (unknown.length > 0) {
    throw new Error(`--without must name measures of --measures, got ${unknown.join(', ')}`);
  }
  return Object.fromEntries(measures.map((measure) => [measure, 'false']));
}
