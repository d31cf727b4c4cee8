import { Rule } from '../pack/rule';
import { cacheCloudFront } from './cache/cloudfront';
import { cacheVarnish } from './cache/varnish';
import { cacheNginx } from './cache/nginx';
import { cacheApiGateway } from './cache/api-gateway';
import { cacheProxies } from './cache/proxies';
import { corsAnyOrigin } from './cors/any-origin';
import { corsOtherOrigin } from './cors/other-origin';
import { domainOwn } from './domain/own-domain';
import { filesOwner } from './configuration-files/owner';
import { filesMode } from './configuration-files/mode';
import { hostImdsv2 } from './host/imdsv2';
import { hostHealthCheck } from './host/health-check';
import { httpsRedirect } from './https/redirect';
import { httpsPrivateCa } from './https/private-ca';
import { httpsCloudFrontOrigin } from './https/cloudfront-origin';
import { httpsVerify } from './https/verify';
import { httpsOldTls } from './https/old-tls';
import { httpsCiphers } from './https/ciphers';
import { httpsListenerCiphers } from './https/listener-ciphers';
import { httpsSessionTickets } from './https/session-tickets';
import { httpsTlsVersion } from './https/tls-version';
import { httpsInvalidHeaders } from './https/invalid-headers';
import { httpsTargetGroup } from './https/target-group';
import { httpsKeystone } from './https/keystone';
import { httpsWebSsoKeystone } from './https/websso-keystone';
import { httpsProxyHeader } from './https/proxy-header';
import { httpsHsts } from './https/hsts';
import { httpsHstsYear } from './https/hsts-year';
import { httpsSelfSigned } from './https/self-signed';
import { proxyApplicationServer } from './proxy/application-server';
import { proxyNginx } from './proxy/nginx';
import { proxyGunicorn } from './proxy/gunicorn';
import { proxyBind } from './proxy/bind';
import { proxyKeys } from './proxy/keys';
import { proxyRequestSize } from './proxy/request-size';
import { proxyWayAround } from './proxy/way-around';
import { proxyThreads } from './proxy/threads';
import { secretLength } from './secret/length';
import { secretLiteral } from './secret/literal';
import { secretEnvironment } from './secret/environment';
import { secretShared } from './secret/shared';
import { secretRotation } from './secret/rotation';
import { sessionEngine } from './session/engine';
import { sessionCacheBackend } from './session/cache-backend';
import { sessionSignedCookies } from './session/signed-cookies';
import { sessionMemcachedTls } from './session/memcached-tls';
import { sessionClusterTls } from './session/cluster-tls';
import { sessionClusterNodes } from './session/cluster-nodes';
import { sessionClusterNetwork } from './session/cluster-network';
import { sessionSealing } from './session/sealing';
import { sessionSharedDomain } from './session/shared-domain';
import { sessionCookieHsts } from './session/cookie-hsts';
import { settingsDebug } from './settings/debug';
import { settingsPasswordReveal } from './settings/password-reveal';
import { settingsPasswordAutocomplete } from './settings/password-autocomplete';
import { settingsPasswordValidator } from './settings/password-validator';
import { settingsImageUpload } from './settings/image-upload';
import { settingsCookieDomain } from './settings/cookie-domain';
import { settingsCsrf } from './settings/csrf';
import { settingsWebSsoReferer } from './settings/websso-referer';
import { settingsWebSsoRegion } from './settings/websso-region';
import { settingsRestApi } from './settings/rest-api';
import { settingsAllowedHosts } from './settings/allowed-hosts';
import { settingsAllowedHostsWildcard } from './settings/allowed-hosts-wildcard';
import { settingsSessionCookieSecure } from './settings/session-cookie-secure';
import { settingsCsrfCookieSecure } from './settings/csrf-cookie-secure';
import { settingsSessionCookieHttpOnly } from './settings/session-cookie-httponly';
import { settingsIframeEmbed } from './settings/iframe-embed';
import { settingsCompressOffline } from './settings/compress-offline';
import { settingsEnforcePasswordCheck } from './settings/enforce-password-check';
import { staticWebServer } from './static/web-server';
import { staticSubdomain } from './static/subdomain';
import { staticCookies } from './static/cookies';
import { staticUserContent } from './static/user-content';
import { staticHttps } from './static/https';
import { staticBuild } from './static/build';
import { staticCompilers } from './static/compilers';

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
  httpsWebSsoKeystone,
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
  settingsWebSsoRegion,
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
