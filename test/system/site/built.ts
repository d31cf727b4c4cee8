/** The built site as files: its pages, the targets of their links, and what a browser loads with them. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

const decode = (text: string): string =>
  decodeURIComponent(text.replaceAll('&amp;', '&').replaceAll('&#39;', "'"));

export class BuiltSite {
  /** Pages, by path below the folder. */
  public readonly pages: readonly string[];
  private readonly texts = new Map<string, string>();
  private readonly anchors = new Map<string, Set<string>>();

  constructor(public readonly folder: string) {
    this.pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.html'))
      .sort();
  }

  public text(page: string): string {
    const text = this.texts.get(page) ?? readFileSync(join(this.folder, page), 'utf8');
    this.texts.set(page, text);
    return text;
  }

  private hasAnchor(page: string, anchor: string): boolean {
    const known =
      this.anchors.get(page) ??
      new Set(
        [...this.text(page).matchAll(/ (?:id|name)="?([^"\s>]+)"?/g)].map(([, id]) => decode(id)),
      );
    this.anchors.set(page, known);
    return known.has(anchor);
  }

  /** Targets of links, images, scripts and styles in a page. */
  private targets(page: string): string[] {
    // In code, they are examples.
    const text = this.text(page).replace(/<(pre|script)\b[^>]*>[^]*?<\/\1>/g, (all) =>
      all.startsWith('<script') ? all.slice(0, all.indexOf('>') + 1) : '',
    );
    return [...text.matchAll(/<[a-z]+\b[^>]*?\s(?:href|src)="?([^"\s>]+)"?/g)].map(([, target]) =>
      target.replaceAll('&amp;', '&'),
    );
  }

  /** The links into the site, and those that lead nowhere. */
  public internalLinks(): { readonly count: number; readonly broken: string[] } {
    let count = 0;
    const broken: string[] = [];
    // The page of missing pages may be served at any address.
    for (const page of this.pages.filter((each) => each !== '404.html')) {
      for (const target of this.targets(page).filter((each) => !/^[a-z]+:/.test(each))) {
        count += 1;
        const [path, anchor] = target.split('#');
        const file = path === '' ? page : posix.join(posix.dirname(page), decode(path));
        const found = existsSync(join(this.folder, file))
          ? statSync(join(this.folder, file)).isDirectory()
            ? posix.join(file, 'index.html')
            : file
          : undefined;
        const isThere =
          found !== undefined &&
          existsSync(join(this.folder, found)) &&
          (anchor === undefined ||
            // The generator's link to the top of a page
            ['', '__skip', '__codelineno'].includes(anchor) ||
            this.hasAnchor(found, decode(anchor)));
        if (!isThere) {
          broken.push(`${page}: ${target}`);
        }
      }
    }
    return { count, broken };
  }

  /** Scripts, styles, images and fonts of other hosts that pages or style sheets load. */
  public externalLoads(): string[] {
    const inPages = this.pages.flatMap((page) =>
      [
        ...this.text(page).matchAll(
          /<(?:script|img|iframe|source|link(?=[^>]*rel="?(?:stylesheet|icon|preload|preconnect)))\b[^>]*?(?:src|href)="?(https?:[^"\s>]+)/g,
        ),
      ].map(([, url]) => `${page}: ${url}`),
    );
    const sheets = readdirSync(this.folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.css'),
    );
    const inSheets = sheets.flatMap((file) =>
      [...this.text(file).matchAll(/(?:url\(|@import )["']?(https?:[^"')]+)/g)].map(
        ([, url]) => `${file}: ${url}`,
      ),
    );
    return [...inPages, ...inSheets];
  }
}
