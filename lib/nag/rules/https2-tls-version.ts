import { LISTENER } from '../facts';
import { GuidePage, Rule } from '../rule';
import { literal } from '../text';

// The families of policies without TLS 1.0 and 1.1.
const MODERN = /^ELBSecurityPolicy-(TLS13-1-[23]-|TLS-1-2-|FS-1-2-)/;

export const httpsTlsVersion: Rule = {
  id: 'HTTPS2',
  guideRules: [52],
  level: 'error',
  ours: 'TLS 1.2 or later; an older policy is refused at synth',
  cause: "An HTTPS listener of the dashboard's load balancer accepts TLS before version 1.2.",
  explanation:
    'Earlier versions of TLS, and SSL, have known attacks. A listener without an SslPolicy of its ' +
    'own has ELBSecurityPolicy-2016-08, which accepts TLS 1.0.',
  page: GuidePage.TLS,
  fix: 'Set SslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-2021-06, or another with TLS 1.2 and later.',
  types: [LISTENER],
  check(listener, facts) {
    if (!facts.listeners.has(listener)) return undefined;
    const protocol = literal(listener.property('Protocol'));
    if (protocol !== 'HTTPS' && protocol !== 'TLS') return undefined;
    const given = listener.property('SslPolicy');
    const policy = literal(given);
    const wrong = given === undefined || (policy !== undefined && !MODERN.test(policy));
    return wrong ? ['Properties.SslPolicy'] : [];
  },
};
