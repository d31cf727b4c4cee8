import { Tokenization } from 'aws-cdk-lib';
import { boundsOf, parametersOf } from '../contract/environment';
import { requireInteger } from '../shared/validate';

/**
 * How many wrong passwords, or wrong one-time passwords, of one account from one client address a host
 * passes on to Keystone. Further attempts get an error without a call to Keystone, so its own lock of
 * accounts, which applies to all addresses, is not reached from one address. The owner of the account
 * can log in from other addresses. The limits of all logins of an address are `loginRate` of the hosts.
 *
 * @see docs/login.md
 */
export interface LoginAttempts {
  /**
   * The number of wrong passwords at once, from 1 to 100.
   *
   * @default 5
   */
  readonly burst?: number;

  /**
   * The number of further attempts per minute, from 1 to 60.
   *
   * @default 1
   */
  readonly perMinute?: number;
}

/** The limits that are given; the others have the hosts' default. */
export function renderLoginAttempts(given: LoginAttempts = {}): { [name: string]: string } {
  const environment: { [name: string]: string } = {};
  for (const [prop, name] of Object.entries(parametersOf('loginAttempts'))) {
    const value = given[prop as keyof LoginAttempts];
    if (value !== undefined) {
      requireInteger(undefined, `loginAttempts.${prop}`, value, ...boundsOf(name));
      environment[name] = Tokenization.stringifyNumber(value);
    }
  }
  return environment;
}
