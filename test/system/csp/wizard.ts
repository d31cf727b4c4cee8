/** Horizon's wizards in the browser, which Angular draws. */
import type { Page } from 'playwright-core';
import { must } from '../harness/checks';

/** Opens the wizard that launches an instance, and each of its steps. */
export async function launchWizard(page: Page): Promise<void> {
  await page.click('#instances__action_launch-ng, [id*="launch-ng"]');
  await page.waitForSelector('wizard .nav .nav-item, wizard .wizard-nav a', { timeout: 30_000 });
  await page.fill('input[name="name"]', 'web-1');
  const steps = page.locator('wizard .wizard-nav a, wizard .nav-item a, wizard .nav a');
  const count = await steps.count();
  must(count >= 5, `it has ${count} steps`);
  for (let at = 0; at < count; at += 1) {
    await steps.nth(at).click();
    await page.waitForTimeout(200);
  }
  must(await page.isVisible('wizard'), 'the wizard has gone');
  await page.click('wizard .close, wizard button.cancel, .modal .close');
}
