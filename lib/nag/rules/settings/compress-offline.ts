import { GuidePage } from '../../pack/rule';
import { isFalse, known } from '../../template/text';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const settingsCompressOffline = settingRule({
  id: 'SETTINGS8',
  guideRules: [30, 32],
  level: 'error',
  ours: 'On',
  cause: 'COMPRESS_OFFLINE is not true: CSS and JavaScript are compressed during requests.',
  explanation:
    'Compression belongs before deployment, not in requests, because its dependencies do not ' +
    'belong on production hosts. It can also be turned off.',
  page: GuidePage.STATIC_MEDIA,
  fix: 'Set COMPRESS_OFFLINE to true, or COMPRESS_ENABLED to false.',
  setting: 'COMPRESS_OFFLINE',
  wrong: (value, { settings }) => {
    const enabled = known(settings.get('COMPRESS_ENABLED'));
    return mustBeTrue(value) && !(enabled !== undefined && isFalse(enabled));
  },
});
