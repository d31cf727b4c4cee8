// One dashboard that somebody made without this library, and that follows every statement of the
// guide: every wrong stack of the matrix is this one with one thing changed.

export type Properties = Record<string, unknown>;

export interface PlainResource {
  Type: string;
  Properties: Properties;
  [attribute: string]: unknown;
}

/** A template as CloudFormation takes it. */
export interface PlainTemplate {
  Parameters?: Record<string, Properties>;
  Conditions?: Record<string, unknown>;
  Resources: Record<string, PlainResource>;
}

export const ref = (id: string): unknown => ({ Ref: id });
export const att = (id: string, name: string): unknown => ({ 'Fn::GetAtt': [id, name] });
export const sub = (text: string): unknown => ({ 'Fn::Sub': text });

const resource = (Type: string, Properties: Properties = {}): PlainResource => ({
  Type,
  Properties,
});

/** Parts of the hosts' user data, which changes replace. `${…}` is CloudFormation's, `${!…}` not. */
export const NGINX = `server {
    listen 443 ssl;
    http2 on;
    server_name example.org;
    ssl_certificate /etc/nginx/tls/host.crt;
    ssl_certificate_key /etc/nginx/tls/host.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305;
    ssl_session_tickets off;
    client_max_body_size 1m;
    add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;
    location / {
        # proxy_cache pages; would show one person the pages of another
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-Proto https;
        proxy_pass http://unix:/run/gunicorn/dashboard.sock;
    }
}
`;

export const SETTINGS = `import ssl

DEBUG = False
ALLOWED_HOSTS = ['example.org']
OPENSTACK_KEYSTONE_URL = "https://keystone.example.org:5000/v3"
SECRET_KEY = open('/run/dashboard/secret-key').read()
SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
CACHES = {
    'default': {
        'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
        'LOCATION': '\${Cluster.ConfigurationEndpoint.Address}:\${Cluster.ConfigurationEndpoint.Port}',
        'OPTIONS': {'tls_context': ssl.create_default_context()},
    },
}
SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = True
DISALLOW_IFRAME_EMBED = True
ENFORCE_PASSWORD_CHECK = True
COMPRESS_OFFLINE = True
STATIC_URL = 'https://static.example.org/static/'
HORIZON_IMAGES_UPLOAD_MODE = 'off'
HORIZON_CONFIG["disable_password_reveal"] = True
HORIZON_CONFIG["password_autocomplete"] = "off"
HORIZON_CONFIG["password_validator"] = {
    "regex": '^.{12,128}$',
    "help_text": "12 to 128 characters",
}
`;

const UNIT = `[Service]
User=horizon
Group=horizon
RuntimeDirectory=gunicorn
ExecStart=/usr/bin/gunicorn --chdir /usr/share/openstack-dashboard --worker-class sync --workers 3 --bind unix:/run/gunicorn/dashboard.sock wsgi:application
`;

const USER_DATA = `#!/bin/bash
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends openstack-dashboard gunicorn nginx awscli
apt-get purge -y varnish || true
SECRET_KEY_SECRET_ID="\${Key}"
install -d -o root -g horizon -m 0750 /run/dashboard
umask 0027
aws secretsmanager get-secret-value --secret-id "$SECRET_KEY_SECRET_ID" --query SecretString --output text > /run/dashboard/secret-key
cat > /etc/openstack-dashboard/local_settings.py <<'E'
${SETTINGS}E
chown root:horizon /etc/openstack-dashboard/local_settings.py /run/dashboard/secret-key
chmod 0640 /etc/openstack-dashboard/local_settings.py /run/dashboard/secret-key
cat > /etc/nginx/sites-enabled/dashboard.conf <<'E'
${NGINX}E
cat > /etc/systemd/system/dashboard.service <<'E'
${UNIT}E
systemctl enable --now dashboard nginx
`;

const STATIC_USER_DATA = `#!/bin/bash
apt-get install -y --no-install-recommends nginx
aws s3 sync s3://releases-of-static-media/ /srv/static/
cat > /etc/nginx/sites-enabled/static.conf <<'E'
server {
    listen 443 ssl;
    server_name static.example.org;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets off;
    location /static/ {
        root /srv;
        expires 1y;
        add_header Access-Control-Allow-Origin "https://example.org";
    }
}
E
systemctl enable --now nginx
`;

function network(): Record<string, PlainResource> {
  const resources: Record<string, PlainResource> = {
    Vpc: resource('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
    Gateway: resource('AWS::EC2::InternetGateway'),
    Attachment: resource('AWS::EC2::VPCGatewayAttachment', {
      VpcId: ref('Vpc'),
      InternetGatewayId: ref('Gateway'),
    }),
    Address: resource('AWS::EC2::EIP', { Domain: 'vpc' }),
    Nat: resource('AWS::EC2::NatGateway', {
      SubnetId: ref('Public0'),
      AllocationId: att('Address', 'AllocationId'),
    }),
    PublicRoute: resource('AWS::EC2::Route', {
      RouteTableId: ref('PublicTable'),
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: ref('Gateway'),
    }),
    PrivateRoute: resource('AWS::EC2::Route', {
      RouteTableId: ref('PrivateTable'),
      DestinationCidrBlock: '0.0.0.0/0',
      NatGatewayId: ref('Nat'),
    }),
  };
  ['Public', 'Private', 'Isolated'].forEach((kind, tier) => {
    resources[`${kind}Table`] = resource('AWS::EC2::RouteTable', { VpcId: ref('Vpc') });
    for (const zone of [0, 1]) {
      resources[`${kind}${zone}`] = resource('AWS::EC2::Subnet', {
        VpcId: ref('Vpc'),
        CidrBlock: `10.0.${tier * 2 + zone}.0/24`,
        AvailabilityZone: { 'Fn::Select': [zone, { 'Fn::GetAZs': '' }] },
      });
      resources[`${kind}${zone}Association`] = resource('AWS::EC2::SubnetRouteTableAssociation', {
        SubnetId: ref(`${kind}${zone}`),
        RouteTableId: ref(`${kind}Table`),
      });
    }
  });
  return resources;
}

function securityGroups(): Record<string, PlainResource> {
  const group = (GroupDescription: string): PlainResource =>
    resource('AWS::EC2::SecurityGroup', { GroupDescription, VpcId: ref('Vpc') });
  const ingress = (to: string, from: string, port: number): PlainResource =>
    resource('AWS::EC2::SecurityGroupIngress', {
      GroupId: att(to, 'GroupId'),
      SourceSecurityGroupId: att(from, 'GroupId'),
      IpProtocol: 'tcp',
      FromPort: port,
      ToPort: port,
    });
  const EntryGroup = group('load balancer');
  EntryGroup.Properties.SecurityGroupIngress = [80, 443].map((port) => ({
    CidrIp: '0.0.0.0/0',
    IpProtocol: 'tcp',
    FromPort: port,
    ToPort: port,
  }));
  return {
    EntryGroup,
    HostGroup: group('dashboard hosts'),
    StaticGroup: group('static hosts'),
    CacheGroup: group('memcached'),
    HostIngress: ingress('HostGroup', 'EntryGroup', 443),
    StaticIngress: ingress('StaticGroup', 'EntryGroup', 443),
    CacheIngress: ingress('CacheGroup', 'HostGroup', 11211),
  };
}

function sessions(): Record<string, PlainResource> {
  return {
    Key: resource('AWS::SecretsManager::Secret', {
      GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true },
    }),
    CacheSubnets: resource('AWS::ElastiCache::SubnetGroup', {
      Description: 'no way out',
      SubnetIds: [ref('Isolated0'), ref('Isolated1')],
    }),
    Cluster: resource('AWS::ElastiCache::CacheCluster', {
      Engine: 'memcached',
      EngineVersion: '1.6.22',
      CacheNodeType: 'cache.t4g.small',
      NumCacheNodes: 2,
      AZMode: 'cross-az',
      TransitEncryptionEnabled: true,
      CacheSubnetGroupName: ref('CacheSubnets'),
      VpcSecurityGroupIds: [att('CacheGroup', 'GroupId')],
    }),
  };
}

function machine(group: string, userData: string): PlainResource {
  return resource('AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: {
      ImageId: '{{resolve:ssm:/aws/service/debian/release/13/latest/arm64}}',
      InstanceType: 't4g.small',
      MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required' },
      SecurityGroupIds: [att(group, 'GroupId')],
      UserData: { 'Fn::Base64': { 'Fn::Sub': userData } },
    },
  });
}

function tier(host: string, targets: string): PlainResource {
  return resource('AWS::AutoScaling::AutoScalingGroup', {
    MinSize: '2',
    MaxSize: '4',
    VPCZoneIdentifier: [ref('Private0'), ref('Private1')],
    LaunchTemplate: {
      LaunchTemplateId: ref(host),
      Version: att(host, 'LatestVersionNumber'),
    },
    TargetGroupARNs: [ref(targets)],
  });
}

const targets = (): PlainResource =>
  resource('AWS::ElasticLoadBalancingV2::TargetGroup', {
    Protocol: 'HTTPS',
    Port: 443,
    VpcId: ref('Vpc'),
    HealthCheckProtocol: 'HTTPS',
  });

const forward = (name: string, group: string, priority: number): PlainResource =>
  resource('AWS::ElasticLoadBalancingV2::ListenerRule', {
    ListenerArn: ref('Https'),
    Priority: priority,
    Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: [name] } }],
    Actions: [{ Type: 'forward', TargetGroupArn: ref(group) }],
  });

function entry(): Record<string, PlainResource> {
  return {
    Zone: resource('AWS::Route53::HostedZone', { Name: 'example.org.' }),
    Certificate: resource('AWS::CertificateManager::Certificate', {
      DomainName: 'example.org',
      SubjectAlternativeNames: ['static.example.org'],
      ValidationMethod: 'DNS',
    }),
    ...Object.fromEntries(
      [
        ['Record', 'example.org.'],
        ['StaticRecord', 'static.example.org.'],
      ].map(([id, Name]) => [
        id,
        resource('AWS::Route53::RecordSet', {
          Name,
          Type: 'A',
          HostedZoneId: ref('Zone'),
          AliasTarget: {
            DNSName: att('Balancer', 'DNSName'),
            HostedZoneId: att('Balancer', 'CanonicalHostedZoneID'),
          },
        }),
      ]),
    ),
    Balancer: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Type: 'application',
      Scheme: 'internet-facing',
      Subnets: [ref('Public0'), ref('Public1')],
      SecurityGroups: [att('EntryGroup', 'GroupId')],
      LoadBalancerAttributes: [
        { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
        { Key: 'deletion_protection.enabled', Value: 'true' },
      ],
    }),
    Https: resource('AWS::ElasticLoadBalancingV2::Listener', {
      LoadBalancerArn: ref('Balancer'),
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
      Certificates: [{ CertificateArn: ref('Certificate') }],
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    }),
    Http: resource('AWS::ElasticLoadBalancingV2::Listener', {
      LoadBalancerArn: ref('Balancer'),
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [
        {
          Type: 'redirect',
          RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
        },
      ],
    }),
    DashboardRule: forward('example.org', 'Targets', 10),
    StaticRule: forward('static.example.org', 'StaticTargets', 20),
  };
}

const PARAMETERS = { Given: { Type: 'String', Default: '' } };

/** The dashboard on instances, set up by a script and a `local_settings.py`. */
export function instances(): PlainTemplate {
  return {
    Parameters: { ...PARAMETERS },
    Resources: {
      ...network(),
      ...securityGroups(),
      ...sessions(),
      ...entry(),
      Host: machine('HostGroup', USER_DATA),
      Group: tier('Host', 'Targets'),
      Targets: targets(),
      StaticHost: machine('StaticGroup', STATIC_USER_DATA),
      StaticTier: tier('StaticHost', 'StaticTargets'),
      StaticTargets: targets(),
    },
  };
}

/** What the containers are told: the names of docs/environment.md. */
export const ENVIRONMENT: Readonly<Record<string, unknown>> = {
  ALLOWED_HOSTS: 'example.org',
  OPENSTACK_KEYSTONE_URL: 'https://keystone.example.org:5000/v3',
  SESSION_ENGINE: 'django.contrib.sessions.backends.cache',
  SESSION_TIMEOUT: '3600',
  MEMCACHED_ENDPOINT: sub(
    '${Cluster.ConfigurationEndpoint.Address}:${Cluster.ConfigurationEndpoint.Port}',
  ),
  MEMCACHED_DISCOVERY: 'true',
  MEMCACHED_TLS: 'true',
  MEMCACHED_SEALING: 'true',
  SESSION_COOKIE_SECURE: 'true',
  SESSION_COOKIE_HTTPONLY: 'true',
  CSRF_COOKIE_SECURE: 'true',
  DISALLOW_IFRAME_EMBED: 'true',
  COMPRESS_OFFLINE: 'true',
  ENFORCE_PASSWORD_CHECK: 'true',
  DISABLE_PASSWORD_REVEAL: 'true',
  PASSWORD_AUTOCOMPLETE: 'off',
  PASSWORD_VALIDATOR_REGEX: '^.{12,128}$',
  HORIZON_IMAGES_UPLOAD_MODE: 'off',
  SECURE_PROXY_SSL_HEADER: 'HTTP_X_FORWARDED_PROTO,https',
  STATIC_BASE_URL: 'https://static.example.org/static/',
  DEBUG: 'false',
};

/** The same dashboard in containers of ECS. */
export function containers(): PlainTemplate {
  const { Parameters, Resources } = instances();
  const { Host: _host, Group: _group, ...rest } = Resources;
  return {
    Parameters,
    Resources: {
      ...rest,
      Targets: {
        ...rest.Targets,
        Properties: { ...rest.Targets.Properties, TargetType: 'ip' },
      },
      Containers: resource('AWS::ECS::Cluster'),
      Task: resource('AWS::ECS::TaskDefinition', {
        NetworkMode: 'awsvpc',
        RequiresCompatibilities: ['FARGATE'],
        Cpu: '512',
        Memory: '1024',
        ContainerDefinitions: [
          {
            Name: 'horizon',
            Image: 'registry.example.org/horizon:2025.1',
            PortMappings: [{ ContainerPort: 8443 }],
            Environment: Object.entries(ENVIRONMENT).map(([Name, Value]) => ({ Name, Value })),
            Secrets: [{ Name: 'SECRET_KEY', ValueFrom: ref('Key') }],
          },
          { Name: 'logs', Image: 'public.ecr.aws/aws-observability/aws-for-fluent-bit:stable' },
        ],
      }),
      Service: resource('AWS::ECS::Service', {
        Cluster: ref('Containers'),
        TaskDefinition: ref('Task'),
        DesiredCount: 2,
        LaunchType: 'FARGATE',
        NetworkConfiguration: {
          AwsvpcConfiguration: {
            Subnets: [ref('Private0'), ref('Private1')],
            SecurityGroups: [att('HostGroup', 'GroupId')],
          },
        },
        LoadBalancers: [
          { ContainerName: 'horizon', ContainerPort: 8443, TargetGroupArn: ref('Targets') },
        ],
      }),
    },
  };
}
