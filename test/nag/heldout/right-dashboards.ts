import { writeFileSync } from 'node:fs';
import {
  Aspects,
  CfnCondition,
  CfnMapping,
  CfnParameter,
  CfnResource,
  Fn,
  NestedStack,
  Stack,
  Stage,
} from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { InstanceTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
import * as imagebuilder from 'aws-cdk-lib/aws-imagebuilder';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { IConstruct } from 'constructs';
import {
  add,
  CACHING_DISABLED,
  CACHING_OPTIMIZED,
  Dashboard,
  endpoint,
  ENV,
  file,
  HeldOut,
  HostOptions,
  hostScript,
  HSTS,
  LOCAL_SETTINGS as F,
  onFargate,
  onHosts,
  PROXY,
  settings,
  site,
  TaskOptions,
  TLS,
  unit,
  temporaryFile,
} from './kit';

const hosts = (
  name: string,
  mechanism: string,
  parts: HostOptions,
  then?: (dashboard: Dashboard, stack: Stack) => void,
): HeldOut => ({
  name: `right: ${name}`,
  mechanism,
  wants: [],
  build: (stack) => {
    const dashboard = onHosts(stack, parts);
    then?.(dashboard, stack);
  },
});
const around = (
  name: string,
  mechanism: string,
  then: (dashboard: Dashboard, stack: Stack) => void,
) => hosts(name, mechanism, {}, then);
const then = (name: string, mechanism: string, text: string) =>
  hosts(name, mechanism, { then: text });
const last = (name: string, mechanism: string, text: string) =>
  hosts(name, mechanism, { last: text });
const py = (name: string, mechanism: string, text: string) => then(name, mechanism, add(text));
const tasks = (name: string, mechanism: string, parts: TaskOptions): HeldOut => ({
  name: `right: ${name}`,
  mechanism,
  wants: [],
  build: (stack) => void onFargate(stack, parts),
});
/** The settings with one piece written in another way. */
const instead = (name: string, mechanism: string, from: RegExp | string, to: string): HeldOut =>
  hosts(name, mechanism, {
    settings: (cache) => {
      const text = settings(cache).replace(from, () => to);
      if (text === settings(cache)) {
        throw new Error(`${name}: nothing was replaced`);
      }
      return text;
    },
  });
const raw = String.raw;

/** Well-built dashboards, written in ways that are not the pack's own. */
export const RIGHT_DASHBOARDS: readonly HeldOut[] = [
  hosts('on hosts, plainly', 'baseline', {}),
  tasks('on Fargate, plainly', 'baseline', {}),
  // Python.
  instead(
    'hosts as a tuple over lines',
    'python',
    /ALLOWED_HOSTS = .*/,
    "ALLOWED_HOSTS = (\n    'example.org',\n)",
  ),
  instead(
    'values by names',
    'python',
    /ALLOWED_HOSTS = .*/,
    "_NAME = 'example.org'\nALLOWED_HOSTS = [_NAME]",
  ),
  instead(
    'HORIZON_CONFIG by update and keywords',
    'python',
    /HORIZON_CONFIG\['password_a.*\nHORIZON_CONFIG\['disable.*/,
    "HORIZON_CONFIG.update(password_autocomplete='off', disable_password_reveal=True)",
  ),
  instead(
    'HORIZON_CONFIG merged',
    'python',
    /HORIZON_CONFIG\['password_a.*\nHORIZON_CONFIG\['disable.*/,
    "HORIZON_CONFIG = {\n    **HORIZON_CONFIG,\n    'password_autocomplete': 'off',\n    'disable_password_reveal': True,\n}",
  ),
  instead(
    'a chain of booleans',
    'python',
    /SESSION_COOKIE_SECURE.*\nSESSION_COOKIE_HTTPONLY.*\nCSRF_COOKIE_SECURE.*/,
    'SESSION_COOKIE_SECURE = SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_SECURE = True',
  ),
  instead('annotations', 'python', 'DEBUG = False', 'DEBUG: bool = False'),
  instead(
    'a long regex that ends in .*',
    'python',
    "r'^.{12,128}$'",
    "r'^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{14,}.*$'",
  ),
  instead('a regex put together', 'python', "r'^.{12,128}$'", "'^.{%d,%d}$' % (12, 128)"),
  instead(
    'an engine of adjacent strings',
    'python',
    /SESSION_ENGINE = .*/,
    "SESSION_ENGINE = ('django.contrib.sessions'\n                  '.backends.cache')",
  ),
  instead(
    'a context of TLS with its CA',
    'python',
    "{'tls_context': ssl.create_default_context()}",
    "dict(tls_context=ssl.create_default_context(cafile='/etc/ssl/certs/ca-certificates.crt'), no_delay=True)",
  ),
  instead(
    'Keystone put together',
    'python',
    /OPENSTACK_KEYSTONE_URL = .*/,
    "OPENSTACK_KEYSTONE_URL = 'https://%s:5000/v3' % OPENSTACK_HOST",
  ),
  instead(
    'Keystone by an f-string',
    'python',
    /OPENSTACK_KEYSTONE_URL = .*/,
    "OPENSTACK_KEYSTONE_URL = f'https://{OPENSTACK_HOST}:5000/v3'",
  ),
  py(
    'a docstring that shows what not to do',
    'python',
    '"""Never write\n\nDEBUG = True\nALLOWED_HOSTS = [\'*\']\n"""',
  ),
  py(
    'commented-out settings',
    'python',
    "# DEBUG = True\n# ALLOWED_HOSTS = ['*']\n#SESSION_ENGINE = 'django.contrib.sessions.backends.file'",
  ),
  py(
    'keys of other dicts',
    'python',
    "REST_API_REQUIRED_SETTINGS = ['DEBUG', 'ENFORCE_PASSWORD_CHECK']\nSITE = {'DEBUG': True, 'ALLOWED_HOSTS': ['*']}\nLOGGING['loggers']['horizon']['level'] = 'DEBUG'",
  ),
  py(
    'http:// in what is no OpenStack API',
    'python',
    "HORIZON_CONFIG['help_url'] = 'http://docs.example.org'\nSITE_BRANDING_LINK = 'http://intranet.example.org'",
  ),
  py(
    'a local cache for what is no session',
    'python',
    "CACHES['themes'] = {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}",
  ),
  py(
    'wild cards in other settings',
    'python',
    "OPENSTACK_NEUTRON_NETWORK['supported_vnic_types'] = ['*']\nIMAGE_RESERVED_CUSTOM_PROPERTIES = []\nAPI_RESULT_LIMIT = 0",
  ),
  py(
    'set wrong first, and right in the end',
    'python',
    "DEBUG = True\nALLOWED_HOSTS = ['*']\nDEBUG = False\nALLOWED_HOSTS = ['example.org']",
  ),
  instead(
    'middleware with the CSRF one in it',
    'python',
    "TIME_ZONE = 'UTC'",
    "TIME_ZONE = 'UTC'\nMIDDLEWARE = ('django.middleware.security.SecurityMiddleware',) + tuple(\n    m for m in MIDDLEWARE if m != 'horizon.middleware.OperationLogMiddleware')",
  ),
  // Shell.
  then(
    'an edit that makes it stricter',
    'sed -i',
    `sed -i 's/^TIME_ZONE.*/TIME_ZONE = "Europe\\/Paris"/; /^DEBUG = True/d' ${F}`,
  ),
  then(
    'an edit whose pattern matches nothing',
    'sed -i',
    `sed -i 's/^DEBUG = 1$/DEBUG = True/' ${F}`,
  ),
  then(
    'a draft that is wrong and is thrown away',
    'rm',
    `cp ${F} /root/draft.py\necho 'DEBUG = True' >> /root/draft.py\nrm -f /root/draft.py`,
  ),
  then(
    'a wrong file that is written anew',
    '>',
    `cp ${F} /root/good.py\necho "ALLOWED_HOSTS = ['*']" > ${F}\ncat /root/good.py > ${F}`,
  ),
  then(
    'lines for another program',
    'tee',
    `tee /etc/graphite/local_settings.py <<'EOF'\nDEBUG = True\nALLOWED_HOSTS = ['*']\nEOF`,
  ),
  then(
    'words that are no actions',
    'varnish in words',
    'apt-get remove -y varnish apache2\napt-mark hold varnish nodejs\nsystemctl disable --now varnish || true\n! command -v varnishd\necho "no varnish, no squid, no Node.js here" >> /etc/motd\ngrep -q varnish /etc/services || true',
  ),
  then(
    'packages whose names only look like caches',
    'package names',
    'apt-get install -y squid-deb-proxy-client libvarnishapi3 python3-cachetools node-addon-api-doc || true',
  ),
  then(
    'a guard that refuses wild cards',
    'if … exit',
    `if grep -q "ALLOWED_HOSTS = \\['\\*'\\]" ${F}; then\n  echo "ALLOWED_HOSTS = ['*'] is refused" >&2\n  exit 1\nfi`,
  ),
  then(
    'a function that is never called',
    'functions',
    `debug_on() {\n  sed -i 's/^DEBUG.*/DEBUG = True/' ${F}\n}`,
  ),
  then(
    'the value of the variable is the right one',
    'variables',
    `: "\${HORIZON_DEBUG:=False}"\nsed -i "s/^DEBUG = .*/DEBUG = $HORIZON_DEBUG/" ${F}`,
  ),
  last(
    'modes in letters',
    'chmod',
    `chmod u=rw,g=r,o= ${F}\nchmod o-rwx /etc/openstack-dashboard/secret_key`,
  ),
  last(
    'modes of folders, logs and static media',
    'chmod',
    'install -d -m 0755 /etc/openstack-dashboard /var/lib/openstack-dashboard/static\nchmod -R a+rX /var/lib/openstack-dashboard/static\nchown -R www-data:adm /var/log/nginx\nchmod 0644 /etc/nginx/conf.d/horizon.conf /etc/systemd/system/horizon.service',
  ),
  last(
    'what is given away and taken back',
    'chmod',
    `chmod 644 ${F} && chown www-data ${F}\nchown root:horizon ${F}; chmod 640 ${F}`,
  ),
  hosts('user and mode by install', 'install', {
    owner: `install -o root -g horizon -m 0440 ${F} ${F}.new && mv ${F}.new ${F}\nchown root:horizon /etc/openstack-dashboard/secret_key; chmod u=r,g=r,o-rwx /etc/openstack-dashboard/secret_key`,
  }),
  hosts('a whole script of functions', 'functions', {
    script: (secret, cache) => `#!/usr/bin/env bash
# shellcheck disable=SC2154
set -o errexit -o nounset -o pipefail
readonly CONF=${F} SITE=/etc/nginx/conf.d/horizon.conf
main() {
  install_packages
  settings | write "$CONF" 0640 root:horizon
  nginx_site | write "$SITE" 0644 root:root
  keys
  units
}
install_packages() { apt-get update -qq; apt-get install -qqy --no-install-recommends openstack-dashboard nginx gunicorn awscli; }
write() { cat > "$1"; chmod "$2" "$1"; chown "$3" "$1"; }
settings() {
cat <<'EOF'
${settings(cache)}
EOF
}
nginx_site() {
cat <<'EOF'
${site()}
EOF
}
keys() {
  install -d -m 0700 /etc/nginx/tls
  ( umask 077; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=host -keyout /etc/nginx/tls/host.key -out /etc/nginx/tls/host.pem )
  ( umask 027; aws secretsmanager get-secret-value --secret-id '${secret}' --query SecretString --output text > /etc/openstack-dashboard/secret_key; chgrp horizon /etc/openstack-dashboard/secret_key )
}
units() {
cat > /etc/systemd/system/horizon.service <<'EOF'
${unit()}
EOF
  systemctl enable --now horizon nginx
}
main "$@"
`,
  }),
  hosts('all of it in cloud-config', 'cloud-config', {
    script: (secret, cache) => `#cloud-config
package_update: true
packages: [openstack-dashboard, nginx, gunicorn, awscli]
write_files:
${(
  [
    [F, '0640', 'root:horizon', settings(cache)],
    ['/etc/nginx/conf.d/horizon.conf', '0644', 'root:root', site()],
    ['/etc/systemd/system/horizon.service', '0644', 'root:root', unit()],
  ] as const
)
  .map(
    ([path, mode, owner, text]) =>
      `  - path: ${path}\n    owner: ${owner}\n    permissions: '${mode}'\n    defer: true\n    content: |\n${text.replace(/^/gm, '      ')}`,
  )
  .join('\n')}
runcmd:
  - [install, -d, -m, '0700', /etc/nginx/tls]
  - openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=host -keyout /etc/nginx/tls/host.key -out /etc/nginx/tls/host.pem
  - chmod 600 /etc/nginx/tls/host.key
  - aws secretsmanager get-secret-value --secret-id ${secret} --query SecretString --output text | install -o root -g horizon -m 0640 /dev/stdin /etc/openstack-dashboard/secret_key
  - [systemctl, enable, --now, horizon, nginx]
`,
  }),
  // nginx and gunicorn.
  hosts('caches named only to be off', 'nginx', {
    site: site({
      location: `${PROXY}\n    proxy_cache off;\n    proxy_no_cache 1;\n    proxy_buffering on;\n    add_header Cache-Control no-store always;\n  ${HSTS}`,
    }),
  }),
  hosts('a cache of open files', 'nginx', {
    site: site({
      top: 'open_file_cache max=1000 inactive=20s;\nssl_session_cache shared:tls:10m;\n',
      tls: TLS.replace(/\n {2}ssl_session_tickets off;/, ''),
    }),
  }),
  hosts('headers of a snippet', 'nginx include', {
    site: site({ server: '  include snippets/headers.conf;\n  client_max_body_size 10m;' }),
    then: file(
      '/etc/nginx/snippets/headers.conf',
      `${HSTS}\nadd_header X-Frame-Options DENY always;`,
    ),
  }),
  hosts('HSTS by Django', 'SecurityMiddleware', {
    site: site({ server: '  client_max_body_size 10m;' }),
    then: add(
      "MIDDLEWARE = ('django.middleware.security.SecurityMiddleware', *MIDDLEWARE)\nSECURE_HSTS_SECONDS = 60 * 60 * 24 * 365\nSECURE_HSTS_INCLUDE_SUBDOMAINS = True",
    ),
  }),
  hosts('HTTP that redirects, and a health check', 'nginx', {
    site: `${site()}\nserver {\n  listen 80 default_server;\n  server_name _;\n  return 301 https://example.org$request_uri;\n}\n`,
  }),
  hosts('old protocols in a comment, one a line', 'nginx', {
    site: site({
      tls: TLS.replace(
        'ssl_protocols TLSv1.2 TLSv1.3',
        '# ssl_protocols TLSv1 TLSv1.1; was needed until 2020\n  ssl_protocols\n    TLSv1.2\n    TLSv1.3',
      ),
    }),
  }),
  hosts('gunicorn by its file and a socket of systemd', 'gunicorn.conf.py', {
    unit: unit(
      '/usr/bin/gunicorn openstack_dashboard.wsgi -c /etc/openstack-dashboard/gunicorn.conf.py',
    ),
    then:
      file(
        '/etc/openstack-dashboard/gunicorn.conf.py',
        "import multiprocessing\nbind = 'unix:/run/horizon/gunicorn.sock'\nworkers = multiprocessing.cpu_count() * 2 + 1\nworker_class = 'sync'",
      ) +
      file(
        '/etc/systemd/system/horizon.socket',
        '[Socket]\nListenStream=/run/horizon/gunicorn.sock\nSocketUser=www-data\n[Install]\nWantedBy=sockets.target',
      ),
  }),
  hosts('gunicorn on loopback', '127.0.0.1', {
    unit: unit('/usr/bin/gunicorn -w 4 -b 127.0.0.1:8000 -b [::1]:8000 openstack_dashboard.wsgi'),
    site: site({
      location: PROXY.replace('http://unix:/run/horizon/gunicorn.sock', 'http://127.0.0.1:8000'),
    }),
  }),
  hosts('a short option with its value in one word', 'gunicorn -w4', {
    unit: unit(
      '/usr/bin/gunicorn -w4 -k sync -b unix:/run/horizon/gunicorn.sock openstack_dashboard.wsgi',
    ),
  }),
  hosts('workers by the environment of the unit', 'GUNICORN_CMD_ARGS', {
    unit: unit('/usr/bin/gunicorn openstack_dashboard.wsgi').replace(
      'ExecStart=',
      'Environment="GUNICORN_CMD_ARGS=--bind=unix:/run/horizon/gunicorn.sock --workers=4"\nExecStart=',
    ),
  }),
  hosts('ciphers with exclusions', 'ssl_ciphers', {
    site: site({
      tls: TLS.replace(
        'ECDHE+AESGCM:ECDHE+CHACHA20',
        "'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:!RC4:!3DES:!aNULL:!eNULL:!EXPORT'",
      ),
    }),
  }),
  hosts('TLS 1.3 alone', 'ssl_protocols', {
    site: site({ tls: TLS.replace('TLSv1.2 TLSv1.3', 'TLSv1.3') }),
  }),
  hosts('CORS by a map without a wild card', 'map', {
    site: site({
      top: 'map $http_origin $cors {\n  default "";\n  https://example.org $http_origin;\n}\n',
      statics: `  location /static/ {\n    alias /var/lib/openstack-dashboard/static/;\n    expires 1y;\n    add_header Access-Control-Allow-Origin $cors always;\n  ${HSTS}\n  }`,
    }),
  }),
  hosts('directives whose names only sound like a cache', 'nginx', {
    site: site({
      location: `${PROXY}\n    proxy_cache_bypass 1;\n    proxy_store off;\n    proxy_request_buffering on;\n    # proxy_cache pages; was wrong here`,
    }),
  }),
  hosts(
    'Strict-Transport-Security by the listener',
    'ListenerAttributes',
    {
      site: site({
        server: '  client_max_body_size 10m;',
        statics: '  location /static/ {\n    alias /var/lib/openstack-dashboard/static/;\n  }',
      }),
    },
    ({ https }) => {
      (https.node.defaultChild as elbv2.CfnListener).listenerAttributes = [
        {
          key: 'routing.http.response.strict_transport_security.header_value',
          value: 'max-age=31536000; includeSubDomains',
        },
      ];
    },
  ),
  // More of Python and the shell.
  instead(
    'values with comments behind them',
    'python',
    'DEBUG = False',
    "DEBUG = False  # never True: ALLOWED_HOSTS = ['*'] needs it",
  ),
  instead(
    'a tuple without parentheses',
    'python',
    /SECURE_PROXY_SSL_HEADER = .*/,
    "SECURE_PROXY_SSL_HEADER = 'HTTP_X_FORWARDED_PROTO', 'https'",
  ),
  instead(
    'no compression at all',
    'python',
    'COMPRESS_OFFLINE = True',
    'COMPRESS_ENABLED = False\nCOMPRESS_OFFLINE = False',
  ),
  py(
    'cookie domains without a dot',
    'python',
    "SESSION_COOKIE_DOMAIN = None\nCSRF_COOKIE_DOMAIN = 'example.org'",
  ),
  py(
    'a help text over lines',
    'python',
    "HORIZON_CONFIG['password_validator']['help_text'] = '''\nDISALLOW_IFRAME_EMBED = False is no password.\nENFORCE_PASSWORD_CHECK = False neither.\n'''",
  ),
  instead(
    'sessions in an alias of memcached, pages in local memory',
    'python',
    "CACHES = {\n    'default': {",
    "SESSION_CACHE_ALIAS = 'sessions'\nCACHES = {\n    'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'},\n    'sessions': {",
  ),
  instead(
    'the upload mode with its choices in comments',
    'python',
    "HORIZON_IMAGES_UPLOAD_MODE = 'off'",
    "# 'direct' and 'legacy' are the other choices\n# HORIZON_IMAGES_UPLOAD_MODE = 'legacy'\nHORIZON_IMAGES_UPLOAD_MODE = \"off\"",
  ),
  then(
    'random words for something else',
    'openssl rand',
    'openssl rand -hex 32 > /etc/node-exporter-token\nMARK=$(openssl rand -hex 4)\nhostnamectl set-hostname "dash-$MARK"',
  ),
  then(
    'Node.js purged',
    'apt-get purge',
    'apt-get purge -y nodejs npm less\nrm -rf /usr/lib/node_modules',
  ),
  then(
    'a manual on the host',
    'here-documents',
    file(
      '/root/README',
      'Debugging:\n\n    echo "DEBUG = True" >> /etc/openstack-dashboard/local_settings.py\n    apt-get install -y varnish\n    chmod 644 /etc/openstack-dashboard/local_settings.py',
    ),
  ),
  last(
    'modes narrowed after a copy',
    'chmod',
    `install -m 0644 ${F} /root/copy.py\nchmod 0640 /root/copy.py\nrm /root/copy.py`,
  ),
  hosts('the key by a loop that tries again', 'until', {
    secret: (arn) =>
      `SECRET_ARN=${arn}\nuntil KEY=$(aws secretsmanager get-secret-value --secret-id "$SECRET_ARN" --output json | jq -r .SecretString); do sleep 2; done\nprintf '%s' "$KEY" > /etc/openstack-dashboard/secret_key\n`,
  }),
  hosts('the key by Python', 'boto3', {
    secret: (arn) =>
      `python3 - <<'PY' > /etc/openstack-dashboard/secret_key\nimport boto3\nprint(boto3.client('secretsmanager').get_secret_value(SecretId='${arn}')['SecretString'], end='')\nPY\n`,
  }),
  then(
    'an edit that is only printed',
    'sed without -i',
    `sed 's/^DEBUG = .*/DEBUG = True/' ${F} | grep -c DEBUG\ndiff ${F} <(sed 's/False/True/' ${F}) || true`,
  ),
  then(
    'an edit of a backup',
    'sed -i',
    `cp ${F} ${F}.bak\nsed -i 's/^DEBUG = .*/DEBUG = True/' ${F}.bak`,
  ),
  then(
    'a block of comments in the shell',
    ': <<',
    `: <<'OLD'\nsed -i "s/^ALLOWED_HOSTS.*/ALLOWED_HOSTS = ['*']/" ${F}\napt-get install -y varnish nodejs\nOLD`,
  ),
  then(
    'words on the terminal',
    'echo',
    `echo "DEBUG = True"\necho "ALLOWED_HOSTS = ['*']" > /dev/null\ngrep -v 'DEBUG = True' ${F} >/dev/null`,
  ),
  then(
    'an example that is not loaded',
    'local_settings.d',
    file(
      '/usr/share/openstack-dashboard/openstack_dashboard/local/local_settings.d/_10_debug.py.example',
      'DEBUG = True',
    ),
  ),
  then(
    'a site of nginx that is not enabled',
    'sites-available',
    `mkdir -p /etc/nginx/sites-available\n${file('/etc/nginx/sites-available/old.conf.disabled', 'server { listen 443 ssl; ssl_protocols TLSv1; location / { proxy_cache pages; proxy_pass http://127.0.0.1:8000; } }')}`,
  ),
  py(
    'names inside classes and functions',
    'python',
    'class Development:\n    DEBUG = True\n    ALLOWED_HOSTS = ["*"]\n\n\ndef development():\n    DEBUG = True\n    return DEBUG',
  ),
  py(
    'keywords of a call',
    'python',
    'DEVELOPMENT = dict(DEBUG=True, SESSION_COOKIE_SECURE=False)\nDEVELOPMENT.update(ENFORCE_PASSWORD_CHECK=False)',
  ),
  py(
    'comparisons',
    'python',
    "if DEBUG == True or ALLOWED_HOSTS == ['*']:\n    raise RuntimeError('not here')\nassert SESSION_COOKIE_SECURE is not False",
  ),
  // Templates.
  around('a CDN for static media alone', 'CloudFront', ({ alb }, stack) => {
    const origin = new origins.LoadBalancerV2Origin(alb, {
      protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
    });
    new cloudfront.Distribution(stack, 'Cdn', {
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      defaultBehavior: {
        origin,
        cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
        originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER,
        allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      },
      additionalBehaviors: {
        '/static/*': {
          origin,
          cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
          viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        },
      },
    });
  }),
  around('a CloudFront of a bucket of documents', 'CloudFront', (_, stack) => {
    new cloudfront.Distribution(stack, 'Docs', {
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(new s3.Bucket(stack, 'Documents')),
      },
    });
  }),
  around('a policy of the cache with a TTL of 0', 'CachePolicy', ({ alb }, stack) => {
    const policy = new cloudfront.CfnCachePolicy(stack, 'None', {
      cachePolicyConfig: {
        name: 'none',
        minTtl: 0,
        defaultTtl: 0,
        maxTtl: 0,
        parametersInCacheKeyAndForwardedToOrigin: {
          cookiesConfig: { cookieBehavior: 'none' },
          headersConfig: { headerBehavior: 'none' },
          queryStringsConfig: { queryStringBehavior: 'none' },
          enableAcceptEncodingGzip: false,
        },
      },
    });
    new cloudfront.CfnDistribution(stack, 'Cdn', {
      distributionConfig: {
        enabled: true,
        viewerCertificate: {
          acmCertificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1',
          sslSupportMethod: 'sni-only',
          minimumProtocolVersion: 'TLSv1.2_2021',
        },
        origins: [
          {
            id: 'a',
            domainName: alb.loadBalancerDnsName,
            customOriginConfig: {
              originProtocolPolicy: 'https-only',
              originSslProtocols: ['TLSv1.2'],
            },
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: 'a',
          viewerProtocolPolicy: 'redirect-to-https',
          cachePolicyId: policy.ref,
        },
      },
    });
  }),
  around('a cache policy by a condition, right both ways', 'Fn::If', ({ alb }, stack) => {
    const a = new CfnCondition(stack, 'A', {
      expression: Fn.conditionEquals(Fn.ref('AWS::Region'), 'eu-west-1'),
    });
    new cloudfront.CfnDistribution(stack, 'Cdn', {
      distributionConfig: {
        enabled: true,
        viewerCertificate: {
          acmCertificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1',
          sslSupportMethod: 'sni-only',
          minimumProtocolVersion: 'TLSv1.2_2021',
        },
        origins: [
          {
            id: 'a',
            domainName: alb.loadBalancerDnsName,
            customOriginConfig: {
              originProtocolPolicy: 'https-only',
              originSslProtocols: ['TLSv1.2'],
            },
          },
        ],
        cacheBehaviors: [
          {
            pathPattern: 'static/*',
            targetOriginId: 'a',
            viewerProtocolPolicy: 'https-only',
            cachePolicyId: CACHING_OPTIMIZED,
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: 'a',
          viewerProtocolPolicy: 'https-only',
          cachePolicyId: Fn.conditionIf(a.logicalId, CACHING_DISABLED, CACHING_DISABLED).toString(),
        },
      },
    });
  }),
  around('another app with varnish in the same stack', 'neighbours', ({ vpc }, stack) => {
    new ec2.Instance(stack, 'Blog', {
      vpc,
      instanceType: new ec2.InstanceType('t3.small'),
      machineImage: ec2.MachineImage.latestAmazonLinux2023(),
      userData: ec2.UserData.custom(
        '#!/bin/bash\nyum install -y varnish wordpress\necho "DEBUG = True" > /srv/settings.py',
      ),
    });
    new elasticache.CfnCacheCluster(stack, 'BlogCache', {
      engine: 'memcached',
      cacheNodeType: 'cache.t3.micro',
      numCacheNodes: 1,
    });
  }),
  around('another service on the load balancer over HTTP', 'neighbours', ({ https, vpc }) => {
    https.addTargets('Wiki', {
      priority: 20,
      conditions: [elbv2.ListenerCondition.hostHeaders(['wiki.example.org'])],
      port: 8080,
      protocol: elbv2.ApplicationProtocol.HTTP,
      targets: [
        new InstanceTarget(
          new ec2.Instance(vpc, 'Wiki', {
            vpc,
            instanceType: new ec2.InstanceType('t3.small'),
            machineImage: ec2.MachineImage.latestAmazonLinux2023(),
          }),
          8080,
        ),
      ],
    });
  }),
  around(
    'a redirect by a rule, on an HTTP listener of fixed answers',
    'ListenerRule',
    ({ alb }) => {
      const redirect = {
        type: 'redirect',
        redirectConfig: {
          protocol: 'HTTPS',
          port: '443',
          host: 'example.org',
          path: '/#{path}',
          query: '#{query}',
          statusCode: 'HTTP_301',
        },
      };
      (alb.listeners[0].node.defaultChild as elbv2.CfnListener).defaultActions = [redirect];
    },
  ),
  around('ping and ssh from the inside', 'security groups', ({ hosts: group, vpc }) => {
    group.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.icmpPing());
    group.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcp(22));
  }),
  around('a metadata service that is off', 'HttpEndpoint', ({ template }) => {
    (template.node.defaultChild as ec2.CfnLaunchTemplate).addPropertyOverride(
      'LaunchTemplateData.MetadataOptions',
      { HttpEndpoint: 'disabled', HttpTokens: 'optional' },
    );
  }),
  {
    name: 'right: IMDSv2 by an aspect',
    mechanism: 'aspects',
    wants: [],
    build: (stack) => {
      onHosts(stack, { requireImdsv2: false });
      Aspects.of(stack).add(new ec2.LaunchTemplateRequireImdsv2Aspect());
      Aspects.of(stack).add({
        visit(node: IConstruct) {
          if (node instanceof ec2.CfnLaunchTemplate) {
            node.addPropertyOverride('LaunchTemplateData.MetadataOptions.HttpTokens', 'required');
          }
        },
      });
    },
  },
  around('the policy of TLS from a mapping', 'Fn::FindInMap', ({ https }, stack) => {
    const map = new CfnMapping(stack, 'Tls', {
      mapping: { 'eu-west-1': { policy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06' } },
    });
    (https.node.defaultChild as elbv2.CfnListener).sslPolicy = map.findInMap('eu-west-1', 'policy');
  }),
  around('outputs of everything', 'Outputs', ({ alb, targets, cache, secret, template }, stack) => {
    stack.exportValue(alb.loadBalancerArn);
    stack.exportValue(targets.targetGroupArn);
    stack.exportValue(endpoint(cache));
    stack.exportValue(secret.secretArn);
    stack.exportValue(template.launchTemplateId);
  }),
  tasks('booleans as Python and YAML write them', 'environment', {
    environment: {
      DEBUG: 'False',
      SESSION_COOKIE_SECURE: 'True',
      CSRF_COOKIE_SECURE: '1',
      COMPRESS_OFFLINE: 'yes',
    },
  }),
  tasks('hosts with spaces between', 'environment', {
    environment: { ALLOWED_HOSTS: 'example.org, example.net' },
  }),
  tasks('hosts from a dynamic reference', '{{resolve:ssm}}', {
    environment: { ALLOWED_HOSTS: '{{resolve:ssm:/horizon/hosts:3}}' },
  }),
  tasks('a field of a JSON secret of 64 characters', 'GenerateStringKey', {
    secretProps: {
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'key',
        passwordLength: 64,
      },
    },
    secrets: (key) => ({ SECRET_KEY: ecs.Secret.fromSecretsManager(key, 'key') }),
  }),
  tasks('the previous key as well', 'AWSPREVIOUS', {
    secrets: (key) => ({
      SECRET_KEY: ecs.Secret.fromSecretsManager(key),
      SECRET_KEY_FALLBACKS: ecs.Secret.fromSecretsManagerVersion(key, {
        versionStage: 'AWSPREVIOUS',
      }),
    }),
  }),
  tasks('a plain HTTP address of a proxy and of metrics', 'environment', {
    environment: {
      http_proxy: 'http://proxy.example.org:3128',
      STATSD_URL: 'http://127.0.0.1:8125',
    },
  }),
  {
    name: 'right: hosts in a nested stack, cache and key in stacks of their own',
    mechanism: 'cross-stack references',
    wants: [],
    build: (stack, app) => {
      const data = new Stack(app, 'Data', { env: ENV });
      const key = new secretsmanager.Secret(data, 'Key', {
        generateSecretString: { passwordLength: 80 },
      });
      onHosts(new NestedStack(stack, 'Dashboard'), {
        secret: () =>
          `aws secretsmanager get-secret-value --secret-id ${key.secretArn} --query SecretString --output text > /etc/openstack-dashboard/secret_key\n`,
      });
    },
  },
  {
    name: 'right: two stages with a dashboard each',
    mechanism: 'stages',
    wants: [],
    build: (_, app) => {
      for (const name of ['Test', 'Prod']) {
        onHosts(new Stack(new Stage(app, name, { env: ENV }), 'Horizon'));
      }
    },
  },
  {
    name: 'right: an image that is compressed where it is built',
    mechanism: 'Image Builder',
    wants: [],
    build: (stack) => {
      onHosts(stack);
      new imagebuilder.CfnComponent(stack, 'Static', {
        name: 'static',
        platform: 'Linux',
        version: '1.0.0',
        data: 'schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: a\n        action: ExecuteBash\n        inputs:\n          commands:\n            - apt-get install -y openstack-dashboard\n            - /usr/share/openstack-dashboard/manage.py compress --force\n',
      });
    },
  },
  {
    name: 'right: an included template',
    mechanism: 'CfnInclude',
    wants: [],
    build: (stack) => {
      const templateFile = temporaryFile('template.json');
      writeFileSync(
        templateFile,
        JSON.stringify({
          Parameters: { Cache: { Type: 'String' }, Key: { Type: 'String' } },
          Resources: {
            Template: {
              Type: 'AWS::EC2::LaunchTemplate',
              Properties: {
                LaunchTemplateData: {
                  ImageId: 'ami-1',
                  MetadataOptions: { HttpTokens: 'required' },
                  UserData: {
                    'Fn::Base64': {
                      'Fn::Sub': hostScript({}, '${Key}', '${Cache}').replace(
                        /\$(http_host|request_uri)/g,
                        '$$$1',
                      ),
                    },
                  },
                },
              },
            },
          },
        }),
      );
      new CfnInclude(stack, 'Included', {
        templateFile,
        parameters: {
          Cache: 'sessions.abc123.cfg.euw1.cache.amazonaws.com',
          Key: new CfnParameter(stack, 'KeyArn').valueAsString,
        },
      });
    },
  },
  {
    name: 'right: Horizon by Helm, with the values of a careful site',
    mechanism: 'HelmChart values',
    wants: [],
    build: (stack) => {
      new CfnResource(stack, 'Chart', {
        type: 'Custom::AWSCDK-EKS-HelmChart',
        properties: {
          ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:kubectl',
          ClusterName: 'control-plane',
          Release: 'horizon',
          Chart: 'horizon',
          Repository: 'https://tarballs.opendev.org/openstack/openstack-helm',
          Values: JSON.stringify({
            conf: {
              horizon: {
                local_settings: {
                  config: {
                    debug: 'False',
                    allowed_hosts: ['example.org'],
                    session_cookie_secure: 'True',
                    csrf_cookie_secure: 'True',
                    session_cookie_httponly: 'True',
                    disallow_iframe_embed: 'True',
                    disable_password_reveal: 'True',
                    password_autocomplete: 'off',
                    horizon_images_upload_mode: 'off',
                    secure_proxy_ssl_header: true,
                    ssl_no_verify: 'False',
                    raw: { ENFORCE_PASSWORD_CHECK: true },
                  },
                },
              },
            },
            endpoints: { identity: { scheme: { default: 'https' } } },
          }),
        },
      });
    },
  },
  instead(
    'a raw regex with quotes of the other kind',
    'python',
    "r'^.{12,128}$'",
    raw`R"^(?=\S{12,})[^'\s]+$"`,
  ),
];
