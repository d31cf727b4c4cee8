import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { APPLICATION, SETTINGS } from '../../../lib/contract/environment';
import { STATEMENTS, checklistOf } from '../../../lib/nag/pack/guide';
import { RULES } from '../../../lib/nag/rules';
import { bootChecks, coverage, renderRules } from '../../../scripts/rules-md';

const root = join(__dirname, '../../..');
const ids = RULES.map(({ id }) => id);

test('RULES.md is up to date', () => {
  expect(readFileSync(join(root, 'RULES.md'), 'utf8')).toBe(renderRules());
});

test('RULES.md has a row for each rule, with the right number of cells', () => {
  const text = renderRules();
  const rows = text
    .split('\n')
    .filter((line) => /^\| `[A-Z]+\d+` \| (error|warning) \|/.test(line));
  expect(rows).toHaveLength(RULES.length);
  for (const row of rows) {
    expect(row.replace(/\\\|/g, '').split('|')).toHaveLength(11);
  }
});

describe('the 60 statements of the guide', () => {
  test('are numbered from 1 to 60', () => {
    expect(STATEMENTS.map(({ number }) => number)).toEqual(
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
  });

  test('have a rule if a template can show them', () => {
    const without = coverage()
      .filter(({ statement, rules }) => {
        const shown = statement.levels.some(
          (level) => level === 'C' || level === 'L' || level === 'U',
        );
        return shown && rules.length === 0;
      })
      .map(({ statement }) => statement.number);
    expect(without).toEqual([]);
  });

  test('are checked on the host if only a host shows them completely', () => {
    const without = coverage()
      .filter(({ statement, boot }) => statement.levels.includes('R') && boot.length === 0)
      .map(({ statement }) => statement.number);
    expect(without).toEqual([]);
  });

  test('are described as a process if and only if people follow one', () => {
    for (const { number, levels, process } of STATEMENTS) {
      expect([number, process !== undefined]).toEqual([number, levels.includes('P')]);
    }
    const text = readFileSync(join(root, 'docs/process.md'), 'utf8');
    for (const { process, number } of STATEMENTS) {
      if (process === undefined) {
        continue;
      }
      const heading = `## ${process[0].toUpperCase()}${process.slice(1).replace('-', ' ')}\n`;
      const section = text.split(heading)[1]?.split('\n## ')[0];
      expect([number, section]).toEqual([number, expect.stringContaining(String(number))]);
    }
  });

  test('are the only statements that rules name', () => {
    const numbers = STATEMENTS.map(({ number }) => number);
    for (const { guideRules } of RULES) {
      expect(numbers).toEqual(expect.arrayContaining([...guideRules]));
    }
  });

  test('have a row each, with a rule, a boot check or a process', () => {
    const rows = renderRules()
      .split('\n')
      .filter((line) => /^\| \[\d+\]/.test(line));
    expect(rows).toHaveLength(60);
    for (const row of rows) {
      const [rules, boot, process] = row
        .split(/(?<!\\)\|/)
        .slice(4, 7)
        .map((text) => text.trim());
      expect([row, (rules + boot + process).length > 0]).toEqual([row, true]);
    }
  });

  test('include each item of the checklist once', () => {
    const items = checklistOf(STATEMENTS.map(({ number }) => number)).sort();
    expect(items).toEqual(
      Array.from({ length: 11 }, (_, i) => `Check-Dashboard-${String(i + 1).padStart(2, '0')}`),
    );
    const checked = RULES.flatMap(
      ({ checklist, guideRules }) => checklist ?? checklistOf(guideRules),
    );
    expect([...new Set(checked)].sort()).toEqual(items);
  });
});

describe('the list of the boot check', () => {
  test('has rules of the pack, and a few others', () => {
    const own = [...bootChecks().keys()].filter((id) => !ids.includes(id));
    expect(own).toEqual([
      'BOOT1',
      'BOOT2',
      'BOOT3',
      'BOOT4',
      'BOOT6',
      'BOOT7',
      'BOOT8',
      'BOOT9',
      'BOOT10',
      'BOOT5',
    ]);
  });

  test('has all IDs of its failures', () => {
    const file = 'lib/dashboard-hosts/files/usr/local/lib/openstack-dashboard/boot-check';
    const source = readFileSync(join(root, file), 'utf8');
    const code = source.slice(source.indexOf('failures = []'));
    const literal = [...code.matchAll(/'([A-Z]{4,}\d+)'/g)].map((match) => match[1]);
    // A setting with another value than the configured one fails with the first rule of the contract.
    expect(code).toContain('fail(RULES.get(name,');
    const settings = Object.entries(APPLICATION).filter(([name, { setting = '' }]) =>
      [name, 'HORIZON_CONFIG'].includes(setting.split('.')[0]),
    );
    const ofContract = [...settings.map(([, found]) => found), ...Object.values(SETTINGS)].flatMap(
      ({ rules = [] }) => rules.slice(0, 1),
    );
    const used = new Set([...literal, ...ofContract]);
    expect([...used].sort()).toEqual([...bootChecks().keys()].sort());
  });

  test('must be readable', () => {
    expect(() => bootChecks('nothing')).toThrow(
      'the boot check must have a list FILES_AND_SETTINGS',
    );
    expect(() => bootChecks("FILES_AND_SETTINGS = {\n    1: 'x',\n}\n")).toThrow(
      "each line of the boot check's list FILES_AND_SETTINGS must be a check, got 1: 'x',",
    );
  });
});

test('a file contains one rule, in the folder of its area', () => {
  const folder = join(root, 'lib/nag/rules');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^(?!kinds\/).+\/.+(?<!\.d)\.ts$/.test(file),
  );
  const found = files.map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const own = [...text.matchAll(/^ {2}id: '(([A-Z]+)\d+)'/gm)];
    expect([file, own.length]).toEqual([file, 1]);
    const [, id, area] = own[0];
    // A folder `files` is published as it is.
    const name = area === 'FILES' ? 'configuration-files' : area.toLowerCase();
    expect(file.split('/')[0]).toBe(name);
    return id;
  });
  expect(found.sort()).toEqual([...ids].sort());
});
