import { GuidePage } from './rule';

/**
 * Where a statement can be checked: a CloudFormation property, a listener or its rules, what a host is
 * told, a running host, or a process that people follow.
 */
export type CheckLevel = 'C' | 'L' | 'U' | 'R' | 'P';

/** A statement of the OpenStack Security Guide, as this project counts them. */
export interface Statement {
  readonly number: number;
  readonly text: string;
  readonly levels: readonly CheckLevel[];
  readonly page: GuidePage;
  /** Items of the guide's checklist, `Check-Dashboard-04`. */
  readonly checklist: readonly string[];
  /** The section of docs/process.md on what people do. */
  readonly process?: string;
}

type Row = [number, string, CheckLevel[], GuidePage, number[]?, string?];

// Source: the chapter Dashboard of the OpenStack Security Guide and, where it concerns the dashboard,
// the chapter Secure communication; each row names its page.
const ROWS: Row[] = [
  [
    1,
    'The dashboard has a domain of its own at the second level (public-suffix aware), not a subdomain shared with other sites',
    ['C', 'U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [2, 'The name is fully qualified (has a dot)', ['U'], GuidePage.DOMAINS_AND_WEB_SERVER],
  [
    3,
    'No user-generated content on the domain or its siblings',
    ['P'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
    [],
    'content',
  ],
  [4, 'On a shared subdomain: no cookie-backed sessions', ['U'], GuidePage.DOMAINS_AND_WEB_SERVER],
  [5, 'On a shared subdomain: HSTS is on', ['U', 'L'], GuidePage.DOMAINS_AND_WEB_SERVER],
  [
    6,
    'The WSGI application stands behind an HTTPS proxy',
    ['C', 'U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [7, 'The proxy is nginx unless Apache is already there', ['U'], GuidePage.DOMAINS_AND_WEB_SERVER],
  [
    8,
    'gunicorn, `sync` workers, their number set on purpose',
    ['U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [
    9,
    '`ALLOWED_HOSTS` lists the fully qualified names served',
    ['U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [
    10,
    'No wildcard in `ALLOWED_HOSTS` (`*`, leading dot)',
    ['U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [
    11,
    "Image upload through the dashboard is off (`HORIZON_IMAGES_UPLOAD_MODE = 'off'`; the guide calls it by its old name), unless a plan against resource exhaustion is stated",
    ['U'],
    GuidePage.DOMAINS_AND_WEB_SERVER,
  ],
  [
    12,
    'Custom panels are audited for `mark_safe`, `is_safe`, `safe`, autoescape off',
    ['P'],
    GuidePage.HTTPS,
    [],
    'custom-panels',
  ],
  [
    13,
    'CSRF middleware stays in; no stray `csrf_exempt`',
    ['U', 'P'],
    GuidePage.HTTPS,
    [],
    'custom-panels',
  ],
  [14, '`DISALLOW_IFRAME_EMBED = True`', ['U'], GuidePage.CHECKLIST, [3]],
  [15, 'HTTPS with a certificate of a recognised CA', ['L'], GuidePage.HTTPS],
  [16, 'A private CA only where browsers have its root', ['C'], GuidePage.HTTPS],
  [
    17,
    'HTTP answers only with a redirect to the fully qualified HTTPS URL',
    ['L'],
    GuidePage.HTTPS,
  ],
  [18, 'HSTS is sent', ['U', 'L'], GuidePage.HTTPS],
  [
    19,
    "`SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')` behind the proxy, and no way around the proxy",
    ['U', 'L', 'C'],
    GuidePage.CHECKLIST,
    [11],
  ],
  [
    20,
    'No front-end cache stands before the dashboard: no varnish (package, image, service or AMI step), no nginx `proxy_cache`/`fastcgi_cache`/`uwsgi_cache`, no CloudFront behaviour, API Gateway stage or other proxy that caches its dynamic pages',
    ['C', 'U', 'L'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    21,
    'Static media is served by the web server itself (nginx), which does the caching that it needs through HTTP headers',
    ['U'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    22,
    '`SESSION_ENGINE` is `django.contrib.sessions.backends.cache` on memcached, where there is a cache that all hosts share',
    ['U', 'C'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    23,
    'No data leaks from memcached: reached from dashboard hosts alone, in subnets with no route to the internet, over TLS, with a verified certificate',
    ['C', 'U'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    24,
    'Sessions are never in a local-memory cache (`LocMemCache`), nor in `DummyCache`, nor in files on one host: not shared between processes or hosts, lost early',
    ['U'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    25,
    '`signed_cookies` puts readable access tokens in the browser with every request: flagged; where it is chosen all the same, every hop is HTTPS, cookies are Secure and HttpOnly, and the dashboard is on its own second-level domain (statements 1, 4, 5)',
    ['U', 'L'],
    GuidePage.CACHING_AND_SESSIONS,
  ],
  [
    26,
    "Static media on a subdomain of the dashboard's domain (a CDN is also acceptable for static media alone)",
    ['L', 'C', 'U'],
    GuidePage.STATIC_MEDIA,
  ],
  [27, 'The host of static media sets no cookies', ['L', 'U'], GuidePage.STATIC_MEDIA],
  [28, 'The host of static media serves no user content', ['C', 'U'], GuidePage.STATIC_MEDIA],
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
  [33, 'No less compiler or Node.js on production hosts', ['U'], GuidePage.STATIC_MEDIA],
  [34, 'Password policy after NIST SP 800-118', ['P'], GuidePage.PASSWORDS, [], 'passwords'],
  [35, '`SECRET_KEY` is random and at least 64 characters', ['C'], GuidePage.SECRET_KEY],
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
    "`Access-Control-Allow-Origin` names the dashboard's origin alone",
    ['U', 'R'],
    GuidePage.CORS,
  ],
  [43, 'Access-Control-Allow-Origin is never `*`', ['U', 'C'], GuidePage.CORS],
  [44, '`DEBUG = False`', ['U'], GuidePage.DEBUG],
  [
    45,
    "`HORIZON_CONFIG['password_validator']` has a regex that does not allow everything: `.*`, `.+`, `^.*$` and the empty string do",
    ['U'],
    GuidePage.CHECKLIST,
    [10],
  ],
  [46, 'Configuration files belong to root, group horizon', ['U', 'R'], GuidePage.CHECKLIST, [1]],
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
  [54, 'Public CA outside, a separate PKI inside', ['C', 'P'], GuidePage.TLS, [], 'certificates'],
  [
    55,
    "The application's user cannot read TLS keys; the proxy runs as another user",
    ['U', 'R'],
    GuidePage.TLS,
  ],
  [56, 'The application listens on a Unix socket or on loopback alone', ['U', 'C'], GuidePage.TLS],
  [57, 'Traffic is encrypted again behind the boundary', ['L'], GuidePage.TLS],
  [58, 'HSTS max-age of a year, with subdomains, reached in steps', ['U'], GuidePage.HTTPS],
  [59, 'Forward secrecy: TLS session tickets off, or their keys managed', ['U'], GuidePage.TLS],
  [60, 'The proxy bounds the size of a request', ['U'], GuidePage.TLS],
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

/** The items of the guide's checklist that statements are. */
export const checklistOf = (numbers: readonly number[]): string[] =>
  STATEMENTS.filter(({ number }) => numbers.includes(number)).flatMap(({ checklist }) => checklist);
