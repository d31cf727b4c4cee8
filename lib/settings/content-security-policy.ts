import { Token } from 'aws-cdk-lib';
import { POLICY_SOURCES } from '../contract/environment';
import { invalid } from '../shared/errors';

/**
 * Sources that the content security policy allows in addition to the dashboard and its static media.
 * Each is an https or wss origin such as `https://metrics.example.org`, in lower case, which may have a
 * port, a path or `*.` before its name.
 */
export interface ContentSecurityPolicySources {
  /**
   * Further sources of scripts, or hashes of inline scripts such as `'sha256-…'`. Scripts in templates
   * of Horizon, plugins and themes do not need it.
   *
   * @default - none
   */
  readonly scriptSrc?: string[];

  /**
   * Further sources of style sheets.
   *
   * @default - none
   */
  readonly styleSrc?: string[];

  /**
   * Further sources of images, or `blob:`.
   *
   * @default - none
   */
  readonly imgSrc?: string[];

  /**
   * Further sources of fonts.
   *
   * @default - none
   */
  readonly fontSrc?: string[];

  /**
   * Further services to which scripts of pages connect. `consoleOrigins` and the image service of
   * direct uploads need not be repeated.
   *
   * @default - none
   */
  readonly connectSrc?: string[];

  /**
   * Further sites that pages show in frames. `consoleOrigins` need not be repeated.
   *
   * @default - none
   */
  readonly frameSrc?: string[];

  /**
   * Further sites to which forms lead, also by redirects.
   *
   * @default - none
   */
  readonly formAction?: string[];

  /**
   * Sources of audio and video, or `data:` or `blob:`.
   *
   * @default - none
   */
  readonly mediaSrc?: string[];

  /**
   * Sources of workers, or `blob:`.
   *
   * @default - none
   */
  readonly workerSrc?: string[];
}

/** Sources by the name of the directive. */
export type SourcesByDirective = Readonly<Record<string, readonly string[]>>;

/**
 * The content security policy of pages: what browsers load, run and connect to for them.
 *
 * @see docs/decisions/0035-content-security-policy.md
 */
export class ContentSecurityPolicy {
  /**
   * Browsers only run scripts that come from the dashboard and its static media, or that have the nonce
   * of the page. So a script that somebody has put into the name of a resource does not run.
   *
   * @param sources what pages need besides, such as the analytics of a custom theme
   * @throws if a source is not an https or wss origin
   */
  public static enforced(sources?: ContentSecurityPolicySources): ContentSecurityPolicy {
    return new ContentSecurityPolicy('enforced', byDirective(sources ?? {}));
  }

  /**
   * Browsers report what the policy forbids to the log of the hosts, and allow it: to find the sources
   * that a custom theme or panel needs. Each page still has the minimal policy.
   *
   * @param sources what pages need besides
   * @throws if a source is not an https or wss origin
   */
  public static reportOnly(sources?: ContentSecurityPolicySources): ContentSecurityPolicy {
    return new ContentSecurityPolicy('report-only', byDirective(sources ?? {}));
  }

  /**
   * Pages cannot be framed, run plug-ins of the browser or change their base URL, and any script runs.
   */
  public static minimal(): ContentSecurityPolicy {
    return new ContentSecurityPolicy('minimal', {});
  }

  private constructor(
    /** The value of the parameter `CONTENT_SECURITY_POLICY`. */
    public readonly mode: string,
    /** @internal */
    public readonly _sources: SourcesByDirective,
  ) {}
}

function byDirective(sources: ContentSecurityPolicySources): SourcesByDirective {
  return Object.fromEntries(
    Object.entries(sources).map(([prop, values]: [string, string[]]) => {
      const directive = prop.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      values.forEach((value) => {
        requireSource(`contentSecurityPolicy.${prop}`, directive, value);
      });
      return [directive, values];
    }),
  );
}

/** The form that a host accepts. A source that is only known at deploy time is checked there. */
function requireSource(prop: string, directive: string, source: string): void {
  const kinds = ['origin', ...POLICY_SOURCES.directives[directive]] as const;
  const isSource = kinds.some((kind) => new RegExp(`^(?:${POLICY_SOURCES[kind]})$`).test(source));
  if (!Token.isUnresolved(source) && !isSource) {
    throw invalid(
      undefined,
      prop,
      'have https or wss origins such as https://example.org',
      source,
      'a source that allows any script or site would make the policy useless',
    );
  }
}

/**
 * An origin without a path.
 *
 * @param schemes the schemes that it may have
 */
export function requireOrigin(prop: string, origin: string, ...schemes: string[]): void {
  const isOrigin = new RegExp(`^(?:${POLICY_SOURCES.origin})$`).test(origin);
  const [scheme, rest = ''] = origin.split('://');
  if (
    !Token.isUnresolved(origin) &&
    (!isOrigin || !schemes.includes(scheme) || /[/*]/.test(rest))
  ) {
    const names = schemes.join(' or ');
    throw invalid(
      undefined,
      prop,
      `be an ${names} origin in lower case such as ${schemes[0]}://service.example.org:6080`,
      origin,
    );
  }
}

/** The directives that consoles of instances need: frames for VNC and SPICE, a socket for serial ones. */
export function consoleSources(origins: readonly string[] = []): SourcesByDirective {
  origins.forEach((origin) => {
    requireOrigin('consoleOrigins', origin, 'https', 'wss');
  });
  const isSocket = (origin: string) => origin.startsWith('wss:');
  return {
    'frame-src': origins.filter((origin) => !isSocket(origin)),
    'connect-src': origins.filter((origin) => isSocket(origin) || Token.isUnresolved(origin)),
  };
}

/**
 * The parameters of a policy. Each part of the settings that needs sources gives its own.
 */
export function policyParameters(
  policy: ContentSecurityPolicy,
  ...parts: SourcesByDirective[]
): { [name: string]: string } {
  const all = policy.mode === 'minimal' ? [] : [policy._sources, ...parts];
  const merged = Object.keys(POLICY_SOURCES.directives)
    .map((name) => [name, new Set(all.flatMap((part) => part[name] ?? []))] as const)
    .filter(([, sources]) => sources.size > 0)
    .map(([name, sources]) => [name, ...sources].join(' '));
  return {
    CONTENT_SECURITY_POLICY: policy.mode,
    ...(merged.length > 0 ? { CONTENT_SECURITY_POLICY_SOURCES: merged.join('; ') } : {}),
  };
}
