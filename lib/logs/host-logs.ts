import { Construct } from 'constructs';
import { HostLogGroup, HostLogGroupOptions } from './host-log-group';

/**
 * Options of logs in Amazon CloudWatch Logs.
 */
export interface HostLogsOptions extends HostLogGroupOptions {
  /**
   * Whether the access log of nginx is sent too. It has no query strings and cookies. Changing it
   * rolls out new hosts.
   *
   * @default false
   */
  readonly accessLog?: boolean;
}

/** The log group of hosts, and what they send to it. */
export interface BoundHostLogs {
  readonly logGroup: HostLogGroup;
  readonly accessLog: boolean;
}

/**
 * Where hosts send their logs, so that the logs outlive them.
 *
 * @see docs/logs.md
 */
export abstract class HostLogs {
  /**
   * Hosts send their journal to a new log group in Amazon CloudWatch Logs.
   *
   * @param options retention, key, and whether the access log is sent too
   */
  public static cloudWatch(options: HostLogsOptions = {}): HostLogs {
    const { accessLog, ...groupOptions } = options;
    return new CloudWatch(
      accessLog ?? false,
      (scope) => new HostLogGroup(scope, 'HostLogs', groupOptions),
    );
  }

  /**
   * Hosts send their journal to an existing `HostLogGroup`, which several groups of hosts may share.
   *
   * @param logGroup the log group
   * @param accessLog whether the access log of nginx is sent too; false by default
   */
  public static toLogGroup(logGroup: HostLogGroup, accessLog?: boolean): HostLogs {
    return new CloudWatch(accessLog ?? false, () => logGroup);
  }

  /**
   * Logs stay on the hosts, and end with them.
   */
  public static none(): HostLogs {
    return new None();
  }

  /**
   * Creates the log group, if there is one.
   *
   * @internal
   */
  public abstract _bind(scope: Construct): BoundHostLogs | undefined;
}

class CloudWatch extends HostLogs {
  constructor(
    private readonly accessLog: boolean,
    private readonly logGroup: (scope: Construct) => HostLogGroup,
  ) {
    super();
  }

  /** @internal */
  public _bind(scope: Construct): BoundHostLogs {
    return { logGroup: this.logGroup(scope), accessLog: this.accessLog };
  }
}

class None extends HostLogs {
  /** @internal */
  public _bind(): undefined {
    return undefined;
  }
}
