// Works out what each change does: synthesizes the dashboard before and after it, and compares.
import type { Stack } from 'aws-cdk-lib';
import { Case, CONTEXT, inVpc, Section, SECTIONS } from './cases';
import { classify, Effect, TemplateJson } from './classify';
import { Props, readyApp, templateOf } from './stack';

/** A change and its effect. */
export interface Row {
  readonly name: string;
  readonly words: string;
  /** @default - the row refers to other rows */
  readonly effect?: Effect;
}

/** Each change of a section. Many of them begin with the same template, which is made once. */
export function rowsOf(section: Section): Row[] {
  const templates = new Map<unknown, TemplateJson>();
  return Object.entries(section.cases).map(([name, each]) => {
    if (/^see /.test(each.words)) {
      return { name, words: each.words };
    }
    const make = (value?: Case['to']) =>
      templateOf((stack) => propsOf(section, name, each, stack, value));
    try {
      const shared = !each.from && !each.also;
      const before = (shared && templates.get(each.props)) || make(each.from);
      if (shared) {
        templates.set(each.props, before);
      }
      return { name, words: each.words, effect: classify(before, make(each.to)) };
    } catch (error) {
      const { message } = error as Error;
      throw new Error(`scripts/changes/cases.ts: ${section.type}.${name}: ${message}`, {
        cause: error,
      });
    }
  });
}

function propsOf(
  section: Section,
  name: string,
  { also, props }: Case,
  stack: Stack,
  value?: Case['to'],
): Props {
  const options = { ...also?.(stack), ...(value ? { [name]: value(stack) } : {}) };
  // A VPC that exists: the resources of a new one double the time.
  const vpc = section.type === 'OpenStackDashboardProps' ? {} : inVpc(stack);
  return { ...vpc, ...props?.(stack), ...section.dashboard(options, stack) };
}

/** Each change of a context key of the ready app. */
export function contextRows(): Row[] {
  const templates = new Map<string, TemplateJson>();
  const make = (context: Readonly<Record<string, string>>) => {
    const key = JSON.stringify(context);
    const template = templates.get(key) ?? readyApp(context);
    templates.set(key, template);
    return template;
  };
  return Object.entries(CONTEXT).map(([name, { words, to, from, also = {} }]) => ({
    name,
    words,
    effect: classify(
      make(from === undefined ? also : { ...also, [name]: from }),
      make({ ...also, [name]: to }),
    ),
  }));
}

/** All sections with their rows. */
export function allRows(): (readonly [Section, Row[]])[] {
  return SECTIONS.map((section) => [section, rowsOf(section)]);
}
