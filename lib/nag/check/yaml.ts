import type * as Yaml from 'yaml';
import type { Document } from 'yaml';

/**
 * The parser of the npm package `yaml`, bundled by `scripts/bundles.mjs`, because this library has only
 * peer dependencies.
 */
// eslint-disable-next-line @typescript-eslint/no-require-imports
export const yaml = require('../../shared/yaml.bundle.js') as Pick<
  typeof Yaml,
  'Composer' | 'Lexer' | 'LineCounter' | 'Parser' | 'isAlias' | 'isMap' | 'isSeq'
>;

/** The parts of the lexer that are private. */
interface Inner {
  indentNext: number;
  parseQuotedScalar(): Generator<string, unknown>;
  parseFlowCollection(): Generator<string, unknown>;
}

/**
 * AWS CloudFormation, like PyYAML, allows any indentation inside brackets and quotation marks. YAML 1.2
 * does not.
 */
class Lexer extends (yaml.Lexer as unknown as new () => Inner) {
  public *parseQuotedScalar(): Generator<string, unknown> {
    return yield* this.atAnyIndentation(super.parseQuotedScalar());
  }

  public *parseFlowCollection(): Generator<string, unknown> {
    return yield* this.atAnyIndentation(super.parseFlowCollection());
  }

  private *atAnyIndentation(parse: Generator<string, unknown>): Generator<string, unknown> {
    const before = this.indentNext;
    this.indentNext = 0;
    try {
      return yield* parse;
    } finally {
      this.indentNext = before;
    }
  }
}

/** Parses the first document of a text. */
export function parseYaml(text: string, onNewLine: (offset: number) => void): Document {
  const parser = new yaml.Parser(onNewLine);
  (parser as unknown as { lexer: unknown }).lexer = new Lexer();
  const composer = new yaml.Composer({
    logLevel: 'silent',
    schema: 'core',
    strict: false,
    uniqueKeys: false,
  });
  const [document] = composer.compose(parser.parse(text), true, text.length);
  return document;
}
