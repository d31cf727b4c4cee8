import { givenTo } from '../../dashboard/configuration-files';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';

const GROUPS = ['horizon', 'root', ''];

/** Whether `OWNER:GROUP` for chown is something other than root and horizon. */
function isOther(given: string): boolean {
  if (/[$`\uE000]/.test(given)) {
    return false;
  }
  const [owner, group = ''] = given.replace(/["']/g, '').split(/[:.]/);
  const isRoot = owner === 'root' || owner === '0' || owner === '';
  return !isRoot || !(GROUPS.includes(group) || group === '0');
}

export const filesOwner: Rule = {
  id: 'FILES1',
  guideRules: [46],
  level: 'error',
  ours: 'root:horizon; the boot check verifies it',
  cause: "The dashboard's configuration files do not belong to root and the group horizon.",
  explanation:
    'The owner of a settings file can add code to it, and the application runs that code. The ' +
    'guide requires root as the owner and horizon as the group (Check-Dashboard-01).',
  page: GuidePage.CHECKLIST,
  fix: 'chown root:horizon.',
  types: HOST_TYPES,
  check(resource, facts) {
    if (!facts.hosts.has(resource)) {
      return undefined;
    }
    const wrong = givenTo(resource, facts).filter(
      ({ kind, value }) => kind === 'owner' && isOther(value),
    );
    return [...new Set(wrong.map(({ location }) => location))];
  },
};
