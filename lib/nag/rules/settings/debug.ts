import { GuidePage } from '../../pack/rule';
import { mustBeFalse, settingRule } from '../kinds/setting-rule';

export const settingsDebug = settingRule({
  id: 'SETTINGS1',
  guideRules: [44],
  level: 'error',
  ours: 'Off',
  cause: 'DEBUG is on.',
  explanation:
    "With DEBUG on, Django's error pages show settings, paths and the variables of every stack " +
    'frame to anyone who causes an error.',
  page: GuidePage.DEBUG,
  fix: 'Set DEBUG to false.',
  setting: 'DEBUG',
  wrong: mustBeFalse,
});
