// Actions are pinned by commit, and to the same one in workflows, in the projects of `cdk-openstack-dashboard-init` and in
// documents. Dependabot changes the workflows in .github; this test then names the others.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

const files = ['.github/workflows', 'docs', 'init/templates'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(md|yml)$/.test(file))
    .map((file) => join(folder, file)),
);

const uses = files.flatMap((file) =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^ *(?:- )?uses: (.+)$/gm)]
    .map(([, action]) => ({ file, action }))
    .filter(({ action }) => !/^(\.\/|cdk-openstack-dashboard\/)/.test(action)),
);

test('each action is pinned by commit', () => {
  expect(uses.length).toBeGreaterThan(30);
  expect(uses.map(({ file }) => file)).toContain('docs/check.md');
  const unpinned = uses.filter(({ action }) => !/@[0-9a-f]{40} # v[\d.]+$/.test(action));
  expect(unpinned).toEqual([]);
});

test('each action has the same version everywhere', () => {
  const pins = new Map<string, Set<string>>();
  for (const { action } of uses) {
    const [name, pin] = action.split('@');
    const [owner, repository] = name.split('/');
    const key = `${owner}/${repository}`;
    pins.set(key, (pins.get(key) ?? new Set()).add(pin));
  }
  expect([...pins].filter(([, versions]) => versions.size > 1)).toEqual([]);
});
