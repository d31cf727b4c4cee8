// Constants, other than parameters, that constructs share with the files of hosts, which repeat them
// literally. test/unit/contract.test.ts compares them.

/** The path of static media under any name. */
export const STATIC_PATH = '/static/';

/** The key prefix of releases in the asset bucket. */
export const RELEASE_PREFIX = 'releases/';

/** The path of the health check. */
export const HEALTH_PATH = '/healthz';

/** The name of the launch lifecycle hook that a host completes. */
export const LAUNCH_HOOK = 'openstack-dashboard';

/** The file with the CA certificates of OpenStack that hosts get from the stack. */
export const CA_CERTIFICATES_FILE = '/etc/openstack-dashboard/ca-certificates.pem';

/** The folder with the policies, the customization and the messages of a site. */
export const SITE_FOLDER = '/usr/local/share/openstack-dashboard/site';

/** The Python package of the customization. */
export const CUSTOMIZATION = 'openstack_dashboard_customization';

/** How long nginx on hosts keeps an idle connection. */
export const HOST_KEEPALIVE_SECONDS = 620;

/** How long a load balancer may keep an idle connection: less than hosts do. */
export const MAX_IDLE_TIMEOUT_SECONDS = 600;

/** How long a load balancer waits for a response, unless `idleTimeout` is longer. */
export const MIN_IDLE_TIMEOUT_SECONDS = 60;

/** The default time until every host has seen a new secret. */
export const PICK_UP_SECONDS = 1200;
