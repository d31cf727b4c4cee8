import { Aspects, CfnResource, Duration, Stack, Token, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { invalid } from '../shared/errors';
import { injectProps } from '../shared/property-injection';
import { requireInteger } from '../shared/validate';
import { DashboardAlarm } from './dashboard-alarm';
import { MonitoredParts } from './monitored-parts';
import { Recommended, recommended } from './recommended';
import { DashboardAlarmThresholds } from './thresholds';

/** The page whose sections the descriptions of alarms name. */
const RUNBOOK =
  'https://github.com/cdk-openstack-dashboard/cdk-openstack-dashboard/blob/main/docs/alarms.md';

/**
 * Options of `DashboardAlarms`.
 */
export interface DashboardAlarmsOptions {
  /**
   * The topic that is notified when an alarm begins and when it ends. CloudWatch is allowed to
   * publish to it if its policy or key is defined in this app.
   *
   * @default - none; the alarms are to be seen in CloudWatch only
   */
  readonly topic?: sns.ITopic;

  /**
   * The thresholds of the alarms.
   *
   * @default - those that are recommended
   */
  readonly thresholds?: DashboardAlarmThresholds;

  /**
   * The alarms to leave out.
   *
   * @default - none
   */
  readonly exclude?: DashboardAlarm[];
}

/**
 * Properties of `DashboardAlarms`.
 */
export interface DashboardAlarmsProps extends DashboardAlarmsOptions {
  /** The parts to monitor. `OpenStackDashboard.monitoredParts` has those of a whole dashboard. */
  readonly parts: MonitoredParts;
}

/**
 * The alarms that are recommended for a dashboard. The description of each names the section of the
 * runbook that says what to do.
 *
 * @see docs/alarms.md
 */
export class DashboardAlarms extends Construct {
  /** The ID of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-openstack-dashboard.DashboardAlarms';

  /**
   * In alarm while users notice: no host of a tier is healthy, or too many requests are answered with
   * errors. Undefined if `exclude` has all alarms that it combines.
   */
  public readonly usersNotice?: cloudwatch.CompositeAlarm;

  private readonly created = new Map<DashboardAlarm, cloudwatch.Alarm>();

  /**
   * @throws if a threshold is out of range, or `parts` has two session stores
   */
  constructor(scope: Construct, id: string, props: DashboardAlarmsProps) {
    super(scope, id);
    props = injectProps(DashboardAlarms, scope, id, props);
    if (props.parts.memcached && props.parts.serverlessMemcached) {
      throw invalid(this, 'parts', 'have memcached or serverlessMemcached, not both');
    }
    this.requireThresholds(props.thresholds ?? {});
    const wanted = recommended(props.parts, props.thresholds ?? {}).filter(
      ({ alarm }) => !props.exclude?.includes(alarm),
    );
    if (props.topic) {
      allowCloudWatch(this, props.topic);
    }
    const { hosts, staticTier } = props.parts;
    const groups = [hosts, ...(staticTier ? [staticTier] : [])].map(
      (tier) => tier.autoScalingGroup.node.defaultChild as CfnResource,
    );
    const action = props.topic && new actions.SnsAction(props.topic);
    for (const each of wanted) {
      const alarm = this.create(each);
      if (each.treatMissingData === cloudwatch.TreatMissingData.BREACHING) {
        // In a first deployment there is no data before the hosts are in service
        for (const group of groups) {
          (alarm.node.defaultChild as CfnResource).addResourceDependency(group);
        }
      }
      this.created.set(each.alarm, alarm);
      if (action) {
        alarm.addAlarmAction(action);
        alarm.addOkAction(action);
      }
    }
    const noticed = wanted.filter(({ usersNotice }) => usersNotice);
    if (noticed.length) {
      this.usersNotice = new cloudwatch.CompositeAlarm(this, 'UsersNotice', {
        alarmRule: cloudwatch.AlarmRule.anyOf(
          ...noticed.map(({ alarm }) =>
            cloudwatch.AlarmRule.fromAlarm(this.alarm(alarm), cloudwatch.AlarmState.ALARM),
          ),
        ),
        alarmDescription: `Users notice: the dashboard does not answer, or answers with errors. ${RUNBOOK}#usersnotice`,
      });
      if (action) {
        this.usersNotice.addAlarmAction(action);
        this.usersNotice.addOkAction(action);
      }
    }
    if (!props.topic) {
      Validations.of(this).addWarning(
        'cdk-openstack-dashboard:alarmsNotifyNobody',
        'The alarms notify nobody; give a topic',
      );
    }
  }

  /** The alarms, without the composite alarm. */
  public get alarms(): cloudwatch.Alarm[] {
    return [...this.created.values()];
  }

  /**
   * An alarm, for example to add another action.
   *
   * @throws if it was left out, or the dashboard has nothing that it watches
   */
  public alarm(alarm: DashboardAlarm): cloudwatch.Alarm {
    const found = this.created.get(alarm);
    if (!found) {
      throw invalid(
        this,
        'alarm',
        'be one of those that were created',
        alarm,
        `these are ${[...this.created.keys()].join(', ')}`,
      );
    }
    return found;
  }

  private create({ alarm, says, metric, usersNotice: _, ...props }: Recommended): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, alarm, {
      ...props,
      metric,
      alarmDescription: `${says} ${RUNBOOK}#${alarm.toLowerCase()}`,
    });
  }

  private requireThresholds(thresholds: DashboardAlarmThresholds): void {
    const percent = ['loadBalancerErrors', 'hostErrors', 'memcachedCpu'] as const;
    for (const name of percent) {
      this.requireNumber(name, thresholds[name], 100, 'be a percentage from 0 to 100');
    }
    this.requireNumber('memcachedCpuCredits', thresholds.memcachedCpuCredits, 1e6);
    this.requireNumber('failedLogins', thresholds.failedLogins, 1e6);
    this.requireNumber('memcachedConnections', thresholds.memcachedConnections, 65_000);
    const days = thresholds.certificateExpiry?.toDays({ integral: false });
    if (days !== undefined) {
      requireInteger(this, 'thresholds.certificateExpiry', days, 0, 365, 'days');
    }
    const minute = Duration.minutes(1).toSeconds();
    for (const name of ['dashboardResponseTime', 'staticResponseTime'] as const) {
      const seconds = thresholds[name]?.toSeconds({ integral: false });
      this.requireNumber(name, seconds, minute, 'be 0 to 60 seconds');
    }
  }

  private requireNumber(
    name: string,
    value: number | undefined,
    most: number,
    requirement = `be 0 to ${most}`,
  ): void {
    if (value !== undefined && !Token.isUnresolved(value) && !(value >= 0 && value <= most)) {
      throw invalid(this, `thresholds.${name}`, requirement, value);
    }
  }
}

/**
 * A topic without a policy allows what the account allows, which includes its alarms. With one, as
 * with `enforceSSL`, CloudWatch has to be named in it, and in the policy of a customer managed key.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
function allowCloudWatch(scope: Construct, topic: sns.ITopic): void {
  const cloudWatch = new iam.ServicePrincipal('cloudwatch.amazonaws.com', {
    // The account of the alarms, which may not be that of the topic
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
  const allow = (): void => {
    topic.addToResourcePolicy(
      // Without a Sid, which must be unique: dashboards of several accounts may use the topic.
      new iam.PolicyStatement({
        principals: [cloudWatch],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
      }),
    );
  };
  const hasPolicy = (): boolean => topic.node.tryFindChild('Policy') !== undefined;
  if (hasPolicy()) {
    allow();
  } else {
    // Its policy may be created later.
    Aspects.of(topic).add({
      visit(node) {
        if (node === topic && hasPolicy()) {
          allow();
        }
      },
    });
  }
  const key = topic.masterKey;
  const actionsOnKey = ['kms:Decrypt', 'kms:GenerateDataKey*'];
  const added = key?.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [cloudWatch],
      actions: actionsOnKey,
      resources: ['*'],
    }),
  );
  if (key && !added?.statementAdded) {
    Validations.of(scope).addWarning(
      'cdk-openstack-dashboard:alarmTopicKey',
      `the policy of the imported key ${key.node.path} cannot be changed here; allow cloudwatch.amazonaws.com ${actionsOnKey.join(' and ')} in it, then acknowledge this warning`,
    );
  }
}
