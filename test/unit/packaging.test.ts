import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './fixtures';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.d.ts'),
);

const TYPES = /^import type [^;]+;$/gm;

/** The packages that a file of the library imports; types alone are gone once it is compiled. */
function packagesOf(file: string): string[] {
  const text = readFileSync(join(ROOT, 'lib', file), 'utf8').replace(TYPES, '');
  return [...text.matchAll(/(?:from|import|require\()\s*'([^.'\s][^'\s]*)'/g)].map(
    ([, name]) => name,
  );
}

test('the library only imports its peers, Node.js and its own files', () => {
  const peers = Object.keys(manifest.peerDependencies);
  expect(manifest.dependencies ?? {}).toEqual({});
  const others = sources.flatMap(packagesOf).filter((name) => {
    const bare = name.replace(/^node:/, '').split('/')[0];
    return !peers.includes(name.split('/')[0]) && !builtinModules.includes(bare);
  });
  expect(others).toEqual([]);
});

test('no exported declaration needs types of a package that is not installed', () => {
  const text = (file: string): string => readFileSync(join(ROOT, 'lib', file), 'utf8');
  const typed = sources.filter((file) => /^import type .* from '[^.]/m.test(text(file)));
  expect(typed.length).toBeGreaterThan(0);
  const exported = new Set(['index.ts']);
  for (const file of exported) {
    for (const [, path] of text(file).matchAll(/from '(\.[^']+)(?<!\.json)'/g)) {
      const module = join(file, '..', path);
      exported.add(sources.includes(`${module}.ts`) ? `${module}.ts` : join(module, 'index.ts'));
    }
  }
  expect(typed.filter((file) => exported.has(file))).toEqual([]);
});

test('only the rule pack imports cdk-nag', () => {
  const importers = sources.filter((file) => packagesOf(file).includes('cdk-nag'));
  expect(importers.length).toBeGreaterThan(0);
  expect(importers.filter((file) => !file.startsWith('nag/'))).toEqual([]);
});

test('no file of the library imports a file outside of it', () => {
  const text = sources.map((file) => readFileSync(join(ROOT, 'lib', file), 'utf8')).join('\n');
  expect(text).not.toMatch(/from '(\.\.\/)+(bin|test|preview|bench|harness|scripts)\//);
});

test('every peer is built against its minimum version, as jsii requires', () => {
  for (const [name, range] of Object.entries<string>(manifest.peerDependencies)) {
    expect(range).toBe(`^${manifest.devDependencies[name]}`);
  }
});

test('documents name the oldest version of each peer', () => {
  const versions = readFileSync(join(ROOT, 'docs/versions.md'), 'utf8');
  for (const [name, range] of Object.entries<string>(manifest.peerDependencies)) {
    expect(versions).toMatch(
      new RegExp(`^\\| \`${name}\` +\\| \`\\${range}\`: ${range.slice(1)} or later`, 'm'),
    );
  }
  const [major, minor] = manifest.devDependencies['aws-cdk-lib'].split('.');
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  expect(readme).toContain(`\`aws-cdk-lib\` ${major}.${minor} or later`);
});

test('the package has the payload, the host files and the index', () => {
  expect(manifest).toMatchObject({ main: 'lib/index.js', types: 'lib/index.d.ts' });
  expect(manifest.files).toEqual(
    expect.arrayContaining(['.jsii', 'lib/**/*.js', 'lib/**/*.d.ts', 'lib/hosts/payload.json']),
  );
  // The contract of hosts and constructs, which both read.
  expect(manifest.files).toContain('lib/**/files/**');
  expect(readdirSync(join(ROOT, 'lib/settings/files'), { recursive: true })).toContain(
    'usr/local/lib/openstack-dashboard/python/openstack_dashboard_contract.json',
  );
});

test('is found by Construct Hub', () => {
  expect(manifest).toMatchObject({ license: 'Apache-2.0', repository: { type: 'git' } });
  expect(manifest.keywords).toEqual(expect.arrayContaining(['cdk', 'aws-cdk', 'awscdk']));
  expect(Object.keys(manifest.jsii.targets).sort()).toEqual(['dotnet', 'go', 'java', 'python']);
});
