import { TARGET_GROUP } from '../facts';
import { GuidePage, Rule } from '../rule';
import { literal } from '../text';

export const httpsTargetGroup: Rule = {
  id: 'HTTPS4',
  guideRules: [51, 57],
  level: 'error',
  ours: 'HTTPS to both tiers of hosts',
  cause: 'The load balancer speaks HTTP, without TLS, to dashboard hosts.',
  explanation:
    'Traffic is encrypted on every hop, and again behind the boundary: passwords, cookies and tokens ' +
    'travel between the load balancer and the hosts as well.',
  page: GuidePage.TLS,
  fix: 'Set the protocol of the target group to HTTPS, and let nginx on the host end TLS.',
  types: [TARGET_GROUP],
  check(group, facts) {
    if (!facts.targetGroups.has(group)) return undefined;
    return literal(group.property('Protocol')) === 'HTTP' ? ['Properties.Protocol'] : [];
  },
};
