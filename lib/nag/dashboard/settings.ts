import { Resource } from '../template/template';
import { Setting, assignments, expand, flatten } from '../template/text';
import { Source, UserData } from './model';
import { MARKS } from './recognition';

/** The key under which this library writes a host's settings to its launch template's Metadata. */
export const METADATA_KEY = 'cdk-openstack-dashboard';

export function metadataSources(resource: Resource): Source[] {
  const environment = resource.metadata(METADATA_KEY, 'environment');
  if (typeof environment !== 'object' || environment === null) {
    return [];
  }
  const settings = new Map<string, Setting>();
  for (const [name, value] of Object.entries(environment)) {
    settings.set(name, { ...flatten(value), dynamic: false });
  }
  if (!MARKS.some((mark) => settings.has(mark))) {
    return [];
  }
  expand(settings);
  return [{ kind: 'metadata', location: `Metadata.${METADATA_KEY}.environment`, settings }];
}

/** The settings of a text, place by place. */
export function settingsOf(data: UserData): ReadonlyMap<string, Setting>[] {
  const { settings, holes } = data;
  if (!settings) {
    return [assignments(data)];
  }
  return settings.map((text) => assignments({ text, holes }, false));
}
