import { Fn, Token, Tokenization } from 'aws-cdk-lib';
import { invalid } from '../shared/errors';

/**
 * A typed value of a Horizon or Django setting, rendered as a Python literal.
 *
 * `'false'` is true in Python; a typed value cannot be misread that way.
 */
export class SettingValue {
  /**
   * A string. The values of unresolved tokens in it are text.
   */
  public static fromString(value: string): SettingValue {
    return new SettingValue(quote(value));
  }

  /**
   * An integer or a float.
   *
   * @throws if the number is not finite
   */
  public static fromNumber(value: number): SettingValue {
    if (Token.isUnresolved(value)) {
      return new SettingValue(`b'number:${Fn.base64(Tokenization.stringifyNumber(value))}'`);
    }
    if (!Number.isFinite(value)) {
      throw invalid(undefined, 'value', 'be a finite number', value);
    }
    return new SettingValue(String(value));
  }

  /**
   * `True` or `False`.
   */
  public static fromBoolean(value: boolean): SettingValue {
    return new SettingValue(value ? 'True' : 'False');
  }

  /**
   * A list.
   */
  public static listOf(...items: SettingValue[]): SettingValue {
    return new SettingValue(`[${items.map((item) => item.literal).join(', ')}]`);
  }

  /**
   * A list of strings.
   */
  public static stringList(...items: string[]): SettingValue {
    return SettingValue.listOf(...items.map((item) => SettingValue.fromString(item)));
  }

  /**
   * A tuple, which Django requires for pairs.
   */
  public static tupleOf(...items: SettingValue[]): SettingValue {
    const trailing = items.length === 1 ? ',' : '';
    return new SettingValue(`(${items.map((item) => item.literal).join(', ')}${trailing})`);
  }

  /**
   * A dictionary with string keys.
   */
  public static mapOf(entries: { [key: string]: SettingValue }): SettingValue {
    const items = Object.entries(entries).map(([key, item]) => `${quote(key)}: ${item.literal}`);
    return new SettingValue(`{${items.join(', ')}}`, Object.keys(entries));
  }

  /**
   * `None`.
   */
  public static nothing(): SettingValue {
    return new SettingValue('None');
  }

  /**
   * The value as a Python literal.
   */
  public readonly literal: string;

  /** The keys of a dictionary. @internal */
  public readonly _keys: readonly string[];

  private constructor(literal: string, keys: readonly string[] = []) {
    this.literal = literal;
    this._keys = keys;
  }
}

function quote(value: string): string {
  if (Token.isUnresolved(value)) {
    // The settings snippet decodes bytes, so the value of a token cannot end the literal.
    return `b'${Fn.base64(value)}'`;
  }
  const escaped = value
    .replace(/\\/g, '\\\\')
    .replace(/'/g, "\\'")
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    // systemd rejects control characters in an environment; `\0` would absorb a digit after it.
    .replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `'${escaped}'`;
}
