import { HOST_TYPES } from '../../dashboard/resource-types';
import { scriptsOf } from '../../dashboard/scripts';
import { GuidePage, Rule } from '../../pack/rule';
import { apacheDirectives, directives } from '../../reading/nginx';
import { known } from '../../template/text';
import { place } from '../kinds/setting-rule';

const UNBOUND = /^0+[kmg]?$/i;

export const proxyRequestSize: Rule = {
  id: 'PROXY6',
  guideRules: [60],
  level: 'error',
  ours: '1 MiB, more with image uploads; set with maxRequestSize',
  cause:
    'The proxy does not limit the size of requests (client_max_body_size or LimitRequestBody ' +
    'is 0).',
  explanation:
    'A single large request can fill the disk or the memory of a host. The proxy must limit ' +
    'its size, because the request can come from a client that has not logged in.',
  page: GuidePage.TLS,
  fix: 'Set client_max_body_size to the largest size that the dashboard needs, such as 10m.',
  types: HOST_TYPES,
  check(resource, facts) {
    const sources = facts.hosts.get(resource)?.sources ?? [];
    if (!facts.servesOrFronts(resource)) {
      return undefined;
    }
    return [
      ...new Set([
        ...sources
          .filter(({ settings }) =>
            UNBOUND.test(known(settings.get('CLIENT_MAX_BODY_SIZE'))?.trim() ?? ''),
          )
          .map((source) => place(source, 'CLIENT_MAX_BODY_SIZE')),
        ...scriptsOf(resource, facts)
          .filter(({ text }) =>
            [
              ...directives(text, 'client_max_body_size'),
              ...apacheDirectives(text, 'LimitRequestBody'),
            ].some((value) => UNBOUND.test(value)),
          )
          .map(({ location }) => location),
      ]),
    ];
  },
};
