import { CfnResource, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { NagMessageLevel, NagPack, NagPackProps, NagRuleCompliance } from 'cdk-nag';
import { IConstruct } from 'constructs';
import { Facts } from './facts';
import { checklistOf } from './guide';
import { Rule, pageUrl } from './rule';
import { RULES } from './rules';

const PACK_NAME = 'OpenStackDashboard';

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
}

/**
 * Checks an app against the dashboard chapter of the OpenStack Security Guide, whoever made its
 * resources.
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
  private places = new Map<string, readonly string[]>();

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
    this.places = new Map();
    try {
      const { violations } = super.validateScope(scope);
      return {
        success: violations.every((violation) => violation.severity !== 'error'),
        violations: violations.map((violation) => {
          const rule = RULES.find(({ id }) => `${PACK_NAME}-${id}` === violation.ruleName);
          return {
            ...violation,
            ...(rule && { fix: rule.fix, ruleMetadata: metadataOf(rule) }),
            violatingResources: violation.violatingResources.map((resource) => ({
              ...resource,
              locations: [
                ...(this.places.get(`${violation.ruleName} ${resource.constructPath}`) ??
                  resource.locations),
              ],
            })),
          };
        }),
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
    if (!facts || !resource) return;
    for (const rule of rulesFor(resource.type)) {
      this.applyRule({
        ruleSuffixOverride: rule.id,
        info: rule.cause,
        explanation: `${rule.explanation} ${rule.fix} See ${pageUrl(rule.page)}`,
        level: rule.level === 'error' ? NagMessageLevel.ERROR : NagMessageLevel.WARN,
        node,
        rule: () => {
          const places = rule.check(resource, facts);
          if (places === undefined) return NagRuleCompliance.NOT_APPLICABLE;
          if (places.length === 0) return NagRuleCompliance.COMPLIANT;
          this.places.set(`${PACK_NAME}-${rule.id} ${node.node.path}`, places);
          return NagRuleCompliance.NON_COMPLIANT;
        },
      });
    }
  }
}

const BY_TYPE = new Map<string, Rule[]>();
for (const rule of RULES) {
  for (const type of rule.types) BY_TYPE.set(type, [...(BY_TYPE.get(type) ?? []), rule]);
}

function rulesFor(type: string): readonly Rule[] {
  return BY_TYPE.get(type) ?? [];
}

function requireSentence(name: string, text: string | undefined): void {
  if (text?.trim() === '') {
    throw new Error(
      `${name} was given an empty text; allowed is a sentence that an auditor can judge`,
    );
  }
}

function metadataOf(rule: Rule): Record<string, string> {
  const checklist = rule.checklist ?? checklistOf(rule.guideRules);
  return {
    guide: pageUrl(rule.page),
    guideRules: rule.guideRules.join(', '),
    ...(checklist.length > 0 && { checklist: checklist.join(', ') }),
  };
}
