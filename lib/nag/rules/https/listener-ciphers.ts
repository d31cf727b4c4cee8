import { LISTENER } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { literal } from '../../template/text';

// TLS 1.2 policies with ciphers without forward secrecy, or in CBC mode with SHA-1. Policies of
// older protocols are another rule's.
const WEAK =
  /^ELBSecurityPolicy-(TLS13-1-2-Ext[0-2]-|TLS-1-2-2017-01$|TLS-1-2-Ext-|FS-1-2-2019-08$)/;

export const httpsListenerCiphers: Rule = {
  id: 'HTTPS16',
  guideRules: [53, 59],
  level: 'warning',
  ours: 'A policy with forward secrecy and authenticated encryption alone',
  cause: "A listener's SslPolicy has ciphers without forward secrecy, or in CBC mode with SHA-1.",
  explanation:
    'Without forward secrecy whoever gets the key of the certificate later can read what was recorded ' +
    'before: passwords and tokens among it. CBC mode with SHA-1 had one padding attack after another.',
  page: GuidePage.TLS_INTRODUCTION,
  fix: 'Set SslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-2021-06, or a later one of that family.',
  types: [LISTENER],
  check(listener, facts) {
    if (!facts.listeners.has(listener)) {
      return undefined;
    }
    const protocol = literal(listener.property('Protocol'));
    if (protocol !== 'HTTPS' && protocol !== 'TLS') {
      return undefined;
    }
    return facts.wrong('Properties.SslPolicy', listener.property('SslPolicy'), (policy) =>
      WEAK.test(policy),
    );
  },
};
