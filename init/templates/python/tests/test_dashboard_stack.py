import pytest
from aws_cdk import App
from aws_cdk.assertions import Match, Template

from dashboard.dashboard_stack import DashboardStack


@pytest.fixture(scope='module')
def template() -> Template:
    stack = DashboardStack(
        App(),
        'OpenStackDashboard',
        domain_name='dashboard.example',
        keystone_url='https://keystone.example.org:5000/v3',
        certificate_arn='arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
    )
    return Template.from_stack(stack)


def test_https_and_a_redirect(template: Template) -> None:
    template.resource_count_is('AWS::ElasticLoadBalancingV2::Listener', 2)
    template.has_resource_properties(
        'AWS::ElasticLoadBalancingV2::Listener', {'Port': 443, 'Protocol': 'HTTPS'}
    )
    template.has_resource_properties(
        'AWS::ElasticLoadBalancingV2::Listener',
        {'Port': 80, 'DefaultActions': [Match.object_like({'Type': 'redirect'})]},
    )


def test_sessions_in_memcached_with_tls(template: Template) -> None:
    template.has_resource_properties(
        'AWS::ElastiCache::CacheCluster',
        {'Engine': 'memcached', 'TransitEncryptionEnabled': True},
    )


def test_alarms_notify_the_topic(template: Template) -> None:
    [topic] = template.find_resources('AWS::SNS::Topic')
    template.has_resource_properties('AWS::CloudWatch::Alarm', {'AlarmActions': [{'Ref': topic}]})
