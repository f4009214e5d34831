import { describe, expect, test } from 'vitest';
import { enter, expectGoodPage, openPage } from '../../testing/browser-page.ts';
import { withoutChromium } from '../../testing/chromium.ts';
import { consoleInTest } from '../../testing/console-in-test.ts';

describe.skipIf(withoutChromium)('signing in (needs Chromium)', () => {
  test('the door says what it wants, refuses what is none, and forgets the key', async () => {
    const of = await consoleInTest();
    const page = await openPage(of, { path: '/keys', isSignedIn: false });
    await page.getByRole('heading', { name: 'Kolben' }).waitFor();
    await expectGoodPage(page);
    const key = page.getByLabel('Admin key', { exact: false }).first();
    expect(await key.evaluate((field) => field === document.activeElement)).toBe(true);
    await key.fill(of.use.secret);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('wants one of scope “admin”').waitFor();
    await expectGoodPage(page);
    await key.fill(of.admin.secret);
    await page.keyboard.press('Enter');
    // Where one wanted to go.
    await page.getByRole('heading', { level: 1, name: 'Keys and audit' }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
    expect(kept).not.toContain(of.admin.secret);
    expect(kept).not.toContain('kolben_session');
    expect(await page.content()).not.toContain(of.admin.secret);
  });

  test('while it waits, the button shows its sign in its middle, also where motion is reduced', async () => {
    const page = await openPage(await consoleInTest(), { isSignedIn: false });
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    await page.route('**/console/api/session', async (route) => {
      if (route.request().method() === 'POST') await held;
      await route.continue();
    });
    await page.locator('input[autocomplete=current-password]').fill('kb-none');
    await page.keyboard.press('Enter');
    const [button, sign] = await Promise.all(
      ['button[type=submit]', '.mantine-Button-loader'].map(async (selector) => {
        const { x, y, width, height } = (await page.locator(selector).boundingBox())!;
        return [x + width / 2, y + height / 2] as const;
      }),
    );
    go();
    expect(sign![0]).toBeCloseTo(button![0], 0);
    expect(sign![1]).toBeCloseTo(button![1], 0);
    await page.getByRole('alert').waitFor();
  });

  test('in German where the browser is, in English where one wants; the choice stays', async () => {
    const of = await consoleInTest();
    const page = await openPage(of, { locale: 'de-AT' });
    await page.getByRole('link', { name: 'Schlüssel und Protokoll' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
    await page.getByLabel('Sprache').selectOption('en');
    await page.getByRole('link', { name: 'Keys and audit' }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'Keys and audit' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
  });

  test('signing out leads to the door, and so does a key that is revoked', async () => {
    const of = await consoleInTest();
    const page = await openPage(of);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Admin key', { exact: false }).first().waitFor();
    expect(await page.getByText('The session has ended').count()).toBe(0);
    await enter(page, of.admin.secret);
    await of.store.keys.revoke(of.admin.id);
    // The overview is live: it hears of it without a click.
    await page.getByText('The session has ended').waitFor();
    await expectGoodPage(page);
    await page.reload();
    await page.getByText('The session has ended').waitFor();
  });

  test('what others wrote is shown as letters, whatever it says', async () => {
    const wild =
      '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>\u202eevil\u200b';
    const of = await consoleInTest();
    const { secret } = await of.store.keys.create({ name: wild, scope: 'admin' });
    const page = await openPage(of, { path: '/keys', isSignedIn: false });
    await enter(page, secret);
    await page.getByText('<img src=x onerror=').first().waitFor();
    await page.getByText('U+202E').first().waitFor();
    await page.getByText('U+200B').first().waitFor();
    expect(await page.locator('img, #root script').count()).toBe(0);
    expect(await page.title()).not.toBe('owned');
  });

  test('the policy holds: a script that gets into the page does not run', async () => {
    const of = await consoleInTest();
    const page = await openPage(of, { isSignedIn: false, expectsViolations: true });
    await page.getByRole('heading', { name: 'Kolben' }).waitFor();
    const broken = await page.evaluate(async () => {
      const told: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        told.push(effectiveDirective),
      );
      const script = document.createElement('script');
      script.textContent = 'document.title = "owned"';
      document.body.append(script);
      const frame = document.createElement('iframe');
      frame.src = 'https://evil.example/';
      document.body.append(frame);
      await fetch('https://evil.example/').catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
      return told;
    });
    expect(broken).toEqual(expect.arrayContaining(['script-src-elem', 'frame-src', 'connect-src']));
    expect(await page.title()).not.toBe('owned');
  });
});
