import { givenTo } from '../../dashboard/configuration-files';
import { HOST_TYPES } from '../../dashboard/resource-types';
import { GuidePage, Rule } from '../../pack/rule';

/** Whether a mode for chmod is wider than 0640. Execute bits are for folders. */
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
  ours: '0640; the boot check verifies it',
  cause: "The mode of the dashboard's configuration files is wider than 0640.",
  explanation:
    'These files hold the key that the dashboard signs with, and the addresses of its ' +
    'services. Only root may write them, and only the group horizon may read them ' +
    '(Check-Dashboard-02).',
  page: GuidePage.CHECKLIST,
  fix: 'Run chmod 0640, or use a stricter mode.',
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
