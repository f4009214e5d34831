/**
 * A page of the console in a real browser, signed in, and what every page has to be: accessible in both colour schemes,
 * no wider than a phone, within its Content-Security-Policy.
 *
 * @module
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { theBrowser } from './chromium.ts';
import type { TestConsole } from './console-in-test.ts';

export interface PageOptions {
  /** Under `/console`; `/` where left out. */
  path?: string;
  /** The browser's; `en-US` where left out. */
  locale?: string;
  scheme?: 'light' | 'dark';
  /** Whether to enter with the admin key first; true where left out. */
  isSignedIn?: boolean;
  /** The test itself tries what the policy forbids. */
  expectsViolations?: boolean;
}

const desk = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

/**
 * Opens a page. The test fails where the page makes a mistake (an error nobody caught) or breaks its policy.
 */
export async function openPage(
  of: Pick<TestConsole, 'url' | 'admin'>,
  options: PageOptions = {},
): Promise<Page> {
  const { path = '/', locale = 'en-US', scheme = 'light', isSignedIn = true } = options;
  const { expectsViolations = false } = options;
  const browser = await theBrowser();
  const context = await browser.newContext({
    ...{ locale, timezoneId: 'Europe/Berlin', colorScheme: scheme, viewport: desk },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text());
  });
  onTestFinished(async () => {
    await context.close();
    if (!expectsViolations) expect(faults).toEqual([]);
  });
  await page.goto(`${of.url}/console${path}`);
  if (isSignedIn) await enter(page, of.admin.secret);
  return page;
}

/** Types a key at the door. */
export async function enter(page: Page, key: string): Promise<void> {
  await page.locator('input[autocomplete=current-password]').fill(key);
  await page.locator('button[type=submit]').click();
  await page.locator('nav').first().waitFor({ state: 'attached' });
}

/** What axe finds wrong by WCAG 2.2 A and AA, in both colour schemes, a line each. */
export async function axe(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page })
      // Our pages have no frames, so nothing is gained by putting the findings of several together in a page of its own.
      .setLegacyMode()
      .options({ resultTypes: ['violations'] })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      // Mantine's dialogues have a header of their own, which axe takes for the page's second.
      .disableRules(['landmark-no-duplicate-banner', 'landmark-unique'])
      .analyze();
    for (const { id, nodes } of violations)
      for (const { html, failureSummary } of nodes)
        found.push(`${colorScheme}: ${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`);
  }
  return found;
}

/** What stands out of a phone's window and makes the page scroll sideways, an element each; empty where it fits. */
export async function widerThanPhone(page: Page): Promise<string[]> {
  const before = page.viewportSize() ?? desk;
  await page.setViewportSize(phone);
  // The layout moves to its new place.
  await page.evaluate(async () => {
    const moving = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(moving.map(({ finished }) => finished));
  });
  const wider = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const out = [...document.body.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth,
    );
    return [`${scrollWidth} px`, ...out.slice(0, 20).map((element) => element.outerHTML.slice(0, 120))];
  });
  await page.setViewportSize(before);
  return wider;
}

/** What every page has to be. */
export async function expectGoodPage(page: Page): Promise<void> {
  expect(await axe(page)).toEqual([]);
  expect(await widerThanPhone(page)).toEqual([]);
}
