import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';

/**
 * Options of a log group for the logs of hosts.
 */
export interface HostLogGroupOptions {
  /**
   * How long the logs are kept.
   *
   * @default RetentionDays.ONE_YEAR
   */
  readonly retention?: logs.RetentionDays;

  /**
   * The KMS key that encrypts the logs. Its policy is extended so that CloudWatch Logs can use it; the
   * policy of an imported key must already allow that.
   *
   * @default - the key of CloudWatch Logs
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What happens to the logs if the stack is deleted or the log group is replaced.
   *
   * @default - they are kept, except if the creation of the log group is rolled back
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Properties of `HostLogGroup`.
 */
export interface HostLogGroupProps extends HostLogGroupOptions {
  /**
   * An existing log group of the standard class. Retention, key and removal policy are its own.
   *
   * @default - a new one
   */
  readonly logGroup?: logs.ILogGroup;
}

const IDENTIFIER = logs.FilterPattern.stringValue('$.identifier', '=', 'openstack-dashboard');
// How Horizon's lines about correct passwords end that need a second factor or have expired
const CORRECT_PASSWORDS = [': TOTPrequired.', ': password expired.'];
const UNIT = logs.FilterPattern.stringValue('$.unit', '=', 'openstack-dashboard.service');

/**
 * A log group for the logs of hosts in Amazon CloudWatch Logs, with metrics of what they log and saved
 * queries. It has one log stream per host, named after the instance ID.
 *
 * @see docs/logs.md
 */
export class HostLogGroup extends Construct {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-openstack-dashboard.HostLogGroup';

  /** The log group. */
  public readonly logGroup: logs.ILogGroup;

  private readonly namespace: string;

  /**
   * @throws if `logGroup` is given with other props
   */
  constructor(scope: Construct, id: string, props: HostLogGroupProps = {}) {
    super(scope, id);
    props = injectProps(HostLogGroup, scope, id, props);
    const { logGroup, retention, encryptionKey, removalPolicy } = props;
    if (logGroup && (retention ?? encryptionKey ?? removalPolicy) !== undefined) {
      throw invalid(
        this,
        'logGroup',
        'not be given with retention, encryptionKey or removalPolicy; set them on the existing log group',
      );
    }
    this.logGroup = logGroup ?? this.createLogGroup(props);
    this.node.defaultChild = logGroup ? undefined : this.logGroup.node.defaultChild;
    // Unique, since the name of the log group is
    this.namespace = `OpenStackDashboard/${this.logGroup.logGroupName}`;
    this.addFilter(
      'FailedStarts',
      logs.FilterPattern.all(
        IDENTIFIER,
        logs.FilterPattern.stringValue('$.message', '=', 'openstack-dashboard: FAILED: *'),
      ),
    );
    this.addFilter(
      'FailedLogins',
      logs.FilterPattern.all(
        UNIT,
        logs.FilterPattern.stringValue('$.message', '=', '*Login failed for user*'),
        // At the end alone, since a name that a client sends may contain it too
        ...CORRECT_PASSWORDS.map((end) =>
          logs.FilterPattern.stringValue('$.message', '!=', `*${end}`),
        ),
      ),
    );
    this.addFilter(
      'ForgedValues',
      logs.FilterPattern.all(UNIT, logs.FilterPattern.numberValue('$.data.forged', '>', 0)),
      '$.data.forged',
    );
  }

  /**
   * The number of steps that failed while hosts started. A host that fails to start has at least one.
   *
   * @default - sum over five minutes
   */
  public metricFailedStarts(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('FailedStarts', props);
  }

  /**
   * The number of logins with a wrong name or password, also of users who mistype. A correct password that has expired, or that
   * needs a second factor, does not count.
   *
   * @default - sum over five minutes
   */
  public metricFailedLogins(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('FailedLogins', props);
  }

  /**
   * The number of sealed sessions and cookies that were rejected because they are forged.
   *
   * @default - sum over five minutes
   */
  public metricForgedValues(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ForgedValues', props);
  }

  /**
   * Saves a query in CloudWatch Logs Insights: hosts that failed to start, with the reasons.
   */
  public queryFailedStarts(): logs.QueryDefinition {
    return this.query('Failed starts', {
      fields: ['@timestamp', '@logStream', 'message'],
      filterStatements: ['identifier = "openstack-dashboard"', 'message like /FAILED: /'],
      sort: '@timestamp desc',
      limit: 100,
    });
  }

  /**
   * Saves a query in CloudWatch Logs Insights: warnings, errors and tracebacks of all programs.
   */
  public queryErrors(): logs.QueryDefinition {
    return this.query('Errors', {
      fields: ['@timestamp', '@logStream', 'unit', 'message'],
      filterStatements: ['priority <= 4 or message like /ERROR|CRITICAL|Traceback/'],
      sort: '@timestamp desc',
      limit: 500,
    });
  }

  /**
   * Saves a query in CloudWatch Logs Insights: failed logins by user and address.
   */
  public queryFailedLogins(): logs.QueryDefinition {
    return this.query('Failed logins', {
      filterStatements: [
        'message like /Login failed for user/',
        'message not like /: (TOTPrequired|password expired)\\.$/',
      ],
      parseStatements: [
        'message /user "(?<user>.*)" using domain .* remote address (?<address>[0-9a-fA-F.:/]*[0-9a-fA-F/])/',
      ],
      statsStatements: ['count(*) as failures by user, address'],
      sort: 'failures desc',
      limit: 100,
    });
  }

  /**
   * Saves a query in CloudWatch Logs Insights: rejected sessions and cookies by host.
   */
  public queryRefusedValues(): logs.QueryDefinition {
    return this.query('Refused values', {
      filterStatements: ['message like /values refused/'],
      statsStatements: [
        'sum(data.forged) as forged, count(*) as reports by @logStream, data.purpose',
      ],
      sort: 'forged desc',
    });
  }

  /**
   * Saves a query in CloudWatch Logs Insights: the slowest pages. It needs the access log.
   */
  public querySlowRequests(): logs.QueryDefinition {
    return this.query('Slow requests', {
      filterStatements: ['identifier = "nginx_access"'],
      statsStatements: [
        'count(*) as requests, pct(request.seconds, 99) as p99, max(request.seconds) as slowest by request.uri',
      ],
      sort: 'p99 desc',
      limit: 100,
    });
  }

  /**
   * Saves a query in CloudWatch Logs Insights: all lines in order, to be narrowed to one host or time.
   */
  public queryLines(): logs.QueryDefinition {
    return this.query('Lines', {
      fields: ['@timestamp', '@logStream', 'identifier', 'message'],
      sort: '@timestamp asc',
      limit: 10000,
    });
  }

  /**
   * Saves all queries in CloudWatch Logs Insights.
   */
  public addQueries(): logs.QueryDefinition[] {
    return [
      this.queryFailedStarts(),
      this.queryErrors(),
      this.queryFailedLogins(),
      this.queryRefusedValues(),
      this.querySlowRequests(),
      this.queryLines(),
    ];
  }

  /**
   * Allows hosts to create their streams and to write to them.
   * @internal
   */
  public _grantWrite(role: iam.IGrantable): void {
    role.grantPrincipal.addToPrincipalPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.logGroup.logGroupArn],
      }),
    );
  }

  private createLogGroup(options: HostLogGroupOptions): logs.LogGroup {
    if (options.encryptionKey) {
      allowLogs(this, options.encryptionKey);
    }
    return new logs.LogGroup(this, 'LogGroup', {
      retention: options.retention ?? logs.RetentionDays.ONE_YEAR,
      encryptionKey: options.encryptionKey,
      removalPolicy: options.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }

  private addFilter(metricName: string, filterPattern: logs.IFilterPattern, metricValue = '1') {
    new logs.MetricFilter(this, metricName, {
      logGroup: this.logGroup,
      metricNamespace: this.namespace,
      metricName,
      filterPattern,
      metricValue,
      defaultValue: 0,
    });
  }

  private metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: this.namespace,
      metricName,
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(5),
      ...props,
    }).attachTo(this);
  }

  private query(name: string, query: logs.QueryStringProps): logs.QueryDefinition {
    const id = name.replace(/ /g, '');
    const found = this.node.tryFindChild(id);
    return found instanceof logs.QueryDefinition
      ? found
      : new logs.QueryDefinition(this, id, {
          // A slash makes a folder
          queryDefinitionName: `${this.node.path}/${name}`,
          queryString: new logs.QueryString(query),
          logGroups: [this.logGroup],
        });
  }
}

/**
 * The log group cannot be named, since it depends on the key.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
function allowLogs(scope: Construct, key: kms.IKey): void {
  const { region, urlSuffix } = Stack.of(scope);
  const statement = new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal(`logs.${region}.${urlSuffix}`)],
    actions: [
      'kms:Encrypt',
      'kms:Decrypt',
      'kms:ReEncrypt*',
      'kms:GenerateDataKey*',
      'kms:DescribeKey',
    ],
    resources: ['*'],
    conditions: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': Stack.of(scope).formatArn({
          service: 'logs',
          resource: 'log-group:*',
        }),
      },
    },
  });
  if (!key.addToResourcePolicy(statement).statementAdded) {
    Validations.of(scope).addWarning(
      'cdk-openstack-dashboard:hostLogsKey',
      `the policy of the imported key ${key.node.path} cannot be changed here; allow CloudWatch Logs to use it for log groups of this account, then acknowledge this warning`,
    );
  }
}
