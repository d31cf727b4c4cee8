import { ofVariables } from '../reading/deployments';
import { unpack } from '../reading/unpack';
import { Resource, asList, get } from '../template/template';
import { Text, flatten, intrinsic, joinTexts, literal } from '../template/text';
import { UserData } from './model';
import { TASK_DEFINITION } from './resource-types';
import { quoted, stringsOf } from './words';

/** The cfn-init metadata of a machine, as commands. */
export function initTexts(resource: Resource): UserData[] {
  if (resource.type === TASK_DEFINITION) {
    return [];
  }
  const init = resource.metadata('AWS::CloudFormation::Init');
  if (typeof init !== 'object' || init === null || intrinsic(init)) {
    return [];
  }
  const texts: UserData[] = [];
  for (const [name, config] of Object.entries(init)) {
    if (name === 'configSets') {
      continue;
    }
    const add = (part: string, { text, holes }: Text): void => {
      const location = `Metadata.AWS::CloudFormation::Init.${name}.${part}`;
      texts.push({ text: unpack(text).join('\n'), holes, location });
    };
    const entries = (...path: string[]): [string, unknown][] => {
      const found = get(config, ...path);
      return typeof found === 'object' && found !== null && !intrinsic(found)
        ? Object.entries(found)
        : [];
    };
    for (const [manager, packages] of entries('packages')) {
      if (typeof packages !== 'object' || packages === null) {
        continue;
      }
      for (const each of Object.keys(packages)) {
        add(`packages.${manager}`, { text: `- ${each}`, holes: [] });
      }
    }
    for (const [path, file] of entries('files')) {
      const content = get(file, 'content');
      const isText = typeof content !== 'object' || intrinsic(content) !== undefined;
      const text = isText ? flatten(content) : joinTexts(stringsOf(content));
      add(`files.${path}`, text);
      const deployed = ofVariables(path, text.text);
      if (!deployed) {
        continue;
      }
      const location = `Metadata.AWS::CloudFormation::Init.${name}.files.${path}`;
      const { server, settings } = deployed;
      const isDashboard = /^\s*(horizon_|enable_horizon:)/m.test(text.text);
      texts.push({
        text: `${server}\n${settings}`,
        settings: [settings],
        holes: text.holes,
        location,
        isDashboard,
      });
    }
    for (const [id, command] of entries('commands')) {
      const given = get(command, 'command');
      const words = asList(given);
      const { text, holes } = words
        ? joinTexts(
            words.map((word) => quoted(flatten(word))),
            ' ',
          )
        : flatten(given);
      const location = `Metadata.AWS::CloudFormation::Init.${name}.commands.${id}`;
      const directory = literal(get(command, 'cwd'));
      const line = directory === undefined ? text : `cd ${directory}\n${text}`;
      texts.push({ text: line, holes, location, isScript: true });
    }
    for (const [manager, services] of entries('services')) {
      if (typeof services !== 'object' || services === null) {
        continue;
      }
      for (const [service, state] of Object.entries(services as object)) {
        const off = ['enabled', 'ensureRunning'].every(
          (key) => literal(get(state, key)) === 'false',
        );
        const text = off ? `systemctl stop ${service}` : `systemctl start ${service}`;
        add(`services.${manager}`, { text, holes: [] });
      }
    }
  }
  return texts;
}
