/** `npm run site`: builds the site into site/. */
import { spawnSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { assemble, isBuilt } from './assemble';
import { ROOT } from './pages';

const source = join(ROOT, '.site');
const built = join(source, 'html');
const target = join(ROOT, 'site');

async function main(): Promise<void> {
  const count = await assemble(source);
  const { status } = spawnSync(
    process.env.ZENSICAL ?? join(ROOT, '.venv-site/bin/zensical'),
    ['build', '--strict', '--clean', '--config-file', join(source, 'zensical.toml')],
    { stdio: 'inherit', env: { ...process.env, NO_COLOR: '1' } },
  );
  if (status !== 0 || !isBuilt(built)) {
    throw new Error('the generator failed; its messages above name pages below .site/docs');
  }
  rmSync(target, { recursive: true, force: true });
  renameSync(built, target);
  console.log(`site: ${count} pages in site/, start with site/index.html`);
}

main().catch((error: Error) => {
  console.error(`site: ${error.message}`);
  process.exit(1);
});
