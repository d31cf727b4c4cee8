import { GuidePage } from '../../pack/rule';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const settingsIframeEmbed = settingRule({
  id: 'SETTINGS7',
  guideRules: [14],
  level: 'error',
  ours: 'On',
  cause: 'DISALLOW_IFRAME_EMBED is not true.',
  explanation:
    'Another site can embed the dashboard in a frame and trick its users into clicking in it ' +
    '(Check-Dashboard-03).',
  page: GuidePage.CHECKLIST,
  fix: 'Set DISALLOW_IFRAME_EMBED to true.',
  setting: 'DISALLOW_IFRAME_EMBED',
  wrong: mustBeTrue,
});
