import * as fs from 'node:fs';
import * as path from 'node:path';

const ENVIRONMENT = path.join(
  __dirname,
  '../../lib/settings/files/usr/local/lib/openstack-dashboard/python',
  'openstack_dashboard_environment.py',
);

/** The environment parameters that switch single measures for quick pages, as hosts know them. */
export const MEASURES: string[] = [
  ...new Set(fs.readFileSync(ENVIRONMENT, 'utf8').match(/\bQUICK_[A-Z_]+\b/g) ?? []),
].sort();

/** The parameters of a dashboard without some of the measures. */
export function without(measures: string[]): Record<string, string> {
  const unknown = measures.filter((measure) => !MEASURES.includes(measure));
  if (unknown.length > 0) {
    throw new Error(`--without must name measures of --measures, got ${unknown.join(', ')}`);
  }
  return Object.fromEntries(measures.map((measure) => [measure, 'false']));
}
