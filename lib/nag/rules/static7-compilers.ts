import { GuidePage } from '../rule';
import { installs, scriptRule } from '../script-rule';

const COMPILERS = /nodejs(:\d+|-\d+|\d+)?|npm|node-less|lessc|less\.js|node-clean-css|yarn(pkg)?/;

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
  wrong: (script) => installs(script, COMPILERS),
});
