import { GuidePage } from '../../pack/rule';
import { mustBeFalse, settingRule } from '../kinds/setting-rule';

export const httpsVerify = settingRule({
  id: 'HTTPS13',
  guideRules: [51],
  level: 'error',
  ours: 'Off, and refused in extraSettings',
  cause: 'OPENSTACK_SSL_NO_VERIFY is on: the dashboard talks to whoever says that it is OpenStack.',
  explanation:
    'TLS whose certificate nobody verifies keeps out listeners, and lets in whoever sits in between: ' +
    'passwords and tokens then go to them.',
  page: GuidePage.TLS,
  fix: 'Remove it; name the CA of the endpoints in OPENSTACK_SSL_CACERT where it is not a public one.',
  setting: 'OPENSTACK_SSL_NO_VERIFY',
  wrong: mustBeFalse,
});
