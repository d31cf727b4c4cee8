import { Duration, Token } from 'aws-cdk-lib';

const DOMAIN_NAME =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** The pattern of `requireDomainName` for a CloudFormation parameter. */
export const DOMAIN_NAME_PATTERN =
  '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$';

/** The pattern of `requireHttpsUrl` for a CloudFormation parameter. */
export const HTTPS_URL_PATTERN = '^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$';

/** Rules 2, 9 and 10 of the guide: a fully qualified name, no wildcard, no leading dot. */
export function requireDomainName(prop: string, name: string): void {
  if (!Token.isUnresolved(name) && !DOMAIN_NAME.test(name)) {
    throw new Error(
      `${prop} was given '${name}'; allowed is a fully qualified name in lower case, such as dashboard.example.org, without wildcard, leading dot, port or scheme`,
    );
  }
}

/** Rule 51 of the guide: TLS on every hop. */
export function requireHttpsUrl(prop: string, url: string): void {
  if (Token.isUnresolved(url)) {
    return;
  }
  // spaces are no error to URL, which trims them
  if (!/^https:\/\/[^\s?#@]+$/.test(url) || !URL.canParse(url)) {
    throw new Error(
      `${prop} was given '${url}'; allowed is an https URL without user, query and fragment, such as https://keystone.example.org:5000/v3`,
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
