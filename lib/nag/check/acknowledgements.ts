import { Source } from './source';
import { fields } from './transforms';

const PREFIX = 'OpenStackDashboard-';

/** An accepted finding, with a reason. */
export interface Acknowledgement {
  /** The ID of the rule, such as `OpenStackDashboard-SETTINGS13`. */
  readonly ruleId: string;
  readonly reason: string;
  /** The file that contains it. */
  readonly source: Source;
  readonly path: readonly string[];
  /** The template that it applies to; by default all. */
  readonly file?: string;
  /** The logical ID of the resource that it applies to; by default all resources. */
  readonly resource?: string;
}

/**
 * Reads a file of acknowledgements: a list of `id`, `reason` and, to narrow it, `file` and `resource`.
 *
 * @throws if an entry lacks an `id` or a `reason`
 */
export function acknowledgementsOf(source: Source): Acknowledgement[] {
  const list = fields(source.value).acknowledgements;
  if (!Array.isArray(list)) {
    throw new Error(`${source.file}: must be a mapping with a list named acknowledgements`);
  }
  return list.map((entry, index) => {
    const { id, reason, file, resource } = fields(entry);
    const path = ['acknowledgements', String(index)];
    const { line, column } = source.position(path);
    const at = `${source.file}:${line}:${column}`;
    if (typeof id !== 'string' || !isRule(id)) {
      throw new Error(
        `${at}: id must be the ID of a rule, such as ${PREFIX}SETTINGS13, got ${String(id)}`,
      );
    }
    if (typeof reason !== 'string' || reason.trim() === '') {
      throw new Error(`${at}: reason must be a sentence that an auditor can judge, got none`);
    }
    for (const [name, value] of Object.entries({ file, resource })) {
      if (value !== undefined && typeof value !== 'string') {
        throw new Error(`${at}: ${name} must be a string, got ${JSON.stringify(value)}`);
      }
    }
    return {
      ruleId: ruleIdOf(id),
      reason: reason.trim(),
      source,
      path,
      ...(file !== undefined && { file: file as string }),
      ...(resource !== undefined && { resource: resource as string }),
    };
  });
}

/**
 * The acknowledgements in the metadata of a template and of its resources, in the form of cdk-nag:
 * `cdk_nag: { rules_to_suppress: [{ id, reason }] }`. Entries of other packs or without a reason are
 * ignored.
 */
export function acknowledgementsIn(source: Source): Acknowledgement[] {
  const { Metadata, Resources } = fields(source.value);
  const read = (
    metadata: unknown,
    path: readonly string[],
    resource?: string,
  ): Acknowledgement[] => {
    const list = fields(fields(metadata).cdk_nag).rules_to_suppress;
    return (Array.isArray(list) ? list : []).flatMap((entry, index): Acknowledgement[] => {
      const { id, reason, is_reason_encoded: isEncoded } = fields(entry);
      if (typeof id !== 'string' || !isRule(id) || typeof reason !== 'string') {
        return [];
      }
      const text = isEncoded === true ? Buffer.from(reason, 'base64').toString('utf8') : reason;
      if (text.trim() === '') {
        return [];
      }
      return [
        {
          ruleId: ruleIdOf(id),
          reason: text.trim(),
          source,
          path: [...path, 'cdk_nag', 'rules_to_suppress', String(index)],
          file: source.file,
          ...(resource !== undefined && { resource }),
        },
      ];
    });
  };
  return [
    ...read(Metadata, ['Metadata']),
    ...Object.entries(fields(Resources)).flatMap(([id, given]) =>
      read(fields(given).Metadata, ['Resources', id, 'Metadata'], id),
    ),
  ];
}

// As cdk-nag and as the AWS CDK write them.
const ID = /^(?:OpenStackDashboard::)?(OpenStackDashboard-[A-Z]+\d*)$/;

const isRule = (id: string): boolean => ID.test(id);
const ruleIdOf = (id: string): string => ID.exec(id)![1];
