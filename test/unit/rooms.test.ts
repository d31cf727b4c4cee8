// The folders of lib and of the preview, and what each may import: the tables of docs/architecture.md.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './fixtures';

interface Room {
  /** A folder, or a file that is apart from the others of its folder. */
  readonly path: string;
  readonly imports: readonly string[];
  readonly purpose: string;
}

/** The rows of the table below a heading. */
function roomsOf(heading: string): Room[] {
  const lines = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8').split('\n');
  const section = lines.slice(lines.indexOf(`## ${heading}`));
  const rows = section.slice(section.findIndex((line) => /^\| Room +\|/.test(line)) + 2);
  return rows.slice(0, rows.indexOf('')).map((row) => {
    const [room, imports, purpose] = row.split('|').slice(1);
    const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, c]) => c);
    return { path: codes(room)[0], imports: codes(imports), purpose: purpose.trim() };
  });
}

describe.each([
  ['lib', 'Rooms', 200],
  ['preview', 'Rooms of the preview', 100],
])('%s', (top, heading, arrowsAtLeast) => {
  const files = readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
    .map((file) => join(top, file))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  const rooms = roomsOf(heading);
  const paths = rooms.map(({ path }) => path);

  /** The room of a file: the most specific one. */
  function roomOf(file: string): string | undefined {
    return paths
      .filter((path) => file === path || (path.endsWith('/') && file.startsWith(path)))
      .sort((one, other) => other.length - one.length)[0];
  }

  /** The sources of the tree that a file imports, also those that it imports types of. */
  function importsOf(file: string): string[] {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [...text.matchAll(/(?:from|import|import\(|require\()\s*'(\.[^']*)'/g)]
      .map(([, path]) => join(dirname(file), path))
      .map((path) => [`${path}.ts`, join(path, 'index.ts')].find((each) => files.includes(each)))
      .filter((found) => found !== undefined);
  }

  const arrows = files.flatMap((file) =>
    importsOf(file).map((imported) => ({ file, from: roomOf(file), to: roomOf(imported) })),
  );

  test('every file is in a room, and every room has files and a purpose', () => {
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
    expect([...new Set(files.map(roomOf))].sort()).toEqual([...paths].sort());
    for (const { path, purpose } of rooms) {
      expect([path, purpose]).toEqual([path, expect.stringMatching(/^.{15,}$/)]);
    }
  });

  test('a room imports what the table allows', () => {
    expect(arrows.length).toBeGreaterThan(arrowsAtLeast);
    const wrong = arrows.filter(
      ({ from, to }) =>
        from !== to && !rooms.find(({ path }) => path === from)!.imports.includes(to!),
    );
    expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
  });

  test('the table allows only imports that a file needs', () => {
    const needed = new Set(arrows.map(({ from, to }) => `${from} ${to}`));
    const allowed = rooms.flatMap(({ path, imports }) => imports.map((to) => `${path} ${to}`));
    expect(allowed.filter((each) => !needed.has(each))).toEqual([]);
  });

  test('a room only imports rooms below it in the table, so there are no cycles', () => {
    const up = rooms.flatMap(({ path, imports }) =>
      imports
        .filter((to) => paths.indexOf(to) <= paths.indexOf(path))
        .map((to) => `${path} imports ${to}`),
    );
    expect(up).toEqual([]);
  });

  test('no file imports itself through others', () => {
    const graph = new Map(files.map((file) => [file, importsOf(file)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) {
        circles.push([...way.slice(way.indexOf(file)), file].join(' > '));
      } else if (!done.has(file)) {
        graph.get(file)!.forEach((next) => visit(next, [...way, file]));
        done.add(file);
      }
    };
    files.forEach((file) => visit(file, []));
    expect(circles).toEqual([]);
  });
});
