export * from './openstack-dashboard';
export {
  DashboardEntry,
  ExistingListenerOptions,
  ListenerRuleOptions,
  NewListenerOptions,
  NewLoadBalancerOptions,
} from './entry/dashboard-entry';
export { DashboardWebAcl, DashboardWebAclProps } from './entry/dashboard-web-acl';
export { HostsHealthCheck, HostsHealthCheckProps } from './entry/hosts-health-check';
export * from './entry/https-entry';
export { RoutingPolicy } from './entry/routing-policy';
export * from './hosts/admin-access';
export { HostImage, HostImageOptions, HostImageProps } from './image/host-image';
export {
  DashboardHosts,
  DashboardHostsOptions,
  DashboardHostsProps,
} from './dashboard-hosts/dashboard-hosts';
export { HorizonRelease, UpstreamHorizonOptions } from './dashboard-hosts/horizon-release';
export { HostGroup, HostGroupOptions, HostGroupProps } from './hosts/host-group';
export { EgressProxy, EgressProxyOptions } from './hosts/egress-proxy';
export { HstsOptions } from './hosts/hsts';
export { Patching, PatchingOptions } from './hosts/patching';
export { HostLogGroup, HostLogGroupOptions, HostLogGroupProps } from './logs/host-log-group';
export { HostLogs, HostLogsOptions } from './logs/host-logs';
export { HorizonPlugin, HorizonPluginProps, PluginPolicy } from './dashboard-hosts/horizon-plugin';
export { OpenStackApi } from './dashboard-hosts/openstack-api';
export { Customization, CustomizationProps } from './dashboard-hosts/customization';
export { DashboardMessage } from './dashboard-hosts/dashboard-message';
export { PolicyFile } from './dashboard-hosts/policy-file';
export { AccessLogTable, AccessLogTableProps } from './logs/access-log-table';
export { DashboardAlarm } from './monitoring/dashboard-alarm';
export {
  DashboardAlarms,
  DashboardAlarmsOptions,
  DashboardAlarmsProps,
} from './monitoring/dashboard-alarms';
export { DashboardOverview, DashboardOverviewProps } from './monitoring/dashboard-overview';
export { MonitoredParts } from './monitoring/monitored-parts';
export { Monitoring, MonitoringResources } from './monitoring/monitoring';
export { DashboardAlarmThresholds } from './monitoring/thresholds';
export {
  DashboardNetwork,
  NatGatewayOptions,
  NatNetworkOptions,
  NetworkOptions,
  NoNatOptions,
} from './network/dashboard-network';
export * from './nag';
export { DashboardContainerOptions } from './session/dashboard-container';
export * from './session/engine-version';
export {
  IMemcached,
  IMemcachedCluster,
  IServerlessMemcached,
  MemcachedEndpoint,
} from './session/memcached';
export * from './session/memcached-cluster';
export * from './session/memcached-servers';
export * from './session/same-site';
export * from './secret/secret-key-rotation';
export * from './session/serverless-memcached';
export * from './session/session-backend';
export { CaCertificates, CaCertificatesOptions } from './settings/ca-certificates';
export {
  ContentSecurityPolicy,
  ContentSecurityPolicySources,
} from './settings/content-security-policy';
export {
  ApiTimeouts,
  DashboardSettings,
  DashboardSettingsOptions,
  DashboardSettingsProps,
  DownloadLimits,
  EndpointType,
  QuickPages,
} from './settings/dashboard-settings';
export * from './settings/angular-features';
export * from './settings/compute-settings';
export * from './settings/identity-settings';
export { ImageFilterProject, ImageSettings, ImageVisibility } from './settings/image-settings';
export {
  NetworkSettings,
  ProviderNetworkType,
  SecurityGroupRuleTemplate,
  SegmentationIdRange,
} from './settings/network-settings';
export { HorizonConfig, ModalBackdrop, UserMenuLink } from './settings/horizon-config';
export { KubeconfigSettings, ServiceSettings } from './settings/service-settings';
export * from './settings/domain-login';
export { DirectUploadOptions, ImageUpload, LegacyUploadOptions } from './settings/image-upload';
export { FilteredList, ListLimits } from './settings/lists';
export { LoginAttempts } from './settings/login-attempts';
export { KeystoneRegion } from './settings/regions';
export * from './settings/setting-value';
export * from './settings/storage-settings';
export {
  WebSso,
  WebSsoChoice,
  WebSsoChoiceOptions,
  WebSsoIdentityProviderOptions,
  WebSsoOptions,
} from './settings/web-sso';
export * from './static/static-address';
export * from './static/static-media';
export { StaticTier, StaticTierProps } from './static/static-tier';
export * from './dashboard-hosts/theme';
