import { Duration, Token } from 'aws-cdk-lib';

const DOMAIN_NAME =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** The pattern of `requireDomainName` for a CloudFormation parameter. */
export const DOMAIN_NAME_PATTERN =
  '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$';

/** The pattern of `requireKeystoneUrl` for a CloudFormation parameter. */
export const KEYSTONE_URL_PATTERN =
  '^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/v3/?$';

/** Rules 2, 9 and 10 of the guide: a fully qualified name, no wildcard, no leading dot. */
export function requireDomainName(prop: string, name: string): void {
  if (!Token.isUnresolved(name) && !DOMAIN_NAME.test(name)) {
    throw new Error(
      `${prop} was given '${name}'; allowed is a fully qualified name in lower case, such as dashboard.example.org, without wildcard, leading dot, port or scheme`,
    );
  }
}

/** Statement 51 of the guide: TLS on every hop. Horizon speaks version 3 of Keystone's API only. */
export function requireKeystoneUrl(prop: string, url: string): void {
  if (Token.isUnresolved(url)) {
    return;
  }
  // spaces are no error to URL, which trims them
  if (!/^https:\/\/[^\s?#@]+\/v3\/?$/.test(url) || !URL.canParse(url)) {
    throw new Error(
      `${prop} must be an https URL that ends with /v3, without user, query and fragment, such as https://keystone.example.org:5000/v3, got '${url}'`,
    );
  }
}

/** Text of one line: environment files have no other. */
export function requireLine(prop: string, text: string | undefined): void {
  if (
    text !== undefined &&
    !Token.isUnresolved(text) &&
    (/\p{Cc}/u.test(text) || text.trim() === '' || text.length > 1024)
  ) {
    throw new Error(
      `${prop} must be one line of 1 to 1024 characters, got ${JSON.stringify(text.slice(0, 100))}`,
    );
  }
}

/** A whole number within bounds. */
export function requireInteger(prop: string, value: number, min: number, max: number): void {
  if (!Token.isUnresolved(value) && (!Number.isInteger(value) || value < min || value > max)) {
    throw new Error(`${prop} was given ${value}; allowed is a whole number from ${min} to ${max}`);
  }
}

/** A duration of whole seconds within bounds. */
export function requireSeconds(prop: string, value: Duration, min: number, max: number): number {
  if (value.isUnresolved()) {
    return value.toSeconds();
  }
  const seconds = value.toSeconds({ integral: false });
  requireInteger(`${prop} (in seconds)`, seconds, min, max);
  return seconds;
}
