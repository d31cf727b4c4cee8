import { GuidePage } from '../../pack/rule';
import { settingRule } from '../kinds/setting-rule';

export const httpsProxyHeader = settingRule({
  id: 'HTTPS6',
  guideRules: [19],
  level: 'error',
  ours: 'HTTP_X_FORWARDED_PROTO,https',
  cause: 'SECURE_PROXY_SSL_HEADER is not HTTP_X_FORWARDED_PROTO,https.',
  explanation:
    'Behind a load balancer, Django takes every request for plain HTTP and builds http:// ' +
    'URLs, unless this header shows that the browser used HTTPS (Check-Dashboard-11).',
  page: GuidePage.CHECKLIST,
  fix: 'Set SECURE_PROXY_SSL_HEADER to HTTP_X_FORWARDED_PROTO,https.',
  setting: 'SECURE_PROXY_SSL_HEADER',
  wrong: (value) => !/^\s*HTTP_X_FORWARDED_PROTO\s*,\s*https\s*$/.test(value),
});
