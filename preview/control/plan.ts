import * as fs from 'node:fs';
import * as path from 'node:path';
import { KEYSTONE_URL } from '../cloud/openstack/keystone';
import type { Environment } from '../stack/intrinsics';
import type { Plan } from '../stack/plan';
import { Template } from '../stack/template';
import type { TemplateFile } from '../stack/template-file';
import { variable, withPort } from '../stack/user-data';
import type { PreviewOptions } from './options';

const STAND_INS: Record<string, string> = {
  DomainName: 'dashboard.localhost',
  KeystoneUrl: KEYSTONE_URL,
  CertificateArn:
    'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000',
};

/**
 * The account and the region that a stack of a cloud assembly is for, which its template may name:
 * https://docs.aws.amazon.com/cdk/v2/guide/environments.html
 */
function environmentOf(template: string): Environment {
  const manifest = path.join(path.dirname(template), 'manifest.json');
  if (!fs.existsSync(manifest)) {
    return {};
  }
  const { artifacts = {} } = JSON.parse(fs.readFileSync(manifest, 'utf8')) as {
    artifacts?: Record<string, { environment?: string; properties?: { templateFile?: string } }>;
  };
  const stack = Object.values(artifacts).find(
    ({ properties }) => properties?.templateFile === path.basename(template),
  );
  const [, account, region] =
    /^aws:\/\/(\d+|unknown-account)\/(.+)$/.exec(stack?.environment ?? '') ?? [];
  return {
    ...(account === undefined || account === 'unknown-account' ? {} : { account }),
    ...(region === undefined || region === 'unknown-region' ? {} : { region }),
  };
}

/** Fails for a stack that the preview would run otherwise than AWS does. */
function refuse({ region, hosts }: Plan): void {
  // https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
  if (/^(cn|us-gov|us-iso\w*|eu-iso\w*|eusc)-/.test(region)) {
    throw new Error(
      `the preview runs stacks of the partition aws, and ${region} is in another one: synthesize the stack for another region`,
    );
  }
  if (hosts.some(({ userData }) => variable(userData, 'EGRESS_PROXY') !== undefined)) {
    throw new Error('the preview has no proxy: synthesize the stack without egressProxy');
  }
}

/** What has to run for the template of a preview. */
export function readPlan(options: PreviewOptions): Plan {
  const file = options.template ?? 'cdk.out/OpenStackDashboard.template.json';
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    throw new Error(`${file} cannot be read: run npm run synth, or give --template FILE`);
  }
  const template = JSON.parse(text) as TemplateFile;
  const names = Template.parameterNames(template);
  const standIns = Object.entries(STAND_INS).filter(([name]) => names.includes(name));
  const given = { ...Object.fromEntries(standIns), ...options.parameters };
  const plan = new Template(template, given, environmentOf(file)).plan();
  refuse(plan);
  const port = options.httpsPort ?? 443;
  if (port === 443) {
    return plan;
  }
  // The template has the standard port; who comes to another must be sent back to that.
  const serverNames = plan.hosts.map(({ userData }) => variable(userData, 'SERVER_NAME') ?? '');
  return {
    ...plan,
    hosts: plan.hosts.map((host) => ({
      ...host,
      userData: withPort(host.userData, serverNames, port),
    })),
  };
}
