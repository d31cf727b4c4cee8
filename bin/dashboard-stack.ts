import {
  CfnCondition,
  CfnOutput,
  CfnParameter,
  Fn,
  PropertyInjectors,
  Stack,
  StackProps,
  Validations,
} from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  CaCertificates,
  DashboardEntry,
  DashboardNetwork,
  EgressProxy,
  EndpointType,
  HorizonRelease,
  MemcachedCluster,
  MemcachedClusterProps,
  Monitoring,
  OpenStackDashboard,
  SessionBackend,
  StaticAddress,
  StaticMedia,
  Theme,
  WebSso,
  WebSsoChoice,
} from '../lib';
import { PLUGINS_BY_NAME } from '../lib/dashboard-hosts/horizon-plugin';
import { HORIZON_APIS, OpenStackApi } from '../lib/dashboard-hosts/openstack-api';
import { DOMAIN_NAME_PATTERN } from '../lib/shared/validate';
import { acceptedFindings } from './accepted-findings';
import { ContextReader } from './context';
import { loginOf } from './login-context';

/** Context keys that need `webSsoProtocol`. */
const WEB_SSO_KEYS = [
  'webSsoIdentityProvider',
  'webSsoLabel',
  'webSsoKeystoneUrl',
  'webSsoPasswordLogin',
  'webSsoRedirect',
  'webSsoLogoutUrl',
  'webSsoOrigins',
];

/**
 * The ready app's stack. What context (`-c name=value`) does not give becomes a parameter of the
 * template.
 */
export class DashboardStack extends Stack {
  /** The dashboard. */
  public readonly dashboard: OpenStackDashboard;

  private topic?: sns.ITopic;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    const context = new ContextReader(this.node);

    const domainName =
      context.string('domainName') ??
      this.parameter('DomainName', {
        description: 'Fully qualified name of the dashboard, such as dashboard.example.org',
        allowedPattern: DOMAIN_NAME_PATTERN,
      });
    const apiPorts = context.ports('apiPorts') ?? [];
    const keystoneUrl = context.string('keystoneUrl') ?? this.keystoneUrlParameter(apiPorts);
    const hostedZone = this.hostedZone(context);
    const certificateArn = context.string('certificateArn');
    const separateStaticTier = context.boolean('separateStaticTier') ?? true;
    const onPath = context.boolean('staticOnPath') ?? false;
    const staticOnPath = onPath || !separateStaticTier;
    const theme = context.string('theme');
    const domainIsOurs = context.boolean('domainIsOurs') ?? false;
    const internetFacing = context.boolean('internetFacing') ?? true;
    const nat = context.choice('nat', ['single', 'perZone', 'regional']);
    const dualStack = context.boolean('dualStack') ?? false;
    const endpointType = context.choice('endpointType', ['publicURL', 'internalURL']);
    const session = context.choice('session', ['memcached', 'signedCookies', 'sealedCookies']);

    this.sizeMemcached(context, session);

    const certificate =
      hostedZone && !certificateArn
        ? undefined
        : acm.Certificate.fromCertificateArn(
            this,
            'Certificate',
            certificateArn ??
              this.parameter('CertificateArn', {
                description: staticOnPath
                  ? "ARN of the ACM certificate for the dashboard's name, in the stack's region"
                  : "ARN of the ACM certificate for the dashboard's name and static. before it, in the stack's region",
                allowedPattern:
                  '^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$',
              }),
          );
    const dashboard = new OpenStackDashboard(this, 'Dashboard', {
      domainName,
      keystoneUrl,
      hostedZone,
      network:
        nat === 'regional'
          ? DashboardNetwork.regionalNat({ dualStack })
          : DashboardNetwork.natGateways({ perZone: nat === 'perZone', dualStack }),
      session:
        session === 'signedCookies' || session === 'sealedCookies'
          ? SessionBackend.signedCookies({ sealing: session === 'sealedCookies' })
          : undefined,
      settings: {
        ...loginOf(context),
        siteBranding: context.string('siteBranding'),
        timeZone: context.string('timeZone'),
        endpointType: endpointType === undefined ? undefined : EndpointType.of(endpointType),
        caCertificates: caCertificatesOf(context),
        webSso: webSsoOf(context),
      },
      egressProxy: egressProxyOf(context),
      entry: DashboardEntry.newLoadBalancer({
        certificate,
        deletionProtection: context.boolean('deletionProtection'),
        internetFacing,
        ipAddressType: dualStack ? elbv2.IpAddressType.DUAL_STACK : undefined,
      }),
      staticMedia: separateStaticTier
        ? StaticMedia.onStaticHosts({ address: onPath ? StaticAddress.path() : undefined })
        : StaticMedia.onDashboardHosts(),
      hosts: {
        theme: theme === undefined ? undefined : Theme.fromFolder(theme),
        plugins: context.choices('plugins', PLUGINS_BY_NAME),
        horizonRelease: horizonReleaseOf(context),
        apis: apiPorts.length ? [OpenStackApi.of(...apiPorts)] : undefined,
        minCapacity: context.number('minCapacity'),
        maxCapacity: context.number('maxCapacity'),
      },
      bakedImages: context.boolean('bakedImages') ? {} : undefined,
      monitoring: this.monitoring(context),
    });
    this.dashboard = dashboard;
    context.refuseUnknown();

    new CfnOutput(this, 'DashboardUrl', { value: `https://${domainName}/` });
    if (dashboard.settings.webSso) {
      new CfnOutput(this, 'TrustedDashboardUrl', {
        description: 'The value of trusted_dashboard in the section [federation] of keystone.conf',
        value: dashboard.trustedDashboardUrl,
      });
    }
    new CfnOutput(this, 'StaticUrl', { value: dashboard.staticUrl });
    new CfnOutput(this, 'LoadBalancerName', {
      description: 'Point the names here, with a CNAME or an alias record',
      value: dashboard.entry.loadBalancer.loadBalancerDnsName,
    });
    new CfnOutput(this, 'LoadBalancerZoneId', {
      description: 'The hosted zone ID of the load balancer, for alias records',
      value: dashboard.entry.loadBalancer.loadBalancerCanonicalHostedZoneId,
    });
    new CfnOutput(this, 'SecretKeyArn', {
      description: 'The secret to rotate',
      value: dashboard.secretKey.secretArn,
    });
    new CfnOutput(this, 'LogBucketName', {
      description: 'Access logs and flow logs; kept when the stack is deleted',
      value: dashboard.logBucket.bucketName,
    });
    if (dashboard.hostLogGroup) {
      new CfnOutput(this, 'HostLogGroupName', {
        description: 'Logs of the hosts; kept when the stack is deleted',
        value: dashboard.hostLogGroup.logGroup.logGroupName,
      });
    }
    if (dashboard.hasStaticTier) {
      new CfnOutput(this, 'AssetBucketName', {
        description: 'Releases of static media; kept when the stack is deleted',
        value: dashboard.staticTier.assetBucket.bucketName,
      });
      new CfnOutput(this, 'StaticGroupName', {
        description: 'The Auto Scaling group of the static hosts',
        value: dashboard.staticTier.autoScalingGroup.autoScalingGroupName,
      });
    }
    new CfnOutput(this, 'DashboardGroupName', {
      description: 'The Auto Scaling group of the dashboard hosts',
      value: dashboard.hosts.autoScalingGroup.autoScalingGroupName,
    });
    for (const { node, stateMachine } of dashboard.images) {
      new CfnOutput(this, `${node.id}StateMachineArn`, {
        description: 'Builds a machine image; start an execution to build one now',
        value: stateMachine.stateMachineArn,
      });
    }
    if (this.topic) {
      new CfnOutput(this, 'AlarmTopicArn', {
        description: 'The topic of alarms, for further subscriptions',
        value: this.topic.topicArn,
      });
    }
    for (const { construct, findings } of acceptedFindings(dashboard, {
      domainIsOurs,
      staticOnPath,
      signedCookies: session === 'signedCookies',
    })) {
      Validations.of(construct).acknowledge(...findings);
    }
  }

  /**
   * Security groups are made at synth: the port of a URL that comes later must be one that is open.
   */
  private keystoneUrlParameter(apiPorts: number[]): string {
    const standard = [OpenStackApi.IDENTITY, ...HORIZON_APIS].flatMap(({ ports }) => ports);
    const open = [...new Set([443, ...standard, ...apiPorts])].sort((a, b) => a - b);
    return this.parameter('KeystoneUrl', {
      description: `https URL of Keystone's version 3 API, such as https://keystone.example.org:5000/v3, on port ${open.slice(0, -1).join(', ')} or ${open.at(-1)} (others with context apiPorts at synth)`,
      allowedPattern: `^https://[A-Za-z0-9.-]+(:(${open.join('|')}))?(/[A-Za-z0-9._~-]+)*/v3/?$`,
    });
  }

  /** The nodes of the cluster that the dashboard creates. */
  private sizeMemcached(context: ContextReader, session?: string): void {
    const nodeCount = context.number('memcachedNodes');
    const nodeType = context.string('memcachedNodeType');
    if (nodeCount === undefined && nodeType === undefined) {
      return;
    }
    if (session !== undefined && session !== 'memcached') {
      throw new Error(
        `context memcachedNodes and memcachedNodeType must only be used with session memcached, got ${session}`,
      );
    }
    PropertyInjectors.of(this).add({
      constructUniqueId: MemcachedCluster.PROPERTY_INJECTION_ID,
      inject: (props: MemcachedClusterProps) => ({
        ...props,
        ...(nodeCount === undefined ? {} : { nodeCount }),
        ...(nodeType === undefined ? {} : { nodeType }),
      }),
    });
  }

  private monitoring(context: ContextReader): Monitoring {
    const none = context.boolean('alarms') === false;
    const topicArn = context.string('alarmTopicArn');
    const email = context.string('alarmEmail');
    if ([none, topicArn, email].filter(Boolean).length > 1) {
      throw new Error('context must only have one of alarms=false, alarmEmail and alarmTopicArn');
    }
    if (none) {
      return Monitoring.none();
    }
    this.topic = topicArn
      ? sns.Topic.fromTopicArn(this, 'AlarmTopic', topicArn)
      : this.alarmTopic(email);
    return Monitoring.alarms({ topic: this.topic });
  }

  /** A topic for an e-mail address, which may be given when the stack is deployed, or not at all. */
  private alarmTopic(email?: string): sns.ITopic {
    const topic = new sns.Topic(this, 'AlarmTopic', { enforceSSL: true });
    const endpoint =
      email ??
      this.parameter('AlarmEmail', {
        default: '',
        description: 'E-mail address that is notified of alarms; empty for none',
        allowedPattern: '^$|^[^@ ]+@[^@ ]+$',
      });
    const subscription = new sns.CfnSubscription(topic, 'Email', {
      topicArn: topic.topicArn,
      protocol: 'email',
      endpoint,
    });
    if (email === undefined) {
      subscription.cfnOptions.condition = new CfnCondition(this, 'HasAlarmEmail', {
        expression: Fn.conditionNot(Fn.conditionEquals(endpoint, '')),
      });
    }
    return topic;
  }

  private hostedZone(context: ContextReader): route53.IHostedZone | undefined {
    const zoneName = context.string('hostedZoneName');
    const givenId = context.string('hostedZoneId');
    context.requireWith('hostedZoneName', 'hostedZoneId');
    if (!zoneName) {
      return undefined;
    }
    const hostedZoneId =
      givenId ??
      this.parameter('HostedZoneId', {
        type: 'AWS::Route53::HostedZone::Id',
        description: `Id of the hosted zone ${zoneName}`,
      });
    return route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { zoneName, hostedZoneId });
  }

  private parameter(
    name: string,
    props: { type?: string; default?: string; description: string; allowedPattern?: string },
  ): string {
    return new CfnParameter(this, name, {
      constraintDescription: props.allowedPattern ? `must be: ${props.description}` : undefined,
      ...props,
    }).valueAsString;
  }
}

/** The CA certificates of OpenStack. */
function caCertificatesOf(context: ContextReader): CaCertificates | undefined {
  const file = context.string('caCertificates');
  const includeSystemCertificates = context.boolean('systemCaCertificates');
  context.requireWith('caCertificates', 'systemCaCertificates');
  return file === undefined
    ? undefined
    : CaCertificates.fromFile(file, { includeSystemCertificates });
}

/** Single sign-on with one choice. */
function webSsoOf(context: ContextReader): WebSso | undefined {
  const protocol = context.string('webSsoProtocol');
  const identityProvider = context.string('webSsoIdentityProvider');
  const label = context.string('webSsoLabel') ?? 'Single sign-on';
  const options = {
    keystoneUrl: context.string('webSsoKeystoneUrl'),
    passwordLogin: context.boolean('webSsoPasswordLogin'),
    logoutUrl: context.string('webSsoLogoutUrl'),
    identityProviderOrigins: context.string('webSsoOrigins')?.split(','),
  };
  const redirect = context.boolean('webSsoRedirect') ?? false;
  for (const name of WEB_SSO_KEYS) {
    context.requireWith('webSsoProtocol', name);
  }
  if (protocol === undefined) {
    return undefined;
  }
  const choice =
    identityProvider === undefined
      ? WebSsoChoice.protocol(protocol, { label })
      : WebSsoChoice.identityProvider(identityProvider, { label, identityProvider, protocol });
  return WebSso.of({
    ...options,
    choices: [choice],
    redirectAtOnce: redirect ? choice : undefined,
  });
}

/** Horizon from Debian or from PyPI. */
function horizonReleaseOf(context: ContextReader): HorizonRelease | undefined {
  const series = context.string('horizonRelease');
  return series === undefined || series === 'debian' ? undefined : HorizonRelease.upstream(series);
}

/** The proxy of both tiers. */
function egressProxyOf(context: ContextReader): EgressProxy | undefined {
  const url = context.string('egressProxy');
  const exclude = context.string('egressProxyExclude')?.split(',');
  context.requireWith('egressProxy', 'egressProxyExclude');
  return url === undefined ? undefined : EgressProxy.http(url, { exclude });
}
