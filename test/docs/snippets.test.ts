import { App } from 'aws-cdk-lib';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '..', '..');
const FIXTURE = readFileSync(join(ROOT, 'rosetta', 'default.ts-fixture'), 'utf8');
const DOCUMENTS = ['README.md', 'RULES.md', 'CONTRIBUTING.md', ...markdownIn('docs', 'examples')];

interface Snippet {
  /** As a reader finds it: file and line. */
  readonly place: string;
  /** The program, and where the reader's part begins in it. */
  readonly file: string;
  readonly text: string;
  readonly offset: number;
}

function markdownIn(...folders: string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => file.endsWith('.md'))
    .sort();
}

/** The ```ts blocks of a document; one without `nofixture` stands in the fixture at `/// here`. */
function snippetsOf(document: string): Snippet[] {
  const lines = readFileSync(join(ROOT, document), 'utf8').split('\n');
  const found: Snippet[] = [];
  for (let at = 0; at < lines.length; at++) {
    const fence = /^(\s*)```(?:ts|typescript)\b(.*)$/.exec(lines[at]);
    if (!fence) {
      continue;
    }
    const end = lines.findIndex((line, index) => index > at && line === `${fence[1]}\`\`\``);
    const body = lines.slice(at + 1, end).join('\n');
    const [before, after] = fence[2].includes('nofixture') ? ['', ''] : FIXTURE.split('/// here');
    const line = at + 1;
    found.push({
      place: `${document}:${line + 1}`,
      file: join(ROOT, 'rosetta', `${document.replace(/\W/g, '_')}_${line}.ts`),
      text: `${before}${body}${after}\nexport {};\n`,
      offset: line + 1 - before.split('\n').length,
    });
    at = end;
  }
  return found;
}

const snippets = DOCUMENTS.flatMap(snippetsOf);

function typeErrors(): string[] {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(
    {
      compilerOptions: {
        ...config.config.compilerOptions,
        types: ['node'],
        paths: { 'cdk-openstack-dashboard': ['./lib/index.ts'] },
        // The fixture has more than one snippet uses.
        noUnusedLocals: false,
        noUnusedParameters: false,
      },
      files: [],
    },
    ts.sys,
    ROOT,
  );
  const byFile = new Map(snippets.map((snippet) => [snippet.file, snippet]));
  const host = ts.createCompilerHost(options);
  // As tsc does: of the comments of aws-cdk-lib, those that no type depends on are not parsed.
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors;
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => byFile.has(file) || fileExists(file);
  host.readFile = (file) => byFile.get(file)?.text ?? readFile(file);
  host.getSourceFile = (file, languageVersion, ...rest) => {
    const text = byFile.get(file)?.text;
    return text === undefined
      ? getSourceFile(file, languageVersion, ...rest)
      : ts.createSourceFile(file, text, languageVersion);
  };
  const program = ts.createProgram([...byFile.keys()], options, host);
  return [...byFile.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ].map(({ start, messageText }) => {
      const snippet = byFile.get(file)!;
      const line = source!.getLineAndCharacterOfPosition(start ?? 0).line;
      const where = `${snippet.place.split(':')[0]}:${line + 1 + snippet.offset}`;
      return `${where}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}

/** Runs a program, and gives back the apps that it made. */
function run({ text }: Snippet, outdir: string): App[] {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const apps: App[] = [];
  class RecordedApp extends App {
    constructor(props?: ConstructorParameters<typeof App>[0]) {
      super({ ...props, outdir: join(outdir, String(apps.length)) });
      apps.push(this);
    }
  }
  const load = (name: string): unknown => {
    if (name === 'cdk-openstack-dashboard') {
      return jest.requireActual('../../lib');
    }
    const real = jest.requireActual<object>(name);
    return name === 'aws-cdk-lib'
      ? new Proxy(real, {
          get: (target, key) => (key === 'App' ? RecordedApp : Reflect.get(target, key)),
        })
      : real;
  };
  new Function('require', 'exports', outputText)(load, {});
  return apps;
}

test('the documents have snippets', () => {
  expect(snippets.length).toBeGreaterThan(10);
});

test('every snippet has the right types', () => {
  expect(typeErrors()).toEqual([]);
});

describe('every snippet can be synthesized', () => {
  let outdir: string;
  beforeEach(() => {
    outdir = mkdtempSync(join(tmpdir(), 'snippet-'));
  });
  afterEach(() => rmSync(outdir, { recursive: true }));

  test.each(snippets.map((snippet) => [relative(ROOT, snippet.place), snippet] as const))(
    '%s',
    (_place, snippet) => {
      const apps = run(snippet, outdir);
      expect(apps).not.toEqual([]);
      for (const app of apps) {
        expect(app.synth().stacks).not.toEqual([]);
      }
    },
  );
});
