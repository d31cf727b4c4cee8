import { Rule } from '../rule';
import { cacheCloudFront } from './cache1-cloudfront';
import { cacheVarnish } from './cache2-varnish';
import { cacheNginx } from './cache3-nginx';
import { cacheApiGateway } from './cache4-api-gateway';
import { cacheProxies } from './cache5-proxies';
import { hostImdsv2 } from './host1-imdsv2';
import { httpsRedirect } from './https1-redirect';
import { httpsTlsVersion } from './https2-tls-version';
import { httpsInvalidHeaders } from './https3-invalid-headers';
import { httpsTargetGroup } from './https4-target-group';
import { httpsKeystone } from './https5-keystone';
import { httpsProxyHeader } from './https6-proxy-header';
import { secretLength } from './secret1-length';
import { secretLiteral } from './secret2-literal';
import { secretEnvironment } from './secret3-environment';
import { sessionEngine } from './session1-engine';
import { sessionCacheBackend } from './session10-cache-backend';
import { sessionSignedCookies } from './session2-signed-cookies';
import { sessionMemcachedTls } from './session3-memcached-tls';
import { sessionClusterTls } from './session4-cluster-tls';
import { sessionClusterNodes } from './session5-cluster-nodes';
import { sessionClusterNetwork } from './session6-cluster-network';
import { sessionSealing } from './session7-sealing';
import { sessionSharedDomain } from './session8-shared-domain';
import { sessionCookieHsts } from './session9-cookie-hsts';
import { settingsDebug } from './settings1-debug';
import { settingsPasswordReveal } from './settings10-password-reveal';
import { settingsPasswordAutocomplete } from './settings11-password-autocomplete';
import { settingsPasswordValidator } from './settings12-password-validator';
import { settingsImageUpload } from './settings13-image-upload';
import { settingsAllowedHosts } from './settings2-allowed-hosts';
import { settingsAllowedHostsWildcard } from './settings3-allowed-hosts-wildcard';
import { settingsSessionCookieSecure } from './settings4-session-cookie-secure';
import { settingsCsrfCookieSecure } from './settings5-csrf-cookie-secure';
import { settingsSessionCookieHttpOnly } from './settings6-session-cookie-httponly';
import { settingsIframeEmbed } from './settings7-iframe-embed';
import { settingsCompressOffline } from './settings8-compress-offline';
import { settingsEnforcePasswordCheck } from './settings9-enforce-password-check';

/** All rules of the pack, in the order of RULES.md. */
export const RULES: readonly Rule[] = [
  cacheCloudFront,
  cacheVarnish,
  cacheNginx,
  cacheApiGateway,
  cacheProxies,
  sessionEngine,
  sessionSignedCookies,
  sessionMemcachedTls,
  sessionClusterTls,
  sessionClusterNodes,
  sessionClusterNetwork,
  sessionSealing,
  sessionSharedDomain,
  sessionCookieHsts,
  sessionCacheBackend,
  httpsRedirect,
  httpsTlsVersion,
  httpsInvalidHeaders,
  httpsTargetGroup,
  httpsKeystone,
  httpsProxyHeader,
  settingsDebug,
  settingsAllowedHosts,
  settingsAllowedHostsWildcard,
  settingsSessionCookieSecure,
  settingsCsrfCookieSecure,
  settingsSessionCookieHttpOnly,
  settingsIframeEmbed,
  settingsCompressOffline,
  settingsEnforcePasswordCheck,
  settingsPasswordReveal,
  settingsPasswordAutocomplete,
  settingsPasswordValidator,
  settingsImageUpload,
  secretLength,
  secretLiteral,
  secretEnvironment,
  hostImdsv2,
];
