import { GuidePage } from '../../pack/rule';
import { mustBeFalse, settingRule } from '../kinds/setting-rule';

export const settingsImageUpload = settingRule({
  id: 'SETTINGS13',
  guideRules: [11],
  level: 'warning',
  ours: 'Off; ImageUpload.direct() and legacy() require a stated plan',
  cause: 'HORIZON_IMAGES_UPLOAD_MODE is not off: users can upload images through the dashboard.',
  explanation:
    'The guide recommends disabling image upload unless there is a plan to prevent resource ' +
    'exhaustion and denial of service. (It calls the setting by its old name, ' +
    'HORIZON_IMAGES_ALLOW_UPLOAD.)',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix: "Set HORIZON_IMAGES_UPLOAD_MODE to off, or state your plan in the pack's imageUploadPlan.",
  setting: 'HORIZON_IMAGES_UPLOAD_MODE',
  wrong: (value, _source, { given }) => mustBeFalse(value) && !given.imageUploadPlan,
});
