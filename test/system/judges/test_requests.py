"""Requests of hosts, recorded in the host tests, judged by botocore's service models."""
import base64
import copy
import json
import os
import unittest

import aws_requests
from assemblies import inform

FOLDER = os.environ.get('JUDGES_COLLECTED')
# every operation that hosts use: one more changes what their roles need, one less was not recorded
OPERATIONS = {
    'secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret',
    'cloudformation:DescribeStackResource', 'cloudformation:SignalResource',
    'autoscaling:CompleteLifecycleAction',
    's3:GetObject', 's3:HeadObject', 's3:PutObject', 's3:ListObjectsV2',
}
SIGNED = ('AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261126/eu-central-1/s3/aws4_request, '
          'SignedHeaders=%s, Signature=0')


def recorded(host, method='POST', path='/', body='', headers=()):
    names = ['host', *(name.lower() for name, _ in headers)]
    return {'host': host, 'method': method, 'path': path, 'bytes': len(body),
            'body': base64.b64encode(body.encode()).decode(),
            'headers': [['host', host], ['authorization', SIGNED % ';'.join(sorted(names))], *headers]}


def query(service, body):
    return recorded(f'{service}.eu-central-1.amazonaws.com', body=body,
                    headers=[['content-type', 'application/x-www-form-urlencoded']])


def secrets(target, **params):
    return recorded('secretsmanager.eu-central-1.amazonaws.com', body=json.dumps(params), headers=[
        ['content-type', 'application/x-amz-json-1.1'], ['x-amz-target', f'secretsmanager.{target}']])


def s3(method, path, *headers):
    return recorded('assets.s3.eu-central-1.amazonaws.com', method, path, headers=list(headers))


@unittest.skipUnless(FOLDER, 'nothing was collected: run it as npm run test:judges, as root')
class Requests(unittest.TestCase):
    maxDiff = None

    def test_each_request_is_what_the_sdk_would_send(self):
        counts, wrong = aws_requests.judge_file(f'{FOLDER}/requests.jsonl')
        inform('requests: ' + ', '.join(f'{number} {name}' for name, number in sorted(counts.items())))
        self.assertEqual(sorted(wrong), [])
        self.assertEqual(set(counts), OPERATIONS)


class Judge(unittest.TestCase):
    """The judge knows right from wrong."""

    signal = 'Action=SignalResource&Version=2010-05-15&Status={}&StackName=s&LogicalResourceId=r&UniqueId={}'
    complete = ('Action=CompleteLifecycleAction&Version=2011-01-01&LifecycleHookName=h'
                '&AutoScalingGroupName=g&InstanceId=i-0123456789abcdef0&LifecycleActionResult=CONTINUE')

    def test_right_ones(self):
        for record, operation in (
                (query('cloudformation', self.signal.format('FAILURE', 'i-1+packages')), 'SignalResource'),
                (query('autoscaling', self.complete), 'CompleteLifecycleAction'),
                (secrets('DescribeSecret', SecretId='s'), 'DescribeSecret'),
                (secrets('ListSecretVersionIds', SecretId='s', IncludeDeprecated=False),
                 'ListSecretVersionIds'),
                (s3('GET', '/releases/a.tar'), 'GetObject'),
                (s3('HEAD', '/releases/a.tar'), 'HeadObject'),
                (s3('PUT', '/releases/a.tar', ['if-none-match', '*']), 'PutObject'),
                (s3('GET', '/?list-type=2&prefix=releases%2F'), 'ListObjectsV2'),
                (s3('PUT', '/a', ['x-amz-copy-source', '/assets/a'], ['x-amz-metadata-directive', 'REPLACE']),
                 'CopyObject')):
            self.assertEqual(aws_requests.judge(record).split(':')[1], operation)

    def test_wrong_ones(self):
        unsigned = copy.deepcopy(s3('PUT', '/a', ['x-amz-tagging', 'a=b']))
        unsigned['headers'][1][1] = SIGNED % 'host'
        for record, what in (
                (query('cloudformation', self.signal.format('FAILED', 'i')), "'FAILED' is none of"),
                (query('cloudformation', self.signal.format('FAILURE', 'i' * 65)), '65 characters'),
                (query('cloudformation', self.signal.format('FAILURE', '')), 'Invalid length'),
                (query('cloudformation', self.signal.format('FAILURE', 'i') + '&Reason=x'),
                 'no parameter Reason'),
                (query('cloudformation', self.signal.format('FAILURE', 'i').replace('2010', '2011')), 'Version'),
                (query('cloudformation', 'Action=SignalResource&Version=2010-05-15&StackName=s'), 'Missing'),
                (query('autoscaling', self.complete.replace('InstanceId', 'InstanceID')), 'InstanceID'),
                (query('autoscaling', self.complete.replace('Complete', 'Finish')), 'no operation'),
                (secrets('GetSecret', SecretId='s'), 'no operation'),
                (secrets('GetSecretValue', SecretID='s'), 'SecretID'),
                (secrets('GetSecretValue', SecretId=7), 'Invalid type'),
                (s3('GET', '/a?versionID=1'), 'versionID'),
                (s3('PUT', '/a', ['x-amz-metadata', 'x']), 'x-amz-metadata'),
                (s3('PATCH', '/a'), 'no operation'),
                (unsigned, 'not signed'),
                (recorded('s3.eu-central-1.amazonaws.com', 'GET', '/assets/a'), 'bucket'),
                (recorded('ec2.eu-central-1.amazonaws.com'), 'no host'),
                (recorded('as.sets.s3.eu-central-1.amazonaws.com', 'GET', '/a'), 'the host is')):
            with self.subTest(what), self.assertRaisesRegex(aws_requests.Wrong, what):
                aws_requests.judge(record)


if __name__ == '__main__':
    unittest.main()
