import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { invalid } from './errors';

const DOMAIN_NAME =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** The pattern of `requireDomainName` for a CloudFormation parameter. */
export const DOMAIN_NAME_PATTERN =
  '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$';

/** Statements 2, 9 and 10 of the guide: a fully qualified name, without wildcard and leading dot. */
export function requireDomainName(scope: IConstruct | undefined, prop: string, name: string): void {
  if (!Token.isUnresolved(name) && !DOMAIN_NAME.test(name)) {
    throw invalid(
      scope,
      prop,
      'be a fully qualified domain name in lower case such as dashboard.example.org, without a wildcard, leading dot, port or scheme',
      name,
    );
  }
}

/** Statement 51 of the guide: TLS on every hop. Horizon only supports version 3 of Keystone's API. */
export function requireKeystoneUrl(scope: IConstruct | undefined, prop: string, url: string): void {
  if (Token.isUnresolved(url)) {
    return;
  }
  // URL trims spaces instead of rejecting them
  if (!/^https:\/\/[^\s?#@]+\/v3\/?$/.test(url) || !URL.canParse(url)) {
    throw invalid(
      scope,
      prop,
      'be an https URL that ends with /v3, without a user, query or fragment, such as https://keystone.example.org:5000/v3',
      url,
    );
  }
}

/** A text of one line, since environment files do not support more. */
export function requireLine(
  scope: IConstruct | undefined,
  prop: string,
  text: string | undefined,
): void {
  if (
    text !== undefined &&
    !Token.isUnresolved(text) &&
    (/\p{Cc}/u.test(text) || text.trim() === '' || text.length > 1024)
  ) {
    throw invalid(scope, prop, 'be one line of 1 to 1024 characters', text);
  }
}

/**
 * An integer within bounds.
 *
 * @param unit the unit, in the plural
 */
export function requireInteger(
  scope: IConstruct | undefined,
  prop: string,
  value: number,
  min: number,
  max: number,
  unit?: string,
): void {
  if (!Token.isUnresolved(value) && (!Number.isInteger(value) || value < min || value > max)) {
    const number = unit ? `whole number of ${unit}` : 'whole number';
    throw invalid(scope, prop, `be a ${number} from ${min} to ${max}`, value);
  }
}

/** A duration in whole seconds, within bounds. */
export function requireSeconds(
  scope: IConstruct | undefined,
  prop: string,
  value: Duration,
  min: number,
  max: number,
): number {
  if (value.isUnresolved()) {
    return value.toSeconds();
  }
  const seconds = value.toSeconds({ integral: false });
  requireInteger(scope, prop, seconds, min, max, 'seconds');
  return seconds;
}
