import * as fs from 'node:fs';
import * as path from 'node:path';
import { until } from '../shared/run';

const PREFIX = 'cdk-openstack-dashboard.';

/** Where the machine has its hierarchy of version 2 control groups. */
function controlGroupRoot(): string {
  const roots = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];
  const root = roots.find(
    (candidate) =>
      fs.existsSync(path.join(candidate, 'cgroup.procs')) &&
      fs.existsSync(path.join(candidate, 'cgroup.controllers')),
  );
  if (root === undefined) {
    throw new Error(`no control groups of version 2 at ${roots.join(' or ')}: mount them there`);
  }
  return root;
}

/** The control group of a preview. */
export function controlGroupOf(id: string): string {
  return path.join(controlGroupRoot(), PREFIX + id);
}

/** The control groups of previews that run or ran, by the ids of these. */
export function controlGroups(): Map<string, string> {
  const root = controlGroupRoot();
  return new Map(
    fs
      .readdirSync(root)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => [name.slice(PREFIX.length), path.join(root, name)]),
  );
}

/** Removes a control group with all below it, once the processes in it have gone. */
export async function removeControlGroups(directory: string): Promise<void> {
  const remove = (group: string): void => {
    for (const entry of fs.readdirSync(group, { withFileTypes: true })) {
      if (entry.isDirectory()) {
        remove(path.join(group, entry.name));
      }
    }
    fs.rmdirSync(group);
  };
  await until(`${directory} is empty`, 180, () => {
    try {
      remove(directory);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT';
    }
    return true;
  });
}
