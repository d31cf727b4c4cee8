// The web ACL of AWS WAF.
import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { DashboardEntry, DashboardWebAcl, DashboardWebAclProps, HttpsEntry } from '../../lib';
import * as awsRules from '../system/waf/aws-rules.json';
import { certificate, NAME, network, newStack, resource, Resource, resourcesOf } from './fixtures';

type Properties = Resource['Properties'];

function webAcl(props?: DashboardWebAclProps): { template: Template; rules: Properties[] } {
  const stack = newStack();
  new DashboardWebAcl(stack, 'Waf', props);
  const template = Template.fromStack(stack);
  return { template, rules: resource(template, 'AWS::WAFv2::WebACL').Properties.Rules };
}

/** Rules of the core rule set, as AWS lists them. */
const CORE = Object.keys(awsRules.groups.AWSManagedRulesCommonRuleSet);

test('blocks with the rule groups of AWS, except where ordinary requests match', () => {
  const { rules } = webAcl();
  const groups = rules.filter(({ Statement }) => Statement.ManagedRuleGroupStatement);
  expect(
    groups.map(({ Statement, OverrideAction }) => [
      Statement.ManagedRuleGroupStatement.Name,
      OverrideAction,
    ]),
  ).toEqual([
    ['AWSManagedRulesAmazonIpReputationList', { None: {} }],
    ['AWSManagedRulesKnownBadInputsRuleSet', { None: {} }],
    ['AWSManagedRulesCommonRuleSet', { None: {} }],
  ]);
  const counted = groups[2].Statement.ManagedRuleGroupStatement.RuleActionOverrides;
  const names: string[] = counted.map(({ Name }: Properties) => Name);
  expect(counted.map(({ ActionToUse }: Properties) => ActionToUse)).toEqual(
    names.map(() => ({ Count: {} })),
  );
  // A name that the group does not have would be an error of the deployment.
  expect(CORE).toEqual(expect.arrayContaining(names));
  // Bodies have user data and templates: every rule about them counts.
  expect(names).toEqual(expect.arrayContaining(CORE.filter((name) => name.endsWith('_BODY'))));
});

test('limits logins per address, and nothing else', () => {
  const { rules } = webAcl({ loginAttempts: 50 });
  const { Action, Statement } = rules.find(({ Name }) => Name === 'Logins');
  expect(Action).toEqual({ Block: { CustomResponse: { ResponseCode: 429 } } });
  const { AggregateKeyType, Limit, EvaluationWindowSec, ScopeDownStatement } =
    Statement.RateBasedStatement;
  expect([AggregateKeyType, Limit, EvaluationWindowSec]).toEqual(['IP', 50, 300]);
  expect(
    ScopeDownStatement.AndStatement.Statements.map(({ ByteMatchStatement }: Properties) => [
      Object.keys(ByteMatchStatement.FieldToMatch)[0],
      ByteMatchStatement.PositionalConstraint,
      ByteMatchStatement.SearchString,
    ]),
  ).toEqual([
    ['Method', 'EXACTLY', 'POST'],
    ['UriPath', 'STARTS_WITH', '/auth/login'],
  ]);
});

test('can count only', () => {
  const { rules } = webAcl({ countOnly: true });
  expect(rules.map(({ Action, OverrideAction }) => Action ?? OverrideAction)).toEqual(
    rules.map(() => ({ Count: {} })),
  );
});

test('fits into the capacity of a web ACL', () => {
  // Of the groups as AWS lists them; a rate-based rule takes 2, each byte match 10 at most.
  const capacities = [25, 200, 700, 2 + 2 * 10];
  const { rules } = webAcl();
  expect(rules).toHaveLength(capacities.length);
  expect(capacities.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(1500);
  expect(rules.map(({ Priority }) => Priority)).toEqual([0, 1, 2, 3]);
});

test('logs blocked and counted requests without what may be a token', () => {
  const { template } = webAcl({ logRetention: logs.RetentionDays.ONE_MONTH });
  const { Properties: logging } = resource(template, 'AWS::WAFv2::LoggingConfiguration');
  expect(logging.RedactedFields).toEqual([
    { SingleHeader: { Name: 'cookie' } },
    { SingleHeader: { Name: 'authorization' } },
    { SingleHeader: { Name: 'x-auth-token' } },
    { QueryString: {} },
  ]);
  expect(logging.LoggingFilter.DefaultBehavior).toBe('DROP');
  const { Properties: group } = resource(template, 'AWS::Logs::LogGroup');
  expect(group.RetentionInDays).toBe(30);
  expect(group.LogGroupName['Fn::Join'][1].slice(0, 2)).toEqual([
    'aws-waf-logs-',
    { Ref: 'AWS::StackName' },
  ]);
  // The same name, and no `:*` at its end.
  const arn = JSON.stringify(logging.LogDestinationConfigs[0]);
  expect(arn).toContain(`:log-group:aws-waf-logs-`);
  expect(arn).not.toContain(':*');
  const { VisibilityConfig, Rules } = resource(template, 'AWS::WAFv2::WebACL').Properties;
  for (const each of [
    VisibilityConfig,
    ...Rules.map((rule: Properties) => rule.VisibilityConfig),
  ]) {
    expect(each).toMatchObject({ CloudWatchMetricsEnabled: true, SampledRequestsEnabled: false });
  }
});

test('has a metric of blocked requests, by the name that it publishes', () => {
  const stack = newStack();
  const acl = new DashboardWebAcl(stack, 'Waf');
  const { dimensions } = acl.metricBlockedRequests();
  const { VisibilityConfig } = resource(Template.fromStack(stack), 'AWS::WAFv2::WebACL').Properties;
  expect(stack.resolve(dimensions)).toEqual({
    WebACL: VisibilityConfig.MetricName,
    Region: { Ref: 'AWS::Region' },
    Rule: 'ALL',
  });
  expect(VisibilityConfig.MetricName).toMatch(/^\w{1,128}$/);
});

test('two of them fit into a stack', () => {
  const stack = newStack();
  new DashboardWebAcl(stack, 'One');
  new DashboardWebAcl(stack, 'Other');
  const groups = resourcesOf(Template.fromStack(stack), 'AWS::Logs::LogGroup');
  const names = Object.values(groups).map(({ Properties: { LogGroupName } }) =>
    JSON.stringify(LogGroupName),
  );
  expect(new Set(names).size).toBe(2);
});

test.each([9, 2_000_000_001, 10.5])('rejects %d login attempts', (loginAttempts) => {
  expect(() => webAcl({ loginAttempts })).toThrow(/^Stack\/Waf: loginAttempts must be /);
});

test('takes a number of logins that is not known at synth time', () => {
  const { rules } = webAcl({ loginAttempts: Lazy.number({ produce: () => 20 }) });
  expect(rules[3].Statement.RateBasedStatement.Limit).toBe(20);
});

describe('an entry', () => {
  const entryWith = (options: (stack: Stack) => { webAcl?: wafv2.IWebACLRef }): Template => {
    const stack = new Stack(new App(), 'Stack', {
      env: { account: '123456789012', region: 'eu-west-1' },
    });
    new HttpsEntry(stack, 'Entry', {
      vpc: network(stack),
      domainName: NAME,
      entry: DashboardEntry.newLoadBalancer({ certificate: certificate(stack), ...options(stack) }),
    });
    return Template.fromStack(stack);
  };

  test('has its load balancer inspected', () => {
    const template = entryWith((stack) => ({ webAcl: new DashboardWebAcl(stack, 'Waf') }));
    expect(resource(template, 'AWS::WAFv2::WebACLAssociation').Properties).toEqual({
      ResourceArn: { Ref: expect.stringMatching(/^EntryLoadBalancer/) },
      WebACLArn: { 'Fn::GetAtt': [expect.stringMatching(/^WafWebAcl/), 'Arn'] },
    });
  });

  test('takes a web ACL of another kind', () => {
    const template = entryWith((stack) => ({
      webAcl: DashboardWebAcl.fromWebAclArn(
        stack,
        'Given',
        'arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/given/0123-4567',
      ),
    }));
    expect(resource(template, 'AWS::WAFv2::WebACLAssociation').Properties.WebACLArn).toBe(
      'arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/given/0123-4567',
    );
  });

  test('rejects a web ACL that is not regional', () => {
    const arn = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/given/0123-4567';
    expect(() => DashboardWebAcl.fromWebAclArn(newStack(), 'Given', arn)).toThrow(
      `Stack/Given: webAclArn must be the ARN of a regional web ACL, got '${arn}'`,
    );
  });

  test('has none by default', () => {
    entryWith(() => ({})).resourceCountIs('AWS::WAFv2::WebACLAssociation', 0);
  });
});
