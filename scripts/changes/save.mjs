// Synthesizes the ready app with its defaults and each example, and keeps their templates: those of the last release
// are in test/releases, which docs/upgrade-*.md compares with those of now.
//
//   save.mjs VERSION [TREE]   the templates of a compiled tree (by default this one) become those of the last release
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const FOLDER = join(ROOT, 'test', 'releases');

/** It fails to synthesize, as it shows findings. */
const FAILS = 'rules-alone';

/** The compiled programs of a tree, by the name of their app. */
export function programs(tree = ROOT) {
  const examples = readdirSync(join(tree, 'examples'))
    .filter((name) => name !== FAILS && existsSync(join(tree, 'examples', name, 'app.ts')))
    .map((name) => [`examples/${name}`, `examples/${name}/app.js`]);
  return new Map([['ready app', 'bin/app.js'], ...examples]);
}

/** The templates of a program, by the ID of the stack. */
export function templatesOf(tree, program) {
  const folder = mkdtempSync(join(tmpdir(), 'templates-'));
  try {
    const { context } = JSON.parse(readFileSync(join(tree, 'cdk.json'), 'utf8'));
    execFileSync(process.execPath, [program], {
      cwd: tree,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        CDK_OUTDIR: folder,
        CDK_VALIDATION: 'false',
        CDK_CONTEXT_JSON: JSON.stringify({
          ...context,
          'aws:cdk:disable-creation-stack-traces': true,
        }),
      },
    });
    const files = readdirSync(folder).filter((file) => file.endsWith('.template.json'));
    return Object.fromEntries(
      files.map((file) => [
        file.replace(/\.template\.json$/, ''),
        withoutFiles(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Without the files of hosts, which are most of the size: a change of them changes the name of their resource. */
function withoutFiles({ Resources }) {
  const kept = Object.entries(Resources).map(([id, resource]) =>
    resource.Type === 'AWS::CloudFormation::WaitConditionHandle'
      ? [id, { Type: resource.Type }]
      : [id, resource],
  );
  return { Resources: Object.fromEntries(kept) };
}

function save(version, tree) {
  if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) {
    throw new Error('give the version of the release, such as 0.1.0');
  }
  const all = [...programs(tree)].map(([name, program]) => [name, templatesOf(tree, program)]);
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  const text = JSON.stringify(Object.fromEntries(all));
  writeFileSync(join(FOLDER, `${version}.templates.json.gz`), gzipSync(text, { level: 9 }));
}

if (resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  save(process.argv[2], resolve(process.argv[3] ?? ROOT));
}
