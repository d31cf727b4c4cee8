import { Doubt } from '../reading/shell/doubts';
import { unpack } from '../reading/unpack';
import { Resource, asList, get } from '../template/template';
import { Setting, expand, flatten, isAbsent, joinTexts, literal } from '../template/text';
import { documentTexts } from './documents';
import { followed } from './followed';
import { initTexts } from './init';
import { chartTexts, manifestContent } from './kubernetes';
import { Container, Content, UserData } from './model';
import { runsDashboard } from './recognition';
import {
  CONTAINER_RECIPE,
  HELM_CHART,
  HELM_RELEASE,
  IMAGE_COMPONENT,
  IMAGE_RECIPE,
  INSTANCE,
  LAUNCH_CONFIGURATION,
  LAUNCH_TEMPLATE,
  MANIFEST,
  SPOT_FLEET,
  SSM_ASSOCIATION,
  SSM_DOCUMENT,
  SSM_PARAMETER,
  TASK_DEFINITION,
} from './resource-types';
import { quoted, wordsOf } from './words';

// AWS documents that run a playbook, a recipe or a script from another source.
const RUNS_UNSEEN =
  /^AWS-(ApplyAnsiblePlaybooks|RunAnsiblePlaybook|ApplyChefRecipes|RunRemoteScript)$/;

/** A part of a resource that cannot be followed and has no text in the template. */
const unseen = (doubt: Doubt, location: string): UserData => ({
  text: '',
  holes: [],
  location,
  doubts: [doubt],
});

/** The resources that a value of a resource refers to. */
type Targets = (from: Resource, value: unknown) => readonly Resource[];

/** The contents of a resource of one of HOST_TYPES. */
export function contentOf(resource: Resource, targets: Targets): Content {
  const texts: UserData[] = [];
  const add = (location: string, value: unknown): void => {
    if (isAbsent(value)) {
      return;
    }
    const { text, holes } = flatten(value);
    texts.push({ text: unpack(text).join('\n'), holes, location });
  };
  const property = (...path: string[]): void =>
    add(`Properties.${path.join('.')}`, resource.property(...path));
  switch (resource.type) {
    case LAUNCH_TEMPLATE:
      property('LaunchTemplateData', 'UserData');
      break;
    case LAUNCH_CONFIGURATION:
    case INSTANCE:
      property('UserData');
      break;
    case SPOT_FLEET: {
      const path = ['SpotFleetRequestConfigData', 'LaunchSpecifications'];
      (resource.list(...path) ?? []).forEach((specification, index) =>
        add(`Properties.${path.join('.')}.${index}.UserData`, get(specification, 'UserData')),
      );
      break;
    }
    case SSM_PARAMETER:
      property('Value');
      break;
    case IMAGE_COMPONENT: {
      const data = resource.property('Data');
      if (!isAbsent(data)) {
        texts.push(...documentTexts(data, 'Properties.Data'));
      }
      break;
    }
    case IMAGE_RECIPE:
      property('AdditionalInstanceConfiguration', 'UserDataOverride');
      break;
    case CONTAINER_RECIPE:
      property('DockerfileTemplateData');
      break;
    case SSM_ASSOCIATION: {
      const name = literal(resource.property('Name')) ?? '';
      if (RUNS_UNSEEN.test(name)) {
        texts.push(unseen({ kind: 'program', what: name, command: '' }, 'Properties.Name'));
      }
      for (const command of asList(resource.property('Parameters', 'commands')) ?? []) {
        texts.push({
          ...flatten(command),
          location: 'Properties.Parameters.commands',
          isScript: true,
        });
      }
      break;
    }
    case SSM_DOCUMENT:
      texts.push(...documentTexts(resource.property('Content')));
      break;
    case HELM_CHART:
    case HELM_RELEASE:
      return { texts: chartTexts(resource), containers: [] };
    case MANIFEST:
      return manifestContent(resource);
    case TASK_DEFINITION:
      return {
        texts: commandsOf(resource).map((text) => (text.doubts ? text : followed(text))),
        containers: containersOf(resource, targets),
      };
  }
  return { texts: [...texts, ...initTexts(resource)].map(followed), containers: [] };
}

function commandsOf(task: Resource): UserData[] {
  const containers = task.list('ContainerDefinitions') ?? [];
  const files = containers.flatMap((container, index) =>
    (asList(get(container, 'EnvironmentFiles')) ?? []).map((file) => {
      const location = `Properties.ContainerDefinitions.${index}.EnvironmentFiles`;
      const what = flatten(get(file, 'Value')).text;
      return unseen({ kind: 'file', what, command: '' }, location);
    }),
  );
  const commands = containers.flatMap((container, index): UserData[] => {
    const words = wordsOf(container);
    const variable = (asList(get(container, 'Environment')) ?? []).find(
      (each) => literal(get(each, 'Name')) === 'GUNICORN_CMD_ARGS',
    );
    // As in a shell, the entry point comes before the command.
    if (variable !== undefined) {
      const { text, holes } = quoted(flatten(get(variable, 'Value')));
      words.unshift({ text: `GUNICORN_CMD_ARGS=${text}`, holes });
    }
    if (words.length === 0) {
      return [];
    }
    const name = asList(get(container, 'Command'))?.length ? 'Command' : 'EntryPoint';
    const location = `Properties.ContainerDefinitions.${index}.${name}`;
    const [first, ...rest] = words;
    const start = variable === undefined ? quoted(first) : first;
    return [{ ...joinTexts([start, ...rest.map(quoted)], ' '), location, isScript: true }];
  });
  return [...commands, ...files];
}

function containersOf(task: Resource, targets: Targets): Container[] {
  return (task.list('ContainerDefinitions') ?? []).map((container, index) => {
    const settings = new Map<string, Setting>();
    for (const variable of asList(get(container, 'Environment')) ?? []) {
      const name = literal(get(variable, 'Name'));
      if (name) {
        settings.set(name, { ...flatten(get(variable, 'Value')), dynamic: false });
      }
    }
    for (const secret of asList(get(container, 'Secrets')) ?? []) {
      const name = literal(get(secret, 'Name'));
      const [parameter] = targets(task, get(secret, 'ValueFrom'));
      if (!name || parameter?.type !== SSM_PARAMETER) {
        continue;
      }
      settings.set(name, { ...flatten(parameter.property('Value')), dynamic: false });
    }
    expand(settings);
    const image = flatten(get(container, 'Image'));
    const location = `Properties.ContainerDefinitions.${index}`;
    const commands = wordsOf(container)
      .map(({ text }) => text)
      .join(' ');
    const isOne = runsDashboard(image.text, settings, commands);
    return { location, image, settings, isDashboard: isOne };
  });
}
