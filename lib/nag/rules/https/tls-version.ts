import { Facts } from '../../dashboard/facts';
import { CLASSIC_LOAD_BALANCER, LISTENER } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource, asList, get } from '../../template/template';
import { literal } from '../../template/text';

// The families of policies without TLS 1.0 and 1.1.
const MODERN = /^ELBSecurityPolicy-(TLS13-1-[23]-|TLS-1-2-|FS-1-2-)/;

export const httpsTlsVersion: Rule = {
  id: 'HTTPS2',
  guideRules: [52],
  level: 'error',
  ours: 'TLS 1.2 or later; an older policy is rejected at synth time',
  cause:
    "An HTTPS listener of the dashboard's load balancer accepts TLS versions earlier than 1.2.",
  explanation:
    'Earlier versions of TLS, and SSL, have known attacks. A listener without an SslPolicy ' +
    'uses ELBSecurityPolicy-2016-08, which accepts TLS 1.0.',
  page: GuidePage.TLS,
  fix:
    'Set SslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-2021-06, or to another policy that ' +
    'requires TLS 1.2 or later.',
  types: [LISTENER, CLASSIC_LOAD_BALANCER],
  check(listener, facts) {
    if (listener.type === CLASSIC_LOAD_BALANCER) {
      return classic(listener, facts);
    }
    if (!facts.listeners.has(listener)) {
      return undefined;
    }
    const protocol = literal(listener.property('Protocol'));
    if (protocol !== 'HTTPS' && protocol !== 'TLS') {
      return undefined;
    }
    const policy = listener.property('SslPolicy');
    return facts.wrong('Properties.SslPolicy', policy, (name) => !MODERN.test(name));
  },
};

/** A Classic Load Balancer contains its policies, and refers to a predefined one in an attribute. */
function classic(balancer: Resource, facts: Facts): string[] | undefined {
  if (!facts.loadBalancers.has(balancer)) {
    return undefined;
  }
  const secure = (balancer.list('Listeners') ?? []).filter((listener) =>
    /^(HTTPS|SSL)$/i.test(literal(get(listener, 'Protocol')) ?? ''),
  );
  if (secure.length === 0) {
    return undefined;
  }
  const policies = (balancer.list('Policies') ?? []).filter(
    (policy) => literal(get(policy, 'PolicyType')) === 'SSLNegotiationPolicyType',
  );
  // The default is ELBSecurityPolicy-2016-08, as for other load balancers.
  if (policies.length === 0) {
    return ['Properties.Policies'];
  }
  return policies.flatMap((policy) => {
    const attributes = asList(get(policy, 'Attributes')) ?? [];
    const named = attributes.find(
      (attribute) => literal(get(attribute, 'Name')) === 'Reference-Security-Policy',
    );
    const old = attributes.some(
      (attribute) =>
        /^Protocol-(SSLv[23]|TLSv1(\.1)?)$/.test(literal(get(attribute, 'Name')) ?? '') &&
        literal(get(attribute, 'Value')) === 'true',
    );
    if (named === undefined) {
      return old ? ['Properties.Policies'] : [];
    }
    return facts.wrong('Properties.Policies', get(named, 'Value'), (name) => !MODERN.test(name));
  });
}
