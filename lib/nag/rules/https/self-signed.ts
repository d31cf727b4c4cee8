import { X509Certificate } from 'node:crypto';
import { memo } from '../../dashboard/memo';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource, get } from '../../template/template';

const LISTENER_CERTIFICATE = 'AWS::ElasticLoadBalancingV2::ListenerCertificate';

/** The certificates that the dashboard's listeners present. */
export const presented = memo((facts) => {
  const certificates = new Set<Resource>();
  const add = (from: Resource): void => {
    for (const entry of from.list('Certificates') ?? []) {
      const target = facts.target(from, get(entry, 'CertificateArn'));
      if (target) {
        certificates.add(target.resource);
      }
    }
  };
  if (facts.listeners.size === 0) {
    return certificates;
  }
  facts.listeners.forEach(add);
  for (const more of facts.template.ofType(LISTENER_CERTIFICATE)) {
    const listener = facts.target(more, more.property('ListenerArn'))?.resource;
    if (listener && facts.listeners.has(listener)) {
      add(more);
    }
  }
  return certificates;
});

export const httpsSelfSigned: Rule = {
  id: 'HTTPS9',
  guideRules: [15],
  level: 'error',
  ours: 'An ACM certificate, public by default',
  cause: 'Browsers get a self-signed certificate.',
  explanation:
    'The guide recommends a certificate from a recognized certificate authority. Browsers warn ' +
    'about self-signed certificates, and users who are used to ignoring such warnings do not ' +
    'notice an attack either.',
  page: GuidePage.HTTPS,
  fix: 'Use an ACM certificate with DNS validation (AWS::CertificateManager::Certificate).',
  types: ['AWS::IAM::ServerCertificate'],
  check(certificate, facts) {
    if (!presented(facts).has(certificate)) {
      return undefined;
    }
    const body = certificate.property('CertificateBody');
    return facts.wrong('Properties.CertificateBody', body, signsItself);
  },
};

function signsItself(pem: string): boolean {
  try {
    const parsed = new X509Certificate(pem);
    return parsed.issuer === parsed.subject && parsed.checkIssued(parsed);
  } catch {
    // Not a certificate: the deployment will fail.
    return false;
  }
}
