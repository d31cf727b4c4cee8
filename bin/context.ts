import { Node } from 'constructs';

/**
 * Reads the app's context, with types, and refuses what it does not know: a misspelled key would
 * otherwise be lost silently.
 */
export class ContextReader {
  private readonly known = new Set<string>();

  constructor(private readonly node: Node) {}

  public string(key: string): string | undefined {
    this.known.add(key);
    const value: unknown = this.node.tryGetContext(key);
    if (value === undefined || value === '') {
      return undefined;
    }
    return String(value);
  }

  public boolean(key: string): boolean | undefined {
    return this.parse(key, 'true or false', { true: true, false: false });
  }

  public number(key: string): number | undefined {
    const value = this.string(key);
    if (value !== undefined && !/^\d+$/.test(value)) {
      throw new Error(`context ${key} must be a whole number, got '${value}'`);
    }
    return value === undefined ? undefined : Number(value);
  }

  /** Port numbers with commas between them. */
  public ports(key: string): number[] | undefined {
    const value = this.string(key);
    const ports = value?.split(',').map(Number);
    if (ports?.some((port) => !Number.isInteger(port) || port < 1 || port > 65535)) {
      throw new Error(
        `context ${key} must be port numbers with commas between them, such as 8080,9001, got '${value}'`,
      );
    }
    return ports;
  }

  public choice(key: string, allowed: string[]): string | undefined {
    return this.parse(
      key,
      allowed.join(' or '),
      Object.fromEntries(allowed.map((choice) => [choice, choice])),
    );
  }

  /** Some of the allowed values, with commas between them. */
  public choices<T>(key: string, allowed: { readonly [name: string]: T }): T[] | undefined {
    return this.string(key)
      ?.split(',')
      .map((name) => {
        if (!Object.hasOwn(allowed, name)) {
          throw new Error(
            `context ${key} must be of ${Object.keys(allowed).join(', ')}, with commas between them, got '${name}'`,
          );
        }
        return allowed[name];
      });
  }

  /** Refuses a key without the one that it goes with. */
  public requireWith(key: string, other: string): void {
    if (this.string(key) === undefined && this.string(other) !== undefined) {
      throw new Error(`context ${key} must be given with ${other}, got none`);
    }
  }

  /** Call it last. */
  public refuseUnknown(): void {
    const given = this.node.root.node.getAllContext() as { [key: string]: unknown };
    const unknown = Object.keys(given).filter(
      (key) =>
        !this.known.has(key) &&
        !/^(@|aws:|aws-cdk:|cdk-migrate|availability-zones:|vpc-provider:|hosted-zone:|ssm:|ami:)/.test(
          key,
        ),
    );
    if (unknown.length) {
      throw new Error(
        `context must only have the keys ${[...this.known].sort().join(', ')}, got ${unknown.join(', ')}`,
      );
    }
  }

  private parse<T>(key: string, words: string, values: { [text: string]: T }): T | undefined {
    const value = this.string(key);
    if (value === undefined) {
      return undefined;
    }
    if (!Object.hasOwn(values, value)) {
      throw new Error(`context ${key} must be ${words}, got '${value}'`);
    }
    return values[value];
  }
}
