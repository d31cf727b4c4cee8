import {
  App,
  CfnCondition,
  CfnParameter,
  CfnResource,
  ICfnConditionExpression,
  Stack,
  Token,
} from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenStackDashboardChecks, OpenStackDashboardChecksProps } from '../../../lib/nag';
import { PlainResource, PlainTemplate, containers, instances } from './baseline';
import { Change } from './changes';

/** A stack, and exactly the findings that it deserves: `CACHE1 Cdn`, by logical or construct id. */
export interface Case {
  readonly name: string;
  readonly deserves: readonly string[];
  readonly props?: OpenStackDashboardChecksProps;
  /** The ways to write the same stack, all of which deserve the same. */
  readonly apps: Readonly<Record<string, () => App>>;
}

// tree.json, which no test reads, is a tenth of a synthesis.
const newApp = (): App => new App({ treeMetadata: false });

/** The stack as L1 constructs, each with the properties that a template would have. */
export function appOf(template: PlainTemplate): App {
  const app = newApp();
  const stack = new Stack(app, 'Stack');
  for (const [id, { Type, Default }] of Object.entries(template.Parameters ?? {})) {
    new CfnParameter(stack, id, { type: Type as string, default: Default });
  }
  for (const [id, expression] of Object.entries(template.Conditions ?? {})) {
    new CfnCondition(stack, id, {
      expression: Token.asAny(expression) as unknown as ICfnConditionExpression,
    });
  }
  for (const [id, { Type, Properties, ...rest }] of Object.entries(template.Resources)) {
    const resource = new CfnResource(stack, id, { type: Type, properties: Properties });
    for (const [name, value] of Object.entries(rest)) {
      resource.addOverride(name, value);
    }
  }
  return app;
}

/** The stack as an included template; JSON is YAML too. */
export function includedApp(template: string, extension = 'json'): App {
  const folder = mkdtempSync(join(tmpdir(), 'matrix-'));
  try {
    const templateFile = join(folder, `template.${extension}`);
    writeFileSync(templateFile, template);
    const app = newApp();
    new CfnInclude(new Stack(app, 'Stack'), 'Included', { templateFile });
    return app;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The findings of an app: errors and warnings, and with `levels` others too. */
export function findings(
  app: App,
  props?: OpenStackDashboardChecksProps,
  levels: readonly string[] = ['error', 'warning'],
): string[] {
  return new OpenStackDashboardChecks(undefined, props)
    .validateScope(app)
    .violations.filter(({ severity }) => levels.includes(severity!))
    .flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(
        ({ constructPath }) =>
          `${ruleName.replace('OpenStackDashboard-', '')} ${shorten(constructPath!)}`,
      ),
    )
    .sort();
}

/** A construct's path as a person would say it: `Front/Cdn` for `Front/Cdn/Resource`. */
function shorten(path: string): string {
  return path.replace(/^Stack\/(Included\/)?/, '').replace(/\/Resource$/, '');
}

function plain(
  base: () => PlainTemplate,
  name: string,
  deserves: readonly string[],
  changes: readonly Change[],
  props?: OpenStackDashboardChecksProps,
): Case {
  const make = (): PlainTemplate => {
    const template = base();
    for (const change of changes) {
      change(template);
    }
    return template;
  };
  return {
    name,
    deserves,
    props,
    apps: {
      'L1 constructs': () => appOf(make()),
      'an included template': () => includedApp(JSON.stringify(make())),
    },
  };
}

/** The dashboard on instances, changed. */
export const onInstances = (
  name: string,
  deserves: readonly string[],
  ...changes: Change[]
): Case => plain(instances, `instances: ${name}`, deserves, changes);

/** The dashboard in containers, changed. */
export const inContainers = (
  name: string,
  deserves: readonly string[],
  ...changes: Change[]
): Case => plain(containers, `containers: ${name}`, deserves, changes);

/** A template of its own. */
export const template = (
  name: string,
  deserves: readonly string[],
  Resources: Record<string, PlainResource>,
  props?: OpenStackDashboardChecksProps,
): Case => plain(() => ({ Resources }), name, deserves, [], props);

/** An app that is made by constructs. */
export const constructs = (
  name: string,
  deserves: readonly string[],
  make: (app: App) => void,
  props?: OpenStackDashboardChecksProps,
): Case => ({
  name: `constructs: ${name}`,
  deserves,
  props,
  apps: {
    'as it is made': () => {
      const app = newApp();
      make(app);
      return app;
    },
  },
});
