"""The .NET package: NuGet is not used here, so its code is generated and not compiled."""
import json
import re
import unittest
import xml.etree.ElementTree

import packages
from packages import ROOT


class DotNet(unittest.TestCase):
    def test_each_type_is_generated(self):
        folder = packages.package('dotnet')
        sources = list(folder.rglob('*.cs'))
        [project] = folder.rglob('*.csproj')
        xml.etree.ElementTree.parse(project)
        self.assertIn('CdkOpenStackDashboard', project.name)
        names = {source.stem for source in sources}
        missing = [type['name'] for type in json.loads((ROOT / '.jsii').read_text())['types'].values()
                   if type['name'] not in names and f'I{type["name"]}' not in names]
        self.assertEqual(missing, [])
        # braces match, outside of texts and comments
        for source in sources:
            code = re.sub(r'@"(?:[^"]|"")*"|"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', '', source.read_text(), flags=re.DOTALL)
            self.assertEqual(code.count('{'), code.count('}'), source)
        packages.inform(f'.NET: {len(sources)} files, {packages.size(folder)}')


if __name__ == '__main__':
    unittest.main()
