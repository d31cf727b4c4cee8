import { Checks, must } from '../harness/checks';
import { Stage, submit, visit } from './stage';

/** Texts of each page; only the directive `translate` of Angular writes those of the wizard. */
const TEXTS: Record<string, Record<string, readonly string[]>> = {
  'de-DE': {
    'project/images/': ['Sichtbarkeit', 'Abbild erstellen'],
    'project/key_pairs': ['Schlüsselpaar erstellen'],
    wizard: ['Instanzname', 'Beschreibung', 'Verfügbarkeitszone'],
  },
  'ja-JP': {
    'project/images/': ['公開範囲', 'イメージの作成'],
    'project/key_pairs': ['キーペアの作成'],
    wizard: ['インスタンス名', '説明', 'アベイラビリティーゾーン'],
  },
};

async function read(stage: Stage, locale: string): Promise<Record<string, string>> {
  const { context, page } = await visit(stage, locale);
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => /lowercase/.test(message) && errors.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' && /lowercase|\$injector/.test(message.text())) {
      errors.push(message.text());
    }
  });
  const { preview } = stage;
  await page.goto(`${preview.url}project/`);
  await submit(page, preview.user, preview.password);
  const found: Record<string, string> = {};
  for (const path of ['project/images/', 'project/key_pairs']) {
    await page.goto(preview.url + path, { waitUntil: 'networkidle' });
    await page.waitForSelector('hz-resource-table td');
    found[path] = await page.evaluate<string>('reader.texts()');
  }
  await page.goto(`${preview.url}project/instances/`, { waitUntil: 'networkidle' });
  await page.click('#instances__action_launch-ng');
  await page.waitForSelector('wizard .step');
  await page.waitForLoadState('networkidle');
  found.wizard = await page.evaluate<string>('reader.texts("wizard")');
  await stage.shoot(page, `launch-${locale.slice(0, 2)}.png`);
  await context.close();
  must(errors.length === 0, `scripts fail: ${errors.slice(0, 3).join('\n')}`);
  return found;
}

export const LANGUAGES: Checks<Stage> = [
  ...Object.entries(TEXTS).map(
    ([locale, pages]) =>
      [
        `Angular pages are translated for ${locale}`,
        async (stage: Stage) => {
          const found = await read(stage, locale);
          for (const [page, texts] of Object.entries(pages)) {
            const missing = texts.filter((text) => !found[page].includes(text));
            must(
              missing.length === 0,
              `${page} lacks ${missing.join(', ')}: ${found[page].slice(0, 2000)}`,
            );
          }
        },
      ] as const,
  ),
  [
    'fields that are added to a page are prepared',
    async (stage: Stage) => {
      const { context, page } = await visit(stage);
      const { preview } = stage;
      await page.goto(`${preview.url}project/`);
      await submit(page, preview.user, preview.password);
      const kinds = await page.evaluate<string[]>('reader.addFields()');
      must(
        kinds[0].includes('select-initialized') && kinds[1].includes('spinner-initialized'),
        `their classes are ${kinds.join(', ')}`,
      );
      await context.close();
    },
  ],
];
