import { installs } from '../../dashboard/scripts';
import { GuidePage } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

const COMPILERS = /nodejs(:\d+|-\d+|\d+)?|npm|node-less|lessc|less\.js|node-clean-css|yarn(pkg)?/;

// Ways that have names of their own.
const OTHER_WAYS = [
  /\b(npm|pnpm|yarn)\b.*\s(install|i|add)\s(.*\s)?(less|less-plugin-\S+|clean-css(-cli)?)(@\S+)?(\s|$)/,
  /\b(nvm|fnm|volta)\s+install\b/,
  /\bsnap\s+install\s+(.*\s)?node(\s|$)/,
];

export const staticCompilers = scriptRule({
  id: 'STATIC7',
  guideRules: [33],
  level: 'error',
  ours: 'Neither is among the packages of a host',
  cause: 'A less compiler or Node.js is installed on a dashboard host.',
  explanation:
    'They are for building static media. On a production host they only give whoever breaks into it ' +
    'more to work with.',
  page: GuidePage.STATIC_MEDIA,
  fix: 'Install them where static media is built, and nowhere else.',
  wrong: (script) =>
    installs(script, COMPILERS) ||
    (/\b(npm|pnpm|yarn|nvm|fnm|volta|snap)\b/.test(script.text) &&
      commandsIn(script.lines).some((command) => OTHER_WAYS.some((way) => way.test(command)))),
});
