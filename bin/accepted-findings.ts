import { Acknowledgment, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { HostGroup, OpenStackDashboard } from '../lib';

/** Findings of the rule packs on one construct that the ready app accepts, and why. */
export interface Accepted {
  readonly construct: IConstruct;
  readonly findings: Acknowledgment[];
}

const SIGNED_COOKIES_WARNING = 'Annotation::cdk-openstack-dashboard:signedCookies';

/** What the operator chose with context, as far as findings depend on it. */
export interface Choices {
  readonly domainIsOurs: boolean;
  readonly staticOnPath: boolean;
  readonly signedCookies: boolean;
}

/**
 * What the ready app accepts. The constructs themselves acknowledge nothing: whoever composes them
 * sees every finding and decides. docs/findings.md lists these.
 */
export function acceptedFindings(dashboard: OpenStackDashboard, choices: Choices): Accepted[] {
  const { entry, hosts } = dashboard;
  const notifications = {
    id: 'AwsSolutions::AwsSolutions-AS3',
    reason:
      'Hosts hold no state and are replaced automatically; every event is in the activity history and the metrics of the group. A site that wants notifications sets notificationTopic.',
  };
  const lifecycle = {
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:autoscaling:<AWS::Region>:<AWS::AccountId>:autoScalingGroup:*:autoScalingGroupName/*]',
    reason:
      'A host completes the launch hook of its own scaling group. The ARN of a group contains an ID that AWS generates, and the group is created after this policy; conditions on the tags that CloudFormation puts on the group, with the stack ID and the logical ID, match no other group.',
  };
  return [
    {
      construct: dashboard.secretKey,
      findings: [
        {
          id: 'AwsSolutions::AwsSolutions-SMG4',
          reason:
            'Secrets Manager rotates on a schedule only with a function, and this stack creates no functions. Rotation is a manual operation (docs/rotation.md): a new version of the secret, which running hosts pick up; they accept the previous version too. A site that wants a schedule adds SecretKeyRotation, which needs no function.',
        },
      ],
    },
    {
      construct: entry,
      findings: [
        {
          id: 'AwsSolutions::AwsSolutions-EC23',
          reason:
            'A dashboard on the internet serves browsers anywhere: only ports 443 and 80 of the load balancer are open, and 80 only redirects. A site with fewer clients sets clients of its entry.',
        },
      ],
    },
    {
      construct: hosts,
      findings: [
        ...releases(
          'Hosts publish and read releases of static media, whose names are known when they are built. The wildcard stands for names below one prefix of one bucket.',
        ),
        notifications,
        lifecycle,
        ...(choices.domainIsOurs
          ? [
              {
                id: 'OpenStackDashboard::OpenStackDashboard-DOMAIN1',
                reason:
                  'The operator confirms with context domainIsOurs that nobody else has a site on the domain, which a template cannot show.',
              },
            ]
          : []),
        ...(choices.signedCookies
          ? [
              ...['OpenStackDashboard::OpenStackDashboard-SESSION2', SIGNED_COOKIES_WARNING].map(
                (id) => ({
                  id,
                  reason:
                    'The operator chose with context session=signedCookies to run without a session store. Access tokens are readable in the browser of their user; TLS protects them in transit, and cookies are Secure and HttpOnly. session=sealedCookies encrypts them.',
                }),
              ),
              ...(choices.domainIsOurs
                ? [
                    {
                      id: 'OpenStackDashboard::OpenStackDashboard-SESSION8',
                      reason:
                        'The operator confirms with context domainIsOurs that nobody else has a site on the domain: no sibling can read or set cookies.',
                    },
                  ]
                : []),
            ]
          : []),
        ...(choices.staticOnPath
          ? [
              {
                id: 'OpenStackDashboard::OpenStackDashboard-STATIC2',
                reason:
                  'The operator chose with context staticOnPath or separateStaticTier to have one name. Static media there comes from packages, never from uploads of users; browsers send the cookies of the dashboard with these requests, to hosts of the dashboard.',
              },
            ]
          : []),
      ],
    },
    ...(dashboard.hasStaticTier
      ? [
          {
            construct: dashboard.staticTier,
            findings: [
              ...releases(
                'Static hosts read the releases that dashboard hosts published, below one prefix of one bucket, and nothing else.',
              ),
              notifications,
              lifecycle,
            ],
          },
        ]
      : [
          {
            construct: dashboard.logBucket,
            findings: [
              {
                id: 'AwsSolutions::AwsSolutions-S1',
                reason:
                  'The bucket receives the logs; its own access log would log itself. A trail of data events can record who reads the logs.',
              },
            ],
          },
        ]),
    ...dashboard.images.map((image) => ({
      construct: image,
      findings: findingsOfBake(image.node.id === 'HostsImage' ? hosts : dashboard.staticTier),
    })),
  ];

  /** The wildcard for releases in the asset bucket, if there is one. */
  function releases(reason: string): Acknowledgment[] {
    if (!dashboard.hasStaticTier) {
      return [];
    }
    const { assetBucket } = dashboard.staticTier;
    const arn = Stack.of(dashboard).resolve(assetBucket.bucketArn) as { 'Fn::GetAtt': string[] };
    const bucket = arn['Fn::GetAtt'].join('.');
    return [{ id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${bucket}>/releases/*]`, reason }];
  }
}

/** Of the state machine that builds the image of these hosts. */
function findingsOfBake(hosts: HostGroup): Acknowledgment[] {
  const { autoScalingGroupName } = hosts.autoScalingGroup;
  const group = Stack.of(hosts).resolve(autoScalingGroupName) as { Ref: string };
  const ec2 = 'arn:<AWS::Partition>:ec2:<AWS::Region>:';
  const wildcard = (resource: string, reason: string): Acknowledgment => ({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::${resource}]`,
    reason,
  });
  return [
    {
      id: 'AwsSolutions::AwsSolutions-SF1',
      reason:
        'AWS Step Functions keeps the history of each execution of a standard state machine for 90 days, with the input, the output and the error of each step. A log would have the same events. AWS CloudTrail records the calls, and an alarm reports a bake that failed.',
    },
    {
      id: 'AwsSolutions::AwsSolutions-SF2',
      reason:
        'The state machine calls AWS APIs one after the other and serves no requests. There is no application whose segments a trace could join, and the history of an execution has the times of all calls.',
    },
    wildcard(
      '*',
      'DescribeImages, DescribeInstances and DescribeLaunchTemplateVersions do not support permissions for resources. They only read.',
    ),
    ...['instance', 'network-interface', 'volume'].map((resource) =>
      wildcard(
        `${ec2}<AWS::AccountId>:${resource}/*`,
        'AWS generates the ID when the instance is launched. Only the two launch templates of the image can be used to launch one, tags can be set only by the call that creates it, and only an instance with the tag of the image can be terminated.',
      ),
    ),
    ...['image', 'snapshot'].map((resource) =>
      wildcard(
        `${ec2}:${resource}/*`,
        'AWS generates the ID when the image is created. Instances can be launched only with the two launch templates of the image, and only images and snapshots with its tag can be deleted or tagged later.',
      ),
    ),
    wildcard(
      `arn:<AWS::Partition>:autoscaling:<AWS::Region>:<AWS::AccountId>:autoScalingGroup:*:autoScalingGroupName/<${group.Ref}>`,
      'The ARN of a group contains an ID that AWS generates. The name is that of the group that is refreshed, so that no other group matches.',
    ),
  ];
}
