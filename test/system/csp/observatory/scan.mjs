/**
 * Scans a site with Mozilla's HTTP Observatory and prints the result as JSON.
 * Usage: node scan.mjs NAME ADDRESS, with NODE_EXTRA_CA_CERTS
 */
import dns from 'node:dns';
import { scan } from '@mdn/mdn-http-observatory';

const [name, address] = process.argv.slice(2);
const lookup = dns.lookup;

/** The name, and those below it, are at the address. Sockets look names up here. */
dns.lookup = (host, options, callback) =>
  lookup(host === name || host.endsWith(`.${name}`) ? address : host, options, callback);

console.log(JSON.stringify(await scan(name)));
