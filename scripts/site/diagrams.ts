/** Draws the diagrams of the documents, in Mermaid's language, as SVG for the pages of the site. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchWith } from '../../harness/browser';
import { ROOT } from './pages';

/** The release of Mermaid, which is MIT-licensed, and the hash of its tarball in npm's registry. */
const MERMAID = {
  version: '12.3.0',
  integrity:
    'sha512-4113TdXeLAsMruJ79OpFL5O8+LTFXhQqZ260rF3tgUmiNAtRm4Uume04I+65PRN6yZ69J4f8rVYWW8zRk65UYw==',
};
const BUNDLE = 'package/dist/mermaid.min.js';

/** The colors of the theme, in its light and its dark mode; rules of Mermaid's own precede these. */
const STYLE = `
.node rect, .node path, .node polygon, .node circle { fill: var(--md-code-bg-color); stroke: var(--md-default-fg-color--light); }
.cluster rect { fill: transparent; stroke: var(--md-default-fg-color--lighter); }
.nodeLabel, .edgeLabel, .cluster-label, .label, .edgeLabel p, .cluster-label span, .nodeLabel p { color: var(--md-typeset-color); fill: var(--md-typeset-color); }
.edgeLabel, .edgeLabel p, .labelBkg { background-color: var(--md-default-bg-color); }
.flowchart-link { stroke: var(--md-typeset-color); stroke-width: 1.5px; }
.marker { fill: var(--md-typeset-color); stroke: var(--md-typeset-color); }
`;

/** The diagrams of a text. */
export const diagramsOf = (text: string): string[] =>
  [...text.matchAll(/^```mermaid\n([^]*?)\n```$/gm)].map(([, source]) => source);

/** Mermaid as one script, from npm's registry. */
function bundle(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mermaid-'));
  try {
    const name = `mermaid@${MERMAID.version}`;
    execFileSync('npm', ['pack', name, '--silent', '--pack-destination', folder], { cwd: ROOT });
    const tarball = join(folder, `mermaid-${MERMAID.version}.tgz`);
    const hash = createHash('sha512').update(readFileSync(tarball)).digest('base64');
    if (`sha512-${hash}` !== MERMAID.integrity) {
      throw new Error(`${name} must have the hash ${MERMAID.integrity}, got sha512-${hash}`);
    }
    execFileSync('tar', ['-xzf', tarball, '-C', folder, BUNDLE]);
    return readFileSync(join(folder, BUNDLE), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The drawing of each diagram, on one line of HTML. Without Chromium there are none, and pages have links instead. */
export async function draw(sources: readonly string[]): Promise<Map<string, string>> {
  const drawings = new Map<string, string>();
  const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(chromium)) {
    console.log(`site: diagrams are links, since ${chromium} is missing (set CHROMIUM)`);
    return drawings;
  }
  const script = bundle();
  const browser = await launchWith([], {});
  try {
    const page = await browser.newPage({ offline: true, viewport: { width: 1440, height: 900 } });
    await page.addScriptTag({ content: script });
    for (const source of new Set(sources)) {
      const options = {
        startOnLoad: false,
        securityLevel: 'strict',
        theme: 'neutral',
        fontFamily: 'Arial, Helvetica, sans-serif',
        themeCSS: STYLE,
        flowchart: { htmlLabels: true, useMaxWidth: false, wrappingWidth: 300 },
        deterministicIds: true,
      };
      const call = `mermaid.initialize(${JSON.stringify(options)});
mermaid.render('diagram-${drawings.size}', ${JSON.stringify(source)}).then(({ svg }) => svg)`;
      const svg = await page.evaluate<string>(call);
      drawings.set(source, figure(svg.replaceAll(/\s*\n\s*/g, ' '), source));
    }
  } finally {
    await browser.close();
  }
  return drawings;
}

/** A drawing in a page: it scrolls in its frame on narrow screens, and is one picture for screen readers. */
const figure = (svg: string, source: string): string =>
  `<div class="diagram"><div role="img" aria-label="${label(source)}">${svg}</div></div>`;

/** The names in a diagram, which a screen reader reads. */
function label(source: string): string {
  const names = [...source.matchAll(/<b>([^<]+)<\/b>/g)].map(([, name]) => name);
  return `Diagram: ${names.join(', ')}`.replaceAll('"', '&quot;');
}
