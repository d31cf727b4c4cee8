import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Environment, OtherStacks, OutputReference } from '../stack/intrinsics';
import type { Json } from '../stack/json';
import { Template } from '../stack/template';
import type { TemplateFile } from '../stack/template-file';
import { SYNTH } from './program';

/** Where `npm run synth` writes the template of the ready app. */
export const READY_APP = 'cdk.out/OpenStackDashboard.template.json';

/** Reads a template, which is JSON in a cloud assembly. */
export function readTemplate(file: string): TemplateFile {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    throw new Error(`${file} cannot be read: run ${SYNTH}, or give --template FILE`);
  }
  try {
    return JSON.parse(text) as TemplateFile;
  } catch {
    throw new Error(`${file} must be JSON, as the AWS CDK writes templates: give --template FILE`);
  }
}

/** The template of the dashboard in `cdk.out`, where no template is given. */
export function findTemplate(): string {
  if (fs.existsSync(READY_APP)) {
    return READY_APP;
  }
  const found = templatesBelow(path.dirname(READY_APP)).filter(hasDashboard);
  if (found.length === 1) {
    return found[0];
  }
  throw new Error(
    found.length === 0
      ? `no template with a dashboard in cdk.out: run ${SYNTH}, or give --template FILE`
      : `cdk.out has ${found.length} templates with a dashboard: give --template with one of ${found.join(', ')}`,
  );
}

function templatesBelow(folder: string): string[] {
  if (!fs.existsSync(folder)) {
    return [];
  }
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => path.join(folder, name))
    .sort();
}

/** Only the user data of dashboard hosts has it. */
function hasDashboard(file: string): boolean {
  const text = fs.readFileSync(file, 'utf8');
  return (
    text.includes('AWS::AutoScaling::AutoScalingGroup') && /OPENSTACK_KEYSTONE_URL=/.test(text)
  );
}

interface Artifact {
  readonly environment?: string;
  readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
}

/** The stacks of a cloud assembly, by the files of their templates. */
function artifactsOf(folder: string): Map<string, Artifact> {
  const manifest = path.join(folder, 'manifest.json');
  if (!fs.existsSync(manifest)) {
    return new Map();
  }
  const { artifacts = {} } = JSON.parse(fs.readFileSync(manifest, 'utf8')) as {
    artifacts?: Record<string, Artifact>;
  };
  return new Map(
    Object.entries(artifacts).flatMap(([id, artifact]) => {
      const { templateFile, stackName = id } = artifact.properties ?? {};
      return templateFile === undefined
        ? []
        : [[templateFile, { ...artifact, properties: { templateFile, stackName } }] as const];
    }),
  );
}

/**
 * The account and the region that a stack of a cloud assembly is for, which its template may name:
 * https://docs.aws.amazon.com/cdk/v2/guide/environments.html
 */
export function environmentOf(file: string): Environment {
  const artifact = artifactsOf(path.dirname(file)).get(path.basename(file));
  const [, account, region] =
    /^aws:\/\/(\d+|unknown-account)\/(.+)$/.exec(artifact?.environment ?? '') ?? [];
  return {
    ...(account === undefined || account === 'unknown-account' ? {} : { account }),
    ...(region === undefined || region === 'unknown-region' ? {} : { region }),
  };
}

/** The other stacks in the cloud assembly of a template. Only those that it refers to are read. */
export class Neighbors implements OtherStacks {
  private readonly templates = new Map<string, Template>();
  private readonly used = new Set<string>();

  constructor(
    private readonly file: string,
    private readonly given: (template: TemplateFile) => Record<string, string>,
  ) {}

  public output(reference: OutputReference): Json | undefined {
    const folder = path.dirname(this.file);
    for (const [name, { properties }] of artifactsOf(folder)) {
      const stackName = properties?.stackName ?? name;
      const file = path.join(folder, name);
      const named =
        'output' in reference ? stackName === reference.stack : declares(file, reference);
      if (name === path.basename(this.file) || !named) {
        continue;
      }
      const value = this.read(file, stackName).output(stackName, reference);
      if (value !== undefined) {
        this.used.add(file);
        return value;
      }
    }
    return undefined;
  }

  /** The stacks that have been referred to. */
  public get referred(): Template[] {
    return [...this.used].flatMap((file) => this.templates.get(file) ?? []);
  }

  private read(file: string, stackName: string): Template {
    let template = this.templates.get(file);
    if (template === undefined) {
      const text = readTemplate(file);
      template = new Template(text, this.given(text), { ...environmentOf(file), stackName }, this);
      this.templates.set(file, template);
    }
    return template;
  }
}

/** Whether a template has an export; its name is in the text, or put together there. */
function declares(file: string, { exported }: { readonly exported: string }): boolean {
  const text = fs.readFileSync(file, 'utf8');
  return text.includes(JSON.stringify(exported)) || /"Name": *\{/.test(text);
}
