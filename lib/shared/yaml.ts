/** An item of a map. */
export interface YamlPair {
  /** Its key. */
  readonly key: YamlNode;
  /**
   * Its value.
   * @default - none
   */
  readonly value?: YamlNode;
}

/** What this library uses of a scalar, a map or a list. */
export interface YamlNode {
  /**
   * The value of a scalar.
   * @default - none
   */
  readonly value?: unknown;
  /**
   * How a scalar is written.
   * @default - none
   */
  readonly type?: string;
  /** The items of a map. */
  readonly items: YamlPair[];
}

/** The parser of the npm package `yaml`, whose types users of this library do not have. */
interface Parser {
  parseDocument(
    text: string,
    options: { version: '1.1'; logLevel: 'silent' },
  ): { errors: Error[]; warnings: Error[]; contents?: YamlNode; toJS(): unknown };
  isMap(node?: YamlNode): boolean;
  isScalar(node?: YamlNode): boolean;
}

/** Loads the parser, which `scripts/bundles.mjs` bundles because this library has only peer dependencies. */
export function yamlParser(): Parser {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./yaml.bundle.js') as Parser;
}
