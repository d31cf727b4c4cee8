"""systemd's word on the units of both tiers: `systemd-analyze verify`, and the exposure that
`systemd-analyze security` gives each service (0 to 10), compared with a table."""
import os
import re
import unittest

from assemblies import inform, read_json

FOLDER = os.environ.get('JUDGES_COLLECTED')
TIERS = ('dashboard', 'static')
# as systemd rounds
STEP = 0.05
# better by more than that: the table is to be brought up to date, so that it holds
SLACK = 0.2
GOAL = 2.0


@unittest.skipUnless(FOLDER, 'nothing was collected: run it as npm run test:judges, as root')
class Units(unittest.TestCase):
    maxDiff = None

    def units(self):
        for tier in TIERS:
            for unit, found in read_json(FOLDER, f'units-{tier}.json')['units'].items():
                yield tier, unit, found

    def test_systemd_finds_nothing_wrong(self):
        found = list(self.units())
        self.assertGreater(len(found), 5)
        for tier, unit, word in found:
            with self.subTest(tier=tier, unit=unit):
                self.assertEqual(word['verify'], {'status': 0, 'text': ''})

    def test_exposure_of_each_service_is_that_of_the_table(self):
        table = read_json(os.path.dirname(__file__), 'exposure.json')
        found = {tier: {} for tier in TIERS}
        for tier, unit, word in self.units():
            if unit.endswith('.service'):
                self.assertIsNotNone(word['exposure'], word['security'])
                found[tier][unit] = word['exposure']
        inform('exposure: ' + ', '.join(f'{tier}/{unit} {exposure}' for tier in TIERS
                                        for unit, exposure in found[tier].items()))
        self.assertEqual({tier: sorted(found[tier]) for tier in TIERS},
                         {tier: sorted(table[tier]) for tier in TIERS}, 'exposure.json names other units')
        for tier in TIERS:
            for unit, exposure in found[tier].items():
                with self.subTest(tier=tier, unit=unit):
                    entry = table[tier][unit]
                    self.assertLess(exposure, entry['exposure'] + STEP, 'more exposed than in exposure.json')
                    self.assertGreater(exposure, entry['exposure'] - SLACK - STEP,
                                       'less exposed: bring exposure.json up to date')
                    # what keeps it above the goal is named
                    self.assertEqual(entry['exposure'] >= GOAL, 'because' in entry, entry)

    def test_the_judge_is_awake(self):
        for tier in TIERS:
            self.assertIn('ProtectSystems', read_json(FOLDER, f'units-{tier}.json')['canary'])
        for _, unit, word in self.units():
            if unit.endswith('.service'):
                # one line for each setting: less, and it did not look
                settings = re.findall(r'^[✓✗] *\S+', word['security'], re.M)
                self.assertGreater(len(settings), 50, unit)


if __name__ == '__main__':
    unittest.main()
