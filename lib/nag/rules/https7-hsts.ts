import { HOST_TYPES, LISTENER, Source } from '../facts';
import { headers, includesMore, tlsServers } from '../nginx';
import { memo } from '../memo';
import { GuidePage, Rule } from '../rule';
import { Script, scriptsOf } from '../script-rule';
import { place } from '../setting-rule';
import { Resource, asList, get } from '../template';
import { known, literal } from '../text';

export const HSTS_ATTRIBUTE = 'routing.http.response.strict_transport_security.header_value';
export const HSTS_HEADER = 'Strict-Transport-Security';

/** The max-age of a header's value, in seconds; undefined if it is not known. */
export function maxAge(value: string): number | undefined {
  const match = /max-age\s*=\s*"?(\d+)/i.exec(value);
  return match ? Number(match[1]) : undefined;
}

/** The value that a listener gives a header, where it is known. */
export function attribute(listener: Resource, name: string): string | undefined {
  const entry = (listener.list('ListenerAttributes') ?? []).find(
    (one) => literal(get(one, 'Key')) === name,
  );
  return literal(get(entry, 'Value'));
}

/** Whether a server of its own is configured with TLS, and nothing adds the header. */
const lacks = ({ text }: Script, servers: readonly string[]): boolean =>
  servers.length > 0 &&
  servers.some((server) => /\bproxy_pass\b|\buwsgi_pass\b/.test(server)) &&
  !text.toLowerCase().includes(HSTS_HEADER.toLowerCase()) &&
  !includesMore(text);

export const httpsHsts: Rule = {
  id: 'HTTPS7',
  guideRules: [5, 18],
  level: 'error',
  ours: 'Sent by both tiers',
  cause: 'HTTP Strict Transport Security (HSTS) is off.',
  explanation:
    'A browser that was never told to insist on HTTPS starts with plain HTTP when somebody types the ' +
    'name, and who sits in between keeps it there. The guide asks for HSTS, and on a shared ' +
    'subdomain all the more.',
  page: GuidePage.HTTPS,
  fix:
    'Send Strict-Transport-Security with a max-age of a year, reached in steps: from nginx, or as ' +
    `the attribute ${HSTS_ATTRIBUTE} of the listener.`,
  types: [...HOST_TYPES, LISTENER],
  check(resource, facts) {
    if (resource.type === LISTENER) {
      if (!facts.listeners.has(resource)) return undefined;
      const value = attribute(resource, HSTS_ATTRIBUTE);
      return value !== undefined && maxAge(value) === 0 ? ['Properties.ListenerAttributes'] : [];
    }
    const sources = facts.hosts.get(resource)?.sources ?? [];
    if (!facts.servesOrFronts(resource)) return undefined;
    const elsewhere = sentByListeners(facts) || sources.some(sentByDjango);
    const off = sources
      .filter(({ settings }) => known(settings.get('HSTS_MAX_AGE'))?.trim() === '0')
      .map((source) => place(source, 'HSTS_MAX_AGE'));
    const scripts = scriptsOf(resource, facts)
      .filter((script) => {
        if (headers(script.text, HSTS_HEADER).some((value) => maxAge(value) === 0)) return true;
        return !elsewhere && lacks(script, tlsServers(script));
      })
      .map(({ location }) => location);
    return [...new Set([...off, ...scripts])];
  },
};

/** Django's SecurityMiddleware, which Horizon does not have, sends it where it is added. */
const sentByDjango = ({ settings }: Source): boolean =>
  Number(known(settings.get('SECURE_HSTS_SECONDS')) ?? 0) > 0 &&
  /\bSecurityMiddleware\b/.test(settings.get('MIDDLEWARE')?.text ?? '');

const sentByListeners = memo((facts) => [...facts.listeners].some(sends));

/** Whether a listener adds the header, or may do so. */
function sends(listener: Resource): boolean {
  const given = listener.property('ListenerAttributes');
  if (given === undefined) return false;
  const entries = asList(given);
  if (!entries) return true;
  return entries.some((entry) => {
    const key = literal(get(entry, 'Key'));
    return key === undefined || key === HSTS_ATTRIBUTE;
  });
}
