import { givenTo } from '../../dashboard/configuration-files';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';

const GROUPS = ['horizon', 'root', ''];

/** Whether `OWNER:GROUP`, as chown takes it, is another than root and horizon. */
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
  ours: 'root:horizon, which the boot check looks at again',
  cause: 'Configuration files of the dashboard belong to others than root and the group horizon.',
  explanation:
    'Who owns a settings file can write code into it that the application runs. The guide wants root ' +
    'as their owner and horizon as their group (Check-Dashboard-01).',
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
