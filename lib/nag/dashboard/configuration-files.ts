import { Permission, Permissions } from '../reading/shell/permissions';
import { Resource, get } from '../template/template';
import { commandsIn, literal } from '../template/text';
import { Facts } from './facts';
import { Script, scriptsOf } from './scripts';

/** Whether a path is one of the dashboard's configuration files, or their folder. */
const OURS =
  /(^|[\s"'=])((\/etc\/(openstack-dashboard|horizon)(\/|\b))|\S*\blocal_settings(\.py|\.d)?\b)/;

/** An owner (`www-data:www-data`) or a mode (`0644`) of configuration files. */
export interface Given {
  readonly kind: 'owner' | 'mode';
  readonly value: string;
  readonly location: string;
}

/** The owners and modes that a host's scripts and its AWS::CloudFormation::Init set. */
export function givenTo(resource: Resource, facts: Facts): Given[] {
  const found = scriptsOf(resource, facts).flatMap((script) => [
    ...fromCommands(script),
    ...fromCloudConfig(script),
  ]);
  const init = resource.metadata('AWS::CloudFormation::Init');
  for (const [set, config] of entries(init)) {
    for (const [path, file] of entries(get(config, 'files'))) {
      if (!OURS.test(path)) {
        continue;
      }
      const location = `Metadata.AWS::CloudFormation::Init.${set}.files.${path}`;
      const mode = literal(get(file, 'mode'));
      // cfn-init's modes can have six digits; the first ones are the type of the file.
      if (mode !== undefined) {
        found.push({ kind: 'mode', value: mode.slice(-4), location });
      }
      const owner = literal(get(file, 'owner'));
      const group = literal(get(file, 'group'));
      if (owner !== undefined || group !== undefined) {
        found.push({ kind: 'owner', value: `${owner ?? 'root'}:${group ?? 'root'}`, location });
      }
    }
  }
  return found;
}

const entries = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

function fromCommands(script: Script): Given[] {
  const { location } = script;
  return [...permissionsOf(script)].flatMap(([path, { owner, mode }]): Given[] => [
    ...(OURS.test(path) && mode !== undefined
      ? [{ kind: 'mode' as const, value: mode, location }]
      : []),
    ...(OURS.test(path) && owner !== undefined
      ? [{ kind: 'owner' as const, value: owner, location }]
      : []),
  ]);
}

function permissionsOf({ lines, permissions, text }: Script): ReadonlyMap<string, Permission> {
  if (permissions) {
    return permissions;
  }
  const found = new Permissions();
  if (/ch(own|mod|grp)|install/.test(text)) {
    for (const command of commandsIn(lines)) {
      found.run(
        command
          .replace(/^\s*(?:-\s+)?(?:sudo\s+)?/, '')
          .replace(/["']/g, '')
          .split(/\s+/),
      );
    }
  }
  return found.files;
}

/** `write_files` of cloud-config, whose entries have a path, an owner and permissions. */
function fromCloudConfig({ lines, location, text }: Script): Given[] {
  if (!text.includes('write_files')) {
    return [];
  }
  const found: Given[] = [];
  let entry: { path?: string; owner?: string; permissions?: string } = {};
  const close = (): void => {
    if (entry.path !== undefined && OURS.test(entry.path)) {
      if (entry.owner) {
        found.push({ kind: 'owner', value: entry.owner, location });
      }
      if (entry.permissions) {
        found.push({ kind: 'mode', value: entry.permissions, location });
      }
    }
    entry = {};
  };
  for (const line of lines) {
    const match =
      /^\s*(-\s+)?(path|owner|permissions|content|encoding|append|defer)\s*:\s*(.*)$/.exec(line);
    if (/^\s*-\s/.test(line) || /^\S/.test(line)) {
      close();
    }
    if (!match) {
      continue;
    }
    const value = match[3].trim().replace(/^(["'])(.*)\1$/, '$2');
    if (match[2] === 'path' || match[2] === 'owner' || match[2] === 'permissions') {
      entry[match[2]] = value;
    }
  }
  close();
  return found;
}
