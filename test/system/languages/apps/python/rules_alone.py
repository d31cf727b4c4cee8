from aws_cdk import (
    Acknowledgment,
    App,
    Duration,
    Stack,
    Validations,
    aws_certificatemanager as acm,
    aws_cloudfront as cloudfront,
    aws_cloudfront_origins as origins,
    aws_ec2 as ec2,
    aws_ecs as ecs,
    aws_elasticache as elasticache,
    aws_elasticloadbalancingv2 as elbv2,
    aws_secretsmanager as secretsmanager,
)
from cdk_openstack_dashboard import OpenStackDashboardChecks

app = App()
stack = Stack(app, 'Existing')

# An app as it may exist: Horizon in containers, none of this library's constructs.
vpc = ec2.Vpc(
    stack,
    'Vpc',
    max_azs=2,
    nat_gateways=1,
    subnet_configuration=[
        ec2.SubnetConfiguration(name='Public', subnet_type=ec2.SubnetType.PUBLIC),
        ec2.SubnetConfiguration(name='Private', subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        ec2.SubnetConfiguration(name='Isolated', subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    ],
)
cache_group = ec2.SecurityGroup(stack, 'CacheGroup', vpc=vpc, allow_all_outbound=False)
cache_subnets = elasticache.CfnSubnetGroup(
    stack,
    'CacheSubnets',
    description='sessions',
    subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
)
cache = elasticache.CfnCacheCluster(
    stack,
    'Cache',
    engine='memcached',
    cache_node_type='cache.t4g.small',
    num_cache_nodes=2,
    az_mode='cross-az',
    cache_subnet_group_name=cache_subnets.ref,
    vpc_security_group_ids=[cache_group.security_group_id],
)
secret_key = secretsmanager.Secret(
    stack,
    'SecretKey',
    generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64),
)

task_definition = ecs.FargateTaskDefinition(stack, 'Task', memory_limit_mib=1024)
task_definition.add_container(
    'horizon',
    image=ecs.ContainerImage.from_registry('registry.example.org/horizon:2025.1'),
    environment={
        'ALLOWED_HOSTS': 'example.org',
        'OPENSTACK_KEYSTONE_URL': 'https://keystone.example.org:5000/v3',
        'SESSION_ENGINE': 'django.contrib.sessions.backends.cache',
        'MEMCACHED_ENDPOINT': f'{cache.attr_configuration_endpoint_address}:11211',
        'DEBUG': 'true',
        'HORIZON_IMAGES_UPLOAD_MODE': 'legacy',
    },
    secrets={'SECRET_KEY': ecs.Secret.from_secrets_manager(secret_key)},
    port_mappings=[ecs.PortMapping(container_port=8443)],
)
service = ecs.FargateService(
    stack,
    'Service',
    cluster=ecs.Cluster(stack, 'Cluster', vpc=vpc),
    task_definition=task_definition,
    min_healthy_percent=100,
    circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
)
cache_group.connections.allow_from(service, ec2.Port.tcp(11211))

balancer = elbv2.ApplicationLoadBalancer(
    stack, 'Balancer', vpc=vpc, internet_facing=True, drop_invalid_header_fields=True
)
balancer.add_redirect()
balancer.add_listener(
    'Https',
    port=443,
    ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS,
    certificates=[
        acm.Certificate.from_certificate_arn(
            stack,
            'Certificate',
            'arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
        ),
    ],
).add_targets(
    'Horizon',
    port=8443,
    protocol=elbv2.ApplicationProtocol.HTTPS,
    targets=[service],
    deregistration_delay=Duration.seconds(30),
)
cloudfront.Distribution(
    stack,
    'Cdn',
    default_behavior=cloudfront.BehaviorOptions(
        origin=origins.LoadBalancerV2Origin(balancer),
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    ),
)

# All that is new: the pack, and what the site has decided on.
Validations.of(app).add_plugins(OpenStackDashboardChecks(app))
Validations.of(task_definition).acknowledge(
    Acknowledgment(
        id='OpenStackDashboard::OpenStackDashboard-SETTINGS13',
        reason='the image service has a quota for each project',
    )
)
app.synth()
