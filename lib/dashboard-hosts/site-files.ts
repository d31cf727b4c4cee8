import { IConstruct } from 'constructs';
import { invalid } from '../shared/errors';
import { Packed, packFiles } from '../shared/packed';

/** The maximum size of the packed files, since the template that contains them is limited to 1 MB. */
const LIMIT = 256 * 1024;

/** Files of a site that hosts get from the stack, by their paths, in base64. */
export class SiteFiles {
  private readonly files: { [path: string]: string } = {};

  /** Adds a text. */
  public add(path: string, text: string): void {
    this.files[path] = Buffer.from(text).toString('base64');
  }

  /** Adds files that are in base64. */
  public addAll(folder: string, files: { [path: string]: string }): void {
    for (const [path, content] of Object.entries(files)) {
      this.files[`${folder}/${path}`] = content;
    }
  }

  /** The files as a resource carries them, or undefined if there are none. */
  public pack(scope: IConstruct): Packed | undefined {
    const paths = Object.keys(this.files).sort();
    if (paths.length === 0) {
      return undefined;
    }
    const packed = packFiles(Object.fromEntries(paths.map((path) => [path, this.files[path]])));
    if (packed.files.length > LIMIT) {
      throw invalid(
        scope,
        'policies',
        `be at most ${LIMIT} bytes when packed, with customization and messages`,
        packed.files.length,
        'put larger files into the machine image or a Debian package',
      );
    }
    return packed;
  }
}
