import { App, Stack } from 'aws-cdk-lib';
import { containers, instances } from './baseline';
import { dashboard } from './dashboard-l2';
import { RIGHT } from './right';
import { Case, appOf, findings, includedApp } from './stacks';
import { CONSTRUCTS } from './wrong-constructs';
import { PLAIN } from './wrong-plain';

const WRONG: readonly Case[] = [...PLAIN, ...CONSTRUCTS];

describe('the baseline has no findings at all', () => {
  test.each([
    ['instances', instances],
    ['containers', containers],
  ])('%s', (_name, base) => {
    expect(findings(appOf(base()))).toEqual([]);
    expect(findings(includedApp(JSON.stringify(base())))).toEqual([]);
  });

  test('L2 constructs', () => {
    const app = new App();
    dashboard(new Stack(app, 'Stack'));
    expect(findings(app)).toEqual([]);
  });
});

test('there are at least 120 wrong stacks with unique names', () => {
  expect(WRONG.length).toBeGreaterThanOrEqual(120);
  expect(new Set(WRONG.map(({ name }) => name)).size).toBe(WRONG.length);
});

describe('a wrong stack has exactly the expected findings', () => {
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

test('there are at least 30 right stacks with unique names', () => {
  expect(RIGHT.length).toBeGreaterThanOrEqual(30);
  expect(new Set(RIGHT.map(({ name }) => name)).size).toBe(RIGHT.length);
});

describe('a right stack has no findings', () => {
  test.each(RIGHT.map((each) => [each.name, each] as const))('%s', (_name, { props, apps }) => {
    for (const [way, make] of Object.entries(apps)) {
      expect([way, ...findings(make(), props)]).toEqual([way]);
    }
  });
});
