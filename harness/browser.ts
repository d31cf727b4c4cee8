import { createHash, X509Certificate } from 'node:crypto';
import { Browser, chromium } from 'playwright-core';

/**
 * The headless Chromium of Debian, which trusts one certificate authority more. Names under localhost
 * lead to the address.
 */
export function launch(ca: string, address = '127.0.0.1'): Promise<Browser> {
  return launchWith([ca], { '*.localhost': address });
}

/** The same with several authorities, and the addresses of names or patterns. */
export function launchWith(cas: string[], hosts: Record<string, string>): Promise<Browser> {
  const pins = cas.map((ca) => {
    const key = new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(key).digest('base64');
  });
  const rules = Object.entries(hosts).map(([name, address]) => `MAP ${name} ${address}`);
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      `--ignore-certificate-errors-spki-list=${pins.join(',')}`,
      `--host-resolver-rules=${rules.join(',')}`,
    ],
  });
}
