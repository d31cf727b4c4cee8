import { resolve } from 'node:path';
import { invalid } from '../shared/errors';
import { filesOf } from './theme';

/**
 * Properties of `Customization`.
 */
export interface CustomizationProps {
  /**
   * The name of the Python module in the folder that changes Horizon
   * (`HORIZON_CONFIG['customization_module']`).
   *
   * @default 'overrides' if there is a file overrides.py, otherwise none
   */
  readonly module?: string;
}

const NEEDED = 'be a folder with overrides.py, templates/ or static/';

/**
 * Changes of Horizon that no setting makes, from a folder: a Python module that changes dashboards and
 * panels, templates that replace Horizon's, and files that are added to static media or replace
 * Horizon's.
 *
 * @see docs/customization.md
 */
export class Customization {
  /**
   * Reads a folder at synth time: `overrides.py` and other Python modules, `templates/` and
   * `static/`. Files whose names begin with a dot are omitted.
   *
   * @param path the folder
   * @param props the name of the module
   * @throws if there is no such folder, or none of these is in it, or the module is missing
   */
  public static fromFolder(path: string, props: CustomizationProps = {}): Customization {
    return new Customization(resolve(path), props);
  }

  /**
   * The Python module that changes Horizon.
   *
   * @default - none
   */
  public readonly module?: string;

  /** The files in base64, by path. @internal */
  public readonly _files: { [path: string]: string };

  private constructor(folder: string, props: CustomizationProps) {
    const found = Object.entries(filesOf(folder, NEEDED)).filter(
      ([path]) => !/(^|\/)__pycache__\//.test(path),
    );
    this._files = Object.fromEntries(found);
    const paths = Object.keys(this._files);
    this.module = props.module ?? (paths.includes('overrides.py') ? 'overrides' : undefined);
    if (this.module !== undefined && !/^[a-z_][a-z0-9_]{0,63}$/.test(this.module)) {
      throw invalid(undefined, 'module', 'be the name of a Python module', this.module);
    }
    if (this.module !== undefined && !paths.includes(`${this.module}.py`)) {
      throw invalid(
        undefined,
        'module',
        'be a Python file in the folder',
        this.module,
        `there is no ${this.module}.py in ${folder}`,
      );
    }
    if (this.module === undefined && !paths.some((path) => /^(templates|static)\//.test(path))) {
      throw invalid(undefined, 'path', NEEDED, folder, 'it has none of them');
    }
  }
}
