import { App, Stack, Stage, Validations } from 'aws-cdk-lib';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { AcknowledgementReport, OpenStackDashboardChecks } from '../../../lib/nag';
import { copyOfLibrary, removeCopy } from '../../unit/copy';
import { instances } from '../matrix/baseline';
import { OPTIMIZED, cdn, instead, set } from '../matrix/changes';
import { dashboard } from '../matrix/dashboard-l2';
import { appOf } from '../matrix/stacks';

const ID = 'OpenStackDashboard::OpenStackDashboard-';

/** A dashboard with three things wrong, each acknowledged in another way. */
function synthesised(): string {
  const template = instances();
  cdn({ CachePolicyId: OPTIMIZED })(template);
  instead('DEBUG = False', 'DEBUG = True')(template);
  set('Cluster.AZMode', 'single-az')(template);
  const app = appOf(template);
  const stack = app.node.findChild('Stack');
  Validations.of(app).addPlugins(new OpenStackDashboardChecks(app));
  const acknowledge = (at: string | undefined, id: string, reason: string): void =>
    Validations.of(at === undefined ? stack : stack.node.findChild(at)).acknowledge({ id, reason });
  acknowledge('Cdn', `${ID}CACHE1`, 'a trial of a week, without users');
  acknowledge(undefined, `${ID}SESSION5`, 'one zone is all that there is');
  acknowledge('Host', 'OpenStackDashboard-SETTINGS1', 'a bare id');
  acknowledge('Key', `${ID}SECRET1`, 'the key was too short once');
  return app.synth().directory;
}

describe('the report of a synthesis', () => {
  let directory: string;
  let report: AcknowledgementReport;
  beforeAll(() => {
    directory = synthesised();
    report = AcknowledgementReport.fromAssembly(directory);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('has each acknowledged finding, with its reason and its place', () => {
    expect(report.findings.filter(({ found }) => found)).toEqual([
      {
        pack: 'OpenStackDashboard',
        ruleId: 'OpenStackDashboard-CACHE1',
        constructPath: 'Stack/Cdn',
        reason: 'a trial of a week, without users',
        acknowledgedAt: 'Stack/Cdn',
        found: true,
        description: expect.stringMatching(/caches/),
        severity: 'error',
        guide: expect.stringMatching(/^https:\/\/docs\.openstack\.org\/security-guide\//),
      },
      expect.objectContaining({
        ruleId: 'OpenStackDashboard-SESSION5',
        constructPath: 'Stack/Cluster',
        acknowledgedAt: 'Stack',
        severity: 'warning',
      }),
    ]);
  });

  test('has acknowledgements without a finding: with an unqualified ID, and for a fixed problem', () => {
    const without = report.findings.filter(({ found }) => !found);
    expect(without.map(({ ruleId, constructPath }) => `${ruleId} ${constructPath}`)).toEqual([
      'OpenStackDashboard-SECRET1 Stack/Key',
      'OpenStackDashboard-SETTINGS1 Stack/Host',
    ]);
  });

  test('can be text', () => {
    expect(report.toText()).toMatch(
      /^acknowledged findings: 2\n\nOpenStackDashboard-CACHE1 \(error\) Stack\/Cdn\n {2}found: .*\n {2}accepted: a trial of a week, without users\n/,
    );
    expect(report.toText()).toContain('\n  stated on Stack\n');
    expect(report.toText()).toContain('\nacknowledgements without a finding in the report: 2\n');
  });

  test('can be JSON', () => {
    expect(JSON.parse(report.toJson())).toEqual({ findings: report.findings });
  });

  test('can be SARIF, with accepted suppressions', () => {
    const log = JSON.parse(report.toSarif());
    expect(Object.keys(log)).toEqual(['$schema', 'version', 'runs']);
    expect(log.version).toBe('2.1.0');
    const [{ tool, results }, ...others] = log.runs;
    expect(others).toEqual([]);
    expect(tool.driver.name).toBe('OpenStackDashboard');
    expect(results).toHaveLength(2);
    expect(results[0]).toEqual({
      ruleId: 'OpenStackDashboard-CACHE1',
      ruleIndex: 0,
      level: 'error',
      message: { text: expect.any(String) },
      locations: [
        {
          physicalLocation: expect.anything(),
          logicalLocations: [{ fullyQualifiedName: 'Stack/Cdn', kind: 'resource' }],
        },
      ],
      suppressions: [
        {
          kind: 'inSource',
          status: 'accepted',
          justification: 'a trial of a week, without users',
        },
      ],
    });
    for (const { ruleId, ruleIndex } of results) {
      expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    }
  });
});

/** What GitHub asks of each result: a file below the root of the repository, and a line. */
const placesOf = (report: AcknowledgementReport, directory: string): string[] => {
  const { runs } = JSON.parse(report.toSarif());
  return runs[0].results.map(({ locations }: { locations: [{ physicalLocation: unknown }] }) => {
    const { artifactLocation, region } = locations[0].physicalLocation as {
      artifactLocation: { uri: string };
      region: { startLine: number };
    };
    const file = join(dirname(directory), artifactLocation.uri);
    const line = readFileSync(file, 'utf8').split('\n')[region.startLine - 1];
    return `${relative(directory, file)} ${line.trim()}`;
  });
};

test('SARIF has the line of each resource in its template, as GitHub requires', () => {
  const directory = synthesised();
  try {
    expect(placesOf(AcknowledgementReport.fromAssembly(directory), directory)).toEqual([
      'Stack.template.json "Cdn": {',
      'Stack.template.json "Cluster": {',
    ]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('stages are read too', () => {
  const app = new App();
  const { key } = dashboard(new Stack(new Stage(app, 'Production'), 'Stack'), { keyLength: 32 });
  Validations.of(app).addPlugins(new OpenStackDashboardChecks(app));
  Validations.of(key).acknowledge(
    { id: `${ID}SECRET1`, reason: 'a key of 32 characters for a month' },
    { id: `${ID}SECRET2`, reason: 'nothing' },
  );
  const { directory } = app.synth();
  const report = AcknowledgementReport.fromAssembly(directory);
  expect(placesOf(report, directory)).toEqual([
    expect.stringMatching(/^assembly-Production\/ProductionStack\w+\.template\.json "Key\w+": \{$/),
  ]);
  expect(
    report.findings.map(({ ruleId, found, acknowledgedAt }) => [ruleId, found, acknowledgedAt]),
  ).toEqual([
    ['OpenStackDashboard-SECRET1', true, 'Production/Stack/Key'],
    ['OpenStackDashboard-SECRET2', false, 'Production/Stack/Key'],
  ]);
  rmSync(directory, { recursive: true });
});

test('a folder without a report is an error that names the folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'empty-'));
  expect(() => AcknowledgementReport.fromAssembly(folder)).toThrow(
    `directory must contain a validation-report.json, got '${folder}'; cdk synth writes the file for an app with a rule pack`,
  );
  rmSync(folder, { recursive: true });
});

describe('the command', () => {
  let copy: string;
  let directory: string;
  beforeAll(() => {
    copy = copyOfLibrary();
    execFileSync(process.execPath, ['scripts/compile.mjs'], { cwd: copy });
    directory = synthesised();
  });
  afterAll(() => {
    removeCopy(copy);
    rmSync(directory, { recursive: true });
  });
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, [join(copy, 'lib/nag/commands/acknowledgements.js'), ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    });

  test('prints each format', () => {
    const report = AcknowledgementReport.fromAssembly(directory);
    expect(run(directory)).toBe(report.toText());
    expect(run('--format', 'json', directory)).toBe(report.toJson());
    expect(run(directory, '--format', 'sarif')).toBe(report.toSarif());
  });

  test('rejects unknown arguments', () => {
    expect(() => run('--format', 'xml', directory)).toThrow(
      "--format must be text, json or sarif, got 'xml'",
    );
    expect(() => run('--verbose')).toThrow(/usage: /);
    expect(() => run(join(directory, 'nothing'))).toThrow(/must contain a validation-report.json/);
  });
});
