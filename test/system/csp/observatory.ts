/** Mozilla's HTTP Observatory, which grades the headers of a site and its login page. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import type { Preview } from '../../../preview';

const run = promisify(execFile);
const FILES = path.join(__dirname, 'observatory');
const PACKAGE = 'node_modules/@mdn/mdn-http-observatory';
/** Milliseconds. */
const PATIENCE = 300_000;

interface Test {
  readonly pass: boolean;
  readonly result: string;
  readonly scoreModifier: number;
}

export interface Verdict {
  readonly grade: string;
  readonly score: number;
  readonly tests: Readonly<Record<string, Test>>;
}

/** Installs it in a folder of its own, which is not one of the project's. */
export class Observatory {
  public static async install(): Promise<Observatory> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'observatory-'));
    fs.cpSync(FILES, folder, { recursive: true });
    // Its scripts fetch lists of preloaded names, which the preview's cannot be in.
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', ['ci', ...quiet], { cwd: folder, timeout: PATIENCE });
    fs.writeFileSync(path.join(folder, PACKAGE, 'conf/hsts-preload.json'), '{}\n');
    return new Observatory(folder);
  }

  private constructor(private readonly folder: string) {}

  /** What it says about the first page of the preview, where redirects lead a visitor. */
  public async scan(preview: Preview, address: string): Promise<Verdict> {
    const { stdout } = await run('node', ['scan.mjs', preview.name, address], {
      cwd: this.folder,
      env: { ...process.env, NODE_EXTRA_CA_CERTS: preview.caFile },
      maxBuffer: 1 << 24,
      timeout: PATIENCE,
    });
    const { scan, tests } = JSON.parse(stdout) as {
      scan: { grade: string; score: number };
      tests: Record<string, Test>;
    };
    return { grade: scan.grade, score: scan.score, tests };
  }

  public remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
