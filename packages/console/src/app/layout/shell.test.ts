import { newCallId, type Store } from '@kolben/store';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { expectGoodPage, openPage } from '../../testing/browser-page.ts';
import { withoutChromium } from '../../testing/chromium.ts';
import { consoleInTest } from '../../testing/console-in-test.ts';
import en from '../i18n/en/index.ts';
import { areaNames } from './area-names.ts';

const phone = { width: 390, height: 844 };
const longName = 'rechtsschutzversicherungsleistungsanfrage';

/** A certified student of a task with a long name, a call whose client went, a key with a long name. */
async function longWords(store: Store): Promise<void> {
  const certificate = { alpha: 0.05, delta: 0.05, threshold: 0.7, coverage: 0.735 };
  await store.students.register({ task: longName, directory: '/s', digest: 'd1', certificate });
  await store.routes.set(longName, 'cascade');
  await store.keys.create({ name: `key of ${longName}`, scope: 'use' });
  await store.calls.record({
    ...{ id: newCallId(), at: new Date(), task: 'mail', keyId: null, route: 'cascade' },
    ...{ answeredBy: 'teacher', provider: 'mock', model: 'big-1', status: 'aborted' },
    request: { messages: [{ role: 'user', content: 'Where is my parcel, please? '.repeat(9) }] },
    ...{ response: null, latencyMs: 1_234, cost: 0.001234, teacherCost: 0.001234, streamed: false },
    usage: { promptTokens: 100, completionTokens: 2, estimated: false },
  });
}

/** What of tables and badges is cut off, or lies beside what is seen of the page; empty where all can be read. */
const cutOff = (page: Page, within: string) =>
  page.evaluate((selector) => {
    const whole = document.querySelector(selector)!.getBoundingClientRect();
    const parts = 'button, .mantine-Badge-root, th, td, [role=columnheader], [role=gridcell]';
    return [...document.querySelectorAll<HTMLElement>(`${selector} :is(${parts})`)]
      .filter((element) => {
        // What others wrote at length is there in short.
        if (element.textContent === '' || element.matches('[role=gridcell]:has(bdi)')) return false;
        const words = document.createRange();
        words.selectNodeContents(element);
        const inner = words.getBoundingClientRect();
        const outer = element.getBoundingClientRect();
        const { paddingLeft, paddingRight } = getComputedStyle(element);
        const row = (element.closest('[role=row]') ?? element).getBoundingClientRect();
        return (
          inner.left < outer.left + Number.parseFloat(paddingLeft) - 1 ||
          inner.right > Math.min(outer.right, whole.right) - Number.parseFloat(paddingRight) + 1 ||
          inner.bottom > Math.min(outer.bottom, row.bottom) + 1
        );
      })
      .map(({ textContent }) => textContent);
  }, within);

/** Whether all of it is to be seen without scrolling sideways. */
const isInSight = async (one: Locator) => {
  const { x, width } = (await one.boundingBox())!;
  return x >= 0 && x + width <= phone.width;
};

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

  test('on a phone the menu takes the focus only while it is open, and Escape closes it', async () => {
    const page = await openPage(await consoleInTest());
    await page.getByRole('main').getByRole('combobox').first().waitFor();
    await page.setViewportSize(phone);
    await page.getByRole('navigation').waitFor({ state: 'hidden' });
    const burger = page.getByRole('button', { name: en.common.openNavigation });
    await burger.focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main')?.id)).toBe('content');
    await burger.click();
    await page.getByLabel(en.common.language).focus();
    await expectGoodPage(page);
    await page.keyboard.press('Escape');
    await page.getByRole('navigation').waitFor({ state: 'hidden' });
    expect(await burger.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  test('long names break, and what matters is to be seen at a desk and on a phone', async () => {
    const task = { kind: 'classify', teacher: 'mock/big-1', audit: 0 } as const;
    const of = await consoleInTest({
      prepare: longWords,
      config: { tasks: { mail: task, [longName]: task } },
    });
    const page = await openPage(of, { locale: 'de-DE' });
    const seen = async (path: string, selector: string, text = longName) => {
      await page.goto(`${of.url}/console${path}`);
      await page.locator(selector).getByText(text).first().waitFor();
      expect(await cutOff(page, selector), path).toEqual([]);
    };
    await seen('/tasks', '[role=grid]');
    await seen('/calls', '[role=grid]', 'Client gegangen');
    await seen('/keys', '[role=region]');
    await seen('/', '[role=region]');

    await page.setViewportSize(phone);
    expect(await isInSight(page.getByText('Kaskade', { exact: true }))).toBe(true);
    expect(await isInSight(page.getByText(/73,5|74/).first())).toBe(true);
    await page.goto(`${of.url}/console/tasks`);
    expect(await isInSight(page.getByText('Kaskade', { exact: true }))).toBe(true);
    const certificate = page.getByText('bei höchstens 5');
    expect(await isInSight(certificate)).toBe(true);
    expect(await certificate.evaluate((cell) => cell.scrollHeight <= cell.clientHeight)).toBe(true);
    const lefts = ['columnheader', 'gridcell'].map((role) =>
      page
        .locator(`[role=${role}]`)
        .nth(2)
        .evaluate((cell) => cell.getBoundingClientRect().left),
    );
    expect(await lefts[0]).toBeCloseTo((await lefts[1])!, 0);
  });

  test('a page that can’t be loaded says that the gateway is away, and comes when it is back', async () => {
    const page = await openPage(await consoleInTest());
    await page.getByRole('heading', { level: 1, name: en.overview.title }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole('link', { name: en.economics.title, exact: true }).click();
    await page.getByRole('alert').getByText('The gateway can’t be reached.').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('heading', { level: 1, name: en.economics.title }).waitFor();
  });
});
