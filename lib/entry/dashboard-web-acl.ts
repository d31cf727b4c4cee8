import { ArnFormat, Aws, Fn, Names, Resource, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import { requireInteger } from '../shared/validate';

/** The path that browsers send passwords to. */
const LOGIN_PATH = '/auth/login';

/**
 * Rules of the core rule set that ordinary requests of Horizon match, so they only count: user data,
 * templates and descriptions are in bodies, which may be large, and names of objects are in paths, where
 * a letter may take nine bytes. `npm run test:waf` compares them with requests of a real Horizon.
 */
const COUNTED = [
  'SizeRestrictions_BODY',
  'SizeRestrictions_URIPATH',
  'EC2MetaDataSSRF_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
  'CrossSiteScripting_BODY',
  'RestrictedExtensions_URIPATH',
];

const REGIONAL = /^arn:[\w-]+:wafv2:[\w-]+:\d{12}:regional\/webacl\/[\w-]+\/[\w-]+$/;

/**
 * Properties of `DashboardWebAcl`.
 */
export interface DashboardWebAclProps {
  /**
   * The number of logins from one address in five minutes, from 10 to 2,000,000,000. Further ones are
   * answered with 429. Many users of one office may share an address.
   *
   * @default 100
   */
  readonly loginAttempts?: number;

  /**
   * Whether requests are only counted, never blocked. Start with it, and read the log before you turn
   * it off.
   *
   * @default false
   */
  readonly countOnly?: boolean;

  /**
   * How long the log of blocked and counted requests is kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;
}

/**
 * A web ACL of AWS WAF for a dashboard: the core rule set without the rules that ordinary requests of
 * Horizon match, known bad inputs, addresses with a bad reputation, and a limit of logins per address.
 * Its log has blocked and counted requests, without cookies, tokens and query strings.
 *
 * @see docs/entry.md
 * @see https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
 */
export class DashboardWebAcl extends Resource implements wafv2.IWebACLRef {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-openstack-dashboard.DashboardWebAcl';

  /**
   * Imports an existing web ACL.
   *
   * @param webAclArn the ARN of a regional web ACL
   * @throws if the ARN is known and not that of a regional web ACL
   */
  public static fromWebAclArn(scope: Construct, id: string, webAclArn: string): wafv2.IWebACLRef {
    class Import extends Resource implements wafv2.IWebACLRef {
      public readonly webAclRef = {
        webAclArn,
        webAclName: Fn.select(2, Fn.split('/', webAclArn)),
        webAclId: Fn.select(3, Fn.split('/', webAclArn)),
        scope: 'REGIONAL',
      };
    }
    const imported = new Import(scope, id);
    if (!Token.isUnresolved(webAclArn) && !REGIONAL.test(webAclArn)) {
      throw invalid(imported, 'webAclArn', 'be the ARN of a regional web ACL', webAclArn);
    }
    return imported;
  }

  /** The CloudFormation resource of the web ACL, as an escape hatch. */
  public readonly webAcl: wafv2.CfnWebACL;

  /** The log of blocked and counted requests. */
  public readonly logGroup: logs.LogGroup;

  private readonly metricName: string;

  /**
   * @throws if `loginAttempts` is out of range
   */
  constructor(scope: Construct, id: string, props: DashboardWebAclProps = {}) {
    super(scope, id);
    props = injectProps(DashboardWebAcl, scope, id, props);
    const limit = props.loginAttempts ?? 100;
    requireInteger(this, 'loginAttempts', limit, 10, 2_000_000_000);
    if (Token.isUnresolved(props.countOnly)) {
      throw invalid(this, 'countOnly', 'be known at synth time', props.countOnly);
    }
    const countOnly = props.countOnly ?? false;

    this.metricName = Names.uniqueResourceName(this, { maxLength: 100 });
    this.webAcl = new wafv2.CfnWebACL(this, 'WebAcl', {
      scope: 'REGIONAL',
      description: 'Dashboard of OpenStack',
      defaultAction: { allow: {} },
      visibilityConfig: visibility(this.metricName),
      rules: [
        managed('IpReputation', 0, 'AWSManagedRulesAmazonIpReputationList', countOnly),
        managed('KnownBadInputs', 1, 'AWSManagedRulesKnownBadInputsRuleSet', countOnly),
        managed('Core', 2, 'AWSManagedRulesCommonRuleSet', countOnly, COUNTED),
        {
          name: 'Logins',
          priority: 3,
          action: countOnly ? { count: {} } : { block: { customResponse: { responseCode: 429 } } },
          visibilityConfig: visibility('Logins'),
          statement: {
            rateBasedStatement: {
              aggregateKeyType: 'IP',
              limit,
              evaluationWindowSec: 300,
              scopeDownStatement: { andStatement: { statements: loginStatements() } },
            },
          },
        },
      ],
    });
    this.node.defaultChild = this.webAcl;

    // AWS WAF only logs to names with this prefix.
    const logGroupName = `aws-waf-logs-${Aws.STACK_NAME}-${this.node.addr.slice(-8)}`;
    this.logGroup = new logs.LogGroup(this, 'Logs', {
      logGroupName,
      retention: props.logRetention ?? logs.RetentionDays.THREE_MONTHS,
    });
    const logging = new wafv2.CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.webAcl.attrArn,
      // AWS WAF does not take the ARN of a log group with its `:*` at the end.
      logDestinationConfigs: [
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      redactedFields: [
        { singleHeader: { Name: 'cookie' } },
        { singleHeader: { Name: 'authorization' } },
        { singleHeader: { Name: 'x-auth-token' } },
        { queryString: {} },
      ],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((Action) => ({
              ActionCondition: { Action },
            })),
          },
        ],
      },
    });
    logging.node.addDependency(this.logGroup);
  }

  /** A reference to the web ACL, for constructs that take an `IWebACLRef`. */
  public get webAclRef(): wafv2.WebACLReference {
    return this.webAcl.webAclRef;
  }

  /**
   * The number of requests that the web ACL blocks.
   *
   * @default - sum over five minutes
   * @see https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
   */
  public metricBlockedRequests(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/WAFV2',
      metricName: 'BlockedRequests',
      dimensionsMap: { WebACL: this.metricName, Region: Stack.of(this).region, Rule: 'ALL' },
      statistic: cloudwatch.Stats.SUM,
      ...props,
    }).attachTo(this);
  }
}

function visibility(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  // Sampled requests would show cookies and tokens in the console.
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false, metricName };
}

/** A rule group that AWS maintains. */
function managed(
  name: string,
  priority: number,
  group: string,
  countOnly: boolean,
  counted: readonly string[] = [],
): wafv2.CfnWebACL.RuleProperty {
  return {
    name,
    priority,
    overrideAction: countOnly ? { count: {} } : { none: {} },
    visibilityConfig: visibility(name),
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name: group,
        ruleActionOverrides: counted.length
          ? counted.map((rule) => ({ name: rule, actionToUse: { count: {} } }))
          : undefined,
      },
    },
  };
}

/** Statements about a login: a POST request to its path, with or without a slash at the end. */
function loginStatements(): wafv2.CfnWebACL.StatementProperty[] {
  return [
    {
      byteMatchStatement: {
        fieldToMatch: { method: {} },
        positionalConstraint: 'EXACTLY',
        searchString: 'POST',
        textTransformations: [{ priority: 0, type: 'NONE' }],
      },
    },
    {
      byteMatchStatement: {
        fieldToMatch: { uriPath: {} },
        positionalConstraint: 'STARTS_WITH',
        searchString: LOGIN_PATH,
        textTransformations: [{ priority: 0, type: 'NONE' }],
      },
    },
  ];
}
