/**
 * The alarms that are recommended for a dashboard.
 */
export enum DashboardAlarm {
  /** The load balancer itself answers requests with errors: no host can be reached, or too slow. */
  LOAD_BALANCER_ERRORS = 'LoadBalancerErrors',

  /** Dashboard hosts answer requests with errors. */
  DASHBOARD_ERRORS = 'DashboardErrors',

  /** No dashboard host is healthy. */
  DASHBOARD_DOWN = 'DashboardDown',

  /** A dashboard host fails its health checks, longer than a replacement takes to start. */
  DASHBOARD_UNHEALTHY = 'DashboardUnhealthy',

  /** The dashboard answers slowly. */
  DASHBOARD_SLOW = 'DashboardSlow',

  /** There are fewer dashboard hosts than the minimum. */
  DASHBOARD_BELOW_MINIMUM = 'DashboardBelowMinimum',

  /** The dashboard hosts cannot scale out any further. */
  DASHBOARD_AT_MAXIMUM = 'DashboardAtMaximum',

  /** Dashboard hosts use more CPU than their instance type includes, which is charged. */
  DASHBOARD_CPU_CREDITS = 'DashboardCpuCredits',

  /** Static hosts answer requests with errors. */
  STATIC_ERRORS = 'StaticErrors',

  /** No static host is healthy. */
  STATIC_DOWN = 'StaticDown',

  /** A static host fails its health checks, longer than a replacement takes to start. */
  STATIC_UNHEALTHY = 'StaticUnhealthy',

  /** Static media is served slowly. */
  STATIC_SLOW = 'StaticSlow',

  /** There are fewer static hosts than the minimum. */
  STATIC_BELOW_MINIMUM = 'StaticBelowMinimum',

  /** The static hosts cannot scale out any further. */
  STATIC_AT_MAXIMUM = 'StaticAtMaximum',

  /** Static hosts use more CPU than their instance type includes, which is charged. */
  STATIC_CPU_CREDITS = 'StaticCpuCredits',

  /** Memcached evicts sessions because it has no memory left. */
  MEMCACHED_EVICTIONS = 'MemcachedEvictions',

  /** A memcached node has little CPU left. */
  MEMCACHED_CPU = 'MemcachedCpu',

  /** A memcached node has few CPU credits left. */
  MEMCACHED_CPU_CREDITS = 'MemcachedCpuCredits',

  /** A memcached node swaps. */
  MEMCACHED_SWAP = 'MemcachedSwap',

  /** A memcached node has nearly as many connections as it accepts. */
  MEMCACHED_CONNECTIONS = 'MemcachedConnections',

  /** Memcached reports no metrics. */
  MEMCACHED_SILENT = 'MemcachedSilent',

  /** A serverless cache throttles commands. */
  MEMCACHED_THROTTLED = 'MemcachedThrottled',

  /** The certificate expires soon, or has expired. */
  CERTIFICATE = 'Certificate',

  /** A NAT gateway has no ports left for connections to one destination, such as Keystone. */
  NAT_PORTS = 'NatPorts',

  /** A rotation of the secret key failed. */
  ROTATION = 'Rotation',

  /** A bake of a machine image failed. */
  BAKE = 'Bake',

  /** Somebody forges sessions or cookies. */
  SEALING = 'Sealing',

  /** A host failed to start. */
  BOOT = 'Boot',

  /** Many logins fail: somebody may be guessing passwords. */
  BRUTE_FORCE = 'BruteForce',
}
