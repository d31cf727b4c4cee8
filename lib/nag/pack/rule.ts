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

/** Sources of the statements that are this project's, not the guide's. */
export enum OwnSource {
  HORIZON_SETTINGS = 'https://docs.openstack.org/horizon/latest/configuration/settings.html',
  HORIZON_ACTIONS = 'https://opendev.org/openstack/horizon/src/branch/master/horizon/tables/actions.py',
  HEALTH_CHECKS = 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html',
}

/** The address of the page that a rule cites. */
export const pageUrl = (page: GuidePage | OwnSource): string =>
  page.startsWith('https://') ? page : `https://docs.openstack.org/security-guide/${page}`;

/** Whether a rule states what this project found out, and the guide does not say. */
export const isOwn = ({ guideRules }: Rule): boolean => guideRules.length === 0;

export type Level = 'error' | 'warning';

/** One rule of the pack. Errors fail synthesis, warnings do not. */
export interface Rule {
  /** Area and number, `CACHE1`: public, never given to another rule. */
  readonly id: string;
  /**
   * The statements of the guide that it checks, as RULES.md counts them. None for a rule of this
   * project's own, whose page is not the guide's.
   */
  readonly guideRules: readonly number[];
  readonly level: Level;
  /**
   * The items of the guide's checklist that it checks, where they are not all those of its
   * statements.
   */
  readonly checklist?: readonly string[];
  /** What this library's own constructs do about it, for RULES.md. */
  readonly ours: string;
  /** What is wrong, in a sentence. */
  readonly cause: string;
  /** Why that matters. */
  readonly explanation: string;
  readonly page: GuidePage | OwnSource;
  /** What to change. */
  readonly fix: string;
  /** The resource types that it is asked about. */
  readonly types: readonly string[];
  /**
   * The places of a resource that break the rule: none when it complies, undefined when the rule
   * does not apply. A value that is not known at synth time never breaks a rule.
   */
  check(resource: Resource, facts: Facts): readonly string[] | undefined;
  /**
   * Rules that the same mistake breaks: where one of them is broken by the same line, this one says
   * nothing new.
   */
  readonly consequenceOf?: readonly string[];
  /** The setting that it is about, to show its line in a text. */
  readonly setting?: string;
}
