import { Duration, Size, SizeRoundingBehavior, Token } from 'aws-cdk-lib';
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

/** A size in whole bytes, within bounds. */
export function requireBytes(
  scope: IConstruct | undefined,
  prop: string,
  value: Size,
  min: number,
  max: number,
): number {
  const bytes = value.toBytes({ rounding: SizeRoundingBehavior.NONE });
  requireInteger(scope, prop, bytes, min, max, 'bytes');
  return bytes;
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
