import { GuidePage, Rule } from '../../pack/rule';
import { presented } from './self-signed';

export const httpsPrivateCa: Rule = {
  id: 'HTTPS10',
  guideRules: [16, 54],
  level: 'warning',
  ours: "Public certificates by default; a private CA's certificate can be used instead",
  cause: 'Browsers get a certificate that a private certificate authority (CA) issued.',
  explanation:
    'The guide allows a private CA only if the browsers of all users trust its root; otherwise ' +
    'users learn to ignore certificate warnings. It recommends a public CA for external ' +
    'traffic and a separate PKI for internal traffic.',
  page: GuidePage.HTTPS,
  fix:
    "Use a public certificate, or describe in the pack's privateCaTrust how the root got into " +
    'the browsers of all users.',
  types: ['AWS::CertificateManager::Certificate'],
  check(certificate, facts) {
    if (!presented(facts).has(certificate)) {
      return undefined;
    }
    const isPrivate = certificate.property('CertificateAuthorityArn') !== undefined;
    return isPrivate && !facts.given.privateCaTrust ? ['Properties.CertificateAuthorityArn'] : [];
  },
};
