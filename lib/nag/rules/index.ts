import { Rule } from '../rule';
import { cacheCloudFront } from './cache1-cloudfront';
import { cacheVarnish } from './cache2-varnish';
import { cacheNginx } from './cache3-nginx';
import { cacheApiGateway } from './cache4-api-gateway';
import { cacheProxies } from './cache5-proxies';
import { corsAnyOrigin } from './cors1-any-origin';
import { corsOtherOrigin } from './cors2-other-origin';
import { domainOwn } from './domain1-own-domain';
import { filesOwner } from './files1-owner';
import { filesMode } from './files2-mode';
import { hostImdsv2 } from './host1-imdsv2';
import { hostHealthCheck } from './host2-health-check';
import { httpsRedirect } from './https1-redirect';
import { httpsPrivateCa } from './https10-private-ca';
import { httpsCloudFrontOrigin } from './https11-cloudfront-origin';
import { httpsVerify } from './https13-verify';
import { httpsOldTls } from './https14-old-tls';
import { httpsCiphers } from './https15-ciphers';
import { httpsListenerCiphers } from './https16-listener-ciphers';
import { httpsSessionTickets } from './https12-session-tickets';
import { httpsTlsVersion } from './https2-tls-version';
import { httpsInvalidHeaders } from './https3-invalid-headers';
import { httpsTargetGroup } from './https4-target-group';
import { httpsKeystone } from './https5-keystone';
import { httpsProxyHeader } from './https6-proxy-header';
import { httpsHsts } from './https7-hsts';
import { httpsHstsYear } from './https8-hsts-year';
import { httpsSelfSigned } from './https9-self-signed';
import { proxyApplicationServer } from './proxy1-application-server';
import { proxyNginx } from './proxy2-nginx';
import { proxyGunicorn } from './proxy3-gunicorn';
import { proxyBind } from './proxy4-bind';
import { proxyKeys } from './proxy5-keys';
import { proxyRequestSize } from './proxy6-request-size';
import { proxyWayAround } from './proxy7-way-around';
import { proxyThreads } from './proxy8-threads';
import { secretLength } from './secret1-length';
import { secretLiteral } from './secret2-literal';
import { secretEnvironment } from './secret3-environment';
import { secretShared } from './secret4-shared';
import { secretRotation } from './secret5-rotation';
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
import { settingsCookieDomain } from './settings14-cookie-domain';
import { settingsCsrf } from './settings15-csrf';
import { settingsWebSsoReferer } from './settings16-websso-referer';
import { settingsRestApi } from './settings17-rest-api';
import { settingsAllowedHosts } from './settings2-allowed-hosts';
import { settingsAllowedHostsWildcard } from './settings3-allowed-hosts-wildcard';
import { settingsSessionCookieSecure } from './settings4-session-cookie-secure';
import { settingsCsrfCookieSecure } from './settings5-csrf-cookie-secure';
import { settingsSessionCookieHttpOnly } from './settings6-session-cookie-httponly';
import { settingsIframeEmbed } from './settings7-iframe-embed';
import { settingsCompressOffline } from './settings8-compress-offline';
import { settingsEnforcePasswordCheck } from './settings9-enforce-password-check';
import { staticWebServer } from './static1-web-server';
import { staticSubdomain } from './static2-subdomain';
import { staticCookies } from './static3-cookies';
import { staticUserContent } from './static4-user-content';
import { staticHttps } from './static5-https';
import { staticBuild } from './static6-build';
import { staticCompilers } from './static7-compilers';

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
  domainOwn,
  proxyApplicationServer,
  proxyNginx,
  proxyGunicorn,
  proxyBind,
  proxyKeys,
  proxyRequestSize,
  proxyWayAround,
  proxyThreads,
  httpsRedirect,
  httpsTlsVersion,
  httpsInvalidHeaders,
  httpsTargetGroup,
  httpsKeystone,
  httpsProxyHeader,
  httpsHsts,
  httpsHstsYear,
  httpsSelfSigned,
  httpsPrivateCa,
  httpsCloudFrontOrigin,
  httpsSessionTickets,
  httpsVerify,
  httpsOldTls,
  httpsCiphers,
  httpsListenerCiphers,
  staticWebServer,
  staticSubdomain,
  staticCookies,
  staticUserContent,
  staticHttps,
  staticBuild,
  staticCompilers,
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
  settingsCookieDomain,
  settingsCsrf,
  settingsWebSsoReferer,
  settingsRestApi,
  secretLength,
  secretLiteral,
  secretEnvironment,
  secretShared,
  secretRotation,
  corsAnyOrigin,
  corsOtherOrigin,
  filesOwner,
  filesMode,
  hostImdsv2,
  hostHealthCheck,
];
