// Each picture of the documents has code that makes it, under the name of its file.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const PAGES = 'test/system/cloud/pages.ts';

/** What makes a picture: a file, and the text in it from which the name follows. */
const MAKERS: Readonly<Record<string, readonly [file: string, text: string]>> = {
  'console.png': ['test/system/cloud/consoles.ts', "shoot('console')"],
  // Shown by the preview of the example with a customization
  'customization.png': ['examples/small-cloud/README.md', 'customization'],
  'launch-de.png': ['test/system/login/languages.ts', '`launch-${locale.slice(0, 2)}.png`'],
  'login-expired.png': ['test/system/login/passwords.ts', "'login-expired.png'"],
  'login-places.png': ['test/system/login/places.ts', "'login-places.png'"],
  'login-totp.png': ['test/system/login/second-factor.ts', "'login-totp.png'"],
  'login.png': ['test/system/boot/run.ts', "shoot('login.png')"],
  'overview.svg': ['scripts/docs.mjs', "'overview.svg'"],
  // The names of these are those of pages
  'project-images.png': [PAGES, "'/project/images'"],
  'project-instances.png': [PAGES, "'/project/instances/'"],
  'project-networks.png': [PAGES, "'/project/networks/'"],
  'project.png': [PAGES, "'/project/'"],
  'sso-logged-out.png': ['test/system/sso/run.ts', "'sso-logged-out.png'"],
  'sso-login.png': ['test/system/sso/run.ts', "'sso-login.png'"],
  'upload-refused.png': ['test/system/cloud/uploads.ts', "shoot('upload-refused')"],
};

test('each picture has code that makes it', () => {
  expect(readdirSync(join(ROOT, 'docs/images')).sort()).toEqual(Object.keys(MAKERS).sort());
  const missing = Object.entries(MAKERS).filter(
    ([, [file, text]]) => !readFileSync(join(ROOT, file), 'utf8').includes(text),
  );
  expect(missing).toEqual([]);
  expect(readFileSync(join(ROOT, PAGES), 'utf8')).toContain(
    "shoot(page.split('/').filter(Boolean).join('-'))",
  );
});
