"""moto as AWS on loopback, with what its CloudFormation lacks by moto-gaps.json: some types are made
by moto's own API, through boto3; the others are recorded, with the properties that they were given.
What CloudFormation does after a failure is here too, since moto stops halfway."""
import collections
import contextlib
import copy
import datetime
import io
import json
import os
import re
import threading
import uuid
import warnings
from urllib.parse import parse_qsl

import boto3
from moto.acm.models import acm_backends
from moto.cloudformation import exceptions as stack_exceptions
from moto.cloudformation import models as stack_models
from moto.cloudformation import parsing
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult, EmptyResult
from moto.elbv2.models import FakeLoadBalancer, FakeTargetGroup
from moto.ssm.models import Parameter, ssm_backends
from moto.s3.models import FakeBucket
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication, MotoRequestHandler, create_backend_app)
from werkzeug.serving import make_server

ACCOUNT, REGION = '123456789012', 'eu-central-1'
CERTIFICATE = f'arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-0000-0000-000000000000'
# of Application Load Balancers in eu-central-1: "Elastic Load Balancing endpoints and quotas"
BALANCER_ZONE = 'Z215JYRZR1TBD5'
# of the examples
OTHER_CERTIFICATE = CERTIFICATE.replace(ACCOUNT, '111122223333')
with open(os.path.join(os.path.dirname(__file__), 'moto-gaps.json')) as gaps_file:
    GAPS = json.load(gaps_file)
# by moto itself, before anything is added
NATIVE = frozenset(parsing.get_model_map()) - frozenset(parsing.NULL_MODELS)
# what was given to CloudFormation for resources that moto cannot make, by physical id
RECORDED = {}
MODELS = []


class Aws:
    """The server, and clients of it."""

    def __init__(self):
        self.operations = collections.Counter()
        self.failures = []
        self.clients = {}
        app = DomainDispatcherApplication(create_backend_app)
        self.server = make_server('127.0.0.1', 0, self.middleware(app), True,
                                  request_handler=Quiet)
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        os.environ['MOTO_PORT'] = str(self.server.server_port)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service, endpoint_url=self.url, region_name=REGION, aws_access_key_id='test',
                aws_secret_access_key='test')
        return self.clients[service]

    def middleware(self, app):
        def handle(environ, start_response):
            if environ['REQUEST_METHOD'] == 'POST':
                body = environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
                # the CLI derives it from the endpoint that it was given, an address
                body = re.sub(rb'TemplateURL=[^&]*?%2Fcdk-', b'TemplateURL=http%3A%2F%2Flocalhost%2Fcdk-', body)
                environ['wsgi.input'] = io.BytesIO(body)
                environ['CONTENT_LENGTH'] = str(len(body))
            else:
                body = b''
            operation = operation_of(environ, body)
            self.operations[operation] += 1

            def answer(status, headers, *rest):
                if status.startswith('5'):
                    self.failures.append(f'{operation}: {status}')
                return start_response(status, headers, *rest)
            return app(environ, answer)
        return handle


class Quiet(MotoRequestHandler):
    def log(self, *_):
        pass


def operation_of(environ, body):
    credential = re.search(r'Credential=[^/]+/\d+/[^/]+/([^/]+)/', environ.get('HTTP_AUTHORIZATION', ''))
    service = credential[1] if credential else 'other'
    target = environ.get('HTTP_X_AMZ_TARGET')
    if target:
        return f'{service}:{target.rpartition(".")[2]}'
    action = dict(parse_qsl(body.decode('latin-1'))).get('Action')
    return f'{service}:{action or environ["REQUEST_METHOD"]}'


def only(properties, *names):
    return {name: properties[name] for name in names if name in properties}


def numbers(properties, *names):
    return {name: int(value) if name in names else value for name, value in properties.items()}


def alarm_arn(name):
    return f'arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}'


class Api:
    """How resources of a type are made, by moto's API. Each returns the physical id and attributes,
    and boto3 validates what is given."""

    def __init__(self, aws):
        self.aws = aws

    def AutoScaling_ScalingPolicy(self, name, properties):
        configuration = properties.get('TargetTrackingConfiguration')
        if configuration:
            properties = {**properties, 'TargetTrackingConfiguration': {
                **configuration, 'TargetValue': float(configuration['TargetValue'])}}
        self.aws.client('autoscaling').put_scaling_policy(PolicyName=name, **properties)
        return name, {'PolicyName': name}

    def CloudWatch_Alarm(self, name, properties):
        counts = ('EvaluationPeriods', 'DatapointsToAlarm', 'Period')
        properties = numbers(properties, *counts)
        if 'Threshold' in properties:
            properties['Threshold'] = float(properties['Threshold'])
        if 'Metrics' in properties:
            properties['Metrics'] = [
                {**numbers(query, 'Period'), **({'MetricStat': numbers(query['MetricStat'], 'Period')}
                                                if 'MetricStat' in query else {})}
                for query in properties['Metrics']]
        physical = properties.pop('AlarmName', None) or f'{name}-{uuid.uuid4().hex[:6]}'
        self.aws.client('cloudwatch').put_metric_alarm(AlarmName=physical, **properties)
        return physical, {'Arn': alarm_arn(physical)}

    def Logs_MetricFilter(self, name, properties):
        physical = properties.get('FilterName') or f'{name}-{uuid.uuid4().hex[:6]}'
        self.aws.client('logs').put_metric_filter(
            logGroupName=properties['LogGroupName'], filterName=physical,
            filterPattern=properties['FilterPattern'],
            metricTransformations=[
                {key[0].lower() + key[1:]: float(value) if key == 'DefaultValue' else value
                 for key, value in transformation.items()}
                for transformation in properties['MetricTransformations']])
        return physical, {'FilterName': physical}

    def SNS_Subscription(self, name, properties):
        arguments = only(properties, 'TopicArn', 'Protocol', 'Endpoint')
        arn = self.aws.client('sns').subscribe(**arguments, ReturnSubscriptionArn=True)['SubscriptionArn']
        return arn, {'Arn': arn}

    def SNS_TopicPolicy(self, name, properties):
        for topic in properties['Topics']:
            self.aws.client('sns').set_topic_attributes(
                TopicArn=topic, AttributeName='Policy', AttributeValue=json.dumps(properties['PolicyDocument']))
        return name, {'Id': name}

    def EC2_FlowLog(self, name, properties):
        if properties.get('LogDestinationType') == 's3':
            bucket = properties['LogDestination'].split('/')[0]
            properties = {**properties, 'LogDestination': bucket}
        resource = properties.pop('ResourceId')
        properties.pop('Tags', None)
        answer = self.aws.client('ec2').create_flow_logs(ResourceIds=[resource], **properties)
        if answer['Unsuccessful']:
            raise ValueError(f'flow log: {answer["Unsuccessful"]}')
        return answer['FlowLogIds'][0], {'Id': answer['FlowLogIds'][0]}

    def EC2_SecurityGroupEgress(self, name, properties):
        permission = only(properties, 'IpProtocol', 'FromPort', 'ToPort')
        text = only(properties, 'Description')
        if 'DestinationSecurityGroupId' in properties:
            permission['UserIdGroupPairs'] = [{'GroupId': properties['DestinationSecurityGroupId'], **text}]
        elif 'DestinationPrefixListId' in properties:
            permission['PrefixListIds'] = [{'PrefixListId': properties['DestinationPrefixListId'], **text}]
        else:
            permission['IpRanges'] = [{'CidrIp': properties['CidrIp'], **text}]
        self.aws.client('ec2').authorize_security_group_egress(
            GroupId=properties['GroupId'], IpPermissions=[numbers(permission, 'FromPort', 'ToPort')])
        return name, {'Id': name}

    def ElastiCache_CacheCluster(self, name, properties):
        physical = properties.pop('ClusterName', None) or f'c{uuid.uuid4().hex[:12]}'
        properties = numbers(properties, 'NumCacheNodes', 'Port')
        groups = properties.pop('VpcSecurityGroupIds', [])
        self.aws.client('elasticache').create_cache_cluster(
            CacheClusterId=physical, SecurityGroupIds=groups, **properties)
        RECORDED[physical] = properties
        host = f'{physical}.abc123.cfg.euc1.cache.amazonaws.com'
        return physical, {'ConfigurationEndpoint.Address': host,
                          'ConfigurationEndpoint.Port': str(properties.get('Port', 11211))}

    def ElastiCache_SubnetGroup(self, name, properties):
        physical = properties.get('CacheSubnetGroupName') or name.lower()
        self.aws.client('elasticache').create_cache_subnet_group(
            CacheSubnetGroupName=physical, CacheSubnetGroupDescription=properties['Description'],
            SubnetIds=properties['SubnetIds'])
        return physical, {}

    def Route53_HealthCheck(self, name, properties):
        answer = self.aws.client('route53').create_health_check(
            CallerReference=uuid.uuid4().hex, HealthCheckConfig=numbers(properties['HealthCheckConfig'], 'HealthThreshold'))
        return answer['HealthCheck']['Id'], {'HealthCheckId': answer['HealthCheck']['Id']}

    def S3_BucketPolicy(self, name, properties):
        self.aws.client('s3').put_bucket_policy(
            Bucket=properties['Bucket'], Policy=json.dumps(properties['PolicyDocument']))
        return name, {}

    def SecretsManager_Secret(self, name, properties):
        client = self.aws.client('secretsmanager')
        arguments = only(properties, 'Description', 'KmsKeyId', 'SecretString')
        if 'GenerateSecretString' in properties:
            wanted = numbers(properties['GenerateSecretString'], 'PasswordLength')
            arguments['SecretString'] = client.get_random_password(**wanted)['RandomPassword']
        answer = client.create_secret(Name=properties.get('Name') or name, **arguments)
        return answer['ARN'], {'Id': answer['ARN']}

    def CertificateManager_Certificate(self, name, properties):
        arguments = only(properties, 'DomainName', 'SubjectAlternativeNames', 'ValidationMethod')
        answer = self.aws.client('acm').request_certificate(**arguments)
        RECORDED[answer['CertificateArn']] = properties
        return answer['CertificateArn'], {}

    def Scheduler_Schedule(self, name, properties):
        answer = self.aws.client('scheduler').create_schedule(
            Name=properties.pop('Name', None) or name[:64], **properties)
        return name, {'Arn': answer['ScheduleArn']}

    def SSM_Parameter(self, name, properties):
        physical = properties.pop('Name', None) or f'CFN-{name}-{uuid.uuid4().hex[:12]}'
        self.aws.client('ssm').put_parameter(Name=physical, **properties)
        return physical, {'Type': properties['Type'], 'Value': properties['Value']}

    def delete(self, type_name, physical, properties):
        match type_name:
            case 'AWS::CloudWatch::Alarm':
                self.aws.client('cloudwatch').delete_alarms(AlarmNames=[physical])
            case 'AWS::SNS::Subscription':
                self.aws.client('sns').unsubscribe(SubscriptionArn=physical)
            case 'AWS::ElastiCache::CacheCluster':
                self.aws.client('elasticache').delete_cache_cluster(CacheClusterId=physical)
            case 'AWS::S3::BucketPolicy':
                self.aws.client('s3').delete_bucket_policy(Bucket=properties['Bucket'])
            case 'AWS::SecretsManager::Secret':
                self.aws.client('secretsmanager').delete_secret(SecretId=physical)
            case 'AWS::CertificateManager::Certificate':
                self.aws.client('acm').delete_certificate(CertificateArn=physical)
            case 'AWS::SSM::Parameter':
                self.aws.client('ssm').delete_parameter(Name=physical)
        RECORDED.pop(physical, None)


ATTRIBUTES = {
    'AWS::CloudWatch::CompositeAlarm': lambda name: {'Arn': alarm_arn(name)},
    'AWS::ElastiCache::ServerlessCache': lambda name: {
        'Endpoint.Address': f'{name.lower()}.serverless.euc1.cache.amazonaws.com', 'Endpoint.Port': '11211'},
}


def teach(aws):
    """Adds the types of moto-gaps.json to moto."""
    api = Api(aws)
    for type_name, gap in GAPS['types'].items():
        make = getattr(api, type_name.removeprefix('AWS::').replace('::', '_'), None)
        if (make is not None) != (gap['by'] == 'api'):
            raise AssertionError(f'{type_name} is by {gap["by"]} in moto-gaps.json')
        # moto finds the direct subclasses of CloudFormationModel
        MODELS.append(type(type_name.replace('::', ''), (CloudFormationModel,), members(api, type_name, make)))
        if type_name in parsing.NULL_MODELS:
            parsing.NULL_MODELS.remove(type_name)
        if type_name in NATIVE:
            native = parsing.get_model_map()[type_name]
            native.cloudformation_type = staticmethod(lambda: 'none')
    for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        cached.cache_clear()


def members(api, type_name, make):
    """Of moto's model of a type."""
    def create(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        resource = cls()
        resource.properties = dict(cloudformation_json.get('Properties') or {})
        if make is None:
            resource.physical_resource_id = f'{resource_name}-{uuid.uuid4().hex[:6]}'
            resource.attributes = ATTRIBUTES.get(type_name, lambda name: {})(resource_name)
            RECORDED[resource.physical_resource_id] = resource.properties
        else:
            resource.physical_resource_id, resource.attributes = make(resource_name, dict(resource.properties))
        return resource

    def update(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        properties = dict(cloudformation_json.get('Properties') or {})
        if properties == original_resource.properties:
            return original_resource
        if type_name == 'AWS::S3::BucketPolicy':
            make(new_resource_name, properties)
            original_resource.properties = properties
            return original_resource
        # another resource in the place of this one
        replacement = cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name)
        original_resource.delete(account_id, region_name)
        return replacement

    def delete(self, account_id, region_name):
        api.delete(type_name, self.physical_resource_id, self.properties)

    return {
        'cloudformation_type': staticmethod(lambda: type_name),
        'cloudformation_name_type': staticmethod(lambda: None),
        'has_cfn_attr': classmethod(lambda cls, attr: True),
        'get_cfn_attribute': lambda self, name: self.attributes[name],
        'is_created': lambda self: True,
        'create_from_cloudformation_json': classmethod(create),
        'update_from_cloudformation_json': classmethod(update),
        'delete_from_cloudformation_json': classmethod(lambda cls, *_: None),
        'delete': delete,
    }


def behave(aws):
    """What CloudFormation does that moto does not: roll back, keep what is to be kept, delete what
    moto leaves, and know the outputs of a stack that a change set made."""
    execute = stack_models.CloudFormationBackend.execute_change_set
    parse = parsing.ResourceMap.parse_ssm_parameter
    update = parsing.ResourceMap.update
    delete_resource = parsing.ResourceMap._delete_resource

    def named(backend, name, stack_name):
        """The change set of that name or ARN, or None: of that stack, where moto takes the last of the
        name, of whatever stack."""
        found = [change_set for arn, change_set in backend.change_sets.items()
                 if name in (arn, change_set.change_set_name) and change_set.stack_id in backend.stacks
                 and stack_name in (None, change_set.stack_id, backend.stacks[change_set.stack_id].name)]
        return found[-1] if found else None

    def execute_change_set(self, change_set_name, stack_name=None):
        change_set = named(self, change_set_name, stack_name)
        stack = self.stacks[change_set.stack_id]
        resources, before = stack.resource_map, copy.deepcopy(stack.template_dict)
        given = dict(resources.input_parameters)
        first = change_set.change_set_type == 'CREATE'
        try:
            execute(self, change_set.change_set_id)
            stack._parse_template()
            stack.output_map = stack._create_output_map()
        except Exception as error:
            prefix = '' if first else 'UPDATE_'
            text = str(getattr(error, 'message', None) or error)[:400] or type(error).__name__
            stack._add_stack_event(f'{prefix}ROLLBACK_IN_PROGRESS', resource_status_reason=text)
            stack.status = f'{prefix}ROLLBACK_COMPLETE'
            try:
                if first:
                    delete_resources(resources, keep=('Retain',))
                else:
                    update(resources, before, given)
            except Exception as worse:
                stack.status, text = f'{prefix}ROLLBACK_FAILED', f'{text}; then {worse}'[:400]
            stack._add_stack_event(stack.status, resource_status_reason=text)
            change_set.execution_status = 'EXECUTE_FAILED'

    def asked_for(self):
        return named(self.cloudformation_backend, self._get_param('ChangeSetName'),
                     self._get_param('StackName'))

    def delete_change_set(self):
        # AWS does not mind that there is none; the CLI begins an update with it
        change_set = asked_for(self)
        if change_set:
            del self.cloudformation_backend.change_sets[change_set.change_set_id]
        return EmptyResult()

    def describe_change_set(self):
        change_set = asked_for(self)
        if change_set:
            return ActionResult(change_set)
        error = stack_exceptions.ValidationError(message=f"{self._get_param('ChangeSetName')} does not exist")
        error.code = error.error_type = 'ChangeSetNotFound'
        raise error

    def parse_ssm_parameter(self, value, value_type):
        # of an update that keeps the parameter moto hands over what it stood for
        return value if value.startswith('ami-') else parse(self, value, value_type)

    def delete_resources(self, keep=('Retain', 'RetainExceptOnCreate')):
        waiting = [name for name in reversed(self._parsed_resources)
                   if self._resource_json_map.get(name, {'DeletionPolicy': 'Retain'}).get('DeletionPolicy')
                   not in keep]
        while waiting:
            errors = {}
            for name in waiting:
                try:
                    if self._parsed_resources[name] is not None:
                        self._delete_resource(self._parsed_resources[name], self._resource_json_map[name])
                    self._parsed_resources.pop(name)
                except Exception as error:
                    errors[name] = error
            if len(errors) == len(waiting):
                name, error = errors.popitem()
                raise stack_exceptions.ValidationError(message=f'{name} cannot be deleted: {error}')
            waiting = list(errors)

    def delete_one(self, parsed_resource, resource_json):
        by_api = DELETIONS.get(resource_json['Type'])
        if by_api is None:
            delete_resource(self, parsed_resource, resource_json)
        else:
            by_api(aws.client, parsed_resource.physical_resource_id, parsed_resource)

    create = FakeLoadBalancer.create_from_cloudformation_json.__func__

    def create_balancer(cls, resource_name, cloudformation_json, *arguments, **options):
        balancer = create(cls, resource_name, cloudformation_json, *arguments, **options)
        aws.client('elbv2').modify_load_balancer_attributes(
            LoadBalancerArn=balancer.arn,
            Attributes=cloudformation_json['Properties'].get('LoadBalancerAttributes', []))
        return balancer

    create_plain = FakeBucket.create_from_cloudformation_json.__func__

    def create_bucket(cls, resource_name, cloudformation_json, *arguments, **options):
        bucket = create_plain(cls, resource_name, cloudformation_json, *arguments, **options)
        properties, s3 = cloudformation_json.get('Properties', {}), aws.client('s3')
        if 'PublicAccessBlockConfiguration' in properties:
            s3.put_public_access_block(Bucket=resource_name, PublicAccessBlockConfiguration={
                key: value in (True, 'true') for key, value in properties['PublicAccessBlockConfiguration'].items()})
        if 'VersioningConfiguration' in properties:
            s3.put_bucket_versioning(
                Bucket=resource_name, VersioningConfiguration=properties['VersioningConfiguration'])
        if 'OwnershipControls' in properties:
            s3.put_bucket_ownership_controls(
                Bucket=resource_name, OwnershipControls=properties['OwnershipControls'])
        return bucket

    FakeBucket.create_from_cloudformation_json = classmethod(create_bucket)
    FakeLoadBalancer.create_from_cloudformation_json = classmethod(create_balancer)
    lacking = {'CanonicalHostedZoneID': lambda balancer: BALANCER_ZONE,
               'LoadBalancerFullName': lambda balancer: balancer.arn.partition(':loadbalancer/')[2]}
    known = FakeLoadBalancer.get_cfn_attribute
    FakeLoadBalancer.get_cfn_attribute = lambda self, name: (
        lacking[name](self) if name in lacking else known(self, name))
    FakeTargetGroup.get_cfn_attribute = lambda self, name: {
        'TargetGroupFullName': self.arn.split(':')[-1], 'TargetGroupName': self.name}[name]
    stack_models.CloudFormationBackend.execute_change_set = execute_change_set
    CloudFormationResponse.delete_change_set = delete_change_set
    CloudFormationResponse.describe_change_set = describe_change_set
    parsing.ResourceMap.delete = delete_resources
    parsing.ResourceMap.parse_ssm_parameter = parse_ssm_parameter
    parsing.ResourceMap._delete_resource = delete_one


def detach(client, name, resource):
    vpc, gateway = resource.vpc_id, resource.gateway_id
    client('ec2').detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)


def refuse_protected(client, name, resource):
    attributes = client('elbv2').describe_load_balancer_attributes(LoadBalancerArn=name)['Attributes']
    if {'Key': 'deletion_protection.enabled', 'Value': 'true'} in attributes:
        raise ValueError(f'Load balancer {name} cannot be deleted because deletion protection is enabled')
    client('elbv2').delete_load_balancer(LoadBalancerArn=name)


# what moto's CloudFormation does not delete, or deletes though AWS would refuse
DELETIONS = {
    'AWS::EC2::EIP': lambda client, name, resource: client('ec2').release_address(
        AllocationId=resource.allocation_id),
    'AWS::EC2::FlowLog': lambda client, name, _: client('ec2').delete_flow_logs(FlowLogIds=[name]),
    'AWS::EC2::InternetGateway': lambda client, name, _: client('ec2').delete_internet_gateway(
        InternetGatewayId=name),
    'AWS::EC2::VPCGatewayAttachment': detach,
    'AWS::EC2::LaunchTemplate': lambda client, name, _: client('ec2').delete_launch_template(
        LaunchTemplateId=name),
    'AWS::EC2::NatGateway': lambda client, name, _: client('ec2').delete_nat_gateway(NatGatewayId=name),
    # goes with its route table
    'AWS::EC2::SubnetRouteTableAssociation': lambda *_: None,
    'AWS::EC2::RouteTable': lambda client, name, _: client('ec2').delete_route_table(RouteTableId=name),
    'AWS::EC2::VPCEndpoint': lambda client, name, _: client('ec2').delete_vpc_endpoints(
        VpcEndpointIds=[name]),
    'AWS::ElasticLoadBalancingV2::Listener': lambda client, name, _: client('elbv2').delete_listener(
        ListenerArn=name),
    'AWS::ElasticLoadBalancingV2::ListenerRule': lambda client, name, _: client('elbv2').delete_rule(
        RuleArn=name),
    'AWS::ElasticLoadBalancingV2::LoadBalancer': refuse_protected,
    'AWS::ElasticLoadBalancingV2::TargetGroup': lambda client, name, _: client('elbv2').delete_target_group(
        TargetGroupArn=name),
}


def publish_images(server):
    """Debian's public parameters, which no account can put, and the images that they name."""
    parameters = ssm_backends[ACCOUNT][REGION]._parameters
    for architecture, ec2_name in (('arm64', 'arm64'), ('amd64', 'x86_64')):
        image = server.client('ec2').register_image(
            Name=f'debian-13-{architecture}', Architecture=ec2_name, RootDeviceName='/dev/xvda')['ImageId']
        name = f'/aws/service/debian/release/13/latest/{architecture}'
        parameters[name].append(Parameter(
            account_id=ACCOUNT, name=name, value=image, parameter_type='String', description=None,
            allowed_pattern=None, keyid=None, last_modified_date=datetime.datetime.now(), version=1,
            data_type='aws:ec2:image'))


def publish_certificate(server):
    """The certificate that the stacks name exists, which moto's load balancers ask for."""
    acm = server.client('acm')
    made = acm.request_certificate(DomainName='dashboard.example.org')['CertificateArn']
    known = acm_backends[ACCOUNT][REGION]._certificates
    known[CERTIFICATE] = known.pop(made)
    known[CERTIFICATE].arn = CERTIFICATE
    known[OTHER_CERTIFICATE] = known[CERTIFICATE]


@contextlib.contextmanager
def aws(bootstrap):
    # moto says of each resource whose type it lacks: that is asserted instead
    warnings.filterwarnings('ignore', module='moto')
    server = Aws()
    # before moto knows bucket policies: it would refuse the CLI's uploads
    bootstrap(server)
    teach(server)
    behave(server)
    publish_images(server)
    publish_certificate(server)
    # of the example for ECS
    server.client('ecs').create_cluster(clusterName='applications')
    try:
        yield server
    finally:
        server.close()
