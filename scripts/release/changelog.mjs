// CHANGELOG.md: its sections, and the section of a release.

const HEADING = /^## (Unreleased|\d+\.\d+\.\d+)(?: \((\d{4}-\d{2}-\d{2})\))?$/gm;

/** The sections, newest first: name, date and text without the heading. */
export function sectionsOf(changelog) {
  const headings = [...changelog.matchAll(HEADING)];
  return headings.map((match, index) => ({
    name: match[1],
    date: match[2],
    start: match.index,
    text: changelog
      .slice(match.index + match[0].length, headings[index + 1]?.index ?? changelog.length)
      .trim(),
  }));
}

/** The version that was released last, according to the changelog. */
export function lastRelease(changelog, before = undefined) {
  const names = sectionsOf(changelog).map(({ name }) => name);
  const released = names.filter((name) => name !== 'Unreleased' && name !== before);
  if (!released.length) {
    throw new Error('CHANGELOG.md has no section of a release');
  }
  return released[0];
}

/** Whether a section has a heading "Breaking" with entries under it. */
export function isBreaking(text) {
  const [, breaking = ''] =
    /^### Breaking\b[^\n]*\n([\s\S]*?)(?=^### |(?![\s\S]))/m.exec(text) ?? [];
  return /^\s*[-|*] ?/m.test(breaking);
}

/** The changelog with its section "Unreleased" as the section of a release. */
export function released(changelog, version, date) {
  const [first] = sectionsOf(changelog);
  if (first?.name !== 'Unreleased') {
    throw new Error('CHANGELOG.md must begin with a section "## Unreleased"');
  }
  const planned = /^To be released as (\d+\.\d+\.\d+)\.\s?/m.exec(first.text);
  if (planned && planned[1] !== version) {
    throw new Error(`CHANGELOG.md announces version ${planned[1]}, got ${version}`);
  }
  const text = first.text.replace(/^To be released as \d+\.\d+\.\d+\.[ \n]*/m, '').trim();
  if (!/^\s*[-|*] /m.test(text)) {
    throw new Error('CHANGELOG.md must have entries under "## Unreleased"');
  }
  const rest = changelog.slice(first.start + '## Unreleased'.length);
  const after = rest.indexOf('\n## ');
  const older = after < 0 ? '\n' : rest.slice(after);
  return `${changelog.slice(0, first.start)}## ${version} (${date})\n\n${text}\n${older}`;
}

/** The notes of a release: its section, with links to the files at its tag. */
export function notesOf(changelog, version, repository) {
  const section = sectionsOf(changelog).find(({ name }) => name === version);
  if (!section?.text) {
    throw new Error(`CHANGELOG.md has no section "## ${version}" with text`);
  }
  return `${section.text.replace(
    /\]\((?!https?:|#|mailto:)([^)]+)\)/g,
    (_, path) => `](${repository}/blob/v${version}/${path})`,
  )}\n`;
}
