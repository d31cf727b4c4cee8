"""sqlglot reads the queries of AccessLogTable as Athena's dialect, and resolves their columns in its table."""
import subprocess
import tempfile
import unittest

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from assemblies import CDK, ENVIRONMENT, ROOT, VARIANTS, read_json


class Queries(unittest.TestCase):
    def test_queries_are_valid_and_know_their_columns(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([CDK[0], VARIANTS], check=True, capture_output=True, cwd=ROOT,
                           env={**ENVIRONMENT, 'CDK_OUTDIR': folder})
            resources = read_json(folder, 'AccessLogs.template.json')['Resources'].values()
        table, = [one['Properties']['TableInput'] for one in resources if one['Type'] == 'AWS::Glue::Table']
        columns = {column['Name']: column['Type'] for column in
                   table['StorageDescriptor']['Columns'] + table['PartitionKeys']}
        queries = [one['Properties'] for one in resources if one['Type'] == 'AWS::Athena::NamedQuery']
        self.assertEqual(len(queries), 3)
        for query in queries:
            with self.subTest(query['Name']):
                tree = sqlglot.parse_one(query['QueryString'], dialect='athena')
                # an unknown function is Anonymous: a misspelled one, or one that only Athena has
                unknown = {node.name.lower() for node in tree.find_all(exp.Anonymous)}
                self.assertLessEqual(unknown, {'url_extract_path'})
                # an unknown column is an error
                qualify(tree, schema={'access_logs': columns}, dialect='athena')
                self.assertTrue([node for node in tree.find_all(exp.Column) if node.name == 'day'],
                                'reads every partition')
        broken = queries[0]['QueryString'].replace('client_ip', 'client_address')
        with self.assertRaises(sqlglot.errors.OptimizeError):
            qualify(sqlglot.parse_one(broken, dialect='athena'), schema={'access_logs': columns}, dialect='athena')


if __name__ == '__main__':
    unittest.main()
