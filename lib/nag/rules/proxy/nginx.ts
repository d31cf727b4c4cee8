import { installs } from '../../dashboard/scripts';
import { GuidePage } from '../../pack/rule';
import { scriptRule } from '../kinds/script-rule';

const OTHERS =
  /openstack-dashboard-apache|apache2|httpd|haproxy|caddy|traefik|lighttpd|squid|envoy|hitch|pound|cherokee/;

export const proxyNginx = scriptRule({
  id: 'PROXY2',
  guideRules: [7],
  consequenceOf: ['CACHE2', 'CACHE5'],
  level: 'warning',
  ours: 'nginx',
  cause: 'A web server other than nginx is installed on a dashboard host.',
  explanation:
    'The guide recommends nginx in front of the application, and another web server only if it ' +
    'is already there, which is not the case for one that is installed with the host. Software ' +
    'that is not installed cannot be attacked.',
  page: GuidePage.DOMAINS_AND_WEB_SERVER,
  fix: 'Install nginx instead.',
  wrong: (script) => installs(script, OTHERS),
});
