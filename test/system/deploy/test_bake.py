"""Executes the state machine that builds machine images: moto's interpreter of the Amazon States
Language, and moto's EC2 and Parameter Store. An implementation of JSONata takes the place of the JVM
that moto's interpreter was written for. The instances power themselves off, or do not."""
import base64
import datetime
import json
import os
import re
import time
import unittest
from unittest import mock

import boto3
import jsonata
from moto import mock_aws
from moto.ec2.models import ec2_backends
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_aws_sdk
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function
from moto.stepfunctions.parser.asl.jsonata import jsonata as expressions

ROOT = os.path.join(os.path.dirname(__file__), '../../..')
ACCOUNT, REGION = '123456789012', 'eu-central-1'
PARAMETER = '/example/static'
TAG = 'cdk-openstack-dashboard:'
CONSOLE = 'noise\nopenstack-dashboard: FAILED: packages: no mirror\r\nmore\n'
with open(f'{ROOT}/lib/image/files/bake.asl.json') as file:
    DEFINITION = json.load(file)
ROLE = {'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Principal': {'Service': 'states.amazonaws.com'}, 'Action': 'sts:AssumeRole'}]}


def evaluate(expression):
    try:
        return jsonata.Jsonata(expression).evaluate(None)
    except Exception as error:
        raise expressions.JSONataException('UNKNOWN', f'{error}: {expression}') from error


def declarations(bindings):
    # moto's own does not escape text
    return ''.join(f'{name}:={json.dumps(value, default=str)};' for name, value in bindings.items())


class Bake(unittest.TestCase):
    def setUp(self):
        for patch in (
                mock.patch.dict(os.environ, AWS_ACCESS_KEY_ID='test', AWS_SECRET_ACCESS_KEY='test',
                                AWS_DEFAULT_REGION=REGION),
                mock_aws(config={'stepfunctions': {'execute_state_machine': True}}),
                mock.patch.object(expressions, '_eval_jsonata', evaluate),
                # Nothing takes time: an instance powers itself off while the state machine waits
                mock.patch.object(wait_function.WaitFunction, '_wait_interval', lambda *_, **__: self.power_off()),
                mock.patch.object(retrier_decl, 'time', mock.Mock()),
                mock.patch.object(state_task_service_aws_sdk.StateTaskServiceAwsSdk, '_eval_service_task',
                                  self.call(state_task_service_aws_sdk.StateTaskServiceAwsSdk._eval_service_task))):
            patch.start()
            self.addCleanup(patch.stop)
        for module in list(__import__('sys').modules.values()):
            if getattr(module, '__name__', '').startswith('moto.stepfunctions') and \
                    hasattr(module, 'encode_jsonata_variable_declarations'):
                patch = mock.patch.object(module, 'encode_jsonata_variable_declarations', declarations)
                patch.start()
                self.addCleanup(patch.stop)
        self.ec2, self.ssm, self.states = (boto3.client(name, REGION) for name in ('ec2', 'ssm', 'stepfunctions'))
        role = boto3.client('iam', REGION).create_role(RoleName='role', AssumeRolePolicyDocument=json.dumps(ROLE))
        self.role = role['Role']['Arn']
        self.base = self.ec2.describe_images(Owners=['amazon'])['Images'][0]['ImageId']
        self.templates = {
            stage: self.ec2.create_launch_template(LaunchTemplateName=stage, LaunchTemplateData={
                'ImageId': self.base, 'InstanceType': 't4g.nano'})['LaunchTemplate']['LaunchTemplateId']
            for stage in ('bake', 'test')}
        self.publish(self.base)
        self.calls, self.failures, self.created = [], {}, 0

    def call(self, real):
        """Records a call, and answers those that moto cannot."""
        test = self

        def eval_service_task(self, env, resource_runtime_part, normalised_parameters, state_credentials):
            action = self._get_boto_service_action()
            test.calls.append((action, normalised_parameters))
            stand_in = getattr(test, action, None)
            if test.failures.get(action):
                test.failures[action] -= 1
                raise RuntimeError(f'{action} "fails"')
            if stand_in:
                env.stack.append(stand_in(**normalised_parameters))
            else:
                real(self, env, resource_runtime_part, normalised_parameters, state_credentials)
                env.stack.append(json.loads(json.dumps(env.stack.pop(), default=str)))
        return eval_service_task

    def get_console_output(self, InstanceId):
        # The API encodes it, and only command line tools decode it
        return {'InstanceId': InstanceId, 'Output': base64.b64encode(CONSOLE.encode()).decode()}

    def create_image(self, TagSpecifications, **arguments):
        # moto only tags images
        of_image, of_snapshot = TagSpecifications
        self.assertEqual((of_image['ResourceType'], of_snapshot['ResourceType']), ('image', 'snapshot'))
        answer = self.ec2.create_image(TagSpecifications=[of_image], **arguments)
        # moto's dates are whole seconds, in which there may be several images
        self.created += 1
        image = ec2_backends[ACCOUNT][REGION].amis[answer['ImageId']]
        image.creation_date = datetime.datetime(2026, 1, 1) + datetime.timedelta(minutes=self.created)
        return {'ImageId': answer['ImageId']}

    def start_instance_refresh(self, AutoScalingGroupName, Preferences):
        self.assertEqual((AutoScalingGroupName, Preferences), ('group', {'SkipMatching': False}))
        return {'InstanceRefreshId': '1'}

    def describe_launch_template_versions(self, Versions, Filters):
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
        self.assertEqual(Versions, ['$Latest', '$Default'])
        (image_filter,) = Filters
        self.assertEqual(image_filter['Name'], 'image-id')
        found = []
        for template in self.ec2.describe_launch_templates()['LaunchTemplates']:
            found += self.ec2.describe_launch_template_versions(
                LaunchTemplateId=template['LaunchTemplateId'], Versions=Versions)['LaunchTemplateVersions']
        return {'LaunchTemplateVersions': [
            {'LaunchTemplateData': version['LaunchTemplateData']} for version in found
            if version['LaunchTemplateData'].get('ImageId') in image_filter['Values']]}

    def publish(self, image):
        self.ssm.put_parameter(Name=PARAMETER, Value=image, Type='String', DataType='aws:ec2:image', Overwrite=True)

    @property
    def published(self):
        return self.ssm.get_parameter(Name=PARAMETER)['Parameter']['Value']

    def images(self):
        """Of bakes, the oldest first."""
        found = self.ec2.describe_images(
            Owners=['self'], Filters=[{'Name': f'tag:{TAG}image', 'Values': [PARAMETER]}])['Images']
        return [image['ImageId'] for image in sorted(found, key=lambda image: image['CreationDate'])]

    def running(self):
        states = [{'Name': 'instance-state-name', 'Values': ['pending', 'running', 'stopping', 'stopped']},
                  {'Name': f'tag:{TAG}image', 'Values': [PARAMETER]}]
        return [instance for reservation in self.ec2.describe_instances(Filters=states)['Reservations']
                for instance in reservation['Instances']]

    def power_off(self):
        for instance in self.running():
            name = next(tag['Value'] for tag in instance['Tags'] if tag['Key'] == 'Name')
            if name.split()[-1] in self.powers_off and instance['State']['Name'] == 'running':
                self.ec2.stop_instances(InstanceIds=[instance['InstanceId']])

    def execute(self, source=None, powers_off=('bake', 'test'), **values):
        self.powers_off = powers_off
        values = {'PARAMETER': PARAMETER, 'RECIPE': 'recipe', 'KEEP': 2, 'GROUP': 'group', 'MOST_LOOKS': 8,
                  'BAKE_TEMPLATE': self.templates['bake'], 'BAKE_VERSION': '1',
                  'TEST_TEMPLATE': self.templates['test'], 'TEST_VERSION': '1', **values}
        text = re.sub(r'"@([A-Z_]+)@"', lambda name: json.dumps(values[name[1]]), json.dumps(DEFINITION))
        text = re.sub(r'"MaxAttempts": \d+', '"MaxAttempts": 1', text)
        machine = self.states.create_state_machine(
            name=f'machine-{time.monotonic_ns()}', definition=text, roleArn=self.role)['stateMachineArn']
        self.calls.clear()
        execution = self.states.start_execution(
            stateMachineArn=machine, name=f'execution-{time.monotonic_ns()}', input=json.dumps({'source': source} if source else {}))['executionArn']
        end = time.monotonic() + 600
        while time.monotonic() < end:
            found = self.states.describe_execution(executionArn=execution)
            if found['status'] != 'RUNNING':
                return found
            time.sleep(0.05)
        self.fail(f'the execution does not end: {self.calls[-3:]}')

    def bake(self, **options):
        found = self.execute(**options)
        self.assertEqual(found['status'], 'SUCCEEDED', found.get('cause'))
        return self.published

    def called(self, name):
        return [arguments for each, arguments in self.calls if each == name]

    def test_an_image_is_built_tested_and_published(self):
        image = self.bake()
        self.assertEqual(self.images(), [image])
        self.assertEqual(self.running(), [])
        build, test = self.called('run_instances')
        self.assertEqual(build['LaunchTemplate']['LaunchTemplateId'], self.templates['bake'])
        self.assertNotIn('ImageId', build)
        self.assertEqual(test['LaunchTemplate']['LaunchTemplateId'], self.templates['test'])
        self.assertEqual(test['ImageId'], image)
        self.assertLessEqual(len(build['ClientToken']), 64)
        self.assertNotEqual(build['ClientToken'], test['ClientToken'])
        order = [name for name, _ in self.calls]
        last_look = len(order) - 1 - order[::-1].index('describe_instances')
        self.assertLess(last_look, order.index('put_parameter'))
        self.assertLess(order.index('put_parameter'), order.index('start_instance_refresh'))

    def test_old_images_are_kept_by_number_unless_they_are_in_use(self):
        first, second = self.bake(), self.bake()
        self.assertEqual(self.images(), [first, second])
        self.ec2.run_instances(ImageId=second, MinCount=1, MaxCount=1)
        third = self.bake()
        self.assertEqual(self.images(), [second, third])
        self.ec2.create_launch_template(LaunchTemplateName='other', LaunchTemplateData={'ImageId': third})
        fourth = self.bake()
        # the second one has an instance
        self.assertEqual(self.images(), [second, third, fourth])
        fifth, sixth = self.bake(), self.bake()
        self.assertEqual(self.images(), [second, third, fifth, sixth])
        self.assertTrue(self.called('delete_snapshot'))

    def test_a_bake_that_fails_leaves_everything_as_it_was(self):
        before = self.bake()
        snapshots = self.ec2.describe_snapshots(OwnerIds=['self'])['Snapshots']
        for powers_off, stage in (((), 'bake'), (('bake',), 'test')):
            with self.subTest(stage=stage):
                found = self.execute(powers_off=powers_off)
                self.assertEqual((found['status'], found['error']), ('FAILED', 'BakeFailed'))
                self.assertRegex(found['cause'], f'instance of the {stage} has not powered itself off')
                self.assertRegex(found['cause'], 'openstack-dashboard: FAILED: packages: no mirror$')
                self.assertEqual((self.published, self.images(), self.running()), (before, [before], []))
                self.assertEqual(self.ec2.describe_snapshots(OwnerIds=['self'])['Snapshots'], snapshots)
                self.assertEqual(self.called('start_instance_refresh'), [])

    def test_a_call_that_fails_leaves_everything_as_it_was(self):
        before = self.bake()
        for action in ('run_instances', 'describe_instances', 'create_image', 'create_tags', 'put_parameter'):
            with self.subTest(action=action):
                self.failures = {action: 2}
                found = self.execute()
                self.assertEqual(found['status'], 'FAILED')
                self.assertIn(f'{action} "fails"', found['cause'])
                self.assertEqual((self.published, self.images(), self.running()), (before, [before], []))
                self.failures = {action: 1}
                self.assertNotEqual(self.bake(), before)
                self.ec2.deregister_image(ImageId=self.published)
                self.publish(before)

    def test_a_refresh_that_fails_does_not_take_the_image_back(self):
        self.failures = {'start_instance_refresh': 2}
        found = self.execute()
        self.assertEqual(found['status'], 'FAILED')
        self.assertEqual(self.images(), [self.published])

    def test_hosts_stay_if_they_are_not_to_be_replaced(self):
        self.bake(GROUP='')
        self.assertEqual(self.called('start_instance_refresh'), [])

    def test_a_deployment_builds_an_image_only_if_something_in_it_has_changed(self):
        first = self.bake(source='aws.cloudformation')
        self.assertEqual(self.images(), [first])
        self.assertEqual(self.bake(source='aws.cloudformation'), first)
        self.assertEqual(self.called('run_instances'), [])
        second = self.bake(source='aws.cloudformation', RECIPE='other')
        self.assertNotEqual(second, first)
        self.assertNotEqual(self.bake(source='aws.scheduler', RECIPE='other'), second)

    def test_a_parameter_that_a_deployment_reset_is_restored(self):
        image = self.bake()
        self.publish(self.base)
        self.assertEqual(self.bake(source='aws.ssm'), image)
        self.assertEqual(self.called('run_instances'), [])
        self.publish(self.base)
        # nothing to restore
        self.ec2.deregister_image(ImageId=image)
        self.assertEqual(self.bake(source='aws.ssm'), self.base)


if __name__ == '__main__':
    unittest.main()
