/** What AWS WAF makes of that which OWASP's core rule set finds. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DashboardWebAcl } from '../../../lib';
import type { Match } from './apache';
import * as aws from './aws-rules.json';
import type { BrowserRequest } from './requests';

/** The part of a request that a rule is about, as AWS ends the names of rules. */
type Part = 'METHOD' | 'URIPATH' | 'QUERYARGUMENTS' | 'COOKIE' | 'HEADER' | 'BODY';

/** Rules of OWASP by their number and the part, and those of AWS that are about the same. */
interface Kind {
  readonly rules: RegExp;
  readonly part: Part;
  /** Rules of the groups in the web ACL; they must only count. */
  readonly aws: readonly string[];
  /** Groups that would have such rules; they must not be in the web ACL. */
  readonly without?: readonly string[];
}

/** https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-use-case.html */
const SQL = 'AWSManagedRulesSQLiRuleSet';
const UNIX = ['AWSManagedRulesUnixRuleSet', 'AWSManagedRulesLinuxRuleSet'];
const PHP = 'AWSManagedRulesPHPRuleSet';

/** https://github.com/coreruleset/coreruleset/tree/v3.3/master/rules */
export const KINDS: readonly Kind[] = [
  // The groups have no rule about methods, except one about PROPFIND.
  { rules: /^911/, part: 'METHOD', aws: [] },
  { rules: /^920440|^930130/, part: 'URIPATH', aws: ['RestrictedExtensions_URIPATH'] },
  { rules: /^921|^941/, part: 'BODY', aws: ['CrossSiteScripting_BODY'] },
  { rules: /^930/, part: 'BODY', aws: ['GenericLFI_BODY'], without: UNIX },
  { rules: /^931/, part: 'BODY', aws: ['GenericRFI_BODY'] },
  { rules: /^932/, part: 'BODY', aws: [], without: UNIX },
  { rules: /^933/, part: 'BODY', aws: [], without: [PHP] },
  { rules: /^942/, part: 'BODY', aws: [], without: [SQL] },
];

/** The kind of a match, if there is one. */
export function kindOf({ path, body }: BrowserRequest, { rule, variable }: Match) {
  const part = partOf(variable, path, body !== undefined);
  return { part, kind: KINDS.find((kind) => kind.part === part && kind.rules.test(rule)) };
}

function partOf(variable: string, path: string, hasBody: boolean): Part {
  const [collection, name] = variable.split(':');
  if (collection === 'REQUEST_METHOD') {
    return 'METHOD';
  }
  if (/^(REQUEST_(FILENAME|BASENAME|URI)|TX)/.test(collection)) {
    return 'URIPATH';
  }
  if (/^REQUEST_COOKIES/.test(collection)) {
    return 'COOKIE';
  }
  if (/^REQUEST_HEADERS/.test(collection)) {
    return 'HEADER';
  }
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  return hasBody && !(name && query.has(name)) ? 'BODY' : 'QUERYARGUMENTS';
}

const CORE = aws.groups.AWSManagedRulesCommonRuleSet;

/** The rules whose conditions AWS publishes, which need no comparison with another set. */
export function published({ path, body, headers }: BrowserRequest): string[] {
  const [uriPath, query = ''] = path.split('?');
  const sizes: [keyof typeof CORE, string][] = [
    ['SizeRestrictions_BODY', body ?? ''],
    ['SizeRestrictions_URIPATH', uriPath],
    ['SizeRestrictions_QUERYSTRING', query],
    ['SizeRestrictions_Cookie_HEADER', headers.cookie ?? ''],
  ];
  const large = sizes.filter(([rule, text]) => {
    const { most } = CORE[rule] as { most: number };
    return Buffer.byteLength(text) > most;
  });
  return [
    ...large.map(([rule]) => rule),
    // Attempts to get the metadata of an instance.
    ...(body?.includes('169.254.169.254') ? ['EC2MetaDataSSRF_BODY'] : []),
  ];
}

/** The web ACL as it is deployed: its groups, and the rules that count. */
export function deployed(): { groups: string[]; counted: string[] } {
  const stack = new Stack(new App(), 'Stack');
  new DashboardWebAcl(stack, 'Waf');
  const [{ Properties }] = Object.values(
    Template.fromStack(stack).findResources('AWS::WAFv2::WebACL'),
  );
  const statements = (Properties.Rules as { Statement: Statement }[]).flatMap(
    ({ Statement: { ManagedRuleGroupStatement: group } }) => group ?? [],
  );
  return {
    groups: statements.map(({ Name }) => Name),
    counted: statements.flatMap(({ RuleActionOverrides = [] }) =>
      RuleActionOverrides.filter(({ ActionToUse }) => ActionToUse.Count).map(({ Name }) => Name),
    ),
  };
}

interface Statement {
  readonly ManagedRuleGroupStatement?: {
    readonly Name: string;
    readonly RuleActionOverrides?: { Name: string; ActionToUse: { Count?: object } }[];
  };
}

/** All rules of the groups whose rules AWS lists. */
export const AWS_RULES: readonly string[] = Object.values(aws.groups).flatMap((rules) =>
  Object.keys(rules),
);
