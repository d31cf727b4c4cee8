import type { CachePlan } from './plan';
import type { Resources } from './resources';

/** The clusters and the serverless caches of memcached; a stack may have Redis or Valkey for other software. */
export function readCaches(stack: Resources): CachePlan[] {
  const memcached = (type: string) =>
    stack.resources(type).filter(([id]) => stack.text(id, 'Engine', '') === 'memcached');
  return [
    ...memcached('AWS::ElastiCache::CacheCluster').map(([id]) => readCluster(stack, id)),
    ...memcached('AWS::ElastiCache::ServerlessCache').map(([id]) => ({
      host: stack.attribute(id, 'Endpoint.Address'),
      port: Number(stack.attribute(id, 'Endpoint.Port')),
      tls: true,
      discovery: false,
      nodes: [stack.attribute(id, 'Endpoint.Address')],
    })),
  ];
}

function readCluster(stack: Resources, id: string): CachePlan {
  const host = stack.attribute(id, 'ConfigurationEndpoint.Address');
  const tls = stack.property(id, 'TransitEncryptionEnabled') === true;
  const count = Number(stack.text(id, 'NumCacheNodes', '1'));
  return {
    host,
    port: Number(stack.attribute(id, 'ConfigurationEndpoint.Port')),
    tls,
    discovery: true,
    // https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html
    nodes: Array.from({ length: count }, (_, index) => {
      const number = String(index + 1).padStart(4, '0');
      return tls ? `${number}.${host.replace('.cfg.', '.')}` : host.replace('.cfg.', `.${number}.`);
    }),
  };
}
