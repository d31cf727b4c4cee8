import { Token } from 'aws-cdk-lib';
import { invalid } from '../shared/errors';
import { requireLine } from '../shared/validate';
import { requireKeystoneUrl } from './keystone-url';
import { SettingValue } from './setting-value';

/**
 * A Keystone that users choose when they log in.
 */
export interface KeystoneRegion {
  /**
   * The text that users see. If it is also the name of a region in the catalog, its services are
   * selected after login.
   */
  readonly label: string;

  /**
   * The https URL of Keystone's version 3 API, which ends with `/v3`.
   */
  readonly keystoneUrl: string;
}

/** The choices, as hosts read them. */
export function renderRegions(
  regions: KeystoneRegion[] | undefined,
  keystoneUrl: string,
  webSso: boolean,
): { [name: string]: string } {
  if (!regions) {
    return {};
  }
  if (regions.length === 0) {
    throw invalid(undefined, 'regions', 'have at least one region', null, 'leave it out instead');
  }
  if (webSso && regions.length > 1) {
    throw invalid(
      undefined,
      'regions',
      'have one region with webSso',
      regions.map(({ label }) => label),
      'hosts verify the tokens of single sign-on at keystoneUrl, whatever a user has selected; create a dashboard for each Keystone',
    );
  }
  for (const { label, keystoneUrl: url } of regions) {
    requireLine(undefined, 'regions.label', label);
    requireKeystoneUrl('regions.keystoneUrl', url);
  }
  requireDifferent(
    'label',
    regions.map(({ label }) => label),
  );
  requireDifferent(
    'keystoneUrl',
    regions.map(({ keystoneUrl: url }) => url),
  );
  const urls = regions.map(({ keystoneUrl: url }) => url);
  if (!Token.isUnresolved(keystoneUrl) && urls.every((url) => !Token.isUnresolved(url))) {
    if (!urls.includes(keystoneUrl)) {
      throw invalid(
        undefined,
        'keystoneUrl',
        'be the URL of one of the regions',
        keystoneUrl,
        'hosts use it where a user has selected no region',
      );
    }
  }
  return {
    AVAILABLE_REGIONS: SettingValue.listOf(
      ...regions.map(({ label, keystoneUrl: url }) =>
        SettingValue.tupleOf(SettingValue.fromString(url), SettingValue.fromString(label)),
      ),
    ).literal,
  };
}

function requireDifferent(prop: string, values: string[]): void {
  const twice = values.find((value, at) => values.indexOf(value) !== at);
  if (twice !== undefined) {
    throw invalid(undefined, `regions.${prop}`, 'be different in each region', twice);
  }
}

/** The ports of all Keystones. That of a URL which is known only at deploy time is taken for 5000. */
export function keystonePorts(urls: string[]): number[] {
  return urls.map((url) => (Token.isUnresolved(url) ? 5000 : Number(new URL(url).port || 443)));
}
