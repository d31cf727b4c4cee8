"""Deploys the ready app, the examples and the variants with the AWS CDK CLI to moto, and looks with
boto3 at what then exists. moto's own word is not enough: it says CREATE_COMPLETE of stacks that have
next to nothing in them, so each check is about a resource as its service describes it."""
import base64
import faulthandler
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../judges'))
import moto_aws
from assemblies import CDK, ENVIRONMENT, NOT_OURS, ROOT, examples, inform, read_json, synth, synth_all, templates

PARAMETERS = {'DomainName': 'dashboard.example.org', 'CertificateArn': moto_aws.CERTIFICATE,
              'KeystoneUrl': 'https://keystone.example.org:5000/v3', 'AlarmEmail': 'on-call@example.org'}
APP = 'OpenStackDashboard'
# synthesized and linted alone: moto has one region, and the zone of the records exists already
TWO_REGIONS = 'two-regions'
# moto fails at a NAT gateway without a subnet, IPv6 addresses of subnets, and listeners for TCP
UNDEPLOYABLE = ('RegionalNat', 'DualStack', 'PrivateLink')
SPOILT = 'sg-0aaaaaaaaaaaaaaaa'


def setUpModule():
    global aws, folder, assemblies
    scratch = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(scratch.cleanup)
    folder = scratch.name
    assemblies = synth_all(folder)
    del assemblies['unflagged'], assemblies[NOT_OURS]
    inform(f'skipped by name: {NOT_OURS}, which fails strict synthesis as it should')
    inform(f'not deployed: {TWO_REGIONS}, which has two regions; the variant Failover has its records')
    context = moto_aws.aws(lambda server: cdk(server, 'bootstrap', f'aws://{moto_aws.ACCOUNT}/{moto_aws.REGION}'))
    aws = context.__enter__()
    unittest.addModuleCleanup(context.__exit__, None, None, None)
    # moto gives the first subnet of a zone public addresses, whatever its template says: here it is of no stack
    ec2 = aws.client('ec2')
    vpc = ec2.create_vpc(CidrBlock='10.255.0.0/16')['Vpc']['VpcId']
    for number, zone in enumerate(ec2.describe_availability_zones()['AvailabilityZones']):
        ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.255.{number}.0/24', AvailabilityZone=zone['ZoneName'])


def tearDownModule():
    inform(f'moto: {sum(aws.operations.values())} requests of {len(aws.operations)} operations')


def cdk(server, *arguments, check=True):
    command = [*CDK, *arguments, '--ci', '--no-notices', '--progress', 'events']
    try:
        result = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1800,
            env={**ENVIRONMENT, 'AWS_ENDPOINT_URL': server.url})
    except subprocess.TimeoutExpired as error:
        said = (error.stdout or b'').decode()[-4000:]
        faulthandler.dump_traceback(all_threads=True, file=sys.stdout)
        raise AssertionError(f'cdk {" ".join(arguments)} does not end:\n{said}') from None
    if check and result.returncode:
        raise AssertionError(f'cdk {" ".join(arguments)}:\n{result.stdout[-4000:]}')
    return result


def deploy(assembly, *stacks, check=True):
    parameters = [word for name, value in PARAMETERS.items() for word in ('--parameters', f'{APP}:{name}={value}')]
    return cdk(aws, 'deploy', *(stacks or ['--all']), '--app', assembly, '--require-approval', 'never',
               *(parameters if APP in stacks else ()), check=check)


def destroy(assembly, *stacks):
    cdk(aws, 'destroy', *(stacks or ['--all']), '--app', assembly, '--force')


def status(stack):
    """Of the stack of that name that is there, else of one that was deleted."""
    found = [summary['StackStatus'] for summary in aws.client('cloudformation').list_stacks()['StackSummaries']
             if summary['StackName'] == stack]
    return min(found, key='DELETE_COMPLETE'.__eq__, default='none')


class Stack:
    """What one stack has, by its services."""

    def __init__(self, name, template):
        self.name, self.template = name, template
        self.ids = {}
        for resource in aws.client('cloudformation').describe_stack_resources(StackName=name)['StackResources']:
            self.ids[resource['LogicalResourceId']] = resource.get('PhysicalResourceId')

    def logical(self, kind):
        return [name for name, resource in self.template['Resources'].items() if resource['Type'] == kind]

    def physical(self, kind):
        found = [self.ids.get(name) for name in self.logical(kind)]
        if None in found:
            raise AssertionError(f'{self.name}: a {kind} was not made: {self.logical(kind)}')
        return found

    def groups(self):
        wanted = self.physical('AWS::AutoScaling::AutoScalingGroup')
        found = aws.client('autoscaling').describe_auto_scaling_groups(
            AutoScalingGroupNames=wanted)['AutoScalingGroups'] if wanted else []
        if len(found) != len(wanted):
            raise AssertionError(f'{self.name}: {len(found)} scaling groups, not {len(wanted)}')
        return found

    def launch_data(self, group):
        wanted = group['LaunchTemplate']
        version, = aws.client('ec2').describe_launch_template_versions(
            LaunchTemplateId=wanted['LaunchTemplateId'], Versions=['$Latest'])['LaunchTemplateVersions']
        return version['VersionNumber'], version['LaunchTemplateData']


class Checks(unittest.TestCase):
    maxDiff = None

    def look(self, stack):
        """What holds for every stack of this package."""
        self.look_at_hosts(stack)
        self.look_at_bakes(stack)
        self.look_at_the_way_in(stack)
        self.look_at_names(stack)
        self.look_at_security_groups(stack)
        self.look_at_buckets(stack)
        self.look_at_sessions(stack)
        self.look_at_roles(stack)
        self.look_at_alarms(stack)

    def look_at_hosts(self, stack):
        ec2 = aws.client('ec2')
        for group in stack.groups():
            self.assertEqual(len(group['Instances']), group['MinSize'])
            self.assertGreater(group['MaxSize'], group['MinSize'])
            self.assertGreaterEqual(group['MinSize'], 2)
            self.assertEqual(group['HealthCheckType'], 'ELB')
            self.assertEqual(len(group['TargetGroupARNs']), 1)
            subnets = ec2.describe_subnets(SubnetIds=group['VPCZoneIdentifier'].split(','))['Subnets'] \
                if not group['VPCZoneIdentifier'].startswith('subnet-0123456789') else []
            self.assertEqual(len({subnet['AvailabilityZone'] for subnet in subnets}), len(subnets))
            for subnet in subnets:
                self.assertFalse(subnet['MapPublicIpOnLaunch'])
            _, data = stack.launch_data(group)
            self.assertEqual(data['MetadataOptions']['HttpTokens'], 'required')
            self.assertEqual(data['MetadataOptions']['HttpPutResponseHopLimit'], 1)
            self.assertTrue(all(device['Ebs']['Encrypted'] for device in data['BlockDeviceMappings']))
            self.assertFalse(data['NetworkInterfaces'][0]['AssociatePublicIpAddress'])
            self.assertRegex(self.image(data['ImageId']), '^ami-')
            script = base64.b64decode(data['UserData'])
            self.assertLess(len(script), 16384)
            self.assertTrue(script.startswith(b'#!/bin/bash\n'))
            # nothing that only CloudFormation or the CDK understand is left
            for mark in (b'${Token', b'Fn::', b"{'Ref'", b'{"Ref"', b'None.'):
                self.assertNotIn(mark, script)
            self.assertIn(group['AutoScalingGroupName'].split('-')[-2].encode(), script)
            policies = aws.client('autoscaling').describe_policies(
                AutoScalingGroupName=group['AutoScalingGroupName'])['ScalingPolicies']
            for policy in policies:
                label = policy['TargetTrackingConfiguration']['PredefinedMetricSpecification'].get('ResourceLabel')
                if label:
                    self.assertRegex(label, r'^app/[^/]+/[^/]+/targetgroup/[^/]+/[^/]+$')

    @staticmethod
    def image(wanted):
        """Its ID, of which EC2 reads the parameter when it launches an instance."""
        parameter = wanted.removeprefix('resolve:ssm:')
        return wanted if parameter == wanted else aws.client('ssm').get_parameter(
            Name=parameter)['Parameter']['Value']

    def look_at_bakes(self, stack):
        for machine in stack.physical('AWS::StepFunctions::StateMachine'):
            found = aws.client('stepfunctions').describe_state_machine(stateMachineArn=machine)
            first = json.loads(found['definition'])['States'].get('Begin', {}).get('Assign', {})
            if 'bakeTemplate' not in first:
                continue
            self.assertIn(first['parameter'], stack.physical('AWS::SSM::Parameter'))
            self.assertIn(first['group'], stack.physical('AWS::AutoScaling::AutoScalingGroup'))
            profiles = set()
            for stage in ('bake', 'test'):
                version, = aws.client('ec2').describe_launch_template_versions(
                    LaunchTemplateId=first[f'{stage}Template'], Versions=[first[f'{stage}Version']]
                )['LaunchTemplateVersions']
                data = version['LaunchTemplateData']
                self.assertEqual(data['InstanceInitiatedShutdownBehavior'], 'stop')
                self.assertEqual(data['MetadataOptions']['HttpTokens'], 'required')
                self.assertTrue(all(device['Ebs']['Encrypted'] for device in data['BlockDeviceMappings']))
                self.assertFalse(data['NetworkInterfaces'][0]['AssociatePublicIpAddress'])
                self.assertRegex(self.image(data['ImageId']), '^ami-')
                profiles.add(data['IamInstanceProfile']['Arn'])
                script = base64.b64decode(data['UserData']).decode()
                self.assertEqual(re.findall(r'IMAGE_STAGE="(\w+)"', script), [stage])
            # what builds an image has another role than hosts
            self.assertEqual(len(profiles), 2)

    def look_at_the_way_in(self, stack):
        elb = aws.client('elbv2')
        for balancer in stack.physical('AWS::ElasticLoadBalancingV2::LoadBalancer'):
            listeners = {listener['Port']: listener for listener in
                         elb.describe_listeners(LoadBalancerArn=balancer)['Listeners']}
            self.assertEqual(listeners[443]['Protocol'], 'HTTPS')
            self.assertEqual(len(listeners[443]['Certificates']), 1)
            self.assertRegex(listeners[443]['SslPolicy'], 'TLS13-1-[23]')
            if 80 in listeners:
                redirect = listeners[80]['DefaultActions'][0]['RedirectConfig']
                self.assertEqual((redirect['Protocol'], redirect['StatusCode']), ('HTTPS', 'HTTP_301'))
            rules = elb.describe_rules(ListenerArn=listeners[443]['ListenerArn'])['Rules']
            own = [rule for rule in rules if rule['Priority'] != 'default']
            self.assertEqual(len(own), len(stack.logical('AWS::ElasticLoadBalancingV2::ListenerRule')))
            self.assertEqual(len({rule['Priority'] for rule in own}), len(own))
            for rule in own:
                self.assertTrue(rule['Conditions'])
            default, = [rule for rule in rules if rule['Priority'] == 'default']
            self.assertEqual(default['Actions'][0]['Type'], 'fixed-response')
            attributes = {attribute['Key']: attribute['Value'] for attribute in
                          elb.describe_load_balancer_attributes(LoadBalancerArn=balancer)['Attributes']}
            self.assertEqual(attributes['routing.http.drop_invalid_header_fields.enabled'], 'true')
            self.assertEqual(attributes['access_logs.s3.enabled'], 'true')
        targets = stack.physical('AWS::ElasticLoadBalancingV2::TargetGroup')
        for target in elb.describe_target_groups(TargetGroupArns=targets)['TargetGroups'] if targets else []:
            self.assertEqual((target['Protocol'], target['Port']), ('HTTPS', 443))
            self.assertEqual((target['HealthCheckPath'], target['HealthCheckProtocol']), ('/healthz', 'HTTPS'))

    def look_at_names(self, stack):
        route53 = aws.client('route53')
        balancers = aws.client('elbv2').describe_load_balancers()['LoadBalancers']
        names = {f'dualstack.{balancer["DNSName"]}.' for balancer in balancers}
        records = [record for zone in stack.physical('AWS::Route53::HostedZone')
                   for record in route53.list_resource_record_sets(HostedZoneId=zone)['ResourceRecordSets']
                   if record['Type'] in ('A', 'AAAA')]
        self.assertEqual(len(records), len(stack.logical('AWS::Route53::RecordSet')))
        for record in records:
            self.assertIn(record['AliasTarget']['DNSName'].rstrip('.') + '.', names)
            self.assertEqual(record['AliasTarget']['HostedZoneId'], moto_aws.BALANCER_ZONE)

    def look_at_security_groups(self, stack):
        groups = stack.physical('AWS::EC2::SecurityGroup')
        if not groups:
            return
        found = aws.client('ec2').describe_security_groups(GroupIds=groups)['SecurityGroups']
        self.assertEqual(len(found), len(groups))
        for group in found:
            for rule in group['IpPermissions']:
                # from anywhere: the load balancer's two ports, and nothing else
                if any(span['CidrIp'] == '0.0.0.0/0' for span in rule['IpRanges']) or rule['Ipv6Ranges']:
                    self.assertIn((rule['FromPort'], rule['ToPort']), [(443, 443), (80, 80)], group)
                self.assertNotEqual(rule['IpProtocol'], '-1', group)
        for group in found:
            if 'emcached' not in group['GroupName'] and 'Sessions' not in group['GroupName']:
                continue
            for rule in group['IpPermissions']:
                self.assertTrue(rule['UserIdGroupPairs'] and not rule['IpRanges'], group)

    def look_at_buckets(self, stack):
        s3 = aws.client('s3')
        for bucket in stack.physical('AWS::S3::Bucket'):
            block = s3.get_public_access_block(Bucket=bucket)['PublicAccessBlockConfiguration']
            self.assertTrue(all(block.values()), bucket)
            self.assertTrue(s3.get_bucket_encryption(Bucket=bucket))
            policy = json.loads(s3.get_bucket_policy(Bucket=bucket)['Policy'])
            denied = [statement for statement in policy['Statement'] if statement['Effect'] == 'Deny'
                      and statement.get('Condition', {}).get('Bool', {}).get('aws:SecureTransport') == 'false']
            self.assertEqual(len(denied), 1, bucket)
            for statement in policy['Statement']:
                if statement['Effect'] == 'Allow':
                    self.assertNotIn(statement['Principal'], ('*', {'AWS': '*'}))
                resources = statement['Resource']
                for resource in resources if isinstance(resources, list) else [resources]:
                    self.assertTrue(resource.startswith(f'arn:aws:s3:::{bucket}'), resource)

    def look_at_sessions(self, stack):
        for cluster in stack.physical('AWS::ElastiCache::CacheCluster'):
            given = moto_aws.RECORDED[cluster]
            self.assertIn(given['TransitEncryptionEnabled'], (True, 'true'))
            self.assertGreaterEqual(given['NumCacheNodes'], 2)
            self.assertEqual(len(given['PreferredAvailabilityZones']), given['NumCacheNodes'])
            described, = aws.client('elasticache').describe_cache_clusters(CacheClusterId=cluster)['CacheClusters']
            self.assertEqual(described['Engine'], 'memcached')
        for secret in stack.physical('AWS::SecretsManager::Secret'):
            value = aws.client('secretsmanager').get_secret_value(SecretId=secret)['SecretString']
            self.assertGreaterEqual(len(value), 64)
            self.assertRegex(value, '^[A-Za-z0-9]+$')

    def look_at_alarms(self, stack):
        cloudwatch = aws.client('cloudwatch')
        names = stack.physical('AWS::CloudWatch::Alarm')
        found = [alarm for page in cloudwatch.get_paginator('describe_alarms').paginate()
                 for alarm in page['MetricAlarms'] if alarm['AlarmName'] in names]
        self.assertEqual(len(found), len(names))
        checks = [resource['Properties']['HealthCheckConfig'] for resource in stack.template['Resources'].values()
                  if resource['Type'] == 'AWS::Route53::HealthCheck']
        # Route 53 reads these
        read = [stack.ids[check['AlarmIdentifier']['Name']['Ref']] for check in checks if 'AlarmIdentifier' in check]
        for alarm in found:
            self.assertEqual(len(alarm['AlarmActions']), 0 if alarm['AlarmName'] in read else 1, alarm['AlarmName'])
            self.assertEqual(alarm['AlarmActions'], alarm['OKActions'])
            # of one metric, or of an expression over several
            self.assertTrue(alarm.get('MetricName') or alarm.get('Metrics'), alarm['AlarmName'])
        for composite in stack.physical('AWS::CloudWatch::CompositeAlarm'):
            rule = moto_aws.RECORDED[composite]['AlarmRule']
            watched = re.findall(r'ALARM\("([^"]+)"\)', rule)
            self.assertTrue(watched, rule)
            self.assertLessEqual(set(watched), {alarm['AlarmArn'] for alarm in found})
        for name in stack.physical('AWS::CloudWatch::Dashboard'):
            body = json.loads(cloudwatch.get_dashboard(DashboardName=name)['DashboardBody'])
            self.assertGreater(len(body['widgets']), 5)

    def look_at_roles(self, stack):
        iam = aws.client('iam')
        for name in stack.physical('AWS::IAM::Role'):
            role = iam.get_role(RoleName=name)['Role']
            for statement in role['AssumeRolePolicyDocument']['Statement']:
                self.assertIn('Service', statement['Principal'])
            for policy in iam.list_role_policies(RoleName=name)['PolicyNames']:
                document = iam.get_role_policy(RoleName=name, PolicyName=policy)['PolicyDocument']
                for statement in document['Statement']:
                    actions = statement['Action']
                    for action in actions if isinstance(actions, list) else [actions]:
                        self.assertNotEqual(action, '*')
                        self.assertFalse(action.endswith(':*'), action)


class Deployments(Checks):
    def stack(self, assembly, name):
        self.assertIn(status(name), ('CREATE_COMPLETE', 'UPDATE_COMPLETE'))
        return Stack(name, read_json(assembly, f'{name}.template.json'))

    def test_what_moto_lacks_is_listed_and_nothing_else(self):
        types = set()
        for path in templates(assemblies).values():
            types |= {resource['Type'] for resource in read_json(path)['Resources'].values()}
        gaps = moto_aws.GAPS['types']
        for name, gap in gaps.items():
            inform(f'moto does not make {name} ({gap["by"]}): {gap["reason"]}')
        for name, text in moto_aws.GAPS['behaviors'].items():
            inform(f'moto and {name}: {text}')
        # a custom resource of the CDK's, in stacks without our network
        lacking = {name for name in types - moto_aws.NATIVE if not name.startswith('Custom::')}
        listed = {name for name, gap in gaps.items() if not gap.get('native')}
        self.assertEqual(sorted(lacking - listed), [], 'not in moto-gaps.json')
        self.assertEqual(sorted(listed - lacking), [], 'in moto-gaps.json, and not lacking any more')

    def test_the_ready_app_is_deployed_updated_rolled_back_and_deleted(self):
        first = assemblies['app']
        deploy(first, APP)
        stack = self.stack(first, APP)
        self.look(stack)
        self.assertEqual(len(stack.groups()), 2)
        outputs = {output['OutputKey']: output['OutputValue'] for output in
                   aws.client('cloudformation').describe_stacks(StackName=APP)['Stacks'][0]['Outputs']}
        self.assertEqual(outputs['DashboardUrl'], 'https://dashboard.example.org/')
        before = {group['AutoScalingGroupName']: stack.launch_data(group) for group in stack.groups()}
        ids = dict(stack.ids)

        # an update: other settings reach the dashboard hosts as another version of their template
        second = synth(f'{folder}/app-updated', None, '-c', 'timeZone=Europe/Berlin')
        deploy(second, APP)
        self.assertEqual(status(APP), 'UPDATE_COMPLETE')
        stack = self.stack(second, APP)
        changed = {group['AutoScalingGroupName'] for group in stack.groups()
                   if stack.launch_data(group)[1]['UserData']
                   != before[group['AutoScalingGroupName']][1]['UserData']}
        self.assertEqual(len(changed), 1, changed)
        for group in stack.groups():
            version, data = stack.launch_data(group)
            if group['AutoScalingGroupName'] in changed:
                self.assertEqual(version, before[group['AutoScalingGroupName']][0] + 1)
                self.assertNotEqual(data['UserData'], before[group['AutoScalingGroupName']][1]['UserData'])
        # nothing that has state is another one
        for kind in ('AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::ElastiCache::CacheCluster',
                     'AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::EC2::VPC'):
            for name in stack.logical(kind):
                self.assertEqual(stack.ids[name], ids[name], name)

        # an update that fails halfway: back to what was
        third = synth(f'{folder}/app-failing', None, '-c', 'timeZone=Europe/Paris')
        self.spoil(third, APP)
        updated = {group['AutoScalingGroupName']: stack.launch_data(group)[1]['UserData']
                   for group in stack.groups()}
        result = deploy(third, APP, check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(SPOILT, result.stdout)
        self.assertEqual(status(APP), 'UPDATE_ROLLBACK_COMPLETE')
        again = Stack(APP, read_json(second, f'{APP}.template.json'))
        self.look(again)
        self.assertEqual({group['AutoScalingGroupName']: again.launch_data(group)[1]['UserData']
                          for group in again.groups()}, updated)

        # what a deletion leaves is what is to be kept
        policies = {resource.get('DeletionPolicy') for resource in again.template['Resources'].values()
                    if resource['Type'] == 'AWS::S3::Bucket'}
        self.assertTrue(policies <= {'Retain', 'RetainExceptOnCreate'}, policies)
        elb = aws.client('elbv2')
        for balancer in again.physical('AWS::ElasticLoadBalancingV2::LoadBalancer'):
            elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[
                {'Key': 'deletion_protection.enabled', 'Value': 'false'}])
        buckets, groups = again.physical('AWS::S3::Bucket'), again.groups()
        destroy(second, APP)
        self.assertEqual(status(APP), 'DELETE_COMPLETE')
        self.assertTrue(set(buckets) <= {bucket['Name'] for bucket in aws.client('s3').list_buckets()['Buckets']})
        self.nothing_left(APP, [group['AutoScalingGroupName'] for group in groups])

    def spoil(self, assembly, name):
        """A resource that its service refuses, and that comes last."""
        path = f'{assembly}/{name}.template.json'
        template = read_json(path)
        template['Resources']['ZSpoilt'] = {
            'Type': 'AWS::EC2::SecurityGroupIngress',
            'Properties': {'GroupId': SPOILT, 'IpProtocol': 'tcp', 'FromPort': 1, 'ToPort': 1, 'CidrIp': '10.0.0.0/8'}}
        with open(path, 'w') as file:
            json.dump(template, file)
        # the CLI knows templates by the hash of their content
        assets = read_json(assembly, f'{name}.assets.json')
        text = json.dumps(assets)
        for digest in list(assets['files']):
            text = text.replace(digest, f'f{digest[1:]}')
            manifest = f'{assembly}/manifest.json'
            with open(manifest) as file:
                content = file.read()
            with open(manifest, 'w') as file:
                file.write(content.replace(digest, f'f{digest[1:]}'))
        with open(f'{assembly}/{name}.assets.json', 'w') as file:
            file.write(text)

    def nothing_left(self, name, groups=()):
        prefix = name.lower()
        left = {
            'groups': [group['AutoScalingGroupName'] for group in
                       aws.client('autoscaling').describe_auto_scaling_groups()['AutoScalingGroups']],
            'load balancers': [balancer['LoadBalancerName'] for balancer in
                               aws.client('elbv2').describe_load_balancers()['LoadBalancers']],
            'target groups': [target['TargetGroupName'] for target in
                              aws.client('elbv2').describe_target_groups()['TargetGroups']],
            'roles': [role['RoleName'] for role in aws.client('iam').list_roles()['Roles']],
        }
        left = {kind: [item for item in items if item.lower().startswith(prefix)] for kind, items in left.items()}
        gateways = aws.client('ec2').describe_nat_gateways()['NatGateways']
        left['NAT gateways'] = [gateway['NatGatewayId'] for gateway in gateways if gateway['State'] == 'available'
                                and self.of_stack(gateway, name)]
        left['networks'] = [vpc['VpcId'] for vpc in aws.client('ec2').describe_vpcs()['Vpcs']
                            if self.of_stack(vpc, name)]
        self.assertEqual({kind: items for kind, items in left.items() if items}, {})

    @staticmethod
    def of_stack(item, name):
        return {'Key': 'aws:cloudformation:stack-name', 'Value': name} in item.get('Tags', [])

    def test_a_first_deployment_that_fails_leaves_nothing(self):
        assembly = synth(f'{folder}/first-failing', 'test/system/judges/variants.js')
        self.spoil(assembly, 'Defaults')
        result = deploy(assembly, 'Defaults', check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(SPOILT, result.stdout)
        self.assertEqual(status('Defaults'), 'ROLLBACK_COMPLETE')
        self.nothing_left('Defaults-')
        self.assertEqual([bucket['Name'] for bucket in aws.client('s3').list_buckets()['Buckets']
                          if bucket['Name'].startswith('defaults-')], [])
        aws.client('cloudformation').delete_stack(StackName='Defaults')

    def test_variants(self):
        assembly = assemblies['variants']
        found = [entry.name.removesuffix('.template.json') for entry in os.scandir(assembly)
                 if entry.name.endswith('.template.json')]
        wanted = sorted(name for name in found if name not in ('Defaults', *UNDEPLOYABLE))
        inform(f'not deployed: {UNDEPLOYABLE}, which moto does not support')
        deploy(assembly, *wanted)
        for name in wanted:
            with self.subTest(name):
                self.look(self.stack(assembly, name))
        self.assertEqual(len(self.stack(assembly, 'BakedImages').physical('AWS::SSM::Parameter')), 2)

    def test_examples(self):
        for example in examples():
            if example in (NOT_OURS, TWO_REGIONS):
                continue
            with self.subTest(example):
                assembly = assemblies[example]
                deploy(assembly)
                for entry in sorted(os.listdir(assembly)):
                    if entry.endswith('.template.json'):
                        stack = self.stack(assembly, entry.removesuffix('.template.json'))
                        self.look(stack)
                        elb = aws.client('elbv2')
                        for balancer in stack.physical('AWS::ElasticLoadBalancingV2::LoadBalancer'):
                            elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[
                                {'Key': 'deletion_protection.enabled', 'Value': 'false'}])
                destroy(assembly)


if __name__ == '__main__':
    unittest.main()
