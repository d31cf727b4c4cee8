import { Facts } from '../../dashboard/facts';
import { CACHE_CLUSTER, REPLICATION_GROUP } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource } from '../../template/template';
import { isTrue } from '../../template/text';

export const sessionClusterNodes: Rule = {
  id: 'SESSION5',
  guideRules: [22],
  level: 'warning',
  ours: 'Two nodes in two zones',
  cause: "The cache of the dashboard's sessions stands in one zone, or on one node.",
  explanation:
    'The guide recommends memcached because it can be used in a high availability and distributed ' +
    'environment. With one node, or one zone, its loss ends every session at once.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix:
    'Set NumCacheNodes to 2 or more, and AZMode to cross-az (of a replication group: MultiAZEnabled ' +
    'with replicas).',
  types: [CACHE_CLUSTER, REPLICATION_GROUP],
  check(cluster, facts) {
    if (!facts.clusters.has(cluster)) {
      return undefined;
    }
    if (cluster.type === REPLICATION_GROUP) {
      return replicated(cluster, facts);
    }
    return [
      ...facts.wrong(
        'Properties.NumCacheNodes',
        cluster.property('NumCacheNodes'),
        (nodes) => nodes !== '' && Number(nodes) < 2,
      ),
      ...facts.wrong(
        'Properties.AZMode',
        cluster.property('AZMode'),
        (mode) => mode !== 'cross-az',
      ),
    ];
  },
};

/** Replicas in other zones, of which one takes over. */
function replicated(group: Resource, facts: Facts): string[] {
  const zones = group.property('MultiAZEnabled');
  return facts.wrong('Properties.MultiAZEnabled', zones, (text) => !isTrue(text));
}
