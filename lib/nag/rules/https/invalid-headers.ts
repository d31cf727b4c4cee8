import { LOAD_BALANCER } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { asList, get } from '../../template/template';
import { isTrue, literal } from '../../template/text';

const ATTRIBUTE = 'routing.http.drop_invalid_header_fields.enabled';

export const httpsInvalidHeaders: Rule = {
  id: 'HTTPS3',
  guideRules: [19],
  level: 'error',
  checklist: [],
  ours: 'Such header fields are dropped',
  cause: "The dashboard's load balancer forwards header fields with invalid names.",
  explanation:
    'The dashboard trusts X-Forwarded-Proto because only its proxy sets it. WSGI maps variants ' +
    'of the name (X_Forwarded_Proto) to the same variable, so a client that sends one can set ' +
    'the variable itself.',
  page: GuidePage.CHECKLIST,
  fix: `Set the attribute ${ATTRIBUTE} to true (dropInvalidHeaderFields).`,
  types: [LOAD_BALANCER],
  check(balancer, facts) {
    if (!facts.loadBalancers.has(balancer)) {
      return undefined;
    }
    const type = balancer.property('Type');
    if (type !== undefined && literal(type) !== 'application') {
      return undefined;
    }
    const given = balancer.property('LoadBalancerAttributes');
    const attributes = given === undefined ? [] : asList(given);
    const keys = attributes?.map((entry) => literal(get(entry, 'Key')));
    // An attribute with an unknown name may be this one.
    const place = 'Properties.LoadBalancerAttributes';
    const attribute = attributes?.[keys!.indexOf(ATTRIBUTE)];
    if (attribute === undefined && (!keys || keys.includes(undefined))) {
      facts.unknown(place);
      return [];
    }
    return facts.wrong(place, get(attribute, 'Value'), (value) => !isTrue(value));
  },
};
