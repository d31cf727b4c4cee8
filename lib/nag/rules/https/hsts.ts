import { Facts } from '../../dashboard/facts';
import { memo } from '../../dashboard/memo';
import { Source } from '../../dashboard/model';
import { HOST_TYPES, LISTENER } from '../../dashboard/resource-types';
import { Script, scriptsOf } from '../../dashboard/scripts';
import { GuidePage, Rule } from '../../pack/rule';
import { blocks, headers, includesMore, namesOf, outside, tlsServers } from '../../reading/nginx';
import { Resource, asList, get } from '../../template/template';
import { known, literal } from '../../template/text';
import { place } from '../kinds/setting-rule';

export const HSTS_ATTRIBUTE = 'routing.http.response.strict_transport_security.header_value';
export const HSTS_HEADER = 'Strict-Transport-Security';

/** The max-age in a header's value, in seconds, or undefined if it is not known. */
export function maxAge(value: string): number | undefined {
  const match = /max-age\s*=\s*"?(\d+)/i.exec(value);
  return match ? Number(match[1]) : undefined;
}

/** The value of a listener attribute, if it is known. */
export function attribute(listener: Resource, name: string): string | undefined {
  const entry = (listener.list('ListenerAttributes') ?? []).find(
    (one) => literal(get(one, 'Key')) === name,
  );
  return literal(get(entry, 'Value'));
}

const PASSES = /\b(proxy|uwsgi)_pass\b/;
const sent = (text: string): boolean => text.toLowerCase().includes(HSTS_HEADER.toLowerCase());

/** Whether a script configures a server with TLS that proxies requests without sending the header. */
function lacks(script: Script, { names }: Facts): boolean {
  const { text } = script;
  const servers = tlsServers(script).filter((server) => PASSES.test(server));
  if (servers.length === 0 || includesMore(text)) {
    return false;
  }
  if (!sent(text)) {
    return true;
  }
  // Outside of servers, it applies to all of them, or is an edit that is not followed.
  if (sent(outside(text, 'server'))) {
    return false;
  }
  const isOurs = (server: string): boolean => namesOf(server).some((name) => names.has(name));
  const ours = servers.filter(isOurs);
  if (ours.length > 0) {
    return ours.some(hides);
  }
  return servers.every(hides);
}

const headersIn = (text: string): string[] => text.match(/\badd_header\b/g) ?? [];

/** Whether a server proxies without the header. A location with headers does not inherit others. */
function hides(server: string): boolean {
  if (/more_set_headers/.test(server)) {
    return !sent(server);
  }
  const passing = blocks(server, 'location').filter(({ body }) => PASSES.test(body));
  const around = outside(server, 'location');
  return passing.some(({ body }) => !sent(headersIn(body).length > 0 ? body : around));
}

export const httpsHsts: Rule = {
  id: 'HTTPS7',
  guideRules: [5, 18],
  level: 'error',
  ours: 'Sent by both tiers',
  cause: 'HTTP Strict Transport Security (HSTS) is off.',
  explanation:
    'Without HSTS, a browser uses plain HTTP when a user types the name, and an attacker on ' +
    'the network can keep it there. The guide recommends HSTS, above all on a shared subdomain.',
  page: GuidePage.HTTPS,
  fix: `Send Strict-Transport-Security with a max-age of one year, reached in steps: from nginx, or with the listener attribute ${HSTS_ATTRIBUTE}.`,
  types: [...HOST_TYPES, LISTENER],
  check(resource, facts) {
    if (resource.type === LISTENER) {
      if (!facts.listeners.has(resource)) {
        return undefined;
      }
      const value = attribute(resource, HSTS_ATTRIBUTE);
      return value !== undefined && maxAge(value) === 0 ? ['Properties.ListenerAttributes'] : [];
    }
    const sources = facts.hosts.get(resource)?.sources ?? [];
    if (!facts.servesOrFronts(resource)) {
      return undefined;
    }
    const elsewhere = sentByListeners(facts) || sources.some(sentByDjango);
    const off = sources
      .filter(({ settings }) => known(settings.get('HSTS_MAX_AGE'))?.trim() === '0')
      .map((source) => place(source, 'HSTS_MAX_AGE'));
    const scripts = scriptsOf(resource, facts)
      .filter((script) => {
        if (headers(script.text, HSTS_HEADER).some((value) => maxAge(value) === 0)) {
          return true;
        }
        return !elsewhere && lacks(script, facts);
      })
      .map(({ location }) => location);
    return [...new Set([...off, ...scripts])];
  },
};

/** Django's SecurityMiddleware, which a site can add to Horizon, sends the header. */
const sentByDjango = ({ settings }: Source): boolean =>
  settings.has('SECURE_HSTS_SECONDS') &&
  // Assume that an expression is not zero.
  Number(known(settings.get('SECURE_HSTS_SECONDS')) ?? 1) > 0 &&
  /\bSecurityMiddleware\b/.test(settings.get('MIDDLEWARE')?.text ?? '');

const sentByListeners = memo((facts) => [...facts.listeners].some(sends));

/** Whether a listener adds the header, or may do so. */
function sends(listener: Resource): boolean {
  const given = listener.property('ListenerAttributes');
  if (given === undefined) {
    return false;
  }
  const entries = asList(given);
  if (!entries) {
    return true;
  }
  return entries.some((entry) => {
    const key = literal(get(entry, 'Key'));
    return key === undefined || key === HSTS_ATTRIBUTE;
  });
}
