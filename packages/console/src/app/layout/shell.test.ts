import { describe, expect, test } from 'vitest';
import { expectGoodPage, openPage } from '../../testing/browser-page.ts';
import { withoutChromium } from '../../testing/chromium.ts';
import { consoleInTest } from '../../testing/console-in-test.ts';
import en from '../i18n/en/index.ts';
import { areaNames } from './area-names.ts';

describe.skipIf(withoutChromium)('the shell (needs Chromium)', () => {
  test('every page opens from the navigation, by keyboard too, and fits', async () => {
    const page = await openPage(await consoleInTest());
    for (const name of areaNames) {
      const link = page.getByRole('link', { name: en[name].title, exact: true });
      await link.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: en[name].title }).waitFor();
      expect(await page.title()).toBe(`${en[name].title} – Kolben`);
      expect(await link.getAttribute('aria-current')).toBe('page');
    }
    await expectGoodPage(page);
  });
});
