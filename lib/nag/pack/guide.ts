import { GuidePage } from './rule';

/**
 * Where a statement can be checked: a CloudFormation property, a listener or its rules, the configuration
 * of a host (user data, settings), a running host, or a process that people follow.
 */
export type CheckLevel = 'C' | 'L' | 'U' | 'R' | 'P';

/** A statement of the OpenStack Security Guide. The numbers are this project's. */
export interface Statement {
  readonly number: number;
  readonly text: string;
  readonly levels: readonly CheckLevel[];
  readonly page: GuidePage;
  /** Items of the guide's checklist, `Check-Dashboard-04`. */
  readonly checklist: readonly string[];
  /** The section of docs/process.md that describes the process. */
  readonly process?: string;
}

type Row = [number, string, CheckLevel[], GuidePage, number[]?, string?];

// The statements are from the chapter Dashboard of the OpenStack Security Guide and, where it concerns
// the dashboard, from the chapter Secure communication. Each row names its page.
const ROWS: Row[] = [
  [
    1,
    'The dashboard has its own second-level domain (public suffixes are considered), not a subdomain shared with other sites',
    ['C', 'U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [2, 'The name is fully qualified (has a dot)', ['U'], GuidePage.DOMAINS_AND_WEB_SERVER],
  [
    3,
    'No user-generated content on the domain or its sibling domains',
    ['P'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
    [],
    'content',
  ],
  [4, 'On a shared subdomain: no cookie-backed sessions', ['U'], GuidePage.DOMAINS_AND_WEB_SERVER],
  [5, 'On a shared subdomain: HSTS is on', ['U', 'L'], GuidePage.DOMAINS_AND_WEB_SERVER],
  [
    6,
    'The WSGI application runs behind an HTTPS proxy',
    ['C', 'U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [7, 'The proxy is nginx unless Apache is already there', ['U'], GuidePage.DOMAINS_AND_WEB_SERVER],
  [
    8,
    'gunicorn runs with `sync` workers, and their number is set',
    ['U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [
    9,
    '`ALLOWED_HOSTS` lists the fully qualified names that the dashboard serves',
    ['U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [
    10,
    '`ALLOWED_HOSTS` has no wildcard (`*` or a leading dot)',
    ['U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [
    11,
    "Image upload through the dashboard is off (`HORIZON_IMAGES_UPLOAD_MODE = 'off'`; the guide uses its old name), unless there is a plan against resource exhaustion",
    ['U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [
    12,
    'Custom panels are audited for `mark_safe`, `is_safe`, `safe` and disabled autoescape',
    ['P'],
    GuidePage.HTTPS,
    [],
    'custom-panels',
  ],
  [
    13,
    'The CSRF middleware is enabled, and no view is `csrf_exempt` by mistake',
    ['U', 'P'],
    GuidePage.HTTPS,
    [],
    'custom-panels',
  ],
  [14, '`DISALLOW_IFRAME_EMBED = True`', ['U'], GuidePage.CHECKLIST, [3]],
  [15, 'HTTPS with a certificate from a recognized CA', ['L'], GuidePage.HTTPS],
  [16, 'A private CA is used only if all browsers trust its root', ['C'], GuidePage.HTTPS],
  [
    17,
    'HTTP requests are only redirected to the fully qualified HTTPS URL',
    ['L'],
    GuidePage.HTTPS,
  ],
  [18, 'HSTS is sent', ['U', 'L'], GuidePage.HTTPS],
  [
    19,
    "`SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')` behind the proxy, and the proxy cannot be bypassed",
    ['U', 'L', 'C'],
    GuidePage.CHECKLIST,
    [11],
  ],
  [
    20,
    'No front-end cache is in front of the dashboard: no Varnish (package, image, service or AMI step), no nginx `proxy_cache`/`fastcgi_cache`/`uwsgi_cache`, and no CloudFront behavior, API Gateway stage or other proxy that caches its dynamic pages',
    ['C', 'U', 'L'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    21,
    'The web server itself (nginx) serves static media, with the HTTP headers that caching needs',
    ['U'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    22,
    '`SESSION_ENGINE` is `django.contrib.sessions.backends.cache` with memcached, if there is a cache that all hosts share',
    ['U', 'C'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    23,
    'No data leaks from memcached: only dashboard hosts can reach it, its subnets have no route to the internet, and connections use TLS with a verified certificate',
    ['C', 'U'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    24,
    'Sessions are never in a local-memory cache (`LocMemCache`), in `DummyCache`, or in files on one host, because these are not shared between processes or hosts and lose sessions early',
    ['U'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    25,
    '`signed_cookies` is reported, because it stores readable access tokens in the browser and sends them with every request. If it is used, every hop is HTTPS, cookies are Secure and HttpOnly, and the dashboard has its own second-level domain (statements 1, 4, 5)',
    ['U', 'L'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    26,
    "Static media is on a subdomain of the dashboard's domain, or on a CDN (for static media only)",
    ['L', 'C', 'U'],
    GuidePage.STATIC_MEDIA,
  ],
  [27, 'The static media host sets no cookies', ['L', 'U'], GuidePage.STATIC_MEDIA],
  [28, 'The static media host serves no user content', ['C', 'U'], GuidePage.STATIC_MEDIA],
  [29, 'Static media is served over HTTPS too', ['L'], GuidePage.STATIC_MEDIA],
  [
    30,
    'CSS and JavaScript are compressed before deployment (`COMPRESS_OFFLINE = True`)',
    ['U'],
    GuidePage.STATIC_MEDIA,
  ],
  [
    31,
    'Compression is done in a build environment, not on a production host',
    ['U', 'C'],
    GuidePage.STATIC_MEDIA,
  ],
  [32, 'Compression is off altogether', ['U'], GuidePage.STATIC_MEDIA],
  [33, 'No Less compiler or Node.js on production hosts', ['U'], GuidePage.STATIC_MEDIA],
  [34, 'The password policy follows NIST SP 800-118', ['P'], GuidePage.PASSWORDS, [], 'passwords'],
  [35, '`SECRET_KEY` is random and has at least 64 characters', ['C'], GuidePage.SECRET_KEY],
  [36, 'All hosts share one `SECRET_KEY`', ['U'], GuidePage.SECRET_KEY],
  [
    37,
    '`SECRET_KEY` is in no repository, template, parameter or user data',
    ['C', 'U'],
    GuidePage.SECRET_KEY,
  ],
  [38, 'Rotation of `SECRET_KEY` is planned for', ['C', 'P'], GuidePage.SECRET_KEY, [], 'rotation'],
  [39, '`SESSION_COOKIE_HTTPONLY = True`', ['U'], GuidePage.COOKIES, [6]],
  [40, 'Cookie domains have no leading dot', ['U'], GuidePage.COOKIES],
  [
    41,
    '`CSRF_COOKIE_SECURE = True`, `SESSION_COOKIE_SECURE = True`',
    ['U'],
    GuidePage.COOKIES,
    [4, 5],
  ],
  [
    42,
    "`Access-Control-Allow-Origin` names only the dashboard's origin",
    ['U', 'R'],
    GuidePage.CORS,
  ],
  [43, '`Access-Control-Allow-Origin` is never `*`', ['U', 'C'], GuidePage.CORS],
  [44, '`DEBUG = False`', ['U'], GuidePage.DEBUG],
  [
    45,
    "`HORIZON_CONFIG['password_validator']` has a regular expression that does not accept everything, as `.*`, `.+`, `^.*$` and the empty string do",
    ['U'],
    GuidePage.CHECKLIST,
    [10],
  ],
  [
    46,
    'Configuration files belong to root and the group horizon',
    ['U', 'R'],
    GuidePage.CHECKLIST,
    [1],
  ],
  [47, 'The mode of configuration files is 0640 or stricter', ['U', 'R'], GuidePage.CHECKLIST, [2]],
  [48, "`HORIZON_CONFIG['password_autocomplete'] = 'off'`", ['U'], GuidePage.CHECKLIST, [7]],
  [49, "`HORIZON_CONFIG['disable_password_reveal'] = True`", ['U'], GuidePage.CHECKLIST, [8]],
  [50, '`ENFORCE_PASSWORD_CHECK = True`', ['U'], GuidePage.CHECKLIST, [9]],
  [
    51,
    'TLS on every hop: browser to load balancer, load balancer to host, host to memcached, host to Keystone',
    ['L', 'C', 'U'],
    GuidePage.TLS,
  ],
  [52, 'TLS 1.2 or later only', ['L', 'U'], GuidePage.TLS],
  [53, 'No weak ciphers', ['L', 'U'], GuidePage.TLS_INTRODUCTION],
  [
    54,
    'A public CA for external traffic, a separate PKI for internal traffic',
    ['C', 'P'],
    GuidePage.TLS,
    [],
    'certificates',
  ],
  [
    55,
    "The application's user cannot read TLS keys; the proxy runs as another user",
    ['U', 'R'],
    GuidePage.TLS,
  ],
  [56, 'The application listens only on a Unix socket or on loopback', ['U', 'C'], GuidePage.TLS],
  [57, 'Traffic is encrypted again behind the load balancer', ['L'], GuidePage.TLS],
  [58, 'The HSTS max-age is one year, with subdomains, reached in steps', ['U'], GuidePage.HTTPS],
  [
    59,
    'Forward secrecy: TLS session tickets are off, or their keys are managed',
    ['U'],
    GuidePage.TLS,
  ],
  [60, 'The proxy limits the size of requests', ['U'], GuidePage.TLS],
];

export const STATEMENTS: readonly Statement[] = ROWS.map(
  ([number, text, levels, page, checklist = [], process]) => ({
    number,
    text,
    levels,
    page,
    checklist: checklist.map((item) => `Check-Dashboard-${String(item).padStart(2, '0')}`),
    process,
  }),
);

/** The items of the guide's checklist that correspond to statements. */
export const checklistOf = (numbers: readonly number[]): string[] =>
  STATEMENTS.filter(({ number }) => numbers.includes(number)).flatMap(({ checklist }) => checklist);
