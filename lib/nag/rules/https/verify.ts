import { GuidePage } from '../../pack/rule';
import { mustBeFalse, settingRule } from '../kinds/setting-rule';

export const httpsVerify = settingRule({
  id: 'HTTPS13',
  guideRules: [51],
  level: 'error',
  ours: 'Off; extraSettings does not accept it',
  cause:
    'OPENSTACK_SSL_NO_VERIFY is on: the dashboard does not verify that it is talking to ' +
    'OpenStack.',
  explanation:
    'Without certificate verification, TLS stops an eavesdropper but not an attacker who ' +
    'intercepts the connection and receives the passwords and tokens.',
  page: GuidePage.TLS,
  fix:
    'Remove the setting. If the CA of the endpoints is not a public one, set ' +
    'OPENSTACK_SSL_CACERT to its certificate.',
  setting: 'OPENSTACK_SSL_NO_VERIFY',
  wrong: mustBeFalse,
});
