import { App, DefaultStackSynthesizer } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DashboardStack } from '../bin/dashboard-stack';

/** The ready app's stack, by default with nothing given: what the documents are about. */
export function defaultStack(given: Record<string, string> = {}): DashboardStack {
  const { context } = JSON.parse(readFileSync(join(__dirname, '..', 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  const app = new App({ context: { ...context, ...given }, analyticsReporting: false });
  return new DashboardStack(app, 'OpenStackDashboard', {
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
}

/** A resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- any CloudFormation properties
  readonly Properties?: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- anything at all
  readonly Metadata?: any;
}

/** The resources of the template of a stack. */
export function resourcesOf(stack: DashboardStack): Record<string, TemplateResource> {
  return Template.fromStack(stack).toJSON().Resources as Record<string, TemplateResource>;
}
