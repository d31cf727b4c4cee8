import { GuidePage } from '../../pack/rule';
import { isFalse, known } from '../../template/text';
import { mustBeTrue, settingRule } from '../kinds/setting-rule';

export const settingsCompressOffline = settingRule({
  id: 'SETTINGS8',
  guideRules: [30, 32],
  level: 'error',
  ours: 'On',
  cause: 'COMPRESS_OFFLINE is not true: CSS and JavaScript are compressed while requests wait.',
  explanation:
    'Compression is done before deployment, rather than in requests, whose dependencies do not ' +
    'belong on production machines; or it is off altogether.',
  page: GuidePage.STATIC_MEDIA,
  fix: 'Set COMPRESS_OFFLINE to true, or COMPRESS_ENABLED to false.',
  setting: 'COMPRESS_OFFLINE',
  wrong: (value, { settings }) => {
    const enabled = known(settings.get('COMPRESS_ENABLED'));
    return mustBeTrue(value) && !(enabled !== undefined && isFalse(enabled));
  },
});
