import { Resource } from '../template/template';
import { flatten, holesIn } from '../template/text';
import { Facts } from './facts';
import { memo } from './memo';
import { launchesOf } from './references';
import { LAUNCH_TEMPLATE, SCALING_GROUP, STATE_MACHINE } from './resource-types';

/**
 * Launch templates from which a state machine builds machine images, as `HostImage` does: a group
 * launches none of them.
 */
export const imageBuilds: (facts: Facts) => ReadonlySet<Resource> = memo((facts) => {
  const { template } = facts;
  const builds = new Set<Resource>();
  for (const machine of template.ofType(STATE_MACHINE)) {
    const { text, holes } = flatten(machine.property('DefinitionString'));
    if (!/"arn:[^"]*:aws-sdk:ec2:createImage"/.test(text)) {
      continue;
    }
    for (const hole of holesIn(text, holes)) {
      const target = facts.target(machine, hole);
      if (target?.resource.type === LAUNCH_TEMPLATE) {
        builds.add(target.resource);
      }
    }
  }
  if (builds.size > 0) {
    for (const group of template.ofType(SCALING_GROUP)) {
      for (const launch of launchesOf(group)) {
        const target = facts.target(group, launch);
        if (target) {
          builds.delete(target.resource);
        }
      }
    }
  }
  return builds;
});
