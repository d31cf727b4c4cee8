import { Facts } from '../../dashboard/facts';
import { CACHE_CLUSTER, REPLICATION_GROUP } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { Resource } from '../../template/template';
import { isTrue } from '../../template/text';

export const sessionClusterNodes: Rule = {
  id: 'SESSION5',
  guideRules: [22],
  level: 'warning',
  ours: 'Two nodes in two Availability Zones',
  cause: "The cache of the dashboard's sessions runs in one Availability Zone or on one node.",
  explanation:
    'The guide recommends memcached because it can be used in a high availability and ' +
    'distributed environment. With a single node or zone, a failure ends every session at once.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix:
    'Set NumCacheNodes to 2 or more, and AZMode to cross-az. For a replication group, set ' +
    'MultiAZEnabled and add replicas.',
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

/** Whether a replica in another zone can take over. */
function replicated(group: Resource, facts: Facts): string[] {
  const zones = group.property('MultiAZEnabled');
  return facts.wrong('Properties.MultiAZEnabled', zones, (text) => !isTrue(text));
}
