// Says in a few lines what the synthesized template would deploy and what it still asks for.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Template {
  readonly Parameters?: { [id: string]: { Type: string; Default?: string; Description?: string } };
  readonly Resources: { [id: string]: Resource };
}

interface Resource {
  readonly Type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any CloudFormation properties
  readonly Properties?: any;
}

interface Report {
  readonly pluginReports?: {
    readonly violations?: object[];
    readonly suppressedViolations?: object[];
  }[];
}

const out = process.argv[2] ?? 'cdk.out';
const file = join(out, 'OpenStackDashboard.template.json');
const template = JSON.parse(readFileSync(file, 'utf8')) as Template;

const ofType = (type: string): Resource[] =>
  Object.values(template.Resources).filter((resource) => resource.Type === type);

/** A value as people write it: `!Ref Name` where the template has an intrinsic function. */
function show(value: unknown): string {
  if (value === null || typeof value !== 'object') {
    return String(value);
  }
  const [name, argument] = Object.entries(value)[0];
  return name === 'Ref' ? `!Ref ${String(argument)}` : name;
}

const lines: [string, string][] = [['template', file]];
for (const { Properties } of ofType('AWS::AutoScaling::AutoScalingGroup')) {
  const version = Properties.LaunchTemplate as { LaunchTemplateId: { Ref: string } };
  const data = template.Resources[version.LaunchTemplateId.Ref].Properties.LaunchTemplateData;
  lines.push([
    'hosts',
    `${Properties.MinSize} to ${Properties.MaxSize} of type ${show(data.InstanceType)} (${version.LaunchTemplateId.Ref})`,
  ]);
}
for (const { Properties } of ofType('AWS::ElastiCache::CacheCluster')) {
  lines.push([
    'sessions',
    `${Properties.NumCacheNodes} memcached nodes of type ${show(Properties.CacheNodeType)}${Properties.TransitEncryptionEnabled ? ', over TLS' : ''}`,
  ]);
}
lines.push(
  ['NAT gateways', String(ofType('AWS::EC2::NatGateway').length)],
  ['resources', String(Object.keys(template.Resources).length)],
);

const validation = join(out, 'validation-report.json');
const reports = existsSync(validation)
  ? ((JSON.parse(readFileSync(validation, 'utf8')) as Report).pluginReports ?? [])
  : [];
const findings = reports.flatMap((report) => report.violations ?? []);
const accepted = reports.flatMap((report) => report.suppressedViolations ?? []);
lines.push([
  'findings',
  `${findings.length} of AwsSolutions and OpenStackDashboard, ${accepted.length} accepted (docs/findings.md)`,
]);

const missing = Object.entries(template.Parameters ?? {}).filter(
  ([, { Default }]) => Default === undefined,
);
console.log('\nWhat this template deploys');
for (const [name, value] of lines) {
  console.log(`  ${name.padEnd(14)}${value}`);
}
if (!missing.length) {
  console.log('\nNothing is left to be given');
} else {
  const [[first]] = missing;
  const key = first.charAt(0).toLowerCase() + first.slice(1);
  console.log(
    `\nStill to be given: as parameters of the template when it is deployed, or at synth, as in\n  npm run synth -- -c ${key}=…\n`,
  );
}
for (const [name, { Description }] of missing) {
  console.log(`  ${name.padEnd(14)}  ${Description ?? ''}`);
}
