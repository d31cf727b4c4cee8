import { instances, containers } from './baseline';
import { Case, appOf, findings, includedApp } from './stacks';
import { PLAIN } from './wrong-plain';

const WRONG: readonly Case[] = [...PLAIN];

test.each([
  ['instances', instances],
  ['containers', containers],
])('the baseline has no findings at all: %s', (_name, base) => {
  expect(findings(appOf(base()))).toEqual([]);
  expect(findings(includedApp(JSON.stringify(base())))).toEqual([]);
});

describe('a wrong stack has exactly the findings that it deserves', () => {
  test.each(WRONG.map((each) => [each.name, each] as const))(
    '%s',
    (_name, { deserves, props, apps }) => {
      expect(deserves.length).toBeGreaterThan(0);
      for (const [way, make] of Object.entries(apps)) {
        expect([way, ...findings(make(), props)]).toEqual([way, ...[...deserves].sort()]);
      }
    },
  );
});
