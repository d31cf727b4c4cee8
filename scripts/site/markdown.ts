/**
 * Converts Markdown as GitHub renders it into Markdown that Python-Markdown, the parser of the site's
 * generator, renders the same.
 */

/** The anchors that GitHub gives the headings of one page. */
export class Anchors {
  private readonly counts = new Map<string, number>();

  public of(heading: string): string {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const count = this.counts.get(slug) ?? 0;
    this.counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  }
}

export interface Conversion {
  /** The new target of a link or an image. */
  readonly link: (target: string) => string;
  /** Markdown for a diagram in Mermaid, which browsers cannot draw without a library of 5 MB. */
  readonly diagram: (source: string) => string;
}

/** Outside of code: links, and characters that only one of the two parsers reads as markup. */
function prose(text: string, link: Conversion['link']): string {
  return text
    .replaceAll('\\<', '&lt;')
    .replace(/\\?\{/g, '&#123;')
    .replace(/\]\(([^)\s]+)\)/g, (_match, target: string) => `](${link(target)})`)
    .replace(/ href="([^"]+)"/g, (_match, target: string) => ` href="${link(target)}"`);
}

function inline(line: string, { link }: Conversion): string {
  const inTable = line.startsWith('|');
  return line
    .split(/((`+)(?:(?!\2).)+?\2(?!`))/)
    .map((part, index) => {
      switch (index % 3) {
        case 0:
          return prose(part, link);
        case 1:
          // Python-Markdown keeps the backslash of code in a table.
          return inTable ? part.replaceAll('\\|', '|') : part;
        default:
          return '';
      }
    })
    .join('');
}

export function convert(text: string, conversion: Conversion): string {
  const anchors = new Anchors();
  const output: string[] = [];
  // How far the text of the current item of a list is indented
  let width = 0;
  let fence: string | undefined;
  let diagram: string[] | undefined;
  let isComment = false;
  for (const line of text.split('\n')) {
    const [, indent, ticks, info] = /^( *)(`{3,})(.*)$/.exec(line) ?? [];
    // Items of Python-Markdown's lists have their text at the fourth column.
    const shift = (changed: string): string =>
      width > 0 && line.startsWith(' '.repeat(width)) ? `    ${changed.slice(width)}` : changed;
    if (fence !== undefined) {
      const isEnd = ticks !== undefined && ticks.length >= fence.length && info.trim() === '';
      if (!diagram) {
        output.push(shift(line));
      } else if (isEnd) {
        output.push(conversion.diagram(diagram.join('\n')));
      } else {
        diagram.push(line);
      }
      if (isEnd) {
        fence = undefined;
        diagram = undefined;
      }
      continue;
    }
    if (isComment || line.startsWith('<!--')) {
      isComment = !line.includes('-->');
      continue;
    }
    if (ticks !== undefined) {
      fence = ticks;
      if (indent === '') {
        width = 0;
      }
      const language = info.trim().split(' ')[0];
      if (language === 'mermaid') {
        diagram = [];
      } else {
        // Behind the language, snippets have words for their tests.
        output.push(shift(`${indent}${ticks}${language}`));
      }
      continue;
    }
    const item = /^(?:[-*]|\d+\.) +/.exec(line);
    if (item) {
      width = item[0].length;
    } else if (/^\S/.test(line)) {
      width = 0;
    }
    const heading = /^(#{1,6}) (.+)$/.exec(line);
    if (heading) {
      output.push(`${inline(line, conversion)} { #${anchors.of(heading[2])} }`);
      continue;
    }
    output.push(inline(shift(line), conversion));
  }
  return output.join('\n').replace(/\n{3,}/g, '\n\n');
}
