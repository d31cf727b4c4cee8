import { Duration, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { boundsOf, constructNumber } from '../contract/environment';
import { requireSeconds } from '../shared/validate';

/**
 * Options of HTTP Strict Transport Security (HSTS; statements 18 and 58).
 */
export interface HstsOptions {
  /**
   * How long browsers only use HTTPS (`max-age`), in whole seconds. The guide recommends a year,
   * reached in steps.
   *
   * @default Duration.days(365)
   */
  readonly maxAge?: Duration;

  /**
   * Whether it also applies to the subdomains of the dashboard's name.
   *
   * @default true
   */
  readonly includeSubdomains?: boolean;
}

/** The max-age, as a parameter of hosts. */
export function hstsMaxAge(scope: IConstruct, hsts?: HstsOptions): string {
  const maxAge = hsts?.maxAge ?? Duration.seconds(constructNumber('HSTS_MAX_AGE'));
  const seconds = requireSeconds(scope, 'hsts.maxAge', maxAge, ...boundsOf('HSTS_MAX_AGE'));
  return Tokenization.stringifyNumber(seconds);
}
