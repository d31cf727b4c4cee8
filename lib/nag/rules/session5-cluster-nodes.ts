import { CACHE_CLUSTER } from '../facts';
import { GuidePage, Rule } from '../rule';
import { literal } from '../text';

export const sessionClusterNodes: Rule = {
  id: 'SESSION5',
  guideRules: [22],
  level: 'warning',
  ours: 'Two nodes in two zones',
  cause: "The memcached cluster of the dashboard's sessions stands in one zone, or on one node.",
  explanation:
    'The guide recommends memcached because it can be used in a high availability and distributed ' +
    'environment. With one node, or one zone, its loss ends every session at once.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix: 'Set NumCacheNodes to 2 or more, and AZMode to cross-az.',
  types: [CACHE_CLUSTER],
  check(cluster, facts) {
    if (!facts.clusters.has(cluster)) return undefined;
    const places: string[] = [];
    const nodes = literal(cluster.property('NumCacheNodes'));
    if (nodes !== undefined && Number(nodes) < 2) places.push('Properties.NumCacheNodes');
    const mode = cluster.property('AZMode');
    const text = literal(mode);
    if (mode === undefined || (text !== undefined && text !== 'cross-az')) {
      places.push('Properties.AZMode');
    }
    return places;
  },
};
