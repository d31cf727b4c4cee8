// What constructs and files of hosts both have, other than parameters. Files of hosts name it as it is;
// test/unit/contract.test.ts compares.

/** The path of static media, on whichever name it is. */
export const STATIC_PATH = '/static/';

/** What the keys of releases in the asset bucket begin with. */
export const RELEASE_PREFIX = 'releases/';

/** What load balancers ask a host for. */
export const HEALTH_PATH = '/healthz';

/** The name of the launch lifecycle hook, which a host completes. */
export const LAUNCH_HOOK = 'openstack-dashboard';

/** How long nginx on hosts keeps an idle connection. */
export const HOST_KEEPALIVE_SECONDS = 75;

/** How long a load balancer waits for an answer unless `idleTimeout` is longer. */
export const MIN_IDLE_TIMEOUT_SECONDS = 60;

/** How long it takes, unless a prop says otherwise, until every host has seen a new secret. */
export const PICK_UP_SECONDS = 1200;
