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
// The id under which is reported, as information, what cannot be judged.
const UNKNOWN = 'UNKNOWN';

/** Properties of the rule pack. */
export interface OpenStackDashboardChecksProps extends NagPackProps {
  /**
   * Domain names of dashboards that stand outside the app, or whose name the app does not show. A
   * CloudFront distribution before one of them is judged like one before a dashboard of the app.
   *
   * @default - the names that the app's dashboards allow (`ALLOWED_HOSTS`)
   */
  readonly dashboardNames?: string[];

  /**
   * Names (`ClusterName`, `ServerlessCacheName`) of memcached caches that hold the dashboard's
   * sessions, where no dashboard of the app refers to them.
   *
   * @default - the caches that the app's dashboards refer to
   */
  readonly memcachedClusterNames?: string[];

  /**
   * The plan against exhaustion of resources by image uploads, in a sentence. With it, uploads
   * through the dashboard are no finding (`SETTINGS13`).
   *
   * @default - no plan: uploads are a finding
   */
  readonly imageUploadPlan?: string;

  /**
   * How the browsers of all users got the root of the private certificate authority that signed the
   * dashboard's certificate, in a sentence. With it, such a certificate is no finding (`HTTPS10`).
   *
   * @default - browsers have the roots of public authorities alone: a private one is a finding
   */
  readonly privateCaTrust?: string;

  /**
   * Whether to check the statements of the guide alone, not those that this project adds: rules
   * that RULES.md marks as `ours`.
   *
   * @default false
   */
  readonly guideOnly?: boolean;
}

/**
 * Checks an app against the dashboard chapter of the OpenStack Security Guide, whoever made its
 * resources.
 *
 * A value that is not known at synth time is neither right nor wrong: it is reported as information
 * (`OpenStackDashboard-UNKNOWN`), once per resource, with the rules that could not be judged. A value
 * that a condition chooses is judged for each choice.
 *
 * Register it on the app, once: `Validations.of(app).addPlugins(new OpenStackDashboardChecks(app))`.
 * Errors fail synthesis, warnings do not. Acknowledge a finding by its qualified id:
 * `Validations.of(scope).acknowledge({ id: 'OpenStackDashboard::OpenStackDashboard-CACHE1', reason: '…' })`.
 */
export class OpenStackDashboardChecks extends NagPack {
  /** The name of the pack, and the namespace of its rules when they are acknowledged. */
  public readonly name: string = PACK_NAME;

  /** The ids of all rules of the pack. */
  public readonly ruleIds?: string[] = RULES.map((rule) => `${PACK_NAME}-${rule.id}`);

  private readonly given: OpenStackDashboardChecksProps;
  private facts?: Facts;
  private verdicts = new Map<string, Verdict>();
  private undecided = new Map<string, Undecided>();
  private doubts = new Map<string, readonly PlacedDoubt[]>();
  /** Rules and resources whose finding somebody acknowledges: the AWS CDK leaves it out, later on. */
  private accepted = new Set<string>();
  /** The rules that are broken by the cause of another finding, by its rule and resource. */
  private also = new Map<string, readonly string[]>();

  /**
   * @throws if `imageUploadPlan` or `privateCaTrust` is given without saying anything
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
   * Unlike other packs, a report with warnings alone is a success.
   */
  public validateScope(scope: IConstruct): PolicyValidationPluginReport {
    // Connections are looked up in the whole app, whatever part of it is checked.
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

  /** Applies the rules that are about a resource's type. */
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

  /** One finding for one mistake: what follows from another finding is named there. */
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

  /** A violation with what to change and where, apart for each condition that it is bound to. */
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
        ...(verdict?.where ? [`This is so ${verdict.where}.`] : []),
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

/** Rules that cannot be judged on a resource, and the places that they ask about. */
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
    fix: `Check the value that the deployment puts in ${[...places].join(', ')}. A value in the app, or a parameter with few allowedValues or an allowedPattern, is judged here.`,
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

/** Whether a rule is acknowledged on a resource or around it, by its qualified or its bare id. */
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
