import { DEFAULT_CACHE } from '../machine/image';
import type { Plan } from '../stack/plan';
import type { PreviewOptions } from './options';
import type { Needs } from './this-machine';

/** What a machine needs for a preview of a plan. */
export function needsOf(options: PreviewOptions, { hosts }: Pick<Plan, 'hosts'>): Needs {
  const federation = options.federation === true || options.fullCloud === true;
  return {
    cache: options.cache ?? DEFAULT_CACHE,
    pip: hosts.some(({ horizonLock }) => horizonLock !== undefined),
    identityProviders: federation && options.keycloak === undefined,
  };
}
