import { CACHE_CLUSTER, MEMORY_DB, REPLICATION_GROUP } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { isFalse, isTrue } from '../../template/text';

export const sessionClusterTls: Rule = {
  id: 'SESSION4',
  guideRules: [23, 51],
  level: 'error',
  ours: "TransitEncryptionEnabled, which is also part of the cluster's ID",
  cause: "The cache of the dashboard's sessions does not encrypt data in transit.",
  explanation:
    'Sessions hold access tokens, and memcached has no login. The guide recommends making sure ' +
    'that no data leaks from it: anyone who can listen between the hosts and the cache can ' +
    'read every token.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix:
    'Set TransitEncryptionEnabled to true, with memcached 1.6.12 or later. It takes effect ' +
    'only when a cluster is created, so give the new cluster a different logical ID.',
  types: [CACHE_CLUSTER, REPLICATION_GROUP, MEMORY_DB],
  check(cluster, facts) {
    if (!facts.clusters.has(cluster)) {
      return undefined;
    }
    if (cluster.type === MEMORY_DB) {
      const given = cluster.property('TLSEnabled');
      // Encryption is the default.
      return facts.wrong('Properties.TLSEnabled', given, (text) => text !== '' && isFalse(text));
    }
    const value = cluster.property('TransitEncryptionEnabled');
    return facts.wrong('Properties.TransitEncryptionEnabled', value, (text) => !isTrue(text));
  },
};
