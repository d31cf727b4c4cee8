import { KEYSTONE_URL } from '../cloud/openstack/keystone';
import type { Plan } from '../stack/plan';
import { Template } from '../stack/template';
import type { TemplateFile } from '../stack/template-file';
import { variable, withPort } from '../stack/user-data';
import { environmentOf, findTemplate, Neighbors, readTemplate } from './assembly';
import type { PreviewOptions } from './options';

const STAND_INS: Record<string, string> = {
  DomainName: 'dashboard.localhost',
  KeystoneUrl: KEYSTONE_URL,
  CertificateArn:
    'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000',
};

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

function standIns(template: TemplateFile): Record<string, string> {
  const names = Template.parameterNames(template);
  return Object.fromEntries(Object.entries(STAND_INS).filter(([name]) => names.includes(name)));
}

/** What has to run for the template of a preview. */
export function readPlan(options: PreviewOptions): Plan {
  const file = options.template ?? findTemplate();
  const template = readTemplate(file);
  const neighbors = new Neighbors(file, standIns);
  const given = { ...standIns(template), ...options.parameters };
  const plan = new Template(template, given, environmentOf(file), neighbors).plan(
    () => neighbors.referred,
  );
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
