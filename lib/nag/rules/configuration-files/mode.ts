import { givenTo } from '../../dashboard/configuration-files';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';

/** Whether a mode, as chmod takes it, gives more than 0640. Execute bits are for folders. */
function isWide(given: string): boolean {
  const mode = given.replace(/["']/g, '');
  if (/^[0-7]{3,4}$/.test(mode)) {
    return (parseInt(mode, 8) & 0o027) !== 0;
  }
  return mode
    .split(',')
    .some(
      (clause) =>
        /^(a|[ug]*o[ugo]*)?[+=]\w*[rw]/.test(clause) || /^[uo]*g[ugo]*[+=]\w*w/.test(clause),
    );
}

export const filesMode: Rule = {
  id: 'FILES2',
  guideRules: [47],
  level: 'error',
  ours: '0640, which the boot check looks at again',
  cause: 'Configuration files of the dashboard have a mode wider than 0640.',
  explanation:
    'They hold what the dashboard signs with, and where everything is. Nobody but root writes them, ' +
    'and nobody but the group horizon reads them (Check-Dashboard-02).',
  page: GuidePage.CHECKLIST,
  fix: 'chmod 0640, or stricter.',
  types: HOST_TYPES,
  check(resource, facts) {
    if (!facts.hosts.has(resource)) {
      return undefined;
    }
    const wrong = givenTo(resource, facts).filter(
      ({ kind, value }) => kind === 'mode' && isWide(value),
    );
    return [...new Set(wrong.map(({ location }) => location))];
  },
};
