import { readFileSync, statSync } from 'node:fs';
import { Token } from 'aws-cdk-lib';
import { invalid } from '../shared/errors';
import { yamlParser } from '../shared/yaml';
import { faultOfRule } from './policy-rule';

const NEEDED =
  'be a policy file: a map of rules such as "os_compute_api:servers:create": "role:member"';

/**
 * Rules of an OpenStack service that differ from its defaults, as in the policy file of the service. They
 * decide which actions the dashboard offers. The service itself decides which ones it allows, so give it
 * the same file.
 *
 * @see docs/plugins.md
 */
export class PolicyFile {
  /**
   * Reads a policy file, in YAML or JSON, from the machine that synthesizes the app.
   *
   * @param path the path
   * @throws if there is no such file, or as `fromString`
   */
  public static fromFile(path: string): PolicyFile {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
      throw invalid(undefined, 'path', NEEDED, path, 'there is no such file');
    }
    return new PolicyFile(readFileSync(path, 'utf8'), path);
  }

  /**
   * A policy file as a text, in YAML or JSON.
   *
   * @param text the text
   * @throws if it contains an unresolved token, is not a map of rules, or contains a rule that
   * oslo.policy does not understand
   */
  public static fromString(text: string): PolicyFile {
    return new PolicyFile(text);
  }

  /** The rules as JSON, which is also YAML. @internal */
  public readonly _content: string;

  private constructor(text: string, path?: string) {
    this._content = JSON.stringify(rulesOf(text, path));
  }
}

function rulesOf(text: string, path?: string): { [rule: string]: string } {
  if (Token.isUnresolved(text)) {
    throw invalid(undefined, 'policy', 'be known at synth time', text);
  }
  const where = path === undefined ? '' : `${path}: `;
  const { parseDocument, isMap, isScalar } = yamlParser();
  // YAML 1.1, like PyYAML on the hosts
  const document = parseDocument(text, { version: '1.1', logLevel: 'silent' });
  const [error] = [...document.errors, ...document.warnings];
  if (error) {
    const [message] = error.message.replace(/:$/m, '').split('\n');
    throw invalid(undefined, 'policy', NEEDED, undefined, `${where}${message}`);
  }
  if (!document.contents || !isMap(document.contents) || !document.contents.items.length) {
    throw invalid(undefined, 'policy', NEEDED, undefined, `${where}there are no rules`);
  }
  const rules: { [rule: string]: string } = {};
  for (const { key, value } of document.contents.items) {
    const name = isScalar(key) ? key.value : undefined;
    if (typeof name !== 'string') {
      const shown = `${where}this is not the name of a rule`;
      throw invalid(undefined, 'policy', NEEDED, String(key), shown);
    }
    // Without quotation marks, ! is a tag of YAML and an empty text, which would allow everybody
    const rule =
      value && isScalar(value) && (value.value !== '' || value.type?.startsWith('QUOTE_'))
        ? value.value
        : undefined;
    if (typeof rule !== 'string') {
      throw invalid(
        undefined,
        'policy',
        'have rules in quotation marks',
        String(value),
        `${where}${name}: write "" to allow everyone and "!" to allow no one`,
      );
    }
    const fault = faultOfRule(rule);
    if (fault !== undefined) {
      throw invalid(
        undefined,
        'policy',
        'have rules that oslo.policy understands',
        rule,
        `${where}${name}: ${fault}`,
      );
    }
    rules[name] = rule;
  }
  return rules;
}
