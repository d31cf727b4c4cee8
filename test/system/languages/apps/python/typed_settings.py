from aws_cdk import (
    App,
    Duration,
    Size,
    Stack,
    aws_ec2 as ec2,
    aws_route53 as route53,
    aws_sns as sns,
)
from cdk_openstack_dashboard import (
    ApiTimeouts,
    DashboardHostsOptions,
    DashboardSettingsOptions,
    DomainLogin,
    FilteredList,
    HorizonConfig,
    ImageUpload,
    ListLimits,
    Monitoring,
    OpenStackApi,
    OpenStackDashboard,
    SessionBackend,
    SettingValue,
    StaticMedia,
    WebSso,
    WebSsoChoice,
)

app = App()
stack = Stack(app, 'Dashboard')
OpenStackDashboard(
    stack,
    'Dashboard',
    domain_name='dashboard.example.org',
    keystone_url='https://keystone.example.org:5000/v3',
    hosted_zone=route53.HostedZone.from_hosted_zone_attributes(
        stack, 'Zone', zone_name='example.org', hosted_zone_id='Z0123456789ABCDEFGHIJ'
    ),
    hosts=DashboardHostsOptions(
        instance_type=ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
        min_capacity=2,
        max_capacity=6,
        apis=[OpenStackApi.IDENTITY, OpenStackApi.COMPUTE, OpenStackApi.of(9001)],
        max_request_size=Size.mebibytes(5),
    ),
    static_media=StaticMedia.on_dashboard_hosts(),
    session=SessionBackend.signed_cookies(sealing=True, token_lifetime=Duration.hours(4)),
    settings=DashboardSettingsOptions(
        site_branding='Example Cloud',
        domains=DomainLogin.ask(),
        web_sso=WebSso.of(
            choices=[
                WebSsoChoice.protocol('openid', label='Company account'),
                WebSsoChoice.identity_provider(
                    'partners', label='Partners', identity_provider='partners', protocol='saml2'
                ),
            ],
        ),
        api_timeouts=ApiTimeouts(connect=Duration.seconds(2), read=Duration.seconds(15)),
        list_limits=ListLimits(results=500, page_size=50),
        filter_first=[FilteredList.ADMIN_INSTANCES, FilteredList.USERS],
        image_upload=ImageUpload.direct('the image service has a quota for each project'),
        horizon_config=HorizonConfig(show_openrc_file=False),
        extra_settings={
            'MEMOIZED_MAX_SIZE_DEFAULT': SettingValue.from_number(50),
            'INTERNAL_NAMES': SettingValue.string_list('one', 'two'),
            'NESTED': SettingValue.map_of(
                {
                    'level': SettingValue.from_string('debug'),
                    'pair': SettingValue.tuple_of(SettingValue.from_number(1), SettingValue.nothing()),
                }
            ),
        },
    ),
    monitoring=Monitoring.alarms(topic=sns.Topic(stack, 'Alarms', enforce_ssl=True)),
)
app.synth()
