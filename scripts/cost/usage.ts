/** How much a deployment is used: what a template cannot show. */
export interface Usage {
  /** People who use the dashboard on a working day. */
  readonly users: number;
  /** Requests of one of them on that day, without static media. */
  readonly requestsPerUser: number;
  readonly workingDaysPerMonth: number;
  readonly workingHoursPerDay: number;
  /** Bytes from the load balancer to the browser per request, compressed, with static media. */
  readonly pageKilobytes: number;
  /** Bytes of answers of OpenStack APIs per request. They pass the NAT gateway. */
  readonly apiKilobytes: number;
  /** Connections that a browser keeps open. */
  readonly connectionsPerUser: number;
  /** New connections of browsers per request. */
  readonly newConnectionsPerRequest: number;
  /** How often a host is replaced: deployments, updates, scaling. */
  readonly startsPerHost: number;
  /** Debian packages that a host downloads when it starts. They pass the NAT gateway. */
  readonly gigabytesPerStart: number;
  /** Records of VPC flow logs: health checks, time, names, AWS APIs. */
  readonly flowRecordsPerHostMinute: number;
  /** Records of VPC flow logs: connections to browsers, hosts, memcached and APIs. */
  readonly flowRecordsPerRequest: number;
  readonly bytesPerFlowRecord: number;
  /** What is left of flow logs in S3, where they are compressed. */
  readonly flowLogCompression: number;
  /** A line of the load balancer's access log in S3, compressed. */
  readonly bytesPerAccessRecord: number;
  /** How long logs are kept in a bucket without an expiration. */
  readonly monthsWithoutExpiration: number;
  /** Into each log group of Amazon CloudWatch Logs. */
  readonly logGroupGigabytes: number;
  /** The sum of all sessions, for a serverless cache. */
  readonly sessionGigabytes: number;
  /** Of a serverless cache: a unit is 1 KB read or written. */
  readonly cacheUnitsPerRequest: number;
  /** Of a machine image whose volume the template does not name. */
  readonly rootVolumeGigabytes: number;
  /** Executions of a state machine, such as that of `SecretKeyRotation`. */
  readonly stateMachineRuns: number;
}

/** Hours of a month, as AWS counts them. */
export const HOURS = 730;

const ASSUMED: Omit<Usage, 'users'> = {
  requestsPerUser: 300,
  workingDaysPerMonth: 21,
  workingHoursPerDay: 8,
  pageKilobytes: 30,
  apiKilobytes: 50,
  connectionsPerUser: 6,
  newConnectionsPerRequest: 0.2,
  startsPerHost: 2,
  gigabytesPerStart: 0.3,
  flowRecordsPerHostMinute: 60,
  flowRecordsPerRequest: 10,
  bytesPerFlowRecord: 120,
  flowLogCompression: 0.15,
  bytesPerAccessRecord: 150,
  monthsWithoutExpiration: 12,
  logGroupGigabytes: 0.1,
  sessionGigabytes: 0.1,
  cacheUnitsPerRequest: 20,
  rootVolumeGigabytes: 8,
  stateMachineRuns: 30,
};

/** The usage of each size. */
export const USAGE = {
  thrifty: { ...ASSUMED, users: 20 },
  default: { ...ASSUMED, users: 100 },
  large: { ...ASSUMED, users: 2000, sessionGigabytes: 1 },
} satisfies Record<string, Usage>;

/** Requests of a month, without static media. */
export function requestsPerMonth({ users, requestsPerUser, workingDaysPerMonth }: Usage): number {
  return users * requestsPerUser * workingDaysPerMonth;
}

/** Requests per minute in working hours. */
export function requestsPerMinute(usage: Usage): number {
  return (usage.users * usage.requestsPerUser) / (usage.workingHoursPerDay * 60);
}
