import { X509Certificate } from 'node:crypto';
import { Facts, LISTENER } from '../facts';
import { GuidePage, Rule } from '../rule';
import { Resource, get } from '../template';
import { literal } from '../text';

const LISTENER_CERTIFICATE = 'AWS::ElasticLoadBalancingV2::ListenerCertificate';

/** Listeners of the dashboard that present a certificate. */
export function presents(certificate: Resource, facts: Facts): boolean {
  const uses = (from: Resource): boolean =>
    (from.list('Certificates') ?? []).some(
      (entry) => facts.target(from, get(entry, 'CertificateArn'))?.resource === certificate,
    );
  return (
    [...facts.listeners].some((listener) => listener.type === LISTENER && uses(listener)) ||
    facts.template.ofType(LISTENER_CERTIFICATE).some((more) => {
      const listener = facts.target(more, more.property('ListenerArn'))?.resource;
      return listener !== undefined && facts.listeners.has(listener) && uses(more);
    })
  );
}

export const httpsSelfSigned: Rule = {
  id: 'HTTPS9',
  guideRules: [15],
  level: 'error',
  ours: 'A certificate of ACM, public unless another is given',
  cause: 'The certificate that browsers are shown is signed by itself.',
  explanation:
    'The guide wants a certificate of a recognised certificate authority. Browsers warn of one that ' +
    'signs itself, and people who got used to clicking warnings away notice no attack either.',
  page: GuidePage.HTTPS,
  fix: 'Use a certificate of ACM, validated by DNS (AWS::CertificateManager::Certificate).',
  types: ['AWS::IAM::ServerCertificate'],
  check(certificate, facts) {
    if (facts.listeners.size === 0 || !presents(certificate, facts)) return undefined;
    const body = literal(certificate.property('CertificateBody'));
    return body !== undefined && signsItself(body) ? ['Properties.CertificateBody'] : [];
  },
};

function signsItself(pem: string): boolean {
  try {
    const parsed = new X509Certificate(pem);
    return parsed.issuer === parsed.subject && parsed.checkIssued(parsed);
  } catch {
    // No certificate at all: the deployment says so.
    return false;
  }
}
