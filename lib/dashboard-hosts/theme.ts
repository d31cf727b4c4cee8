import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { invalid } from '../shared/errors';
import { packFiles } from '../shared/packed';

/**
 * Properties of `Theme`.
 */
export interface ThemeProps {
  /**
   * The name of the theme, which is its folder under static media and the value of Horizon's
   * `DEFAULT_THEME`: lower case letters, digits, `-` and `_`.
   *
   * @default - the name of the folder
   */
  readonly name?: string;

  /**
   * The display name of the theme.
   *
   * @default - the name
   */
  readonly label?: string;
}

/** The maximum size of a packed theme, since the template that contains it is limited to 1 MB. */
const LIMIT = 512 * 1024;

/** The files of a theme that Horizon compiles. */
const REQUIRED = ['static/_variables.scss', 'static/_styles.scss'];

const NEEDED = `be a folder with ${REQUIRED.join(' and ')}`;

/** Horizon's own themes. */
const TAKEN = ['default', 'example', 'material'];

/**
 * A custom theme of Horizon, from a folder with `static/_variables.scss` and `static/_styles.scss`,
 * the files that they refer to, and optionally templates. It can import from the theme `default`.
 * Users cannot select another theme.
 *
 * Hosts compile it with the other static media, so another theme is another release.
 *
 * @see https://docs.openstack.org/horizon/latest/configuration/themes.html
 */
export class Theme {
  /**
   * Reads a theme from a local folder at synth time. Files whose names begin with a dot are
   * omitted.
   *
   * @param path the folder
   * @param props the names of the theme
   * @throws if there is no such folder, a file that Horizon requires is missing, the name is
   * invalid, or the theme is larger than a template can contain
   */
  public static fromFolder(path: string, props: ThemeProps = {}): Theme {
    return new Theme(resolve(path), props);
  }

  /** The name of the theme. */
  public readonly name: string;

  /** The display name of the theme. */
  public readonly label: string;

  /** The files, as JSON from path to base64, gzipped, in base64. @internal */
  public readonly _files: string;

  /** A hash of paths and contents. @internal */
  public readonly _hash: string;

  private constructor(folder: string, props: ThemeProps) {
    const files = filesOf(folder);
    this.name = props.name ?? basename(folder);
    this.label = props.label ?? this.name;
    if (!/^[a-z][a-z0-9_-]{0,31}$/.test(this.name) || TAKEN.includes(this.name)) {
      throw invalid(
        undefined,
        'name',
        `be 1 to 32 lower case letters, digits, - and _, begin with a letter and differ from ${TAKEN.join(', ')}`,
        this.name,
      );
    }
    const missing = REQUIRED.filter((file) => !(file in files));
    if (missing.length) {
      throw invalid(undefined, 'path', NEEDED, folder, `it has no ${missing.join(' and no ')}`);
    }
    const packed = packFiles(files);
    this._hash = packed.hash;
    this._files = packed.files;
    if (this._files.length > LIMIT) {
      throw invalid(
        undefined,
        'path',
        `be a folder of at most ${LIMIT} bytes when packed`,
        this._files.length,
        'put a larger theme into the machine image or a Debian package',
      );
    }
  }
}

/** The files of a folder in base64, by their paths, in order. */
export function filesOf(folder: string, needed = NEEDED): { [path: string]: string } {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw invalid(undefined, 'path', needed, folder, 'there is no such folder');
  }
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => relative(folder, join(folder, path)).replaceAll('\\', '/'))
    .filter((path) => !/(^|\/)\./.test(path) && statSync(join(folder, path)).isFile())
    .sort();
  return Object.fromEntries(
    paths.map((path) => [path, readFileSync(join(folder, path)).toString('base64')]),
  );
}
