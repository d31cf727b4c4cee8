import { Token } from 'aws-cdk-lib';
import { isHttpsUrl } from '../contract/urls';
import { invalid } from '../shared/errors';

const VERSION = /\/v3\/?$/;

/** Statement 51 of the guide: TLS on every hop. Horizon only supports version 3 of Keystone's API. */
export function requireKeystoneUrl(prop: string, url: string): void {
  if (Token.isUnresolved(url)) {
    return;
  }
  const before = url.replace(VERSION, '');
  if (before === url || !isHttpsUrl(before) || /[?#@]/.test(url) || !URL.canParse(url)) {
    throw invalid(
      undefined,
      prop,
      'be an https URL that ends with /v3, without a user, query or fragment, such as https://keystone.example.org:5000/v3',
      url,
    );
  }
}
