import { until } from '../../../preview/shared/run';
import { Checks, must } from '../harness/checks';
import { Stage, submit, visit } from './stage';

/** Texts of each page; only the directive `translate` of Angular writes those of the wizard. */
const TEXTS: Record<string, Record<string, readonly string[]>> = {
  'de-DE': {
    'project/images/': ['Sichtbarkeit', 'Geschützt'],
    'project/key_pairs': ['Schlüsselpaar erstellen'],
    wizard: ['Instanzname', 'Beschreibung', 'Verfügbarkeitszone'],
  },
  'ja-JP': {
    'project/images/': ['公開範囲', '保護'],
    'project/key_pairs': ['キーペアの作成'],
    wizard: ['インスタンス名', '説明', 'アベイラビリティーゾーン'],
  },
};

async function read(stage: Stage, locale: string): Promise<void> {
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
  const reads = async (part: string, texts: readonly string[]) => {
    const shown = () => page.evaluate<string>(`reader.texts("${part}")`);
    await until(`${page.url()} shows ${texts.join(', ')}`, 120, async () => {
      const text = await shown();
      return texts.every((wanted) => text.includes(wanted));
    });
  };
  const { wizard, ...paths } = TEXTS[locale];
  for (const [path, texts] of Object.entries(paths)) {
    await page.goto(preview.url + path, { waitUntil: 'networkidle' });
    await reads('body', texts);
  }
  await page.goto(`${preview.url}project/instances/`, { waitUntil: 'networkidle' });
  await page.click('#instances__action_launch-ng');
  await page.waitForSelector('wizard .step');
  await page.waitForLoadState('networkidle');
  await reads('wizard', wizard);
  await stage.shoot(page, `launch-${locale.slice(0, 2)}.png`);
  await context.close();
  must(errors.length === 0, `scripts fail: ${errors.slice(0, 3).join('\n')}`);
}

export const LANGUAGES: Checks<Stage> = [
  ...Object.keys(TEXTS).map(
    (locale) =>
      [
        `Angular pages are translated for ${locale}`,
        (stage: Stage) => read(stage, locale),
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
