import { App, Stack } from 'aws-cdk-lib';
import { OpenStackDashboardChecks } from '../../../lib';
import { ENV, HeldOut, removeFiles } from './kit';
import { RIGHT_DASHBOARDS } from './right-dashboards';
import { RIGHT_OTHERS } from './right-others';
import { WRONG_FRONT } from './wrong-front';
import { WRONG_HOSTS } from './wrong-hosts';
import { WRONG_PLATFORMS } from './wrong-platforms';
import { WRONG_PYTHON } from './wrong-python';
import { WRONG_SECRETS } from './wrong-secrets';
import { WRONG_SESSIONS } from './wrong-sessions';
import { WRONG_SHELL } from './wrong-shell';

/**
 * Stacks as other people write them, made from RULES.md and public material alone, without reading
 * the rules' code: they measure the pack, so a stack is never changed to suit it.
 */
const WRONG = [
  ...WRONG_SHELL,
  ...WRONG_PYTHON,
  ...WRONG_FRONT,
  ...WRONG_SESSIONS,
  ...WRONG_SECRETS,
  ...WRONG_HOSTS,
  ...WRONG_PLATFORMS,
];
const RIGHT = [...RIGHT_OTHERS, ...RIGHT_DASHBOARDS];

/** Certificates that hosts make for themselves are out of reach, see docs/rule-pack.md. */
const OUT_OF_REACH: ReadonlySet<string> = new Set([
  'front: a self-signed certificate straight to browsers',
  'front: a snakeoil certificate through a network load balancer',
]);

const PREFIX = 'OpenStackDashboard-';

interface Finding {
  readonly id: string;
  readonly severity: string;
}

function findings({ build }: HeldOut): Finding[] {
  // tree.json, which no test reads, is a tenth of a synthesis.
  const app = new App({ analyticsReporting: false, treeMetadata: false });
  build(new Stack(app, 'Site', { env: ENV, crossRegionReferences: true }), app);
  app.synth();
  return new OpenStackDashboardChecks(app)
    .validateScope(app)
    .violations.map(({ ruleName, severity }) => ({
      id: ruleName.replace(PREFIX, ''),
      severity: severity ?? 'none',
    }));
}

const judge = (one: HeldOut) => (OUT_OF_REACH.has(one.name) ? test.failing : test);

afterAll(removeFiles);

test('the set is large enough, and its names are unique', () => {
  const names = [...WRONG, ...RIGHT].map(({ name }) => name);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  expect([...OUT_OF_REACH].filter((name) => !names.includes(name))).toEqual([]);
  expect(WRONG.length).toBeGreaterThanOrEqual(150);
  expect(RIGHT_OTHERS.length).toBeGreaterThanOrEqual(40);
  expect(RIGHT_DASHBOARDS.length).toBeGreaterThanOrEqual(40);
});

describe('wrong', () => {
  for (const one of WRONG) {
    judge(one)(one.name, () => {
      const ids = findings(one).map(({ id }) => id);
      const enough = [...one.wants, ...(one.unknownIsFine ? ['UNKNOWN'] : [])];
      const reported = ids.some((id) => enough.includes(id));
      expect({ ids, enough, reported }).toEqual({ ids, enough, reported: true });
    });
  }
});

describe('right', () => {
  for (const one of RIGHT) {
    judge(one)(one.name, () => {
      expect(
        findings(one).filter(({ severity }) => one.noDashboard || severity !== 'info'),
      ).toEqual([]);
    });
  }
});
