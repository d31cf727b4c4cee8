import { URLS } from './environment';

const HTTPS = new RegExp(`^(?:${URLS.https})$`);
const STARTS_WITH_HTTPS = /^\s*https:\/\/\S/i;
const PLAIN = new RegExp(`^(?:${URLS.plain})`);

const PLAIN_WITH_PORT = /^http:\/\/([^/?#\s]+):(\d{1,5})\/?$/;

/** Whether a text is an https URL, with its scheme in lower case, as hosts require it. */
export function isHttpsUrl(text: string): boolean {
  return HTTPS.test(text);
}

/** Whether a text begins as an http URL. */
export function isPlainUrl(text: string): boolean {
  return PLAIN.test(text);
}

/** Whether a text begins as an https URL, whatever the rest is, which may not be known. */
export function startsWithHttps(text: string): boolean {
  return STARTS_WITH_HTTPS.test(text);
}

/** The host and the port of an http URL that has nothing else. */
export function hostAndPort(text: string): { host?: string; port?: number } {
  const [, host, port] = PLAIN_WITH_PORT.exec(text) ?? [];
  return host === undefined ? {} : { host, port: Number(port) };
}
