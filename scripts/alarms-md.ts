/** Writes the table of docs/alarms.md from the alarms of dashboards that have everything. */
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DashboardAlarm,
  DashboardAlarms,
  HostImage,
  SecretKeyRotation,
  ServerlessMemcached,
  StaticTier,
} from '../lib';
import { defaultStack } from './docs-stack';

const DOCUMENT = join(__dirname, '../docs/alarms.md');
const PLACE = /^<!-- alarms -->$[^]*?^<!-- \/alarms -->$/m;

/** The units of thresholds, which CloudWatch does not know. */
const UNITS: Record<string, string> = {
  Errors: '%',
  Cpu: '%',
  Slow: ' s',
  Swap: ' bytes',
  Certificate: ' days',
};

const COMPARISONS: Record<string, string> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '≥',
  LessThanThreshold: '<',
};

interface Alarm {
  readonly AlarmDescription: string;
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly TreatMissingData: string;
  readonly Period?: number;
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Period: number } }[];
}

/** The properties of alarms by their names: of a cluster first, and of a serverless cache. */
function alarms(): Map<DashboardAlarm, Alarm> {
  const { dashboard, node } = defaultStack();
  const stack = new Stack(node.root, 'Alarms');
  const image = new HostImage(stack, 'Image');
  image.bakeFor(
    new StaticTier(stack, 'Hosts', {
      vpc: dashboard.vpc,
      domainName: dashboard.settings.domainName,
      machineImage: image.machineImage,
    }),
  );
  const parts = {
    ...dashboard.monitoredParts,
    images: [image],
    rotation: new SecretKeyRotation(stack, 'Rotation', {
      secretKey: dashboard.secretKey,
      session: dashboard.session,
    }),
  };
  const serverlessMemcached = new ServerlessMemcached(stack, 'Cache', { vpc: dashboard.vpc });
  const topic = new sns.Topic(stack, 'Topic');
  const all = [
    new DashboardAlarms(stack, 'Cluster', { parts, topic }),
    new DashboardAlarms(stack, 'Serverless', {
      topic,
      parts: { ...parts, memcached: undefined, serverlessMemcached },
    }),
  ];
  const resources = Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm');
  const found = new Map<DashboardAlarm, Alarm>();
  for (const each of all) {
    for (const alarm of each.alarms) {
      const name = alarm.node.id as DashboardAlarm;
      const id = stack.getLogicalId(alarm.node.defaultChild as never);
      found.set(name, found.get(name) ?? (resources[id].Properties as Alarm));
    }
  }
  return found;
}

function row(name: DashboardAlarm, alarm: Alarm): string {
  const unit =
    Object.entries(UNITS)
      .find(([part]) => name.endsWith(part))
      ?.at(1) ?? '';
  const period =
    alarm.Period ?? alarm.Metrics!.find(({ MetricStat }) => MetricStat)!.MetricStat!.Period;
  const of = alarm.EvaluationPeriods;
  const periods = alarm.DatapointsToAlarm ?? of;
  const time = period === 86_400 ? 'a day' : `${period / 60} min`;
  return [
    '',
    `[${name}](#${name.toLowerCase()})`,
    alarm.AlarmDescription.replace(/ https:.*$/, ''),
    `${COMPARISONS[alarm.ComparisonOperator]} ${alarm.Threshold.toLocaleString('en-US')}${unit}`,
    `${periods === of ? of : `${periods} of ${of}`} × ${time}`,
    alarm.TreatMissingData === 'breaching' ? 'alarm' : 'no alarm',
    '',
  ]
    .join(' | ')
    .trim();
}

/** The document with the table of alarms as they are. */
export function renderAlarms(document = readFileSync(DOCUMENT, 'utf8')): string {
  const found = alarms();
  const missing = Object.values(DashboardAlarm).filter((name) => !found.has(name));
  if (missing.length || !PLACE.test(document)) {
    throw new Error(`docs/alarms.md has no place, or nothing creates ${missing.join(', ')}`);
  }
  const table = [
    // As wide as its longest sentence, a column would be hard to read
    '<!-- prettier-ignore -->',
    '| Alarm | In alarm when | Threshold | For | Without data |',
    '| --- | --- | --- | --- | --- |',
    ...Object.values(DashboardAlarm).map((name) => row(name, found.get(name)!)),
  ].join('\n');
  return document.replace(PLACE, () => `<!-- alarms -->\n\n${table}\n\n<!-- /alarms -->`);
}
