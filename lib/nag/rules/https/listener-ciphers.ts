import { LISTENER } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { literal } from '../../template/text';

// TLS 1.2 policies that include ciphers without forward secrecy, or CBC mode with SHA-1. HTTPS2 reports
// policies with older protocols.
const WEAK =
  /^ELBSecurityPolicy-(TLS13-1-2-Ext[0-2]-|TLS-1-2-2017-01$|TLS-1-2-Ext-|FS-1-2-2019-08$)/;

export const httpsListenerCiphers: Rule = {
  id: 'HTTPS16',
  guideRules: [53, 59],
  level: 'warning',
  ours: 'A policy that offers only forward secrecy and authenticated encryption',
  cause:
    'The SslPolicy of a listener allows ciphers without forward secrecy, or CBC mode with ' +
    'SHA-1.',
  explanation:
    "Without forward secrecy, anyone who obtains the certificate's key later can decrypt " +
    'traffic recorded earlier, including passwords and tokens. CBC mode with SHA-1 has a ' +
    'history of padding attacks.',
  page: GuidePage.TLS_INTRODUCTION,
  fix:
    'Set SslPolicy to ELBSecurityPolicy-TLS13-1-2-Res-2021-06, or to a later policy of that ' +
    'family.',
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
