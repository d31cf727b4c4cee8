import { GuidePage, Rule } from '../../pack/rule';
import { presented } from './self-signed';

export const httpsPrivateCa: Rule = {
  id: 'HTTPS10',
  guideRules: [16, 54],
  level: 'warning',
  ours: 'Public certificates; one of a private CA may be given',
  cause: 'The certificate that browsers are shown is of a private certificate authority.',
  explanation:
    'The guide allows a private CA only where the browsers of all users have its root: everywhere ' +
    'else people learn to click warnings away. Outside it wants a public CA, and a PKI apart from it ' +
    'inside.',
  page: GuidePage.HTTPS,
  fix:
    'Use a public certificate, or say as privateCaTrust of the pack how the browsers of all users got ' +
    'the root.',
  types: ['AWS::CertificateManager::Certificate'],
  check(certificate, facts) {
    if (!presented(facts).has(certificate)) {
      return undefined;
    }
    const isPrivate = certificate.property('CertificateAuthorityArn') !== undefined;
    return isPrivate && !facts.given.privateCaTrust ? ['Properties.CertificateAuthorityArn'] : [];
  },
};
