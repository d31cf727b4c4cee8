import { installs } from '../../dashboard/scripts';
import { GuidePage } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';
import { commandsIn } from '../../template/text';

const COMPILERS = /nodejs(:\d+|-\d+|\d+)?|npm|node-less|lessc|less\.js|node-clean-css|yarn(pkg)?/;

// Other ways to install them.
const OTHER_WAYS = [
  /\b(npm|pnpm|yarn)\b.*\s(install|i|add)\s(.*\s)?(less|less-plugin-\S+|clean-css(-cli)?)(@\S+)?(\s|$)/,
  /\b(nvm|fnm|volta)\s+install\b/,
  /\bsnap\s+install\s+(.*\s)?node(\s|$)/,
];

export const staticCompilers = scriptRule({
  id: 'STATIC7',
  guideRules: [33],
  level: 'error',
  ours: "Neither is among a host's packages",
  cause: 'A Less compiler or Node.js is installed on a dashboard host.',
  explanation:
    'They are needed only to build static media. On a production host, they only give an ' +
    'attacker more tools to work with.',
  page: GuidePage.STATIC_MEDIA,
  fix: 'Install them only where static media is built.',
  wrong: (script) =>
    installs(script, COMPILERS) ||
    (/\b(npm|pnpm|yarn|nvm|fnm|volta|snap)\b/.test(script.text) &&
      commandsIn(script.lines).some((command) => OTHER_WAYS.some((way) => way.test(command)))),
});
