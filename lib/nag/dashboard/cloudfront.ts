import { asList, get } from '../template/template';
import { Facts } from './facts';

/** The configuration of one of a distribution's behaviors, and its place in the distribution's. */
export type Behavior = [place: string, behavior: unknown];

/** The behaviors of a distribution's configuration, the default one first. */
export function behaviorsOf(config: unknown): Behavior[] {
  return [
    ['DefaultCacheBehavior', get(config, 'DefaultCacheBehavior')],
    ...(asList(get(config, 'CacheBehaviors')) ?? []).map((behavior, index): Behavior => [
      `CacheBehaviors.${index}`,
      behavior,
    ]),
  ];
}

/** The places of behaviors that allow requests without TLS. */
export function withoutTls(behaviors: readonly Behavior[], facts: Facts): string[] {
  return behaviors.flatMap(([place, behavior]) =>
    facts.wrong(
      `Properties.DistributionConfig.${place}.ViewerProtocolPolicy`,
      get(behavior, 'ViewerProtocolPolicy'),
      (policy) => policy === 'allow-all',
    ),
  );
}
