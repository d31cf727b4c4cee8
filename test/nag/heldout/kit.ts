import { App, Fn, Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];

/** The path of a file that `removeFiles` removes again. */
export function temporaryFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'heldout-'));
  folders.push(folder);
  return join(folder, name);
}

export function removeFiles(): void {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true });
  }
}

/** A stack of the held-out set. */
export interface HeldOut {
  readonly name: string;
  /** How the fault, or what is right, is written. */
  readonly mechanism: string;
  /** Ids of rules, one of which has to be reported; empty: nothing may be. */
  readonly wants: readonly string[];
  /** What is wrong cannot be read from the template: UNKNOWN is enough. */
  readonly unknownIsFine?: true;
  /** There is no dashboard: not even UNKNOWN may be reported. */
  readonly noDashboard?: true;
  readonly build: (stack: Stack, app: App) => void;
}

export const ENV = { account: '111122223333', region: 'eu-west-1' };
export const LOCAL_SETTINGS = '/etc/openstack-dashboard/local_settings.py';
export const CERTIFICATE =
  'arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000';
/** The managed cache policies of CloudFront. */
export const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
export const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';

/** Writes a file with a here-document in which the shell replaces nothing. */
export const file = (path: string, text: string) => `cat > ${path} <<'EOF'\n${text}\nEOF\n`;
/** Adds lines to the settings. */
export const add = (text: string) => `cat >> ${LOCAL_SETTINGS} <<'EOF'\n${text}\nEOF\n`;

export const settings = (cache: string) => `import ssl
DEBUG = False
ALLOWED_HOSTS = ['example.org']
SECRET_KEY = open('/etc/openstack-dashboard/secret_key').read().strip()
OPENSTACK_HOST = 'keystone.example.org'
OPENSTACK_KEYSTONE_URL = 'https://keystone.example.org:5000/v3'
SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
CACHES = {
    'default': {
        'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
        'LOCATION': '${cache}:11211',
        'OPTIONS': {'tls_context': ssl.create_default_context()},
    },
}
SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = True
DISALLOW_IFRAME_EMBED = True
COMPRESS_OFFLINE = True
ENFORCE_PASSWORD_CHECK = True
HORIZON_CONFIG['password_autocomplete'] = 'off'
HORIZON_CONFIG['disable_password_reveal'] = True
HORIZON_CONFIG['password_validator'] = {
    'regex': r'^.{12,128}$',
    'help_text': 'Use 12 to 128 characters.',
}
HORIZON_IMAGES_UPLOAD_MODE = 'off'
STATIC_URL = 'https://static.example.org/static/'
TIME_ZONE = 'UTC'`;

export const TLS = `  ssl_certificate /etc/nginx/tls/host.pem;
  ssl_certificate_key /etc/nginx/tls/host.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;
  ssl_session_tickets off;`;
export const HSTS =
  '  add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;';
export const PROXY = `    proxy_pass http://unix:/run/horizon/gunicorn.sock;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Proto https;`;
/** Static media without Strict-Transport-Security. */
export const PLAIN_STATICS = `  location /static/ {
    alias /var/lib/openstack-dashboard/static/;
  }`;
export const site = (
  parts: { tls?: string; server?: string; location?: string; statics?: string; top?: string } = {},
) => `${parts.top ?? ''}server {
  listen 443 ssl;
  server_name example.org;
${parts.tls ?? TLS}
${parts.server ?? `${HSTS}\n  client_max_body_size 10m;`}
  location / {
${parts.location ?? PROXY}
  }
}
server {
  listen 443 ssl;
  server_name static.example.org;
${parts.tls ?? TLS}
${
  parts.statics ??
  `  location /static/ {
    alias /var/lib/openstack-dashboard/static/;
  ${HSTS}
    add_header Access-Control-Allow-Origin https://example.org always;
  }`
}
}`;

export const unit = (
  exec = '/usr/bin/gunicorn --bind unix:/run/horizon/gunicorn.sock --workers 4 openstack_dashboard.wsgi',
  user = 'horizon',
) => `[Unit]
Description=Horizon
After=network.target

[Service]
User=${user}
Group=horizon
RuntimeDirectory=horizon
ExecStart=${exec}

[Install]
WantedBy=multi-user.target`;

export interface HostScript {
  readonly packages?: string;
  readonly settings?: (cache: string) => string;
  readonly site?: string;
  readonly unit?: string;
  readonly secret?: (arn: string) => string;
  /** After the key of TLS has been made. */
  readonly keys?: string;
  readonly owner?: string;
  /** Before the files are given their owner and mode. */
  readonly then?: string;
  readonly last?: string;
}

/** A script that makes a well-built host; `then` and the parts change it. */
export const hostScript = (parts: HostScript, secret: string, cache: string) => `#!/bin/bash
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends ${parts.packages ?? 'openstack-dashboard nginx gunicorn awscli'}
id horizon >/dev/null 2>&1 || useradd --system --no-create-home horizon
umask 027
${(parts.secret ?? ((arn) => `aws secretsmanager get-secret-value --secret-id ${arn} --query SecretString --output text > /etc/openstack-dashboard/secret_key\n`))(secret)}
${file(LOCAL_SETTINGS, (parts.settings ?? settings)(cache))}
install -d -m 0700 /etc/nginx/tls
openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=host -keyout /etc/nginx/tls/host.key -out /etc/nginx/tls/host.pem
chmod 0600 /etc/nginx/tls/host.key
${parts.keys ?? ''}
${file('/etc/nginx/conf.d/horizon.conf', parts.site ?? site())}
${file('/etc/systemd/system/horizon.service', parts.unit ?? unit())}
${parts.then ?? ''}
${parts.owner ?? 'chown root:horizon /etc/openstack-dashboard/local_settings.py /etc/openstack-dashboard/secret_key\nchmod 0640 /etc/openstack-dashboard/local_settings.py /etc/openstack-dashboard/secret_key'}
systemctl daemon-reload
systemctl enable --now horizon nginx
${parts.last ?? ''}`;

export interface Network {
  readonly vpc: ec2.Vpc;
  readonly hosts: ec2.SecurityGroup;
  readonly cacheGroup: ec2.SecurityGroup;
  readonly cache: elasticache.CfnCacheCluster;
}

export function network(
  stack: Stack,
  cache: Partial<elasticache.CfnCacheClusterProps> = {},
  subnets: ec2.SubnetType = ec2.SubnetType.PRIVATE_ISOLATED,
): Network {
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    maxAzs: 2,
    natGateways: 1,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });
  const hosts = new ec2.SecurityGroup(stack, 'Hosts', { vpc });
  const cacheGroup = new ec2.SecurityGroup(stack, 'CacheGroup', { vpc, allowAllOutbound: false });
  cacheGroup.addIngressRule(hosts, ec2.Port.tcp(11211));
  const group = new elasticache.CfnSubnetGroup(stack, 'CacheSubnets', {
    description: 'sessions',
    subnetIds: vpc.selectSubnets({ subnetType: subnets }).subnetIds,
  });
  return {
    vpc,
    hosts,
    cacheGroup,
    cache: new elasticache.CfnCacheCluster(stack, 'Cache', {
      engine: 'memcached',
      engineVersion: '1.6.22',
      cacheNodeType: 'cache.t4g.small',
      numCacheNodes: 2,
      azMode: 'cross-az',
      transitEncryptionEnabled: true,
      cacheSubnetGroupName: group.ref,
      vpcSecurityGroupIds: [cacheGroup.securityGroupId],
      ...cache,
    }),
  };
}

export const endpoint = (cache: elasticache.CfnCacheCluster) =>
  cache.attrConfigurationEndpointAddress;

export interface Balancer {
  readonly alb: elbv2.ApplicationLoadBalancer;
  readonly https: elbv2.ApplicationListener;
  readonly targets: elbv2.ApplicationTargetGroup;
}

/** A well-built load balancer before the targets. */
export function balancer(
  stack: Stack,
  vpc: ec2.IVpc,
  targets: elbv2.IApplicationLoadBalancerTarget[],
  port = 443,
): Balancer {
  const alb = new elbv2.ApplicationLoadBalancer(stack, 'Alb', {
    vpc,
    internetFacing: true,
    dropInvalidHeaderFields: true,
  });
  alb.addRedirect();
  const https = alb.addListener('Https', {
    port: 443,
    sslPolicy: elbv2.SslPolicy.TLS13_RES,
    certificates: [acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE)],
  });
  return {
    alb,
    https,
    targets: https.addTargets('Horizon', {
      port,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      targets,
      healthCheck: { path: '/healthz', protocol: elbv2.Protocol.HTTPS },
    }),
  };
}

export interface Dashboard extends Network, Balancer {
  readonly template: ec2.LaunchTemplate;
  readonly group: autoscaling.AutoScalingGroup;
  readonly secret: secretsmanager.Secret;
}

export interface HostOptions extends HostScript {
  /** The whole script. */
  readonly script?: (secret: string, cache: string) => string;
  readonly cache?: Partial<elasticache.CfnCacheClusterProps>;
  readonly cacheSubnets?: ec2.SubnetType;
  readonly secretProps?: secretsmanager.SecretProps;
  readonly requireImdsv2?: boolean;
}

/** A well-built dashboard on EC2, in which `parts` change the hosts. */
export function onHosts(stack: Stack, parts: HostOptions = {}): Dashboard {
  const net = network(stack, parts.cache, parts.cacheSubnets);
  const secret = new secretsmanager.Secret(
    stack,
    'SecretKey',
    parts.secretProps ?? {
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    },
  );
  const script = parts.script ?? ((arn, cache) => hostScript(parts, arn, cache));
  const template = new ec2.LaunchTemplate(stack, 'Template', {
    machineImage: ec2.MachineImage.genericLinux({ 'eu-west-1': 'ami-0123456789abcdef0' }),
    instanceType: new ec2.InstanceType('t3.small'),
    securityGroup: net.hosts,
    requireImdsv2: parts.requireImdsv2 ?? true,
    userData: ec2.UserData.custom(script(secret.secretArn, endpoint(net.cache))),
  });
  const group = new autoscaling.AutoScalingGroup(stack, 'Group', {
    vpc: net.vpc,
    launchTemplate: template,
    minCapacity: 2,
    maxCapacity: 4,
  });
  return { ...net, ...balancer(stack, net.vpc, [group]), template, group, secret };
}

/** The same with lines added to the settings. */
export const withSettings =
  (text: string, parts: HostOptions = {}) =>
  (stack: Stack) =>
    void onHosts(stack, { ...parts, then: add(text) });
/** The same with more of the script. */
export const withScript = (text: string) => (stack: Stack) => void onHosts(stack, { then: text });

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  ALLOWED_HOSTS: 'example.org',
  OPENSTACK_KEYSTONE_URL: 'https://keystone.example.org:5000/v3',
  SESSION_ENGINE: 'django.contrib.sessions.backends.cache',
  MEMCACHED_TLS: 'true',
  SECURE_PROXY_SSL_HEADER: 'HTTP_X_FORWARDED_PROTO,https',
  SESSION_COOKIE_SECURE: 'true',
  SESSION_COOKIE_HTTPONLY: 'true',
  CSRF_COOKIE_SECURE: 'true',
  DISALLOW_IFRAME_EMBED: 'true',
  COMPRESS_OFFLINE: 'true',
  DEBUG: 'false',
  ENFORCE_PASSWORD_CHECK: 'true',
  DISABLE_PASSWORD_REVEAL: 'true',
  PASSWORD_AUTOCOMPLETE: 'off',
  PASSWORD_VALIDATOR_REGEX: '^.{12,128}$',
  HORIZON_IMAGES_UPLOAD_MODE: 'off',
  STATIC_BASE_URL: 'https://static.example.org/static/',
  HSTS_MAX_AGE: '31536000',
  HSTS_INCLUDE_SUBDOMAINS: 'true',
};

export interface TaskOptions {
  readonly horizon?: Partial<ecs.ContainerDefinitionOptions>;
  readonly environment?: Record<string, string>;
  readonly secrets?: (key: secretsmanager.Secret) => Record<string, ecs.Secret>;
  readonly secretProps?: secretsmanager.SecretProps;
  readonly more?: (task: ecs.FargateTaskDefinition) => void;
  readonly cache?: Partial<elasticache.CfnCacheClusterProps>;
  readonly desiredCount?: number;
}

export interface Tasks extends Network, Balancer {
  readonly task: ecs.FargateTaskDefinition;
  readonly service: ecs.FargateService;
  readonly secret: secretsmanager.Secret;
}

/** A well-built dashboard in AWS Fargate: nginx ends TLS, gunicorn listens on loopback. */
export function onFargate(stack: Stack, parts: TaskOptions = {}): Tasks {
  const net = network(stack, parts.cache);
  const secret = new secretsmanager.Secret(
    stack,
    'SecretKey',
    parts.secretProps ?? { generateSecretString: { passwordLength: 64 } },
  );
  const task = new ecs.FargateTaskDefinition(stack, 'Task', { memoryLimitMiB: 1024 });
  task.addContainer('nginx', {
    image: ecs.ContainerImage.fromRegistry('registry.example.org/horizon-nginx:1.27'),
    portMappings: [{ containerPort: 443 }],
  });
  task.addContainer('horizon', {
    image: ecs.ContainerImage.fromRegistry('registry.example.org/horizon:2025.1'),
    command: ['gunicorn', '-b', '127.0.0.1:8000', '-w', '4', 'openstack_dashboard.wsgi'],
    environment: {
      ...ENVIRONMENT,
      MEMCACHED_ENDPOINT: `${endpoint(net.cache)}:11211`,
      ...parts.environment,
    },
    secrets: (parts.secrets ?? ((key) => ({ SECRET_KEY: ecs.Secret.fromSecretsManager(key) })))(
      secret,
    ),
    ...parts.horizon,
  });
  parts.more?.(task);
  const service = new ecs.FargateService(stack, 'Service', {
    cluster: new ecs.Cluster(stack, 'Cluster', { vpc: net.vpc }),
    taskDefinition: task,
    desiredCount: parts.desiredCount ?? 2,
    minHealthyPercent: 100,
    securityGroups: [net.hosts],
  });
  return { ...net, ...balancer(stack, net.vpc, [service]), task, service, secret };
}

/** A lone instance that a script makes a dashboard of. */
export function instance(
  stack: Stack,
  userData: string,
  props: Partial<ec2.CfnInstanceProps> = {},
): ec2.CfnInstance {
  return new ec2.CfnInstance(stack, 'Instance', {
    imageId: 'ami-0123456789abcdef0',
    instanceType: 't3.small',
    metadataOptions: { httpTokens: 'required' },
    userData: Fn.base64(userData),
    ...props,
  });
}
