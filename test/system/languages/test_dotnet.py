"""The .NET package: NuGet is not used here, so its code is generated and parsed, and not compiled."""
import json
import unittest
import xml.etree.ElementTree

import csharp
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
        wrong = {source.name: found for source in sources if (found := csharp.errors(source.read_text()))}
        self.assertEqual(wrong, {})
        packages.inform(f'.NET: {len(sources)} files, {packages.size(folder)}')

    def test_what_is_not_csharp_is_found(self):
        self.assertEqual(csharp.errors('public class A { public string? B { get; } = $"{1}"; }'), [])
        self.assertEqual(csharp.errors('for (var a in b)\n{\n}\n')[0][:2], '1:')
        self.assertNotEqual(csharp.errors('class A {{ }'), [])


if __name__ == '__main__':
    unittest.main()
