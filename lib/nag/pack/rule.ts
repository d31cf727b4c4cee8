import { Facts } from '../dashboard/facts';
import { Resource } from '../template/template';

/** Pages of the OpenStack Security Guide that the rules cite. */
export enum GuidePage {
  CACHING_AND_SESSIONS = 'dashboard/front-end-caching-session-back-end.html',
  DOMAINS_AND_WEB_SERVER = 'dashboard/domains-dashboard-upgrades-basic-web-server-configuration.html',
  HTTPS = 'dashboard/https-hsts-xss-ssrf.html',
  STATIC_MEDIA = 'dashboard/static-media.html',
  COOKIES = 'dashboard/cookies.html',
  PASSWORDS = 'dashboard/passwords.html',
  DEBUG = 'dashboard/debug.html',
  CORS = 'dashboard/cross-origin-resource-sharing-cors.html',
  SECRET_KEY = 'dashboard/secret-key.html',
  CHECKLIST = 'dashboard/checklist.html',
  TLS = 'secure-communication/tls-proxies-and-http-services.html',
  TLS_INTRODUCTION = 'secure-communication/introduction-to-ssl-and-tls.html',
}

/** Sources for the statements that this project adds to the guide's. */
export enum OwnSource {
  HORIZON_SETTINGS = 'https://docs.openstack.org/horizon/latest/configuration/settings.html',
  HORIZON_ACTIONS = 'https://opendev.org/openstack/horizon/src/branch/master/horizon/tables/actions.py',
  HEALTH_CHECKS = 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html',
}

/** The URL of the page that a rule cites. */
export const pageUrl = (page: GuidePage | OwnSource): string =>
  page.startsWith('https://') ? page : `https://docs.openstack.org/security-guide/${page}`;

/** Whether a rule checks a statement of this project, which the guide does not have. */
export const isOwn = ({ guideRules }: Rule): boolean => guideRules.length === 0;

export type Level = 'error' | 'warning';

/** One rule of the pack. Errors fail synthesis, warnings do not. */
export interface Rule {
  /** Area and number, such as `CACHE1`. It is public and is never reused for another rule. */
  readonly id: string;
  /**
   * The statements of the guide that it checks, as numbered in RULES.md. Empty for a rule that this
   * project adds, which cites a page outside the guide.
   */
  readonly guideRules: readonly number[];
  readonly level: Level;
  /**
   * The items of the guide's checklist that it checks, if these are not all the items of its
   * statements.
   */
  readonly checklist?: readonly string[];
  /** How this library's constructs comply, for RULES.md. */
  readonly ours: string;
  /** What is wrong, in one sentence. */
  readonly cause: string;
  /** Why it matters. */
  readonly explanation: string;
  readonly page: GuidePage | OwnSource;
  /** What to change. */
  readonly fix: string;
  /** The resource types that it is evaluated for. */
  readonly types: readonly string[];
  /**
   * Returns the places in a resource that break the rule: none if the resource complies, undefined if
   * the rule does not apply. A value that is not known at synth time never breaks a rule.
   */
  check(resource: Resource, facts: Facts): readonly string[] | undefined;
  /**
   * Rules that the same mistake breaks. If the same line breaks one of them, this rule is not
   * reported separately.
   */
  readonly consequenceOf?: readonly string[];
  /** The setting that it checks, to find its line in a text. */
  readonly setting?: string;
}
