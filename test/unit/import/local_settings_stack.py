# From local_settings.py, with openstack-dashboard-import.
from aws_cdk import Duration, Size, Stack, aws_certificatemanager as acm, aws_ec2 as ec2
from cdk_openstack_dashboard import (
    ComputeSettings,
    ConsoleType,
    DashboardEntry,
    DashboardSettingsOptions,
    DomainLogin,
    EndpointType,
    FilteredList,
    HorizonConfig,
    ImageFilterProject,
    ImageSettings,
    ImageVisibility,
    LaunchInstanceDefaults,
    ListLimits,
    MemcachedCluster,
    NetworkSettings,
    ObjectStoreSettings,
    OpenStackDashboard,
    SecurityGroupRuleTemplate,
    SegmentationIdRange,
    SessionBackend,
    StaticAddress,
    StaticMedia,
    UserMenuLink,
    WebSso,
    WebSsoChoice,
)
from constructs import Construct


class DashboardStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        # The VPC of memcached: a new one, or the one that you have
        vpc = ec2.Vpc(
            self,
            'Vpc',
            nat_gateways=1,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name='Public', subnet_type=ec2.SubnetType.PUBLIC
                ),
                ec2.SubnetConfiguration(
                    name='Private', subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS
                ),
                ec2.SubnetConfiguration(
                    name='Isolated', subnet_type=ec2.SubnetType.PRIVATE_ISOLATED
                ),
            ],
        )
        corp_openid_choice = WebSsoChoice.identity_provider(
            'corp_openid',
            label='Corp',
            identity_provider='corp',
            protocol='openid',
        )
        OpenStackDashboard(
            self,
            'Dashboard',
            domain_name='cloud.example.org',
            keystone_url='https://keystone.example.org:5000/v3',
            settings=DashboardSettingsOptions(
                additional_hosts=['cloud.example.net'],
                domains=DomainLogin.dropdown(['Default', 'ldap']),
                web_sso=WebSso.of(
                    choices=[corp_openid_choice, WebSsoChoice.protocol('saml2', label='Campus')],
                    keystone_url='https://login.example.org:5000/v3',
                    password_label='Local account',
                    initial_choice=corp_openid_choice,
                ),
                endpoint_type=EndpointType.INTERNAL,
                network=NetworkSettings(
                    enable_router=False,
                    enable_quotas=True,
                    segmentation_id_ranges={
                        'vlan': SegmentationIdRange(minimum=1024, maximum=2048),
                    },
                    default_dns_nameservers=['192.0.2.53', '2001:db8::53'],
                    allowed_ipv4_subnet_cidrs=['10.0.0.0/8'],
                    allowed_ipv6_subnet_cidrs=[],
                    security_group_rules={
                        'https': SecurityGroupRuleTemplate(name='HTTPS', from_port=443),
                        'ping': SecurityGroupRuleTemplate(
                            name='Ping',
                            ip_protocol='icmp',
                            from_port=8,
                            to_port=0,
                        ),
                    },
                ),
                horizon_config=HorizonConfig(
                    help_url='https://help.example.org/cloud',
                    ajax_poll_interval=5000,
                    user_menu_links=[UserMenuLink.to_url('Shop', 'https://shop.example.org/')],
                ),
                password_help_text='It\'s too short.',
                password_regex='^.{14,}$',
                image=ImageSettings(
                    formats={'qcow2': 'QCOW2', 'raw': 'Raw'},
                    filter_projects=[
                        ImageFilterProject(text='Official', project_id='27d0', icon='fa-check'),
                    ],
                    default_visibility=ImageVisibility.PRIVATE,
                ),
                object_store=ObjectStoreSettings(transfer_chunk_size=Size.kibibytes(512)),
                filter_first=[FilteredList.ADMIN_INSTANCES],
                compute=ComputeSettings(console_type=ConsoleType.OFF),
                overview_days=0,
                password_expiry_warning=Duration.days(7),
                languages=['en', 'de'],
                list_limits=ListLimits(results=1000),
                launch_instance=LaunchInstanceDefaults(create_volume=False, config_drive=True),
                site_branding='Cloud of O\'Brien — "Example"',
                operation_log=True,
                site_branding_link='/project/',
            ),
            static_media=StaticMedia.on_static_hosts(address=StaticAddress.path()),
            # The certificate of the domain name, and of static. before it; or a hosted_zone instead of entry
            entry=DashboardEntry.new_load_balancer(
                certificate=acm.Certificate.from_certificate_arn(
                    self,
                    'Certificate',
                    'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
                ),
            ),
            vpc=vpc,
            session=SessionBackend.memcached(
                MemcachedCluster(self, 'Sessions', vpc=vpc),
                timeout=Duration.seconds(1800),
                one_session_per_user=True,
            ),
        )

# The props above say the same as 36 settings. Below are the others; a key of a setting is after a dot.
#
# Rejected by the library:
# - EXTERNAL_MONITORING: external_monitoring must be an https URL, got 'http://…@graphs.example.org/'
# - HORIZON_CONFIG.user_home: horizon_config.user_home must be a path of the dashboard such as
#   /project/instances/, got 'openstack_dashboard.views.get_user_home'
# - TIME_ZONE: time_zone must be a name of the IANA time zone database such as Europe/Berlin, got
#   'Mars/Olympus'
#
# Has a prop, whose value is not in the files:
# - WEBSSO_CHOICES: find the origins of the login pages of the identity providers, and use
#   `web_sso.identity_provider_origins`: the content security policy blocks others
# - OPENSTACK_SSL_CACERT: copy the file from the old host, and use `settings.ca_certificates:
#   CaCertificates.from_file(…)`
# - HORIZON_IMAGES_UPLOAD_MODE: decide how uploads are limited, and use `settings.image_upload`: the OpenStack
#   Security Guide requires a plan
# - DEFAULT_THEME: copy the folder of the theme from the old host, and use `hosts.theme`
#
# Not known without running the files:
# - OPENSTACK_NEUTRON_NETWORK.enable_ipv6: computed: `dict ( { '…' : { '…' : [ 1024 , 2048 ] } , '…' : [ '…' ]
#   + [`
# - ACTION_CSS_CLASSES: computed: `name for name in ( '…' , '…' )`
# - DROPDOWN_MAX_ITEMS: is set in a block on line 96, `if`
#
# Secrets, which are never printed:
# - SECRET_KEY: not carried over; a new one is made, or `secret_key` takes one of AWS Secrets Manager
# - DATABASES: hosts have no database; sessions are in memcached
# - PLUGIN_API_TOKEN: not carried over
# - PLUGIN_URLS: not carried over
#
# Set by the library:
# - ALLOWED_HOSTS: 'localhost', '192.0.2.1', '*': must be fully qualified names; hosts accept `domain_name`
#   and `settings.additional_hosts` only
# - WEBSSO_USE_HTTP_REFERER: `false`: a page of Keystone's would else decide where the host sends tokens
# - DEBUG: Django's debug mode; the boot check rejects `true`
# - WEBROOT: the dashboard is at `/` of its name
# - LOCAL_PATH: the folder of Horizon's package; hosts keep no state there
# - CACHES: sessions are in a memcached of the library: `session`
#
# No prop. Add to settings.extra_settings what you still need, after you have read the reason:
# - MEMOIZED_MAX_SIZE_DEFAULT: the size of caches in Horizon's processes; nobody needs to tune it
# - AVAILABLE_THEMES: `hosts.theme` sets it; without a theme, it lists those of your own machine image
#
# extra_settings={
#     'MEMOIZED_MAX_SIZE_DEFAULT': SettingValue.from_number(50),
#     'AVAILABLE_THEMES': SettingValue.list_of(
#         SettingValue.tuple_of(
#             SettingValue.from_string('default'),
#             SettingValue.from_string('Default'),
#             SettingValue.from_string('themes/default'),
#         ),
#         SettingValue.tuple_of(
#             SettingValue.from_string('corp'),
#             SettingValue.from_string('Corp'),
#             SettingValue.from_string('themes/corp'),
#         ),
#     ),
# },
#
# Not a setting of the hosts' Horizon:
# - TEMPLATE_DEBUG: Django has no such setting any more
# - OPENSTACK_HOST: a variable of local_settings.py, from which `OPENSTACK_KEYSTONE_URL` is made
# - OPENSTACK_NEUTRON_NETWORK.enable_lb: Horizon has no such key
# - HORIZON_CONFIG.simple_ip_management: Horizon has no such key any more
# - MY_PLUGIN: not in Horizon's reference; a plugin may read it
#
# extra_settings={
#     'MY_PLUGIN': SettingValue.map_of(
#         {
#             'names': SettingValue.tuple_of(SettingValue.from_string('a')),
#             'limit': SettingValue.from_number(1.5),
#             'nothing': SettingValue.nothing(),
#         },
#     ),
# },
