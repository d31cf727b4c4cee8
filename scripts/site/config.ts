/** The configuration of Zensical, which generates the site. */
import { Entry, read, repositoryUrl } from './pages';

type Value = string | boolean | readonly Value[] | { readonly [key: string]: Value };

function toml(value: Value): string {
  if (typeof value === 'string' || typeof value === 'boolean') {
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(toml).join(', ')}]`;
  }
  const pairs = Object.entries(value).map(
    ([key, each]) => `${JSON.stringify(key)} = ${toml(each)}`,
  );
  return `{ ${pairs.join(', ')} }`;
}

/** Pages by their addresses, and sections, in the form of the configuration. */
const navigation = (entries: readonly Entry[]): Value =>
  entries.map((entry): Value =>
    typeof entry === 'string' ? entry : { [entry.title]: navigation(entry.entries) },
  );

const scheme = (media: string, name: string, icon: string, next: string): Value => ({
  media,
  scheme: name,
  primary: 'indigo',
  accent: 'indigo',
  toggle: { icon, name: `Switch to ${next}` },
});

/**
 * No address of the site and none of the repository is set: with the latter, pages would load figures from
 * GitHub. Fonts are those of the reader's system. The generator's plugin for reading from disk is off, since it loads a
 * script from a CDN.
 */
export function configuration(entries: readonly Entry[]): string {
  const { name, description } = JSON.parse(read('package.json')) as Record<string, string>;
  const project: Record<string, Value> = {
    site_name: name,
    site_description: description,
    copyright: `Apache-2.0. <a href="${repositoryUrl()}">Source code</a>`,
    docs_dir: 'docs',
    site_dir: 'html',
    use_directory_urls: false,
    nav: navigation(entries),
    extra: { generator: false },
    extra_css: ['stylesheets/site.css'],
    extra_javascript: ['javascripts/site.js'],
    theme: {
      language: 'en',
      font: false,
      features: [
        ...['navigation.tabs', 'navigation.sections', 'navigation.indexes', 'navigation.top'],
        ...['navigation.prune', 'navigation.footer', 'toc.follow', 'search.highlight'],
        ...['content.code.copy', 'content.tabs.link'],
      ],
      palette: [
        scheme('(prefers-color-scheme: light)', 'default', 'lucide/sun', 'dark mode'),
        scheme('(prefers-color-scheme: dark)', 'slate', 'lucide/moon', 'light mode'),
      ],
    },
    plugins: { search: {} },
    validation: { invalid_links: true, invalid_link_anchors: true },
    markdown_extensions: {
      attr_list: {},
      admonition: {},
      md_in_html: {},
      tables: {},
      toc: { permalink: true, permalink_title: 'Link to this section' },
      pymdownx: {
        highlight: { anchor_linenums: false },
        superfences: {},
        tabbed: { alternate_style: true },
      },
    },
  };
  return `[project]\n${Object.entries(project)
    .map(([key, value]) => `${key} = ${toml(value)}`)
    .join('\n')}\n`;
}
