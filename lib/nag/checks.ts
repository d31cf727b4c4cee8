import {
  CfnResource,
  PolicyValidationPluginReport,
  PolicyViolatingResource,
  PolicyViolation,
  Validations,
} from 'aws-cdk-lib';
import { NagMessageLevel, NagPack, NagPackProps, NagRuleCompliance } from 'cdk-nag';
import { IConstruct } from 'constructs';
import { invalid } from '../shared/errors';
import { Facts } from './dashboard/facts';
import { EXAMPLES } from './pack/examples';
import { checklistOf } from './pack/guide';
import { Verdict, inWords, judge } from './pack/judge';
import { NOT_FOLLOWED_FIX, PlacedDoubt, doubtsOn, inSentence } from './pack/not-followed';
import { Rule, isOwn, pageUrl } from './pack/rule';
import { RULES } from './rules';

const PACK_NAME = 'OpenStackDashboard';
// The ID for information on what cannot be judged.
const UNKNOWN = 'UNKNOWN';

/** Properties of the rule pack. */
export interface OpenStackDashboardChecksProps extends NagPackProps {
  /**
   * Domain names of dashboards that are not in the app, or whose name does not appear in the app. A
   * CloudFront distribution in front of one of them is checked like one in front of a dashboard of the
   * app.
   *
   * @default - the names that the app's dashboards allow (`ALLOWED_HOSTS`)
   */
  readonly dashboardNames?: string[];

  /**
   * Names (`ClusterName`, `ServerlessCacheName`) of memcached caches that hold the dashboard's
   * sessions, if no dashboard of the app refers to them.
   *
   * @default - the caches that the app's dashboards refer to
   */
  readonly memcachedClusterNames?: string[];

  /**
   * The plan against resource exhaustion through image uploads, in one sentence. If it is given,
   * image uploads through the dashboard are not reported (`SETTINGS13`).
   *
   * @default - no plan; image uploads are reported
   */
  readonly imageUploadPlan?: string;

  /**
   * How the root of the private certificate authority (CA) that issued the dashboard's certificate got
   * into the browsers of all users, in one sentence. If it is given, such a certificate is not reported
   * (`HTTPS10`).
   *
   * @default - browsers trust only public CAs; a private CA is reported
   */
  readonly privateCaTrust?: string;

  /**
   * Whether to check only the statements of the guide, without the rules that this project adds.
   * RULES.md marks these as `ours`.
   *
   * @default false
   */
  readonly guideOnly?: boolean;
}

/**
 * Checks an app against the dashboard chapter of the OpenStack Security Guide, with or without the
 * constructs of this library.
 *
 * A value that is not known at synth time does not break a rule. It is reported as information
 * (`OpenStackDashboard-UNKNOWN`), once per resource, with the rules that could not be evaluated. If a
 * value depends on a condition, every possible value is checked.
 *
 * Register the pack once, on the app: `Validations.of(app).addPlugins(new OpenStackDashboardChecks(app))`.
 * Errors fail synthesis, warnings do not. To acknowledge a finding, use its qualified ID:
 * `Validations.of(scope).acknowledge({ id: 'OpenStackDashboard::OpenStackDashboard-CACHE1', reason: '…' })`.
 */
export class OpenStackDashboardChecks extends NagPack {
  /** The name of the pack, which is also the namespace of its rules in acknowledgements. */
  public readonly name: string = PACK_NAME;

  /** The IDs of all rules of the pack. */
  public readonly ruleIds?: string[] = RULES.map((rule) => `${PACK_NAME}-${rule.id}`);

  private readonly given: OpenStackDashboardChecksProps;
  private facts?: Facts;
  private verdicts = new Map<string, Verdict>();
  private undecided = new Map<string, Undecided>();
  private doubts = new Map<string, readonly PlacedDoubt[]>();
  /** Rules and resources with an acknowledged finding, which the AWS CDK removes later. */
  private accepted = new Set<string>();
  /** The rules that break for the same cause as another finding, by its rule and resource. */
  private also = new Map<string, readonly string[]>();

  /**
   * @throws if `imageUploadPlan` or `privateCaTrust` is blank
   */
  constructor(scope?: IConstruct, props: OpenStackDashboardChecksProps = {}) {
    super(scope, props);
    requireSentence('imageUploadPlan', props.imageUploadPlan);
    requireSentence('privateCaTrust', props.privateCaTrust);
    this.packName = PACK_NAME;
    this.given = props;
  }

  /**
   * Checks a construct and everything below it.
   *
   * Unlike with other packs, a report that contains only warnings is a success.
   */
  public validateScope(scope: IConstruct): PolicyValidationPluginReport {
    // References are looked up in the whole app, even if only a part of it is checked.
    this.facts = new Facts(scope.node.root, {
      dashboards: this.given.dashboardNames ?? [],
      memcachedClusters: this.given.memcachedClusterNames ?? [],
      imageUploadPlan: this.given.imageUploadPlan,
      privateCaTrust: this.given.privateCaTrust,
    });
    this.verdicts = new Map();
    this.undecided = new Map();
    this.doubts = new Map();
    this.accepted = new Set();
    try {
      const { violations: all } = super.validateScope(scope);
      const violations = this.byCause(all);
      return {
        success: violations.every((violation) => violation.severity !== 'error'),
        violations: [
          ...violations.flatMap((violation) => this.detailed(violation)),
          ...[...this.undecided].map(([path, each]) => informationOn(path, each)),
          ...[...this.doubts].map(([path, each]) => notFollowed(path, each)),
        ],
      };
    } finally {
      // Facts hold the whole construct tree.
      this.facts = undefined;
    }
  }

  /** Applies the rules for a resource's type. */
  protected checkResource(node: CfnResource): void {
    const facts = this.facts;
    const resource = facts?.resource(node);
    if (!facts || !resource) {
      return;
    }
    const doubts = doubtsOn(resource, facts);
    if (doubts.length > 0) {
      this.doubts.set(node.node.path, doubts);
    }
    for (const rule of rulesFor(resource.type)) {
      if (this.given.guideOnly && isOwn(rule)) {
        continue;
      }
      this.applyRule({
        ruleSuffixOverride: rule.id,
        info: rule.cause,
        explanation: `${rule.explanation} ${rule.fix} See ${pageUrl(rule.page)}`,
        level: rule.level === 'error' ? NagMessageLevel.ERROR : NagMessageLevel.WARN,
        node,
        rule: () => {
          const verdict = judge(rule, resource, facts);
          if (verdict === undefined) {
            return NagRuleCompliance.NOT_APPLICABLE;
          }
          if (verdict.unknown.length > 0) {
            this.leaveOpen(node.node.path, rule, verdict.unknown);
          }
          if (verdict.places.length === 0) {
            return NagRuleCompliance.COMPLIANT;
          }
          const key = `${PACK_NAME}-${rule.id} ${node.node.path}`;
          this.verdicts.set(key, verdict);
          if (isAccepted(node, rule)) {
            this.accepted.add(key);
          }
          return NagRuleCompliance.NON_COMPLIANT;
        },
      });
    }
  }

  private leaveOpen(path: string, rule: Rule, places: readonly string[]): void {
    const undecided = this.undecided.get(path) ?? { rules: [], places: new Set() };
    this.undecided.set(path, undecided);
    undecided.rules.push(rule);
    for (const place of places) {
      undecided.places.add(place);
    }
  }

  /** Reports one finding per mistake, which names the findings that follow from it. */
  private byCause(violations: readonly PolicyViolation[]): PolicyViolation[] {
    const placesOf = (ruleName: string, path: string): string[] =>
      (this.verdicts.get(`${ruleName} ${path}`)?.places ?? []).map(inWords);
    const also = new Map<string, string[]>();
    const rest = violations.map((violation) => {
      const { ruleName, violatingResources } = violation;
      const causes = ruleOf(ruleName)?.consequenceOf ?? [];
      const found = violations.filter((each) =>
        causes.some((id) => each.ruleName === `${PACK_NAME}-${id}`),
      );
      const left = violatingResources.filter(({ constructPath: path = '' }) => {
        const places = placesOf(ruleName, path);
        const cause = found.find((each) => {
          if (this.accepted.has(`${each.ruleName} ${path}`)) {
            return false;
          }
          const those = placesOf(each.ruleName, path);
          return places.length > 0 && places.every((place) => those.includes(place));
        });
        if (cause) {
          const key = `${cause.ruleName} ${path}`;
          also.set(key, [...(also.get(key) ?? []), ruleName]);
        }
        return cause === undefined;
      });
      return { ...violation, violatingResources: left };
    });
    this.also = also;
    return rest.filter(({ violatingResources }) => violatingResources.length > 0);
  }

  /** A violation with the fix and the places, separately for each condition that it depends on. */
  private detailed(violation: PolicyViolation): PolicyViolation[] {
    const rule = ruleOf(violation.ruleName);
    if (!rule) {
      return [violation];
    }
    const verdictOn = ({ constructPath }: PolicyViolatingResource): Verdict | undefined =>
      this.verdicts.get(`${violation.ruleName} ${constructPath}`);
    const apart = new Map<string, PolicyViolatingResource[]>();
    for (const resource of violation.violatingResources) {
      const verdict = verdictOn(resource);
      const locations = verdict?.places.map(inWords) ?? [...resource.locations];
      const also = this.also.get(`${violation.ruleName} ${resource.constructPath}`) ?? [];
      const more = [
        ...(verdict?.where ? [`This applies ${verdict.where}.`] : []),
        ...(also.length > 0 ? [`Same cause: ${also.map(shortId).join(', ')}.`] : []),
      ].join(' ');
      apart.set(more, [...(apart.get(more) ?? []), { ...resource, locations }]);
    }
    return [...apart].map(([more, violatingResources]) => ({
      ...violation,
      description: more ? `${violation.description} ${more}` : violation.description,
      fix: rule.fix,
      ruleMetadata: metadataOf(rule),
      violatingResources,
    }));
  }
}

/** Rules that cannot be evaluated for a resource, and the places that they depend on. */
interface Undecided {
  readonly rules: Rule[];
  readonly places: Set<string>;
}

function informationOn(path: string, { rules, places }: Undecided): PolicyViolation {
  const ids = rules.map(({ id }) => id).join(', ');
  return {
    ruleName: `${PACK_NAME}-${UNKNOWN}`,
    severity: 'info',
    description: `Cannot be decided at synth time: ${ids}.`,
    fix: `Check the deployed value of ${[...places].join(', ')}. To have it checked here, use a value in the app, or a parameter with a few allowedValues or an allowedPattern.`,
    ruleMetadata: { guideRules: [...new Set(rules.flatMap((r) => r.guideRules))].join(', ') },
    violatingResources: [{ constructPath: path, locations: [...places] }],
  };
}

function notFollowed(path: string, doubts: readonly PlacedDoubt[]): PolicyViolation {
  return {
    ruleName: `${PACK_NAME}-${UNKNOWN}`,
    severity: 'info',
    description: inSentence(doubts),
    fix: NOT_FOLLOWED_FIX,
    violatingResources: [
      { constructPath: path, locations: [...new Set(doubts.map(({ location }) => location))] },
    ],
  };
}

/** Whether a rule is acknowledged on a resource or one of its scopes, with or without the namespace. */
function isAccepted(node: IConstruct, { id }: Rule): boolean {
  return node.node.scopes.some(({ node: { metadata } }) =>
    metadata.some(
      ({ type, data }) =>
        type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY &&
        Object.keys((data ?? {}) as object).some(
          (name) => name.split('::').at(-1) === `${PACK_NAME}-${id}`,
        ),
    ),
  );
}

const shortId = (ruleName: string): string => ruleName.slice(PACK_NAME.length + 1);

const ruleOf = (ruleName: string): Rule | undefined =>
  RULES.find(({ id }) => `${PACK_NAME}-${id}` === ruleName);

const BY_TYPE = new Map<string, Rule[]>();
for (const rule of RULES) {
  for (const type of rule.types) {
    BY_TYPE.set(type, [...(BY_TYPE.get(type) ?? []), rule]);
  }
}

function rulesFor(type: string): readonly Rule[] {
  return BY_TYPE.get(type) ?? [];
}

function requireSentence(name: string, text: string | undefined): void {
  if (text?.trim() === '') {
    throw invalid(undefined, name, 'be a sentence that an auditor can judge', text);
  }
}

function metadataOf(rule: Rule): Record<string, string> {
  const checklist = rule.checklist ?? checklistOf(rule.guideRules);
  return {
    [isOwn(rule) ? 'source' : 'guide']: pageUrl(rule.page),
    ...(!isOwn(rule) && { guideRules: rule.guideRules.join(', ') }),
    ...(checklist.length > 0 && { checklist: checklist.join(', ') }),
    ...(rule.id in EXAMPLES && { example: EXAMPLES[rule.id] }),
  };
}
