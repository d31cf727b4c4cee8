"""Commands of the AWS CLI in documents, judged by botocore's service models."""
import pathlib
import subprocess
import unittest

import aws_commands
from assemblies import inform

ROOT = pathlib.Path(__file__).parents[3]


class Commands(unittest.TestCase):
    maxDiff = None

    def test_each_command_is_one_of_the_aws_cli(self):
        pages = subprocess.run(['git', '-C', str(ROOT), 'ls-files', '*.md'], capture_output=True, text=True,
                               check=True).stdout.split()
        judged = [aws_commands.judge_file(ROOT / page) for page in pages]
        count = sum(number for number, _ in judged)
        inform(f'commands of the AWS CLI: {count}')
        self.assertEqual([error for _, wrong in judged for error in wrong], [])
        self.assertGreater(count, 20)


class Judge(unittest.TestCase):
    """The judge knows right from wrong."""

    def judge(self, shell):
        commands = list(aws_commands.commands_in(shell))
        self.assertTrue(commands)
        for words in commands:
            aws_commands.judge(words)

    def test_right_ones(self):
        for shell in (
                'aws secretsmanager describe-secret --secret-id "$SECRET" --query Name --output text | tr a b\n',
                'aws autoscaling start-instance-refresh --auto-scaling-group-name g '
                '\\\n  --preferences \'{"SkipMatching": false}\'',
                'x=$(aws cloudformation describe-stacks --stack-name s)',
                'x="$(aws cloudformation describe-stacks --stack-name s)"',
                'aws s3 rm --recursive s3://logs',
                'aws autoscaling terminate-instance-in-auto-scaling-group --instance-id … '
                '--no-should-decrement-desired-capacity'):
            with self.subTest(shell):
                self.judge(shell)

    def test_wrong_ones(self):
        for shell, what in (
                ('aws secretmanager describe-secret', 'no service'),
                ('aws secretsmanager show-secret', 'no operation'),
                ('aws secretsmanager describe-secret --secret-name s', 'no option'),
                ('aws secretsmanager describe-secret', 'needs --secret-id'),
                ('aws secretsmanager describe-secret --secret-id', 'no value'),
                ('aws secretsmanager describe-secret --secret-id a b', '2 values'),
                ('aws secretsmanager describe-secret --secret-id a --output', 'has 0 values'),
                ('aws autoscaling start-instance-refresh --auto-scaling-group-name g '
                 '--preferences \'{"SkipMatches": false}\'', 'SkipMatches'),
                ('aws autoscaling start-instance-refresh --auto-scaling-group-name g '
                 '--preferences \'{"SkipMatching": "no"}\'', 'Invalid type'),
                ('aws secretsmanager get-random-password --password-length many', 'no number'),
                ('aws cloudformation delete-stack --stack-name s --deletion-mode ALL', 'none of'),
                ('x="$(aws cloudformation describe-stack --stack-name s)"', 'no operation'),
                ('aws s3 rm --all s3://logs', 'no option')):
            with self.subTest(shell), self.assertRaisesRegex(aws_commands.Wrong, what):
                self.judge(shell)


if __name__ == '__main__':
    unittest.main()
