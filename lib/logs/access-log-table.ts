import { ArnFormat, Aws, Fn, Resource, Stack, Token } from 'aws-cdk-lib';
import * as athena from 'aws-cdk-lib/aws-athena';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import { ACCESS_LOG_COLUMNS, ACCESS_LOG_REGEX } from './access-log-format';

/**
 * Properties of `AccessLogTable`.
 */
export interface AccessLogTableProps {
  /** The bucket with the access logs, such as `logBucket` of `OpenStackDashboard`. */
  readonly logBucket: s3.IBucket;

  /**
   * The prefix of the access logs in the bucket, without slashes at its ends.
   *
   * @default - load-balancer, as `OpenStackDashboard` sets it
   */
  readonly prefix?: string;

  /**
   * The first day with logs, as `yyyy/MM/dd`.
   *
   * @default 2026/01/01
   */
  readonly firstDay?: string;
}

/** The folder of the results of queries in the log bucket. */
const RESULTS = 'athena-results';

/**
 * A table of Amazon Athena for the access logs of the load balancer, and three queries: server errors by
 * client, the slowest paths, and requests per client. Partitions are projected, one per day, so neither a
 * crawler nor a schedule is needed. Queries cost by the data that they read; without queries, the table is
 * free.
 *
 * @see docs/access-logs.md
 * @see https://docs.aws.amazon.com/athena/latest/ug/create-alb-access-logs-table-partition-projection.html
 */
export class AccessLogTable extends Resource {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-openstack-dashboard.AccessLogTable';

  /** The database of the table. */
  public readonly database: glue.CfnDatabase;

  /** The table, as an escape hatch. */
  public readonly table: glue.CfnTable;

  /** The workgroup of the queries. Their results are in the log bucket, and expire with the logs. */
  public readonly workGroup: athena.CfnWorkGroup;

  /** The queries. */
  public readonly queries: athena.CfnNamedQuery[];

  /**
   * @throws if `prefix` or `firstDay` is invalid
   */
  constructor(scope: Construct, id: string, props: AccessLogTableProps) {
    super(scope, id);
    props = injectProps(AccessLogTable, scope, id, props);
    const { logBucket, prefix = 'load-balancer', firstDay = '2026/01/01' } = props;
    if (!Token.isUnresolved(prefix) && !/^[^/]+(\/[^/]+)*$/.test(prefix)) {
      throw invalid(this, 'prefix', 'not begin or end with a slash', prefix);
    }
    if (!Token.isUnresolved(firstDay) && !/^\d{4}\/\d{2}\/\d{2}$/.test(firstDay)) {
      throw invalid(this, 'firstDay', 'be a day such as 2026/01/31', firstDay);
    }
    const stack = Stack.of(this);
    // In lower case, and different for each stack: the first part of the unique ID in its ARN.
    const unique = Fn.select(0, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
    const name = `dashboard_${unique}_${this.node.addr.slice(-8)}`;
    const location = `s3://${logBucket.bucketName}/${prefix}/AWSLogs/${Aws.ACCOUNT_ID}/elasticloadbalancing/${stack.region}`;
    this.database = new glue.CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name, description: `Access logs of ${scope.node.path}` },
    });
    this.table = new glue.CfnTable(this, 'Table', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: this.database.ref,
      tableInput: {
        name: 'access_logs',
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: [{ name: 'day', type: 'string' }],
        parameters: {
          EXTERNAL: 'TRUE',
          'projection.enabled': 'true',
          'projection.day.type': 'date',
          'projection.day.range': `${firstDay},NOW`,
          'projection.day.format': 'yyyy/MM/dd',
          'projection.day.interval': '1',
          'projection.day.interval.unit': 'DAYS',
          'storage.location.template': `${location}/\${day}`,
        },
        storageDescriptor: {
          columns: ACCESS_LOG_COLUMNS.map(([column, type]) => ({ name: column, type })),
          location: `${location}/`,
          inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          serdeInfo: {
            serializationLibrary: 'org.apache.hadoop.hive.serde2.RegexSerDe',
            parameters: { 'serialization.format': '1', 'input.regex': ACCESS_LOG_REGEX },
          },
        },
      },
    });
    this.node.defaultChild = this.table;
    this.workGroup = new athena.CfnWorkGroup(this, 'WorkGroup', {
      name,
      description: `Queries on access logs of ${scope.node.path}`,
      // A workgroup with a history of queries cannot be deleted otherwise.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: false,
        // A query on all days would read more than the largest of dashboards logs in months.
        bytesScannedCutoffPerQuery: 10_737_418_240,
        resultConfiguration: {
          outputLocation: `s3://${logBucket.bucketName}/${RESULTS}/`,
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
          expectedBucketOwner: Aws.ACCOUNT_ID,
        },
      },
    });
    this.queries = ACCESS_LOG_QUERIES.map(({ title, description, sql }) => {
      const query = new athena.CfnNamedQuery(this, title.replace(/[^A-Za-z]/g, ''), {
        database: this.database.ref,
        name: title,
        description,
        queryString: sql,
        workGroup: this.workGroup.ref,
      });
      query.addResourceDependency(this.table);
      return query;
    });
  }

  /** The ARN of the table. */
  public get tableArn(): string {
    return Stack.of(this).formatArn({
      service: 'glue',
      resource: 'table',
      resourceName: `${this.database.ref}/${this.table.ref}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}

/** A query on the table, about the last day unless its condition is changed. */
export interface AccessLogQuery {
  readonly title: string;
  readonly description: string;
  readonly sql: string;
}

/** Reads the partitions of two days, since a window of 24 hours has parts of both. */
const WINDOW = `day >= date_format(current_timestamp - INTERVAL '24' HOUR, '%Y/%m/%d')
  AND from_iso8601_timestamp(time) >= current_timestamp - INTERVAL '24' HOUR`;

/** The path of a URL such as `https://dashboard.example.org:443/project/?page=2`. */
const PATH = 'url_extract_path(request_url)';

export const ACCESS_LOG_QUERIES: readonly AccessLogQuery[] = [
  {
    title: 'Server errors by client',
    description:
      'Clients that got a status of 500 to 599 in the last 24 hours, and where it came from',
    sql: `SELECT client_ip, domain_name, elb_status_code, target_status_code, error_reason,
  count(*) AS requests, min(time) AS first_seen, max(time) AS last_seen
FROM access_logs
WHERE ${WINDOW}
  AND elb_status_code BETWEEN 500 AND 599
GROUP BY client_ip, domain_name, elb_status_code, target_status_code, error_reason
ORDER BY requests DESC
LIMIT 100`,
  },
  {
    title: 'Slowest paths',
    description: 'Paths by the 99th percentile of the time that hosts took, in the last 24 hours',
    sql: `SELECT domain_name, request_verb, ${PATH} AS path,
  count(*) AS requests,
  approx_percentile(target_processing_time, 0.5) AS median,
  approx_percentile(target_processing_time, 0.99) AS p99
FROM access_logs
WHERE ${WINDOW}
  AND target_processing_time >= 0
GROUP BY domain_name, request_verb, ${PATH}
HAVING count(*) >= 10
ORDER BY p99 DESC
LIMIT 100`,
  },
  {
    title: 'Requests per client',
    description: 'Requests, logins, errors and bytes of each client in the last 24 hours',
    sql: `SELECT client_ip, count(*) AS requests,
  count_if(request_verb = 'POST' AND ${PATH} = '/auth/login/') AS logins,
  count_if(elb_status_code >= 400) AS errors,
  sum(sent_bytes) AS sent_bytes,
  min(time) AS first_seen, max(time) AS last_seen
FROM access_logs
WHERE ${WINDOW}
GROUP BY client_ip
ORDER BY requests DESC
LIMIT 100`,
  },
];
