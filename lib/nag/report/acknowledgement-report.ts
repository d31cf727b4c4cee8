import { existsSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';

/** An acknowledged finding of a rule pack, or an acknowledgement without a finding. */
export interface AcknowledgedFinding {
  /** The name of the rule pack, such as `OpenStackDashboard`. */
  readonly pack: string;

  /** The ID of the rule, such as `OpenStackDashboard-CACHE1`. */
  readonly ruleId: string;

  /**
   * The path of the construct that the finding is about. If the report has no such finding, the path
   * of the construct that has the acknowledgement.
   */
  readonly constructPath: string;

  /** The reason of the acknowledgement. */
  readonly reason: string;

  /** The path of the construct that has the acknowledgement; empty for the app itself. */
  readonly acknowledgedAt: string;

  /**
   * Whether the report has the finding. If not, the problem has been fixed, or the acknowledgement has
   * the unqualified ID of the rule, which hides the finding from the report.
   */
  readonly found: boolean;

  /**
   * What is wrong, in one sentence.
   *
   * @default - the report has no such finding
   */
  readonly description?: string;

  /**
   * `error`, `warning`, or another severity that the pack uses.
   *
   * @default - the report has no such finding
   */
  readonly severity?: string;

  /**
   * The page of the guide that the rule comes from.
   *
   * @default - the pack does not name a page
   */
  readonly guide?: string;
}

/**
 * The acknowledgements of an app and their reasons, for an auditor. The report is read from a
 * synthesized cloud assembly, without running the app.
 *
 * The command `openstack-dashboard-acknowledgements cdk.out` prints it.
 */
export class AcknowledgementReport {
  /**
   * Reads the report of a cloud assembly.
   *
   * @param directory the folder of the assembly, usually `cdk.out`
   * @throws if the folder has no `validation-report.json`, which `cdk synth` writes if a rule pack is
   * registered
   */
  public static fromAssembly(directory: string): AcknowledgementReport {
    const file = join(directory, 'validation-report.json');
    if (!existsSync(file)) {
      throw new Error(
        `directory must contain a validation-report.json, got '${directory}'; cdk synth writes the file for an app with a rule pack`,
      );
    }
    const { pluginReports } = readJson(file) as { pluginReports: PluginReport[] };
    const packs = pluginReports.map(({ pluginName }) => pluginName);
    const found = pluginReports.flatMap(({ pluginName, suppressedViolations }) =>
      (suppressedViolations ?? []).flatMap((violation) => findingsOf(pluginName, violation)),
    );
    const without = acknowledgementsIn(directory, packs).filter(
      (one) =>
        !found.some(
          (other) => other.ruleId === one.ruleId && other.acknowledgedAt === one.acknowledgedAt,
        ),
    );
    const places = new Map<string, Place>();
    for (const { constructPath } of found) {
      places.set(constructPath, placeOf(constructPath, directory, basename(directory)));
    }
    return new AcknowledgementReport([...found, ...without], places);
  }

  /** The acknowledged findings, then the acknowledgements without a finding, each by rule and path. */
  public readonly findings: AcknowledgedFinding[];

  private constructor(
    findings: AcknowledgedFinding[],
    private readonly places: Map<string, Place>,
  ) {
    const key = ({ found, ruleId, constructPath }: AcknowledgedFinding): string =>
      `${found ? 0 : 1} ${ruleId} ${constructPath}`;
    this.findings = [...findings].sort((one, other) => (key(one) < key(other) ? -1 : 1));
  }

  /** The report as text. */
  public toText(): string {
    const found = this.findings.filter((each) => each.found);
    const without = this.findings.filter((each) => !each.found);
    const lines = [`acknowledged findings: ${found.length}`];
    for (const { ruleId, severity, constructPath, description, ...rest } of found) {
      lines.push('', `${ruleId} (${severity ?? 'no severity'}) ${constructPath}`);
      lines.push(`  found:    ${description ?? ''}`, `  accepted: ${rest.reason}`);
      if (rest.acknowledgedAt !== constructPath) {
        lines.push(`  stated on ${rest.acknowledgedAt || 'the app'}`);
      }
    }
    if (without.length > 0) {
      lines.push('', `acknowledgements without a finding in the report: ${without.length}`);
      lines.push('(the problem has been fixed, or the ID is not qualified and hides the finding)');
      for (const { ruleId, acknowledgedAt, reason } of without) {
        lines.push('', `${ruleId} ${acknowledgedAt}`, `  accepted: ${reason}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }

  /** The report as JSON, `{ "findings": [...] }` with the properties of `AcknowledgedFinding`. */
  public toJson(): string {
    return `${JSON.stringify({ findings: this.findings }, undefined, 2)}\n`;
  }

  /**
   * The report as SARIF 2.1.0: one run per pack, and for each finding a result with an accepted
   * suppression, at the line of its resource in the template, in a file such as
   * `cdk.out/Stack.template.json`. Acknowledgements without a finding are not included.
   */
  public toSarif(): string {
    const found = this.findings.filter((each) => each.found);
    const packs = [...new Set(found.map(({ pack }) => pack))];
    const log = {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: packs.map((pack) =>
        sarifRun(
          pack,
          found.filter((each) => each.pack === pack),
          this.places,
        ),
      ),
    };
    return `${JSON.stringify(log, undefined, 2)}\n`;
  }
}

/** The parts of `validation-report.json` that are read here. */
interface PluginReport {
  readonly pluginName: string;
  readonly suppressedViolations?: readonly SuppressedViolation[];
}

interface SuppressedViolation {
  readonly ruleName: string;
  readonly description?: string;
  readonly severity?: string;
  readonly ruleMetadata?: { readonly guide?: string };
  readonly violatingConstructs?: readonly { readonly constructPath?: string }[];
  readonly reason?: string;
  readonly acknowledgedAt?: string;
}

/** The parts of a manifest that are read here. */
interface Artifact {
  readonly type: string;
  readonly metadata?: Metadata;
  readonly additionalMetadataFile?: string;
  readonly displayName?: string;
  readonly properties?: { readonly directoryName?: string; readonly templateFile?: string };
}

/** Where code scanning shows a finding. */
interface Place {
  readonly uri: string;
  readonly line: number;
}

type Metadata = Record<string, readonly { readonly type: string; readonly data?: unknown }[]>;

const ACKNOWLEDGED = 'aws:cdk:acknowledged-rules';

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function artifactsOf(directory: string): Artifact[] {
  const { artifacts = {} } = readJson(join(directory, 'manifest.json')) as {
    artifacts?: Record<string, Artifact>;
  };
  return Object.values(artifacts);
}

function metadataOf(directory: string, { metadata, additionalMetadataFile }: Artifact): Metadata {
  return {
    ...metadata,
    ...(additionalMetadataFile !== undefined &&
      (readJson(join(directory, additionalMetadataFile)) as Metadata)),
  };
}

/** The line of a construct in its template, or else the report that names the construct. */
function placeOf(constructPath: string, directory: string, uri: string): Place {
  return (
    placeInTemplate(constructPath, directory, uri) ?? {
      uri: posix.join(uri, 'validation-report.json'),
      line: 1,
    }
  );
}

function placeInTemplate(path: string, directory: string, uri: string): Place | undefined {
  for (const artifact of artifactsOf(directory)) {
    const { directoryName, templateFile } = artifact.properties ?? {};
    if (artifact.type === 'cdk:cloud-assembly' && directoryName !== undefined) {
      const place = placeInTemplate(
        path,
        join(directory, directoryName),
        posix.join(uri, directoryName),
      );
      if (place) {
        return place;
      }
    }
    const stack = artifact.displayName ?? '';
    if (templateFile === undefined || !`${path}/`.startsWith(`${stack}/`)) {
      continue;
    }
    const metadata = metadataOf(directory, artifact);
    const [entry] = [`/${path}`, `/${path}/Resource`].flatMap((key) =>
      (metadata[key] ?? []).filter(({ type }) => type === 'aws:cdk:logicalId'),
    );
    const lines = readFileSync(join(directory, templateFile), 'utf8').split('\n');
    const index = lines.findIndex((line) => line.trim() === `${JSON.stringify(entry?.data)}: {`);
    return { uri: posix.join(uri, templateFile), line: Math.max(index, 0) + 1 };
  }
  return undefined;
}

function findingsOf(pack: string, violation: SuppressedViolation): AcknowledgedFinding[] {
  const { ruleName, description, severity, ruleMetadata, reason = '' } = violation;
  const { acknowledgedAt = '' } = violation;
  return (violation.violatingConstructs ?? [{}]).map(({ constructPath = acknowledgedAt }) => ({
    pack,
    ruleId: ruleName,
    constructPath,
    reason,
    acknowledgedAt,
    found: true,
    ...(description !== undefined && { description }),
    ...(severity !== undefined && { severity }),
    ...(ruleMetadata?.guide !== undefined && { guide: ruleMetadata.guide }),
  }));
}

/** All acknowledgements of rules of these packs in an assembly and its nested assemblies (stages). */
function acknowledgementsIn(directory: string, packs: readonly string[]): AcknowledgedFinding[] {
  return artifactsOf(directory).flatMap((artifact) => {
    const below = artifact.properties?.directoryName;
    if (artifact.type === 'cdk:cloud-assembly' && below !== undefined) {
      return acknowledgementsIn(join(directory, below), packs);
    }
    return Object.entries(metadataOf(directory, artifact)).flatMap(([path, entries]) =>
      entries
        .filter((entry) => entry.type === ACKNOWLEDGED)
        .flatMap(({ data }) => Object.entries(data as Record<string, string>))
        .flatMap(([id, reason]) => withoutFinding(id, reason, path.replace(/^\//, ''), packs)),
    );
  });
}

function withoutFinding(
  qualifiedId: string,
  reason: string,
  acknowledgedAt: string,
  packs: readonly string[],
): AcknowledgedFinding[] {
  const separator = qualifiedId.indexOf('::');
  const [namespace, ruleId] = [qualifiedId.slice(0, separator), qualifiedId.slice(separator + 2)];
  // The AWS CDK treats an unqualified ID as one of its own annotations.
  const pack = packs.find(
    (name) =>
      name === namespace || (/^annotation$/i.test(namespace) && ruleId.startsWith(`${name}-`)),
  );
  if (pack === undefined) {
    return [];
  }
  return [{ pack, ruleId, constructPath: acknowledgedAt, reason, acknowledgedAt, found: false }];
}

/** See https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
function sarifRun(
  pack: string,
  findings: readonly AcknowledgedFinding[],
  places: Map<string, Place>,
): object {
  const rules = [...new Map(findings.map((each) => [each.ruleId, each])).values()];
  return {
    tool: {
      driver: {
        name: pack,
        rules: rules.map(({ ruleId, description, guide }) => ({
          id: ruleId,
          ...(description !== undefined && { shortDescription: { text: description } }),
          ...(guide !== undefined && { helpUri: guide }),
        })),
      },
    },
    results: findings.map(({ ruleId, severity, description, constructPath, reason }) => ({
      ruleId,
      ruleIndex: rules.findIndex((rule) => rule.ruleId === ruleId),
      level: severity === 'error' || severity === 'warning' ? severity : 'note',
      message: { text: description ?? ruleId },
      locations: [
        {
          // GitHub rejects results without a file and a line.
          physicalLocation: physical(places.get(constructPath)!),
          logicalLocations: [{ fullyQualifiedName: constructPath, kind: 'resource' }],
        },
      ],
      suppressions: [{ kind: 'inSource', status: 'accepted', justification: reason }],
    })),
  };
}

const physical = ({ uri, line }: Place): object => ({
  artifactLocation: { uri: encodeURI(uri) },
  region: { startLine: line },
});
