import * as index from '../../lib';
import { copyOfLibrary, removeCopy, runNode } from './copy';

let copy: string;
beforeAll(() => {
  copy = copyOfLibrary();
  runNode(copy, 'scripts/compile.mjs');
});
afterAll(() => removeCopy(copy));

const run = <T>(program: string): T => JSON.parse(runNode(copy, '-e', program)) as T;
const LOADED = `Object.keys(require.cache).map((file) => file.slice(process.cwd().length + 1))`;

test('exports exactly the run-time values of lib/index.ts', () => {
  // Types that are exported by name come out as undefined when each file is compiled by itself.
  const values = Object.entries(index)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, typeof value]);
  const lazy = run<[string, string][]>(`
    const index = require('./lib/index.js');
    console.log(JSON.stringify(Object.keys(index).map((name) => [name, typeof index[name]])));
  `);
  expect(lazy.sort()).toEqual(values.sort());
  expect(lazy.length).toBeGreaterThan(15);
});

test('loads nothing but itself when it is imported', () => {
  expect(run(`require('./lib/index.js'); console.log(JSON.stringify(${LOADED}))`)).toEqual([
    'lib/index.js',
  ]);
});

test('loads neither cdk-nag nor the rules when constructs are used', () => {
  const loaded = run<string[]>(`
    const { MemcachedCluster } = require('./lib/index.js');
    if (typeof MemcachedCluster !== 'function') throw new Error('no class');
    console.log(JSON.stringify(${LOADED}));
  `);
  expect(loaded).toContain('lib/session/memcached-cluster.js');
  expect(loaded.filter((file) => /cdk-nag|^lib\/(nag|entry|static|dashboard)/.test(file))).toEqual(
    [],
  );
});

test('returns the same value each time, which is that of its module', () => {
  expect(
    run(`
      const index = require('./lib/index.js');
      console.log(JSON.stringify(index.SettingValue === index.SettingValue &&
        index.SettingValue === require('./lib/settings/setting-value.js').SettingValue));
    `),
  ).toBe(true);
});

test('ES modules import every value by its name', () => {
  const names = run<string[]>(
    `console.log(JSON.stringify(Object.keys(require('./lib/index.js'))))`,
  );
  const program = `
    import { ${names.join(', ')} } from './lib/index.js';
    import index from './lib/index.js';
    const values = { ${names.join(', ')} };
    console.log(Object.keys(values).filter((name) => !values[name] || values[name] !== index[name]).join());
  `;
  expect(runNode(copy, '--input-type=module', '-e', program).trim()).toBe('');
});
