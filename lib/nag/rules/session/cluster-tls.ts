import { CACHE_CLUSTER, MEMORY_DB, REPLICATION_GROUP } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';
import { isFalse, isTrue } from '../../template/text';

export const sessionClusterTls: Rule = {
  id: 'SESSION4',
  guideRules: [23, 51],
  level: 'error',
  ours: 'TransitEncryptionEnabled, and part of the id of the cluster',
  cause: "The cache of the dashboard's sessions does not encrypt in transit.",
  explanation:
    'Sessions hold access tokens, and memcached has no login. The guide asks to ensure that there is ' +
    'no data leakage from it: whoever can listen between host and cache reads every token.',
  page: GuidePage.CACHING_AND_SESSIONS,
  fix:
    'Set TransitEncryptionEnabled to true, on memcached 1.6.12 or later. It takes effect when a ' +
    'cluster is created: give the new one another logical id.',
  types: [CACHE_CLUSTER, REPLICATION_GROUP, MEMORY_DB],
  check(cluster, facts) {
    if (!facts.clusters.has(cluster)) {
      return undefined;
    }
    if (cluster.type === MEMORY_DB) {
      const given = cluster.property('TLSEnabled');
      // It encrypts by default.
      return facts.wrong('Properties.TLSEnabled', given, (text) => text !== '' && isFalse(text));
    }
    const value = cluster.property('TransitEncryptionEnabled');
    return facts.wrong('Properties.TransitEncryptionEnabled', value, (text) => !isTrue(text));
  },
};
