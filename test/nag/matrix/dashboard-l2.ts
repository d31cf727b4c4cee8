// The dashboard of the baseline as L2 constructs of the AWS CDK, as somebody without this library
// would compose it, over as many stacks as wanted.
import { Duration, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { NGINX, SETTINGS } from './baseline';

export interface Parts {
  readonly vpc: ec2.Vpc;
  readonly key: secretsmanager.Secret;
  readonly cacheGroup: ec2.SecurityGroup;
  readonly cluster: elasticache.CfnCacheCluster;
  readonly launchTemplate: ec2.LaunchTemplate;
  readonly hosts: autoscaling.AutoScalingGroup;
  readonly balancer: elbv2.ApplicationLoadBalancer;
  readonly https: elbv2.ApplicationListener;
}

export interface Choices {
  /** Where the load balancer and the hosts are; the network and sessions are in `base`. */
  readonly entry?: Stack;
  readonly keyLength?: number;
  readonly sslPolicy?: elbv2.SslPolicy;
  readonly hostProtocol?: elbv2.ApplicationProtocol;
  readonly imdsv2?: boolean;
  readonly dropInvalidHeaderFields?: boolean;
  /** What becomes of the user data. */
  readonly told?: (userData: string) => string;
}

export function network(stack: Stack): ec2.Vpc {
  return new ec2.Vpc(stack, 'Vpc', {
    maxAzs: 2,
    natGateways: 1,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });
}

/** The `local_settings.py` and the nginx configuration of the baseline. */
export function userDataOf(
  key: secretsmanager.ISecret,
  cluster: elasticache.CfnCacheCluster,
): string {
  const settings = SETTINGS.replace(
    '${Cluster.ConfigurationEndpoint.Address}',
    cluster.attrConfigurationEndpointAddress,
  ).replace('${Cluster.ConfigurationEndpoint.Port}', cluster.attrConfigurationEndpointPort);
  return `#!/bin/bash
apt-get install -y openstack-dashboard gunicorn nginx awscli
SECRET_KEY_SECRET_ID="${key.secretArn}"
cat > /etc/openstack-dashboard/local_settings.py <<'E'
${settings}E
chown root:horizon /etc/openstack-dashboard/local_settings.py
chmod 0640 /etc/openstack-dashboard/local_settings.py
cat > /etc/nginx/sites-enabled/dashboard.conf <<'E'
${NGINX}E
gunicorn --chdir /usr/share/openstack-dashboard --worker-class sync --workers 3 --bind unix:/run/gunicorn/dashboard.sock wsgi:application
`;
}

export function dashboard(base: Stack, choices: Choices = {}): Parts {
  const { entry = base, told = (text) => text } = choices;
  const vpc = network(base);
  const key = new secretsmanager.Secret(base, 'Key', {
    generateSecretString: { passwordLength: choices.keyLength ?? 64 },
  });
  const cacheGroup = new ec2.SecurityGroup(base, 'CacheGroup', { vpc, allowAllOutbound: false });
  const subnets = new elasticache.CfnSubnetGroup(base, 'CacheSubnets', {
    description: 'no way out',
    subnetIds: vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
  });
  const cluster = new elasticache.CfnCacheCluster(base, 'Cluster', {
    engine: 'memcached',
    engineVersion: '1.6.22',
    cacheNodeType: 'cache.t4g.small',
    numCacheNodes: 2,
    azMode: 'cross-az',
    transitEncryptionEnabled: true,
    cacheSubnetGroupName: subnets.ref,
    vpcSecurityGroupIds: [cacheGroup.securityGroupId],
  });
  const hostGroup = new ec2.SecurityGroup(entry, 'HostGroup', { vpc });
  new ec2.CfnSecurityGroupIngress(entry, 'CacheIngress', {
    groupId: cacheGroup.securityGroupId,
    sourceSecurityGroupId: hostGroup.securityGroupId,
    ipProtocol: 'tcp',
    fromPort: 11211,
    toPort: 11211,
  });
  const launchTemplate = new ec2.LaunchTemplate(entry, 'Launch', {
    machineImage: ec2.MachineImage.fromSsmParameter('/aws/service/debian/release/13/latest/arm64'),
    instanceType: new ec2.InstanceType('t4g.small'),
    userData: ec2.UserData.custom(told(userDataOf(key, cluster))),
    securityGroup: hostGroup,
    requireImdsv2: choices.imdsv2 ?? true,
  });
  const hosts = new autoscaling.AutoScalingGroup(entry, 'Hosts', {
    vpc,
    launchTemplate,
    minCapacity: 2,
    maxCapacity: 4,
  });
  const balancer = new elbv2.ApplicationLoadBalancer(entry, 'Balancer', {
    vpc,
    internetFacing: true,
    dropInvalidHeaderFields: choices.dropInvalidHeaderFields ?? true,
  });
  const certificate = new acm.Certificate(entry, 'Certificate', {
    domainName: 'example.org',
    subjectAlternativeNames: ['static.example.org'],
    validation: acm.CertificateValidation.fromDns(),
  });
  const https = balancer.addListener('Https', {
    port: 443,
    certificates: [certificate],
    sslPolicy: choices.sslPolicy ?? elbv2.SslPolicy.RECOMMENDED_TLS,
    defaultAction: elbv2.ListenerAction.fixedResponse(404),
  });
  https.addTargets('Targets', {
    priority: 10,
    conditions: [elbv2.ListenerCondition.hostHeaders(['example.org'])],
    port: 443,
    protocol: choices.hostProtocol ?? elbv2.ApplicationProtocol.HTTPS,
    targets: [hosts],
    deregistrationDelay: Duration.seconds(30),
  });
  balancer.addRedirect();
  return { vpc, key, cacheGroup, cluster, launchTemplate, hosts, balancer, https };
}
